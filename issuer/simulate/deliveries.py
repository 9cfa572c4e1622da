"""The lots that facilities were sent, so that every dose has one, and some faults planted with their truth.

In: a block's rows as they were typed. Out: lines of `deliveries.csv` and `truth-lots.csv` (`specs/simulator.md`). Drawn
apart from everything else, so that a seed gives the people and lists that it always gave.
"""

import csv
from dataclasses import dataclass
from random import Random
from typing import IO

import numpy as np
from numpy.typing import NDArray

from issuer.simulate.doses import PRODUCT_KEYS
from issuer.simulate.register import ISO_DAYS
from issuer.simulate.rows import Rows
from issuer.simulate.sheets import LOT_DAYS, Facility, lot_text
from specs.products import products

DELIVERY_COLUMNS = ("ma_co_so", "vac_xin", "so_lo", "so_lieu", "ngay_giao", "han_dung")
LOT_TRUTH_COLUMNS = ("ma_co_so", "so_lo", "problem")
FAULTS = ("LOT_NOT_DELIVERED", "LOT_OF_OTHER_PRODUCT", "LOT_BEFORE_DELIVERY", "LOT_EXPIRED", "LOT_EXCEEDED")
SHARE = 0.004
"""Of the lots of a block, for each fault; at least one."""
_FEWEST = 4
"""Doses of a lot with a fault."""


@dataclass(slots=True)
class _Lot:
    """Doses of one lot at one facility, and the line of the list that they get; `doses` 0: no line."""

    facility: int
    product: int
    period: int
    first_day: int
    last_day: int
    given: int
    delivered_as: int
    doses: int
    came: int
    expires: int


def write_deliveries(
    rnd: Random, rows: Rows, keepers: NDArray[np.int32], facilities: list[Facility], deliveries: IO[str], truth: IO[str]
) -> None:
    """Write what came for the doses in `rows`, whose lists the `keepers` (places in `facilities`) sent."""
    lots = _lots(rnd, rows, keepers)
    planted = _plant(rnd, lots)
    lines, told = csv.writer(deliveries, lineterminator="\n"), csv.writer(truth, lineterminator="\n")
    for at, lot in enumerate(lots):
        code, name = facilities[lot.facility].code, lot_text(lot.product, lot.period, False)
        if lot.doses:
            product = products()[PRODUCT_KEYS[lot.delivered_as]].name
            lines.writerow((code, product, name, lot.doses, ISO_DAYS[lot.came], ISO_DAYS[lot.expires]))
        if at in planted:
            told.writerow((code, name, planted[at]))
    for facility, name in _never_came(rows, keepers, lots):
        told.writerow((facilities[facility].code, name, "LOT_NOT_DELIVERED"))


def _never_came(rows: Rows, keepers: NDArray[np.int32], lots: list[_Lot]) -> list[tuple[int, str]]:
    """The lots told of doses before their licence: none came then, at a facility that had had something else."""
    since: dict[int, int] = {}
    for lot in lots:
        if lot.doses:
            since[lot.facility] = min(since.get(lot.facility, lot.came), lot.came)
    early = np.flatnonzero(rows.before_licence)
    found = {
        (facility, lot_text(product, day // LOT_DAYS, False))
        for facility, product, day in zip(
            keepers[early].tolist(), rows.product[early].tolist(), rows.day[early].tolist(), strict=True
        )
        if day >= since.get(facility, day + 1)
    }
    return sorted(found)


def _lots(rnd: Random, rows: Rows, keepers: NDArray[np.int32]) -> list[_Lot]:
    """One for each facility, product and period, in that order; no vaccine comes before its licence."""
    at = np.flatnonzero(~rows.before_licence)
    key = np.stack((keepers[at], rows.product[at], rows.day[at] // LOT_DAYS))
    groups, place, counts = np.unique(key, axis=1, return_inverse=True, return_counts=True)
    first, last = np.full(len(counts), 2**31 - 1), np.zeros(len(counts), dtype=np.int64)
    np.minimum.at(first, place.ravel(), rows.day[at])
    np.maximum.at(last, place.ravel(), rows.day[at])
    return [
        _Lot(
            facility, product, period, first_day, last_day, given, product,
            doses=-(-given // 10) * 10 + 10, came=period * LOT_DAYS - rnd.randint(1, 6),
            expires=last_day + rnd.randint(30, 150),
        )
        for (facility, product, period), first_day, last_day, given in zip(
            groups.T.tolist(), first.tolist(), last.tolist(), counts.tolist(), strict=True
        )
    ]  # fmt: skip


def _plant(rnd: Random, lots: list[_Lot]) -> dict[int, str]:
    """Spoil some lots; place -> problem. What a facility got first stays right: since then its deliveries are known."""
    begins: dict[int, int] = {}
    for lot in lots:
        begins[lot.facility] = min(begins.get(lot.facility, lot.period), lot.period)
    can = [at for at, lot in enumerate(lots) if lot.given >= _FEWEST and lot.period > begins[lot.facility]]
    rnd.shuffle(can)
    each = max(1, round(len(lots) * SHARE))
    planted = {at: FAULTS[nth % len(FAULTS)] for nth, at in enumerate(can[: each * len(FAULTS)])}
    for at, fault in planted.items():
        lot = lots[at]
        if fault == "LOT_NOT_DELIVERED":
            lot.doses = 0
        elif fault == "LOT_OF_OTHER_PRODUCT":
            lot.delivered_as = (lot.product + 1) % len(PRODUCT_KEYS)
        elif fault == "LOT_BEFORE_DELIVERY":
            lot.came = lot.last_day + 1
        elif fault == "LOT_EXPIRED":
            lot.expires = lot.first_day - 1
        else:
            lot.doses = lot.given // 2
    return planted
