"""SQL of the queue: what waits for people, in whose commune, in which order, and one record whole."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa

from issuer.store.tables import (
    ROWS_PER_FILE,
    dose,
    facility,
    link,
    person,
    problem,
    proposal,
    repair,
    source_file,
    source_row,
    source_sheet,
)
from issuer.store.worklist_tables import area, correction, work_item

__all__ = [
    "Candidate",
    "Counted",
    "Filters",
    "Item",
    "ItemRow",
    "Scope",
    "candidates",
    "counts",
    "facts",
    "in_scope",
    "item_of",
    "neighbours",
    "page",
    "person_of",
    "problems",
    "repairs",
    "rows_of",
    "set_state",
    "tokens",
]


@dataclass(frozen=True, slots=True)
class Scope:
    """Whose records: a commune, district or province by its code, or (empty) the whole country."""

    code: str


@dataclass(frozen=True, slots=True)
class Filters:
    """What of the queue is wanted; empty: everything. `late_before`: opened before this time.

    `in_bulk`: only what waits for a decision since a station put it forward in bulk.
    """

    state: str = ""
    link_class: str = ""
    safe_class: str = ""
    late_before: str = ""
    in_bulk: bool = False


@dataclass(frozen=True, slots=True)
class ItemRow:
    """One line of the queue."""

    dose_id: int
    token: str
    commune_code: str
    link_class: str
    safe_class: str
    state: str
    opened_at: str
    full_name: str = field(repr=False)
    birth_date: str = field(repr=False)
    id_number: str = field(repr=False)
    vaccinated_on: str = field(repr=False)
    facility_name: str
    evidence: str
    commune_name: str


@dataclass(frozen=True, slots=True)
class Counted:
    """How many items of a class are in a state, and how many of those are late."""

    link_class: str
    safe_class: str
    state: str
    count: int
    late: int


@dataclass(frozen=True, slots=True)
class Item:
    """A work item and its dose, whole."""

    dose_id: int
    token: str
    commune_code: str
    link_class: str
    safe_class: str
    state: str
    opened_at: str
    expected: int
    linked_class: str
    linked_person: int | None
    basis: str
    evidence: str
    full_name: str = field(repr=False)
    birth_date: str = field(repr=False)
    birth_date_other: str = field(repr=False)
    sex: str = field(repr=False)
    id_kind: str = field(repr=False)
    id_number: str = field(repr=False)
    id_other: str = field(repr=False)
    phone: str = field(repr=False)
    address: str = field(repr=False)
    vaccinated_on: str = field(repr=False)
    product: str = field(repr=False)
    dose_number: int | None
    dose_role: str
    lot: str = field(repr=False)
    is_blocked: int
    facility_name: str
    file_name: str
    sheet_name: str
    row_no: int


@dataclass(frozen=True, slots=True)
class Candidate:
    """A person proposed for a dose, best first."""

    rank: int
    person_id: int
    evidence: str
    weight: int
    full_name: str = field(repr=False)
    birth_date: str = field(repr=False)
    sex: str = field(repr=False)
    national_id: str = field(repr=False)
    death_date: str = field(repr=False)
    commune_code: str = ""
    commune_name: str = ""


def in_scope(scope: Scope, commune_code: sa.ColumnElement[str]) -> sa.ColumnElement[bool]:
    """Whether a commune lies in the scope; a commune that no list of areas names is the ministry's alone."""
    if not scope.code:
        return sa.true()
    if len(scope.code) > 3:
        return commune_code == scope.code
    column = area.c.district_code if len(scope.code) == 3 else area.c.province_code
    return commune_code.in_(sa.select(area.c.code).where(column == scope.code, area.c.level == "commune"))


_IN_BULK = (
    sa.select(correction.c.dose_id)
    .where(correction.c.dose_id == work_item.c.dose_id, correction.c.state == "proposed", correction.c.source == "bulk")
    .exists()
)


def _filtered(scope: Scope, filters: Filters) -> list[sa.ColumnElement[bool]]:
    conditions = [in_scope(scope, work_item.c.commune_code)]
    conditions.append(work_item.c.state == filters.state if filters.state else work_item.c.state != "closed")
    if filters.link_class:
        conditions.append(work_item.c.link_class == filters.link_class)
    if filters.safe_class:
        conditions.append(work_item.c.safe_class == filters.safe_class)
    if filters.late_before:
        conditions.append(work_item.c.opened_at <= filters.late_before)
    if filters.in_bulk:
        conditions.append(_IN_BULK)
    return conditions


_ORDER = (work_item.c.expected.desc(), work_item.c.opened_at, work_item.c.dose_id)
_BACKWARDS = (work_item.c.expected, work_item.c.opened_at.desc(), work_item.c.dose_id.desc())


_ROW = (
    sa.select(
        *(work_item.c[name] for name in ("dose_id", "token", "commune_code", "link_class", "safe_class", "state")),
        work_item.c.opened_at,
        *(dose.c[name] for name in ("full_name", "birth_date", "id_number", "vaccinated_on")),
        sa.func.coalesce(facility.c.name, dose.c.facility_name),
        sa.func.coalesce(proposal.c.evidence, link.c.evidence, ""),
        sa.func.coalesce(area.c.name, work_item.c.commune_code),
    )
    .select_from(work_item)
    .join(dose, dose.c.dose_id == work_item.c.dose_id)
    .outerjoin(facility, facility.c.facility_id == dose.c.facility_id)
    .outerjoin(link, link.c.dose_id == work_item.c.dose_id)
    .outerjoin(proposal, sa.and_(proposal.c.dose_id == work_item.c.dose_id, proposal.c.rank == 1))
    .outerjoin(area, area.c.code == work_item.c.commune_code)
)


def page(connection: sa.Connection, scope: Scope, filters: Filters, first: int, limit: int) -> list[ItemRow]:
    """Lines of the queue from place `first`: the most promising first, the oldest of those before."""
    query = _ROW.where(*_filtered(scope, filters)).order_by(*_ORDER)
    return [ItemRow(*tuple(row)) for row in connection.execute(query.offset(first).limit(limit))]


def rows_of(connection: sa.Connection, scope: Scope, dose_ids: Sequence[int]) -> list[ItemRow]:
    """The lines of these doses that lie in the scope, in the order of the doses."""
    query = _ROW.where(work_item.c.dose_id.in_(list(dose_ids)), in_scope(scope, work_item.c.commune_code))
    known = {row[0]: ItemRow(*tuple(row)) for row in connection.execute(query)}
    return [known[dose_id] for dose_id in dose_ids if dose_id in known]


def counts(connection: sa.Connection, scope: Scope, late_before: str, *, in_bulk: bool = False) -> list[Counted]:
    """Items that are not closed, by class and state; `late` counts those opened before `late_before`."""
    late = sa.func.sum(sa.case((work_item.c.opened_at <= late_before, 1), else_=0))
    rows = connection.execute(
        sa.select(work_item.c.link_class, work_item.c.safe_class, work_item.c.state, sa.func.count(), late)
        .where(*_filtered(scope, Filters(in_bulk=in_bulk)))
        .group_by(work_item.c.link_class, work_item.c.safe_class, work_item.c.state)
    )
    return [Counted(row[0], row[1], row[2], row[3], int(row[4])) for row in rows]


def tokens(connection: sa.Connection, scope: Scope, filters: Filters, limit: int) -> list[str]:
    """The tokens of the first items of the queue."""
    query = sa.select(work_item.c.token).where(*_filtered(scope, filters)).order_by(*_ORDER).limit(limit)
    return list(connection.scalars(query))


def neighbours(connection: sa.Connection, scope: Scope, filters: Filters, item: Item) -> tuple[str | None, str | None]:
    """The tokens before and after an item in the queue; the item itself need not be in it any more."""
    place = sa.tuple_(-work_item.c.expected, work_item.c.opened_at, work_item.c.dose_id)
    here = sa.tuple_(-item.expected, item.opened_at, item.dose_id)
    query = sa.select(work_item.c.token).where(*_filtered(scope, filters)).limit(1)
    before = connection.scalar(
        query.where(place < here).order_by(
            work_item.c.expected, work_item.c.opened_at.desc(), work_item.c.dose_id.desc()
        )
    )
    after = connection.scalar(query.where(place > here).order_by(*_ORDER))
    return before, after


_ITEM = (
    sa.select(
        *(work_item.c[name] for name in ("dose_id", "token", "commune_code", "link_class", "safe_class", "state")),
        work_item.c.opened_at,
        work_item.c.expected,
        sa.func.coalesce(link.c.link_class, ""),
        link.c.person_id,
        sa.func.coalesce(link.c.basis, ""),
        sa.func.coalesce(link.c.evidence, ""),
        *(dose.c[name] for name in ("full_name", "birth_date", "birth_date_other", "sex", "id_kind", "id_number")),
        *(dose.c[name] for name in ("id_other", "phone", "address", "vaccinated_on", "product", "dose_number")),
        *(dose.c[name] for name in ("dose_role", "lot", "is_blocked")),
        sa.func.coalesce(facility.c.name, dose.c.facility_name),
        source_file.c.name,
        sa.func.coalesce(source_sheet.c.name, ""),
        source_row.c.row_no,
    )
    .select_from(work_item)
    .join(dose, dose.c.dose_id == work_item.c.dose_id)
    .join(source_row, source_row.c.row_id == dose.c.dose_id)
    .join(source_file, source_file.c.file_id == dose.c.dose_id // ROWS_PER_FILE)
    .outerjoin(
        source_sheet,
        sa.and_(
            source_sheet.c.file_id == source_file.c.file_id,
            source_sheet.c.sheet_no == source_row.c.sheet_no,
        ),
    )
    .outerjoin(facility, facility.c.facility_id == dose.c.facility_id)
    .outerjoin(link, link.c.dose_id == work_item.c.dose_id)
)


def item_of(connection: sa.Connection, scope: Scope, token: str, *, lock: bool = False) -> Item | None:
    """The item of a token, if it lies in the scope; held until the transaction ends if `lock`."""
    query = _ITEM.where(work_item.c.token == token, in_scope(scope, work_item.c.commune_code))
    if lock:
        query = query.with_for_update(of=work_item)
    row = connection.execute(query).one_or_none()
    return None if row is None else Item(*tuple(row))


def candidates(connection: sa.Connection, dose_id: int) -> list[Candidate]:
    """The people proposed for a dose, best first."""
    rows = connection.execute(
        sa.select(
            *(proposal.c[name] for name in ("rank", "person_id", "evidence", "weight")),
            *(person.c[name] for name in ("full_name", "birth_date", "sex", "national_id", "death_date")),
            person.c.commune_code,
            sa.func.coalesce(area.c.name, ""),
        )
        .join(person, person.c.person_id == proposal.c.person_id)
        .outerjoin(area, area.c.code == person.c.commune_code)
        .where(proposal.c.dose_id == dose_id)
        .order_by(proposal.c.rank)
    )
    return [Candidate(*row) for row in rows]


def person_of(connection: sa.Connection, person_id: int, known: Sequence[Candidate]) -> Candidate:
    """A person as a candidate: as proposed if they still are, else of rank 0 and without evidence."""
    for one in known:
        if one.person_id == person_id:
            return one
    row = connection.execute(
        sa.select(
            *(person.c[name] for name in ("full_name", "birth_date", "sex", "national_id", "death_date")),
            person.c.commune_code,
            sa.func.coalesce(area.c.name, ""),
        )
        .outerjoin(area, area.c.code == person.c.commune_code)
        .where(person.c.person_id == person_id)
    ).one()
    return Candidate(0, person_id, "", 0, *tuple(row))


def problems(connection: sa.Connection, dose_id: int) -> list[tuple[str, str, str]]:
    """Code, field and raw text of what cleaning found."""
    rows = connection.execute(
        sa.select(problem.c.code, problem.c.field, problem.c.raw)
        .where(problem.c.row_id == dose_id)
        .order_by(problem.c.number)
    )
    return [(row[0], row[1], row[2]) for row in rows]


def repairs(connection: sa.Connection, dose_id: int) -> list[tuple[str, str, str, str, str]]:
    """Field, before, after, rule and certainty of what cleaning mended or could not decide."""
    rows = connection.execute(
        sa.select(repair.c.field, repair.c.before, repair.c.after, repair.c.rule, repair.c.certainty)
        .where(repair.c.row_id == dose_id)
        .order_by(repair.c.number)
    )
    return [(row[0], row[1], row[2], row[3], row[4]) for row in rows]


def facts(connection: sa.Connection, dose_id: int) -> dict[str, Any]:
    """Every column of a dose."""
    return dict(connection.execute(sa.select(dose).where(dose.c.dose_id == dose_id)).mappings().one())


def set_state(connection: sa.Connection, dose_ids: Sequence[int], state: str, now: str) -> None:
    """Move items to a state."""
    if dose_ids:
        connection.execute(
            work_item.update()
            .where(work_item.c.dose_id == sa.bindparam("key"))
            .values(state=state, closed_at=now if state == "closed" else None),
            [{"key": key} for key in dose_ids],
        )
