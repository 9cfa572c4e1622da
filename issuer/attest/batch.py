"""Attesting: one signature of a facility head over all doses that wait for it (`attestation.md` sections 1 to 3).

Two steps, so that a head sees before signing: `prepare` reads what waits and sums it up; `attest` signs exactly what
was shown and stores it in one transaction. Refused: somebody who may not sign for the facility, more doses than the
policy allows, and a batch that changed after it was shown.
"""

import hashlib
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

import sqlalchemy as sa

from issuer.attest.attested import check_head
from issuer.attest.summary import Summary, Surroundings, summarise
from issuer.audit import append
from issuer.config import AttestationPolicy
from issuer.dose_record import DoseRecord, Holder, leaf_of
from issuer.errors import Code, IssuerError
from issuer.store import attestation_store, delivery_store
from issuer.store.bulk import alone
from issuer.store.engine import reading, writing
from issuer.store.record_store import facility_records, handed_in
from issuer.vietnam_time import VIETNAM
from keys.signer import Signer
from specs.attestation import BATCH_BYTES, SALT_BYTES, Statement, encode_leaf, to_be_signed
from specs.merkle import leaf_hash, root

__all__ = ["Attested", "Prepared", "attest", "prepare"]


@dataclass(frozen=True, slots=True)
class Prepared:
    """The doses that one signature would cover, in the order of their rows."""

    facility: str
    doses: Sequence[tuple[Holder, DoseRecord]] = field(repr=False)
    changed: frozenset[int]
    summary: Summary


@dataclass(frozen=True, slots=True)
class Attested:
    """A batch that was signed and stored."""

    attestation_id: int
    batch: bytes
    doses: int
    root: bytes


def prepare(engine: sa.Engine, facility: str, policy: AttestationPolicy, *, limit: int | None = None) -> Prepared:
    """What waits for the head of `facility`: linked doses that nobody attested, or that changed since.

    `limit` takes the first so many rows. Raises IssuerError FACILITY_UNKNOWN.
    """
    with reading(engine) as connection:
        return _prepare(connection, facility, policy, limit)


def _prepare(connection: sa.Connection, facility: str, policy: AttestationPolicy, limit: int | None) -> Prepared:
    number = _facility_id(connection, facility)
    waiting, changed, blocked = [], set(), 0
    days: Counter[str] = Counter()
    for holder, record in facility_records(connection, number):
        if record.is_blocked:
            blocked += 1
        elif record.salt is None:
            waiting.append((holder, record))
        elif leaf_hash(encode_leaf(leaf_of(record, holder, record.salt))) != record.leaf_hash:
            waiting.append((holder, record))
            changed.add(record.dose_id)
        else:
            days[record.vaccinated_on] += 1
    chosen = waiting if limit is None else waiting[:limit]
    summary = summarise(
        chosen,
        changed,
        policy,
        _around(connection, facility, number, len(days)),
        attested=days.total(),
        blocked=blocked,
        left=len(waiting) - len(chosen),
    )
    return Prepared(facility, chosen, frozenset(changed), summary)


def _around(connection: sa.Connection, facility: str, number: int, past_days: int) -> Surroundings:
    delivered = delivery_store.delivered(connection, facility)
    lot_problems: dict[int, list[str]] = {}
    for dose_id, code in delivery_store.problems_of_facility(connection, number) if delivered else ():
        lot_problems.setdefault(dose_id, []).append(code)
    received = {
        file_id: datetime.fromisoformat(at).astimezone(VIETNAM) for file_id, at in handed_in(connection, number).items()
    }
    return Surroundings(delivered, lot_problems, received, past_days)


def attest(
    engine: sa.Engine,
    prepared: Prepared,
    signer: Signer,
    *,
    now: datetime,
    actor: str,
    policy: AttestationPolicy,
    random: Callable[[int], bytes],
) -> Attested:
    """Sign and store what was shown. `random` gives so many unpredictable bytes.

    Raises IssuerError: ATTEST_NOTHING, ATTEST_NOT_ENTITLED, ATTEST_BATCH_CAP, ATTEST_DAY_CAP, ATTEST_STALE; KeysError
    for what the signer refuses. Nothing is stored then.
    """
    doses = prepared.doses
    if not doses:
        raise IssuerError(Code.ATTEST_NOTHING, f"facility {prepared.facility}")
    if len(doses) > policy.max_batch:
        raise IssuerError(Code.ATTEST_BATCH_CAP, f"{len(doses)} doses, at most {policy.max_batch}")
    signed_at = int(now.timestamp())
    with reading(engine) as connection:
        _entitled_head(connection, prepared.facility, signer, signed_at)  # before the key is used

    salts = random(SALT_BYTES * len(doses))
    leaves = []
    for at, (holder, record) in enumerate(doses):
        salt = salts[SALT_BYTES * at : SALT_BYTES * (at + 1)]
        leaves.append((record.dose_id, salt, leaf_hash(encode_leaf(leaf_of(record, holder, salt)))))
    tree = root([leaf[2] for leaf in leaves])
    batch = random(BATCH_BYTES)
    statement = Statement(prepared.facility, batch, len(doses), signed_at, tree)
    signature = signer.sign(hashlib.sha256(to_be_signed(statement)).digest())

    with writing(engine) as connection:
        alone(connection, f"attest:{prepared.facility}")
        number, head_id = _entitled_head(connection, prepared.facility, signer, signed_at)
        midnight = now.astimezone(VIETNAM).replace(hour=0, minute=0, second=0, microsecond=0)
        today = attestation_store.attested_since(connection, number, int(midnight.timestamp()))
        if today + len(doses) > policy.max_per_day:
            raise IssuerError(Code.ATTEST_DAY_CAP, f"{today} today and {len(doses)} now, at most {policy.max_per_day}")
        again = _prepare(connection, prepared.facility, policy, len(doses))
        if again.doses != doses:
            raise IssuerError(Code.ATTEST_STALE, f"facility {prepared.facility}")
        attestation_id = attestation_store.store_batch(
            connection,
            batch=batch,
            facility=number,
            head_id=head_id,
            root=tree,
            signed_at=signed_at,
            signature=signature,
            leaves=leaves,
            superseded=[dose_id for dose_id, _, _ in leaves if dose_id in prepared.changed],
        )
        append(
            connection,
            now=now,
            actor=actor,
            action="attest",
            object=f"facility {prepared.facility} batch {batch.hex()}",
            reason=f"{len(doses)} doses under root {tree.hex()}",
        )
    return Attested(attestation_id, batch, len(doses), tree)


def _facility_id(connection: sa.Connection, facility: str) -> int:
    number = attestation_store.facility_id(connection, facility)
    if number is None:
        raise IssuerError(Code.FACILITY_UNKNOWN, facility)
    return number


def _entitled_head(connection: sa.Connection, facility: str, signer: Signer, at: int) -> tuple[int, int]:
    number = _facility_id(connection, facility)
    kid = signer.certificate().kid
    for head in attestation_store.heads_of(connection, number):
        if head.kid == kid and check_head(head, facility, at) is None:
            return number, head.head_id
    raise IssuerError(Code.ATTEST_NOT_ENTITLED, f"facility {facility}, kid {kid.hex()}")
