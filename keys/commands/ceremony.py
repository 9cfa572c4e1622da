"""`ceremony` and `rotate`: everything out of one configuration file."""

import argparse
from collections.abc import Sequence
from pathlib import Path

from keys.ceremony_config import read_ceremony
from keys.ceremony_run import read_file, run_ceremony
from keys.commands.common import Subparsers, Table, add_at, moment_of
from keys.errors import Code, KeysError


def add_parser(subparsers: Subparsers) -> None:
    """`ceremony FILE`, `rotate FILE`."""
    for name, summary in (
        ("ceremony", "make keys, certificates, trust list, inventory and transcript from one configuration file"),
        ("rotate", "a ceremony that goes on from an earlier one: new signers in, old keys retired"),
    ):
        parser = subparsers.add_parser(name, help=summary, description=f"{summary} (specs/ceremony.md)")
        parser.add_argument("file", type=Path, metavar="FILE", help="the configuration (TOML)")
        parser.add_argument("--dry-run", action="store_true", help="do and check everything, write nothing")
        add_at(parser)
        parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> Sequence[str]:
    """Hold it, and list what was written."""
    if arguments.command == "rotate" and read_ceremony(read_file(arguments.file)).previous is None:
        raise KeysError(Code.CEREMONY_CONFIG, "previous: missing; a rotation names the folder it goes on from")
    output, files = run_ceremony(arguments.file, now=moment_of(arguments), dry_run=arguments.dry_run)
    rows = [(str(file.path), f"{len(file.data)}", "secret" if file.secret else "") for file in files]
    verb = "would be written" if arguments.dry_run else "written"
    return [f"{output}: {len(files)} files {verb}", *Table(("file", "bytes", ""), rows).lines()]
