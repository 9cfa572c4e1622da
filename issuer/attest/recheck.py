"""Going back to what was attested, years later: does every batch still hold, and is every record still as signed?

In: the register. Out: one `Report` a batch. A record that was rightly corrected after its attestation counts as
changed too: it waits for its head to sign again.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import sqlalchemy as sa

from issuer.attest.attested import Fault, check_batch
from issuer.dose_record import leaf_of
from issuer.errors import Code, IssuerError
from issuer.store import attestation_store
from issuer.store.attestation_store import StoredAttestation
from issuer.store.engine import reading
from issuer.store.record_store import facility_records
from specs.attestation import encode_leaf
from specs.merkle import leaf_hash

__all__ = ["Report", "check_attestations"]


@dataclass(frozen=True, slots=True)
class Report:
    """One batch: `fault` None if its head signed exactly these leaves.

    Of its doses, `same` give the leaf that was signed, `changed` do not, and `elsewhere` are covered by a later batch
    or no longer linked.
    """

    stored: StoredAttestation
    fault: Fault | None
    same: int
    changed: int
    elsewhere: int


def check_attestations(
    engine: sa.Engine, facility: str | None = None, authorities: Sequence[bytes] | None = None
) -> list[Report]:
    """Every batch, or those of one facility, oldest first; `authorities` as in `check_head`.

    Raises IssuerError FACILITY_UNKNOWN.
    """
    reports = []
    with reading(engine) as connection:
        number = None if facility is None else attestation_store.facility_id(connection, facility)
        if facility is not None and number is None:
            raise IssuerError(Code.FACILITY_UNKNOWN, facility)
        stored = attestation_store.batches(connection, number)
        doses: Counter[tuple[int, bool]] = Counter()
        for code in {batch.facility for batch in stored}:
            for key, count in _doses(connection, code).items():
                doses[key] += count
        for batch in stored:
            hashes = attestation_store.leaf_hashes(connection, batch.attestation_id)
            same, changed = doses[batch.attestation_id, True], doses[batch.attestation_id, False]
            fault = check_batch(batch, hashes, authorities)
            reports.append(Report(batch, fault, same, changed, batch.dose_count - same - changed))
    return reports


def _doses(connection: sa.Connection, facility: str) -> Counter[tuple[int, bool]]:
    """(batch, whether the record still gives its leaf) -> doses."""
    counts: Counter[tuple[int, bool]] = Counter()
    number = attestation_store.facility_id(connection, facility)
    for holder, record in facility_records(connection, number) if number is not None else ():
        if record.attestation_id is not None and record.salt is not None:
            is_same = leaf_hash(encode_leaf(leaf_of(record, holder, record.salt))) == record.leaf_hash
            counts[record.attestation_id, is_same] += 1
    return counts
