"""Any cells at all: cleaning never fails, and what it gives fits the columns of both databases."""

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from issuer.clean.row import RowCleaner
from issuer.intake.headers import meaning
from issuer.intake.layout import Layout
from issuer.intake.legacy_fonts import FontCode
from issuer.store.tables import dose, problem, repair

FIELDS = (
    "full_name birth_date sex id_number nationality phone commune address dose_number dose_role vaccine lot "
    "vaccinated_on facility_name facility_code"
).split()
ONE = Layout(columns={name: at for at, name in enumerate(FIELDS)}, header_first=1, header_last=1)
PARTS = Layout(
    font=FontCode.TCVN3,
    columns={"family_part": 0, "given_part": 1, "birth_day": 2, "birth_month": 3, "birth_year": 4, "sex_male": 5}
    | {"sex_female": 6, "id_number": 7, "vaccinated_on": 8},
    merged=((2, 0, 4, 0), (2, 8, 9, 8)),
)
TEXT = st.one_of(
    st.text(max_size=40),
    st.sampled_from(
        ["Nguyễn Thị Ví Dụ", "15/04/1990", "04/05/1990", "Nữ", "001190000017", "1.19E+11", "#N/A", "x", "AZ"]
    ),
    st.sampled_from(
        ["\0", "a\0b", "\x1b[31m", "9" * 400, "Ừ" * 5_000, "1/1/1", "00/00/0000", "=1+1", "²³", "١٢٣", "1e999"]
    ),
)
CELL = st.one_of(
    TEXT,
    st.integers(),
    st.floats(allow_nan=False, allow_infinity=False),
    st.booleans(),
    st.datetimes().map(lambda moment: {"d": moment.isoformat()}),
    st.dates().map(lambda day: {"d": day.isoformat()}),
    st.times().map(lambda time: {"t": time.isoformat()}),
)
ROW = st.lists(CELL, max_size=len(FIELDS) + 2)


def _fits(table: Any, names: list[str], values: Any) -> None:
    for name, value in zip(names, values, strict=True):
        length = getattr(table.c[name].type, "length", None)
        if isinstance(value, str):
            assert "\0" not in value and (length is None or len(value) <= length), name
            value.encode("utf-8")  # no half of a pair of signs


@settings(max_examples=400)
@given(st.sampled_from([ONE, PARTS]), st.lists(ROW, max_size=4))
def test_any_row_gets_a_fate(layout: Layout, rows: list[list[Any]]) -> None:
    cleaner = RowCleaner(layout, "2022-06-01", "")
    for at, cells in enumerate(rows):
        row = cleaner.clean(at + 2, json.loads(json.dumps(cells)))
        assert row.dose is not None or row.problems[0][0].rejects
        if row.dose is not None:
            names = [column.name for column in dose.columns][2:]
            _fits(dose, names, [getattr(row.dose, name) for name in names])
            assert len(row.dose.duplicate_key) == 16
            assert row.dose.sex in ("", "M", "F")
        for found, column, raw in row.problems:
            _fits(problem, ["code", "field", "raw"], (found.name, column, raw))
        for made in row.repairs:
            _fits(repair, ["field", "before", "after", "rule"], (made.column, made.before, made.after, made.rule))


@given(ROW)
def test_cleaning_is_a_function_of_the_row(cells: list[Any]) -> None:
    one = RowCleaner(ONE, "2022-06-01", "x").clean(2, list(cells))
    other = RowCleaner(ONE, "2022-06-01", "x").clean(2, list(cells))
    assert (one.dose, one.problems, one.repairs) == (other.dose, other.problems, other.repairs)


@pytest.mark.parametrize(
    ("header", "field"),
    [
        ("Số CMTND", "id_number"),
        ("Số thẻ CCCD gắn chip", "id_number"),
        ("Họ và tên công dân", "full_name"),
        ("Ngày sinh dương lịch", "birth_date"),
        ("Số điện thoại di động", "phone"),
        ("Ngày cấp CCCD", None),
        ("Loại giấy tờ tùy thân", None),
        ("CCCD của người giám hộ", None),
        ("Ngày tiêm mũi 2", None),
    ],
)
def test_a_telling_word_in_a_header(header: str, field: str | None) -> None:
    assert meaning(header) == field
