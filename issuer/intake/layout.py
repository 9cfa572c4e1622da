"""What a sheet is, found once for the whole of it: header, columns, font code, order of day and month, merged cells.

Single cells cannot tell whether 04/05/1990 is in April or May, or whether `N¨m` is a typing error; the sheet can.
"""

import datetime as dt
import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, field, replace
from typing import Any

from openpyxl.utils import get_column_letter

from issuer.errors import Code, IssuerError, Where
from issuer.intake.dose_columns import DATE_PARTS, DOSE_FACTS, DoseColumns, Label, fact_of
from issuer.intake.headers import Header, find_header
from issuer.intake.legacy_fonts import FontCode, detect, to_unicode
from issuer.intake.settle_doses import settle_doses
from specs.names import fold

__all__ = ["SAMPLE_ROWS", "DateOrder", "Layout", "LayoutFinder"]

SAMPLE_ROWS = 400
"""Rows read before the header and the font code are decided."""
_MOST_MERGED = 20_000
_DATE_FIELDS = ("birth_date", "vaccinated_on")
_DAY_MONTH = re.compile(r"\s*([0-9]{1,2})\s*[-/. ]\s*([0-9]{1,2})\s*[-/. ]\s*(?:[0-9]{4}|[0-9]{2})\b")
_HINT_DMY = re.compile(r"d{1,2}\s*[-/.]?\s*m{1,2}\s*[-/.]?\s*y|ngày\s*[-/.]\s*tháng\s*[-/.]\s*năm", re.IGNORECASE)
_HINT_MDY = re.compile(r"m{1,2}\s*[-/.]?\s*d{1,2}\s*[-/.]?\s*y|tháng\s*[-/.]\s*ngày\s*[-/.]\s*năm", re.IGNORECASE)
_WITH_FIGURES = ("id_number", "birth_date", "vaccinated_on")
"""Facts that a row tells in figures, and a header in letters."""
_OUTVOTED = 20
"""One value in the other order among this many proves nothing: it is a slip of one row."""

DateOrder = str
"""`dmy`, `mdy`, or empty where the column holds both; `us`: day first as text, and its date cells may be exchanged."""
_SURE = 10
"""Different dates with the mark of a US Excel, date cells counted twice: chance alone does so in 1 of 100 columns."""
_ENOUGH_DATES = 64


@dataclass(frozen=True, slots=True)
class Layout:
    """Rows count from 1, columns from 0. `columns` is empty for a sheet without a header.

    `slots`: the doses of a row, where rows hold several, each with the columns that are its own; dose `slot` is
    `slots[slot - 1]`. `ticks`: the columns, with the dose they name, of which one is ticked.
    """

    font: FontCode = FontCode.UNICODE
    header_first: int = 0
    header_last: int = 0
    columns: dict[str, int] = field(default_factory=dict)
    header_cells: tuple[str, ...] = ()
    date_order: dict[str, DateOrder] = field(default_factory=dict)
    merged: tuple[tuple[int, int, int, int], ...] = ()
    slots: tuple[DoseColumns, ...] = ()
    ticks: tuple[tuple[Label, int], ...] = ()

    @property
    def width(self) -> int:
        """Columns up to the last one that means anything."""
        return max((at + 1 for at in self._used()), default=0)

    def _used(self) -> Iterator[int]:
        yield from self.columns.values()
        for dose in self.slots:
            yield from dose.columns.values()

    def of_dose(self, slot: int) -> "Layout":
        """The sheet as if its rows held that dose alone; 0: none of the slots."""
        if not slot:
            return self
        dose = self.slots[slot - 1]
        own = {fact_of(name) for name in dose.columns}
        shared = {name: at for name, at in self.columns.items() if fact_of(name) not in own}
        orders = self.date_order | ({"vaccinated_on": dose.date_order} if "vaccinated_on" in dose.columns else {})
        return replace(self, columns=shared | dose.columns, date_order=orders)

    def doses_in(self, cells: Sequence[Any], filled: Sequence[Any]) -> tuple[int, ...]:
        """Which slots of a person's row hold a dose; 0 alone: a dose that no heading numbers; empty: none at all.

        `filled`: the cells with those of merged ranges repeated. A day may stand in a merged cell; anything else that
        was merged or filled down over many rows is no sign of a dose.
        """
        found = tuple(
            slot
            for slot, dose in enumerate(self.slots, start=1)
            if any(
                _tells(filled if fact in _DAYS else cells, at)
                for name, at in dose.columns.items()
                if (fact := fact_of(name)) in DOSE_FACTS
            )
        )
        if found or not any(_tells(filled, at) for name, at in self.columns.items() if fact_of(name) in DOSE_FACTS):
            return found
        return (1,) if len(self.slots) == 1 else (0,)

    def to_json(self) -> str:
        """The layout as stored in source_sheet."""
        return json.dumps(asdict(self), ensure_ascii=False, separators=(",", ":"))

    @staticmethod
    def from_json(text: str) -> "Layout":
        """The layout stored in source_sheet."""
        raw = json.loads(text)
        return Layout(
            FontCode(raw["font"]),
            raw["header_first"],
            raw["header_last"],
            raw["columns"],
            tuple(raw["header_cells"]),
            raw["date_order"],
            tuple(tuple(one) for one in raw["merged"]),
            tuple(DoseColumns(**one) for one in raw.get("slots", ())),
            tuple((label, at) for label, at in raw.get("ticks", ())),
        )


_DAYS = frozenset({"vaccinated_on", *DATE_PARTS})
_NO_DOSE = frozenset({"", "0", "khong", "chua", "chua tiem", "khong tiem", "khong co", "ko", "k", "none", "null", "na"})


def _tells(cells: Sequence[Any], at: int) -> bool:
    """Whether a cell says anything but that there was no dose."""
    cell = cells[at] if at < len(cells) else ""
    return fold(re.sub(r"[\W_]+", " ", cell)) not in _NO_DOSE if isinstance(cell, str) else bool(cell)


class LayoutFinder:
    """Finds the layout while the rows pass by: first `begin` with a sample, then `see` for every row, then `layout`."""

    def __init__(
        self,
        sample: Sequence[tuple[int, Sequence[Any]]],
        merged: Sequence[tuple[int, int, int, int]],
        *,
        file: str = "",
        sheet: str = "",
    ) -> None:
        """Raises IssuerError (COLUMN_TWICE, naming the `file` and the `sheet`) if two columns claim one fact."""
        as_it_stands = [cells for _, cells in sample]
        texts = (cell for cells in as_it_stands for cell in cells if isinstance(cell, str))
        rows, self._header = as_it_stands, find_header(as_it_stands)
        self.font = detect(texts, _header_texts(as_it_stands, self._header))
        if self.font is not FontCode.UNICODE:
            rows = [[to_unicode(c, self.font) if isinstance(c, str) else c for c in cells] for cells in as_it_stands]
            self._header = find_header(as_it_stands, rows)
        self._first = self._last = 0
        self._columns: dict[str, int] = {}
        self._slots: tuple[DoseColumns, ...] = ()
        self._ticks: tuple[tuple[Label, int], ...] = ()
        self._header_cells: tuple[str, ...] = ()
        self._header_lines: frozenset[tuple[str, ...]] = frozenset()
        if self._header is not None:
            self._first, self._last = sample[self._header.first][0], sample[self._header.last][0]
            if self._header.twice:
                letters = " and ".join(get_column_letter(at + 1) for at in self._header.twice)
                raise IssuerError(Code.COLUMN_TWICE, where=Where(file, sheet, self._last, letters))
            below = rows[self._header.last + 1 :]
            self._columns, self._slots, self._ticks = settle_doses(self._header.columns, self._header.doses, below)
            self._header_lines = frozenset(map(_line, as_it_stands[self._header.first : self._header.last + 1]))
            self._header_cells = tuple(sorted(_header_texts(rows, self._header)))
            _split_name_column(self._columns, self._header, rows)
        used = {*self._columns.values(), *(at for dose in self._slots for at in dose.columns.values())}
        self._merged = tuple(one for one in merged if one[0] > self._last and one[2] > one[0] and one[1] in used)[
            :_MOST_MERGED
        ]
        self._place = (file, sheet)
        self._telling = next((self._columns[name] for name in _WITH_FIGURES if name in self._columns), -1)
        self._dates = list(self._date_columns())
        self._votes = {name: [0, 0] for name, _ in self._dates}
        self._swappable: dict[str, tuple[set[str], set[str]]] = {name: (set(), set()) for name, _ in self._dates}
        self._not_us = {name: False for name, _ in self._dates}

    def _date_columns(self) -> Iterator[tuple[str, int]]:
        """(name, column) of every date in one column; several columns of one date have one name."""
        for name in _DATE_FIELDS:
            yield from ((name, at) for key, at in self._columns.items() if key == name or key.startswith(f"{name}_"))
        for slot, dose in enumerate(self._slots, start=1):
            for key, at in dose.columns.items():
                if key.startswith("vaccinated_on"):
                    yield f"vaccinated_on.{slot}", at

    @property
    def has_header(self) -> bool:
        """Whether the sheet has a header row."""
        return self._header is not None

    def see(self, cells: Sequence[Any], row_no: int = 0) -> None:
        """Count what a row says of the order of day and month. Raises IssuerError (HEADER_MOVES).

        Of a row without its number it is not asked whether it begins another list.
        """
        told = cells[self._telling] if 0 <= self._telling < len(cells) else ""
        if told.__class__ is str and told and row_no > self._last and not any(map(str.isdigit, told)):
            self._see_header(cells, row_no)
        for name, column in self._dates:
            cell = cells[column] if column < len(cells) else ""
            if cell.__class__ is str and cell:
                found = _DAY_MONTH.match(cell)
                if found:
                    first, second = int(found[1]), int(found[2])
                    if first > 12 >= second:
                        self._votes[name][0] += 1
                        if len(self._swappable[name][0]) < _ENOUGH_DATES:
                            self._swappable[name][0].add(cell)
                    elif second > 12 >= first:
                        self._votes[name][1] += 1
                    elif first <= 12:
                        self._not_us[name] = True  # a US Excel would have made a date of it
            elif isinstance(cell, dt.date):
                if cell.day > 12:
                    self._not_us[name] = True
                elif len(self._swappable[name][1]) < _ENOUGH_DATES:
                    self._swappable[name][1].add(cell.isoformat())

    def _see_header(self, cells: Sequence[Any], row_no: int) -> None:
        """Refuse the list if the row begins another one, of doses too, whose columns stand elsewhere."""
        if _line(cells) in self._header_lines:
            return
        again = find_header([cells], [[to_unicode(c, self.font) if isinstance(c, str) else c for c in cells]])
        if again is None or not again.of_doses:
            return
        moved = [at for name, at in again.columns.items() if self._columns.get(name, at) != at]
        if moved:
            letters = " and ".join(get_column_letter(at + 1) for at in sorted(moved))
            raise IssuerError(Code.HEADER_MOVES, where=Where(*self._place, row_no, letters))

    def layout(self) -> Layout:
        """What was found."""
        orders = {name: "us" if self._is_us(name) else self._order(name, at) for name, at in self._dates}
        doses = [name for name in orders if name.startswith("vaccinated_on")]
        doubted = next((orders[name] for name in doses if orders[name] in ("", "mdy")), "dmy")
        for name in doses:
            if not any(self._votes[name]) and orders[name] == "dmy":
                orders[name] = doubted  # what another column of injection dates shows, this one does not refute
            if not orders[name] and orders.get("birth_date") in ("dmy", "mdy"):
                # a list is typed by one hand: birth dates settle an injection date, never the other way
                orders[name] = orders["birth_date"]
        slots = tuple(
            replace(dose, date_order=orders.pop(f"vaccinated_on.{slot}", ""))
            for slot, dose in enumerate(self._slots, start=1)
        )
        return Layout(
            self.font,
            self._first,
            self._last,
            self._columns,
            self._header_cells,
            orders,
            self._merged,
            slots,
            self._ticks,
        )

    def _is_us(self, name: str) -> bool:
        """Opened by a US Excel: every day above 12 stayed text, every other became a date, day and month exchanged."""
        texts, dates = self._swappable[name]
        month_first = self._votes[name][1]
        if self._not_us[name] or month_first or not texts or not dates:
            return False
        return len(texts) + 2 * len(dates) >= _SURE

    def _order(self, name: str, column: int) -> DateOrder:
        header = self._header.texts[column] if self._header and column < len(self._header.texts) else ""
        day_first, month_first = self._votes[name]
        if _HINT_DMY.search(header):
            day_first += 1
        elif _HINT_MDY.search(header):
            month_first += 1
        if day_first > month_first * _OUTVOTED or not month_first:
            return "dmy"  # the notation of the country and of every form; only a month-first date casts doubt on it
        return "mdy" if month_first > day_first * _OUTVOTED else ""


def _line(cells: Sequence[Any]) -> tuple[str, ...]:
    texts = [cell.strip() if isinstance(cell, str) else "" for cell in cells]
    while texts and not texts[-1]:
        texts.pop()
    return tuple(texts)


def _header_texts(rows: Sequence[Sequence[Any]], header: Header | None) -> set[str]:
    if header is None:
        return set()
    return {cell for row in rows[header.first : header.last + 1] for cell in row if isinstance(cell, str) and cell}


def _split_name_column(columns: dict[str, int], header: Header, rows: Sequence[Sequence[Any]]) -> None:
    """Họ và tên merged over two columns: the second has no header, yet holds a word in most rows."""
    at = columns.get("full_name")
    if at is None or at + 1 in columns.values():
        return
    below = [row for row in rows[header.last + 1 :] if len(row) > at + 1 and row[at]]
    head = rows[header.last]
    if (len(head) > at + 1 and head[at + 1] != "") or (
        header.first != header.last and rows[header.first][at + 1] != ""
    ):
        return
    words = [row[at + 1] for row in below if isinstance(row[at + 1], str) and row[at + 1].strip()]
    if below and len(words) * 2 > len(below):
        columns["family_part"], columns["given_part"] = at, at + 1
        del columns["full_name"]
