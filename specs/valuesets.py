"""The closed code lists of a certificate: which codes exist, and which of them belong together.

In: a code as it stands in a payload. Out: the code's entry, or none. The lists are `specs/valuesets/*.json`, each with
its source and date, read once. They are facts of EU release 2.12.0; the display words are ours.

A verifier treats a foreign code outside a list as a warning; our issuer refuses it.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any, Final

COVID_19: Final = "840539006"
"""`tg` of every certificate (SNOMED CT)."""


@dataclass(frozen=True, slots=True)
class Code:
    """One code: its words, and whether the list still offers it for new certificates."""

    code: str
    english: str
    vietnamese: str | None
    active: bool

    def words(self, language: str) -> str:
        """The display text in `language` ("vi" or "en"); English where there is no Vietnamese."""
        return self.vietnamese if language == "vi" and self.vietnamese else self.english


@dataclass(frozen=True, slots=True)
class ValueSet(Mapping[str, Code]):
    """A closed list of codes under the id that business rules know it by."""

    id: str
    source: str
    date: str
    codes: Mapping[str, Code]

    def __getitem__(self, code: str) -> Code:
        return self.codes[code]

    def __iter__(self) -> Iterator[str]:
        return iter(self.codes)

    def __len__(self) -> int:
        return len(self.codes)


@dataclass(frozen=True, slots=True)
class Encoding:
    """What one medicinal product (`mp`) implies: who may stand as `ma`, and what may stand as `vp` today."""

    manufacturers: frozenset[str]
    prophylaxis: frozenset[str]


@cache
def read_json(name: str) -> dict[str, Any]:
    """The JSON object of one file of `specs/valuesets/`."""
    value: dict[str, Any] = json.loads(files("specs").joinpath("valuesets", name).read_text(encoding="utf-8"))
    return value


@cache
def _value_set(name: str) -> ValueSet:
    raw = read_json(name)
    codes = {
        code: Code(code, entry["en"], entry.get("vi"), entry.get("active", True))
        for code, entry in raw["codes"].items()
    }
    return ValueSet(raw["id"], raw["source"], raw["date"], codes)


def diseases() -> ValueSet:
    """`tg`: the disease targeted."""
    return _value_set("diseases.json")


def prophylaxis() -> ValueSet:
    """`vp`: the type of vaccine. J07BX03 is inactive: certificates of 2021-22 hold it, new ones do not."""
    return _value_set("prophylaxis.json")


def medicinal_products() -> ValueSet:
    """`mp`: the product."""
    return _value_set("medicinal-products.json")


def manufacturers() -> ValueSet:
    """`v.ma`: the marketing authorisation holder or manufacturer."""
    return _value_set("manufacturers.json")


def countries() -> ValueSet:
    """`co`: ISO 3166-1 alpha-2, and XK."""
    return _value_set("countries.json")


def types_of_test() -> ValueSet:
    """`tt`: the type of test (LOINC)."""
    return _value_set("test-types.json")


def results_of_test() -> ValueSet:
    """`tr`: the result of a test (SNOMED CT)."""
    return _value_set("test-results.json")


def value_sets() -> tuple[ValueSet, ...]:
    """Every list above; business rules take them as `external.valueSets` under their ids."""
    return (
        diseases(),
        prophylaxis(),
        medicinal_products(),
        manufacturers(),
        countries(),
        types_of_test(),
        results_of_test(),
    )


@cache
def encodings() -> Mapping[str, Encoding]:
    """`mp` -> the `ma` and `vp` that go with it. No schema checks this, and a published specimen gets it wrong."""
    return {
        mp: Encoding(frozenset(entry["ma"]), frozenset(entry["vp"]))
        for mp, entry in read_json("encoding.json")["codes"].items()
    }
