"""Signing in chunks: every text verifies, carries its own claims, and nothing wrong gets out."""

import hashlib

import pytest

from issuer.certify import sign
from issuer.certify.sign import CHUNK, seal
from issuer.errors import Code, IssuerError
from keys.raw_signature import verifies
from specs import base45, cose
from specs.compression import inflate
from specs.text import PREFIX
from tests.pki import Held, make_pki

PKI = make_pki()
CLAIMS = [b"claims of certificate %d " % index + bytes(index % 7) for index in range(CHUNK + 5)]


def opened(text: str) -> cose.Sign1:
    return cose.decode_sign1(inflate(base45.decode(text.removeprefix(PREFIX))))


@pytest.mark.parametrize("held", [PKI.dsc, PKI.dsc_rsa], ids=["ES256", "PS256"])
def test_every_text_carries_its_own_claims_under_a_true_signature(held: Held) -> None:
    signer = held.signer
    public = signer.certificate()
    claims = CLAIMS if public.algorithm is cose.Algorithm.ES256 else CLAIMS[:3]
    texts = seal(claims, signer)
    for text, expected in zip(texts, claims, strict=True):
        read = opened(text)
        assert read.payload == expected
        assert cose.decode_protected(read.protected) == cose.Protected(public.algorithm, public.kid)
        digest = hashlib.sha256(cose.to_be_signed(read.protected, read.payload)).digest()
        assert verifies(public.public_key, digest, read.signature)


def test_signing_again_gives_the_same_bytes() -> None:
    """A signer that died in the middle repeats itself (RFC 6979), whatever the chunk it dies in."""
    assert seal(CLAIMS, PKI.dsc.signer) == [seal([claims], PKI.dsc.signer)[0] for claims in CLAIMS]


def test_nothing_to_sign_is_nothing_signed() -> None:
    assert seal([], PKI.dsc.signer) == []


def test_a_bit_that_flips_on_the_way_to_the_text_stops_the_batch(monkeypatch: pytest.MonkeyPatch) -> None:
    encode = sign.encode_chunk

    def flipping(messages: list[bytes]) -> list[str]:
        return encode([message[:40] + bytes([message[40] ^ 4]) + message[41:] for message in messages])

    monkeypatch.setattr(sign, "encode_chunk", flipping)
    with pytest.raises(IssuerError) as refusal:
        seal(CLAIMS[:2], PKI.dsc.signer)
    assert refusal.value.code is Code.SELF_CHECK_FAILED
