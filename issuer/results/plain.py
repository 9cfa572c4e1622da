"""A dose list as it goes back to its sender: the same sheets and cells, what became of each row, faulty cells coloured.

The sender is told whether a person was verified, when and by which unit, and never what the register answered: neither
whose number it is nor which of the four facts differ (specs/decisions/0012-what-the-sender-is-told.md). Text that a
spreadsheet program would take for a formula is written as text.
"""

import datetime as dt
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.comments import Comment
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils.exceptions import IllegalCharacterError

from issuer.errors import Code, IssuerError, Where
from issuer.formulas import looks_like_formula
from issuer.intake.cells import cells_from_json
from issuer.intake.dose_columns import FURTHER
from issuer.intake.layout import Layout
from issuer.link.model import LinkClass
from issuer.reading.problems import Problem
from issuer.store import result_store
from issuer.store.result_store import DoseBack, RowBack
from issuer.vietnam_time import VIETNAM

__all__ = ["AUTHOR", "HEADINGS", "comment_of", "faults", "fill_of", "result_name", "save", "told", "write_result"]

_BLOCKING = PatternFill("solid", fgColor="FFC7CE")
_TOLD = PatternFill("solid", fgColor="FFEB9C")
_BOLD = Font(bold=True)
HEADINGS = ("Kết quả", "Vấn đề", "Đối chiếu dân cư")
AUTHOR = "Hộ chiếu vắc xin"
_FATES = {"stored": "Đã nhận", "duplicate": "Trùng", "rejected": "Không nhận"}
_WAITS = "Chờ trạm y tế và công an xã xác minh"
_FOREIGN = "Người nước ngoài, không đối chiếu"
_FIELDS_IN_PARTS = {
    "full_name": ("full_name", "family_part", "middle_part", "given_part"),
    "birth_date": ("birth_date", "birth_day", "birth_month", "birth_year"),
    "sex": ("sex", "sex_male", "sex_female"),
    "vaccinated_on": ("vaccinated_on", "vaccinated_day", "vaccinated_month", "vaccinated_year"),
}


def result_name(name: str) -> str:
    """The name of the file that goes back: `a.csv` -> `a.csv.ket-qua.xlsx`."""
    return f"{name}.ket-qua.xlsx"


def write_result(connection: sa.Connection, file_id: int, path: Path) -> int:
    """Write the result of a file to `path`; returns how many rows. Raises IssuerError (OUTPUT_REFUSED)."""
    book = Workbook(write_only=True)
    written = 0
    for sheet in result_store.sheets(connection, file_id):
        layout = Layout.from_json(sheet.layout)
        page = book.create_sheet(sheet.name or None)
        cells_of = (cells_from_json(row.cells) for row in result_store.rows(connection, file_id, sheet.sheet_no))
        width = max((layout.width, *map(_used, cells_of)))
        for row, gap in _with_gaps(result_store.rows(connection, file_id, sheet.sheet_no)):
            for _ in range(gap):
                page.append([])
            page.append(_cells(page, row, cells_from_json(row.cells)[:width], layout, width))
            written += 1
    save(book, path)
    return written


def _used(cells: Sequence[Any]) -> int:
    """Cells up to the last that is not empty: the results stand in the same columns of every row, beyond the widest."""
    return next((at for at in range(len(cells), 0, -1) if cells[at - 1] != ""), 0)


def save(book: Workbook, path: Path) -> None:
    """Write a workbook whole or not at all. Raises IssuerError (OUTPUT_REFUSED)."""
    partial = path.with_name(path.name + ".part")
    try:
        book.save(partial)
        partial.replace(path)
    except OSError as error:
        partial.unlink(missing_ok=True)
        raise IssuerError(Code.OUTPUT_REFUSED, error.strerror or "", Where(str(path))) from error


def _with_gaps(rows: Iterable[RowBack]) -> Iterator[tuple[RowBack, int]]:
    """Each row with the number of blank rows before it, so that every row keeps its number."""
    expected = 1
    for row in rows:
        # a cell of a .csv may hold line ends: its next row is then further down than the sheet's
        yield row, row.row_no - expected
        expected = row.row_no + 1


def _cells(page: Any, row: RowBack, cells: list[Any], layout: Layout, width: int) -> list[Any]:
    out = [_cell(page, cell) for cell in cells] + [_cell(page, "") for _ in range(width - len(cells))]
    if row.row_no == layout.header_last:
        return [*out, *(_cell(page, text, bold=True) for text in HEADINGS)]
    for at, problems in faults(row, layout).items():
        out[at].fill = fill_of(problems)
        out[at].comment = Comment(comment_of(problems), AUTHOR)
    result = [_cell(page, text) for text in told(row, layout)]
    for cell in result:
        cell.alignment = Alignment(wrap_text=len(row.doses) > 1, vertical="top")
    return [*out, *result]


def faults(row: RowBack, layout: Layout) -> dict[int, list[Problem]]:
    """Column (from 0) of every faulty cell of a row that was stored -> all its problems, each once."""
    found: dict[int, list[Problem]] = {}
    for dose in row.doses:
        columns = layout.of_dose(dose.slot).columns
        for code, name in dose.problems if dose.fate == "stored" else ():
            for part in _FIELDS_IN_PARTS.get(name, (name,)):
                for end in ("", *FURTHER):
                    if (at := columns.get(f"{part}{end}", -1)) >= 0:
                        problems = found.setdefault(at, [])
                        if Problem[code] not in problems:
                            problems.append(Problem[code])
    return found


def fill_of(problems: Iterable[Problem]) -> PatternFill:
    """The colour of a faulty cell: that of its worst problem."""
    return _BLOCKING if any(problem.blocks for problem in problems) else _TOLD


def comment_of(problems: Iterable[Problem]) -> str:
    """What stands in the comment of a faulty cell: a line for each problem."""
    return "\n".join(f"{problem.value.vi} / {problem.value.en}" for problem in problems)


def told(row: RowBack, layout: Layout) -> tuple[str, ...]:
    """The texts of the result columns; none for a title or a header."""
    if row.row_no <= layout.header_last:
        return ()
    names = [layout.slots[dose.slot - 1].label or f"({dose.slot})" if dose.slot else "" for dose in row.doses]
    return tuple(_by_dose(names, texts) for texts in zip(*map(_told, row.doses), strict=True))


def _told(dose: DoseBack) -> tuple[str, str, str]:
    fate = _FATES[dose.fate] + (f" ({dose.repeats})" if dose.repeats else "")
    words = dict.fromkeys(Problem[code].value.vi for code, _ in dose.problems)
    return fate, "; ".join(words), _verified(dose)


def _verified(dose: DoseBack) -> str:
    """Whether the person was verified, when and by whom; why not is for the commune, not for the sender."""
    if dose.link_class in (LinkClass.MATCHED, LinkClass.DUPLICATE):
        day = dt.datetime.fromisoformat(dose.linked_at).astimezone(VIETNAM)
        who = f"công an {dose.police_of}" if dose.police_of else "CSDL quốc gia về dân cư"
        return f"Đã xác minh {day:%d/%m/%Y}, {who}{', trùng mũi tiêm' * (dose.link_class == LinkClass.DUPLICATE)}"
    if dose.link_class == LinkClass.FOREIGN:
        return _FOREIGN
    return _WAITS if dose.link_class else ""


def _by_dose(names: Sequence[str], texts: Sequence[str]) -> str:
    """One text for the doses of a row: what they have in common, else a line for each."""
    if len(set(texts)) == 1:
        return texts[0]
    return "\n".join(f"{name}: {text}" for name, text in zip(names, texts, strict=True) if text)


def _cell(page: Any, value: Any, *, bold: bool = False) -> Any:
    if isinstance(value, dict):
        value = _typed(value)
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    try:
        cell = WriteOnlyCell(page, value=None if value == "" else value)
    except IllegalCharacterError:
        cell = WriteOnlyCell(page, value="".join(sign for sign in str(value) if sign >= " " or sign in "\t\n\r"))
    if isinstance(value, str) and value:
        cell.data_type = "s"  # never a formula, whatever it begins with
        cell.quotePrefix = looks_like_formula(value)
    if bold:
        cell.font = _BOLD
    return cell


def _typed(cell: dict[str, str]) -> Any:
    if "d" in cell:
        day = dt.datetime.fromisoformat(cell["d"])
        return day.date() if len(cell["d"]) == 10 else day
    return cell.get("t", "")
