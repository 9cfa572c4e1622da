"""The CapabilityStatement of the API: what GET /fhir/R4/metadata replies."""

from typing import Any

__all__ = ["FHIR_VERSION", "STATEMENT"]

FHIR_VERSION = "4.0.1"
_VERSION = "1"
_DATE = "2026-11-22"


def _resource(kind: str, words: str) -> dict[str, Any]:
    return {"type": kind, "interaction": [{"code": "create", "documentation": words}]}


STATEMENT: dict[str, Any] = {
    "resourceType": "CapabilityStatement",
    "url": "urn:ho-chieu-vac-xin:fhir:capability",
    "version": _VERSION,
    "name": "HoChieuVacXinIntake",
    "title": "Doses of a facility, as bundles of Immunization and Patient",
    "status": "active",
    "date": _DATE,
    "kind": "requirements",
    "fhirVersion": FHIR_VERSION,
    "format": ["json", "application/fhir+json"],
    "rest": [
        {
            "mode": "server",
            "documentation": "One POST a bundle to the base. Nothing is read back but what became of the bundle's own "
            "entries: the same bytes sent again tell it. specs/fhir.md is the profile.",
            "security": {
                "cors": False,
                "description": "Authorization: Bearer with the API key of one facility, over TLS. The key sends this "
                "facility's doses only.",
            },
            "resource": [
                _resource("Immunization", "one completed dose; only inside a Bundle"),
                _resource("Location", "names the facility; read, not kept; only inside a Bundle"),
                _resource("Organization", "names the facility; read, not kept; only inside a Bundle"),
                _resource("Patient", "the vaccinated person; kept with each dose; only inside a Bundle"),
            ],
            "interaction": [
                {"code": "transaction", "documentation": "all doses or none"},
                {"code": "batch", "documentation": "each entry on its own; a collection is taken like a batch"},
            ],
        }
    ],
}
