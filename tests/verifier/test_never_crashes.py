"""Any text, picture or line gives a verdict, never a traceback: 100,000 arbitrary inputs, and shrinkable ones."""

import base64
import io
import json
import random
import zlib
from collections.abc import Callable

import cbor2
from hypothesis import example, given, settings
from hypothesis import strategies as st

from specs.verdicts import Outcome, Step
from tests.faults import ALPHABET, HCERT, NOW, Recipe, b45encode, foreign, trust
from verifier.check import check_many
from verifier.jsonl import check_lines, encode
from verifier.request import Request
from verifier.verdict import Verdict

TRUST = trust()
RIGHT = Recipe()
SEEDS, A_SEED = 400, 250
HEADS = (
    bytes(range(0x60, 0x80)) + b"\x80\x81\x9f\xa0\xa1\xbf\xc0\xc1\xc2\xd8\xf4\xf6\xf7\xf9\xfb\xff\x18\x1a\x1b\x40\x58"
)


def answered(requests: list[Request]) -> list[Verdict]:
    """Every request has a verdict that is strict JSON with every step."""
    verdicts = check_many(requests, TRUST, now=NOW)
    assert len(verdicts) == len(requests)
    for verdict in verdicts:
        answer = json.loads(encode(verdict))
        assert list(answer["steps"]) == [step.value for step in Step]
        assert (verdict.outcome is Outcome.VALID) is (answer["verdict"] == "valid")
        assert verdict.outcome is Outcome.VALID or verdict.reasons
    return verdicts


def packed(envelope: bytes) -> str:
    return "HC1:" + b45encode(zlib.compress(envelope, 0))


def signed(payload: bytes) -> str:
    return RIGHT.but(payload=payload).certificate()


def mutated(chance: random.Random, data: bytes) -> bytes:
    bent = bytearray(data)
    for _ in range(chance.randint(1, 4)):
        place = chance.randrange(len(bent))
        match chance.randrange(4):
            case 0:
                bent[place] = chance.randrange(256)
            case 1:
                bent[place] = chance.choice(HEADS)
            case 2:
                del bent[place : place + chance.randint(1, 8)]
            case _:
                bent[place:place] = chance.randbytes(chance.randint(1, 8))
        if not bent:
            return b"\0"
    return bytes(bent)


def generators(chance: random.Random) -> list[Callable[[], str]]:
    """One for each depth that an input can reach."""
    envelope, payload = RIGHT.cose(), RIGHT.but(claims=foreign()).payload_bytes()
    return [
        lambda: "".join(
            map(chr, (chance.choice((chance.randrange(128), chance.randrange(0xD800))) for _ in range(40)))
        ),
        lambda: "HC1:" + "".join(chance.choices(ALPHABET, k=chance.randint(0, 60))),
        lambda: "HC1:" + b45encode(chance.randbytes(chance.randint(0, 60))),
        lambda: packed(chance.randbytes(chance.randint(0, 60))),
        lambda: packed(b"\xd2\x84" + chance.randbytes(chance.randint(0, 60))),
        lambda: packed(mutated(chance, envelope)),
        lambda: packed(mutated(chance, envelope)),
        lambda: packed(RIGHT.but(payload=mutated(chance, payload), signature=lambda _: bytes(64)).cose()),
    ]


@settings(max_examples=SEEDS)
@given(st.integers(0, 2**64))
def test_a_hundred_thousand_arbitrary_texts(seed: int) -> None:
    chance = random.Random(seed)
    makers = generators(chance)
    answered([Request(text=chance.choice(makers)()) for _ in range(A_SEED)])
    assert SEEDS * A_SEED >= 100_000


values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**64), 2**64 - 1)
    | st.floats()
    | st.text(max_size=30)
    | st.binary(max_size=9),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=4) | st.integers(-300, 300), inner, max_size=4)
    ),
    max_leaves=12,
)
members = st.sampled_from(
    ["ver", "nam", "dob", "v", "t", "r", "fn", "fnt", "tg", "dn", "dt", "sc", "tr", "ci", "co", "1.3.0"]
)
dccs = st.dictionaries(members, values | st.lists(st.dictionaries(members, values, max_size=5), max_size=2), max_size=6)


@given(
    st.dictionaries(st.sampled_from([1, 4, 6, HCERT, 7]), values | dccs | st.fixed_dictionaries({1: dccs}), max_size=5)
)
def test_any_signed_claims_give_a_verdict(claims: dict[int, object]) -> None:
    """The worst case: a trusted signer that signs whatever it is given."""
    answered([Request(text=signed(cbor2.dumps(claims)))])


@given(dccs, st.text(max_size=60))
def test_any_signed_dcc_and_any_card_give_a_verdict(dcc: dict[str, object], card: str) -> None:
    answered([Request(text=RIGHT.but(dcc=dcc).certificate(), card=card)])


@given(st.text(max_size=100))
@example("001190000017||\0|00001950|||")
@example("IDVNM" + "<" * 85)
@example("0" * 12)
@example("|||||||||||")
@example("ID" + "9" * 88)
def test_any_card_text_gives_a_verdict(card: str) -> None:
    (verdict,) = answered([Request(text=RIGHT.certificate(), card=card)])
    assert verdict.outcome is not Outcome.INVALID or verdict.certificate is not None


@given(
    st.binary(max_size=300),
    st.sampled_from([b"", b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff\xe0", b"GIF89a", b"BM", b"RIFF0000WEBP"]),
)
@settings(max_examples=300)
def test_any_picture_gives_a_verdict(data: bytes, magic: bytes) -> None:
    (verdict,) = answered([Request(image=magic + data)])
    assert verdict.outcome is Outcome.CANNOT_TELL


@given(
    st.lists(st.binary(max_size=60) | st.sampled_from([b'{"id":1,"text":"HC1:', b'"dsc":["', b"[", b"{", b'"\\ud800"']))
)
def test_any_bytes_give_one_line_for_each_line(pieces: list[bytes]) -> None:
    given_bytes = b"".join(pieces)
    sink = io.BytesIO()
    check_lines(io.BytesIO(given_bytes), sink, TRUST, lambda: NOW)
    count = given_bytes.count(b"\n") + (not given_bytes.endswith(b"\n") and given_bytes != b"")
    answers = [json.loads(line) for line in sink.getvalue().splitlines()]
    assert len(answers) == count


@given(
    st.fixed_dictionaries(
        {},
        optional={
            "id": values,
            "text": values | st.just(RIGHT.certificate()),
            "image": values | st.just(""),
            "dsc": values | st.lists(st.binary(max_size=60).map(lambda data: base64.b64encode(data).decode())),
            "at": values | st.datetimes().map(str),
        },
    )
)
def test_any_object_gives_one_line(request: dict[str, object]) -> None:
    try:
        line = json.dumps(request).encode()
    except TypeError:  # bytes among the values: JSON has none
        return
    sink = io.BytesIO()
    check_lines(io.BytesIO(line), sink, TRUST, lambda: NOW)
    (answer,) = map(json.loads, sink.getvalue().splitlines())
    assert answer["verdict"] in ("valid", "invalid", "cannot_tell")
