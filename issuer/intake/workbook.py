"""An .xlsx or .xls workbook: its sheets, their rows with typed cells, their merged ranges."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from python_calamine import CalamineError, CalamineSheet, CalamineWorkbook, SheetTypeEnum

from issuer.errors import Code, IssuerError, Where
from issuer.intake.cell_errors import Errors, error_cells
from issuer.intake.container import MAX_COLUMNS, MAX_ROWS, FileKind, check_container
from issuer.intake.text_file import read_text_rows
from issuer.intake.xls_errors import xls_error_cells

__all__ = ["Sheet", "read_sheets"]

Merged = tuple[int, int, int, int]
"""First row, first column, last row, last column of a merged range; rows from 1, columns from 0."""


@dataclass(frozen=True, slots=True)
class Sheet:
    """One sheet: rows that are not blank, each with its number from 1; a .csv is one sheet without a name."""

    name: str
    rows: Iterator[tuple[int, list[Any]]] = field(repr=False)
    merged: tuple[Merged, ...] = ()


def read_sheets(path: Path) -> Iterator[Sheet]:
    """Every sheet of a file that is safe to open, in order. Raises IssuerError; rows are read as they are asked for."""
    if (kind := check_container(path)) is FileKind.CSV:
        yield Sheet("", read_text_rows(path))
        return
    errors = error_cells(path) if kind is FileKind.XLSX else xls_error_cells(path)
    try:
        with CalamineWorkbook.from_path(str(path)) as workbook:
            for about in workbook.sheets_metadata:
                if about.typ is SheetTypeEnum.WorkSheet:
                    yield _sheet(workbook.get_sheet_by_name(about.name), about.name, path, errors.get(about.name, {}))
    except CalamineError as error:
        raise IssuerError(Code.FILE_UNREADABLE, "a damaged workbook", Where(path.name)) from error
    except BaseException as error:
        # a panic of the Rust library is no Exception: it is the file's fault, and nothing of it was written
        if type(error).__name__ != "PanicException":
            raise
        raise IssuerError(Code.FILE_UNREADABLE, "a damaged workbook", Where(path.name)) from error


def _sheet(sheet: CalamineSheet, name: str, path: Path, errors: Errors) -> Sheet:
    if sheet.total_width > MAX_COLUMNS:
        raise IssuerError(
            Code.SHEET_TOO_WIDE, f"{sheet.total_width} columns, limit {MAX_COLUMNS}", Where(path.name, name)
        )
    if sheet.total_height > MAX_ROWS:
        raise IssuerError(Code.SHEET_TOO_LONG, f"{sheet.total_height} rows, limit {MAX_ROWS}", Where(path.name, name))
    merged = tuple(
        (top + 1, left, bottom + 1, right) for (top, left), (bottom, right) in sheet.merged_cell_ranges or ()
    )
    return Sheet(name, _with_errors(_rows(sheet), errors) if errors else _rows(sheet), merged)


def _with_errors(rows: Iterator[tuple[int, list[Any]]], errors: Errors) -> Iterator[tuple[int, list[Any]]]:
    """The rows with the formula errors in their places, which the library leaves empty."""
    for number, cells in rows:
        for column, error in errors.get(number, {}).items():
            cells += [""] * (column + 1 - len(cells))
            if cells[column] == "":
                cells[column] = error
        yield number, cells


def _rows(sheet: CalamineSheet) -> Iterator[tuple[int, list[Any]]]:
    if sheet.start is None:
        return
    before: list[Any] = [""] * sheet.start[1]  # the library leaves out empty columns at the left
    for number, cells in enumerate(sheet.iter_rows(), start=1):
        if any(cell != "" for cell in cells):
            yield number, before + cells
