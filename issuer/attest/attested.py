"""Whether a stored attestation holds: the one gate between the register and a certificate (`attestation.md` section 4).

In: a batch as stored, and a record as it stands today. Out: an `AttestedDose`, or the `Fault` for which there is none.
Nothing the database says is believed: the head's right, the signature, the tree and the leaf are each worked out again.
"""

import hashlib
from collections.abc import Sequence
from datetime import UTC, datetime
from enum import StrEnum

import sqlalchemy as sa

from issuer.dose_record import AttestedDose, DoseRecord, Holder, leaf_of
from issuer.store import attestation_store
from issuer.store.attestation_store import Head, StoredAttestation
from issuer.store.record_store import MATCHED
from keys.certificates import facility_of, require_issued_by
from keys.errors import KeysError
from keys.raw_signature import verifies
from keys.signer import DocumentSigner
from specs.attestation import Statement, encode_leaf, to_be_signed
from specs.merkle import leaf_hash, root

__all__ = ["Fault", "Notary", "check_batch", "check_head"]


class Fault(StrEnum):
    """Why a dose cannot stand on a certificate."""

    NOT_LINKED = "not_linked"
    BLOCKED = "blocked"
    NOT_ATTESTED = "not_attested"
    HEAD_NOT_ENTITLED = "head_not_entitled"
    SIGNATURE_WRONG = "signature_wrong"
    ROOT_MISMATCH = "root_mismatch"
    RECORD_CHANGED = "record_changed"


def check_head(head: Head, facility: str, at: int, authorities: Sequence[bytes] | None = None) -> Fault | None:
    """Whether this head might sign for `facility` at `at` (seconds since 1970).

    The registration, the certificate's own times and the facility it names must agree, and one of `authorities` (DER)
    must have issued the certificate, so that a row written into the database entitles nobody. None leaves that last
    question open (a head at the own desk, who has no authority's certificate); no authority at all entitles nobody.
    """
    moment = datetime.fromtimestamp(at, UTC)
    try:
        public = DocumentSigner.of_certificate(head.certificate)
        named = facility_of(head.certificate)
    except (KeysError, ValueError):
        return Fault.HEAD_NOT_ENTITLED
    entitled = head.entitled_from <= at and (head.entitled_until is None or at < head.entitled_until)
    in_use = public.not_before <= moment <= public.key_use_ends
    if not (entitled and in_use and named == facility and public.kid == head.kid):
        return Fault.HEAD_NOT_ENTITLED
    if authorities is not None and not any(_issued_by(head.certificate, authority) for authority in authorities):
        return Fault.HEAD_NOT_ENTITLED
    return None


def _issued_by(certificate: bytes, authority: bytes) -> bool:
    try:
        require_issued_by(certificate, authority)
    except KeysError:
        return False
    return True


def check_batch(
    stored: StoredAttestation, leaf_hashes: Sequence[bytes], authorities: Sequence[bytes] | None = None
) -> Fault | None:
    """Whether the head of the facility signed exactly these leaves; `authorities` as in `check_head`."""
    if stored.head_facility != stored.facility:
        return Fault.HEAD_NOT_ENTITLED
    fault = check_head(stored.head, stored.facility, stored.signed_at, authorities)
    if fault is not None:
        return fault
    if len(leaf_hashes) != stored.dose_count or not leaf_hashes or root(leaf_hashes) != stored.root:
        return Fault.ROOT_MISMATCH
    statement = Statement(stored.facility, stored.batch, stored.dose_count, stored.signed_at, stored.root)
    public_key = DocumentSigner.of_certificate(stored.head.certificate).public_key
    if not verifies(public_key, hashlib.sha256(to_be_signed(statement)).digest(), stored.signature):
        return Fault.SIGNATURE_WRONG
    return None


class Notary:
    """Checks doses against their batches; each batch is checked once and its hashes are kept from then on."""

    def __init__(self, authorities: Sequence[bytes]) -> None:
        """`authorities`: certificates (DER) that may issue those of heads; without any, no dose is attested."""
        self._authorities = tuple(authorities)
        self._batches: dict[int, tuple[str, Sequence[bytes], Fault | None]] = {}

    def attested(self, connection: sa.Connection, record: DoseRecord, holder: Holder) -> AttestedDose | Fault:
        """The dose as its facility answers for it, or why not."""
        if record.link_class != MATCHED:
            return Fault.NOT_LINKED
        if record.is_blocked:
            return Fault.BLOCKED
        number, position = record.attestation_id, record.position
        if number is None or position is None or record.salt is None or record.facility is None:
            return Fault.NOT_ATTESTED
        facility, hashes, fault = self._batch(connection, number)
        if fault is not None:
            return fault
        if facility != record.facility or position >= len(hashes):
            return Fault.RECORD_CHANGED
        # The whole tree has been rebuilt from these hashes, so standing among them is inclusion (RFC 9162 section 2.1).
        if leaf_hash(encode_leaf(leaf_of(record, holder, record.salt))) != hashes[position]:
            return Fault.RECORD_CHANGED
        return AttestedDose(record, number, position)

    def _batch(self, connection: sa.Connection, number: int) -> tuple[str, Sequence[bytes], Fault | None]:
        found = self._batches.get(number)
        if found is None:
            stored = attestation_store.load(connection, number)
            if stored is None:
                found = "", (), Fault.NOT_ATTESTED
            else:
                hashes = attestation_store.leaf_hashes(connection, number)
                found = stored.facility, hashes, check_batch(stored, hashes, self._authorities)
            self._batches[number] = found
        return found
