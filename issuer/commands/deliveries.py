"""`deliveries load FILE...`: which lots came to which facility; its doses are compared with them at once."""

import argparse
from pathlib import Path

from issuer.commands.clean import compare_lots
from issuer.commands.context import Context, Subparsers, print_counts
from issuer.deliveries import load_deliveries

__all__ = ["add_parser", "run"]


def add_parser(subparsers: "Subparsers[argparse.ArgumentParser]") -> None:
    """Describe the subcommand."""
    parser = subparsers.add_parser("deliveries", help="which lots of vaccine were delivered to which facility")
    actions = parser.add_subparsers(dest="action", required=True)
    load = actions.add_parser(
        "load", help="CSV or Parquet: ma_co_so, vac_xin, so_lo, so_lieu, ngay_giao; a list again changes nothing"
    )
    load.add_argument("files", type=Path, nargs="+", metavar="FILE")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace, context: Context) -> int:
    """Load the lists, compare, and print what became of their rows."""
    for path in arguments.files:
        with context.progress("deliveries") as progress:
            loaded = load_deliveries(context.engine, path, now=context.now(), actor=context.actor, progress=progress)
        parts = {"new": loaded.new, "changed": loaded.changed, "unchanged": loaded.unchanged}
        print_counts(context.out, "deliveries read", loaded.read, parts)
        if loaded.unknown_facilities:
            context.out.write(f"facilities without a dose so far: {loaded.unknown_facilities:,}\n")
    compare_lots(context)
    return 0
