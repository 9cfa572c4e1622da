"""From the text of a code to an `Unverified` envelope (`certificate.md` section 4, steps 2 to 5).

Bounded at every layer and without any trust: the text by the largest QR code, what it inflates to by MAX_INFLATED,
CBOR by the pre-scan of `specs.cbor`. Each function is one step over many cases.
"""

import re
from collections.abc import Sequence

from specs import base45, compression, cose
from specs.errors import WireError
from specs.text import MAX_CHARACTERS, PREFIX
from specs.verdicts import MEANINGS, Reason, Step
from verifier.case import Bit, Case
from verifier.verified import Unverified

_OTHER_CONTEXT = re.compile(r"H[A-Z][0-9A-Z]:")


def read_prefix(cases: Sequence[Case]) -> None:
    """Step 2: exactly "HC1:", after trimming the white space that scanners add. Valid Base45 never ends in a blank."""
    for case in cases:
        if case.text is None:
            continue
        text = case.text.strip()
        if len(text) > MAX_CHARACTERS:
            case.fails(Step.PREFIX, Reason.TEXT_TOO_LONG)
        elif text.startswith(PREFIX):
            case.passed |= Bit.PREFIX
            case.body = text[len(PREFIX) :]
        else:
            case.fails(Step.PREFIX, Reason.PREFIX_MISSING)
            case.body = text[len(PREFIX) :] if _OTHER_CONTEXT.match(text) else text


def read_base45(cases: Sequence[Case]) -> None:
    """Step 3: RFC 9285."""
    for case in cases:
        if case.body is None:
            continue
        try:
            case.packed = base45.decode(case.body)
        except WireError as error:
            case.fails(Step.BASE45, error.reason)
        else:
            case.passed |= Bit.BASE45


def inflate(cases: Sequence[Case]) -> None:
    """Step 4: RFC 1950, one stream, nothing behind it, at most MAX_INFLATED bytes in it."""
    for case in cases:
        if case.packed is None:
            continue
        try:
            case.signed = compression.inflate(case.packed)
        except WireError as error:
            case.fails(Step.ZLIB, error.reason)
        else:
            case.passed |= Bit.ZLIB


def read_envelope(cases: Sequence[Case]) -> None:
    """Step 5: a COSE_Sign1 whose protected header names ES256 or PS256, and an 8-byte kid in either header."""
    for case in cases:
        if case.signed is None:
            continue
        try:
            envelope = cose.decode_sign1(case.signed)
        except WireError as error:
            case.fails(Step.COSE, _as_envelope_reason(error))
            continue
        reasons: list[Reason] = []
        algorithm = kid = None
        try:
            protected = cose.decode_protected(envelope.protected)
            algorithm = protected.algorithm
            if algorithm is None:
                reasons.append(Reason.COSE_ALGORITHM)
            kid = cose.effective_kid(envelope, protected)
        except WireError as error:
            reasons.append(_as_envelope_reason(error))
        case.unverified = Unverified(envelope, algorithm, kid)
        if reasons:
            case.fails(Step.COSE, *reasons)
        else:
            case.passed |= Bit.COSE


def _as_envelope_reason(error: WireError) -> Reason:
    """Broken CBOR in the envelope is a broken envelope; CBOR_* codes speak of the content."""
    return error.reason if MEANINGS[error.reason].step is Step.COSE else Reason.COSE_MALFORMED
