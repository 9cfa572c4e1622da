"""Lists that hold several doses of a person in one row: every dose has a fate of its own, and none is lost."""

import datetime as dt
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import openpyxl
import pytest
import sqlalchemy as sa
from hypothesis import given, settings
from hypothesis import strategies as st

from issuer.__main__ import main
from issuer.clean.row import RowCleaner
from issuer.intake.cells import cells_from_json, cells_to_json
from issuer.intake.dose_columns import DoseColumns, dose_column
from issuer.intake.headers import find_header
from issuer.intake.layout import Layout, LayoutFinder
from issuer.intake.unfold import Unfolder
from issuer.link.run import link_doses
from issuer.reading.problems import Problem
from issuer.results.on_original import write_on_original
from issuer.results.plain import write_result
from issuer.store import result_store
from issuer.store.engine import reading
from tests.dose_lists import NOW, all_outcomes, cleaned, csv_text, load, table, take, xlsx

WHO = ("Họ và tên", "Ngày sinh", "Giới tính", "Số CCCD")
PERSON = ("Nguyễn Thị Ví Dụ", "15/04/1990", "Nữ", "001190000017")
OTHER = ("H'Hen Niê", "1950", "Nam", "066050000021")
THREE = ("Vắc xin", "Ngày tiêm", "Số lô")
TWO = (*WHO, *(f"{fact} mũi {nth}" for nth in (1, 2) for fact in THREE))
FIRST, SECOND = ("AstraZeneca", "15/08/2021", "AB123"), ("AstraZeneca", "20/10/2021", "AB456")
NONE = ("", "", "")


def doses(register: sa.Engine) -> list[tuple[Any, ...]]:
    """What was stored of each dose, in the order of the rows."""
    names = ("vaccinated_on", "product", "dose_number", "dose_role", "lot")
    return [tuple(one[name] for name in names) for one in table(register, "dose")]


def loaded(register: sa.Engine, folder: Path, *rows: Sequence[Any], name: str = "a.csv") -> None:
    """Take in and clean a .csv of these rows; whoever sends it answers for the doses."""
    (folder / name).write_text(csv_text(*rows), encoding="utf-8")
    take(register, folder / name, facility_code="01001")
    cleaned(register)


def fates(register: sa.Engine) -> list[tuple[int, str]]:
    return [(one.row, one.fate) for one in all_outcomes(register)]


# how headings name a dose


@pytest.mark.parametrize(
    ("text", "group", "found"),
    [
        ("Ngày tiêm mũi 1", "", ("mũi 1", "vaccinated_on")),
        ("Ngày tiêm (mũi 2)", "", ("mũi 2", "vaccinated_on")),
        ("Ngày tiêm mũi 1 (dd/mm/yyyy)", "", ("mũi 1", "vaccinated_on")),
        ("NGÀY TIÊM MŨI THỨ NHẤT", "", ("mũi 1", "vaccinated_on")),
        ("Ngay tiem mui 2", "", ("mũi 2", "vaccinated_on")),
        ("Mũi 3: Ngày tiêm", "", ("mũi 3", "vaccinated_on")),
        ("Ngày mũi 1", "", ("mũi 1", "vaccinated_day")),
        ("Ngày tiêm lần 2", "", ("mũi 2", "vaccinated_on")),
        ("Ngày tiêm M1", "", ("mũi 1", "vaccinated_on")),
        ("Ngày tiêm 2", "", ("mũi 2", "vaccinated_on")),
        ("Ngày tiêm liều nhắc lại 1", "", ("nhắc lại 1", "vaccinated_on")),
        ("Ngày tiêm mũi bổ sung", "", ("bổ sung", "vaccinated_on")),
        ("Ngày tiêm mũi 3 (nhắc lại)", "", ("mũi 3 nhắc lại", "vaccinated_on")),
        ("Tên vắc xin mũi 1", "", ("mũi 1", "vaccine")),
        ("Loại vắc xin tiêm mũi 2", "", ("mũi 2", "vaccine")),
        ("Vắc xin COVID-19 mũi 2", "", ("mũi 2", "vaccine")),
        ("Số lô\nmũi II", "", ("mũi 2", "lot")),
        ("Số lô vắc xin mũi 1", "", ("mũi 1", "lot")),
        ("Nơi tiêm mũi 1", "", ("mũi 1", "facility_name")),
        ("Mũi 1", "", ("mũi 1", "dose")),
        ("Tiêm mũi 2", "", ("mũi 2", "dose")),
        ("Ngày tiêm", "Mũi 1", ("mũi 1", "vaccinated_on")),
        ("Ngày", "Mũi 1", ("mũi 1", "vaccinated_day")),
        ("Ngày", "Ngày tiêm mũi 1", ("mũi 1", "vaccinated_day")),
        ("Vắc xin", "Thông tin tiêm chủng mũi 2", ("mũi 2", "vaccine")),
        ("Mũi 2", "Ngày tiêm", ("mũi 2", "vaccinated_on")),
        ("Mũi 2", "Liều cơ bản", ("cơ bản 2", "dose")),
        ("Ngày tiêm", "Liều nhắc lại Mũi 2", ("nhắc lại 2", "vaccinated_on")),
        ("Ngày tiêm mũi ba", "", ("mũi 3", "vaccinated_on")),
        ("Ngay tiem mui thu ba", "", ("mũi 3", "vaccinated_on")),
        ("VX mũi 1", "", ("mũi 1", "vaccine")),
        ("Loại", "Mũi 1", ("mũi 1", "vaccine")),
        ("Tên", "Mũi 1", ("mũi 1", "vaccine")),
        ("Nơi tiêm chủng", "Mũi 1", ("mũi 1", "facility_name")),
        ("MŨI 01", "", ("mũi 1", "dose")),
        ("Dose 2", "", ("mũi 2", "dose")),
        ("2", "Ngày tiêm mũi", ("mũi 2", "vaccinated_on")),
        ("2", "Mũi", ("mũi 2", "dose")),
        ("Mũi 1", "Lịch sử tiêm", ("mũi 1", "dose")),
        ("Mũi 1", "Mũi tiêm", ("mũi 1", "dose")),
        ("Mũi số", "Mũi 1", ("mũi 1", "dose_number")),
        ("Mũi 1", "Phản ứng sau tiêm", ("mũi 1", "reaction")),
        # a day that is yet to come, a day of something else
        ("Ngày tiêm mũi 2 (dự kiến)", "", None),
        ("Ngày tiêm", "Mũi 2 (hẹn)", None),
        ("Mũi 2", "Ngày hẹn tiêm", None),
        ("Ngày", "Phản ứng sau tiêm mũi 1", None),
        ("Ngày sinh", "Mũi 1", None),
        # no dose, or not one alone
        ("Ngày tiêm mũi 1 của ba", "", None),
        ("Mũi số", "", None),
        ("Mũi tiêm (7)", "", None),
        ("Mũi số (1, 2, 3)", "", None),
        ("Mũi tiêm (1: mũi 1; 2: mũi 2)", "", None),
        ("Loại liều (cơ bản, bổ sung, nhắc lại)", "", None),
        ("Khoảng cách mũi 1 - mũi 2", "", None),
        ("Ngày hẹn tiêm mũi 2", "", None),
        ("Ngày dự kiến tiêm mũi 2", "", None),
        ("Đăng ký mũi thứ 2", "", None),
        ("Ngày tiêm mũi 1 của mẹ", "", None),
        ("Người tiêm mũi 1", "", None),
        ("Ngày tiêm", "Mẹ mũi 1", None),
        ("Địa chỉ 1", "", None),
        ("Họ và tên", "Mũi 1", None),
        ("Ngày tiêm", "", None),
    ],
)
def test_headings_of_doses(text: str, group: str, found: tuple[str, str] | None) -> None:
    assert dose_column(text, group) == found


def test_the_seven_places_of_the_paper_certificate() -> None:
    upper = [*WHO, "Liều cơ bản", *[""] * 5, "Liều bổ sung", "", "Liều nhắc lại", *[""] * 5]
    middle = ["", "", "", "", "Mũi 1", "", "Mũi 2", "", "Mũi 3", "", "", "", "Mũi 1", "", "Mũi 2", "", "Mũi 3", ""]
    lower = ["", "", "", "", *("Ngày tiêm", "Loại vắc xin") * 7]
    header = find_header([["GIẤY XÁC NHẬN"], upper, middle, lower])
    assert header is not None and (header.first, header.last) == (1, 3)
    assert set(header.columns) == {"full_name", "birth_date", "sex", "id_number"}
    labels = [f"cơ bản {nth}" for nth in (1, 2, 3)] + ["bổ sung"] + [f"nhắc lại {nth}" for nth in (1, 2, 3)]
    assert [one.label for one in header.doses] == labels
    assert [one.columns for one in header.doses] == [{"vaccinated_on": at, "vaccine": at + 1} for at in range(4, 18, 2)]


# what becomes of the doses


def test_two_doses_of_a_row_are_two_doses(register: sa.Engine, tmp_path: Path) -> None:
    load(register, tmp_path)
    loaded(register, tmp_path, TWO, [*PERSON, *FIRST, *SECOND], [*OTHER, *FIRST, *NONE], [*OTHER, *NONE, *SECOND])
    link_doses(register, now=NOW, actor="test")
    assert doses(register) == [
        ("2021-08-15", "EU/1/21/1529", 1, "", "AB123"),
        ("2021-10-20", "EU/1/21/1529", 2, "", "AB456"),
        ("2021-08-15", "EU/1/21/1529", 1, "", "AB123"),
        ("2021-10-20", "EU/1/21/1529", 2, "", "AB456"),
    ]
    assert [(one.row, one.fate, one.link_class, one.national_id) for one in all_outcomes(register)][1:] == [
        (2, "stored", "matched", PERSON[3]),
        (2, "stored", "matched", PERSON[3]),
        (3, "stored", "matched", OTHER[3]),
        (4, "stored", "matched", OTHER[3]),
    ]
    assert {one["cells"] for one in table(register, "source_row") if one["row_no"] == 2} == {
        '["Nguyễn Thị Ví Dụ","15/04/1990","Nữ","001190000017","AstraZeneca","15/08/2021","AB123",'
        '"AstraZeneca","20/10/2021","AB456"]'
    }


def test_counts_add_up_and_the_same_file_again_changes_nothing(register: sa.Engine, tmp_path: Path) -> None:
    rows = [TWO, [*PERSON, *FIRST, *SECOND], [*PERSON, *FIRST, *NONE], [*OTHER, *NONE, *NONE], ["Tổng cộng", *[""] * 9]]
    (tmp_path / "a.csv").write_text(csv_text(*rows), encoding="utf-8")
    taken = take(register, tmp_path / "a.csv", facility_code="01001")
    assert (taken.rows, taken.further) == (6, 1)
    counts = cleaned(register)
    assert counts.rows == sum(counts.fates.values()) == 6
    assert [(one.row, one.fate, one.problems) for one in all_outcomes(register)] == [
        (1, "rejected", ("SHEET_HEADER",)),
        (2, "stored", ()),
        (2, "stored", ()),
        (3, "duplicate", ()),
        (4, "rejected", ("SHEET_NO_DOSE",)),
        (5, "rejected", ("SHEET_TOTAL",)),
    ]
    before = {name: table(register, name) for name in ("source_row", "row_outcome", "dose", "problem", "audit_entry")}
    assert take(register, tmp_path / "a.csv").already
    assert cleaned(register).rows == 0
    assert before == {name: table(register, name) for name in before}


def test_the_same_dose_in_a_list_of_its_own_is_a_duplicate(register: sa.Engine, tmp_path: Path) -> None:
    loaded(register, tmp_path, TWO, [*PERSON, *FIRST, *SECOND])
    single = [*WHO, *THREE, "Mũi số"]
    loaded(register, tmp_path, single, [*PERSON, *SECOND, 2], [*PERSON, *FIRST, 1], name="b.csv")
    assert fates(register)[4:] == [(2, "duplicate"), (3, "duplicate")]


@pytest.mark.parametrize("blank", ["-", "không", "Chưa tiêm", "0", "/", "…"])
def test_words_for_no_dose_are_none(sqlite_register: sa.Engine, tmp_path: Path, blank: str) -> None:
    loaded(sqlite_register, tmp_path, TWO, [*PERSON, *FIRST, blank, blank, ""])
    assert [one[2] for one in doses(sqlite_register)] == [1]


def test_half_a_dose_is_told_and_never_dropped(sqlite_register: sa.Engine, tmp_path: Path) -> None:
    loaded(sqlite_register, tmp_path, TWO, [*PERSON, *FIRST, "Pfizer", "", ""], [*OTHER, *FIRST, "", "hôm qua", ""])
    assert [(one.row, one.problems) for one in all_outcomes(sqlite_register)][1:] == [
        (2, ()),
        (2, ("DOSE_DATE_MISSING", "LOT_MISSING")),
        (3, ()),
        (3, ("DOSE_DATE_UNREADABLE", "VACCINE_MISSING", "LOT_MISSING")),
    ]


def test_groups_merged_over_their_columns(register: sa.Engine, tmp_path: Path) -> None:
    load(register, tmp_path)
    path = xlsx(
        tmp_path / "a.xlsx",
        [
            ["DANH SÁCH TIÊM CHỦNG"],
            ["STT", *WHO, "Mũi 1", "", "", "Mũi 2", "", "", "Cơ sở tiêm", "Ghi chú"],
            ["", "", "", "", "", *THREE, *THREE, "", ""],
            [1, *PERSON, *FIRST, *SECOND, "TYT xã A", ""],
            [2, *OTHER, *FIRST, *NONE, "TYT xã A", ""],
            ["", "", "", "", "", *THREE, *THREE, "", ""],
        ],
    )
    book = openpyxl.load_workbook(path)
    page = book.worksheets[0]
    for one in ("F2:H2", "I2:K2", *(f"{letter}2:{letter}3" for letter in "ABCDELM"), "A1:M1"):
        page.merge_cells(one)
    book.save(path)
    take(register, path)
    cleaned(register)
    assert [(one.row, one.fate) for one in all_outcomes(register)] == [
        *[(at, "rejected") for at in (1, 2, 3)],
        *[(4, "stored"), (4, "stored"), (5, "stored"), (6, "rejected")],
    ]
    assert [one[:3] for one in doses(register)] == [
        ("2021-08-15", "EU/1/21/1529", 1),
        ("2021-10-20", "EU/1/21/1529", 2),
        ("2021-08-15", "EU/1/21/1529", 1),
    ]
    assert {one["facility_name"] for one in table(register, "dose")} == {"TYT xã A"}


def test_unknown_words_under_a_dose_do_not_hide_the_second_line() -> None:
    header = find_header(
        [
            ["STT", *WHO, "Mũi 1", "", "", "", "Mũi 2", "", "", ""],
            ["", "", "", "", "", *("Vắc xin", "Hạn dùng", "Ngày tiêm", "BS khám") * 2],
            [1, *PERSON, "AZ", "12/2021", "15/08/2021", "Lan", "AZ", "12/2021", "20/10/2021", "Lan"],
        ]
    )
    assert header is not None and (header.first, header.last) == (0, 1)
    assert [one.columns for one in header.doses] == [
        {"vaccine": 5, "vaccinated_on": 7},
        {"vaccine": 9, "vaccinated_on": 11},
    ]


def test_the_groups_alone_in_the_upper_line() -> None:
    header = find_header([["", "", "", "", "Mũi 1", "", "", "Mũi 2", "", ""], [*WHO, *THREE, *THREE]])
    assert header is not None and (header.first, header.last) == (0, 1)
    assert [(one.label, one.columns["lot"]) for one in header.doses] == [("mũi 1", 6), ("mũi 2", 9)]


def test_figures_number_the_doses_under_their_heading() -> None:
    upper = [*WHO, "Vắc xin", "Ngày tiêm mũi", "", ""]
    header = find_header([upper, ["", "", "", "", "", 1, 2.0, 3], [*PERSON, "AZ", "15/08/2021", "", ""]])
    assert header is not None and (header.first, header.last) == (0, 1)
    assert [(one.label, one.columns) for one in header.doses] == [
        (f"mũi {nth}", {"vaccinated_on": 4 + nth}) for nth in (1, 2, 3)
    ]


def test_the_numbers_of_a_form_s_columns_number_no_doses() -> None:
    for figures in (list(range(1, 8)), [f"({nth})" for nth in range(1, 8)], [str(nth) for nth in range(1, 8)]):
        header = find_header([[*WHO, "Mũi", "Ngày tiêm", "Vắc xin"], figures, [*PERSON, 1, "15/08/2021", "AZ"]])
        assert header is not None and header.doses == () and header.last == 0
        assert (header.columns["dose_number"], header.columns["vaccinated_on"]) == (4, 5)


def test_a_day_that_was_agreed_on_is_no_dose(sqlite_register: sa.Engine, tmp_path: Path) -> None:
    header = [*WHO, *THREE, "Mũi số", "Ngày tiêm (dự kiến)", "Ngày tiêm mũi 2 (dự kiến)"]
    loaded(sqlite_register, tmp_path, header, [*PERSON, *FIRST, 1, "20/10/2021", "20/10/2021"])
    assert [(one[0], one[2]) for one in doses(sqlite_register)] == [("2021-08-15", 1)]
    assert all_outcomes(sqlite_register)[1].problems == ()


@pytest.mark.parametrize("chunk", [4_000, 1])  # a transaction may end between two doses of a row
def test_a_day_merged_over_several_people(
    sqlite_register: sa.Engine, tmp_path: Path, chunk: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("issuer.clean.clean._CHUNK", chunk)
    path = xlsx(tmp_path / "a.xlsx", [TWO, [*PERSON, *FIRST, *SECOND], [*OTHER, *FIRST, "AstraZeneca", "", "AB457"]])
    book = openpyxl.load_workbook(path)
    book.worksheets[0].merge_cells("I2:I3")  # the day of the second dose
    book.worksheets[0].merge_cells("E2:E3")
    book.save(path)
    take(sqlite_register, path, facility_code="1")
    cleaned(sqlite_register)
    assert [(one[0], one[2]) for one in doses(sqlite_register)] == [
        ("2021-08-15", 1),
        ("2021-10-20", 2),
        ("2021-08-15", 1),
        ("2021-10-20", 2),
    ]


def test_a_vaccine_merged_over_several_people_is_no_sign_of_a_dose(sqlite_register: sa.Engine, tmp_path: Path) -> None:
    path = xlsx(tmp_path / "a.xlsx", [TWO, [*PERSON, *FIRST, *SECOND], [*OTHER, *FIRST, "", "", ""]])
    book = openpyxl.load_workbook(path)
    book.worksheets[0].merge_cells("H2:H3")  # the vaccine of the second dose
    book.save(path)
    take(sqlite_register, path, facility_code="1")
    cleaned(sqlite_register)
    assert [one[2] for one in doses(sqlite_register)] == [1, 2, 1]


@pytest.mark.parametrize("typed", [False, True])
def test_columns_that_hold_a_day_alone(register: sa.Engine, tmp_path: Path, typed: bool) -> None:
    header = [*WHO, "Vắc xin", "Mũi 1", "Mũi 2", "Mũi nhắc lại"]
    days: list[Any] = [dt.date(2021, 8, 15), dt.date(2021, 10, 20)] if typed else ["15/08/2021", "20/10/2021"]
    path = xlsx(
        tmp_path / "a.xlsx", [header, [*PERSON, "AstraZeneca", *days, ""], [*OTHER, "Pfizer", "", "", "01/03/2022"]]
    )
    take(register, path, facility_code="01001")
    cleaned(register)
    assert [one[:4] for one in doses(register)] == [
        ("2021-08-15", "EU/1/21/1529", 1, ""),
        ("2021-10-20", "EU/1/21/1529", 2, ""),
        ("2022-03-01", "EU/1/20/1528", None, "booster"),
    ]


def test_columns_that_hold_a_vaccine_alone(sqlite_register: sa.Engine, tmp_path: Path) -> None:
    header = [*WHO, "Mũi 1", "Ngày tiêm mũi 1", "Mũi 2", "Ngày tiêm mũi 2"]
    loaded(sqlite_register, tmp_path, header, [*PERSON, "AZ", "15/08/2021", "Pfizer", "20/10/2021"])
    assert [one[:3] for one in doses(sqlite_register)] == [
        ("2021-08-15", "EU/1/21/1529", 1),
        ("2021-10-20", "EU/1/20/1528", 2),
    ]


@pytest.mark.parametrize(
    ("ticks", "number", "problems"),
    [
        (["x", ""], 1, ()),
        (["", "X"], 2, ()),
        (["", "1"], 2, ()),
        (["", "2"], 2, ()),
        (["", ""], None, ("DOSE_NUMBER_MISSING",)),
        (["x", "x"], None, ("DOSE_NUMBER_UNREADABLE",)),
    ],
)
def test_columns_to_tick_are_the_number_of_one_dose(
    sqlite_register: sa.Engine, tmp_path: Path, ticks: list[str], number: int | None, problems: tuple[str, ...]
) -> None:
    header = [*WHO, "Mũi 1", "Mũi 2", *THREE]
    loaded(sqlite_register, tmp_path, header, [*PERSON, *ticks, *FIRST], [*OTHER, "x", "", *FIRST])
    assert [one[2] for one in doses(sqlite_register)] == [number, 1]
    assert all_outcomes(sqlite_register)[1].problems == problems


def test_a_ticked_booster_with_the_number_of_the_dose(sqlite_register: sa.Engine, tmp_path: Path) -> None:
    header = [*WHO, "Mũi số", "Mũi nhắc lại", *THREE]
    loaded(sqlite_register, tmp_path, header, [*PERSON, 3, "x", *FIRST], [*OTHER, 2, "", *FIRST])
    assert [one[2:4] for one in doses(sqlite_register)] == [(3, "booster"), (2, "")]


def test_ticks_without_any_day_are_doses_without_one(sqlite_register: sa.Engine, tmp_path: Path) -> None:
    loaded(sqlite_register, tmp_path, [*WHO, "Vắc xin", "Mũi 1", "Mũi 2"], [*PERSON, "AZ", "x", "x"])
    assert [one[2] for one in doses(sqlite_register)] == [1, 2]
    assert [one.problems for one in all_outcomes(sqlite_register)][1:] == [("DOSE_DATE_MISSING", "LOT_MISSING")] * 2


@pytest.mark.parametrize(
    ("mentioned", "cells"),
    [
        (["Ngày tiêm mũi 1"], ["15/08/2021"]),
        (["Mũi 1"], ["15/08/2021"]),
        (["Loại vắc xin mũi 1"], ["Pfizer"]),
        (["Số lô mũi 1"], ["AB123"]),
        (["Vắc xin mũi 1", "Số lô mũi 1"], ["Pfizer", "AB123"]),
        (["Ngày tiêm nhắc lại"], ["01/03/2022"]),
    ],
)
@pytest.mark.parametrize("behind", [False, True])
def test_half_a_dose_beside_the_row_s_own_is_only_mentioned(
    sqlite_register: sa.Engine, tmp_path: Path, mentioned: list[str], cells: list[str], behind: bool
) -> None:
    """A list of second doses that names the first: half a dose, attested by nobody, would end the person's series."""
    own, said = [*THREE, "Mũi số"], [*SECOND, 2]
    header = [*WHO, *own, *mentioned] if behind else [*WHO, *mentioned, *own]
    rows = [[*one, *said, *cells] if behind else [*one, *cells, *said] for one in (PERSON, OTHER)]
    loaded(sqlite_register, tmp_path, header, *rows)
    assert [(one[0], one[1], one[2], one[4]) for one in doses(sqlite_register)] == [
        ("2021-10-20", "EU/1/21/1529", 2, "AB456")
    ] * 2
    assert [(one.row, one.problems) for one in all_outcomes(sqlite_register)][1:] == [(2, ()), (3, ())]


def test_a_second_day_beside_one_vaccine_alone_is_no_mention(sqlite_register: sa.Engine, tmp_path: Path) -> None:
    """Nothing says that the vaccine is that of the first day only, so neither day is passed over."""
    loaded(sqlite_register, tmp_path, [*WHO, "Vắc xin", "Ngày tiêm", "Ngày tiêm 2"], [*PERSON, *FIRST[:2], SECOND[1]])
    assert [(one[0], one[2]) for one in doses(sqlite_register)] == [("2021-08-15", None), ("2021-10-20", 2)]
    assert "VACCINE_MISSING" in all_outcomes(sqlite_register)[-1].problems


def test_a_whole_dose_beside_the_row_s_own_is_one_more(sqlite_register: sa.Engine, tmp_path: Path) -> None:
    """Columns that name no dose are a dose of their own: what they say is not said of the first."""
    header = [*WHO, "Vắc xin mũi 1", "Ngày tiêm mũi 1", "Mũi số", *THREE]
    loaded(sqlite_register, tmp_path, header, [*PERSON, "Pfizer", "15/08/2021", 2, *SECOND])
    assert [one[:3] for one in doses(sqlite_register)] == [
        ("2021-08-15", "EU/1/20/1528", 1),
        ("2021-10-20", "EU/1/21/1529", 2),
    ]


def test_groups_without_a_name_are_doses_without_a_number(sqlite_register: sa.Engine, tmp_path: Path) -> None:
    loaded(sqlite_register, tmp_path, [*WHO, *THREE, *THREE], [*PERSON, *FIRST, *SECOND], [*OTHER, *FIRST, *NONE])
    assert [(one[0], one[2]) for one in doses(sqlite_register)] == [
        ("2021-08-15", None),
        ("2021-10-20", None),
        ("2021-08-15", None),
    ]
    assert all_outcomes(sqlite_register)[1].problems == ("DOSE_NUMBER_MISSING",)


@pytest.mark.parametrize(
    "header",
    [
        ("Ngày tiêm mũi 1", "Vắc xin", "Số lô", "Ngày tiêm mũi 2", "Vắc xin", "Số lô"),
        ("Số lô", "Vắc xin", "Ngày tiêm mũi 1", "Số lô", "Vắc xin", "Ngày tiêm mũi 2"),
        ("Vắc xin mũi 1", "Ngày tiêm", "Số lô", "Vắc xin mũi 2", "Ngày tiêm", "Số lô"),
    ],
)
def test_what_stands_beside_each_numbered_column_is_of_its_dose(
    sqlite_register: sa.Engine, tmp_path: Path, header: tuple[str, ...]
) -> None:
    said = {"V": ("AZ", "Pfizer"), "N": ("15/08/2021", "20/10/2021"), "S": ("AB123", "AB456")}
    cells = [said[text[0]][at // 3] for at, text in enumerate(header)]
    loaded(sqlite_register, tmp_path, [*WHO, *header], [*PERSON, *cells])
    assert doses(sqlite_register) == [
        ("2021-08-15", "EU/1/21/1529", 1, "", "AB123"),
        ("2021-10-20", "EU/1/20/1528", 2, "", "AB456"),
    ]
    assert all_outcomes(sqlite_register)[1].problems == ()


def test_one_number_beside_two_doses_without_any_is_nobody_s(sqlite_register: sa.Engine, tmp_path: Path) -> None:
    header = [*WHO, "Vắc xin", "Ngày tiêm", "Vắc xin", "Ngày tiêm", "Mũi số"]
    rows = [[*PERSON, *FIRST[:2], *SECOND[:2], 2], [*OTHER, *FIRST[:2], "", "", 1]]
    loaded(sqlite_register, tmp_path, header, *rows)
    assert [one[2] for one in doses(sqlite_register)] == [None, None, 1]
    assert "DOSE_FACT_SHARED" in all_outcomes(sqlite_register)[1].problems


def test_one_lot_beside_two_doses_is_nobody_s(sqlite_register: sa.Engine, tmp_path: Path) -> None:
    header = [*WHO, "Vắc xin", "Số lô", "Mũi 1", "Mũi 2"]
    loaded(
        sqlite_register, tmp_path, header,
        [*PERSON, "AZ", "AB123", "15/08/2021", "20/10/2021"], [*OTHER, "AZ", "AB124", "16/08/2021", ""],
    )  # fmt: skip
    assert [one[4] for one in doses(sqlite_register)] == ["", "", "AB124"]
    assert all_outcomes(sqlite_register)[1].problems == ("DOSE_FACT_SHARED", "LOT_MISSING")


def test_one_day_beside_two_vaccines_is_nobody_s(sqlite_register: sa.Engine, tmp_path: Path) -> None:
    header = [*WHO, "Ngày tiêm", "Vắc xin mũi 1", "Vắc xin mũi 2"]
    loaded(sqlite_register, tmp_path, header, [*PERSON, "15/08/2021", "AZ", "AZ"], [*OTHER, "16/08/2021", "", "AZ"])
    assert [(one[0], one[2]) for one in doses(sqlite_register)] == [("", 1), ("", 2), ("2021-08-16", 2)]
    assert Problem.DOSE_DATE_MISSING.name in all_outcomes(sqlite_register)[1].problems


@pytest.mark.parametrize(
    ("cells", "numbers"),
    [
        (["15/08/2021", "20/10/2021", "2"], [1, 2]),  # how many there are
        (["15/08/2021", "20/10/2021", ""], [1, 2]),
        (["15/08/2021", "20/10/2021", "5"], [None, None]),
        (["15/08/2021", "", "1"], [1]),
        (["", "20/10/2021", "mũi 2"], [2]),
        (["", "20/10/2021", "1"], [None]),  # a count, or another number: nobody knows
    ],
)
def test_a_number_beside_numbered_columns(
    sqlite_register: sa.Engine, tmp_path: Path, cells: list[str], numbers: list[int | None]
) -> None:
    loaded(sqlite_register, tmp_path, [*WHO, "Mũi 1", "Mũi 2", "Số mũi", "Vắc xin"], [*PERSON, *cells, "AZ"])
    assert [one[2] for one in doses(sqlite_register)] == numbers


def test_a_booster_s_place_with_the_number_of_the_dose(sqlite_register: sa.Engine, tmp_path: Path) -> None:
    header = [*WHO, "Ngày tiêm mũi nhắc lại", "Vắc xin mũi nhắc lại", "Mũi số"]
    loaded(
        sqlite_register, tmp_path, header, [*PERSON, "01/03/2022", "Pfizer", 3], [*OTHER, "01/03/2022", "Pfizer", ""]
    )
    assert [one[2:4] for one in doses(sqlite_register)] == [(3, "booster"), (None, "booster")]


def test_a_list_of_one_numbered_dose(sqlite_register: sa.Engine, tmp_path: Path) -> None:
    header = [*WHO, "Vắc xin", "Ngày tiêm mũi 2"]
    loaded(
        sqlite_register, tmp_path, header, [*PERSON, "AZ", "20/10/2021"], [*OTHER, "AZ", ""], ["Lê Văn A", *[""] * 5]
    )
    assert [(one[0], one[2]) for one in doses(sqlite_register)] == [("2021-10-20", 2), ("", 2)]
    assert all_outcomes(sqlite_register)[-1].problems[0].startswith("SHEET_NO")


def test_a_month_first_column_casts_doubt_on_the_next() -> None:
    rows: list[tuple[int, list[Any]]] = [(1, list(TWO))]
    rows += [(at, [*PERSON, "AZ", f"08/{at + 12}/2021", "L", "AZ", f"10/{at}/2021", "L"]) for at in range(2, 10)]
    finder = LayoutFinder(rows, ())
    for _, cells in rows:
        finder.see(cells)
    layout = finder.layout()
    assert [one.date_order for one in layout.slots] == ["mdy", "mdy"]
    assert Layout.from_json(layout.to_json()) == layout


def test_a_sheet_of_one_dose_a_row_has_no_slots(sqlite_register: sa.Engine, tmp_path: Path) -> None:
    loaded(sqlite_register, tmp_path, [*WHO, *THREE, "Mũi số"], [*PERSON, *FIRST, 1])
    assert {one["slot"] for one in table(sqlite_register, "source_row")} == {0}


SLOTS = Layout(
    columns={"full_name": 0, "birth_date": 1, "sex": 2, "id_number": 3, "vaccine": 4, "lot": 5, "dose_number": 6},
    header_first=1,
    header_last=1,
    slots=(
        DoseColumns("mũi 1", {"vaccinated_on": 7, "vaccinated_on_2": 8}),
        DoseColumns("mũi 2", {"vaccinated_day": 9, "vaccinated_month": 10, "vaccinated_year": 11, "vaccine": 12}),
        DoseColumns("nhắc lại", {"dose": 13, "facility_name": 14}),
    ),
    merged=((3, 7, 5, 7), (2, 0, 3, 0)),
)
SAID = st.sampled_from(
    ["", "", "-", "không", "x", "15/08/2021", "AZ", "#N/A", "mũi 2", 1, 2021, 44_423.0, 0, True, {"d": "2021-08-15"}]
)


@settings(max_examples=300)
@given(st.lists(st.one_of(st.lists(SAID, max_size=16), st.lists(SAID, max_size=11).map(lambda r: [*PERSON, *r]))))
def test_whatever_a_place_says_is_a_dose_and_every_dose_is_cleaned(rows: list[list[Any]]) -> None:
    unfolder, cleaner = Unfolder(SLOTS), RowCleaner(SLOTS, "2022-06-01", "")
    for row_no, cells in enumerate(rows, start=2):
        text = cells_to_json(cells)
        slots = unfolder.slots(row_no, text)
        assert slots and list(slots) == sorted(set(slots))
        found = [cleaner.clean(row_no, cells_from_json(text), slot) for slot in slots]
        assert all(row.dose is not None or row.problems[0][0].rejects for row in found)
        if found[0].dose is None and found[0].problems[0][0] is not Problem.SHEET_NO_DOSE:
            continue
        for slot, dose in enumerate(SLOTS.slots, start=1):
            days = [cells[at] for name, at in dose.columns.items() if name != "facility_name" and at < len(cells)]
            if any(isinstance(day, str) and day[:2] in ("15", "AZ", "x") for day in days):
                assert slot in slots
        numbers = [row.dose.dose_number for row in found if row.dose is not None]
        assert len(numbers) < 2 or None in numbers or len(set(numbers)) == len(numbers)


# what goes back


def _list(path: Path) -> Path:
    rows = [
        TWO,
        [*PERSON, *FIRST, *SECOND],
        [*PERSON, "AstraZeneca", "15/08/2021", "AB123", "Pfizer", "31/02/2021", ""],
    ]
    return xlsx(path, [*rows, [*OTHER, *NONE, *NONE]], names=["Tiêm"])


@pytest.mark.parametrize("upon", [False, True])
def test_both_results_go_back_in_one_row(register: sa.Engine, tmp_path: Path, upon: bool) -> None:
    load(register, tmp_path)
    original = _list(tmp_path / "a.xlsx")
    take(register, original, facility_code="01001")
    cleaned(register)
    link_doses(register, now=NOW, actor="test")
    with reading(register) as connection:
        file_id = result_store.files(connection)[0].file_id
        if upon:
            assert write_on_original(connection, file_id, original.read_bytes(), tmp_path / "back.xlsx") == 4
        else:
            assert write_result(connection, file_id, tmp_path / "back.xlsx") == 4
    page = openpyxl.load_workbook(tmp_path / "back.xlsx")["Tiêm"]
    end = len(TWO) + 1
    assert page.max_row == 4
    assert [page.cell(1, end + at).value for at in range(3)] == ["Kết quả", "Vấn đề", "Đối chiếu dân cư"]
    assert [page.cell(2, end + at).value for at in range(2)] == ["Đã nhận", None]
    assert "\n" not in page.cell(2, end + 2).value  # both doses are linked, and told of so at once
    assert page.cell(3, end).value == "mũi 1: Trùng (a.xlsx, 2)\nmũi 2: Đã nhận"
    assert page.cell(3, end + 1).value == "mũi 2: Ngày tiêm không đọc được; Thiếu số lô"
    assert [page.cell(4, end + at).value for at in range(2)] == ["Không nhận", "Không có mũi tiêm nào"]
    coloured = {cell.column for cell in page[3] if cell.fill.fgColor.rgb != "00000000"}
    assert coloured == {TWO.index("Ngày tiêm mũi 2") + 1, TWO.index("Số lô mũi 2") + 1}


def test_the_commands_tell_of_further_doses(
    sqlite_register: sa.Engine, sqlite_url: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    _list(tmp_path / "a.xlsx")
    for words in (["intake", str(tmp_path / "a.xlsx"), "--facility", "1"], ["clean"], ["outcomes", "--format", "csv"]):
        assert main(["--database", sqlite_url, *words]) == 0
    said = capsys.readouterr().out
    assert "rows: 6\n  6 taken in\nof them second and later doses of a row: 2\n" in said
    assert "rows cleaned: 6\n" in said
    assert [line.split(",")[2] for line in said.splitlines()[-6:]] == ["1", "2", "2", "3", "3", "4"]
