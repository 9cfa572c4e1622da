"""The OpenAPI description is what the server does: committed as served, held against the server by its own schemas."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings

from issuer.fhir.capability import STATEMENT
from issuer.fhir.openapi import document
from issuer.fhir.profile import FACILITY
from issuer.web.fhir_api import REFUSALS
from tests.conftest import MISSING_PART
from tests.dose_lists import NOW
from tests.fhir_bundles import FACILITY_CODE
from tests.fhir_keys import key_for
from tests.fhir_server import Api, serving

schemathesis = pytest.importorskip("schemathesis", reason=f"{MISSING_PART}schemathesis")

ROOT = Path(__file__).parents[2]
EXAMPLES = sorted((ROOT / "specs" / "examples" / "fhir").rglob("*.json"))
OPERATIONS = [
    ("/fhir/R4", "POST", "positive"),
    ("/fhir/R4", "POST", "negative"),
    ("/fhir/R4/metadata", "GET", "positive"),
    ("/openapi.json", "GET", "positive"),
]


@pytest.fixture
def api(sqlite_register: sa.Engine) -> Iterator[Api]:
    with serving(sqlite_register, lambda: NOW) as running:
        running.key = key_for(sqlite_register, FACILITY_CODE)
        yield running


def schema(name: str) -> dict[str, Any]:
    """A schema of the description with what it refers to."""
    return document() | {"$ref": f"#/components/schemas/{name}"}


def test_the_committed_description_is_the_one_that_is_served(api: Api) -> None:
    kept = json.loads((ROOT / "specs" / "openapi" / "fhir.json").read_text(encoding="utf-8"))
    assert kept == document(), "python -m issuer fhir-api --print-openapi > specs/openapi/fhir.json"
    assert api.ask("GET", "/openapi.json", key="").json == kept


def test_every_refusal_is_described_under_its_status() -> None:
    responses = document()["paths"]["/fhir/R4"]["post"]["responses"]
    for code, status in REFUSALS.items():
        assert f"`{code.name}`" in responses[str(status)]["description"], code


def test_the_schemas_are_json_schemas() -> None:
    for found in document()["components"]["schemas"].values():
        jsonschema.Draft202012Validator.check_schema(found)


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.name)
def test_examples_are_of_the_schemas(path: Path) -> None:
    value = json.loads(path.read_text(encoding="utf-8"))
    if path.name.endswith(".reply.json"):
        name = "OperationOutcome" if "issue" in value["body"] else "Reply"
        jsonschema.Draft202012Validator(schema(name)).validate(value["body"])
    elif path.parent.name == "valid" and path.name not in ("cvx.json", "problems.json"):
        jsonschema.Draft202012Validator(schema("Bundle")).validate(value)


def test_the_capability_statement_names_what_the_profile_takes() -> None:
    taken = {one["properties"]["resourceType"]["const"] for one in _resources()}
    assert {one["type"] for one in STATEMENT["rest"][0]["resource"]} == taken


def _resources() -> list[dict[str, Any]]:
    schemas = document()["components"]["schemas"]
    entries = schemas["Bundle"]["oneOf"][1]["properties"]["entry"]["items"]["oneOf"]
    return [schemas[one["properties"]["resource"]["$ref"].rpartition("/")[2]] for one in entries]


@pytest.mark.parametrize(("path", "method", "mode"), OPERATIONS)
def test_generated_requests_get_described_replies(
    path: str, method: str, mode: str, sqlite_register: sa.Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("issuer.api_keys.MAX_REQUESTS", 1_000_000)
    with serving(sqlite_register, lambda: NOW) as running:
        headers = {"Authorization": f"Bearer {key_for(sqlite_register, FACILITY_CODE)}"}
        operations = schemathesis.openapi.from_dict(document())
        operations.config.update(base_url=f"http://127.0.0.1:{running.port}")
        operation = operations[path][method]
        modes = {"positive": schemathesis.GenerationMode.POSITIVE, "negative": schemathesis.GenerationMode.NEGATIVE}
        statuses: set[int] = set()

        @given(case=operation.as_strategy(generation_mode=modes[mode]))
        @settings(max_examples=20 if method == "POST" else 2, suppress_health_check=list(HealthCheck))
        def send(case: Any) -> None:
            of_ours(case.body)
            reply = case.call(headers=headers)
            statuses.add(reply.status_code)
            case.validate_response(reply, checks=CHECKS)

        send()
    assert mode == "negative" or 200 in statuses, "what is of the schemas can be taken"


def of_ours(value: Any) -> None:
    """Make every facility of a generated bundle the sender's own, or no bundle would get further than that."""
    if isinstance(value, dict):
        if value.get("system") == FACILITY and "value" in value:
            value["value"] = FACILITY_CODE
        value = list(value.values())
    if isinstance(value, list):
        for one in value:
            of_ours(one)


CHECKS = [
    schemathesis.checks.not_a_server_error,
    schemathesis.checks.status_code_conformance,
    schemathesis.checks.content_type_conformance,
    schemathesis.checks.response_headers_conformance,
    schemathesis.checks.response_schema_conformance,
]
