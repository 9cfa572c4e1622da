"""Clean, load deliveries and compare in a process of its own, and die at the N-th statement.

`python -m tests.killed_lots URL FOLDER N`; with N = 0 the process lives and prints how many moments it had.
"""

import itertools
import os
import signal
import sys
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy import event

import issuer.clean.clean
import issuer.clean.lots
from issuer.clean.clean import clean
from issuer.clean.lots import check_lots
from issuer.deliveries import load_deliveries
from issuer.store.engine import open_database
from tests.dose_lists import NOW


def clean_and_compare(engine: sa.Engine, folder: Path) -> None:
    """Everything from rows taken in to problems of lots."""
    clean(engine, now=NOW, actor="test")
    load_deliveries(engine, folder / "deliveries.csv", now=NOW, actor="test")
    check_lots(engine)


def main() -> None:
    """Die at the moment told."""
    engine, folder, moment = open_database(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3])
    issuer.clean.clean._CHUNK, issuer.clean.lots._FACILITIES = 7, 1
    moments = itertools.count(1)

    def live_or_die(*_: object) -> None:
        if next(moments) == moment:
            os.kill(os.getpid(), signal.SIGKILL)

    event.listen(engine, "before_cursor_execute", live_or_die)
    event.listen(engine, "commit", live_or_die)
    clean_and_compare(engine, folder)
    print(next(moments) - 1)


if __name__ == "__main__":
    main()
