"""`link`: cleaned doses to people of the register."""

import argparse

from issuer.commands.context import Context, Subparsers, print_counts
from issuer.link.exact import link_exactly

__all__ = ["add_parser", "run"]


def add_parser(subparsers: "Subparsers[argparse.ArgumentParser]") -> None:
    """Describe the subcommand."""
    parser = subparsers.add_parser("link", help="link cleaned doses to the register; only what is conclusive")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace, context: Context) -> int:
    """Link and print the doses by class."""
    with context.progress("doses") as progress:
        counts = link_exactly(context.engine, now=context.now(), actor=context.actor, progress=progress)
    print_counts(context.out, "doses", sum(counts.values()), dict(sorted(counts.items())))
    return 0
