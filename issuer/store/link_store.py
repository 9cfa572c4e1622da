"""SQL of linking: what it reads of doses and people, in bulk to files, and what it writes, chunk by chunk.

Reading goes to CSV files because both databases write and DuckDB reads those faster than rows pass through Python
objects. Who a link with a basis that linking does not know is to was decided by people (the
worklist) and is never changed here.
"""

import csv
from collections.abc import Collection, Sequence
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from issuer.link.model import Basis, LinkClass, LinkResult
from issuer.store import schedule_store
from issuer.store.bulk import alone, analyze, chunked, insert_rows
from issuer.store.people_store import FORMER
from issuer.store.tables import dose, link, link_progress, person, person_identifier, proposal

__all__ = [
    "DOSE_COLUMNS",
    "PEOPLE_COLUMNS",
    "analyze_links",
    "changed_people",
    "class_of",
    "export",
    "forget_links",
    "highest_revision",
    "linked_person",
    "odd_numbers",
    "seen_revision",
    "select_doses",
    "select_links",
    "select_old_numbers",
    "select_people",
    "select_withdrawn_numbers",
    "set_classes",
    "set_seen_revision",
    "settle_repeats",
    "store_links",
    "unlinked",
]

PEOPLE_COLUMNS = ("person_id", "national_id", "full_name", "name_key", "name_fold", "birth_date", "sex", "death_date")
DOSE_COLUMNS = (
    "dose_id", "full_name", "name_key", "name_fold", "birth_date", "birth_date_other", "sex", "id_kind", "id_number",
    "is_foreign", "vaccinated_on", "product",
)  # fmt: skip

_IN_LIST = 500
_OWN = [basis.value for basis in Basis]
_IS_OWN = sa.or_(*(link.c.basis == basis for basis in _OWN))  # an IN list cannot be part of many executions at once


def select_people() -> sa.Select[Any]:
    """Everybody, with PEOPLE_COLUMNS."""
    return sa.select(*(person.c[name] for name in PEOPLE_COLUMNS))


def select_old_numbers() -> sa.Select[Any]:
    """(value, person_id) of every number that was somebody's."""
    return sa.select(person_identifier.c.value, person_identifier.c.person_id).where(FORMER)


def select_withdrawn_numbers() -> sa.Select[Any]:
    """(value, person_id) of every number that somebody was said to have had, by mistake."""
    return sa.select(person_identifier.c.value, person_identifier.c.person_id).where(
        person_identifier.c.status == "withdrawn"
    )


def select_doses() -> sa.Select[Any]:
    """Every dose with DOSE_COLUMNS and how it stands.

    0: not linked yet; 1: linked to a person; 2: not linked, may have proposals; 3: so, and people were left out because
    they fit equally well; 4: decided by people.
    """
    standing = sa.case(
        (link.c.dose_id.is_(None), 0),
        (link.c.basis.not_in(_OWN), 4),
        (link.c.person_id.is_not(None), 1),
        (sa.or_(link.c.evidence.like("%rivals=%"), link.c.evidence.like("%hidden=%")), 3),
        else_=2,
    )
    columns = (dose.c[name] for name in DOSE_COLUMNS)
    return sa.select(*columns, standing).select_from(dose.outerjoin(link, link.c.dose_id == dose.c.dose_id))


def select_links() -> sa.Select[Any]:
    """(dose_id, person_id, class) of every link to a person, and of every proposal with an empty class."""
    linked = sa.select(link.c.dose_id, link.c.person_id, link.c.link_class).where(link.c.person_id.is_not(None))
    proposed = sa.select(proposal.c.dose_id, proposal.c.person_id, sa.literal(""))
    return sa.select(sa.union_all(linked, proposed).subquery())


def odd_numbers(connection: sa.Connection) -> list[tuple[int, str, str, str]]:
    """(dose_id, id_kind, id_number, id_other) of the doses whose number has more or less than one reading."""
    rows = connection.execute(
        sa.select(dose.c.dose_id, dose.c.id_kind, dose.c.id_number, dose.c.id_other).where(
            sa.or_(dose.c.id_other != "", dose.c.id_kind == "malformed")
        )
    )
    return [(dose_id, kind, number, other) for dose_id, kind, number, other in rows]


def export(connection: sa.Connection, select: sa.Select[Any], path: Path) -> None:
    """The rows of a SELECT into a CSV file without header."""
    statement = str(select.compile(connection, compile_kwargs={"literal_binds": True}))
    driver = connection.connection.driver_connection
    assert driver is not None, "a connection in a transaction has its driver"  # noqa: S101
    cursor = driver.cursor()
    try:
        if connection.dialect.name == "postgresql":
            with path.open("wb") as stream, cursor.copy(f"COPY ({statement}) TO STDOUT (FORMAT csv)") as copy:
                for block in copy:
                    stream.write(block)
        else:
            with path.open("w", encoding="utf-8", newline="") as stream:
                csv.writer(stream, lineterminator="\n").writerows(cursor.execute(statement))
    finally:
        cursor.close()


def unlinked(connection: sa.Connection) -> int:
    """How many doses have not been through linking."""
    linked = sa.select(link.c.dose_id).where(link.c.dose_id == dose.c.dose_id)
    return connection.scalar(sa.select(sa.func.count()).select_from(dose).where(~sa.exists(linked))) or 0


def highest_revision(connection: sa.Connection) -> int:
    """The revision of the register of people."""
    return connection.scalar(sa.select(sa.func.coalesce(sa.func.max(person.c.revision), 0))) or 0


def seen_revision(connection: sa.Connection) -> int | None:
    """The revision of the people that every stored link has seen; None before the first linking."""
    return connection.scalar(sa.select(link_progress.c.people_revision))


def set_seen_revision(connection: sa.Connection, revision: int) -> None:
    """Remember that every stored link has seen this revision."""
    alone(connection, "link")
    if connection.execute(link_progress.update().values(people_revision=revision)).rowcount == 0:
        connection.execute(link_progress.insert().values(one=1, people_revision=revision))


def changed_people(connection: sa.Connection, after: int) -> list[int]:
    """Who was new or changed after a revision."""
    return list(connection.scalars(sa.select(person.c.person_id).where(person.c.revision > after)))


def forget_links(connection: sa.Connection, dose_ids: Collection[int]) -> None:
    """Take back what linking found of these doses, so that the next linking looks again; for who corrects a dose."""
    keys = [{"key": dose_id} for dose_id in dose_ids]
    if keys:
        schedule_store.forget(connection, dose_ids)
        connection.execute(proposal.delete().where(proposal.c.dose_id == sa.bindparam("key")), keys)
        own = link.delete().where(link.c.dose_id == sa.bindparam("key"), _IS_OWN)
        connection.execute(own, keys)


def set_classes(connection: sa.Connection, classes: Sequence[tuple[int, LinkClass]]) -> None:
    """Give links that stand another class, `matched` or `duplicate`; also those of people, who decide on the person."""
    if classes:
        schedule_store.forget(connection, [dose_id for dose_id, _ in classes])
        connection.execute(
            link.update()
            .where(link.c.dose_id == sa.bindparam("key"), link.c.person_id.is_not(None))
            .values(link_class=sa.bindparam("became")),
            [{"key": dose_id, "became": one.value} for dose_id, one in classes],
        )


def linked_person(connection: sa.Connection, dose_id: int) -> int | None:
    """Whose the dose is, if it is linked."""
    return connection.scalar(sa.select(link.c.person_id).where(link.c.dose_id == dose_id))


def settle_repeats(connection: sa.Connection, person_ids: Collection[int | None]) -> None:
    """Of these people's doses of one day and product the first is `matched`, the others are `duplicate`.

    As linking everything says; for who changes the link of one dose, with whose it was and whose it is.
    """
    columns = (link.c.person_id, dose.c.vaccinated_on, dose.c.product, link.c.dose_id, link.c.link_class)
    query = sa.select(*columns).join(dose, dose.c.dose_id == link.c.dose_id).order_by(link.c.dose_id)
    seen: set[tuple[int, str, str]] = set()
    changed: list[tuple[int, LinkClass]] = []
    wanted = [one for one in person_ids if one is not None]
    for person_id, day, product, dose_id, stands in connection.execute(query.where(link.c.person_id.in_(wanted))):
        of = (person_id, day, product)
        became = LinkClass.DUPLICATE if day and product and of in seen else LinkClass.MATCHED
        seen.add(of)
        if stands != became:
            changed.append((dose_id, became))
    set_classes(connection, changed)


def class_of(connection: sa.Connection, dose_id: int) -> LinkClass:
    """The class of a dose that has a result."""
    return LinkClass(connection.execute(sa.select(link.c.link_class).where(link.c.dose_id == dose_id)).scalar_one())


def analyze_links(connection: sa.Connection) -> None:
    """After linking."""
    analyze(connection, link, proposal)


def store_links(connection: sa.Connection, results: Sequence[LinkResult], now: str) -> int:
    """Store the results, ordered by dose, where they are new or differ; returns how many."""
    if not results:
        return 0
    alone(connection, "link")
    wanted = _wanted(connection, [one.dose_id for one in results])
    stored = _stored_links(connection, wanted)
    proposed = _stored_proposals(connection, wanted) if stored else {}
    links: list[tuple[object, ...]] = []
    proposals: list[tuple[object, ...]] = []
    again: list[int] = []
    for one in results:
        evidence = "" if one.evidence is None else str(one.evidence)
        found = (one.dose_id, one.link_class.value, one.person_id, one.basis.value, evidence)
        shown: list[tuple[object, ...]] = [
            (one.dose_id, rank, each.person_id, each.weight, str(each.evidence))
            for rank, each in enumerate(one.proposals, 1)
        ]
        before = stored.get(one.dose_id)
        if before is not None:
            if before[3] not in _OWN or (before == found and proposed.get(one.dose_id, []) == shown):
                continue
            again.append(one.dose_id)
        links.append((*found, now))
        proposals.extend(shown)
    forget_links(connection, again)
    insert_rows(connection, link, ("dose_id", "link_class", "person_id", "basis", "evidence", "linked_at"), links)
    insert_rows(connection, proposal, ("dose_id", "rank", "person_id", "weight", "evidence"), proposals)
    return len(links)


def _wanted(connection: sa.Connection, dose_ids: Sequence[int]) -> list[tuple[int, int] | list[int]]:
    """The doses as one range where nearly all that is linked within it is wanted, else as lists."""
    low, high, enough = dose_ids[0], dose_ids[-1], 2 * len(dose_ids)
    within = sa.select(sa.literal(1)).select_from(link).where(link.c.dose_id.between(low, high)).limit(enough + 1)
    if (connection.scalar(sa.select(sa.func.count()).select_from(within.subquery())) or 0) <= enough:
        return [(low, high)]
    return list(chunked(dose_ids, _IN_LIST))


def _where(column: sa.Column[int], wanted: tuple[int, int] | list[int]) -> sa.ColumnElement[bool]:
    return column.between(*wanted) if isinstance(wanted, tuple) else column.in_(wanted)


def _stored_links(
    connection: sa.Connection, wanted: Sequence[tuple[int, int] | list[int]]
) -> dict[int, tuple[object, ...]]:
    columns = (link.c.dose_id, link.c.link_class, link.c.person_id, link.c.basis, link.c.evidence)
    rows = (
        row for part in wanted for row in connection.execute(sa.select(*columns).where(_where(link.c.dose_id, part)))
    )
    return {row[0]: tuple(row) for row in rows}


def _stored_proposals(
    connection: sa.Connection, wanted: Sequence[tuple[int, int] | list[int]]
) -> dict[int, list[tuple[object, ...]]]:
    found: dict[int, list[tuple[object, ...]]] = {}
    for part in wanted:
        query = sa.select(proposal).where(_where(proposal.c.dose_id, part))
        for row in connection.execute(query.order_by(proposal.c.dose_id, proposal.c.rank)):
            found.setdefault(row.dose_id, []).append(tuple(row))
    return found
