"""The names of the profile: identifier and code systems, and which elements each structure may have (specs/fhir.md).

The elements are those of FHIR R4 (4.0.1) without the ones that the profile leaves out: what it cannot keep faithfully
(`contained`, `photo`, texts in place of dates and numbers) is refused, never silently dropped.
"""

__all__ = [
    "ADDRESS",
    "BASE",
    "CCCD",
    "CMND",
    "CODEABLE",
    "CODING",
    "CONTACT_POINT",
    "EU_PRODUCTS",
    "EXTENSION",
    "FACILITY",
    "FATE",
    "HUMAN_NAME",
    "IDENTIFIER",
    "IMMUNIZATION",
    "LOCATION",
    "NATIONALITY",
    "ORGANIZATION",
    "PASSPORT",
    "PATIENT",
    "PERFORMER",
    "PROBLEM",
    "PROTOCOL",
    "REFERENCE",
    "REFUSAL",
    "VACCINE",
]

BASE = "urn:ho-chieu-vac-xin"
CCCD = f"{BASE}:id:cccd"
"""Identifier system of the 12-digit personal number (số định danh cá nhân)."""
CMND = f"{BASE}:id:cmnd"
"""Identifier system of the older identity card (9 or 12 digits)."""
PASSPORT = f"{BASE}:id:passport"
FACILITY = f"{BASE}:facility"
"""Identifier system of a vaccinating facility's code."""
VACCINE = f"{BASE}:vaccine"
"""Code system of specs/valuesets/products.json: the keys of the campaign's products."""
PROBLEM = f"{BASE}:record-problem"
"""Code system of specs/record-problems.md."""
FATE = f"{BASE}:fate"
"""Code system of what became of an entry: TAKEN, NOT_USED, STORED, DUPLICATE, REJECTED."""
REFUSAL = f"{BASE}:refusal"
"""Code system of issuer/errors.py."""
EU_PRODUCTS = frozenset(
    {
        "https://ec.europa.eu/health/documents/community-register/html/",
        "http://ec.europa.eu/temp/vaccineproductname",
    }
)
"""Code systems of the EU value set of medicinal products (`mp` of a certificate)."""
NATIONALITY = "http://hl7.org/fhir/StructureDefinition/patient-nationality"


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_RESOURCE = _words("resourceType id meta language text extension")
IMMUNIZATION = _RESOURCE | _words(
    "identifier status statusReason vaccineCode patient encounter occurrenceDateTime recorded primarySource "
    "reportOrigin location manufacturer lotNumber expirationDate site route doseQuantity performer note reasonCode "
    "reasonReference isSubpotent subpotentReason education programEligibility fundingSource reaction protocolApplied"
)
PATIENT = _RESOURCE | _words(
    "identifier active name telecom gender birthDate deceasedBoolean deceasedDateTime address maritalStatus "
    "multipleBirthBoolean multipleBirthInteger contact communication generalPractitioner managingOrganization link"
)
ORGANIZATION = _RESOURCE | _words("identifier active type name alias telecom address partOf contact endpoint")
LOCATION = _RESOURCE | _words(
    "identifier status operationalStatus name alias description mode type telecom address physicalType position "
    "managingOrganization partOf hoursOfOperation availabilityExceptions endpoint"
)
IDENTIFIER = _words("use type system value period assigner")
HUMAN_NAME = _words("use text family given prefix suffix period")
CONTACT_POINT = _words("system value use rank period")
ADDRESS = _words("use type text line city district state postalCode country period")
CODEABLE = _words("coding text")
CODING = _words("system version code display userSelected")
REFERENCE = _words("reference type identifier display")
PERFORMER = _words("function actor")
PROTOCOL = _words("series authority targetDisease doseNumberPositiveInt seriesDosesPositiveInt")
EXTENSION = _words("url valueCodeableConcept valuePeriod")
