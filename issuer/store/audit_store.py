"""SQL of the audit log."""

from collections.abc import Generator, Sequence

import sqlalchemy as sa

from issuer.store.bulk import alone, insert_rows
from issuer.store.tables import audit_entry, audit_head

__all__ = ["AuditRow", "append", "append_many", "entries", "head", "lock_head", "of_action"]


AuditRow = tuple[int, str, str, str, str, str, str, str]
"""The columns of audit_entry in their order."""


def head(connection: sa.Connection) -> tuple[int, str] | None:
    """Number and hash of the last entry as the head row holds them, or None before the first."""
    row = connection.execute(sa.select(audit_head.c.seq, audit_head.c.hash)).one_or_none()
    return None if row is None else (row.seq, row.hash)


def lock_head(connection: sa.Connection) -> tuple[int, str] | None:
    """The head, held until the transaction ends, so that two writers cannot both follow the same entry."""
    alone(connection, "audit")  # before the first entry there is no row to lock
    row = connection.execute(sa.select(audit_head.c.seq, audit_head.c.hash).with_for_update()).one_or_none()
    return None if row is None else (row.seq, row.hash)


def append(connection: sa.Connection, entry: AuditRow) -> None:
    """Store one entry (the columns of audit_entry in order) and make it the head."""
    append_many(connection, [entry])


def append_many(connection: sa.Connection, rows: Sequence[AuditRow]) -> None:
    """Store entries in their order and make the last one the head."""
    insert_rows(connection, audit_entry, [column.name for column in audit_entry.columns], rows)
    values = {"seq": rows[-1][0], "hash": rows[-1][-1]}
    if rows[0][0] == 1:
        connection.execute(audit_head.insert().values(one=1, **values))
    else:
        connection.execute(audit_head.update().values(values))


def of_action(connection: sa.Connection, action: str) -> list[tuple[str, str]]:
    """Object and reason of every entry of one action, in order; for actions of which there are few."""
    query = sa.select(audit_entry.c.object, audit_entry.c.reason).where(audit_entry.c.action == action)
    return [(row[0], row[1]) for row in connection.execute(query.order_by(audit_entry.c.seq))]


def entries(connection: sa.Connection) -> Generator[AuditRow]:
    """Every entry in order, without holding them all."""
    query = sa.select(audit_entry).order_by(audit_entry.c.seq)
    with connection.execute(query, execution_options={"yield_per": 10_000}) as result:
        yield from result
