"""Our own facts beside the DCC, in six bytes (`certificate.md` section 2.3).

    hcert: { 1: DCC, -22: version (4 bits) || tag (12 bits) || epoch (8 bits) || status index (24 bits) }

HCERT leaves negative keys of claim -260 to private use and lets verifiers pass over keys they do not know. The IETF
`status` claim would say the same in 45 bytes instead of 8, which costs a QR version (decision 0002).
"""

from dataclasses import dataclass
from typing import Any

from specs.errors import WireError
from specs.id_binding import ENCODED_BYTES, Binding
from specs.verdicts import Reason

HCERT_KEY = -22
STATUS_INDEX_LIMIT = 1 << 24
"""Entries of one status list. Each document signer has one list, named by its kid, and stops when it is full."""

_INDEX_BYTES = 3
CLAIM_BYTES = ENCODED_BYTES + _INDEX_BYTES


@dataclass(frozen=True, slots=True)
class NationalClaim:
    """The binding to the ID card, and the certificate's place in the status list of its signer."""

    binding: Binding
    status_index: int

    def to_bytes(self) -> bytes:
        """Return the six bytes of the claim."""
        return self.binding.to_bytes() + self.status_index.to_bytes(_INDEX_BYTES, "big")

    @staticmethod
    def from_claim(value: Any) -> "NationalClaim":
        """Read the claim's value as CBOR gave it.

        Raises:
            WireError: CLAIMS_MALFORMED for anything but six bytes.
        """
        if type(value) is not bytes or len(value) != CLAIM_BYTES:
            raise WireError(Reason.CLAIMS_MALFORMED, f"the national claim is not {CLAIM_BYTES} bytes")
        return NationalClaim(Binding.from_bytes(value[:ENCODED_BYTES]), int.from_bytes(value[ENCODED_BYTES:], "big"))
