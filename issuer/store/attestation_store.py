"""SQL of facilities, their heads, and attested batches."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa

from issuer.store.bulk import insert_rows
from issuer.store.certificate_tables import attestation, attestation_leaf, facility_head
from issuer.store.tables import facility

__all__ = [
    "Head",
    "StoredAttestation",
    "add_facility",
    "add_head",
    "attested_since",
    "batches",
    "end_head",
    "facility_id",
    "heads_of",
    "leaf_hashes",
    "load",
    "store_batch",
]

_IN_LIST = 500


@dataclass(frozen=True, slots=True)
class Head:
    """A registered head: whose certificate, entitled from when until when (seconds since 1970; None: still)."""

    head_id: int
    kid: bytes
    certificate: bytes = field(repr=False)
    entitled_from: int
    entitled_until: int | None


@dataclass(frozen=True, slots=True)
class StoredAttestation:
    """One attested batch as stored, with the head that is said to have signed it. Nothing in it has been checked."""

    attestation_id: int
    batch: bytes
    facility: str
    dose_count: int
    root: bytes
    signed_at: int
    signature: bytes
    head: Head
    head_facility: str


def facility_id(connection: sa.Connection, code: str) -> int | None:
    """The number of the facility with this code."""
    return connection.scalar(sa.select(facility.c.facility_id).where(facility.c.code == code))


def add_facility(connection: sa.Connection, code: str, name: str, commune: str) -> tuple[int, bool]:
    """The facility's number, and whether it is new; name and commune of a known one are brought up to date."""
    known = facility_id(connection, code)
    if known is not None:
        connection.execute(
            facility.update().where(facility.c.facility_id == known).values(name=name, commune_code=commune)
        )
        return known, False
    result = connection.execute(facility.insert().values(code=code, name=name, commune_code=commune))
    key = result.inserted_primary_key
    assert key is not None, "an insert of one row tells its key"  # noqa: S101
    return key[0], True


def heads_of(connection: sa.Connection, facility: int) -> list[Head]:
    """Every head that was ever registered for the facility."""
    columns = (facility_head.c[name] for name in Head.__dataclass_fields__)
    rows = connection.execute(sa.select(*columns).where(facility_head.c.facility_id == facility))
    return [Head(*row) for row in rows]


def add_head(connection: sa.Connection, facility: int, kid: bytes, certificate: bytes, since: int) -> bool:
    """Entitle a head from `since` on; False if this certificate was registered before, which changes nothing."""
    if any(head.kid == kid for head in heads_of(connection, facility)):
        return False
    connection.execute(
        facility_head.insert().values(facility_id=facility, kid=kid, certificate=certificate, entitled_from=since)
    )
    return True


def end_head(connection: sa.Connection, facility: int, kid: bytes, until: int) -> bool:
    """End the entitlement of a head at `until`; False if there is no such head or it ended before."""
    result = connection.execute(
        facility_head.update()
        .where(facility_head.c.facility_id == facility, facility_head.c.kid == kid)
        .where(facility_head.c.entitled_until.is_(None))
        .values(entitled_until=until)
    )
    return result.rowcount == 1


def attested_since(connection: sa.Connection, facility: int, since: int) -> int:
    """Doses that the facility attested at or after `since` (seconds since 1970)."""
    total = sa.select(sa.func.coalesce(sa.func.sum(attestation.c.dose_count), 0)).where(
        attestation.c.facility_id == facility, attestation.c.signed_at >= since
    )
    return connection.scalar(total) or 0


def store_batch(
    connection: sa.Connection,
    *,
    batch: bytes,
    facility: int,
    head_id: int,
    root: bytes,
    signed_at: int,
    signature: bytes,
    leaves: Sequence[tuple[int, bytes, bytes]],
    superseded: Sequence[int],
) -> int:
    """Store a signed batch; `leaves` are (dose, salt, hash) in the order of the tree, `superseded` doses among them.

    Returns the batch's number.
    """
    result = connection.execute(
        attestation.insert().values(
            batch=batch,
            facility_id=facility,
            head_id=head_id,
            dose_count=len(leaves),
            root=root,
            signed_at=signed_at,
            signature=signature,
        )
    )
    key = result.inserted_primary_key
    assert key is not None, "an insert of one row tells its key"  # noqa: S101
    number: int = key[0]
    for start in range(0, len(superseded), _IN_LIST):
        part = superseded[start : start + _IN_LIST]
        connection.execute(
            attestation_leaf.update()
            .where(attestation_leaf.c.dose_id.in_(part), attestation_leaf.c.superseded_by.is_(None))
            .values(superseded_by=number)
        )
    columns = ("attestation_id", "position", "dose_id", "salt", "leaf_hash")
    rows = [(number, position, *leaf) for position, leaf in enumerate(leaves)]
    insert_rows(connection, attestation_leaf, columns, rows)
    return number


_OWN = facility.alias("own")
_HEADS = facility.alias("heads")
_STORED = (
    sa.select(
        *(attestation.c[name] for name in ("attestation_id", "batch")),
        _OWN.c.code,
        *(attestation.c[name] for name in ("dose_count", "root", "signed_at", "signature")),
        _HEADS.c.code,
        *(facility_head.c[name] for name in Head.__dataclass_fields__),
    )
    .join(_OWN, _OWN.c.facility_id == attestation.c.facility_id)
    .join(facility_head, facility_head.c.head_id == attestation.c.head_id)
    .join(_HEADS, _HEADS.c.facility_id == facility_head.c.facility_id)
    .order_by(attestation.c.attestation_id)
)


def _stored(row: Sequence[Any]) -> StoredAttestation:
    number, batch, code, count, root, signed_at, signature, head_facility, *head = row
    return StoredAttestation(number, batch, code, count, root, signed_at, signature, Head(*head), head_facility)


def load(connection: sa.Connection, attestation_id: int) -> StoredAttestation | None:
    """One batch."""
    row = connection.execute(_STORED.where(attestation.c.attestation_id == attestation_id)).one_or_none()
    return None if row is None else _stored(row)


def batches(connection: sa.Connection, facility: int | None = None) -> list[StoredAttestation]:
    """Every batch, or every batch of one facility, oldest first."""
    statement = _STORED if facility is None else _STORED.where(attestation.c.facility_id == facility)
    return [_stored(row) for row in connection.execute(statement)]


def leaf_hashes(connection: sa.Connection, attestation_id: int) -> list[bytes]:
    """The hashes of a batch in the order of the tree; of a batch with a leaf missing, none."""
    rows = connection.execute(
        sa.select(attestation_leaf.c.position, attestation_leaf.c.leaf_hash)
        .where(attestation_leaf.c.attestation_id == attestation_id)
        .order_by(attestation_leaf.c.position)
    ).all()
    return [row[1] for row in rows] if all(row[0] == at for at, row in enumerate(rows)) else []
