"""Files that hold secrets: who may read them is checked before they are read, and set before they are filled."""

import os
import stat
from pathlib import Path
from typing import Final

from keys.errors import Code, KeysError

OTHERS_OR_GROUP_WRITE: Final = stat.S_IRWXO | stat.S_IWGRP
MIN_PASSWORD: Final = 12  # characters; scrypt slows guessing down, it does not make a short password long
MAX_SECRET_FILE: Final = 64 * 1024  # bytes


def read_secret(path: Path) -> bytes:
    """The bytes of a secret file. Raises KeysError if it cannot be read, or others may read or change it."""
    try:
        with path.open("rb") as file:
            mode = os.fstat(file.fileno()).st_mode  # of the open file: no race between looking and reading
            if mode & OTHERS_OR_GROUP_WRITE:
                raise KeysError(Code.KEY_FILE_EXPOSED, f"{path}, mode {stat.S_IMODE(mode):o}")
            return file.read(MAX_SECRET_FILE + 1)
    except OSError as error:
        raise KeysError(Code.FILE_UNREADABLE, f"{path}: {error.strerror}") from error


def read_password(path: Path) -> bytes:
    """The password in a file: its one line, without the line end. Raises KeysError."""
    password = read_secret(path).removesuffix(b"\n").removesuffix(b"\r")
    if len(password) < MIN_PASSWORD or b"\n" in password:
        raise KeysError(Code.PASSWORD_FILE, str(path))
    return password


def write_new(path: Path, data: bytes, *, secret: bool) -> None:
    """Make a file that did not exist, on disk before this returns; a secret one is readable by its owner alone.

    Raises KeysError: CEREMONY_EXISTS if there is such a file, FILE_UNREADABLE if it cannot be written.
    """
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600 if secret else 0o644)
    except FileExistsError as error:
        raise KeysError(Code.CEREMONY_EXISTS, str(path)) from error
    except OSError as error:
        raise KeysError(Code.FILE_UNREADABLE, f"{path}: {error.strerror}") from error
    with os.fdopen(handle, "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
