"""The register's side: the extract that the issuer loads, and the days on which it changes.

In: blocks of people. Out: `people.csv` with the extract's columns, and one delta file a day with an `operation` before
them and the number the person had until then after them (`specs/simulator.md`).
"""

import csv
import datetime as dt
from collections.abc import Iterable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import IO

import numpy as np
from numpy.typing import NDArray

from issuer.simulate.people import FULL, NONE, YEAR, Numbers, People, draw_people
from issuer.simulate.places import PROVINCE_CODES, commune
from issuer.simulate.settings import EPOCH, EXTRACT_DAY, day_number

EXTRACT_COLUMNS = (
    "so_dinh_danh", "ho_ten", "ngay_sinh", "gioi_tinh", "so_giay_to_cu", "ma_xa", "quoc_tich", "ngay_mat",
)  # fmt: skip
DELTA_COLUMNS = ("operation", *EXTRACT_COLUMNS, "so_dinh_danh_truoc")
OPERATIONS = ("birth", "death", "move", "correct", "reissue")
_SHARES = (0.15, 0.10, 0.45, 0.15, 0.15)
NATIONALITY = "Việt Nam"
ISO_DAYS: tuple[str, ...] = tuple(
    (EPOCH + dt.timedelta(day)).isoformat() for day in range(day_number(EXTRACT_DAY) + 800)
)
"""Day number -> YYYY-MM-DD."""

Rows = list[tuple[str, ...]]
_CUT = {FULL: 10, YEAR: 4}


@dataclass(frozen=True, slots=True)
class Changes:
    """What the deltas did to a block, one entry a person: the number now, and whether a register fault was repaired."""

    number: NDArray[np.int64]
    repaired: NDArray[np.bool_]
    rows: tuple[int, ...]  # lines written, by day


def extract_rows(people: People, at: Iterable[int] | None = None) -> Rows:
    """Lines of the extract: of everybody registered, or of the people at these places, registered or not."""
    places = np.flatnonzero(people.registered).tolist() if at is None else list(at)
    codes = [unit.code for unit in people.communes]
    return [
        (
            f"{number:012d}",
            people.register_names[place],
            ISO_DAYS[birth] if precision == FULL else ISO_DAYS[birth][: 4 if precision == YEAR else 7],
            "Nam" if male else "Nữ",
            _old_numbers(cmnd, cancelled),
            codes[home],
            NATIONALITY,
            ISO_DAYS[death] if death != NONE else "",
        )
        for place, number, birth, precision, male, cmnd, cancelled, home, death in zip(
            places,
            people.number[places].tolist(),
            people.register_birth_day[places].tolist(),
            people.precision[places].tolist(),
            people.male[places].tolist(),
            people.cmnd[places].tolist(),
            people.cancelled[places].tolist(),
            people.commune[places].tolist(),
            people.death_day[places].tolist(),
            strict=True,
        )
    ]


def _old_numbers(cmnd: int, cancelled: int) -> str:
    if cancelled == NONE:
        return f"{cmnd:09d}" if cmnd != NONE else ""
    return f"{cmnd:09d};{cancelled:012d}" if cmnd != NONE else f"{cancelled:012d}"


def open_table(path: Path, columns: Sequence[str], files: ExitStack) -> IO[str]:
    """A new UTF-8 .csv with its header, closed with `files`."""
    file = files.enter_context(path.open("w", encoding="utf-8", newline=""))
    csv.writer(file, lineterminator="\n").writerow(columns)
    return file


def draw_deltas(
    rng: np.random.Generator, numbers: Numbers, people: People, days: Sequence[IO[str]], share: float, minority: float
) -> Changes:
    """Write a block's changes into the files of the days; nobody changes twice, every register fault is repaired."""
    number, repaired = people.number.copy(), np.zeros(len(people), dtype=bool)
    if not days:
        return Changes(number, repaired, ())
    faulty = rng.permutation(np.flatnonzero(people.register_fault))
    others = rng.permutation(np.flatnonzero(people.registered & ~people.register_fault & (people.death_day == NONE)))
    each = int(len(people) * share + rng.random())
    counts = []
    for nth, file in enumerate(days):
        lines: Rows = []
        effective = ISO_DAYS[day_number(EXTRACT_DAY) + nth + 1]
        born, died, moved, corrected, reissued = (int(each * part + rng.random()) for part in _SHARES)
        mine = faulty[nth :: len(days)]
        repaired[mine] = True
        died_at, moved_at, corrected_at, reissued_at = np.split(
            others[: died + moved + corrected + reissued], np.cumsum([died, moved, corrected])
        )
        others = others[died + moved + corrected + reissued :]
        lines += _births(rng, numbers, people, born, minority, nth)
        lines += [("death", *row[:7], effective, row[0]) for row in extract_rows(people, died_at.tolist())]
        for row in extract_rows(people, moved_at.tolist()):
            lines.append(("move", *row[:5], commune(int(rng.integers(0, 700))).code, *row[6:], row[0]))
        for place, row in zip(mine.tolist(), extract_rows(people, mine.tolist()), strict=True):
            birth = ISO_DAYS[people.birth_day[place]]
            lines.append(("correct", row[0], people.names[place], birth, *row[3:], row[0]))
        for row in extract_rows(people, corrected_at[: max(0, corrected - len(mine))].tolist()):
            found = f"{int(numbers.cmnd(1)[0]):09d}"  # an old number that the register had not known
            lines.append(("correct", *row[:4], ";".join(filter(None, (row[4], found))), *row[5:], row[0]))
        lines += _reissues(numbers, people, reissued_at, number)
        csv.writer(file, lineterminator="\n").writerows(lines)
        counts.append(len(lines))
    return Changes(number, repaired, tuple(counts))


def _births(rng: np.random.Generator, numbers: Numbers, people: People, born: int, minority: float, nth: int) -> Rows:
    if not born:
        return []
    drawn = draw_people(rng, numbers, born * 20 + 40, people.communes, minority)
    year = EXTRACT_DAY.year - 1900
    female = (~drawn.male).astype(np.int32)
    home = PROVINCE_CODES.index(people.communes[0].province)
    places = np.flatnonzero(drawn.registered)[:born]
    fresh = numbers.personal(
        np.full(born, home, dtype=np.int32), 2 + female[places], np.full(born, year % 100, dtype=np.int32)
    )
    day = ISO_DAYS[day_number(EXTRACT_DAY) + nth]
    return [
        ("birth", f"{number:012d}", row[1], day, row[3], "", row[5], row[6], "", "")
        for number, row in zip(fresh.tolist(), extract_rows(drawn, places.tolist()), strict=True)
    ]


def _reissues(numbers: Numbers, people: People, places: NDArray[np.int64], number: NDArray[np.int64]) -> Rows:
    province = np.array([PROVINCE_CODES.index(unit.province) for unit in people.communes], dtype=np.int32)
    year = people.birth_year[places]
    digit = (year - 1900) // 100 * 2 + ~people.male[places]
    fresh = numbers.personal(province[people.commune[places]], digit.astype(np.int32), (year % 100).astype(np.int32))
    number[places] = fresh
    return [
        ("reissue", f"{new:012d}", *row[1:4], ";".join(filter(None, (row[4], row[0]))), *row[5:], row[0])
        for new, row in zip(fresh.tolist(), extract_rows(people, places.tolist()), strict=True)
    ]
