"""Run the data path in a process of its own and kill it at its N-th statement: `python -m tests.killed URL FOLDER N`.

Every statement and every commit is a moment to die at. With N = 0 the process lives and prints how many moments it had.
"""

import itertools
import os
import signal
import sys
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy import event

import issuer.clean.clean
import issuer.intake.take_in
import issuer.people.load
from issuer.clean.clean import clean
from issuer.intake.take_in import take_in
from issuer.link.run import link_doses
from issuer.people import load_people
from issuer.store.engine import open_database
from tests.dose_lists import NOW

SMALL = 7
"""Rows in a transaction, so that a short list takes many."""


def small_chunks() -> None:
    """Make the steps commit often."""
    issuer.people.load._CHUNK = SMALL
    issuer.clean.clean._CHUNK = SMALL
    issuer.intake.take_in.CHUNK = SMALL


def whole_path(engine: sa.Engine, folder: Path) -> None:
    """Every step of the data path on the files of a folder."""
    load_people(engine, folder / "people.csv", now=NOW, actor="test")
    for path in sorted((folder / "doses").iterdir()):
        take_in(engine, path, now=NOW, actor="test")
    clean(engine, now=NOW, actor="test")
    link_doses(engine, now=NOW, actor="test")


def main() -> None:
    """Die at the moment told."""
    url, folder, moment = sys.argv[1], Path(sys.argv[2]), int(sys.argv[3])
    small_chunks()
    engine = open_database(url)
    moments = itertools.count(1)

    def live_or_die(*_: object) -> None:
        if next(moments) == moment:
            os.kill(os.getpid(), signal.SIGKILL)

    event.listen(engine, "before_cursor_execute", live_or_die)
    event.listen(engine, "commit", live_or_die)
    whole_path(engine, folder)
    print(next(moments) - 1)


if __name__ == "__main__":
    main()
