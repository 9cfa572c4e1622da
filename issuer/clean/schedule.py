"""Do a person's doses, one after another, fit the schedule of their products?

Rules changed by month and province, so a violation is told to the facility and blocks nothing
(specs/record-problems.md); which rule held is read from the product table on the day of the later dose. Intervals have
the table's days of grace.
"""

import datetime as dt
import itertools
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

import sqlalchemy as sa

from issuer.reading.problems import Problem
from issuer.store import schedule_store
from issuer.store.engine import reading, writing
from specs.products import Product, grace_days, later_doses, mixing, product_of_code

__all__ = ["GivenDose", "check_schedules", "schedule_problems"]

_PEOPLE = 5_000


@dataclass(frozen=True, slots=True)
class GivenDose:
    """A dose of one person: `number` None and `role` empty where the list did not tell them."""

    dose_id: int
    day: dt.date
    product: str
    number: int | None
    role: str


def schedule_problems(doses: Sequence[GivenDose], birth_date: str = "") -> Iterator[tuple[int, Problem, str]]:
    """(dose_id, problem, what was seen) for the doses of one person in order of their days."""
    for former, later in itertools.pairwise(doses):
        days = (later.day - former.day).days
        if days == 0:
            yield later.dose_id, Problem.DOSES_ON_ONE_DAY, later.day.isoformat()
            continue
        if former.number and later.number and later.number <= former.number:
            yield later.dose_id, Problem.DOSE_NUMBERS_DISAGREE, f"{former.number}, {later.number}"
        one, other = product_of_code(former.product), product_of_code(later.product)
        if one is None or other is None:
            continue
        if _is_primary(later, other):
            rule = one.interval_on(later.day)
            if one is not other and not _may_follow(one, other, later.day):
                yield later.dose_id, Problem.PRODUCTS_MIXED, f"{one.key}, {other.key}"
            least = rule.min_days if rule else 0
        else:
            least = _least_days_before_later_dose(former, later, one, other, birth_date)
        if days < least - grace_days():
            yield later.dose_id, Problem.INTERVAL_TOO_SHORT, f"{days} < {least}"


def check_schedules(engine: sa.Engine, *, progress: Callable[[int], None] = lambda people: None) -> dict[str, int]:
    """Look at the doses of everybody whose links changed since the last run; returns how often each problem was found.

    Running it again, also after a kill, finds the same and stores it once.
    """
    counts: dict[str, int] = {}
    with reading(engine) as connection:
        since, until = schedule_store.seen(connection), schedule_store.newest_link(connection)
    after = 0
    while True:
        with writing(engine) as connection:
            people = schedule_store.people_changed(connection, since, after, _PEOPLE)
            if not people:
                schedule_store.set_seen(connection, until)
                break
            rows = schedule_store.doses_of_people(connection, people[0], people[-1])
            found = list(_numbered(_problems_of(rows)))
            schedule_store.replace_problems(connection, people[0], people[-1], found)
            schedule_store.looked_at(connection, people[0], people[-1])
        for _, _, code, _, _ in found:
            counts[code] = counts.get(code, 0) + 1
        after = people[-1]
        progress(len(people))
    return counts


def _problems_of(rows: Iterable[schedule_store.LinkedDose]) -> Iterator[tuple[int, Problem, str]]:
    for _, of_one in itertools.groupby(rows, key=lambda row: row[0]):
        doses = list(of_one)
        if len(doses) > 1:
            given = [GivenDose(row[1], dt.date.fromisoformat(row[2]), row[3], row[4], row[5]) for row in doses]
            yield from schedule_problems(given, doses[0][6])


def _numbered(found: Iterable[tuple[int, Problem, str]]) -> Iterator[tuple[int, int, str, str, str]]:
    for dose_id, of_one in itertools.groupby(found, key=lambda one: one[0]):
        for number, (_, problem, seen) in enumerate(of_one, start=schedule_store.FIRST_NUMBER):
            yield dose_id, number, problem.name, "vaccinated_on", seen


def _is_primary(dose: GivenDose, product: Product) -> bool:
    if dose.role:
        return dose.role == "basic"
    return dose.number is not None and product.primary is not None and dose.number <= product.primary.doses


def _may_follow(one: Product, other: Product, day: dt.date) -> bool:
    return any(rule.first == one.key and rule.second == other.key and rule.since <= day for rule in mixing())


def _least_days_before_later_dose(
    former: GivenDose, later: GivenDose, one: Product, other: Product, birth_date: str
) -> int:
    """The shortest interval that any rule of that day allows, so that only what breaks all of them is told."""
    after = "booster" if former.role == "booster" or (former.number or 0) > 2 else "primary"
    age = later.day.year - int(birth_date[:4]) if birth_date else None
    allowed = [
        rule.min_days
        for rule in later_doses()
        if rule.since <= later.day
        and rule.after == after
        and (not later.role or rule.role == later.role)
        and (rule.products is None or one.key in rule.products or other.key in rule.products)
        and (age is None or rule.min_years is None or age >= rule.min_years)
        and (age is None or rule.below_years is None or age <= rule.below_years)
    ]
    return min(allowed, default=0)
