"""SQL of intake: files, sheets and their raw rows."""

from collections.abc import Sequence

import sqlalchemy as sa

from issuer.store.bulk import alone, insert_rows
from issuer.store.tables import source_file, source_row, source_sheet

__all__ = ["add_file", "add_rows", "add_sheet", "finish", "known_file"]


def known_file(connection: sa.Connection, kind: str, sha256: str) -> tuple[int, int, int] | None:
    """Number, rows and sheets of a file with these bytes, or None; who takes in the same bytes meanwhile is awaited.

    None holds until the transaction ends, so the caller may add the file.
    """
    alone(connection, f"intake {kind} {sha256}")
    sheets = (
        sa.select(sa.func.count())
        .select_from(source_sheet)
        .where(source_sheet.c.file_id == source_file.c.file_id)
        .scalar_subquery()
    )
    row = connection.execute(
        sa.select(source_file.c.file_id, source_file.c.rows_done, sheets).where(
            source_file.c.kind == kind, source_file.c.sha256 == sha256
        )
    ).one_or_none()
    return None if row is None else (row[0], row[1], row[2])


def add_file(
    connection: sa.Connection, kind: str, name: str, sha256: str, size: int, facility_code: str, now: str
) -> int:
    """The number of a new file."""
    key = connection.execute(
        source_file.insert().values(
            kind=kind,
            name=name,
            sha256=sha256,
            size=size,
            facility_code=facility_code,
            received_at=now,
            rows_done=0,
            state="reading",
        )
    ).inserted_primary_key
    assert key is not None, "an insert of one row tells its key"  # noqa: S101
    file_id: int = key[0]
    return file_id


def add_rows(connection: sa.Connection, rows: Sequence[tuple[int, int, int, str, int]]) -> None:
    """Raw rows: row_id, sheet_no, row_no, cells, slot."""
    insert_rows(connection, source_row, ("row_id", "sheet_no", "row_no", "cells", "slot"), rows)


def add_sheet(connection: sa.Connection, file_id: int, sheet_no: int, name: str, layout: str) -> None:
    """A sheet of a file, with what was found of it."""
    connection.execute(source_sheet.insert().values(file_id=file_id, sheet_no=sheet_no, name=name, layout=layout))


def finish(connection: sa.Connection, file_id: int, rows: int) -> None:
    """Every row of the file is stored."""
    connection.execute(
        source_file.update().where(source_file.c.file_id == file_id).values(state="whole", rows_done=rows)
    )
