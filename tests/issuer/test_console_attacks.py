"""Attacks on the console: races on both databases, forged texts, uploads, second accounts, and what a proxy may say."""

import io
import re
import threading
from collections.abc import Callable
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from openpyxl import Workbook, load_workbook
from waitress.proxy_headers import proxy_headers_middleware

from issuer.commands.web import proxy_settings
from issuer.errors import Code, IssuerError
from issuer.formulas import harmless
from issuer.store.engine import reading
from issuer.store.worklist_tables import account, correction, handover, team_sheet, work_item
from issuer.web.app import create_app
from issuer.worklist import accounts, bulk
from issuer.worklist.corrections import approve, propose_person, undo, withdraw
from issuer.worklist.handover import make
from issuer.worklist.roles import Role
from issuer.worklist.team_sheet import MAX_ROWS, take_sheet, write_sheet
from issuer.worklist.words import TEXTS
from tests.console_client import SECURE, Browser, Clock, signed_in
from tests.worklist_world import NOW, PASSWORD, World, command

MARKS = "Nguyen Thi Vi Du"


@pytest.fixture
def app(world: World) -> Flask:
    return create_app(world.engine, now=Clock(), secret=b"t" * 32)


def console(world: World) -> Flask:
    return create_app(world.engine, now=Clock(), secret=b"t" * 32)


def at_once(*acts: Callable[[], Any]) -> list[Any]:
    """All acts together; what each returned, or the code with which it was refused."""
    start, results = threading.Barrier(len(acts)), [None] * len(acts)

    def run(at: int, act: Callable[[], Any]) -> None:
        start.wait()
        try:
            results[at] = act()
        except IssuerError as error:
            results[at] = error.code

    threads = [threading.Thread(target=run, args=one) for one in enumerate(acts)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results


def states(world: World) -> list[str]:
    with reading(world.engine) as connection:
        return list(connection.scalars(sa.select(correction.c.state).order_by(correction.c.correction_id)))


# races


def test_of_two_officers_who_approve_at_once_one_does(world_on_both: World) -> None:
    world = world_on_both
    token = world.token(MARKS)
    propose_person(world.engine, world.officer("tram"), token, 1, world.seal("tram", token), now=NOW)
    officers = [world.officer("congan"), world.officer("congan2")]
    seal = world.seal("congan", token)
    found = at_once(*(lambda who=who: approve(world.engine, who, token, seal, now=NOW) for who in officers))
    assert sorted(map(str, found)) == sorted([str(Code.WORK_CHANGED), "matched"])
    assert states(world) == ["applied"]


def test_of_approval_and_withdrawal_at_once_one_counts(world_on_both: World) -> None:
    world = world_on_both
    token = world.token(MARKS)
    propose_person(world.engine, world.officer("tram"), token, 1, world.seal("tram", token), now=NOW)
    seal, station = world.seal("congan", token), world.seal("tram", token)
    found = at_once(
        lambda: approve(world.engine, world.officer("congan"), token, seal, now=NOW),
        lambda: withdraw(world.engine, world.officer("tram"), token, station, now=NOW),
    )
    assert found.count(Code.WORK_CHANGED) == 1
    assert states(world) in (["applied"], ["withdrawn"])
    assert world.link_of(token)[0] == ("matched" if states(world) == ["applied"] else "mismatched")


def test_of_two_officers_who_undo_at_once_one_does(world_on_both: World) -> None:
    world = world_on_both
    token = world.token(MARKS)
    propose_person(world.engine, world.officer("tram"), token, 1, world.seal("tram", token), now=NOW)
    approve(world.engine, world.officer("congan"), token, world.seal("congan", token), now=NOW)
    seal = world.seal("congan", token)
    found = at_once(
        *(
            lambda who=who: undo(world.engine, world.officer(who), token, "typing", seal, now=NOW)
            for who in ("congan", "congan2")
        )
    )
    assert sorted(map(str, found)) == sorted([str(Code.WORK_CHANGED), "None"])
    assert world.link_of(token)[0] == "mismatched"
    assert states(world) == ["undone"]


def test_one_record_on_two_bulk_lists_at_once_is_approved_once(world_on_both: World) -> None:
    world = world_on_both
    token = world.token(MARKS)
    bulk.propose_bulk(world.engine, world.officer("tram"), "marks", {token: world.seal("tram", token)}, now=NOW)
    sealed = {token: world.seal("congan", token)}
    found = at_once(
        *(
            lambda who=who: bulk.approve_bulk(world.engine, world.officer(who), "marks", sealed, now=NOW).done
            for who in ("congan", "congan2")
        )
    )
    assert sorted(found) == [0, 1]


def test_two_hand_over_lists_made_at_once_share_no_correction(world_on_both: World) -> None:
    world = world_on_both
    token = world.token(MARKS)
    propose_person(world.engine, world.officer("tram"), token, 1, world.seal("tram", token), now=NOW)
    approve(world.engine, world.officer("congan"), token, world.seal("congan", token), now=NOW)
    found = at_once(*(lambda who=who: make(world.engine, world.officer(who), now=NOW) for who in ("congan", "congan2")))
    assert found.count(Code.HANDOVER_NOTHING) == 1
    with reading(world.engine) as connection:
        assert connection.scalars(sa.select(handover.c.row_count)).all() == [1]


def test_one_sheet_brought_in_twice_at_once_is_one_sheet(world_on_both: World) -> None:
    world = world_on_both
    path = world.folder / "thon.xlsx"
    path.write_bytes(corrected(world, "Phạm Quốc Thử", "001095000044"))
    found = at_once(
        *(lambda: take_sheet(world.engine, world.officer("tram"), path, "thon.xlsx", now=NOW) for _ in range(2))
    )
    assert sorted(one.already for one in found) == [False, True]
    with reading(world.engine) as connection:
        assert connection.scalar(sa.select(sa.func.count()).select_from(team_sheet)) == 1


def test_an_office_that_signs_in_at_once_for_the_first_time_is_let_in(world_on_both: World) -> None:
    app = console(world_on_both)
    logins = ("tram", "congan", "congan2", "huyen")
    found = at_once(*(lambda who=who: Browser(app).sign_in(who).status_code for who in logins))
    assert found == [302] * len(logins)


def corrected(world: World, name: str, number: str) -> bytes:
    """A team's sheet with one number filled in."""
    book = load_workbook(io.BytesIO(write_sheet(world.engine, world.officer("tram"), filters(), now=NOW)))
    places = {cell.value: cell.column for cell in book.active[1]}
    for row in book.active.iter_rows(min_row=2):
        if row[1].value == name:
            book.active.cell(row[0].row, places["SỬA số giấy tờ"], number)
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def filters() -> Any:
    from issuer.store.worklist_store import Filters

    return Filters()


def waiting_for_a_lock(world: World) -> bool:
    query = sa.text("SELECT count(*) FROM pg_locks WHERE NOT granted AND pid IN (SELECT pid FROM pg_stat_activity)")
    with world.engine.connect() as connection:
        return bool(connection.scalar(query))


def test_sheet_that_waits_for_a_record_keeps_nobody_else_waiting(world_on_both: World) -> None:
    world = world_on_both
    if world.engine.dialect.name == "sqlite":
        return  # one writer at a time, whoever it is
    path = world.folder / "thon.xlsx"
    book = load_workbook(io.BytesIO(corrected(world, "Phạm Quốc Thử", "001095000044")))
    places = {cell.value: cell.column for cell in book.active[1]}
    for row in book.active.iter_rows(min_row=2):
        book.active.cell(row[0].row, places["SỬA giới tính"], "Nữ")
        book.active.cell(row[0].row, places["SỬA ngày sinh"], "01/02/1990")
    book.save(path)
    last = max(world.token(name) for name in world.names("00256"))
    done: list[Any] = []
    with world.engine.begin() as holding:
        held = sa.select(work_item.c.dose_id).where(work_item.c.token == last).with_for_update()
        holding.execute(held)
        take = lambda: done.append(take_sheet(world.engine, world.officer("tram"), path, "thon.xlsx", now=NOW))  # noqa: E731
        sheet = threading.Thread(target=take)
        sheet.start()
        while not waiting_for_a_lock(world):
            assert sheet.is_alive()
        assert signed_in(console(world), "congan.xa").get("/queue").status_code == 200, "the log is free meanwhile"
        assert not done
    sheet.join()
    assert done[0].fates["proposed"] >= 8


def test_role_stays_with_who_is_posted_elsewhere(world: World, app: Flask) -> None:
    browser = signed_in(app, "congan2")
    url = world.engine.url.render_as_string(hide_password=False)
    command(url, "account", "move", "--login", "congan2", "--area", "00259")
    assert browser.get("/queue").location == "/login"
    moved = signed_in(app, "congan2")
    assert moved.get(f"/items/{world.token('Do Thi Xa')}").status_code == 200
    assert moved.get(f"/items/{world.token(MARKS)}").status_code == 404
    assert ("tests", "account.move", "account congan2", "from 00256 to 00259") in world.audit()
    for area in ("008", "", "0025x", "002590"):
        with pytest.raises(IssuerError):
            accounts.move_account(world.engine, "congan2", area, now=NOW, actor="tests")


# texts


@pytest.mark.parametrize(
    "back", ["/\t/evil.example", "/\n/evil.example", "/queue\t", "/ /evil.example", "/..//evil.example", "/%09/evil"]
)
def test_no_blank_in_a_path_leads_away_or_breaks_the_page(app: Flask, back: str) -> None:
    answer = signed_in(app, "tram").post("/language", back=back)
    assert (answer.status_code, answer.location) == (302, "/")


def test_language_comes_back_to_the_page_it_was_chosen_on(app: Flask) -> None:
    answer = signed_in(app, "tram").post("/language", back="/queue?state=open&class=no_id&page=2")
    assert answer.location == "/queue?state=open&class=no_id&page=2"


def test_text_that_a_database_cannot_keep_is_no_fault_of_ours(world_on_both: World) -> None:
    app, token = console(world_on_both), world_on_both.token(MARKS)
    assert Browser(app).sign_in("tram\0").status_code == 400
    browser = signed_in(app, "tram")
    seal = world_on_both.seal("tram", token)
    assert browser.post(f"/items/{token}/aside", reason="not_found", note="a\0b", seal=seal).status_code == 400
    assert browser.post("/search", text="Nguyễn\0").status_code == 400
    assert browser.get("/items/" + "%00" * 32).status_code == 404
    sheet = (io.BytesIO(corrected(world_on_both, "Phạm Quốc Thử", "001095000044")), "thôn\0\x1b[2J.xlsx")
    assert browser.post("/sheets/in", sheet=sheet).status_code in (200, 400)
    assert "\x1b" not in browser.get("/sheets").text


@pytest.mark.parametrize("number", ["9" * 5_000, "-1", "1e9", "0x10", str(2**70)])
def test_number_that_is_none_is_refused_wherever_a_form_asks_for_one(world: World, app: Flask, number: str) -> None:
    browser = signed_in(app, "tram")
    token = world.token(MARKS)
    assert browser.post(f"/items/{token}/propose", rank=number, seal=world.seal("tram", token)).status_code in (
        404,
        302,
    )
    assert world.state(token) in ("open", "proposed")
    assert browser.get(f"/queue?page={number}").status_code in (200, 404)
    assert browser.post("/search", file="0025601.csv", row=number).status_code in (200, 302)
    assert signed_in(app, "huyen").post("/checks/draw", count=number).status_code in (400, 409)


def test_form_of_endless_fields_is_refused(app: Flask) -> None:
    browser = signed_in(app, "tram")
    many = {"take": [f"{at:032x}:{at:032x}" for at in range(41)]}
    assert browser.post("/bulk/marks/propose", **many).status_code == 409
    headers = {"Referer": f"{SECURE}/", "Content-Type": "application/x-www-form-urlencoded"}
    for body in ("&note=" + "a" * 70_000, "&a=" * 30_000):
        for client in (browser, Browser(app)):
            data = "csrf_token=" + client.csrf("/login" if client is not browser else "/password") + body
            assert client.client.post("/login", base_url=SECURE, data=data, headers=headers).status_code == 413


@pytest.mark.parametrize("name", ["", "%20", "other", "marks%00", "../marks"])
def test_only_the_closed_list_is_a_safe_class(world: World, app: Flask, name: str) -> None:
    browser = signed_in(app, "tram")
    token = world.token("Phạm Quốc Thử")
    answer = browser.post(f"/bulk/{name}/propose", take=f"{token}:{world.seal('tram', token)}")
    assert answer.status_code in (404, 405, 308)
    assert world.state(token) == "open"


@pytest.mark.parametrize("text", [" =1+1", "\t=1+1", "\xa0@SUM(A1)", "＝1+1", "＠x", "\r\n-1"])
def test_no_blank_before_a_formula_hides_it(text: str) -> None:
    assert harmless(text).startswith("'")


# uploads


def test_sheet_longer_than_any_hamlet_is_refused_whole(world: World) -> None:
    book = Workbook(write_only=True)
    sheet = book.create_sheet()
    sheet.append(["Mã hồ sơ", "SỬA họ và tên", "SỬA ngày sinh", "SỬA giới tính", "SỬA số giấy tờ"])
    for at in range(MAX_ROWS + 1):
        sheet.append([f"{at:032x}", "Nguyễn Văn An"])
    path = world.folder / "long.xlsx"
    book.save(path)
    with pytest.raises(IssuerError) as caught:
        take_sheet(world.engine, world.officer("tram"), path, "long.xlsx", now=NOW)
    assert caught.value.code is Code.TEAM_SHEET_REFUSED
    with reading(world.engine) as connection:
        assert connection.scalar(sa.select(sa.func.count()).select_from(team_sheet)) == 0


def test_sheet_with_another_communes_references_reaches_only_ones_own(world: World, app: Flask) -> None:
    other = world.token("Do Thi Xa")
    book = load_workbook(io.BytesIO(corrected(world, "Phạm Quốc Thử", "001095000044")))
    places = {cell.value: cell.column for cell in book.active[1]}
    row = book.active.max_row + 1
    book.active.cell(row, places["Mã hồ sơ"], other)
    book.active.cell(row, places["SỬA số giấy tờ"], "001095000044")
    stream = io.BytesIO()
    book.save(stream)
    answer = signed_in(app, "tram").post("/sheets/in", sheet=(io.BytesIO(stream.getvalue()), "thon.xlsx"))
    assert TEXTS["sheets.fate.unknown"][0] in answer.text
    assert (world.state(other), world.state(world.token("Phạm Quốc Thử"))) == ("open", "proposed")


# accounts


@pytest.mark.parametrize("again", ["CB-tram", " cb-tram ", "CB tram", "cbtram", "CB\u2011tram", "ＣＢ-tram"])
def test_one_person_gets_no_second_account_by_writing_the_staff_number_otherwise(world: World, again: str) -> None:
    with pytest.raises(IssuerError) as caught:
        accounts.add_account(
            world.engine,
            login="hai",
            staff_number=again,
            name="Cán bộ tram",
            role=Role.POLICE,
            area_code="00256",
            password=PASSWORD,
            now=NOW,
            actor="tests",
        )
    assert caught.value.code is Code.ACCOUNT_REFUSED


def test_closed_account_keeps_its_staff_number_so_its_holder_never_decides_on_its_proposals(world: World) -> None:
    accounts.close_account(world.engine, "tram", now=NOW, actor="tests")
    with pytest.raises(IssuerError):
        accounts.add_account(
            world.engine,
            login="tram2",
            staff_number="CB-tram",
            name="Cán bộ tram",
            role=Role.POLICE,
            area_code="00256",
            password=PASSWORD,
            now=NOW,
            actor="tests",
        )


def test_role_that_changes_holds_from_the_next_request_on(world: World, app: Flask) -> None:
    browser = signed_in(app, "congan2")
    with world.engine.begin() as connection:
        connection.execute(account.update().where(account.c.login == "congan2").values(area_code="00259"))
    assert browser.get(f"/items/{world.token(MARKS)}").status_code == 404


# where a request came from


def through_proxy(app: Flask, proxy: str | None, header: str) -> str:
    """The address that the log keeps for a sign-in through waitress's own reading of headers."""
    settings = proxy_settings(proxy)
    app.wsgi_app = proxy_headers_middleware(  # type: ignore[method-assign]
        app.wsgi_app,
        trusted_proxy=settings.get("trusted_proxy"),
        trusted_proxy_count=settings.get("trusted_proxy_count"),
        trusted_proxy_headers=settings.get("trusted_proxy_headers"),
        clear_untrusted=settings["clear_untrusted_proxy_headers"],
    )
    browser = Browser(app)
    browser.client.environ_base["HTTP_X_FORWARDED_FOR"] = header
    assert browser.sign_in("tram").status_code == 302
    return browser.get("/account").text


def test_address_of_an_officer_behind_the_proxy_is_the_officers(app: Flask) -> None:
    page = through_proxy(app, "127.0.0.1", "10.9.9.9, 203.0.113.7")
    assert "203.0.113.7" in page
    assert "10.9.9.9" not in page, "what the officer's own machine wrote is not believed"


def test_header_that_no_known_proxy_sent_is_not_believed(app: Flask) -> None:
    page = through_proxy(app, None, "203.0.113.7")
    assert "203.0.113.7" not in page
    assert "127.0.0.1" in page


# forms that come late


def test_form_sent_again_after_the_record_changed_says_so_and_leads_back_to_it(world: World, app: Flask) -> None:
    token = world.token(MARKS)
    station = signed_in(app, "tram")
    seal = world.seal("tram", token)
    assert station.post(f"/items/{token}/propose", rank="1", seal=seal).status_code == 302
    again = station.post(f"/items/{token}/propose", rank="1", seal=seal)
    assert again.status_code == 409
    assert TEXTS["advice.WORK_CHANGED"][0] in again.text
    assert f"/items/{token}" in again.text
    assert states(world) == ["proposed"]


def test_session_that_ended_says_so_and_keeps_the_language(world: World, app: Flask) -> None:
    browser = signed_in(app, "tram")
    browser.post("/language", back="/queue")
    accounts.close_account(world.engine, "tram", now=NOW, actor="tests")
    assert browser.get("/queue").location == "/login"
    assert TEXTS["login.ended"][1] in browser.get("/login").text


def test_refused_correction_comes_back_as_it_was_typed(world: World, app: Flask) -> None:
    token = world.token(MARKS)
    browser = signed_in(app, "tram")
    typed = {"full_name": "Nguyễn Thị Ví Dụ", "birth_date": "31/02/1990", "sex": "F"}
    answer = browser.post(f"/items/{token}/correct", seal=world.seal("tram", token), **typed)
    assert answer.status_code == 400
    for text in ('value="Nguyễn Thị Ví Dụ"', 'value="31/02/1990"', 'value="F" selected'):
        assert text in answer.text
    assert re.search(r'name="birth_date"[^>]*aria-invalid="true"', answer.text)
    assert world.audit()[-1][1] == "worklist.show", "the page that came back shows the record: its line stands"
