"""Rows of a sheet that are no doses: titles, headers, column numbers, totals; and cells merged over several rows."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from issuer.clean.problems import Problem
from issuer.intake.layout import Layout
from issuer.intake.legacy_fonts import to_unicode
from specs.names import fold

__all__ = ["SheetRows"]

_TOTAL = re.compile(r"(?:tong(?: cong| so)?|cong|total|sum)(?:\s*(?:so|cong|mui|nguoi|lieu))*\s*[:.=]?\s*[0-9.,]*")
_COLUMN_NUMBER = re.compile(r"[(\[]?\s*([0-9]{1,2})\s*[)\]]?")


class SheetRows:
    """Tells the rows of one sheet apart."""

    def __init__(self, layout: Layout, earlier: Mapping[int, Sequence[Any]]) -> None:
        """`earlier`: rows that begin a merged range and come before the first row that will be asked for."""
        self._layout = layout
        self._header = frozenset(layout.header_cells)
        self._name = layout.columns.get("full_name", layout.columns.get("family_part", -1))
        self._number = layout.columns.get("id_number", -1)
        self._open: dict[int, tuple[int, Any]] = {}
        self._begins: dict[int, list[tuple[int, int]]] = {}
        for top, column, bottom, _ in layout.merged:
            self._begins.setdefault(top, []).append((column, bottom))
        for row_no, cells in sorted(earlier.items()):
            self._remember(row_no, cells)

    def filled(self, row_no: int, cells: list[Any]) -> list[Any]:
        """The cells with those of merged ranges repeated in every row of the range."""
        if self._begins:
            if row_no in self._begins:
                self._remember(row_no, cells)
            for column, (bottom, cell) in self._open.items():
                if row_no <= bottom and (column >= len(cells) or cells[column] == ""):
                    cells = cells + [""] * (column + 1 - len(cells))
                    cells[column] = cell
        return cells

    def _remember(self, row_no: int, cells: Sequence[Any]) -> None:
        for column, bottom in self._begins.get(row_no, ()):
            self._open[column] = (bottom, cells[column] if column < len(cells) else "")

    def no_dose(self, row_no: int, cells: Sequence[Any]) -> Problem | None:
        """Why the row is no dose, by its place or by its words; None for one that may be a dose."""
        layout = self._layout
        if not layout.columns:
            return Problem.SHEET_NO_HEADER
        if row_no <= layout.header_last:
            return Problem.SHEET_TITLE if row_no < layout.header_first else Problem.SHEET_HEADER
        name = cells[self._name] if 0 <= self._name < len(cells) else ""
        number = cells[self._number] if 0 <= self._number < len(cells) else ""
        first = next((cell for cell in cells if cell != ""), "")
        if first.__class__ is str and not number:
            text = fold(to_unicode(first, layout.font))
            if _TOTAL.fullmatch(text):
                return Problem.SHEET_TOTAL
        if name.__class__ is str and name:
            if not number and _TOTAL.fullmatch(fold(to_unicode(name, layout.font))):
                return Problem.SHEET_TOTAL
            if name[0].isalpha() and to_unicode(name, layout.font) not in self._header:
                return None
        filled = [cell for cell in cells if cell != ""]
        words = [to_unicode(cell, layout.font) for cell in filled if isinstance(cell, str)]
        if len(words) >= 2 and len(words) == len(filled) and self._header.issuperset(words):
            return Problem.SHEET_HEADER
        if len(filled) >= 3 and _are_column_numbers(filled):
            return Problem.SHEET_HEADER
        return None


def _are_column_numbers(cells: Sequence[Any]) -> bool:
    numbers = []
    for cell in cells:
        found = _COLUMN_NUMBER.fullmatch(cell.strip() if isinstance(cell, str) else str(cell).removesuffix(".0"))
        if found is None:
            return False
        numbers.append(int(found[1]))
    return numbers == list(range(numbers[0], numbers[0] + len(numbers)))
