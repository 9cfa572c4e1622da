"""Our JSON Schemas describe what the code makes, and refuse what it never makes."""

import base64
import copy
import json
from collections.abc import Callable
from dataclasses import fields
from dataclasses import replace as replace_fields
from pathlib import Path
from typing import Any

import cbor2
import pytest
from jsonschema import Draft202012Validator

from specs.attestation import Leaf, encode_leaf
from specs.payload import encode_payload
from specs.verdicts import Outcome, Reason, Step, StepResult
from tests.bench.subjects import Chains, make_subjects
from tests.pki import NOW, make_pki
from verifier.check import check
from verifier.request import Request

SCHEMAS = Path(__file__).parents[2] / "specs" / "schema"


def schema(name: str) -> dict[str, Any]:
    value: dict[str, Any] = json.loads((SCHEMAS / f"{name}.schema.json").read_text(encoding="utf-8"))
    return value


def definition(name: str, part: str) -> Draft202012Validator:
    whole = schema(name)
    return Draft202012Validator(whole["$defs"][part] | {"$defs": whole["$defs"]})


@pytest.fixture(scope="module")
def payload() -> dict[str, Any]:
    decoded: dict[str, Any] = cbor2.loads(encode_payload(make_subjects(1)[0].payload))
    return decoded


@pytest.mark.parametrize("path", sorted(SCHEMAS.glob("*.json")), ids=lambda path: path.stem)
def test_schema_is_a_schema(path: Path) -> None:
    whole = json.loads(path.read_text(encoding="utf-8"))
    assert whole["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    Draft202012Validator.check_schema(whole)


def test_every_payload_we_issue_follows_our_schema() -> None:
    validator = Draft202012Validator(schema("payload"))
    for subject in make_subjects(200):
        validator.validate(cbor2.loads(encode_payload(subject.payload)))


@pytest.mark.parametrize("version", ["1.3.0", "1.3.1", "1.3.2", "1.3.3"])
def test_every_payload_we_issue_follows_the_published_schema(vectors: Path, version: str) -> None:
    path = next((vectors / "dcc-schema").glob(f"*{version}*.json"))
    validator = Draft202012Validator(json.loads(path.read_text(encoding="utf-8")))
    for subject in make_subjects(200):
        validator.validate(cbor2.loads(encode_payload(subject.payload)))


def remove(*path: str | int) -> Callable[[Any], None]:
    def change(value: Any) -> None:
        for step in path[:-1]:
            value = value[step]
        del value[path[-1]]

    return change


def replace(new: object, *path: str | int) -> Callable[[Any], None]:
    def change(value: Any) -> None:
        for step in path[:-1]:
            value = value[step]
        value[path[-1]] = new

    return change


NEVER_ISSUED = {
    "no family name in ICAO letters": remove("nam", "fnt"),
    "given names in one form only": remove("nam", "gnt"),
    "small letters in ICAO form": replace("Nguyen", "nam", "fnt"),
    "a name that begins with a blank": replace(" Lê", "nam", "fn"),
    "a month of 13": replace("1970-13", "dob"),
    "a birth date in Vietnamese order": replace("01-02-1970", "dob"),
    "another disease": replace("1", "v", 0, "tg"),
    "dose 0": replace(0, "v", 0, "dn"),
    "a dose number as text": replace("2", "v", 0, "dn"),
    "two doses": lambda value: value["v"].append(value["v"][0]),
    "no dose": replace([], "v"),
    "a test beside the dose": replace([{}], "t"),
    "a foreign UVCI": replace("URN:UVCI:01:NL:1", "v", 0, "ci"),
    "an unknown member": replace(1, "nationality"),
}


LEAF = Leaf(
    salt=bytes(16),
    facility="79001",
    file_sha256=bytes(32),
    sheet=1,
    row=7,
    full_name="Nguyễn Thị Ví Dụ",
    family_name="Nguyễn",
    birth_date="1990-04-15",
    sex="F",
    identifier_kind="cccd",
    identifier="001190000017",
    nationality="VN",
    vaccinated_on="2021-08-01",
    product="EU/1/20/1528",
    dose_number=2,
    dose_role="basic",
    lot="FF2382",
)


def leaf_as_json(leaf: Leaf) -> dict[str, Any]:
    values = ((field.name, getattr(leaf, field.name)) for field in fields(leaf))
    return {name: value.hex() if isinstance(value, bytes) else value for name, value in values}


def test_dose_record_has_the_fields_of_a_leaf_in_their_order() -> None:
    assert schema("dose-record")["required"] == [field.name for field in fields(Leaf)]
    assert list(schema("dose-record")["properties"]) == [field.name for field in fields(Leaf)]
    assert len(cbor2.loads(encode_leaf(LEAF))) == len(fields(Leaf)) + 1  # and the version in front


@pytest.mark.parametrize(
    ("why", "change", "is_valid"),
    [
        ("as it is", {}, True),
        ("only the year of birth is known", {"birth_date": "1950"}, True),
        ("a foreigner", {"identifier_kind": "passport", "identifier": "B1234567"}, True),
        ("dose number not told", {"dose_number": 0}, True),
        ("a lost digit", {"identifier": "01190000017"}, False),
        ("a date in Vietnamese order", {"vaccinated_on": "01-08-2021"}, False),
        ("no name", {"full_name": ""}, False),
        ("a role that is none", {"dose_role": "third"}, False),
    ],
)
def test_dose_record_schema(why: str, change: dict[str, Any], is_valid: bool) -> None:
    assert (
        Draft202012Validator(schema("dose-record")).is_valid(leaf_as_json(replace_fields(LEAF, **change))) is is_valid
    )


@pytest.mark.parametrize("why", NEVER_ISSUED)
def test_payload_that_we_never_issue_is_refused(payload: dict[str, Any], why: str) -> None:
    bent = copy.deepcopy(payload)
    NEVER_ISSUED[why](bent)
    assert not Draft202012Validator(schema("payload")).is_valid(bent)


def test_signed_trust_list_follows_its_schema() -> None:
    signed = json.loads(make_pki().signed_list())
    Draft202012Validator(schema("trust-list")).validate(signed)
    for part in ("header", "payload"):
        text = signed["protected" if part == "header" else part]
        definition("trust-list", part).validate(json.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))))


REQUESTS: dict[str, Callable[[str], Request]] = {
    "valid": lambda text: Request(text=text, id="a"),
    "one character changed": lambda text: Request(text=text[:-1] + ("A" if text[-1] != "A" else "B"), id=1),
    "cut off": lambda text: Request(text=text[:100]),
    "no prefix": lambda text: Request(text="hello", id=1.5),
    "no picture": lambda text: Request(image=b"x"),
    "empty": lambda text: Request(text=""),
}


@pytest.mark.parametrize("why", REQUESTS)
def test_verdict_follows_its_schema(why: str) -> None:
    request = REQUESTS[why](Chains(1).texts[0])
    verdict = check(request, make_pki().trust_list(), now=NOW).to_json()
    assert (verdict["verdict"] == "valid") is (why == "valid")
    Draft202012Validator(schema("verdict")).validate(json.loads(json.dumps(verdict, allow_nan=False)))


def test_verdict_schema_has_the_closed_lists_of_the_code() -> None:
    properties = schema("verdict")["properties"]
    assert properties["verdict"]["enum"] == [outcome.value for outcome in Outcome]
    assert properties["reasons"]["items"]["enum"] == [reason.value for reason in Reason]
    assert properties["steps"]["propertyNames"]["enum"] == [step.value for step in Step]
    assert properties["steps"]["additionalProperties"]["enum"] == [result.value for result in StepResult]
