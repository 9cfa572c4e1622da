"""Name, sex and telephone as cells hold them -> one spelling, with what was repaired and what is wrong."""

import re
import unicodedata
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from issuer.reading.problems import Problem
from specs.names import compose, fold, lossless_key, one_apostrophe, one_blank, one_d

__all__ = ["NameReading", "is_test_name", "read_name", "read_phone", "read_sex", "ticked"]


@dataclass(frozen=True, slots=True)
class NameReading:
    """The name in one spelling, its lossless key, its folded form (without a remark), repairs and problems."""

    name: str = field(repr=False)
    key: str = field(repr=False)
    folded: str = field(repr=False)
    without_remark: str = field(default="", repr=False)
    rules: tuple[str, ...] = ()
    problems: tuple[Problem, ...] = ()


_REMARK = re.compile(
    r"\s*(?:[,;:(\[/+*=]|\s[-\u2013]\s|\b(?:con|cháu|vợ|chồng|mẹ|bố|cha|em|chị|anh)\s+(?:của\s+)?(?:bà|ông|anh|chị|cô|chú)\b).*",
    re.IGNORECASE,
)
_ODD_SIGN = re.compile(r"[^\w\s'.\-,;:()\[\]/+*=&·\u2013]|[0-9_]")
_ALWAYS_MARKED = frozenset(
    "nguyen tran le pham huynh hoang dang bui do ngo duong dinh trinh vo vu ly truong doan luong thi".split()
)


@lru_cache(1 << 16)
def read_name(raw: str) -> NameReading:
    """The reading of a name already in Unicode letters (issuer.intake.legacy_fonts)."""
    composed = compose(raw)
    rules = [] if composed == raw else ["NFC"]
    for rule, mend in (("LETTER_D", one_d), ("APOSTROPHE", one_apostrophe), ("BLANKS", one_blank)):
        mended = mend(composed)
        if mended != composed:
            rules.append(rule)
            composed = mended
    name = (
        "".join(sign for sign in composed if unicodedata.category(sign) != "Cc")
        if not composed.isprintable()
        else composed
    )
    problems: list[Problem] = []
    without_remark = _REMARK.sub("", name).strip() if name else ""
    if without_remark == name:
        without_remark = ""
    else:
        problems.append(Problem.NAME_REMARK)
    if _ODD_SIGN.search(name):
        problems.append(Problem.NAME_SIGNS)
    if not name:
        problems.append(Problem.NAME_MISSING)
    elif name.isascii():
        words = name.lower().split()
        if words[0] in _ALWAYS_MARKED or "thi" in words[1:-1]:
            problems.append(Problem.NAME_NO_DIACRITICS)
    return NameReading(
        name, lossless_key(name), fold(without_remark or name), without_remark, tuple(rules), tuple(problems)
    )


_TEST_WORDS = frozenset({"test", "testing", "tester", "demo"})
_UNMARKED_TESTS = frozenset(
    "abc|xyz|asdf|thu nghiem|kiem tra|kiem thu|du lieu thu|du lieu mau|dong thu|mau thu|ban ghi thu|ban ghi mau".split(
        "|"
    )
)
_NOBODYS_NAME = re.compile(r"(?:dữ liệu|dòng|hàng|bản ghi|mẫu) (?:thử|mẫu)\b|(?:ví dụ|vd)\s*:")
_MARKED_TEST = re.compile(rf"{_NOBODYS_NAME.pattern}|(?:thử nghiệm|kiểm (?:tra|thử)|người thử)\b")
_ONE_LETTER_AGAIN = re.compile(r"([a-z])\1+")


def is_test_name(reading: NameReading, *, identified: bool = False) -> bool:
    """Whether a whole name is that of a test row. Marks count where there are any: Thu Nghiêm is a person's name.

    `identified`: ID number and birth date are well formed; then only words that are nobody's name tell a test.
    """
    folded = reading.folded.rstrip(" 0123456789").strip("()[] ")
    name = reading.name.lower()
    if identified:
        return folded in _TEST_WORDS or bool(_NOBODYS_NAME.match(name))
    if _MARKED_TEST.match(name) or (reading.name.isascii() and folded in _UNMARKED_TESTS):
        return True
    return bool(_ONE_LETTER_AGAIN.fullmatch(folded)) or not _TEST_WORDS.isdisjoint(folded.split(" "))


_SEX = {
    "nam": "M", "trai": "M", "m": "M", "male": "M", "nam giới": "M", "con trai": "M",
    "nữ": "F", "gái": "F", "f": "F", "female": "F", "nữ giới": "F", "con gái": "F",
}  # fmt: skip
_SEX_READ = {lossless_key(word): sex for word, sex in _SEX.items()} | {fold(word): sex for word, sex in _SEX.items()}


@lru_cache(1 << 10)
def read_sex(text: str) -> tuple[str, Problem | None]:
    """`M` or `F`, or empty with the problem. Figures (1, 0) mean different sexes in different forms: not read.

    With every mark or with none: `Nữ` and `Nu` are read, `Nử` is a typing error of who knows which word.
    """
    word = lossless_key(text.strip(" ."))
    if not word:
        return "", Problem.SEX_MISSING
    sex = _SEX_READ.get(word, "")
    return sex, None if sex else Problem.SEX_UNREADABLE


def ticked(cell: Any) -> bool:
    """Whether a tick column is ticked: anything but nothing, zero and `không`."""
    if cell.__class__ is str:
        return fold(cell) not in ("", "0", "khong", "-", "false")
    return bool(cell)


_NOT_DIGITS = re.compile(r"[\s.\-()/]+")


@lru_cache(1 << 14)
def read_phone(text: str) -> tuple[str, bool]:
    """The number in national form and whether it is one; the first of several."""
    digits = _NOT_DIGITS.sub("", re.split(r"[,;]|\s-\s", text)[0]).lstrip("'").removesuffix(".0")
    if digits.startswith("+84"):
        digits = "0" + digits[3:]
    elif digits.startswith("84") and len(digits) == 11:
        digits = "0" + digits[2:]
    elif len(digits) == 9 and not digits.startswith("0"):
        digits = "0" + digits
    return digits[:32], digits.isascii() and digits.isdigit() and digits.startswith("0") and 10 <= len(digits) <= 11
