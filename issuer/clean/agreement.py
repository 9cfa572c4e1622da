"""Two columns of one fact (`Ngày tiêm` and `Ngày tiêm thực tế`) -> the one cell, and whether they agree.

Cells agree when they can be read and mean the same, or are the same text. A fact of the dose in two different cells is
none: which of them is right is for the sender to say. Of two telephones or names of a place the first is kept.
"""

import re
from collections.abc import Callable, Sequence
from typing import Any

from issuer.clean.clean_row import shown
from issuer.reading.dates import DOSE_DAYS, read_date
from issuer.reading.dose_facts import read_dose_number, read_lot, read_vaccine
from specs.names import fold

__all__ = ["agreed"]

_OF_THE_DOSE = frozenset({"vaccinated_on", "vaccine", "lot", "dose_number", "dose_role", "facility_code"})
_TIME = re.compile(r"\s*[0-9]{1,2}\s*(?::|h|g|giờ)\s*(?:[0-9]{1,2}(?::[0-9]{2})?)?\s*(?:phút|[AaPp][Mm]|SA|CH)?\s*")
_MEANING: dict[str, Callable[[Any], Any]] = {
    "vaccine": lambda cell: read_vaccine(shown(cell))[0],
    "dose_number": lambda cell: read_dose_number(cell)[:2] if read_dose_number(cell)[2] is None else None,
    "lot": lambda cell: read_lot(shown(cell))[0],
}


def agreed(name: str, cells: Sequence[Any], order: str = "") -> tuple[Any, bool]:
    """The cell of a field that has several columns; False if they contradict each other. `order`: of day and month."""
    told = [cell for cell in cells if cell != ""]
    if name == "vaccinated_on":
        told = [cell for cell in told if not _is_time(cell)] or told[:1]
    if len(told) < 2:
        return (told[0] if told else ""), True
    if name == "address":
        return ", ".join(dict.fromkeys(map(shown, told))), True  # house, hamlet, street: parts of one
    if name == "commune" and len({shown(cell).strip().isdigit() for cell in told}) == len(told):
        return told[0], True  # its code beside its name
    if len({_meaning(name, cell, order) for cell in told}) == 1:
        return told[0], True
    return ("" if name in _OF_THE_DOSE else told[0]), False


def _meaning(name: str, cell: Any, order: str) -> Any:
    if name == "vaccinated_on":
        found: Any = read_date(cell, order, *DOSE_DAYS).meanings
    else:
        found = _MEANING[name](cell) if name in _MEANING else ""
    return found or fold(shown(cell))


def _is_time(cell: Any) -> bool:
    if isinstance(cell, dict):
        return "t" in cell
    return cell.__class__ is str and _TIME.fullmatch(cell) is not None
