"""Dates as cells hold them: one meaning, several, or none."""

import datetime as dt
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from issuer.reading.dates import join_parts, read_date

EARLIEST, LATEST = "1890-01-01", "2022-06-01"

ONE_MEANING = [
    ("1990-04-15", "", "1990-04-15", "ISO"),
    ("1990/04/15", "", "1990-04-15", "year first"),
    ("15/04/1990", "", "1990-04-15", "a day above 12 proves itself"),
    ("15-04-1990", "", "1990-04-15", "hyphens"),
    ("15.4.1990", "", "1990-04-15", "dots, no zero"),
    ("15 04 1990", "", "1990-04-15", "blanks"),
    ("04/15/1990", "", "1990-04-15", "only the month can stand first"),
    ("04/04/1990", "", "1990-04-04", "day equals month"),
    ("05/04/1990", "dmy", "1990-04-05", "the column proves day first"),
    ("05/04/1990", "mdy", "1990-05-04", "the column proves month first"),
    ("15/04/90", "", "1990-04-15", "2090 is to come"),
    ({"d": "1990-04-15"}, "", "1990-04-15", "a date cell"),
    ({"d": "1990-04-15T00:00:00"}, "", "1990-04-15", "a date cell with a time"),
    (32978, "", "1990-04-15", "an Excel serial"),
    (32978.0, "", "1990-04-15", "an Excel serial as float"),
    ("32978", "", "1990-04-15", "an Excel serial as text"),
    ("15/04/1990 00:00:00", "", "1990-04-15", "midnight"),
    ("1990-04-15T07:30:00+07:00", "", "1990-04-15", "RFC 3339"),
    ("08:30 15/04/1990", "", "1990-04-15", "time before"),
    ("15/04/1990 8h30", "", "1990-04-15", "Vietnamese time"),
    ("ngày 15 tháng 4 năm 1990", "", "1990-04-15", "in words"),
    ("15 tháng 4, 1990", "", "1990-04-15", "in words, short"),
    ("15-Apr-1990", "", "1990-04-15", "English month"),
    ("Apr 15, 1990", "", "1990-04-15", "English month first"),
    ("15041990", "", "1990-04-15", "compact"),
    ("19900415", "", "1990-04-15", "compact ISO"),
    (15041990, "", "1990-04-15", "compact as number"),
    ("5041990", "dmy", "1990-04-05", "compact, zero lost"),
    ("1950", "", "1950", "a year stays a year"),
    (1950, "", "1950", "a year cell is no serial"),
    ("1950.0", "", "1950", "a float's text"),
    ("4/1990", "", "1990-04", "month and year"),
    ("1990-04", "", "1990-04", "ISO month"),
    ("00/00/1950", "", "1950", "no day, no month"),
    ("--/--/1950", "", "1950", "no day, no month"),
    ("'15/04/1990", "", "1990-04-15", "text mark"),
    ("15\u00a0/\u00a004\u00a0/\u00a01990", "", "1990-04-15", "no-break blanks"),
    ("15\u201304\u20131990", "", "1990-04-15", "en dashes"),
    ("15\u201404\u22121990", "", "1990-04-15", "em dash, minus"),
    ("15_04_1990", "", "1990-04-15", "underscores"),
    ("__/__/1950", "", "1950", "underscores for what is not known"),
    ("15/04/1990.", "", "1990-04-15", "a full stop behind"),
    ("１５/０４/１９９０", "", "1990-04-15", "full-width digits"),
    ("32978,0", "", "1990-04-15", "a float's text with a comma"),
    ("32978.00", "", "1990-04-15", "two decimals"),
    ("15/O4/199O", "", "1990-04-15", "letter O between digits"),
    ("15//04/1990", "", "1990-04-15", "a separator typed twice"),
    ("Thứ Hai, 15/04/1990", "", "1990-04-15", "a day of the week before"),
    ("Chủ nhật, ngày 15 tháng 4 năm 1990", "", "1990-04-15", "the same in words"),
    ("Sunday, April 15, 1990", "", "1990-04-15", "the same in English"),
    ("15 Tháng Tư 1990", "", "1990-04-15", "the month in words"),
    ("15 tháng mười hai năm 1990", "", "1990-12-15", "two words"),
    ("ngay 15 thang 4 nam 1990", "", "1990-04-15", "in words without marks"),
    ("Năm 1950", "", "1950", "a year with its word"),
    ("sinh năm 1950", "", "1950", "two words"),
    ("tháng 4 năm 1990", "", "1990-04", "month and year in words"),
    ("Th4/1990", "", "1990-04", "the same, short"),
    ("15-Oct-1990", "", "1990-10-15", "an O of a month's name"),
]

SEVERAL = [
    ("04/05/1990", "", ("1990-05-04", "1990-04-05"), "no proof of the order"),
    ("15/04/15", "", ("1915-04-15", "2015-04-15"), "two centuries"),
    ("04/05/15", "dmy", ("1915-05-04", "2015-05-04"), "order proven, century not"),
    ({"d": "1905-05-03"}, "", ("1905-05-03", "1950"), "1950 typed into a cell that shows dates"),
]

NONE = [
    "",
    "31/02/1990",
    "15/13/1990",
    "15/04/2121",
    "không rõ",
    "ngày 15 tháng năm 1990",  # a form whose month was left blank, or May
    "05//1990",
    "0",
    "abc",
    "1/2/3/4",
    99999999,
    True,
    None,
    1e400,
    -1e400,
    10**400,
    float("nan"),
    "o",
    "9" * 5000,
    {"t": "08:30"},
]


@pytest.mark.parametrize(("cell", "order", "date", "why"), ONE_MEANING)
def test_a_date_that_can_be_read_in_one_way(cell: Any, order: str, date: str, why: str) -> None:
    assert read_date(cell, order, EARLIEST, LATEST).meanings == (date,), why


@pytest.mark.parametrize(("cell", "order", "meanings", "why"), SEVERAL)
def test_an_uncertain_date_keeps_every_meaning(cell: Any, order: str, meanings: tuple[str, ...], why: str) -> None:
    assert read_date(cell, order, EARLIEST, LATEST).meanings == meanings, why


@pytest.mark.parametrize("cell", NONE)
def test_what_is_no_date_has_no_meaning(cell: Any) -> None:
    assert read_date(cell, "dmy", EARLIEST, LATEST).meanings == ()


def test_the_exchanged_date_is_kept_for_proposals() -> None:
    assert read_date("05/04/1990", "dmy", EARLIEST, LATEST).swapped == "1990-05-04"
    assert read_date({"d": "1990-04-05"}, "", EARLIEST, LATEST).swapped == "1990-05-04"
    assert read_date("15/04/1990", "dmy", EARLIEST, LATEST).swapped == ""


@pytest.mark.parametrize(
    ("cells", "meanings"),
    [
        ((15, 4, 1990), ("1990-04-15",)),
        (("15", "04", "1990"), ("1990-04-15",)),
        (("15.0", 4.0, "90"), ("1990-04-15",)),
        (("", "", 1950), ("1950",)),
        (("", 4, 1990), ("1990-04",)),
        ((15, "", 1990), ()),
        ((31, 2, 1990), ()),
        ((15, 4, ""), ()),
        (("?", 4, 1990), ("1990-04",)),
        (("ba", 4, 1990), ()),
        ((float("nan"), 4, 1990), ()),
        ((15, 4, 1e400), ()),
        ((15, 4, 10**400), ()),
        ((15, 4, "9" * 5000), ()),
        ((1, 1, 15), ("1915-01-01", "2015-01-01")),
    ],
)
def test_three_columns(cells: tuple[Any, Any, Any], meanings: tuple[str, ...]) -> None:
    assert join_parts(cells, EARLIEST, LATEST).meanings == meanings


@given(st.dates(min_value=dt.date(1925, 1, 1), max_value=dt.date(2022, 6, 1)))
def test_every_notation_of_a_day_means_that_day(day: Any) -> None:
    for notation in ("%Y-%m-%d", "%d/%m/%Y", "%d-%m-%Y", "%d.%m.%Y", "%d/%m/%Y 08:30", "%Y%m%d"):
        meanings = read_date(day.strftime(notation), "dmy", EARLIEST, LATEST).meanings
        assert day.isoformat() in meanings
        assert len(meanings) == 1 or notation == "%Y%m%d"
    assert day.isoformat() in read_date(day.strftime("%d/%m/%Y"), "", EARLIEST, LATEST).meanings


@given(
    st.one_of(st.text(max_size=24), st.integers(), st.floats()),
    st.sampled_from(["", "dmy", "mdy"]),
)
def test_any_cell_gives_a_reading_within_its_bounds(cell: Any, order: str) -> None:
    for meaning in read_date(cell, order, EARLIEST, LATEST).meanings:
        assert EARLIEST[: len(meaning)] <= meaning <= LATEST
