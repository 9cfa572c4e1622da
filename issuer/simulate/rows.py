"""From true doses to the rows that facilities typed: who entered it, in which file, and what went wrong.

In: people, doses and the layouts of the block's files. Out: `Rows`, columns of one entry a row, with the class or
classes of error of each, and the spoiled cells by row. Nothing is written here.
"""

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from random import Random

import numpy as np
from numpy.typing import NDArray

from issuer.simulate import disturb
from issuer.simulate.defects import BY_NAME, DEFECTS, DRAWN_ELSEWHERE, NUMBER_OF, SECOND_SHARE, SECONDS, Field
from issuer.simulate.disturb import Cell
from issuer.simulate.doses import PRODUCT_KEYS, Doses
from issuer.simulate.layouts import Layout
from issuer.simulate.people import FULL, NONE, YEAR, People, dates_of
from issuer.simulate.settings import EPOCH
from specs.names import lossless_key
from specs.products import products

Ints = NDArray[np.int32]
Bools = NDArray[np.bool_]

CLEAN = -1
"""No class of error."""
_LICENCE = np.array(
    [(_licence.earliest - EPOCH).days if (_licence := products()[key].licence) else 0 for key in PRODUCT_KEYS],
    dtype=np.int32,
)
_FOREIGN_NAMES = ("Kim Min Jun", "Park Ji Woo", "Tanaka Yuki", "Sato Haruto", "Smith John", "Müller Anna", "Wang Wei",
                  "Chen Li", "Somchai Boonmee", "Khamla Phommachan", "Ivanova Olga", "Garcia Maria")  # fmt: skip


@dataclass(slots=True)
class Rows:
    """Columns, one entry a row. `source` is the row that a duplicate repeats, else -1; `main` and `second` are places
    in DEFECTS, else CLEAN. The dictionaries hold, by row, what stands in a spoiled cell."""

    person: Ints
    number: Ints
    role: Ints
    product: Ints
    day: Ints
    facility: Ints
    source: Ints
    elsewhere: Bools  # a duplicate by another facility
    main: Ints
    second: Ints
    lot_letter_o: Bools
    misspelt: Bools  # the product
    before_licence: Bools
    shared_number: Bools  # the old number in the cell is not one person's alone
    file: Ints
    names: dict[int, str] = field(default_factory=dict, repr=False)
    births: dict[int, Cell] = field(default_factory=dict, repr=False)
    sexes: dict[int, bool] = field(default_factory=dict, repr=False)  # True: male
    ids: dict[int, Cell] = field(default_factory=dict, repr=False)

    def __len__(self) -> int:
        return len(self.person)


def draw_rows(rng: np.random.Generator, people: People, doses: Doses, wanted: int, facilities: int) -> Rows:
    """A row a dose, and duplicates up to `wanted` rows. The last two facilities serve every commune of the block."""
    size = len(doses)
    copies = max(0, wanted - size)
    sources = rng.choice(size, min(copies, size), replace=False).astype(np.int32)
    at = np.concatenate([np.arange(size, dtype=np.int32), sources])
    home = people.commune[doses.person]
    far = rng.random(size)
    facility = np.where(far < 0.80, home, np.where(far < 0.93, facilities - 2, facilities - 1)).astype(np.int32)
    share = BY_NAME["duplicate_other_facility"].share / (
        BY_NAME["duplicate_other_facility"].share + BY_NAME["duplicate_same_file"].share
    )
    elsewhere = rng.random(len(sources)) < share
    moved = (facility[sources] + rng.integers(1, facilities, len(sources))) % facilities
    total = len(at)
    return Rows(
        person=doses.person[at], number=doses.number[at], role=doses.role[at], product=doses.product[at],
        day=doses.day[at],
        facility=np.concatenate([facility, np.where(elsewhere, moved, facility[sources])]).astype(np.int32),
        source=np.concatenate([np.full(size, -1, dtype=np.int32), sources]),
        elsewhere=np.concatenate([np.zeros(size, dtype=bool), elsewhere]),
        main=np.full(total, CLEAN, dtype=np.int32), second=np.full(total, CLEAN, dtype=np.int32),
        lot_letter_o=rng.random(total) < BY_NAME["lot_letter_o"].share / 100,
        misspelt=rng.random(total) < BY_NAME["product_misspelt"].share / 100,
        before_licence=np.zeros(total, dtype=bool), shared_number=np.zeros(total, dtype=bool),
        file=np.zeros(total, dtype=np.int32),
    )  # fmt: skip


def choose_defects(rng: np.random.Generator, people: People, rows: Rows, layouts: Sequence[Layout]) -> None:
    """Give each row its class, or none: every class its share of the rows, among those that can have it."""
    size = len(rows)
    person = rows.person
    free = np.ones(size, dtype=bool)
    for name, known in (("not_in_register", ~people.registered), ("register_fault", people.register_fault)):
        rows.main[known[person]] = NUMBER_OF[name]
        free &= ~known[person]
    order = rng.permutation(size)
    possible = _possible(people, rows, layouts)
    repeated = np.zeros(size, dtype=bool)
    repeated[rows.source[rows.source >= 0]] = True
    repeated |= rows.source >= 0
    for name in (d.name for d in DEFECTS):
        defect = BY_NAME[name]
        if defect.field in DRAWN_ELSEWHERE or name in ("not_in_register", "register_fault"):
            continue
        mask = free & possible[name]() if name in possible else free
        if defect.field is Field.PERSON:
            mask = mask & ~repeated
        chosen: NDArray[np.int64] = order[mask[order]][: int(size * defect.share / 100 + rng.random())]
        if name == "dead_person":
            chosen = _bury(rng, people, rows, chosen)
        rows.main[chosen] = NUMBER_OF[name]
        free[chosen] = False
    _choose_seconds(rng, rows, possible)
    early = order[(free & ~repeated)[order]][: int(size * BY_NAME["dose_before_licence"].share / 100 + rng.random())]
    early = early[people.birth_day[rows.person[early]] < _LICENCE[rows.product[early]] - 400]
    rows.before_licence[early] = True
    rows.day[early] = _LICENCE[rows.product[early]] - rng.integers(20, 300, len(early))


def _possible(people: People, rows: Rows, layouts: Sequence[Layout]) -> dict[str, Callable[[], Bools]]:
    """Class -> the rows that can have it, where not every row can."""
    person, file = rows.person, rows.file
    names = people.names
    birth = dates_of(people.birth_day)
    month_start = birth.astype("datetime64[M]")
    month = month_start.astype(np.int64) % 12 + 1
    day = (birth - month_start.astype("datetime64[D]")).astype(np.int64) + 1
    year = people.birth_year
    full = people.precision == FULL
    unicode_file = np.array([layout.font is None for layout in layouts], dtype=bool)[file]
    one_cell = np.array(["birth" in layout.columns for layout in layouts], dtype=bool)[file]
    ambiguous = (year < 1923) | (year >= 2000)
    neighbour = _relative(people) != NONE

    def of_person(flag: Bools, also: Bools | bool = True) -> Callable[[], Bools]:
        return lambda: np.asarray(flag[person] & also, dtype=bool)

    def of_name(test: Callable[[str], bool], also: Bools | bool = True) -> Callable[[], Bools]:
        return lambda: np.asarray(np.array([test(name) for name in names], dtype=bool)[person] & also, dtype=bool)

    return {
        "name_apostrophe": of_name(lambda name: "'" in name, unicode_file),
        "name_tone_placement": of_name(lambda name: disturb.move_tones(name) != name),
        "name_i_y": of_name(lambda name: disturb.swap_i_y(name) != name),
        "name_icelandic_d": of_name(lambda name: "Đ" in name or "đ" in name, unicode_file),
        "name_no_break_blank": lambda: unicode_file,
        "name_decomposed": of_name(lambda name: not name.isascii(), unicode_file),
        "name_no_marks": of_name(lambda name: not name.isascii()),
        "name_other_mark": of_name(lambda name: not name.isascii()),
        "name_word_missing": of_name(lambda name: " " in name),
        "name_word_order": of_name(lambda name: " " in name),
        "date_two_digit_year_ambiguous": of_person(full & ambiguous, one_cell),
        "date_two_digit_year": of_person(full & ~ambiguous, one_cell),
        "date_notation": of_person(full, one_cell),
        "date_serial": of_person(full & (year > 1900), one_cell),
        "date_swapped": of_person(full & (day <= 12) & (day != month)),
        "date_digit": of_person(full),
        "date_year_only": of_person((people.precision == YEAR) | (full & ((day != 1) | (month != 1)))),
        "id_relative": of_person(neighbour),
        "id_old_number": of_person((people.cmnd != NONE) | (people.cancelled != NONE)),
    }


def _relative(people: People) -> Ints:
    """For each person another registered member of the same household, or NONE."""
    house, known = people.household, people.registered
    place = np.arange(len(people), dtype=np.int32)
    after = np.r_[(house[1:] == house[:-1]) & known[1:], False]
    before = np.r_[False, (house[1:] == house[:-1]) & known[:-1]]
    return np.where(after, place + 1, np.where(before, place - 1, NONE)).astype(np.int32)


def _bury(rng: np.random.Generator, people: People, rows: Rows, chosen: NDArray[np.int64]) -> NDArray[np.int64]:
    """Turn the chosen rows into doses of people dead by then; returns the rows for whom there was one."""
    dead = rng.permutation(np.flatnonzero((people.death_day != NONE) & people.registered & (people.precision == FULL)))
    done = []
    for row in chosen.tolist():
        earlier = dead[people.death_day[dead] < rows.day[row]]
        if len(earlier):
            rows.person[row] = earlier[row % len(earlier)]
            done.append(row)
    return np.array(done, dtype=np.int64)


def _choose_seconds(rng: np.random.Generator, rows: Rows, possible: dict[str, Callable[[], Bools]]) -> None:
    spoiled = np.flatnonzero(rows.main != CLEAN)
    fields = [defect.field for defect in DEFECTS]
    lucky = spoiled[rng.random(len(spoiled)) < SECOND_SHARE]
    can = {name: possible[name]() for name in SECONDS if name in possible}
    for row, pick in zip(lucky.tolist(), rng.integers(0, len(SECONDS), len(lucky)).tolist(), strict=True):
        first, second = DEFECTS[rows.main[row]], BY_NAME[SECONDS[pick]]
        old_and_short = first.name == "id_old_number" and second.name == "id_lost_zeros"
        if first.name in ("foreigner", "dead_person") or (second.name in can and not can[second.name][row]):
            continue
        if fields[rows.main[row]] is not second.field or old_and_short:
            rows.second[row] = NUMBER_OF[second.name]


def spoil(rnd: Random, people: People, rows: Rows, layouts: Sequence[Layout]) -> None:
    """Fill the spoiled cells of the rows that have a class. A class that cannot change a cell is taken back."""
    relative = _relative(people).tolist()
    for row in np.flatnonzero(rows.main != CLEAN).tolist():
        layout = layouts[rows.file[row]]
        if not _spoil_one(rnd, people, rows, row, DEFECTS[rows.main[row]].name, layout, relative):
            rows.main[row] = CLEAN
        if rows.second[row] != CLEAN and not _spoil_one(
            rnd, people, rows, row, DEFECTS[rows.second[row]].name, layout, relative
        ):
            rows.second[row] = CLEAN


def _spoil_one(
    rnd: Random, people: People, rows: Rows, row: int, name: str, layout: Layout, relative: list[int]
) -> bool:
    person = int(rows.person[row])
    sheet = layout.sheet and layout.font is None
    if name in disturb.NAME:
        right = people.names[person]
        wrong = disturb.NAME[name](rnd, right)
        if not BY_NAME[name].lossless:
            for _ in range(4):
                if lossless_key(wrong) != lossless_key(right):
                    break
                wrong = disturb.NAME[name](rnd, right)
            else:
                return False
        rows.names[row] = wrong
        return wrong != right
    if name in disturb.BIRTH:
        day = EPOCH + dt.timedelta(int(people.birth_day[person]))
        if people.precision[person] == YEAR:
            rows.births[row] = f"01/01/{day.year}"
        else:
            rows.births[row] = disturb.BIRTH[name](rnd, day, sheet and "birth" in layout.columns)
        return True
    if name == "id_old_number":
        cancelled = int(people.cancelled[person])
        use_cancelled = cancelled != NONE and (people.cmnd[person] == NONE or rnd.random() < 0.5)
        rows.ids[row] = f"{cancelled:012d}" if use_cancelled else f"{int(people.cmnd[person]):09d}"
        rows.shared_number[row] = not use_cancelled and people.cmnd_shared[person]
    elif name in disturb.ID:
        before = rows.ids.get(row, f"{int(people.number[person]):012d}")
        rows.ids[row] = disturb.ID[name](rnd, str(before), sheet)
        return rows.ids[row] != before
    elif name == "id_relative":
        rows.ids[row] = f"{int(people.number[relative[person]]):012d}"
    elif name == "sex_wrong":
        rows.sexes[row] = not people.male[person]
    elif name == "foreigner":
        rows.names[row] = rnd.choice(_FOREIGN_NAMES)
        rows.ids[row] = rnd.choice("EMKGPC") + f"{rnd.randrange(10_000_000, 99_999_999)}"
    return True
