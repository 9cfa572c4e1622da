"""What every subcommand is given: the register, the clock, who acts, and where to write."""

import argparse
import getpass
import os
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TextIO

import sqlalchemy as sa

from issuer.store.engine import database_url, open_database
from keys.errors import Language

__all__ = ["Context", "Subparsers", "from_machine", "print_counts"]

Subparsers = argparse._SubParsersAction  # argparse has no public name for what add_subparsers returns


@dataclass(frozen=True, slots=True)
class Context:
    """The outside world at the edge of the command line; cores get its parts as arguments."""

    engine: sa.Engine
    now: Callable[[], datetime]
    actor: str
    out: TextIO = field(repr=False)
    err: TextIO = field(repr=False)
    language: Language = "en"

    @contextmanager
    def progress(self, title: str, total: int | None = None) -> Iterator[Callable[[int], None]]:
        """A function that is told of work done; a bar on a terminal, silence elsewhere."""
        if not self.err.isatty():
            yield lambda amount: None
            return
        from rich.console import Console
        from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

        columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
        with Progress(*columns, console=Console(file=self.err), transient=True) as bar:
            task = bar.add_task(title, total=total)
            yield lambda amount: bar.advance(task, amount)


def from_machine(database: str | None, actor: str | None, language: Language) -> Context:
    """The real world: clock, user, streams, and the register of `--database` or HOCHIEU_DATABASE."""
    return Context(
        open_database(database_url(database, os.environ)),
        lambda: datetime.now(UTC),
        actor or os.environ.get("HOCHIEU_ACTOR") or getpass.getuser(),
        sys.stdout,
        sys.stderr,
        language,
    )


def print_counts(out: TextIO, title: str, total: int, parts: Mapping[str, int]) -> None:
    """`title`, the total, and its parts, one a line; parts of zero are left out."""
    out.write(f"{title}: {total:,}\n")
    width = max((len(f"{count:,}") for count in parts.values()), default=1)
    for name, count in parts.items():
        if count:
            out.write(f"  {count:>{width},} {name}\n")
