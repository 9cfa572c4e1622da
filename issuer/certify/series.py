"""Which dose of a person a certificate is for, and what it counts: the latest that completes or extends the series.

In: a person's doses in order, each attested or with the fault for which it is not. Out: the dose with its `dn` and
`sd`, or why there is none. The count stops at the first dose that cannot be relied on, so a certificate never claims
more than facility heads answer for; what comes after it waits.

`dn/sd`: 2/2 completes a series of two, 3/3 one of three (Abdala); each later dose is 3/3, 4/4, ..., or 2/1, 3/1 after a
series of one. Before it is complete a series gets no certificate (Decision 5772/QĐ-BYT).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from functools import cache

from issuer.attest.attested import Fault
from issuer.dose_record import AttestedDose, DoseRecord, Holder
from specs.products import Confidence, grace_days, product_of_code, products

__all__ = ["Chosen", "Refusal", "choose"]

_LATER_ROLES = ("additional", "booster")


class Refusal(StrEnum):
    """Why a person whose doses are attested gets no certificate."""

    SERIES_INCOMPLETE = "series_incomplete"
    SERIES_UNCLEAR = "series_unclear"
    EARLIER_DOSE_MISSING = "earlier_dose_missing"
    DOSE_NUMBER_CONFLICT = "dose_number_conflict"
    SAME_DAY_TWICE = "same_day_twice"
    TOO_SOON = "too_soon"
    DATE_UNKNOWN = "date_unknown"
    DATE_IN_FUTURE = "date_in_future"
    BEFORE_CAMPAIGN = "before_campaign"
    BEFORE_BIRTH = "before_birth"
    AFTER_DEATH = "after_death"
    PRODUCT_NOT_CERTIFIABLE = "product_not_certifiable"
    PRODUCT_CODES = "product_codes"
    NAME = "name"
    BIRTH_DATE = "birth_date"


@dataclass(frozen=True, slots=True)
class Chosen:
    """The dose of the certificate; `dates` are those of all doses counted, earliest first."""

    dose: AttestedDose
    dose_number: int
    total_doses: int
    dates: tuple[date, ...]


def choose(holder: Holder, doses: Sequence[AttestedDose | Fault], today: date) -> Chosen | Fault | Refusal:
    """Choose among `doses`, every linked dose of the holder, earliest first; `today` is the day in Vietnam."""
    counted: list[AttestedDose] = []
    dates: list[date] = []
    stopped_by: Fault | Refusal | None = None
    for dose in doses:
        if isinstance(dose, Fault):
            stopped_by = dose
            break
        found = _next(holder, dose.record, counted, dates, today)
        if isinstance(found, Refusal):
            stopped_by = found
            break
        counted.append(dose)
        dates.append(found)
    primary = _primary_doses(counted)
    if primary is None:
        return stopped_by or (Refusal.SERIES_UNCLEAR if counted else Refusal.SERIES_INCOMPLETE)
    number = len(counted)
    if number < primary:
        return stopped_by or Refusal.SERIES_INCOMPLETE
    total = primary if primary == 1 else max(number, primary)
    return Chosen(counted[-1], number, total, tuple(dates))


def _next(
    holder: Holder, record: DoseRecord, counted: Sequence[AttestedDose], dates: Sequence[date], today: date
) -> date | Refusal:
    """The day of the dose that follows `counted`, or what speaks against counting it."""
    try:
        day = date.fromisoformat(record.vaccinated_on)
    except ValueError:
        return Refusal.DATE_UNKNOWN
    if day > today:
        return Refusal.DATE_IN_FUTURE
    if day < _campaign_began():
        return Refusal.BEFORE_CAMPAIGN
    if record.vaccinated_on < holder.birth_date:
        return Refusal.BEFORE_BIRTH
    if holder.death_date and record.vaccinated_on[: len(holder.death_date)] > holder.death_date:
        return Refusal.AFTER_DEATH
    if dates and (day - dates[-1]).days < _shortest_interval():
        return Refusal.SAME_DAY_TWICE if day == dates[-1] else Refusal.TOO_SOON
    product = product_of_code(record.product)
    if product is None or not product.certifiable or product.primary is None:
        return Refusal.PRODUCT_NOT_CERTIFIABLE
    return _number_conflict(record, counted) or day


@cache
def _campaign_began() -> date:
    """The day of the first licence: before it nobody in the country was vaccinated."""
    licences = [product.licence for product in products().values() if product.licence is not None]
    return min(licence.earliest for licence in licences if licence.confidence is not Confidence.UNCONFIRMED)


@cache
def _shortest_interval() -> int:
    """Days below which no schedule of any product and month lies, grace included: a slip of the pen, not a dose.

    Longer intervals that break a rule are cleaning's to raise and the facility's to answer for.
    """
    rules = [rule.min_days for product in products().values() for rule in product.intervals]
    return min(rules) - grace_days()


def _number_conflict(record: DoseRecord, counted: Sequence[AttestedDose]) -> Refusal | None:
    """Whether the dose says of itself that it is another one than the next.

    Facilities number a later dose through from the first, or anew within its role.
    """
    place = len(counted) + 1
    later = record.dose_role in _LATER_ROLES
    if later:
        primary = _primary_doses(counted)
        if primary is None or place <= primary:
            return Refusal.EARLIER_DOSE_MISSING
    if record.dose_number is None or record.dose_number == place:
        return None
    in_role = 1 + sum(dose.record.dose_role == record.dose_role for dose in counted)
    if later and record.dose_number == in_role:
        return None
    return Refusal.EARLIER_DOSE_MISSING if record.dose_number > place else Refusal.DOSE_NUMBER_CONFLICT


def _primary_doses(counted: Sequence[AttestedDose]) -> int | None:
    """Doses of the primary series by its first product; None for none, or where mixed products disagree."""
    needs = []
    for dose in counted:
        product = product_of_code(dose.record.product)
        if product is None or product.primary is None:
            return None
        needs.append(product.primary.doses)
    if not needs:
        return None
    return needs[0] if len(set(needs[: needs[0]])) == 1 else None
