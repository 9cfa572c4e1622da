"""The OpenAPI 3.1 description of the API, made from the same limits and code lists that the code obeys.

It is committed as specs/openapi/fhir.json (`python -m issuer fhir-api --print-openapi`); a test holds the two equal.
"""

from typing import Any

from issuer.api_keys import MAX_REQUESTS, WINDOW
from issuer.errors import Code
from issuer.fhir import profile
from issuer.fhir.bundle import BUNDLE, ENTRY, KINDS, MAX_ENTRIES, REQUEST
from issuer.fhir.json_text import MAX_BYTES, MAX_DEPTH

__all__ = ["document"]

_FHIR, _JSON = "application/fhir+json", "application/json"
_DATE = r"^[0-9]{4}(-(0[1-9]|1[0-2])(-(0[1-9]|[12][0-9]|3[01]))?)?$"
_TIME = (
    r"^[0-9]{4}(-(0[1-9]|1[0-2])(-(0[1-9]|[12][0-9]|3[01])"
    r"(T([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](\.[0-9]{1,9})?(Z|[+-](0[0-9]|1[0-4]):[0-5][0-9]))?)?)?$"
)
_CONTROLS = r"\x00-\x1f\x7f"
_TEXT = {
    "type": "string",
    "minLength": 1,
    "maxLength": 1000,
    "pattern": f"^[^{_CONTROLS}]*[^\\s{_CONTROLS}][^{_CONTROLS}]*$",
}
_RESOURCES = ("Immunization", "Location", "Organization", "Patient")
_POSITIVE = {"type": "integer", "minimum": 1, "maximum": 2**31 - 1}
_REFUSED = {
    400: ("The body is not JSON as this interface takes it.", ("BUNDLE_NOT_JSON", "BUNDLE_TOO_DEEP")),
    401: ("No key, or one that is not valid.", ("API_KEY_REFUSED",)),
    403: ("Doses of another facility than the key's.", ("BUNDLE_OTHER_FACILITY",)),
    406: (f"The reply is {_FHIR}; Accept allows neither that nor {_JSON}.", ()),
    413: (f"More than {MAX_BYTES} bytes or {MAX_ENTRIES} entries.", ("BUNDLE_TOO_LARGE",)),
    415: (f"Not {_FHIR} or {_JSON} in UTF-8, or compressed.", ()),
    422: (
        "Not a Bundle of the profile, or a transaction with a refused entry.",
        ("BUNDLE_MALFORMED", "BUNDLE_REFUSED"),
    ),
    429: (f"More than {MAX_REQUESTS} requests of the facility in {int(WINDOW.total_seconds())} s.", ("API_WAIT",)),
    500: ("A fault of the server; the body names an incident and nothing else.", ()),
    503: ("The register cannot be written at the moment.", ("DATABASE_BUSY", "DATABASE_FULL")),
}


def document() -> dict[str, Any]:
    """The description as JSON."""
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Hộ chiếu vắc xin: doses of hospital systems as FHIR R4 bundles",
            "version": "1",
            "summary": "One POST a bundle; the reply tells what became of every entry.",
            "description": "The profile, its limits and its codes: specs/fhir.md. Times are read in the time zone of "
            f"Vietnam. At most {MAX_BYTES} bytes, {MAX_ENTRIES} entries, {MAX_DEPTH} levels.",
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "servers": [{"url": "/"}],
        "paths": {"/fhir/R4": {"post": _post()}, "/fhir/R4/metadata": _get_metadata(), "/openapi.json": _get_this()},
        "components": {
            "securitySchemes": {
                "facilityKey": {
                    "type": "http",
                    "scheme": "bearer",
                    "bearerFormat": "hcvx",
                    "description": "The API key of one facility (`python -m issuer facility api-key`).",
                }
            },
            "schemas": _schemas(),
        },
    }


def _post() -> dict[str, Any]:
    schema = {"schema": {"$ref": "#/components/schemas/Bundle"}}
    responses: dict[str, Any] = {
        "200": {
            "description": "Taken: 201 for each dose that is new, 200 for each entry of a bundle seen before and for "
            "what is no dose, 422 for each entry that the profile refuses (it is kept as a rejected row).",
            "content": {_FHIR: {"schema": {"$ref": "#/components/schemas/Reply"}}},
        }
    }
    for status, (words, codes) in _REFUSED.items():
        known = "".join(f" `{code}`: {Code[code].en}." for code in codes)
        responses[str(status)] = {
            "description": words + known,
            "content": {_FHIR: {"schema": {"$ref": "#/components/schemas/OperationOutcome"}}},
        }
    responses["401"]["headers"] = {"WWW-Authenticate": {"schema": {"type": "string"}}}
    for later in ("429", "503"):
        responses[later]["headers"] = {"Retry-After": {"schema": {"type": "integer", "minimum": 1}}}
    return {
        "operationId": "takeBundle",
        "summary": "Take in a bundle of doses.",
        "description": "The same bytes again change nothing and are answered with what became of them since.",
        "security": [{"facilityKey": []}],
        "requestBody": {"required": True, "content": {_FHIR: schema, _JSON: schema}},
        "responses": responses,
    }


def _get_metadata() -> dict[str, Any]:
    schema = {
        "type": "object",
        "required": ["resourceType", "fhirVersion", "rest"],
        "properties": {"resourceType": {"const": "CapabilityStatement"}, "fhirVersion": {"const": "4.0.1"}},
    }
    reply = {"description": "A CapabilityStatement.", "content": {_FHIR: {"schema": schema}}}
    return {"get": {"operationId": "metadata", "summary": "What the server does.", "responses": {"200": reply}}}


def _get_this() -> dict[str, Any]:
    schema = {"type": "object", "required": ["openapi"]}
    reply = {"description": "This description.", "content": {_JSON: {"schema": schema}}}
    return {"get": {"operationId": "description", "summary": "This description.", "responses": {"200": reply}}}


def _object(required: tuple[str, ...] = (), **properties: Any) -> dict[str, Any]:
    made: dict[str, Any] = {"type": "object", "properties": properties}
    return made | ({"required": list(required)} if required else {})


def _list(items: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"type": "array", "items": items, "minItems": 1, **more}


def _ref(name: str) -> dict[str, Any]:
    return {"$ref": f"#/components/schemas/{name}"}


def _schemas() -> dict[str, Any]:
    """The elements that the profile reads; others of FHIR R4 that it allows are kept as sent."""
    return {
        "Bundle": {
            "oneOf": [
                _bundle([kind for kind in KINDS if kind != "collection"], [_entry(name, True) for name in _RESOURCES]),
                _bundle(["collection"], [_entry(name, False) for name in _RESOURCES]),
            ]
        },
        "Immunization": _resource(
            profile.IMMUNIZATION,
            ("resourceType", "status", "vaccineCode", "patient", "occurrenceDateTime"),
            resourceType={"const": "Immunization"},
            id=_TEXT,
            status={"const": "completed"},
            vaccineCode=_ref("VaccineCode"),
            patient=_ref("Reference"),
            occurrenceDateTime={"type": "string", "pattern": _TIME},
            primarySource={"const": True},
            location=_ref("Reference"),
            lotNumber=_TEXT,
            performer=_list(_object(("actor",), actor=_ref("Reference"))),
            protocolApplied=_list(
                _object(
                    ("doseNumberPositiveInt",),
                    series=_TEXT | {"description": "`basic`, `additional` or `booster`."},
                    doseNumberPositiveInt=_POSITIVE,
                    seriesDosesPositiveInt=_POSITIVE,
                ),
                maxItems=1,
            ),
        ),
        "Patient": _resource(
            profile.PATIENT,
            ("resourceType", "identifier", "name", "gender", "birthDate"),
            resourceType={"const": "Patient"},
            id=_TEXT,
            identifier=_list(_ref("Identifier")),
            name=_list(_object(("text",), text=_TEXT, use={"enum": ["official", "usual"]}), maxItems=1),
            telecom=_list(_object(("system", "value"), system={"const": "phone"}, value=_TEXT)),
            gender={"enum": ["male", "female", "other", "unknown"]},
            birthDate={"type": "string", "pattern": _DATE},
            address=_list(_object(text=_TEXT, city=_TEXT)),
        ),
        "Location": _facility("Location", profile.LOCATION),
        "Organization": _facility("Organization", profile.ORGANIZATION),
        "Identifier": _object(
            ("system", "value"),
            system={"enum": [profile.CCCD, profile.CMND, profile.PASSPORT, profile.FACILITY]},
            value=_TEXT,
        ),
        "Reference": _object(
            reference=_TEXT | {"description": "A fullUrl of the bundle, or `Type/id` in it."},
            identifier=_ref("Identifier"),
            display=_TEXT,
        ),
        "VaccineCode": _object(
            ("coding",),
            coding=_list(
                _object(
                    ("system", "code"),
                    system={"enum": [profile.VACCINE, *sorted(profile.EU_PRODUCTS)]},
                    code=_TEXT,
                    display=_TEXT,
                )
            ),
            text=_TEXT,
        ),
        "Reply": _object(
            ("resourceType", "type", "entry"),
            resourceType={"const": "Bundle"},
            type={"enum": ["batch-response", "transaction-response"]},
            identifier=_object(("system", "value"), system=_TEXT, value=_TEXT),
            entry=_list(
                _object(
                    ("response",),
                    response=_object(
                        ("status", "outcome"),
                        status={"enum": ["200 OK", "201 Created", "422 Unprocessable Content"]},
                        outcome=_ref("OperationOutcome"),
                    ),
                )
            ),
        ),
        "OperationOutcome": _object(
            ("resourceType", "issue"),
            resourceType={"const": "OperationOutcome"},
            issue=_list(
                _object(
                    ("severity", "code", "details"),
                    severity={"enum": ["error", "warning", "information"]},
                    code=_TEXT,
                    details=_object(
                        ("coding", "text"),
                        coding=_list(_object(("system", "code"), system=_TEXT, code=_TEXT)),
                        text=_TEXT,
                    ),
                    diagnostics=_TEXT,
                    expression=_list(_TEXT),
                )
            ),
        ),
    }


def _bundle(kinds: list[str], entries: list[dict[str, Any]]) -> dict[str, Any]:
    return _resource(
        BUNDLE,
        ("resourceType", "type", "entry"),
        resourceType={"const": "Bundle"},
        type={"enum": kinds},
        entry=_list({"oneOf": entries}, maxItems=MAX_ENTRIES),
    )


def _entry(kind: str, is_requested: bool) -> dict[str, Any]:
    """An entry with its request, which a batch and a transaction require, or without, as a collection requires."""
    properties = {
        "fullUrl": _TEXT | {"description": "`urn:uuid:...` or the resource's own URL; no two alike."},
        "resource": _ref(kind),
    }
    if not is_requested:
        return _resource(ENTRY - {"request"}, ("resource",), **properties)
    request = _resource(REQUEST, ("method", "url"), method={"const": "POST"}, url={"const": kind}, ifNoneExist=_TEXT)
    return _resource(ENTRY, ("resource", "request"), **properties, request=request)


def _resource(names: frozenset[str], required: tuple[str, ...], **properties: Any) -> dict[str, Any]:
    """A structure with the elements that are read; the other `names` of the profile may be there."""
    return _object(required, **properties) | {
        "propertyNames": {"enum": sorted(names | {f"_{name}" for name in names})},
    }


def _facility(kind: str, names: frozenset[str]) -> dict[str, Any]:
    return _resource(
        names,
        ("resourceType", "identifier"),
        resourceType={"const": kind},
        id=_TEXT,
        identifier=_list(_ref("Identifier")),
        name=_TEXT,
    )
