"""The API over real HTTP: a bundle in, one outcome an entry out, and the register as a dose list would leave it."""

import secrets
from collections.abc import Iterator
from datetime import datetime

import pytest
import sqlalchemy as sa

from issuer.api_keys import new_key
from issuer.store.attestation_store import add_facility
from issuer.store.engine import writing
from tests.dose_lists import NOW, all_outcomes, cleaned, table
from tests.fhir_bundles import FACILITY_CODE, bundle, cells
from tests.fhir_server import Api, serving


class Clock:
    """The server's clock, set by the test."""

    now = NOW

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


def key_for(register: sa.Engine, code: str) -> str:
    with writing(register) as connection:
        add_facility(connection, code, f"Trạm y tế {code}", "00001")
    return new_key(
        register,
        code,
        "HIS",
        now=NOW,
        days=365,
        actor="test",
        token_hex=secrets.token_hex,
        token_urlsafe=secrets.token_urlsafe,
    )


@pytest.fixture
def api(register: sa.Engine, clock: Clock) -> Iterator[Api]:
    with serving(register, clock) as running:
        running.key = key_for(register, FACILITY_CODE)
        yield running


def test_a_bundle_ends_as_rows_of_one_file(api: Api, register: sa.Engine) -> None:
    reply = api.post(bundle(cells(), cells(vaccinated_on="2021-11-20", dose_number=2)))
    assert reply.status == 200
    assert reply.codes == [["TAKEN"], ["TAKEN"], ["TAKEN"], ["TAKEN"]]
    assert [e["response"]["status"] for e in reply.json["entry"]] == ["200 OK", "201 Created"] * 2
    counts = cleaned(register)
    assert counts.fates == {"stored": 2}
    assert [one.row for one in all_outcomes(register)] == [2, 4]
    assert {row["facility_code"] for row in table(register, "source_file")} == {FACILITY_CODE}
