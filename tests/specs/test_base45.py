"""Base45 as RFC 9285 gives it, every short string, and the two encoders held equal."""

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from issuer.certify.base45_table import encode_chunk
from specs import base45
from specs.errors import WireError
from specs.verdicts import Reason

RFC_9285 = [(b"AB", "BB8"), (b"Hello!!", "%69 VD92EX0"), (b"base-45", "UJCLQE7W581"), (b"ietf!", "QED8WEX0")]

REFUSED = {
    "a group worth 65536 (RFC 9285 section 6)": "GGW",
    "the largest group": ":::",
    "a last group worth 256": "V5",
    "a trailing newline, which some libraries accept": "BB8\n",
    "one character alone": "A",
    "four characters, one too many": "BB8B",
    "lower case": "bb8",
    "a letter outside ASCII": "BBĐ",
    "a digit outside ASCII": "BB٨",
    "percent-encoding": "%3A!",
}


@pytest.mark.parametrize(("data", "text"), RFC_9285)
def test_examples_of_the_rfc(data: bytes, text: str) -> None:
    assert base45.encode(data) == text
    assert base45.decode(text) == data


@pytest.mark.parametrize("text", REFUSED.values(), ids=REFUSED.keys())
def test_refused(text: str) -> None:
    with pytest.raises(WireError) as refusal:
        base45.decode(text)
    assert refusal.value.reason is Reason.BASE45_MALFORMED


def test_the_largest_values_are_read() -> None:
    assert base45.decode("FGW") == b"\xff\xff"
    assert base45.decode("U5") == b"\xff"


def test_every_string_of_one_and_two_characters() -> None:
    accepted = 0
    for length in (1, 2):
        for characters in itertools.product(base45.ALPHABET, repeat=length):
            text = "".join(characters)
            value = sum(base45.ALPHABET.index(c) * 45**i for i, c in enumerate(text))
            if length == 2 and value <= 0xFF:
                assert base45.decode(text) == bytes([value])
                accepted += 1
            else:
                with pytest.raises(WireError):
                    base45.decode(text)
    assert accepted == 256


@given(st.binary(max_size=600))
def test_round_trip(data: bytes) -> None:
    text = base45.encode(data)
    assert set(text) <= set(base45.ALPHABET)
    assert base45.decode(text) == data


@given(st.lists(st.binary(max_size=40), max_size=8))
def test_a_chunk_is_what_its_members_are(chunk: list[bytes]) -> None:
    texts = [base45.encode(data) for data in chunk]
    assert encode_chunk(chunk) == texts
    assert [base45.decode(text) for text in texts] == chunk
