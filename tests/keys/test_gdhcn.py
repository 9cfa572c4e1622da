"""Other countries' signers: the real WHO list, and lists with one lie each."""

import base64
import json
from collections import Counter
from hashlib import sha256
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256, SHA384, HashAlgorithm
from cryptography.hazmat.primitives.serialization import Encoding
from hypothesis import given
from hypothesis import strategies as st

from keys.certificate_facts import pem_of, read_certificate
from keys.countries import ALPHA_2
from keys.errors import Code, KeysError
from keys.file_signer import PrivateKey
from keys.gdhcn import Imported, Refused, Why, import_certificate, import_did_document
from keys.key_id import key_id
from keys.trust_list import Publication, TrustList
from keys.trust_list_publish import publish
from tests.pki import DAY, NOW, make_pki

DSC, SCA = "DSC", "CSCA"


def kid_of(der: bytes) -> str:
    return base64.b64encode(key_id(der)).decode()


def entry(der: bytes, usage: str = DSC, participant: str = "FRA", **change: object) -> dict:
    kid = kid_of(der)
    path = f"did:web:example.org:v2:trustlist:DCC:{participant}:{usage.removeprefix('C')}"
    return {
        "id": f"{path}#{kid}",
        "type": "JsonWebKey2020",
        "domain": {"code": "#DCC"},
        "participant": {"code": f"#{participant}"},
        "keyusage": {"code": f"#{usage}"},
        "publicKeyJwk": {"kty": "EC", "kid": kid, "x5c": [base64.b64encode(der).decode()]},
        **change,
    }


def read(*methods: object, **options: object) -> Imported:
    return import_did_document(json.dumps({"verificationMethod": list(methods)}).encode(), **options)


def only(imported: Imported) -> Why:
    (refused,) = imported.refused
    assert imported.accepted == ()
    return refused.why


def der(name: str, country: str = "FR") -> bytes:
    return getattr(make_pki(country), name).certificate


def certificate(key: ec.EllipticCurvePrivateKey, by: PrivateKey, algorithm: HashAlgorithm) -> bytes:
    """A signer's certificate issued in the name of the French authority, by whatever key and hash."""
    authority = x509.load_der_x509_certificate(der("csca"))
    builder = x509.CertificateBuilder(
        authority.subject,
        authority.subject,
        key.public_key(),
        7,
        NOW.replace(tzinfo=None),
        (NOW + DAY).replace(tzinfo=None),
    )
    return builder.sign(by, algorithm).public_bytes(Encoding.DER)


@pytest.fixture(scope="module")
def world(vectors: Path) -> Imported:
    return import_did_document((vectors / "who-gdhcn" / "did.json").read_bytes())


def test_who_list_every_key_id_is_that_of_its_certificate(world: Imported) -> None:
    assert (world.entries, world.kids_right) == (501, 501)


def test_who_list_433_of_438_signers_chain_and_the_others_are_reported(world: Imported) -> None:
    assert (world.signers, world.chained) == (438, 433)
    refused = Counter((refused.participant, refused.why) for refused in world.refused)
    assert refused == {
        ("IRL", Why.WEAK_SIGNATURE): 4,
        ("TUR", Why.WEAK_SIGNATURE): 1,
        ("XXH", Why.NO_COUNTRY): 5,
        ("IOM", Why.NO_COUNTRY): 1,
    }


def test_who_list_speaks_for_31_countries_and_never_for_vietnam(world: Imported) -> None:
    countries = Counter(entry.country for entry in world.accepted)
    assert (countries["FR"], countries["NL"], countries["ES"]) == (113, 75, 50)
    assert len(countries) == 31
    assert countries["VN"] == 0
    assert all(read_certificate(entry.der).country == entry.country for entry in world.accepted)


def test_who_list_keeps_signers_whose_extensions_do_not_parse(world: Imported) -> None:
    unparsable = 0
    for accepted in world.accepted:
        try:
            x509.load_der_x509_certificate(accepted.der).extensions  # noqa: B018  # it is the parsing that fails
        except ValueError:
            unparsable += 1
    assert unparsable == 12


def test_who_list_participants_outside_iso_3166_are_let_in_by_name_only(vectors: Path) -> None:
    data = (vectors / "who-gdhcn" / "did.json").read_bytes()
    named = import_did_document(data, participants={"XXH": "XH"})
    assert len(named.accepted) == 432
    assert {entry.country for entry in named.accepted} >= {"XH"}


def test_who_list_becomes_a_signed_trust_list(world: Imported) -> None:
    anchor = make_pki().anchor
    signed = publish(world.accepted, Publication("production", 1, NOW, NOW + DAY), anchor.signer)
    trusted = TrustList.read(signed, anchor.certificate)
    assert len(trusted.keys) == 427
    usages = Counter("any" if key.key_usage is None else "limited" for key in trusted.keys)
    assert usages["any"] > 200


def test_signer_under_the_authority_of_its_own_country() -> None:
    imported = read(entry(der("csca"), SCA), entry(der("dsc")), entry(der("dsc_rsa")))
    assert [accepted.country for accepted in imported.accepted] == ["FR", "FR"]
    assert (imported.refused, imported.signers, imported.chained) == ((), 2, 2)


def test_attack_signer_of_one_country_under_the_authority_of_another() -> None:
    assert only(read(entry(der("csca", "VN"), SCA, "VNM"), entry(der("dsc", "VN"), DSC, "FRA"))) is Why.NO_AUTHORITY


def test_attack_foreign_authority_slipped_in_beside_the_signer_in_its_x5c() -> None:
    forged = entry(der("dsc", "VN"))
    forged["publicKeyJwk"]["x5c"].append(base64.b64encode(der("csca", "VN")).decode())
    assert only(read(entry(der("csca"), SCA), forged)) is Why.NO_AUTHORITY


def test_attack_authority_that_is_not_among_the_pinned() -> None:
    methods = (entry(der("csca"), SCA), entry(der("dsc")))
    assert len(read(*methods, pinned={sha256(der("csca")).digest()}).accepted) == 1
    assert only(read(*methods, pinned={sha256(der("csca", "VN")).digest()})) is Why.NO_AUTHORITY
    assert only(read(*methods, pinned=set())) is Why.NO_AUTHORITY


def test_attack_authority_listed_as_a_signer() -> None:
    assert only(read(entry(der("csca"), SCA), entry(der("csca")))) is Why.AUTHORITY_AS_SIGNER


def test_attack_key_id_of_another_certificate() -> None:
    forged = entry(der("dsc"))
    other = base64.b64encode(der("dsc_rsa")).decode()
    forged["publicKeyJwk"]["x5c"] = [other]
    assert only(read(entry(der("csca"), SCA), forged)) is Why.KID_MISMATCH


def test_attack_signature_by_a_namesake_of_the_authority() -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    assert only(read(entry(der("csca"), SCA), entry(certificate(key, key, SHA256())))) is Why.NO_AUTHORITY


def test_signer_on_another_curve() -> None:
    key = ec.generate_private_key(ec.SECP384R1())
    made = certificate(key, make_pki("FR").csca.key, SHA384())
    assert only(read(entry(der("csca"), SCA), entry(made))) is Why.KEY_UNSUPPORTED


def test_jwk_coordinates_are_never_used() -> None:
    """Most entries of the real list carry a zero byte too many in x and y."""
    wrong = entry(der("dsc"))
    wrong["publicKeyJwk"] |= {"x": "AAAA", "y": "AAAA", "crv": "UNKNOWN CURVE"}
    assert len(read(entry(der("csca"), SCA), wrong).accepted) == 1


def test_participant_without_a_country() -> None:
    methods = (entry(der("csca"), SCA, "XXZ"), entry(der("dsc"), DSC, "XXZ"))
    assert only(read(*methods)) is Why.NO_COUNTRY
    assert len(read(*methods, participants={"XXZ": "XZ"}).accepted) == 1


@pytest.mark.parametrize(
    "broken",
    [
        None,
        1,
        "entry",
        {},
        {"id": "x"},
        entry(der("dsc"), participant={"code": 5}),
        entry(der("dsc"), participant={"code": "#DEU"}),
        entry(der("dsc"), id=5),
        entry(der("dsc"), id="#"),
        entry(der("dsc"), publicKeyJwk={"kid": kid_of(der("dsc"))}),
        entry(der("dsc"), publicKeyJwk={"kid": kid_of(der("dsc")), "x5c": []}),
        entry(der("dsc"), publicKeyJwk={"kid": kid_of(der("dsc")), "x5c": ["%"]}),
        entry(der("dsc"), publicKeyJwk={"kid": "another", "x5c": []}),
    ],
)
def test_broken_entry_is_reported_and_does_not_stop_the_rest(broken: object) -> None:
    imported = read(entry(der("csca"), SCA), broken, entry(der("dsc")))
    assert len(imported.accepted) == 1
    assert [refused.why for refused in imported.refused] == [Why.ENTRY_BROKEN]


def test_unreadable_certificate_is_reported() -> None:
    assert only(read(entry(b"no certificate"))) is Why.CERTIFICATE_UNREADABLE
    assert only(read(entry(b"no certificate", SCA), entry(der("dsc")))) is Why.NO_AUTHORITY


def test_the_same_signer_twice_counts_once() -> None:
    assert len(read(entry(der("csca"), SCA), entry(der("dsc")), entry(der("dsc"))).accepted) == 1


def test_a_report_names_participant_and_kid() -> None:
    imported = read(entry(der("dsc")))
    assert imported.refused == (Refused("FRA", kid_of(der("dsc")), Why.NO_AUTHORITY),)


@given(st.one_of(st.binary(max_size=200), st.text(max_size=100).map(str.encode)))
def test_any_bytes_give_the_one_declared_error(data: bytes) -> None:
    with pytest.raises(KeysError) as error:
        import_did_document(data)
    assert error.value.code is Code.DID_FORMAT


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from([*entry(b"x"), "code"]), inner),
    max_leaves=10,
)


@given(st.lists(json_values, max_size=4))
def test_any_entries_are_reported_and_none_accepted(methods: list) -> None:
    imported = read(*methods)
    assert (imported.accepted, len(imported.refused)) == ((), len(methods))


@pytest.mark.parametrize("form", [bytes, pem_of])
def test_single_certificate_of_a_country(form: type) -> None:
    found = import_certificate(form(der("dsc")), form(der("csca")), "FR")
    assert (found.der, found.country) == (der("dsc"), "FR")


@pytest.mark.parametrize(
    ("why", "signer", "authority", "country", "code"),
    [
        ("another country's authority", der("dsc"), der("csca", "VN"), "VN", Code.CERTIFICATE_CHAIN),
        ("a country that is not the authority's", der("dsc"), der("csca"), "VN", Code.CERTIFICATE_PROFILE),
        ("no country code", der("dsc"), der("csca"), "France", Code.CERTIFICATE_PROFILE),
        ("an authority as signer", der("csca"), der("csca"), "FR", Code.CERTIFICATE_PROFILE),
        ("a signer as authority", der("dsc"), der("dsc_rsa"), "FR", Code.CERTIFICATE_CHAIN),
        ("a head under the wrong authority", der("head"), der("csca"), "FR", Code.CERTIFICATE_CHAIN),
        ("no certificate", b"x", der("csca"), "FR", Code.CERTIFICATE_UNREADABLE),
    ],
)
def test_single_certificate_that_is_refused(
    why: str, signer: bytes, authority: bytes, country: str, code: Code
) -> None:
    with pytest.raises(KeysError) as error:
        import_certificate(signer, authority, country)
    assert error.value.code is code, why


def test_alpha_2_of_every_country() -> None:
    assert len(ALPHA_2) == len(set(ALPHA_2.values())) == 249
    assert (ALPHA_2["VNM"], ALPHA_2["PRT"], ALPHA_2["SVN"], ALPHA_2["EST"]) == ("VN", "PT", "SI", "EE")


def test_altered_signature_is_no_chain() -> None:
    altered = bytearray(der("dsc"))
    altered[-1] ^= 1
    assert only(read(entry(der("csca"), SCA), entry(bytes(altered)))) is Why.NO_AUTHORITY
