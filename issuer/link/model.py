"""What linking can find of a dose, and the evidence it keeps: closed lists, no text, no personal data.

Linking classes: design section 6. Conclusive means that all four fields, read losslessly, are those of exactly one
person who was alive on the day, or an old number of exactly one person with the other three equal. Everything else is
a proposal at most, and none where somebody else fits as well.
"""

from dataclasses import dataclass, field, fields
from enum import IntEnum, StrEnum
from functools import lru_cache

from specs.names import NameStep

__all__ = [
    "MAX_PROPOSALS",
    "Basis",
    "Birth",
    "DoseFacts",
    "Evidence",
    "Life",
    "LinkClass",
    "LinkResult",
    "Name",
    "Number",
    "PersonFacts",
    "Proposal",
    "Sex",
]

MAX_PROPOSALS = 5


class LinkClass(StrEnum):
    """What became of a dose; only `matched` names a person."""

    MATCHED = "matched"
    MISMATCHED = "mismatched"
    UNKNOWN_ID = "unknown_id"
    MALFORMED_ID = "malformed_id"
    NO_ID = "no_id"
    AMBIGUOUS = "ambiguous"
    FOREIGN = "foreign"
    DUPLICATE = "duplicate"


class Basis(StrEnum):
    """The rule that decided. A link on any other basis was made by people and is not linking's to change."""

    FOUR_FIELDS = "four_fields"
    OLD_NUMBER = "old_number"
    PROPOSED = "proposed"
    NOBODY = "nobody"
    SEVERAL = "several"
    FOREIGNER = "foreigner"


class Name(IntEnum):
    """How near two names are; from I_AND_Y down something was lost."""

    MISSING = -1
    DIFFERENT = 0
    FAMILY_AND_GIVEN = 1
    TWO_LETTERS = 2
    ONE_LETTER = 3
    WORDS = 4
    ORDER = 5
    MARKS = 6
    NO_MARKS = 7
    I_AND_Y = 8
    EQUAL = 9


class Birth(IntEnum):
    """How near two birth dates are."""

    MISSING = -1
    DIFFERENT = 0
    SAME_YEAR = 1
    TWO_PARTS = 2
    ONE_DIGIT = 3
    COARSER = 4
    SWAPPED = 5
    EQUAL = 6


class Sex(IntEnum):
    """Whether the sexes agree."""

    MISSING = -1
    DIFFERENT = 0
    EQUAL = 1


class Number(IntEnum):
    """How near the typed number is to the nearest number that the person has or had.

    PARTS, the first digits, counts only for a number that lost its end or is malformed: of a whole one the first six
    tell province, sex and year, which any namesake of the same age shares.
    """

    MISSING = -1
    DIFFERENT = 0
    PARTS = 1
    TWO_DIGITS = 2
    ONE_DIGIT = 3
    OTHER_READING = 4
    OLD = 5
    CURRENT = 6


class Life(IntEnum):
    """Whether the person was alive on the day of the dose."""

    NOT_BORN = -2
    DEAD = -1
    UNCLEAR = 0
    ALIVE = 1


@dataclass(frozen=True, slots=True)
class DoseFacts:
    """A cleaned dose as linking sees it. Texts are normalised: `name_key`, `name_fold` by specs.names, dates ISO 8601.

    `other_readings` are further readings of the number, `number_start` the first digits of one that lost its end.
    """

    dose_id: int
    name_key: str = field(repr=False)
    name_fold: str = field(repr=False)
    birth_date: str = field(repr=False)
    birth_date_other: str = field(repr=False)
    sex: str = field(repr=False)
    id_kind: str
    id_number: str = field(repr=False)
    other_readings: tuple[str, ...] = field(repr=False)
    number_start: str = field(repr=False)
    is_foreign: bool
    vaccinated_on: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class PersonFacts:
    """A person of the register as linking sees them; `old_numbers` are earlier and cancelled ones."""

    person_id: int
    national_id: str = field(repr=False)
    old_numbers: tuple[str, ...] = field(repr=False)
    name_key: str = field(repr=False)
    name_fold: str = field(repr=False)
    birth_date: str = field(repr=False)
    sex: str = field(repr=False)
    death_date: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Evidence:
    """How a dose compares with one person, field by field.

    `step` is the rung of the folding ladder on which equal names met, None where unknown or not equal. `elsewhere` says
    that the typed number is another person's, `rivals` how many others fit as well, `hidden` how many people who fit
    less were left out because they fit equally well among themselves.
    """

    number: Number
    name: Name
    birth: Birth
    sex: Sex
    life: Life
    step: NameStep | None = None
    elsewhere: bool = False
    rivals: int = 0
    hidden: int = 0

    def __str__(self) -> str:
        """One line for the register: `number=current name=equal/tone_placement birth=equal sex=equal life=alive`."""
        return _written(self)

    @classmethod
    def parse(cls, text: str) -> "Evidence":
        """What `str` wrote. Raises ValueError for anything else."""
        said = dict(part.partition("=")[::2] for part in text.split(" "))
        try:
            name, _, step = said["name"].partition("/")
            return cls(
                Number[said["number"].upper()],
                Name[name.upper()],
                Birth[said["birth"].upper()],
                Sex[said["sex"].upper()],
                Life[said["life"].upper()],
                NameStep[step.upper()] if step else None,
                said.get("elsewhere") == "1",
                int(said.get("rivals", "0")),
                int(said.get("hidden", "0")),
            )
        except KeyError as error:
            raise ValueError("not evidence of a link") from error


@lru_cache(1 << 14)
def _written(evidence: Evidence) -> str:
    parts = [f"{one.name}={getattr(evidence, one.name).name.lower()}" for one in fields(evidence)[:5]]
    if evidence.step is not None:
        parts[1] += f"/{evidence.step.name.lower()}"
    if evidence.elsewhere:
        parts.append("elsewhere=1")
    if evidence.rivals:
        parts.append(f"rivals={evidence.rivals}")
    if evidence.hidden:
        parts.append(f"hidden={evidence.hidden}")
    return " ".join(parts)


@dataclass(frozen=True, slots=True)
class Proposal:
    """Somebody an officer may choose; `weight` in hundredths of a bit, for ranking only."""

    person_id: int
    weight: int
    evidence: Evidence


@dataclass(frozen=True, slots=True)
class LinkResult:
    """What became of one dose. `person_id` only when conclusive; `evidence` is that of the best candidate, if any."""

    dose_id: int
    link_class: LinkClass
    person_id: int | None
    basis: Basis
    evidence: Evidence | None
    proposals: tuple[Proposal, ...] = ()
