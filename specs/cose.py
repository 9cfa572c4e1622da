"""COSE_Sign1 (RFC 9052 section 4.2): framing, headers and the exact bytes to sign. Holds no key.

Encode and decode stand side by side. The decoder reads the envelope by hand, since it has one shape only, and leaves
the protected header as the bytes received: those, and no re-encoding, go under the signature.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import IntEnum
from functools import lru_cache
from typing import Any, NamedTuple

from specs import cbor
from specs.errors import WireError
from specs.verdicts import Reason

KID_BYTES = 8
SIGNATURE_BYTES_ES256 = 64

_ALG, _CRIT, _KID = 1, 2, 4  # header labels, RFC 9052 section 3.1
_TAGS = (b"\xd8\x3d\xd2", b"\xd2", b"")  # 61(18(...)), 18(...), untagged; longest first
_ARRAY_OF_FOUR = 0x84
_BYTES = 0x40
_EMPTY_MAP = 0xA0
_SIGNATURE1 = b"\x84" + cbor.text("Signature1")
_NO_EXTERNAL_AAD = b"\x40"


class Algorithm(IntEnum):
    """The two signature algorithms of HCERT, by COSE number (RFC 9053)."""

    ES256 = -7
    PS256 = -37


class Sign1(NamedTuple):
    """The four parts of an envelope as received; nothing in it is trusted. A tuple, as `cwt.Claims` is."""

    protected: bytes
    unprotected: Mapping[Any, Any]
    payload: bytes
    signature: bytes

    def __repr__(self) -> str:
        return f"Sign1({self.protected.hex()}, {len(self.payload)} bytes)"


@dataclass(frozen=True, slots=True)
class Protected:
    """What the protected header says: the algorithm, None if absent, and the kid, None if absent."""

    algorithm: Algorithm | None
    kid: bytes | None


def protected_header(algorithm: Algorithm, kid: bytes) -> bytes:
    """Return the protected header `{1: alg, 4: kid}` as CBOR; kid is 8 bytes (`certificate.md` section 1.3)."""
    if len(kid) != KID_BYTES:
        raise ValueError("a kid is 8 bytes")
    return (
        b"\xa2"
        + cbor.head(cbor.UNSIGNED, _ALG)
        + cbor.head(cbor.NEGATIVE, -1 - algorithm)
        + cbor.head(cbor.UNSIGNED, _KID)
        + cbor.byte_string(kid)
    )


def to_be_signed(protected: bytes, payload: bytes) -> bytes:
    """Return the Sig_structure of RFC 9052 section 4.4, external_aad empty."""
    return _signed_head(protected) + cbor.byte_string(payload)


@lru_cache(maxsize=1024)  # one header for each key
def _signed_head(protected: bytes) -> bytes:
    return _SIGNATURE1 + cbor.byte_string(protected) + _NO_EXTERNAL_AAD


def encode_sign1(protected: bytes, payload: bytes, signature: bytes) -> bytes:
    """Return the envelope under tag 18, its unprotected header empty."""
    return _envelope_head(protected) + cbor.byte_string(payload) + cbor.byte_string(signature)


@lru_cache(maxsize=1024)
def _envelope_head(protected: bytes) -> bytes:
    return b"\xd2\x84" + cbor.byte_string(protected) + b"\xa0"


def _byte_string_at(data: bytes, position: int) -> tuple[bytes, int]:
    info = data[position] - _BYTES
    if 0 <= info < 24:
        start, length = position + 1, info
    elif info == 24:
        start, length = position + 2, data[position + 1]
    elif info == 25:
        start, length = position + 3, data[position + 1] << 8 | data[position + 2]
    else:  # a part of 65,536 bytes is beyond MAX_INFLATED
        raise WireError(Reason.COSE_MALFORMED, "a part that is no byte string, too long, or without a length")
    end = start + length
    return data[start:end], end


def decode_sign1(data: bytes) -> Sign1:
    """Return the envelope in `data`: untagged, under tag 18, or under 61(18()), with nothing behind it.

    Raises:
        WireError: COSE_MALFORMED; CBOR_* for what the unprotected header holds.
    """
    position = 1 if data[:1] == _TAGS[1] else next(len(tag) for tag in _TAGS if data.startswith(tag))
    try:
        if data[position] != _ARRAY_OF_FOUR:
            raise WireError(Reason.COSE_MALFORMED, "not an array of four under tag 18, 61(18) or no tag")
        protected, position = _byte_string_at(data, position + 1)
        if data[position] == _EMPTY_MAP:
            unprotected: Mapping[Any, Any] = {}
            position += 1
        else:
            start, position = position, cbor.scan(data, position)
            unprotected = cbor.decode(data[start:position])
            if not isinstance(unprotected, Mapping):
                raise WireError(Reason.COSE_MALFORMED, "an unprotected header that is no map")
        payload, position = _byte_string_at(data, position)
        signature, position = _byte_string_at(data, position)
    except IndexError as error:
        raise WireError(Reason.COSE_MALFORMED, "the bytes end inside the envelope") from error
    if position != len(data):
        raise WireError(Reason.COSE_MALFORMED, "the envelope and the bytes do not end together")
    return Sign1(protected, unprotected, payload, signature)


@lru_cache(maxsize=1024)
def decode_protected(protected: bytes) -> Protected:
    """Return what a protected header says. The same few headers recur, hence the cache.

    Raises:
        WireError: COSE_ALGORITHM for an algorithm other than -7 and -37, COSE_KID for a kid that is not bytes,
            COSE_MALFORMED for no map or for critical headers, none of which we know (RFC 9052 section 3.1).
    """
    header = cbor.decode(protected) if protected else {}
    if not isinstance(header, Mapping):
        raise WireError(Reason.COSE_MALFORMED, "a protected header that is no map")
    if _CRIT in header:
        raise WireError(Reason.COSE_MALFORMED, "a critical header")
    algorithm = header.get(_ALG)
    if algorithm is not None and (type(algorithm) is not int or algorithm not in set(Algorithm)):
        raise WireError(Reason.COSE_ALGORITHM, "an algorithm other than ES256 and PS256")
    kid = header.get(_KID)
    if kid is not None and type(kid) is not bytes:
        raise WireError(Reason.COSE_KID, "a kid that is not a byte string")
    return Protected(None if algorithm is None else Algorithm(algorithm), kid)


def effective_kid(envelope: Sign1, protected: Protected) -> bytes:
    """Return the kid that counts: the protected one, also when it is wrong, else the unprotected one.

    Raises:
        WireError: COSE_KID if there is none or it is not 8 bytes.
    """
    kid = envelope.unprotected.get(_KID) if protected.kid is None else protected.kid
    if type(kid) is not bytes or len(kid) != KID_BYTES:
        raise WireError(Reason.COSE_KID, "no kid of 8 bytes")
    return kid
