"""Our own X.509 certificates: what each kind must look like, and how it is made (HCERT governance, "Trust list").

    CSCA                 self-signed, CA, pathLen 0      signs document signers, and nothing else
    document signer      issued by a CSCA                signs certificates of vaccination
    facility authority   self-signed, CA, pathLen 0      signs the keys of facility heads
    facility head        issued by a facility authority  signs attestations
    anchor               self-signed, no CA              signs trust lists

All authorities are on P-256. A certificate is first signed with a throw-away key and looked at, then with the real
one: a wrong certificate never exists under a right signature.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from hashlib import sha256

from asn1crypto import x509 as asn1_x509
from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, EllipticCurvePublicKey, generate_private_key
from cryptography.hazmat.primitives.asymmetric.types import CertificatePublicKeyTypes
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.x509.oid import NameOID

from keys.certificate_facts import TEST_MARK, read_certificate
from keys.eku import OIDS, SPECIFICATION_ARC
from keys.errors import Code, KeysError
from keys.raw_signature import algorithm_of, der_from_raw, verifies
from specs.cose import Algorithm

RawSign = Callable[[bytes], bytes]  # SHA-256 digest -> raw signature r||s


class Role(StrEnum):
    """What a key is for; one key has one role for ever."""

    CSCA = "csca"
    DOCUMENT_SIGNER = "document-signer"
    FACILITY_AUTHORITY = "facility-authority"
    FACILITY_HEAD = "facility-head"
    ANCHOR = "anchor"

    @property
    def is_authority(self) -> bool:
        """Whether certificates of this role sign other certificates."""
        return self in (Role.CSCA, Role.FACILITY_AUTHORITY)

    @property
    def issued_by(self) -> "Role":
        """The role of the issuer: itself for a self-signed certificate."""
        return {Role.DOCUMENT_SIGNER: Role.CSCA, Role.FACILITY_HEAD: Role.FACILITY_AUTHORITY}.get(self, self)


@dataclass(frozen=True, slots=True)
class Subject:
    """Who a certificate is for. `facility` is the facility's code in the certificate of its head."""

    country: str
    organisation: str
    common_name: str
    test: bool
    facility: str | None = None

    def name(self) -> x509.Name:
        """As an X.500 name; a test certificate says so in its OU."""
        parts = [
            x509.NameAttribute(NameOID.COUNTRY_NAME, self.country),
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, self.organisation),
        ]
        if self.facility is not None:
            parts.append(x509.NameAttribute(NameOID.ORGANIZATION_IDENTIFIER, self.facility))
        if self.test:
            parts.append(x509.NameAttribute(NameOID.ORGANIZATIONAL_UNIT_NAME, TEST_MARK))
        parts.append(x509.NameAttribute(NameOID.COMMON_NAME, self.common_name))
        return x509.Name(parts)


@dataclass(frozen=True, slots=True)
class Profile:
    """Everything a certificate says, before it is signed. `kinds` as in `keys.eku`, for document signers only."""

    role: Role
    subject: Subject
    public_key: CertificatePublicKeyTypes = field(repr=False)
    serial: int
    not_before: datetime
    not_after: datetime
    key_use_ends: datetime
    kinds: Sequence[str] = ()
    crl: str | None = None


@dataclass(frozen=True, slots=True)
class Issuer:
    """An authority at work: its certificate and its private half."""

    certificate: bytes = field(repr=False)
    sign: RawSign = field(repr=False)


def issue(profile: Profile, issuer: Issuer) -> bytes:
    """The certificate (DER) of a document signer or facility head. Raises KeysError (CERTIFICATE_PROFILE ...)."""
    authority = x509.load_der_x509_certificate(issuer.certificate)
    facts = read_certificate(issuer.certificate)
    if profile.role.is_authority or profile.role.issued_by is profile.role:
        raise KeysError(Code.CERTIFICATE_PROFILE, f"{profile.role} certificates are self-signed")
    if profile.not_before > facts.key_use_ends:
        raise KeysError(Code.KEY_USE_ENDED, f"authority {facts.kid.hex()}, {facts.key_use_ends.isoformat()}")
    if profile.not_before < facts.not_before or profile.not_after > facts.not_after:
        raise KeysError(Code.CERTIFICATE_PROFILE, "not within the validity of its authority")
    if profile.subject.country != facts.country or profile.subject.test != facts.is_test:
        raise KeysError(Code.CERTIFICATE_PROFILE, "country or environment differs from its authority's")
    key = authority.public_key()
    return _sign(profile, authority.subject, _public_p256(key), issuer.sign)


def self_sign(profile: Profile, sign: RawSign) -> bytes:
    """The certificate (DER) of an authority or an anchor. Raises KeysError(CERTIFICATE_PROFILE ...)."""
    if profile.role.issued_by is not profile.role:
        raise KeysError(
            Code.CERTIFICATE_PROFILE, f"a {profile.role} certificate is issued by a {profile.role.issued_by}"
        )
    return _sign(profile, profile.subject.name(), _public_p256(profile.public_key), sign)


def require_issued_by(certificate: bytes, authority: bytes) -> None:
    """Raises KeysError(CERTIFICATE_CHAIN) unless `authority` (DER, a CA on record) signed `certificate` (DER).

    Names, signature algorithm (SHA-2 only) and signature; not the times.
    """
    child = read_certificate(certificate)
    if not read_certificate(authority).is_authority:
        raise KeysError(Code.CERTIFICATE_CHAIN, f"kid {child.kid.hex()}: the issuer is no authority")
    try:
        issuer = x509.load_der_x509_certificate(authority)
        x509.load_der_x509_certificate(certificate).verify_directly_issued_by(issuer)
    except (ValueError, TypeError, InvalidSignature, UnsupportedAlgorithm) as error:
        raise KeysError(Code.CERTIFICATE_CHAIN, f"kid {child.kid.hex()}") from error


def facility_of(head: bytes) -> str:
    """The code of the facility that a head's certificate (DER) speaks for; raises KeysError(CERTIFICATE_PROFILE)."""
    found = x509.load_der_x509_certificate(head).subject.get_attributes_for_oid(NameOID.ORGANIZATION_IDENTIFIER)
    if len(found) != 1:
        raise KeysError(Code.CERTIFICATE_PROFILE, "the certificate names no facility")
    return str(found[0].value)


def _public_p256(key: object) -> EllipticCurvePublicKey:
    if not isinstance(key, EllipticCurvePublicKey) or algorithm_of(key) is not Algorithm.ES256:
        raise KeysError(Code.KEY_UNSUPPORTED, "authorities and anchors are on P-256")
    return key


def _sign(profile: Profile, issuer: x509.Name, issuer_key: EllipticCurvePublicKey, sign: RawSign) -> bytes:
    _require_times(profile)
    builder = _builder(profile, issuer, issuer_key)
    draft = builder.sign(generate_private_key(SECP256R1()), SHA256())  # the throw-away key of the module's docstring
    digest = sha256(draft.tbs_certificate_bytes).digest()
    raw = sign(digest)
    if not verifies(issuer_key, digest, raw):
        raise KeysError(Code.SIGNATURE_WRONG, "while signing a certificate")
    certificate = asn1_x509.Certificate(
        {
            "tbs_certificate": asn1_x509.TbsCertificate.load(draft.tbs_certificate_bytes),
            "signature_algorithm": {"algorithm": "sha256_ecdsa"},
            "signature_value": der_from_raw(raw),
        }
    )
    return bytes(certificate.dump())


def _require_times(profile: Profile) -> None:
    if not profile.not_before < profile.key_use_ends <= profile.not_after:
        raise KeysError(Code.CERTIFICATE_PROFILE, "the key's use must end within the certificate's validity")
    if profile.role is Role.DOCUMENT_SIGNER and profile.key_use_ends == profile.not_after:
        raise KeysError(Code.CERTIFICATE_PROFILE, "a document signer outlives what it signs: end its use earlier")
    if algorithm_of(profile.public_key) is None:
        raise KeysError(Code.KEY_UNSUPPORTED, profile.role)


def _builder(profile: Profile, issuer: x509.Name, issuer_key: EllipticCurvePublicKey) -> x509.CertificateBuilder:
    authority = profile.role.is_authority
    usage = x509.KeyUsage(
        digital_signature=not authority,
        key_cert_sign=authority,
        crl_sign=authority,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        encipher_only=False,
        decipher_only=False,
    )
    period = x509.PrivateKeyUsagePeriod(
        profile.not_before.replace(tzinfo=None), profile.key_use_ends.replace(tzinfo=None)
    )
    builder = (
        x509.CertificateBuilder()
        .subject_name(profile.subject.name())
        .issuer_name(issuer)
        .public_key(profile.public_key)
        .serial_number(profile.serial)
        .not_valid_before(profile.not_before)
        .not_valid_after(profile.not_after)
        .add_extension(x509.BasicConstraints(ca=authority, path_length=0 if authority else None), critical=True)
        .add_extension(usage, critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(profile.public_key), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer_key), critical=False)
        .add_extension(period, critical=False)
    )
    if profile.kinds:
        numbers = {kind: oid for oid, kind in OIDS.items() if oid.startswith(SPECIFICATION_ARC)}
        oids = [x509.ObjectIdentifier(numbers[kind]) for kind in profile.kinds]
        builder = builder.add_extension(x509.ExtendedKeyUsage(oids), critical=False)
    if profile.crl is not None:
        point = x509.DistributionPoint([x509.UniformResourceIdentifier(profile.crl)], None, None, None)
        builder = builder.add_extension(x509.CRLDistributionPoints([point]), critical=False)
    return builder
