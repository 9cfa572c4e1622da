"""Dates and moments as real certificates and callers write them: RFC 3339 and its common relatives.

In: text. Out: an aware datetime. Taken beyond RFC 3339: a blank for the `T`, a date alone (midnight), no seconds, any
number of decimals, offsets such as `+02` and `+0200`, and no offset at all, which means UTC. Digits are ASCII.
"""

import re
from datetime import UTC, date, datetime, timedelta, timezone
from functools import lru_cache

_INSTANT = re.compile(
    r"(\d{4}-\d\d-\d\d)"
    r"(?:[Tt ](\d\d):(\d\d)(?::(\d\d)(?:[.,](\d{1,30}))?)?(?:([Zz])|([+-])(\d\d?)(?::?(\d\d))?)?)?",
    re.ASCII,
)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def instant(text: str) -> datetime:
    """Return the moment that `text` names.

    Raises:
        ValueError: for any other form, and for a date or time that does not exist.
    """
    match = _INSTANT.fullmatch(text)
    if match is None:
        raise ValueError("not a date or a moment of RFC 3339")
    day, hour, minute, second, fraction, _, sign, offset_hours, offset_minutes = match.groups()
    offset = timedelta(hours=int(offset_hours or 0), minutes=int(offset_minutes or 0))
    seconds = int(second or 0)
    if offset >= timedelta(days=1) or seconds > 60:
        raise ValueError("an offset or a second that does not exist")
    leap = seconds == 60  # RFC 3339 section 5.6; the clock that Python knows has no such second
    midnight = datetime.combine(date.fromisoformat(day), datetime.min.time())
    moment = midnight.replace(
        hour=int(hour or 0),
        minute=int(minute or 0),
        second=59 if leap else seconds,
        microsecond=int((fraction or "0")[:6].ljust(6, "0")),
        tzinfo=timezone(-offset if sign == "-" else offset),
    )
    try:
        return (moment + timedelta(seconds=leap)).astimezone(UTC)
    except OverflowError as error:
        raise ValueError("a moment before year 1 or after year 9999") from error


def numeric_date(moment: datetime) -> float:
    """Return an aware `moment` as seconds since 1970, the NumericDate of RFC 8392.

    Raises:
        ValueError: if `moment` is naive, since nobody can say which second that is.
    """
    if moment.tzinfo is None:
        raise ValueError("a moment needs an offset from UTC")
    return (moment - _EPOCH).total_seconds()


def rfc3339(seconds: int | None) -> str | None:
    """Return a NumericDate of 0 to 2**33 as `YYYY-MM-DDThh:mm:ssZ`; None for none."""
    return None if seconds is None else (_EPOCH + timedelta(seconds=seconds)).strftime("%Y-%m-%dT%H:%M:%SZ")


@lru_cache(maxsize=8192)
def is_date(text: str) -> bool:
    """Say whether `text` is a real day, `YYYY-MM-DD`, alone or with a time behind it."""
    if len(text) == 10:
        try:
            date.fromisoformat(text)
        except ValueError:
            return False
        return text[4] == "-" == text[7]
    return is_instant(text)


def is_instant(text: str) -> bool:
    """Say whether `instant` would read `text`."""
    try:
        instant(text)
    except ValueError:
        return False
    return True
