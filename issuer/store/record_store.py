"""SQL that reads linked doses as the certificate path needs them: a person's facts beside each of their doses."""

from collections.abc import Iterable, Sequence

import sqlalchemy as sa

from issuer.dose_record import DoseRecord, Holder
from issuer.store.certificate_tables import attestation_leaf
from issuer.store.tables import ROWS_PER_FILE, dose, facility, link, person, source_file, source_row

__all__ = ["MATCHED", "Linked", "count_people", "facility_records", "handed_in", "next_people", "records_of_people"]

MATCHED = "matched"

Linked = tuple[Holder, list[DoseRecord]]
"""A person and all their linked doses, earliest first."""

_IN_LIST = 500  # values in one IN: below every driver's limit

_HOLDER = [person.c[name] for name in ("person_id", "full_name", "family_name", "birth_date", "sex")]
_HOLDER += [person.c[name] for name in ("national_id", "nationality", "death_date")]
_RECORD = [
    dose.c.dose_id,
    link.c.link_class,
    dose.c.is_blocked,
    facility.c.code,
    source_file.c.sha256,
    source_row.c.sheet_no,
    source_row.c.row_no,
    *(dose.c[name] for name in ("vaccinated_on", "product", "dose_number", "dose_role", "lot")),
    *(attestation_leaf.c[name] for name in ("attestation_id", "position", "salt", "leaf_hash")),
]
_WIDTH = len(_HOLDER)

# Not restricted to the class "matched" in SQL, which would make SQLite read every matched dose each time: a link names
# a person only when it is conclusive or approved, and the class of each dose is looked at afterwards.

_JOINED = (
    sa.select(*_HOLDER, *_RECORD)
    .select_from(link)
    .join(dose, dose.c.dose_id == link.c.dose_id)
    .join(person, person.c.person_id == link.c.person_id)
    .join(source_row, source_row.c.row_id == dose.c.dose_id)
    .join(source_file, source_file.c.file_id == dose.c.dose_id // ROWS_PER_FILE)
    .outerjoin(facility, facility.c.facility_id == dose.c.facility_id)
    .outerjoin(
        attestation_leaf,
        sa.and_(attestation_leaf.c.dose_id == dose.c.dose_id, attestation_leaf.c.superseded_by.is_(None)),
    )
    .order_by(link.c.person_id, dose.c.vaccinated_on, dose.c.dose_id)
)


def count_people(connection: sa.Connection) -> int:
    """How many people have a linked dose."""
    distinct = sa.func.count(sa.distinct(link.c.person_id))
    return connection.scalar(sa.select(distinct)) or 0


def next_people(connection: sa.Connection, after: int, limit: int) -> tuple[int, int] | None:
    """The last person and the number of people in the next window of `limit` people with a linked dose."""
    ids = (
        sa.select(link.c.person_id)
        .where(link.c.person_id > after)
        .distinct()
        .order_by(link.c.person_id)
        .limit(limit)
        .subquery()
    )
    last, count = connection.execute(sa.select(sa.func.max(ids.c.person_id), sa.func.count())).one()
    return (last, count) if count else None


def records_of_people(
    connection: sa.Connection, people: Iterable[int] = (), *, between: tuple[int, int] | None = None
) -> list[Linked]:
    """The people of a range, `between = (after, last)` with `after < person_id <= last`, or else those named.

    Each comes with all their linked doses.
    """
    if between is not None:
        return _grouped(
            connection.execute(_JOINED.where(link.c.person_id > between[0], link.c.person_id <= between[1])).all()
        )
    wanted = sorted(set(people))
    found: list[Linked] = []
    for start in range(0, len(wanted), _IN_LIST):
        part = wanted[start : start + _IN_LIST]
        found += _grouped(connection.execute(_JOINED.where(link.c.person_id.in_(part))).all())
    return found


def facility_records(connection: sa.Connection, facility_id: int) -> list[tuple[Holder, DoseRecord]]:
    """Every linked dose of a facility with its person, in the order of the files it handed in."""
    statement = _JOINED.where(dose.c.facility_id == facility_id).order_by(None).order_by(dose.c.dose_id)
    rows = ((Holder(*row[:_WIDTH]), _record(row)) for row in connection.execute(statement))
    return [found for found in rows if found[1].link_class == MATCHED]


def handed_in(connection: sa.Connection, facility_id: int) -> dict[int, str]:
    """Number of every list with doses of a facility -> when it was taken in."""
    files = sa.select(dose.c.dose_id // ROWS_PER_FILE).where(dose.c.facility_id == facility_id).distinct()
    rows = connection.execute(
        sa.select(source_file.c.file_id, source_file.c.received_at).where(source_file.c.file_id.in_(files))
    )
    return {row[0]: row[1] for row in rows}


def _record(row: Sequence[object]) -> DoseRecord:
    dose_id, link_class, is_blocked, *rest = row[_WIDTH:]
    return DoseRecord(dose_id, link_class, bool(is_blocked), *rest)  # type: ignore[arg-type]  # a row is untyped


def _grouped(rows: Sequence[sa.Row[tuple[object, ...]]]) -> list[Linked]:
    found: list[Linked] = []
    current: object = None
    for row in rows:
        if row[0] != current:
            current = row[0]
            found.append((Holder(*row[:_WIDTH]), []))  # type: ignore[arg-type]  # a row is untyped
        found[-1][1].append(_record(row))
    return found
