"""The shipped units into the database, and the list of one day as `area load` takes it."""

import csv
from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path

import sqlalchemy as sa

from issuer.audit import append
from issuer.errors import Code, IssuerError, Where
from issuer.store import unit_store
from issuer.store.engine import writing
from issuer.units.units import Units

__all__ = ["AREA_COLUMNS", "area_rows", "load_units", "write_areas"]

AREA_COLUMNS = ("ma", "ten", "ma_cap_tren")


def load_units(engine: sa.Engine, units: Units, *, now: datetime, actor: str) -> bool:
    """Store every unit and successor; False, and nothing written, if they were stored already."""
    rows = [
        (unit.code, _text(unit.valid_from), _text(unit.valid_to), unit.level.value, unit.kind, unit.name, unit.parent)
        for unit in units
    ]
    steps = [(one.old, one.new, one.since.isoformat(), int(one.is_default)) for one in units.successors]
    with writing(engine) as connection:
        if not unit_store.replace_units(connection, rows, steps):
            return False
        reason = f"{len(steps)} successors"
        append(connection, now=now, actor=actor, action="units.load", object=f"{len(rows)} units", reason=reason)
    return True


def area_rows(units: Units, on: date) -> Iterator[tuple[str, str, str]]:
    """Code, name and the code above of every unit of a day, those above first."""
    for digits in (2, 3, 5):
        for unit in units:
            if len(unit.code) == digits and unit.is_valid(on):
                yield unit.code, unit.name, unit.parent


def write_areas(units: Units, on: date, path: Path) -> int:
    """Write `area_rows` with a header as CSV, whole or not at all; returns how many. Raises IssuerError."""
    rows = list(area_rows(units, on))
    part = path.with_name(path.name + ".part")
    try:
        with part.open("w", encoding="utf-8", newline="") as stream:
            writer = csv.writer(stream, lineterminator="\n")
            writer.writerow(AREA_COLUMNS)
            writer.writerows(rows)
        part.replace(path)
    except OSError as error:
        raise IssuerError(Code.OUTPUT_REFUSED, error.strerror or "", Where(str(path))) from error
    return len(rows)


def _text(day: date | None) -> str:
    return day.isoformat() if day else ""
