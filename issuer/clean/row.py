"""The rows of one sheet, in their order -> cleaned doses: most rows hold one, some several, titles and totals none."""

from collections.abc import Mapping, Sequence
from typing import Any

from issuer.clean.clean_row import CleanRow, rejected
from issuer.clean.dose_reader import DoseReader
from issuer.intake.layout import Layout
from issuer.intake.sheet_row import SheetRows
from issuer.reading.problems import Problem

__all__ = ["CleanRow", "RowCleaner"]


class RowCleaner:
    """Cleans the rows of one sheet, in their order."""

    def __init__(
        self,
        layout: Layout,
        received_on: str,
        facility_code: str,
        earlier: Mapping[int, Sequence[Any]] | None = None,
    ) -> None:
        """`received_on`: ISO date; `earlier`: rows before the first to be cleaned, by number, for merged cells."""
        self._layout = layout
        self._rows = SheetRows(layout, earlier or {})
        self._readers = [
            DoseReader(layout, slot, received_on, facility_code, self._rows) for slot in range(len(layout.slots) + 1)
        ]

    def clean(self, row_no: int, cells: list[Any], slot: int = 0) -> CleanRow:
        """The cleaned dose; `slot`: which of the row's doses, as intake told them apart (issuer.intake.unfold)."""
        refused = self._readers[0].refusal(cells)
        if refused is not None:
            return refused
        filled = self._rows.filled(row_no, cells)
        no_dose = self._rows.no_dose(row_no, filled)
        if no_dose is not None:
            return rejected(no_dose, "", next((cell for cell in filled if cell != ""), ""))
        if not self._layout.slots:
            return self._readers[0].read(filled)
        doses = self._layout.doses_in(cells, filled)
        row = self._readers[slot].read(filled, [self._layout.slots[one - 1].label for one in doses if one])
        if row.dose is not None and not doses:
            return rejected(Problem.SHEET_NO_DOSE, "", row.dose.full_name)
        return row
