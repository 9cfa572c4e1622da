"""The truth, kept apart: for every dose and test row who it is, what went wrong, and what may be concluded.

In: files as they were written. Out: lines of `truth.csv`, whose columns `specs/simulator.md` explains.
"""

import csv
from collections import Counter
from collections.abc import Callable
from operator import itemgetter
from typing import IO, Any

import numpy as np
from numpy.typing import NDArray

from issuer.simulate.defects import DEFECTS, NUMBER_OF
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

    def add(self, name: str, layout: Layout, at: NDArray[np.int64], written: Written) -> None:
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
        raw = ((rows.main == CLEAN) | (rows.main == NUMBER_OF["dead_person"])) & (rows.second == CLEAN)
        persons, sources, files = rows.person.tolist(), rows.source.tolist(), rows.file.tolist()
        places = [f"{name}:{written.sheet}:" for name, _, _, written in self._files]
        for name, layout, at, written in self._files:
            font = f"file_{layout.font}" if layout.font else ""
            classes = self._classes(rows, at, font)
            plain = (raw[at] & (not font)).tolist()
            lines: list[tuple[object, ...]] = [
                (
                    name, written.sheet, row, numbers[persons[place]] if known[place] else "", spoiled,
                    _YES[conclusive[place]],
                    f"{places[files[source]]}{stands[source]}" if (source := sources[place]) >= 0 else "",
                    _YES[as_is], after[persons[place]] if known[place] else "", _YES[later[place]],
                )
                for place, row, spoiled, as_is in zip(at.tolist(), written.doses, classes, plain, strict=True)
            ]  # fmt: skip
            if written.tests:
                self.classes["test_row"] += len(written.tests)
                lines += [(name, written.sheet, row, "", "test_row", "no", "", "no", "", "no") for row in written.tests]
                lines.sort(key=_ROW)
            self._lines.writerows(lines)
        self._files.clear()

    def _classes(self, rows: Rows, at: NDArray[np.int64], font: str) -> list[str]:
        """The classes of the rows at these places, joined as the table wants them, and counted."""
        copied = np.where(rows.source[at] < 0, 0, np.where(rows.elsewhere[at], 2, 1))
        flags = copied + 4 * rows.lot_letter_o[at] + 8 * rows.before_licence[at] + 16 * rows.misspelt[at]
        found = Counter(
            keys := list(zip(rows.main[at].tolist(), rows.second[at].tolist(), flags.tolist(), strict=True))
        )
        texts = {key: _class_text(*key, font) for key in found}
        for key, count in found.items():
            for name in filter(None, texts[key].split(";")):
                self.classes[name] += count
        return [texts[key] for key in keys]


_ROW: Callable[[tuple[object, ...]], Any] = itemgetter(TRUTH_COLUMNS.index("row"))
_DOSE_BITS = {4: "lot_letter_o", 8: "dose_before_licence", 16: "product_misspelt"}
_COPIED = ("", "duplicate_same_file", "duplicate_other_facility")


def _class_text(main: int, second: int, flags: int, font: str) -> str:
    names = [DEFECTS[one].name for one in (main, second) if one != CLEAN]
    names += [font, _COPIED[flags % 4], *(name for bit, name in _DOSE_BITS.items() if flags & bit)]
    return ";".join(filter(None, names))


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
