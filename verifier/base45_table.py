"""Base45 for many texts at once, by table: a third of the time of one by one.

`specs.base45` says what Base45 is, and has the last word on every text that this module does not read.
"""

from collections.abc import Sequence

import numpy as np

from specs.base45 import ALPHABET

_TOO_MUCH = 1 << 17  # what a character outside the alphabet counts for: more than any group may be worth
_LARGEST = 0xFFFF


def _worth(factor: int) -> np.ndarray[tuple[int], np.dtype[np.uint32]]:
    worth = np.full(128, _TOO_MUCH, np.uint32)
    for digit, character in enumerate(ALPHABET):
        worth[ord(character)] = digit * factor
    return worth


_FIRST, _SECOND, _THIRD = _worth(1), _worth(45), _worth(45 * 45)


def decode_chunk(texts: Sequence[str]) -> list[bytes] | None:
    """Return the bytes of each text, or None if any of them is not Base45: decode them one by one then.

    A text that ends in a group of two characters stands for a last single byte. With a third character "0" the group
    stands for a zero byte and that byte, so every text is filled up to whole groups and the zero dropped again.
    """
    if not texts or any(len(text) % 3 == 1 for text in texts):
        return None
    joined = "".join([text if len(text) % 3 == 0 else text + "0" for text in texts])
    if not joined.isascii():
        return None
    characters = np.frombuffer(joined.encode(), np.uint8).reshape(-1, 3)
    values = _FIRST.take(characters[:, 0])
    values += _SECOND.take(characters[:, 1])
    values += _THIRD.take(characters[:, 2])
    if values.size and values.max() > _LARGEST:
        return None
    data = values.astype(">u2").tobytes()
    chunk, start = [], 0
    for text in texts:
        groups, rest = divmod(len(text), 3)
        end = start + 2 * groups
        if not rest:
            chunk.append(data[start:end])
        elif data[end]:
            return None  # the last group is above 255
        else:
            chunk.append(data[start:end] + data[end + 1 : end + 2])
            end += 2
        start = end
    return chunk
