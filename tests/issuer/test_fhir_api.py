"""The API over real HTTP: a bundle in, one outcome an entry out, and the register as a dose list would leave it."""

import json
import threading
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from issuer.audit import check
from issuer.link.run import link_doses
from issuer.store.engine import reading
from tests.dose_lists import EXTRACT, HEADER, NOW, all_outcomes, cleaned, load, row, table, take, xlsx
from tests.every_table import every_table
from tests.fhir_bundles import FACILITY_CODE, bundle, cells, data, patient
from tests.fhir_keys import key_for
from tests.fhir_server import Api, serving
from tests.make_fhir_examples import INVALID, VALID

EXAMPLES = Path(__file__).parents[2] / "specs" / "examples" / "fhir"


class Clock:
    """The server's clock, set by the test."""

    now = NOW

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def api(register: sa.Engine, clock: Clock) -> Iterator[Api]:
    with serving(register, clock) as running:
        running.key = key_for(register, FACILITY_CODE)
        yield running


def test_a_bundle_ends_as_rows_of_one_file(api: Api, register: sa.Engine) -> None:
    reply = api.post(bundle(cells(), cells(vaccinated_on="2021-11-20", dose_number=2)))
    assert reply.status == 200
    assert reply.codes == [["TAKEN"]] * 4
    assert [e["response"]["status"] for e in reply.json["entry"]] == ["200 OK", "201 Created"] * 2
    assert cleaned(register).fates == {"stored": 2}
    assert [one.row for one in all_outcomes(register)] == [2, 4]
    (file,) = table(register, "source_file")
    assert (file["facility_code"], file["kind"], file["rows_done"]) == (FACILITY_CODE, "doses", 2)
    assert [json.loads(one["cells"])[-1][:16] for one in table(register, "source_row")] == ['{"Immunization":'] * 2
    (entry,) = [one for one in table(register, "audit_entry") if one["action"] == "intake.fhir"]
    assert entry["actor"] == f"facility:{FACILITY_CODE} key:{api.key.split('.')[1]}"
    with reading(register) as connection:
        check(connection)


def test_from_the_bundle_to_the_linked_person(api: Api, register: sa.Engine, tmp_path: Path) -> None:
    load(register, tmp_path, EXTRACT)
    rows = [
        cells(),
        cells(full_name="H'Hen Niê", birth_date="1950", sex="male", id_number="066050000021", nationality="VN"),
        cells(full_name="Nguyễn Thị Ví Du", vaccinated_on="2021-11-20", dose_number=2),  # a mark is missing
        cells(id_number="012345678", vaccinated_on="2022-03-01", dose_number=3, dose_role="booster"),  # her old number
    ]
    sent = bundle(*rows)
    assert api.post(sent).status == 200
    cleaned(register)
    link_doses(register, now=NOW, actor="test")
    found = [(one.row, one.fate, one.link_class, one.national_id, one.proposals) for one in all_outcomes(register)]
    assert found == [
        (2, "stored", "matched", "001190000017", ()),
        (4, "stored", "matched", "066050000021", ()),
        (6, "stored", "mismatched", "", ("001190000017",)),
        (8, "stored", "matched", "001190000017", ()),
    ]
    reply = api.post(sent)
    assert reply.codes[1::2] == [["STORED"]] * 4
    assert "001190000017" not in reply.body.decode()
    assert "matched" not in reply.body.decode(), "whether somebody is in the population register is never told"


def test_the_same_dose_from_a_spreadsheet_is_a_duplicate(api: Api, register: sa.Engine, tmp_path: Path) -> None:
    take(register, xlsx(tmp_path / "list.xlsx", [HEADER, row()]))
    cleaned(register)
    sent = bundle(cells())
    assert api.post(sent).codes[1] == ["TAKEN"]
    assert cleaned(register).fates == {"duplicate": 1}
    assert api.post(sent).codes[1] == ["DUPLICATE"]


def test_a_bundle_and_a_spreadsheet_leave_the_same_dose(api: Api, register: sa.Engine, tmp_path: Path) -> None:
    header = (*HEADER, "Số điện thoại", "Mã xã", "Địa chỉ", "Cơ sở tiêm chủng", "Loại mũi")
    more = ["0912345678", "00001", "Thôn Một", "Trạm y tế Một", "cơ bản"]
    take(register, xlsx(tmp_path / "list.xlsx", [header, [*row(Ngày_tiêm="16/08/2021"), *more]]))
    api.post(bundle(cells(vaccinated_on="2021-08-16T18:00:00Z", lot="ab 123")))
    assert cleaned(register).fates["stored"] == 2
    of_the_day = {"dose_id", "vaccinated_on", "duplicate_key"}
    sheet, sent = ({k: v for k, v in dose.items() if k not in of_the_day} for dose in table(register, "dose"))
    assert sheet == sent


@pytest.mark.parametrize("role", ["basic", "additional", "booster"])
def test_the_role_of_the_dose_is_read(role: str, api: Api, register: sa.Engine) -> None:
    api.post(bundle(cells(dose_role=role)))
    cleaned(register)
    assert [one["dose_role"] for one in table(register, "dose")] == [role]


def test_sent_again_nothing_changes(api: Api, register: sa.Engine) -> None:
    sent = bundle(cells(), cells(lot="", dose_number=2, vaccinated_on="2021-11-20"), cells())
    first = api.post(sent)
    before = every_table(register, "facility_requests")
    again = api.post(sent)
    assert every_table(register, "facility_requests") == before
    assert (
        again.codes == first.codes == [["TAKEN"], ["TAKEN"], ["TAKEN"], ["TAKEN", "LOT_MISSING"], ["TAKEN"], ["TAKEN"]]
    )
    assert {e["response"]["status"] for e in again.json["entry"]} == {"200 OK"}
    cleaned(register)
    assert api.post(sent).codes[1::2] == [["STORED"], ["STORED", "LOT_MISSING"], ["DUPLICATE"]]
    other_bytes = json.dumps(sent, indent=1).encode()
    assert api.post(other_bytes).status == 200
    assert cleaned(register).fates == {"duplicate": 3}, "other bytes are another file of the same doses"


def test_sent_by_many_at_once_it_is_one_file(api: Api, register: sa.Engine) -> None:
    body, replies = data(bundle(cells())), list[int]()
    threads = [threading.Thread(target=lambda: replies.append(api.post(body).status)) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert replies == [200] * 6
    assert len(table(register, "source_file")) == len(table(register, "source_row")) == 1


@pytest.mark.parametrize("name", sorted(VALID))
def test_right_examples_are_taken_and_answered_as_written(name: str, api: Api, register: sa.Engine) -> None:
    reply = api.post((EXAMPLES / "valid" / f"{name}.json").read_bytes())
    assert {"status": reply.status, "body": reply.json} == json.loads(
        (EXAMPLES / "valid" / f"{name}.reply.json").read_text()
    )
    assert reply.status == 200
    fates = cleaned(register).fates
    assert sum(fates.values()) == len(table(register, "source_row"))
    assert set(fates) == {"stored"}


@pytest.mark.parametrize("name", sorted(INVALID))
def test_faulty_examples_are_answered_as_written(name: str, api: Api, register: sa.Engine) -> None:
    reply = api.post((EXAMPLES / "invalid" / f"{name}.json").read_bytes())
    said = json.loads((EXAMPLES / "invalid" / f"{name}.reply.json").read_text())
    assert {"status": reply.status, "body": reply.json} == said
    cleaned(register)
    if reply.status == 200:
        assert [one.fate for one in all_outcomes(register)] == ["stored", "rejected"]
        assert reply.codes[3] == list(all_outcomes(register)[1].problems)
    else:
        assert table(register, "source_file") == table(register, "source_row") == []


def test_metadata_and_description_are_public(api: Api) -> None:
    statement = api.ask("GET", "/fhir/R4/metadata", key="")
    assert (statement.status, statement.json["resourceType"], statement.json["fhirVersion"]) == (
        200,
        "CapabilityStatement",
        "4.0.1",
    )
    assert statement.headers["content-type"] == "application/fhir+json; charset=utf-8"
    assert api.ask("GET", "/openapi.json", key="").json["openapi"] == "3.1.0"


def test_requests_are_limited_for_the_facility_and_not_for_its_neighbour(
    api: Api, register: sa.Engine, clock: Clock
) -> None:
    second, neighbour = key_for(register, FACILITY_CODE), key_for(register, "01002")
    for at in range(60):
        assert api.post(b"{}", key=second if at % 2 else None).status == 422
    clock.now = NOW + timedelta(seconds=20)
    reply = api.post(bundle(cells()), key=second)
    assert (reply.status, reply.codes) == (429, [["API_WAIT"]])
    assert 39 <= int(reply.headers["retry-after"]) <= 41
    assert api.post(b"{}", key=neighbour).status == 422
    assert table(register, "source_file") == []
    clock.now = NOW + timedelta(seconds=20 + int(reply.headers["retry-after"]))
    assert api.post(bundle(cells())).status == 200


def test_the_limit_outlives_a_restart(register: sa.Engine, clock: Clock) -> None:
    key = key_for(register, FACILITY_CODE)
    for statuses in ([422] * 40, [422] * 20 + [429]):
        with serving(register, clock) as running:
            assert [running.post(b"{}", key=key).status for _ in statuses] == statuses


def test_a_patient_is_never_kept_without_a_dose(api: Api, register: sa.Engine) -> None:
    sent = bundle(cells())
    extra = {"resource": patient(cells(full_name="Ca Na Ri")), "request": {"method": "POST", "url": "Patient"}}
    sent["entry"].append(extra)
    assert api.post(sent).codes == [["TAKEN"], ["TAKEN"], ["NOT_USED"]]
    assert "Ca Na Ri" not in json.dumps(every_table(register), default=str)
