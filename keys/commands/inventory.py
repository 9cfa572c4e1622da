"""`inventory show|record`."""

import argparse
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from keys.ceremony_run import read_file
from keys.commands.common import Subparsers, Table, add_at, moment_of
from keys.inventory import INVENTORY_FILE, Inventory, State
from keys.secret_files import replace_file


def add_parser(subparsers: Subparsers) -> None:
    """`inventory show`, `record`."""
    whole = subparsers.add_parser("inventory", help="which keys there are, and who did what to them")
    actions = whole.add_subparsers(dest="action", required=True, metavar="ACTION")
    show = actions.add_parser("show", help="every key with its state, or every step of one")
    show.add_argument("folder", type=Path, metavar="FOLDER", help="a ceremony's output")
    show.add_argument("--key", metavar="NAME", help="every step of this key")
    show.set_defaults(run=run_show)
    record = actions.add_parser("record", help="record that a key became active, retired or destroyed")
    record.add_argument("folder", type=Path, metavar="FOLDER", help="a ceremony's output")
    record.add_argument("key", metavar="NAME")
    record.add_argument("state", choices=[state.value for state in State if state is not State.MADE])
    record.add_argument("--by", required=True, metavar="WHO", help="a role or staff number, never a name")
    record.add_argument("--reason", required=True, metavar="WHY")
    add_at(record)
    record.set_defaults(run=run_record)


def run_show(arguments: argparse.Namespace) -> Sequence[str]:
    """A line a key, or a line a step."""
    inventory = Inventory.read(read_file(arguments.folder / INVENTORY_FILE))
    if arguments.key is None:
        rows = [
            (s.name, s.role, s.kid.hex(), s.state, f"{s.key_use_ends:%Y-%m-%d}", f"{s.not_after:%Y-%m-%d}")
            for s in inventory.keys()  # noqa: SIM118  # not a mapping
        ]
        return Table(("name", "role", "kid", "state", "key used until", "valid until"), rows).lines()
    inventory.last(arguments.key)
    steps = [(s.at.isoformat(), s.state, s.by, s.reason) for s in inventory.steps if s.name == arguments.key]
    return Table(("at", "state", "by", "reason"), steps).lines()


def run_record(arguments: argparse.Namespace) -> Sequence[str]:
    """One more step, in place of the file as a whole."""
    path = arguments.folder / INVENTORY_FILE
    inventory = Inventory.read(read_file(path))
    step = replace(
        inventory.last(arguments.key),
        state=State(arguments.state),
        by=arguments.by,
        reason=arguments.reason,
        at=moment_of(arguments).replace(microsecond=0),
    )
    replace_file(path, inventory.record(step).to_bytes())
    return [f"{arguments.key}: {step.state}"]
