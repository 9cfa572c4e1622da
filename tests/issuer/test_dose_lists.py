"""A dose list on its way to outcomes: every row has a fate, the counts add up, only what is proven links."""

import datetime as dt
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from issuer.link.run import link_doses
from issuer.reading.problems import Problem
from tests.dose_lists import HEADER, NOW, RIGHT, all_outcomes, cleaned, csv_text, load, row, table, take, xlsx

LOSSLESS = [
    ({}, "as it should be"),
    ({"Họ_và_tên": "NGUYỄN THỊ VÍ DỤ"}, "capitals"),
    ({"Họ_và_tên": "Nguyễn  Thị\u00a0Ví Dụ "}, "blanks"),
    ({"Họ_và_tên": "Nguyễn Thị Ví Dụ"}, "decomposed"),
    (
        {"Họ_và_tên": "H\u2019Hen Niê", "Ngày_sinh": 1950, "Giới_tính": "nam", "Số_CCCD": 66050000021},
        "apostrophe, year",
    ),
    ({"Ngày_sinh": dt.date(1990, 4, 15)}, "a date cell"),
    ({"Ngày_sinh": 32978}, "a serial"),
    ({"Ngày_sinh": "1990-04-15 00:00"}, "ISO with midnight"),
    ({"Số_CCCD": 1190000017}, "zeros lost"),
    ({"Số_CCCD": "1.190000017E+9"}, "scientific, every digit"),
    ({"Số_CCCD": "'0O1190000017.0"[:13]}, "letter O, apostrophe"),
    ({"Số_CCCD": "001.190.000.017"}, "dots"),
    ({"Số_CCCD": "012345678"}, "old number of one person"),
    ({"Số_CCCD": 12345678}, "old number, zero lost"),
    ({"Giới_tính": "NỮ"}, "sex in capitals"),
]

ONLY_PROPOSED_OR_LESS = [
    ({"Họ_và_tên": "Nguyen Thi Vi Du"}, "no marks"),
    ({"Họ_và_tên": "Nguyễn Thị Ví Du"}, "one mark missing"),
    ({"Họ_và_tên": "Nguyễn Ví Dụ"}, "a word missing"),
    ({"Họ_và_tên": "Ví Dụ Nguyễn Thị"}, "words exchanged"),
    ({"Họ_và_tên": "Nguyễn Thị Ví Dụ, con bà Tư"}, "a remark"),
    ({"Họ_và_tên": "Nguyễn Thị Ví Dụ."}, "a sign too many"),
    ({"Ngày_sinh": "1990"}, "a year for a date"),
    ({"Ngày_sinh": "01/01/1990"}, "the first of January for a year"),
    ({"Ngày_sinh": ""}, "no birth date"),
    ({"Ngày_sinh": "16/04/1990"}, "a digit"),
    ({"Giới_tính": "Nam"}, "the other sex"),
    ({"Giới_tính": ""}, "no sex"),
    ({"Giới_tính": 2}, "a coded sex"),
    ({"Số_CCCD": "001190000018"}, "a wrong digit"),
    ({"Số_CCCD": ""}, "no number"),
    ({"Số_CCCD": "1.19E+11"}, "digits lost"),
    ({"Số_CCCD": "CCCD 001190000017"}, "a label before the number"),
    ({"Số_CCCD": "00119000001l7"}, "a letter too many"),
]


def linked(register: sa.Engine) -> None:
    link_doses(register, now=NOW, actor="test")


@pytest.mark.parametrize(("changed", "why"), LOSSLESS)
def test_a_row_read_without_loss_is_linked(
    register: sa.Engine, tmp_path: Path, changed: dict[str, Any], why: str
) -> None:
    load(register, tmp_path)
    take(register, xlsx(tmp_path / "a.xlsx", [HEADER, row(**changed)]))
    cleaned(register)
    linked(register)
    outcome = all_outcomes(register)[-1]
    expected = "066050000021" if "Niê" in str(changed) else "001190000017"
    assert (outcome.row, outcome.fate, outcome.link_class, outcome.national_id) == (2, "stored", "matched", expected), (
        why
    )
    assert outcome.proposals == ()


@pytest.mark.parametrize(("changed", "why"), ONLY_PROPOSED_OR_LESS)
def test_a_row_that_lost_something_is_never_linked(
    register: sa.Engine, tmp_path: Path, changed: dict[str, Any], why: str
) -> None:
    load(register, tmp_path)
    take(register, xlsx(tmp_path / "a.xlsx", [HEADER, row(**changed)]))
    cleaned(register)
    linked(register)
    outcome = all_outcomes(register)[-1]
    assert (outcome.fate, outcome.national_id) == ("stored", ""), why
    assert outcome.link_class not in ("", "matched"), why


def test_every_row_of_a_real_sheet_has_a_fate_and_the_counts_add_up(register: sa.Engine, tmp_path: Path) -> None:
    sheet = [
        ["TRẠM Y TẾ XÃ VÍ DỤ"],
        [],
        ["DANH SÁCH TIÊM CHỦNG", "Ngày 15 tháng 8 năm 2021"],
        HEADER,
        [f"({at})" for at in range(1, len(HEADER) + 1)],
        row(),
        [],
        HEADER,
        row(Mũi_số=2, Ngày_tiêm="15/11/2021"),
        row(),
        row(Họ_và_tên="TEST"),
        ["Tổng cộng", "", "", "", 3],
        ["Người lập biểu"],
    ]
    load(register, tmp_path)
    file = take(register, xlsx(tmp_path / "a.xlsx", sheet, names=["Tháng 8"]))
    assert file.rows == 11
    counts = cleaned(register)
    assert counts.rows == sum(counts.fates.values()) == 11
    found = [(one.sheet, one.row, one.fate, one.problems[:1]) for one in all_outcomes(register)]
    assert found == [
        ("Tháng 8", 1, "rejected", ("SHEET_TITLE",)),
        ("Tháng 8", 3, "rejected", ("SHEET_TITLE",)),
        ("Tháng 8", 4, "rejected", ("SHEET_HEADER",)),
        ("Tháng 8", 5, "rejected", ("SHEET_HEADER",)),
        ("Tháng 8", 6, "stored", ()),
        ("Tháng 8", 8, "rejected", ("SHEET_HEADER",)),
        ("Tháng 8", 9, "stored", ()),
        ("Tháng 8", 10, "duplicate", ()),
        ("Tháng 8", 11, "rejected", ("SHEET_TEST",)),
        ("Tháng 8", 12, "rejected", ("SHEET_TOTAL",)),
        ("Tháng 8", 13, "rejected", ("SHEET_NO_PERSON",)),
    ]
    assert [one["raw"] for one in table(register, "problem")][:1] == ["TRẠM Y TẾ XÃ VÍ DỤ"]


def test_the_same_file_again_changes_nothing(register: sa.Engine, tmp_path: Path) -> None:
    path = xlsx(tmp_path / "a.xlsx", [HEADER, row(), row(Mũi_số=2)])
    assert not take(register, path).already
    cleaned(register)
    before = {
        name: table(register, name) for name in ("source_file", "source_row", "dose", "row_outcome", "audit_entry")
    }
    assert take(register, path).already
    assert take(register, path.rename(tmp_path / "renamed.xlsx")).already
    assert cleaned(register).rows == 0
    assert {name: table(register, name) for name in before} == before


def test_the_same_dose_from_two_facilities_is_one_dose_and_both_rows_stay(register: sa.Engine, tmp_path: Path) -> None:
    take(register, xlsx(tmp_path / "a.xlsx", [HEADER, row()]))
    other = row(Mã_cơ_sở="01002", Họ_và_tên="NGUYỄN THỊ VÍ DỤ", Số_CCCD=1190000017, Tên_vắc_xin="Vaxzevria", Số_lô="")
    take(register, xlsx(tmp_path / "b.xlsx", [HEADER, other]))
    cleaned(register)
    assert [one.fate for one in all_outcomes(register)] == ["rejected", "stored", "rejected", "duplicate"]
    assert len(table(register, "dose")) == 1
    assert len(table(register, "source_row")) == 4


def test_two_people_without_a_number_are_no_duplicates_unless_all_they_told_agrees(
    register: sa.Engine, tmp_path: Path
) -> None:
    first = row(Số_CCCD="")
    take(register, xlsx(tmp_path / "a.xlsx", [HEADER, first, row(Số_CCCD="", Số_lô="ZZ9"), first]))
    cleaned(register)
    assert [one.fate for one in all_outcomes(register)[1:]] == ["stored", "stored", "duplicate"]


def test_csv_rows_count_as_the_lines_of_the_file(register: sa.Engine, tmp_path: Path) -> None:
    two_lines = row(Số_lô="AB\r\n123")
    text = csv_text(HEADER, [], row(), two_lines, row(Mũi_số=2))
    (tmp_path / "a.csv").write_bytes(text.encode())
    take(register, tmp_path / "a.csv")
    cleaned(register)
    assert [(one.sheet, one.row) for one in all_outcomes(register)] == [("", 1), ("", 3), ("", 4), ("", 6)]


def test_merged_cells_hold_for_all_their_rows(register: sa.Engine, tmp_path: Path) -> None:
    import openpyxl

    path = xlsx(tmp_path / "a.xlsx", [HEADER, row(), row(Họ_và_tên="", Ngày_sinh="", Mũi_số=2, Ngày_tiêm="")])
    workbook = openpyxl.load_workbook(path)
    for cells in ("A2:A3", "B2:B3", "E2:E3"):
        workbook.active.merge_cells(cells)
    workbook.save(path)
    take(register, path)
    cleaned(register)
    doses = table(register, "dose")
    assert [(one["full_name"], one["birth_date"], one["vaccinated_on"]) for one in doses] == [
        ("Nguyễn Thị Ví Dụ", "1990-04-15", "2021-08-15")
    ] * 2


def test_the_column_proves_the_order_of_day_and_month(register: sa.Engine, tmp_path: Path) -> None:
    sheets = [
        [HEADER, row(Ngày_sinh="05/04/1990"), row(Ngày_sinh="25/04/1990", Mũi_số=2)],
        [HEADER, row(Ngày_sinh="05/04/1990", Mũi_số=3)],
        [HEADER, row(Ngày_sinh="04/05/1990", Mũi_số=4), row(Ngày_sinh="04/25/1990", Mũi_số=5)],
        [HEADER, *(row(Ngày_sinh=b, Mũi_số=n) for n, b in enumerate(("05/04/1990", "04/25/1990", "25/04/1990"), 6))],
    ]
    take(register, xlsx(tmp_path / "a.xlsx", *sheets))
    cleaned(register)
    births = [(one["birth_date"], one["birth_date_other"]) for one in table(register, "dose")]
    assert births == [
        ("1990-04-05", "1990-05-04"),
        ("1990-04-25", ""),
        ("1990-04-05", "1990-05-04"),  # nothing speaks against the order of the country
        ("1990-04-05", "1990-05-04"),
        ("1990-04-25", ""),
        ("", "1990-04-05"),  # the column holds both orders
        ("1990-04-25", ""),
        ("1990-04-25", ""),
    ]
    uncertain = [one for one in table(register, "repair") if one["certainty"] == "uncertain"]
    assert [(one["rule"], one["after"]) for one in uncertain] == [
        ("DAY_MONTH", "1990-04-05"),
        ("DAY_MONTH", "1990-05-04"),
    ]


def test_every_certain_repair_tells_before_and_after(register: sa.Engine, tmp_path: Path) -> None:
    take(
        register,
        xlsx(tmp_path / "a.xlsx", [HEADER, row(Số_CCCD="1190000017.0", Họ_và_tên="Ðỗ  Ví Dụ", Ngày_sinh=32978)]),
    )
    cleaned(register)
    repairs = {
        one["rule"]: (one["field"], one["before"], one["after"], one["certainty"]) for one in table(register, "repair")
    }
    assert repairs == {
        "DECIMAL_POINT": ("id_number", "1190000017.0", "001190000017", "certain"),
        "LEADING_ZEROS": ("id_number", "1190000017.0", "001190000017", "certain"),
        "LETTER_D": ("full_name", "Ðỗ  Ví Dụ", "Đỗ Ví Dụ", "certain"),
        "BLANKS": ("full_name", "Ðỗ  Ví Dụ", "Đỗ Ví Dụ", "certain"),
        "SERIAL": ("birth_date", "32978", "1990-04-15", "certain"),
    }


DOSE_PROBLEMS = [
    ({"Ngày_tiêm": ""}, Problem.DOSE_DATE_MISSING),
    ({"Ngày_tiêm": "31/02/2021"}, Problem.DOSE_DATE_UNREADABLE),
    ({"Ngày_tiêm": "08/2021"}, Problem.DOSE_DATE_UNREADABLE),
    ({"Ngày_tiêm": "15/08/2023"}, Problem.DOSE_DATE_FUTURE),
    ({"Ngày_sinh": "15/12/2021"}, Problem.DOSE_BEFORE_BIRTH),
    ({"Tên_vắc_xin": ""}, Problem.VACCINE_MISSING),
    ({"Tên_vắc_xin": "Qdenga"}, Problem.VACCINE_UNKNOWN),
    ({"Tên_vắc_xin": "Sputnik"}, Problem.VACCINE_AMBIGUOUS),
    ({"Tên_vắc_xin": "Nanocovax"}, Problem.VACCINE_NOT_CERTIFIABLE),
    ({"Tên_vắc_xin": "Moderna", "Ngày_tiêm": "15/03/2021"}, Problem.DOSE_BEFORE_LICENCE),
    ({"Mũi_số": ""}, Problem.DOSE_NUMBER_MISSING),
    ({"Mũi_số": 25}, Problem.DOSE_NUMBER_UNREADABLE),
    ({"Mã_cơ_sở": ""}, Problem.FACILITY_MISSING),
]
TOLD_ONLY = [
    ({"Ngày_sinh": "15/04/2012"}, Problem.AGE_BELOW_LIMIT),
    ({"Số_lô": ""}, Problem.LOT_MISSING),
    ({"Số_lô": "FKO123"}, Problem.LOT_LETTER_O),
    ({"Số_CCCD": "999190000017"}, Problem.ID_PROVINCE_UNKNOWN),
    ({"Giới_tính": "Nam"}, Problem.ID_SEX_DISAGREES),
    ({"Ngày_sinh": "15/04/1985"}, Problem.ID_BIRTH_DISAGREES),
    ({"Họ_và_tên": "Nguyen Thi Du"}, Problem.NAME_NO_DIACRITICS),
    ({"Họ_và_tên": "Lê V?n An"}, Problem.NAME_SIGNS),
    ({"Họ_và_tên": "Lê Văn An (con bà Tư)"}, Problem.NAME_REMARK),
    ({"Số_lô": "#N/A"}, Problem.CELL_ERROR),
]


@pytest.mark.parametrize(("changed", "problem"), DOSE_PROBLEMS + TOLD_ONLY)
def test_a_problem_is_told_by_its_code_and_blocks_only_when_a_fact_of_the_dose_is_missing(
    sqlite_register: sa.Engine, tmp_path: Path, changed: dict[str, Any], problem: Problem
) -> None:
    (tmp_path / "a.csv").write_text(csv_text(HEADER, row(**changed)))
    take(sqlite_register, tmp_path / "a.csv")
    cleaned(sqlite_register)
    outcome = all_outcomes(sqlite_register)[-1]
    assert outcome.fate == "stored"
    assert problem.name in outcome.problems
    blocked = bool(table(sqlite_register, "dose")[0]["is_blocked"])
    assert blocked is ((changed, problem) in DOSE_PROBLEMS)


@pytest.mark.parametrize(
    ("text", "number", "role"),
    [
        ("Mũi 1", 1, ""),
        ("2.0", 2, ""),
        ("III", 3, ""),
        ("Nhắc lại 1", None, "booster"),
        ("Mũi nhắc lại", None, "booster"),
        ("Bổ sung", None, "additional"),
        ("Cơ bản 3", 3, "basic"),
    ],
)
def test_dose_number_and_role_are_apart(
    sqlite_register: sa.Engine, tmp_path: Path, text: str, number: int | None, role: str
) -> None:
    take(sqlite_register, xlsx(tmp_path / "a.xlsx", [HEADER, row(Mũi_số=text)]))
    cleaned(sqlite_register)
    dose = table(sqlite_register, "dose")[0]
    assert (dose["dose_number"], dose["dose_role"], dose["product"]) == (number, role, "EU/1/21/1529")


def test_the_right_row_is_right() -> None:
    assert len(RIGHT) == len(HEADER)
