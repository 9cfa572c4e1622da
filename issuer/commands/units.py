"""`units`: provinces, districts and communes as they were on a day, and what became of them."""

import argparse
from datetime import date
from pathlib import Path

from issuer.commands.context import Context, Subparsers
from issuer.units.load import load_units, write_areas
from issuer.units.units import shipped_units

__all__ = ["add_parser", "run"]


def add_parser(subparsers: "Subparsers[argparse.ArgumentParser]") -> None:
    """Describe the subcommands."""
    parser = subparsers.add_parser("units", help="administrative units with the days on which they were valid")
    actions = parser.add_subparsers(dest="action", required=True)
    actions.add_parser("load", help="put the shipped units into the database")
    areas = actions.add_parser("areas", help="write the list of a day as `area load` takes it")
    areas.add_argument("file", type=Path)
    show = actions.add_parser("show", help="what a code was called on a day, and what it is today or became")
    show.add_argument("code")
    for each in (areas, show):
        each.add_argument("--on", type=date.fromisoformat, metavar="DATE", help="the day; else today")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace, context: Context) -> int:
    """Do what was asked and print it."""
    units, now = shipped_units(), context.now()
    if arguments.action == "load":
        stored = load_units(context.engine, units, now=now, actor=context.actor)
        context.out.write("units stored\n" if stored else "units were stored before\n")
        return 0
    today = now.astimezone().date()
    day = arguments.on or today
    if arguments.action == "areas":
        context.out.write(f"{write_areas(units, day, arguments.file):,} units of {day} in {arguments.file}\n")
        return 0
    path = units.above(arguments.code, day)
    context.out.write(f"{day}: {', '.join(unit.name for unit in path) or 'no such unit'}\n")
    for one in units.became(arguments.code, day, today):
        names = ", ".join(unit.name for unit in units.above(one.new, today))
        context.out.write(f"{today}: {one.new} {names}{'' if one.is_default else ' (in part)'}\n")
    return 0 if path else 1
