"""The folding ladder: how far apart two spellings of one name are.

Comes in: the text of a name or of one word of it. Goes out: the same text brought to one spelling, one function per
rung, and `agreement`, the first rung on which two names are the same. The rungs 1 to 3 lose nothing (a keyboard, a
font or a shift key made the difference); 4 to 6 lose something and may only propose. Nothing is refused.
"""

import unicodedata
from enum import IntEnum
from functools import lru_cache

__all__ = [
    "NameStep",
    "agreement",
    "compose",
    "fold",
    "lossless_key",
    "merge_i_y",
    "merged_key",
    "one_apostrophe",
    "one_blank",
    "one_d",
    "order_key",
    "place_tones",
]

_CACHE = 1 << 17
"""Words remembered: a province has fewer than 20,000 different ones, a nation's typing errors fit too."""

_TONES = dict(zip("\u0301\u0300\u0309\u0303\u0323", "\ue001\ue002\ue003\ue004\ue005", strict=True))
"""Sắc, huyền, hỏi, ngã, nặng -> the private-use sign of a key. A name that holds such a sign loses it."""
TONE_SIGNS = "".join(_TONES.values())
_LATE = frozenset("\u0302\u0306\u031b")  # circumflex, breve, horn: loose in NFC only where they were typed after a tone
_APOSTROPHES = "\u2018\u2019\u201b\u02b9\u02bb\u02bc\u02c8\u2032\u00b4\u0060\uff07\ua78c\u055a"
_INVISIBLE = "\u200b\u200c\u200d\u2060\ufeff\u00ad\u200e\u200f"
_VOWELS = frozenset("aăâeêioôơuưy")


class NameStep(IntEnum):
    """The rung of the ladder on which two names became equal; up to CASE_AND_BLANKS nothing was lost."""

    EXACT = 1
    TONE_PLACEMENT = 2
    CASE_AND_BLANKS = 3
    I_AND_Y = 4
    DIACRITICS = 5
    ORDER = 6


_D_TABLE = str.maketrans({"\u00d0": "Đ", "\u00f0": "đ", "\u0189": "Đ", "\u0256": "đ"})
_APOSTROPHE_TABLE = str.maketrans(dict.fromkeys(_APOSTROPHES, "'"))
_INVISIBLE_TABLE = str.maketrans(dict.fromkeys(_INVISIBLE))
_SIGN_TABLE = {**_D_TABLE, **_APOSTROPHE_TABLE, **_INVISIBLE_TABLE, **str.maketrans(dict.fromkeys(TONE_SIGNS))}


def compose(text: str) -> str:
    """NFC, also where the tone was typed before the circumflex, breve or horn, which NFC alone leaves in two pieces."""
    composed = unicodedata.normalize("NFC", text)
    if _LATE.isdisjoint(composed):
        return composed
    parts: list[str] = []
    for sign in unicodedata.normalize("NFD", composed):
        if sign in _LATE and parts and parts[-1] in _TONES:
            parts.insert(len(parts) - 1, sign)
        else:
            parts.append(sign)
    return unicodedata.normalize("NFC", "".join(parts))


def one_d(text: str) -> str:
    """Icelandic `Ð` (U+00D0) and African `Ɖ` (U+0189), which look the same, become the Vietnamese `Đ` (U+0110)."""
    return text.translate(_D_TABLE)


def one_apostrophe(text: str) -> str:
    """Every kind of apostrophe in H'Hen or Bh'riu becomes U+0027."""
    return text.translate(_APOSTROPHE_TABLE)


def one_blank(text: str) -> str:
    """Runs of blanks of any kind (no-break, thin, tab) become one space; no blank at the ends; no invisible signs."""
    return " ".join(text.translate(_INVISIBLE_TABLE).split())


def _split_tone(sign: str) -> tuple[str, str]:
    decomposed = unicodedata.normalize("NFD", sign)
    tone = next((mark for mark in decomposed if mark in _TONES), "")
    return (unicodedata.normalize("NFC", decomposed.replace(tone, "", 1)), tone) if tone else (sign, "")


_TONED = {
    toned: _split_tone(toned)
    for vowel in "aăâeêioôơuưyAĂÂEÊIOÔƠUƯY"
    for mark in _TONES
    for toned in (unicodedata.normalize("NFC", vowel + mark),)
}


def _without_tone(word: str) -> tuple[str, str]:
    """The word without its tone mark and the mark; no mark taken unless the word is one syllable with one mark."""
    tone = ""
    plain: list[str] = []
    for sign in word:
        found = _TONED.get(sign)
        if found is None:
            plain.append(sign)
        elif tone:
            return word, ""
        else:
            plain.append(found[0])
            tone = found[1]
    if not tone:
        return word, ""
    toneless = "".join(plain)
    runs = 0
    inside = False
    for sign in toneless.lower():
        vowel = sign in _VOWELS
        runs += vowel and not inside
        inside = vowel
    return (toneless, tone) if runs == 1 else (word, "")


@lru_cache(_CACHE)
def _placed(word: str) -> str:
    if "-" in word:  # Y-Thuý: the parts are syllables of their own
        return "-".join(map(_placed, word.split("-")))
    toneless, tone = _without_tone(word)
    if not tone:
        return word
    lower = toneless.lower()
    vowels = [at for at, sign in enumerate(lower) if sign in _VOWELS]
    first = vowels[0]
    if len(vowels) > 1 and first > 0 and lower[first - 1 : first + 1] in ("qu", "gi"):
        vowels = vowels[1:]
    marked = [at for at in vowels if lower[at] in "ăâêôơư"]
    closed = vowels[-1] + 1 < len(lower)
    if marked:
        at = marked[-1]
    elif len(vowels) == 1 or (len(vowels) == 2 and not closed):
        at = vowels[0]
    else:
        at = vowels[1]
    return unicodedata.normalize("NFC", toneless[: at + 1] + tone + toneless[at + 1 :])


def place_tones(text: str) -> str:
    """The tone mark of every syllable on one letter: Hoà -> Hòa, Thuý -> Thúy, Khoẻ -> Khỏe; Quý and già stay."""
    return " ".join(_placed(word) for word in text.split(" "))


@lru_cache(_CACHE)
def _word_key(word: str) -> str:
    return "-".join(map(_syllable_key, compose(word).translate(_SIGN_TABLE).lower().split("-")))


def _syllable_key(signs: str) -> str:
    toneless, tone = _without_tone(signs)
    return toneless + _TONES[tone] if tone else signs


@lru_cache(_CACHE)
def _folded_word(word: str) -> str:
    signs = unicodedata.normalize("NFD", compose(word).translate(_SIGN_TABLE).lower()).replace("đ", "d")
    return signs if signs.isascii() else "".join(sign for sign in signs if not unicodedata.combining(sign))


def lossless_key(text: str) -> str:
    """Equal for two names exactly when rungs 1 to 3 make them equal: NFC, tone placement, case, blanks, Đ, apostrophes.

    The tone of a syllable is written behind it as a private-use sign (U+E001 to U+E005), so where it stood does not
    matter: `hoa` and U+E002 for Hòa and Hoà. A digit would not do: `Hoa2` is another name.
    """
    return " ".join(filter(None, map(_word_key, text.split())))


def fold(text: str) -> str:
    """Rung 5: lower case, no mark at all, đ -> d. Many names share one folded form; never a proof of identity."""
    return " ".join(filter(None, map(_folded_word, text.split())))


@lru_cache(_CACHE)
def _merged_word(key: str) -> str:
    if "-" in key:
        return "-".join(map(_merged_word, key.split("-")))
    body = key.rstrip(TONE_SIGNS)
    if body.endswith("y") and (len(body) < 2 or body[-2] not in _VOWELS or body[-3:-1] == "qu"):
        return body[:-1] + "i" + key[len(body) :]
    return key


def merged_key(key: str) -> str:
    """Rung 4 of a lossless key: i for y where both spellings name one sound; never in ay or uy."""
    return " ".join(map(_merged_word, key.split(" ")))


def merge_i_y(text: str) -> str:
    """Rung 4 of a name: Quí = Quý, Mĩ = Mỹ."""
    return merged_key(lossless_key(text))


def order_key(text: str) -> str:
    """Rung 6: the folded words in alphabetical order."""
    return " ".join(sorted(fold(text).split(" ")))


def agreement(one: str, other: str) -> NameStep | None:
    """The first rung on which both are the same name, or None."""
    one, other = compose(one), compose(other)
    if one == other:
        return NameStep.EXACT
    if place_tones(one) == place_tones(other):
        return NameStep.TONE_PLACEMENT
    if lossless_key(one) == lossless_key(other):
        return NameStep.CASE_AND_BLANKS
    if merge_i_y(one) == merge_i_y(other):
        return NameStep.I_AND_Y
    if fold(one) == fold(other):
        return NameStep.DIACRITICS
    return NameStep.ORDER if order_key(one) == order_key(other) else None
