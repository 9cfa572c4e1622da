"""FHIR bundles written for tests: a row of cells -> the resources that say the same."""

import json
from collections.abc import Mapping
from typing import Any

from issuer.fhir.bundle import COLUMNS
from issuer.fhir.profile import CCCD, CMND, FACILITY, NATIONALITY, PASSPORT, VACCINE

FACILITY_CODE = "01001"
RIGHT: Mapping[str, str | int] = {
    "full_name": "Nguyễn Thị Ví Dụ",
    "id_number": "001190000017",
    "birth_date": "1990-04-15",
    "sex": "female",
    "phone": "0912345678",
    "nationality": "",
    "commune": "00001",
    "address": "Thôn Một",
    "vaccinated_on": "2021-08-15",
    "vaccine": "astrazeneca",
    "dose_number": 1,
    "dose_role": "basic",
    "lot": "AB123",
    "facility_name": "Trạm y tế Một",
    "facility_code": FACILITY_CODE,
}


def cells(**changed: str | int) -> dict[str, str | int]:
    """The right row's cells with some changed."""
    assert set(changed) <= set(RIGHT)
    return dict(RIGHT) | changed


def _filled(resource: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in resource.items() if value not in ("", [], {}, None)}


def system_of(number: str) -> str:
    """The identifier system that a number's shape belongs to."""
    if number.isdigit():
        return CCCD if len(number) == 12 else CMND
    return PASSPORT


def patient(row: Mapping[str, str | int], **more: Any) -> dict[str, Any]:
    """The Patient of a row."""
    number, nationality = str(row["id_number"]), row["nationality"]
    concept = {
        "url": "code",
        "valueCodeableConcept": {"coding": [{"system": "urn:iso:std:iso:3166", "code": nationality}]},
    }
    made = {
        "resourceType": "Patient",
        "extension": [{"url": NATIONALITY, "extension": [concept]}] if nationality else [],
        "identifier": [{"system": system_of(number), "value": number}] if number else [],
        "name": [{"use": "official", "text": row["full_name"]}] if row["full_name"] else [],
        "telecom": [{"system": "phone", "value": row["phone"]}] if row["phone"] else [],
        "gender": row["sex"] or "unknown",
        "birthDate": row["birth_date"],
        "address": [_filled({"text": row["address"], "city": row["commune"]})]
        if row["address"] or row["commune"]
        else [],
    }
    return _filled(made | more)


def immunization(row: Mapping[str, str | int], patient_url: str, **more: Any) -> dict[str, Any]:
    """The Immunization of a row."""
    where = {"system": FACILITY, "value": row["facility_code"]}
    protocol = _filled({"series": row["dose_role"], "doseNumberPositiveInt": row["dose_number"]})
    made = {
        "resourceType": "Immunization",
        "status": "completed",
        "vaccineCode": {"coding": [{"system": VACCINE, "code": row["vaccine"]}]} if row["vaccine"] else {},
        "patient": {"reference": patient_url},
        "occurrenceDateTime": row["vaccinated_on"],
        "location": _filled({"identifier": where, "display": row["facility_name"]}),
        "lotNumber": row["lot"],
        "protocolApplied": [protocol] if protocol else [],
    }
    return _filled(made | more)


def uuid(number: int) -> str:
    """A fullUrl."""
    return f"urn:uuid:00000000-0000-4000-8000-{number:012}"


def entry(number: int, resource: dict[str, Any], kind: str = "batch") -> dict[str, Any]:
    """An entry of a bundle of that type."""
    made: dict[str, Any] = {"fullUrl": uuid(number), "resource": resource}
    return made if kind == "collection" else made | {"request": {"method": "POST", "url": resource["resourceType"]}}


def bundle(*rows: Mapping[str, str | int], kind: str = "batch") -> dict[str, Any]:
    """A bundle with the patient and the dose of each row: entries 1 and 2, 3 and 4, ..."""
    entries = []
    for at, row in enumerate(rows):
        entries.append(entry(2 * at, patient(row), kind))
        entries.append(entry(2 * at + 1, immunization(row, uuid(2 * at)), kind))
    return {"resourceType": "Bundle", "type": kind, "entry": entries}


def data(value: Any) -> bytes:
    """The bytes that are sent."""
    return json.dumps(value, ensure_ascii=False).encode()


def row_of(found: tuple[str | int, ...]) -> dict[str, str | int]:
    """The cells of a row by their names, without refusal and JSON."""
    return {name: value for name, value in zip(COLUMNS, found, strict=False) if not name.startswith("refus")}
