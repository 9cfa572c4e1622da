"""Which dose a certificate is for, and what dn/sd it says."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from issuer.attest.attested import Fault
from issuer.certify.series import Chosen, Refusal, choose
from issuer.dose_record import AttestedDose, DoseRecord, Holder
from specs.products import products

HOLDER = Holder(1, "Nguyễn Thị Ví Dụ", "", "1990-04-15", "F", "001190000017", "Việt Nam", "")
TODAY = date(2026, 3, 1)
AZ, PFIZER, MODERNA = "EU/1/21/1529", "EU/1/20/1528", "EU/1/20/1507"
JANSSEN, ABDALA, SINOPHARM = "EU/1/20/1525", "Abdala", "BBIBP-CorV"


def dose(product: str, on: str, number: int | None, role: str = "basic") -> AttestedDose:
    record = DoseRecord(7, "matched", False, "79001", "ab" * 32, 0, 2, on, product, number, role, "L", 1, 0, b"", b"")
    return AttestedDose(record, 1, 0)


def line(*products_given: str, start: str = "2021-09-01", role: str = "basic") -> list[AttestedDose | Fault]:
    """Doses half a year apart, numbered through."""
    first = date.fromisoformat(start)
    return [
        dose(product, (first + timedelta(days=180 * at)).isoformat(), at + 1, role)
        for at, product in enumerate(products_given)
    ]


COMPLETE = {
    "two of two": (line(PFIZER, PFIZER), (2, 2)),
    "a mixed series of two": (line(AZ, PFIZER), (2, 2)),
    "a third after two": (line(AZ, AZ, PFIZER), (3, 3)),
    "a fourth": (line(SINOPHARM, SINOPHARM, AZ, PFIZER), (4, 4)),
    "a fifth, which the national interface once could not carry": (line(AZ, AZ, AZ, AZ, AZ), (5, 5)),
    "one of one": (line(JANSSEN), (1, 1)),
    "a second after a series of one": (line(JANSSEN, PFIZER), (2, 1)),
    "a third after a series of one": (line(JANSSEN, PFIZER, PFIZER), (3, 1)),
    "three of three, which reads like a booster": (line(ABDALA, ABDALA, ABDALA), (3, 3)),
    "a booster after three": (line(ABDALA, ABDALA, ABDALA, PFIZER), (4, 4)),
    "a booster of a product with a longer series": (line(PFIZER, PFIZER, ABDALA), (3, 3)),
    "nobody told the numbers": ([dose(AZ, "2021-09-01", None), dose(AZ, "2021-12-01", None)], (2, 2)),
    "a booster numbered within its role": ([*line(AZ, AZ), dose(PFIZER, "2022-09-01", 1, "booster")], (3, 3)),
    "a booster numbered through": ([*line(AZ, AZ), dose(PFIZER, "2022-09-01", 3, "booster")], (3, 3)),
    "an additional dose, then a booster, each the first of its role": (
        [*line(SINOPHARM, SINOPHARM), dose(AZ, "2022-09-01", 1, "additional"), dose(AZ, "2023-01-01", 1, "booster")],
        (4, 4),
    ),
    "the later dose waits for its head": ([*line(AZ, AZ), Fault.NOT_ATTESTED], (2, 2)),
    "the later dose was altered": ([*line(AZ, AZ), Fault.RECORD_CHANGED], (2, 2)),
    "a later dose is missing in between": ([*line(AZ, AZ), dose(AZ, "2023-01-01", 4)], (2, 2)),
    "the last dose entered twice, a day apart": ([*line(AZ, AZ), dose(AZ, "2022-03-01", 2)], (2, 2)),
}


@pytest.mark.parametrize("why", COMPLETE)
def test_a_complete_series_is_certified(why: str) -> None:
    doses, counts = COMPLETE[why]
    chosen = choose(HOLDER, doses, TODAY)
    assert isinstance(chosen, Chosen)
    assert (chosen.dose_number, chosen.total_doses) == counts
    assert chosen.dose == doses[counts[0] - 1]
    assert len(chosen.dates) == counts[0]


REFUSED: dict[str, tuple[list[AttestedDose | Fault], Fault | Refusal]] = {
    "nothing": ([], Refusal.SERIES_INCOMPLETE),
    "one of two": (line(PFIZER), Refusal.SERIES_INCOMPLETE),
    "two of three": (line(ABDALA, ABDALA), Refusal.SERIES_INCOMPLETE),
    "the first dose waits for its head": ([Fault.NOT_ATTESTED, *line(PFIZER)], Fault.NOT_ATTESTED),
    "the second waits": ([*line(PFIZER), Fault.NOT_ATTESTED], Fault.NOT_ATTESTED),
    "the first was altered": ([Fault.RECORD_CHANGED, *line(PFIZER, PFIZER)], Fault.RECORD_CHANGED),
    "only the second is known": ([dose(PFIZER, "2021-09-01", 2)], Refusal.EARLIER_DOSE_MISSING),
    "only the booster is known": ([dose(PFIZER, "2021-09-01", 1, "booster")], Refusal.EARLIER_DOSE_MISSING),
    "a booster after one of two": (
        [*line(PFIZER), dose(PFIZER, "2022-09-01", 2, "booster")],
        Refusal.EARLIER_DOSE_MISSING,
    ),
    "two first doses": ([dose(AZ, "2021-09-01", 1), dose(AZ, "2021-12-01", 1)], Refusal.DOSE_NUMBER_CONFLICT),
    "both on one day": ([dose(AZ, "2021-09-01", 1), dose(AZ, "2021-09-01", 2)], Refusal.SAME_DAY_TWICE),
    "a week apart": ([dose(AZ, "2021-09-01", 1), dose(AZ, "2021-09-08", 2)], Refusal.TOO_SOON),
    "mixed products that need two and three": (line(AZ, ABDALA), Refusal.SERIES_UNCLEAR),
    "in the future": (line(JANSSEN, start="2026-03-02"), Refusal.DATE_IN_FUTURE),
    "before any vaccine was licensed": (line(JANSSEN, start="2020-10-24"), Refusal.BEFORE_CAMPAIGN),
    "no day": ([dose(JANSSEN, "", 1)], Refusal.DATE_UNKNOWN),
    "a month": ([dose(JANSSEN, "2021-09", 1)], Refusal.DATE_UNKNOWN),
    "no product": ([dose("", "2021-09-01", 1)], Refusal.PRODUCT_NOT_CERTIFIABLE),
    "a product of another country": ([dose("Covishield", "2021-09-01", 1)], Refusal.PRODUCT_NOT_CERTIFIABLE),
    "never licensed": ([dose("Nanocovax", "2021-09-01", 1)], Refusal.PRODUCT_NOT_CERTIFIABLE),
}


@pytest.mark.parametrize("why", REFUSED)
def test_what_is_not_sure_is_not_certified(why: str) -> None:
    doses, reason = REFUSED[why]
    assert choose(HOLDER, doses, TODAY) is reason


@pytest.mark.parametrize(
    ("born", "died", "reason"),
    [
        ("2021-09-02", "", Refusal.BEFORE_BIRTH),
        ("2022", "", Refusal.BEFORE_BIRTH),
        ("2021", "", None),
        ("1990", "2021-08-31", Refusal.AFTER_DEATH),
        ("1990", "2020", Refusal.AFTER_DEATH),
        ("1990", "2021-09-01", None),
        ("1990", "2021-09", None),
        ("1990", "2021", None),
    ],
)
def test_nobody_is_vaccinated_before_birth_or_after_death(born: str, died: str, reason: Refusal | None) -> None:
    holder = Holder(1, "Thưr", "", born, "M", "001190000017", "Việt Nam", died)
    chosen = choose(holder, line(JANSSEN), TODAY)
    assert chosen is reason if reason else isinstance(chosen, Chosen)


CERTIFIABLE = [each for each in products().values() if each.certifiable and each.primary and each.medicinal_product]
codes = st.sampled_from([each.medicinal_product or "" for each in CERTIFIABLE])
gaps = st.lists(st.integers(0, 400), min_size=7, max_size=7)
doses_or_faults = st.lists(st.one_of(codes, st.sampled_from(list(Fault))), max_size=7)


@given(doses_or_faults, gaps, st.lists(st.sampled_from([None, 1, 2, 3, 4]), min_size=7, max_size=7))
def test_a_certificate_never_claims_more_than_was_attested(
    given_doses: list[str | Fault], days: list[int], numbers: list[int | None]
) -> None:
    day = date(2021, 3, 8)
    doses: list[AttestedDose | Fault] = []
    for at, each in enumerate(given_doses):
        day += timedelta(days=days[at])
        doses.append(each if isinstance(each, Fault) else dose(each, day.isoformat(), numbers[at]))
    chosen = choose(HOLDER, doses, TODAY)
    if not isinstance(chosen, Chosen):
        return
    counted = doses[: chosen.dose_number]
    assert all(isinstance(each, AttestedDose) for each in counted)
    assert chosen.dose == counted[-1]
    assert list(chosen.dates) == sorted(set(chosen.dates))
    stated = [each.record.dose_number for each in counted if isinstance(each, AttestedDose)]
    assert all(number in (None, at) for at, number in enumerate(stated, 1))
    assert chosen.total_doses in (1, chosen.dose_number)
