"""Sex and nationality as people type them."""

import unicodedata

import pytest

from issuer.reading.nationality import read_nationality
from issuer.reading.person_text import read_sex
from issuer.reading.problems import Problem

VIETNAMESE_OR_UNKNOWN = [
    "Việt Nam", "Vietnamese", "V.N", "Việt-Nam", "VN - Việt Nam", "Việt Nam (VN)", "CHXHCN Việt Nam", "VNM",
    "Viet nam.",
    "Nước CHXHCN Việt Nam", "Công dân Việt Nam", "Việt Nam, Mỹ", "Kinh", "1", "000", "nan", "-", "Không", "", "NO",
]  # fmt: skip
FOREIGN = [
    "Lào", "Campuchia", "Cam-pu-chia", "Trung Quốc", "Mỹ", "Hoa Kỳ", "Nga", "Pháp", "Đức", "Anh", "Anh quốc",
    "Nhật Bản", "Hàn Quốc", "HÀN QUỐC", "Thái Lan", "Ấn Độ", "Úc", "Canada", "Đài Loan", "Singapore", "Malaysia",
    "Philippines", "Indonesia", "Myanmar", "US", "U.S.A.", "KOR", "Hàn Quốc (KR)", "South Korea", "Quốc tịch Nhật Bản",
    "Nước ngoài",
]  # fmt: skip


@pytest.mark.parametrize("text", VIETNAMESE_OR_UNKNOWN)
def test_who_names_no_other_country_is_no_foreigner(text: str) -> None:
    assert read_nationality(text) == (text, False)


@pytest.mark.parametrize("text", FOREIGN)
def test_who_names_another_country_is_a_foreigner(text: str) -> None:
    assert read_nationality(text) == (text, True)
    assert read_nationality(unicodedata.normalize("NFD", text))[1]


@pytest.mark.parametrize(
    ("text", "sex", "problem"),
    [
        ("Nữ", "F", None),
        (unicodedata.normalize("NFD", "Nữ"), "F", None),
        ("NỮ.", "F", None),
        ("Nu", "F", None),
        ("nam giới", "M", None),
        ("Nử", "", Problem.SEX_UNREADABLE),
        ("Nám", "", Problem.SEX_UNREADABLE),
        ("1", "", Problem.SEX_UNREADABLE),
        (" . ", "", Problem.SEX_MISSING),
    ],
)
def test_a_sex_has_all_its_marks_or_none(text: str, sex: str, problem: Problem | None) -> None:
    assert read_sex(text) == (sex, problem)
