"""What cleaning gives of a row: one dose, or the reason why it is none, with everything that was found and mended."""

from dataclasses import dataclass, field
from typing import Any

from issuer.reading.problems import Problem

__all__ = ["CleanDose", "CleanRow", "RepairMade", "rejected", "shown"]


@dataclass(frozen=True, slots=True)
class CleanDose:
    """The columns of the table `dose` but for its number and its facility's."""

    full_name: str = field(repr=False)
    name_key: str = field(repr=False)
    name_fold: str = field(repr=False)
    birth_date: str = field(repr=False)
    birth_date_other: str = field(repr=False)
    sex: str = field(repr=False)
    id_kind: str
    id_number: str = field(repr=False)
    id_other: str = field(repr=False)
    nationality: str
    is_foreign: int
    phone: str = field(repr=False)
    commune_code: str
    address: str = field(repr=False)
    vaccinated_on: str
    product: str
    dose_number: int | None
    dose_role: str
    lot: str
    facility_name: str
    is_blocked: int
    duplicate_key: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class RepairMade:
    """A repair: of which column, from what, to what, by which rule; `certain` ones were applied."""

    column: str
    before: str = field(repr=False)
    after: str = field(repr=False)
    rule: str = ""
    certainty: str = "certain"


@dataclass(slots=True)
class CleanRow:
    """What became of a row: `dose` is None for a rejected one, whose first problem tells why."""

    dose: CleanDose | None = None
    facility_code: str = ""
    problems: list[tuple[Problem, str, str]] = field(default_factory=list, repr=False)
    repairs: list[RepairMade] = field(default_factory=list, repr=False)

    def tell(self, problem: Problem, field_name: str, raw: Any) -> None:
        """Note a problem of a field, with the cell as it came."""
        self.problems.append((problem, field_name, shown(raw)))


def rejected(problem: Problem, field_name: str, raw: Any) -> CleanRow:
    """A row that is no dose."""
    row = CleanRow()
    row.tell(problem, field_name, raw)
    return row


def shown(cell: Any) -> str:
    """A cell as text: what a spreadsheet would show, without control signs."""
    if cell.__class__ is str:
        return cell if cell.isprintable() else cell.replace("\0", "")
    if isinstance(cell, bool):
        return "TRUE" if cell else "FALSE"
    if isinstance(cell, float) and cell.is_integer() and abs(cell) < 10**15:
        return str(int(cell))
    if isinstance(cell, dict):
        return str(cell.get("d") or cell.get("t"))
    return str(cell)
