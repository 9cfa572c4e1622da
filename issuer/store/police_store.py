"""SQL of police-signed lists: the lists, the fates of their rows, the records they mean, what they corrected."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa

from issuer.store.bulk import alone, insert_rows
from issuer.store.police_tables import police_correction, police_list, police_row
from issuer.store.tables import dose, link
from issuer.store.worklist_tables import work_item

__all__ = [
    "Archived",
    "ListCorrection",
    "Record",
    "RowFate",
    "add_list",
    "add_rows",
    "archived",
    "known_list",
    "last_signed",
    "of_dose",
    "record_of",
    "records_with",
    "row_fates",
    "states",
]

_FACTS = ("name_key", "full_name", "birth_date", "sex", "id_number", "vaccinated_on")


@dataclass(frozen=True, slots=True)
class Record:
    """A record of the worklist with the facts of the person as they stand."""

    dose_id: int
    state: str
    opened_at: str
    link_class: str
    name_key: str = field(repr=False)
    full_name: str = field(repr=False)
    birth_date: str = field(repr=False)
    sex: str = field(repr=False)
    id_number: str = field(repr=False)
    vaccinated_on: str


@dataclass(frozen=True, slots=True)
class RowFate:
    """What became of a row: `fate` is applied, already or refused; `code` and `column` tell why it was refused."""

    number: int
    sheet: str
    row_no: int
    fate: str
    code: str = ""
    column: str = ""


@dataclass(frozen=True, slots=True)
class ListCorrection:
    """What a police-signed list corrected on one record."""

    list_id: int
    list_name: str
    row_no: int
    taken_by: str
    reviewed_on: str
    confirmed_at: str
    applied_at: str
    changes: str = field(repr=False)
    link_class: str


@dataclass(frozen=True, slots=True)
class Archived:
    """A list as archived."""

    list_id: int
    commune_code: str
    name: str
    content: bytes = field(repr=False)
    sha256: str
    signature: bytes = field(repr=False)
    certificate: bytes = field(repr=False)
    signed_at: str
    taken_by: str
    taken_at: str
    row_count: int


_ARCHIVED = sa.select(*(police_list.c[name] for name in Archived.__dataclass_fields__))


def known_list(connection: sa.Connection, commune_code: str, sha256: str) -> int | None:
    """The number of a list with these bytes; nobody else adds lists until the transaction ends."""
    alone(connection, "police-list")
    query = sa.select(police_list.c.list_id)
    return connection.scalar(query.where(police_list.c.commune_code == commune_code, police_list.c.sha256 == sha256))


def archived(connection: sa.Connection) -> list[Archived]:
    """Every list, in the order in which they came."""
    return [Archived(*tuple(row)) for row in connection.execute(_ARCHIVED.order_by(police_list.c.list_id))]


def add_list(connection: sa.Connection, facts: Mapping[str, Any]) -> int:
    """Archive a list; returns its number."""
    key = connection.execute(police_list.insert().values(**facts)).inserted_primary_key
    assert key is not None, "an insert of one row tells its key"  # noqa: S101
    list_id: int = key[0]
    return list_id


def add_rows(
    connection: sa.Connection, list_id: int, fates: Sequence[RowFate], corrections: Sequence[Mapping[str, Any]]
) -> None:
    """The fates of the rows and, each with the number of its row, what they corrected."""
    columns = ("list_id", "number", "sheet", "row_no", "fate", "code", "cell_column")
    rows = [(list_id, one.number, one.sheet, one.row_no, one.fate, one.code, one.column) for one in fates]
    insert_rows(connection, police_row, columns, rows)
    if corrections:
        connection.execute(police_correction.insert(), [{"list_id": list_id, **one} for one in corrections])


def row_fates(connection: sa.Connection, list_id: int) -> list[RowFate]:
    """The fates of a list's rows, in order."""
    columns = (police_row.c[name] for name in ("number", "sheet", "row_no", "fate", "code", "cell_column"))
    rows = connection.execute(sa.select(*columns).where(police_row.c.list_id == list_id).order_by(police_row.c.number))
    return [RowFate(*tuple(row)) for row in rows]


_RECORDS = (
    sa.select(
        *(work_item.c[name] for name in ("dose_id", "state", "opened_at")),
        sa.func.coalesce(link.c.link_class, ""),
        *(dose.c[name] for name in _FACTS),
    )
    .select_from(work_item)
    .join(dose, dose.c.dose_id == work_item.c.dose_id)
    .outerjoin(link, link.c.dose_id == work_item.c.dose_id)
)


def record_of(connection: sa.Connection, commune_code: str, token: str) -> Record | None:
    """The commune's record of this reference, held until the transaction ends."""
    query = _RECORDS.where(work_item.c.token == token, work_item.c.commune_code == commune_code)
    row = connection.execute(query.with_for_update(of=work_item)).one_or_none()
    return None if row is None else Record(*tuple(row))


def records_with(connection: sa.Connection, commune_code: str, facts: Mapping[str, str]) -> list[Record]:
    """The commune's records with exactly these facts of the person, held until the transaction ends."""
    query = _RECORDS.where(
        work_item.c.commune_code == commune_code, *(dose.c[name] == value for name, value in facts.items())
    )
    rows = connection.execute(query.order_by(work_item.c.dose_id).with_for_update(of=work_item))
    return [Record(*tuple(row)) for row in rows]


def last_signed(connection: sa.Connection, dose_id: int) -> str:
    """When the latest list that corrected a record was signed; empty if none did."""
    query = sa.select(sa.func.max(police_correction.c.confirmed_at)).where(police_correction.c.dose_id == dose_id)
    return connection.scalar(query) or ""


def of_dose(connection: sa.Connection, dose_id: int) -> list[ListCorrection]:
    """What lists corrected on a record, the latest first."""
    rows = connection.execute(
        sa.select(
            police_list.c.list_id,
            police_list.c.name,
            police_row.c.row_no,
            police_list.c.taken_by,
            *(police_correction.c[name] for name in ("reviewed_on", "confirmed_at", "applied_at")),
            *(police_correction.c[name] for name in ("changes", "link_class")),
        )
        .select_from(police_correction)
        .join(police_list, police_list.c.list_id == police_correction.c.list_id)
        .join(
            police_row,
            sa.and_(
                police_row.c.list_id == police_correction.c.list_id, police_row.c.number == police_correction.c.number
            ),
        )
        .where(police_correction.c.dose_id == dose_id)
        .order_by(police_correction.c.list_id.desc(), police_correction.c.number.desc())
    )
    return [ListCorrection(*tuple(row)) for row in rows]


def states(connection: sa.Connection, list_id: int) -> dict[str, int]:
    """How many corrections of a list are `APPLIED` (left to the next link) and how many `RE-MATCHED` since."""
    linked = sa.exists().where(link.c.dose_id == police_correction.c.dose_id)
    state = sa.case((linked, "RE-MATCHED"), else_="APPLIED").label("state")
    found = sa.select(state).where(police_correction.c.list_id == list_id).subquery()
    rows = connection.execute(sa.select(found.c.state, sa.func.count()).group_by(found.c.state))
    return {row[0]: row[1] for row in rows}
