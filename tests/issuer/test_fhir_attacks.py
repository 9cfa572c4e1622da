"""What an attacker, a broken client or a stolen key tries over HTTP, and what it leaves in the register: nothing."""

import gzip
import json
import logging
import socket
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from issuer.api_keys import end_key
from issuer.errors import Code
from issuer.fhir.json_text import MAX_BYTES
from issuer.fhir.profile import FACILITY
from issuer.store.engine import writing
from tests.dose_lists import NOW, cleaned, table
from tests.every_table import every_table
from tests.fhir_bundles import FACILITY_CODE, bundle, cells, data, uuid
from tests.fhir_cases import BUNDLE_CASES, TEXT_CASES
from tests.fhir_keys import key_for
from tests.fhir_server import Api, Reply, serving

CANARY = "<script>alert('Ca-na-ri')</script>'); DROP TABLE dose;--{{7*7}}=cmd|' /C calc'!A0"


class Clock:
    """The server's clock, set by the test."""

    now = NOW

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def api(sqlite_register: sa.Engine, clock: Clock) -> Iterator[Api]:
    with serving(sqlite_register, clock) as running:
        running.key = key_for(sqlite_register, FACILITY_CODE)
        yield running


def stored(register: sa.Engine) -> int:
    return len(table(register, "source_file")) + len(table(register, "source_row"))


def is_outcome(reply: Reply) -> bool:
    """An OperationOutcome of one issue, in FHIR's media type, never to be cached or sniffed."""
    return (
        reply.json["resourceType"] == "OperationOutcome"
        and len(reply.json["issue"]) == 1
        and reply.headers["content-type"] == "application/fhir+json; charset=utf-8"
        and reply.headers["cache-control"] == "no-store"
        and reply.headers["x-content-type-options"] == "nosniff"
    )


# keys


def _no_key(key: str) -> dict[str, str]:
    return {}


WRONG_KEYS: dict[str, Callable[[str], dict[str, str]]] = {
    "none": _no_key,
    "empty": lambda key: {"Authorization": ""},
    "basic": lambda key: {"Authorization": f"Basic {key}"},
    "no_scheme": lambda key: {"Authorization": key},
    "name_only": lambda key: {"Authorization": "Bearer " + key.rpartition(".")[0]},
    "no_secret": lambda key: {"Authorization": "Bearer " + key.rpartition(".")[0] + "."},
    "secret_cut": lambda key: {"Authorization": f"Bearer {key[:-1]}"},
    "secret_longer": lambda key: {"Authorization": f"Bearer {key}A"},
    "other_secret": lambda key: {"Authorization": "Bearer " + key[:-1] + ("A" if key[-1] != "A" else "B")},
    "other_name": lambda key: {"Authorization": "Bearer hcvx." + "0" * 16 + key[21:]},
    "sql": lambda key: {"Authorization": "Bearer hcvx.' OR 1=1--"},
    "bytes": lambda key: {"Authorization": "Bearer hcvx.\xe9\xff"},
    "huge": lambda key: {"Authorization": "Bearer " + "A" * 100_000},
    "in_the_url": _no_key,
}


@pytest.mark.parametrize("name", [name for name in WRONG_KEYS if name != "huge"])
def test_without_a_right_key_the_answer_is_one_and_nothing_is_written(
    name: str, api: Api, sqlite_register: sa.Engine
) -> None:
    before = every_table(sqlite_register)
    path = "/fhir/R4" + (f"?access_token={api.key}" if name == "in_the_url" else "")
    headers = WRONG_KEYS[name](api.key) | {"Content-Type": "application/fhir+json"}
    reply = api.ask("POST", path, data(bundle(cells())), key="", **headers)
    assert (reply.status, reply.codes) == (401, [["API_KEY_REFUSED"]])
    assert is_outcome(reply)
    assert reply.headers["www-authenticate"].startswith("Bearer")
    assert reply.body == api.ask("POST", "/fhir/R4", b"", key="").body, "every wrong key gets the same answer"
    assert every_table(sqlite_register) == before


def test_a_header_of_100_kb_is_refused_by_the_server(api: Api, sqlite_register: sa.Engine) -> None:
    reply = api.ask("POST", "/fhir/R4", b"{}", key="", **WRONG_KEYS["huge"](""))
    assert reply.status in (401, 431)
    assert stored(sqlite_register) == 0


def test_an_ended_key_is_refused_at_once_and_the_other_key_works(api: Api, sqlite_register: sa.Engine) -> None:
    other = key_for(sqlite_register, FACILITY_CODE)
    name = api.key.split(".")[1]
    assert end_key(sqlite_register, FACILITY_CODE, name, now=NOW, actor="test")
    assert not end_key(sqlite_register, FACILITY_CODE, name, now=NOW, actor="test")
    assert api.post(bundle(cells())).status == 401
    assert api.post(bundle(cells()), key=other).status == 200


def test_one_facility_cannot_end_the_key_of_another(api: Api, sqlite_register: sa.Engine) -> None:
    key_for(sqlite_register, "01002")
    assert not end_key(sqlite_register, "01002", api.key.split(".")[1], now=NOW, actor="test")
    assert api.post(bundle(cells())).status == 200


def test_a_key_dies_on_its_day(api: Api, sqlite_register: sa.Engine, clock: Clock) -> None:
    clock.now = NOW + timedelta(days=365, seconds=-1)
    assert api.post(bundle(cells())).status == 200
    clock.now = NOW + timedelta(days=365)
    assert api.post(bundle(cells())).status == 401


def test_the_register_holds_no_key(api: Api, sqlite_register: sa.Engine) -> None:
    api.post(bundle(cells()))
    assert api.key.rpartition(".")[2] not in json.dumps(every_table(sqlite_register), default=str)


# other facilities


@pytest.mark.parametrize("kind", ["batch", "collection", "transaction"])
def test_a_dose_of_another_facility_refuses_the_bundle_and_lays_no_claim_to_it(
    kind: str, api: Api, sqlite_register: sa.Engine
) -> None:
    owner = key_for(sqlite_register, "01002")
    sent = data(bundle(cells(facility_code="01002"), cells(facility_code="01002", dose_number=2), kind=kind))
    reply = api.post(sent)
    assert (reply.status, reply.codes) == (403, [["BUNDLE_OTHER_FACILITY"]])
    assert stored(sqlite_register) == 0
    refused = [one for one in table(sqlite_register, "audit_entry") if one["action"] == "fhir.refused"]
    assert [one["reason"] for one in refused] == ["BUNDLE_OTHER_FACILITY"]
    reply = api.post(sent, key=owner)
    assert [e["response"]["status"] for e in reply.json["entry"]][1] == "201 Created", "its owner sends it first"
    assert {one["facility_code"] for one in table(sqlite_register, "source_file")} == {"01002"}


@pytest.mark.parametrize("at", [0, 1])
def test_one_foreign_dose_among_ones_own_is_enough(at: int, api: Api, sqlite_register: sa.Engine) -> None:
    rows = [cells(dose_number=1), cells(dose_number=2)]
    rows[at]["facility_code"] = "01002"
    assert api.post(bundle(*rows)).status == 403
    assert stored(sqlite_register) == 0


@pytest.mark.parametrize("code", ["01001 ", " 01001", "01001\u200b", "０１００１", "01001\n", "1001"])
def test_a_code_that_looks_like_ones_own_is_not(code: str, api: Api, sqlite_register: sa.Engine) -> None:
    assert api.post(bundle(cells(facility_code=code))).status == 403
    assert stored(sqlite_register) == 0


def test_the_performer_does_not_outweigh_the_location(api: Api, sqlite_register: sa.Engine) -> None:
    sent = bundle(cells(facility_code="01002"))
    actor = {"identifier": {"system": FACILITY, "value": FACILITY_CODE}}
    sent["entry"][1]["resource"]["performer"] = [{"actor": actor}]
    assert api.post(sent).codes[1] == ["ENTRY_CONFLICT"]
    assert cleaned(sqlite_register).fates == {"rejected: ENTRY_CONFLICT": 1}


# the body


@pytest.mark.parametrize(("name", "text", "code"), TEXT_CASES, ids=[case[0] for case in TEXT_CASES])
def test_text_that_is_no_bundle(name: str, text: bytes, code: Code, api: Api, sqlite_register: sa.Engine) -> None:
    reply = api.post(text)
    assert reply.codes == [[code.name]], name
    assert is_outcome(reply)
    assert stored(sqlite_register) == 0


@pytest.mark.parametrize("case", BUNDLE_CASES, ids=lambda case: case.name)
def test_bundles_that_are_refused_leave_one_line_in_the_log(case: Any, api: Api, sqlite_register: sa.Engine) -> None:
    sent = bundle(cells())
    case.change(sent)
    before = len(table(sqlite_register, "audit_entry"))
    assert api.post(sent).codes == [[case.code.name]]
    assert stored(sqlite_register) == 0
    assert [one["action"] for one in table(sqlite_register, "audit_entry")[before:]] == ["fhir.refused"]


def head(api: Api, length: str) -> bytes:
    lines = ("POST /fhir/R4 HTTP/1.1", "Host: x", f"Authorization: Bearer {api.key}", length, "", "")
    return "\r\n".join(lines).encode()


def test_a_body_of_many_megabytes_is_refused_unread(api: Api, sqlite_register: sa.Engine) -> None:
    assert api.post(b" " * (MAX_BYTES + 1)).codes == [["BUNDLE_TOO_LARGE"]]
    with socket.create_connection(("127.0.0.1", api.port), timeout=60) as raw:
        raw.sendall(head(api, "Content-Length: 99999999999"))
        assert raw.recv(100).split()[1] == b"413"
    assert stored(sqlite_register) == 0


def test_a_body_in_chunks_without_an_end_of_its_own_is_bounded_too(api: Api, sqlite_register: sa.Engine) -> None:
    with socket.create_connection(("127.0.0.1", api.port), timeout=60) as raw:
        chunk = f"{64 * 1024:x}\r\n".encode() + b" " * (64 * 1024) + b"\r\n"
        try:
            raw.sendall(head(api, "Transfer-Encoding: chunked"))
            for _ in range(200):
                raw.sendall(chunk)
        except OSError:
            pass  # the server hung up in the middle, as it should
        else:
            pytest.fail("12 MiB were read")
    assert api.post(bundle(cells())).status == 200, "and it serves on"


def test_compressed_bodies_are_not_inflated(api: Api, sqlite_register: sa.Engine) -> None:
    bomb = gzip.compress(b" " * 50_000_000)
    reply = api.post(bomb, Content_Encoding="gzip")
    assert (reply.status, reply.codes) == (415, [["HTTP_415"]])
    assert api.post(bomb).codes == [["BUNDLE_NOT_JSON"]]
    assert stored(sqlite_register) == 0


@pytest.mark.parametrize(
    "media_type",
    [
        *("", "text/plain", "application/xml", "application/fhir+xml", "multipart/form-data; boundary=x"),
        *("application/x-www-form-urlencoded", "application/json; charset=utf-16", "application/json-patch+json"),
        "application/fhir+json; fhirVersion=5.0",
    ],
)
def test_other_media_types_are_refused(media_type: str, api: Api, sqlite_register: sa.Engine) -> None:
    reply = api.post(bundle(cells()), Content_Type=media_type)
    assert (reply.status, reply.codes) == (415, [["HTTP_415"]])
    assert is_outcome(reply)
    assert stored(sqlite_register) == 0


@pytest.mark.parametrize(
    "media_type",
    ["application/json", "application/fhir+json; charset=UTF-8", "application/fhir+json; fhirVersion=4.0"],
)
def test_these_media_types_are_taken(media_type: str, api: Api) -> None:
    assert api.post(bundle(cells()), Content_Type=media_type, Accept="application/fhir+json").status == 200


def test_who_accepts_only_xml_is_told(api: Api, sqlite_register: sa.Engine) -> None:
    assert api.post(bundle(cells()), Accept="application/fhir+xml").status == 406
    assert stored(sqlite_register) == 0


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/fhir/R4", 405),
        ("PUT", "/fhir/R4", 405),
        ("DELETE", "/fhir/R4", 405),
        ("GET", "/fhir/R4/Patient?identifier=001190000017", 404),
        ("GET", "/fhir/R4/Immunization/1", 404),
        ("POST", "/fhir/R4/Patient", 404),
        ("GET", "/fhir/R4/../../etc/passwd", 404),
        ("GET", "/fhir/R4/metadata/%00", 404),
        ("POST", "/fhir/R4/metadata", 405),
        ("GET", "/", 404),
    ],
)
def test_there_is_nothing_to_read_or_change(method: str, path: str, status: int, api: Api) -> None:
    reply = api.ask(method, path, b"{}")
    assert (reply.status, reply.codes) == (status, [[f"HTTP_{status}"]])
    assert is_outcome(reply)
    assert "001190000017" not in reply.body.decode()


# what is said and what is kept


def test_scripts_and_sql_in_text_are_text(
    api: Api, sqlite_register: sa.Engine, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    everywhere = cells(full_name=CANARY, lot=CANARY, address=CANARY, phone=CANARY, id_number=CANARY, commune=CANARY)
    everywhere |= {"vaccine": CANARY, "facility_name": CANARY, "dose_role": CANARY}
    sent = bundle(everywhere)
    sent["entry"][1]["resource"]["note"] = [{"text": CANARY}]
    reply = api.post(sent)
    assert reply.status == 200
    assert "NAME_SIGNS" in reply.codes[1]
    assert cleaned(sqlite_register).fates == {"stored": 1}
    assert CANARY in json.loads(table(sqlite_register, "source_row")[0]["cells"]), "kept as it came"
    for said in (reply.body.decode(), caplog.text, json.dumps(table(sqlite_register, "audit_entry"))):
        assert "Ca-na-ri" not in said
    assert "Ca-na-ri" not in api.post(sent).body.decode()


def test_names_of_elements_are_not_repeated_either(api: Api) -> None:
    sent = bundle(cells())
    sent["entry"][1]["resource"][CANARY] = CANARY
    sent["entry"][0]["resource"]["name"][0][CANARY] = CANARY
    reply = api.post(sent)
    assert reply.codes == [["ENTRY_MALFORMED"], ["ENTRY_MALFORMED"]]
    assert "Ca-na-ri" not in reply.body.decode()
    assert "Ca-na-ri" not in api.post({CANARY: CANARY}).body.decode()


def test_a_fault_of_ours_tells_an_incident_and_nothing_of_the_data(
    api: Api, sqlite_register: sa.Engine, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    with writing(sqlite_register) as connection:
        connection.execute(sa.text("ALTER TABLE source_row RENAME TO gone"))  # SQLAlchemy's message repeats parameters
    reply = api.post(bundle(cells(full_name=CANARY)))
    assert (reply.status, reply.codes) == (500, [["HTTP_500"]])
    assert is_outcome(reply)
    incident = reply.json["issue"][0]["details"]["text"].rpartition(" ")[2]
    assert f"incident {incident}: DATABASE_FAILED" in caplog.text
    for said in (reply.body.decode(), caplog.text):
        assert "Ca-na-ri" not in said
        assert api.key.rpartition(".")[2] not in said
    assert table(sqlite_register, "source_file") == [], "the transaction left nothing half done"


def test_many_references_to_one_patient_and_long_chains_cost_little(api: Api, sqlite_register: sa.Engine) -> None:
    sent = bundle(cells())
    dose = sent["entry"][1]
    for at in range(1_500):
        twin = json.loads(json.dumps(dose)) | {"fullUrl": uuid(at + 10)}
        twin["resource"]["patient"] = {"reference": uuid(at + 11)}  # a dose refers to the next dose
        sent["entry"].append(twin)
    reply = api.post(sent)
    assert reply.status == 200
    assert reply.codes[2:] == [["ENTRY_REFERENCE"]] * 1_500
    assert sum(cleaned(sqlite_register).fates.values()) == 1_501
