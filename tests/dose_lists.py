"""Dose lists and extracts written for tests, and the whole path run on them."""

import csv
import io
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import openpyxl
import sqlalchemy as sa

from issuer.clean.clean import CleanCounts, clean
from issuer.intake.take_in import FileTaken, take_in
from issuer.people import load_people
from issuer.store.engine import reading
from issuer.store.outcome_store import RowOutcome, outcomes

NOW = datetime(2022, 6, 1, 8, 0, tzinfo=UTC)
HEADER = ("Họ và tên", "Ngày sinh", "Giới tính", "Số CCCD", "Ngày tiêm", "Tên vắc xin", "Mũi số", "Số lô", "Mã cơ sở")
RIGHT: Mapping[str, Any] = {
    "Họ và tên": "Nguyễn Thị Ví Dụ",
    "Ngày sinh": "15/04/1990",
    "Giới tính": "Nữ",
    "Số CCCD": "001190000017",
    "Ngày tiêm": "15/08/2021",
    "Tên vắc xin": "AstraZeneca",
    "Mũi số": 1,
    "Số lô": "AB123",
    "Mã cơ sở": "01001",
}
EXTRACT = """so_dinh_danh,ho_ten,ngay_sinh,gioi_tinh,so_giay_to_cu,ma_xa,quoc_tich,ngay_mat
001190000017,Nguyễn Thị Ví Dụ,1990-04-15,Nữ,012345678,00001,Việt Nam,
066050000021,H'Hen Niê,1950,Nam,,24133,Việt Nam,
"""


def xlsx(path: Path, *sheets: Sequence[Sequence[Any]], names: Sequence[str] = ()) -> Path:
    """A workbook with these rows in its sheets."""
    workbook = openpyxl.Workbook()
    workbook.remove(workbook.active)
    for at, rows in enumerate(sheets):
        sheet = workbook.create_sheet(names[at] if names else f"Tờ {at + 1}")
        for row in rows:
            sheet.append(list(row))
    workbook.save(path)
    return path


def csv_text(*rows: Sequence[Any], separator: str = ",") -> str:
    """The rows as the text of a .csv."""
    out = io.StringIO()
    csv.writer(out, delimiter=separator, lineterminator="\r\n").writerows(rows)
    return out.getvalue()


def row(**changed: Any) -> list[Any]:
    """A right row of HEADER with some cells changed (blanks of the header's names as underscores)."""
    cells = dict(RIGHT) | {name.replace("_", " "): value for name, value in changed.items()}
    assert list(cells) == list(HEADER)
    return list(cells.values())


def load(register: sa.Engine, folder: Path, text: str = EXTRACT, name: str = "people.csv") -> None:
    """Load an extract."""
    (folder / name).write_text(text, encoding="utf-8")
    load_people(register, folder / name, now=NOW, actor="test")


def take(register: sa.Engine, path: Path, **more: Any) -> FileTaken:
    """Take in a file."""
    return take_in(register, path, now=NOW, actor="test", **more)


def cleaned(register: sa.Engine) -> CleanCounts:
    """Clean what was taken in."""
    return clean(register, now=NOW, actor="test")


def all_outcomes(register: sa.Engine) -> list[RowOutcome]:
    """Every row's outcome."""
    with reading(register) as connection:
        return list(outcomes(connection))


def table(register: sa.Engine, name: str) -> list[dict[str, Any]]:
    """Every row of a table."""
    with reading(register) as connection:
        return [dict(one) for one in connection.execute(sa.text(f"SELECT * FROM {name} ORDER BY 1, 2")).mappings()]
