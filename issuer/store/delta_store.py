"""SQL of a day's changes in the register of people: all of a file in one transaction, or nothing."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import sqlalchemy as sa

from issuer.store.bulk import insert_rows
from issuer.store.people_store import FACTS, next_revision, number_kind, old_numbers_told, withdraw
from issuer.store.tables import person, person_identifier

__all__ = ["Change", "Known", "holders", "known_people", "store_changes"]


@dataclass(frozen=True, slots=True)
class Known:
    """Somebody as the register knows them: `facts` in the order of FACTS, `old_numbers` those of a register's file."""

    person_id: int
    facts: tuple[str, ...] = field(repr=False)
    old_numbers: frozenset[str] = field(repr=False)


@dataclass(frozen=True, slots=True)
class Change:
    """A person from now on: `person_id` None is a new one, `cancelled` the number that `national_id` replaces.

    `old_numbers` None: the file does not tell them.
    """

    person_id: int | None
    national_id: str = field(repr=False)
    facts: tuple[str, ...] = field(repr=False)
    old_numbers: tuple[str, ...] | None = field(repr=False)
    cancelled: str = field(repr=False)


def known_people(connection: sa.Connection, numbers: Collection[str]) -> dict[str, Known]:
    """Who has one of these numbers as the current one."""
    columns = [person.c.national_id, person.c.person_id, *(person.c[name] for name in FACTS)]
    rows = connection.execute(sa.select(*columns).where(person.c.national_id.in_(list(numbers)))).all()
    listed: dict[int, set[str]] = {}
    for value, person_id in old_numbers_told(connection, {row[1] for row in rows}):
        listed.setdefault(person_id, set()).add(value)
    return {row[0]: Known(row[1], tuple(row[2:]), frozenset(listed.get(row[1], ()))) for row in rows}


def holders(connection: sa.Connection, numbers: Collection[str]) -> dict[str, dict[int, str]]:
    """Who has, or ever had, each of these numbers, with its status for them; a withdrawn one was nobody's."""
    found: dict[str, dict[int, str]] = {}
    columns = person_identifier.c
    query = sa.select(columns.value, columns.person_id, columns.status).where(columns.status != "withdrawn")
    for value, person_id, status in connection.execute(query.where(columns.value.in_(list(numbers)))):
        found.setdefault(value, {})[person_id] = status
    return found


def store_changes(connection: sa.Connection, changes: Sequence[Change], *, source: str, now: str, day: str) -> None:
    """Insert the new people, update the others, and write the history of their numbers as of `day`."""
    if not changes:
        return
    top = connection.scalar(sa.select(sa.func.coalesce(sa.func.max(person.c.person_id), 0))) or 0
    revision = next_revision(connection)
    inserted: list[tuple[object, ...]] = []
    updated: list[dict[str, object]] = []
    history: dict[tuple[str, int], tuple[object, ...]] = {}
    for one in changes:
        person_id = one.person_id
        if person_id is None:
            top += 1
            person_id = top
            inserted.append((person_id, one.national_id, *one.facts, now, revision))
        else:
            facts = dict(zip(FACTS, one.facts, strict=True))
            updated.append({"key": person_id, "national_id": one.national_id, **facts})
        since = day if one.person_id is None or one.cancelled else ""
        history[one.national_id, person_id] = ("cccd", "current", since)
        for old in one.old_numbers or ():
            if old != one.cancelled:
                history.setdefault((old, person_id), (number_kind(old), "old", ""))
    columns = ("person_id", "national_id", *FACTS, "changed_at", "revision")
    # a number moves on before anybody gets it, and a re-issued one is nobody's, so no order of rows clashes
    _update(connection, updated, now, revision)
    insert_rows(connection, person, columns, inserted)
    _cancel(connection, [(one.cancelled, one.person_id) for one in changes if one.cancelled], now, day)
    stayed = {one.person_id for one in changes if one.person_id is not None and one.old_numbers is not None}
    withdraw(connection, stayed, set(history), now=now, day=day)
    _add_history(connection, history, source, now)


def _update(connection: sa.Connection, rows: Sequence[Mapping[str, object]], now: str, revision: int) -> None:
    if rows:
        names = ("national_id", *FACTS)
        connection.execute(
            person.update()
            .where(person.c.person_id == sa.bindparam("key"))
            .values({name: sa.bindparam(name) for name in names} | {"changed_at": now, "revision": revision}),
            rows,
        )


def _cancel(connection: sa.Connection, numbers: Iterable[tuple[str, int | None]], now: str, day: str) -> None:
    rows = [{"number": number, "holder": person_id} for number, person_id in numbers]
    if rows:
        connection.execute(
            person_identifier.update()
            .where(
                person_identifier.c.value == sa.bindparam("number"),
                person_identifier.c.person_id == sa.bindparam("holder"),
            )
            .values(status="cancelled", valid_to=day, recorded_at=now),
            rows,
        )


def _add_history(
    connection: sa.Connection, history: Mapping[tuple[str, int], tuple[object, ...]], source: str, now: str
) -> None:
    columns = person_identifier.c
    query = sa.select(columns.value, columns.person_id, columns.status)
    stored = {
        (value, person_id): status
        for value, person_id, status in connection.execute(
            query.where(columns.value.in_({value for value, _ in history}))
        )
    }
    rows = [
        (*key, kind, status, source, now, since) for key, (kind, status, since) in history.items() if key not in stored
    ]
    again = [
        {"number": value, "holder": person_id, "was": history[value, person_id][1]}
        for (value, person_id), status in stored.items()
        if status == "withdrawn" and (value, person_id) in history
    ]
    if again:
        connection.execute(
            person_identifier.update()
            .where(columns.value == sa.bindparam("number"), columns.person_id == sa.bindparam("holder"))
            .values(status=sa.bindparam("was"), valid_to="", recorded_at=now),
            again,
        )
    names = ("value", "person_id", "kind", "status", "source", "recorded_at", "valid_from")
    insert_rows(connection, person_identifier, names, rows)
