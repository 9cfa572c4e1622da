"""Which rows are people, which are totals, signatures and tests; and which two rows tell of one dose."""

from typing import Any

import pytest

from issuer.clean.row import CleanRow, RowCleaner
from issuer.intake.layout import Layout
from issuer.reading.problems import Problem

FIELDS = (
    "full_name birth_date sex id_number nationality vaccine lot vaccinated_on facility_name dose_number dose_role"
).split()
ONE = Layout(columns={name: at + 1 for at, name in enumerate(FIELDS)}, header_first=1, header_last=1)
UNSETTLED = Layout(columns=ONE.columns, header_first=1, header_last=1, date_order={"vaccinated_on": ""})
PARTS = Layout(
    columns={"family_part": 1, "given_part": 2, "birth_date": 3, "sex_male": 4, "sex_female": 5, "id_number": 6}
    | {"vaccinated_on": 7, "vaccine": 8},
    header_first=1,
    header_last=1,
)
RIGHT = {
    "full_name": "Nguyễn Thị Ví Dụ",
    "birth_date": "15/04/1990",
    "sex": "Nữ",
    "id_number": "001190000017",
    "vaccine": "AstraZeneca",
    "lot": "AB1",
    "vaccinated_on": "15/08/2021",
    "facility_name": "Trạm Y tế xã Ví Dụ",
    "dose_number": 1,
}


def cleaned(layout: Layout, *cells: Any) -> CleanRow:
    return RowCleaner(layout, "2022-06-01", "79001").clean(5, list(cells))


def of(layout: Layout = ONE, **changed: Any) -> CleanRow:
    told = RIGHT | changed
    return cleaned(layout, 1, *(told.get(name, "") for name in FIELDS))


def key(layout: Layout = ONE, **changed: Any) -> bytes:
    dose = of(layout, **changed).dose
    assert dose is not None
    return dose.duplicate_key


@pytest.mark.parametrize(
    ("layout", "always", "name", "values"),
    [
        (UNSETTLED, {"dose_number": ""}, "vaccinated_on", ("05/08/2021", "06/09/2021")),
        (ONE, {}, "vaccinated_on", ("32/13/2021", "77/77/2021")),
        (ONE, {}, "vaccinated_on", ("08/2021", "09/2021")),
        (ONE, {}, "birth_date", ("abc", "xyz")),
        (UNSETTLED, {}, "birth_date", ("04/05/90", "04/05/91")),
        (ONE, {}, "nationality", ("Việt Nam", "Lào")),
        (ONE, {}, "nationality", ("Campuchia", "Lào")),
        (ONE, {}, "dose_role", ("", "nhắc lại")),
        (ONE, {}, "dose_number", ("mũi ?", "mũi 33")),
        (ONE, {}, "sex", ("1", "0")),
        (ONE, {}, "vaccine", ("Sputnik", "Sputnik?")),
        (ONE, {}, "id_number", ("0011900", "0011901")),
        (ONE, {}, "id_number", (True, False)),
        (ONE, {}, "id_number", ("#N/A", "")),
    ],
)
def test_what_could_not_be_read_keeps_two_rows_apart(
    layout: Layout, always: dict[str, Any], name: str, values: tuple[Any, Any]
) -> None:
    one, other = (key(layout, **always, **{name: value}) for value in values)
    assert one != other
    assert one == key(layout, **always, **{name: values[0]})  # the very same row again is a repeat


@pytest.mark.parametrize(
    "same",
    [
        {"full_name": "NGUYỄN  THỊ VÍ DỤ"},
        {"birth_date": "1990-04-15"},
        {"id_number": 1190000017},
        {"nationality": "Việt Nam"},
        {"vaccinated_on": {"d": "2021-08-15T00:00:00"}},
        {"dose_number": "Mũi 1"},
        {"dose_role": "cơ bản"},
        {"facility_name": "Trạm khác"},
        {"sex": "nữ"},
    ],
)
def test_another_spelling_of_what_was_read_is_a_repeat(same: dict[str, Any]) -> None:
    assert key(**same) == key()


def test_a_name_in_three_columns_is_read_whole() -> None:
    places = ("family_part", "middle_part", "given_part", "birth_date", "id_number", "vaccinated_on", "vaccine")
    layout = Layout(columns={name: at for at, name in enumerate(places)}, header_first=1, header_last=1)
    row = cleaned(layout, "Nguyễn", "Thị Ví", "Dụ", "15/04/1990", "001190000017", "15/08/2021", "AstraZeneca")
    assert row.dose is not None
    assert row.dose.full_name == "Nguyễn Thị Ví Dụ"


TOTALS = [
    (ONE, ["Tổng cộng", "", "", "", 25]),
    (ONE, ["", "Tổng cộng", "", "", 25]),
    (ONE, ["", "Tổng cộng", 1950, "", "25", "", "", "", 25]),
    (ONE, ["", "TỔNG SỐ NGƯỜI TIÊM", "", "", 120, "", 120, "", 120]),
    (ONE, ["", "TONG SO NGUOI TIEM", "", "", 120, "", 120, "", 120]),
    (ONE, ["Cộng:", "", 25, 25, 25, 25]),
    (ONE, ["", "Tổng cộng", "", "", ""]),
    (PARTS, ["", "Tổng cộng", "", "", 12, 13, 25]),
    (PARTS, ["", "Tổng", "cộng", "", "12", "13", "25"]),
    (PARTS, ["TỔNG SỐ NGƯỜI TIÊM", "", "", "", 12, 13, "", 25]),
]


@pytest.mark.parametrize(("layout", "cells"), TOTALS)
def test_a_total_is_no_dose_whatever_it_counts(layout: Layout, cells: list[Any]) -> None:
    row = cleaned(layout, *cells)
    assert row.dose is None
    assert row.problems[0][0] is Problem.SHEET_TOTAL


@pytest.mark.parametrize(
    "cells",
    [
        ["Người lập biểu", "", "", "", "", "", "", "", "Ngày 14 tháng 7 năm 2021"],
        ["", "Người lập biểu", "Ngày 14 tháng 7 năm 2021"],
        ["", "NGƯỜI LẬP", "", "", "", "", "", "", "Thủ trưởng đơn vị"],
        ["", "Kế toán", "", "", "Thủ trưởng đơn vị", "", "", "", "Ngày 14 tháng 7 năm 2021"],
        ["", "TRƯỞNG TRẠM", "", "", "", "", "", "", "Xác nhận của UBND xã"],
        ["", "Ví Dụ, ngày 14 tháng 7 năm 2021", "", "", "", "", "", "", "15/08/2021"],
        ["", "(Ký tên)", "", "", "", "", "", "", "(Ký tên, đóng dấu)"],
        ["", "", "", "", "", "", "", "", "Ví Dụ, ngày 14 tháng 7 năm 2021"],
        ["", "NGUOI LAP BIEU", "", "", "", "", "", "", "Ngày 14 tháng 7 năm 2021"],
        ["", "Thủ trưởng đơn vị", "", "", "", "", "", "", "15/08/2021"],
    ],
)
def test_a_signature_line_is_no_dose(cells: list[Any]) -> None:
    row = cleaned(ONE, *cells)
    assert row.dose is None
    assert row.problems[0][0] is Problem.SHEET_NO_PERSON


@pytest.mark.parametrize(
    ("layout", "cells"),
    [
        (PARTS, [1, "Tống", "Hà", "15/04/1990", "x", "", "", "15/08/2021", "AstraZeneca"]),
        (PARTS, [1, "Tống", "Hà", "", "x", "", "", "15/08/2021", "AstraZeneca"]),
        (PARTS, ["", "Tong", "Ha", "", "x", "", "", "15/08/2021", "AstraZeneca"]),
        (PARTS, ["", "Tống", "Công", "", "x", "", "", "15/08/2021", "AstraZeneca"]),
        (ONE, [1, "Tống Công", "15/04/1990", "Nam", "", "", "AstraZeneca", "", "15/08/2021"]),
        (ONE, ["", "Công Tằng Tôn Nữ Ví Dụ", "", "", "", "", "AstraZeneca", "", "15/08/2021"]),
        (ONE, ["", "TONG CONG MINH", "", "", "", "", "AstraZeneca", "", "15/08/2021"]),
        (ONE, [1, "Thu Nghiêm", "15/04/1990", "Nữ", "001190000017", "", "AstraZeneca", "", "15/08/2021"]),
        (ONE, [1, "Thu Nghiêm", "", "", "", "", "AstraZeneca", "", "15/08/2021"]),
        (ONE, [1, "THU NGHIEM", "15/04/1990", "Nữ", "001190000017", "", "AstraZeneca", "", "15/08/2021"]),
        (ONE, [1, "Thử Nghiệm", 1990, "Nữ", "001190000017", "", "AstraZeneca", "", "15/08/2021"]),
        (ONE, [1, "Ngô Ký Tên", "15/04/1990", "Nam", "", "", "AstraZeneca", "", "15/08/2021"]),
        (ONE, [1, "A", "15/04/1990", "Nam", "", "", "AstraZeneca", "", "15/08/2021"]),
        (ONE, [1, "Lê Thị Mẫu", "", "Nữ", "", "", "AstraZeneca", "", "15/08/2021"]),
        (ONE, [1, "Ví Dụ", "", "Nữ", "", "", "AstraZeneca", "", "15/08/2021"]),
        (ONE, ["Kế toán", "Lê Văn Ví Dụ", "", "", "", "", "AstraZeneca", "", "15/08/2021"]),
        (ONE, ["Tổng giám đốc", "Lê Văn Ví Dụ", "", "", "", "", "AstraZeneca", "", "15/08/2021"]),
        (ONE, ["Tổng số", "", "15/04/1990", "Nam", "001190000017", "", "AstraZeneca", "", "15/08/2021"]),
    ],
)
def test_a_person_is_never_taken_for_a_total_or_a_test(layout: Layout, cells: list[Any]) -> None:
    assert cleaned(layout, *cells).dose is not None


@pytest.mark.parametrize(
    "cells",
    [
        list("ABCDEFGHIJ"),
        ["(A)", "(B)", "(C)", "(1)", "(2)", "(3)", "(4)"],
        ["a", "b", 1, 2.0, "3", "4"],
        [1, 2, 3, 4, 5, 6, 7, 8],
        ["", "(2)", "(3)", "(4)"],
    ],
)
def test_a_row_that_counts_the_columns_is_a_part_of_the_header(cells: list[Any]) -> None:
    row = cleaned(ONE, *cells)
    assert row.dose is None
    assert row.problems[0][0] is Problem.SHEET_HEADER


@pytest.mark.parametrize(
    "name",
    [
        *("Thử nghiệm", "THỬ NGHIỆM 2", "thu nghiem", "Nguyễn Văn Test", "abc", "Kiểm tra", "(test)", "Người thử"),
        *("xxx", "Bản ghi thử 3", "kiểm thử"),
    ],
)
def test_a_test_row_is_told_by_its_name(name: str) -> None:
    row = of(full_name=name, id_number="000000000000")
    assert row.dose is None
    assert row.problems[0][0] is Problem.SHEET_TEST


@pytest.mark.parametrize("name", ["TEST", "test 2", "Dữ liệu thử", "Dòng mẫu", "VD: Lê Văn A"])
def test_a_name_that_is_nobodys_is_a_test_in_spite_of_a_number(name: str) -> None:
    assert of(full_name=name).problems[0][0] is Problem.SHEET_TEST
