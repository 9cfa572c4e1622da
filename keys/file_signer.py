"""A Signer over an encrypted PKCS#8 file: for small installations, tests and the ceremony itself.

ES256 is deterministic (RFC 6979): a signer that died and signs again gives the same bytes. The key file is judged
by `keys.pbes2` and by who may read it before the password is tried.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Final

from cryptography.hazmat.primitives.asymmetric.ec import ECDSA, EllipticCurvePrivateKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.serialization import load_der_private_key

from keys.errors import Code, KeysError, naming
from keys.pbes2 import require_strong
from keys.published_samples import require_unpublished
from keys.raw_signature import DIGEST_LENGTH, PREHASHED, PSS_SHA256, algorithm_of, raw_from_der, verifies
from keys.secret_files import read_secret
from keys.signer import DocumentSigner

DETERMINISTIC: Final = ECDSA(PREHASHED, deterministic_signing=True)
PrivateKey = EllipticCurvePrivateKey | RSAPrivateKey


def load_private_key(path: Path, password: bytes) -> PrivateKey:
    """The private key of a file. Raises KeysError: KEY_FILE_*, KEY_UNSUPPORTED or KEY_PUBLISHED_SAMPLE."""
    with naming(path):
        der = require_strong(read_secret(path))
    try:
        key = load_der_private_key(der, password)
    except ValueError as error:
        raise KeysError(Code.KEY_FILE_PASSWORD, str(path)) from error
    if not isinstance(key, EllipticCurvePrivateKey | RSAPrivateKey) or algorithm_of(key.public_key()) is None:
        raise KeysError(Code.KEY_UNSUPPORTED, str(path))
    require_unpublished(key.public_key())
    return key


def raw_signing(key: PrivateKey) -> Callable[[bytes], bytes]:
    """digest -> raw signature, unchecked; what `FileSigner` checks and the ceremony signs certificates with."""
    if isinstance(key, EllipticCurvePrivateKey):
        sign = key.sign
        return lambda digest: raw_from_der(sign(digest, DETERMINISTIC))
    rsa_sign = key.sign
    return lambda digest: rsa_sign(digest, PSS_SHA256, PREHASHED)


class FileSigner:
    """One private key in memory and its certificate. Immutable; may be shared by threads."""

    __slots__ = ("_public", "_sign", "_verify_after_sign")

    def __init__(self, key: PrivateKey, certificate: bytes, *, verify_after_sign: bool = True) -> None:
        """`certificate` is PEM or DER; raises KeysError(KEY_CERTIFICATE_MISMATCH) unless it certifies the key.

        `verify_after_sign=False` is for a caller that verifies what it signed itself, in chunks.
        """
        self._public = DocumentSigner.of_certificate(certificate)
        if key.public_key() != self._public.public_key:
            raise KeysError(Code.KEY_CERTIFICATE_MISMATCH, f"kid {self._public.kid.hex()}")
        self._sign = raw_signing(key)
        self._verify_after_sign = verify_after_sign

    @classmethod
    def load(cls, path: Path, password: bytes, certificate: bytes, *, verify_after_sign: bool = True) -> "FileSigner":
        """From an encrypted key file; raises KeysError."""
        return cls(load_private_key(path, password), certificate, verify_after_sign=verify_after_sign)

    def __repr__(self) -> str:
        return f"FileSigner(kid={self._public.kid.hex()})"

    def __reduce__(self) -> str:
        raise TypeError("a signer holds a private key and is never pickled; load it in each process")

    def certificate(self) -> DocumentSigner:
        """The public half."""
        return self._public

    def sign(self, digest: bytes) -> bytes:
        """See `keys.signer.Signer.sign`."""
        if len(digest) != DIGEST_LENGTH:
            raise KeysError(Code.DIGEST_LENGTH, f"{len(digest)} bytes")
        signature = self._sign(digest)
        if self._verify_after_sign and not verifies(self._public.public_key, digest, signature):
            raise KeysError(Code.SIGNATURE_WRONG, f"kid {self._public.kid.hex()}")
        return signature
