"""One right certificate, and everything that somebody without the key can do to it."""

import zlib

import cbor2
import pytest

from specs.verdicts import Outcome
from tests.faults import KID, NOW, Recipe, b45encode, mirrored, trust
from verifier.check import check_many
from verifier.request import Request
from verifier.verdict import Verdict

RIGHT = Recipe()


def verdicts(envelopes: list[bytes]) -> list[Verdict]:
    texts = ("HC1:" + b45encode(zlib.compress(envelope, 0)) for envelope in envelopes)
    return check_many([Request(text=text, at=NOW) for text in texts], trust(), now=NOW)


def test_every_flipped_bit_is_refused() -> None:
    """About 2,600 bits. The certificate's unprotected header is empty, so that no bit is free."""
    right = RIGHT.cose()
    flipped = [
        bytes((*right[:place], right[place] ^ 1 << bit, *right[place + 1 :]))
        for place in range(len(right))
        for bit in range(8)
    ]
    assert verdicts([right])[0].outcome is Outcome.VALID
    answers = verdicts(flipped)
    free = [index for index, verdict in enumerate(answers) if verdict.outcome is not Outcome.INVALID]
    assert free == []
    assert all(verdict.certificate is None for verdict in answers)
    assert len(answers) > 2500


def test_bits_of_the_unprotected_header_are_free_and_change_nothing() -> None:
    junk = cbor2.dumps({99: "junk"})
    right = RIGHT.but(unprotected=junk).cose()
    start = right.index(junk)
    wanted = verdicts([RIGHT.cose()])[0].certificate
    for place in range(len(right)):
        answers = verdicts([bytes((*right[:place], right[place] ^ 1 << bit, *right[place + 1 :])) for bit in range(8)])
        for verdict in answers:
            inside = start <= place < start + len(junk)
            assert verdict.outcome is Outcome.INVALID or (inside and verdict.certificate == wanted)


def test_every_truncation_is_refused() -> None:
    right, text = RIGHT.cose(), RIGHT.certificate()
    answers = verdicts([right[:length] for length in range(len(right))])
    answers += check_many([Request(text=text[:length], at=NOW) for length in range(len(text))], trust(), now=NOW)
    assert {verdict.outcome for verdict in answers} == {Outcome.INVALID}


def test_every_flipped_bit_of_the_packed_bytes_is_refused_or_changes_nothing() -> None:
    """zlib's window size and the padding of a stored block are nobody's: a handful of bits."""
    packed = zlib.compress(RIGHT.cose(), 0)
    texts = [
        "HC1:" + b45encode(bytes((*packed[:place], packed[place] ^ 1 << bit, *packed[place + 1 :])))
        for place in range(len(packed))
        for bit in range(8)
    ]
    wanted = verdicts([RIGHT.cose()])[0].certificate
    answers = check_many([Request(text=text, at=NOW) for text in texts], trust(), now=NOW)
    unchanged = [answer for answer in answers if answer.outcome is not Outcome.INVALID]
    assert all(answer.certificate == wanted for answer in unchanged)
    assert len(unchanged) < 10


MALLEATIONS = {
    "s becomes n - s": RIGHT.but(signature=mirrored),
    "junk in the unprotected header": RIGHT.but(unprotected=cbor2.dumps({99: "junk", 4: b"x"})),
    "another zlib level": RIGHT.but(level=1),
    "a stored block": RIGHT.but(level=0),
    "untagged": RIGHT.but(tags=()),
    "double tagged": RIGHT.but(tags=(61, 18)),
    "kid in the unprotected header too": RIGHT.but(unprotected=cbor2.dumps({4: KID})),
    "white space": RIGHT.but(text=lambda text: f"\t{text} \r\n"),
}


@pytest.mark.parametrize("recipe", MALLEATIONS.values(), ids=MALLEATIONS.keys())
def test_a_malleated_certificate_is_the_same_certificate(recipe: Recipe) -> None:
    """Equal as shown and equal in the UVCI, the one thing that counts and revocation may be keyed on."""
    given = (RIGHT.certificate(), recipe.certificate())
    right, other = check_many([Request(text=text, at=NOW) for text in given], trust(), now=NOW)
    assert given[0] != given[1]
    assert other.outcome is Outcome.VALID
    assert right.certificate is not None
    assert other.certificate == right.certificate
    assert other.to_json()["certificate"] == right.to_json()["certificate"]
    assert other.certificate.uvcis == right.certificate.uvcis == ("URN:UVCI:01:VN:0123456789ABCDEF0123456789ABCDEF",)


def test_the_kid_cannot_be_moved_out_of_the_signed_header() -> None:
    signed = RIGHT.cose()
    moved = RIGHT.but(
        protected=cbor2.dumps({1: -7}), unprotected=cbor2.dumps({4: KID}), signature=lambda _: signed[-64:]
    )
    assert verdicts([moved.cose()])[0].outcome is Outcome.INVALID
