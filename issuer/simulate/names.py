"""Names for a column of people, drawn at the published frequencies.

In: a random generator and, per person, sex, birth year, people and family. Out: full names in NFC, Title Case, tone
marks on the old place (Hòa, Thủy), apostrophes as U+0027.
"""

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from issuer.simulate.name_tables import (
    FAMILY,
    GIVEN_FEMALE,
    GIVEN_MALE,
    GROUPS,
    MIDDLE_FEMALE_ONE,
    MIDDLE_FEMALE_TWO,
    MIDDLE_MALE_ONE,
    MIDDLE_MALE_TWO,
)

Ints = NDArray[np.int32]
Bools = NDArray[np.bool_]


class Urn:
    """A table of weighted strings to draw from."""

    def __init__(self, weights: Mapping[str, float], suffix: str = "") -> None:
        self.words = np.array([word + suffix for word in weights], dtype=object)
        total = np.cumsum(np.array(list(weights.values()), dtype=np.float64))
        self._cumulative = total / total[-1]

    def draw(self, rng: np.random.Generator, size: int) -> NDArray[np.object_]:
        """`size` strings, each by its weight."""
        return np.asarray(self.words[self.draw_index(rng, size)], dtype=object)

    def draw_index(self, rng: np.random.Generator, size: int) -> Ints:
        """As `draw`, the places in the table instead of the strings."""
        return np.searchsorted(self._cumulative, rng.random(size), side="right").astype(np.int32)


FAMILIES = Urn(FAMILY, " ")
_GIVEN = (Urn(GIVEN_FEMALE), Urn(GIVEN_MALE))
_ONE = (Urn(MIDDLE_FEMALE_ONE, " "), Urn(MIDDLE_MALE_ONE, " "))
_TWO = (Urn(MIDDLE_FEMALE_TWO, " "), Urn(MIDDLE_MALE_TWO, " "))
# Words per name, born 2007-11 (hoten.org), as cumulative shares of two, three, four words; the rest has five.
_WORDS = (np.array([0.0020, 0.3490, 0.9951]), np.array([0.0093, 0.7368, 0.9983]))
_OLD = 1975
"""Born before: Thị and Văn as 60-80 and 30-40 percent of the old carry them (an estimate, `domain` marks it so)."""
_OLD_SHARE = (0.70, 0.35)
_OLD_MIDDLE = ("Thị ", "Văn ")
KINH = -1
"""The group of who is in none of `GROUPS`."""
GROUP_SHARE = np.array([group.share / 100 for group in GROUPS])


def draw_groups(rng: np.random.Generator, size: int, factor: float = 1.0) -> Ints:
    """The people (place in `GROUPS`, or KINH) of `size` households; `factor` multiplies the national shares."""
    cumulative = np.cumsum(GROUP_SHARE * factor)
    place = np.searchsorted(cumulative, rng.random(size), side="right").astype(np.int32)
    place[place == len(GROUPS)] = KINH
    return place


def draw_names(rng: np.random.Generator, male: Bools, birth_year: Ints, group: Ints, family: Ints) -> list[str]:
    """One full name a person; `family` is a place in the family table, or any number that picks a clan."""
    size = len(male)
    middle, given = np.empty(size, dtype=object), np.empty(size, dtype=object)
    for sex in (0, 1):
        who = np.flatnonzero(male == bool(sex))
        middle[who] = _middles(rng, sex, birth_year[who])
        given[who] = _GIVEN[sex].draw(rng, len(who))
    names: list[str] = (FAMILIES.words[family % len(FAMILIES.words)] + middle + given).tolist()
    others = np.flatnonzero(group != KINH)
    picks = rng.integers(0, 1 << 16, len(others))
    for at, pick in zip(others.tolist(), picks.tolist(), strict=True):
        people = GROUPS[group[at]]
        own = people.given_male if male[at] else people.given_female
        names[at] = (people.male if male[at] else people.female).format(
            clan=people.clans[int(family[at]) % len(people.clans)],
            given=own[pick % len(own)] if own else "",
            middle=middle[at],
            name=given[at],
        )
    return names


def _middles(rng: np.random.Generator, sex: int, birth_year: Ints) -> NDArray[np.object_]:
    size = len(birth_year)
    words = np.searchsorted(_WORDS[sex], rng.random(size), side="right")
    one, two = _ONE[sex].draw(rng, size), _TWO[sex].draw(rng, size)
    middle = np.where(words == 0, "", np.where(words == 1, one, two))
    five = words == 3
    middle[five] = two[five] + one[five]
    old = (birth_year < _OLD) & (rng.random(size) < _OLD_SHARE[sex])
    middle[old] = _OLD_MIDDLE[sex]
    return np.asarray(middle, dtype=object)
