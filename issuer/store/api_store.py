"""SQL of the FHIR API: keys of facilities' systems, and the counter of a facility's requests."""

from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa

from issuer.store.api_tables import facility_api_key, facility_requests
from issuer.store.tables import facility, source_file

__all__ = ["ApiKey", "add_key", "count_request", "end_key", "key_of", "keys_of", "received_at"]


@dataclass(frozen=True, slots=True)
class ApiKey:
    """A key as stored, with its facility."""

    key_id: str
    facility_id: int
    facility_code: str
    secret_sha256: str = field(repr=False)
    label: str
    expires_at: str
    ended_at: str | None


def add_key(
    connection: sa.Connection, *, key_id: str, facility_id: int, secret_sha256: str, label: str, now: str, expires: str
) -> None:
    """Store a new key."""
    connection.execute(
        facility_api_key.insert().values(
            key_id=key_id,
            facility_id=facility_id,
            secret_sha256=secret_sha256,
            label=label,
            created_at=now,
            expires_at=expires,
        )
    )


_KEY: sa.Select[Any] = sa.select(
    facility_api_key.c.key_id,
    facility_api_key.c.facility_id,
    facility.c.code,
    facility_api_key.c.secret_sha256,
    facility_api_key.c.label,
    facility_api_key.c.expires_at,
    facility_api_key.c.ended_at,
).join(facility, facility.c.facility_id == facility_api_key.c.facility_id)


def key_of(connection: sa.Connection, key_id: str) -> ApiKey | None:
    """The key of this name, ended and expired ones too."""
    row = connection.execute(_KEY.where(facility_api_key.c.key_id == key_id)).one_or_none()
    return None if row is None else ApiKey(*row)


def keys_of(connection: sa.Connection, facility_id: int) -> list[ApiKey]:
    """Every key that a facility ever had, in the order in which they were made."""
    order = (facility_api_key.c.created_at, facility_api_key.c.key_id)
    query = _KEY.where(facility_api_key.c.facility_id == facility_id).order_by(*order)
    return [ApiKey(*row) for row in connection.execute(query)]


def end_key(connection: sa.Connection, key_id: str, facility_id: int, now: str) -> bool:
    """End a facility's key for good; False if it has none of this name that is not ended."""
    result = connection.execute(
        facility_api_key.update()
        .where(
            facility_api_key.c.key_id == key_id,
            facility_api_key.c.facility_id == facility_id,
            facility_api_key.c.ended_at.is_(None),
        )
        .values(ended_at=now)
    )
    return result.rowcount == 1


def count_request(connection: sa.Connection, facility_id: int, now: str, window_start: str) -> tuple[int, str]:
    """Count one request of a facility: how many it made in the window, and when that began (one begins after another).

    One statement, so that no two processes of the API count the same one.
    """
    insert: Any
    if connection.dialect.name == "postgresql":
        from sqlalchemy.dialects.postgresql import insert
    else:
        from sqlalchemy.dialects.sqlite import insert
    new = insert(facility_requests).values(facility_id=facility_id, since=now, count=1)
    is_over = facility_requests.c.since <= window_start
    row = connection.execute(
        new.on_conflict_do_update(
            index_elements=["facility_id"],
            set_={
                "since": sa.case((is_over, now), else_=facility_requests.c.since),
                "count": sa.case((is_over, 1), else_=facility_requests.c.count + 1),
            },
        ).returning(facility_requests.c.count, facility_requests.c.since)
    ).one()
    return row[0], row[1]


def received_at(connection: sa.Connection, file_id: int) -> str:
    """When a file was taken in."""
    at: str = connection.execute(
        sa.select(source_file.c.received_at).where(source_file.c.file_id == file_id)
    ).scalar_one()
    return at
