"""A dose list back to its sender as the very workbook that came, with result columns and coloured faulty cells.

Formats, merged cells and widths stay as the sender made them. Formulas become the values that were read, so nothing in
the file computes; links to other workbooks are dropped.
"""

import io
import re
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from openpyxl import Workbook, load_workbook
from openpyxl.cell.cell import MergedCell
from openpyxl.comments import Comment
from openpyxl.styles import Alignment, Font
from openpyxl.utils import get_column_letter, range_boundaries
from openpyxl.worksheet.worksheet import Worksheet

from issuer.formulas import looks_like_formula
from issuer.intake.cells import cells_from_json
from issuer.intake.layout import Layout
from issuer.results.plain import AUTHOR, HEADINGS, comment_of, faults, fill_of, save, told
from issuer.store import result_store
from issuer.store.result_store import RowBack

__all__ = ["write_on_original"]

_MAX_INFLATED = 64 << 20
"""Bytes of all parts of a workbook that is held in memory whole, some 50,000 rows and 1 GiB; larger are built anew."""
_MAX_MERGED = 500_000
"""Cells under merged ranges: the library makes an object of every one."""
_MERGED = re.compile(rb"mergeCell\s[^>]*?\bref\s*=\s*[\"']([^\"']*)[\"']")
_WIDTHS = (22, 44, 24)


def write_on_original(connection: sa.Connection, file_id: int, original: bytes, path: Path) -> int | None:
    """Write the result upon the .xlsx `original`, the bytes that were taken in as this file; returns how many rows.

    None, and nothing written, if the workbook is too large to be loaded whole, or cannot be. Raises IssuerError
    (OUTPUT_REFUSED).
    """
    book = _loaded(original)
    sheets = result_store.sheets(connection, file_id)
    if book is None or not {sheet.name for sheet in sheets} <= set(book.sheetnames):
        return None
    written = 0
    for sheet in sheets:
        layout = Layout.from_json(sheet.layout)
        page = book[sheet.name]
        anchors = dict(_anchors(page))
        first = _width(page, layout) + 1
        values: dict[int, list[Any]] = {}
        for row in result_store.rows(connection, file_id, sheet.sheet_no):
            values[row.row_no] = cells_from_json(row.cells)
            _tell(page, row, layout, first, anchors)
            written += 1
        for at, width in enumerate(_WIDTHS):
            page.column_dimensions[get_column_letter(first + at)].width = width
        _neutralise(page, values)
    save(book, path)
    return written


def _loaded(original: bytes) -> Workbook | None:
    if not _fits(original):
        return None
    try:
        book = load_workbook(io.BytesIO(original), keep_vba=False, keep_links=False, rich_text=False)
    except Exception:  # noqa: BLE001
        # the library raises whatever its tables of styles and drawings raise on what other programs wrote; the
        # rows were read by another library, and the list is built anew from them
        return None
    for name in [*book.defined_names]:
        del book.defined_names[name]  # they may hold formulas
    return book


def _fits(original: bytes) -> bool:
    """Whether the workbook, which intake found harmless for a reader of rows, is so for one of whole sheets."""
    merged = 0
    try:
        with zipfile.ZipFile(io.BytesIO(original)) as container:
            if sum(part.file_size for part in container.infolist()) > _MAX_INFLATED:
                return False
            for part in container.infolist():
                if part.filename.lower().endswith(".xml"):
                    for found in _MERGED.finditer(container.read(part)):
                        left, top, right, bottom = range_boundaries(found[1].decode())
                        merged += ((right or 16_384) - (left or 1) + 1) * ((bottom or 1 << 20) - (top or 1) + 1)
    except (zipfile.BadZipFile, ValueError):
        return False  # no container, or ranges that the library would not read either
    return merged <= _MAX_MERGED


def _anchors(page: Worksheet) -> Iterator[tuple[tuple[int, int], tuple[int, int]]]:
    """(row, column) of every cell hidden under a merged range -> that of the cell that shows."""
    for merged in page.merged_cells.ranges:
        for row, column in merged.cells:
            yield (row, column), (merged.min_row, merged.min_col)


def _width(page: Worksheet, layout: Layout) -> int:
    """The last column that holds anything."""
    used = max((cell.column for cells in page.iter_rows() for cell in cells if cell.value is not None), default=0)
    merged = max((one.max_col for one in page.merged_cells.ranges), default=0)
    return max(used, merged, layout.width)


def _tell(
    page: Worksheet, row: RowBack, layout: Layout, first: int, anchors: dict[tuple[int, int], tuple[int, int]]
) -> None:
    is_header = row.row_no == layout.header_last
    for at, text in enumerate(HEADINGS if is_header else told(row, layout)):
        cell = page.cell(row.row_no, first + at)
        _put_text(cell, text)
        if is_header:
            cell.font = Font(bold=True)
        cell.alignment = Alignment(vertical="top", wrap_text=True)
    for column, problems in faults(row, layout).items():
        place = (row.row_no, column + 1)
        faulty = page.cell(*anchors.get(place, place))
        faulty.fill = fill_of(problems)
        before = f"{faulty.comment.text}\n" if faulty.comment else ""
        faulty.comment = Comment(before + comment_of(problems), AUTHOR)


def _neutralise(page: Worksheet, values: dict[int, list[Any]]) -> None:
    """Every formula becomes the value that was read, every text stays a text whatever it begins with."""
    for cells in page.iter_rows():
        for cell in cells:
            if isinstance(cell, MergedCell) or cell.value is None:
                continue
            if cell.data_type == "f":
                read = values.get(cell.row, [])
                value = read[cell.column - 1] if cell.column <= len(read) else ""
                if isinstance(value, dict):
                    value = next(iter(value.values()))
                if isinstance(value, str):
                    _put_text(cell, value)
                else:
                    cell.value = value
            elif cell.data_type == "s" and looks_like_formula(str(cell.value)):
                _put_text(cell, str(cell.value))


def _put_text(cell: Any, text: str) -> None:
    cell.value = None
    if text:
        cell.value = "".join(sign for sign in text if sign >= " " or sign in "\t\n\r")
        cell.data_type = "s"  # never a formula, whatever it begins with
        cell.quotePrefix = looks_like_formula(text)
