"""SQL of areas and of the commune that a facility lies in."""

from collections.abc import Sequence

import sqlalchemy as sa

from issuer.store.tables import facility
from issuer.store.worklist_tables import area

__all__ = ["AreaRow", "facility_codes", "known_areas", "name_of", "store_areas", "store_facilities"]

AreaRow = tuple[str, str, str, str, str]
"""Code, level, name, district code (empty: none), province code."""

_COLUMNS = ("code", "level", "name", "district_code", "province_code")


def facility_codes(connection: sa.Connection) -> set[str]:
    """The codes of all facilities."""
    return set(connection.scalars(sa.select(facility.c.code)))


def known_areas(connection: sa.Connection) -> dict[str, AreaRow]:
    """Every area by its code."""
    rows = connection.execute(sa.select(*(area.c[name] for name in _COLUMNS)))
    return {row[0]: (row[0], row[1], row[2], row[3], row[4]) for row in rows}


def name_of(connection: sa.Connection, code: str) -> str:
    """The name of an area, or its code where no list names it."""
    return connection.scalar(sa.select(area.c.name).where(area.c.code == code)) or code


def store_areas(connection: sa.Connection, rows: Sequence[AreaRow]) -> tuple[int, int]:
    """Insert what is new and update what differs; returns how many of each."""
    known = known_areas(connection)
    new = [dict(zip(_COLUMNS, row, strict=True)) for row in rows if row[0] not in known]
    changed = [dict(zip(("key", *_COLUMNS[1:]), row, strict=True)) for row in rows if known.get(row[0], row) != row]
    if new:
        connection.execute(area.insert(), new)
    if changed:
        connection.execute(
            area.update()
            .where(area.c.code == sa.bindparam("key"))
            .values({name: sa.bindparam(name) for name in _COLUMNS[1:]}),
            changed,
        )
    return len(new), len(changed)


def store_facilities(connection: sa.Connection, rows: Sequence[tuple[str, str, str]]) -> tuple[int, int]:
    """Facilities as (code, name, commune code): insert what is new, update what differs; returns how many of each."""
    query = sa.select(facility.c.code, facility.c.name, facility.c.commune_code)
    known = {row[0]: (row[0], row[1], row[2]) for row in connection.execute(query)}
    new = [{"code": code, "name": name, "commune_code": commune} for code, name, commune in rows if code not in known]
    changed = [
        {"key": code, "new_name": name, "new_commune": commune}
        for code, name, commune in rows
        if known.get(code, (code, name, commune)) != (code, name, commune)
    ]
    if new:
        connection.execute(facility.insert(), new)
    if changed:
        connection.execute(
            facility.update()
            .where(facility.c.code == sa.bindparam("key"))
            .values(name=sa.bindparam("new_name"), commune_code=sa.bindparam("new_commune")),
            changed,
        )
    return len(new), len(changed)
