"""Putting a dose list down as a file, with the lines that are no doses, and telling on which row each dose stands.

In: a layout and its columns of cells. Out: a .csv or .xlsx file, the same bytes for the same input, and row numbers as
a spreadsheet or an editor shows them: from 1, blank lines included.
"""

import csv
import io
import re
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random

from openpyxl import Workbook
from openpyxl.utils import get_column_letter

from issuer.simulate.disturb import Cell
from issuer.simulate.layouts import Layout
from issuer.simulate.legacy_text import to_legacy

SHEET_NAME = "Danh sách"
_STAMP = re.compile(rb"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ")
_ZIP_TIME = (2022, 11, 1, 0, 0, 0)
_TESTS: tuple[dict[str, Cell], ...] = (
    {"name": "Nguyễn Văn Test", "birth": "01/01/2000", "id": "000000000000"},
    {"name": "TEST", "birth": "01/01/1990", "id": "123456789012"},
    {"name": "test thử", "birth": "11/11/1911", "id": "111111111111"},
    {"name": "Dữ liệu thử", "birth": "01/01/2001", "id": "012345678910"},
)


@dataclass(frozen=True, slots=True)
class Plan:
    """Where the doses of a file stand: `before[i]` are the kinds of line put before dose i (key n: after the last)."""

    layout: Layout
    titles: tuple[str, ...]
    doses: int
    before: dict[int, tuple[str, ...]]

    @property
    def head(self) -> int:
        """Lines before the first dose: titles, and a header of one line or two."""
        return len(self.titles) + 1 + bool(self.layout.subheaders)

    def rows(self) -> tuple[list[int], list[int]]:
        """Row of each dose, and of each test line."""
        row, doses, tests = self.head, [], []
        for at in range(self.doses + 1):
            for kind in self.before.get(at, ()):
                row += 1
                if kind == "test":
                    tests.append(row)
            if at < self.doses:
                row += 1
                doses.append(row)
        return doses, tests


def draw_plan(rnd: Random, layout: Layout, doses: int, tests: int, place: str) -> Plan:
    """The lines of a file of `doses` doses kept by `place`, with `tests` test rows somewhere in it."""
    titles = ("SỞ Y TẾ", place.upper(), "DANH SÁCH ĐỐI TƯỢNG TIÊM VẮC XIN PHÒNG COVID-19", "")[-layout.titles :]
    lines: dict[int, list[str]] = {}
    for every, kind in ((layout.repeat_every, "header"), (layout.blank_every, "blank")):
        for at in range(every, doses, every) if every else ():
            lines.setdefault(at, []).append(kind)
            if kind == "header" and layout.subheaders:
                lines[at].append("subheader")
    for _ in range(tests):
        lines.setdefault(rnd.randrange(doses + 1), []).append("test")
    if layout.total:
        lines.setdefault(doses, []).extend(("total", "blank", "signature"))
    return Plan(layout, titles if layout.titles else (), doses, {at: tuple(kinds) for at, kinds in lines.items()})


def write(path: Path, plan: Plan, columns: Sequence[Sequence[Cell]]) -> None:
    """Write the file; `columns` has one sequence of `plan.doses` cells for each column of the layout."""
    if plan.layout.font is not None:
        font = plan.layout.font
        columns = [[to_legacy(cell, font) if isinstance(cell, str) else cell for cell in column] for column in columns]
    if plan.layout.sheet:
        _write_sheet(path, plan, columns)
    else:
        _write_text(path, plan, columns)


def _segments(plan: Plan) -> Iterator[tuple[int, int, tuple[str, ...]]]:
    """Runs of doses (from, to) and the lines that follow each run."""
    start = 0
    for at in sorted(plan.before):
        yield start, at, plan.before[at]
        start = at
    if start < plan.doses or not plan.before:
        yield start, plan.doses, ()


def _line(plan: Plan, kind: str, nth: int) -> list[Cell]:
    layout = plan.layout
    if kind == "blank":
        return []
    if kind == "header":
        return _legacy(layout, list(layout.headers))
    if kind == "subheader":
        return _legacy(layout, list(layout.subheaders))
    line: list[Cell] = [""] * len(layout.columns)
    if kind == "test":
        test = _TESTS[nth % len(_TESTS)]
        values: dict[str, Cell] = {
            **test, "surname": "", "given": test["name"], "birth_y": 2000, "sex": layout.sexes[1], "sex_m": "x",
            "dose": 1, "product": "AstraZeneca", "day": "01/01/2022", "note": "test",
        }  # fmt: skip
        return _legacy(layout, [values.get(column, "") for column in layout.columns])
    texts = {"total": f"Tổng cộng: {plan.doses} mũi tiêm", "signature": "NGƯỜI LẬP DANH SÁCH"}
    line[layout.columns.index("name" if "name" in layout.columns else "surname") if kind == "total" else -2] = texts[
        kind
    ]
    return _legacy(layout, line)


def _legacy(layout: Layout, line: list[Cell]) -> list[Cell]:
    if layout.font is None:
        return line
    return [to_legacy(cell, layout.font) if isinstance(cell, str) else cell for cell in line]


def _write_text(path: Path, plan: Plan, columns: Sequence[Sequence[Cell]]) -> None:
    layout = plan.layout
    with path.open("w", encoding=layout.encoding, newline="") as file:
        lines = csv.writer(file, delimiter=layout.delimiter, lineterminator="\r\n")
        for title in plan.titles:
            file.write("\r\n") if not title else lines.writerow(
                _legacy(layout, [title]) + [""] * (len(layout.columns) - 1)
            )
        lines.writerow(_line(plan, "header", 0))
        tests = 0
        for start, end, after in _segments(plan):
            lines.writerows(zip(*(column[start:end] for column in columns), strict=True))
            for kind in after:
                file.write("\r\n") if kind == "blank" else lines.writerow(_line(plan, kind, tests))
                tests += kind == "test"


def _write_sheet(path: Path, plan: Plan, columns: Sequence[Sequence[Cell]]) -> None:
    layout = plan.layout
    book = Workbook(write_only=True)
    sheet = book.create_sheet(SHEET_NAME)
    last = get_column_letter(len(layout.columns))
    for at, title in enumerate(plan.titles, 1):
        if title:
            sheet.merged_cells.add(f"A{at}:{last}{at}")
        sheet.append(_legacy(layout, [title or None]))
    sheet.append(_line(plan, "header", 0))
    if layout.subheaders:
        sheet.append(_line(plan, "subheader", 0))
        for cells in _merged_headers(layout, plan.head):
            sheet.merged_cells.add(cells)
    row, tests = plan.head, 0
    place = layout.columns.index("facility") if layout.merged_facility else None
    letter = get_column_letter(place + 1) if place is not None else ""
    for start, end, after in _segments(plan):
        for at in range(start, end):
            line = [column[at] if column[at] != "" else None for column in columns]
            if place is not None and at > start:
                line[place] = None
            sheet.append(line)
        if place is not None and end - start > 1:
            sheet.merged_cells.add(f"{letter}{row + 1}:{letter}{row + end - start}")
        row += end - start + len(after)
        for kind in after:
            sheet.append(_line(plan, kind, tests))
            tests += kind == "test"
    if layout.notes_sheet:
        book.create_sheet("Ghi chú").append(_legacy(layout, ["Danh sách do cơ sở lập, số liệu đến cuối ngày"]))
    loose = io.BytesIO()
    book.save(loose)
    _repack(loose, path)


def _merged_headers(layout: Layout, last: int) -> Iterator[str]:
    """Cells merged in a header of two lines that ends on row `last`: groups side by side, the others downwards."""
    columns = len(layout.columns)
    start = 0
    while start < columns:
        end = start
        while (
            layout.subheaders[start]
            and end + 1 < columns
            and layout.subheaders[end + 1]
            and not layout.headers[end + 1]
        ):
            end += 1
        bottom = last - 1 if layout.subheaders[start] else last
        yield f"{get_column_letter(start + 1)}{last - 1}:{get_column_letter(end + 1)}{bottom}"
        start = end + 1


def _repack(loose: io.BytesIO, path: Path) -> None:
    """The same workbook without the hour at which it was made, so that a seed gives the same bytes."""
    with zipfile.ZipFile(loose) as before, zipfile.ZipFile(path, "w") as after:
        for entry in before.infolist():
            data = before.read(entry)
            if entry.filename == "docProps/core.xml":
                data = _STAMP.sub(b"2022-11-01T00:00:00Z", data)
            after.writestr(zipfile.ZipInfo(entry.filename, _ZIP_TIME), data, zipfile.ZIP_DEFLATED, 1)
