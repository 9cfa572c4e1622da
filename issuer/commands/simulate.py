"""`simulate FOLDER`: a make-believe country, with the truth kept apart (`specs/simulator.md`)."""

import argparse
from pathlib import Path

from issuer.commands.context import Context, Subparsers, print_counts
from issuer.errors import Code, IssuerError, Where
from issuer.simulate.settings import Settings
from specs.national_id import PROVINCES

__all__ = ["add_parser", "run"]


def add_parser(subparsers: "Subparsers[argparse.ArgumentParser]") -> None:
    """Describe the subcommand."""
    parser = subparsers.add_parser("simulate", help="make a make-believe country: register, dose lists, and the truth")
    parser.add_argument("folder", type=Path, metavar="FOLDER", help="a folder that does not exist yet")
    parser.add_argument("--people", type=_count, default=5_000, metavar="N", help="people in the register (5000)")
    parser.add_argument("--rows", type=_count, metavar="N", help="dose rows (2.4 for each of the people)")
    parser.add_argument("--seed", type=int, default=1, metavar="N", help="the same seed gives the same bytes (1)")
    parser.add_argument("--one-file", action="store_true", help="all doses in one .xlsx: a single commune")
    parser.add_argument(
        "--xlsx-rows",
        type=_count,
        default=20_000,
        metavar="N",
        help="at most so many rows in .xlsx, the rest .csv (20000)",
    )
    parser.add_argument("--delta-days", type=int, default=0, metavar="N", help="days on which the register changes (0)")
    parser.add_argument(
        "--delta-share", type=float, default=0.01, metavar="X", help="of the register, changed a day (0.01)"
    )
    parser.add_argument(
        "--province", choices=sorted(PROVINCES), metavar="PPP", help="one province for the whole country"
    )
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace, context: Context) -> int:
    """Make the country and print how much of what there is."""
    from issuer.simulate.country import simulate  # here, not above: it loads NumPy and draws its tables

    rows: int = arguments.rows if arguments.rows is not None else arguments.people * 12 // 5
    try:
        settings = Settings(
            people=arguments.people,
            rows=rows,
            seed=arguments.seed,
            one_file=arguments.one_file,
            xlsx_rows=arguments.xlsx_rows,
            delta_days=arguments.delta_days,
            delta_share=arguments.delta_share,
            province=arguments.province,
        )
    except ValueError as error:
        context.err.write(f"simulate: {error}\n")
        return 2
    with context.progress("rows", rows) as progress:
        told = 0

        def tell(done: int) -> None:
            nonlocal told
            progress(done - told)
            told = done

        try:
            made = simulate(settings, arguments.folder, tell)
        except FileExistsError:
            detail = "the folder is there already"
            raise IssuerError(Code.OUTPUT_REFUSED, detail, Where(file=arguments.folder.name)) from None
    print_counts(context.out, "dose rows", made.rows, dict(sorted(made.classes.items())))
    context.out.write(f"people in the register: {made.people:,}\n")
    context.out.write(f"test rows: {made.test_rows:,}; dose files: {made.files:,}; delta lines: {made.delta_rows:,}\n")
    context.out.write(f"written to {made.folder}\n")
    return 0


def _count(text: str) -> int:
    if not text.isdigit() or int(text) > 200_000_000:
        raise argparse.ArgumentTypeError("a number from 0 to 200,000,000")
    return int(text)
