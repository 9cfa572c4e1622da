"""Take in a bundle in a process that is killed at its N-th statement: `python -m tests.killed_bundle URL FILE N`.

Every statement and every commit is a moment to die at. With N = 0 the process lives and prints how many moments it had.
"""

import itertools
import os
import signal
import sys
from pathlib import Path

from sqlalchemy import event

from issuer.fhir.take import take_bundle
from issuer.store.engine import open_database
from tests.dose_lists import NOW
from tests.fhir_bundles import FACILITY_CODE


def main() -> None:
    """Die at the moment told."""
    url, file, moment = sys.argv[1], Path(sys.argv[2]), int(sys.argv[3])
    engine = open_database(url)
    moments = itertools.count(1)

    def live_or_die(*_: object) -> None:
        if next(moments) == moment:
            os.kill(os.getpid(), signal.SIGKILL)

    event.listen(engine, "before_cursor_execute", live_or_die)
    event.listen(engine, "commit", live_or_die)
    take_bundle(engine, file.read_bytes(), now=NOW, actor="test", facility_code=FACILITY_CODE)
    print(next(moments) - 1)


if __name__ == "__main__":
    main()
