"""`intake FILE...`: dose lists of facilities."""

import argparse
from pathlib import Path

from issuer.commands.context import Context, Subparsers, print_counts
from issuer.errors import IssuerError
from issuer.intake.take_in import take_in

__all__ = ["add_parser", "run"]


def add_parser(subparsers: "Subparsers[argparse.ArgumentParser]") -> None:
    """Describe the subcommand."""
    parser = subparsers.add_parser(
        "intake", help="take in dose lists (.xlsx, .xls, .csv); a file again changes nothing"
    )
    parser.add_argument("files", type=Path, nargs="+", metavar="FILE")
    parser.add_argument("--facility", default="", metavar="CODE", help="the facility that sends the files")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace, context: Context) -> int:
    """Take in every file that can be taken in; a refused one makes the exit code 1 and leaves nothing behind."""
    taken, again, refused, rows, rows_again, further = 0, 0, 0, 0, 0, 0
    with context.progress("rows") as progress:
        for path in arguments.files:
            try:
                file = take_in(
                    context.engine,
                    path,
                    now=context.now(),
                    actor=context.actor,
                    facility_code=arguments.facility,
                    progress=progress,
                )
            except IssuerError as error:
                context.err.write(f"{error.words(context.language)}\n")
                refused += 1
                continue
            if file.already:
                again, rows_again = again + 1, rows_again + file.rows
            else:
                taken, rows, further = taken + 1, rows + file.rows, further + file.further
    print_counts(
        context.out,
        "files given",
        len(arguments.files),
        {"taken in": taken, "taken in before": again, "refused": refused},
    )
    print_counts(context.out, "rows", rows + rows_again, {"taken in": rows, "taken in before": rows_again})
    if further:
        context.out.write(f"of them second and later doses of a row: {further:,}\n")
    return 1 if refused else 0
