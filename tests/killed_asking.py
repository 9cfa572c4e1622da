"""Ask an oracle in a process of its own and die at the N-th statement: `python -m tests.killed_asking DB URL N`."""

import itertools
import os
import secrets
import signal
import sys
import time
from datetime import UTC, datetime

from sqlalchemy import event

from issuer.oracle.client import Pace
from issuer.oracle.run import Limits, World, ask_oracle
from issuer.oracle.transport import HttpTransport
from issuer.store.engine import open_database


def main() -> None:
    """Die at the moment told; 0 lives."""
    database, url, moment = sys.argv[1], sys.argv[2], int(sys.argv[3])
    engine = open_database(database)
    moments = itertools.count(1)

    def live_or_die(*_: object) -> None:
        if next(moments) == moment:
            os.kill(os.getpid(), signal.SIGKILL)

    event.listen(engine, "before_cursor_execute", live_or_die)
    event.listen(engine, "commit", live_or_die)
    world = World(
        HttpTransport(url),
        Pace(1e6, clock=time.monotonic, sleep=time.sleep),
        lambda: datetime.now(UTC),
        lambda: 1.0,
        lambda: secrets.token_hex(16),
    )
    ask_oracle(engine, world, actor="test", limits=Limits(batch_rows=2))


if __name__ == "__main__":
    main()
