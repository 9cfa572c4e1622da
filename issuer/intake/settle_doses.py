"""What stands under headings that name a dose and nothing of it (`Mũi 1`, `Mũi 2`): days, vaccines or ticks.

The cells of the first rows tell, all such columns together. And whether the columns that name no dose belong to every
dose of a row, or are the row's own dose, beside which numbered ones may only be mentioned.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from issuer.intake.dose_columns import BARE, DATE_PARTS, FURTHER, DoseColumns, Label
from issuer.reading.dates import DOSE_DAYS, read_date
from issuer.reading.dose_facts import read_vaccine
from specs.names import fold

__all__ = ["settle_doses"]

_TICKS = frozenset({"x", "v", "co", "da tiem", "roi", "da", "yes", "true"})
_TOLD_ONCE = frozenset({"vaccine", "lot"})
"""Of which a column with a dose's number beside one without makes two doses."""
_OF_ONE_ALONE = frozenset({"dose_number", "lot"})
"""What tells that the day and the vaccine beside it are those of a dose by itself."""
_OF_THE_DOSE = ("vaccinated_on", *DATE_PARTS, "vaccine", "lot", "dose_number", "dose_role", "vaccinated_time")

Settled = tuple[dict[str, int], tuple[DoseColumns, ...], tuple[tuple[Label, int], ...]]
"""Columns that all doses of a row share, the doses of a row, and columns to tick (all but the first mostly empty)."""


def settle_doses(columns: Mapping[str, int], doses: Sequence[DoseColumns], below: Sequence[Sequence[Any]]) -> Settled:
    """The columns of a sheet whose header is known; `below`: the first rows under it."""
    shared = dict(columns)
    has_day = "vaccinated_on" in shared or DATE_PARTS[0] in shared
    bare = [dose.columns[BARE] for dose in doses if BARE in dose.columns]
    if bare:
        kind = _kind(row[at] for row in below for at in bare if at < len(row))
        if kind == BARE and has_day and all(len(dose.columns) == 1 for dose in doses):
            return shared, (), tuple((dose.label, dose.columns[BARE]) for dose in doses)
        doses = [_named(dose, kind) for dose in doses]
    if has_day and any(_is_day(dose) or _TOLD_ONCE & shared.keys() & dose.columns.keys() for dose in doses):
        if "vaccine" in shared:  # half a dose beside the row's own is one that it only mentions
            alone = _OF_ONE_ALONE.isdisjoint(shared)  # the vaccine may be that of every day
            doses = [dose for dose in doses if _is_day(dose) and (alone or "vaccine" in dose.columns)]
        names = [f"{name}{end}" for name in _OF_THE_DOSE for end in ("", *FURTHER) if f"{name}{end}" in shared]
        if doses:
            own = DoseColumns("", {name: shared.pop(name) for name in names})
            doses = sorted((*doses, own), key=lambda dose: min(dose.columns.values()))
    return shared, tuple(doses), ()


def _named(dose: DoseColumns, kind: str) -> DoseColumns:
    """The dose with the meaning of its bare column, unless another column of it has that meaning."""
    if BARE not in dose.columns or kind in dose.columns:
        return dose
    return replace(dose, columns={kind if name == BARE else name: at for name, at in dose.columns.items()})


def _is_day(dose: DoseColumns) -> bool:
    return "vaccinated_on" in dose.columns or DATE_PARTS[0] in dose.columns


def _kind(cells: Any) -> str:
    """The field that most of the cells can be read as: a day, a vaccine, or BARE for ticks; a day if there are none."""
    counts = {"vaccinated_on": 0, "vaccine": 0, BARE: 0}
    for cell in cells:
        if cell == "":
            continue
        if isinstance(cell, bool) or (isinstance(cell, int | float) and 0 <= cell < 10):
            counts[BARE] += 1
        elif not isinstance(cell, str):
            counts["vaccinated_on"] += 1
        elif fold(cell) in _TICKS or not any(map(str.isalnum, cell)) or (len(cell) == 1 and cell.isdigit()):
            counts[BARE] += 1
        elif read_vaccine(cell)[0]:
            counts["vaccine"] += 1
        elif read_date(cell, "", *DOSE_DAYS).meanings:
            counts["vaccinated_on"] += 1
    return max(counts, key=lambda name: counts[name])
