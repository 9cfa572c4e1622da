"""Loading an extract of the population register: rows in, people and their identifier history out.

The file is read twice: once to refuse it whole if any row is wrong (nothing is written then), once to write it, some
thousand people a transaction. A load that was killed goes on where it stopped; a file loaded again changes nothing. A
person found again under the same number is updated; under a re-issued number, which the row lists beside the old one,
the old number stays in the history as cancelled. Nobody is ever deleted. Columns: `issuer.people.row.COLUMNS`.
"""

from array import array
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from pathlib import Path

import numpy as np
import sqlalchemy as sa

from issuer.audit import append, timestamp
from issuer.errors import Code, IssuerError, Where
from issuer.people.row import OLD_NUMBERS, OPTIONAL, REQUIRED, PersonRow, fault, person_row
from issuer.regular_file import digest_of
from issuer.store import people_store
from issuer.store.bulk import chunked
from issuer.store.engine import reading, writing
from issuer.table_file import columns_of, read_table

__all__ = ["PeopleLoaded", "load_people", "read_extract", "refuse"]

_CHUNK = 5_000
_SHOWN = 20
"""Faulty rows named in one refusal."""


@dataclass(frozen=True, slots=True)
class PeopleLoaded:
    """What became of the rows: `read` is the sum of the others."""

    read: int
    new: int
    changed: int
    unchanged: int
    already_loaded: int


def load_people(
    engine: sa.Engine, path: Path, *, now: datetime, actor: str, progress: Callable[[int], None] = lambda rows: None
) -> PeopleLoaded:
    """Load the extract at `path`. Raises IssuerError before anything is written if a row is not valid."""
    digest = digest_of(path)
    with reading(engine) as connection:
        before = people_store.met(connection, "people", digest)
        cancelled = people_store.cancelled_numbers(connection)
    if before is not None and before[2]:
        return PeopleLoaded(before[1], 0, 0, 0, before[1])
    rows = _checked(path, cancelled)
    if digest_of(path) != digest:
        raise IssuerError(Code.FILE_UNREADABLE, "it changed while it was read", Where(path.name))
    at = timestamp(now)
    with writing(engine) as connection:
        file_id, done, _ = people_store.begin(connection, path.name, digest, path.stat().st_size, at)
    already, new, changed, unchanged = done, 0, 0, 0
    progress(done)
    told = OLD_NUMBERS in columns_of(path)
    for chunk in chunked(islice(read_extract(path), done, None), _CHUNK):
        with writing(engine) as connection:
            counts = people_store.store_people(
                connection, chunk, source=f"file {file_id}", now=at, old_numbers_told=told
            )
            done += len(chunk)
            people_store.advance(connection, file_id, done)
        new, changed, unchanged = new + counts[0], changed + counts[1], unchanged + counts[2]
        progress(len(chunk))
    with writing(engine) as connection:
        people_store.analyze_people(connection)
        if people_store.finish(connection, file_id):
            append(
                connection,
                now=now,
                actor=actor,
                action="people.load",
                object=f"file {file_id} sha256 {digest}",
                reason=f"{rows} people: {new} new, {changed} changed, {unchanged} unchanged, {already} before",
            )
    return PeopleLoaded(rows, new, changed, unchanged, already)


def read_extract(path: Path) -> Iterator[PersonRow]:
    """The people of the file, one by one. Raises IssuerError at the first row that is not valid."""
    for row, cells in read_table(path, REQUIRED, OPTIONAL):
        found = fault(cells)
        if found is not None:
            refuse(path, [(row, *found)], 1)
        yield person_row(row, cells)


def refuse(path: Path, faults: list[tuple[int, str, str]], count: int) -> None:
    """Raise the refusal of a file with `count` faulty rows, of which some are given as (row, column, what)."""
    row, column, what = faults[0]
    if count > 1:
        others = ", ".join(f"row {at} {name}" for at, name, _ in faults[1:])
        what += f"; and {count - 1} more: {others}{' ...' if count > len(faults) else ''}"
    raise IssuerError(Code.PERSON_ROW, what, Where(path.name, row=row, column=column))


def _checked(path: Path, cancelled: set[str]) -> int:
    """The number of rows. Raises IssuerError, naming the first faulty rows, and where one number has two people.

    A `cancelled` number as a current one tells an extract older than what is stored: it would bring its holder back.
    """
    faults: list[tuple[int, str, str]] = []
    count = 0
    rows, numbers, facts = array("q"), array("q"), array("q")
    for row, cells in read_table(path, REQUIRED, OPTIONAL):
        found = fault(cells)
        if found is None and cells[0].strip() in cancelled:
            where = Where(path.name, row=row, column="so_dinh_danh")
            raise IssuerError(Code.DELTA_ROW, "the number was cancelled here: an older extract", where)
        if found is None:
            rows.append(row)
            numbers.append(int(cells[0]))
            facts.append(hash(tuple(cells)))
        else:
            count += 1
            if len(faults) < _SHOWN:
                faults.append((row, *found))
    if not faults:
        faults = _twice(np.asarray(rows), np.asarray(numbers), np.asarray(facts))
        count = len(faults)
    if faults:
        refuse(path, faults[:_SHOWN], count)
    if not rows:
        raise IssuerError(Code.FILE_EMPTY, where=Where(path.name))
    return len(rows)


def _twice(rows: np.ndarray, numbers: np.ndarray, facts: np.ndarray) -> list[tuple[int, str, str]]:
    """The rows that give a number of an earlier row other facts; a row that repeats another whole does no harm."""
    order = np.argsort(numbers, kind="stable")
    numbers, facts, rows = numbers[order], facts[order], rows[order]
    places = np.flatnonzero((numbers[1:] == numbers[:-1]) & (facts[1:] != facts[:-1])) + 1
    return [(int(rows[at]), "so_dinh_danh", f"other facts than row {int(rows[at - 1])} gives it") for at in places]
