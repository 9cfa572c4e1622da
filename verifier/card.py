"""What was read from a Vietnamese ID card: the text of its QR code, its MRZ, or the bare number typed in.

In: the text as a scanner or a person gives it. Out: a `Card`. Refused with CARD_UNREADABLE: fewer than seven fields, a
number that is not twelve digits, a birth date that does not exist, an MRZ whose check digits disagree. The QR code of
a card proves nothing, it only saves typing (circulars 59/2021 and 16/2024; ICAO 9303-5).
"""

import re
import unicodedata
from dataclasses import dataclass, field
from datetime import date

from specs.national_id import is_national_id, parse_national_id
from specs.verdicts import Reason, Step
from verifier.errors import VerifierError

MAX_TEXT = 4096
"""Characters. A card's QR code holds a few hundred."""

_MIN_FIELDS = 7  # descriptions with six circulate: they leave out the old number
_SEPARATORS_IN_NUMBER = str.maketrans("", "", " .-\u00a0")
_MRZ_LINE, _MRZ_LINES = 30, 3
_MRZ = re.compile(r"[A-Z0-9<]{90}")
_MRZ_HEAD = "IDVNM"
_MRZ_WEIGHTS = (7, 3, 1)  # ICAO 9303-3 section 4.9
_MRZ_UNKNOWN = re.compile(r"<<|00")


@dataclass(frozen=True, slots=True)
class Card:
    """The holder as the card says; what it does not say is None.

    `birth_date` is `YYYY-MM-DD`, `YYYY-MM` or `YYYY`; `name` is the full name as written; `icao_name` the words of the
    MRZ's third line, which `is_cut` if they fill it.
    """

    number: str = field(repr=False)
    name: str | None = field(default=None, repr=False)
    icao_name: tuple[str, ...] | None = field(default=None, repr=False)
    is_cut: bool = False
    birth_date: str | None = field(default=None, repr=False)


def read_card(text: str) -> Card:
    """Return the card in `text`.

    Raises:
        VerifierError: CARD_UNREADABLE.
    """
    if len(text) > MAX_TEXT:
        raise _unreadable("longer than any card")
    text = _repaired(text)
    if "|" in text:
        return _of_qr(text)
    lines = "".join(text.split())
    if _MRZ.fullmatch(lines):
        return _of_mrz(lines)
    number = text.translate(_SEPARATORS_IN_NUMBER)
    if is_national_id(number):
        return Card(number)
    raise _unreadable("neither the QR text of a card, nor an MRZ, nor a number of twelve digits")


def _unreadable(detail: str) -> VerifierError:
    return VerifierError(Step.CARD, Reason.CARD_UNREADABLE, detail)


def _repaired(text: str) -> str:
    """`text` without what scanners add and do to it: line ends, BOM, NUL, and UTF-8 sent on as Latin-1."""
    text = text.replace("\ufeff", "").replace("\0", "").strip()
    for encoding in ("latin-1", "cp1252"):
        try:
            text = text.encode(encoding).decode("utf-8")
            break
        except UnicodeError:  # it holds letters that are not of this encoding, or they are no UTF-8: not damaged so
            continue
    return unicodedata.normalize("NFC", text.replace("\ufeff", "").strip())


def _of_qr(text: str) -> Card:
    """`number|old number|name|birth date|sex|residence|issue date`, and more fields on the cards of 2024."""
    fields = [entry.strip() for entry in text.split("|")]
    if len(fields) < _MIN_FIELDS:
        raise _unreadable(f"{len(fields)} fields, at least {_MIN_FIELDS}")
    number, _, name, born = fields[:4]
    if not is_national_id(number):
        raise _unreadable("a number that is not twelve digits")
    if not name:
        raise _unreadable("no name")
    return Card(number, name=name, birth_date=_birth_date(born))


def _birth_date(text: str) -> str:
    """A date as DDMMYYYY. How a card writes a year alone is not established: `1950` and `00001950` are read so."""
    if not (text.isascii() and text.isdigit() and len(text) in (4, 8)):
        raise _unreadable("a birth date that is not DDMMYYYY")
    year = text[-4:]
    if len(text) == 4 or text.startswith("0000"):
        return _real_date(year, "", "")
    return _real_date(year, text[2:4], "" if text[:2] == "00" else text[:2])


def _real_date(year: str, month: str, day: str) -> str:
    try:
        date(int(year), int(month or 1), int(day or 1))
    except ValueError as error:
        raise _unreadable("a birth date that does not exist") from error
    return "-".join(part for part in (year, month, day) if part)


def _of_mrz(text: str) -> Card:
    """ICAO 9303-5 TD1, as Vietnam fills it: the whole number stands among the optional data of line 1."""
    first, second, third = (text[start : start + _MRZ_LINE] for start in range(0, _MRZ_LINE * _MRZ_LINES, _MRZ_LINE))
    number = first[15:27]
    if not first.startswith(_MRZ_HEAD) or not is_national_id(number) or first[5:14] != number[3:]:
        raise _unreadable("not the MRZ of a Vietnamese card")
    checks = (
        (first[5:14], first[14]),
        (number, first[29]),
        (second[:6], second[6]),
        (second[8:14], second[14]),
        (first[5:] + second[:7] + second[8:15] + second[18:29], second[29]),
    )
    if not all(_check_digit(data) == digit or (digit == "<" and not data.strip("<")) for data, digit in checks):
        raise _unreadable("a check digit of the MRZ")
    words = tuple(word for word in third.split("<") if word)
    if not words:
        raise _unreadable("no name")
    return Card(number, icao_name=words, is_cut=not third.endswith("<"), birth_date=_mrz_birth_date(second, number))


def _mrz_birth_date(second: str, number: str) -> str:
    """YYMMDD; the century stands in the number, which the MRZ repeats. An unknown day or month is `<<` or `00`."""
    year, month, day = second[:2], second[2:4], second[4:6]
    if not year.isdigit():
        raise _unreadable("no birth year")
    century = parse_national_id(number).birth_year // 100
    month = "" if _MRZ_UNKNOWN.fullmatch(month) else month
    day = "" if not month or _MRZ_UNKNOWN.fullmatch(day) else day
    return _real_date(f"{century}{year}", month, day)


def _check_digit(data: str) -> str:
    """ICAO 9303-3 section 4.9: weights 7, 3, 1; `<` is 0, A is 10."""
    values = (0 if sign == "<" else int(sign, 36) for sign in data)
    return str(sum(value * _MRZ_WEIGHTS[place % 3] for place, value in enumerate(values)) % 10)
