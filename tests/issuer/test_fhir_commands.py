"""The commands: keys made and ended, the description printed, the server as it is started; a death in the middle."""

import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import Callable
from http.client import HTTPConnection
from pathlib import Path

import pytest
import sqlalchemy as sa

from issuer.__main__ import main
from issuer.fhir.openapi import document
from issuer.fhir.take import take_bundle
from issuer.results.plain import write_result
from issuer.store.engine import open_database, reading
from tests.dose_lists import NOW, cleaned, table
from tests.fhir_bundles import FACILITY_CODE, bundle, cells, data

ROOT = Path(__file__).parents[2]


@pytest.fixture
def issuer(sqlite_url: str) -> Callable[..., int]:
    """Runs `python -m issuer` on the register."""
    return lambda *words: main(["--database", sqlite_url, "--actor", "keeper", *words])


def test_a_key_is_shown_once_and_ended_by_its_name(
    issuer: Callable[..., int], sqlite_url: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert issuer("facility", "add", "--code", FACILITY_CODE, "--name", "Trạm y tế Một") == 0
    capsys.readouterr()
    assert issuer("facility", "api-key", "--code", FACILITY_CODE, "--label", "HIS", "--days", "30") == 0
    key = capsys.readouterr().out.strip()
    assert re.fullmatch(r"hcvx\.[0-9a-f]{16}\.[A-Za-z0-9_-]{43}", key)
    name, secret = key.split(".")[1:]
    register = open_database(sqlite_url)
    (kept,) = table(register, "facility_api_key")
    assert (kept["key_id"], kept["label"], kept["ended_at"]) == (name, "HIS", None)
    assert secret not in str(kept)
    assert issuer("facility", "api-keys", "--code", FACILITY_CODE) == 0
    assert capsys.readouterr().out == f"{name}  valid until {kept['expires_at'][:10]}  HIS\n"
    assert issuer("facility", "end-api-key", "--code", FACILITY_CODE, "--key", name) == 0
    assert issuer("facility", "end-api-key", "--code", FACILITY_CODE, "--key", name) == 1
    capsys.readouterr()
    issuer("facility", "api-keys", "--code", FACILITY_CODE)
    assert re.fullmatch(rf"{name}  ended [0-9-]{{10}}  HIS\n", capsys.readouterr().out)
    log = [(one["actor"], one["action"]) for one in table(register, "audit_entry")]
    assert log[1:] == [("keeper", "api_key.new"), ("keeper", "api_key.end")]
    assert secret not in str(table(register, "audit_entry"))
    register.dispose()


def test_a_facility_that_is_not_registered_gets_no_key(
    issuer: Callable[..., int], capsys: pytest.CaptureFixture[str]
) -> None:
    assert issuer("facility", "api-key", "--code", "99999") == 1
    assert capsys.readouterr().err.startswith("FACILITY_UNKNOWN: ")


@pytest.mark.parametrize("days", ["0", "-1", "1096", "99999999999"])
def test_a_key_lives_a_day_to_three_years(days: str, issuer: Callable[..., int]) -> None:
    with pytest.raises(SystemExit) as left:
        issuer("facility", "api-key", "--code", FACILITY_CODE, "--days", days)
    assert left.value.code == 2


def test_the_description_is_printed(issuer: Callable[..., int], capsys: pytest.CaptureFixture[str]) -> None:
    assert issuer("fhir-api", "--print-openapi") == 0
    assert json.loads(capsys.readouterr().out) == document()


def test_it_does_not_leave_the_machine_without_tls(
    issuer: Callable[..., int], capsys: pytest.CaptureFixture[str]
) -> None:
    assert issuer("fhir-api", "--host", "0.0.0.0", "--port", "0") == 2
    assert "--behind-tls" in capsys.readouterr().err


def test_the_server_as_it_is_started(
    issuer: Callable[..., int], sqlite_url: str, capsys: pytest.CaptureFixture[str]
) -> None:
    issuer("facility", "add", "--code", FACILITY_CODE, "--name", "Trạm y tế Một")
    capsys.readouterr()
    issuer("facility", "api-key", "--code", FACILITY_CODE)
    key = capsys.readouterr().out.strip()
    command = [sys.executable, "-m", "issuer", "--database", sqlite_url, "fhir-api", "--port", "0"]
    with subprocess.Popen(
        command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=os.environ | {"TZ": "UTC"}
    ) as server:
        assert server.stdout is not None
        assert server.stderr is not None
        found = re.fullmatch(r"http://127\.0\.0\.1:([0-9]+)/fhir/R4\n", server.stdout.readline())
        assert found is not None
        connection = HTTPConnection("127.0.0.1", int(found[1]), timeout=60)
        headers = {"Authorization": f"Bearer {key}", "Content-Type": "application/fhir+json"}
        connection.request("POST", "/fhir/R4", data(bundle(cells())), headers)
        reply = connection.getresponse()
        assert reply.status == 200
        assert reply.getheader("Server") is None
        assert json.loads(reply.read())["type"] == "batch-response"
        connection.close()
        server.send_signal(signal.SIGINT)
        said = server.stdout.read() + server.stderr.read()
        assert server.wait(60) in (0, 130)
    assert "Nguyễn" not in said
    assert key not in said


def test_killed_at_any_moment_the_bundle_is_there_or_not(sqlite_url: str, tmp_path: Path) -> None:
    file = tmp_path / "bundle.json"
    file.write_bytes(data(bundle(cells(), cells(dose_number=2, vaccinated_on="2021-11-20"))))

    def take(moment: int) -> subprocess.CompletedProcess[str]:
        words = [sys.executable, "-m", "tests.killed_bundle", sqlite_url, str(file), str(moment)]
        return subprocess.run(words, cwd=ROOT, capture_output=True, text=True, check=False)

    register = open_database(sqlite_url)
    moment, rows = 0, 0
    while rows == 0:
        moment += 1
        assert take(moment).returncode == -signal.SIGKILL
        files, rows = table(register, "source_file"), len(table(register, "source_row"))
        lines = [one for one in table(register, "audit_entry") if one["action"] == "intake.fhir"]
        assert (len(files), rows, len(lines)) in ((0, 0, 0), (1, 2, 1))
        assert moment < 40
    assert take(0).returncode == 0
    assert len(table(register, "source_row")) == 2
    assert cleaned(register).fates == {"stored": 2}
    assert moment > 5, "it was killed before it had stored anything, again and again"
    register.dispose()


def test_the_result_goes_back_as_a_spreadsheet_too(sqlite_register: sa.Engine, tmp_path: Path) -> None:
    sent = data(bundle(cells(), cells(lot="", dose_number=2)))
    take_bundle(sqlite_register, sent, now=NOW, actor="test", facility_code=FACILITY_CODE)
    cleaned(sqlite_register)
    (file,) = table(sqlite_register, "source_file")
    with reading(sqlite_register) as connection:
        assert write_result(connection, file["file_id"], tmp_path / "result.xlsx") == 2
