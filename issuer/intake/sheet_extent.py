"""How far the cells of a worksheet part reach (ECMA-376 part 1, 18.3.1.4 c and 18.3.1.73 row), read as a stream.

A reader of rows allocates the rectangle that a sheet's cells span, so one cell far out can take all memory there is.
"""

from typing import Final
from xml.parsers import expat

from issuer.errors import Code, IssuerError, Where

__all__ = ["MAX_COLUMNS", "MAX_ROWS", "SheetExtent"]

MAX_ROWS = 1_048_576
"""Rows of one sheet: Excel's own limit."""
MAX_COLUMNS = 512
"""Columns of one sheet; a dose list has some thirty."""
_MAX_CELLS: Final = 64_000_000
"""Cells told, and last row times last column."""
_SPARSE_FROM: Final = 16_000_000
_MAX_SPARSE: Final = 200
"""A rectangle over `_SPARSE_FROM` holds at least one cell in so many places."""
_MAX_TOKEN: Final = 4 << 20
"""Bytes of one tag or comment: the parser begins it anew with every piece that does not end it."""
_DIGITS: Final = "0123456789"


class SheetExtent:
    """Takes the pieces of one worksheet part; raises IssuerError as soon as it reaches beyond the limits."""

    def __init__(self, where: Where) -> None:
        """`where` is the file that errors name."""
        self.last_row = self.last_column = self.cells = 0
        self._where = where
        self._row = self._column = self._fed = 0
        self._row_text = ""
        self._kinds: dict[str, str] = {}
        self._columns: dict[str, int] = {}
        # always UTF-8, as the reader of rows has it: a declared encoding must not show the two of us different cells
        self._parser = expat.ParserCreate("utf-8")
        self._parser.StartElementHandler = self._start
        self._parser.StartDoctypeDeclHandler = self._doctype

    def feed(self, piece: bytes, *, final: bool = False) -> None:
        """Read on. Raises IssuerError: SHEET_TOO_WIDE, SHEET_TOO_LONG, FILE_ACTIVE_XML or FILE_UNREADABLE."""
        if b"\0" in piece:  # UTF-16, which the reader of rows takes for an empty sheet
            raise self._damaged()
        try:
            self._parser.Parse(piece, final)
        except expat.ExpatError as error:
            raise self._damaged() from error
        self._fed += len(piece)
        if self._fed - self._parser.CurrentByteIndex > _MAX_TOKEN + len(piece):
            raise self._damaged()
        rectangle = self.last_row * self.last_column
        if rectangle > _MAX_CELLS or (final and rectangle > max(_SPARSE_FROM, _MAX_SPARSE * self.cells)):
            raise IssuerError(
                Code.SHEET_TOO_WIDE, f"{self.last_row} rows to column {self.last_column}: one far cell?", self._where
            )

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        kind = self._kinds.get(name)
        if kind is None:
            kind = name.rpartition(":")[2]
            if len(self._kinds) < 1_000:
                self._kinds[name] = kind
        if kind == "c":
            self._cell(attributes.get("r"))
        elif kind == "row":
            self._begin_row(attributes.get("r"))

    def _begin_row(self, number: str | None) -> None:
        self._see_row(self._row + 1 if number is None else self._number(number))
        self._row_text, self._column = str(self._row), 0

    def _cell(self, reference: str | None) -> None:
        self.cells += 1
        if self.cells > _MAX_CELLS:
            raise IssuerError(Code.SHEET_TOO_LONG, f"more than {_MAX_CELLS} cells", self._where)
        if reference is None:
            column = self._column + 1
            if self.last_row < (self._row or 1):
                self.last_row = self._row or 1
        else:
            letters = reference.rstrip(_DIGITS)
            column = self._columns.get(letters) or self._column_of(letters)
            digits = reference[len(letters) :]
            if digits != self._row_text:
                self._see_row(self._number(digits))
                self._row_text = digits
            if self.last_row < self._row:
                self.last_row = self._row
        self._column = column
        if column > self.last_column:
            if column > MAX_COLUMNS:
                raise IssuerError(Code.SHEET_TOO_WIDE, f"column {column}, limit {MAX_COLUMNS}", self._where)
            self.last_column = column

    def _see_row(self, row: int) -> None:
        if row > MAX_ROWS:
            raise IssuerError(Code.SHEET_TOO_LONG, f"row {row}, limit {MAX_ROWS}", self._where)
        self._row = row

    def _number(self, digits: str) -> int:
        if not (digits.isascii() and digits.isdigit()):
            raise self._damaged()
        digits = digits.lstrip("0")[:10]
        if not digits:
            raise self._damaged()
        return int(digits)

    def _column_of(self, letters: str) -> int:
        column = 0
        for letter in letters[:8].upper():
            if not "A" <= letter <= "Z":
                raise self._damaged()
            column = column * 26 + ord(letter) - 64
        if not column:
            raise self._damaged()
        if column <= MAX_COLUMNS:
            self._columns[letters] = column
        return column

    def _doctype(self, *_: object) -> None:
        raise IssuerError(Code.FILE_ACTIVE_XML, where=self._where)

    def _damaged(self) -> IssuerError:
        return IssuerError(Code.FILE_UNREADABLE, "a damaged sheet", self._where)
