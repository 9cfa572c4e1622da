"""SQL of outcomes: what became of every row, in the order of files, sheets and rows."""

from collections.abc import Iterator
from dataclasses import dataclass, field

import sqlalchemy as sa

from issuer.store.tables import (
    ROWS_PER_FILE,
    link,
    person,
    problem,
    proposal,
    row_outcome,
    source_file,
    source_row,
    source_sheet,
)

__all__ = ["RowOutcome", "count_without_fate", "outcomes"]

_RANGE = 20_000


@dataclass(frozen=True, slots=True)
class RowOutcome:
    """One row: where it stands, its fate, problem codes, link class, linked number, proposed numbers, best first."""

    row_id: int
    file: str
    sheet: str
    row: int
    fate: str
    problems: tuple[str, ...]
    link_class: str
    national_id: str = field(repr=False)
    proposals: tuple[str, ...] = field(repr=False)


def outcomes(connection: sa.Connection, file_id: int | None = None) -> Iterator[RowOutcome]:
    """Every row that has a fate; of one file if told."""
    files = sa.select(source_file.c.file_id, source_file.c.name).where(source_file.c.kind == "doses")
    if file_id is not None:
        files = files.where(source_file.c.file_id == file_id)
    for number, name in connection.execute(files.order_by(source_file.c.file_id)).all():
        query = sa.select(source_sheet.c.sheet_no, source_sheet.c.name).where(source_sheet.c.file_id == number)
        sheets = {sheet_no: sheet for sheet_no, sheet in connection.execute(query)}  # noqa: C416 - as in clean_store
        yield from _file_outcomes(connection, number, name, sheets)


def count_without_fate(connection: sa.Connection) -> int:
    """Rows taken in and not cleaned yet."""
    query = (
        sa.select(sa.func.count())
        .select_from(source_row.outerjoin(row_outcome, row_outcome.c.row_id == source_row.c.row_id))
        .where(row_outcome.c.row_id.is_(None))
    )
    return connection.scalar(query) or 0


def _file_outcomes(connection: sa.Connection, file_id: int, name: str, sheets: dict[int, str]) -> Iterator[RowOutcome]:
    after, end = file_id * ROWS_PER_FILE - 1, (file_id + 1) * ROWS_PER_FILE - 1
    stands_for = sa.func.coalesce(row_outcome.c.duplicate_of, row_outcome.c.row_id)
    linked = sa.and_(link.c.dose_id == stands_for)
    while True:
        rows = connection.execute(
            sa.select(
                row_outcome.c.row_id,
                source_row.c.sheet_no,
                source_row.c.row_no,
                row_outcome.c.fate,
                link.c.link_class,
                person.c.national_id,
            )
            .join(source_row, source_row.c.row_id == row_outcome.c.row_id)
            .outerjoin(link, linked)
            .outerjoin(person, person.c.person_id == link.c.person_id)
            .where(row_outcome.c.row_id > after, row_outcome.c.row_id <= end)
            .order_by(row_outcome.c.row_id)
            .limit(_RANGE)
        ).all()
        if not rows:
            return
        first, after = rows[0][0], rows[-1][0]
        problems: dict[int, list[str]] = {}
        for row_id, code in connection.execute(
            sa.select(problem.c.row_id, problem.c.code)
            .where(problem.c.row_id.between(first, after))
            .order_by(problem.c.row_id, problem.c.number)
        ):
            codes = problems.setdefault(row_id, [])
            if code not in codes:
                codes.append(code)
        proposals: dict[int, list[str]] = {}
        for row_id, number in connection.execute(
            sa.select(row_outcome.c.row_id, person.c.national_id)
            .join(proposal, proposal.c.dose_id == stands_for)
            .join(person, person.c.person_id == proposal.c.person_id)
            .where(row_outcome.c.row_id.between(first, after))
            .order_by(row_outcome.c.row_id, proposal.c.rank)
        ):
            proposals.setdefault(row_id, []).append(number)
        for row_id, sheet_no, row_no, fate, link_class, national_id in rows:
            yield RowOutcome(
                row_id,
                name,
                sheets.get(sheet_no, ""),
                row_no,
                fate,
                tuple(problems.get(row_id, ())),
                "duplicate" if fate == "duplicate" else link_class or "",
                national_id or "",
                tuple(proposals.get(row_id, ())),
            )
