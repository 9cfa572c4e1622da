"""Doses against the lots that their facility was sent: what is told, when, and that it goes away again."""

import datetime as dt
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import duckdb
import pytest
import sqlalchemy as sa

from issuer.__main__ import main
from issuer.audit import check
from issuer.clean.lots import check_lots
from issuer.clean.problems import Problem
from issuer.deliveries import COLUMNS, DeliveriesLoaded, load_deliveries
from issuer.errors import Code, IssuerError
from issuer.store.engine import open_database, reading
from tests.conftest import ROOT
from tests.dose_lists import HEADER, NOW, all_outcomes, cleaned, csv_text, load, row, table, take
from tests.every_table import every_table

LATER = NOW + dt.timedelta(days=1)
HEAD = ",".join(COLUMNS[:6])
AB123 = "01001,AstraZeneca,AB123,100,2021-08-01,2021-11-30"
"""The lot of every right row of tests.dose_lists, fourteen days before its dose."""


def deliver(
    register: sa.Engine, folder: Path, *lines: str, now: dt.datetime = NOW, head: str = HEAD
) -> DeliveriesLoaded:
    path = folder / "deliveries.csv"
    path.write_text("\n".join((head, *lines)), encoding="utf-8")
    return load_deliveries(register, path, now=now, actor="test")


def send(register: sa.Engine, folder: Path, *rows: list[object], name: str = "doses.csv") -> None:
    (folder / name).write_text(csv_text(HEADER, *rows), encoding="utf-8")
    take(register, folder / name)
    cleaned(register)


def told(register: sa.Engine) -> list[tuple[str, ...]]:
    """Problems of every dose, in the order of the rows."""
    return [one.problems for one in all_outcomes(register) if one.fate == "stored"]


CASES = [
    ("the lot as delivered", {}, [AB123], ()),
    ("no delivery to this facility is known", {}, ["01002,AstraZeneca,XY1,100,2021-08-01,"], ()),
    ("case and blanks of the lot", {"Số_lô": " ab 123"}, [AB123], ()),
    ("letter O for zero", {"Số_lô": "ABO12"}, ["01001,AZD1222,AB012,100,2021-08-01,"], ("LOT_LETTER_O",)),
    ("letter O in the delivery list", {"Số_lô": "AB012"}, ["01001,AstraZeneca,ABO12,100,2021-08-01,"], ()),
    ("no lot told", {"Số_lô": ""}, [AB123], ("LOT_MISSING",)),
    ("another lot", {"Số_lô": "AB124"}, [AB123], ("LOT_NOT_DELIVERED",)),
    ("before the first delivery that is known", {"Số_lô": "AB124", "Ngày_tiêm": "31/07/2021"}, [AB123], ()),
    ("after the list was loaded", {"Số_lô": "AB124", "Ngày_tiêm": "25/04/2022"}, ["late"], ()),
    ("day not known", {"Số_lô": "AB124", "Ngày_tiêm": ""}, [AB123], ("DOSE_DATE_MISSING",)),
    ("the lot of another product", {"Tên_vắc_xin": "Pfizer"}, [AB123], ("LOT_OF_OTHER_PRODUCT",)),
    (
        "one number, two makers",
        {"Tên_vắc_xin": "Pfizer"},
        [AB123, "01001,Pfizer,AB123,12,2021-08-01,"],
        (),
    ),
    ("product not read", {"Tên_vắc_xin": "Sputnik"}, [AB123], ("VACCINE_AMBIGUOUS",)),
    ("before its delivery", {"Ngày_tiêm": "31/07/2021"}, [AB123], ("LOT_BEFORE_DELIVERY",)),
    ("on the day of its delivery", {"Ngày_tiêm": "01/08/2021"}, [AB123], ()),
    ("on its last day", {"Ngày_tiêm": "30/11/2021"}, [AB123], ()),
    ("expired", {"Ngày_tiêm": "01/12/2021"}, [AB123], ("LOT_EXPIRED",)),
    (
        "a lot whose life was extended",
        {"Ngày_tiêm": "01/12/2021"},
        [AB123, "01001,AstraZeneca,AB123,10,2021-08-20,2022-02-28"],
        (),
    ),
    ("expiry not told", {"Ngày_tiêm": "01/12/2021"}, ["01001,AstraZeneca,AB123,100,2021-08-01,"], ()),
    ("a delivery taken back", {}, ["01001,AstraZeneca,AB123,0,2021-08-01,", "01001,Pfizer,FK1,9,2021-08-01,"],
     ("LOT_NOT_DELIVERED",)),
    ("every delivery taken back: none is known", {}, ["01001,AstraZeneca,AB123,0,2021-08-01,"], ()),
]  # fmt: skip


@pytest.mark.parametrize("first", ["the doses first", "the deliveries first"])
@pytest.mark.parametrize(("why", "changed", "lines", "problems"), CASES, ids=[case[0] for case in CASES])
def test_one_dose(
    why: str,
    changed: dict[str, str],
    lines: list[str],
    problems: tuple[str, ...],
    first: str,
    sqlite_register: sa.Engine,
    tmp_path: Path,
) -> None:
    on = NOW
    if lines == ["late"]:
        lines, on = [AB123], dt.datetime(2022, 4, 24, tzinfo=dt.UTC)
    steps: list[Callable[[], object]] = [
        lambda: send(sqlite_register, tmp_path, row(**changed)),
        lambda: deliver(sqlite_register, tmp_path, *lines, now=on),
    ]
    for step in steps if first == "the doses first" else reversed(steps):
        step()
    check_lots(sqlite_register)
    assert told(sqlite_register) == [problems]
    assert [one["is_blocked"] for one in table(sqlite_register, "dose")] == [
        int(any(Problem[code].blocks for code in problems))
    ]
