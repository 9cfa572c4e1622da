"""`simulate`: a whole country into a folder, block by block.

In: settings and a folder that does not exist yet. Out: `people.csv`, `facilities.csv`, `deliveries.csv`, `doses/`,
`truth.csv`, `truth-lots.csv` and, where asked for, `deltas/`. The folder appears whole or not at all. Columns:
`specs/simulator.md`.
"""

import csv
import datetime as dt
import os
import shutil
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

import numpy as np
from numpy.typing import NDArray

from issuer.simulate.defects import BY_NAME
from issuer.simulate.deliveries import DELIVERY_COLUMNS, LOT_TRUTH_COLUMNS, write_deliveries
from issuer.simulate.doses import draw_doses
from issuer.simulate.layouts import Layout, draw_layout
from issuer.simulate.people import Numbers, draw_people
from issuer.simulate.places import Commune, commune
from issuer.simulate.register import DELTA_COLUMNS, EXTRACT_COLUMNS, draw_deltas, extract_rows, open_table
from issuer.simulate.rows import Rows, choose_defects, draw_rows, spoil
from issuer.simulate.settings import EXTRACT_DAY, Settings
from issuer.simulate.sheets import Facility, write_file
from issuer.simulate.truth import TRUTH_COLUMNS, TruthWriter

ONE_FILE = "danh-sach-tiem.xlsx"
ROWS_PER_FILE = 20_000
FEWEST_LEGACY_ROWS = 40
"""A facility that still writes in a legacy font sends at least so many rows."""
Places = NDArray[np.int64]
"""Places in a block's rows."""
FACILITY_COLUMNS = ("ma_co_so", "ten", "ma_xa")


@dataclass(frozen=True, slots=True)
class Simulated:
    """Where everything is, and how much: people in the extract, dose rows (test rows beside), files, delta lines."""

    folder: Path
    people: int
    rows: int
    test_rows: int
    files: int
    delta_rows: int
    classes: Counter[str] = field(default_factory=Counter)

    @property
    def people_csv(self) -> Path:
        """The population extract."""
        return self.folder / "people.csv"

    @property
    def truth_csv(self) -> Path:
        """What really is, one line a dose or test row."""
        return self.folder / "truth.csv"

    @property
    def deliveries_csv(self) -> Path:
        """The lots that came to each facility."""
        return self.folder / "deliveries.csv"

    @property
    def dose_files(self) -> tuple[Path, ...]:
        """The dose lists in the order in which they should be taken in."""
        return tuple(sorted((self.folder / "doses").iterdir()))

    @property
    def delta_files(self) -> tuple[Path, ...]:
        """The register's changes, by day."""
        return tuple(sorted((self.folder / "deltas").glob("*.csv")))


def simulate(settings: Settings, folder: Path, progress: Callable[[int], None] = lambda rows: None) -> Simulated:
    """Make the country in `folder`; `progress` is told the dose rows written so far.

    Raises FileExistsError when the folder is there already. The same settings give the same bytes.
    """
    if folder.exists():
        raise FileExistsError(folder)
    folder.parent.mkdir(parents=True, exist_ok=True)
    building = folder.with_name(f".{folder.name}.{os.getpid()}")
    try:
        made = _Build(settings, building, progress).run()
        building.rename(folder)
    finally:
        shutil.rmtree(building, ignore_errors=True)
    return Simulated(folder, *made)


class _Build:
    """One run: the open tables, and what is carried from block to block."""

    def __init__(self, settings: Settings, folder: Path, progress: Callable[[int], None]) -> None:
        self.settings, self.folder, self.progress = settings, folder, progress
        self.numbers = Numbers(settings.seed)
        self.rows = self.tests = self.files = self.deltas = self.sheet_rows = self.planned_rows = 0
        self.font_rows = dict.fromkeys(("tcvn3", "vni"), 0)

    def run(self) -> tuple[int, int, int, int, int, Counter[str]]:
        settings = self.settings
        (self.folder / "doses").mkdir(parents=True)
        (self.folder / "deltas").mkdir()
        with ExitStack() as files:
            self.people_file = open_table(self.folder / "people.csv", EXTRACT_COLUMNS, files)
            self.facility_file = open_table(self.folder / "facilities.csv", FACILITY_COLUMNS, files)
            self.delivery_file = open_table(self.folder / "deliveries.csv", DELIVERY_COLUMNS, files)
            self.lot_truth = open_table(self.folder / "truth-lots.csv", LOT_TRUTH_COLUMNS, files)
            self.truth = TruthWriter(open_table(self.folder / "truth.csv", TRUTH_COLUMNS, files))
            self.days = [
                open_table(self.folder / "deltas" / f"{EXTRACT_DAY + dt.timedelta(day + 1)}.csv", DELTA_COLUMNS, files)
                for day in range(settings.delta_days)
            ]
            blocks = -(-settings.people // settings.block_people)
            done_people = done_rows = 0
            for block in range(blocks):
                until_people = settings.people * (block + 1) // blocks
                until_rows = settings.rows * (block + 1) // blocks
                self._block(block, until_people - done_people, until_rows - done_rows)
                done_people, done_rows = until_people, until_rows
                self.progress(self.rows)
        return settings.people, self.rows, self.tests, self.files, self.deltas, self.truth.classes

    def _block(self, block: int, size: int, wanted: int) -> None:
        settings = self.settings
        rng = np.random.default_rng((settings.seed, block))
        rnd = Random(f"{settings.seed}/{block}")  # noqa: S311  repeatable, not secret
        count = max(1, -(-size // settings.people_per_commune))
        first = block * settings.communes_per_block
        communes = tuple(commune(first + at, settings.province) for at in range(count))
        people = draw_people(rng, self.numbers, size, communes, settings.minority_factor)
        csv.writer(self.people_file, lineterminator="\n").writerows(extract_rows(people))

        facilities = _facilities(block, communes)
        csv.writer(self.facility_file, lineterminator="\n").writerows((f.code, f.name, f.commune) for f in facilities)
        repeated = (BY_NAME["duplicate_same_file"].share + BY_NAME["duplicate_other_facility"].share) / 100
        doses = draw_doses(rng, people, int(wanted * (1 - repeated)))
        rows = draw_rows(rng, people, doses, wanted, len(facilities))
        layouts, places = self._files(rng, rnd, rows, block)
        choose_defects(rng, people, rows, layouts)
        spoil(rnd, people, rows, layouts)
        keepers = np.zeros_like(rows.facility) if settings.one_file else rows.facility
        lots = Random(f"{settings.seed}/{block}/lots")  # noqa: S311  repeatable, not secret
        write_deliveries(lots, rows, keepers, facilities, self.delivery_file, self.lot_truth)
        changes = draw_deltas(rng, self.numbers, people, self.days, settings.delta_share, settings.minority_factor)
        self.deltas += sum(changes.rows)
        for nth, (name, at) in enumerate(places):
            tests = 2 if settings.one_file else int(len(at) * BY_NAME["test_row"].share / 100 + rnd.random())
            path = self.folder / "doses" / name
            written = write_file(path, rnd, layouts[nth], people, rows, at, facilities, tests)
            self.truth.add(name, layouts[nth], at, written)
            self.tests += len(written.tests)
        self.truth.flush(people, rows, changes)
        self.rows += len(rows)
        self.files += len(places)

    def _files(
        self, rng: np.random.Generator, rnd: Random, rows: Rows, block: int
    ) -> tuple[list[Layout], list[tuple[str, Places]]]:
        """The block's files: their layouts, names and rows, in the order of the day; `rows.file` is filled."""
        order = np.lexsort((rng.random(len(rows)), rows.source >= 0, rows.day))
        if self.settings.one_file:
            return [draw_layout(rnd, sheet=True, rich=True)], [(ONE_FILE, order)]
        layouts: list[Layout] = []
        places: list[tuple[str, Places]] = []
        for facility in np.unique(rows.facility).tolist():
            mine = order[rows.facility[order] == facility]
            for part, (at, font) in enumerate(self._parts(mine)):
                sheet = self.sheet_rows + len(at) <= self.settings.xlsx_rows and len(places) % 2 == 0
                self.sheet_rows += len(at) if sheet else 0
                rows.file[at] = len(places)
                layouts.append(draw_layout(rnd, sheet=sheet, font=font))
                places.append((f"{block:05d}-{facility:02d}-{part:02d}.{'xlsx' if sheet else 'csv'}", at))
        return layouts, places

    def _parts(self, mine: Places) -> Iterator[tuple[Places, str | None]]:
        """One facility's files: what a legacy font has fallen behind its share goes into a file of its own first."""
        self.planned_rows += len(mine)
        for font, had in self.font_rows.items():
            behind = round(self.planned_rows * BY_NAME[f"file_{font}"].share / 100) - had
            if min(behind, len(mine)) >= FEWEST_LEGACY_ROWS:
                part, mine = mine[:behind], mine[behind:]
                self.font_rows[font] += len(part)
                yield part, font
        for start in range(0, len(mine), ROWS_PER_FILE):
            yield mine[start : start + ROWS_PER_FILE], None


def _facilities(block: int, communes: tuple[Commune, ...]) -> list[Facility]:
    stations = [Facility(f"{unit.code}01", f"Trạm Y tế {unit.name}", unit.code) for unit in communes]
    head = communes[0]
    return [
        *stations,
        Facility(f"{head.code}51", f"Bệnh viện Đa khoa khu vực {block + 1}", head.code),
        Facility(f"{head.code}61", f"Đội tiêm lưu động số {block + 1}", head.code),
    ]
