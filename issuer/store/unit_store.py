"""SQL of administrative units: the shipped history put into tables, so that queries can join with it."""

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa

from issuer.store.bulk import alone, insert_rows
from issuer.store.unit_tables import admin_unit, admin_unit_successor

__all__ = ["replace_units", "select_subtree"]

_UNIT = ("code", "valid_from", "valid_to", "level", "kind", "name", "parent_code")
_SUCCESSOR = ("old_code", "new_code", "since", "is_default")


def replace_units(
    connection: sa.Connection, units: Sequence[tuple[str, ...]], successors: Sequence[tuple[str, str, str, int]]
) -> bool:
    """Store exactly these; False if they were stored already."""
    alone(connection, "units")
    stored = {tuple(row) for row in connection.execute(sa.select(*(admin_unit.c[name] for name in _UNIT)))}
    query = sa.select(*(admin_unit_successor.c[name] for name in _SUCCESSOR))
    steps = {tuple(row) for row in connection.execute(query)}
    if stored == set(units) and steps == set(successors):
        return False
    connection.execute(admin_unit.delete())
    connection.execute(admin_unit_successor.delete())
    insert_rows(connection, admin_unit, _UNIT, units)
    insert_rows(connection, admin_unit_successor, _SUCCESSOR, successors)
    return True


def select_subtree(code: str, day: str) -> sa.Select[Any]:
    """The codes of a unit and of all in it on a day (ISO 8601), as a SELECT to put into an IN."""
    valid = sa.and_(admin_unit.c.valid_from <= day, sa.or_(admin_unit.c.valid_to == "", admin_unit.c.valid_to >= day))
    inside = sa.select(admin_unit.c.code).where(admin_unit.c.code == code, valid).cte("inside", recursive=True)
    inside = inside.union_all(sa.select(admin_unit.c.code).where(admin_unit.c.parent_code == inside.c.code, valid))
    return sa.select(inside.c.code)
