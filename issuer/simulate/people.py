"""Households of people, and the numbers they carry: one block at a time, unique over the whole country.

In: settings, a generator and the ledger of numbers already given. Out: `People`, columns of one block: the register's
own facts (`register_*` where the register is wrong about a person and a later delta repairs it).
"""

from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from issuer.simulate.names import FAMILIES, draw_groups, draw_names
from issuer.simulate.places import PROVINCE_CODES, Commune
from issuer.simulate.settings import EPOCH, EXTRACT_DAY, day_number

Ints = NDArray[np.int32]
Longs = NDArray[np.int64]
Bools = NDArray[np.bool_]

NONE = -1
"""No such number, or no such day."""
FULL, YEAR_MONTH, YEAR = 0, 1, 2
"""How much of a birth date the register knows."""
NAMESAKE_SHARE = 0.0024
"""Pairs of equal name, sex and birth date per person: 2,900 in a province of 1.2 million (`domain` 10.1)."""
TWIN_SHARE = 0.012
ELDER_YEAR_ONLY, ELDER_MONTH_ONLY = 0.18, 0.02
"""Of those born before 1960, in the register."""
OTHER_PROVINCE_SHARE = 0.12
"""Births registered in another province than where the person lives."""
ODD_NUMBER_SHARE = 0.003
"""Numbers whose digits disagree with sex or birth year."""
CMND_SHARE, SHARED_CMND_SHARE, CANCELLED_SHARE = 0.75, 0.001, 0.003
REGISTER_FAULT_SHARE = 0.0015
"""People whose register entry is wrong, until a delta corrects it."""
UNREGISTERED_SHARE = 0.0025
"""People beyond the register, as a share of those in it."""
UNREGISTERED_NAMESAKES = 0.1
"""Of the unregistered, how many are namesakes of somebody registered: the most tempting wrong link there is."""
ADULT_BORN_BEFORE = day_number(EPOCH.replace(year=2004))
LAST_BIRTH = day_number(EXTRACT_DAY) - 1
_YEARS = np.arange("1900", "2031", dtype="datetime64[Y]").astype("datetime64[D]")
YEAR_STARTS = (_YEARS - _YEARS[0]).astype(np.int32)
"""Day number of each 1 January from 1900 on."""


@dataclass(frozen=True, slots=True)
class People:
    """Columns, one entry a person; all of the same length."""

    names: list[str] = field(repr=False)
    male: Bools
    birth_day: Ints = field(repr=False)
    precision: Ints
    number: Longs = field(repr=False)
    cmnd: Longs = field(repr=False)
    cmnd_shared: Bools
    cancelled: Longs = field(repr=False)
    death_day: Ints
    household: Ints
    commune: Ints  # place in `communes`
    communes: tuple[Commune, ...]
    register_names: list[str] = field(repr=False)
    register_birth_day: Ints = field(repr=False)
    register_fault: Bools
    registered: Bools  # the others live here and are vaccinated, but the register does not know them

    def __len__(self) -> int:
        return len(self.names)

    @property
    def birth_year(self) -> Ints:
        """The year of birth."""
        return year_of(self.birth_day)


def year_of(day: Ints) -> Ints:
    """The calendar year of day numbers."""
    return (np.searchsorted(YEAR_STARTS, day, side="right") + 1899).astype(np.int32)


def dates_of(day: Ints | int) -> NDArray[np.datetime64]:
    """The calendar dates of day numbers."""
    return np.asarray(np.datetime64(EPOCH, "D") + np.asarray(day), dtype="datetime64[D]")


class Numbers:
    """The ledger of numbers given out: no two people of one country get the same. Its size does not grow.

    Tails are counted up within province, century, sex and year, and then shuffled by a bijection, so they look random
    and stay unique up to a million births a year, sex and province.
    """

    _STEP = 387_041  # prime to 1,000,000

    def __init__(self, seed: int) -> None:
        self._next = np.zeros(len(PROVINCE_CODES) * 1000, dtype=np.int64)
        self._cmnd_next = 0
        self._seed = seed
        self._codes = np.array([int(code) for code in PROVINCE_CODES], dtype=np.int64)

    def personal(self, province: Ints, century_sex: Ints, two_digits: Ints) -> Longs:
        """One 12-digit number a person, for a place in PROVINCE_CODES, digit 4 and digits 5-6."""
        cell = province.astype(np.int64) * 1000 + century_sex * 100 + two_digits
        order = np.argsort(cell, kind="stable")
        ordered = cell[order]
        starts = np.flatnonzero(np.r_[True, ordered[1:] != ordered[:-1]]) if len(cell) else np.zeros(0, dtype=np.int64)
        sizes = np.diff(np.r_[starts, len(cell)])
        rank = np.empty(len(cell), dtype=np.int64)
        rank[order] = np.arange(len(cell)) - np.repeat(starts, sizes)
        tail = ((self._next[cell] + rank) * self._STEP + cell * 7_919 + self._seed * 104_729) % 1_000_000
        self._next[ordered[starts]] += sizes
        head = self._codes[province] * 1_000 + century_sex * 100 + two_digits
        return np.asarray(head * 1_000_000 + tail, dtype=np.int64)

    def cmnd(self, size: int) -> Longs:
        """`size` nine-digit numbers of the old paper card, as integers (the first digit may be 0, never two)."""
        place = np.arange(self._cmnd_next, self._cmnd_next + size, dtype=np.int64)
        self._cmnd_next += size
        return 10_000_000 + (place * 254_203_117 + self._seed) % 380_000_000


def draw_people(
    rng: np.random.Generator, numbers: Numbers, size: int, communes: tuple[Commune, ...], minority_factor: float
) -> People:
    """`size` registered people of these communes, alive and dead, and a few whom the register does not know."""
    unregistered = int(size * UNREGISTERED_SHARE + rng.random())
    size += unregistered
    household, role, male, birth_day = _households(rng, size)
    birth_year = year_of(birth_day)
    home = (household.astype(np.int64) * len(communes) // (int(household[-1]) + 1)).astype(np.int32)
    houses = int(household[-1]) + 1
    group = draw_groups(rng, houses, minority_factor)[household]
    family = FAMILIES.draw_index(rng, houses)[household]
    own = np.flatnonzero((role == _WIFE) | (role == _GRANDMOTHER))
    family[own] = FAMILIES.draw_index(rng, len(own))
    names = draw_names(rng, male, birth_year, group, family)
    registered = np.ones(size, dtype=bool)
    registered[rng.choice(size, unregistered, replace=False)] = False
    _plant_namesakes(rng, names, male, birth_day, household, registered)
    birth_year = year_of(birth_day)

    precision = np.zeros(size, dtype=np.int32)
    chance = rng.random(size)
    old = birth_year < 1960
    precision[old & (chance < ELDER_YEAR_ONLY + ELDER_MONTH_ONLY)] = YEAR_MONTH
    precision[old & (chance < ELDER_YEAR_ONLY)] = YEAR
    months = (dates_of(birth_day).astype("datetime64[M]").astype("datetime64[D]") - dates_of(0)).astype(np.int32)
    birth_day = np.select(
        [precision == YEAR, precision == YEAR_MONTH], [YEAR_STARTS[birth_year - 1900], months], birth_day
    ).astype(np.int32)

    number = _numbers(rng, numbers, male, birth_year, home, communes)
    adult = birth_day < ADULT_BORN_BEFORE
    cmnd = np.where(adult & (rng.random(size) < CMND_SHARE), numbers.cmnd(size), NONE)
    shared = _share_some(rng, cmnd)
    cancelled = np.full(size, NONE, dtype=np.int64)
    again = np.flatnonzero(adult & (rng.random(size) < CANCELLED_SHARE))
    cancelled[again] = _numbers(rng, numbers, male[again], birth_year[again] - 1, home[again], communes)
    people = People(
        names=names, male=male, birth_day=birth_day, precision=precision, number=number, cmnd=cmnd, cmnd_shared=shared,
        cancelled=cancelled, death_day=_deaths(rng, birth_year), household=household, commune=home, communes=communes,
        register_names=names, register_birth_day=birth_day, register_fault=np.zeros(size, dtype=bool),
        registered=registered,
    )  # fmt: skip
    return _with_register_faults(rng, people)


_HUSBAND, _WIFE, _CHILD, _GRANDFATHER, _GRANDMOTHER = range(5)


def _households(rng: np.random.Generator, size: int) -> tuple[Ints, Ints, Bools, Ints]:
    """Household, role, sex and birth day of `size` people, household by household."""
    houses = int(size / 2.2) + 20
    mother = day_number(EXTRACT_DAY) - (rng.triangular(19, 38, 82, houses) * 365.25).astype(np.int32)
    children = rng.choice(5, houses, p=[0.20, 0.25, 0.33, 0.16, 0.06])
    parts = [
        (np.flatnonzero(rng.random(houses) < 0.90), _WIFE, 0, 0),
        (np.flatnonzero(rng.random(houses) < 0.86), _HUSBAND, 0, -8),
        (np.flatnonzero(rng.random(houses) < 0.10), _GRANDFATHER, -38, -22),
        (np.flatnonzero(rng.random(houses) < 0.16), _GRANDMOTHER, -35, -19),
        (np.repeat(np.arange(houses), children), _CHILD, 19, 38),
    ]
    house = np.concatenate([part[0] for part in parts])
    role = np.concatenate([np.full(len(part[0]), part[1], dtype=np.int32) for part in parts])
    born = np.concatenate(
        [mother[at] + (rng.uniform(min(low, high), max(low, high), len(at)) * 365.25).astype(np.int32)
         for at, _, low, high in parts]
    )  # fmt: skip
    kept = (born > day_number(EPOCH.replace(year=1912))) & (born <= LAST_BIRTH)
    house, role, born = house[kept], role[kept], born[kept]
    order = np.lexsort((born, role, house))[:size]
    house, role, born = house[order].astype(np.int32), role[order], born[order].astype(np.int32)
    if len(house) < size:
        raise ValueError("too few people drawn")  # cannot happen: the expected surplus is more than a third
    male = np.where(role == _CHILD, rng.random(size) < 0.52, (role == _HUSBAND) | (role == _GRANDFATHER))
    twin = np.flatnonzero((role[1:] == _CHILD) & (role[:-1] == _CHILD) & (house[1:] == house[:-1])) + 1
    twin = twin[rng.random(len(twin)) < TWIN_SHARE]
    born[twin] = born[twin - 1]
    _, household = np.unique(house, return_inverse=True)
    return household.astype(np.int32), role, male, born


def _plant_namesakes(
    rng: np.random.Generator, names: list[str], male: Bools, birth_day: Ints, household: Ints, registered: Bools
) -> None:
    """Make pairs of equal name, sex and birth date in different households: at least one among 50 people or more."""
    size = len(names)
    wanted = max(int(size * NAMESAKE_SHARE + rng.random()), 1 if size >= 50 else 0)
    known = np.flatnonzero(registered)
    pairs = rng.choice(known, (wanted * 8, 2)).tolist()
    strangers = np.flatnonzero(~registered)
    strangers = strangers[rng.random(len(strangers)) < UNREGISTERED_NAMESAKES].tolist()
    meetings = [(first, stranger) for stranger in strangers for first in rng.choice(known, 8).tolist()] + pairs
    done: set[int] = set()
    for first, second in meetings:
        if wanted + len(strangers) == len(done):
            break
        if second not in done and household[first] != household[second] and male[first] == male[second]:
            names[second] = names[first]
            birth_day[second] = birth_day[first]
            done.add(second)


def _numbers(
    rng: np.random.Generator, numbers: Numbers, male: Bools, birth_year: Ints, home: Ints, communes: tuple[Commune, ...]
) -> Longs:
    size = len(male)
    at_home = np.array([PROVINCE_CODES.index(commune.province) for commune in communes], dtype=np.int32)[home]
    province = np.where(rng.random(size) < OTHER_PROVINCE_SHARE, rng.integers(0, len(PROVINCE_CODES), size), at_home)
    digit = (birth_year - 1900) // 100 * 2 + ~male
    two = birth_year % 100
    odd = rng.random(size)
    two = np.where(odd < ODD_NUMBER_SHARE / 2, (two + 1) % 100, two)
    digit = np.where((odd >= ODD_NUMBER_SHARE / 2) & (odd < ODD_NUMBER_SHARE), digit ^ 1, digit)
    return numbers.personal(province.astype(np.int32), digit.astype(np.int32), two.astype(np.int32))


def _share_some(rng: np.random.Generator, cmnd: Longs) -> Bools:
    """Give a few people another's old number, as two provinces sometimes did; who shares one is marked."""
    shared = np.zeros(len(cmnd), dtype=bool)
    holders = rng.permutation(np.flatnonzero(cmnd != NONE))
    pairs = min(int(len(holders) * SHARED_CMND_SHARE / 2 + rng.random()), len(holders) // 2)
    first, second = holders[:pairs], holders[pairs : 2 * pairs]
    cmnd[second] = cmnd[first]
    shared[first] = shared[second] = True
    return shared


def _deaths(rng: np.random.Generator, birth_year: Ints) -> Ints:
    """Day of death or NONE; the register keeps the dead."""
    size = len(birth_year)
    age = 2022 - birth_year
    rate = np.select([age >= 80, age >= 70, age >= 50], [0.16, 0.06, 0.015], 0.002)
    day = day_number(EXTRACT_DAY) - 1 - (rng.beta(1, 2.2, size) * 4 * 365).astype(np.int32)
    dies = (rng.random(size) < rate) & (YEAR_STARTS[birth_year + 1 - 1900] < day)
    return np.where(dies, day, NONE).astype(np.int32)


def _with_register_faults(rng: np.random.Generator, people: People) -> People:
    fault = rng.random(len(people)) < REGISTER_FAULT_SHARE
    fault &= (people.precision == FULL) & (people.death_day == NONE) & people.registered
    names, birth = list(people.names), people.birth_day.copy()
    for at in np.flatnonzero(fault).tolist():
        wrong = names[at].replace("Thị", "Thi", 1).replace("Văn", "Vân", 1)
        if wrong != names[at]:
            names[at] = wrong
        else:
            birth[at] -= 1 if birth[at] % 2 else 10
    return replace(people, register_names=names, register_birth_day=birth, register_fault=fault)
