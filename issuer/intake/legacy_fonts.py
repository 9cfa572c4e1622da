"""Text typed for the fonts of before Unicode: TCVN3 (ABC, .VnTime) and VNI.

Such text looks like Latin letters with wrong accents: `NguyÔn V¨n` (TCVN3), `Nguyeãn Vaên` (VNI). One file uses one of
them, so the decision is made for a whole file, from its words: only when nearly all words with odd letters become
Vietnamese syllables by one table and hardly any are so as they stand.
"""

import re
from collections.abc import Iterable
from enum import StrEnum

from issuer.intake.syllables import share_of_syllables

__all__ = ["FontCode", "detect", "odd_words", "to_unicode"]


class FontCode(StrEnum):
    """How the letters of a file are coded."""

    UNICODE = "unicode"
    TCVN3 = "tcvn3"
    VNI = "vni"


_TCVN3_CODES = (
    "µ¸¶·¹¨»¾¼½Æ©ÇÊÈÉË®ÌÐÎÏÑªÒÕÓÔÖ×ÝØÜÞßãáâä«åèæçé¬êíëìîïóñòô\u00adõøö÷ùúýûüþ¡¢§£¤¥¦",
    "àáảãạăằắẳẵặâầấẩẫậđèéẻẽẹêềếểễệìíỉĩịòóỏõọôồốổỗộơờớởỡợùúủũụưừứửữựỳýỷỹỵĂÂĐÊÔƠƯ",
)
_TCVN3 = str.maketrans(*_TCVN3_CODES)

_VNI: dict[str, str] = {}
for _base, _codes, _letters in (
    ("a", "ùøûõïêéèúüëâáàåãä", "áàảãạăắằẳẵặâấầẩẫậ"),
    ("e", "ùøûõïâáàåãä", "éèẻẽẹêếềểễệ"),
    ("o", "ùøûõïâáàåãä", "óòỏõọôốồổỗộ"),
    ("u", "ùøûõï", "úùủũụ"),
    ("y", "ùøûõ", "ýỳỷỹ"),
    ("ô", "ùøûõï", "ớờởỡợ"),
    ("ö", "ùøûõï", "ứừửữự"),
):
    for _code, _letter in zip(_codes, _letters, strict=True):
        for _mark in (_code, _code.upper()):
            _VNI[_base + _mark] = _letter
            _VNI[_base.upper() + _mark] = _letter.upper()
_VNI |= dict(zip("ôöñæóòîÔÖÑÆÓÒÎ", "ơưđỉĩịỵƠƯĐỈĨỊỴ", strict=True))
_VNI_PATTERN = re.compile("|".join(sorted(_VNI, key=len, reverse=True)))

_ENOUGH = 0.9
_HARDLY = 0.55
_LEAST_WORDS = 3


def to_unicode(text: str, code: FontCode) -> str:
    """The text in Unicode. A word in capitals stays so, though the capital fonts of TCVN3 shared the small codes."""
    if text.isascii() or code is FontCode.UNICODE:
        return text
    if code is FontCode.VNI:
        return _VNI_PATTERN.sub(lambda found: _VNI[found[0]], text)
    return " ".join(map(_tcvn3_word, text.split(" ")))


def detect(texts: Iterable[str], header: Iterable[str] = ()) -> FontCode:
    """In which code the texts of one file were typed; UNICODE unless the evidence is strong.

    Words of the `header` are no evidence: the form may be in Unicode and its rows pasted from an old list.
    """
    words = odd_words(texts) - odd_words(header)
    if len(words) < _LEAST_WORDS:
        return FontCode.UNICODE
    as_is = share_of_syllables({word for word in words if word.isalpha()}) if any(map(str.isalpha, words)) else 0.0
    best, code = max((share_of_syllables({to_unicode(word, code) for word in words}), code) for code in _LEGACY)
    return code if best >= _ENOUGH and as_is <= _HARDLY and best > as_is + 0.3 else FontCode.UNICODE


_LEGACY = (FontCode.TCVN3, FontCode.VNI)


def odd_words(texts: Iterable[str]) -> set[str]:
    """The words that hold a letter outside ASCII."""
    return {word for text in texts if not text.isascii() for word in _split(text) if not word.isascii()}


def _split(text: str) -> Iterable[str]:
    return re.split(r"[\s\d_!-/:-@\[-^`{-~]+", text)


def _tcvn3_word(word: str) -> str:
    converted = word.translate(_TCVN3)
    ascii_letters = [letter for letter in word if letter.isascii() and letter.isalpha()]
    capitals = len(ascii_letters) > 1 and all(map(str.isupper, ascii_letters))
    return converted.upper() if capitals else converted
