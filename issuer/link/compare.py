"""How near one dose and one person are, field by field, in plain Python.

The same rules as `levels_sql` carries out for millions; tests hold the two equal. Used where one pair is looked at: the
worklist, tests, and evidence that needs the ladder's exact rung.
"""

from issuer.link.model import Birth, DoseFacts, Evidence, Life, Name, Number, PersonFacts, Sex
from specs.names import merged_key

__all__ = ["compare", "compare_births", "compare_names", "compare_numbers", "edits", "life_on"]

_AFTER_A_NAME = tuple(" ,;:([/+*=")


def edits(one: str, other: str) -> int:
    """Levenshtein's distance: letters dropped, added or replaced."""
    before = list(range(len(other) + 1))
    for at, sign in enumerate(one, 1):
        now = [at]
        for place, against in enumerate(other, 1):
            now.append(min(before[place] + 1, now[-1] + 1, before[place - 1] + (sign != against)))
        before = now
    return before[-1]


def compare_names(key: str, fold: str, other_key: str, other_fold: str) -> Name:
    """The level of a typed name (lossless key and folded form) beside the register's."""
    if not key:
        return Name.MISSING
    if key == other_key:
        return Name.EQUAL
    if merged_key(key) == merged_key(other_key):
        return Name.I_AND_Y
    if key.startswith(other_key) and key[len(other_key) : len(other_key) + 1] in _AFTER_A_NAME:
        return Name.WORDS
    if fold == other_fold:
        return Name.NO_MARKS if key == fold else Name.MARKS
    words, other_words = fold.split(" "), other_fold.split(" ")
    if sorted(words) == sorted(other_words):
        return Name.ORDER
    if (len(words) > 1 and set(words) <= set(other_words)) or (len(other_words) > 1 and set(other_words) <= set(words)):
        return Name.WORDS
    distance = edits(fold, other_fold)
    if distance <= 2:
        return Name.ONE_LETTER if distance == 1 else Name.TWO_LETTERS
    same_ends = words[0] == other_words[0] and words[-1] == other_words[-1]
    return Name.FAMILY_AND_GIVEN if same_ends else Name.DIFFERENT


def compare_births(typed: str, second: str, other: str) -> Birth:
    """The level of a typed birth date, or of its second reading, beside the register's."""
    if not typed and not second:
        return Birth.MISSING
    if typed == other:
        return Birth.EQUAL
    if second == other:
        return Birth.SWAPPED
    typed = typed or second
    whole = len(typed) == 10 and len(other) == 10
    year = typed[:4] == other[:4]
    if whole and year and typed[5:7] == other[8:] and typed[8:] == other[5:7]:
        return Birth.SWAPPED
    if other.startswith(typed) or typed.startswith(other) or (year and typed[4:] == "-01-01"):
        return Birth.COARSER
    if whole and year + (typed[5:7] == other[5:7]) + (typed[8:] == other[8:]) == 2:
        return Birth.ONE_DIGIT if edits(typed, other) == 1 else Birth.TWO_PARTS
    return Birth.SAME_YEAR if year else Birth.DIFFERENT


def compare_numbers(dose: DoseFacts, person: PersonFacts) -> Number:
    """The level of the nearest reading of the typed number beside the nearest number of the person."""
    readings = [(dose.id_number, "main")] if dose.id_number else []
    readings += [(value, "other") for value in dose.other_readings]
    readings += [(dose.number_start, "start")] if dose.number_start else []
    numbers = [(person.national_id, True), *((old, False) for old in person.old_numbers if old != person.national_id)]
    levels = [_one_number(*reading, *number) for reading in readings for number in numbers]
    return max(levels, default=Number.MISSING)


def _one_number(typed: str, kind: str, number: str, is_current: bool) -> Number:
    if kind == "start":
        return Number.PARTS if number.startswith(typed) else Number.DIFFERENT
    if typed == number:
        if kind == "other":
            return Number.OTHER_READING
        return Number.CURRENT if is_current else Number.OLD
    distance = edits(typed, number)
    if distance <= 2:
        return Number.ONE_DIGIT if distance == 1 else Number.TWO_DIGITS
    return Number.PARTS if len(typed) not in (9, 12) and typed[:6] == number[:6] else Number.DIFFERENT


def life_on(day: str, born: str, died: str) -> Life:
    """Whether somebody lived on a day, as far as dates of their precision tell; the day of death counts as lived."""
    if day and _known(day, born) < _known(born, day):
        return Life.NOT_BORN
    if not died:
        return Life.ALIVE
    if not day:
        return Life.UNCLEAR
    known, end = _known(day, died), _known(died, day)
    if known != end:
        return Life.ALIVE if known < end else Life.DEAD
    return Life.ALIVE if len(day) == len(died) == 10 else Life.UNCLEAR


def _known(date: str, beside: str) -> str:
    """As much of a date as both tell."""
    return date[: min(len(date), len(beside))]


def compare(dose: DoseFacts, person: PersonFacts) -> Evidence:
    """Every field of the pair; the rung of the ladder and the rivals are for others to find."""
    sex = Sex.MISSING if not dose.sex else Sex.EQUAL if dose.sex == person.sex else Sex.DIFFERENT
    return Evidence(
        compare_numbers(dose, person),
        compare_names(dose.name_key, dose.name_fold, person.name_key, person.name_fold),
        compare_births(dose.birth_date, dose.birth_date_other, person.birth_date),
        sex,
        life_on(dose.vaccinated_on, person.birth_date, person.death_date),
    )
