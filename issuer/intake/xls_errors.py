"""Formula errors (#N/A, #REF!) of an .xls: the reader of rows gives them as empty cells, and the records tell them.

An .xls is a compound file (MS-CFB) in which the stream `Workbook` is a row of records (MS-XLS): those of the book, with
the place and the name of each sheet, and those of every sheet up to its end.
"""

import struct
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from issuer.intake.cell_errors import Errors
from issuer.intake.cells import CELL_ERRORS

__all__ = ["CompoundFile", "errors_of_book", "records", "xls_error_cells"]

_MOST: Final = 500_000
"""Errors kept of a workbook, as of an .xlsx."""
_LAST_SECTOR: Final = 0xFFFFFFFA
"""Numbers from here on are marks: end of a chain, free, part of the table itself."""
_BOF, _EOF, _FILEPASS, _BOUNDSHEET, _FORMULA, _BOOLERR = 0x809, 0x0A, 0x2F, 0x85, 0x06, 0x205
_EXCEL_97: Final = 0x600


def xls_error_cells(path: Path) -> dict[str, Errors]:
    """Sheet name -> its errors; nothing for a workbook older than Excel 97, encrypted or damaged."""
    try:
        return errors_of_book(CompoundFile(path.read_bytes()).stream("Workbook"))
    except (struct.error, IndexError, KeyError, ValueError, OSError):
        return {}  # the reader of rows has the word on what is damaged


class CompoundFile:
    """The streams of a compound file; raises struct.error, IndexError, KeyError or ValueError on a damaged one."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        if (shift := self._number(30, "<H")) not in (9, 12) or self._number(32, "<H") != 6:
            raise ValueError("a sector has 512 or 4,096 bytes, a small one 64")
        self._size = 1 << shift
        sectors = len(data) // self._size
        tables = list(struct.unpack_from("<109I", data, 76))
        further = self._number(68)
        for _ in range(min(self._number(72), sectors)):
            if further >= _LAST_SECTOR:
                break
            *more, further = struct.unpack(f"<{self._size // 4}I", self._sector(further))
            tables += more
            if len(tables) > sectors + 109:
                raise ValueError("more tables than sectors")
        self._table = self._numbers(b"".join(self._sector(one) for one in tables if one < _LAST_SECTOR))

    def _number(self, at: int, kind: str = "<I") -> int:
        value: int = struct.unpack_from(kind, self._data, at)[0]
        return value

    def _sector(self, number: int) -> bytes:
        return self._data[(number + 1) * self._size : (number + 2) * self._size]

    @staticmethod
    def _numbers(data: bytes) -> tuple[int, ...]:
        return struct.unpack(f"<{len(data) // 4}I", data[: len(data) // 4 * 4])

    def _chain(self, first: int) -> bytes:
        return b"".join(self._sector(one) for one in _followed(first, self._table))

    def stream(self, name: str) -> bytes:
        """The bytes of a stream."""
        entries = {}
        folder = self._chain(self._number(48))
        for at in range(0, len(folder) - 127, 128):
            length = struct.unpack_from("<H", folder, at + 64)[0]
            entries[folder[at : at + max(length - 2, 0)].decode("utf-16-le")] = struct.unpack_from(
                "<2I", folder, at + 116
            )
        first, size = entries[name]
        if size >= self._number(56):
            return self._chain(first)[:size]
        pieces = self._chain(entries["Root Entry"][0])
        table = self._numbers(self._chain(self._number(60)))
        # a short stream lies in pieces of 64 bytes within that of the root
        return b"".join(pieces[one * 64 : one * 64 + 64] for one in _followed(first, table))[:size]


def _followed(first: int, table: tuple[int, ...]) -> Iterator[int]:
    """The sectors of a chain. Raises ValueError for one that comes back to itself."""
    for _ in range(len(table) + 1):
        if first >= _LAST_SECTOR:
            return
        yield first
        first = table[first]
    raise ValueError("a chain without an end")


def errors_of_book(book: bytes) -> dict[str, Errors]:
    """The errors of a stream `Workbook`."""
    found: dict[str, Errors] = {}
    left = _MOST
    visits = iter(range(len(book) // 4))
    for kind, at, _ in records(book, 0, visits):
        if kind == _FILEPASS or (kind == _BOF and struct.unpack_from("<H", book, at)[0] != _EXCEL_97):
            return {}
        if kind == _BOUNDSHEET and book[at + 5] == 0:
            place, count, wide = *struct.unpack_from("<I", book, at), book[at + 6], book[at + 7] & 1
            name = book[at + 8 : at + 8 + count * (1 + wide)].decode("utf-16-le" if wide else "latin-1")
            for row, column, error in _errors_of(book, place, visits):
                if left <= 0:
                    return found
                left -= 1
                found.setdefault(name, {}).setdefault(row + 1, {})[column] = error
    return found


def _errors_of(book: bytes, place: int, visits: Iterator[int]) -> Iterator[tuple[int, int, str]]:
    """Row and column (from 0) and the error of every cell of a sheet that shows one."""
    for kind, at, _ in records(book, place, visits):
        if kind == _FORMULA and book[at + 6] == 2 and book[at + 12 : at + 14] == b"\xff\xff":
            code = book[at + 8]
        elif kind == _BOOLERR and book[at + 7]:
            code = book[at + 6]
        else:
            continue
        row, column = struct.unpack_from("<2H", book, at)
        yield row, column, CELL_ERRORS.get(code, "#VALUE!")


def records(book: bytes, place: int, visits: Iterator[int]) -> Iterator[tuple[int, int, int]]:
    """Kind, place and length of the records from a place to the end of its part; those of charts within it too.

    `visits` ends it too: each record belongs to one part, and many sheets in one place are a trap.
    """
    depth = 0
    while place + 4 <= len(book) and next(visits, None) is not None:
        kind, length = struct.unpack_from("<2H", book, place)
        yield kind, place + 4, length
        depth += (kind == _BOF) - (kind == _EOF)
        if depth <= 0:
            return
        place += 4 + length
