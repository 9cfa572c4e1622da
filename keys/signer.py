"""The Signer: two methods, with a file body (`keys.file_signer`) and a hardware body (`keys.pkcs11_signer`).

A signer takes the SHA-256 digest of bytes that its caller has seen whole and stored; there is no call that takes
somebody else's hash. What `sign` gives has been verified with the public key, or it has not left.
"""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePublicKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey

from keys.certificate_facts import read_certificate
from keys.errors import Code, KeysError
from keys.raw_signature import algorithm_of
from specs.cose import Algorithm


@dataclass(frozen=True, slots=True)
class DocumentSigner:
    """The public half of a signing key. Times are aware (UTC).

    The certificate is valid from `not_before` to `not_after`; the private key may sign only until `key_use_ends`,
    so that every document it signs expires while the certificate is still valid.
    """

    der: bytes = field(repr=False)
    kid: bytes
    algorithm: Algorithm
    country: str
    not_before: datetime
    not_after: datetime
    key_use_ends: datetime
    public_key: EllipticCurvePublicKey | RSAPublicKey = field(repr=False)

    @classmethod
    def of_certificate(cls, certificate: bytes) -> "DocumentSigner":
        """From a certificate, PEM or DER; raises KeysError for a key or subject that can sign no document."""
        facts = read_certificate(certificate)
        public_key = facts.public_key
        algorithm = algorithm_of(public_key)
        if algorithm is None or not isinstance(public_key, EllipticCurvePublicKey | RSAPublicKey):
            raise KeysError(Code.KEY_UNSUPPORTED, f"kid {facts.kid.hex()}")
        if facts.country is None:
            raise KeysError(Code.CERTIFICATE_PROFILE, f"kid {facts.kid.hex()}: the subject names no country")
        return cls(
            der=facts.der,
            kid=facts.kid,
            algorithm=algorithm,
            country=facts.country,
            not_before=facts.not_before,
            not_after=facts.not_after,
            key_use_ends=facts.key_use_ends,
            public_key=public_key,
        )

    def require_use(self, issued_at: datetime, expires_at: datetime) -> None:
        """Refuse to sign a document of this life (shell model, HCERT section 5.1).

        Raises KeysError: KEY_NOT_YET_VALID, KEY_USE_ENDED or DOCUMENT_OUTLIVES_KEY.
        """
        name = f"kid {self.kid.hex()}"
        if issued_at < self.not_before:
            raise KeysError(Code.KEY_NOT_YET_VALID, f"{name}, valid from {self.not_before.isoformat()}")
        if issued_at > self.key_use_ends:
            raise KeysError(Code.KEY_USE_ENDED, f"{name}, use ended {self.key_use_ends.isoformat()}")
        if expires_at > self.not_after:
            raise KeysError(Code.DOCUMENT_OUTLIVES_KEY, f"{name}, notAfter {self.not_after.isoformat()}")


class Signer(Protocol):
    """Whatever holds one private key."""

    def certificate(self) -> DocumentSigner:
        """The public half."""
        ...

    def sign(self, digest: bytes) -> bytes:
        """The raw signature over a SHA-256 digest (32 bytes): r||s of 64 bytes for ES256, PSS (salt 32) for PS256.

        Raises KeysError: DIGEST_LENGTH, SIGNATURE_WRONG, and for hardware HSM_*.
        """
        ...
