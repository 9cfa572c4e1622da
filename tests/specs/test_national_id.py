"""The twelve digits: what they tell, and that no check digit is invented."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from specs.national_id import PROVINCES, Disagreement, cross_check, is_national_id, parse_national_id


def test_the_province_table_is_that_of_the_circular() -> None:
    assert len(PROVINCES) == 63
    assert PROVINCES["001"] == "Hà Nội" and PROVINCES["096"] == "Cà Mau" and PROVINCES["077"] == "Bà Rịa-Vũng Tàu"
    assert PROVINCES["024"] == "Bắc Giang" and "023" not in PROVINCES  # one site misprints it


@pytest.mark.parametrize(
    ("number", "sex", "year"),
    [
        ("001190000017", "F", 1990),
        ("001090000017", "M", 1990),
        ("001200000017", "M", 2000),
        ("001315000017", "F", 2015),
        ("001450000017", "M", 2150),
        ("001999000017", "F", 2399),
    ],
)
def test_century_and_sex_digit(number: str, sex: str, year: int) -> None:
    parsed = parse_national_id(number)
    assert (parsed.sex, parsed.birth_year, parsed.province) == (sex, year, "Hà Nội")
    assert number not in repr(parsed)


@pytest.mark.parametrize("text", ["", "00119000001", "0011900000178", "00119000001O", "٠٠١١٩٠٠٠٠٠١٧", " 01190000017"])
def test_other_shapes_are_no_number(text: str) -> None:
    assert not is_national_id(text)
    with pytest.raises(ValueError, match="twelve digits"):
        parse_national_id(text)


@pytest.mark.parametrize(
    ("number", "sex", "year", "found"),
    [
        ("001190000017", "F", 1990, ()),
        ("001190000017", "M", 1990, (Disagreement.SEX,)),
        ("001190000017", None, None, ()),
        ("001190000017", "M", 1985, (Disagreement.SEX, Disagreement.BIRTH_YEAR)),
        ("199190000017", "F", 1990, (Disagreement.PROVINCE_UNKNOWN,)),
        ("001250000017", "M", 2050, (Disagreement.BIRTH_IN_FUTURE,)),
    ],
)
def test_disagreements_are_told_and_refuse_nothing(
    number: str, sex: str, year: int, found: tuple[Disagreement, ...]
) -> None:
    assert cross_check(parse_national_id(number), sex=sex, birth_year=year, this_year=2022) == found  # type: ignore[arg-type]


@given(st.text(alphabet="0123456789", min_size=12, max_size=12))
def test_any_twelve_digits_are_a_number(digits: str) -> None:
    assert parse_national_id(digits).number == digits
