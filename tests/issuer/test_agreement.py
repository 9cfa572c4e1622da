"""Two columns of one fact: where the cells of a row differ, neither is taken in silence."""

from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from issuer.clean.agreement import agreed
from tests.dose_lists import all_outcomes, cleaned, csv_text, table, take

WHO = ("Họ và tên", "Ngày sinh", "Giới tính", "Số CCCD")
PERSON = ("Nguyễn Thị Ví Dụ", "15/04/1990", "Nữ", "001190000017")


@pytest.mark.parametrize(
    ("name", "cells", "taken"),
    [
        ("vaccinated_on", ["15/08/2021", "15/08/2021"], ("15/08/2021", True)),
        ("vaccinated_on", ["15/08/2021", {"d": "2021-08-15"}], ("15/08/2021", True)),
        ("vaccinated_on", ["15/08/2021", ""], ("15/08/2021", True)),
        ("vaccinated_on", ["", "15/08/2021"], ("15/08/2021", True)),
        ("vaccinated_on", ["15/08/2021", "08:30"], ("15/08/2021", True)),
        ("vaccinated_on", [{"t": "08:30:00"}, "15/08/2021"], ("15/08/2021", True)),
        ("vaccinated_on", ["15/08/2021", "8h30"], ("15/08/2021", True)),
        ("vaccinated_on", ["15/08/2021", "16/08/2021"], ("", False)),
        ("vaccinated_on", ["15/08/2021", "hôm qua"], ("", False)),
        ("vaccinated_on", ["", ""], ("", True)),
        ("vaccinated_on", ["15/08/2021", "15/08/2021", "16/08/2021"], ("", False)),
        ("vaccine", ["AZ", "AstraZeneca"], ("AZ", True)),
        ("vaccine", ["AZ", "Pfizer"], ("", False)),
        ("vaccine", ["Qdenga", "QDENGA"], ("Qdenga", True)),
        ("vaccine", ["AZ", "Sputnik"], ("", False)),
        ("dose_number", ["mũi 2", 2], ("mũi 2", True)),
        ("dose_number", [1, 2], ("", False)),
        ("lot", ["ab 123", "AB123"], ("ab 123", True)),
        ("lot", ["AB123", "AB124"], ("", False)),
        ("phone", ["0900000001", "0900000002"], ("0900000001", False)),
        ("address", ["Số 5", "Thôn 1", "Thôn 1"], ("Số 5, Thôn 1", True)),
        ("commune", ["00001", "Phường Phúc Xá"], ("00001", True)),
        ("commune", ["Phường Phúc Xá", 1], ("Phường Phúc Xá", True)),
        ("commune", ["00001", "00004"], ("00001", False)),
        ("commune", ["", "00004"], ("00004", True)),
        ("facility_name", ["TYT xã A", "tyt xã a"], ("TYT xã A", True)),
    ],
)
def test_cells_of_one_fact(name: str, cells: list[Any], taken: tuple[Any, bool]) -> None:
    assert agreed(name, cells, "dmy") == taken


@pytest.mark.parametrize("second", ["Ngày tiêm", "Ngày tiêm thực tế", "Ngày tiêm (mới)"])
def test_two_days_of_one_dose_are_told(register: sa.Engine, tmp_path: Path, second: str) -> None:
    header = [*WHO, "Ngày tiêm", second, "Vắc xin", "Mũi số", "Số lô"]
    rows = [
        [*PERSON, "15/08/2021", "15/08/2021", "AZ", 1, "A1"],
        [*PERSON, "20/10/2021", "21/10/2021", "AZ", 2, "A1"],
        [*PERSON, "20/10/2021", "22/10/2021", "AZ", 2, "A1"],  # another pair of days: no repeat of the row before
        [*PERSON, "", "01/03/2022", "AZ", 3, "A1"],
    ]
    (tmp_path / "a.csv").write_text(csv_text(header, *rows), encoding="utf-8")
    take(register, tmp_path / "a.csv", facility_code="01001")
    cleaned(register)
    assert [(one.fate, one.problems) for one in all_outcomes(register)][1:] == [
        ("stored", ()),
        ("stored", ("COLUMNS_DISAGREE", "DOSE_DATE_MISSING")),
        ("stored", ("COLUMNS_DISAGREE", "DOSE_DATE_MISSING")),
        ("stored", ()),
    ]
    assert [one["vaccinated_on"] for one in table(register, "dose")] == ["2021-08-15", "", "", "2022-03-01"]
    raw = [one["raw"] for one in table(register, "problem") if one["code"] == "COLUMNS_DISAGREE"]
    assert raw == ["20/10/2021 / 21/10/2021", "20/10/2021 / 22/10/2021"]


def test_two_vaccines_of_one_dose_are_told(sqlite_register: sa.Engine, tmp_path: Path) -> None:
    header = [*WHO, "Ngày tiêm", "Vắc xin", "Loại vắc xin", "Mũi số", "Số lô", "SĐT", "Điện thoại liên hệ"]
    row = [*PERSON, "15/08/2021", "AZ", "Pfizer", 1, "A1", "0900000001", "0900000002"]
    (tmp_path / "a.csv").write_text(csv_text(header, row), encoding="utf-8")
    take(sqlite_register, tmp_path / "a.csv", facility_code="01001")
    cleaned(sqlite_register)
    told = [(one["code"], one["field"]) for one in table(sqlite_register, "problem")][1:]
    assert told == [("COLUMNS_DISAGREE", "vaccine"), ("COLUMNS_DISAGREE", "phone"), ("VACCINE_MISSING", "vaccine")]


def test_two_days_of_a_numbered_dose_are_told(sqlite_register: sa.Engine, tmp_path: Path) -> None:
    header = [*WHO, "Vắc xin", "Ngày tiêm mũi 1", "Ngày tiêm (mũi 1)", "Ngày tiêm mũi 2"]
    row = [*PERSON, "AZ", "15/08/2021", "16/08/2021", "20/10/2021"]
    other = [
        "Lê Văn Mẫu",
        "15/04/1991",
        "Nam",
        "001091000018",
        "AZ",
        "",
        "17/08/2021",
        "",
    ]  # in the second column alone
    (tmp_path / "a.csv").write_text(csv_text(header, row, other), encoding="utf-8")
    take(sqlite_register, tmp_path / "a.csv", facility_code="01001")
    cleaned(sqlite_register)
    assert [one["vaccinated_on"] for one in table(sqlite_register, "dose")] == ["", "2021-10-20", "2021-08-17"]
    assert all_outcomes(sqlite_register)[1].problems[0] == "COLUMNS_DISAGREE"
