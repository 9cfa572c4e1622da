"""The combined DCC schemas 1.0.0 to 1.3.3 as tables of fields.

What comes in is one object of a payload; what goes out are the fields of it that break a rule. The schemas leave
`format` to the reader: here dates are real dates.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from operator import itemgetter
from typing import Any, NamedTuple

from verifier.instants import is_date, is_instant

_Rule = Callable[[Any], str | None]  # a value of the right type -> the rule that it breaks

_ICAO = "ABCDEFGHIJKLMNOPQRSTUVWXYZ<"
_CAPITAL = re.compile(r"[A-Z]")
_VER = re.compile(r"(\d+).(\d+).(\d+)", re.ASCII)  # the published pattern leaves the dots unescaped
_WHOLE_DATE = re.compile(r"(?P<date>(?:19|20)\d{2}-\d{2}-\d{2})", re.ASCII)  # published without anchors
_PARTIAL_DATE = re.compile(r"\A(?:(?P<date>(?:19|20)\d\d-\d\d-\d\d)|(?:19|20)\d\d(?:-\d\d)?)\Z", re.ASCII)
_PARTIAL_DATE_OR_NONE = re.compile(_PARTIAL_DATE.pattern.replace(r"\Z", r"?\Z"), re.ASCII)
_ABSENT = object()


class Field(NamedTuple):
    """A member of an object: its name, whether it must be there, its type, and what else it must keep to."""

    name: str
    required: bool
    type: type
    rule: _Rule | None = None

    def broken_by(self, value: Any) -> str | None:
        """The rule that `value` breaks, or None. 1.0 is an integer in JSON Schema, and foreign issuers write it."""
        if type(value) is not self.type and not (self.type is int and type(value) is float and value.is_integer()):
            return "type"
        return None if self.rule is None else self.rule(value)


class Object:
    """The members of one kind of object, and a quick look that settles the usual case: just the `usual` members
    (the required ones, if nothing is said), of their very types, and no rule broken."""

    __slots__ = ("_fields", "_others", "_rules", "_types", "_values")

    def __init__(self, *fields: Field, usual: tuple[str, ...] = ()) -> None:
        expected = [field for field in fields if (field.name in usual if usual else field.required)]
        self._fields = fields
        self._others = frozenset(field.name for field in fields if field not in expected)
        self._values = itemgetter(*(field.name for field in expected))
        self._types = tuple(field.type for field in expected)
        self._rules = tuple((index, field.rule) for index, field in enumerate(expected) if field.rule is not None)

    def is_plain(self, value: Mapping[Any, Any]) -> bool:
        """Whether the quick look finds nothing to object to; if it does, `faults` has the last word."""
        try:
            values = self._values(value)
        except KeyError:
            return False
        if tuple(map(type, values)) != self._types or not self._others.isdisjoint(value):
            return False
        for index, rule in self._rules:  # noqa: SIM110 - a generator would cost more than the rules
            if rule(values[index]):
                return False
        return True

    def faults(self, value: Mapping[Any, Any]) -> Iterator[tuple[str, str]]:
        """Every (member, rule) that `value` breaks."""
        for field in self._fields:
            member = value.get(field.name, _ABSENT)
            if member is _ABSENT:
                if field.required:
                    yield field.name, "required"
            elif broken := field.broken_by(member):
                yield field.name, broken


@dataclass(frozen=True, slots=True)
class Version:
    """One version of the schema; a name needs at least one of `name_needs`."""

    name: Object
    name_needs: tuple[str, ...]
    birth_date: Field
    events: Mapping[str, Object]
    one_entry: bool

    def is_plain(self, dcc: Mapping[Any, Any]) -> bool:
        """Whether the quick look finds nothing to object to in a payload with one entry of one kind."""
        name, born = dcc.get("nam"), dcc.get("dob")
        kinds = [kind for kind in self.events if kind in dcc]
        if type(name) is not dict or type(born) is not str or len(kinds) != 1:
            return False
        entries = dcc[kinds[0]]
        return (
            type(entries) is list
            and len(entries) == 1
            and type(entries[0]) is dict
            and self.events[kinds[0]].is_plain(entries[0])
            and self.name.is_plain(name)
            and self.birth_date.broken_by(born) is None
        )


def _at_most(limit: int) -> _Rule:
    return lambda value: None if len(value) <= limit else "maxLength"


def _icao_name(limit: int) -> _Rule:
    def rule(value: str) -> str | None:
        if value.strip(_ICAO):
            return "pattern"
        return None if len(value) <= limit else "maxLength"

    return rule


def _dose(limit: int | None) -> _Rule:
    def rule(value: float) -> str | None:
        if value < 1:
            return "minimum"
        return "maximum" if limit is not None and value > limit else None

    return rule


@lru_cache(maxsize=1024)
def _country(value: str) -> str | None:
    # The published pattern [A-Z]{1,10} is not anchored: one capital anywhere satisfies it. Value sets do the rest.
    return None if _CAPITAL.search(value) else "pattern"


def _day(value: str) -> str | None:
    return None if is_date(value) else "date"


def _moment(value: str) -> str | None:
    return None if is_instant(value) else "date"


def _birth_date(pattern: re.Pattern[str]) -> _Rule:
    @lru_cache(maxsize=8192)
    def rule(value: str) -> str | None:
        match = pattern.search(value)
        if match is None:
            return "pattern"
        day = match.group("date")
        if day is None or "-00" in day:  # a month or day unknown: odd, seen on real certificates, shown as given
            return None
        return None if is_date(day) else "date"

    return rule


def _version(
    *,
    limit: int,
    dose_limit: int | None,
    birth_date: re.Pattern[str],
    centre_needed: bool,
    test_name: _Rule | None,
    result_moment: bool,
    name_needs: tuple[str, ...],
    one_entry: bool,
) -> Version:
    short, dose, icao = _at_most(limit), _dose(dose_limit), _icao_name(limit)
    names = (("fn", short), ("gn", short), ("fnt", icao), ("gnt", icao))
    common = (
        Field("tg", True, str),
        Field("co", True, str, _country),
        Field("is", True, str, short),
        Field("ci", True, str, short),
    )
    vaccination = (
        *(Field(name, True, str) for name in ("vp", "mp", "ma")),
        *(Field(name, True, int, dose) for name in ("dn", "sd")),
        Field("dt", True, str, _day),
    )
    test = (
        Field("tt", True, str),
        Field("sc", True, str, _moment),
        Field("tr", True, str),
        Field("tc", centre_needed, str, short),
        Field("nm", False, str, test_name),
        Field("ma", False, str),
        *((Field("dr", False, str, _moment),) if result_moment else ()),
    )
    recovery = (Field(name, True, str, _day) for name in ("fr", "df", "du"))
    return Version(
        name=Object(*(Field(name, False, str, rule) for name, rule in names), usual=tuple(dict(names))),
        name_needs=name_needs,
        birth_date=Field("dob", True, str, _birth_date(birth_date)),
        events={"v": Object(*common, *vaccination), "t": Object(*common, *test), "r": Object(*common, *recovery)},
        one_entry=one_entry,
    )


def _before_1_3(birth_date: re.Pattern[str], *, result_moment: bool) -> Version:
    return _version(
        limit=50,
        dose_limit=9,
        birth_date=birth_date,
        centre_needed=True,
        test_name=None,
        result_moment=result_moment,
        name_needs=("fnt",),
        one_entry=False,
    )


def _since_1_3(*name_needs: str) -> Version:
    return _version(
        limit=80,
        dose_limit=None,
        birth_date=_PARTIAL_DATE_OR_NONE,
        centre_needed=False,
        test_name=_at_most(80),
        result_moment=False,
        name_needs=name_needs,
        one_entry=True,
    )


_VERSIONS: tuple[tuple[tuple[int, int, int], Version], ...] = (  # newest first; those between changed no structure
    ((1, 3, 2), _since_1_3("fnt", "gnt")),
    ((1, 3, 0), _since_1_3("fnt")),
    ((1, 2, 0), _before_1_3(_PARTIAL_DATE, result_moment=False)),
    ((1, 1, 0), _before_1_3(_PARTIAL_DATE, result_moment=True)),
    ((1, 0, 0), _before_1_3(_WHOLE_DATE, result_moment=True)),
)


@lru_cache(maxsize=256)
def version_for(ver: str) -> Version | None:
    """The tables for a payload's `ver`, None if it is no version at all.

    Versions that never existed occur in real payloads: they are read by the nearest older tables.
    """
    match = _VER.fullmatch(ver)
    if match is None:
        return None
    wanted = tuple(int(part[:9]) for part in match.groups())
    return next((tables for version, tables in _VERSIONS if version <= wanted), _VERSIONS[-1][1])
