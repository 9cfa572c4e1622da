"""The vaccines of Vietnam's campaign: names as facilities write them, codes, schedule, licence, ages.

In: a name from a dose list, or a key. Out: a `Product`, each of whose facts carries how sure it is:

- `confirmed`: read in the thing itself or in two independent reports;
- `secondary`: one report;
- `unconfirmed`: general knowledge: a default, never the sole reason to reject a dose.

The table is `specs/valuesets/products.json`, with a version of its own. Rules changed by month and province, so
intervals and ages carry the day from which they held. Days are calendar days; ages are completed years.
"""

import datetime as dt
import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from typing import Any

from specs.valuesets import read_json


class Confidence(StrEnum):
    """How sure a fact is."""

    CONFIRMED = "confirmed"
    SECONDARY = "secondary"
    UNCONFIRMED = "unconfirmed"


@dataclass(frozen=True, slots=True)
class DoseCount:
    """Doses of the primary series."""

    doses: int
    confidence: Confidence


@dataclass(frozen=True, slots=True)
class Interval:
    """Days between two doses of the primary series, as ruled from `since` on (`max_days` None: none is known)."""

    since: dt.date
    min_days: int
    max_days: int | None
    confidence: Confidence


@dataclass(frozen=True, slots=True)
class AgeLimit:
    """The least age in completed years, as ruled from `since` on."""

    since: dt.date
    min_years: int
    confidence: Confidence


@dataclass(frozen=True, slots=True)
class Licence:
    """When Vietnam licensed the product. Where `exact` is False only the month is known (`earliest`: its first)."""

    earliest: dt.date
    exact: bool
    document: str | None
    confidence: Confidence


@dataclass(frozen=True, slots=True)
class LaterDose:
    """A dose after the primary series: least days after the dose before it, for whom and since when."""

    role: str  # "additional" or "booster"
    after: str  # "primary" or "booster"
    min_days: int
    since: dt.date
    products: frozenset[str] | None  # keys of products; None: any
    min_years: int | None
    below_years: int | None
    confidence: Confidence


@dataclass(frozen=True, slots=True)
class Mixing:
    """A second dose of another product that was allowed from `since` on."""

    first: str
    second: str
    since: dt.date
    confidence: Confidence


@dataclass(frozen=True, slots=True)
class Product:
    """One product of the campaign. A product without codes cannot stand on a certificate (`certifiable` False)."""

    key: str
    name: str
    synonyms: tuple[str, ...]
    medicinal_product: str | None
    manufacturer: str | None
    prophylaxis: tuple[str, ...]
    prophylaxis_2021: str | None
    primary: DoseCount | None
    intervals: tuple[Interval, ...]
    licence: Licence | None
    ages: tuple[AgeLimit, ...]
    decision_5772: bool  # one of the eight products of Decision 5772/QĐ-BYT
    certifiable: bool

    def interval_on(self, day: dt.date) -> Interval | None:
        """The rule between primary doses that held on `day`."""
        return next((rule for rule in reversed(self.intervals) if rule.since <= day), None)

    def age_on(self, day: dt.date) -> AgeLimit | None:
        """The age limit that held on `day`."""
        return next((rule for rule in reversed(self.ages) if rule.since <= day), None)


def version() -> int:
    """The version of the product table; results of cleaning name it."""
    number: int = read_json("products.json")["version"]
    return number


def grace_days() -> int:
    """Days by which an interval may be too short without a problem being raised (a convention, unconfirmed)."""
    days: int = read_json("products.json")["grace_days"]["value"]
    return days


def fold(name: str) -> str:
    """`name` without case, marks, blanks and punctuation: the form in which product names are compared."""
    marks_off = "".join(c for c in unicodedata.normalize("NFKD", name) if not unicodedata.combining(c))
    return re.sub(r"[\W_]+", "", marks_off.casefold().replace("đ", "d").replace("ð", "d"))


@cache
def products() -> Mapping[str, Product]:
    """Key -> product, in the order of the table."""
    return {raw["key"]: _product(raw) for raw in read_json("products.json")["products"]}


@cache
def _by_name() -> Mapping[str, Product]:
    return {
        fold(name): product
        for product in products().values()
        for name in (product.name, product.key, *product.synonyms)
    }


def product_named(name: str) -> Product | None:
    """The product that `name` (a known name or misspelling) means, or None when none is or when it may mean several."""
    return _by_name().get(fold(name))


def products_possibly_named(name: str) -> tuple[Product, ...]:
    """The products that an ambiguous name may mean ("Sputnik"), for an officer to choose from."""
    meanings = {fold(key): keys for key, keys in read_json("products.json")["ambiguous_names"].items()}
    return tuple(products()[key] for key in meanings.get(fold(name), ()))


@cache
def product_of_code(medicinal_product: str) -> Product | None:
    """The product that stands on a certificate as `mp`, when it is one of the campaign's."""
    return next((p for p in products().values() if p.medicinal_product == medicinal_product), None)


@cache
def mixing() -> tuple[Mixing, ...]:
    """The mixed primary series that were allowed."""
    return tuple(
        Mixing(raw["first"], raw["second"], dt.date.fromisoformat(raw["from"]), Confidence(raw["confidence"]))
        for raw in read_json("products.json")["mixing"]
    )


@cache
def later_doses() -> tuple[LaterDose, ...]:
    """The rules for additional and booster doses."""
    return tuple(
        LaterDose(
            raw["role"],
            raw["after"],
            raw["min_days"],
            dt.date.fromisoformat(raw["from"]),
            frozenset(raw["products"]) if "products" in raw else None,
            raw.get("min_years"),
            raw.get("below_years"),
            Confidence(raw["confidence"]),
        )
        for raw in read_json("products.json")["later_doses"]
    )


def _product(raw: Mapping[str, Any]) -> Product:
    primary = raw["primary_doses"]
    return Product(
        key=raw["key"],
        name=raw["name"],
        synonyms=tuple(raw["synonyms"]),
        medicinal_product=raw["mp"],
        manufacturer=raw["ma"],
        prophylaxis=tuple(raw["vp"]),
        prophylaxis_2021=raw["vp_2021_22"],
        primary=DoseCount(primary["value"], Confidence(primary["confidence"])) if primary else None,
        intervals=tuple(
            Interval(dt.date.fromisoformat(r["from"]), r["min_days"], r["max_days"], Confidence(r["confidence"]))
            for r in raw["intervals"]
        ),
        licence=_licence(raw["licence"]) if raw["licence"] else None,
        ages=tuple(
            AgeLimit(dt.date.fromisoformat(r["from"]), r["min_years"], Confidence(r["confidence"])) for r in raw["ages"]
        ),
        decision_5772=raw["decision_5772"],
        certifiable=raw["certifiable"],
    )


def _licence(raw: Mapping[str, Any]) -> Licence:
    exact = len(raw["date"]) == len("2021-06-28")
    earliest = dt.date.fromisoformat(raw["date"] if exact else raw["date"] + "-01")
    return Licence(earliest, exact, raw.get("document"), Confidence(raw["confidence"]))
