"""The facts of a person as an officer typed them from a paper -> facts of a dose, or a refusal that names the field.

Pure. Only what can be read in one way is taken: a correction is never a guess.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from issuer.errors import Code, IssuerError
from issuer.reading.dates import read_date
from issuer.reading.person_text import read_name
from issuer.reading.problems import Problem
from specs.names import fold, lossless_key
from specs.national_id import is_national_id

__all__ = ["FIELDS", "blocks_still", "facts_for", "read_changes"]

FIELDS = ("full_name", "birth_date", "sex", "id_number")
"""The key of four: what commune police answer for (CV 9438)."""

_OLDEST = "1870-01-01"
_SETTLED_BY_POLICE = frozenset(
    (*FIELDS, "family_part", "middle_part", "given_part", "birth_day", "birth_month", "birth_year")
)
_LONGEST_NAME = 120


def read_changes(facts: Mapping[str, Any], typed: Mapping[str, str], now: datetime) -> dict[str, list[str]]:
    """Field -> [before, after] of every field that was typed and differs. Raises IssuerError naming the field."""
    changes: dict[str, list[str]] = {}
    for name in FIELDS:
        text = typed.get(name, "").strip()
        if not text:
            continue
        after = _READ[name](text, now)
        if after != facts[name]:
            changes[name] = [str(facts[name]), after]
    if not changes:
        raise IssuerError(Code.CORRECTION_REFUSED, "nothing differs from what is stored")
    return changes


def facts_for(changes: Mapping[str, list[str]]) -> dict[str, Any]:
    """The columns of a dose that a correction changes, with what is derived from them."""
    facts: dict[str, Any] = {}
    if "full_name" in changes:
        name = changes["full_name"][1]
        facts |= {"full_name": name, "name_key": lossless_key(name), "name_fold": fold(name)}
    if "birth_date" in changes:
        facts |= {"birth_date": changes["birth_date"][1], "birth_date_other": ""}
    if "sex" in changes:
        facts["sex"] = changes["sex"][1]
    if "id_number" in changes:
        number = changes["id_number"][1]
        facts |= {"id_kind": "cccd" if is_national_id(number) else "cmnd9", "id_number": number, "id_other": ""}
    return facts


def blocks_still(problems: Iterable[tuple[str, str]], birth_date: str, vaccinated_on: str, *, linked: bool) -> bool:
    """Whether a certificate is still forbidden once the person is certain: what is wrong with the dose itself stands.

    `problems` are codes with their fields; a person who was not linked settles none of them.
    """
    if linked and vaccinated_on and birth_date and vaccinated_on < birth_date:
        return True
    for code, field in problems:
        known = Problem.__members__.get(code)
        about_person = field in _SETTLED_BY_POLICE or code == Problem.DOSE_BEFORE_BIRTH.name
        if (known is None or known.blocks) and not (linked and about_person):
            return True
    return False


def _name(text: str, now: datetime) -> str:
    reading = read_name(text)
    wrong = {Problem.NAME_SIGNS, Problem.NAME_REMARK, Problem.NAME_MISSING} & set(reading.problems)
    if wrong or not reading.name or len(reading.name) > _LONGEST_NAME:
        raise IssuerError(Code.CORRECTION_REFUSED, "full_name")
    return reading.name


def _date(text: str, now: datetime) -> str:
    meanings = read_date(text, "dmy", _OLDEST, now.date().isoformat()).meanings
    if len(meanings) != 1:
        raise IssuerError(Code.CORRECTION_REFUSED, "birth_date")
    return meanings[0]


def _sex(text: str, now: datetime) -> str:
    sex = {"nam": "M", "m": "M", "nữ": "F", "f": "F"}.get(text.lower())
    if sex is None:
        raise IssuerError(Code.CORRECTION_REFUSED, "sex")
    return sex


def _number(text: str, now: datetime) -> str:
    digits = "".join(text.split())
    if not (digits.isascii() and digits.isdigit() and len(digits) in (9, 12)):
        raise IssuerError(Code.CORRECTION_REFUSED, "id_number")
    return digits


_READ = {"full_name": _name, "birth_date": _date, "sex": _sex, "id_number": _number}
