"""The code lists equal the published release, and agree with each other."""

import json
from pathlib import Path

import pytest

from specs import valuesets
from specs.valuesets import ValueSet

PUBLISHED = {
    "disease-agent-targeted": valuesets.diseases,
    "vaccine-prophylaxis": valuesets.prophylaxis,
    "vaccine-medicinal-product": valuesets.medicinal_products,
    "vaccine-mah-manf": valuesets.manufacturers,
    "country-2-codes": valuesets.countries,
    "test-type": valuesets.types_of_test,
    "test-result": valuesets.results_of_test,
}


@pytest.mark.parametrize("name", PUBLISHED)
def test_codes_are_those_of_the_published_release(vectors: Path, name: str) -> None:
    published = json.loads((vectors / "dcc-valuesets" / f"{name}.json").read_text(encoding="utf-8"))
    ours = PUBLISHED[name]()
    assert {code: entry["active"] for code, entry in published["valueSetValues"].items()} == {
        code: entry.active for code, entry in ours.items()
    }
    assert (ours.id, ours.date) == (published["valueSetId"], published["valueSetDate"])


def test_encoding_rules_are_those_of_the_published_release(vectors: Path) -> None:
    path = vectors / "dcc-valuesets" / "vaccine-encoding-instructions.json"
    published = json.loads(path.read_text(encoding="utf-8"))["valueSetValues"].values()
    assert {
        # the release marks a deprecated product inside the code; the product list does not
        rule["vaccine-code"].removesuffix(" (deprecated)"): ({rule["vaccine-manufacturer"]}, set(rule["sct-codes"]))
        for rule in published
    } == {mp: (set(rule.manufacturers), set(rule.prophylaxis)) for mp, rule in valuesets.encodings().items()}


@pytest.mark.parametrize(
    ("value_set", "count"),
    [
        (valuesets.diseases(), 1),
        (valuesets.prophylaxis(), 9),
        (valuesets.medicinal_products(), 39),
        (valuesets.manufacturers(), 31),
        (valuesets.countries(), 250),
        (valuesets.types_of_test(), 2),
        (valuesets.results_of_test(), 2),
    ],
    ids=lambda value: value.id if isinstance(value, ValueSet) else str(value),
)
def test_counts_hold_without_the_published_files(value_set: ValueSet, count: int) -> None:
    assert len(value_set) == count


def test_encoding_rules_name_only_codes_that_exist() -> None:
    rules = valuesets.encodings()
    assert rules.keys() == valuesets.medicinal_products().keys()
    for rule in rules.values():
        assert rule.manufacturers <= valuesets.manufacturers().keys()
        assert rule.prophylaxis <= valuesets.prophylaxis().keys()


def test_old_vaccine_type_is_known_and_inactive() -> None:
    assert not valuesets.prophylaxis()["J07BX03"].active


def test_words_fall_back_to_english() -> None:
    assert valuesets.countries()["VN"].words("vi") == "Việt Nam"
    assert valuesets.countries()["DE"].words("vi") == "Germany"
