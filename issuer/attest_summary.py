"""What a facility head is shown before signing: counts, products, lots, days, and what looks odd.

In: the doses that wait. Out: numbers only, no person. An oddity stops nothing: the head knows better than a rule.
"""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from enum import StrEnum

from issuer.config import AttestationPolicy
from issuer.dose_record import DoseRecord, Holder

__all__ = ["Oddity", "Summary", "summarise"]


class Oddity(StrEnum):
    """Something that the head should look at, with the words shown."""

    CHANGED = "changed since an earlier attestation"
    NO_LOT = "without a lot number"
    LOT_OF_TWO_PRODUCTS = "of a lot that is named with two products"
    TWICE_A_DAY = "second dose of one person on one day"
    BUSY_DAY = "on days with unusually many doses"
    NO_DOSE_NUMBER = "without a dose number"


@dataclass(frozen=True, slots=True)
class Summary:
    """The batch in numbers; `attested`, `blocked` and `left` are doses of the facility that are not in it."""

    doses: int
    people: int
    products: Mapping[str, int]
    lots: Mapping[str, int]
    first_day: str
    last_day: str
    busiest_day: str
    busiest_count: int
    oddities: Mapping[Oddity, int]
    attested: int
    blocked: int
    left: int


def summarise(
    doses: Sequence[tuple[Holder, DoseRecord]],
    changed: AbstractSet[int],
    policy: AttestationPolicy,
    *,
    attested: int,
    blocked: int,
    left: int,
) -> Summary:
    """Sum up `doses`, of which those in `changed` were attested before and are no longer the same."""
    days = Counter(record.vaccinated_on for _, record in doses)
    by_person_and_day = Counter((holder.person_id, record.vaccinated_on) for holder, record in doses)
    products_of_lot = defaultdict(set)
    for _, record in doses:
        products_of_lot[record.lot].add(record.product)
    odd = {
        Oddity.CHANGED: sum(record.dose_id in changed for _, record in doses),
        Oddity.NO_LOT: sum(not record.lot for _, record in doses),
        Oddity.LOT_OF_TWO_PRODUCTS: sum(
            bool(record.lot) and len(products_of_lot[record.lot]) > 1 for _, record in doses
        ),
        Oddity.TWICE_A_DAY: sum(count - 1 for count in by_person_and_day.values()),
        Oddity.BUSY_DAY: sum(count for count in days.values() if count > policy.many_on_one_day),
        Oddity.NO_DOSE_NUMBER: sum(record.dose_number is None for _, record in doses),
    }
    busiest_day, busiest_count = max(days.items(), key=lambda item: (item[1], item[0]), default=("", 0))
    return Summary(
        doses=len(doses),
        people=len({holder.person_id for holder, _ in doses}),
        products=dict(Counter(record.product for _, record in doses).most_common()),
        lots=dict(Counter(record.lot for _, record in doses).most_common()),
        first_day=min(days, default=""),
        last_day=max(days, default=""),
        busiest_day=busiest_day,
        busiest_count=busiest_count,
        oddities={oddity: count for oddity, count in odd.items() if count},
        attested=attested,
        blocked=blocked,
        left=left,
    )
