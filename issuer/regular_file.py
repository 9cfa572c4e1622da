"""Is this path a file that ends? Asked before it is opened: opening a pipe may wait for ever, a device never ends."""

import hashlib
import stat
from pathlib import Path

from issuer.errors import Code, IssuerError, Where

__all__ = ["digest_of", "regular_size"]


def regular_size(path: Path, most: int | None = None) -> int:
    """Bytes of the file.

    Raises IssuerError: FILE_MISSING, FILE_UNREADABLE; FILE_KIND_UNKNOWN for what is no file; FILE_TOO_LARGE for more
    than `most` bytes.
    """
    try:
        about = path.stat()
    except FileNotFoundError as error:
        raise IssuerError(Code.FILE_MISSING, where=Where(str(path))) from error
    except OSError as error:
        raise IssuerError(Code.FILE_UNREADABLE, error.strerror or "", Where(path.name)) from error
    if not stat.S_ISREG(about.st_mode):
        raise IssuerError(Code.FILE_KIND_UNKNOWN, "a folder, a pipe or a device", Where(path.name))
    if most is not None and about.st_size > most:
        raise IssuerError(Code.FILE_TOO_LARGE, f"{about.st_size >> 20} MiB, limit {most >> 20} MiB", Where(path.name))
    return about.st_size


def digest_of(path: Path, most: int | None = None) -> str:
    """SHA-256 of the file, in hexadecimal. Raises IssuerError as `regular_size` does, before the file is opened."""
    regular_size(path, most)
    try:
        with path.open("rb") as stream:
            return hashlib.file_digest(stream, "sha256").hexdigest()
    except OSError as error:
        raise IssuerError(Code.FILE_UNREADABLE, error.strerror or "", Where(path.name)) from error
