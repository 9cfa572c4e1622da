"""The place in a file that a refusal speaks of."""

from dataclasses import dataclass

__all__ = ["Where"]


@dataclass(frozen=True, slots=True)
class Where:
    """The place a refusal speaks of; row counts from 1, column is a letter or a header."""

    file: str = ""
    sheet: str = ""
    row: int | None = None
    column: str = ""

    def __str__(self) -> str:
        parts = (
            self.file,
            f"sheet {self.sheet}" if self.sheet else "",
            f"row {self.row}" if self.row is not None else "",
            f"column {self.column}" if self.column else "",
        )
        text = ", ".join(filter(None, parts))
        return text.encode("utf-8", "backslashreplace").decode()  # a file's name may be bytes that are no text
