"""The place in a file that a refusal speaks of."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from keys.errors import Language

__all__ = ["Where"]

_NAMES: Final[Mapping[Language, tuple[str, str, str]]] = {
    "vi": ("trang", "dòng", "cột"),
    "en": ("sheet", "row", "column"),
}


@dataclass(frozen=True, slots=True)
class Where:
    """The place a refusal speaks of; row counts from 1, column is a letter or a header."""

    file: str = ""
    sheet: str = ""
    row: int | None = None
    column: str = ""

    def words(self, language: Language) -> str:
        """The place for a reader: file, sheet, row, column; empty if nothing is known."""
        sheet, row, column = _NAMES[language]
        parts = (
            self.file,
            f"{sheet} {self.sheet}" if self.sheet else "",
            f"{row} {self.row}" if self.row is not None else "",
            f"{column} {self.column}" if self.column else "",
        )
        text = ", ".join(filter(None, parts))
        return text.encode("utf-8", "backslashreplace").decode()  # a file's name may be bytes that are no text
