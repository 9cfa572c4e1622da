"""The DCC schema of the payload's own version, by hand (`certificate.md` section 4, step 11).

In: the DCC map as decoded. Out: the faults, each a field and a rule; none for a payload that follows the schema. The
tables below are the combined schemas 1.0.0 to 1.3.3 and what those cannot say: that dates are real, and that a
certificate tells of exactly one kind of event. A test compares them with the published schemas.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, NamedTuple

from verifier.instants import is_date, is_instant

VACCINATION, TEST, RECOVERY = "v", "t", "r"
KINDS = (VACCINATION, TEST, RECOVERY)

_ICAO = "ABCDEFGHIJKLMNOPQRSTUVWXYZ<"
_CAPITAL = re.compile(r"[A-Z]")
_UNLIMITED = 1 << 16  # characters; the pre-scan allows 1,024 bytes
_VER = re.compile(r"(\d+).(\d+).(\d+)", re.ASCII)  # the published pattern leaves the dots unescaped
_WHOLE_DATE = re.compile(r"(?P<date>(?:19|20)\d{2}-\d{2}-\d{2})", re.ASCII)  # published without anchors
_MAY_BE_PARTIAL = re.compile(r"\A(?:(?P<date>(?:19|20)\d\d-\d\d-\d\d)|(?:19|20)\d\d(?:-\d\d)?)\Z", re.ASCII)
_MAY_BE_PARTIAL_OR_EMPTY = re.compile(_MAY_BE_PARTIAL.pattern.replace(r"\Z", r"?\Z"), re.ASCII)
_ABSENT = object()


class Fault(NamedTuple):
    """A field of the payload, by its path, and the rule that it breaks; never its content."""

    field: str
    rule: str

    def __str__(self) -> str:
        return f"{self.field}: {self.rule}"


class Event(NamedTuple):
    """One entry of a certificate: its kind ("v", "t" or "r") and its fields."""

    kind: str
    fields: Mapping[str, Any]


_Rule = Callable[[Any], str | None]  # a value -> the rule that it breaks


def _text(limit: int) -> _Rule:
    def rule(value: Any) -> str | None:
        if type(value) is not str:
            return "type"
        return None if len(value) <= limit else "maxLength"

    return rule


def _icao_name(limit: int) -> _Rule:
    def rule(value: Any) -> str | None:
        if type(value) is not str:
            return "type"
        if value.strip(_ICAO):
            return "pattern"
        return None if len(value) <= limit else "maxLength"

    return rule


def _dose(limit: int | None) -> _Rule:
    def rule(value: Any) -> str | None:
        if type(value) is not int and not (type(value) is float and value.is_integer()):
            return "type"
        if value < 1:
            return "minimum"
        return "maximum" if limit is not None and value > limit else None

    return rule


def _country(value: Any) -> str | None:
    if type(value) is not str:
        return "type"
    # The published pattern [A-Z]{1,10} is not anchored: one capital anywhere satisfies it. Value sets do the rest.
    return None if _CAPITAL.search(value) else "pattern"


def _day(value: Any) -> str | None:
    if type(value) is not str:
        return "type"
    return None if is_date(value) else "date"


def _moment(value: Any) -> str | None:
    if type(value) is not str:
        return "type"
    return None if is_instant(value) else "date"


def _birth_date(pattern: re.Pattern[str]) -> _Rule:
    def rule(value: Any) -> str | None:
        if type(value) is not str:
            return "type"
        match = pattern.search(value)
        if match is None:
            return "pattern"
        _, month, day = match.group("date").split("-") if match.group("date") else ("", "00", "00")
        unknown = month == "00" or day == "00"  # odd, seen on real certificates, and shown as given
        return None if unknown or is_date(match.group("date")) else "date"

    return rule


@dataclass(frozen=True, slots=True)
class _Version:
    """One version of the schema; a field is (name, required, rule)."""

    name: tuple[tuple[str, _Rule], ...]
    name_needs: tuple[str, ...]  # at least one of these
    birth_date: _Rule
    events: Mapping[str, tuple[tuple[str, bool, _Rule], ...]]
    one_entry: bool


def _version(
    *,
    limit: int,
    dose_limit: int | None,
    birth_date: re.Pattern[str],
    centre_needed: bool,
    test_name: _Rule,
    result_moment: bool,
    name_needs: tuple[str, ...],
    one_entry: bool,
) -> _Version:
    text, name, dose = _text(limit), _icao_name(limit), _dose(dose_limit)
    code = _text(_UNLIMITED)
    common = (("tg", True, code), ("co", True, _country), ("is", True, text), ("ci", True, text))
    test = (("tt", True, code), ("sc", True, _moment), ("tr", True, code), ("tc", centre_needed, text))
    optional = (("nm", False, test_name), ("ma", False, code), *((("dr", False, _moment),) if result_moment else ()))
    return _Version(
        name=(("fn", text), ("gn", text), ("fnt", name), ("gnt", name)),
        name_needs=name_needs,
        birth_date=_birth_date(birth_date),
        events={
            VACCINATION: (
                *common,
                *((field, True, code) for field in ("vp", "mp", "ma")),
                *((field, True, dose) for field in ("dn", "sd")),
                ("dt", True, _day),
            ),
            TEST: (*common, *test, *optional),
            RECOVERY: (*common, *((field, True, _day) for field in ("fr", "df", "du"))),
        },
        one_entry=one_entry,
    )


def _first(birth_date: re.Pattern[str], *, result_moment: bool) -> _Version:
    return _version(
        limit=50,
        dose_limit=9,
        birth_date=birth_date,
        centre_needed=True,
        test_name=_text(_UNLIMITED),
        result_moment=result_moment,
        name_needs=("fnt",),
        one_entry=False,
    )


def _third(name_needs: tuple[str, ...]) -> _Version:
    return _version(
        limit=80,
        dose_limit=None,
        birth_date=_MAY_BE_PARTIAL_OR_EMPTY,
        centre_needed=False,
        test_name=_text(80),
        result_moment=False,
        name_needs=name_needs,
        one_entry=True,
    )


_VERSIONS: tuple[tuple[tuple[int, int, int], _Version], ...] = (  # newest first
    ((1, 3, 2), _third(("fnt", "gnt"))),
    ((1, 3, 0), _third(("fnt",))),
    ((1, 2, 0), _first(_MAY_BE_PARTIAL, result_moment=False)),
    ((1, 1, 0), _first(_MAY_BE_PARTIAL, result_moment=True)),
    ((1, 0, 0), _first(_WHOLE_DATE, result_moment=True)),
)


@lru_cache(maxsize=256)
def _version_for(ver: str) -> _Version | None:
    """The tables for a payload's `ver`; for a version that never existed, those of the nearest older one."""
    match = _VER.fullmatch(ver)
    if match is None:
        return None
    wanted = tuple(int(part[:9]) for part in match.groups())
    return next((tables for version, tables in _VERSIONS if version <= wanted), _VERSIONS[-1][1])


def events(dcc: Mapping[Any, Any]) -> list[Event]:
    """Return the entries of `dcc` in the order v, t, r, leaving out what is no entry; `faults` tells of that."""
    return [
        Event(kind, entry)
        for kind in KINDS
        if isinstance(entries := dcc.get(kind), Sequence) and not isinstance(entries, str | bytes)
        for entry in entries
        if isinstance(entry, Mapping)
    ]


def faults(dcc: Mapping[Any, Any]) -> list[Fault]:
    """Return every fault of `dcc` under the schema of its own `ver`; an empty list means that it follows it.

    A null for v, t or r counts as absent (`certificate.md` section 3.3). Members that the schema does not know are
    legal.
    """
    ver = dcc.get("ver")
    version = _version_for(ver) if type(ver) is str else None
    if version is None:
        return [Fault("ver", "pattern" if type(ver) is str else "type")]
    found: list[Fault] = []
    _check_name(dcc.get("nam", _ABSENT), version, found)
    if broken := "required" if "dob" not in dcc else version.birth_date(dcc["dob"]):
        found.append(Fault("dob", broken))
    kinds = [kind for kind in KINDS if dcc.get(kind) is not None]
    if len(kinds) != 1:
        found.append(Fault("v, t, r", "exactly one"))
    for kind in kinds:
        _check_events(kind, dcc[kind], version, found)
    return found


def _check_name(name: Any, version: _Version, found: list[Fault]) -> None:
    if not isinstance(name, Mapping):
        found.append(Fault("nam", "required" if name is _ABSENT else "type"))
        return
    for field, rule in version.name:
        value = name.get(field, _ABSENT)
        if value is not _ABSENT and (broken := rule(value)):
            found.append(Fault(f"nam.{field}", broken))
    if not any(field in name for field in version.name_needs):
        found.append(Fault(f"nam.{' or '.join(version.name_needs)}", "required"))


def _check_events(kind: str, entries: Any, version: _Version, found: list[Fault]) -> None:
    if not isinstance(entries, Sequence) or isinstance(entries, str | bytes):
        found.append(Fault(kind, "type"))
        return
    if not entries:
        found.append(Fault(kind, "minItems"))
    elif version.one_entry and len(entries) > 1:
        found.append(Fault(kind, "maxItems"))
    for entry in entries:
        if not isinstance(entry, Mapping):
            found.append(Fault(f"{kind}[]", "type"))
            continue
        for field, required, rule in version.events[kind]:
            value = entry.get(field, _ABSENT)
            if value is _ABSENT:
                if required:
                    found.append(Fault(f"{kind}[].{field}", "required"))
            elif broken := rule(value):
                found.append(Fault(f"{kind}[].{field}", broken))
