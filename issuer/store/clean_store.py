"""SQL of cleaning: rows without a fate, and what was found of them."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from operator import attrgetter
from typing import Any, Final

import sqlalchemy as sa

from issuer.store.bulk import analyze, insert_rows, placeholders
from issuer.store.delivery_store import mark_cleaned
from issuer.store.tables import (
    ROWS_PER_FILE,
    dose,
    facility,
    problem,
    repair,
    row_outcome,
    source_file,
    source_row,
    source_sheet,
)

__all__ = [
    "FileClaimed",
    "analyze_doses",
    "claim_file",
    "close_file",
    "dose_values",
    "doses_with_keys",
    "facility_ids",
    "layout",
    "rows_numbered",
    "rows_without_fate",
    "store",
]

_DOSE_COLUMNS: Final = tuple(column.name for column in dose.columns)
_DUPLICATE_KEY: Final = _DOSE_COLUMNS.index("duplicate_key")
dose_values = attrgetter(*_DOSE_COLUMNS[2:])
"""What a cleaned dose stores after its number and its facility's, in the order of the columns."""


@dataclass(frozen=True, slots=True)
class FileClaimed:
    """A file with rows to clean, held by this transaction."""

    file_id: int
    received_at: str
    facility_code: str


def claim_file(connection: sa.Connection) -> FileClaimed | None:
    """The first file that is not cleaned and that no other worker holds, or None."""
    row = connection.execute(
        sa.select(source_file.c.file_id, source_file.c.received_at, source_file.c.facility_code)
        .where(source_file.c.kind == "doses", source_file.c.state == "whole")
        .order_by(source_file.c.file_id)
        .limit(1)
        .with_for_update(skip_locked=True)
    ).one_or_none()
    return None if row is None else FileClaimed(*row)


def _range(file_id: int) -> tuple[int, int]:
    return file_id * ROWS_PER_FILE, (file_id + 1) * ROWS_PER_FILE - 1


def rows_without_fate(connection: sa.Connection, file_id: int, limit: int) -> Sequence[sa.Row[int, int, int, str, int]]:
    """The next rows of a file, in order: row_id, sheet_no, row_no, cells, slot. Fates go in order."""
    first, last = _range(file_id)
    done = connection.scalar(
        sa.select(sa.func.max(row_outcome.c.row_id)).where(row_outcome.c.row_id.between(first, last))
    )
    return connection.execute(
        sa.select(*(source_row.c[name] for name in ("row_id", "sheet_no", "row_no", "cells", "slot")))
        .where(source_row.c.row_id.between(first if done is None else done + 1, last))
        .order_by(source_row.c.row_id)
        .limit(limit)
    ).all()


def rows_numbered(connection: sa.Connection, file_id: int, sheet_no: int, numbers: Collection[int]) -> dict[int, str]:
    """The cells of rows of a sheet by their numbers."""
    first, last = _range(file_id)
    rows = connection.execute(
        sa.select(source_row.c.row_no, source_row.c.cells).where(
            source_row.c.row_id.between(first, last),
            source_row.c.sheet_no == sheet_no,
            source_row.c.row_no.in_(list(numbers)),
        )
    )
    return {row.row_no: row.cells for row in rows}


def layout(connection: sa.Connection, file_id: int, sheet_no: int) -> str:
    """The stored layout of a sheet, as JSON."""
    text: str = connection.execute(
        sa.select(source_sheet.c.layout).where(source_sheet.c.file_id == file_id, source_sheet.c.sheet_no == sheet_no)
    ).scalar_one()
    return text


def close_file(connection: sa.Connection, file_id: int) -> dict[str, int]:
    """Mark a file as cleaned; returns how many of its rows had which fate."""
    first, last = _range(file_id)
    connection.execute(source_file.update().where(source_file.c.file_id == file_id).values(state="cleaned"))
    rows = connection.execute(
        sa.select(row_outcome.c.fate, sa.func.count())
        .where(row_outcome.c.row_id.between(first, last))
        .group_by(row_outcome.c.fate)
    )
    return {fate: count for fate, count in rows}  # noqa: C416 - rows are no tuples to dict()


def doses_with_keys(connection: sa.Connection, keys: Sequence[bytes]) -> dict[bytes, int]:
    """Which of the duplicate keys are stored, and as which dose."""
    if not keys:
        return {}
    marks = placeholders(connection, len(keys))
    rows = connection.exec_driver_sql(
        f"SELECT duplicate_key, dose_id FROM dose WHERE duplicate_key IN {marks}",  # noqa: S608 - marks only
        tuple(keys),
    )
    return {bytes(key): dose_id for key, dose_id in rows}


def facility_ids(connection: sa.Connection, names: Mapping[str, str]) -> dict[str, int]:
    """Code -> number of the facilities, those unknown added under the names given."""
    if not names:
        return {}
    query = sa.select(facility.c.code, facility.c.facility_id).where(facility.c.code.in_(list(names)))
    found = {code: number for code, number in connection.execute(query)}  # noqa: C416 - rows are no tuples to dict()
    missing = [{"code": code, "name": name} for code, name in sorted(names.items()) if code not in found]
    if missing:
        insert: Any
        if connection.dialect.name == "postgresql":
            from sqlalchemy.dialects.postgresql import insert
        else:
            from sqlalchemy.dialects.sqlite import insert
        connection.execute(insert(facility).on_conflict_do_nothing(index_elements=["code"]), missing)
        found = {code: number for code, number in connection.execute(query)}  # noqa: C416 - rows are no tuples to dict()
    return found


def analyze_doses(connection: sa.Connection) -> None:
    """After cleaning."""
    analyze(connection, source_row, row_outcome, dose, problem, repair)


def store(
    connection: sa.Connection,
    outcomes: Sequence[Sequence[Any]],
    doses: Sequence[Sequence[Any]],
    problems: Sequence[Sequence[Any]],
    repairs: Sequence[Sequence[Any]],
) -> None:
    """Store the fates of rows and all that was found of them."""
    insert_rows(connection, row_outcome, ("row_id", "fate", "duplicate_of"), outcomes)
    if connection.dialect.name == "postgresql":
        # two workers that store the same doses must meet them in the same order, or each waits for the other
        doses = sorted(doses, key=lambda values: values[_DUPLICATE_KEY])
    insert_rows(connection, dose, _DOSE_COLUMNS, doses)
    mark_cleaned(connection, ((values[0], values[1]) for values in doses))
    insert_rows(connection, problem, ("row_id", "number", "code", "field", "raw"), problems)
    insert_rows(connection, repair, ("row_id", "number", "field", "before", "after", "rule", "certainty"), repairs)
