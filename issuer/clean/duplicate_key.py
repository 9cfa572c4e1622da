"""What a row tells of a dose -> the key that two rows of one dose share.

A value not read in exactly one way is unknown, and two unknowns are never equal: there the raw cell and all its
meanings tell rows apart. So the same cells again are a repeat, and another unreadable date is another dose.
"""

from collections.abc import Iterable, Sequence
from hashlib import blake2b
from typing import Protocol

from issuer.reading.problems import Problem

__all__ = ["duplicate_key"]

_NOT_READ = frozenset({
    Problem.ID_PLACEHOLDER, Problem.ID_MALFORMED, Problem.ID_DIGITS_LOST, Problem.ID_TWO_NUMBERS,
    Problem.SEX_UNREADABLE, Problem.BIRTH_UNREADABLE, Problem.BIRTH_UNCERTAIN,
    Problem.DOSE_DATE_UNREADABLE, Problem.DOSE_DATE_UNCERTAIN, Problem.DOSE_NUMBER_UNREADABLE,
    Problem.VACCINE_UNKNOWN, Problem.VACCINE_AMBIGUOUS, Problem.CELL_ERROR,
    Problem.COLUMNS_DISAGREE, Problem.DOSE_FACT_SHARED,
})  # fmt: skip
_FIELDS = frozenset(
    "id_number id_number_2 id_number_3 id_number_4 sex birth_date birth_day birth_month birth_year vaccinated_on "
    "vaccinated_day vaccinated_month vaccinated_year dose_number dose_role vaccine".split()
)


class _Repair(Protocol):
    @property
    def column(self) -> str: ...
    @property
    def after(self) -> str: ...
    @property
    def certainty(self) -> str: ...


def duplicate_key(
    told: Sequence[str], problems: Sequence[tuple[Problem, str, str]], repairs: Iterable[_Repair]
) -> bytes:
    """16 bytes: a hash of the values that were read, and of the raw cells of those that were not."""
    unread = [f"{column}={raw}" for found, column, raw in problems if found in _NOT_READ and column in _FIELDS]
    if unread:
        unread += [made.after for made in repairs if made.certainty != "certain" and made.column in _FIELDS]
    return blake2b("\x1f".join((*told, *unread)).encode(), digest_size=16).digest()
