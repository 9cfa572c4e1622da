"""Vaccine, dose number and role, lot as cells hold them -> DCC product code, number, role, lot."""

import datetime as dt
import re
import unicodedata
from functools import lru_cache
from typing import Any

from issuer.reading.problems import Problem
from specs.names import fold, one_blank
from specs.products import product_named, product_of_code, products_possibly_named

__all__ = ["age_problem", "licence_problem", "read_dose_number", "read_lot", "read_role", "read_vaccine"]

_MOST_DOSES = 9
_IN_WORDS = {
    **{"i": 1, "ii": 2, "iii": 3, "iv": 4, "v": 5},
    **{"mot": 1, "nhat": 1, "hai": 2, "ba": 3, "bon": 4, "tu": 4},
}
_NUMBER = re.compile(r"[a-z ]*\.?\s*([0-9]{1,2})(?:\s*\.0+)?")
_NUMBER_IN_WORDS = re.compile(rf"(?:(?:mui|lieu|lan|tiem|thu|so)\s+)*({'|'.join(_IN_WORDS)})")


@lru_cache(1 << 12)
def read_vaccine(text: str) -> tuple[str, Problem | None]:
    """The code `mp` of specs/products.py, or empty with the problem."""
    if not fold(text):
        return "", Problem.VACCINE_MISSING
    product = product_named(text)
    if product is None:
        return "", Problem.VACCINE_AMBIGUOUS if products_possibly_named(text) else Problem.VACCINE_UNKNOWN
    return product.medicinal_product or "", None if product.certifiable else Problem.VACCINE_NOT_CERTIFIABLE


@lru_cache(1 << 10)
def _dose_number_text(text: str) -> tuple[int | None, str]:
    folded = fold(unicodedata.normalize("NFKC", text)).strip(" .")
    role = _role(folded)
    if found := _NUMBER_IN_WORDS.fullmatch(folded):
        return _IN_WORDS[found[1]], role
    found = _NUMBER.fullmatch(folded)
    return (int(found[1]) if found else None), role


def read_dose_number(cell: Any) -> tuple[int | None, str, Problem | None]:
    """Dose number, the role if the cell tells one, the problem. `Nhắc lại 1` has a role and no number of its own."""
    if cell == "" or (cell.__class__ is str and not cell.strip()):
        return None, "", Problem.DOSE_NUMBER_MISSING
    role = ""
    if cell.__class__ is str:
        number, role = _dose_number_text(cell)
        if role in ("additional", "booster"):
            return None, role, None
    else:
        number = int(cell) if isinstance(cell, int | float) and cell in range(1, _MOST_DOSES + 1) else None
    if number is None or not 1 <= number <= _MOST_DOSES:
        return None, role, Problem.DOSE_NUMBER_UNREADABLE
    return number, role, None


def _role(folded: str) -> str:
    if "nhac" in folded or "booster" in folded or folded.startswith("nl"):
        return "booster"
    if "bo sung" in folded or folded.startswith("bs") or folded == "additional":
        return "additional"
    return "basic" if "co ban" in folded or folded.startswith("cb") or folded == "basic" else ""


@lru_cache(1 << 10)
def read_role(text: str) -> str:
    """basic, additional, booster, or empty where the text tells none."""
    return _role(fold(text))


_LOT_O = re.compile(r"(?<=[0-9])O|O(?=[0-9])")


@lru_cache(1 << 14)
def read_lot(text: str) -> tuple[str, Problem | None]:
    """The lot in capitals without blanks, and the problem. O beside a digit is told, never changed."""
    lot = one_blank(text).upper().replace(" ", "").lstrip("'")
    if not lot:
        return "", Problem.LOT_MISSING
    return lot[:32], Problem.LOT_LETTER_O if _LOT_O.search(lot) else None


@lru_cache(1 << 14)
def licence_problem(product_code: str, day: str) -> Problem | None:
    """Injected on `day` (ISO), before the licence. A licence date known only from weak sources rejects nothing."""
    product = product_of_code(product_code)
    licence = product.licence if product else None
    if licence is None or licence.confidence.value == "unconfirmed":
        return None
    return Problem.DOSE_BEFORE_LICENCE if day < licence.earliest.isoformat() else None


def age_problem(product_code: str, day: str, birth_date: str) -> Problem | None:
    """Surely younger on `day` than the product allows; a birth date without its day counts as its latest day."""
    years = _least_age(product_code, day)
    if not years:
        return None
    birthday = f"{int(birth_date[:4]) + years:04}{birth_date[4:]}"
    return Problem.AGE_BELOW_LIMIT if day[: len(birthday)] < birthday else None


@lru_cache(1 << 14)
def _least_age(product_code: str, day: str) -> int:
    product = product_of_code(product_code)
    limit = product.age_on(dt.date.fromisoformat(day)) if product else None
    return limit.min_years if limit is not None else 0
