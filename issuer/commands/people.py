"""`people load FILE`: the extract of the population register; `people delta FILE...`: a day's changes, re-checked."""

import argparse
from datetime import date
from pathlib import Path

from issuer.commands.context import Context, Subparsers, print_counts
from issuer.commands.recheck import recheck
from issuer.errors import Code, IssuerError, Where
from issuer.people.delta import day_of, is_delta, load_delta
from issuer.people.load import load_people

__all__ = ["add_parser", "run"]


def add_parser(subparsers: "Subparsers[argparse.ArgumentParser]") -> None:
    """Describe the subcommands."""
    parser = subparsers.add_parser("people", help="the register of people")
    actions = parser.add_subparsers(dest="action", required=True)
    load = actions.add_parser(
        "load", help="load an extract or a day's changes (CSV or Parquet); a file loaded again changes nothing"
    )
    load.add_argument("file", type=Path)
    load.add_argument("--day", type=_day, metavar="DATE", help="of the changes, if the file's name does not tell")
    delta = actions.add_parser("delta", help="load days' changes, oldest first, and re-check the doses they touch")
    delta.add_argument("files", type=Path, nargs="+", metavar="FILE")
    delta.add_argument("--day", type=_day, metavar="DATE", help="of the changes, if the file's name does not tell")
    delta.add_argument("--threads", type=int, default=2, metavar="N", help="threads of the comparison (2)")
    delta.add_argument("--memory", default="2GB", metavar="SIZE", help="memory of the comparison (2GB)")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace, context: Context) -> int:
    """Load what was given and print what became of its rows."""
    if arguments.action == "load":
        (_delta if is_delta(arguments.file) else _extract)(arguments.file, arguments, context)
        return 0
    for path in arguments.files:
        if not is_delta(path):
            raise IssuerError(Code.COLUMN_MISSING, where=Where(path.name, row=1, column="operation"))
        _delta(path, arguments, context)
    recheck(context, threads=arguments.threads, memory=arguments.memory)
    return 0


def _day(text: str) -> date:
    return date.fromisoformat(text)


def _extract(path: Path, arguments: argparse.Namespace, context: Context) -> None:
    with context.progress("people") as progress:
        loaded = load_people(context.engine, path, now=context.now(), actor=context.actor, progress=progress)
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


def _delta(path: Path, arguments: argparse.Namespace, context: Context) -> None:
    day = arguments.day or day_of(path)
    if day is None:
        raise IssuerError(Code.DELTA_DAY, where=Where(path.name))
    with context.progress("changes") as progress:
        loaded = load_delta(context.engine, path, day=day, now=context.now(), actor=context.actor, progress=progress)
    parts = {one.value: count for one, count in loaded.changed.items()}
    parts |= {"unchanged": loaded.unchanged, "loaded before": loaded.already_loaded}
    print_counts(context.out, f"changes of {day}", loaded.read, parts)
