"""Take a police list in a process of its own and kill it at its N-th statement: `... URL FOLDER N`, as tests/killed.py.

FOLDER holds list.csv, list.sig and police.der.
"""

import itertools
import os
import signal
import sys
from datetime import timedelta
from pathlib import Path

from sqlalchemy import event

from issuer.police.signed_list import verify_list
from issuer.police.take_list import take_list
from issuer.store.engine import open_database
from tests.pki import NOW
from tests.worklist_world import HOME


def main() -> None:
    """Die at the moment told."""
    url, folder, moment = sys.argv[1], Path(sys.argv[2]), int(sys.argv[3])
    engine = open_database(url)
    content, signature = (folder / "list.csv").read_bytes(), (folder / "list.sig").read_bytes()
    now = NOW + timedelta(hours=1)
    signed = verify_list(content, HOME, signature, (folder / "police.der").read_bytes(), now=now)
    moments = itertools.count(1)

    def live_or_die(*_: object) -> None:
        if next(moments) == moment:
            os.kill(os.getpid(), signal.SIGKILL)

    event.listen(engine, "before_cursor_execute", live_or_die)
    event.listen(engine, "commit", live_or_die)
    take_list(engine, signed, "list.csv", now=now, actor="tests")
    print(next(moments) - 1)


if __name__ == "__main__":
    main()
