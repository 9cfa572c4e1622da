"""A date as a cell holds it -> every date that it can mean.

One meaning: the date. Several (04/05/1990 in a column that does not prove its order, a year of two digits that fits two
centuries): none is chosen. Partial dates keep their precision: `1950` stays `1950`. The column's order of day and month
(`dmy`, `mdy`, empty, or `us` for date cells that may be exchanged) comes from issuer.intake.layout.
"""

import datetime as dt
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from issuer.vietnam_time import VIETNAM
from specs.names import fold

__all__ = ["DOSE_DAYS", "EARLIEST_BIRTH", "DateReading", "day_in_vietnam", "join_parts", "read_date"]

EARLIEST_BIRTH = "1890-01-01"
DOSE_DAYS = ("2019-12-01", "2199-12-31")
"""Bounds within which a date of two-digit year is sought; a dose after the file came is a problem of its own."""


@dataclass(frozen=True, slots=True)
class DateReading:
    """`meanings`: ISO 8601 dates of the precision given, the likeliest first; several: uncertain; none: unreadable.

    `swapped`: the date with day and month exchanged, for proposals. `rule`: the repair; empty if written as a date.
    """

    meanings: tuple[str, ...] = field(repr=False)
    swapped: str = field(default="", repr=False)
    rule: str = ""


_EPOCH = dt.date(1899, 12, 30)
_FIRST_SERIAL, _LAST_SERIAL = 2_200, 73_050  # 1906 to 2099; smaller numbers are years
_TIME = re.compile(
    r"(?:(?<=[0-9])T|\b)[0-9]{1,2}(?::[0-9]{2}(?::[0-9]{2}(?:[.,][0-9]+)?)?|\s*(?:h|giờ)\s*(?:[0-9]{2})?(?:\s*phút)?)"
    r"\s*(?:[AaPp]\.?[Mm]\.?|SA|CH)?(?:Z|[+-][0-9]{2}:?[0-9]{2})?[\s,]*"
)
_THREE = re.compile(r"([0-9]{1,4})[-/.,\\_\s]+([0-9]{1,2})[-/.,\\_\s]+([0-9]{1,4})")
_TWO = re.compile(r"([0-9]{1,4})\s*[-/.,\\_]\s*([0-9]{1,4})")
_PLAIN_SIGNS = str.maketrans(
    {**dict(zip("０１２３４５６７８９／．", "0123456789/.", strict=True)), "\u200b": None}
    | dict.fromkeys("\u2010\u2011\u2012\u2013\u2014\u2015\u2212\ufe58\ufe63\uff0d", "-")
)
_WEEKDAY = re.compile(
    r"(?:thu (?:hai|ba|tu|nam|sau|bay|[2-7])|chu nhat|cn|(?:mon|tues|wednes|thurs|fri|satur|sun)day"
    r"|(?:mon|tue|wed|thu|fri|sat|sun)\b)[\s,.-]+(?=\S)"
)
_SPOKEN = {
    **{"mot": 1, "hai": 2, "ba": 3, "tu": 4, "bon": 4, "nam": 5, "sau": 6, "bay": 7, "tam": 8, "chin": 9},
    **{"muoi": 10, "muoi mot": 11, "muoi hai": 12},
}
_MONTH = "|".join(["[0-9]{1,2}", *("nam(?= nam)" if word == "nam" else word for word in reversed(_SPOKEN))])
"""Folded `tháng năm 1990` may be May, or a month left blank in a form."""
_WORDS = re.compile(
    rf"(?:(?:ngay\s*)?([0-9]{{1,2}})\s*[-/.,]?\s*)?(?:thang|thg\.?|th\.?)\s*({_MONTH})"
    r"\s*[-/.,]?\s*(?:nam\s*)?([0-9]{4})"
)
_YEAR_IN_WORDS = re.compile(r"(?:sinh )?(?:nam(?: sinh)?|sn)\s*[:.]?\s*([0-9]{4})")
_MONTH_NAMES = "jan feb mar apr may jun jul aug sep oct nov dec".split()
_NAMED = re.compile(r"([0-9]{1,2})[\s\-/.,]*([a-z]{3})[a-z]*\.?[\s\-/.,]*([0-9]{4}|[0-9]{2})")
_NAMED_FIRST = re.compile(r"([a-z]{3})[a-z]*\.?[\s\-/.,]*([0-9]{1,2})[\s\-/.,]+([0-9]{4})")
_NO_DAY = re.compile(r"(?:[0?x_.\-]{0,2}\s*[-/]\s*){1,2}((?:19|20)[0-9]{2})")
_LARGEST = 10**9  # a number of more digits is no date in any notation
_EARLY_SERIALS = ("1905-03-14", "1905-07-18")  # the serials 1900 to 2026: a year typed into a cell that shows dates


def day_in_vietnam(at: str) -> str:
    """The day there of a moment (ISO 8601 with its zone): 23:30Z is the next day."""
    return dt.datetime.fromisoformat(at).astimezone(VIETNAM).date().isoformat()


def read_date(cell: Any, order: str, earliest: str, latest: str) -> DateReading:
    """The meanings of a cell that lie from `earliest` to `latest` (both ISO dates, included)."""
    if cell.__class__ is str:
        return _read_text(cell, order, earliest, latest)
    if isinstance(cell, dict):
        return _read_typed(str(cell.get("d", ""))[:10], order, earliest, latest)
    if isinstance(cell, bool) or not isinstance(cell, int | float) or not abs(cell) < _LARGEST:  # false for NaN too
        return DateReading(())
    return _read_number(int(cell), order, earliest, latest)


def join_parts(cells: Sequence[Any], earliest: str, latest: str) -> DateReading:
    """The date of three cells, day, month, year; a missing day, or day and month, leaves a partial date."""
    return _joined(*map(_part, cells), earliest, latest)


@lru_cache(1 << 16)
def _joined(day: int | None, month: int | None, year: int | None, earliest: str, latest: str) -> DateReading:
    if day is None or month is None or not year:
        return DateReading(())
    meanings = [
        partial for century in ([0] if year > 99 else [1900, 2000]) if (partial := _partial(year + century, month, day))
    ]
    return DateReading(_within(meanings, earliest, latest), rule="THREE_COLUMNS")


def _part(cell: Any) -> int | None:
    if cell == "":
        return 0
    if cell.__class__ is str:
        text = cell.strip().removesuffix(".0")
        if text.isascii() and text.isdigit():
            return int(text) if len(text) < 10 else None
        return None if text.strip("-?.x_ ") else 0
    return int(cell) if isinstance(cell, int | float) and abs(cell) < _LARGEST and int(cell) == cell else None


def _within(meanings: list[str], earliest: str, latest: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(one for one in meanings if one and earliest[: len(one)] <= one <= latest))


def _read_typed(text: str, order: str, earliest: str, latest: str) -> DateReading:
    meanings = [text] if len(text) == 10 else []
    if meanings and _EARLY_SERIALS[0] <= text <= _EARLY_SERIALS[1]:
        meanings.append(str((dt.date.fromisoformat(text) - _EPOCH).days))
    swapped = f"{text[:5]}{text[8:]}-{text[5:7]}" if meanings and text[8:] <= "12" and text[8:] != text[5:7] else ""
    if swapped and order == "us":
        return DateReading(_within([swapped, *meanings], earliest, latest))
    return DateReading(_within(meanings, earliest, latest), swapped)


@lru_cache(1 << 15)
def _read_number(number: int, order: str, earliest: str, latest: str) -> DateReading:
    if 1800 <= number < _FIRST_SERIAL:
        return DateReading(_within([str(number)], earliest, latest))
    if _FIRST_SERIAL <= number <= _LAST_SERIAL:
        day = (_EPOCH + dt.timedelta(days=number)).isoformat()
        return DateReading(_within([day], earliest, latest), rule="SERIAL")
    return _read_digits(str(number), order, earliest, latest)


@lru_cache(1 << 16)
def _read_text(cell: str, order: str, earliest: str, latest: str) -> DateReading:
    text = cell.strip().lstrip("'\u2018\u2019").strip()
    if not text.isascii():
        text = " ".join(text.translate(_PLAIN_SIGNS).split())
    if ":" in text or "h" in text or "giờ" in text:
        text = _TIME.sub(" ", text, count=1).strip(" ,-")
    if text.endswith((".", ",", ";")):
        text = text.rstrip(" .,;")
    if text.endswith("0") and (whole := text.rstrip("0")).endswith((".", ",")) and whole[:-1].isdigit():
        text = whole[:-1]
    if text.isascii() and text.isdigit():
        return _read_digits(text, order, earliest, latest)
    if found := _THREE.fullmatch(text):
        return _read_three(found[1], found[2], found[3], order, earliest, latest)
    lower = fold(text)
    if found := _WEEKDAY.match(lower):
        return _read_text(lower[found.end() :].removeprefix("ngay "), order, earliest, latest)
    if found := _WORDS.fullmatch(lower):
        month = _SPOKEN.get(found[2]) or int(found[2])
        return _kept([_partial(int(found[3]), month, int(found[1] or 0))], earliest, latest)
    if found := _YEAR_IN_WORDS.fullmatch(lower):
        return _kept([found[1]], earliest, latest)
    if "o" in lower and not (zeros := lower.replace("o", "0")).upper().isupper():  # no other letter: each is a zero
        reading = _read_text(zeros, order, earliest, latest)
        return DateReading(reading.meanings, reading.swapped, reading.rule or "LETTER_O")
    if found := _NAMED.fullmatch(lower):
        return _named(int(found[1]), found[2], found[3], earliest, latest)
    if found := _NAMED_FIRST.fullmatch(lower):
        return _named(int(found[2]), found[1], found[3], earliest, latest)
    if found := _NO_DAY.fullmatch(lower):
        return _kept([found[1]], earliest, latest, "NO_DAY")
    if found := _TWO.fullmatch(text):
        first, second = found[1], found[2]
        if len(second) == 4 and len(first) <= 2:
            return _kept([_partial(int(second), int(first), 0)], earliest, latest)
        if len(first) == 4 and len(second) <= 2:
            return _kept([_partial(int(first), int(second), 0)], earliest, latest)
    return DateReading(())


def _kept(meanings: list[str], earliest: str, latest: str, rule: str = "") -> DateReading:
    return DateReading(_within(meanings, earliest, latest), rule=rule)


def _named(day: int, month: str, year: str, earliest: str, latest: str) -> DateReading:
    if month not in _MONTH_NAMES:
        return DateReading(())
    years = [int(year)] if len(year) == 4 else [1900 + int(year), 2000 + int(year)]
    return _kept([_partial(one, _MONTH_NAMES.index(month) + 1, day) for one in years], earliest, latest)


def _partial(year: int, month: int, day: int) -> str:
    """ISO text of the precision given by zeros; empty for no date."""
    if not 1800 <= year <= 2200:
        return ""
    if not month:
        return "" if day else f"{year:04}"
    if not 1 <= month <= 12:
        return ""
    if not day:
        return f"{year:04}-{month:02}"
    try:
        return dt.date(year, month, day).isoformat()
    except ValueError:
        return ""


def _read_three(first: str, second: str, third: str, order: str, earliest: str, latest: str) -> DateReading:
    a, b, c = int(first), int(second), int(third)
    if len(first) == 4:
        return _kept([_partial(a, b, c) or _partial(a, c, b)], earliest, latest)
    if len(first) > 2 or len(third) not in (2, 4):
        return DateReading(())
    years = [c] if len(third) == 4 else [1900 + c, 2000 + c]
    rule = "TWO_DIGIT_YEAR" if len(third) == 2 else ""
    day_first = _within([one for year in years if (one := _partial(year, b, a))], earliest, latest)
    if a == 0:
        return DateReading(day_first, rule="NO_DAY")
    month_first = _within([one for year in years if (one := _partial(year, a, b))], earliest, latest)
    if not b or a == b or not month_first:
        return DateReading(day_first, rule=rule)
    if not day_first:
        return DateReading(month_first, rule=rule or ("MONTH_FIRST" if order != "mdy" else ""))
    if order == "dmy":
        return DateReading(day_first, month_first[0], rule)
    if order == "mdy":
        return DateReading(month_first, day_first[0], rule or "MONTH_FIRST")
    return DateReading(day_first + month_first, rule=rule)


def _read_digits(text: str, order: str, earliest: str, latest: str) -> DateReading:
    if len(text) == 4:
        return _kept([text], earliest, latest)
    if len(text) == 5 and _FIRST_SERIAL <= int(text) <= _LAST_SERIAL:
        return _read_number(int(text), order, earliest, latest)
    if len(text) in (7, 8):
        padded = text.zfill(8)
        days = _read_three(padded[:2], padded[2:4], padded[4:], order, earliest, latest)
        if len(text) == 7:
            return DateReading(days.meanings, days.swapped, "COMPACT")
        years = _within([_partial(int(text[:4]), int(text[4:6]), int(text[6:]))], earliest, latest)
        return DateReading((*years, *(one for one in days.meanings if one not in years)), rule="COMPACT")
    if len(text) == 6:
        short = _read_three(text[:2], text[2:4], text[4:], order, earliest, latest).meanings
        month = _within([_partial(int(text[2:]), int(text[:2]), 0)], earliest, latest)
        return DateReading((*month, *short), rule="COMPACT")
    return DateReading(())
