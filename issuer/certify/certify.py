"""The national signer: from attested doses to signed certificates (`attestation.md` section 5, `id-binding.md`).

A window of people at a time, in two transactions. The first reserves: every record is checked against what its
facility head signed, the payload is built, UVCI and place in the status list are drawn, the claims are stored. The
second builds the claims again from the record as it stands by then, signs them if they are the same bytes, reads each
text back and stores it with its audit entry. A signer that died anywhere between is run again: what was reserved, and
is still as the audit log says it was, is signed with the same bytes (RFC 6979) and nobody is served twice.
"""

import hashlib
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from types import MappingProxyType

import sqlalchemy as sa

from issuer.attest.attested import Fault, Notary
from issuer.audit import SIGN, append, append_many, check_certificates
from issuer.certify.payload_of import payload_of
from issuer.certify.reservation import RESERVE, is_sound, line_of, unaltered
from issuer.certify.rules import choice_of, claims_of, expiry, require_authorities, require_clock, require_purpose
from issuer.certify.series import Chosen, Refusal
from issuer.certify.sign import seal
from issuer.config import CertificatePolicy
from issuer.dose_record import AttestedDose, Holder
from issuer.errors import Code, IssuerError
from issuer.store import certificate_store
from issuer.store.bulk import alone
from issuer.store.certificate_store import Reservation
from issuer.store.engine import reading, writing
from issuer.store.record_store import Linked, next_people, records_of_people
from keys.signer import Signer
from specs.national_claim import STATUS_INDEX_LIMIT
from specs.payload import DccPayload
from specs.uvci import RANDOM_BYTES, uvci

__all__ = ["BindingKey", "Certified", "Desk", "certify"]

WINDOW = 4_000
"""People to a window: a kill costs half a second of signing, and order is hidden among so many."""

_SORT_KEY = 16  # random bytes that decide a place: two never come out equal


@dataclass(frozen=True, slots=True)
class BindingKey:
    """The mask key of the current epoch (`id-binding.md`)."""

    epoch: int
    key: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Desk:
    """What a signer works with: its key, whom it believes, the policy, and the outside world as functions.

    `authorities`: certificates (DER) of which one must have issued a facility head's; at least one. `stage` is told
    where the work stands ("reserved", "signed", "stored", "committed"), for a test that kills it there.
    """

    signer: Signer
    binding: BindingKey
    policy: CertificatePolicy
    actor: str
    clock: Callable[[], datetime]
    random: Callable[[int], bytes]
    authorities: Sequence[bytes]
    stage: Callable[[str], None] = lambda name: None


@dataclass(frozen=True, slots=True)
class Certified:
    """How a run ended: `people` is the sum of `issued`, `before` and all `refused`.

    `finished` and `withdrawn` are reservations of an earlier run that this one signed, or gave up because the record
    no longer says the same; their people are counted again among `people`.
    """

    people: int
    issued: int
    before: int
    refused: Counter[Fault | Refusal]
    finished: int
    withdrawn: int


def certify(engine: sa.Engine, desk: Desk, *, progress: Callable[[int], None] = lambda people: None) -> Certified:
    """Certify everybody who has become eligible. Raises IssuerError and KeysError; what was stored till then stands.

    Codes: CLOCK_BEHIND, SIGNER_PURPOSE, FACILITY_AUTHORITY, CERTIFICATES_UNLIKE_LOG, STATUS_LIST_FULL,
    SELF_CHECK_FAILED; of the key: KEY_NOT_YET_VALID, KEY_USE_ENDED and all that a signer raises.
    """
    require_purpose(desk.signer.certificate())
    require_authorities(desk.authorities, desk.signer.certificate())
    with reading(engine) as connection:
        check_certificates(connection)
    notary = Notary(desk.authorities)
    finished, withdrawn = _finish_reserved(engine, desk, notary)
    people = issued = before = after = 0
    refused: Counter[Fault | Refusal] = Counter()
    while True:
        with reading(engine) as connection:
            window = next_people(connection, after, WINDOW)
        if window is None:
            return Certified(people, issued, before, refused, finished, withdrawn)
        last, count = window
        planned, old, reasons = _reserve(engine, desk, notary, after, last)
        if planned:
            desk.stage("reserved")
            _sign(engine, desk, notary, planned)
            with reading(engine) as connection:
                signed = certificate_store.states(connection, min(planned), max(planned)).get("signed", 0)
            issued += signed
            # Signed by nobody: the record changed within the second, or another process holds it and will sign it.
            refused[Fault.RECORD_CHANGED] += len(planned) - signed
        people, before, after = people + len(planned) + old + reasons.total(), before + old, last
        refused += reasons
        progress(count)


@dataclass(frozen=True, slots=True)
class _Candidate:
    linked: Linked
    dose: AttestedDose
    payload: DccPayload


_Plan = Mapping[int, tuple[Linked, Reservation]]
"""What this process reserved: certificate -> the records it was made from, and the reservation itself."""

_NOT_OURS = (None, None)


def _reserve(
    engine: sa.Engine, desk: Desk, notary: Notary, after: int, last: int
) -> tuple[_Plan, int, Counter[Fault | Refusal]]:
    """What was reserved, number of people certified before, refusals by reason."""
    reasons: Counter[Fault | Refusal] = Counter()
    before = 0
    batches: dict[int, list[_Candidate]] = {}
    public = desk.signer.certificate()
    with writing(engine) as connection:
        alone(connection, "certify")
        now = _now(connection, desk)
        live = certificate_store.live_doses(connection, after, last)
        for linked in records_of_people(connection, between=(after, last)):
            chosen = choice_of(connection, notary, linked, now)
            if isinstance(chosen, Chosen) and chosen.dose.record.dose_id in live:
                before += 1
                continue
            payload = chosen if not isinstance(chosen, Chosen) else _payload(desk, linked, chosen, _new_uvci(desk))
            if isinstance(chosen, Chosen) and isinstance(payload, DccPayload):
                candidate = _Candidate(linked, chosen.dose, payload)
                batches.setdefault(chosen.dose.attestation_id, []).append(candidate)
            elif isinstance(payload, Fault | Refusal):
                reasons[payload] += 1
        count = sum(map(len, batches.values()))
        if not count:
            return {}, before, reasons
        place = certificate_store.take_indices(connection, public.kid, count, STATUS_INDEX_LIMIT)
        if place is None:
            raise IssuerError(Code.STATUS_LIST_FULL, f"kid {public.kid.hex()}")
        first = certificate_store.next_certificate_id(connection)
        # A batch takes a run of the list, so that revoking it compresses to nothing; inside it, order tells nothing.
        drawn = [candidate for batch in batches.values() for candidate in _shuffled(batch, desk.random)]
        issued_at, expires_at = int(now.timestamp()), expiry(now, desk.policy.validity_months, public)
        rows = []
        for at, candidate in enumerate(drawn):
            holder = candidate.linked[0]
            claims = _claims(desk, holder, candidate.payload, place + at, issued_at, expires_at)
            rows.append(
                Reservation(
                    first + at,
                    candidate.payload.vaccination.uvci,
                    public.kid,
                    place + at,
                    holder.person_id,
                    candidate.dose.record.dose_id,
                    candidate.dose.attestation_id,
                    issued_at,
                    expires_at,
                    claims,
                )
            )
        certificate_store.reserve(connection, rows)
        about, reason = line_of(rows)
        append(connection, now=now, actor=desk.actor, action=RESERVE, object=about, reason=reason)
    plan = {row.certificate_id: (each.linked, row) for row, each in zip(rows, drawn, strict=True)}
    return plan, before, reasons


def _finish_reserved(engine: sa.Engine, desk: Desk, notary: Notary) -> tuple[int, int]:
    """Sign what earlier runs reserved and did not live to sign; how many were signed, how many given up."""
    finished = withdrawn = 0
    while True:
        signed, gone = _sign(engine, desk, notary)
        if not signed + gone:
            return finished, withdrawn
        finished, withdrawn = finished + signed, withdrawn + gone


def _sign(engine: sa.Engine, desk: Desk, notary: Notary, plan: _Plan = MappingProxyType({})) -> tuple[int, int]:
    """Sign what is planned, or the next few that wait; how many were signed, and how many given up."""
    first, last = (min(plan), max(plan)) if plan else (0, None)
    public = desk.signer.certificate()
    with writing(engine) as connection:
        rows = certificate_store.reserved(connection, public.kid, first=first, last=last, limit=WINDOW)
        if not rows:
            return 0, 0
        now = _now(connection, desk)
        wanted = {row.person_id for row in rows}
        between = (min(wanted) - 1, max(wanted)) if plan else None  # a window's people stand side by side
        people = {linked[0].person_id: linked for linked in records_of_people(connection, wanted, between=between)}
        good: list[Reservation] = []
        gone: list[Reservation] = []
        as_logged = frozenset() if plan else unaltered(connection, rows)
        places = certificate_store.next_index(connection, public.kid)
        for row in rows:
            linked, (before, own) = people.get(row.person_id), plan.get(row.certificate_id, _NOT_OURS)
            # From equal records the same claims come out: those this process made from them and still has in memory.
            holds = linked is not None and (
                (own == row and before == linked)
                or (
                    (own == row or row.certificate_id in as_logged)
                    and _holds(connection, desk, notary, linked, row, places, now)
                )
            )
            (good if holds else gone).append(row)
        for issued_at, expires_at in {(row.issued_at, row.expires_at) for row in good}:
            # whatever was decided above, the key is never used for a life that its certificate does not cover
            public.require_use(datetime.fromtimestamp(issued_at, UTC), datetime.fromtimestamp(expires_at, UTC))
        texts = seal([row.claims for row in good], desk.signer)
        desk.stage("signed")
        pairs = zip(good, texts, strict=True)
        certificate_store.finish(connection, [(row.certificate_id, text) for row, text in pairs])
        certificate_store.withdraw(connection, [row.certificate_id for row in gone])
        entries = [(row.uvci, _what_was_signed(row)) for row in good]
        append_many(connection, now=now, actor=desk.actor, action=SIGN, entries=entries)
        entries = [(row.uvci, "the record no longer says what was reserved") for row in gone]
        append_many(connection, now=now, actor=desk.actor, action="certificate.withdraw", entries=entries)
        desk.stage("stored")
    desk.stage("committed")
    return len(good), len(gone)


def _holds(
    connection: sa.Connection,
    desk: Desk,
    notary: Notary,
    linked: Linked,
    row: Reservation,
    next_index: int,
    now: datetime,
) -> bool:
    """Whether the reservation is such as this signer makes, and the record as it stands now gives its very claims."""
    public, months = desk.signer.certificate(), desk.policy.validity_months
    if not is_sound(row, public, validity_months=months, next_index=next_index, now=now):
        return False
    chosen = choice_of(connection, notary, linked, now)
    if not isinstance(chosen, Chosen) or chosen.dose.record.dose_id != row.dose_id:
        return False
    payload = _payload(desk, linked, chosen, row.uvci)
    if not isinstance(payload, DccPayload):
        return False
    return _claims(desk, linked[0], payload, row.status_index, row.issued_at, row.expires_at) == row.claims


def _now(connection: sa.Connection, desk: Desk) -> datetime:
    """The time, once the clock and the key's use have been found right; taken when the transaction has its turn."""
    now = desk.clock()
    require_clock(connection, now)
    desk.signer.certificate().require_use(now, now)
    return now


def _new_uvci(desk: Desk) -> str:
    return uvci(desk.random(RANDOM_BYTES))


def _payload(desk: Desk, linked: Linked, chosen: Chosen, identifier: str) -> DccPayload | Refusal:
    return payload_of(linked[0], chosen, identifier, issuer=desk.policy.issuer, era=desk.policy.era)


def _claims(
    desk: Desk, holder: Holder, payload: DccPayload, status_index: int, issued_at: int, expires_at: int
) -> bytes:
    return claims_of(
        holder,
        payload,
        epoch=desk.binding.epoch,
        epoch_key=desk.binding.key,
        status_index=status_index,
        issued_at=issued_at,
        expires_at=expires_at,
    )


def _what_was_signed(row: Reservation) -> str:
    return f"kid {row.kid.hex()} index {row.status_index} claims {hashlib.sha256(row.claims).hexdigest()}"


def _shuffled(batch: list[_Candidate], random: Callable[[int], bytes]) -> list[_Candidate]:
    keys = random(_SORT_KEY * len(batch))
    order = sorted(range(len(batch)), key=lambda at: keys[_SORT_KEY * at : _SORT_KEY * (at + 1)])
    return [batch[at] for at in order]
