"""Does a dose agree with the lots that its facility was sent? (`specs/deliveries.md`)

A facility of which no delivery is known is told nothing; and since a list is incomplete until the next one comes,
nothing here blocks. A facility is compared as a whole, and only when its doses or deliveries changed.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator

import sqlalchemy as sa

from issuer.reading.problems import Problem
from issuer.store import delivery_store
from issuer.store.delivery_store import Suspect
from issuer.store.engine import writing
from specs.products import product_of_code

__all__ = ["check_lots", "lot_problems"]

_FACILITIES = 100
"""Compared in one transaction."""


def lot_problems(one: Suspect) -> Iterator[tuple[Problem, str]]:
    """(problem, what was seen) of a dose."""
    if one.not_delivered:
        yield Problem.LOT_NOT_DELIVERED, one.lot
    if one.other_product:
        product = product_of_code(one.delivered_as or "")
        yield Problem.LOT_OF_OTHER_PRODUCT, f"{one.lot}: {product.key if product else one.delivered_as}"
    if one.before_delivery:
        yield Problem.LOT_BEFORE_DELIVERY, f"{one.vaccinated_on} < {one.first_on}"
    if one.expired:
        yield Problem.LOT_EXPIRED, f"{one.vaccinated_on} > {one.expires_on}"
    if one.exceeded:
        yield Problem.LOT_EXCEEDED, f"{one.place} > {one.delivered}"


def check_lots(engine: sa.Engine, *, progress: Callable[[int], None] = lambda facilities: None) -> dict[str, int]:
    """Compare every facility whose doses or deliveries changed; returns how often each problem was found there.

    Running it again, also after a kill, finds the same and stores it once.
    """
    counts: Counter[str] = Counter()
    while True:
        with writing(engine) as connection:
            taken, supplied = delivery_store.take_stale(connection, _FACILITIES)
            found = list(_numbered(delivery_store.suspects(connection, supplied))) if supplied else []
            if supplied:
                delivery_store.replace_problems(connection, supplied, found)
        if not taken:
            return dict(counts)
        counts.update(code for _, _, code, _, _ in found)
        progress(taken)


def _numbered(found: Iterable[Suspect]) -> Iterator[tuple[int, int, str, str, str]]:
    for one in found:
        for number, (problem, seen) in enumerate(lot_problems(one), start=delivery_store.FIRST_NUMBER):
            yield one.dose_id, number, problem.name, "lot", seen
