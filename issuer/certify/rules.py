"""What the national signer asks before it signs: of its key, of the clock, and of one person's record.

In: facts and a checked register. Out: the chosen dose and the claims, or why there are none.
"""

import calendar
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import sqlalchemy as sa

from issuer.attest.attested import Fault, Notary
from issuer.certify.series import Chosen, Refusal, choose
from issuer.dose_record import Holder
from issuer.errors import Code, IssuerError
from issuer.store.certificate_store import last_audit_time
from issuer.store.record_store import Linked
from issuer.vietnam_time import VIETNAM
from keys.certificate_facts import read_certificate
from keys.certificates import facility_of, require_issued_by
from keys.errors import KeysError
from keys.signer import DocumentSigner
from specs.cwt import HOME_COUNTRY, encode_claims
from specs.id_binding import NOT_BOUND, bind
from specs.national_claim import NationalClaim
from specs.national_id import is_national_id
from specs.payload import DccPayload, encode_payload

__all__ = ["choice_of", "claims_of", "expiry", "require_authorities", "require_clock", "require_purpose"]

CLOCK_TOLERANCE = timedelta(seconds=5)
"""Two machines on one database may differ by so much; a clock that was set back differs by more."""


def require_purpose(public: DocumentSigner) -> None:
    """Refuse a key that no verifier would believe for a vaccination of this country.

    Raises IssuerError SIGNER_PURPOSE.
    """
    kinds = read_certificate(public.der).kinds
    if public.country != HOME_COUNTRY or (kinds is not None and "v" not in kinds) or _names_facility(public.der):
        raise IssuerError(Code.SIGNER_PURPOSE, f"kid {public.kid.hex()}, country {public.country}")


def require_authorities(authorities: Sequence[bytes], public: DocumentSigner) -> None:
    """Refuse to work without anybody who vouches for facility heads: then a row in the database would make a head.

    The authority that issued the signer's own certificate is none: it certifies document signers and nothing else.
    Raises IssuerError FACILITY_AUTHORITY.
    """
    if not authorities:
        raise IssuerError(Code.FACILITY_AUTHORITY, "none is given")
    for authority in authorities:
        try:
            require_issued_by(public.der, authority)
        except KeysError:
            continue
        raise IssuerError(Code.FACILITY_AUTHORITY, f"kid {read_certificate(authority).kid.hex()} certifies signers")


def _names_facility(certificate: bytes) -> bool:
    """Whether it is a facility head's, who has no usage extension and no place in a trust list."""
    try:
        facility_of(certificate)
    except KeysError:
        return False
    return True


def require_clock(connection: sa.Connection, now: datetime) -> None:
    """Refuse a clock before the last entry of the audit log (security: a step back would date certificates falsely).

    Raises IssuerError CLOCK_BEHIND.
    """
    at = last_audit_time(connection)
    if at is not None and now < datetime.fromisoformat(at) - CLOCK_TOLERANCE:
        raise IssuerError(Code.CLOCK_BEHIND, f"the log ends at {at}")


def expiry(now: datetime, validity_months: int, public: DocumentSigner) -> int:
    """`exp` in seconds since 1970: so many months after `now`, and never beyond the signer's certificate."""
    now = now.astimezone(UTC)  # so that a whole second, read back from the database, gives the same end
    months = now.month - 1 + validity_months
    year, month = now.year + months // 12, months % 12 + 1
    day = min(now.day, calendar.monthrange(year, month)[1])
    end = now.replace(year=year, month=month, day=day)
    return int(min(end, public.not_after).timestamp())


def choice_of(connection: sa.Connection, notary: Notary, linked: Linked, now: datetime) -> Chosen | Fault | Refusal:
    """The dose that a person's certificate is for, every dose held against what its facility head signed."""
    holder, records = linked
    doses = [notary.attested(connection, record, holder) for record in records]
    return choose(holder, doses, now.astimezone(VIETNAM).date())


def claims_of(
    holder: Holder,
    payload: DccPayload,
    *,
    epoch: int,
    epoch_key: bytes,
    status_index: int,
    issued_at: int,
    expires_at: int,
) -> bytes:
    """The claims as CBOR, bound to the holder's number; unbound for whoever has no 12-digit number."""
    number = holder.national_id
    binding = bind(number, epoch, epoch_key, payload.vaccination.uvci) if is_national_id(number) else NOT_BOUND
    return encode_claims(
        HOME_COUNTRY, issued_at, expires_at, encode_payload(payload), NationalClaim(binding, status_index)
    )
