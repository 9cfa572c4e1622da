"""SQL of certificates: places in status lists, reservations, signed texts."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import sqlalchemy as sa

from issuer.store.bulk import insert_rows
from issuer.store.certificate_tables import certificate, status_list
from issuer.store.tables import audit_entry, audit_head

__all__ = [
    "Reservation",
    "Signed",
    "by_uvci",
    "claims_between",
    "count_signed",
    "finish",
    "last_audit_time",
    "live_doses",
    "next_certificate_id",
    "next_index",
    "reserve",
    "reserved",
    "signed",
    "states",
    "take_indices",
    "unlike_log",
    "withdraw",
]


@dataclass(frozen=True, slots=True)
class Reservation:
    """A certificate before it is signed: everything that is in it, and the claims that will be signed."""

    certificate_id: int
    uvci: str
    kid: bytes
    status_index: int
    person_id: int
    dose_id: int
    attestation_id: int
    issued_at: int
    expires_at: int
    claims: bytes = field(repr=False)


_RESERVATION = tuple(Reservation.__dataclass_fields__)


@dataclass(frozen=True, slots=True)
class Signed:
    """A certificate as released."""

    certificate_id: int
    uvci: str
    kid: bytes
    status_index: int
    person_id: int
    dose_id: int
    attestation_id: int
    issued_at: int
    expires_at: int
    state: str
    text: str | None = field(repr=False)


_SIGNED = sa.select(*(certificate.c[name] for name in Signed.__dataclass_fields__))


def last_audit_time(connection: sa.Connection) -> str | None:
    """When the last entry of the audit log was written (UTC text), None before the first."""
    found: str | None = connection.scalar(
        sa.select(audit_entry.c.at).join(audit_head, audit_head.c.seq == audit_entry.c.seq)
    )
    return found


def live_doses(connection: sa.Connection, after: int, last: int) -> set[int]:
    """The doses of people with `after < person_id <= last` that have a certificate, signed or reserved."""
    rows = connection.execute(
        sa.select(certificate.c.dose_id).where(
            certificate.c.person_id > after, certificate.c.person_id <= last, certificate.c.state != "withdrawn"
        )
    )
    return set(rows.scalars())


def take_indices(connection: sa.Connection, kid: bytes, count: int, limit: int) -> int | None:
    """Take `count` places of the signer's status list for ever and return the first; None when it has not so many."""
    first: int | None = connection.scalar(
        sa.select(status_list.c.next_index).where(status_list.c.kid == kid).with_for_update()
    )
    if (first or 0) + count > limit:
        return None
    if first is None:
        connection.execute(status_list.insert().values(kid=kid, next_index=count))
        return 0
    connection.execute(status_list.update().where(status_list.c.kid == kid).values(next_index=first + count))
    return first


def next_index(connection: sa.Connection, kid: bytes) -> int:
    """The first place of the signer's status list that nobody has taken."""
    return connection.scalar(sa.select(status_list.c.next_index).where(status_list.c.kid == kid)) or 0


def claims_between(connection: sa.Connection, first: int, last: int) -> list[bytes]:
    """The claims of the certificates from `first` to `last` in their order, whatever became of them."""
    numbered = certificate.c.certificate_id
    query = sa.select(certificate.c.claims).where(numbered >= first, numbered <= last).order_by(numbered)
    return list(connection.execute(query).scalars())


def next_certificate_id(connection: sa.Connection) -> int:
    """The number after the last one; the caller holds the lock of the step."""
    return (connection.scalar(sa.select(sa.func.max(certificate.c.certificate_id))) or 0) + 1


def reserve(connection: sa.Connection, rows: Sequence[Reservation]) -> None:
    """Store certificates that will be signed."""
    values = [(*(getattr(row, name) for name in _RESERVATION), "reserved") for row in rows]
    insert_rows(connection, certificate, (*_RESERVATION, "state"), values)


def reserved(
    connection: sa.Connection, kid: bytes, *, first: int = 0, last: int | None = None, limit: int | None = None
) -> list[Reservation]:
    """What waits for this signer, held until the transaction ends; what another process holds is left out."""
    statement = (
        sa.select(*(certificate.c[name] for name in _RESERVATION))
        .where(certificate.c.kid == kid, certificate.c.state == "reserved", certificate.c.certificate_id >= first)
        .order_by(certificate.c.certificate_id)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    if last is not None:
        statement = statement.where(certificate.c.certificate_id <= last)
    return [Reservation(*row) for row in connection.execute(statement)]


def finish(connection: sa.Connection, texts: Sequence[tuple[int, str]]) -> None:
    """Store the texts of (certificate, text) pairs: signed from now on."""
    if texts:
        connection.execute(
            certificate.update()
            .where(certificate.c.certificate_id == sa.bindparam("key"))
            .values(state="signed", text=sa.bindparam("signed_text")),
            [{"key": key, "signed_text": text} for key, text in texts],
        )


def withdraw(connection: sa.Connection, certificates: Sequence[int]) -> None:
    """Give up reservations that were never signed; their UVCI and place in the list are never used again."""
    if certificates:
        connection.execute(
            certificate.update().where(certificate.c.certificate_id == sa.bindparam("key")).values(state="withdrawn"),
            [{"key": key} for key in certificates],
        )


def states(connection: sa.Connection, first: int, last: int) -> dict[str, int]:
    """How many of the certificates from `first` to `last` are in which state."""
    rows = connection.execute(
        sa.select(certificate.c.state, sa.func.count())
        .where(certificate.c.certificate_id >= first, certificate.c.certificate_id <= last)
        .group_by(certificate.c.state)
    )
    return {row[0]: row[1] for row in rows}


def by_uvci(connection: sa.Connection, uvci: str) -> Signed | None:
    """One certificate, whatever its state."""
    row = connection.execute(_SIGNED.where(certificate.c.uvci == uvci)).one_or_none()
    return None if row is None else Signed(*row)


def unlike_log(connection: sa.Connection, action: str) -> tuple[int, int]:
    """How many UVCIs the audit log has under `action` and the signed certificates have not, and the other way round.

    One grouping over both, so that a million of each take seconds and no index.
    """
    stored = sa.select(certificate.c.uvci.label("uvci"), sa.literal_column("1", sa.Integer).label("side")).where(
        certificate.c.state == "signed"
    )
    logged = sa.select(audit_entry.c.object, sa.literal_column("-1", sa.Integer)).where(audit_entry.c.action == action)
    both = stored.union_all(logged).subquery()
    balance = sa.func.sum(both.c.side).label("balance")
    uneven = sa.select(balance).group_by(both.c.uvci).having(balance != 0).subquery()
    sides = (sa.func.count().filter(uneven.c.balance < 0), sa.func.count().filter(uneven.c.balance > 0))
    missing, unlogged = connection.execute(sa.select(*sides).select_from(uneven)).one()
    return missing, unlogged


def count_signed(connection: sa.Connection) -> int:
    """How many certificates are signed."""
    return connection.scalar(sa.select(sa.func.count()).where(certificate.c.state == "signed")) or 0


def signed(connection: sa.Connection, chunk: int = 1_000) -> Iterator[list[Signed]]:
    """Every signed certificate in the order of their numbers, some at a time."""
    after = 0
    while True:
        statement = _SIGNED.where(certificate.c.state == "signed", certificate.c.certificate_id > after)
        rows = connection.execute(statement.order_by(certificate.c.certificate_id).limit(chunk)).all()
        if not rows:
            return
        yield [Signed(*row) for row in rows]
        after = rows[-1][0]
