"""ID numbers as cells hold them: what is read losslessly, what is only proposed."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from issuer.reading.id_number import read_id
from issuer.reading.problems import Problem

LOSSLESS = [
    ("001190000017", "001190000017", (), "as it should be"),
    (1190000017, "001190000017", ("LEADING_ZEROS",), "a number cell lost two zeros"),
    (66050000021.0, "066050000021", ("LEADING_ZEROS",), "a number cell lost one zero"),
    ("66050000021", "066050000021", ("LEADING_ZEROS",), "text that was a number cell"),
    ("1.190000017E+9", "001190000017", ("SCIENTIFIC", "LEADING_ZEROS"), "every digit is there"),
    ("6.6050000021e10", "066050000021", ("SCIENTIFIC", "LEADING_ZEROS"), "small e, no plus"),
    ("1,190000017E+09", "001190000017", ("SCIENTIFIC", "LEADING_ZEROS"), "decimal comma"),
    ("0O119OOOOO17", "001190000017", ("LETTER_O",), "letter O"),
    ("001190000017.0", "001190000017", ("DECIMAL_POINT",), "a float's text"),
    ("1190000017.0", "001190000017", ("DECIMAL_POINT", "LEADING_ZEROS"), "both"),
    ("'001190000017", "001190000017", ("APOSTROPHE",), "text mark of a spreadsheet"),
    ("\u2019001190000017", "001190000017", ("APOSTROPHE",), "the same after autocorrection"),
    ("001.190.000.017", "001190000017", ("SEPARATORS",), "dots"),
    ("001 190 000 017", "001190000017", ("SEPARATORS",), "blanks"),
    ("001\u00a0190\u00a0000\u00a0017", "001190000017", ("SEPARATORS",), "no-break blanks"),
    ("001-190-000-017", "001190000017", ("SEPARATORS",), "hyphens"),
    (" 001190000017 ", "001190000017", (), "blanks around"),
    ("００１１９００００００１７"[:12], "001190000001", (), "full-width digits"),
    ("012345678", "012345678", (), "old number"),
    (12345678, "012345678", ("LEADING_ZEROS",), "old number without its zero"),
    ("012 345 678", "012345678", ("SEPARATORS",), "old number in groups"),
    ("1,190,000,017.0", "001190000017", ("SEPARATORS", "DECIMAL_POINT", "LEADING_ZEROS"), "a number format"),
    ("1.190.000.017,00", "001190000017", ("SEPARATORS", "DECIMAL_POINT", "LEADING_ZEROS"), "the Vietnamese one"),
    ("001/190/000/017", "001190000017", ("SEPARATORS",), "slashes"),
    ("001190000017;", "001190000017", ("SEPARATORS",), "a semicolon behind"),
    ('="001190000017"', "001190000017", ("APOSTROPHE",), "how a csv forces text"),
    ("3190000030", "003190000030", ("LEADING_ZEROS",), "no province of the table: the four fields decide"),
    (3190000030, "003190000030", ("LEADING_ZEROS",), "the same in a number cell"),
]

NOT_LOSSLESS = [
    ("", "none", Problem.ID_MISSING, ()),
    ("  ", "none", Problem.ID_MISSING, ()),
    ("không có", "none", Problem.ID_MISSING, ()),
    ("Chưa cấp", "none", Problem.ID_MISSING, ()),
    ("-", "none", Problem.ID_MISSING, ()),
    (0, "none", Problem.ID_MISSING, ()),
    ("000000000", "none", Problem.ID_PLACEHOLDER, ()),
    ("999999999999", "none", Problem.ID_PLACEHOLDER, ()),
    ("1.1902E+11", "malformed", Problem.ID_DIGITS_LOST, ()),
    ("1.19E+11", "malformed", Problem.ID_DIGITS_LOST, ()),
    ("00119000001", "malformed", Problem.ID_MALFORMED, ()),  # 11 digits, and 0001 would be no province
    ("0011900000178", "malformed", Problem.ID_MALFORMED, ()),
    ("12345", "malformed", Problem.ID_MALFORMED, ()),
    ("CCCD: 001190000017", "malformed", Problem.ID_MALFORMED, ("001190000017",)),
    ("00119000001l", "malformed", Problem.ID_MALFORMED, ("001190000011",)),
    ("001190000017/012345678", "malformed", Problem.ID_TWO_NUMBERS, ("001190000017", "012345678")),
    ("012345678 001190000017", "malformed", Problem.ID_TWO_NUMBERS, ("012345678", "001190000017")),
    (1190.5, "malformed", Problem.ID_MALFORMED, ()),
    ({"d": "1990-04-15"}, "malformed", Problem.ID_MALFORMED, ()),
    (True, "malformed", Problem.ID_MALFORMED, ()),
    (None, "malformed", Problem.ID_MALFORMED, ()),
    (float("nan"), "malformed", Problem.ID_MALFORMED, ()),
    (1e400, "malformed", Problem.ID_MALFORMED, ()),
    (10**400, "malformed", Problem.ID_DIGITS_LOST, ()),
    ("12345678.9", "malformed", Problem.ID_MALFORMED, ()),  # a fraction has no digits of the number
    ("1,190,000,017.5", "malformed", Problem.ID_MALFORMED, ()),
    ("12/03/1990", "malformed", Problem.ID_MALFORMED, ()),  # a date in the wrong column
    ("12.03.1990", "malformed", Problem.ID_MALFORMED, ()),
    ("00119000001²", "malformed", Problem.ID_MALFORMED, ()),
    ("00119000001①", "malformed", Problem.ID_MALFORMED, ()),
    ("001190000017²", "malformed", Problem.ID_MALFORMED, ()),
]


@pytest.mark.parametrize(("cell", "number", "rules", "why"), LOSSLESS)
def test_a_number_that_can_be_read_in_one_way_is_read(cell: Any, number: str, rules: tuple[str, ...], why: str) -> None:
    reading = read_id(cell)
    assert (reading.number, reading.rules, reading.problem) == (number, rules, None), why
    assert reading.kind == ("cccd" if len(number) == 12 else "cmnd9")


@pytest.mark.parametrize(("cell", "kind", "problem", "others"), NOT_LOSSLESS)
def test_anything_else_is_a_problem_and_at_most_a_proposal(
    cell: Any, kind: str, problem: Problem, others: tuple[str, ...]
) -> None:
    reading = read_id(cell)
    assert (reading.kind, reading.problem, reading.others) == (kind, problem, others)


@pytest.mark.parametrize("cell", ["B1234567", "C12345678", "b1234567", "AB123456", "N 1234567"])
def test_passports_are_kept_in_capitals(cell: str) -> None:
    reading = read_id(cell)
    assert (reading.kind, reading.number) == ("passport", cell.upper().replace(" ", ""))


@given(st.one_of(st.text(max_size=30), st.integers(), st.floats()))
def test_any_cell_gives_a_reading(cell: Any) -> None:
    reading = read_id(cell)
    assert reading.kind in ("cccd", "cmnd9", "passport", "malformed", "none")
    assert (reading.kind in ("cccd", "cmnd9", "passport")) is (reading.problem is None)
    assert reading.kind != "cccd" or (
        len(reading.number) == 12 and reading.number.isascii() and reading.number.isdigit()
    )


@given(st.text(alphabet="0123456789", min_size=12, max_size=12).filter(lambda digits: len(set(digits)) > 1))
def test_whatever_a_spreadsheet_does_to_a_number_is_undone_or_refused(digits: str) -> None:
    for cell in (
        digits,
        f"'{digits}",
        f"{digits}.0",
        digits.replace("0", "O"),
        " ".join(digits),
        int(digits),
        float(digits),
    ):
        reading = read_id(cell)
        assert reading.number == digits or reading.problem is not None
