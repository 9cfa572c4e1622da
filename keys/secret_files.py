"""Files that hold secrets: who may read them is checked before they are read, and set before they are filled."""

import os
import stat
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from tempfile import TemporaryDirectory
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


def read_password(path: Path, *, shortest: int = MIN_PASSWORD) -> bytes:
    """The password in a file: its one line, without the line end. Raises KeysError; `shortest` is less for a PIN."""
    password = read_secret(path).removesuffix(b"\n").removesuffix(b"\r")
    if b"\n" in password:
        raise KeysError(Code.PASSWORD_FILE, f"{path}: more than one line")
    if len(password) < shortest:
        raise KeysError(Code.PASSWORD_FILE, f"{path}: {len(password)} characters, at least {shortest}")
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


@dataclass(frozen=True, slots=True)
class NewFile:
    """A file to be written, by its path inside its folder."""

    path: PurePosixPath
    data: bytes = field(repr=False)
    secret: bool = False


def write_new_folder(folder: Path, files: Sequence[NewFile]) -> None:
    """Make a folder with these files, whole or not at all: written beside it, forced to disk, then renamed.

    Raises KeysError: CEREMONY_EXISTS if the folder is there, FILE_UNREADABLE if it cannot be written.
    """
    if folder.exists():
        raise KeysError(Code.CEREMONY_EXISTS, str(folder))
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        with TemporaryDirectory(prefix=f".{folder.name}.", dir=folder.parent) as name:
            draft = Path(name) / folder.name
            draft.mkdir(mode=0o700)
            for file in files:
                path = draft / file.path
                path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
                write_new(path, file.data, secret=file.secret)
            for directory in {draft, *(draft / file.path.parent for file in files)}:
                _sync(directory)
            if folder.exists():  # rename() would replace an empty folder
                raise KeysError(Code.CEREMONY_EXISTS, str(folder))
            draft.rename(folder)
            _sync(folder.parent)
    except OSError as error:
        raise KeysError(Code.FILE_UNREADABLE, f"{folder}: {error.strerror}") from error


def _sync(directory: Path) -> None:
    handle = os.open(directory, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def replace_file(path: Path, data: bytes) -> None:
    """Put new content in place of a file's old one, as a whole and on disk. Raises KeysError(FILE_UNREADABLE)."""
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        write_new(draft, data, secret=False)
        draft.replace(path)
        _sync(path.parent)
    except OSError as error:
        raise KeysError(Code.FILE_UNREADABLE, f"{path}: {error.strerror}") from error
    finally:
        draft.unlink(missing_ok=True)
