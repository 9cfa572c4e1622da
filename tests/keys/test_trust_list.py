"""The signed trust list: what it finds, and every way in which a false one is refused."""

import base64
import json
from dataclasses import replace
from datetime import timedelta
from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from keys.errors import Code, KeysError
from keys.key_id import key_id
from keys.trust_list import TEST, Publication, TrustedKey, TrustList
from keys.trust_list_publish import Entry, publish
from specs.cose import Algorithm
from tests.pki import DAY, NOW, make_pki


def b64url(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def parts(signed: bytes) -> tuple[dict, dict, dict]:
    envelope = json.loads(signed)
    return envelope, *(json.loads(base64.urlsafe_b64decode(envelope[n] + "==")) for n in ("protected", "payload"))


def signed_again(payload: object, *, header: object = None, signer=None) -> bytes:
    """A list with a right signature of the anchor over whatever payload."""
    signer = signer or make_pki().anchor.signer
    kid = base64.b64encode(signer.certificate().kid).decode()
    protected = b64url(json.dumps(header or {"alg": "ES256", "kid": kid, "typ": "hcvx-trust-list"}).encode())
    body = b64url(payload if isinstance(payload, bytes) else json.dumps(payload).encode())
    signature = b64url(signer.sign(sha256(f"{protected}.{body}".encode()).digest()))
    return json.dumps({"protected": protected, "payload": body, "signature": signature}).encode()


def refusal(data: bytes, anchor: bytes | None = None) -> Code:
    with pytest.raises(KeysError) as error:
        TrustList.read(data, anchor or make_pki().anchor.certificate)
    return error.value.code


def test_a_published_list_is_found_by_kid_and_country() -> None:
    pki = make_pki()
    trusted = pki.trust_list()
    (key,) = trusted.find(key_id(pki.dsc.certificate), "VN")
    assert key == TrustedKey.of_certificate(pki.dsc.certificate, "VN")
    assert (key.algorithm, key.key_usage) == (Algorithm.ES256, frozenset("v"))
    (rsa,) = trusted.find(key_id(pki.dsc_rsa.certificate), "VN")
    assert rsa.algorithm is Algorithm.PS256
    assert trusted.publication == Publication("production", 1, NOW, NOW + 30 * DAY)


def test_a_key_never_vouches_for_another_country() -> None:
    pki = make_pki()
    assert pki.trust_list().find(key_id(pki.dsc.certificate), "FR") == ()


def test_without_a_country_every_key_of_that_id_is_given() -> None:
    pki = make_pki()
    assert len(pki.trust_list().find(key_id(pki.dsc.certificate), None)) == 1


def test_colliding_key_ids_give_all_candidates_of_the_country_and_no_others() -> None:
    one, two = (TrustedKey.of_certificate(make_pki(c).dsc.certificate, c) for c in ("VN", "FR"))
    two, three = replace(two, kid=one.kid), replace(one, not_after=one.not_after + DAY)
    trusted = TrustList([one, two, three])
    assert trusted.find(one.kid, "VN") == (one, three)
    assert trusted.find(one.kid, "FR") == (two,)
    assert trusted.find(one.kid, None) == (one, two, three)
    assert trusted.find(one.kid, "DE") == ()


def test_certificates_trusted_as_they_are_speak_for_any_country_and_never_expire() -> None:
    der = make_pki().dsc.certificate
    trusted = TrustList.of_certificates([der])
    assert trusted.find(key_id(der), "XX") == trusted.find(key_id(der), None) == trusted.keys
    trusted.require_current(NOW + 9999 * DAY)
    assert TrustList.of_certificates([]).find(key_id(der), None) == ()


def test_certificates_trusted_as_they_are_beside_published_ones() -> None:
    published = TrustedKey.of_certificate(make_pki().dsc.certificate, "VN")
    anywhere = replace(published, country=None)
    trusted = TrustList([published, anywhere])
    assert trusted.find(published.kid, "VN") == (published, anywhere)
    assert trusted.find(published.kid, "FR") == (anywhere,)


def test_list_is_current_from_issue_until_just_before_expiry() -> None:
    trusted = make_pki().trust_list()
    trusted.require_current(NOW)
    trusted.require_current(NOW + 30 * DAY - timedelta(seconds=1))
    with pytest.raises(KeysError, match="TRUST_LIST_EXPIRED"):
        trusted.require_current(NOW + 30 * DAY)
    with pytest.raises(KeysError, match="TRUST_LIST_NOT_YET_VALID"):
        trusted.require_current(NOW - timedelta(seconds=1))


def test_attack_old_list_after_a_newer_one() -> None:
    trusted = make_pki().trust_list()
    trusted.require_not_older(1)
    with pytest.raises(KeysError, match="TRUST_LIST_ROLLBACK"):
        trusted.require_not_older(2)


def test_attack_list_signed_by_another_anchor() -> None:
    assert refusal(make_pki("FR").signed_list()) is Code.TRUST_LIST_SIGNATURE


def test_attack_own_key_under_the_anchors_kid() -> None:
    pki = make_pki()
    _, header, payload = parts(pki.signed_list())
    forged = signed_again(payload, header=header, signer=pki.dsc.signer)
    assert refusal(forged) is Code.TRUST_LIST_SIGNATURE


def test_attack_document_signer_as_anchor_of_its_own_list() -> None:
    pki = make_pki()
    _, _, payload = parts(pki.signed_list())
    assert refusal(signed_again(payload, signer=pki.dsc.signer)) is Code.TRUST_LIST_SIGNATURE


def test_attack_entry_added_after_signing() -> None:
    envelope, _, payload = parts(make_pki().signed_list())
    payload["keys"] += [{**payload["keys"][0], "country": "FR"}]
    envelope["payload"] = b64url(json.dumps(payload).encode())
    assert refusal(json.dumps(envelope).encode()) is Code.TRUST_LIST_SIGNATURE


def test_attack_signature_of_the_anchor_over_something_else_is_no_list() -> None:
    _, header, payload = parts(make_pki().signed_list())
    assert refusal(signed_again(payload, header={**header, "typ": "inventory"})) is Code.TRUST_LIST_SIGNATURE


@pytest.mark.parametrize("algorithm", ["none", "HS256", "ES384", "RS256", None])
def test_attack_another_algorithm_in_the_header(algorithm: str | None) -> None:
    _, header, payload = parts(make_pki().signed_list())
    assert refusal(signed_again(payload, header={**header, "alg": algorithm})) is Code.TRUST_LIST_SIGNATURE


def test_attack_null_signature() -> None:
    envelope, _, _ = parts(make_pki().signed_list())
    for zeros in (bytes(64), bytes(0), bytes(63), bytes(72)):
        envelope["signature"] = b64url(zeros)
        assert refusal(json.dumps(envelope).encode()) is Code.TRUST_LIST_SIGNATURE


def test_attack_test_list_for_a_production_device() -> None:
    test = make_pki(test=True)
    assert test.trust_list().publication.environment == TEST
    production_payload = {**parts(test.signed_list())[2], "environment": "production"}
    assert refusal(signed_again(production_payload, signer=test.anchor.signer), test.anchor.certificate) is (
        Code.TRUST_LIST_ENVIRONMENT
    )


def test_attack_test_key_smuggled_into_the_production_list() -> None:
    entry = Entry(make_pki(test=True).dsc.certificate, "VN")
    with pytest.raises(KeysError, match="TRUST_LIST_ENVIRONMENT"):
        publish([entry], Publication("production", 1, NOW, NOW + DAY), make_pki().anchor.signer)


@pytest.mark.parametrize(
    ("why", "change"),
    [
        ("another version", {"version": 2}),
        ("no sequence", {"sequence": None}),
        ("sequence zero", {"sequence": 0}),
        ("a boolean is no sequence", {"sequence": True}),
        ("expires before it is issued", {"expires": "2020-01-01T00:00:00+00:00"}),
        ("local time", {"issued": "2026-03-01T08:00:00"}),
        ("time as a number", {"issued": 1}),
        ("keys as a number", {"keys": 5}),
        ("a key as text", {"keys": ["x"]}),
        ("a key without certificate", {"keys": [{"kid": "AAAAAAAAAAA=", "country": "VN", "x5c": []}]}),
        ("garbage for a certificate", {"keys": [{"kid": "AAAAAAAAAAA=", "country": "VN", "x5c": ["!!"]}]}),
    ],
)
def test_signed_but_malformed_payload(why: str, change: dict) -> None:
    _, _, payload = parts(make_pki().signed_list())
    assert refusal(signed_again({**payload, **change})) is Code.TRUST_LIST_FORMAT, why


@pytest.mark.parametrize("change", [{"kid": "AAAAAAAAAAA="}, {"country": "VNM"}, {"country": "vn"}, {"country": None}])
def test_signed_but_malformed_entry(change: dict) -> None:
    _, _, payload = parts(make_pki().signed_list())
    payload["keys"][0] |= change
    assert refusal(signed_again(payload)) is Code.TRUST_LIST_FORMAT


def test_attack_member_twice() -> None:
    assert refusal(signed_again(b'{"version":1,"version":1}')) is Code.TRUST_LIST_FORMAT


def test_attack_deeply_nested_json() -> None:
    assert refusal(b"[" * 100_000) is Code.TRUST_LIST_FORMAT
    assert refusal(signed_again(b'{"a":' * 100_000)) is Code.TRUST_LIST_FORMAT


def test_publishing_refuses_after_the_anchors_use_has_ended() -> None:
    late = Publication("production", 2, NOW + 400 * DAY, NOW + 430 * DAY)
    with pytest.raises(KeysError, match="KEY_USE_ENDED"):
        make_pki().signed_list(late)


def test_a_list_dated_outside_the_anchors_use_is_not_believed() -> None:
    _, _, payload = parts(make_pki().signed_list())
    late = {"issued": (NOW + 400 * DAY).isoformat(), "expires": (NOW + 430 * DAY).isoformat()}
    assert refusal(signed_again({**payload, **late})) is Code.TRUST_LIST_SIGNATURE


def test_same_input_gives_same_bytes() -> None:
    assert make_pki().signed_list() == make_pki().signed_list()


@given(st.binary(max_size=300))
def test_any_bytes_give_one_declared_error(data: bytes) -> None:
    with pytest.raises(KeysError):
        TrustList.read(data, make_pki().anchor.certificate)
    with pytest.raises(KeysError):
        TrustList.of_certificates([data])


@given(st.data())
def test_every_byte_of_a_list_is_covered_by_the_signature(data: st.DataObject) -> None:
    signed = bytearray(make_pki().signed_list())
    envelope = json.loads(signed)
    name = data.draw(st.sampled_from(sorted(envelope)))
    start = signed.index(envelope[name].encode())
    position = start + data.draw(st.integers(0, len(envelope[name]) - 2))  # the last character carries unused bits
    signed[position] ^= data.draw(st.sampled_from([1, 2, 4, 8, 16]))
    with pytest.raises(KeysError):
        TrustList.read(bytes(signed), make_pki().anchor.certificate)
