"""One person of a register file: the eight columns checked, and what is kept of them."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date

from specs.names import compose, fold, lossless_key, one_blank
from specs.national_id import is_national_id

__all__ = ["COLUMNS", "OLD_NUMBERS", "OPTIONAL", "REQUIRED", "PersonRow", "fault", "person_row"]

COLUMNS = ("so_dinh_danh", "ho_ten", "ngay_sinh", "gioi_tinh", "so_giay_to_cu", "ma_xa", "quoc_tich", "ngay_mat")
REQUIRED, OPTIONAL = COLUMNS[:4], COLUMNS[4:]
OLD_NUMBERS = OPTIONAL[0]
_SEX = {"nam": "M", "nữ": "F"}
_PARTIAL_DATE = re.compile(r"(?:18|19|20)[0-9]{2}(?:-(?:0[1-9]|1[0-2])(?:-[0-9]{2})?)?")
_LONGEST = {"ho_ten": 200, "ma_xa": 16, "quoc_tich": 64}
_LONGEST_OLD_NUMBER = 32


@dataclass(frozen=True, slots=True)
class PersonRow:
    """One person; dates of the precision known, sex `M` or `F`, `old_numbers` those of earlier papers."""

    row: int
    national_id: str = field(repr=False)
    full_name: str = field(repr=False)
    birth_date: str = field(repr=False)
    sex: str = field(repr=False)
    old_numbers: tuple[str, ...] = field(repr=False)
    commune_code: str
    nationality: str
    death_date: str = field(repr=False)
    name_key: str = field(repr=False)
    name_fold: str = field(repr=False)


def fault(cells: Sequence[str]) -> tuple[str, str] | None:
    """(column, what is wrong with it) of the first of COLUMNS that is not valid; None for a good row."""
    number, name, born, sex, old, commune, nationality, died = cells
    if not is_national_id(number.strip()):
        return "so_dinh_danh", "not twelve digits"
    if not one_blank(name):
        return "ho_ten", "empty"
    if not _is_partial_date(born.strip()):
        return "ngay_sinh", "not YYYY-MM-DD, YYYY-MM or YYYY"
    if _sex(sex.strip()) not in _SEX:
        return "gioi_tinh", "neither Nam nor Nữ"
    if old and any(len(value.strip()) > _LONGEST_OLD_NUMBER for value in old.split(";")):
        return "so_giay_to_cu", f"a number longer than {_LONGEST_OLD_NUMBER} signs; they are joined by ;"
    if died.strip() and not _is_partial_date(died.strip()):
        return "ngay_mat", "not a date"
    for column, text in (("ho_ten", name), ("ma_xa", commune), ("quoc_tich", nationality)):
        if len(text) > _LONGEST[column]:
            return column, f"longer than {_LONGEST[column]} signs"
    if "\0" in "".join(cells):
        return next(column for column, cell in zip(COLUMNS, cells, strict=True) if "\0" in cell), "a NUL"
    return None


def person_row(row: int, cells: Sequence[str]) -> PersonRow:
    """The person of a row without fault."""
    number, name, born, sex, old, commune, nationality, died = (cell.strip() for cell in cells)
    return PersonRow(
        row,
        number,
        one_blank(name),
        born,
        _SEX[_sex(sex)],
        tuple(filter(None, (value.strip() for value in old.split(";")))) if old else (),
        commune,
        nationality,
        died,
        lossless_key(name),
        fold(name),
    )


def _sex(text: str) -> str:
    """In lower case and in one piece: `Nữ` may come decomposed, as macOS writes it."""
    return text.lower() if text in ("Nam", "Nữ") else compose(text).lower()


def _is_partial_date(text: str) -> bool:
    if _PARTIAL_DATE.fullmatch(text) is None:
        return False
    if len(text) == 10:
        try:
            date.fromisoformat(text)
        except ValueError:
            return False
    return True
