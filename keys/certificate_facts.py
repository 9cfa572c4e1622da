"""What a certificate says, read leniently: foreign certificates are not strict DER everywhere.

One reader for every certificate, ours and others': asn1crypto for the frame, cryptography for the public key
alone. `cryptography.x509` refuses all extensions of a certificate when one of them is not strict DER, which real
document signers contain.
"""

from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from typing import Final

from asn1crypto import pem, x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.types import PublicKeyTypes
from cryptography.hazmat.primitives.serialization import load_der_public_key

from keys.eku import allowed_kinds
from keys.errors import Code, KeysError
from keys.key_id import key_id

MAX_CERTIFICATE: Final = 16 * 1024  # bytes; the largest of the world's list has under 3 KiB
MAX_PEM: Final = 2 * MAX_CERTIFICATE  # bytes; base64 and its line ends take 1.36 for one
BASIC_CONSTRAINTS: Final = "2.5.29.19"
PRIVATE_KEY_USAGE_PERIOD: Final = "2.5.29.16"
TEST_MARK: Final = "TEST, not for production"  # the subject's OU in every certificate of a test ceremony


@dataclass(frozen=True, slots=True)
class CertificateFacts:
    """One certificate as found. `country` is the subject's C; `kinds` as in `keys.eku`; times are aware (UTC).

    `is_authority` tells that it may sign certificates, `signature_hash` the hash under its own signature ("sha256").
    `key_use_ends` is the end of the private key usage period (RFC 3280, section 4.2.1.4), or not_after without one.
    """

    der: bytes = field(repr=False)
    kid: bytes
    public_key: PublicKeyTypes = field(repr=False)
    country: str | None
    not_before: datetime
    not_after: datetime
    key_use_ends: datetime
    kinds: frozenset[str] | None
    subject: str
    is_authority: bool
    signature_hash: str
    is_test: bool


def der_of(data: bytes) -> bytes:
    """The DER of exactly one certificate given as PEM or DER; raises KeysError, unread if it is too long."""
    if len(data) > MAX_PEM:
        raise KeysError(Code.CERTIFICATE_UNREADABLE, f"{len(data)} bytes, at most {MAX_PEM}")
    if not data.lstrip().startswith(b"-----BEGIN"):
        return data
    if data.count(b"-----BEGIN") != 1:
        raise KeysError(Code.CERTIFICATE_UNREADABLE, "more than one PEM block")
    try:
        kind, _, der = pem.unarmor(data)
    except ValueError as error:
        raise KeysError(Code.CERTIFICATE_UNREADABLE, "broken PEM") from error
    if kind != "CERTIFICATE":
        raise KeysError(Code.CERTIFICATE_UNREADABLE, "the PEM block is no certificate")
    return bytes(der)


def pem_of(der: bytes) -> bytes:
    """A certificate as PEM."""
    return bytes(pem.armor("CERTIFICATE", der))


def read_certificate(data: bytes) -> CertificateFacts:
    """Read one certificate, PEM or DER; raises KeysError(CERTIFICATE_UNREADABLE) and nothing else."""
    der = der_of(data)
    if len(der) > MAX_CERTIFICATE:
        raise KeysError(Code.CERTIFICATE_UNREADABLE, f"{len(der)} bytes, at most {MAX_CERTIFICATE}")
    return _facts(der)


@lru_cache(maxsize=1024)  # a stream of certificates names the same few signers again and again; 16 MB at the worst
def _facts(der: bytes) -> CertificateFacts:
    try:
        certificate = x509.Certificate.load(der, strict=True)
        body = certificate["tbs_certificate"]
        public_key = load_der_public_key(body["subject_public_key_info"].dump())
        subject = body["subject"]
        names = {name["type"].dotted: str(name["value"].native) for rdn in subject.chosen for name in rdn}
        not_after = body["validity"]["not_after"].native
        return CertificateFacts(
            der=der,
            kid=key_id(der),
            public_key=public_key,
            country=names.get("2.5.4.6"),
            not_before=body["validity"]["not_before"].native,
            not_after=not_after,
            key_use_ends=_key_use_ends(body) or not_after,
            kinds=allowed_kinds(certificate),
            subject=str(subject.human_friendly),
            is_authority=_is_authority(body),
            signature_hash=certificate["signature_algorithm"].hash_algo,
            is_test=names.get("2.5.4.11") == TEST_MARK,
        )
    except (ValueError, TypeError, KeyError, OverflowError, RecursionError, UnsupportedAlgorithm) as error:
        # the whole set of what the two parsers are known to raise on hostile bytes
        raise KeysError(Code.CERTIFICATE_UNREADABLE, f"{len(der)} bytes") from error


def _is_authority(body: x509.TbsCertificate) -> bool:
    for extension in body["extensions"]:
        if extension["extn_id"].dotted == BASIC_CONSTRAINTS:
            return bool(extension["extn_value"].parsed["ca"].native)
    return False


def _key_use_ends(body: x509.TbsCertificate) -> datetime | None:
    for extension in body["extensions"]:
        if extension["extn_id"].dotted == PRIVATE_KEY_USAGE_PERIOD:
            end = extension["extn_value"].parsed["not_after"].native
            return end if isinstance(end, datetime) else None
    return None
