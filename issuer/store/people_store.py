"""SQL of the register of people: files loaded, people inserted or updated, identifier history."""

from collections.abc import Collection, Iterable, Iterator, Sequence
from typing import Any, Protocol

import sqlalchemy as sa

from issuer.store.bulk import alone, analyze, chunked, insert_rows
from issuer.store.tables import person, person_identifier, source_file

__all__ = [
    "FACTS",
    "FORMER",
    "advance",
    "analyze_people",
    "begin",
    "cancelled_numbers",
    "finish",
    "met",
    "newest_delta",
    "next_revision",
    "number_kind",
    "old_numbers_told",
    "store_people",
    "withdraw",
]

FACTS = (
    "full_name",
    "name_key",
    "name_fold",
    "birth_date",
    "sex",
    "commune_code",
    "nationality",
    "death_date",
)
"""What is kept of a person beside the numbers, in the order of `person`'s columns and under the same names in a row."""

FORMER = person_identifier.c.status.in_(("old", "cancelled"))
"""A number that was the person's. A withdrawn one never was: the register listed it once and does so no longer."""

_IN_LIST = 500


class _Person(Protocol):
    """What is stored of a person: issuer.people.row.PersonRow."""

    @property
    def national_id(self) -> str: ...
    @property
    def full_name(self) -> str: ...
    @property
    def name_key(self) -> str: ...
    @property
    def name_fold(self) -> str: ...
    @property
    def birth_date(self) -> str: ...
    @property
    def sex(self) -> str: ...
    @property
    def commune_code(self) -> str: ...
    @property
    def nationality(self) -> str: ...
    @property
    def death_date(self) -> str: ...
    @property
    def old_numbers(self) -> tuple[str, ...]: ...


def met(connection: sa.Connection, kind: str, sha256: str) -> tuple[int, int, bool] | None:
    """The number of a file met before, how many of its rows are stored, and whether all are."""
    found = connection.execute(
        sa.select(source_file.c.file_id, source_file.c.rows_done, source_file.c.state).where(
            source_file.c.kind == kind, source_file.c.sha256 == sha256
        )
    ).one_or_none()
    return None if found is None else (found.file_id, found.rows_done, found.state == "whole")


def begin(
    connection: sa.Connection, name: str, sha256: str, size: int, now: str, *, day: str = ""
) -> tuple[int, int, bool]:
    """The file's number, how many of its rows are stored, and whether all are; a file met before is found again.

    With a `day` the file is a delta, without one an extract.
    """
    alone(connection, "people")
    kind = "delta" if day else "people"
    found = met(connection, kind, sha256)
    if found is not None:
        return found
    result = connection.execute(
        source_file.insert().values(
            kind=kind, name=name, sha256=sha256, size=size, received_at=now, rows_done=0, state="reading", as_of=day
        )
    )
    key = result.inserted_primary_key
    assert key is not None, "an insert of one row tells its key"  # noqa: S101
    return key[0], 0, False


def advance(connection: sa.Connection, file_id: int, rows_done: int) -> None:
    """Remember how far the file is stored, in the transaction that stored it."""
    connection.execute(source_file.update().where(source_file.c.file_id == file_id).values(rows_done=rows_done))


def finish(connection: sa.Connection, file_id: int) -> bool:
    """Mark the file as stored whole; False if it was marked before."""
    return (
        connection.execute(
            source_file.update()
            .where(source_file.c.file_id == file_id, source_file.c.state == "reading")
            .values(state="whole")
        ).rowcount
        == 1
    )


def analyze_people(connection: sa.Connection) -> None:
    """After a whole extract."""
    analyze(connection, person, person_identifier)


def newest_delta(connection: sa.Connection) -> str:
    """The latest day whose delta is stored; empty before the first."""
    return connection.scalar(sa.select(sa.func.coalesce(sa.func.max(source_file.c.as_of), ""))) or ""


def cancelled_numbers(connection: sa.Connection) -> set[str]:
    """The numbers in whose place others were issued; few, a day's changes cancel one in six hundred."""
    query = sa.select(person_identifier.c.value).where(person_identifier.c.status == "cancelled")
    return set(connection.scalars(query))


def store_people(
    connection: sa.Connection, people: Sequence[_Person], *, source: str, now: str, old_numbers_told: bool = True
) -> tuple[int, int, int]:
    """Insert the new, update the changed; returns how many were new, changed and unchanged.

    Where `old_numbers_told`, an old number that is no longer listed is withdrawn.
    """
    alone(connection, "people")
    wanted = {one.national_id: one for one in people}  # within a chunk the later row stands
    known = _known(connection, wanted)
    reissued = _reissued(connection, [one for number, one in wanted.items() if number not in known])
    top = connection.scalar(sa.select(sa.func.coalesce(sa.func.max(person.c.person_id), 0))) or 0
    revision = next_revision(connection)
    inserted: list[tuple[object, ...]] = []
    changed: list[dict[str, object]] = []
    numbers: dict[tuple[str, int], tuple[object, ...]] = {}
    for number, one in wanted.items():
        facts = tuple(getattr(one, name) for name in FACTS)
        if number in known:
            person_id, *stored = known[number]
            if tuple(stored) != facts:
                changed.append({"key": person_id, "national_id": number, **dict(zip(FACTS, facts, strict=True))})
        elif number in reissued:
            person_id = reissued[number]
            changed.append({"key": person_id, "national_id": number, **dict(zip(FACTS, facts, strict=True))})
        else:
            top += 1
            person_id = top
            inserted.append((person_id, number, *facts, now, revision))
        numbers[number, person_id] = (number, person_id, "cccd", "current", source, now)
        for old in one.old_numbers:
            numbers.setdefault((old, person_id), (old, person_id, number_kind(old), "old", source, now))
    insert_rows(connection, person, ("person_id", "national_id", *FACTS, "changed_at", "revision"), inserted)
    if changed:
        connection.execute(
            person.update()
            .where(person.c.person_id == sa.bindparam("key"))
            .values({name: sa.bindparam(name) for name in ("national_id", *FACTS)} | {"changed_at": now}),
            changed,
        )
    new_history = _store_numbers(connection, numbers, fresh=not known and not reissued)
    if old_numbers_told:
        stayed = {person_id for _, person_id in numbers} - {row[0] for row in inserted}
        new_history |= withdraw(connection, stayed, set(numbers), now=now, day="")
    touched = {row["key"] for row in changed} | (new_history - {row[0] for row in inserted})
    if touched:
        connection.execute(
            person.update().where(person.c.person_id == sa.bindparam("key")).values(revision=revision),
            [{"key": person_id} for person_id in touched],
        )
    return len(inserted), len(touched), len(people) - len(inserted) - len(touched)


def old_numbers_told(connection: sa.Connection, person_ids: Collection[int]) -> Iterator[tuple[str, int]]:
    """(value, person_id) of the old numbers of these people that a file of the register told."""
    columns = person_identifier.c
    told = sa.select(columns.value, columns.person_id).where(
        columns.status == "old", columns.source.startswith("file ")
    )
    for part in chunked(sorted(person_ids), _IN_LIST):
        yield from connection.execute(told.where(columns.person_id.in_(part)))


def withdraw(
    connection: sa.Connection, person_ids: Collection[int], listed: Collection[tuple[str, int]], *, now: str, day: str
) -> set[int]:
    """Mark the old numbers of these people that are not among the `listed` (value, person_id); returns whose they were.

    Only what a register file said is withdrawn by another, never a cancelled number: that the register itself gave.
    """
    gone: list[dict[str, Any]] = [
        {"number": value, "holder": person_id}
        for value, person_id in old_numbers_told(connection, person_ids)
        if (value, person_id) not in listed
    ]
    if gone:
        columns = person_identifier.c
        connection.execute(
            person_identifier.update()
            .where(columns.value == sa.bindparam("number"), columns.person_id == sa.bindparam("holder"))
            .values(status="withdrawn", valid_to=day, recorded_at=now),
            gone,
        )
    return {row["holder"] for row in gone}


def next_revision(connection: sa.Connection) -> int:
    """Chunks of people are stored one after another (`alone`), so a reader that sees a revision sees all below it."""
    return (connection.scalar(sa.select(sa.func.coalesce(sa.func.max(person.c.revision), 0))) or 0) + 1


def number_kind(number: str) -> str:
    """The kind of an earlier paper, by the shape of its number."""
    if number.isascii() and number.isdigit():
        return {9: "cmnd9", 12: "cmnd12"}.get(len(number), "other")
    return "passport"


def _known(connection: sa.Connection, numbers: Iterable[str]) -> dict[str, tuple[int, *tuple[str, ...]]]:
    columns = [person.c.national_id, person.c.person_id, *(person.c[name] for name in FACTS)]
    rows = connection.execute(sa.select(*columns).where(person.c.national_id.in_(list(numbers))))
    return {row[0]: (row[1], *row[2:]) for row in rows}


def _reissued(connection: sa.Connection, people: Sequence[_Person]) -> dict[str, int]:
    """New number -> the person who had an old number of the row as current one and agrees in name and in sex or birth.

    Only a listed old number of twelve digits counts; a wrong entry that names somebody else's number agrees in nothing.
    """
    former = {old: one for one in people for old in one.old_numbers if len(old) == 12}
    if not former:
        return {}
    rows = connection.execute(
        sa.select(person.c.national_id, person.c.person_id, person.c.name_key, person.c.birth_date, person.c.sex).where(
            person.c.national_id.in_(list(former))
        )
    )
    found: dict[str, int] = {}
    for old, person_id, name_key, birth_date, sex in rows:
        one = former[old]
        if name_key == one.name_key and (birth_date == one.birth_date or sex == one.sex):
            found[one.national_id] = person_id
    return found


def _store_numbers(
    connection: sa.Connection, numbers: dict[tuple[str, int], tuple[object, ...]], *, fresh: bool
) -> set[int]:
    """Store what is new of the identifier history; returns the people whose history grew or changed."""
    columns = ("value", "person_id", "kind", "status", "source", "recorded_at")
    if fresh:
        insert_rows(connection, person_identifier, columns, list(numbers.values()))
        return {person_id for _, person_id in numbers}
    stored = {
        (value, person_id): status
        for value, person_id, status in connection.execute(
            sa.select(person_identifier.c.value, person_identifier.c.person_id, person_identifier.c.status).where(
                person_identifier.c.value.in_({value for value, _ in numbers})
            )
        )
    }
    insert_rows(connection, person_identifier, columns, [row for key, row in numbers.items() if key not in stored])
    touched = {person_id for value, person_id in numbers if (value, person_id) not in stored}
    for (value, person_id), status in stored.items():
        row = numbers.get((value, person_id))
        if row is None or row[3] == status or status == "cancelled":
            continue
        new_status = "cancelled" if (status, row[3]) == ("current", "old") else row[3]
        connection.execute(
            person_identifier.update()
            .where(person_identifier.c.value == value, person_identifier.c.person_id == person_id)
            .values(status=new_status, valid_to="", recorded_at=row[5])
        )
        touched.add(person_id)
    return touched
