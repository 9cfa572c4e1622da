"""The reader of our own form against the general one: never a different answer, on right bytes or on any others."""

import datetime as dt
import unicodedata
from dataclasses import replace

import cbor2
import pytest
from hypothesis import given
from hypothesis import strategies as st

from specs.cwt import Claims, decode_claims, encode_claims
from specs.errors import WireError
from specs.id_binding import Binding
from specs.national_claim import NationalClaim
from specs.own_form import read_own
from specs.payload import DccPayload, PersonName, Vaccination, encode_payload
from specs.uvci import uvci
from verifier.schema import faults

DOSE = Vaccination(
    disease="840539006",
    prophylaxis="J07BX03",
    product="EU/1/21/1529",
    manufacturer="ORG-100001699",
    dose_number=2,
    total_doses=2,
    date=dt.date(2021, 11, 5),
    country="VN",
    issuer="MOH",
    uvci=uvci(bytes(range(16))),
)
NAME = PersonName("Nguyễn", "Thị Ví Dụ", "NGUYEN", "THI<VI<DU")
PAYLOAD = DccPayload(NAME, "1990-04-15", DOSE)


def written(payload: DccPayload) -> bytes:
    return encode_claims(
        "VN", 1_640_000_000, 1_671_536_000, encode_payload(payload), NationalClaim(Binding(1, 2, 3), 4)
    )


def require_same(payload: bytes) -> Claims | None:
    """Both readers on the same bytes: what ours reads, the general one reads alike and the schema finds nothing in."""
    own = read_own(payload)
    if own is not None:
        assert own._replace(is_own_form=False) == decode_claims(payload)
        assert repr(own.dcc) == repr(decode_claims(payload).dcc), "the same types, in the same order"
        assert faults(own.dcc) == []
    return own


@pytest.mark.parametrize(
    "payload",
    [
        PAYLOAD,
        replace(PAYLOAD, birth_date="1950"),
        replace(PAYLOAD, birth_date="1950-02"),
        replace(PAYLOAD, name=PersonName("Thưr", None, "THUR", None)),
        replace(PAYLOAD, name=PersonName("Ế" * 80, "Đ" * 79, "E" * 80, "D" * 79)),
        replace(PAYLOAD, name=PersonName("bgnb", "cfnt", "CFNT", "CGNT")),
    ],
    ids=["usual", "year", "month", "one word", "as long as can be", "letters that look like keys"],
)
def test_what_we_write_is_read_at_a_stroke(payload: DccPayload) -> None:
    assert require_same(written(payload)) is not None


def test_a_name_that_holds_a_whole_key_goes_the_general_way() -> None:
    """b"\\x63fnt" cannot stand in a text without a control character, which no payload of ours has."""
    hidden = written(PAYLOAD).replace("Dụ".encode(), b"\x63fn")
    assert read_own(hidden) is None or require_same(hidden) is not None


OTHERS = {
    "another country": {1: "AT"},
    "a float for a time": {4: 1_671_536_000.0},
    "one claim more": {7: b"id"},
}


@pytest.mark.parametrize("change", OTHERS.values(), ids=OTHERS.keys())
def test_other_forms_are_left_to_the_general_reader(change: dict[int, object]) -> None:
    claims = cbor2.dumps(cbor2.loads(written(PAYLOAD)) | change, canonical=True)
    assert read_own(claims) is None
    assert decode_claims(claims).is_own_form is False


FAULTY = {
    "a day that does not exist": (b"2021-11-05", b"2021-02-30"),
    "a month that does not exist": (b"1990-04-15", b"1990-13-15"),
    "a length that swallows the next key": (b"\x68Nguy", b"\x69Nguy"),
    "a text that is not UTF-8": ("ễ".encode(), b"\xe1\xbb\xff"),
    "a dose number of 0": (b"\x62dn\x02", b"\x62dn\x00"),
    "a country in lower case": (b"\x62co\x62VN", b"\x62co\x62vn"),
    "the wrong head before a birth date": (b"\x6a1990", b"\x641990"),
}


@pytest.mark.parametrize(("right", "wrong"), FAULTY.values(), ids=FAULTY.keys())
def test_a_fault_is_never_read_at_a_stroke(right: bytes, wrong: bytes) -> None:
    payload = written(PAYLOAD)
    assert right in payload
    assert read_own(payload.replace(right, wrong)) is None


@pytest.mark.parametrize("length", range(1, 81))
def test_a_length_one_more_or_less_is_never_read_at_a_stroke(length: int) -> None:
    """At every length, also where a head of one byte becomes one of two."""
    payload = written(replace(PAYLOAD, name=PersonName("N" * length, None, "N" * length, None)))
    assert require_same(payload) is not None
    before, after = payload.split(b"N" * length, 1)
    assert before + b"N" * length + after == payload
    assert read_own(before + b"N" * (length + 1) + after) is None
    assert read_own(before + b"N" * (length - 1) + after) is None


def test_every_single_bit_flip_is_read_alike_or_not_at_all() -> None:
    payload = written(PAYLOAD)
    for position in range(len(payload)):
        for bit in range(8):
            flipped = bytearray(payload)
            flipped[position] ^= 1 << bit
            require_same(bytes(flipped))


letters = st.text(st.characters(codec="utf-8", categories=("Lu", "Ll", "Lo")), min_size=1, max_size=80)


@given(family=letters, given_names=st.none() | letters, born=st.dates(dt.date(1900, 1, 1), dt.date(2099, 12, 31)))
def test_whatever_we_can_write_is_read_alike(family: str, given_names: str | None, born: dt.date) -> None:
    family = unicodedata.normalize("NFC", family)[:80]
    given_names = given_names and unicodedata.normalize("NFC", given_names)[:80]
    name = PersonName(family, given_names, "FAMILY", None if given_names is None else "GIVEN")
    assert require_same(written(replace(PAYLOAD, name=name, birth_date=born.isoformat()))) is not None


@given(st.data())
def test_any_splice_of_the_bytes_is_read_alike_or_not_at_all(data: st.DataObject) -> None:
    payload = written(PAYLOAD)
    start = data.draw(st.integers(0, len(payload)))
    end = data.draw(st.integers(start, min(len(payload), start + 12)))
    spliced = payload[:start] + data.draw(st.binary(max_size=12)) + payload[end:]
    try:
        require_same(spliced)
    except WireError as error:
        pytest.fail(f"read at a stroke, refused by the general reader: {error}")
