"""Dates and moments in all the notations that real certificates and callers use, and in none that nobody does."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from verifier.instants import instant, is_date, numeric_date, rfc3339

READ = {
    "2021-05-30T13:38:51Z": datetime(2021, 5, 30, 13, 38, 51, tzinfo=UTC),
    "2021-05-30T13:38:51": datetime(2021, 5, 30, 13, 38, 51, tzinfo=UTC),
    "2021-05-30 13:38": datetime(2021, 5, 30, 13, 38, tzinfo=UTC),
    "2021-05-30t13:38:51z": datetime(2021, 5, 30, 13, 38, 51, tzinfo=UTC),
    "2021-05-30": datetime(2021, 5, 30, tzinfo=UTC),
    "2021-05-30T13:38:51.669397123Z": datetime(2021, 5, 30, 13, 38, 51, 669397, tzinfo=UTC),
    "2021-05-30T13:38:51.5+02:00": datetime(2021, 5, 30, 11, 38, 51, 500000, tzinfo=UTC),
    "2021-05-30T13:38:51+0200": datetime(2021, 5, 30, 11, 38, 51, tzinfo=UTC),
    "2021-05-30T13:38:51+02": datetime(2021, 5, 30, 11, 38, 51, tzinfo=UTC),
    "2021-05-30T13:38:51-7": datetime(2021, 5, 30, 20, 38, 51, tzinfo=UTC),
    "2021-05-30T13:38:51-00:00": datetime(2021, 5, 30, 13, 38, 51, tzinfo=UTC),
    "2020-02-29T00:00:00Z": datetime(2020, 2, 29, tzinfo=UTC),
    "2016-12-31T23:59:60Z": datetime(2017, 1, 1, tzinfo=UTC),
    "9999-12-31T23:59:59Z": datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC),
}
REFUSED = [
    *("", "2021", "2021-05", "2021-5-30", "30-05-2021", "20210530", "2021-W21-7", "yesterday", "٢٠٢١-٠٥-٣٠"),
    *("2021-02-29", "2021-13-01", "0000-01-01", " 2021-05-30", "2021-05-30T13:38:51Z\n", "2021-05-30T13:38:51."),
    *("2021-05-30T", "2021-05-30T13Z", "2021-05-30T24:00:00Z", "2021-05-30T13:60:00Z", "2021-05-30T13:38:61Z"),
    *("2021-05-30T13:38:51+24:00", "2021-05-30T13:38:51ZZ"),
    *("0001-01-01T00:00:00+01:00", "9999-12-31T23:59:59-01:00", "9999-12-31T23:59:60Z"),
]


@pytest.mark.parametrize(("text", "moment"), READ.items())
def test_read(text: str, moment: datetime) -> None:
    assert instant(text) == moment


@pytest.mark.parametrize("text", REFUSED)
def test_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        instant(text)
    assert not is_date(text)


@given(st.datetimes(timezones=st.timezones()))
def test_what_python_writes_is_read(moment: datetime) -> None:
    if moment.utcoffset() is None or (moment.utcoffset() or timedelta()).seconds % 60:
        return  # local mean time of the 19th century, to the second: RFC 3339 cannot write it
    try:
        wanted = moment.astimezone(UTC)
    except OverflowError:
        return
    assert instant(moment.isoformat()) == wanted


@given(st.integers(0, 2**33))
def test_numeric_dates(seconds: int) -> None:
    text = rfc3339(seconds)
    assert text is not None
    assert numeric_date(instant(text)) == seconds


def test_a_moment_without_offset_has_no_numeric_date() -> None:
    with pytest.raises(ValueError, match="offset"):
        numeric_date(datetime(2021, 1, 1))  # noqa: DTZ001 - the point of the test
    assert numeric_date(datetime(1970, 1, 1, 7, tzinfo=timezone(timedelta(hours=7)))) == 0
