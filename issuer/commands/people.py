"""`people load FILE`: the extract of the population register."""

import argparse
from pathlib import Path

from issuer.commands.context import Context, Subparsers, print_counts
from issuer.people import load_people

__all__ = ["add_parser", "run"]


def add_parser(subparsers: "Subparsers[argparse.ArgumentParser]") -> None:
    """Describe the subcommand."""
    parser = subparsers.add_parser("people", help="the register of people")
    actions = parser.add_subparsers(dest="action", required=True)
    load = actions.add_parser("load", help="load an extract (CSV), new or a delta; a file loaded again changes nothing")
    load.add_argument("file", type=Path)
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace, context: Context) -> int:
    """Load the file and print what became of its rows."""
    with context.progress("people") as progress:
        loaded = load_people(context.engine, arguments.file, now=context.now(), actor=context.actor, progress=progress)
    print_counts(
        context.out,
        "people read",
        loaded.read,
        {
            "new": loaded.new,
            "changed": loaded.changed,
            "unchanged": loaded.unchanged,
            "loaded before": loaded.already_loaded,
        },
    )
    return 0
