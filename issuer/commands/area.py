"""`area load`, `area facilities`: who supervises whom, and where the facilities lie."""

import argparse
from pathlib import Path

from issuer.commands.context import Context, Subparsers
from issuer.worklist.areas import load_areas, load_facilities

__all__ = ["add_parser", "run"]


def add_parser(subparsers: "Subparsers[argparse.ArgumentParser]") -> None:
    """Describe the subcommand."""
    parser = subparsers.add_parser("area", help="provinces, districts, communes, and the facilities in them")
    actions = parser.add_subparsers(dest="action", required=True)
    load = actions.add_parser("load", help="CSV: ma, ten, ma_cap_tren; the areas above first")
    load.add_argument("file", type=Path)
    facilities = actions.add_parser("facilities", help="CSV: ma_co_so, ten, ma_xa")
    facilities.add_argument("file", type=Path)
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace, context: Context) -> int:
    """Load the list and print what became of it."""
    load = load_areas if arguments.action == "load" else load_facilities
    new, changed = load(context.engine, arguments.file, now=context.now(), actor=context.actor)
    context.out.write(f"{'areas' if arguments.action == 'load' else 'facilities'}: {new:,} new, {changed:,} changed\n")
    return 0
