"""Where two spellings of one fact differ, in pieces that a page can mark.

Pure. Letters are compared as people see them: `Hoà` and `Hòa` differ in two letters, `a` and `á` in one that has the
same letter under other marks, so the mark alone is what differs. Case, blanks and NFC/NFD are not differences.
"""

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from enum import StrEnum

from specs.names import compose, one_apostrophe, one_blank, one_d

__all__ = ["Difference", "Piece", "differences"]


class Difference(StrEnum):
    """How a piece stands beside the other text."""

    SAME = "same"
    MARK = "mark"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Piece:
    """A run of letters that differ in one way. Never printed: it is part of a name, date or number."""

    text: str
    difference: Difference

    def __repr__(self) -> str:
        return f"Piece({len(self.text)} letters, {self.difference})"


def differences(one: str, other: str) -> tuple[tuple[Piece, ...], tuple[Piece, ...]]:
    """Both texts in pieces, each piece the same in the other text or not."""
    left, right = _shown(one), _shown(other)
    if len(left) == len(right) and not any(map(str.isalpha, left + right)):  # numbers and dates: place by place
        marks = [Difference.SAME if a == b else Difference.OTHER for a, b in zip(left, right, strict=True)]
        return _pieces(left, marks), _pieces(right, marks)
    marks_left, marks_right = [Difference.OTHER] * len(left), [Difference.OTHER] * len(right)
    words = _words(left), _words(right)
    for tag, a, b, c, d in SequenceMatcher(
        None, [_fold(w) for w in words[0]], [_fold(w) for w in words[1]], autojunk=False
    ).get_opcodes():
        if tag in ("equal", "replace"):
            span_left, span_right = _span(words[0], a, b), _span(words[1], c, d)
            _letters(left, right, span_left, span_right, marks_left, marks_right)
    return _pieces(left, marks_left), _pieces(right, marks_right)


def _shown(text: str) -> str:
    return one_blank(one_apostrophe(one_d(compose(text))))


def _words(text: str) -> list[str]:
    """The words with the blanks after them, so that joined they are the text."""
    found: list[str] = []
    for word in text.split(" "):
        if found:
            found[-1] += " "
        found.append(word)
    return found


def _span(words: Sequence[str], first: int, last: int) -> tuple[int, int]:
    start = sum(map(len, words[:first]))
    return start, start + sum(map(len, words[first:last]))


def _letters(
    left: str,
    right: str,
    span_left: tuple[int, int],
    span_right: tuple[int, int],
    marks_left: list[Difference],
    marks_right: list[Difference],
) -> None:
    a_from, b_from = span_left[0], span_right[0]
    one = [_fold(sign) for sign in left[slice(*span_left)]]
    other = [_fold(sign) for sign in right[slice(*span_right)]]
    for a, b, size in SequenceMatcher(None, one, other, autojunk=False).get_matching_blocks():
        for step in range(size):
            at, beside = a_from + a + step, b_from + b + step
            same = left[at].lower() == right[beside].lower()
            marks_left[at] = marks_right[beside] = Difference.SAME if same else Difference.MARK


def _fold(text: str) -> str:
    decomposed = unicodedata.normalize("NFD", text.lower()).replace("đ", "d")
    return "".join(sign for sign in decomposed if not unicodedata.combining(sign)).strip() or text[:1]


def _pieces(text: str, marks: Sequence[Difference]) -> tuple[Piece, ...]:
    pieces: list[Piece] = []
    for sign, mark in zip(text, marks, strict=True):
        if pieces and pieces[-1].difference is mark:
            pieces[-1] = Piece(pieces[-1].text + sign, mark)
        else:
            pieces.append(Piece(sign, mark))
    return tuple(pieces)
