"""An ID number as a cell holds it -> its one lossless reading, or what is wrong with it.

Lossless: lost leading zeros, scientific notation that kept every digit, the letter O for zero, blanks and dots between
the digits, a trailing `.0`, an apostrophe before. Anything else (a label before the number, l for 1) is another
reading, for proposals only.
"""

import math
import re
import unicodedata
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from issuer.reading.problems import Problem
from specs.names import fold
from specs.national_id import PROVINCES

__all__ = ["IdReading", "read_id"]


@dataclass(frozen=True, slots=True)
class IdReading:
    """`kind`: cccd, cmnd9, passport, malformed or none. `others`: further readings. `rules`: the repairs applied."""

    kind: str
    number: str = field(repr=False)
    others: tuple[str, ...] = field(default=(), repr=False)
    rules: tuple[str, ...] = ()
    problem: Problem | None = None


_MISSING = frozenset(
    [
        "khong",
        "khong co",
        "ko",
        "ko co",
        "k co",
        "k",
        "chua",
        "chua co",
        "chua cap",
        "chua lam",
        "mat",
        "khong nho",
        "none",
        "null",
        "na",
        "n/a",
        "nan",
        "x",
        "0",
    ]
)
_APOSTROPHES = "'\u2018\u2019\u02bc`\u00b4"
_SCIENTIFIC = re.compile(r"([0-9])(?:[.,]([0-9]+))?[eE]\+?([0-9]{1,2})")
_DECIMAL = re.compile(r"([0-9]+|[0-9]{1,3}(?:\.[0-9]{3})+(?=,)|[0-9]{1,3}(?:,[0-9]{3})+(?=\.))[.,]0{1,4}")
_FRACTION = re.compile(r"(?:[0-9]+|[0-9]{1,3}(?:\.[0-9]{3})+(?=,)|[0-9]{1,3}(?:,[0-9]{3})+(?=\.))[.,][0-9]{1,2}")
_DATE = re.compile(r"[0-9]{1,2}([-/.])[0-9]{1,2}\1[0-9]{4}|[0-9]{4}([-/.])[0-9]{1,2}\2[0-9]{1,2}")
_SEPARATORS = re.compile(r"[\s.,;/\-\u2010-\u2015_·]+")
_GROUPS = re.compile(r"[0-9A-Za-z]+")
_PASSPORT = re.compile(r"(?=[A-Z]{0,8}[0-9])(?=[0-9]*[A-Z])[A-Z0-9]{6,9}")
_VIETNAMESE_PASSPORT = re.compile(r"[A-Z][0-9]{7,8}")
_LOOKALIKES = str.maketrans("OoQDlI|SBZ", "0000111582")


def read_id(cell: Any) -> IdReading:
    """The reading of one cell: text, a number, or a date that never was one."""
    if cell.__class__ is str:
        return _read_text(cell)
    if isinstance(cell, bool) or not isinstance(cell, int | float):
        return IdReading("malformed", "", problem=Problem.ID_MALFORMED)
    if isinstance(cell, float) and not (math.isfinite(cell) and cell.is_integer()):
        return IdReading("malformed", repr(cell) if math.isfinite(cell) else "", problem=Problem.ID_MALFORMED)
    if abs(cell) >= 10**15:  # a spreadsheet keeps 15 digits
        written = f"{cell:.14E}" if abs(cell) < 10**300 else ""
        return IdReading("malformed", written, problem=Problem.ID_DIGITS_LOST)
    return _digits(str(int(cell)), ()) if cell >= 0 else _malformed(str(int(cell)))


@lru_cache(1 << 16)
def _read_text(cell: str) -> IdReading:
    text = cell.strip()
    rules: tuple[str, ...] = ()
    if text.startswith('="') and text.endswith('"') and len(text) > 3:
        text, rules = text[2:-1].strip(), ("APOSTROPHE",)  # how a csv forces text: the same mark in another notation
    if not text.isascii():
        if any(sign.isnumeric() and not (sign.isascii() or "０" <= sign <= "９") for sign in text):
            return IdReading("malformed", text, (), rules, Problem.ID_MALFORMED)  # ² and ① are remarks, not digits
        plain = unicodedata.normalize("NFKC", text)
        plain = "".join(sign for sign in plain if unicodedata.category(sign) not in ("Cf", "Cc")).strip()
        text = plain.replace("О", "O").replace("о", "o")  # Cyrillic
    if text and text[0] in _APOSTROPHES:
        text, rules = text.lstrip(_APOSTROPHES).strip(), ("APOSTROPHE",)
    if len(text) == 12 and text.isdigit() and text.isascii():
        return _digits(text, rules)
    if not text or not _GROUPS.search(text) or fold(text) in _MISSING:
        return IdReading("none", "", problem=Problem.ID_MISSING)
    if found := _SCIENTIFIC.fullmatch(text):
        return _scientific(found, rules)
    if found := _DECIMAL.fullmatch(text):
        whole = _SEPARATORS.sub("", found[1])
        return _digits(whole, (*rules, *(("SEPARATORS",) if whole != found[1] else ()), "DECIMAL_POINT"))
    if _FRACTION.fullmatch(text) or _DATE.fullmatch(text):
        return IdReading("malformed", text, (), rules, Problem.ID_MALFORMED)
    groups = _GROUPS.findall(text)
    if sum(len(group) in (9, 12) and group.isdigit() for group in groups) > 1:
        return IdReading(
            "malformed", text, tuple(g for g in groups if len(g) in (9, 12)), rules, Problem.ID_TWO_NUMBERS
        )
    joined = _SEPARATORS.sub("", text)
    if joined != text:
        rules = (*rules, "SEPARATORS")
    if joined.isdigit() and joined.isascii():
        return _digits(joined, rules)
    zeros = joined.replace("O", "0").replace("o", "0")
    if zeros.isdigit() and zeros.isascii() and not (_VIETNAMESE_PASSPORT.fullmatch(joined) and len(joined) == 8):
        return _digits(zeros, (*rules, "LETTER_O"))
    upper = joined.upper()
    if upper.isascii() and _PASSPORT.fullmatch(upper):
        return IdReading("passport", upper, (), rules)
    return IdReading("malformed", text, _other_readings(joined, groups), rules, Problem.ID_MALFORMED)


def _other_readings(joined: str, groups: list[str]) -> tuple[str, ...]:
    likely = [joined.translate(_LOOKALIKES), *(group for group in groups if group.isdigit())]
    readings = (_digits(text, ()) for text in dict.fromkeys(likely) if text.isascii() and text.isdigit())
    return tuple(reading.number for reading in readings if reading.kind in ("cccd", "cmnd9"))


def _scientific(found: re.Match[str], rules: tuple[str, ...]) -> IdReading:
    whole, decimals, exponent = found[1], found[2] or "", int(found[3])
    if len(decimals) > exponent and not decimals[exponent:].strip("0"):
        decimals = decimals[:exponent]
    if len(decimals) == exponent:
        return _digits(whole + decimals, (*rules, "SCIENTIFIC"))
    return IdReading("malformed", found[0].upper(), (), rules, Problem.ID_DIGITS_LOST)


def _digits(digits: str, rules: tuple[str, ...]) -> IdReading:
    length = len(digits)
    if length > 12 or not digits.strip(digits[0]):
        if length > 3 and length <= 12:
            return IdReading("none", digits, (), rules, Problem.ID_PLACEHOLDER)
        return IdReading("none", "", (), (), Problem.ID_MISSING) if digits.strip("0") == "" else _malformed(digits)
    if length == 12:
        return IdReading("cccd", digits, (), rules)
    if length == 9:
        return IdReading("cmnd9", digits, (), rules)
    if length in (10, 11):
        padded = digits.zfill(12)
        # a spreadsheet drops every zero; which province is left is for the four fields to prove
        if digits[0] != "0" or padded[:3] in PROVINCES:
            return IdReading("cccd", padded, (), (*rules, "LEADING_ZEROS"))
    elif length in (7, 8):
        return IdReading("cmnd9", digits.zfill(9), (), (*rules, "LEADING_ZEROS"))
    return _malformed(digits)


def _malformed(digits: str) -> IdReading:
    return IdReading("malformed", digits, problem=Problem.ID_MALFORMED)
