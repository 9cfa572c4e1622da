"""What people were given: products, days, dose numbers and roles by the schedules of the campaign.

In: a block of people and how many doses to give. Out: `Doses`, one entry a true dose, ordered by person and day. Nobody
is given a dose before the product's licence, below its age limit, too soon, or after death.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from issuer.simulate.people import NONE, People
from issuer.simulate.settings import LAST_DOSE_DAY, day_number
from specs.products import products

Ints = NDArray[np.int32]

MAX_DOSES = 5
BASIC, ADDITIONAL, BOOSTER = 0, 1, 2
_SHARES = {
    "astrazeneca": 30.0, "comirnaty": 33.0, "vero-cell": 24.0, "spikevax": 8.0, "abdala": 3.0, "sputnik-v": 0.8,
    "hayat-vax": 0.6, "janssen": 0.6,
}  # fmt: skip
"""Percent of adults by product of the first dose: ours, after the order of the deliveries."""
_FIRST_DAY = {
    "astrazeneca": "2021-03-08", "sputnik-v": "2021-04-15", "vero-cell": "2021-06-20", "comirnaty": "2021-07-07",
    "spikevax": "2021-07-10", "janssen": "2021-09-01", "hayat-vax": "2021-09-20", "abdala": "2021-09-25",
}  # fmt: skip
"""When the product was first given: after its licence, when a delivery was there."""
_GAPS = {
    "astrazeneca": (56, 84), "sputnik-v": (21, 30), "vero-cell": (21, 28), "comirnaty": (21, 45), "spikevax": (28, 45),
    "janssen": (21, 28), "hayat-vax": (21, 28), "abdala": (14, 20),
}  # fmt: skip
_ADULT_FIRST_UNTIL = day_number(LAST_DOSE_DAY.replace(year=2021, month=11, day=30))
_TEENS_FROM = day_number(LAST_DOSE_DAY.replace(year=2021, month=11, day=1))
_CHILDREN_FROM = day_number(LAST_DOSE_DAY.replace(year=2022, month=4, day=16))
_BOOSTERS_FROM = day_number(LAST_DOSE_DAY.replace(year=2021, month=12, day=20))
_BOOSTERS = (("comirnaty", 0.62), ("astrazeneca", 0.20), ("spikevax", 0.18))

PRODUCT_KEYS = tuple(_SHARES)
_PLACE = {key: at for at, key in enumerate(PRODUCT_KEYS)}
_PRIMARY = np.array([_primary.doses if (_primary := products()[key].primary) else 1 for key in PRODUCT_KEYS])


@dataclass(frozen=True, slots=True)
class Doses:
    """Columns, one entry a dose: `person` is a place in the block, `product` one in PRODUCT_KEYS, `number` from 1."""

    person: Ints
    number: Ints
    role: Ints
    product: Ints
    day: Ints

    def __len__(self) -> int:
        return len(self.person)


def draw_doses(rng: np.random.Generator, people: People, wanted: int) -> Doses:
    """Exactly `wanted` doses, or as many as these people can have had."""
    size = len(people)
    product, day = _first(rng, people)
    primary = _PRIMARY[product]
    products_of = np.empty((size, MAX_DOSES), dtype=np.int32)
    days = np.empty((size, MAX_DOSES), dtype=np.int32)
    gaps = np.array([_GAPS[key] for key in PRODUCT_KEYS])
    booster_keys = np.array([_PLACE[key] for key, _ in _BOOSTERS])
    adult = day - people.birth_day > 18 * 366
    for nth in range(MAX_DOSES):
        if nth:
            low, high = gaps[product][:, 0], gaps[product][:, 1]
            later = nth >= primary
            gap = np.where(later, rng.integers(185, 290, size), rng.integers(low, high + 1))
            day = np.where(later, np.maximum(day + gap, _BOOSTERS_FROM + rng.integers(0, 40, size)), day + gap)
            chosen = booster_keys[rng.choice(len(_BOOSTERS), size, p=[share for _, share in _BOOSTERS])]
            product = np.where(later & (nth == primary), np.where(adult, chosen, _PLACE["comirnaty"]), product)
        products_of[:, nth], days[:, nth] = product, day
    limit = np.where(
        people.death_day == NONE, day_number(LAST_DOSE_DAY), np.minimum(people.death_day, day_number(LAST_DOSE_DAY))
    )
    possible = ((days <= limit[:, None]) & (days[:, :1] > people.birth_day[:, None])).sum(axis=1)
    possible[days[:, 0] == _NEVER] = 0
    count = _counts(rng, possible, wanted)

    person = np.repeat(np.arange(size, dtype=np.int32), count)
    k = np.arange(len(person), dtype=np.int32) - np.repeat(np.cumsum(count) - count, count).astype(np.int32)
    needed = primary[person]
    role = np.where(k < needed, BASIC, BOOSTER).astype(np.int32)
    extra = (k == needed) & np.isin(products_of[person, 0], [_PLACE["vero-cell"], _PLACE["sputnik-v"]])
    role[extra & (rng.random(len(person)) < 0.3)] = ADDITIONAL
    return Doses(person, k + 1, role, products_of[person, k], days[person, k])


_NEVER = day_number(LAST_DOSE_DAY) + 10_000


def _first(rng: np.random.Generator, people: People) -> tuple[Ints, Ints]:
    """Product and day of everybody's first dose; the day is _NEVER for who is too young."""
    size = len(people)
    shares = np.array(list(_SHARES.values()))
    product = rng.choice(len(shares), size, p=shares / shares.sum()).astype(np.int32)
    start = np.array([day_number(LAST_DOSE_DAY.fromisoformat(_FIRST_DAY[key])) for key in PRODUCT_KEYS])[product]
    day = (start + rng.beta(2, 1.5, size) * (_ADULT_FIRST_UNTIL - start)).astype(np.int32)
    birthday = people.birth_day
    eighteen = birthday + 18 * 366
    teen = eighteen > day
    product[teen] = _PLACE["comirnaty"]
    day[teen] = np.maximum(_TEENS_FROM, birthday[teen] + 12 * 366) + rng.integers(0, 60, int(teen.sum()))
    child = birthday + 12 * 366 > _CHILDREN_FROM
    product[child] = np.where(rng.random(int(child.sum())) < 0.3, _PLACE["spikevax"], _PLACE["comirnaty"])
    day[child] = np.maximum(_CHILDREN_FROM, birthday[child] + 6 * 366) + rng.integers(0, 60, int(child.sum()))
    day[birthday + 6 * 366 > day_number(LAST_DOSE_DAY)] = _NEVER
    return product, day


def _counts(rng: np.random.Generator, possible: NDArray[np.int64], wanted: int) -> NDArray[np.int64]:
    """Doses a person, none above `possible`, `wanted` in all where that can be: most people have as many as most."""
    level = 0
    count = np.zeros_like(possible)
    while count.sum() < wanted and level < MAX_DOSES:
        level += 1
        count = np.minimum(possible, level)
    # About one in ten stops early; then who stays short or goes on is drawn until the sum is right.
    count = np.minimum(possible, np.maximum(count - (rng.random(len(count)) < 0.1), 0))
    missing = wanted - int(count.sum())
    order = rng.permutation(len(count))
    while missing:
        can = order[count[order] < possible[order]] if missing > 0 else order[count[order] > 0]
        if not len(can):
            break
        if missing < 0 and level > 1:
            most = can[count[can] == level]
            can = most if len(most) else can
        step = can[: abs(missing)]
        count[step] += 1 if missing > 0 else -1
        missing = wanted - int(count.sum())
    return count
