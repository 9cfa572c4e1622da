"""The envelope: what it may look like, what it may not, and what goes under the signature."""

import cbor2
import pytest
from hypothesis import given
from hypothesis import strategies as st

from specs import cose
from specs.cose import Algorithm
from specs.errors import WireError
from specs.verdicts import Reason

KID = bytes(range(8))
PROTECTED = cose.protected_header(Algorithm.ES256, KID)
PAYLOAD, SIGNATURE = b"\xa0", bytes(64)
ENVELOPE = cose.encode_sign1(PROTECTED, PAYLOAD, SIGNATURE)
PARTS = [PROTECTED, {}, PAYLOAD, SIGNATURE]


def test_what_we_write_is_deterministic_cbor() -> None:
    assert cbor2.loads(PROTECTED) == {1: -7, 4: KID}
    assert cbor2.dumps(cbor2.CBORTag(18, PARTS), canonical=True) == ENVELOPE


def test_the_bytes_to_sign_are_those_of_rfc_9052() -> None:
    assert cose.to_be_signed(PROTECTED, PAYLOAD) == cbor2.dumps(["Signature1", PROTECTED, b"", PAYLOAD])


@pytest.mark.parametrize("tags", [(), (18,), (61, 18)], ids=["untagged", "18", "61(18)"])
def test_the_three_ways_of_tagging(tags: tuple[int, ...]) -> None:
    item: object = PARTS
    for tag in reversed(tags):
        item = cbor2.CBORTag(tag, item)
    assert cose.decode_sign1(cbor2.dumps(item)) == cose.Sign1(PROTECTED, {}, PAYLOAD, SIGNATURE)


REFUSED = {
    "nothing": b"",
    "tag 61 alone": cbor2.dumps(cbor2.CBORTag(61, PARTS)),
    "18 around 61": cbor2.dumps(cbor2.CBORTag(18, cbor2.CBORTag(61, PARTS))),
    "18 twice": cbor2.dumps(cbor2.CBORTag(18, cbor2.CBORTag(18, PARTS))),
    "tag 17, a MAC": cbor2.dumps(cbor2.CBORTag(17, PARTS)),
    "tag 98, many signatures": cbor2.dumps(cbor2.CBORTag(98, PARTS)),
    "tag 998": cbor2.dumps(cbor2.CBORTag(998, PARTS)),
    "tag 18 in a longer form": b"\xd8\x12" + ENVELOPE[1:],
    "three parts": cbor2.dumps(PARTS[:3]),
    "five parts": cbor2.dumps([*PARTS, 0]),
    "an indefinite array": b"\x9f" + ENVELOPE[2:] + b"\xff",
    "a payload left out (detached)": cbor2.dumps([PROTECTED, {}, None, SIGNATURE]),
    "a protected header as a map": cbor2.dumps([{1: -7}, {}, PAYLOAD, SIGNATURE]),
    "an unprotected header as bytes": cbor2.dumps([PROTECTED, b"\xa0", PAYLOAD, SIGNATURE]),
    "an unprotected header as a list": cbor2.dumps([PROTECTED, [], PAYLOAD, SIGNATURE]),
    "a text for a signature": cbor2.dumps([PROTECTED, {}, PAYLOAD, "sig"]),
    "a payload in chunks": b"\x84" + cbor2.dumps(PROTECTED) + b"\xa0\x5f\x41\xa0\xff" + cbor2.dumps(SIGNATURE),
    "a byte behind it": ENVELOPE + b"\x00",
    "a payload with a four-byte length": b"\x84" + cbor2.dumps(PROTECTED) + b"\xa0\x5a\x00\x00\x00\x01\xa0\x40",
}


@pytest.mark.parametrize("data", REFUSED.values(), ids=REFUSED.keys())
def test_refused_envelopes(data: bytes) -> None:
    with pytest.raises(WireError) as refusal:
        cose.decode_sign1(data)
    assert refusal.value.reason is Reason.COSE_MALFORMED


@pytest.mark.parametrize("length", range(len(ENVELOPE)))
def test_every_truncation_is_refused(length: int) -> None:
    with pytest.raises(WireError):
        cose.decode_sign1(ENVELOPE[:length])


HEADERS = {
    "EdDSA": ({1: -8, 4: KID}, Reason.COSE_ALGORITHM),
    "ES384": ({1: -35, 4: KID}, Reason.COSE_ALGORITHM),
    "ES512": ({1: -36, 4: KID}, Reason.COSE_ALGORITHM),
    "PS384": ({1: -38, 4: KID}, Reason.COSE_ALGORITHM),
    "the number as text": ({1: "-7", 4: KID}, Reason.COSE_ALGORITHM),
    "the name as text": ({1: "ES256", 4: KID}, Reason.COSE_ALGORITHM),
    "a float that equals it": ({1: -7.0, 4: KID}, Reason.COSE_ALGORITHM),
    "a critical header": ({1: -7, 2: [1], 4: KID}, Reason.COSE_MALFORMED),
    "a kid as text": ({1: -7, 4: "kid"}, Reason.COSE_KID),
    "a list": ([1, -7], Reason.COSE_MALFORMED),
}


@pytest.mark.parametrize(("header", "reason"), HEADERS.values(), ids=HEADERS.keys())
def test_refused_protected_headers(header: object, reason: Reason) -> None:
    with pytest.raises(WireError) as refusal:
        cose.decode_protected(cbor2.dumps(header))
    assert refusal.value.reason is reason


@pytest.mark.parametrize("empty", [b"", b"\xa0"])
def test_an_empty_protected_header_names_nothing(empty: bytes) -> None:
    assert cose.decode_protected(empty) == cose.Protected(None, None)


@pytest.mark.parametrize(
    ("protected", "unprotected", "effective"),
    [
        pytest.param(KID, {}, KID, id="protected"),
        pytest.param(None, {4: KID}, KID, id="unprotected, if the other has none"),
        pytest.param(KID, {4: bytes(8)}, KID, id="in both: the protected one counts"),
        pytest.param(KID[:7], {4: KID}, None, id="in both, the protected one wrong: refused all the same"),
        pytest.param(None, {}, None, id="in neither"),
        pytest.param(None, {4: bytes(16)}, None, id="too long"),
        pytest.param(None, {4: "kidkidki"}, None, id="a text of eight"),
    ],
)
def test_the_kid_that_counts(protected: bytes | None, unprotected: dict[int, object], effective: bytes | None) -> None:
    envelope = cose.Sign1(b"", unprotected, b"", b"")
    if effective is None:
        with pytest.raises(WireError) as refusal:
            cose.effective_kid(envelope, cose.Protected(None, protected))
        assert refusal.value.reason is Reason.COSE_KID
    else:
        assert cose.effective_kid(envelope, cose.Protected(None, protected)) == effective


@given(st.binary(max_size=30), st.binary(max_size=400), st.binary(max_size=400))
def test_round_trip(protected: bytes, payload: bytes, signature: bytes) -> None:
    read = cose.decode_sign1(cose.encode_sign1(protected, payload, signature))
    assert read == cose.Sign1(protected, {}, payload, signature)
