"""Rows of a sheet that are no doses: titles, headers, totals, signatures; and cells merged over several rows.

Words decide with their marks (`Tổng` is a total, `Tống` a family), and never against what only a person's row tells.
"""

import re
from collections.abc import Mapping, Sequence
from string import ascii_lowercase
from typing import Any

from issuer.intake.headers import meaning
from issuer.intake.layout import Layout
from issuer.intake.legacy_fonts import to_unicode
from issuer.reading.dates import DOSE_DAYS, EARLIEST_BIRTH, join_parts, read_date
from issuer.reading.id_number import read_id
from issuer.reading.person_text import read_sex
from issuer.reading.problems import Problem
from specs.names import compose, fold, one_blank

__all__ = ["SheetRows"]

_SUSPECT = re.compile(
    r"\W*(?:t[oôốổ]|c[oộ]|sum|ng(?!uy)|th[uủ]|k[yýếeíi]|tr[uưaạ]|gi[aá]m|ph[oó]|x[aá]c|đ[aạ]i)", re.IGNORECASE
)
"""How totals and signatures begin, for telling at once that most names are neither."""
_COUNTED = r"(?:\s*(?:so|cong|mui|nguoi|lieu|luot|tiem|da|duoc|trong|ngay|thang|danh sach))*\s*[:.=]?\s*[0-9.,]*"
_TOTAL = re.compile(r"(?:tong(?: cong| so)?|cong|total|sum)" + _COUNTED)
_MARKED_TOTAL = re.compile(r"(?:tổng|cộng)\b")
_SIGNATURE = re.compile(
    r"(?:người (?:lập|tổng hợp|báo cáo|ký)|thủ trưởng|thủ quỹ|kế toán|ký tên|(?:ký|kí)(?:,| và)? (?:ghi )?rõ"
    r"|trưởng (?:trạm|khoa|phòng)|trạm trưởng|(?:phó )?giám đốc|xác nhận|đại diện)\b"
    r"|.*\bngày [0-9. …]* ?tháng [0-9. …]* ?năm\b"
)
_PLAIN_SIGNATURE = re.compile(r"(?:nguoi lap|thu truong don vi|ky,? ghi ro)\b|ke toan truong$")
_ANY_DAY = (EARLIEST_BIRTH, DOSE_DAYS[1])
_COLUMN_SIGN = re.compile(r"[(\[]?\s*([0-9]{1,2}|[A-Za-z])\s*[)\]]?")


_IN_FIGURES = ("birth_date", "birth_year", "vaccinated_on", "phone")
"""What the row of a person tells in figures, beside the number, and a header never does."""
_LEAST_HEADINGS = 3


class SheetRows:
    """Tells the rows of one sheet apart."""

    def __init__(self, layout: Layout, earlier: Mapping[int, Sequence[Any]]) -> None:
        """`earlier`: rows that begin a merged range and come before the first row that will be asked for."""
        self._layout = layout
        self._header = frozenset(layout.header_cells)
        self._name = layout.columns.get("full_name", layout.columns.get("family_part", -1))
        self._given = layout.columns.get("given_part", -1)
        self._numbers = [at for name, at in layout.columns.items() if name.startswith("id_number")]
        self._figures = [*self._numbers, *(layout.columns.get(name, 1 << 20) for name in _IN_FIGURES)]
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
        first = next((cell for cell in cells if cell.__class__ is str and not cell.isspace() and cell), "")
        odd = not name or (name.__class__ is str and (name[-1].isdigit() or _SUSPECT.match(name)))
        if (odd or _SUSPECT.match(first)) and (found := self._by_words(cells, name, first)):
            return found
        if not self._tells_figures(cells) and self._are_headings(cells):
            return Problem.SHEET_HEADER
        is_text = name.__class__ is str and len(name) > 1 and name[0].isalpha()
        if is_text and to_unicode(name, layout.font) not in self._header:
            return None
        filled = [cell for cell in cells if cell != ""]
        words = [to_unicode(cell, layout.font) for cell in filled if isinstance(cell, str)]
        if len(words) >= 2 and len(words) == len(filled) and self._header.issuperset(words):
            return Problem.SHEET_HEADER
        if len(filled) >= 3 and _are_column_numbers(filled):
            return Problem.SHEET_HEADER
        return None

    def _tells_figures(self, cells: Sequence[Any]) -> bool:
        for at in self._figures:
            if at < len(cells):
                cell = cells[at]
                if cell.__class__ is not str or cell[:1].isdigit() or any(map(str.isdigit, cell)):
                    return True
        return False

    def _are_headings(self, cells: Sequence[Any]) -> bool:
        """Whether most of the cells are headings, in whatever dress: another page's, or those of the staff below."""
        filled = [cell for cell in cells if cell != ""]
        known = [cell for cell in filled if isinstance(cell, str) and meaning(to_unicode(cell, self._layout.font))]
        return len(known) >= _LEAST_HEADINGS and 2 * len(known) > len(filled)

    def _by_words(self, cells: Sequence[Any], name: Any, first: str) -> Problem | None:
        given = cells[self._given] if 0 <= self._given < len(cells) else ""
        whole = " ".join(part for part in (name, given) if part.__class__ is str and part)
        text = self._text(whole or first)
        beside = self._text(first) if whole and first != name else text
        if _is_signature(text) and not (self._tells_number(cells) or self._tells_sex(cells)):
            return Problem.SHEET_NO_PERSON
        if (_is_total(text) or _is_plain_total(beside)) and not (
            self._tells_number(cells) or self._tells_sex(cells) or self._tells_birth(cells)
        ):
            return Problem.SHEET_TOTAL
        return None

    def _text(self, cell: str) -> str:
        return one_blank(compose(to_unicode(cell[:200], self._layout.font))).lower().lstrip(" (*-.:")

    def tells_number_and_birth(self, cells: Sequence[Any]) -> bool:
        """Whether ID number and birth date are both well formed: the row of a person, whatever its words are."""
        return self._tells_number(cells) and self._tells_birth(cells, figures=True)

    def _cell(self, cells: Sequence[Any], name: str) -> Any:
        at = self._layout.columns.get(name, -1)
        return cells[at] if 0 <= at < len(cells) else ""

    def _tells_number(self, cells: Sequence[Any]) -> bool:
        readings = [read_id(cells[at]) for at in self._numbers if at < len(cells) and cells[at] != ""]
        return any(one.kind in ("cccd", "cmnd9", "passport") and "LEADING_ZEROS" not in one.rules for one in readings)

    def _tells_sex(self, cells: Sequence[Any]) -> bool:
        sex = self._cell(cells, "sex")
        return sex.__class__ is str and bool(read_sex(to_unicode(sex, self._layout.font))[0])

    def _tells_birth(self, cells: Sequence[Any], *, figures: bool = False) -> bool:
        """`figures`: a bare number counts too; in a total it is a count."""
        parts = [self._cell(cells, name) for name in ("birth_day", "birth_month", "birth_year")]
        if all(part != "" for part in parts) and join_parts(parts, *_ANY_DAY).meanings:
            return True
        for name in ("birth_date", "birth_year", "sex_male", "sex_female") if figures else ("birth_date",):
            cell = self._cell(cells, name)
            if cell.__class__ is str:
                cell = to_unicode(cell, self._layout.font)
            bare = not isinstance(cell, str | dict) or (isinstance(cell, str) and cell.strip().isdigit())
            if cell != "" and (figures or not bare) and read_date(cell, "", *_ANY_DAY).meanings:
                return True
        return False


def _is_total(text: str) -> bool:
    return bool(_MARKED_TOTAL.match(text)) or _is_plain_total(text)


def _is_plain_total(text: str) -> bool:
    """Nothing but the words of totals; with marks they must be the right ones."""
    if not _TOTAL.fullmatch(fold(text)):
        return False
    return text.isascii() or text.startswith(("tổng", "cộng"))


def _is_signature(text: str) -> bool:
    return bool(_SIGNATURE.match(text) or (text.isascii() and _PLAIN_SIGNATURE.match(text)))


def _are_column_numbers(cells: Sequence[Any]) -> bool:
    """Whether they count the columns, as forms do below their headings: `(1) (2) (3)`, or `A B 1 2 3`."""
    signs = []
    for cell in cells:
        found = _COLUMN_SIGN.fullmatch(cell.strip() if isinstance(cell, str) else str(cell).removesuffix(".0"))
        if found is None:
            return False
        signs.append(found[1])
    letters = [sign.lower() for sign in signs if sign.isalpha()]
    numbers = [int(sign) for sign in signs[len(letters) :] if sign.isdigit()]
    first = numbers[0] if numbers else 1
    counted = [*ascii_lowercase[: len(letters)], *range(first, first + len(signs) - len(letters))]
    return counted == [*letters, *numbers]
