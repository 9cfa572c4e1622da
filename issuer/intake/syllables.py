"""Is this a Vietnamese syllable? Used to tell in which old encoding a file was typed, never to judge a name."""

import re
import unicodedata

__all__ = ["is_syllable", "share_of_syllables"]

_ONSETS = "b c ch d đ g gh gi h k kh l m n ng ngh nh p ph q qu r s t th tr v x"
_RHYMES = """
a ac ach ai am an ang anh ao ap at au ay ăc ăm ăn ăng ăp ăt âc âm ân âng âp ât âu ây e ec em en eng eo ep et ê êch êm
ên êng ênh êp êt êu i ia ich im in inh ip it iu iêc iêm iên iêng iêp iêt iêu yêm yên yêng yêt yêu o oc oi om on ong op
ot oa oac oach oai oam oan oang oanh oao oap oat oay oăc oăm oăn oăng oăt oe oen oeo oet ooc oong ô ôc ôi ôm ôn ông ôp
ôt ơ ơi ơm ơn ơp ơt u ua uc ui um un ung up ut uâ uân uâng uât uây uê uêch uên uênh uơ uôc uôi uôm uôn uông uôt uy uya
uych uyn uynh uyp uyt uyu uyên uyêt ư ưa ưc ưi ưm ưn ưng ưt ưu ươc ươi ươm ươn ương ươp ươt ươu y
"""


def _either(parts: str) -> str:
    return "|".join(sorted(parts.split(), key=len, reverse=True))


_SYLLABLE = re.compile(f"(?:{_either(_ONSETS)})?(?:{_either(_RHYMES)})")
_TONES = re.compile("[\u0300\u0301\u0303\u0309\u0323]")


def is_syllable(word: str) -> bool:
    """Whether the word, in any case, is one Vietnamese syllable with at most one tone mark."""
    toneless, tones = _TONES.subn("", unicodedata.normalize("NFD", word.lower()))
    return tones <= 1 and _SYLLABLE.fullmatch(unicodedata.normalize("NFC", toneless)) is not None


def share_of_syllables(words: set[str]) -> float:
    """The part of the words that are Vietnamese syllables; 0 for none."""
    return sum(map(is_syllable, words)) / len(words) if words else 0.0
