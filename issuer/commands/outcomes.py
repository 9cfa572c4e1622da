"""`outcomes --format csv`: what became of every row."""

import argparse
import csv

from issuer.commands.context import Context, Subparsers
from issuer.formulas import quoted
from issuer.store.engine import reading
from issuer.store.outcome_store import count_without_fate, outcomes

__all__ = ["COLUMNS", "add_parser", "run"]

COLUMNS = ("file", "sheet", "row", "fate", "problems", "link_class", "so_dinh_danh", "proposals")


def add_parser(subparsers: "Subparsers[argparse.ArgumentParser]") -> None:
    """Describe the subcommand."""
    parser = subparsers.add_parser("outcomes", help="what became of every row taken in")
    parser.add_argument("--format", choices=["csv"], default="csv")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace, context: Context) -> int:
    """Write one line a row to standard output; rows that are not cleaned yet are counted on standard error."""
    writer = csv.writer(context.out, lineterminator="\n")
    writer.writerow(COLUMNS)
    with reading(context.engine) as connection:
        for one in outcomes(connection):
            writer.writerow(
                (
                    quoted(one.file),
                    quoted(one.sheet),
                    one.row,
                    one.fate,
                    ";".join(one.problems),
                    one.link_class,
                    one.national_id,
                    ";".join(one.proposals),
                )
            )
        waiting = count_without_fate(connection)
    if waiting:
        context.err.write(f"{waiting:,} rows have no fate yet: run clean\n")
    return 0
