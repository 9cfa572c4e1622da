"""An Immunization -> the dose's cells of a row: specs/fhir.md section 4.

What says that there was no such dose, or that another gave it, refuses the entry; what is only missing or unknown goes
to cleaning as it is, which tells it like that of any dose list.
"""

import re

from issuer.fhir.elements import Element, EntryRefused
from issuer.fhir.patient import identifiers, is_date
from issuer.fhir.profile import (
    CODEABLE,
    CODING,
    EU_PRODUCTS,
    FACILITY,
    IDENTIFIER,
    IMMUNIZATION,
    LOCATION,
    ORGANIZATION,
    PERFORMER,
    PROTOCOL,
    REFERENCE,
    VACCINE,
)
from issuer.fhir.references import References, Resource
from issuer.reading.dates import day_in_vietnam
from issuer.reading.problems import Problem
from specs.products import product_of_code, products

__all__ = ["immunization_cells", "patient_of"]

_STATUS = {"not-done": Problem.ENTRY_NOT_GIVEN, "entered-in-error": Problem.ENTRY_IN_ERROR}
_TIME = re.compile(
    r"T(?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](?:\.[0-9]{1,9})?(?:Z|[+-](?:0[0-9]|1[0-4]):[0-5][0-9])"
)
_PATIENT, _LOCATION, _ORGANIZATION = frozenset({"Patient"}), frozenset({"Location"}), frozenset({"Organization"})


def immunization_cells(resource: Resource, references: References) -> dict[str, str | int]:
    """The cells by their canonical names. Raises EntryRefused."""
    dose = Element(resource.value, resource.at).only(IMMUNIZATION)
    status = dose.code("status", ("completed", *_STATUS))
    if status != "completed":
        raise EntryRefused(_STATUS[status], f"{dose.at}.status") if status else dose.wrong("status")
    if dose.flag("isSubpotent"):
        raise EntryRefused(Problem.ENTRY_MODIFIED, f"{dose.at}.isSubpotent")
    if dose.flag("primarySource") is False:
        raise EntryRefused(Problem.ENTRY_SECOND_HAND, f"{dose.at}.primarySource")
    protocols = dose.children("protocolApplied", PROTOCOL)
    if len(protocols) > 1:
        raise dose.wrong("protocolApplied")
    number = protocols[0].positive("doseNumberPositiveInt") if protocols else None
    if protocols:
        protocols[0].positive("seriesDosesPositiveInt")
    code, name = _facility(dose, resource, references)
    return {
        "vaccinated_on": _day(dose),
        "vaccine": _vaccine(dose),
        "dose_number": "" if number is None else number,
        "dose_role": protocols[0].text("series") if protocols else "",
        "lot": dose.text("lotNumber"),
        "facility_name": name,
        "facility_code": code,
    }


def patient_of(resource: Resource, references: References) -> Resource:
    """The Patient that was vaccinated. Raises EntryRefused."""
    dose = Element(resource.value, resource.at)
    reference = dose.child("patient", REFERENCE)
    if reference is None or not reference.text("reference"):
        raise EntryRefused(Problem.ENTRY_REFERENCE, f"{dose.at}.patient")
    return references.find(resource, reference, _PATIENT)


def _day(dose: Element) -> str:
    """The day in Vietnam of occurrenceDateTime; a time has its zone, so 23:30Z is the next day."""
    text = dose.text("occurrenceDateTime")
    if not text:
        return ""
    if not is_date(text[:10]) or (len(text) > 10 and _TIME.fullmatch(text[10:]) is None):
        raise dose.wrong("occurrenceDateTime")
    if len(text) <= 10 or not "1900" <= text[:4] <= "2199":
        return text[:10]
    return day_in_vietnam(text)


def _vaccine(dose: Element) -> str:
    """The product's key; a code that is none of ours (CVX, SNOMED CT) in words, which cleaning tells."""
    concept = dose.child("vaccineCode", CODEABLE)
    codings = concept.children("coding", CODING) if concept is not None else []
    keys: set[str] = set()
    others: list[str] = []
    for coding in codings:
        system, code = coding.text("system"), coding.text("code")
        product = products().get(code) if system == VACCINE else None
        if system in EU_PRODUCTS:
            product = product_of_code(code)
        if product is None:
            others.append(f"code {code} of {system or 'no system'}")  # words that no product's name can be
        else:
            keys.add(product.key)
    if len(keys) > 1:
        raise EntryRefused(Problem.ENTRY_CONFLICT, f"{dose.at}.vaccineCode")
    return keys.pop() if keys else "".join(others[:1])


def _facility(dose: Element, resource: Resource, references: References) -> tuple[str, str]:
    """Code and name of the facility: the location's, else that of a performing organization; both must agree."""
    found: list[tuple[str, str]] = []
    location = dose.child("location", REFERENCE)
    if location is not None:
        found += _named(location, resource, references, _LOCATION)
    for performer in dose.children("performer", PERFORMER):
        actor = performer.child("actor", REFERENCE)
        if actor is not None and _may_be_organization(actor):
            found += _named(actor, resource, references, _ORGANIZATION)
    if len({code for code, _ in found}) > 1:
        raise EntryRefused(Problem.ENTRY_CONFLICT, dose.at)
    if not found:
        raise EntryRefused(Problem.ENTRY_FACILITY, dose.at)
    return found[0][0], next((name for _, name in found if name), "")


def _may_be_organization(actor: Element) -> bool:
    """Whether an actor is no Practitioner: those may stand there and tell nothing of the facility."""
    told = actor.text("type") or actor.text("reference").partition("/")[0]
    return told not in ("Practitioner", "PractitionerRole")


def _named(
    reference: Element, resource: Resource, references: References, kinds: frozenset[str]
) -> list[tuple[str, str]]:
    """The facility's code and name behind a reference, by its resource or, without one, by its logical identifier."""
    if reference.text("reference"):
        target = references.find(resource, reference, kinds)
        element = Element(target.value, target.at).only(LOCATION if target.kind == "Location" else ORGANIZATION)
        codes = identifiers(element, FACILITY)
        if len(codes) > 1:
            raise EntryRefused(Problem.ENTRY_CONFLICT, f"{element.at}.identifier")
        return [(code, element.text("name")) for code in codes]
    logical = reference.child("identifier", IDENTIFIER)
    if logical is None or logical.text("system") != FACILITY or not logical.text("value"):
        return []
    return [(logical.text("value"), reference.text("display"))]
