"""zlib on the way out, and bounded on the way in."""

import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from specs.compression import MAX_INFLATED, deflate, inflate
from specs.errors import WireError
from specs.verdicts import Reason

DATA = b"one certificate" * 20
STREAM = zlib.compress(DATA)


@given(st.binary(max_size=2000), st.integers(0, 9))
def test_round_trip_at_every_level(data: bytes, level: int) -> None:
    assert inflate(deflate(data, level)) == data
    assert zlib.decompress(deflate(data, level)) == data


def test_a_stored_block_is_what_zlib_writes() -> None:
    assert deflate(DATA) == zlib.compress(DATA, 0)


@pytest.mark.parametrize("header", ["7801", "785e", "789c", "78da"])
def test_every_header_of_the_four_levels_is_read(header: str) -> None:
    level = {"7801": 1, "785e": 5, "789c": 6, "78da": 9}[header]
    stream = zlib.compress(DATA, level)
    assert stream[:2].hex() == header
    assert inflate(stream) == DATA


REFUSED = {
    "nothing": (b"", Reason.ZLIB_MALFORMED),
    "not zlib": (b"\x84" * 40, Reason.ZLIB_MALFORMED),
    "raw deflate without its header": (zlib.compress(DATA)[2:-4], Reason.ZLIB_MALFORMED),
    "gzip": (b"\x1f\x8b\x08" + STREAM, Reason.ZLIB_MALFORMED),
    "cut off before the checksum ends": (STREAM[:-1], Reason.ZLIB_MALFORMED),
    "a wrong checksum": (STREAM[:-1] + bytes([STREAM[-1] ^ 1]), Reason.ZLIB_MALFORMED),
    "a byte behind the stream": (STREAM + b"\x00", Reason.ZLIB_TRAILING_BYTES),
    "a second stream behind the first": (STREAM + STREAM, Reason.ZLIB_TRAILING_BYTES),
    "a bomb": (zlib.compress(bytes(3_000_000), 9), Reason.ZLIB_TOO_LARGE),
    "one byte too many": (zlib.compress(bytes(MAX_INFLATED + 1)), Reason.ZLIB_TOO_LARGE),
    "a preset dictionary": (b"\x78\xbb" + STREAM[2:], Reason.ZLIB_MALFORMED),
}


@pytest.mark.parametrize(("stream", "reason"), REFUSED.values(), ids=REFUSED.keys())
def test_refused(stream: bytes, reason: Reason) -> None:
    with pytest.raises(WireError) as refusal:
        inflate(stream)
    assert refusal.value.reason is reason


def test_the_limit_itself_is_accepted() -> None:
    assert len(inflate(zlib.compress(bytes(MAX_INFLATED)))) == MAX_INFLATED
