"""Two communes, a dozen doses and the officers around them, brought in through the issuer's own steps.

The rows of commune 00256, in order: marks missing, day and month exchanged, a digit wrong, no number, malformed
number, sex missing, birth year only, one that fits nobody, two namesakes, one that is right.
"""

import contextlib
import csv
import io
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Sequence
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import sqlalchemy as sa

from issuer.__main__ import main
from issuer.audit import timestamp
from issuer.store import worklist_store
from issuer.store.engine import open_database, reading, writing
from issuer.store.queue_store import refresh
from issuer.store.tables import audit_entry, dose, link
from issuer.store.worklist_store import Filters, Scope
from issuer.store.worklist_tables import account, work_item
from issuer.worklist.item import View, view
from issuer.worklist.roles import Officer, Role

ROOT = Path(__file__).parents[1]
OPENED = datetime(2022, 5, 4, 1, 0, tzinfo=UTC)
NOW = OPENED + timedelta(hours=3)
PASSWORD = "mot mat khau du dai"
HOME, AWAY = "00256", "00259"

PEOPLE = [
    # number, name, birth date, sex, old numbers, commune
    ("001190000011", "Nguyễn Thị Ví Dụ", "1990-04-15", "Nữ", "", HOME),
    ("001085000022", "Trần Văn Mẫu", "1985-03-07", "Nam", "", HOME),
    ("001170000033", "Lê Thị Hòa", "1970-12-21", "Nữ", "012345678", HOME),
    ("001095000044", "Phạm Quốc Thử", "1995-06-30", "Nam", "", HOME),
    ("001188000055", "Hoàng Thị Nghiệm", "1988-09-09", "Nữ", "", HOME),
    ("001092000066", "Vũ Đức Kiểm", "1992-02-28", "Nam", "", HOME),
    ("001150000077", "Đặng Thị Tra", "1950-08-17", "Nữ", "", HOME),
    ("001093000088", "Ngô Văn Trùng", "1993-01-19", "Nam", "", HOME),
    ("001093000099", "Ngô Văn Trùng", "1993-01-19", "Nam", "", HOME),
    ("001191000100", "Bùi Thị Đúng", "1991-11-11", "Nữ", "", HOME),
    ("001180000111", "Đỗ Thị Xa", "1980-05-25", "Nữ", "", AWAY),
    ("001180000122", "Phan Văn Khác", "1980-10-02", "Nam", "", AWAY),
]
DOSES = {
    "0025601": [
        # name, birth date, sex, number
        ("Nguyen Thi Vi Du", "15/04/1990", "Nữ", "001190000011"),
        ("Trần Văn Mẫu", "03/07/1985", "Nam", "001085000022"),
        ("Lê Thị Hòa", "21/12/1970", "Nữ", "001170000038"),
        ("Phạm Quốc Thử", "30/06/1995", "Nam", ""),
        ("Hoàng Thị Nghiệm", "09/09/1988", "Nữ", "0011880"),
        ("Vũ Đức Kiểm", "28/02/1992", "", "001092000066"),
        ("Đặng Thị Tra", "1950", "Nữ", "001150000077"),
        ("Lý Văn Lạ", "13/10/1977", "Nam", "001077999999"),
        ("Ngô Văn Trùng", "19/01/1993", "Nam", ""),
        ("Bùi Thị Đúng", "11/11/1991", "Nữ", "001191000100"),
    ],
    "0025901": [
        ("Do Thi Xa", "25/05/1980", "Nữ", "001180000111"),
        ("Phan Van Khac", "02/10/1980", "Nam", "001180000122"),
    ],
}
OFFICERS = [
    ("tram", Role.STATION, HOME),
    ("congan", Role.POLICE, HOME),
    ("congan2", Role.POLICE, HOME),
    ("tram.xa", Role.STATION, AWAY),
    ("congan.xa", Role.POLICE, AWAY),
    ("huyen", Role.DISTRICT, "008"),
    ("huyen.khac", Role.DISTRICT, "009"),
    ("tinh", Role.PROVINCE, "01"),
    ("bo", Role.MINISTRY, ""),
]


@dataclass(frozen=True)
class World:
    """The register and who works on it."""

    engine: sa.Engine
    folder: Path

    def officer(self, login: str) -> Officer:
        with reading(self.engine) as connection:
            row = connection.execute(sa.select(account).where(account.c.login == login)).one()
        return Officer(row.account_id, row.login, row.name, Role(row.role), row.area_code)

    def token(self, name: str) -> str:
        """The token of the record with this name as typed."""
        query = sa.select(work_item.c.token).join(dose, dose.c.dose_id == work_item.c.dose_id)
        with reading(self.engine) as connection:
            return connection.scalars(query.where(dose.c.full_name == name)).one()

    def view(self, login: str, token: str) -> View:
        with reading(self.engine) as connection:
            return view(connection, self.officer(login), token)

    def seal(self, login: str, token: str) -> str:
        return self.view(login, token).seal

    def link_of(self, token: str) -> tuple[str, int | None, str]:
        query = sa.select(link.c.link_class, link.c.person_id, link.c.basis)
        with reading(self.engine) as connection:
            row = connection.execute(
                query.join(work_item, work_item.c.dose_id == link.c.dose_id).where(work_item.c.token == token)
            ).one()
        return row[0], row[1], row[2]

    def dose_of(self, token: str) -> dict[str, object]:
        with reading(self.engine) as connection:
            number = connection.scalar(sa.select(work_item.c.dose_id).where(work_item.c.token == token))
            return worklist_store.facts(connection, number)

    def state(self, token: str) -> str:
        with reading(self.engine) as connection:
            return connection.scalars(sa.select(work_item.c.state).where(work_item.c.token == token)).one()

    def names(self, area: str, filters: Filters | None = None) -> list[str]:
        with reading(self.engine) as connection:
            return [row.full_name for row in worklist_store.page(connection, Scope(area), filters or Filters(), 0, 100)]

    def audit(self) -> list[tuple[str, str, str, str]]:
        """Actor, action, object and reason of every line, in order."""
        columns = [audit_entry.c[name] for name in ("actor", "action", "object", "reason")]
        with reading(self.engine) as connection:
            return [tuple(row) for row in connection.execute(sa.select(*columns).order_by(audit_entry.c.seq))]


def command(url: str, *arguments: str, stdin: str = "") -> str:
    """One `python -m issuer ...`; what it printed."""
    if not url.startswith("sqlite"):  # a database that is copied later must have lost its last connection
        whole = [sys.executable, "-m", "issuer", "--database", url, "--actor", "tests", *arguments]
        done = subprocess.run(whole, input=stdin, capture_output=True, text=True, check=False, cwd=ROOT)
        assert done.returncode == 0, done.stderr
        return done.stdout
    out, err, before = io.StringIO(), io.StringIO(), sys.stdin
    sys.stdin = io.StringIO(stdin)
    try:
        with redirect_stdout(out), redirect_stderr(err):
            code = main(["--database", url, "--actor", "tests", *arguments])
    finally:
        sys.stdin = before
    assert code == 0, err.getvalue()
    return out.getvalue()


def build(folder: Path, url: str = "") -> None:
    """The register, a file in `folder` if no other is told, with every account's password changed already."""
    folder.mkdir(parents=True, exist_ok=True)
    url = url or f"sqlite:///{folder}/register.sqlite"
    header = ["so_dinh_danh", "ho_ten", "ngay_sinh", "gioi_tinh", "so_giay_to_cu", "ma_xa", "quoc_tich", "ngay_mat"]
    _csv(folder / "people.csv", header, [(*one, "Việt Nam", "") for one in PEOPLE])
    command(url, "people", "load", str(folder / "people.csv"))
    header = ["STT", "Họ và tên", "Ngày sinh", "Giới tính", "CCCD", "Tên vắc xin", "Mũi số", "Loại mũi"]
    header += ["Số lô", "Ngày tiêm", "Cơ sở tiêm chủng", "Mã cơ sở"]
    for code, rows in DOSES.items():
        filled = [
            (at, *row, "Pfizer", "1", "Cơ bản", "FH4092", "20/09/2021", f"Trạm Y tế {code}", code)
            for at, row in enumerate(rows, 1)
        ]
        _csv(folder / f"{code}.csv", header, filled)
        command(url, "intake", str(folder / f"{code}.csv"))
    command(url, "clean")
    command(url, "link")
    areas = [("01", "Tỉnh Một", ""), ("008", "Huyện Tám", "01"), ("009", "Huyện Chín", "01")]
    areas += [(HOME, "Xã Nhà", "008"), (AWAY, "Xã Xa", "008")]
    _csv(folder / "areas.csv", ["ma", "ten", "ma_cap_tren"], areas)
    facilities = [("0025601", "Trạm Y tế 0025601", HOME), ("0025901", "Trạm Y tế 0025901", AWAY)]
    _csv(folder / "facilities.csv", ["ma_co_so", "ten", "ma_xa"], facilities)
    command(url, "area", "load", str(folder / "areas.csv"))
    command(url, "area", "facilities", str(folder / "facilities.csv"))
    for login, role, area in OFFICERS:
        words = ["--login", login, "--staff-number", f"CB-{login}", "--name", f"Cán bộ {login}", "--role", role]
        command(url, "account", "add", *words, "--area", area, stdin=f"{PASSWORD}\n")
    engine = open_database(url)
    with writing(engine) as connection:
        connection.execute(work_item.delete())  # opened by `link`, at the machine's time
        connection.execute(account.update().values(must_change=0))
        refresh(connection, timestamp(OPENED))
    engine.dispose()
    if url.startswith("sqlite"):  # the file will be copied without its log
        with contextlib.closing(sqlite3.connect(folder / "register.sqlite")) as plain:
            plain.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def copy(template: Path, folder: Path) -> World:
    """A world of one's own."""
    shutil.copy(template / "register.sqlite", folder / "register.sqlite")
    return World(open_database(f"sqlite:///{folder}/register.sqlite"), folder)


def _csv(path: Path, header: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as stream:
        csv.writer(stream).writerows([header, *rows])
