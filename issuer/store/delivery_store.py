"""SQL of delivered lots: what each facility was sent, and which of its doses do not agree with it.

A lot is compared by its key: in capitals, without blanks, letter O as digit 0. `lot_stale` holds the facilities whose
doses or deliveries changed since they were compared; whoever changes either adds a row of their own in the same
transaction, so nothing that was not looked at is ever forgotten, and cleaning waits for nobody.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from issuer.store.bulk import alone, analyze, chunked, insert_rows
from issuer.store.tables import Id, dose, facility, metadata, problem

__all__ = [
    "FIRST_NUMBER",
    "Delivery",
    "Suspect",
    "analyze_deliveries",
    "delivered",
    "lot_delivery",
    "lot_key",
    "lot_stale",
    "mark_cleaned",
    "problems_of_facility",
    "replace_problems",
    "store_deliveries",
    "suspects",
    "take_stale",
    "unknown_facilities",
]

FIRST_NUMBER = 900
"""Problems of delivered lots are numbered from here to 999, apart from those of the row and those of the schedule."""

_LAST_NUMBER = 999
_IN_LIST = 500
_BEFORE_ALL = 0

lot_delivery = sa.Table(
    "lot_delivery",
    metadata,
    sa.Column("facility_code", sa.String(64), primary_key=True, comment="as in facility.code, known there or not yet"),
    sa.Column("lot_key", sa.String(32), primary_key=True, comment="the lot with O as 0"),
    sa.Column("product", sa.String(64), primary_key=True, comment="DCC code mp"),
    sa.Column("delivered_on", sa.String(10), primary_key=True),
    sa.Column("lot", sa.String(32), nullable=False),
    sa.Column("doses", sa.Integer, nullable=False, comment="0: the delivery was taken back"),
    sa.Column("expires_on", sa.String(10), nullable=False, comment="last day; empty: not told"),
    sa.Column("known_on", sa.String(10), nullable=False, comment="day on which the list was loaded"),
    sa.CheckConstraint("doses >= 0", name="doses"),
    sqlite_with_rowid=False,
)

lot_stale = sa.Table(
    "lot_stale",
    metadata,
    sa.Column("facility_id", Id, sa.ForeignKey("facility.facility_id"), primary_key=True),
    sa.Column("part", Id, primary_key=True, comment="a dose of the part that was cleaned; 0: its deliveries changed"),
    sqlite_with_rowid=False,
)

_KEY = ("facility_code", "lot_key", "product", "delivered_on")
_FACTS = ("lot", "doses", "expires_on")


@dataclass(frozen=True, slots=True)
class Delivery:
    """Doses of one lot brought to a facility on a day; `expires_on` empty where the list does not tell."""

    facility_code: str
    lot: str
    product: str
    doses: int
    delivered_on: str
    expires_on: str

    @property
    def key(self) -> tuple[str, str, str, str]:
        """What makes it one delivery: a list that tells it again corrects it."""
        return self.facility_code, lot_key(self.lot), self.product, self.delivered_on


@dataclass(frozen=True, slots=True)
class Suspect:
    """A dose that does not agree with the deliveries of its facility: in which ways, and what was delivered."""

    dose_id: int
    lot: str
    vaccinated_on: str
    place: int  # of the dose among those of its lot, by day
    delivered: int | None  # None: the lot never came
    first_on: str | None
    expires_on: str | None
    delivered_as: str | None  # product
    not_delivered: bool
    other_product: bool
    before_delivery: bool
    expired: bool
    exceeded: bool


def lot_key(lot: str) -> str:
    """The key of a lot that was read by `issuer.reading.dose_facts.read_lot`."""
    return lot.replace("O", "0")


def _dose_lot_key() -> sa.ColumnElement[str]:
    return sa.func.replace(dose.c.lot, "O", "0")


def store_deliveries(connection: sa.Connection, deliveries: Collection[Delivery], known_on: str) -> tuple[int, int]:
    """Keep what is new or told otherwise than before; how many of each.

    The doses of those facilities are compared anew by the next check.
    """
    alone(connection, "lots")
    new: list[tuple[Any, ...]] = []
    changed: list[dict[str, Any]] = []
    touched: set[str] = set()
    known: dict[tuple[Any, ...], tuple[Any, ...]] = {}
    for codes in chunked(sorted({one.facility_code for one in deliveries}), _IN_LIST):
        query = sa.select(*(lot_delivery.c[name] for name in (*_KEY, *_FACTS)))
        for row in connection.execute(query.where(lot_delivery.c.facility_code.in_(codes))):
            known[tuple(row[: len(_KEY)])] = tuple(row[len(_KEY) :])
    for one in deliveries:
        facts = (one.lot, one.doses, one.expires_on)
        before = known.get(one.key)
        if before is None:
            new.append((*one.key, *facts, known_on))
        elif before != facts:
            values = zip((*_KEY, *_FACTS, "known_on"), (*one.key, *facts, known_on), strict=True)
            changed.append({f"its_{name}": value for name, value in values})
        if before != facts:
            touched.add(one.facility_code)
    insert_rows(connection, lot_delivery, (*_KEY, *_FACTS, "known_on"), new)
    if changed:
        connection.execute(
            lot_delivery.update()
            .where(*(lot_delivery.c[name] == sa.bindparam(f"its_{name}") for name in _KEY))
            .values({name: sa.bindparam(f"its_{name}") for name in (*_FACTS, "known_on")}),
            changed,
        )
    _mark_delivered(connection, touched)
    return len(new), len(changed)


def _mark_delivered(connection: sa.Connection, codes: Iterable[str]) -> None:
    marked = sa.select(lot_stale.c.facility_id).where(lot_stale.c.part == _BEFORE_ALL)
    for part in chunked(sorted(codes), _IN_LIST):
        rows = sa.select(facility.c.facility_id, sa.literal(_BEFORE_ALL)).where(
            facility.c.code.in_(part), facility.c.facility_id.not_in(marked)
        )
        connection.execute(lot_stale.insert().from_select(["facility_id", "part"], rows))


def analyze_deliveries(connection: sa.Connection) -> None:
    """After a list was loaded."""
    analyze(connection, lot_delivery)


def unknown_facilities(connection: sa.Connection, codes: Iterable[str]) -> int:
    """How many of the codes no facility has that ever sent a dose or was registered."""
    missing = set(codes)
    for part in chunked(sorted(missing), _IN_LIST):
        missing -= set(connection.scalars(sa.select(facility.c.code).where(facility.c.code.in_(part))))
    return len(missing)


def mark_cleaned(connection: sa.Connection, doses: Iterable[tuple[int, int | None]]) -> None:
    """Doses were stored, as (dose_id, facility_id): their facilities are to be compared."""
    first: dict[int, int] = {}
    for dose_id, facility_id in doses:
        if facility_id is not None:
            first.setdefault(facility_id, dose_id)
    insert_rows(connection, lot_stale, ("facility_id", "part"), sorted(first.items()))


def take_stale(connection: sa.Connection, limit: int) -> tuple[int, list[int]]:
    """Strike up to `limit` facilities off the list; how many, and those of them with deliveries. Then compare them.

    The order matters: a part that is cleaned meanwhile adds its own line, which stays, or was seen. While no delivery
    at all is known the whole list goes; whoever loads one names the facilities anew.
    """
    alone(connection, "lots")
    if connection.execute(sa.select(lot_delivery.c.facility_code).limit(1)).first() is None:
        connection.execute(lot_stale.delete())
        return 0, []
    ids = sa.select(lot_stale.c.facility_id).distinct().order_by(lot_stale.c.facility_id).limit(limit)
    taken = list(connection.scalars(ids))
    connection.execute(lot_stale.delete().where(lot_stale.c.facility_id.in_(taken)))
    supplied = sa.exists().where(lot_delivery.c.facility_code == facility.c.code)
    query = sa.select(facility.c.facility_id).where(facility.c.facility_id.in_(taken), supplied)
    return len(taken), sorted(connection.scalars(query))


def suspects(connection: sa.Connection, facility_ids: Sequence[int]) -> list[Suspect]:
    """The doses of these facilities that do not agree with what was delivered there, by number."""
    theirs = sa.select(facility.c.code).where(facility.c.facility_id.in_(facility_ids))
    stands = sa.and_(lot_delivery.c.doses > 0, lot_delivery.c.facility_code.in_(theirs))
    since = (
        sa.select(
            lot_delivery.c.facility_code,
            sa.func.min(lot_delivery.c.delivered_on).label("since"),
            sa.func.max(lot_delivery.c.known_on).label("until"),
        )
        .where(stands)
        .group_by(lot_delivery.c.facility_code)
        .subquery("since")
    )
    lots = (
        sa.select(
            lot_delivery.c.facility_code,
            lot_delivery.c.lot_key,
            sa.func.sum(lot_delivery.c.doses).label("delivered"),
            sa.func.min(lot_delivery.c.delivered_on).label("first_on"),
            sa.func.max(lot_delivery.c.expires_on).label("expires_on"),
            sa.func.max(lot_delivery.c.product).label("delivered_as"),
        )
        .where(stands)
        .group_by(lot_delivery.c.facility_code, lot_delivery.c.lot_key)
        .subquery("lots")
    )
    given = (
        sa.select(
            *(dose.c[name] for name in ("dose_id", "lot", "vaccinated_on", "product")),
            facility.c.code,
            _dose_lot_key().label("lot_key"),
            sa.func.row_number()
            .over(partition_by=(dose.c.facility_id, _dose_lot_key()), order_by=(dose.c.vaccinated_on, dose.c.dose_id))
            .label("place"),
        )
        .join(facility, facility.c.facility_id == dose.c.facility_id)
        .where(dose.c.facility_id.in_(facility_ids), dose.c.lot != "")
        .subquery("given")
    )
    as_given = sa.exists().where(
        lot_delivery.c.facility_code == given.c.code,
        lot_delivery.c.lot_key == given.c.lot_key,
        lot_delivery.c.product == given.c.product,
        stands,
    )
    day, came = given.c.vaccinated_on, lots.c.lot_key.is_not(None)
    faults = {
        "not_delivered": sa.and_(~came, day.between(since.c.since, since.c.until)),
        "other_product": sa.and_(came, given.c.product != "", ~as_given),
        "before_delivery": sa.and_(came, day != "", day < lots.c.first_on),
        "expired": sa.and_(came, lots.c.expires_on != "", day > lots.c.expires_on),
        "exceeded": sa.and_(came, given.c.place > lots.c.delivered, day <= since.c.until),
    }
    query = (
        sa.select(
            *(given.c[name] for name in ("dose_id", "lot", "vaccinated_on", "place")),
            *(lots.c[name] for name in ("delivered", "first_on", "expires_on", "delivered_as")),
            *(fault.label(name) for name, fault in faults.items()),
        )
        .select_from(given)
        .join(since, since.c.facility_code == given.c.code)
        .outerjoin(lots, sa.and_(lots.c.facility_code == given.c.code, lots.c.lot_key == given.c.lot_key))
        .where(sa.or_(*faults.values()))
        .order_by(given.c.dose_id)
    )
    return [Suspect(*row) for row in connection.execute(query)]


def _is_of_lots() -> sa.ColumnElement[bool]:
    return problem.c.number.between(FIRST_NUMBER, _LAST_NUMBER)


def replace_problems(
    connection: sa.Connection, facility_ids: Sequence[int], found: Sequence[tuple[int, int, str, str, str]]
) -> None:
    """Store what was found of the doses of these facilities in the place of what was there."""
    theirs = sa.select(dose.c.dose_id).where(dose.c.facility_id.in_(facility_ids))
    connection.execute(problem.delete().where(problem.c.row_id.in_(theirs), _is_of_lots()))
    insert_rows(connection, problem, ("row_id", "number", "code", "field", "raw"), found)


def delivered(connection: sa.Connection, facility_code: str) -> Mapping[str, int]:
    """Key of every lot that a facility was sent -> doses."""
    rows = connection.execute(
        sa.select(lot_delivery.c.lot_key, sa.func.sum(lot_delivery.c.doses))
        .where(lot_delivery.c.facility_code == facility_code, lot_delivery.c.doses > 0)
        .group_by(lot_delivery.c.lot_key)
    )
    return {row[0]: int(row[1]) for row in rows}


def problems_of_facility(connection: sa.Connection, facility_id: int) -> list[tuple[int, str]]:
    """(dose_id, code) of what was found of a facility's lots."""
    rows = connection.execute(
        sa.select(problem.c.row_id, problem.c.code)
        .join(dose, dose.c.dose_id == problem.c.row_id)
        .where(dose.c.facility_id == facility_id, _is_of_lots())
        .order_by(problem.c.row_id, problem.c.number)
    )
    return [(row[0], row[1]) for row in rows]
