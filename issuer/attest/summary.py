"""What a facility head is shown before signing: counts, products, lots beside what was delivered, days, hours, the rate
of the past, and what looks odd.

In: the doses that wait, and what is known around them. Out: numbers only, no person. An oddity stops nothing: the head
knows better than a rule.
"""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from issuer.config import AttestationPolicy
from issuer.dose_record import DoseRecord, Holder
from issuer.store.delivery_store import lot_key
from issuer.store.tables import ROWS_PER_FILE

__all__ = ["Oddity", "Summary", "Surroundings", "summarise"]

_NIGHT = (22, 5)
"""From this hour to that nobody vaccinates, and few keep lists."""


class Oddity(StrEnum):
    """Something that the head should look at, with the words shown."""

    CHANGED = "changed since an earlier attestation"
    NO_LOT = "without a lot number"
    LOT_OF_TWO_PRODUCTS = "of a lot that is named with two products"
    TWICE_A_DAY = "second dose of one person on one day"
    BUSY_DAY = "on days with unusually many doses"
    NO_DOSE_NUMBER = "without a dose number"
    AT_NIGHT = "on lists handed in at night"
    LOT_NOT_DELIVERED = "of a lot that was not delivered"
    LOT_OF_OTHER_PRODUCT = "of a lot that was delivered as another product"
    LOT_BEFORE_DELIVERY = "on a day before their lot was delivered"
    LOT_EXPIRED = "after their lot had expired"
    LOT_EXCEEDED = "beyond the doses delivered of their lot"


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What is known around a facility's doses.

    `delivered`: lot -> doses, lots as their keys; empty where no delivery is known. `lot_problems`: dose -> codes of
    specs/deliveries.md. `handed_in`: number of a list -> when it came, in Vietnam's time. `past_days`: on how many days
    those doses were given that were attested before.
    """

    delivered: Mapping[str, int]
    lot_problems: Mapping[int, Sequence[str]]
    handed_in: Mapping[int, datetime]
    past_days: int


@dataclass(frozen=True, slots=True)
class Summary:
    """The batch in numbers; `attested`, `blocked` and `left` are doses of the facility that are not in it.

    `delivered` is that of each of `lots` (0: none known of it), empty where no delivery to the facility is known;
    `odd_lots` are the lots of an oddity about lots, with doses.
    """

    doses: int
    people: int
    products: Mapping[str, int]
    lots: Mapping[str, int]
    delivered: Mapping[str, int]
    first_day: str
    last_day: str
    busiest_day: str
    busiest_count: int
    past_days: int
    first_handed_in: datetime | None
    last_handed_in: datetime | None
    oddities: Mapping[Oddity, int]
    odd_lots: Mapping[Oddity, Mapping[str, int]]
    attested: int
    blocked: int
    left: int


def summarise(
    doses: Sequence[tuple[Holder, DoseRecord]],
    changed: AbstractSet[int],
    policy: AttestationPolicy,
    around: Surroundings,
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
    handed_in = [around.handed_in[record.dose_id // ROWS_PER_FILE] for _, record in doses]
    lots = Counter(record.lot for _, record in doses)
    odd_lots: dict[Oddity, Counter[str]] = {}
    for _, record in doses:
        for code in around.lot_problems.get(record.dose_id, ()):
            odd_lots.setdefault(Oddity[code], Counter())[record.lot] += 1
    odd = {
        Oddity.CHANGED: sum(record.dose_id in changed for _, record in doses),
        Oddity.NO_LOT: sum(not record.lot for _, record in doses),
        Oddity.LOT_OF_TWO_PRODUCTS: sum(
            bool(record.lot) and len(products_of_lot[record.lot]) > 1 for _, record in doses
        ),
        Oddity.TWICE_A_DAY: sum(count - 1 for count in by_person_and_day.values()),
        Oddity.BUSY_DAY: sum(count for count in days.values() if count > policy.many_on_one_day),
        Oddity.NO_DOSE_NUMBER: sum(record.dose_number is None for _, record in doses),
        Oddity.AT_NIGHT: sum(at.hour >= _NIGHT[0] or at.hour < _NIGHT[1] for at in handed_in),
        **{oddity: of_lots.total() for oddity, of_lots in odd_lots.items()},
    }
    busiest_day, busiest_count = max(days.items(), key=lambda item: (item[1], item[0]), default=("", 0))
    return Summary(
        doses=len(doses),
        people=len({holder.person_id for holder, _ in doses}),
        products=dict(Counter(record.product for _, record in doses).most_common()),
        lots=dict(lots.most_common()),
        delivered={lot: around.delivered.get(lot_key(lot), 0) for lot in lots if lot} if around.delivered else {},
        first_day=min(days, default=""),
        last_day=max(days, default=""),
        busiest_day=busiest_day,
        busiest_count=busiest_count,
        past_days=around.past_days,
        first_handed_in=min(handed_in, default=None),
        last_handed_in=max(handed_in, default=None),
        oddities={oddity: odd[oddity] for oddity in Oddity if odd.get(oddity)},
        odd_lots={oddity: dict(of_lots.most_common()) for oddity, of_lots in odd_lots.items()},
        attested=attested,
        blocked=blocked,
        left=left,
    )
