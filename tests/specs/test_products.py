"""The product table: its names are found as facilities write them, its codes are allowed, its rules are in order."""

import datetime as dt
import unicodedata

import pytest

from specs import valuesets
from specs.products import (
    Confidence,
    fold,
    grace_days,
    later_doses,
    mixing,
    product_named,
    product_of_code,
    products,
    products_possibly_named,
)


@pytest.mark.parametrize(
    ("written", "key"),
    [
        ("AstraZeneca", "astrazeneca"),
        ("  astra  zeneca ", "astrazeneca"),
        ("COVID-19 VACCINE ASTRAZENECA", "astrazeneca"),
        ("Vắc xin AstraZeneca", "astrazeneca"),
        (unicodedata.normalize("NFD", "Vắc xin AstraZeneca"), "astrazeneca"),
        ("AZ", "astrazeneca"),
        ("Vero Cell", "vero-cell"),
        ("vero-cell", "vero-cell"),
        ("COVID-19 Vaccine (Vero Cell), Inactivated", "vero-cell"),
        ("Pfizer", "comirnaty"),
        ("Comirnaty (Pfizer BioNTech)", "comirnaty"),
        ("Phizer", "comirnaty"),
        ("Mordena", "spikevax"),
        ("J&J", "janssen"),
        ("HAYAT VAX", "hayat-vax"),
        ("Abdala", "abdala"),
        ("NanoCovax", "nanocovax"),
    ],
)
def test_name_is_found_as_facilities_write_it(written: str, key: str) -> None:
    product = product_named(written)
    assert product is not None
    assert product.key == key


@pytest.mark.parametrize("written", ["", "Sputnik", "Influenza", "Vaccine", "Covishield"])
def test_name_that_means_no_one_product_is_not_guessed(written: str) -> None:
    assert product_named(written) is None


def test_ambiguous_name_offers_its_meanings() -> None:
    assert [p.key for p in products_possibly_named("SPUTNIK")] == ["sputnik-v", "sputnik-light"]
    assert products_possibly_named("Pfizer") == ()


def test_no_name_means_two_products() -> None:
    names = [name for p in products().values() for name in {fold(n) for n in (p.name, p.key, *p.synonyms)}]
    assert len(names) == len(set(names))


def test_codes_obey_the_encoding_rules() -> None:
    for product in products().values():
        if not product.certifiable:
            assert product.medicinal_product is None
            continue
        assert product.medicinal_product is not None
        rule = valuesets.encodings()[product.medicinal_product]
        assert {product.manufacturer} == rule.manufacturers
        assert set(product.prophylaxis) == rule.prophylaxis
        assert product.prophylaxis_2021 in valuesets.prophylaxis()
        assert valuesets.medicinal_products()[product.medicinal_product].active
        assert product_of_code(product.medicinal_product) is product


def test_vero_cell_is_the_beijing_product_not_the_deprecated_code() -> None:
    assert products()["vero-cell"].medicinal_product == "BBIBP-CorV"


def test_eight_products_stand_in_decision_5772_and_nine_are_licensed() -> None:
    assert sum(p.decision_5772 for p in products().values()) == 8
    assert sum(p.licence is not None for p in products().values()) == 9


def test_nanocovax_is_not_certifiable() -> None:
    assert not products()["nanocovax"].certifiable


@pytest.mark.parametrize(
    ("key", "day", "days"),
    [
        ("astrazeneca", dt.date(2021, 5, 1), 56),
        ("astrazeneca", dt.date(2021, 10, 1), 28),
        ("vero-cell", dt.date(2021, 8, 1), 21),
        ("spikevax", dt.date(2021, 8, 1), 28),
    ],
)
def test_interval_is_that_of_its_day(key: str, day: dt.date, days: int) -> None:
    rule = products()[key].interval_on(day)
    assert rule is not None
    assert rule.min_days == days


def test_children_may_have_pfizer_from_november_2021() -> None:
    pfizer = products()["comirnaty"]
    before, after = pfizer.age_on(dt.date(2021, 10, 31)), pfizer.age_on(dt.date(2021, 11, 1))
    assert before is not None
    assert after is not None
    assert (before.min_years, after.min_years) == (18, 12)


def test_rules_with_dates_are_in_order_and_licences_precede_them() -> None:
    for product in products().values():
        for rules in (product.intervals, product.ages):
            assert [r.since for r in rules] == sorted(r.since for r in rules)


def test_month_only_licence_says_so() -> None:
    licence = products()["janssen"].licence
    assert licence is not None
    assert (licence.earliest, licence.exact, licence.confidence) == (dt.date(2021, 7, 1), False, Confidence.UNCONFIRMED)


def test_rules_across_products_name_products_that_exist() -> None:
    keys = products().keys()
    assert {key for rule in mixing() for key in (rule.first, rule.second)} <= keys
    assert {key for rule in later_doses() for key in rule.products or ()} <= keys
    assert grace_days() == 4
