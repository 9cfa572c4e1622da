"""Formula errors (#N/A, #REF!) of an .xlsx: the reader of rows gives them as empty cells, and the sheets tell them."""

import re
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Final
from xml.etree import ElementTree

from openpyxl.utils import coordinate_to_tuple

from issuer.intake.sheet_parts import sheet_parts

__all__ = ["Errors", "error_cells"]

Errors = dict[int, dict[int, str]]
"""Row (from 1) -> column (from 0) -> the error as it shows."""

_PIECE: Final = 1 << 20
_LONGEST_CELL: Final = 4_096
"""Bytes of a cell with an error, its formula among them; of a longer one the error stays an empty cell."""
_MOST: Final = 500_000
"""Errors kept of a workbook; a list with more has other troubles, and their cells stay empty."""
_MARK: Final = b't="e"'
_CELL: Final = re.compile(
    rb'<(?:\w+:)?c\s(?=[^<>]*\bt="e")[^<>]*?\br="([A-Z]{1,3}[0-9]{1,7})"[^<>]*>(?:(?!</?(?:\w+:)?c[\s>]).){0,4000}?'
    rb"<(?:\w+:)?v>(#[A-Z0-9/!?]{2,8})</",
    re.DOTALL,
)


def error_cells(path: Path) -> dict[str, Errors]:
    """Sheet name -> its errors, of an .xlsx whose container was found safe; nothing for one that is damaged."""
    found: dict[str, Errors] = {}
    try:
        with zipfile.ZipFile(path) as container:
            names, left = None, _MOST
            for part in container.namelist():
                if not (part.startswith("xl/worksheets/") and part.endswith(".xml")):
                    continue
                for cell, error in _errors_of(container, part):
                    if left <= 0:
                        return found
                    left -= 1
                    names = names or {part: name for name, part in sheet_parts(container)}
                    row, column = coordinate_to_tuple(cell)
                    found.setdefault(names.get(part, ""), {}).setdefault(row, {})[column - 1] = error
    except (zipfile.BadZipFile, KeyError, ValueError, OSError, ElementTree.ParseError):
        return {}  # the reader of rows has the word on what is damaged
    return found


def _errors_of(container: zipfile.ZipFile, part: str) -> Iterator[tuple[str, str]]:
    with container.open(part) as stream:
        rest = b""
        while piece := stream.read(_PIECE):
            window = rest + piece
            end = 0
            if _MARK in window:
                for cell in _CELL.finditer(window):
                    yield cell[1].decode(), cell[2].decode()
                    end = cell.end()
            rest = window[max(end, len(window) - _LONGEST_CELL) :]
