"""The personal identification number (số định danh cá nhân, CCCD): 12 digits `PPP G YY NNNNNN`.

Comes in: 12 digits. Goes out: what they say of province, sex and birth year, and where that disagrees with other facts.
There is no check digit. A disagreement is a signal for review, never a proof of error: numbers are re-issued, and a
relative's number is typed. Decree 137/2015 article 13, circular 59/2021/TT-BCA article 4.
"""

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Literal

__all__ = ["PROVINCES", "Disagreement", "NationalId", "Sex", "cross_check", "is_national_id", "parse_national_id"]

Sex = Literal["M", "F"]

PROVINCES = {
    code: name
    for line in """
    001 Hà Nội|002 Hà Giang|004 Cao Bằng|006 Bắc Kạn|008 Tuyên Quang|010 Lào Cai|011 Điện Biên|012 Lai Châu|014 Sơn La
    015 Yên Bái|017 Hòa Bình|019 Thái Nguyên|020 Lạng Sơn|022 Quảng Ninh|024 Bắc Giang|025 Phú Thọ|026 Vĩnh Phúc
    027 Bắc Ninh|030 Hải Dương|031 Hải Phòng|033 Hưng Yên|034 Thái Bình|035 Hà Nam|036 Nam Định|037 Ninh Bình
    038 Thanh Hóa|040 Nghệ An|042 Hà Tĩnh|044 Quảng Bình|045 Quảng Trị|046 Thừa Thiên Huế|048 Đà Nẵng|049 Quảng Nam
    051 Quảng Ngãi|052 Bình Định|054 Phú Yên|056 Khánh Hòa|058 Ninh Thuận|060 Bình Thuận|062 Kon Tum|064 Gia Lai
    066 Đắk Lắk|067 Đắk Nông|068 Lâm Đồng|070 Bình Phước|072 Tây Ninh|074 Bình Dương|075 Đồng Nai|077 Bà Rịa-Vũng Tàu
    079 TP Hồ Chí Minh|080 Long An|082 Tiền Giang|083 Bến Tre|084 Trà Vinh|086 Vĩnh Long|087 Đồng Tháp|089 An Giang
    091 Kiên Giang|092 Cần Thơ|093 Hậu Giang|094 Sóc Trăng|095 Bạc Liêu|096 Cà Mau
    """.strip().splitlines()
    for entry in line.strip().split("|")
    for code, _, name in (entry.partition(" "),)
}
"""The province where the birth was registered, by the first three digits; the merger of 2025 renumbered no one."""


class Disagreement(StrEnum):
    """What a number says that other facts do not."""

    PROVINCE_UNKNOWN = "province_unknown"
    SEX = "sex"
    BIRTH_YEAR = "birth_year"
    BIRTH_IN_FUTURE = "birth_in_future"


@dataclass(frozen=True, slots=True)
class NationalId:
    """A number of the right shape; `province` is None where the table lacks the first three digits (foreign-born)."""

    number: str = field(repr=False)
    province: str | None
    sex: Sex
    birth_year: int = field(repr=False)


def is_national_id(text: str) -> bool:
    """Whether the text has the shape of a number: exactly twelve ASCII digits."""
    return len(text) == 12 and text.isascii() and text.isdigit()


def parse_national_id(text: str) -> NationalId:
    """What the digits say. Raises ValueError when the text is not twelve ASCII digits."""
    if not is_national_id(text):
        raise ValueError("a personal identification number is twelve digits")
    century = int(text[3])
    return NationalId(
        text, PROVINCES.get(text[:3]), "F" if century % 2 else "M", 1900 + 100 * (century // 2) + int(text[4:6])
    )


def cross_check(
    number: NationalId, *, sex: Sex | None, birth_year: int | None, this_year: int
) -> tuple[Disagreement, ...]:
    """Every disagreement between the number and the facts beside it; a fact that is None is not compared."""
    found = []
    if number.province is None:
        found.append(Disagreement.PROVINCE_UNKNOWN)
    if sex is not None and sex != number.sex:
        found.append(Disagreement.SEX)
    if birth_year is not None and birth_year != number.birth_year:
        found.append(Disagreement.BIRTH_YEAR)
    if number.birth_year > this_year:
        found.append(Disagreement.BIRTH_IN_FUTURE)
    return tuple(found)
