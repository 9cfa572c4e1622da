"""Is this path a file that ends? Asked before it is opened: opening a pipe may wait for ever, a device never ends."""

import stat
from pathlib import Path

from issuer.errors import Code, IssuerError, Where

__all__ = ["regular_size"]


def regular_size(path: Path) -> int:
    """Bytes of the file. Raises IssuerError: FILE_MISSING, FILE_UNREADABLE; FILE_KIND_UNKNOWN for what is no file."""
    try:
        about = path.stat()
    except FileNotFoundError as error:
        raise IssuerError(Code.FILE_MISSING, where=Where(str(path))) from error
    except OSError as error:
        raise IssuerError(Code.FILE_UNREADABLE, error.strerror or "", Where(path.name)) from error
    if not stat.S_ISREG(about.st_mode):
        raise IssuerError(Code.FILE_KIND_UNKNOWN, "a folder, a pipe or a device", Where(path.name))
    return about.st_size
