"""Raw signatures as COSE carries them (RFC 9053 section 2, RFC 8230 section 2), over a SHA-256 digest.

ES256 is r and s, 32 bytes each, big-endian; libraries speak DER, so this is where the two meet. PS256 has the
length of its modulus. Nothing here holds a private key.
"""

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
    return encode_dss_signature(int.from_bytes(raw[:32]), int.from_bytes(raw[32:]))


def verifies(public_key: PublicKeyTypes, digest: bytes, signature: bytes) -> bool:
    """Whether `signature` (raw) over `digest` (32 bytes, SHA-256) was made by the key; False for any other shape."""
    try:
        match algorithm_of(public_key), public_key:
            case Algorithm.ES256, EllipticCurvePublicKey() if len(signature) == ES256_LENGTH:
                public_key.verify(der_from_raw(signature), digest, ECDSA_PREHASHED)
            case Algorithm.PS256, RSAPublicKey():
                public_key.verify(signature, digest, PSS_SHA256, PREHASHED)
            case _:
                return False
    except InvalidSignature:
        return False
    return True
