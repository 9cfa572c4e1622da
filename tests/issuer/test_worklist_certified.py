"""What the worklist is for: a record that nobody could certify becomes a certificate in its person's own name."""

import pytest
import sqlalchemy as sa

from issuer.certify.certify import certify
from issuer.errors import Code, IssuerError
from issuer.store.engine import writing
from issuer.store.tables import dose
from issuer.worklist.corrections import approve, propose_fields, propose_person, undo
from keys.certificates import Role, issue
from keys.new_key import new_key
from specs.cose import Algorithm
from tests.certifying import attest_all, desk, entitle, rows
from tests.pki import Held, make_pki, profile
from tests.worklist_world import NOW, World

FACILITY = "0025601"
JANSSEN = "EU/1/20/1525"  # complete with one dose


def head_of(facility: str) -> Held:
    key = new_key(Algorithm.ES256)
    what = profile(Role.FACILITY_HEAD, key, f"Head {facility}", days=730, use_days=180, facility=facility)
    return Held(key, issue(what, make_pki().facility_authority.issuer))


@pytest.mark.parametrize(
    ("typed", "corrected", "name", "born"),
    [
        ("Nguyen Thi Vi Du", {}, {"fn": "Nguyễn", "gn": "Thị Ví Dụ"}, "1990-04-15"),
        ("Trần Văn Mẫu", {}, {"fn": "Trần", "gn": "Văn Mẫu"}, "1985-03-07"),
        ("Phạm Quốc Thử", {"id_number": "001095000044"}, {"fn": "Phạm", "gn": "Quốc Thử"}, "1995-06-30"),
        ("Ngô Văn Trùng", {"id_number": "001093000099"}, {"fn": "Ngô", "gn": "Văn Trùng"}, "1993-01-19"),
    ],
    ids=["marks", "day and month", "number from the paper", "one of two namesakes"],
)
def test_approved_record_is_attested_and_certified_and_no_other(
    world_on_both: World, typed: str, corrected: dict[str, str], name: dict[str, str], born: str
) -> None:
    world = world_on_both
    token = world.token(typed)
    with writing(world.engine) as connection:
        connection.execute(dose.update().where(dose.c.full_name == typed).values(product=JANSSEN))
    head = head_of(FACILITY)
    entitle(world.engine, head, FACILITY)
    attest_all(world.engine, head, FACILITY)
    certify(world.engine, desk())
    assert rows(world.engine) == [], "before the correction nobody is certified"

    station, police = world.officer("tram"), world.officer("congan")
    if corrected:
        propose_fields(world.engine, station, token, corrected, world.seal("tram", token), now=NOW)
    else:
        propose_person(world.engine, station, token, 1, world.seal("tram", token), now=NOW)
    certify(world.engine, desk())
    assert rows(world.engine) == [], "a proposal alone certifies nobody"
    assert approve(world.engine, police, token, world.seal("congan", token), now=NOW) == "matched"
    assert attest_all(world.engine, head, FACILITY) == 1
    certify(world.engine, desk())
    (made,) = rows(world.engine)
    assert made.dose_id == world.view("tram", token).item.dose_id
    assert made.read.dcc["nam"].items() >= name.items()
    assert made.read.dcc["dob"] == born

    with pytest.raises(IssuerError) as caught:
        undo(world.engine, police, token, "typing", world.seal("congan", token), now=NOW)
    assert caught.value.code is Code.WORK_CERTIFIED


def test_record_set_aside_is_never_certified(world: World) -> None:
    from issuer.worklist.corrections import propose_aside

    token = world.token("Nguyen Thi Vi Du")
    propose_aside(world.engine, world.officer("tram"), token, "no_person", "", world.seal("tram", token), now=NOW)
    approve(world.engine, world.officer("congan"), token, world.seal("congan", token), now=NOW)
    head = head_of(FACILITY)
    entitle(world.engine, head, FACILITY)
    assert attest_all(world.engine, head, FACILITY) == 1, "only the dose that linking matched"
    with writing(world.engine) as connection:
        assert connection.scalar(sa.text("SELECT count(*) FROM attestation_leaf")) == 1
