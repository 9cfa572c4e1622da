"""The whole path from a scan to a verdict: the one function that a caller needs, for one code or for many.

Pure: the trust list and the moment are arguments. Any text and any picture gives a verdict; nothing is raised for
what they hold. The steps are those of `certificate.md` section 4, in its numbers.
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from itertools import islice

from keys.epoch_keys import EpochKeys
from keys.trust_list import TrustList
from specs.cwt import Claims
from specs.verdicts import MEANINGS, Outcome, Reason, Step
from verifier import decode, value_sets, verify
from verifier.binding import differences
from verifier.card import read_card
from verifier.case import Bit, Case
from verifier.errors import VerifierError
from verifier.instants import numeric_date
from verifier.request import Request
from verifier.schema import faults
from verifier.verdict import Verdict
from verifier.verified import Verified

CHUNK = 32
"""Cases that go through one step before the next begins: enough to keep it warm, few enough for a flat memory."""


def check(request: Request, trust: TrustList | None, *, now: datetime, epoch_keys: EpochKeys | None = None) -> Verdict:
    """Return the verdict on one code.

    `trust` None means no trust list at all; `now` is the device's clock, aware; `epoch_keys` are the mask keys that
    a card is compared with.
    """
    return check_many([request], trust, now=now, epoch_keys=epoch_keys)[0]


def check_many(
    requests: Sequence[Request], trust: TrustList | None, *, now: datetime, epoch_keys: EpochKeys | None = None
) -> list[Verdict]:
    """Return one verdict for each request, in their order; arguments as in `check`."""
    return list(check_stream(requests, trust, now=now, epoch_keys=epoch_keys))


def check_stream(
    requests: Iterable[Request], trust: TrustList | None, *, now: datetime, epoch_keys: EpochKeys | None = None
) -> Iterator[Verdict]:
    """Yield one verdict for each request, in their order, a chunk of them at a time; arguments as in `check`."""
    clock = numeric_date(now)
    waiting = iter(requests)
    while cases := [_case(request, trust, clock) for request in islice(waiting, CHUNK)]:
        _scan(cases)  # 1 image
        decode.read_envelopes(cases)  # 2 prefix, 3 base45, 4 zlib, 5 cose
        verify.verify_signatures(cases, now)  # 7 key, 8 signature: nothing of the content counts before them
        _read_content(cases)  # 6 cbor, 9 times, 10 key usage, 11 schema, 12 value sets
        _compare_cards(cases, epoch_keys)  # 15 card; 13 status and 14 rules are not asked of this version
        yield from [case.verdict() for case in cases]


def verified(request: Request, trust: TrustList | None, *, now: datetime) -> Verified:
    """Return the certificate, for callers that act on nothing but a valid one.

    Raises:
        VerifierError: with the first reason, if the verdict is anything else than valid.
    """
    verdict = check(request, trust, now=now)
    if verdict.outcome is not Outcome.VALID or verdict.verified is None:
        reason = verdict.reasons[0]
        raise VerifierError(MEANINGS[reason].step or Step.IMAGE, reason, "not valid")
    return verdict.verified


def _case(request: Request, trust: TrustList | None, clock: float) -> Case:
    at = clock if request.at is None else numeric_date(request.at)
    return Case(request, trust if request.trust is None else request.trust, at, request.at is None)


def _scan(cases: Sequence[Case]) -> None:
    """Step 1: a QR or Aztec code on a picture; text from a hand-held scanner has none."""
    for case in cases:
        if case.request.image is None:
            continue
        from verifier.scan import read

        try:
            case.text = read(case.request.image)
        except VerifierError as error:
            case.fails(Step.IMAGE, error.reason)
        else:
            case.passed |= Bit.IMAGE


def _read_content(cases: Sequence[Case]) -> None:
    for case in cases:
        if case.unverified is None:
            continue
        claims = verify.read_claims(case, case.unverified.envelope.payload)  # 6
        if claims is not None:
            verify.check_times(case, claims)  # 9
            verify.check_key_usage(case)  # 10
            _check_schema(case, claims)  # 11
            _check_value_sets(case, claims)  # 12


def _check_schema(case: Case, claims: Claims) -> None:
    """Step 11: the schema of the payload's own version, and exactly one kind of event."""
    if not claims.is_own_form and faults(claims.dcc):
        case.fails(Step.SCHEMA, Reason.SCHEMA)
    else:
        case.passed |= Bit.SCHEMA


def _check_value_sets(case: Case, claims: Claims) -> None:
    """Step 12: closed code lists, a positive test, a sample from the future."""
    if not case.events:
        return
    at = case.at + (verify.CLOCK_SKEW if case.by_clock else 0)
    reasons = value_sets.objections(case.events, claims.issuing_country, at)
    if reasons:
        case.fails(Step.VALUE_SETS, *reasons)
    else:
        case.passed |= Bit.VALUE_SETS


def _compare_cards(cases: Sequence[Case], epoch_keys: EpochKeys | None) -> None:
    """Step 15: the holder's ID card, where one was given and the certificate is known to be nobody's forgery."""
    for case in cases:
        if case.request.card is None:
            continue
        certificate = case.verified
        if certificate is None:
            continue
        try:
            card = read_card(case.request.card)
        except VerifierError as error:
            case.fails(Step.CARD, error.reason)
            continue
        reasons = differences(certificate, card, epoch_keys)
        if reasons == [Reason.NOT_BOUND]:
            case.warns(Step.CARD, Reason.NOT_BOUND)
            case.passed |= Bit.CARD if card.birth_date is not None else 0  # of a bare number, nothing was compared
        elif reasons:
            case.fails(Step.CARD, *reasons)
        else:
            case.passed |= Bit.CARD
