"""Our own facts beside the DCC: CWT claim -65537 (`certificate.md` section 2.3).

    -65537: [ binding: bstr .size 4, status list: uint, status index: uint ]

RFC 8392 leaves labels below -65536 to private use, so other countries' verifiers pass over it. The IETF `status`
claim would say the same in 45 bytes instead of 14, which costs a QR version (decision 0002).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from specs import cbor
from specs.errors import WireError
from specs.id_binding import Binding
from specs.verdicts import Reason

LABEL = -65537
_LABEL_CBOR = cbor.head(cbor.NEGATIVE, -1 - LABEL)
_MAX_UINT = 1 << 32


@dataclass(frozen=True, slots=True)
class NationalClaim:
    """The binding to the ID card, and where to look up whether the certificate was revoked."""

    binding: Binding
    status_list: int
    status_index: int


def encode(claim: NationalClaim) -> bytes:
    """Return label and value of the claim as CBOR, for `cwt.encode_claims` to join."""
    return b"%b\x83\x44%b%b%b" % (
        _LABEL_CBOR,
        claim.binding.to_bytes(),
        cbor.head(cbor.UNSIGNED, claim.status_list),
        cbor.head(cbor.UNSIGNED, claim.status_index),
    )


def decode(value: Any) -> NationalClaim:
    """Read the claim's value as CBOR gave it.

    Raises:
        WireError: CLAIMS_MALFORMED for any other shape.
    """
    match value:
        case [bytes(binding), int(status_list), int(status_index)] if isinstance(value, Sequence):
            numbers = (status_list, status_index)
            if all(type(number) is int and 0 <= number < _MAX_UINT for number in numbers):
                return NationalClaim(Binding.from_bytes(binding), status_list, status_index)
    raise WireError(Reason.CLAIMS_MALFORMED, f"claim {LABEL} is not [binding, status list, status index]")
