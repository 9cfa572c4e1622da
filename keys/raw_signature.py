"""Raw signatures as COSE carries them (RFC 9053 section 2, RFC 8230 section 2), over a SHA-256 digest.

ES256 is r and s, 32 bytes each, big-endian; libraries speak DER, so this is where the two meet. PS256 has the
length of its modulus. Nothing here holds a private key.
"""

from collections.abc import Callable
from functools import partial
from typing import Final

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ec import ECDSA, SECP256R1, EllipticCurvePublicKey
from cryptography.hazmat.primitives.asymmetric.padding import MGF1, PSS
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.asymmetric.types import PublicKeyTypes
from cryptography.hazmat.primitives.asymmetric.utils import Prehashed, encode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256

from specs.cose import Algorithm

DIGEST_LENGTH: Final = 32
ES256_LENGTH: Final = 64
RSA_BITS: Final = range(2048, 3072 + 1)

PREHASHED: Final = Prehashed(SHA256())  # built once: parsing the algorithm anew would cost as much as the framing
ECDSA_PREHASHED: Final = ECDSA(PREHASHED)
PSS_SHA256: Final = PSS(mgf=MGF1(SHA256()), salt_length=DIGEST_LENGTH)


def algorithm_of(public_key: object) -> Algorithm | None:
    """The one algorithm that this key may be used with, or None: other curves, other RSA sizes, other keys."""
    if isinstance(public_key, EllipticCurvePublicKey) and isinstance(public_key.curve, SECP256R1):
        return Algorithm.ES256
    if isinstance(public_key, RSAPublicKey) and public_key.key_size in RSA_BITS:
        return Algorithm.PS256
    return None


def raw_from_der(der: bytes) -> bytes:
    """r||s of a P-256 signature that a library gave in DER (lengths are short form: at most 72 bytes in all)."""
    r_end = 4 + der[3]
    return der[4:r_end][-32:].rjust(32, b"\0") + der[r_end + 2 :][-32:].rjust(32, b"\0")


def der_from_raw(raw: bytes) -> bytes:
    """The DER form of a 64-byte r||s."""
    r, s = raw[:32], raw[32:]
    if not (r[0] and s[0]):  # leading zeros, one signature in 128: the library knows how to write them
        return encode_dss_signature(int.from_bytes(r), int.from_bytes(s))
    integers = (_NEGATIVE if r[0] & 0x80 else _POSITIVE) + r + (_NEGATIVE if s[0] & 0x80 else _POSITIVE) + s
    return b"\x30%c%b" % (len(integers), integers)


_POSITIVE, _NEGATIVE = b"\x02\x20", b"\x02\x21\x00"  # INTEGER of 32 bytes; a set top bit needs a zero before it


def verifier(public_key: PublicKeyTypes) -> Callable[[bytes, bytes], bool]:
    """The check of raw signatures by one key: (digest of 32 bytes, signature) -> whether the key made it.

    False for a signature of any other shape, and always for a key that no HCERT algorithm fits.
    """
    match algorithm_of(public_key), public_key:
        case Algorithm.ES256, EllipticCurvePublicKey() as key:
            return partial(_verifies_es256, key.verify)
        case Algorithm.PS256, RSAPublicKey() as key:
            return partial(_verifies_ps256, key.verify)
    return lambda digest, signature: False


def _verifies_es256(verify: Callable[[bytes, bytes, ECDSA], None], digest: bytes, signature: bytes) -> bool:
    if len(signature) != ES256_LENGTH:
        return False
    try:
        verify(der_from_raw(signature), digest, ECDSA_PREHASHED)
    except InvalidSignature:
        return False
    return True


def _verifies_ps256(verify: Callable[[bytes, bytes, PSS, Prehashed], None], digest: bytes, signature: bytes) -> bool:
    try:
        verify(signature, digest, PSS_SHA256, PREHASHED)
    except InvalidSignature:
        return False
    return True


def verifies(public_key: PublicKeyTypes, digest: bytes, signature: bytes) -> bool:
    """Whether `signature` (raw) over `digest` (32 bytes, SHA-256) was made by the key; False for any other shape."""
    return verifier(public_key)(digest, signature)
