"""Finding records in one's own area, the own account, and what follows a correction that was applied."""

import re
from datetime import timedelta

import pytest
import sqlalchemy as sa
from flask import Flask

from issuer.audit import timestamp
from issuer.errors import Code, IssuerError
from issuer.store.engine import writing
from issuer.store.queue_store import refresh
from issuer.store.tables import link
from issuer.store.worklist_tables import sign_in, work_item
from issuer.web.app import create_app
from issuer.worklist import accounts
from issuer.worklist.corrections import (
    approve,
    propose_aside,
    propose_fields,
    propose_person,
    reject,
    undo,
    withdraw,
)
from issuer.worklist.search import Found, Unclear, search
from issuer.worklist.words import TEXTS
from tests.console_client import SECURE, Browser, Clock, signed_in
from tests.worklist_world import NOW, World

MARKS, NO_NUMBER, NOBODY, AWAY = "Nguyen Thi Vi Du", "Phạm Quốc Thử", "Lý Văn Lạ", "Do Thi Xa"


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def app(world: World, clock: Clock) -> Flask:
    return create_app(world.engine, now=clock, secret=b"t" * 32)


def look(world: World, login: str, text: str = "", file: str = "", row: str = "") -> Found | Unclear:
    return search(world.engine, world.officer(login), text, file, row, now=NOW)


def names(found: Found | Unclear) -> list[str]:
    assert isinstance(found, Found)
    return [row.full_name for row in found.rows]


# search


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Phạm Quốc Thử", [NO_NUMBER]),
        ("pham quoc thu", [NO_NUMBER]),
        ("  QUỐC   THỬ ", [NO_NUMBER]),
        ("quốc", [NO_NUMBER]),
        ("001190000011", [MARKS]),
        ("0011 9000 0011", [MARKS]),
        ("90000011", [MARKS]),
        ("Nguyễn Thị Ví Dụ", [MARKS]),
        ("001180000111", []),
        ("Đỗ Thị Xa", []),
        ("%", Unclear.TOO_LITTLE),
        ("__", []),
        ("%%%", []),
        ("0", Unclear.TOO_LITTLE),
        ("x", Unclear.TOO_LITTLE),
        ("   ", Unclear.TOO_LITTLE),
        ("1234567890123", Unclear.TOO_LITTLE),
    ],
)
def test_record_is_found_by_name_or_number_in_ones_own_commune(
    world_on_both: World, text: str, found: list[str] | Unclear
) -> None:
    answer = look(world_on_both, "tram", text)
    assert (answer if isinstance(answer, Unclear) else [row.full_name for row in answer.rows]) == found


@pytest.mark.parametrize(
    ("text", "file", "row", "why"),
    [
        ("", "", "5", Unclear.ROW_OF_WHICH_FILE),
        ("Phạm Quốc Thử", "", "5", Unclear.ROW_OF_WHICH_FILE),
        ("001095000044", "  ", " 5 ", Unclear.ROW_OF_WHICH_FILE),
        ("", "0025601", "0", Unclear.ROW),
        ("", "0025601", "-5", Unclear.ROW),
        ("", "0025601", "5a", Unclear.ROW),
        ("", "0025601", "٥", Unclear.ROW),
        ("", "0025601", "9" * 5_000, Unclear.ROW),
    ],
)
def test_row_that_cannot_be_looked_for_is_told_and_never_left_out(
    world: World, app: Flask, text: str, file: str, row: str, why: Unclear
) -> None:
    assert look(world, "tram", text, file, row) is why
    browser = signed_in(app, "tram")
    form = {"text": text, "file": file, "row": row[:120]}
    for language in (0, 1):
        page = browser.post("/search", **form).text
        assert TEXTS[f"search.unclear.{why}"][language] in page
        assert f'value="{form["row"]}"' in page, "what was typed is there to be mended"
        browser.post("/language", back="/search")


def test_reference_with_another_records_place_finds_nothing(world: World) -> None:
    token = world.token(NO_NUMBER)
    assert names(look(world, "tram", token, "0025601.csv", "5")) == [NO_NUMBER]
    assert names(look(world, "tram", token, "0025601.csv", "4")) == []


def test_record_is_found_by_reference_and_by_its_place_in_the_file(world_on_both: World) -> None:
    world = world_on_both
    token = world.token(NO_NUMBER)
    assert names(look(world, "tram", token)) == [NO_NUMBER]
    assert names(look(world, "tram", file="0025601.CSV", row="5")) == [NO_NUMBER]
    assert len(names(look(world, "tram", file="0025601"))) == 9
    assert names(look(world, "tram", file="0025901")) == []
    assert names(look(world, "tram", world.token(AWAY))) == []
    assert names(look(world, "huyen", world.token(AWAY))) == [AWAY]
    assert names(look(world, "huyen.khac", "Phạm Quốc Thử")) == []


def test_settled_record_is_found_after_those_that_wait(world: World) -> None:
    token = world.token(MARKS)
    propose_person(world.engine, world.officer("tram"), token, 1, world.seal("tram", token), now=NOW)
    approve(world.engine, world.officer("congan"), token, world.seal("congan", token), now=NOW)
    assert MARKS not in world.names("00256")
    assert names(look(world, "tram", "thi"))[-1] == MARKS


def test_log_names_the_doses_found_and_never_what_was_asked(world: World, app: Flask) -> None:
    browser = signed_in(app, "tram")
    assert browser.post("/search", text="Phạm Quốc Thử").location == f"/items/{world.token(NO_NUMBER)}"
    browser.post("/search", text="001095000044", file="0025601.csv")
    entries = [entry for entry in world.audit() if entry[1] == "worklist.search"]
    assert [entry[2] for entry in entries] == ["area 00256 by name", "area 00256 by number and file"]
    assert re.fullmatch(r"doses \d+", entries[0][3])
    assert entries[1][3] == "doses none"
    assert not any(secret in str(world.audit()) for secret in ("Phạm", "pham", "001095000044", "0025601.csv"))


def test_answer_has_an_address_without_anybodys_data_and_the_way_back_is_logged_too(world: World, app: Flask) -> None:
    browser = signed_in(app, "tram")
    answer = browser.post("/search", text="thị")
    assert answer.location == "/search"
    page = browser.get("/search")
    assert {"Lê Thị Hòa", "Hoàng Thị Nghiệm"} <= set(re.findall(r'<span class="name">([^<]*)<', page.text))
    assert world.audit()[-1][1:3] == ("worklist.search", "area 00256 again")
    cookie = browser.client.get_cookie("__Host-hochieu", domain="console.example")
    assert cookie is not None
    assert len(cookie.value) < 3_000
    other = signed_in(app, "tram.xa")
    with other.client.session_transaction(base_url=SECURE) as session:
        session["found"] = [world.token(NO_NUMBER)]
    assert NO_NUMBER not in other.get("/search").text, "another commune's reference finds nothing"


def test_question_that_finds_nobody_keeps_what_was_typed_in_the_form(app: Flask) -> None:
    page = signed_in(app, "tram").post("/search", text="Không Có Ai")
    assert TEXTS["search.nobody"][0] in page.text
    assert 'value="Không Có Ai"' in page.text
    assert TEXTS["search.unclear.too_little"][0] in signed_in(app, "tram").post("/search", text="1").text


# own account


def test_account_shows_where_one_is_signed_in_and_who_tried_and_ends_the_others(world: World, app: Flask) -> None:
    other, here = signed_in(app, "tram"), signed_in(app, "tram")
    Browser(app).sign_in("tram", "khong phai mat khau")
    page = here.get("/account").text
    assert page.count(TEXTS["account.this"][0]) == 1
    assert page.count(TEXTS["account.right"][0]) == 2
    assert page.count(TEXTS["account.refused"][0]) == 1
    assert "Xã Nhà" in page
    here.post("/account/end-others")
    assert other.get("/queue").location == "/login"
    assert here.get("/account").status_code == 200
    assert ("station:tram", "session.end_others", "account tram", "1 ended") in world.audit()


def test_account_shows_nobody_elses_sign_ins(app: Flask) -> None:
    Browser(app).sign_in("congan", "khong phai mat khau")
    assert TEXTS["account.refused"][0] not in signed_in(app, "tram").get("/account").text


def test_own_list_of_sign_ins_is_forgotten_after_ninety_days(world: World, app: Flask, clock: Clock) -> None:
    signed_in(app, "tram")
    clock.now += timedelta(days=91)
    signed_in(app, "congan")
    with world.engine.connect() as connection:
        assert connection.scalar(sa.select(sa.func.count()).select_from(sign_in)) == 1


def test_first_password_of_somebody_else_opens_no_account_page(world: World, app: Flask) -> None:
    accounts.reset_password(world.engine, "tram", "mat khau cap phat", now=NOW, actor="tests")
    browser = Browser(app)
    browser.sign_in("tram", "mat khau cap phat")
    assert browser.get("/account").location == "/password"
    assert browser.get("/search").location == "/password"


# what follows a correction


def correct(world: World, token: str, **typed: str) -> str:
    propose_fields(world.engine, world.officer("tram"), token, typed, world.seal("tram", token), now=NOW)
    return approve(world.engine, world.officer("congan"), token, world.seal("congan", token), now=NOW)


def test_station_goes_on_after_a_correction_that_settled_nothing(world_on_both: World) -> None:
    world = world_on_both
    token = world.token(NO_NUMBER)
    assert correct(world, token, full_name="Phạm Quốc Thư") != "matched"
    assert world.state(token) == "open"
    app = create_app(world.engine, now=Clock(), secret=b"t" * 32)
    page = signed_in(app, "tram").get(f"/items/{token}").text
    assert f"/items/{token}/correct" in page, "the station is not left with nothing to do"
    assert TEXTS["item.again"][0] in page
    assert correct(world, token, full_name=NO_NUMBER, id_number="001095000044") == "matched"
    assert [one.state for one in world.view("tram", token).history] == ["applied", "applied"]
    for name in ("Phạm Quốc Thư", NO_NUMBER):
        undo(world.engine, world.officer("congan"), token, "typing", world.seal("congan", token), now=NOW)
        assert world.dose_of(token)["full_name"] == name
    assert world.state(token) == "open"
    assert world.link_of(token)[0] == "no_id"


def test_nothing_is_undone_under_a_proposal_that_waits(world: World) -> None:
    token = world.token(NO_NUMBER)
    correct(world, token, full_name="Phạm Quốc Thư")
    propose_aside(world.engine, world.officer("tram"), token, "not_found", "", world.seal("tram", token), now=NOW)
    with pytest.raises(IssuerError) as caught:
        undo(world.engine, world.officer("congan"), token, "typing", world.seal("congan", token), now=NOW)
    assert caught.value.code is Code.WORK_STATE
    assert world.state(token) == "proposed"


def linked_by_new_data(world: World, token: str, person_id: int) -> None:
    """What `link` does once the register knows more."""
    with writing(world.engine) as connection:
        dose = sa.select(work_item.c.dose_id).where(work_item.c.token == token).scalar_subquery()
        values = {"link_class": "matched", "person_id": person_id, "basis": "four_fields"}
        connection.execute(link.update().where(link.c.dose_id == dose).values(**values))
        refresh(connection, timestamp(NOW))


@pytest.mark.parametrize("how", ["withdraw", "reject"])
def test_record_that_was_linked_meanwhile_does_not_come_back_to_the_queue(world: World, how: str) -> None:
    token = world.token(MARKS)
    propose_aside(world.engine, world.officer("tram"), token, "not_found", "", world.seal("tram", token), now=NOW)
    linked_by_new_data(world, token, 1)
    if how == "withdraw":
        withdraw(world.engine, world.officer("tram"), token, world.seal("tram", token), now=NOW)
    else:
        seal = world.seal("congan", token)
        reject(world.engine, world.officer("congan"), token, "other", "", seal, now=NOW)
    assert world.state(token) == "closed"
    assert world.link_of(token) == ("matched", 1, "four_fields")


def test_record_set_aside_leaves_the_queue_once_new_data_link_it_and_undoing_takes_no_link_away(world: World) -> None:
    token = world.token(MARKS)
    propose_aside(world.engine, world.officer("tram"), token, "not_found", "", world.seal("tram", token), now=NOW)
    approve(world.engine, world.officer("congan"), token, world.seal("congan", token), now=NOW)
    assert world.state(token) == "aside"
    linked_by_new_data(world, token, 1)
    assert world.state(token) == "closed"
    undo(world.engine, world.officer("congan"), token, "typing", world.seal("congan", token), now=NOW)
    assert world.link_of(token) == ("matched", 1, "four_fields")
    assert world.state(token) == "closed"


# whom waiting facts would meet


def test_police_see_whom_the_corrected_facts_meet_and_the_station_does_not(world: World, app: Flask) -> None:
    token = world.token(NO_NUMBER)
    typed = {"id_number": "001085000022", "full_name": "Trần Văn Mậu"}  # near Trần Văn Mẫu, and born on another day
    propose_fields(world.engine, world.officer("tram"), token, typed, world.seal("tram", token), now=NOW)
    police = signed_in(app, "congan").get(f"/items/{token}").text
    assert TEXTS["item.foreseen_unsure"][0] in police
    assert "Trần Văn Mẫu" in re.sub("</?mark[^>]*>", "", police)
    assert world.audit()[-1][3] == "persons 4,2", "the log names the person whom the page showed"
    assert TEXTS["evidence.birth.different"][0] in police
    station = re.sub("</?mark[^>]*>", "", signed_in(app, "tram").get(f"/items/{token}").text)
    assert "Trần Văn Mẫu" not in station, "typing a number is no way to ask the register for its holder"
    superior = re.sub("</?mark[^>]*>", "", signed_in(app, "huyen").get(f"/items/{token}").text)
    assert "Trần Văn Mẫu" not in superior


def test_number_of_somebody_else_is_told_to_the_police(world: World, app: Flask) -> None:
    token = world.token(NO_NUMBER)
    typed = {"id_number": "001085000022"}  # Trần Văn Mẫu's
    propose_fields(world.engine, world.officer("tram"), token, typed, world.seal("tram", token), now=NOW)
    page = signed_in(app, "congan").get(f"/items/{token}").text
    assert TEXTS["item.foreseen_unsure"][0] in page
    assert TEXTS["evidence.elsewhere"][0] in page


def test_certain_match_is_told_as_such(world: World, app: Flask) -> None:
    token = world.token(NO_NUMBER)
    typed = {"id_number": "001095000044"}
    propose_fields(world.engine, world.officer("tram"), token, typed, world.seal("tram", token), now=NOW)
    assert TEXTS["item.foreseen"][0] in signed_in(app, "congan").get(f"/items/{token}").text


def test_register_that_changes_under_what_was_foreseen_is_seen(world: World) -> None:
    from issuer.store.tables import person

    token = world.token(NO_NUMBER)
    typed = {"id_number": "001095000044"}
    propose_fields(world.engine, world.officer("tram"), token, typed, world.seal("tram", token), now=NOW)
    seen = world.seal("congan", token)
    with writing(world.engine) as connection:
        connection.execute(person.update().where(person.c.person_id == 4).values(birth_date="1996-06-30"))
    with pytest.raises(IssuerError) as caught:
        approve(world.engine, world.officer("congan"), token, seen, now=NOW)
    assert caught.value.code is Code.WORK_CHANGED


def test_link_to_look_again_stands_beside_what_was_done(world: World, app: Flask) -> None:
    token = world.token(MARKS)
    browser = signed_in(app, "tram")
    browser.post(f"/items/{token}/propose", rank="1", seal=world.seal("tram", token))
    page = browser.get("/queue").text
    assert re.search(rf'role="status">[^<]*<a href="/items/{token}"', page)
    assert 'role="status"' not in browser.get("/queue").text


def test_finding_leads_to_the_next_record_that_waits_and_then_back_to_the_list(world: World, app: Flask) -> None:
    for name in (MARKS, "Trần Văn Mẫu"):
        token = world.token(name)
        propose_person(world.engine, world.officer("tram"), token, 1, world.seal("tram", token), now=NOW)
        approve(world.engine, world.officer("congan"), token, world.seal("congan", token), now=NOW)
    browser = signed_in(app, "huyen")
    browser.post("/checks/draw", count="5")
    first, second = re.findall(r'href="(/checks/[0-9a-f]{32})"', browser.get("/checks").text)
    assert browser.post(first, finding="right").location == second
    page = browser.get(second).text
    assert TEXTS["checks.recorded"][0] in page
    assert TEXTS["item.dose"][0] in page
    assert browser.post(second, finding="wrong").location == "/checks"


def test_note_of_a_second_look_may_name_somebody_so_it_stands_on_logged_pages_only(world: World, app: Flask) -> None:
    token = world.token(MARKS)
    propose_person(world.engine, world.officer("tram"), token, 1, world.seal("tram", token), now=NOW)
    approve(world.engine, world.officer("congan"), token, world.seal("congan", token), now=NOW)
    superior = signed_in(app, "huyen")
    superior.post("/checks/draw", count="1")
    (check,) = re.findall(r'href="(/checks/[0-9a-f]{32})"', superior.get("/checks").text)
    superior.post(check, finding="wrong", note="bà Sáu nói không phải")
    police = signed_in(app, "congan")
    for browser in (superior, police):
        before = len(world.audit())
        assert "bà Sáu" not in browser.get("/checks").text
        assert len(world.audit()) == before
    page = police.get(f"/items/{token}").text
    assert TEXTS["history.checked"][0].format(who="huyen") in page
    assert "bà Sáu" in page
    assert world.audit()[-1][1] == "worklist.show"
    assert "bà Sáu" in superior.get(check).text
