"""Evidence of linking as a sentence that an officer reads, what differs first."""

from issuer.link.model import Birth, Evidence, Life, Name, Number, Sex
from issuer.worklist.words import say

__all__ = ["evidence_words"]


def evidence_words(text: str, language: str) -> list[tuple[str, bool]]:
    """Phrases with whether each agrees, the disagreeing ones first; nothing for text that is no evidence."""
    try:
        found = Evidence.parse(text)
    except ValueError:
        return []
    phrases = [
        (say(language, f"evidence.number.{found.number.name.lower()}"), found.number is Number.CURRENT),
        (say(language, f"evidence.name.{found.name.name.lower()}"), found.name is Name.EQUAL),
        (say(language, f"evidence.birth.{found.birth.name.lower()}"), found.birth is Birth.EQUAL),
        (say(language, f"evidence.sex.{found.sex.name.lower()}"), found.sex is Sex.EQUAL),
    ]
    if found.life is not Life.ALIVE:
        phrases.append((say(language, f"evidence.life.{found.life.name.lower()}"), False))
    if found.elsewhere:
        phrases.append((say(language, "evidence.elsewhere"), False))
    return sorted(phrases, key=lambda phrase: phrase[1])
