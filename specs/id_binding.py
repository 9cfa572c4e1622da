"""Binding a certificate to a 12-digit ID number by a masked 12-bit bucket (`id-binding.md`).

    bucket = first 12 bits of SHA-256("idb1" || ID)          the same for ever, needs no key
    mask   = first 12 bits of HMAC-SHA-256(K_epoch, "mask1" || UVCI)
    tag    = bucket XOR mask                                 in the signed claim

Without the epoch's key the tag says nothing; with every key stolen it gives 12 bits, for ever. Nothing else may be
derived from the number and published: every other function of it would add its bits to the twelve.
"""

import hashlib
import hmac
from dataclasses import dataclass

UNBOUND, MASKED_BUCKET = 0, 1
"""Versions of the binding. It is signed, so nobody can downgrade it."""

EPOCH_KEY_BYTES = 32
_TAG_BITS = 12
ENCODED_BYTES = 3


@dataclass(frozen=True, slots=True)
class Binding:
    """How a certificate is bound: version (0..15), key epoch (0..255) and 12-bit tag."""

    version: int
    epoch: int
    tag: int

    def to_bytes(self) -> bytes:
        """Return version (4 bits) || tag (12 bits) || epoch (8 bits)."""
        return (self.version << 20 | self.tag << 8 | self.epoch).to_bytes(ENCODED_BYTES, "big")

    @staticmethod
    def from_bytes(encoded: bytes) -> "Binding":
        """Read the 3 bytes that `to_bytes` wrote; an unknown version is kept, for the card step to say so."""
        bits = int.from_bytes(encoded, "big")
        return Binding(bits >> 20, bits & 0xFF, bits >> 8 & 0xFFF)


NOT_BOUND = Binding(UNBOUND, 0, 0)
"""For a foreigner, a child, or anyone without a 12-digit number."""


def _first_12_bits(digest: bytes) -> int:
    return int.from_bytes(digest[:2], "big") >> 4


def _tag(number: str, epoch_key: bytes, uvci: str) -> int:
    if len(number) != 12 or not (number.isascii() and number.isdigit()):
        raise ValueError("an ID number is 12 ASCII digits")
    if len(epoch_key) != EPOCH_KEY_BYTES:
        raise ValueError(f"an epoch key is {EPOCH_KEY_BYTES} bytes")
    bucket = _first_12_bits(hashlib.sha256(b"idb1" + number.encode()).digest())
    return bucket ^ _first_12_bits(hmac.digest(epoch_key, b"mask1" + uvci.encode(), "sha256"))


def bind(number: str, epoch: int, epoch_key: bytes, uvci: str) -> Binding:
    """Bind the certificate `uvci` to the ID `number` under the key of `epoch` (0..255).

    A UVCI must never be used again with another number in one epoch: the two tags would give both buckets' XOR.
    """
    return Binding(MASKED_BUCKET, epoch, _tag(number, epoch_key, uvci))


def matches(binding: Binding, number: str, epoch_key: bytes, uvci: str) -> bool:
    """Say in constant time whether `number` fits a masked bucket; a wrong number passes once in 4,096."""
    return hmac.compare_digest(binding.tag.to_bytes(2, "big"), _tag(number, epoch_key, uvci).to_bytes(2, "big"))
