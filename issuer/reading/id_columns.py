"""Several columns of ID numbers (`Số CMND`, `Số CCCD`) -> the one cell that is the row's number."""

from collections.abc import Sequence
from typing import Any

from issuer.reading.id_number import read_id

__all__ = ["one_of_several"]

_BEST_FIRST = ("cccd", "cmnd9", "passport", "malformed")


def one_of_several(cells: Sequence[Any]) -> Any:
    """The cell with the 12-digit number, else the old one, else a passport's, else whatever is filled in.

    Two different numbers of the same kind are both given, as one text, which nobody can read as one number: which of
    them is the person's is not for us to choose.
    """
    read = [(read_id(cell), cell) for cell in cells if cell != ""]
    for kind in _BEST_FIRST:
        found = {reading.number: cell for reading, cell in read if reading.kind == kind}
        if found:
            return next(iter(found.values())) if len(found) == 1 else " / ".join(found)
    return read[0][1] if read else ""
