"""How much text the cells of an .xls hold together: each names a text of the shared table (MS-XLS 2.4.265, 2.4.149).

A reader of rows gives every cell its own copy, so a small file with one long text could fill all memory there is.
"""

import struct
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from issuer.errors import Code, IssuerError, Where
from issuer.intake.xls_errors import CompoundFile, records

__all__ = ["check_xls_text", "text_lengths"]

_MAX_TEXT: Final = 2 << 30
"""Bytes of text in all cells together, as of an .xlsx."""
_LONGEST_LETTER: Final = 3
"""Bytes of a UTF-16 unit in UTF-8, at most."""
_PASSWORD, _BOUNDSHEET, _SHARED, _CONTINUED, _CELL = 0x2F, 0x85, 0xFC, 0x3C, 0xFD


def check_xls_text(path: Path, where: Where) -> None:
    """Raise IssuerError: FILE_BOMB for too much text, FILE_ENCRYPTED, FILE_UNREADABLE for two sheets in one place.

    A book older than Excel 97 has no shared texts.
    """
    try:
        book = CompoundFile(path.read_bytes()).stream("Workbook")
        found = list(records(book, 0, iter(range(len(book) // 4))))
        if any(kind == _PASSWORD for kind, _, _ in found):
            raise IssuerError(Code.FILE_ENCRYPTED, where=where)
        sheets = [struct.unpack_from("<I", book, at)[0] for kind, at, _ in found if kind == _BOUNDSHEET]
        if len(set(sheets)) < len(sheets):
            raise IssuerError(Code.FILE_UNREADABLE, "two sheets of one part", where)
        total = _text_in(book, sheets, text_lengths(_shared(book, found)), where)
    except KeyError:
        return
    except (struct.error, IndexError, ValueError, OSError) as error:
        raise IssuerError(Code.FILE_UNREADABLE, "a damaged workbook", where) from error
    if total > _MAX_TEXT:
        raise IssuerError(Code.FILE_BOMB, f"more than {_MAX_TEXT >> 30} GiB of text in its cells", where)


def _text_in(book: bytes, sheets: Sequence[int], lengths: Sequence[int], where: Where) -> int:
    total = 0
    visits = iter(range(len(book) // 4))
    for place in sheets:
        for kind, at, _ in records(book, place, visits):
            if kind == _CELL:
                total += lengths[struct.unpack_from("<I", book, at + 6)[0]] * _LONGEST_LETTER
    if sheets and next(visits, None) is None:
        raise IssuerError(Code.FILE_BOMB, "sheets within sheets", where)
    return total


def _shared(book: bytes, found: Sequence[tuple[int, int, int]]) -> list[bytes]:
    """The table of texts: its record, and those that continue it."""
    parts: list[bytes] = []
    for kind, at, length in found:
        if kind == _SHARED or (parts and kind == _CONTINUED):
            parts.append(book[at : at + length])
        elif parts:
            break
    return parts


def text_lengths(parts: Sequence[bytes]) -> list[int]:
    """UTF-16 units of every text (2.5.296). Where letters go on in the next record, it begins with their width."""
    lengths: list[int] = []
    if not parts:
        return lengths
    (count,) = struct.unpack_from("<4xI", parts[0])
    part, at = 0, 8
    for _ in range(count):
        if at >= len(parts[part]):
            part, at = part + 1, 0
        units, flags = struct.unpack_from("<HB", parts[part], at)
        at += 3
        behind = 0
        if flags & 8:  # runs of formats, four bytes each
            behind += 4 * struct.unpack_from("<H", parts[part], at)[0]
            at += 2
        if flags & 4:  # how the text is pronounced
            behind += struct.unpack_from("<I", parts[part], at)[0]
            at += 4
        lengths.append(units)
        width = 1 + (flags & 1)
        while (fits := (len(parts[part]) - at) // width) < units:
            units -= fits
            part, at = part + 1, 1
            width = 1 + (parts[part][0] & 1)
        at += units * width
        while at + behind > len(parts[part]):
            behind -= len(parts[part]) - at
            part, at = part + 1, 0
        at += behind
    return lengths
