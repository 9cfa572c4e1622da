"""Many rows in one statement: executemany on SQLite, COPY on PostgreSQL; and the lock of a step that must be alone."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, TypeVar

import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError

__all__ = ["CHUNK", "alone", "analyze", "chunked", "insert_rows", "placeholders"]

CHUNK = 5_000
"""Rows in one transaction of a long step: what a kill -9 can cost is a second of work, never a row."""

T = TypeVar("T")


def insert_rows(
    connection: sa.Connection, table: sa.Table, columns: Sequence[str], rows: Sequence[Sequence[Any]]
) -> None:
    """Insert `rows`, each with one value for every name of `columns`, inside the caller's transaction.

    Table and column names come from issuer.store.tables, never from input.
    """
    if not rows:
        return
    names = ", ".join(f'"{table.c[name].name}"' for name in columns)
    if connection.dialect.name == "postgresql":
        driver = connection.connection.driver_connection
        assert driver is not None, "a connection in a transaction has its driver"  # noqa: S101
        faults: type[Exception] = connection.dialect.loaded_dbapi.Error
        copying = f'COPY "{table.name}" ({names}) FROM STDIN'
        try:
            with driver.cursor() as cursor, cursor.copy(copying) as copy:
                for row in rows:
                    copy.write_row(row)
        except faults as error:
            # past SQLAlchemy, which would have done this: a broken rule of the tables must look like one to callers
            raise DBAPIError.instance(copying, None, error, faults, hide_parameters=True) from error
        return
    marks = ", ".join("?" * len(columns))
    connection.exec_driver_sql(f'INSERT INTO "{table.name}" ({names}) VALUES ({marks})', list(map(tuple, rows)))  # noqa: S608


def placeholders(connection: sa.Connection, count: int) -> str:
    """`(?, ?, ...)` or `(%s, %s, ...)`: marks for a list of `count` values in driver SQL."""
    return "(" + ", ".join(["%s" if connection.dialect.name == "postgresql" else "?"] * count) + ")"


def alone(connection: sa.Connection, step: str) -> None:
    """Until the transaction ends no other worker runs `step`; SQLite's one writer is alone already."""
    if connection.dialect.name == "postgresql":
        connection.execute(sa.text("SELECT pg_advisory_xact_lock(hashtext(:step))"), {"step": f"hochieu:{step}"})


def analyze(connection: sa.Connection, *tables: sa.Table) -> None:
    """Let PostgreSQL look at tables after a bulk move: of one that it knows nothing of it reads every row each time.

    Its own autovacuum comes minutes later, when the next step has long begun. SQLite's planner does without.
    """
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql("ANALYZE " + ", ".join(f'"{table.name}"' for table in tables))


def chunked(items: Iterable[T], size: int = CHUNK) -> Iterator[list[T]]:
    """The items in lists of `size`, the last one shorter."""
    chunk: list[T] = []
    for item in items:
        chunk.append(item)
        if len(chunk) == size:
            yield chunk
            chunk = []
    if chunk:
        yield chunk
