"""Base45 (RFC 9285): two bytes are three characters of the QR alphanumeric set (`certificate.md` section 1.5).

Both directions treat the whole input as one long integer of lanes, one lane for each pair of bytes: a handful of
big-integer operations replace a loop in Python, and every lane is still checked.
"""

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


@lru_cache(maxsize=2048)  # the largest QR code has 1,432 groups
def _digit_mask(groups: int) -> int:
    return int.from_bytes(b"\x00\x00\xff" * groups, "big")


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
    last = digits[len(digits) - rest :]
    groups = int.from_bytes(digits[: len(digits) - rest], "big")
    mask = _digit_mask(lanes)
    values = ((groups >> 16) & mask) + 45 * ((groups >> 8) & mask) + 2025 * (groups & mask)
    data = bytearray(values.to_bytes(3 * lanes, "big"))
    if data[0::3].count(0) != lanes:
        raise WireError(Reason.BASE45_MALFORMED, "a group above 65535")
    del data[0::3]
    if rest:
        value = last[0] + 45 * last[1]
        if value > 0xFF:
            raise WireError(Reason.BASE45_MALFORMED, "a last group above 255")
        data.append(value)
    return bytes(data)
