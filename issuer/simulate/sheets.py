"""The cells of one file: every column of its layout, right or spoiled.

In: a layout, the block's people and rows, and which rows are in the file. Out: the file, and the rows that its lines
stand on. Personal data end here and in the register extract, nowhere else.
"""

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from random import Random

import numpy as np
from numpy.typing import NDArray

from issuer.simulate.defects import NUMBER_OF
from issuer.simulate.disturb import Cell
from issuer.simulate.doses import PRODUCT_KEYS
from issuer.simulate.files import SHEET_NAME, Plan, draw_plan, write
from issuer.simulate.layouts import Layout
from issuer.simulate.people import FULL, YEAR, People
from issuer.simulate.register import ISO_DAYS
from issuer.simulate.rows import Rows
from issuer.simulate.settings import EPOCH, EXTRACT_DAY, day_number
from specs.products import products

LOT_DAYS = 9
"""A facility gets a new lot so often."""
_ROLES = ("Cơ bản", "Bổ sung", "Nhắc lại")
_PRIORITIES = ("Người trên 65 tuổi", "Công nhân", "Giáo viên", "Người dân", "Học sinh", "Lực lượng tuyến đầu")
_LOTS = {
    "astrazeneca": "NJ0{:03d}", "comirnaty": "FK0{:03d}", "vero-cell": "20210{:03d}", "spikevax": "07060{:03d}",
    "abdala": "AB0{:03d}", "sputnik-v": "II-0{:03d}", "hayat-vax": "HV0{:03d}", "janssen": "XD0{:03d}",
}  # fmt: skip
_SPELLINGS = {
    key: tuple(name for name in dict.fromkeys((product.name, *product.synonyms[:3])) if name)
    for key, product in products().items()
}


@dataclass(frozen=True, slots=True)
class Facility:
    """A place that vaccinates."""

    code: str
    name: str
    commune: str


@dataclass(frozen=True, slots=True)
class Written:
    """On which row of the file each of its doses stands, in the order given, and each test row."""

    doses: list[int]
    tests: list[int]
    sheet: str


@lru_cache(8)
def day_texts(notation: str) -> tuple[str, ...]:
    """Day number -> text in a notation."""
    return tuple(
        notation.replace("%Y", day[:4]).replace("%m", day[5:7]).replace("%d", day[8:])
        for day in ISO_DAYS[: day_number(EXTRACT_DAY) + 1]
    )


@lru_cache(1)
def _dates() -> tuple[dt.date, ...]:
    return tuple(EPOCH + dt.timedelta(day) for day in range(day_number(EXTRACT_DAY) + 1))


def write_file(
    path: Path, rnd: Random, layout: Layout, people: People, rows: Rows, at: NDArray[np.int64],
    facilities: Sequence[Facility], tests: int,
) -> Written:  # fmt: skip
    """Write the doses at places `at` of `rows` to `path`, and `tests` test rows among them."""
    place = facilities[int(rows.facility[at[0]])].name if len(at) else facilities[0].name
    plan: Plan = draw_plan(rnd, layout, len(at), tests, place)
    write(path, plan, _columns(rnd, layout, people, rows, at, facilities))
    doses, test_rows = plan.rows()
    return Written(doses, test_rows, SHEET_NAME if layout.sheet else "")


def _columns(
    rnd: Random, layout: Layout, people: People, rows: Rows, at: NDArray[np.int64], facilities: Sequence[Facility]
) -> list[Sequence[Cell]]:
    person = rows.person[at].tolist()
    places = at.tolist()
    made: dict[str, Sequence[Cell]] = {}

    def name_cells() -> None:
        cells = [people.names[p] for p in person]
        for nth, place in enumerate(places):
            if place in rows.names:
                cells[nth] = rows.names[place]
        if "name" in layout.columns:
            made["name"] = cells
        else:
            parts = [cell.rstrip().rpartition(" ") for cell in cells]
            made["surname"] = [part[0] for part in parts]
            made["given"] = [part[2] for part in parts]

    def birth_cells() -> None:
        cells = _births(layout, people, person)
        for nth, place in enumerate(places):
            if place in rows.births:
                cells[nth] = rows.births[place]
        if "birth" in layout.columns:
            made["birth"] = cells
        else:
            parts = [str(cell).split("/") for cell in cells]
            for nth, column in enumerate(("birth_d", "birth_m", "birth_y")):
                made[column] = [part[nth - 3] if len(part) >= 3 - nth else "" for part in parts]

    def sex_cells() -> None:
        male = people.male[rows.person[at]].tolist()
        for nth, place in enumerate(places):
            if place in rows.sexes:
                male[nth] = rows.sexes[place]
        if "sex" in layout.columns:
            made["sex"] = [layout.sexes[one] for one in male]
        else:
            made["sex_m"] = ["x" if one else "" for one in male]
            made["sex_f"] = ["" if one else "x" for one in male]

    def id_cells() -> None:
        cells: list[Cell] = [f"{number:012d}" for number in people.number[rows.person[at]].tolist()]
        for nth, place in enumerate(places):
            if place in rows.ids:
                cells[nth] = rows.ids[place]
        made["id"] = cells

    name_cells()
    birth_cells()
    sex_cells()
    id_cells()
    others: dict[str, Callable[[], Sequence[Cell]]] = {
        "index": lambda: list(range(1, len(at) + 1)),
        "phone": lambda: [
            f"0900{house * 7919 % 1_000_000:06d}" for house in people.household[rows.person[at]].tolist()
        ],
        "nationality": lambda: ["Việt Nam" if rows.main[place] != _FOREIGNER else "Nước ngoài" for place in places],
        "ethnicity": lambda: [""] * len(at),
        "commune": lambda: [people.communes[home].code for home in people.commune[rows.person[at]].tolist()],
        "address": lambda: [f"Thôn {house % 12 + 1}" for house in people.household[rows.person[at]].tolist()],
        "priority": lambda: [_PRIORITIES[p % len(_PRIORITIES)] for p in person],
        "dose": lambda: rows.number[at].tolist(),
        "role": lambda: [_ROLES[role] for role in rows.role[at].tolist()],
        "product": lambda: _product_names(layout, rows, at),
        "lot": lambda: _lots(rows, at),
        "day": lambda: _days(layout, rows.day[at].tolist()),
        "facility": lambda: [facilities[f].name for f in rows.facility[at].tolist()],
        "facility_code": lambda: [facilities[f].code for f in rows.facility[at].tolist()],
        "note": lambda: [""] * len(at),
    }
    for column in layout.columns:
        if column not in made:
            made[column] = others[column]()
    return [made[column] for column in layout.columns]


_FOREIGNER = NUMBER_OF["foreigner"]


def _births(layout: Layout, people: People, person: list[int]) -> list[Cell]:
    known: Sequence[Cell] = (
        _dates()
        if layout.notation is None
        else day_texts("%d/%m/%Y" if "birth_y" in layout.columns else layout.notation)
    )
    births, precisions = people.birth_day.tolist(), people.precision.tolist()
    months = day_texts("%m/%Y")
    return [
        known[births[p]] if precisions[p] == FULL else months[births[p]][3 if precisions[p] == YEAR else 0 :]
        for p in person
    ]


def _days(layout: Layout, days: list[int]) -> list[Cell]:
    known: Sequence[Cell] = _dates() if layout.notation is None else day_texts(layout.notation)
    return [known[day] for day in days]


def _product_names(layout: Layout, rows: Rows, at: NDArray[np.int64]) -> list[Cell]:
    usual = [names[layout.product_spelling % len(names)] for names in map(_SPELLINGS.__getitem__, PRODUCT_KEYS)]
    cells: list[Cell] = [usual[product] for product in rows.product[at].tolist()]
    for nth in np.flatnonzero(rows.misspelt[at]).tolist():
        odd = products()[PRODUCT_KEYS[rows.product[at[nth]]]].synonyms[3:]
        if odd:
            cells[nth] = odd[int(at[nth]) % len(odd)]
    return cells


@lru_cache(20_000)
def lot_text(product: int, period: int, spoiled: bool) -> str:
    """The lot that is given in a period; `spoiled` with letter O for a zero."""
    lot = _LOTS[PRODUCT_KEYS[product]].format(period % 1000)
    return lot.replace("0", "O", 1) if spoiled else lot


def _lots(rows: Rows, at: NDArray[np.int64]) -> list[Cell]:
    periods = (rows.day[at] // LOT_DAYS).tolist()
    return list(map(lot_text, rows.product[at].tolist(), periods, rows.lot_letter_o[at].tolist()))
