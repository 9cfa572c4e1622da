"""Names in the letters of a passport: ICAO Doc 9303 part 3, section 6, and the split into family and given name.

Comes in: a full name as the register holds it. Goes out: `A-Z` and `<` for `fnt`/`gnt`, or the pair `fn`, `gn`. A
letter without a Latin transliteration is refused with `TransliterationError`; only marks, apostrophes and dots go.
"""

import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass, field

from specs.names import compose, lossless_key, one_apostrophe, one_blank, one_d

__all__ = [
    "COMPOUND_FAMILY_NAMES",
    "NameSplit",
    "TransliterationError",
    "join_name",
    "split_name",
    "transliterate",
    "writes_clan_last",
]


class TransliterationError(ValueError):
    """A sign has no place in a machine readable zone; `.sign` is that sign's Unicode name, never the person's name."""

    def __init__(self, sign: str) -> None:
        super().__init__(f"no transliteration for {unicodedata.name(sign, 'an unnamed sign')}")
        self.sign = unicodedata.name(sign, "an unnamed sign")


# Letters that 9303 does not simply strip of their marks. Every other letter is decomposed first, because the table of
# 9303 holds only 20 of the 67 accented Vietnamese capitals.
_TABLE = {
    "Ä": "AE",
    "Å": "AA",
    "Æ": "AE",
    "Ĳ": "IJ",
    "Ö": "OE",
    "Ø": "OE",
    "Œ": "OE",
    "Ü": "UE",
    "ẞ": "SS",
    "ß": "SS",
    "Þ": "TH",
    "Đ": "D",
    "Ħ": "H",
    "İ": "I",
    "ı": "I",
    "ĸ": "Q",
    "Ł": "L",
    "Ŋ": "N",
    "Ŧ": "T",
    "Ə": "E",
    "ſ": "S",
}
_SEPARATORS = frozenset("-\u2010\u2011\u2012\u2013\u2014/<")
_DROPPED = frozenset("'.,\u00b7\u2027")


def transliterate(text: str) -> str:
    """The name in `A-Z`, words joined by `<` (9303-3 section 4.6 and 6): Hà Nội-Đăk -> HA<NOI<DAK, H'Hen -> HHEN.

    Raises TransliterationError for a sign that is neither a Latin letter, a blank, a hyphen, an apostrophe nor a dot.
    """
    letters: list[str] = []
    for sign in one_apostrophe(one_d(compose(one_blank(text)))).upper():
        if "A" <= sign <= "Z":
            letters.append(sign)
        elif sign in _TABLE:
            letters.append(_TABLE[sign])
        elif sign == " " or sign in _SEPARATORS:
            letters.append("<")
        elif sign not in _DROPPED and not unicodedata.combining(sign):
            base = unicodedata.normalize("NFD", sign)[0]
            base = _TABLE.get(base, base)
            if not ("A" <= base[0] <= "Z"):
                raise TransliterationError(sign)
            letters.append(base)
    return "<".join(filter(None, "".join(letters).split("<")))


@dataclass(frozen=True, slots=True)
class NameSplit:
    """`fn` the family name, `gn` middle and given name together; `gn` is empty for a one-word name."""

    fn: str = field(repr=False)
    gn: str = field(repr=False)


COMPOUND_FAMILY_NAMES = ("Âu Dương", "Tôn Thất", "Tôn Nữ")

_CLANS = frozenset(
    lossless_key(clan)
    for clan in (
        "Niê Mlô Êban Byă Buôn Ayun Êñuôl Enuôl Kbuôr Hđơk Hwing Kđoh Kdoh Adrơng Arul Bdap Bkrông Ksơr Ktul Ktla "
        "Knul Hmŏk Hlong Jdrăng Eung Rơyam Bing Liêng Pang Bjă"
    ).split()
)


def _clan_at(words: list[str]) -> int | None:
    """Where the clan begins in an Ê Đê or Mnông name (Y or H first, clan last); None for every other name."""
    first = words[0].upper()
    joined = len(first) > 2 and first.startswith("H'")
    if not joined and first not in ("Y", "H", "H'"):
        return None
    earliest = 1 if joined else 2
    if len(words) <= earliest:
        return None
    return next((at for at in range(earliest, len(words)) if lossless_key(words[at]) in _CLANS), len(words) - 1)


def split_name(
    full_name: str, *, family: str | None = None, compounds: Iterable[str] = COMPOUND_FAMILY_NAMES
) -> NameSplit:
    """Family name and the rest, in the order in which the name is written.

    The first word, or a listed compound, is the family name; in Ê Đê and Mnông names (Y Thông Niê, H'Hen Niê) the clan
    at the end is. A name of one word, or `Y`/`H` with one more word and no clan, is all family name, so that `fnt`
    exists in every version of the DCC schema. `family` is an operator's decision and must begin or end the name, else
    ValueError.
    """
    words = one_apostrophe(one_blank(full_name)).split(" ")
    if family is not None:
        chosen = one_apostrophe(one_blank(family)).split(" ")
        if words[: len(chosen)] == chosen:
            return NameSplit(" ".join(chosen), " ".join(words[len(chosen) :]))
        if words[-len(chosen) :] == chosen:
            return NameSplit(" ".join(chosen), " ".join(words[: -len(chosen)]))
        raise ValueError("the family name given neither begins nor ends the full name")
    clan = _clan_at(words)
    if clan is not None:
        return NameSplit(" ".join(words[clan:]), " ".join(words[:clan]))
    if words[0].upper() in ("Y", "H", "H'") and len(words) == 2:
        return NameSplit(" ".join(words), "")
    keys = lossless_key(full_name).split(" ")
    for compound in compounds:
        length = len(compound.split())
        if len(words) > length and keys[:length] == lossless_key(compound).split(" "):
            return NameSplit(" ".join(words[:length]), " ".join(words[length:]))
    return NameSplit(words[0], " ".join(words[1:]))


def writes_clan_last(family: str, given: str) -> bool:
    """Whether a name is written given names first: Y or H begins them, and the family name is an Ê Đê or Mnông clan.

    The clan decides, for Nguyễn Y Vân and Nguyễn H Linh are names too.
    """
    first = one_apostrophe(given).upper().split(" ")[0]
    return (first in ("Y", "H", "H'") or first.startswith("H'")) and lossless_key(family).split(" ")[0] in _CLANS


def join_name(family: str, given: str) -> str:
    """The name in the order in which it is written, as on the ID card: what `split_name` took apart."""
    parts = (given, family) if writes_clan_last(family, given) else (family, given)
    return " ".join(filter(None, parts))
