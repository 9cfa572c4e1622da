"""SQL of the schedule check: the linked doses of people whose links changed, and the problems found."""

from collections.abc import Collection, Sequence

import sqlalchemy as sa

from issuer.store.bulk import alone, chunked, insert_rows
from issuer.store.tables import Id, dose, link, metadata, person, problem

__all__ = [
    "FIRST_NUMBER",
    "LinkedDose",
    "doses_of_people",
    "forget",
    "looked_at",
    "newest_link",
    "people_changed",
    "replace_problems",
    "schedule_progress",
    "schedule_stale",
    "seen",
    "set_seen",
]

LinkedDose = sa.Row[int, int, str, str, int, str, str]
"""person_id, dose_id, vaccinated_on, product, dose_number (None: not told), dose_role, birth_date."""

FIRST_NUMBER = 1_000
"""Problems that come from a person's other doses are numbered from here, apart from those of the row itself."""

_IN_LIST = 500

schedule_progress = sa.Table(
    "schedule_progress",
    metadata,
    sa.Column("one", sa.SmallInteger, primary_key=True, autoincrement=False),
    sa.Column("seen", sa.String(27), nullable=False, comment="links made up to this moment were looked at"),
    sa.CheckConstraint("one = 1", name="one"),
)

schedule_stale = sa.Table(
    "schedule_stale",
    metadata,
    sa.Column("person_id", Id, sa.ForeignKey("person.person_id"), primary_key=True, comment="lost a dose since"),
)


def forget(connection: sa.Connection, dose_ids: Collection[int]) -> None:
    """The links of these doses go away or change class: what was told of their schedule is told no more.

    Whoever they were linked to is looked at again by the next check, since their other doses follow others now.
    """
    alone(connection, "link")
    known = sa.select(schedule_stale.c.person_id)
    for ids in chunked(dose_ids, _IN_LIST):
        people = sa.select(link.c.person_id).where(
            link.c.dose_id.in_(ids), link.c.person_id.is_not(None), link.c.person_id.not_in(known)
        )
        connection.execute(schedule_stale.insert().from_select(["person_id"], people.distinct()))
        connection.execute(problem.delete().where(problem.c.row_id.in_(ids), problem.c.number >= FIRST_NUMBER))


def seen(connection: sa.Connection) -> str:
    """The moment up to which links were looked at; empty before the first run."""
    return connection.scalar(sa.select(schedule_progress.c.seen)) or ""


def set_seen(connection: sa.Connection, moment: str) -> None:
    """Remember how far links were looked at."""
    if connection.execute(schedule_progress.update().values(seen=moment)).rowcount == 0:
        connection.execute(schedule_progress.insert().values(one=1, seen=moment))


def newest_link(connection: sa.Connection) -> str:
    """The moment of the newest link, empty when there is none."""
    return connection.scalar(sa.select(sa.func.max(link.c.linked_at))) or ""


def people_changed(connection: sa.Connection, since: str, after: int, limit: int) -> list[int]:
    """The next people, by number, with a link made at or after a moment, or who lost one. The caller is alone after."""
    alone(connection, "link")
    linked = (
        sa.select(link.c.person_id)
        .where(link.c.person_id > after, link.c.linked_at >= since)
        .distinct()
        .order_by(link.c.person_id)
        .limit(limit)
    )
    stale = (
        sa.select(schedule_stale.c.person_id)
        .where(schedule_stale.c.person_id > after)
        .order_by(schedule_stale.c.person_id)
        .limit(limit)
    )
    return sorted({*connection.scalars(linked), *connection.scalars(stale)})[:limit]


def looked_at(connection: sa.Connection, first: int, last: int) -> None:
    """People numbered from `first` to `last` are no longer stale; the caller is alone."""
    connection.execute(schedule_stale.delete().where(schedule_stale.c.person_id.between(first, last)))


def doses_of_people(connection: sa.Connection, first: int, last: int) -> Sequence[LinkedDose]:
    """The dated, linked doses of people numbered from `first` to `last`, each person's in order of date."""
    # an expression, so that no planner takes the index of the class, which nearly every link has, for some people
    is_matched = sa.func.substr(link.c.link_class, 1) == "matched"
    query = (
        sa.select(
            link.c.person_id,
            dose.c.dose_id,
            dose.c.vaccinated_on,
            dose.c.product,
            dose.c.dose_number,
            dose.c.dose_role,
            person.c.birth_date,
        )
        .join(dose, dose.c.dose_id == link.c.dose_id)
        .join(person, person.c.person_id == link.c.person_id)
        .where(link.c.person_id.between(first, last), is_matched, dose.c.vaccinated_on != "")
        .order_by(link.c.person_id, dose.c.vaccinated_on, dose.c.dose_id)
    )
    return connection.execute(query).all()


def replace_problems(
    connection: sa.Connection, first: int, last: int, found: Sequence[tuple[int, int, str, str, str]]
) -> None:
    """Store what was found of the doses of people numbered from `first` to `last` in the place of what was there."""
    theirs = sa.select(link.c.dose_id).where(link.c.person_id.between(first, last))
    connection.execute(problem.delete().where(problem.c.row_id.in_(theirs), problem.c.number >= FIRST_NUMBER))
    insert_rows(connection, problem, ("row_id", "number", "code", "field", "raw"), found)
