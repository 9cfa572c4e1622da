"""What a unit was called on a day, what lay in it, and what became of it.

A code alone names no unit: the new Phường Ba Đình of 1/7/2025 has the code of the old Phường Trúc Bạch. So every
question is asked for a day. Codes are those of the General Statistics Office, zero-padded text: 2 digits a province,
3 a district (until 30/6/2025), 5 a commune.
"""

import csv
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from functools import lru_cache
from pathlib import Path
from typing import TypeVar

from specs.names import fold, lossless_key

__all__ = ["Level", "Successor", "Unit", "Units", "shipped_units"]

_DATA = Path(__file__).parent / "data"
T = TypeVar("T")


class Level(StrEnum):
    """Province, district or commune; between 1/7/2025 and today there are no districts."""

    PROVINCE = "province"
    DISTRICT = "district"
    COMMUNE = "commune"


@dataclass(frozen=True, slots=True)
class Unit:
    """One code with one name in one place; `valid_from` None: since before the data begin, `valid_to` None: still."""

    code: str
    name: str
    kind: str
    level: Level
    parent: str
    valid_from: date | None
    valid_to: date | None

    def is_valid(self, on: date) -> bool:
        """Whether it was so on that day; the first and the last day count."""
        return (self.valid_from is None or self.valid_from <= on) and (self.valid_to is None or on <= self.valid_to)


@dataclass(frozen=True, slots=True)
class Successor:
    """A unit that took over from `old` on a day; `is_default`: where a divided one's people are looked for first."""

    old: str
    new: str
    since: date
    is_default: bool


class Units:
    """The units with their history; built once, never changed."""

    def __init__(self, units: Iterable[Unit], successors: Iterable[Successor]) -> None:
        self._units = tuple(units)
        self._successors = tuple(successors)
        self._by_code = _grouped((unit.code, unit) for unit in self._units)
        self._below = _grouped((unit.parent, unit) for unit in self._units)
        self._by_name = _grouped((key, unit) for unit in self._units for key in _keys(unit))
        self._next = _grouped((one.old, one) for one in self._successors)
        self._before = _grouped((one.new, one) for one in self._successors)

    def __iter__(self) -> Iterator[Unit]:
        return iter(self._units)

    @property
    def successors(self) -> Sequence[Successor]:
        """Every step from an old unit to a new one."""
        return self._successors

    def find(self, code: str, on: date) -> Unit | None:
        """The unit that had this code on a day."""
        return next((unit for unit in self._by_code.get(code, ()) if unit.is_valid(on)), None)

    def above(self, code: str, on: date) -> tuple[Unit, ...]:
        """The unit and those above it on a day, the province last; empty for a code unknown on that day."""
        found = self.find(code, on)
        return (found, *self.above(found.parent, on)) if found is not None else ()

    def named(self, name: str, on: date, *, level: Level | None = None, within: str = "") -> tuple[Unit, ...]:
        """The units of a name on a day, with or without its kind (Phường, Huyện, ...), in `within` if given.

        Names are compared losslessly; only where that finds nothing, without their marks.
        """
        for key in (lossless_key(name), fold(name)):
            found = tuple(
                unit
                for unit in dict.fromkeys(self._by_name.get(key, ()))
                if unit.is_valid(on)
                and level in (None, unit.level)
                and (not within or within in {each.code for each in self.above(unit.code, on)})
            )
            if found:
                return found
        return ()

    def subtree(self, code: str, on: date) -> frozenset[str]:
        """The codes of the unit and of everything in it on a day: what its officers see. Empty for an unknown code."""
        if self.find(code, on) is None:
            return frozenset()
        below = (unit.code for unit in self._below.get(code, ()) if unit.is_valid(on))
        return frozenset((code,)).union(*(self.subtree(each, on) for each in below))

    def became(self, code: str, then: date, now: date) -> tuple[Successor, ...]:
        """What the unit that had a code `then` is `now`: one or, if it was divided, several, the default first.

        A unit that goes on under its code is its own successor. Empty where it is not known, or no unit then.
        """
        if self.find(code, then) is None:
            return ()
        found: dict[str, Successor] = {}
        for one in self._heirs(Successor(code, code, then, True), now):
            if self.find(one.new, now) is not None and (one.is_default or one.new not in found):
                found[one.new] = one
        return tuple(sorted(found.values(), key=lambda one: (not one.is_default, one.new)))

    def was(self, code: str, now: date, then: date) -> frozenset[str]:
        """The provinces and communes, by their codes `then`, whose land lies wholly or partly in a unit `now`."""
        inside = self.subtree(code, now)
        found = {old for each in inside for old in self._forebears(each, now, then)}
        return frozenset(old for old in found if self.find(old, then) is not None)

    def _heirs(self, one: Successor, now: date) -> Iterator[Successor]:
        steps = [step for step in self._next.get(one.new, ()) if one.since < step.since <= now]
        first = min((step.since for step in steps), default=None)
        if first is None:
            yield one
        for step in steps:
            if step.since == first:
                yield from self._heirs(Successor(one.old, step.new, first, one.is_default and step.is_default), now)

    def _forebears(self, code: str, now: date, then: date) -> Iterator[str]:
        steps = [step for step in self._before.get(code, ()) if then < step.since <= now]
        last = max((step.since for step in steps), default=None)
        if last is None:
            yield code
            return
        eve = last - timedelta(days=1)
        for step in steps:
            if step.since == last:
                yield from self._forebears(step.old, eve, then)
        # who took others in without ceasing to be is not listed as its own successor
        if not any(step.since == last for step in self._next.get(code, ())) and self.find(code, eve) is not None:
            yield from self._forebears(code, eve, then)


def _keys(unit: Unit) -> set[str]:
    words = 1 + unit.kind.count("-")
    names = (unit.name, " ".join(unit.name.split(" ")[words:]))
    return {key(name) for name in names for key in (lossless_key, fold)}


def _grouped(pairs: Iterable[tuple[str, T]]) -> dict[str, tuple[T, ...]]:
    found: dict[str, list[T]] = {}
    for key, value in pairs:
        found.setdefault(key, []).append(value)
    return {key: tuple(values) for key, values in found.items()}


@lru_cache(1)
def shipped_units() -> Units:
    """The units of `data/`."""
    return Units(
        (
            Unit(code, name, kind, Level(level), parent, _day(since), _day(until))
            for code, name, kind, level, parent, since, until in _rows("units.csv")
        ),
        (
            Successor(old, new, date.fromisoformat(since), default == "1")
            for old, new, since, default in _rows("successors.csv")
        ),
    )


def _rows(name: str) -> Iterator[list[str]]:
    with (_DATA / name).open(encoding="utf-8", newline="") as stream:
        rows = csv.reader(stream, strict=True)
        next(rows)
        yield from rows


def _day(text: str) -> date | None:
    return date.fromisoformat(text) if text else None
