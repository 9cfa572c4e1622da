"""The cells of a row as they are stored: JSON that keeps the types of a spreadsheet."""

import datetime as dt
import json
from typing import Any

__all__ = ["CELL_ERRORS", "cells_from_json", "cells_to_json"]

CELL_ERRORS = {0: "#NULL!", 7: "#DIV/0!", 15: "#VALUE!", 23: "#REF!", 29: "#NAME?", 36: "#NUM!", 42: "#N/A"}
"""What a cell shows whose formula failed, by its code in an .xls (MS-XLS 2.5.10, BErr)."""


def _typed(cell: object) -> dict[str, str]:
    """A cell that Excel holds as a date or time, in JSON: its ISO 8601 text under a letter that tells the type."""
    if isinstance(cell, dt.datetime | dt.date):
        return {"d": cell.isoformat()}
    if isinstance(cell, dt.time):
        return {"t": cell.isoformat()}
    if isinstance(cell, dt.timedelta):
        return {"t": str(cell)}
    raise TypeError(type(cell).__name__)


cells_to_json = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), default=_typed).encode
"""The cells of a row as text."""


def cells_from_json(text: str) -> list[Any]:
    """The cells of a stored row: text, numbers, booleans, and `{"d": ...}` or `{"t": ...}` for dates and times."""
    cells: list[Any] = json.loads(text)
    return cells
