"""The record that follows another one in an officer's queue; shows nobody's data."""

import sqlalchemy as sa

from issuer.store import worklist_store
from issuer.store.engine import reading
from issuer.store.worklist_store import Filters, Scope
from issuer.worklist.roles import Officer

__all__ = ["next_token"]


def next_token(engine: sa.Engine, officer: Officer, filters: Filters, token: str) -> str | None:
    """The token after this one, else before it, else None."""
    scope = Scope(officer.area_code)
    with reading(engine) as connection:
        item = worklist_store.item_of(connection, scope, token)
        if item is None:
            return None
        before, after = worklist_store.neighbours(connection, scope, filters, item)
    return after or before
