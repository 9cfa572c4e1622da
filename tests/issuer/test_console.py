"""The console from outside: every page under every role, forged requests, headers, sign-in, and what leaves a trace."""

import io
import itertools
import logging
import re
from collections.abc import Iterator
from datetime import timedelta

import pytest
import sqlalchemy as sa
from flask import Flask

from issuer.audit import check, timestamp
from issuer.commands.web import read_secret
from issuer.errors import Code, IssuerError
from issuer.store.engine import reading, writing
from issuer.store.tables import audit_head, dose, person
from issuer.store.worklist_tables import account, correction, web_session, work_item
from issuer.web.access import ACCESS, ANYBODY
from issuer.web.app import create_app
from issuer.worklist import accounts, attempts
from issuer.worklist.corrections import approve, propose_person
from issuer.worklist.handover import make
from issuer.worklist.roles import Role
from issuer.worklist.words import TEXTS
from tests.console_client import LOGINS, SECURE, Browser, Clock, signed_in
from tests.worklist_world import NOW, PASSWORD, World

MARKS = "Nguyen Thi Vi Du"


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def app(world: World, clock: Clock) -> Flask:
    return create_app(world.engine, now=clock, secret=b"t" * 32)


@pytest.fixture
def settled(world: World) -> World:
    """A world with one applied correction and one signed list's worth of it."""
    token = world.token(MARKS)
    propose_person(world.engine, world.officer("tram"), token, 1, world.seal("tram", token), now=NOW)
    approve(world.engine, world.officer("congan"), token, world.seal("congan", token), now=NOW)
    make(world.engine, world.officer("congan"), now=NOW)
    return world


# who may ask for what


def endpoints(app: Flask) -> Iterator[tuple[str, str, str]]:
    """Endpoint, method and a path of every page."""
    for rule in app.url_map.iter_rules():
        places = {name: {"safe_class": "marks", "filename": "keys.js"}.get(name, "f" * 32) for name in rule.arguments}
        with app.test_request_context():
            path = app.url_for(rule.endpoint, **places)
        for method in sorted((rule.methods or set()) & {"GET", "POST"}):
            yield rule.endpoint, method, path.removeprefix("http://localhost")


def test_every_page_stands_in_the_table_and_the_table_holds_nothing_else(app: Flask) -> None:
    assert {endpoint for endpoint, _, _ in endpoints(app)} == set(ACCESS) | ANYBODY


@pytest.mark.parametrize("role", list(Role))
def test_every_role_reaches_exactly_its_own_pages(app: Flask, role: Role) -> None:
    browser = signed_in(app, LOGINS[role])
    csrf = browser.csrf()
    for endpoint, method, path in endpoints(app):
        if endpoint in ANYBODY or endpoint in ("sign_in.logout", "sign_in.password"):
            continue
        answer = browser.get(path) if method == "GET" else browser.post(path, csrf)
        allowed = role in ACCESS[endpoint]
        assert (answer.status_code != 403) is allowed, f"{role} {method} {endpoint}: {answer.status_code}"


def test_without_signing_in_every_page_leads_to_the_form(app: Flask) -> None:
    browser = Browser(app)
    csrf = browser.csrf("/login")
    for endpoint, method, path in endpoints(app):
        if endpoint in ANYBODY:
            continue
        answer = browser.get(path) if method == "GET" else browser.post(path, csrf)
        assert (answer.status_code, answer.location) == (302, "/login"), endpoint


def test_page_that_nobody_thought_of_is_denied(app: Flask) -> None:
    app.add_url_rule("/forgotten", "forgotten", lambda: "everybody's data")
    answer = signed_in(app, "bo").get("/forgotten")
    assert answer.status_code == 403
    assert "everybody" not in answer.text


def test_denial_is_written_to_the_log(world: World, app: Flask) -> None:
    signed_in(app, "huyen").post("/bulk/marks/propose")
    assert ("district:huyen", "web.denied", "bulk.propose", "role") in world.audit()


# other people's records


@pytest.mark.parametrize("login", ["tram.xa", "congan.xa", "huyen.khac"])
def test_record_of_another_commune_is_not_found_by_any_page(world: World, app: Flask, login: str) -> None:
    token = world.token(MARKS)
    browser = signed_in(app, login)
    assert browser.get(f"/items/{token}").status_code == 404
    for action in ("propose", "correct", "aside", "withdraw", "approve", "reject", "undo"):
        reason = "not_found" if action == "aside" else "other"
        answer = browser.post(f"/items/{token}/{action}", rank="1", seal="0" * 32, reason=reason)
        assert answer.status_code in (403, 404), action
    assert world.state(token) == "open"


def test_guessed_number_is_not_found(app: Flask) -> None:
    browser = signed_in(app, "tram")
    for guess in ("33554432", "1", "0" * 32, "../../etc/passwd", "' OR 1=1 --", "%27%20OR%201=1"):
        assert browser.get(f"/items/{guess}").status_code == 404


def test_station_cannot_approve_its_own_proposal_by_forging_the_form(world: World, app: Flask) -> None:
    token = world.token(MARKS)
    browser = signed_in(app, "tram")
    seal = world.seal("tram", token)
    assert browser.post(f"/items/{token}/propose", rank="1", seal=seal).status_code == 302
    answer = browser.post(f"/items/{token}/approve", seal=world.seal("tram", token))
    assert answer.status_code == 403
    assert world.link_of(token)[0] == "mismatched"


def test_form_of_an_older_page_is_a_conflict(world: World, app: Flask) -> None:
    token = world.token(MARKS)
    answer = signed_in(app, "tram").post(f"/items/{token}/propose", rank="1", seal="f" * 32)
    assert answer.status_code == 409
    assert world.state(token) == "open"


@pytest.mark.parametrize("rank", ["0", "2", "99", "-1", "x", ""])
def test_only_a_proposed_person_can_be_chosen(world: World, app: Flask, rank: str) -> None:
    token = world.token(MARKS)
    answer = signed_in(app, "tram").post(f"/items/{token}/propose", rank=rank, seal=world.seal("tram", token))
    assert answer.status_code == 404
    assert world.state(token) == "open"


def test_whole_correction_through_the_forms_of_two_officers(world: World, app: Flask) -> None:
    token = world.token(MARKS)
    station, police = signed_in(app, "tram"), signed_in(app, "congan")
    page = station.get(f"/items/{token}").text
    assert "Nguyễn Thị Ví Dụ" in page.replace('<mark class="m">', "").replace("</mark>", "")
    station.post(f"/items/{token}/propose", rank="1", seal=world.seal("tram", token))
    answer = police.post(f"/items/{token}/approve", seal=world.seal("congan", token))
    assert answer.status_code == 302
    assert world.link_of(token) == ("matched", 1, "approved")
    assert "Đã xác nhận và khớp lại: Khớp." in police.get("/queue").text


# forged requests


@pytest.mark.parametrize("csrf", ["", "forged", "ImZvcmdlZCI.aaaaaa.bbbbbb"])
def test_request_without_the_pages_own_secret_changes_nothing(world: World, app: Flask, csrf: str) -> None:
    token = world.token(MARKS)
    browser = signed_in(app, "tram")
    answer = browser.post(f"/items/{token}/propose", csrf, rank="1", seal=world.seal("tram", token))
    assert answer.status_code == 400
    assert world.state(token) == "open"


def test_secret_of_one_session_is_worth_nothing_in_another(world: World, app: Flask) -> None:
    other = signed_in(app, "congan").csrf()
    token = world.token(MARKS)
    answer = signed_in(app, "tram").post(f"/items/{token}/propose", other, rank="1", seal=world.seal("tram", token))
    assert answer.status_code == 400


def test_request_that_another_site_sent_is_refused(app: Flask) -> None:
    browser = signed_in(app, "tram")
    csrf = browser.csrf()
    headers = {"Referer": "https://evil.example/"}
    answer = browser.client.post("/logout", base_url=SECURE, data={"csrf_token": csrf}, headers=headers)
    assert answer.status_code == 400


@pytest.mark.parametrize("back", ["https://evil.example/", "//evil.example", "/\\evil.example", "javascript:alert(1)"])
def test_nobody_is_led_away(app: Flask, back: str) -> None:
    answer = signed_in(app, "tram").post("/language", back=back)
    assert answer.location == "/"


# sign-in


def test_session_is_a_secure_cookie_of_this_host_alone(app: Flask) -> None:
    browser = Browser(app)
    cookies = browser.post("/login", browser.csrf("/login"), login="tram", password=PASSWORD).headers.getlist(
        "Set-Cookie"
    )
    (cookie,) = [one for one in cookies if one.startswith("__Host-hochieu=")]
    assert {"Secure", "HttpOnly", "SameSite=Strict", "Path=/"} <= set(cookie.split("; "))
    assert "Domain" not in cookie


def test_session_of_before_signing_in_is_worth_nothing_after(app: Flask) -> None:
    browser = Browser(app)
    before = browser.csrf("/login")
    browser.sign_in("tram")
    assert browser.post("/logout", before).status_code == 400


def test_signing_out_ends_the_session_wherever_its_cookie_is(app: Flask) -> None:
    browser = signed_in(app, "tram")
    thief = Browser(app)
    cookie = browser.client.get_cookie("__Host-hochieu", domain="console.example")
    assert cookie is not None
    thief.client.set_cookie("__Host-hochieu", cookie.value, domain="console.example", secure=True)
    assert thief.get("/queue").status_code == 200
    browser.post("/logout")
    assert thief.get("/queue").location == "/login"


def test_idle_session_ends_and_so_does_a_long_one(app: Flask, clock: Clock) -> None:
    browser = signed_in(app, "tram")
    for _ in range(3):
        clock.now += timedelta(minutes=29)
        assert browser.get("/queue").status_code == 200
    clock.now += timedelta(minutes=31)
    assert browser.get("/queue").location == "/login"
    browser = signed_in(app, "tram")
    for _ in range(26):
        clock.now += timedelta(minutes=28)
        answer = browser.get("/queue")
    assert answer.location == "/login"


def test_closed_account_is_out_at_once(world: World, app: Flask) -> None:
    browser = signed_in(app, "tram")
    accounts.close_account(world.engine, "tram", now=NOW, actor="tests")
    assert browser.get("/queue").location == "/login"
    assert Browser(app).sign_in("tram").status_code == 401


def test_wrong_login_and_wrong_password_get_the_same_answer(app: Flask) -> None:
    def answer(login: str, password: str) -> str:
        browser = Browser(app)
        page = browser.sign_in(login, password)
        assert page.status_code == 401
        return re.sub(r'value="[^"]+"', "", page.text)

    assert answer("tram", "mot mat khau khac") == answer("khong.co", PASSWORD)


def test_guessing_is_stopped_for_all_processes_and_whatever_a_header_says(
    world: World, app: Flask, clock: Clock
) -> None:
    other_process = create_app(world.engine, now=clock, secret=b"t" * 32)
    for at, place in zip(range(attempts.MAX_BY_PLACE), itertools.cycle([app, other_process])):
        browser = Browser(place)
        browser.client.environ_base["HTTP_X_FORWARDED_FOR"] = f"10.0.0.{at}"
        assert browser.sign_in("tram", f"khong phai mat khau {at}").status_code == 401
    assert Browser(other_process).sign_in("tram").status_code == 429, "the right password comes too late"
    assert Browser(app).sign_in("congan").status_code == 302, "others are not locked out"
    clock.now += attempts.WINDOW + timedelta(seconds=1)
    assert Browser(app).sign_in("tram").status_code == 302


def test_guessing_over_many_logins_from_one_place_is_stopped(world: World, app: Flask) -> None:
    with writing(world.engine) as connection:
        from issuer.store.worklist_tables import login_failures

        digest = attempts._digest("address 127.0.0.1")
        connection.execute(
            login_failures.insert().values(subject=digest, since=timestamp(NOW), count=attempts.MAX_BY_ADDRESS)
        )
    assert Browser(app).sign_in("tram").status_code == 429


def test_office_behind_one_address_is_not_locked_out_by_signing_in_rightly(world: World, app: Flask) -> None:
    for login in itertools.islice(itertools.cycle(LOGINS.values()), attempts.MAX_BY_ADDRESS + 2):
        assert Browser(app).sign_in(login).status_code == 302


def test_log_tells_from_where_somebody_signed_in_or_failed_to(world: World, app: Flask) -> None:
    browser = Browser(app)
    browser.sign_in("tram", "khong phai mat khau")
    browser.sign_in("tram")
    refused, done = [entry for entry in world.audit() if entry[1].startswith("login")]
    assert refused == ("station:tram", "login.refused", "account tram", "from 127.0.0.1")
    assert done == ("station:tram", "login", "account tram", "from 127.0.0.1")


def test_first_password_must_be_changed_before_anything_else(world: World, app: Flask) -> None:
    accounts.reset_password(world.engine, "tram", "mat khau cap phat", now=NOW, actor="tests")
    browser = Browser(app)
    browser.sign_in("tram", "mat khau cap phat")
    assert browser.get("/queue").location == "/password"
    assert browser.post("/password", old="mat khau cap phat", new="ngan").status_code == 400
    assert browser.post("/password", old="mat khau cap phat", new="mat khau cap phat").status_code == 400
    assert browser.post("/password", old="sai sai sai sai", new="mat khau moi cua toi").status_code == 400
    assert browser.post("/password", old="mat khau cap phat", new="mat khau moi cua toi").status_code == 302
    assert browser.get("/queue").status_code == 200


@pytest.mark.parametrize(
    ("login", "staff", "role", "area"),
    [
        ("moi", "CB-tram", Role.POLICE, "00256"),
        ("tram", "CB-moi", Role.POLICE, "00256"),
        ("Moi", "CB-moi", Role.POLICE, "00256"),
        ("moi", "", Role.POLICE, "00256"),
        ("moi", "CB-moi", Role.POLICE, "008"),
        ("moi", "CB-moi", Role.MINISTRY, "01"),
        ("moi", "CB-moi", Role.PROVINCE, "xx"),
    ],
)
def test_account_that_would_blur_who_is_who_is_refused(
    world: World, login: str, staff: str, role: Role, area: str
) -> None:
    with pytest.raises(IssuerError) as caught:
        accounts.add_account(
            world.engine,
            login=login,
            staff_number=staff,
            name="Mới",
            role=role,
            area_code=area,
            password=PASSWORD,
            now=NOW,
            actor="tests",
        )
    assert caught.value.code is Code.ACCOUNT_REFUSED


def test_passwords_and_session_tokens_are_kept_as_hashes_only(world: World, app: Flask) -> None:
    signed_in(app, "tram")
    with reading(world.engine) as connection:
        hashes = connection.scalars(sa.select(account.c.password_hash)).all()
        tokens = connection.scalars(sa.select(web_session.c.token_hash)).all()
    assert all(one.startswith("$argon2id$") for one in hashes)
    assert all(re.fullmatch("[0-9a-f]{64}", one) for one in tokens)


def test_secret_of_the_cookies_is_its_owners_alone(world: World) -> None:
    path = world.folder / "web.secret"
    assert read_secret(path) == read_secret(path)
    assert path.stat().st_mode & 0o077 == 0
    path.chmod(0o644)
    with pytest.raises(IssuerError):
        read_secret(path)
    path.write_bytes(b"short")
    path.chmod(0o600)
    with pytest.raises(IssuerError):
        read_secret(path)


# headers, traces, canaries


def test_every_answer_carries_the_headers(settled: World, app: Flask) -> None:
    browser = signed_in(app, "tram")
    token = settled.token(MARKS)
    for path in ("/queue", f"/items/{token}", "/numbers", "/nowhere", "/bulk/marks", "/static/console.css"):
        headers = browser.get(path).headers
        policy = headers["Content-Security-Policy"]
        assert "default-src 'none'" in policy
        assert "unsafe" not in policy
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["X-Frame-Options"] == "DENY"
        assert "max-age" in headers["Strict-Transport-Security"]
        assert (headers["Cache-Control"] == "no-store") is not path.startswith("/static")


def test_no_page_holds_a_script_or_a_style_of_its_own(settled: World, app: Flask) -> None:
    for login in ("tram", "congan", "huyen"):
        browser = signed_in(app, login)
        for path in (
            "/queue",
            f"/items/{settled.token('Phạm Quốc Thử')}",
            "/bulk/marks",
            "/sheets",
            "/numbers",
            "/checks",
        ):
            text = browser.get(path).text
            assert not re.search(r"<script(?![^>]* src=)", text)
            assert not re.search(r"\son\w+=|\sstyle=|javascript:", text), path


CANARIES = [
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "'; DROP TABLE person; --",
    "{{ 7*7 }}",
    "%(name)s {name} {0}",
]


@pytest.mark.parametrize("canary", CANARIES)
def test_no_text_of_a_record_becomes_html_sql_or_a_template(world: World, app: Flask, canary: str) -> None:
    token = world.token(MARKS)
    with writing(world.engine) as connection:
        connection.execute(
            dose.update().where(dose.c.full_name == MARKS).values(full_name=canary, lot=canary, address=canary)
        )
        connection.execute(person.update().where(person.c.person_id == 1).values(full_name=canary))
    browser = signed_in(app, "tram")
    for path in ("/queue", f"/items/{token}", "/bulk/marks"):
        answer = browser.get(path)
        assert answer.status_code == 200
        bare = re.sub("</?mark[^>]*>", "", answer.text)
        assert "<script>alert" not in bare
        assert "<img src=x" not in bare
        assert ">49<" not in bare
    answer = browser.post(f"/items/{token}/aside", reason="not_found", note=canary, seal=world.seal("tram", token))
    assert answer.status_code == 302
    assert "<script>alert" not in browser.get(f"/items/{token}").text
    with reading(world.engine) as connection:
        assert connection.scalar(sa.select(sa.func.count()).select_from(person)) == 12


def test_no_number_name_or_birth_date_stands_in_a_link_of_any_page(settled: World, app: Flask) -> None:
    links: set[str] = set()
    for login in ("tram", "congan", "huyen"):
        browser = signed_in(app, login)
        for path in ("/queue", "/queue?state=closed", "/bulk/marks", "/checks", "/numbers", "/handovers", "/sheets"):
            links.update(re.findall(r'(?:href|action|src)="([^"]*)"', browser.get(path).text))
        item = f"/items/{settled.token('Lê Thị Hòa')}"
        links.update(re.findall(r'(?:href|action|src)="([^"]*)"', browser.get(item).text))
    assert len(links) > 20
    for link in links:
        assert not re.search(r"(?<![0-9a-f])\d{9}(?:\d{3})?(?![0-9a-f])", link), link
        assert "1970" not in link


def test_nothing_of_a_record_is_logged_when_the_database_fails(
    world: World, app: Flask, caplog: pytest.LogCaptureFixture
) -> None:
    token = world.token(MARKS)
    browser = signed_in(app, "tram")
    with caplog.at_level(logging.DEBUG):
        browser.get(f"/items/{token}")
        with writing(world.engine) as connection:
            connection.execute(sa.text("ALTER TABLE proposal RENAME TO gone"))
        answer = browser.get(f"/items/{token}")
    assert answer.status_code == 500
    assert "DATABASE_FAILED on queue.item" in caplog.text
    assert token not in caplog.text
    for secret in (MARKS, "Ví Dụ", "001190000011", "1990"):
        assert secret not in caplog.text + answer.text


def test_nothing_of_a_record_is_logged_when_something_unforeseen_breaks(
    world: World, app: Flask, caplog: pytest.LogCaptureFixture
) -> None:
    token = world.token(MARKS)
    browser = signed_in(app, "tram")
    browser.post(f"/items/{token}/correct", full_name="Nguyễn Thị Ví Dụ", seal=world.seal("tram", token))
    with writing(world.engine) as connection:  # a message of the JSON reader would quote it
        connection.execute(correction.update().values(changes='{"full_name": Nguyễn Thị Ví Dụ 001190000011'))
    with caplog.at_level(logging.DEBUG):
        answer = browser.get(f"/items/{token}")
    assert answer.status_code == 500
    assert re.search(r"Mã sự cố: [0-9a-f]{8}", answer.text)
    assert "incident" in caplog.text
    for secret in (MARKS, "Ví Dụ", "001190000011", "1990", token):
        assert secret not in caplog.text
    for secret in (MARKS, "Ví Dụ", "001190000011", "1990"):
        assert secret not in answer.text


def test_page_whose_line_in_the_log_cannot_be_written_is_not_shown(world: World, app: Flask) -> None:
    browser = signed_in(app, "tram")
    token = world.token(MARKS)
    with writing(world.engine) as connection:  # the log has entries but no head: nothing can follow
        connection.execute(audit_head.delete())
    for path in ("/queue", f"/items/{token}", "/bulk/marks"):
        answer = browser.get(path)
        assert answer.status_code == 500
        assert "Nguyen" not in answer.text
        assert "Nguyễn" not in answer.text
    assert browser.post("/sheets/out").status_code == 500


def test_every_page_that_shows_somebody_wrote_its_line_first(settled: World, app: Flask) -> None:
    token = settled.token("Lê Thị Hòa")
    with reading(settled.engine) as connection:
        list_token = connection.scalar(sa.text("SELECT token FROM handover"))
        number = connection.scalar(sa.select(work_item.c.dose_id).where(work_item.c.token == token))
    browser = signed_in(app, "tram")
    csrf = browser.csrf()
    pages = [
        ("GET", "/queue", "worklist.list"),
        ("GET", f"/items/{token}", "worklist.show"),
        ("GET", "/bulk/sex", "worklist.bulk.show"),
        ("POST", "/sheets/out", "worklist.sheet.out"),
        ("POST", f"/handovers/{list_token}/csv", "handover.read"),
        ("POST", f"/handovers/{list_token}/pdf", "handover.read"),
    ]
    for method, path, action in pages:
        before = len(settled.audit())
        answer = browser.get(path) if method == "GET" else browser.post(path, csrf)
        assert answer.status_code == 200
        new = settled.audit()[before:]
        assert [(actor, what) for actor, what, _, _ in new] == [("station:tram", action)], path
    assert any(entry[2] == f"dose {number}" for entry in settled.audit())
    with reading(settled.engine) as connection:
        check(connection)


def test_pages_that_show_nobody_hold_nobody(settled: World, app: Flask) -> None:
    browser = signed_in(app, "huyen")
    for path in ("/numbers", "/numbers/csv", "/checks", "/handovers", "/bulk", "/sheets"):
        before = len(settled.audit())
        text = browser.get(path).text
        assert len(settled.audit()) == before
        for secret in ("Ví Dụ", "001190000011", "15/04/1990"):
            assert secret not in text


# uploads and languages


def test_upload_becomes_proposals_and_says_what_became_of_every_row(world: World, app: Flask) -> None:
    from openpyxl import load_workbook

    browser = signed_in(app, "tram")
    sheet = browser.post("/sheets/out").data
    book = load_workbook(io.BytesIO(sheet))
    places = {cell.value: cell.column for cell in book.active[1]}
    for row in book.active.iter_rows(min_row=2):
        if row[1].value == "Phạm Quốc Thử":
            book.active.cell(row[0].row, places["SỬA số giấy tờ"], "001095000044")
    stream = io.BytesIO()
    book.save(stream)
    answer = browser.post("/sheets/in", sheet=(io.BytesIO(stream.getvalue()), "../../etc/thôn 1.xlsx"))
    assert answer.status_code == 200
    assert "<b>1</b> dòng thành đề nghị" in answer.text
    assert "../" not in answer.text
    assert world.state(world.token("Phạm Quốc Thử")) == "proposed"


@pytest.mark.parametrize(
    ("name", "data"), [("a.xlsx", b"not a workbook"), ("a.exe", b"MZ"), ("a.xlsm", b"PK\x03\x04"), ("", b"")]
)
def test_upload_that_is_no_sheet_is_refused(app: Flask, name: str, data: bytes) -> None:
    answer = signed_in(app, "tram").post("/sheets/in", sheet=(io.BytesIO(data), name))
    assert answer.status_code == 400


def test_upload_beyond_the_limit_is_refused_before_it_is_read(app: Flask) -> None:
    browser = signed_in(app, "tram")
    size = {"CONTENT_LENGTH": str(9 * 1024 * 1024), "CONTENT_TYPE": "multipart/form-data; boundary=x"}
    answer = browser.client.post("/sheets/in", base_url=SECURE, environ_overrides=size)
    assert answer.status_code == 413


def test_every_page_speaks_both_languages(settled: World, app: Flask) -> None:
    browser = signed_in(app, "tram")
    assert "Hồ sơ cần làm sạch" in browser.get("/queue").text
    browser.post("/language", back="/queue")
    for path in (
        "/queue",
        f"/items/{settled.token('Lê Thị Hòa')}",
        "/bulk",
        "/bulk/sex",
        "/sheets",
        "/handovers",
        "/checks",
        "/numbers",
    ):
        text = browser.get(path).text
        assert '<html lang="en">' in text
        for key in ("nav.queue", "nav.numbers", "nav.logout"):
            assert TEXTS[key][1] in text
            assert TEXTS[key][0] not in text.replace(TEXTS["nav.language"][1], "")


def test_every_text_is_used_and_every_used_text_is_there(root: "object") -> None:
    from pathlib import Path

    folder = Path(str(root)) / "issuer"
    files = [*(folder / "web").rglob("*.html"), *(folder / "web").glob("*.py"), *(folder / "worklist").glob("*.py")]
    source = "\n".join(path.read_text("utf-8") for path in files)
    said = set(re.findall(r"""["']([a-z]+(?:\.[a-zA-Z_0-9]+)+)["']""", source)) & set(TEXTS)
    wanted = set(re.findall(r"""\b(?:t|say|remember)\((?:[a-z"]+, )?["']([a-z]+(?:\.[a-z_]+)+)["']""", source))
    assert wanted <= set(TEXTS)
    built = {
        prefix
        for prefix in re.findall(r"""["']([a-z_.]+\.)["'] ~|f"([a-z.]+\.)\{""", source)
        for prefix in prefix
        if prefix
    }
    unused = {key for key in set(TEXTS) - said - wanted if not key.startswith(tuple(built))}
    assert not unused
    assert all(vi.strip() and en.strip() for vi, en in TEXTS.values())
