"""The bundles of `specs/examples/fhir/`, each beside the reply to it: `make examples` writes them, tests send them."""

import json
import shutil
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from issuer.fhir.profile import EU_PRODUCTS, FACILITY, PASSPORT, VACCINE
from issuer.store.engine import open_database
from issuer.web.fhir_api import create_app
from tests.dose_lists import NOW
from tests.fhir_bundles import FACILITY_CODE, bundle, cells, entry, immunization, patient, uuid
from tests.fhir_keys import key_for

Json = dict[str, Any]
_BASE = "https://his.example/fhir"
_EU = min(EU_PRODUCTS, key=lambda system: not system.startswith("https"))


def _one() -> Json:
    return bundle(cells())


def _two_doses() -> Json:
    who = cells()
    entries = [
        entry(0, patient(who), "transaction"),
        entry(1, immunization(who, uuid(0)), "transaction"),
        entry(2, immunization(cells(vaccinated_on="2021-11-20", dose_number=2, lot="AB456"), uuid(0)), "transaction"),
    ]
    return {"resourceType": "Bundle", "type": "transaction", "entry": entries}


def _by_relative_reference() -> Json:
    """As a RESTful server writes: URLs, ids, a Location and an Organization of their own, an EU product code."""
    who = cells(full_name="H'Hen Niê", birth_date="1950", id_number="066050000021", sex="male")
    dose = immunization(
        who,
        "Patient/7",
        id="31",
        vaccineCode={"coding": [{"system": _EU, "code": "EU/1/21/1529"}], "text": "AstraZeneca"},
        location={"reference": "Location/1"},
        performer=[{"actor": {"reference": "Practitioner/5"}}, {"actor": {"reference": "Organization/2"}}],
        occurrenceDateTime="2021-08-15T23:30:00Z",
        primarySource=True,
    )
    where = [{"system": FACILITY, "value": FACILITY_CODE}]
    resources = [
        patient(who, id="7"),
        dose,
        {"resourceType": "Location", "id": "1", "identifier": where, "name": "Trạm y tế Một", "mode": "instance"},
        {"resourceType": "Organization", "id": "2", "identifier": where, "name": "Trạm y tế Một"},
    ]
    entries = [{"fullUrl": f"{_BASE}/{one['resourceType']}/{one['id']}", "resource": one} for one in resources]
    return {"resourceType": "Bundle", "type": "collection", "entry": entries}


def _foreigner() -> Json:
    who = cells(full_name="Anna Müller", id_number="C01X00T47", nationality="DE", dose_role="booster", dose_number=3)
    made = bundle(who)

    made["entry"][0]["resource"]["identifier"][0] |= {"system": PASSPORT, "use": "official"}
    return made


def _with(change: Callable[[Json], object], kind: str = "batch") -> Callable[[], Json]:
    """One right dose and one whose Immunization is changed."""

    def make() -> Json:
        made = bundle(cells(), cells(id_number="066050000021", full_name="H'Hen Niê"), kind=kind)
        change(made["entry"][3]["resource"])
        return made

    return make


VALID: Mapping[str, Callable[[], Json]] = {
    "batch": _one,
    "collection": _by_relative_reference,
    "foreigner": _foreigner,
    "transaction": _two_doses,
    # nothing is refused here: what is missing or unknown is told by cleaning, as for a row of a spreadsheet
    "problems": lambda: bundle(cells(lot="", id_number="00119000001", birth_date="", vaccinated_on="2021")),
    "cvx": _with(
        lambda dose: dose.update(vaccineCode={"coding": [{"system": "http://hl7.org/fhir/sid/cvx", "code": "210"}]})
    ),
}
INVALID: Mapping[str, Callable[[], Json]] = {
    "entered-in-error": _with(lambda dose: dose.update(status="entered-in-error")),
    "not-done": _with(lambda dose: dose.update(status="not-done")),
    "no-such-patient": _with(lambda dose: dose.update(patient={"reference": "Patient/404"})),
    "unknown-element": _with(lambda dose: dose.update(lotNumer=dose.pop("lotNumber"))),
    "modifier-extension": _with(lambda dose: dose.update(modifierExtension=[{"url": "urn:x", "valueBoolean": True}])),
    "two-vaccines": _with(
        lambda dose: dose["vaccineCode"]["coding"].append({"system": VACCINE, "code": "spikevax"}),
    ),
    "no-facility": _with(lambda dose: dose.pop("location")),
    "second-hand": _with(lambda dose: dose.update(primarySource=False)),
    "other-facility": _with(lambda dose: dose.update(location={"identifier": {"system": FACILITY, "value": "01002"}})),
    "transaction-refused": _with(lambda dose: dose.update(status="not-done"), "transaction"),
    "not-a-bundle": lambda: patient(cells()),
}


def write_fhir(folder: Path) -> None:
    """Replace the examples under `folder` by what the code makes and replies today."""
    shutil.rmtree(folder, ignore_errors=True)
    for part, examples in (("valid", VALID), ("invalid", INVALID)):
        (folder / part).mkdir(parents=True)
        for name, make in examples.items():
            sent = json.dumps(make(), ensure_ascii=False, indent=2) + "\n"
            (folder / part / f"{name}.json").write_text(sent, encoding="utf-8")
            status, reply = replied(sent.encode())
            said = json.dumps({"status": status, "body": reply}, ensure_ascii=False, indent=2) + "\n"
            (folder / part / f"{name}.reply.json").write_text(said, encoding="utf-8")


def replied(sent: bytes) -> tuple[int, Any]:
    """Status and body of the reply of a server that has nothing yet."""
    with tempfile.TemporaryDirectory() as name:
        register = open_database(f"sqlite:///{name}/register.sqlite")
        try:
            key = key_for(register, FACILITY_CODE)
            client = create_app(register, now=lambda: NOW).test_client()
            headers = {"Authorization": f"Bearer {key}", "Content-Type": "application/fhir+json"}
            answer = client.post("/fhir/R4", data=sent, headers=headers)
            return answer.status_code, answer.get_json(force=True)
        finally:
            register.dispose()
