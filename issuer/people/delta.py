"""A day's changes of the register: births, deaths, moves, corrected and re-issued numbers, all of a file or nothing.

Every row says what changed, the person as they are afterwards, and the number by which the register knew them until
then. A row that does not fit the register refuses its file: a day was left out, or days came in the wrong order. The
whole file is one transaction, so a load that was killed left nothing, and a file loaded again changes nothing. Format:
`specs/register.md`.
"""

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from pathlib import Path

import sqlalchemy as sa

from issuer.audit import append, timestamp
from issuer.errors import Code, IssuerError, Where
from issuer.people.row import OLD_NUMBERS, OPTIONAL, REQUIRED, PersonRow, fault, person_row
from issuer.regular_file import digest_of
from issuer.store import delta_store, people_store
from issuer.store.bulk import CHUNK
from issuer.store.delta_store import Change, Known
from issuer.store.engine import writing
from issuer.table_file import columns_of, read_table
from specs.national_id import is_national_id

__all__ = ["DELTA_COLUMNS", "DeltaLoaded", "Operation", "day_of", "is_delta", "load_delta"]

DELTA_COLUMNS = ("operation", *REQUIRED, *OPTIONAL, "so_dinh_danh_truoc")


class Operation(StrEnum):
    """What changed; the words of the column `operation`."""

    BIRTH = "birth"
    DEATH = "death"
    MOVE = "move"
    CORRECT = "correct"
    REISSUE = "reissue"


@dataclass(frozen=True, slots=True)
class DeltaLoaded:
    """Rows read, how many changed the register, by operation, and how many said what it held already."""

    read: int
    changed: dict[Operation, int]
    unchanged: int
    already_loaded: int


@dataclass(frozen=True, slots=True)
class _DeltaRow:
    operation: Operation
    person: PersonRow
    before: str

    def numbers(self) -> set[str]:
        return {self.person.national_id, self.before} - {""}


def is_delta(path: Path) -> bool:
    """Whether a register file tells changes rather than people. Raises IssuerError."""
    return "operation" in columns_of(path)


def day_of(path: Path) -> date | None:
    """The day that a delta's file name tells: `2022-11-02.csv`."""
    try:
        return date.fromisoformat(path.name[:10])
    except ValueError:
        return None


def load_delta(
    engine: sa.Engine,
    path: Path,
    *,
    day: date,
    now: datetime,
    actor: str,
    progress: Callable[[int], None] = lambda rows: None,
) -> DeltaLoaded:
    """Carry out the changes of `day`. Raises IssuerError, and then nothing of the file is stored."""
    digest, at, told = digest_of(path), timestamp(now), OLD_NUMBERS in columns_of(path)
    counts: Counter[Operation] = Counter()
    read = unchanged = 0
    with writing(engine) as connection:
        file_id, done, whole = people_store.begin(
            connection, path.name, digest, path.stat().st_size, at, day=day.isoformat()
        )
        if whole:
            return DeltaLoaded(done, {}, 0, done)
        newest = people_store.newest_delta(connection)  # only now: `begin` waits for whoever else loads people
        if day.isoformat() < newest:
            raise IssuerError(Code.DELTA_ORDER, f"changes of {newest} are stored", Where(path.name))
        for rows in _independent(_rows(path)):
            changes, same = _changes(connection, rows, path.name, told)
            delta_store.store_changes(connection, changes, source=f"file {file_id}", now=at, day=day.isoformat())
            counts.update(row.operation for row in rows)
            counts.subtract(same)
            read, unchanged = read + len(rows), unchanged + len(same)
            progress(len(rows))
        if not read:
            raise IssuerError(Code.FILE_EMPTY, where=Where(path.name))
        people_store.advance(connection, file_id, read)
        people_store.finish(connection, file_id)
        append(
            connection,
            now=now,
            actor=actor,
            action="people.delta",
            object=f"file {file_id} sha256 {digest}",
            reason=f"changes of {day}: " + ", ".join(f"{counts[one]} {one}" for one in Operation if counts[one]),
        )
    return DeltaLoaded(read, {one: counts[one] for one in Operation if counts[one]}, unchanged, 0)


def _rows(path: Path) -> Iterator[_DeltaRow]:
    wanted = ("operation", "so_dinh_danh_truoc", *REQUIRED)
    for row, (operation, before, *cells) in read_table(path, wanted, OPTIONAL):
        operation, before = operation.strip(), before.strip()
        found = fault(cells)
        if operation not in set(Operation):
            found = "operation", f"none of {', '.join(Operation)}"
        elif found is None:
            found = _mismatch(Operation(operation), cells[0].strip(), before, cells[7].strip())
        if found is not None:
            raise IssuerError(Code.PERSON_ROW, found[1], Where(path.name, row=row, column=found[0]))
        yield _DeltaRow(Operation(operation), person_row(row, cells), before)


def _mismatch(operation: Operation, number: str, before: str, died: str) -> tuple[str, str] | None:
    if operation is Operation.BIRTH:
        return ("so_dinh_danh_truoc", "a birth has no number before") if before else None
    if not is_national_id(before):
        return "so_dinh_danh_truoc", "not twelve digits"
    if (number == before) is (operation is Operation.REISSUE):
        return "so_dinh_danh", "a re-issued number is a new one; any other change keeps it"
    if operation is Operation.DEATH and not died:
        return "ngay_mat", "empty"
    return None


def _independent(rows: Iterator[_DeltaRow]) -> Iterator[list[_DeltaRow]]:
    """The rows in lists in which no number comes twice, so that each list can be looked up at once, in order."""
    chunk: list[_DeltaRow] = []
    seen: set[str] = set()
    for row in rows:
        numbers = row.numbers()
        if len(chunk) == CHUNK or not seen.isdisjoint(numbers):
            yield chunk
            chunk, seen = [], set()
        chunk.append(row)
        seen |= numbers
    if chunk:
        yield chunk


def _changes(
    connection: sa.Connection, rows: list[_DeltaRow], file: str, old_numbers_told: bool
) -> tuple[list[Change], list[Operation]]:
    """What is to be stored, and the operations of the rows that say what the register holds already."""
    known = delta_store.known_people(connection, set().union(*(row.numbers() for row in rows)))
    listed = {number for row in rows for number in (row.person.national_id, *row.person.old_numbers)}
    history = delta_store.holders(connection, listed)
    changes: list[Change] = []
    same: list[Operation] = []
    for row in rows:
        one = row.person
        facts = tuple(str(getattr(one, name)) for name in people_store.FACTS)
        now_known, before = known.get(one.national_id), known.get(row.before)
        if now_known is not None and now_known.facts == facts and _has_all(now_known, row, history, old_numbers_told):
            same.append(row.operation)
            continue
        _refuse_misfit(row, now_known, before, history, file)
        reissued = row.operation is Operation.REISSUE
        changes.append(
            Change(
                before.person_id if before else None,
                one.national_id,
                facts,
                one.old_numbers if old_numbers_told else None,
                row.before if reissued else "",
            )
        )
    return changes, same


def _has_all(person: Known, row: _DeltaRow, history: dict[str, dict[int, str]], told: bool) -> bool:
    numbers = {*row.person.old_numbers, row.before} - {""}
    gone = person.old_numbers - numbers - {row.person.national_id} if told else ()
    return not gone and all(person.person_id in history.get(number, ()) for number in numbers)


def _refuse_misfit(
    row: _DeltaRow, now_known: Known | None, before: Known | None, history: dict[str, dict[int, str]], file: str
) -> None:
    # a number that somebody lists as an old one by mistake stops no birth; one that was cancelled never comes back
    problem = ""
    if row.operation is not Operation.BIRTH and before is None:
        problem, column = "the register knows nobody by this number", "so_dinh_danh_truoc"
    elif row.operation in (Operation.BIRTH, Operation.REISSUE):
        taken = now_known is not None or "cancelled" in history.get(row.person.national_id, {}).values()
        problem, column = ("the number was given to somebody before" if taken else ""), "so_dinh_danh"
    if problem:
        raise IssuerError(Code.DELTA_ROW, problem, Where(file, row=row.person.row, column=column))
