"""SQL of corrections: put forward, decided, undone; and the dose and link that they change."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa

from issuer.link.model import DoseFacts, LinkClass, PersonFacts
from issuer.store import link_store, schedule_store
from issuer.store.bulk import insert_rows
from issuer.store.certificate_tables import certificate
from issuer.store.people_store import FORMER
from issuer.store.tables import dose, link, person, person_identifier, problem, proposal
from issuer.store.worklist_tables import account, correction

__all__ = [
    "Correction",
    "blocking_problems",
    "decide",
    "dose_facts",
    "end",
    "full_names",
    "has_certificate",
    "history",
    "live",
    "people",
    "people_near",
    "propose",
    "put_back",
    "set_facts",
    "set_link",
    "snapshot",
]

_PERSON = ("person_id", "national_id", "name_key", "name_fold", "birth_date", "sex", "death_date")
_DOSE_CHANGED = (
    "full_name",
    "name_key",
    "name_fold",
    "birth_date",
    "birth_date_other",
    "sex",
    "id_kind",
    "id_number",
    "id_other",
    "is_blocked",
)
_LINK = ("link_class", "person_id", "basis", "evidence", "linked_at")


@dataclass(frozen=True, slots=True)
class Correction:
    """One correction with the logins of those who had a part in it."""

    correction_id: int
    dose_id: int
    kind: str
    person_id: int | None
    changes: str = field(repr=False)
    source: str
    safe_class: str
    state: str
    proposed_by: int
    proposed_at: str
    decided_by: int | None
    decided_at: str | None
    reason: str
    note: str = field(repr=False)
    before: str = field(repr=False)
    link_class: str
    handover_id: int | None
    ended_at: str | None
    proposer: str
    decider: str
    ender: str


_proposer, _decider, _ender = account.alias("proposer"), account.alias("decider"), account.alias("ender")
_CORRECTION = (
    sa.select(
        *(correction.c[name] for name in list(Correction.__dataclass_fields__)[:18]),
        _proposer.c.login,
        sa.func.coalesce(_decider.c.login, ""),
        sa.func.coalesce(_ender.c.login, ""),
    )
    .select_from(correction)
    .join(_proposer, _proposer.c.account_id == correction.c.proposed_by)
    .outerjoin(_decider, _decider.c.account_id == correction.c.decided_by)
    .outerjoin(_ender, _ender.c.account_id == correction.c.ended_by)
)


def history(connection: sa.Connection, dose_id: int) -> list[Correction]:
    """Every correction of a dose, the newest first."""
    rows = connection.execute(
        _CORRECTION.where(correction.c.dose_id == dose_id).order_by(correction.c.correction_id.desc())
    )
    return [Correction(*tuple(row)) for row in rows]


def live(connection: sa.Connection, dose_ids: Iterable[int], state: str) -> dict[int, Correction]:
    """The corrections of these doses that are in `state` (`proposed` or `applied`: one a dose at most)."""
    query = _CORRECTION.where(correction.c.dose_id.in_(list(dose_ids)), correction.c.state == state)
    return {row[1]: Correction(*tuple(row)) for row in connection.execute(query)}


def propose(connection: sa.Connection, rows: Sequence[Mapping[str, Any]]) -> None:
    """Store new corrections in the state `proposed`."""
    if rows:
        blank = {"safe_class": "", "reason": "", "note": "", "before": "", "link_class": "", "person_id": None}
        connection.execute(
            correction.insert(),
            [{**blank, "sheet_id": None, "changes": "{}", "state": "proposed", **row} for row in rows],
        )


def decide(
    connection: sa.Connection, correction_id: int, state: str, account_id: int, role: str, now: str, **facts: Any
) -> None:
    """Record who decided, when, and with what result."""
    connection.execute(
        correction.update()
        .where(correction.c.correction_id == correction_id, correction.c.state == "proposed")
        .values(state=state, decided_by=account_id, decided_role=role, decided_at=now, **facts)
    )


def end(connection: sa.Connection, correction_id: int, state: str, account_id: int, now: str, reason: str) -> None:
    """Withdraw a proposal or undo what was applied."""
    connection.execute(
        correction.update()
        .where(correction.c.correction_id == correction_id)
        .values(state=state, ended_by=account_id, ended_at=now, **({"reason": reason} if reason else {}))
    )


def has_certificate(connection: sa.Connection, dose_id: int) -> bool:
    """Whether a certificate, signed or reserved, rests on the dose."""
    query = sa.select(certificate.c.certificate_id).where(
        certificate.c.dose_id == dose_id, certificate.c.state != "withdrawn"
    )
    return connection.execute(query).first() is not None


def dose_facts(connection: sa.Connection, dose_id: int) -> DoseFacts:
    """A dose as linking sees it."""
    row = connection.execute(sa.select(dose).where(dose.c.dose_id == dose_id)).one()
    return DoseFacts(
        dose_id,
        row.name_key,
        row.name_fold,
        row.birth_date,
        row.birth_date_other,
        row.sex,
        row.id_kind,
        row.id_number if row.id_kind != "none" else "",
        tuple(filter(None, row.id_other.split(";"))),
        "",
        bool(row.is_foreign),
        row.vaccinated_on,
    )


def full_names(connection: sa.Connection, dose_id: int, person_id: int) -> tuple[str, str]:
    """The names of a dose and of a person as they stand."""
    of_both = dose.join(person, person.c.person_id == person_id)
    query = sa.select(dose.c.full_name, person.c.full_name).select_from(of_both).where(dose.c.dose_id == dose_id)
    row = connection.execute(query).one()
    return row[0], row[1]


def people(connection: sa.Connection, person_ids: Collection[int]) -> list[PersonFacts]:
    """People as linking sees them, by their numbers in the register."""
    if not person_ids:
        return []
    old: dict[int, list[str]] = {}
    for person_id, value in connection.execute(
        sa.select(person_identifier.c.person_id, person_identifier.c.value)
        .where(person_identifier.c.person_id.in_(list(person_ids)), FORMER)
        .order_by(person_identifier.c.value)
    ):
        old.setdefault(person_id, []).append(value)
    rows = connection.execute(
        sa.select(*(person.c[name] for name in _PERSON)).where(person.c.person_id.in_(list(person_ids)))
    )
    return [PersonFacts(row[0], row[1], tuple(old.get(row[0], ())), *row[2:]) for row in rows]


def people_near(connection: sa.Connection, facts: DoseFacts, limit: int) -> tuple[list[PersonFacts], set[int]]:
    """Who shares a number with the dose, or its name and birth year; and who has or had the number as typed."""
    numbers = [number for number in (facts.id_number, *facts.other_readings) if number]
    by_number: dict[int, set[str]] = {}
    if numbers:
        current = sa.select(person.c.person_id, person.c.national_id).where(person.c.national_id.in_(numbers))
        former = sa.select(person_identifier.c.person_id, person_identifier.c.value).where(
            person_identifier.c.value.in_(numbers), FORMER
        )
        for person_id, value in connection.execute(sa.union(current, former)):
            by_number.setdefault(person_id, set()).add(value)
    found = set(by_number)
    year = (facts.birth_date or facts.birth_date_other)[:4]
    if facts.name_key and year:
        found.update(
            connection.scalars(
                sa.select(person.c.person_id)
                .where(person.c.name_key == facts.name_key, person.c.birth_date.between(year, f"{year}-99"))
                .limit(limit)
            )
        )
    return people(connection, found), {one for one, values in by_number.items() if facts.id_number in values}


def blocking_problems(connection: sa.Connection, dose_id: int) -> list[tuple[str, str]]:
    """Code and field of every problem of a dose."""
    rows = connection.execute(
        sa.select(problem.c.code, problem.c.field).where(problem.c.row_id == dose_id).order_by(problem.c.number)
    )
    return [(row[0], row[1]) for row in rows]


def snapshot(connection: sa.Connection, dose_id: int) -> dict[str, Any]:
    """What `put_back` needs to undo a correction: the changeable facts of the dose, its link and its proposals."""
    facts = connection.execute(
        sa.select(*(dose.c[name] for name in _DOSE_CHANGED)).where(dose.c.dose_id == dose_id)
    ).one()
    linked = connection.execute(sa.select(*(link.c[name] for name in _LINK)).where(link.c.dose_id == dose_id)).first()
    proposed = connection.execute(
        sa.select(*(proposal.c[name] for name in ("rank", "person_id", "weight", "evidence")))
        .where(proposal.c.dose_id == dose_id)
        .order_by(proposal.c.rank)
    )
    return {
        "dose": dict(zip(_DOSE_CHANGED, facts, strict=True)),
        "link": None if linked is None else dict(zip(_LINK, linked, strict=True)),
        "proposals": [list(row) for row in proposed],
    }


def put_back(connection: sa.Connection, dose_id: int, before: Mapping[str, Any]) -> None:
    """Restore what `snapshot` saw."""
    connection.execute(dose.update().where(dose.c.dose_id == dose_id).values(**before["dose"]))
    was = link_store.linked_person(connection, dose_id)
    _clear_link(connection, dose_id)
    if before["link"] is not None:
        connection.execute(link.insert().values(dose_id=dose_id, **before["link"]))
    insert_rows(
        connection,
        proposal,
        ("dose_id", "rank", "person_id", "weight", "evidence"),
        [(dose_id, *row) for row in before["proposals"]],
    )
    link_store.settle_repeats(connection, {was, link_store.linked_person(connection, dose_id)})


def set_facts(connection: sa.Connection, dose_id: int, facts: Mapping[str, Any]) -> None:
    """Change facts of a dose."""
    connection.execute(dose.update().where(dose.c.dose_id == dose_id).values(**facts))


def set_link(connection: sa.Connection, dose_id: int, person_id: int, basis: str, evidence: str, now: str) -> LinkClass:
    """Link a dose on a basis of people's; its proposals are settled. Returns whether it repeats another dose."""
    was = link_store.linked_person(connection, dose_id)
    _clear_link(connection, dose_id)
    connection.execute(
        link.insert().values(
            dose_id=dose_id,
            link_class=LinkClass.MATCHED,
            person_id=person_id,
            basis=basis,
            evidence=evidence,
            linked_at=now,
        )
    )
    link_store.settle_repeats(connection, {was, person_id})
    return link_store.class_of(connection, dose_id)


def _clear_link(connection: sa.Connection, dose_id: int) -> None:
    schedule_store.forget(connection, [dose_id])
    connection.execute(proposal.delete().where(proposal.c.dose_id == dose_id))
    connection.execute(link.delete().where(link.c.dose_id == dose_id))
