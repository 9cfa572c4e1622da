"""What stands on a certificate's page: the 11 fields of Decision 5772/QĐ-BYT, who issued it, and until when.

In: display strings and dates, already decided by the caller from a signed payload. Refused: a text too long for the
page, a time without a zone. No field takes the 12-digit number of an identity card: it is on no page, by design.
"""

import datetime as dt
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import Final, Protocol

from issuer.errors import Code, IssuerError
from issuer.vietnam_time import VIETNAM

MAX_DOSES: Final = 12
"""Dates that fit in field 6; the paper form has seven slots, and more must not stop a certificate."""

_LIMITS: Final[Mapping[str, int]] = {"full_name": 161, "latin_name": 161, "uvci": 80}
"""Characters. The schema gives 80 each to family and given name, and 80 to the certificate's number."""

_LIMIT: Final = 80
_MONTHS: Final = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_DATE: Final = re.compile(r"(\d{4})(?:-(\d{2})(?:-(\d{2}))?)?", re.ASCII)


@dataclass(frozen=True, slots=True)
class Words:
    """One thing said in Vietnamese and in English."""

    vi: str
    en: str


class Coded(Protocol):
    """An entry of a value set, as `specs.valuesets.Code` is."""

    def words(self, language: str) -> str:
        """The display text in "vi" or "en"."""


@dataclass(frozen=True, slots=True)
class CertificatePage:
    """Everything on the page that differs from certificate to certificate; the numbers are those of Decision 5772."""

    full_name: str = field(repr=False)  # 1: family name first
    latin_name: str = field(repr=False)  # under 1: as in the passport's machine-readable zone; empty where the same
    birth_date: str = field(repr=False)  # 2: as in the payload: YYYY-MM-DD, YYYY-MM, YYYY or empty
    nationality: Words = field(repr=False)  # 3
    disease: Words  # 4
    doses_received: str  # 5
    dose_dates: tuple[str, ...] = field(repr=False)  # 6: YYYY-MM-DD each, earliest first
    dose_number: str  # 7: as in "2/2"
    vaccine: Words  # 8
    product: Words  # 9
    manufacturer: Words  # 10
    uvci: str = field(repr=False)  # 11
    issuer: Words
    issued: dt.datetime
    expires: dt.datetime
    hc1_text: str = field(repr=False)

    def __post_init__(self) -> None:
        """Raise `IssuerError`: PAGE_FIELD_TOO_LONG, PAGE_TOO_MANY_DOSES or PAGE_TIME_WITHOUT_ZONE."""
        for each in fields(self):
            value = getattr(self, each.name)
            texts = (
                (value.vi, value.en) if isinstance(value, Words) else value if isinstance(value, tuple) else (value,)
            )
            limit = _LIMITS.get(each.name, _LIMIT)
            if each.name != "hc1_text" and any(isinstance(text, str) and len(text) > limit for text in texts):
                raise IssuerError(Code.PAGE_FIELD_TOO_LONG, f"{each.name}: at most {limit} characters")
        if len(self.dose_dates) > MAX_DOSES:
            raise IssuerError(Code.PAGE_TOO_MANY_DOSES, f"{len(self.dose_dates)} dates, at most {MAX_DOSES}")
        if self.issued.tzinfo is None or self.expires.tzinfo is None:
            raise IssuerError(Code.PAGE_TIME_WITHOUT_ZONE)


def date_words(iso: str) -> Words:
    """A payload's date as people write it: day first in Vietnamese, the month by name in English.

    A year stays a year and a month a month: nothing is padded. What is no such date is shown as it stands.
    """
    if not iso:
        return Words("Không rõ", "Unknown")
    match = _DATE.fullmatch(iso)
    if match is None:
        return Words(iso, iso)
    year, month, day = match.groups()
    if month is None:
        return Words(year, year)
    if not 1 <= int(month) <= 12:
        return Words(iso, iso)
    name = _MONTHS[int(month) - 1]
    return Words(f"{day}/{month}/{year}", f"{day} {name} {year}") if day else Words(f"{month}/{year}", f"{name} {year}")


def local_day(moment: dt.datetime) -> Words:
    """The day of `moment` in Vietnam."""
    return date_words(moment.astimezone(VIETNAM).date().isoformat())


def local_minute(moment: dt.datetime) -> Words:
    """Day and time of `moment` in Vietnam: an expiry is an instant, and an officer abroad needs its zone."""
    day, clock = local_day(moment), f"{moment.astimezone(VIETNAM):%H:%M}"
    return Words(f"{clock} ngày {day.vi}", f"{day.en} {clock} (UTC+7)")


def code_words(codes: Mapping[str, Coded], code: str) -> Words:
    """The words of `code` in one value set. Raises `IssuerError` PAGE_CODE_UNKNOWN: an issuer prints no bare codes."""
    entry = codes.get(code)
    if entry is None:
        raise IssuerError(Code.PAGE_CODE_UNKNOWN)
    return Words(entry.words("vi"), entry.words("en"))
