"""`clean`: canonical doses from the rows taken in."""

import argparse

from issuer.clean.clean import clean
from issuer.clean.lots import check_lots
from issuer.commands.context import Context, Subparsers, print_counts

__all__ = ["add_parser", "compare_lots", "run"]


def add_parser(subparsers: "Subparsers[argparse.ArgumentParser]") -> None:
    """Describe the subcommand."""
    parser = subparsers.add_parser("clean", help="give every row taken in its fate: stored, duplicate or rejected")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace, context: Context) -> int:
    """Clean and print what became of the rows."""
    with context.progress("rows") as progress:
        counts = clean(context.engine, now=context.now(), actor=context.actor, progress=progress)
    print_counts(context.out, "rows cleaned", counts.rows, dict(sorted(counts.fates.items(), reverse=True)))
    for title, found in (("problems told", counts.problems), ("repairs told", counts.repairs)):
        if found:
            print_counts(context.out, title, found.total(), dict(found.most_common()))
    compare_lots(context)
    return 0


def compare_lots(context: Context) -> None:
    """Compare the doses that are new, or whose facility was sent something new, with what was delivered."""
    with context.progress("facilities") as progress:
        found = check_lots(context.engine, progress=progress)
    if found:
        print_counts(context.out, "problems of lots told", sum(found.values()), found)
