"""The tables against the published schemas: the same payloads pass and fail, but for the rules that are ours alone."""

import copy
import json
import random
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.faults import DCC, NAME, RECOVERY, TEST, VACCINATION
from verifier.schema import Event, Fault, events, faults

VERSIONS = ("1.0.0", "1.0.1", "1.1.0", "1.2.0", "1.2.1", "1.3.0", "1.3.1", "1.3.2", "1.3.3")
OURS = {"date", "exactly one"}
"""The rules that no published schema has: real dates, and one kind of event (before 1.3)."""


@cache
def published(folder: Path, version: str) -> Any:
    schema = json.loads((folder / "dcc-schema" / f"{version}.json").read_bytes())
    return jsonschema.Draft202012Validator(schema)


def payloads(chance: random.Random, version: str) -> Iterator[dict[str, Any]]:
    """A right payload of each kind, then ever more bent ones."""
    for kind, entry in (("v", VACCINATION), ("t", TEST), ("r", RECOVERY)):
        right = {"ver": version, "nam": dict(NAME), "dob": "1990-04-15", kind: [dict(entry)]}
        yield right
        for _ in range(400):
            payload = copy.deepcopy(right)
            for _ in range(chance.randint(1, 3)):
                bend(chance, payload, kind)
            yield payload


VALUES: list[Any] = [
    *(None, True, 0, 1, 9, 10, 1.0, 1.5, -1, [], {}, [{}], [1]),
    *("", "A", "a", "<", "ẞ", "VN", "NGUYEN<VI", "nguyen", "1.3", "1x3x0"),
    *(letter * length for letter in "xX" for length in (50, 51, 80, 81)),
    *("1950", "1950-07", "1950-07-31", "2021-02-03", "2021-2-3", "190-01-01", "x1990-01-01", "2021-02-03T04:05:06Z"),
]


def bend(chance: random.Random, payload: dict[str, Any], kind: str) -> None:
    entries = payload.get(kind)
    entry = entries[0] if isinstance(entries, list) and entries and isinstance(entries[0], dict) else payload
    name = payload.get("nam")
    target = chance.choice([payload, entry, entry, entry, name if isinstance(name, dict) else payload])
    if not target:
        return
    member = chance.choice([*target, "nm", "ma", "dr", "fn", "meta"])
    match chance.randrange(4):
        case 0:
            target.pop(member, None)
        case 1 if target is payload and isinstance(entries, list):
            payload[chance.choice("vtr")] = entries * chance.randint(0, 2)
        case _ if member != "ver":
            target[member] = chance.choice(VALUES)


@pytest.mark.parametrize("version", VERSIONS)
def test_the_same_payloads_pass_as_under_the_published_schema(vectors: Path, version: str) -> None:
    chance = random.Random(version)
    schema = published(vectors, version)
    passed = failed = 0
    for payload in payloads(chance, version):
        stripped = {key: value for key, value in payload.items() if key not in "vtr" or value is not None}
        structural = [fault for fault in faults(payload) if fault.rule not in OURS]
        one_of = [fault for fault in faults(payload) if fault.rule == "exactly one"]
        theirs = schema.is_valid(stripped)
        ours = not structural and (version < "1.3" or not one_of)
        assert ours is theirs, (payload, structural, [error.message for error in schema.iter_errors(stripped)])
        passed, failed = passed + theirs, failed + (not theirs)
    assert passed > 100
    assert failed > 100


def test_the_fields_of_the_tables_are_those_of_the_published_schema(vectors: Path) -> None:
    for version in VERSIONS:
        schema = json.loads((vectors / "dcc-schema" / f"{version}.json").read_bytes())
        for kind, definition, entry in (
            ("v", "vaccination_entry", VACCINATION),
            ("t", "test_entry", TEST),
            ("r", "recovery_entry", RECOVERY),
        ):
            for field in schema["$defs"][definition]["properties"]:
                payload = {"ver": version, "nam": NAME, "dob": "1990-04-15", kind: [{**entry, field: []}]}
                assert Fault(f"{kind}[].{field}", "type") in faults(payload), (version, field)


def test_a_payload_that_follows_its_schema_has_no_faults() -> None:
    assert faults(DCC) == []
    assert events(DCC) == (Event("v", VACCINATION),)


def test_every_fault_is_named_and_none_shows_content() -> None:
    bent = {"ver": "1.3.0", "nam": {"fnt": "nguyen", "fn": 7}, "dob": "1990-02-31", "v": [{**VACCINATION, "dn": 0}]}
    found = {str(fault) for fault in faults(bent)}
    assert found == {"nam.fnt: pattern", "nam.fn: type", "dob: date", "v[].dn: minimum"}


def test_events_leave_out_what_is_no_entry() -> None:
    assert events({"v": [None, VACCINATION, 1], "t": "x", "r": None}) == (Event("v", VACCINATION),)


@given(
    st.dictionaries(
        st.sampled_from(["ver", "nam", "dob", "v", "t", "r"]), st.sampled_from([*VALUES, NAME, [VACCINATION]])
    )
)
def test_any_members_have_an_answer(dcc: dict[str, Any]) -> None:
    assert isinstance(faults(dcc), list)
    assert isinstance(events(dcc), tuple)
