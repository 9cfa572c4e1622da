"""Our certificates against the profile of HCERT, and certificates that must not come into being."""

from dataclasses import replace
from datetime import timedelta

import pytest
from asn1crypto import core
from asn1crypto import x509 as asn1_x509
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID
from hypothesis import given
from hypothesis import strategies as st

from keys.certificate_facts import MAX_CERTIFICATE, MAX_PEM, der_of, pem_of, read_certificate
from keys.certificates import Role, facility_of, issue, require_issued_by, self_sign
from keys.errors import Code, KeysError
from keys.file_signer import raw_signing
from keys.key_id import key_id
from keys.new_key import new_key
from keys.signer import DocumentSigner
from specs.cose import Algorithm
from tests.pki import DAY, NOW, make_pki, profile

ROLES = ["csca", "dsc", "dsc_rsa", "facility_authority", "head", "anchor"]


def loaded(name: str) -> x509.Certificate:
    return x509.load_der_x509_certificate(getattr(make_pki(), name).certificate)


def extension(certificate: x509.Certificate, kind: type):
    return certificate.extensions.get_extension_for_class(kind).value


def code_of(call, *arguments) -> Code:
    with pytest.raises(KeysError) as error:
        call(*arguments)
    return error.value.code


@pytest.mark.parametrize("name", ROLES)
def test_key_usage_and_basic_constraints(name: str) -> None:
    certificate = loaded(name)
    authority = name in ("csca", "facility_authority")
    usage = certificate.extensions.get_extension_for_class(x509.KeyUsage)
    basic = certificate.extensions.get_extension_for_class(x509.BasicConstraints)
    assert usage.critical
    assert basic.critical
    assert (usage.value.key_cert_sign, usage.value.crl_sign) == (authority, authority)
    assert usage.value.digital_signature is not authority
    assert (basic.value.ca, basic.value.path_length) == (authority, 0 if authority else None)


@pytest.mark.parametrize(
    ("child", "parent"),
    [("csca", "csca"), ("dsc", "csca"), ("dsc_rsa", "csca"), ("head", "facility_authority"), ("anchor", "anchor")],
)
def test_authority_key_id_is_the_subject_key_id_of_the_issuer(child: str, parent: str) -> None:
    authority_id = extension(loaded(child), x509.AuthorityKeyIdentifier).key_identifier
    assert authority_id == extension(loaded(parent), x509.SubjectKeyIdentifier).digest
    loaded(child).verify_directly_issued_by(loaded(parent))
    if child != "anchor":
        require_issued_by(getattr(make_pki(), child).certificate, getattr(make_pki(), parent).certificate)


def test_subject_names_the_country() -> None:
    for name in ROLES:
        assert loaded(name).subject.get_attributes_for_oid(NameOID.COUNTRY_NAME)[0].value == "VN"


def test_document_signer_carries_the_vaccination_oid_of_the_specification_arc_alone() -> None:
    usage = loaded("dsc").extensions.get_extension_for_class(x509.ExtendedKeyUsage)
    assert not usage.critical
    assert [oid.dotted_string for oid in usage.value] == ["1.3.6.1.4.1.1847.2021.1.2"]


def test_private_key_usage_period_is_apart_from_the_certificates_validity() -> None:
    period = extension(loaded("dsc"), x509.PrivateKeyUsagePeriod)
    facts = read_certificate(make_pki().dsc.certificate)
    assert period.not_after is not None
    assert facts.key_use_ends == period.not_after.replace(tzinfo=NOW.tzinfo) == NOW + 170 * DAY
    assert (facts.not_before, facts.not_after) == (NOW - 10 * DAY, NOW + 720 * DAY)


def test_head_certificate_names_its_facility() -> None:
    assert facility_of(make_pki().head.certificate) == "79001"
    assert code_of(facility_of, make_pki().dsc.certificate) is Code.CERTIFICATE_PROFILE


def test_a_test_certificate_says_so() -> None:
    assert read_certificate(make_pki(test=True).dsc.certificate).is_test
    assert not read_certificate(make_pki().dsc.certificate).is_test


def test_kid_is_the_start_of_the_hash_and_pem_is_the_same_certificate() -> None:
    der = make_pki().dsc.certificate
    facts = read_certificate(pem_of(der))
    assert facts.der == der
    assert facts.kid == key_id(der)
    assert len(facts.kid) == 8


def test_attack_facility_head_passed_off_as_document_signer() -> None:
    pki = make_pki()
    assert code_of(require_issued_by, pki.head.certificate, pki.csca.certificate) is Code.CERTIFICATE_CHAIN


def test_attack_document_signer_issues_a_document_signer() -> None:
    """A stolen DSC key must not be able to make more of its kind."""
    pki = make_pki()
    key = new_key(Algorithm.ES256)
    what = profile(Role.DOCUMENT_SIGNER, key, "forged", days=100, use_days=50)
    forged = issue(what, pki.dsc.issuer)
    assert code_of(require_issued_by, forged, pki.dsc.certificate) is Code.CERTIFICATE_CHAIN


def test_attack_same_name_other_key() -> None:
    pki, twin = make_pki(), new_key(Algorithm.ES256)
    fake = self_sign(profile(Role.CSCA, twin, "CSCA 1", days=1461, use_days=365), raw_signing(twin))
    assert code_of(require_issued_by, pki.dsc.certificate, fake) is Code.CERTIFICATE_CHAIN


@pytest.mark.parametrize(
    ("why", "days", "use_days", "change"),
    [
        ("the use of the key must end before the certificate does", 180, 180, {}),
        ("the use of the key ends after the certificate", 180, 181, {}),
        ("no use at all", 180, 0, {}),
        ("outlives its authority", 1500, 180, {}),
        ("begins before its authority", 700, 180, {"not_before": NOW - 11 * DAY}),
        ("an authority below an authority", 700, 180, {"role": Role.CSCA}),
        ("an anchor is nobody's child", 700, 180, {"role": Role.ANCHOR}),
    ],
)
def test_certificate_that_must_not_come_into_being(why: str, days: int, use_days: int, change: dict) -> None:
    what = profile(Role.DOCUMENT_SIGNER, new_key(Algorithm.ES256), "x", days=days, use_days=use_days)
    assert code_of(issue, replace(what, **change), make_pki().csca.issuer) is Code.CERTIFICATE_PROFILE, why


def test_attack_test_signer_under_the_production_authority_or_for_another_country() -> None:
    key = new_key(Algorithm.ES256)
    for change in ({"test": True}, {"country": "FR"}):
        what = profile(Role.DOCUMENT_SIGNER, key, "x", days=700, use_days=180, **change)
        assert code_of(issue, what, make_pki().csca.issuer) is Code.CERTIFICATE_PROFILE


def test_authority_whose_key_use_has_ended_issues_nothing_more() -> None:
    what = profile(Role.DOCUMENT_SIGNER, new_key(Algorithm.ES256), "late", days=700, use_days=180)
    late = replace(what, not_before=NOW + 400 * DAY, key_use_ends=NOW + 500 * DAY, not_after=NOW + 1000 * DAY)
    assert code_of(issue, late, make_pki().csca.issuer) is Code.KEY_USE_ENDED


def test_document_signer_on_another_curve_is_refused() -> None:
    key = ec.generate_private_key(ec.SECP384R1())
    what = profile(Role.DOCUMENT_SIGNER, key, "p384", days=700, use_days=180)
    assert code_of(issue, what, make_pki().csca.issuer) is Code.KEY_UNSUPPORTED


def test_wrong_signature_of_an_authority_never_becomes_a_certificate() -> None:
    pki = make_pki()
    liar = replace(pki.csca.issuer, sign=raw_signing(make_pki("FR").csca.key))
    what = profile(Role.DOCUMENT_SIGNER, new_key(Algorithm.ES256), "x", days=700, use_days=180)
    assert code_of(issue, what, liar) is Code.SIGNATURE_WRONG


def test_document_must_fit_into_the_life_of_its_signer() -> None:
    public = make_pki().dsc.signer.certificate()
    year = timedelta(days=365)
    public.require_use(NOW, NOW + year)
    public.require_use(NOW + 170 * DAY, public.not_after)
    assert code_of(public.require_use, NOW - 11 * DAY, NOW) is Code.KEY_NOT_YET_VALID
    assert code_of(public.require_use, NOW + 171 * DAY, NOW + 200 * DAY) is Code.KEY_USE_ENDED
    assert code_of(public.require_use, NOW, public.not_after + timedelta(seconds=1)) is Code.DOCUMENT_OUTLIVES_KEY


def self_signed(key: ec.EllipticCurvePrivateKey) -> bytes:
    """A certificate without any name."""
    nobody, valid = x509.Name([]), (NOW.replace(tzinfo=None), (NOW + DAY).replace(tzinfo=None))
    builder = x509.CertificateBuilder(nobody, nobody, key.public_key(), 1, *valid)
    return builder.sign(key, SHA256()).public_bytes(Encoding.DER)


def test_signer_without_country_or_on_another_curve() -> None:
    p384, p256 = (self_signed(ec.generate_private_key(curve)) for curve in (ec.SECP384R1(), ec.SECP256R1()))
    assert code_of(DocumentSigner.of_certificate, p384) is Code.KEY_UNSUPPORTED
    assert code_of(DocumentSigner.of_certificate, p256) is Code.CERTIFICATE_PROFILE


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"-----BEGIN CERTIFICATE-----\n",
        b"-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n",
        b"-----BEGIN PUBLIC KEY-----\nMIIB\n-----END PUBLIC KEY-----\n",
        pem_of(make_pki().dsc.certificate) * 2,
        make_pki().dsc.certificate + b"\0",
        make_pki().dsc.certificate[:-1],
        bytes(20_000),
    ],
)
def test_unreadable_certificate(data: bytes) -> None:
    assert code_of(read_certificate, data) is Code.CERTIFICATE_UNREADABLE


@given(st.integers(0, 5000), st.integers(0, 255))
def test_a_damaged_certificate_reads_or_gives_the_one_declared_error(position: int, value: int) -> None:
    damaged = bytearray(make_pki().dsc.certificate)
    damaged[position % len(damaged)] = value
    try:
        assert read_certificate(bytes(damaged)).der == bytes(damaged)
    except KeysError as error:
        assert error.code is Code.CERTIFICATE_UNREADABLE


def with_extension(oid: str, value: bytes) -> bytes:
    """A document signer whose extension `oid` has these bytes for its value, however ill-formed."""
    certificate = asn1_x509.Certificate.load(make_pki().dsc.certificate)
    kept = [e for e in certificate["tbs_certificate"]["extensions"] if e["extn_id"].dotted != oid]
    added = {"extn_id": oid, "critical": False, "extn_value": core.ParsableOctetString(value)}
    changed = asn1_x509.Extensions([*kept, asn1_x509.Extension(added)])
    body = certificate["tbs_certificate"].copy()
    body["extensions"] = changed
    copy = asn1_x509.Certificate(
        {
            "tbs_certificate": body,
            "signature_algorithm": certificate["signature_algorithm"],
            "signature_value": certificate["signature_value"].native,
        }
    )
    return copy.dump()


EKU, BASIC = "2.5.29.37", "2.5.29.19"
VACCINATION_OID = asn1_x509.ExtKeyUsageSyntax(["1.3.6.1.4.1.1847.2021.1.2"]).dump()


@pytest.mark.parametrize(
    ("why", "oids", "kinds"),
    [
        ("one kind", ["1.3.6.1.4.1.1847.2021.1.1"], {"t"}),
        ("the stray arc counts the same", ["1.3.6.1.4.1.0.1847.2021.1.3"], {"r"}),
        ("both arcs together", ["1.3.6.1.4.1.0.1847.2021.1.3", "1.3.6.1.4.1.1847.2021.1.2"], {"r", "v"}),
        ("unrelated beside one of ours", ["1.3.6.1.5.5.7.3.2", "1.3.6.1.4.1.1847.2021.1.2"], {"v"}),
        ("unrelated alone: every kind", ["1.3.6.1.5.5.7.3.2", "2.23.136.1.1.14.2"], None),
        ("a neighbour of the arc is not ours", ["1.3.6.1.4.1.1847.2021.1.4", "1.3.6.1.4.1.1847.2021.1.2.1"], None),
        ("empty: every kind", [], None),
    ],
)
def test_extended_key_usage(why: str, oids: list[str], kinds: set[str] | None) -> None:
    data = with_extension(EKU, asn1_x509.ExtKeyUsageSyntax(oids).dump())
    assert read_certificate(data).kinds == (None if kinds is None else frozenset(kinds)), why


def test_key_usage_is_read_although_another_extension_does_not_parse() -> None:
    data = with_extension(BASIC, bytes.fromhex("3003010100"))  # cA FALSE spelt out: not DER, and real
    with pytest.raises(ValueError):
        x509.load_der_x509_certificate(data).extensions  # noqa: B018  # why this reader exists
    assert read_certificate(data).kinds == {"v"}


def test_attack_unreadable_key_usage_is_never_taken_for_no_limit() -> None:
    overlong = VACCINATION_OID[:3] + b"\x7f" + VACCINATION_OID[4:]  # an OID longer than its extension
    assert read_certificate(make_pki().dsc.certificate.replace(VACCINATION_OID, overlong)).kinds == frozenset()


def test_attack_pem_of_megabytes_of_blanks_is_neither_decoded_nor_kept() -> None:
    der = make_pki().dsc.certificate
    pem = pem_of(der)
    assert read_certificate(pem).der == read_certificate(der).der == der
    begin, rest = pem.split(b"\n", 1)
    for blown_up in (begin + b"\n" + b" " * MAX_PEM + rest, b"\n" * MAX_PEM + pem, pem + b" " * MAX_PEM):
        assert code_of(read_certificate, blown_up) is Code.CERTIFICATE_UNREADABLE
        assert code_of(der_of, blown_up) is Code.CERTIFICATE_UNREADABLE
    largest = bytes(MAX_CERTIFICATE)
    assert der_of(pem_of(largest)) == largest
