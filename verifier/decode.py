"""From the text of a code to an `Unverified` envelope (`certificate.md` section 4, steps 2 to 5).

Bounded at every layer and without any trust: the text by the largest QR code, what it inflates to by MAX_INFLATED,
CBOR by the pre-scan of `specs.cbor`.
"""

import re
from collections.abc import Sequence
from itertools import repeat

from specs import base45, compression, cose
from specs.errors import WireError
from specs.text import MAX_CHARACTERS, PREFIX
from specs.verdicts import MEANINGS, Reason, Step
from verifier.base45_table import decode_chunk
from verifier.case import Bit, Case
from verifier.verified import Unverified

_FEW = 8  # below this, one by one is as fast
_OTHER_CONTEXT = re.compile(r"H[A-Z][0-9A-Z]:")


def read_envelopes(cases: Sequence[Case]) -> None:
    """Steps 2 to 5 for each case that has a text; a step that fails leaves the next without input."""
    with_body = [
        (case, body) for case in cases if case.text is not None and (body := _body(case, case.text.strip())) is not None
    ]
    chunk = None if len(cases) < _FEW else decode_chunk([body for _, body in with_body])
    for (case, body), packed in zip(with_body, chunk or repeat(None), strict=False):
        _read_envelope(case, body, packed)


def _body(case: Case, text: str) -> str | None:
    """Step 2: exactly "HC1:", the white space that scanners add put aside. Valid Base45 never ends in a blank."""
    if len(text) > MAX_CHARACTERS:
        case.fails(Step.PREFIX, Reason.TEXT_TOO_LONG)
        return None
    if text.startswith(PREFIX):
        case.passed |= Bit.PREFIX
        return text[len(PREFIX) :]
    case.fails(Step.PREFIX, Reason.PREFIX_MISSING)
    return text[len(PREFIX) :] if _OTHER_CONTEXT.match(text) else text


def _read_envelope(case: Case, body: str, packed: bytes | None) -> None:
    try:
        step = Step.BASE45  # 3: RFC 9285
        if packed is None:
            packed = base45.decode(body)
        case.passed |= Bit.BASE45
        step = Step.ZLIB  # 4: RFC 1950, one stream, nothing behind it, at most MAX_INFLATED bytes in it
        signed = compression.inflate(packed)
        case.passed |= Bit.ZLIB
        step = Step.COSE  # 5: a COSE_Sign1 ...
        envelope = cose.decode_sign1(signed)
    except WireError as error:
        case.fails(step, _as_envelope_reason(error) if step is Step.COSE else error.reason)
        return
    algorithm = kid = None
    reasons: list[Reason] = []
    try:  # ... whose protected header names ES256 or PS256, with an 8-byte kid in either header
        protected = cose.decode_protected(envelope.protected)
        algorithm = protected.algorithm
        if algorithm is None:
            reasons.append(Reason.COSE_ALGORITHM)
        kid = cose.effective_kid(envelope, protected)
    except WireError as error:
        reasons.append(_as_envelope_reason(error))
    if reasons:
        case.fails(Step.COSE, *reasons)
    else:
        case.passed |= Bit.COSE
    case.unverified = Unverified(envelope, algorithm, kid)


def _as_envelope_reason(error: WireError) -> Reason:
    """Broken CBOR in the envelope is a broken envelope; CBOR_* codes speak of the content."""
    return error.reason if MEANINGS[error.reason].step is Step.COSE else Reason.COSE_MALFORMED
