"""The worklist's rules: what waits, who may decide, what a decision does, and that it can be taken back."""

import json
from datetime import timedelta

import pytest
import sqlalchemy as sa

from issuer.audit import check, timestamp
from issuer.errors import Code, IssuerError
from issuer.store.certificate_tables import attestation, certificate, facility_head
from issuer.store.engine import reading, writing
from issuer.store.queue_store import refresh
from issuer.store.tables import dose, link, person, problem, proposal
from issuer.store.worklist_store import Filters
from issuer.store.worklist_tables import account, correction, work_item
from issuer.worklist import bulk, corrections
from issuer.worklist.corrections import approve, propose_aside, propose_fields, propose_person, reject, undo, withdraw
from issuer.worklist.differences import Difference, differences
from issuer.worklist.mend import blocks_still
from tests.worklist_world import AWAY, HOME, NOW, World

MARKS = "Nguyen Thi Vi Du"
NO_NUMBER = "Phạm Quốc Thử"
NOBODY = "Lý Văn Lạ"
SEVERAL = "Ngô Văn Trùng"


@pytest.fixture
def world(world_on_both: World) -> World:
    """Every rule holds on either kind of register."""
    return world_on_both


def refused(code: Code) -> "pytest.RaisesExc[IssuerError]":
    return pytest.raises(IssuerError, check=lambda error: error.code is code)


def put_forward(world: World, name: str = MARKS, rank: int = 1) -> str:
    token = world.token(name)
    propose_person(world.engine, world.officer("tram"), token, rank, world.seal("tram", token), now=NOW)
    return token


def confirm(world: World, token: str, login: str = "congan") -> str:
    return approve(world.engine, world.officer(login), token, world.seal(login, token), now=NOW)


def test_queue_holds_what_linking_left_and_nothing_else(world: World) -> None:
    assert "Bùi Thị Đúng" not in world.names(HOME)
    assert len(world.names(HOME)) == 9
    assert len(world.names("")) == 11


def test_queue_comes_in_the_order_of_expected_yield(world: World) -> None:
    names = world.names(HOME)
    assert set(names[:4]) == {MARKS, "Trần Văn Mẫu", "Vũ Đức Kiểm", "Đặng Thị Tra"}, "safe classes first"
    assert names[-1] == NOBODY, "what fits nobody last"
    assert names.index(NO_NUMBER) < names.index(SEVERAL)


def test_refresh_again_changes_nothing(world: World) -> None:
    with writing(world.engine) as connection:
        done = refresh(connection, timestamp(NOW))
    assert (done.opened, done.changed, done.closed, done.reopened) == (0, 0, 0, 0)


def test_record_that_new_data_links_leaves_the_queue_and_comes_back_with_its_link(world: World) -> None:
    token = world.token(MARKS)
    with writing(world.engine) as connection:
        number = connection.scalar(sa.select(work_item.c.dose_id).where(work_item.c.token == token))
        here = link.update().where(link.c.dose_id == number)
        connection.execute(here.values(link_class="matched", person_id=1))
        assert refresh(connection, timestamp(NOW)).closed == 1
        connection.execute(here.values(link_class="mismatched", person_id=None))
        assert refresh(connection, timestamp(NOW)).reopened == 1
    assert world.state(token) == "open"


def test_station_proposes_police_approve_and_the_dose_is_linked_at_once(world: World) -> None:
    token = put_forward(world)
    assert world.state(token) == "proposed"
    assert world.link_of(token)[0] == "mismatched", "a proposal alone links nothing"
    assert confirm(world, token) == "matched"
    assert world.link_of(token) == ("matched", 1, "approved")
    assert world.state(token) == "closed"
    actions = [(actor, action) for actor, action, _, _ in world.audit()[-2:]]
    assert actions == [("station:tram", "worklist.propose"), ("police:congan", "worklist.approve")]


def test_linking_again_never_touches_what_two_people_decided(world: World) -> None:
    from issuer.link.run import link_doses, recheck_people

    token = put_forward(world)
    confirm(world, token)
    link_doses(world.engine, now=NOW, actor="tests")
    recheck_people(world.engine, [1], now=NOW, actor="tests")
    assert world.link_of(token) == ("matched", 1, "approved")


def test_dose_before_the_typed_birth_is_no_obstacle_once_the_person_is_certain(world: World) -> None:
    token = put_forward(world, NO_NUMBER)
    with writing(world.engine) as connection:
        number = connection.scalar(sa.select(work_item.c.dose_id).where(work_item.c.token == token))
        connection.execute(dose.update().where(dose.c.dose_id == number).values(is_blocked=1))
        told = {"code": "DOSE_BEFORE_BIRTH", "field": "vaccinated_on", "raw": ""}
        connection.execute(problem.insert().values(row_id=number, number=99, **told))
    confirm(world, token)
    assert world.dose_of(token)["is_blocked"] == 0


@pytest.mark.parametrize(
    ("problems", "born", "linked", "blocked"),
    [
        ([("ID_MALFORMED", "id_number")], "1990-04-15", True, False),
        ([("BIRTH_UNREADABLE", "birth_date")], "1990-04-15", True, False),
        ([("DOSE_BEFORE_BIRTH", "vaccinated_on")], "1990-04-15", True, False),
        ([("DOSE_BEFORE_BIRTH", "vaccinated_on")], "1990-04-15", False, True),
        ([("VACCINE_UNKNOWN", "product")], "1990-04-15", True, True),
        ([("DOSE_DATE_UNCERTAIN", "vaccinated_on")], "1990-04-15", True, True),
        ([("NAME_NO_DIACRITICS", "full_name")], "1990-04-15", False, False),
        ([("OF_A_LATER_VERSION", "lot")], "1990-04-15", True, True),
        ([], "2021-09-21", True, True),
    ],
)
def test_what_is_wrong_with_the_dose_itself_still_blocks(
    problems: list[tuple[str, str]], born: str, linked: bool, blocked: bool
) -> None:
    assert blocks_still(problems, born, "2021-09-20", linked=linked) is blocked


def test_corrected_number_links_by_the_rule_of_four_fields(world: World) -> None:
    token = world.token(NO_NUMBER)
    typed = {"id_number": "001 095 000 044", "full_name": "", "birth_date": "", "sex": ""}
    propose_fields(world.engine, world.officer("tram"), token, typed, world.seal("tram", token), now=NOW)
    assert confirm(world, token) == "matched"
    assert world.link_of(token) == ("matched", 4, "four_fields")


def test_corrected_number_tells_two_namesakes_apart(world: World) -> None:
    token = world.token(SEVERAL)
    assert world.view("tram", token).candidates == []
    typed = {"id_number": "001093000099"}
    propose_fields(world.engine, world.officer("tram"), token, typed, world.seal("tram", token), now=NOW)
    assert confirm(world, token) == "matched"
    assert world.link_of(token) == ("matched", 9, "four_fields")


def test_correction_that_still_fits_nobody_goes_back_to_the_queue(world: World) -> None:
    token = world.token(NOBODY)
    typed = {"birth_date": "14/10/1977"}
    propose_fields(world.engine, world.officer("tram"), token, typed, world.seal("tram", token), now=NOW)
    assert confirm(world, token) == "", "the next linking looks at everybody"
    assert world.state(token) == "open"
    assert world.dose_of(token)["birth_date"] == "1977-10-14"


@pytest.mark.parametrize(
    ("typed", "field"),
    [
        ({"id_number": "12345"}, "id_number"),
        ({"id_number": "00109500004x"}, "id_number"),
        ({"birth_date": "31/02/1990"}, "birth_date"),
        ({"birth_date": "01/02/03"}, "birth_date"),
        ({"birth_date": "01/01/2099"}, "birth_date"),
        ({"sex": "?"}, "sex"),
        ({"full_name": "=cmd()"}, "full_name"),
        ({"full_name": "Lê Văn An, con bà Tư"}, "full_name"),
        ({}, "nothing differs from what is stored"),
        ({"full_name": NO_NUMBER}, "nothing differs from what is stored"),
    ],
)
def test_correction_that_cannot_be_read_in_one_way_is_refused(world: World, typed: dict[str, str], field: str) -> None:
    token = world.token(NO_NUMBER)
    with refused(Code.CORRECTION_REFUSED) as caught:
        propose_fields(world.engine, world.officer("tram"), token, typed, world.seal("tram", token), now=NOW)
    assert caught.value.detail == field
    assert world.state(token) == "open"


def test_record_that_cannot_be_settled_here_is_set_aside_by_two_people(world: World) -> None:
    token = world.token(NOBODY)
    officer = world.officer("tram")
    propose_aside(world.engine, officer, token, "not_resident", "về quê", world.seal("tram", token), now=NOW)
    assert confirm(world, token) == "aside"
    assert world.state(token) == "aside"
    with writing(world.engine) as connection:
        refresh(connection, timestamp(NOW))
    assert world.state(token) == "aside"


def test_nobody_is_linked_to_a_dose_given_after_their_death(world: World) -> None:
    with writing(world.engine) as connection:
        connection.execute(person.update().where(person.c.person_id == 1).values(death_date="2021-01-01"))
    token = world.token(MARKS)
    with refused(Code.CORRECTION_REFUSED):
        propose_person(world.engine, world.officer("tram"), token, 1, world.seal("tram", token), now=NOW)


def test_second_dose_of_one_day_and_product_becomes_a_repeat_not_a_second_match(world: World) -> None:
    token = put_forward(world)
    with writing(world.engine) as connection:  # somebody else's record turns out to be this person's same dose
        other = connection.scalar(sa.select(dose.c.dose_id).where(dose.c.full_name == "Bùi Thị Đúng"))
        connection.execute(link.update().where(link.c.dose_id == other).values(person_id=1))
    mine = confirm(world, token)
    with reading(world.engine) as connection:
        others = connection.scalar(sa.select(link.c.link_class).where(link.c.dose_id == other))
    assert {mine, others} == {"matched", "duplicate"}  # the earlier row stands, as linking everything would say


def test_rejection_gives_a_reason_and_sends_the_record_back(world: World) -> None:
    token = put_forward(world)
    police = world.officer("congan")
    with refused(Code.CORRECTION_REFUSED):
        reject(world.engine, police, token, "because", "", world.seal("congan", token), now=NOW)
    reject(world.engine, police, token, "other_person", "người cùng tên", world.seal("congan", token), now=NOW)
    assert world.state(token) == "open"
    assert world.link_of(token)[0] == "mismatched"
    last = world.view("tram", token).history[0]
    assert (last.state, last.reason, last.note, last.decider) == (
        "rejected",
        "other_person",
        "người cùng tên",
        "congan",
    )
    assert put_forward(world) == token, "the station may propose again"


def test_station_withdraws_before_anybody_decided(world: World) -> None:
    token = put_forward(world)
    withdraw(world.engine, world.officer("tram"), token, world.seal("tram", token), now=NOW)
    assert world.state(token) == "open"
    with refused(Code.WORK_STATE):
        confirm(world, token)


@pytest.mark.parametrize("kind", ["person", "fields"])
def test_undo_restores_dose_link_and_proposals_as_they_stood(world: World, kind: str) -> None:
    token = world.token(NO_NUMBER)
    before = (world.dose_of(token), world.link_of(token), world.view("tram", token).candidates)
    officer, seal = world.officer("tram"), world.seal("tram", token)
    if kind == "person":
        propose_person(world.engine, officer, token, 1, seal, now=NOW)
    else:
        propose_fields(world.engine, officer, token, {"id_number": "001095000044"}, seal, now=NOW)
    confirm(world, token)
    undo(world.engine, world.officer("congan2"), token, "typing", world.seal("congan2", token), now=NOW)
    assert (world.dose_of(token), world.link_of(token), world.view("tram", token).candidates) == before
    assert world.state(token) == "open"
    last = world.view("tram", token).history[0]
    assert (last.state, last.proposer, last.decider, last.ender) == ("undone", "tram", "congan", "congan2")


def test_nothing_is_undone_under_a_certificate(world: World) -> None:
    token = put_forward(world)
    confirm(world, token)
    with writing(world.engine) as connection:
        number = connection.scalar(sa.select(work_item.c.dose_id).where(work_item.c.token == token))
        facility = connection.scalar(sa.select(dose.c.facility_id).where(dose.c.dose_id == number))
        head = {"head_id": 1, "facility_id": facility, "kid": b"8" * 8, "certificate": b"", "entitled_from": 0}
        connection.execute(facility_head.insert().values(**head))
        batch = {"attestation_id": 1, "batch": b"b" * 16, "facility_id": facility, "head_id": 1, "dose_count": 1}
        connection.execute(attestation.insert().values(**batch, root=b"r" * 32, signed_at=0, signature=b"s"))
        signed = {"uvci": "URN:UVCI:01:VN:0", "kid": b"8" * 8, "status_index": 0, "person_id": 1, "attestation_id": 1}
        signed |= {"issued_at": 0, "expires_at": 1, "claims": b"", "state": "signed", "text": "HC1:"}
        connection.execute(certificate.insert().values(dose_id=number, **signed))
    with refused(Code.WORK_CERTIFIED):
        undo(world.engine, world.officer("congan"), token, "typing", world.seal("congan", token), now=NOW)


@pytest.mark.parametrize("login", ["congan", "huyen", "tinh", "bo"])
def test_only_a_station_proposes(world: World, login: str) -> None:
    token = world.token(MARKS)
    with refused(Code.WORK_NOT_ALLOWED):
        propose_person(world.engine, world.officer(login), token, 1, world.seal(login, token), now=NOW)


@pytest.mark.parametrize("login", ["tram", "huyen", "tinh", "bo"])
def test_only_the_police_approve_reject_and_undo(world: World, login: str) -> None:
    token = put_forward(world)
    officer, seal = world.officer(login), world.seal(login, token)
    with refused(Code.WORK_NOT_ALLOWED):
        approve(world.engine, officer, token, seal, now=NOW)
    with refused(Code.WORK_NOT_ALLOWED):
        reject(world.engine, officer, token, "other", "", seal, now=NOW)
    with refused(Code.WORK_NOT_ALLOWED):
        undo(world.engine, officer, token, "other", seal, now=NOW)


@pytest.mark.parametrize("login", ["tram.xa", "congan.xa", "huyen.khac"])
def test_other_area_is_as_if_it_were_not_there(world: World, login: str) -> None:
    token = world.token(MARKS)
    for wanted in (token, "0" * 32):
        with refused(Code.WORK_NOT_FOUND):
            world.view(login, wanted)


@pytest.mark.parametrize(("area", "count"), [(HOME, 9), (AWAY, 2), ("008", 11), ("009", 0), ("01", 11), ("", 11)])
def test_each_level_sees_its_own_subtree(world: World, area: str, count: int) -> None:
    assert len(world.names(area)) == count


def test_stale_page_decides_nothing(world: World) -> None:
    token = put_forward(world)
    seen = world.seal("congan", token)
    withdraw(world.engine, world.officer("tram"), token, world.seal("tram", token), now=NOW)
    propose_fields(world.engine, world.officer("tram"), token, {"sex": "Nam"}, world.seal("tram", token), now=NOW)
    with refused(Code.WORK_CHANGED):
        approve(world.engine, world.officer("congan"), token, seen, now=NOW)


def test_register_that_changed_under_a_proposal_is_seen(world: World) -> None:
    token = put_forward(world)
    seen = world.seal("congan", token)
    with writing(world.engine) as connection:
        connection.execute(person.update().where(person.c.person_id == 1).values(birth_date="1991-04-15"))
    with refused(Code.WORK_CHANGED):
        approve(world.engine, world.officer("congan"), token, seen, now=NOW)


def row(world: World, token: str, **facts: object) -> dict[str, object]:
    number = world.view("tram", token).item.dose_id
    tram, congan = world.officer("tram").account_id, world.officer("congan").account_id
    whole: dict[str, object] = {
        "dose_id": number,
        "kind": "person",
        "person_id": 1,
        "changes": "{}",
        "source": "screen",
        "safe_class": "",
        "state": "applied",
        "proposed_by": tram,
        "proposed_role": "station",
        "proposed_at": timestamp(NOW),
        "decided_by": congan,
        "decided_role": "police",
        "decided_at": timestamp(NOW),
        "reason": "",
        "note": "",
        "before": "",
        "link_class": "matched",
    }
    return whole | facts


@pytest.mark.parametrize(
    "trick",
    [
        "decided by the proposer",
        "a police account claims to be a station",
        "a station account claims to be police",
        "applied without anybody's decision",
        "two live proposals",
        "an account that is not there",
    ],
)
def test_database_itself_refuses_one_persons_correction(world: World, trick: str) -> None:
    token = world.token(MARKS)
    tram, congan = world.officer("tram").account_id, world.officer("congan").account_id
    nobody = {"decided_by": None, "decided_role": None, "decided_at": None}
    tricks: dict[str, list[dict[str, object]]] = {
        "decided by the proposer": [{"decided_by": tram, "decided_role": "station"}],
        "a police account claims to be a station": [{"proposed_by": congan}],
        "a station account claims to be police": [{"decided_by": tram}],
        "applied without anybody's decision": [nobody],
        "two live proposals": [{"state": "proposed", **nobody}] * 2,
        "an account that is not there": [{"decided_by": 999}],
    }
    with pytest.raises(sa.exc.IntegrityError), writing(world.engine) as connection:
        for facts in tricks[trick]:
            connection.execute(correction.insert().values(**row(world, token, **facts)))


def test_account_cannot_change_its_role_to_decide_on_its_own_proposal(world: World) -> None:
    put_forward(world)
    with pytest.raises(sa.exc.IntegrityError), writing(world.engine) as connection:
        connection.execute(account.update().where(account.c.login == "tram").values(role="police"))


@pytest.mark.parametrize("name", list(bulk.SAFE_CLASSES))
def test_each_safe_class_goes_through_both_roles_in_bulk(world: World, name: str) -> None:
    tram, police = world.officer("tram"), world.officer("congan")
    page = bulk.show_bulk(world.engine, tram, name, now=NOW)
    assert len(page.views) == page.total == 1
    sealed = {one.item.token: one.seal for one in page.views}
    assert bulk.propose_bulk(world.engine, tram, name, sealed, now=NOW).done == 1
    with refused(Code.WORK_NOT_ALLOWED):
        bulk.approve_bulk(world.engine, tram, name, sealed, now=NOW)
    page = bulk.show_bulk(world.engine, police, name, now=NOW)
    sealed = {one.item.token: one.seal for one in page.views}
    assert bulk.approve_bulk(world.engine, police, name, sealed, now=NOW).done == 1
    (token,) = sealed
    assert world.link_of(token)[0] == "matched"
    assert world.state(token) == "closed"


def test_bulk_takes_no_record_of_another_class_or_one_that_changed(world: World) -> None:
    tram = world.officer("tram")
    other = world.token(NO_NUMBER)
    sealed = {world.token(MARKS): "0" * 32, other: world.seal("tram", other)}
    done = bulk.propose_bulk(world.engine, tram, "marks", sealed, now=NOW)
    assert (done.done, done.left_out) == (0, 2)
    assert world.state(other) == "open"


def test_police_approve_in_bulk_only_what_was_proposed_in_bulk(world: World) -> None:
    put_forward(world)
    page = bulk.show_bulk(world.engine, world.officer("congan"), "marks", now=NOW)
    assert (page.views, page.total) == ([], 0)
    assert bulk.safe_counts(world.engine, world.officer("congan"))["marks"] == 0


def test_single_proposals_do_not_hide_those_in_bulk_behind_them(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    tram, police = world.officer("tram"), world.officer("congan")
    (first,), marks = bulk.show_bulk(world.engine, tram, "sex", now=NOW).views, world.token(MARKS)
    with writing(world.engine) as connection:  # both of one class, the one put forward alone first in the queue
        is_first = work_item.c.token == first.item.token
        connection.execute(work_item.update().where(is_first).values(safe_class="marks", expected=999))
    put_forward(world, first.item.full_name)
    sealed = {marks: world.seal("tram", marks)}
    assert bulk.propose_bulk(world.engine, tram, "marks", sealed, now=NOW).done == 1
    monkeypatch.setattr(bulk, "PAGE", 1)
    page = bulk.show_bulk(world.engine, police, "marks", now=NOW)
    assert ([one.item.token for one in page.views], page.total) == ([marks], 1)


def test_digit_that_differs_is_never_safe(world: World) -> None:
    with reading(world.engine) as connection:
        rows = connection.execute(
            sa.select(work_item.c.safe_class, proposal.c.evidence)
            .join(proposal, sa.and_(proposal.c.dose_id == work_item.c.dose_id, proposal.c.rank == 1))
            .where(work_item.c.safe_class != "")
        ).all()
    assert rows
    assert all(evidence.startswith("number=current ") for _, evidence in rows)


def test_every_look_and_decision_stands_in_an_unbroken_log_without_anybodys_data(world: World) -> None:
    from issuer.worklist.item import show
    from issuer.worklist.queue import listed_page

    tram = world.officer("tram")
    listed_page(world.engine, tram, Filters(), 1, late_before=timestamp(NOW), now=NOW)
    token = world.token(MARKS)
    view, _, _ = show(world.engine, tram, token, Filters(), now=NOW)
    actor, action, what, why = world.audit()[-1]
    assert (actor, action, what) == ("station:tram", "worklist.show", f"dose {view.item.dose_id}")
    assert why == "persons 1"
    listing = world.audit()[-2]
    assert listing[1] == "worklist.list"
    assert str(view.item.dose_id) in listing[3]
    put_forward(world)
    confirm(world, token)
    with reading(world.engine) as connection:
        check(connection)
    told = json.dumps(world.audit(), ensure_ascii=False)
    for secret in ("001190000011", "Nguyen Thi Vi Du", "Nguyễn Thị Ví Dụ", "1990-04-15", "15/04/1990"):
        assert secret not in told


def test_late_filter_is_the_48_hour_clock(world: World) -> None:
    assert world.names(HOME, Filters(late_before=timestamp(NOW - timedelta(hours=48)))) == []
    assert len(world.names(HOME, Filters(late_before=timestamp(NOW)))) == 9


@pytest.mark.parametrize(
    ("one", "other", "left", "right"),
    [
        ("NGUYEN THI HOA", "Nguyễn Thị Hòa", "NGUY{E}N TH{I} H{O}A", "Nguy{ễ}n Th{ị} H{ò}a"),
        ("Hoà", "Hòa", "H{oà}", "H{òa}"),
        ("Trần Văn Hùng", "Trần Hùng", "Trần [Văn ]Hùng", "Trần Hùng"),
        ("Đỗ", "Do", "{Đỗ}", "{Do}"),
        ("001190000017", "001190000071", "0011900000[17]", "0011900000[71]"),
        ("03/07/1985", "07/03/1985", "0[3]/0[7]/1985", "0[7]/0[3]/1985"),
        ("", "Lê", "", "[Lê]"),
        ("le\u0323", "lẹ", "lẹ", "lẹ"),
    ],
)
def test_differing_letters_are_marked_and_marks_apart_from_letters(one: str, other: str, left: str, right: str) -> None:
    def shown(pieces: object) -> str:
        frame = {Difference.SAME: "{}", Difference.MARK: "{{{}}}", Difference.OTHER: "[{}]"}
        return "".join(frame[piece.difference].format(piece.text) for piece in pieces)  # type: ignore[attr-defined]

    pieces = differences(one, other)
    assert (shown(pieces[0]), shown(pieces[1])) == (left, right)


def test_differences_of_a_name_do_not_show_in_a_repr() -> None:
    assert "Nguy" not in repr(differences("Nguyen", "Nguyễn"))


def test_reasons_and_kinds_have_words() -> None:
    from issuer.worklist.words import TEXTS

    for reason in corrections.AsideReason:
        assert f"aside.{reason}" in TEXTS
    for why in corrections.RejectReason:
        assert f"reject.{why}" in TEXTS
