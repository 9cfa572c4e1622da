"""Lists of areas and facilities: who supervises whom, and in which commune a facility lies.

Areas: CSV with the columns `ma, ten, ma_cap_tren` (code, name, code of the area above; provinces have none), codes of
the General Statistics Office: 2 digits a province, 3 a district, 5 a commune; a commune may stand under a district (as
until 2025) or right under a province. Facilities: `ma_co_so, ten, ma_xa`. A list loaded again changes nothing.
"""

import csv
from collections.abc import Iterator, Sequence
from datetime import datetime
from pathlib import Path

import sqlalchemy as sa

from issuer.audit import append
from issuer.errors import Code, IssuerError, Where
from issuer.store import area_store
from issuer.store.area_store import AreaRow
from issuer.store.engine import writing
from specs.names import fold

__all__ = ["load_areas", "load_facilities"]

_LEVELS = {2: "province", 3: "district", 5: "commune"}


def load_areas(engine: sa.Engine, path: Path, *, now: datetime, actor: str) -> tuple[int, int]:
    """Store a list of areas; returns how many were new and changed. Raises IssuerError before anything is stored."""
    with writing(engine) as connection:
        known = area_store.known_areas(connection)
        rows: list[AreaRow] = []
        for at, (code, name, above) in _rows(path, ("ma", "ten", "ma_cap_tren")):
            row = _area(code, name, known.get(above) if above else None, above)
            if row is None:
                raise IssuerError(Code.AREA_ROW, "", Where(path.name, row=at))
            known[code] = row
            rows.append(row)
        stored = area_store.store_areas(connection, rows)
        if any(stored):
            reason = f"{stored[0]} new, {stored[1]} changed"
            append(connection, now=now, actor=actor, action="area.load", object=f"file {path.name}", reason=reason)
    return stored


def load_facilities(engine: sa.Engine, path: Path, *, now: datetime, actor: str) -> tuple[int, int]:
    """Store facilities with their communes; returns how many were new and changed. Raises IssuerError."""
    rows = []
    for at, (code, name, commune) in _rows(path, ("ma_co_so", "ten", "ma_xa")):
        if not code or not name or (commune and _LEVELS.get(len(commune)) != "commune"):
            raise IssuerError(Code.AREA_ROW, "", Where(path.name, row=at))
        rows.append((code, name, commune))
    with writing(engine) as connection:
        known = area_store.facility_codes(connection)
        rows += [row for row in _known_by_name(rows) if row[0] in known]
        stored = area_store.store_facilities(connection, rows)
        if any(stored):
            reason = f"{stored[0]} new, {stored[1]} changed"
            append(connection, now=now, actor=actor, action="facility.load", object=f"file {path.name}", reason=reason)
    return stored


def _known_by_name(rows: Sequence[tuple[str, str, str]]) -> list[tuple[str, str, str]]:
    """The same facilities under their folded names, as cleaning knows those whose lists bear no code.

    A name that facilities of several communes share names none of them.
    """
    communes: dict[str, set[str]] = {}
    for _, name, commune in rows:
        communes.setdefault(fold(name), set()).add(commune)
    return [(fold(name), name, commune) for _, name, commune in rows if len(communes[fold(name)]) == 1]


def _area(code: str, name: str, above: AreaRow | None, above_code: str) -> AreaRow | None:
    level = _LEVELS.get(len(code)) if code.isascii() and code.isdigit() else None
    if level is None or not name or bool(above_code) != (above is not None):
        return None
    if level == "province":
        return (code, level, name, "", code) if above is None else None
    if above is None or above[1] == "commune" or (level == "district" and above[1] != "province"):
        return None
    if level == "district":
        return code, level, name, code, above[0]
    return code, level, name, above[3], above[4]


def _rows(path: Path, columns: Sequence[str]) -> Iterator[tuple[int, tuple[str, ...]]]:
    try:
        with path.open(encoding="utf-8-sig", newline="") as stream:
            reader = csv.DictReader(stream, strict=True)
            missing = [name for name in columns if name not in (reader.fieldnames or ())]
            if missing:
                raise IssuerError(Code.COLUMN_MISSING, ", ".join(missing), Where(path.name, row=1))
            for row in reader:
                yield reader.line_num, tuple((row[name] or "").strip() for name in columns)
    except FileNotFoundError as error:
        raise IssuerError(Code.FILE_MISSING, where=Where(path.name)) from error
    except UnicodeDecodeError as error:
        raise IssuerError(Code.TEXT_ENCODING, "not UTF-8", Where(path.name)) from error
    except (OSError, csv.Error) as error:
        raise IssuerError(Code.FILE_UNREADABLE, "", Where(path.name)) from error
