"""Whether a reservation found in the database may still be signed (`attestation.md` section 5).

In: reservations as stored. Out: which of them are as they were made. Somebody who can write the table could date a
certificate back or give it ten years; what a later process signs is therefore held against the line that the audit log
got when it was reserved, and its times, number and place are worked out again.
"""

import hashlib
import re
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime

import sqlalchemy as sa

from issuer.certify.rules import CLOCK_TOLERANCE, expiry
from issuer.store import audit_store, certificate_store
from issuer.store.certificate_store import Reservation
from keys.signer import DocumentSigner
from specs.uvci import is_ours

__all__ = ["RESERVE", "is_sound", "line_of", "unaltered"]

RESERVE = "certificate.reserve"
"""The action in the audit log: one line for all that one transaction reserved."""

_OBJECT = re.compile(r"certificates ([0-9]{1,18}) to ([0-9]{1,18})")


def line_of(rows: Sequence[Reservation]) -> tuple[str, str]:
    """Object and reason of the audit line for `rows`: numbers without a gap, one signer."""
    first, last = rows[0], rows[-1]
    reason = f"kid {first.kid.hex()} claims {_digest(row.claims for row in rows)}"
    return f"certificates {first.certificate_id} to {last.certificate_id}", reason


def unaltered(connection: sa.Connection, rows: Sequence[Reservation]) -> frozenset[int]:
    """The certificates among `rows` that stand with all of their line's claims as the audit log has them."""
    lowest, highest = rows[0].certificate_id, rows[-1].certificate_id
    good: set[int] = set()
    for about, reason in audit_store.of_action(connection, RESERVE):
        match = _OBJECT.fullmatch(about)
        first, last = (int(match[1]), int(match[2])) if match else (0, -1)
        if first <= highest and lowest <= last:
            claims = certificate_store.claims_between(connection, first, last)
            if reason == f"kid {rows[0].kid.hex()} claims {_digest(claims)}":
                good.update(row.certificate_id for row in rows if first <= row.certificate_id <= last)
    return frozenset(good)


def is_sound(row: Reservation, public: DocumentSigner, *, validity_months: int, next_index: int, now: datetime) -> bool:
    """Whether times, UVCI and place in the status list are such as this signer gives.

    The signer reserves only within the use of its key and never ahead of its clock; it gives exactly the life of the
    policy, numbers of one form, and places that the list has handed out.
    """
    earliest, latest = public.not_before.timestamp(), (now + CLOCK_TOLERANCE).timestamp()
    if not earliest <= row.issued_at <= min(latest, public.key_use_ends.timestamp()):
        return False
    if row.expires_at != expiry(datetime.fromtimestamp(row.issued_at, UTC), validity_months, public):
        return False
    return row.expires_at > now.timestamp() and is_ours(row.uvci) and 0 <= row.status_index < next_index


def _digest(claims: Iterable[bytes]) -> str:
    """One SHA-256 over those of all claims, in the order of their numbers."""
    return hashlib.sha256(b"".join(hashlib.sha256(each).digest() for each in claims)).hexdigest()
