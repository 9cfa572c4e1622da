"""Doses made worse than the national mix has them: two of name, birth date and number spoiled once more.

In the national mix a row has one thing wrong, and the rest of it tells who it is: any ranking that is not foolish finds
the person. Where two of the three that count are spoiled, rankings differ. The dose's identifier is the seed, so every
run spoils the same doses in the same way.
"""

from collections.abc import Iterator
from random import Random
from typing import Any

from issuer.link.engine import Engine
from specs.names import fold, lossless_key

COLUMNS = tuple(
    (name, "BIGINT" if name == "dose_id" else "VARCHAR")
    for name in ("dose_id", "full_name", "name_key", "name_fold", "birth_date", "id_kind", "id_number")
)
SELECT = "SELECT dose_id, full_name, birth_date, id_kind, id_number FROM all_doses ORDER BY dose_id"
FIELDS = ("name", "birth", "number")
_LETTERS = "abcdeghiklmnopqrstuvxy"


def spoilt_fields(dose_id: int) -> tuple[str, ...]:
    """Which two, in the order of the row."""
    return tuple(sorted(Random(f"what {dose_id}").sample(FIELDS, 2), key=FIELDS.index))


def spoil(engine: Engine) -> Iterator[tuple[Any, ...]]:
    """The rows of COLUMNS: every dose with two of its three fields spoiled."""
    for chunk in engine.rows(SELECT):
        for dose_id, name, birth, kind, number in chunk:
            chance, spoilt = Random(f"how {dose_id}"), spoilt_fields(dose_id)
            name = spoilt_name(chance, name) if "name" in spoilt and name else name
            birth = spoilt_birth(chance, birth) if "birth" in spoilt else birth
            number = spoilt_number(chance, number) if "number" in spoilt else number
            key = lossless_key(name)
            yield dose_id, name, key, fold(key), birth, kind if number else "none", number


def spoilt_name(chance: Random, name: str) -> str:
    """Without marks; a letter dropped or another; a middle word left out; or the words in another order."""
    way, words = chance.random(), name.split()
    if way < 0.35:
        return fold(lossless_key(name))
    if way < 0.75:
        at = chance.choice([place for place, sign in enumerate(name) if sign != " "])
        return name[:at] + chance.choice(("", chance.choice(_LETTERS))) + name[at + 1 :]
    if way < 0.9 and len(words) > 2:
        del words[chance.randrange(1, len(words) - 1)]
    else:
        chance.shuffle(words)
    return " ".join(words)


def spoilt_birth(chance: Random, birth: str) -> str:
    """The year alone; day and month exchanged; or another digit. What is no whole date is lost half the time."""
    way = chance.random()
    if len(birth) != 10:
        return birth if way < 0.5 else ""
    if way < 0.35:
        return birth[:4]
    if way < 0.55 and int(birth[8:]) <= 12:
        return f"{birth[:4]}-{birth[8:]}-{birth[5:7]}"
    at = chance.choice((2, 3, 6, 8, 9))
    return birth[:at] + chance.choice("012" if at == 8 else "0123456789") + birth[at + 1 :]


def spoilt_number(chance: Random, number: str) -> str:
    """None at all; two digits exchanged; or another digit."""
    way = chance.random()
    if way < 0.5 or len(number) < 9:
        return ""
    at = chance.randrange(4, len(number) - 1)
    if way < 0.75:
        return number[:at] + number[at + 1] + number[at] + number[at + 2 :]
    return number[:at] + chance.choice("0123456789") + number[at + 1 :]
