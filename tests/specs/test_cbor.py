"""The pre-scan: what it lets through cbor2 reads, and what it stops never reaches cbor2."""

import cbor2
import pytest
from hypothesis import given
from hypothesis import strategies as st

from specs import cbor
from specs.errors import WireError
from specs.verdicts import Reason

REFUSED = {
    "nothing at all": ("", Reason.CBOR_MALFORMED),
    "a byte behind the item": ("0000", Reason.CBOR_MALFORMED),
    "reserved additional information": ("1c", Reason.CBOR_MALFORMED),
    "an integer cut off": ("19ff", Reason.CBOR_MALFORMED),
    "a text cut off": ("6361", Reason.CBOR_MALFORMED),
    "an array cut off": ("8201", Reason.CBOR_MALFORMED),
    "a map without its last value": ("a101", Reason.CBOR_MALFORMED),
    "an indefinite array": ("9fff", Reason.CBOR_MALFORMED),
    "an indefinite text": ("7f6161ff", Reason.CBOR_MALFORMED),
    "an indefinite byte string": ("5f4101ff", Reason.CBOR_MALFORMED),
    "an indefinite map": ("bfff", Reason.CBOR_MALFORMED),
    "a break alone": ("ff", Reason.CBOR_MALFORMED),
    "undefined": ("f7", Reason.CBOR_MALFORMED),
    "a simple value": ("f0", Reason.CBOR_MALFORMED),
    "a simple value in two bytes": ("f8ff", Reason.CBOR_MALFORMED),
    "a simple value that one byte would hold (erratum 5917)": ("f818", Reason.CBOR_MALFORMED),
    "a date tag where none is allowed": ("c000", Reason.CBOR_MALFORMED),
    "a bignum": ("c249010000000000000000", Reason.CBOR_MALFORMED),
    "a decimal of four thousand million digits": ("c4821affffffff01", Reason.CBOR_MALFORMED),
    "a shared value, which could be its own member": ("d81c81d81d00", Reason.CBOR_MALFORMED),
    "a regular expression": ("d82362612a", Reason.CBOR_MALFORMED),
    "the envelope's tag inside": ("d200", Reason.CBOR_MALFORMED),
    "NaN as a key": ("a1f97e0001", Reason.CBOR_MALFORMED),
    "an array as a key": ("a18001", Reason.CBOR_MALFORMED),
    "a byte string as a key": ("a1410001", Reason.CBOR_MALFORMED),
    "true as a key": ("a1f501", Reason.CBOR_MALFORMED),
    "null as a key": ("a1f601", Reason.CBOR_MALFORMED),
    "a key twice": ("a201020103", Reason.CBOR_MALFORMED),
    "a key twice, once in a longer form": ("a20102180103", Reason.CBOR_MALFORMED),
    "a text that is not UTF-8": ("62c328", Reason.CBOR_MALFORMED),
    "a surrogate in UTF-8": ("63eda080", Reason.CBOR_MALFORMED),
    "nine levels": ("81" * 9 + "00", Reason.CBOR_LIMIT),
    "256 items inside": ("990100" + "00" * 256, Reason.CBOR_LIMIT),
    "a billion announced items": ("9a3b9aca00", Reason.CBOR_LIMIT),
    "2**64 - 1 announced items": ("9bffffffffffffffff", Reason.CBOR_LIMIT),
    "2**64 - 1 announced pairs": ("bbffffffffffffffff", Reason.CBOR_LIMIT),
    "a text of 1,025 bytes": ("790401" + "61" * 1025, Reason.CBOR_LIMIT),
    "a key of 1,025 bytes": ("a1790401" + "61" * 1025 + "00", Reason.CBOR_LIMIT),
    "a byte string longer than everything": ("5bffffffffffffffff00", Reason.CBOR_MALFORMED),
}


@pytest.mark.parametrize(("data", "reason"), REFUSED.values(), ids=REFUSED.keys())
def test_refused(data: str, reason: Reason) -> None:
    with pytest.raises(WireError) as refusal:
        cbor.decode(bytes.fromhex(data))
    assert refusal.value.reason is reason


@pytest.mark.parametrize(
    ("data", "value"),
    [
        pytest.param("81" * 8 + "00", [[[[[[[[0]]]]]]]], id="eight levels"),
        pytest.param("98ff" + "00" * 255, [0] * 255, id="256 items in all"),
        pytest.param("790400" + "61" * 1024, "a" * 1024, id="a text of 1,024 bytes"),
        pytest.param("1800", 0, id="a longer form of an integer, as foreign issuers may write"),
        pytest.param("f93c00", 1.0, id="a half float"),
    ],
)
def test_accepted(data: str, value: object) -> None:
    assert cbor.decode(bytes.fromhex(data)) == value


def test_dates_keep_the_text_or_number_under_their_tag() -> None:
    tagged = cbor2.dumps({1: cbor2.CBORTag(0, "2021-02-30T99:00:00Z"), 2: cbor2.CBORTag(1, 1.5)})
    assert cbor.decode(tagged, tags=cbor.DATE_TAGS) == {1: "2021-02-30T99:00:00Z", 2: 1.5}


@pytest.mark.parametrize("inside", ["80", "a0", "c000", "4100"])
def test_a_date_tag_holds_text_or_a_number(inside: str) -> None:
    with pytest.raises(WireError):
        cbor.decode(bytes.fromhex("c1" + inside), tags=cbor.DATE_TAGS)


scalars = st.one_of(
    st.integers(-(2**64), 2**64 - 1), st.text(max_size=30), st.binary(max_size=30), st.booleans(), st.none()
)
values = st.recursive(
    scalars,
    lambda children: st.one_of(
        st.lists(children, max_size=4),
        st.dictionaries(st.one_of(st.integers(-(2**63), 2**63 - 1), st.text(max_size=30)), children, max_size=4),
    ),
    max_leaves=20,
)


@given(values)
def test_whatever_cbor2_writes_within_the_limits_is_read_back(value: object) -> None:
    try:
        assert cbor.decode(cbor2.dumps(value)) == value
    except WireError as error:
        assert error.reason is Reason.CBOR_LIMIT


@given(st.binary(max_size=60))
def test_any_bytes_are_read_or_refused(data: bytes) -> None:
    try:
        value = cbor.decode(data, tags=cbor.DATE_TAGS)
    except WireError:
        return
    assert cbor2.loads(cbor2.dumps(value)) == value or value != value or "nan" in repr(value)


@given(st.integers(0, 2**64 - 1), st.integers(0, 5))
def test_a_head_is_the_shortest(argument: int, major: int) -> None:
    assert len(cbor.head(cbor.UNSIGNED, argument)) == len(cbor2.dumps(argument))
    assert cbor.head(major, argument)[0] >> 5 == major


@given(st.text(max_size=300), st.binary(max_size=1100))
def test_strings_are_written_as_cbor2_writes_them(text: str, data: bytes) -> None:
    assert cbor.text(text) == cbor2.dumps(text)
    assert cbor.byte_string(data) == cbor2.dumps(data)
