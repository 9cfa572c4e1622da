"""CBOR (RFC 8949) behind a bounded pre-scan, and the few heads our own encoder needs.

`scan` walks bytes that nobody has signed yet, without recursion and without building anything, and refuses what no
certificate needs: indefinite lengths, tags but the allowed ones, simple values, keys that are neither integer nor
text, depth, items and lengths beyond the limits below. Only then may cbor2 see them (`certificate.md` section 3).
"""

from collections.abc import Callable, Mapping
from typing import Any

import cbor2

from specs.errors import WireError
from specs.verdicts import Reason

MAX_DEPTH = 8
"""Nested arrays and maps. Real certificates reach 6."""
MAX_ITEMS = 256
"""Data items in one scan. Real certificates reach 86."""
MAX_TEXT = 1024
"""Bytes of one text string. The longest seen in a real certificate is 362."""

DATE_TAGS: frozenset[int] = frozenset({0, 1})
"""Text and epoch dates, which some foreign issuers tag (`certificate.md` section 3.3)."""
NO_TAGS: frozenset[int] = frozenset()

UNSIGNED, NEGATIVE, BYTES, TEXT, ARRAY, MAP, TAG = range(7)
_INDEFINITE = 31
_ARGUMENT_BYTES = {24: 1, 25: 2, 26: 4, 27: 8}


def _leaf_step(initial: int) -> int:
    """Bytes that an item with this initial byte takes if it is short and has nothing inside, else 0."""
    major, info = initial >> 5, initial & 31
    if major in (UNSIGNED, NEGATIVE):
        return 1 if info < 24 else 1 + _ARGUMENT_BYTES.get(info, -1)
    if major in (BYTES, TEXT):
        return 1 + info if info < 24 else 0
    return {0xF4: 1, 0xF5: 1, 0xF6: 1, 0xF9: 3, 0xFA: 5, 0xFB: 9}.get(initial, 0)


_LEAF = [_leaf_step(initial) for initial in range(256)]
_KEY = [step if initial >> 5 in (UNSIGNED, NEGATIVE, TEXT) else 0 for initial, step in enumerate(_LEAF)]


def _head_argument(data: bytes, position: int) -> tuple[int, int]:
    """Return (argument, bytes of the head) of the head at `position` (RFC 8949 section 3)."""
    info = data[position] & 31
    if info < 24:
        return info, 1
    size = _ARGUMENT_BYTES.get(info)
    if size is None:
        raise WireError(Reason.CBOR_MALFORMED, f"reserved or indefinite length at byte {position}")
    return int.from_bytes(data[position + 1 : position + 1 + size], "big"), 1 + size


def scan(data: bytes, position: int = 0, *, tags: frozenset[int] = NO_TAGS) -> int:
    """Walk the one item at `position` and return the position behind it, which the caller compares with the end.

    Raises:
        WireError: CBOR_MALFORMED for what is not well formed or not allowed, CBOR_LIMIT for what is too large.
    """
    outer: list[tuple[int, bool]] = []
    left, in_map, items = 1, False, 1
    try:
        while True:
            while left:
                left -= 1
                if in_map:
                    step = _KEY[data[position]]
                    position = position + step if step else _long_key(data, position)
                initial = data[position]
                step = _LEAF[initial]
                if step:
                    position += step
                    continue
                major, argument = initial >> 5, initial & 31
                if argument < 24:
                    position += 1
                elif argument == 24:
                    argument = data[position + 1]
                    position += 2
                else:
                    argument, step = _head_argument(data, position)
                    position += step
                if major in (ARRAY, MAP):
                    outer.append((left, in_map))
                    left, in_map = argument, major == MAP
                    items += argument << in_map
                    if items > MAX_ITEMS:
                        raise WireError(Reason.CBOR_LIMIT, f"more than {MAX_ITEMS} items")
                    if len(outer) > MAX_DEPTH:
                        raise WireError(Reason.CBOR_LIMIT, f"more than {MAX_DEPTH} levels")
                elif major == TAG and argument in tags:
                    position = _tagged_leaf(data, position)
                elif (major == TEXT and argument <= MAX_TEXT) or major == BYTES:
                    position += argument
                elif major == TEXT:
                    raise WireError(Reason.CBOR_LIMIT, f"a text of more than {MAX_TEXT} bytes")
                else:
                    raise WireError(Reason.CBOR_MALFORMED, f"initial byte {initial:#04x} is not allowed")
            if not outer:
                break
            left, in_map = outer.pop()
    except IndexError as error:
        raise WireError(Reason.CBOR_MALFORMED, "the bytes end inside an item") from error
    if position > len(data):
        raise WireError(Reason.CBOR_MALFORMED, "the bytes end inside an item")
    return position


def _long_key(data: bytes, position: int) -> int:
    """Walk a text key of 24 bytes or more; whatever else stands here is no key."""
    if data[position] >> 5 != TEXT:
        raise WireError(Reason.CBOR_MALFORMED, "a map key that is neither integer nor text")
    argument, step = _head_argument(data, position)
    if argument > MAX_TEXT:
        raise WireError(Reason.CBOR_LIMIT, f"a text of more than {MAX_TEXT} bytes")
    return position + step + argument


def _tagged_leaf(data: bytes, position: int) -> int:
    """Walk what a date tag may hold: a short text or a number (RFC 8949 sections 3.4.1 and 3.4.2)."""
    initial = data[position]
    step = _LEAF[initial]
    if step and initial >> 5 != BYTES:
        return position + step
    argument, step = _head_argument(data, position)
    if initial >> 5 != TEXT or argument > MAX_TEXT:
        raise WireError(Reason.CBOR_MALFORMED, "a date tag around something that is no date")
    return position + step + argument


def _untagged(value: Any, _immutable: bool) -> Any:
    return value


_DATES_AS_THEY_STAND: Mapping[int, Callable[..., Any]] = dict.fromkeys(DATE_TAGS, _untagged)


def decode(data: bytes, *, tags: frozenset[int] = NO_TAGS) -> Any:
    """Return the value of `data`: one item, scanned first, nothing behind it, no key twice in a map.

    A date tag (0, 1) gives the text or number under it, unchanged.

    Raises:
        WireError: as `scan`, and CBOR_MALFORMED for trailing bytes, duplicate keys and text that is not UTF-8.
    """
    end = scan(data, tags=tags)
    if end != len(data):
        raise WireError(Reason.CBOR_MALFORMED, f"{len(data) - end} bytes after the item")
    try:
        return cbor2.loads(
            data, semantic_decoders=_DATES_AS_THEY_STAND, allow_indefinite=False, allow_duplicate_keys=False
        )
    except (cbor2.CBORDecodeError, ValueError) as error:
        raise WireError(Reason.CBOR_MALFORMED, "duplicate keys or text that is not UTF-8") from error


def head(major: int, argument: int) -> bytes:
    """Return the shortest head of `major` (0..7) with `argument` >= 0 (RFC 8949 section 4.2.1)."""
    if argument < 24:
        return bytes((major << 5 | argument,))
    for info, size in _ARGUMENT_BYTES.items():
        if argument < 1 << 8 * size:
            return bytes((major << 5 | info,)) + argument.to_bytes(size, "big")
    raise ValueError("a CBOR argument is below 2**64")


_TEXT_HEAD = [head(TEXT, length) for length in range(256)]
_BYTES_HEAD = [head(BYTES, length) for length in range(1024)]


def text(value: str) -> bytes:
    """Return the text string `value` as CBOR."""
    encoded = value.encode()
    length = len(encoded)
    return (_TEXT_HEAD[length] if length < 256 else head(TEXT, length)) + encoded


def byte_string(value: bytes) -> bytes:
    """Return the byte string `value` as CBOR."""
    length = len(value)
    return (_BYTES_HEAD[length] if length < 1024 else head(BYTES, length)) + value
