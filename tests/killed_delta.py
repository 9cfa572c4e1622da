"""Load a delta in a process of its own and die at the N-th statement: `python -m tests.killed_delta DB FILE N`."""

import itertools
import os
import signal
import sys
from datetime import date
from pathlib import Path

from sqlalchemy import event

from issuer.people.delta import load_delta
from issuer.store.engine import open_database
from tests.dose_lists import NOW


def main() -> None:
    """Die at the moment told; 0 lives."""
    engine, path, moment = open_database(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3])
    moments = itertools.count(1)

    def live_or_die(*_: object) -> None:
        if next(moments) == moment:
            os.kill(os.getpid(), signal.SIGKILL)

    event.listen(engine, "before_cursor_execute", live_or_die)
    event.listen(engine, "commit", live_or_die)
    load_delta(engine, path, day=date(2022, 6, 2), now=NOW, actor="test")


if __name__ == "__main__":
    main()
