"""The truth, kept apart: for every dose and test row who it is, what went wrong, and what may be concluded.

In: files as they were written. Out: lines of `truth.csv`, whose columns `specs/simulator.md` explains.
"""

import csv
from collections import Counter
from typing import IO

import numpy as np
from numpy.typing import NDArray

from issuer.simulate.defects import BY_NAME, DEFECTS, NUMBER_OF
from issuer.simulate.layouts import Layout
from issuer.simulate.people import NONE, People
from issuer.simulate.register import Changes
from issuer.simulate.rows import CLEAN, Rows
from issuer.simulate.sheets import Written

TRUTH_COLUMNS = (
    "file", "sheet", "row", "so_dinh_danh", "error_classes", "conclusive", "duplicate_of", "raw_equal",
    "so_dinh_danh_after", "conclusive_after",
)  # fmt: skip
_YES = ("no", "yes")
_LOSSLESS = np.array([defect.lossless for defect in DEFECTS] + [True])  # the last one is CLEAN


class TruthWriter:
    """Collects a block's files, and writes their lines once every row of the block has its place."""

    def __init__(self, file: IO[str]) -> None:
        self._lines = csv.writer(file, lineterminator="\n")
        self._files: list[tuple[str, Layout, NDArray[np.int64], Written]] = []
        self.classes: Counter[str] = Counter()

    def add(
        self, name: str, layout: Layout, people: People, rows: Rows, at: NDArray[np.int64], written: Written
    ) -> None:
        """Remember a file of the block: its rows and where they stand."""
        self._files.append((name, layout, at, written))

    def flush(self, people: People, rows: Rows, changes: Changes) -> None:
        """Write the lines of the block's files, file by file, in the order of their rows."""
        stands = np.zeros(len(rows), dtype=np.int64)
        for _, _, at, written in self._files:
            stands[at] = written.doses
        known, conclusive, later = _conclusions(people, rows, changes)
        numbers = [f"{number:012d}" for number in people.number.tolist()]
        after = [f"{number:012d}" for number in changes.number.tolist()]
        raw = (rows.main == CLEAN) | (rows.main == NUMBER_OF["dead_person"])
        raw &= rows.second == CLEAN
        names = [name for name, _, _, _ in self._files]
        sheets = [written.sheet for _, _, _, written in self._files]
        for name, layout, at, written in self._files:
            file_class = f"file_{layout.font}" if layout.font else ""
            lines: list[tuple[object, ...]] = []
            for place, row in zip(at.tolist(), written.doses, strict=True):
                person, source = int(rows.person[place]), int(rows.source[place])
                classes = self._classes(rows, place, file_class)
                repeats = ""
                if source >= 0:
                    other = int(rows.file[source])
                    repeats = f"{names[other]}:{sheets[other]}:{stands[source]}"
                who = known[place]
                lines.append((
                    name, written.sheet, row, numbers[person] if who else "", classes, _YES[conclusive[place]], repeats,
                    _YES[bool(raw[place]) and not file_class], after[person] if who else "", _YES[later[place]],
                ))  # fmt: skip
            for row in written.tests:
                self.classes["test_row"] += 1
                lines.append((name, written.sheet, row, "", "test_row", "no", "", "no", "", "no"))
            lines.sort(key=lambda line: int(str(line[2])))
            self._lines.writerows(lines)
        self._files.clear()

    def _classes(self, rows: Rows, place: int, file_class: str) -> str:
        found = [DEFECTS[one].name for one in (rows.main[place], rows.second[place]) if one != CLEAN]
        if file_class:
            found.append(file_class)
        if rows.source[place] >= 0:
            found.append("duplicate_other_facility" if rows.elsewhere[place] else "duplicate_same_file")
        if rows.lot_letter_o[place]:
            found.append("lot_letter_o")
        if rows.before_licence[place]:
            found.append("dose_before_licence")
        self.classes.update(found)
        return ";".join(found)


def _conclusions(people: People, rows: Rows, changes: Changes) -> tuple[list[bool], list[bool], list[bool]]:
    """For every row: whether its person is in the register, whether it proves who it is, and so after the deltas."""
    person = rows.person
    known = people.registered[person] & (rows.main != NUMBER_OF["foreigner"])
    death = people.death_day[person]
    alive = (death == NONE) | (death >= rows.day)
    fault = rows.main == NUMBER_OF["register_fault"]
    readable = (_LOSSLESS[rows.main] | fault) & _LOSSLESS[rows.second] & ~rows.shared_number
    good = known & alive & readable
    return known.tolist(), (good & ~fault).tolist(), (good & (~fault | changes.repaired[person])).tolist()


assert all(BY_NAME[defect.name] is defect for defect in DEFECTS), "class names are unique"  # noqa: S101
