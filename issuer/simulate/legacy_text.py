"""Vietnamese text as the fonts before Unicode stored it: TCVN3 (.VnTime) and VNI Windows. Encoding only.

In: NFC text. Out: the Latin-1 characters that stand in such a file. TCVN3 has no capital with a tone: the small letter
is written, as typists of .VnTime did. Both tables are from the published fonts' code pages.
"""

import unicodedata

_TONES = "\u0301\u0300\u0309\u0303\u0323"  # sắc huyền hỏi ngã nặng

_TCVN3_LOWER = {
    "a": "¸µ¶·¹", "ă": "¾»¼½Æ", "â": "ÊÇÈÉË", "e": "ÐÌÎÏÑ", "ê": "ÕÒÓÔÖ", "i": "Ý×ØÜÞ", "o": "ãßáâä", "ô": "èåæçé",
    "ơ": "íêëìî", "u": "óïñòô", "ư": "øõö÷ù", "y": "ýúûüþ",
}  # fmt: skip
_TCVN3_PLAIN = dict(zip("ăâđêôơưĂÂĐÊÔƠƯ", "¨©®ª«¬\xad¡¢§£¤¥¦", strict=True))

_VNI_PLAIN = {"ă": "aê", "â": "aâ", "ê": "eâ", "ô": "oâ", "ơ": "ô", "ư": "ö", "đ": "ñ"}
_VNI_TONES = {"": "ùøûõï", "ă": "éèúüë", "â": "áàåãä", "ê": "áàåãä", "ô": "áàåãä", "ơ": "ùøûõï", "ư": "ùøûõï"}
_VNI_SINGLE = {"i": "íìæóò"}


def _tcvn3_table() -> dict[str, str]:
    table = dict(_TCVN3_PLAIN)
    for vowel, codes in _TCVN3_LOWER.items():
        for tone, code in zip(_TONES, codes, strict=True):
            letter = unicodedata.normalize("NFC", vowel + tone)
            table[letter] = table[letter.upper()] = code
    return table


def _vni_table() -> dict[str, str]:
    table = dict(_VNI_PLAIN)
    for vowel in "aăâeêioôơuưy":
        for at, tone in enumerate(_TONES):
            letter = unicodedata.normalize("NFC", vowel + tone)
            if vowel in _VNI_SINGLE:
                table[letter] = _VNI_SINGLE[vowel][at]
            elif vowel in "ơư":
                table[letter] = _VNI_PLAIN[vowel] + _VNI_TONES[vowel][at]
            else:
                table[letter] = _VNI_PLAIN.get(vowel, vowel)[0] + _VNI_TONES.get(vowel, _VNI_TONES[""])[at]
    table["ỵ"] = "î"
    return table | {letter.upper(): code.upper() for letter, code in table.items()}


_TABLES = {"tcvn3": str.maketrans(_tcvn3_table()), "vni": str.maketrans(_vni_table())}
LEGACY = tuple(_TABLES)


def to_legacy(text: str, font: str) -> str:
    """`text` as a file in `font` ("tcvn3" or "vni") holds it."""
    return text.translate(_TABLES[font])
