"""A folder for what linking copies: personal data, so nobody else may look inside, and nothing stays behind.

A run that was killed cannot clear up; the next one does it for all whose process is gone.
"""

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

__all__ = ["scratch_folder"]

_PREFIX = "hochieu-link-"


@contextmanager
def scratch_folder() -> Iterator[Path]:
    """A new folder that only its owner can read, gone afterwards; those of processes that died are cleared first."""
    for left in Path(tempfile.gettempdir()).glob(f"{_PREFIX}*-*"):
        if not _is_running(left.name.removeprefix(_PREFIX).partition("-")[0]):
            shutil.rmtree(left, ignore_errors=True)  # of another user, or cleared by another run just now
    with tempfile.TemporaryDirectory(prefix=f"{_PREFIX}{os.getpid()}-") as folder:
        yield Path(folder)


def _is_running(process: str) -> bool:
    if not process.isascii() or not process.isdigit():
        return True  # none of ours
    try:
        os.kill(int(process), 0)
    except ProcessLookupError:
        return False
    except (PermissionError, OverflowError):
        pass
    return True
