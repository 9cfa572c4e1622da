"""From an `Unverified` envelope to `Verified` claims (`certificate.md` section 4, steps 6 to 10).

The key is found by the key id and fits the algorithm of the protected header; the signature is checked over the bytes
as received, with every such key; only then is the content read, and that key stands whose country is the issuer's.
"""

import math
from collections.abc import Sequence
from datetime import datetime
from hashlib import sha256

from keys.trust_list import Publication, TrustedKey
from specs import cose, cwt
from specs.cose import Sign1
from specs.cwt import Claims
from specs.errors import WireError
from specs.own_form import read_own
from specs.verdicts import Reason, Step
from verifier.case import Bit, Case
from verifier.country import may_speak
from verifier.instants import numeric_date
from verifier.schema import events

CLOCK_SKEW = 120
"""Seconds that a device's clock may be behind the issuer's. A moment given by the caller gets none of it."""

_ANY_TIME = (-math.inf, math.inf)


def verify_signatures(cases: Sequence[Case], now: datetime) -> None:
    """Steps 7 and 8: the trusted keys of this kid that fit the algorithm, and which of them signed."""
    for case in cases:
        envelope = case.unverified
        if envelope is None or envelope.kid is None or envelope.algorithm is None:
            continue
        if case.trust is None:
            case.fails(Step.KEY, Reason.TRUST_MISSING)
            continue
        found = case.trust.find(envelope.kid)
        fitting = [key for key in found if key.algorithm is envelope.algorithm]
        if fitting:
            case.passed |= Bit.KEY
            _check_signature(case, envelope.envelope, fitting)
        else:
            case.fails(Step.KEY, Reason.KEY_MISMATCH if found else Reason.KEY_UNKNOWN)
        if case.trust.publication is not None and (stale := _stale(case, case.trust.publication, now)):
            case.fails(Step.KEY, stale)


def _check_signature(case: Case, signed: Sign1, keys: Sequence[TrustedKey]) -> None:
    """Step 8: over the bytes as received, with each key. If none signed, the first one's period still explains."""
    signer = _signer(signed, keys)
    if signer is None:
        case.key = keys[0]
        case.fails(Step.SIGNATURE, Reason.SIGNATURE_WRONG)
    else:
        case.key = signer
        case.is_signed = True
        case.passed |= Bit.SIGNATURE


def _signer(signed: Sign1, keys: Sequence[TrustedKey]) -> TrustedKey | None:
    """The first of `keys` that made the signature."""
    digest = sha256(cose.to_be_signed(signed.protected, signed.payload)).digest()
    for key in keys:
        if key.verifies(digest, signed.signature):
            return key
    return None


def _stale(case: Case, publication: Publication, now: datetime) -> Reason | None:
    """Why the trust list cannot be relied on at the moment of the check; a moment given may lie before the list."""
    if case.at >= numeric_date(publication.expires):
        return Reason.TRUST_EXPIRED
    return Reason.CLOCK_WRONG if case.by_clock and now < publication.issued else None


def read_claims(case: Case, payload: bytes) -> Claims | None:
    """Step 6: the CWT claims and the DCC in them; and the rest of step 7: the key's country is the issuer's."""
    try:
        claims = read_own(payload) or cwt.decode_claims(payload)
    except WireError as error:
        case.fails(Step.CBOR, error.reason)
        return None
    case.passed |= Bit.CBOR
    case.claims = claims
    case.events = events(claims.dcc)
    if case.key is not None and not may_speak(case.key, claims.issuing_country):
        _take_key_of_the_issuer(case, claims.issuing_country)
    return claims


def _take_key_of_the_issuer(case: Case, issuing_country: str | None) -> None:
    """One signer may be listed for several countries, and key ids collide: a key with a say goes before the others."""
    envelope = case.unverified
    if case.trust is not None and envelope is not None and envelope.kid is not None:
        with_a_say = [
            key
            for key in case.trust.find(envelope.kid)
            if key.algorithm is envelope.algorithm and may_speak(key, issuing_country)
        ]
        key = _signer(envelope.envelope, with_a_say)
        if key is None and with_a_say and not case.is_signed:
            key = with_a_say[0]  # its signature is as wrong as the other's was
        if key is not None:
            case.key = key
            return
    case.fails(Step.KEY, Reason.KEY_OTHER_COUNTRY)
    case.skips(Step.SIGNATURE)  # a key that has no say proves nothing
    case.is_signed = False


def check_times(case: Case, claims: Claims) -> None:
    """Step 9: notBefore <= iat <= at <= exp <= notAfter; without a key, the claims alone."""
    issued, expires, at = claims.issued_at, claims.expires_at, case.at
    if issued is None or expires is None:
        case.fails(Step.TIMES, Reason.TIMES_MALFORMED)
        return
    not_before, not_after = _ANY_TIME if case.key is None else case.key.validity
    if not_before <= issued <= at <= expires <= not_after:
        case.passed |= Bit.TIMES
        return
    reasons = []
    if issued > at + (CLOCK_SKEW if case.by_clock else 0):
        reasons.append(Reason.NOT_YET_VALID)
    if expires < at or expires < issued:
        reasons.append(Reason.EXPIRED)
    if issued < not_before or expires > not_after:
        reasons.append(Reason.OUTSIDE_KEY_VALIDITY)
    if reasons:
        case.fails(Step.TIMES, *reasons)
    else:
        case.passed |= Bit.TIMES


def check_key_usage(case: Case) -> None:
    """Step 10: a signer limited to some kinds of certificate signed no other (extended key usage, both arcs)."""
    if case.key is None or not case.events:
        return
    allowed = case.key.key_usage
    if allowed is None or allowed.issuperset([event.kind for event in case.events]):
        case.passed |= Bit.KEY_USAGE
    else:
        case.fails(Step.KEY_USAGE, Reason.KEY_USAGE)
