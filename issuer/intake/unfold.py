"""Which doses a row of a sheet holds: one, several side by side (`Mũi 1`, `Mũi 2`), or none.

A row that holds several becomes as many rows of the register, each with the whole of its cells and the number of its
place, so that every dose has a fate, problems and a link of its own. A title, a total and a person without any dose
stay one row. specs/record-problems.md, "Several doses in one row".
"""

from collections.abc import Sequence

from issuer.intake.cells import cells_from_json
from issuer.intake.layout import Layout
from issuer.intake.sheet_row import SheetRows

__all__ = ["Unfolder"]

_ONE = (0,)


class Unfolder:
    """Tells the doses of the rows of one sheet, which come in their order."""

    def __init__(self, layout: Layout) -> None:
        self._layout = layout
        self._rows = SheetRows(layout, {})

    def slots(self, row_no: int, cells: str) -> Sequence[int]:
        """The slots of `layout` for which the row, stored as the JSON `cells`, is to be cleaned; never empty."""
        if not self._layout.slots:
            return _ONE
        as_read = cells_from_json(cells)
        filled = self._rows.filled(row_no, as_read)
        if self._rows.no_dose(row_no, filled) is not None:
            return _ONE
        return self._layout.doses_in(as_read, filled) or _ONE
