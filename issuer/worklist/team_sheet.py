"""A spreadsheet for the hamlet team: out with the records that wait, back in with what the team found.

Out: the dose's own facts and empty columns to correct them; nothing of the register. Text that a spreadsheet program
would take for a formula is written as text. In: every corrected row becomes a proposal of the station that brings it,
never more; the same file again changes nothing. Counts add up to the rows read.
"""

import hashlib
import io
import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from itertools import islice
from operator import itemgetter
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from openpyxl import Workbook
from openpyxl.styles import Font, PatternFill, Protection
from openpyxl.utils import get_column_letter

from issuer.audit import append, append_many, timestamp
from issuer.errors import Code, IssuerError, Where
from issuer.formulas import harmless
from issuer.intake.workbook import read_sheets
from issuer.store import sheet_store, worklist_store
from issuer.store.bulk import alone
from issuer.store.engine import writing
from issuer.store.worklist_store import Filters, Scope
from issuer.worklist.corrections import PROPOSE, Lines, propose_in
from issuer.worklist.item import view
from issuer.worklist.mend import FIELDS, read_changes
from issuer.worklist.roles import Officer, Right, require
from issuer.worklist.words import say

__all__ = ["MAX_ROWS", "SheetTaken", "take_sheet", "write_sheet"]

MAX_ROWS = 5_000
"""Records in one sheet, out or in: more than any hamlet has, and few enough that nobody waits for one."""

_REFERENCE = "Mã hồ sơ"
_GIVEN = (
    "Họ và tên",
    "Ngày sinh",
    "Giới tính",
    "Số giấy tờ",
    "Điện thoại",
    "Địa chỉ",
    "Ngày tiêm",
    "Vì sao",
)
_CORRECTED = {
    "SỬA họ và tên": "full_name",
    "SỬA ngày sinh": "birth_date",
    "SỬA giới tính": "sex",
    "SỬA số giấy tờ": "id_number",
}
_WIDTHS = (12, 26, 12, 9, 16, 14, 24, 12, 24, 26, 14, 12, 18)
_SEX = {"M": "Nam", "F": "Nữ"}


@dataclass(frozen=True, slots=True)
class SheetTaken:
    """What became of the rows; `fates` sums to `rows`. `faults`: row number and the field that could not be taken."""

    rows: int
    fates: Mapping[str, int]
    faults: Sequence[tuple[int, str]] = field(default=())
    already: bool = False


def write_sheet(engine: sa.Engine, officer: Officer, filters: Filters, *, now: datetime) -> bytes:
    """The open records of the officer's area as .xlsx; the audit log names them before this returns."""
    require(officer, Right.READ)
    with writing(engine) as connection:
        rows = sheet_store.rows_for_team(connection, Scope(officer.area_code), filters, MAX_ROWS)
        append(
            connection,
            now=now,
            actor=officer.actor,
            action="worklist.sheet.out",
            object=f"area {officer.area_code or 'all'}",
            reason="doses " + (",".join(str(row[0]) for row in rows) or "none"),
        )
    book = Workbook()
    sheet = book.active
    assert sheet is not None, "a new workbook has a sheet"  # noqa: S101
    sheet.title = "Ra soat"
    sheet.append([_REFERENCE, *_GIVEN, *_CORRECTED])
    for cell in sheet[1]:
        cell.font = Font(bold=True)
        cell.fill = PatternFill("solid", fgColor="DDEBE9")
    for _, token, name, born, sex, number, phone, address, given_on, link_class in rows:
        facts = [token, name, _day(born), _SEX.get(sex, ""), number, phone, address, _day(given_on)]
        sheet.append([*map(harmless, facts), say("vi", f"class.{link_class}"), "", "", "", ""])
    for cells in sheet.iter_rows(min_row=2):
        for at, cell in enumerate(cells):
            cell.number_format = "@"  # text, so that no zero and no day is lost on the way
            if isinstance(cell.value, str):
                cell.data_type = "s"
            cell.protection = Protection(locked=at <= len(_GIVEN))
    for at, width in enumerate(_WIDTHS, 1):
        sheet.column_dimensions[get_column_letter(at)].width = width
    sheet.freeze_panes = "C2"
    sheet.protection.sheet = True  # against slips, not against attackers: what comes back is checked anyway
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def take_sheet(engine: sa.Engine, officer: Officer, path: Path, name: str, *, now: datetime) -> SheetTaken:
    """Put forward what a returned sheet corrects, all of it or nothing. Raises IssuerError.

    `path` is where the bytes lie, `name` what the sender called them.
    """
    require(officer, Right.PROPOSE)
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    fates: Counter[str] = Counter()
    faults: list[tuple[int, str]] = []
    lines: Lines = []
    with writing(engine) as connection:
        alone(connection, "team-sheet")  # the same file twice at once is still the same file
        known = sheet_store.known_sheet(connection, officer.area_code, digest)
        if known is not None:
            return SheetTaken(known[0], {"before": known[0]}, already=True)
        sheet_id = sheet_store.add_sheet(
            connection, officer.area_code, name, digest, officer.account_id, timestamp(now)
        )
        # in one order of records, so that two officers never wait for each other
        for row_no, token, typed in sorted(islice(_read(path, name), MAX_ROWS + 1), key=itemgetter(1)):
            fate, fault = _take(connection, officer, sheet_id, token, typed, now, lines)
            fates[fate] += 1
            if fates.total() > MAX_ROWS:
                raise IssuerError(Code.TEAM_SHEET_REFUSED, f"more than {MAX_ROWS} rows", Where(name))
            if fault:
                faults.append((row_no, fault))
        append_many(connection, now=now, actor=officer.actor, action=PROPOSE, entries=lines)
        sheet_store.finish_sheet(connection, sheet_id, fates.total(), fates["proposed"])
        append(
            connection,
            now=now,
            actor=officer.actor,
            action="worklist.sheet.in",
            object=f"sheet {sheet_id} sha256 {digest}",
            reason=", ".join(f"{count} {fate}" for fate, count in sorted(fates.items())) or "no rows",
        )
    return SheetTaken(fates.total(), dict(fates), tuple(sorted(faults)))


def _take(
    connection: sa.Connection,
    officer: Officer,
    sheet_id: int,
    token: str,
    typed: Mapping[str, str],
    now: datetime,
    lines: Lines,
) -> tuple[str, str]:
    """The row's fate, and the field that could not be taken."""
    if not any(typed.values()):
        return "unchanged", ""
    try:
        found = view(connection, officer, token, lock=True)
        changes = read_changes(worklist_store.facts(connection, found.item.dose_id), typed, now)
        kind = {"kind": "fields", "changes": json.dumps(changes, ensure_ascii=False), "sheet_id": sheet_id}
        propose_in(connection, officer, found, kind, "sheet", ",".join(changes), now, lines)
    except IssuerError as error:
        if error.code is Code.CORRECTION_REFUSED:
            return ("invalid", error.detail) if error.detail in FIELDS else ("unchanged", "")
        return ("unknown" if error.code is Code.WORK_NOT_FOUND else "not_open"), ""
    return "proposed", ""


def _read(path: Path, name: str) -> Iterator[tuple[int, str, dict[str, str]]]:
    """Row number, token and corrections of every row with a reference. Raises IssuerError if there is no header."""
    for sheet in read_sheets(path):
        places: dict[str, int] = {}
        for row_no, cells in sheet.rows:
            texts = [_text(cell) for cell in cells]
            if not places:
                if _REFERENCE not in texts or not set(_CORRECTED) <= set(texts):
                    break
                places = {heading: texts.index(heading) for heading in (_REFERENCE, *_CORRECTED)}
                continue
            texts += [""] * (max(places.values()) + 1 - len(texts))
            if texts[places[_REFERENCE]]:
                yield (
                    row_no,
                    texts[places[_REFERENCE]],
                    {fact: texts[places[heading]].removeprefix("'") for heading, fact in _CORRECTED.items()},
                )
        if places:
            return
    raise IssuerError(Code.TEAM_SHEET_REFUSED, "no heading row", Where(name))


def _text(cell: Any) -> str:
    if isinstance(cell, dict):  # issuer.intake.workbook: a date or time as ISO text
        return str(cell.get("d") or "")[:10]
    if isinstance(cell, datetime | date):
        return cell.strftime("%d/%m/%Y")
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return str(cell).strip()


def _day(iso: str) -> str:
    return "/".join(reversed(iso.split("-")))
