"""The audit log: who did what to which object, when and why; append-only and chained by hashes.

An entry goes in with the change it tells of, in one transaction. Each entry holds the SHA-256 over the one before it
and its own fields, and a head row holds the last, so an entry that was altered, taken out, moved or cut off at the end
is found. A thief of the whole database could rebuild the chain: write the head down elsewhere (`audit check`
prints it) and give it to a later check. No personal data: an object is a file's or row's number, never a name.
"""

import hashlib
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime

import sqlalchemy as sa

from issuer.errors import Code, IssuerError
from issuer.store import audit_store, certificate_store

__all__ = ["SIGN", "Entry", "Head", "append", "append_many", "check", "check_certificates", "timestamp"]

SIGN = "certificate.sign"
"""The action of the entry that each signed certificate has; its object is the UVCI."""

_START = "0" * 64


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the log; `seq` counts from 1 without a gap, `at` is UTC in ISO 8601."""

    seq: int
    at: str
    actor: str
    action: str
    object: str
    reason: str
    previous: str
    hash: str


@dataclass(frozen=True, slots=True)
class Head:
    """The last entry's number and hash; number 0 and 64 zeros for an empty log."""

    seq: int
    hash: str

    def __str__(self) -> str:
        return f"{self.seq}:{self.hash}"


def timestamp(now: datetime) -> str:
    """An aware datetime as UTC text with microseconds and `Z`. Raises ValueError for a naive one."""
    if now.tzinfo is None:
        raise ValueError("a time without its zone is not a time")
    return now.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")


def append(
    connection: sa.Connection,
    *,
    now: datetime,
    actor: str,
    action: str,
    object: str,
    reason: str,
) -> Head:
    """Write one entry inside the caller's transaction and return the new head."""
    seq, previous = audit_store.lock_head(connection) or (0, _START)
    at = timestamp(now)
    digest = _digest(seq + 1, at, actor, action, object, reason, previous)
    audit_store.append(connection, (seq + 1, at, actor, action, object, reason, previous, digest))
    return Head(seq + 1, digest)


def append_many(
    connection: sa.Connection, *, now: datetime, actor: str, action: str, entries: Sequence[tuple[str, str]]
) -> None:
    """Write one entry for each (object, reason), in order, inside the caller's transaction."""
    if not entries:
        return
    seq, previous = audit_store.lock_head(connection) or (0, _START)
    at = timestamp(now)
    rows = []
    for number, (about, reason) in enumerate(entries, seq + 1):
        digest = _digest(number, at, actor, action, about, reason, previous)
        rows.append((number, at, actor, action, about, reason, previous, digest))
        previous = digest
    audit_store.append_many(connection, rows)


def check(connection: sa.Connection, expected: Head | None = None) -> Head:
    """Walk the whole chain. Raises IssuerError (AUDIT_BROKEN) naming the first entry that is not as written.

    `expected` is a head written down earlier: its entry must still stand in the chain.
    """
    seq, previous = 0, _START
    seen_expected = expected is None or expected == Head(0, _START)
    with closing(audit_store.entries(connection)) as entries:
        for entry in (Entry(*row) for row in entries):
            seq += 1
            if entry.seq != seq:
                raise IssuerError(Code.AUDIT_BROKEN, f"entry {seq} is missing")
            if entry.previous != previous or entry.hash != _digest(
                seq, entry.at, entry.actor, entry.action, entry.object, entry.reason, previous
            ):
                raise IssuerError(Code.AUDIT_BROKEN, f"entry {seq} was altered or moved")
            previous = entry.hash
            seen_expected = seen_expected or expected == Head(seq, previous)
    head = audit_store.head(connection) or (0, _START)
    if head != (seq, previous):
        raise IssuerError(Code.AUDIT_BROKEN, f"the log ends at entry {seq}, its head says {head[0]}")
    if not seen_expected:
        raise IssuerError(Code.AUDIT_BROKEN, f"the head written down, entry {expected.seq if expected else 0}, is gone")
    return Head(seq, previous)


def check_certificates(connection: sa.Connection) -> None:
    """Hold the signed certificates against their entries, one for one (the chain itself is `check`'s part).

    A row that was deleted would be signed a second time, a row that was written in would pass for ours.
    Raises IssuerError (CERTIFICATES_UNLIKE_LOG) with both numbers.
    """
    missing, unlogged = certificate_store.unlike_log(connection, SIGN)
    if missing or unlogged:
        raise IssuerError(
            Code.CERTIFICATES_UNLIKE_LOG,
            f"{missing} signed by the log and not in the table, {unlogged} in the table and not in the log",
        )


def _digest(seq: int, *fields: str) -> str:
    # each field with its length before it, so that no two different entries give the same bytes
    text = "".join(f"{len(field)}:{field}" for field in (str(seq), *fields))
    return hashlib.sha256(text.encode()).hexdigest()
