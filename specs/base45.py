"""Base45 (RFC 9285): two bytes are three characters of the QR alphanumeric set (`certificate.md` section 1.5).

Both directions treat the whole input as one long integer of 32-bit lanes, one lane for each pair of bytes: a
handful of big-integer operations replace a loop in Python, and every lane is still checked.
"""

from collections.abc import Sequence
from functools import lru_cache

from specs.errors import WireError
from specs.verdicts import Reason

ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:"

_LANE = 4  # bytes; x * 46604 below 2**32 keeps every product inside its lane
_RECIPROCAL, _SHIFT = 46604, 21  # x * 46604 >> 21 == x // 45 for every 16-bit x
_QUOTIENT_BITS = b"\xff\x07\x00\x00"  # 65535 // 45 = 1456 needs eleven bits
_NO_DIGIT = 0xFF

_TO_CHARACTER = bytes(ord(ALPHABET[i]) if i < len(ALPHABET) else 0 for i in range(256))
_TO_DIGIT = bytes(ALPHABET.index(chr(i)) if chr(i) in ALPHABET else _NO_DIGIT for i in range(256))


@lru_cache(maxsize=4096)
def _quotient_mask(lanes: int) -> int:
    return int.from_bytes(_QUOTIENT_BITS * lanes, "little")


def encode(data: bytes) -> str:
    """Return `data` as Base45 text (RFC 9285 section 4): 3 characters for 2 bytes, 2 for a last single byte."""
    lanes = len(data) >> 1
    pairs, size = lanes << 1, lanes * _LANE
    spread = bytearray(size)
    spread[0::_LANE] = data[1:pairs:2]
    spread[1::_LANE] = data[0:pairs:2]
    values = int.from_bytes(spread, "little")
    mask = _quotient_mask(lanes)
    upper = ((values * _RECIPROCAL) >> _SHIFT) & mask
    third = ((upper * _RECIPROCAL) >> _SHIFT) & mask
    digits = bytearray(3 * lanes)
    digits[0::3] = (values - 45 * upper).to_bytes(size, "little")[::_LANE]
    digits[1::3] = (upper - 45 * third).to_bytes(size, "little")[::_LANE]
    digits[2::3] = third.to_bytes(size, "little")[::_LANE]
    text = digits.translate(_TO_CHARACTER).decode("ascii")
    if len(data) & 1:
        text += ALPHABET[data[-1] % 45] + ALPHABET[data[-1] // 45]
    return text


def decode(text: str) -> bytes:
    """Return the bytes of Base45 `text`.

    Raises:
        WireError: BASE45_MALFORMED for a character outside the alphabet (a newline too), a length no byte
            string has, or a group worth more than its bytes can hold (RFC 9285 section 6).
    """
    try:
        digits = text.encode("ascii").translate(_TO_DIGIT)
    except UnicodeEncodeError as error:
        raise WireError(Reason.BASE45_MALFORMED, "a character outside the alphabet") from error
    if _NO_DIGIT in digits:
        raise WireError(Reason.BASE45_MALFORMED, "a character outside the alphabet")
    lanes, rest = divmod(len(digits), 3)
    if rest == 1:
        raise WireError(Reason.BASE45_MALFORMED, f"no byte string has {len(digits)} characters")
    whole, size = lanes * 3, lanes * _LANE
    first, second, third = bytearray(size), bytearray(size), bytearray(size)
    first[0::_LANE] = digits[0:whole:3]
    second[0::_LANE] = digits[1:whole:3]
    third[0::_LANE] = digits[2:whole:3]
    values = (
        int.from_bytes(first, "little") + 45 * int.from_bytes(second, "little") + 2025 * int.from_bytes(third, "little")
    ).to_bytes(size, "little")
    if values[2::_LANE].count(0) != lanes:
        raise WireError(Reason.BASE45_MALFORMED, "a group above 65535")
    data = bytearray(2 * lanes)
    data[0::2] = values[1::_LANE]
    data[1::2] = values[0::_LANE]
    if rest:
        last = digits[whole] + 45 * digits[whole + 1]
        if last > 0xFF:
            raise WireError(Reason.BASE45_MALFORMED, "a last group above 255")
        data.append(last)
    return bytes(data)


def decode_chunk(texts: Sequence[str]) -> list[bytes]:
    """Return the bytes of each of `texts`, all decoded as one: half the time of one by one.

    A text of two characters at its end stands for one byte; with a third character "0" it stands for a zero byte and
    that byte, so every text can be filled up to whole groups and the zero dropped again.

    Raises:
        WireError: BASE45_MALFORMED if any text is; the caller then decodes one by one to learn which.
    """
    joined = decode("".join([text if len(text) % 3 == 0 else _whole_groups(text) for text in texts]))
    chunk, start = [], 0
    for text in texts:
        groups, rest = divmod(len(text), 3)
        end = start + 2 * groups
        if rest:
            if joined[end]:
                raise WireError(Reason.BASE45_MALFORMED, "a last group above 255")
            chunk.append(joined[start:end] + joined[end + 1 : end + 2])
            end += 2
        else:
            chunk.append(joined[start:end])
        start = end
    return chunk


def _whole_groups(text: str) -> str:
    if len(text) % 3 == 1:
        raise WireError(Reason.BASE45_MALFORMED, f"no byte string has {len(text)} characters")
    return text + "0"
