"""SQL of what goes back to the sender: the rows as they came, beside what became of them."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import groupby
from operator import itemgetter

import sqlalchemy as sa

from issuer.link.model import Basis
from issuer.store.tables import ROWS_PER_FILE, link, problem, row_outcome, source_file, source_row, source_sheet
from issuer.store.worklist_tables import area, work_item

__all__ = ["DoseBack", "FileBack", "RowBack", "SheetBack", "files", "rows", "sheets"]

_RANGE = 5_000


@dataclass(frozen=True, slots=True)
class FileBack:
    """A dose list that was taken in."""

    file_id: int
    name: str
    sha256: str


@dataclass(frozen=True, slots=True)
class SheetBack:
    """A sheet of it; `layout` is the JSON of issuer.intake.layout."""

    sheet_no: int
    name: str
    layout: str


@dataclass(frozen=True, slots=True)
class DoseBack:
    """A dose of a row: its slot, its fate, the row that it repeats, its problems as (code, field), its link class.

    `linked_at` is when its person was found, `police_of` the name of the commune whose police confirmed it, if any did.
    """

    slot: int
    fate: str
    repeats: str
    problems: tuple[tuple[str, str], ...]
    link_class: str
    linked_at: str = ""
    police_of: str = ""


@dataclass(frozen=True, slots=True)
class RowBack:
    """A row: its cells as JSON, and what became of each of its doses, or of the row if it holds none."""

    row_no: int
    cells: str = field(repr=False)
    doses: tuple[DoseBack, ...]


def files(connection: sa.Connection, name: str | None = None) -> list[FileBack]:
    """The dose lists taken in, in order; those of one name if told."""
    columns = (source_file.c[name] for name in ("file_id", "name", "sha256"))
    query = sa.select(*columns).where(source_file.c.kind == "doses")
    if name is not None:
        query = query.where(source_file.c.name == name)
    return [FileBack(*row) for row in connection.execute(query.order_by(source_file.c.file_id))]


def sheets(connection: sa.Connection, file_id: int) -> list[SheetBack]:
    """The sheets of a file that had rows, in order."""
    query = sa.select(source_sheet.c.sheet_no, source_sheet.c.name, source_sheet.c.layout)
    return [
        SheetBack(*row)
        for row in connection.execute(query.where(source_sheet.c.file_id == file_id).order_by(source_sheet.c.sheet_no))
    ]


def rows(connection: sa.Connection, file_id: int, sheet_no: int) -> Iterator[RowBack]:
    """The rows of a sheet that have a fate, in order."""
    for _, doses in groupby(_doses(connection, file_id, sheet_no), key=itemgetter(0)):
        (row_no, cells, first), *others = doses
        yield RowBack(row_no, cells, (first, *(one for _, _, one in others)))


def _doses(connection: sa.Connection, file_id: int, sheet_no: int) -> Iterator[tuple[int, str, DoseBack]]:
    """Number of the row, its cells, the dose."""
    original = source_row.alias("original")
    original_file = source_file.alias("original_file")
    after, end = file_id * ROWS_PER_FILE - 1, (file_id + 1) * ROWS_PER_FILE - 1
    while True:
        found = connection.execute(
            sa.select(
                source_row.c.row_id,
                source_row.c.row_no,
                source_row.c.cells,
                source_row.c.slot,
                row_outcome.c.fate,
                original.c.row_no,
                original_file.c.name,
                sa.func.coalesce(link.c.link_class, ""),
                sa.func.coalesce(link.c.linked_at, ""),
                sa.func.coalesce(area.c.name, work_item.c.commune_code, ""),
            )
            .select_from(source_row)
            .join(row_outcome, row_outcome.c.row_id == source_row.c.row_id)
            .outerjoin(original, original.c.row_id == row_outcome.c.duplicate_of)
            .outerjoin(original_file, original_file.c.file_id == original.c.row_id.op("/")(ROWS_PER_FILE))
            .outerjoin(link, link.c.dose_id == source_row.c.row_id)
            .outerjoin(work_item, sa.and_(work_item.c.dose_id == link.c.dose_id, link.c.basis.not_in(list(Basis))))
            .outerjoin(area, area.c.code == work_item.c.commune_code)
            .where(source_row.c.row_id > after, source_row.c.row_id <= end, source_row.c.sheet_no == sheet_no)
            .order_by(source_row.c.row_id)
            .limit(_RANGE)
        ).all()
        if not found:
            return
        first, after = found[0][0], found[-1][0]
        problems: dict[int, list[tuple[str, str]]] = {}
        for row_id, code, column in connection.execute(
            sa.select(problem.c.row_id, problem.c.code, problem.c.field)
            .where(problem.c.row_id.between(first, after))
            .order_by(problem.c.row_id, problem.c.number)
        ):
            problems.setdefault(row_id, []).append((code, column))
        for row_id, row_no, cells, slot, fate, repeated_row, repeated_file, *verified in found:
            repeats = f"{repeated_file}, {repeated_row}" if fate == "duplicate" else ""
            yield row_no, cells, DoseBack(slot, fate, repeats, tuple(problems.get(row_id, ())), *verified)
