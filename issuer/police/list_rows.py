"""The rows of a police list as written: which record each means, and what it corrects.

Headings are those of dose lists (issuer.intake.headers) with a word that tells the corrected fact (`SỬA họ và tên`,
`Số CCCD mới`, or a heading above: `Thông tin đúng`); a heading without one is the fact as recorded. Whatever else a
list carries, doses among it, is not read. specs/police-lists.md, section 2.
"""

import datetime as dt
import io
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from openpyxl import load_workbook
from openpyxl.utils import get_column_letter

from issuer.errors import Code, IssuerError, Where
from issuer.intake.container import FileKind, check_container
from issuer.intake.dose_columns import FURTHER
from issuer.intake.headers import meaning
from issuer.intake.workbook import read_sheets
from issuer.police.refusal import Refusal
from issuer.reading.dates import read_date
from issuer.reading.id_columns import one_of_several
from issuer.reading.id_number import read_id
from issuer.reading.person_text import read_name, read_sex
from issuer.worklist.mend import FIELDS
from specs.names import compose, fold, one_d

__all__ = ["MAX_ROWS", "ListRow", "read_rows"]

MAX_ROWS = 20_000
"""Rows of one list: the residents of a large commune."""
_HEADER_ROWS: Final = 60
_NEW: Final = re.compile(
    r"\b(?:đã )?(?:sửa|đúng|mới|chính xác|xác minh|xác nhận|điều chỉnh|cập nhật)(?: lại| thành)?\b"
)
_OLD: Final = re.compile(r"\b(?:cũ|sai|đã (?:nhập|ghi|khai)|trên (?:hệ thống|nền tảng)|ban đầu|hiện có)\b")
_REFERENCES: Final = frozenset({"ma ho so", "ma tham chieu"})
_REVIEWED: Final = frozenset({"ngay ra soat", "to ra soat ngay"})
_NUMBERS: Final = ("id_number", *(f"id_number{end}" for end in FURTHER))
_OLDEST, _NEWEST = "1870-01-01", "2199-12-31"

Column = tuple[str, str]
"""What a column holds: (`old` or `new`, field), (`reference`, ``) or (`reviewed`, ``)."""


@dataclass(frozen=True, slots=True)
class ListRow:
    """A row. `old`: the four facts as recorded, canonical, None if the list has no columns for them; `new`: text by
    field of what is corrected; `letters`: the column of each field; `fault`: why it cannot be taken, and where."""

    sheet: str
    row_no: int
    reference: str = ""
    old: dict[str, str] | None = field(default=None, repr=False)
    new: dict[str, str] = field(default_factory=dict, repr=False)
    letters: dict[str, str] = field(default_factory=dict)
    reviewed_on: str = ""
    fault: tuple[Refusal, str] | None = None


def read_rows(path: Path) -> Iterator[ListRow]:
    """Every row below the heading of every sheet. Raises IssuerError for a file that is no such list."""
    if path.suffix.lower() == ".xls":
        raise IssuerError(Code.FILE_KIND_UNKNOWN, ".xls cannot tell formulas from values", Where(path.name))
    formulas = _formulas(path) if check_container(path) is FileKind.XLSX else frozenset()
    count, headings = 0, False
    for sheet in read_sheets(path):
        columns: dict[Column, int] = {}
        above: list[str] = []
        for place, (row_no, cells) in enumerate(sheet.rows):
            if columns:
                count += 1
                if count > MAX_ROWS:
                    raise IssuerError(
                        Code.SHEET_TOO_LONG, f"limit {MAX_ROWS} rows a list", Where(path.name, sheet.name)
                    )
                yield _row(sheet.name, row_no, cells, columns, formulas)
            elif place < _HEADER_ROWS:
                texts = [cell if isinstance(cell, str) else "" for cell in cells]
                columns = _columns(texts, above, Where(path.name, sheet.name, row_no))
                above = texts
        headings = headings or bool(columns)
    if not headings:
        raise IssuerError(Code.POLICE_LIST_REFUSED, "no heading row", Where(path.name))


def _columns(texts: Sequence[str], above: Sequence[str], where: Where) -> dict[Column, int]:
    """The columns of a heading row, or nothing if the row is none; `above`: the row over it, for grouped headings."""
    plain, groups = [_plain(text) for text in texts], [_plain(text) for text in above]
    if any(map(_NEW.search, plain)) or not any(map(_NEW.search, groups)) or len(list(filter(None, groups))) < 2:
        groups = []  # a heading tells for itself, and a single text above is a title
    columns: dict[Column, int] = {}
    group = ""
    for at in range(max(len(plain), len(groups))):
        over = groups[at] if at < len(groups) else ""
        group = over or group
        found = _column((plain[at] if at < len(plain) else "") or over, group if groups else "")
        if found is None:
            continue
        if found[1] == "id_number":  # the old number and the new, as in dose lists
            found = next(((found[0], name) for name in _NUMBERS if (found[0], name) not in columns), found)
        if found in columns:
            raise IssuerError(Code.COLUMN_TWICE, " ".join(filter(None, found)), where)
        columns[found] = at
    kinds = {kind for kind, _ in columns}
    return columns if "new" in kinds and kinds & {"old", "reference"} else {}


def _column(text: str, group: str) -> Column | None:
    if fold(text) in _REFERENCES:
        return "reference", ""
    if fold(text) in _REVIEWED:
        return "reviewed", ""
    told = meaning(_OLD.sub(" ", _NEW.sub(" ", text)))
    name = {"birth_year": "birth_date"}.get(told or "", told)
    if name not in FIELDS:
        return None
    words = text if _OLD.search(text) or _NEW.search(text) else group
    return ("new" if _NEW.search(words) and not _OLD.search(words) else "old"), name


def _plain(text: str) -> str:
    return " ".join(one_d(compose(text)).lower().split())


def _row(
    sheet: str, row_no: int, cells: list[Any], columns: dict[Column, int], formulas: frozenset[tuple[str, int, int]]
) -> ListRow:
    def cell(column: Column) -> Any:
        at = columns.get(column, -1)
        return _typed(cells[at]) if 0 <= at < len(cells) else ""

    def fact(kind: str, name: str) -> Any:
        if name == "id_number" and (kind, _NUMBERS[1]) in columns:
            return one_of_several([cell((kind, one)) for one in _NUMBERS])
        return cell((kind, name))

    letters = {name: get_column_letter(at + 1) for (kind, name), at in columns.items() if kind == "new"}
    for at in sorted(columns.values()):
        if (sheet, row_no, at + 1) in formulas:
            return ListRow(sheet, row_no, fault=(Refusal.FORMULA, get_column_letter(at + 1)))
    old = None
    if {("old", name) for name in FIELDS} <= columns.keys():
        old = _as_recorded(*(fact("old", name) for name in FIELDS))
    reviewed = read_date(cell(("reviewed", "")), "dmy", "2020-01-01", _NEWEST).meanings
    return ListRow(
        sheet,
        row_no,
        str(cell(("reference", ""))).strip(),
        old,
        {name: text for name in FIELDS if (text := _text(name, fact("new", name)))},
        letters,
        reviewed[0] if len(reviewed) == 1 and len(reviewed[0]) == 10 else "",
    )


def _as_recorded(name: Any, born: Any, sex: Any, number: Any) -> dict[str, str]:
    """The four facts as cleaning would have stored them; empty where it could not read them in one way."""
    meanings = read_date(born, "dmy", _OLDEST, _NEWEST).meanings
    return {
        "name_key": read_name(_unquoted(name)).key,
        "birth_date": meanings[0] if len(meanings) == 1 else "",
        "sex": read_sex(_unquoted(sex))[0],
        "id_number": read_id(_unquoted(number) if isinstance(number, str) else number).number[:32],
    }


def _text(name: str, cell: Any) -> str:
    """A corrected fact as text for issuer.worklist.mend; `?`, which it refuses, if it cannot be read in one way."""
    if name == "birth_date" and isinstance(cell, dict):
        return "/".join(reversed(str(cell.get("d", ""))[:10].split("-"))) or "?"
    if name == "id_number" and cell != "":
        number = read_id(_unquoted(cell) if isinstance(cell, str) else cell)
        return number.number if number.kind in ("cccd", "cmnd9") and number.problem is None else "?"
    if name == "sex" and cell != "":
        return read_sex(_unquoted(cell))[0] or "?"
    return compose(_unquoted(cell))


def _unquoted(cell: Any) -> str:
    """Text without the apostrophe that a spreadsheet program, or our own team sheet, put before it."""
    if isinstance(cell, float) and cell.is_integer():
        cell = int(cell)
    return ("?" if isinstance(cell, dict) else str(cell)).strip().removeprefix("'")


def _typed(cell: Any) -> Any:
    """A date as issuer.reading.dates takes it."""
    return {"d": cell.isoformat()} if isinstance(cell, dt.date) else cell


def _formulas(path: Path) -> frozenset[tuple[str, int, int]]:
    """(sheet, row, column from 1) of every formula: the value kept beside it need not be what anybody saw."""
    try:
        book = load_workbook(io.BytesIO(path.read_bytes()), read_only=True)
        found: set[tuple[str, int, int]] = set()
        for sheet in book.worksheets:
            sheet.reset_dimensions()  # the file's own word on where the sheet ends is not to be trusted
            for row in sheet.iter_rows():
                found.update((sheet.title, cell.row or 0, cell.column or 0) for cell in row if cell.data_type == "f")
        book.close()
    except Exception as error:
        # the library raises whatever its XML parser and its own tables raise on a damaged part
        raise IssuerError(Code.FILE_UNREADABLE, "a damaged workbook", Where(path.name)) from error
    return frozenset(found)
