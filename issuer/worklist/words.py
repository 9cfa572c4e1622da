"""Every text of the console, Vietnamese first, in one closed table: `words.json`, key -> [Vietnamese, English].

A text may hold places in braces for numbers and names: `say("vi", "queue.count", count=3)`. A key that is not there is
a fault, never a blank; a test holds the keys used by templates and code and those of the table equal.
"""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Final

__all__ = ["LANGUAGES", "TEXTS", "say"]

LANGUAGES: Final = ("vi", "en")

TEXTS: Final[Mapping[str, list[str]]] = json.loads(Path(__file__).with_name("words.json").read_text("utf-8"))


def say(language: str, key: str, **values: object) -> str:
    """The text of a key in a language. Raises KeyError for a key that the table lacks."""
    text = TEXTS[key][LANGUAGES.index(language)]
    return text.format(**values) if values else text
