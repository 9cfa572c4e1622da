"""The second factor: shown once, a code once, worth nothing to who copies the database, and reset by a superior."""

import base64
import re
import threading
from datetime import timedelta

import pytest
import sqlalchemy as sa
from cryptography.hazmat.primitives.hashes import SHA1
from cryptography.hazmat.primitives.twofactor.totp import TOTP
from flask import Flask

from issuer.store.engine import reading
from issuer.store.worklist_tables import account
from issuer.web.app import create_app
from issuer.worklist.attempts import MAX_BY_PLACE, WINDOW
from issuer.worklist.roles import Role
from issuer.worklist.words import TEXTS
from tests.console_client import Browser, Clock, signed_in
from tests.worklist_world import PASSWORD, World, command

SECRET = b"t" * 32


@pytest.fixture
def clock() -> Clock:
    return Clock()


def console(world: World, clock: Clock, *roles: Role, secret: bytes = SECRET) -> Flask:
    return create_app(world.engine, now=clock, secret=secret, second_factor=frozenset(roles))


@pytest.fixture
def app(world: World, clock: Clock) -> Flask:
    return console(world, clock)


class Phone:
    """The app for codes, which read the page that showed the secret."""

    def __init__(self, page: str, clock: Clock) -> None:
        shown = re.search(r"<code>([A-Z2-7 ]+)</code>", page)
        assert shown is not None
        self.text = shown[1].replace(" ", "")
        self.secret = base64.b32decode(self.text + "=" * (-len(self.text) % 8))
        self.clock = clock

    def code(self) -> str:
        return TOTP(self.secret, 6, SHA1(), 30).generate(int(self.clock.now.timestamp())).decode()


def enrol(app: Flask, clock: Clock, login: str) -> tuple[Browser, Phone]:
    browser = signed_in(app, login)
    phone = Phone(browser.post("/account/second", password=PASSWORD).text, clock)
    assert browser.post("/account/second/confirm", code=phone.code()).location == "/account"
    return browser, phone


def sign_in(app: Flask, login: str, code: str, password: str = PASSWORD) -> int:
    browser = Browser(app)
    return browser.post("/login", browser.csrf("/login"), login=login, password=password, code=code).status_code


def test_whoever_enrolled_signs_in_with_password_and_code_and_with_neither_alone(app: Flask, clock: Clock) -> None:
    _, phone = enrol(app, clock, "congan")
    clock.now += timedelta(seconds=30)
    assert sign_in(app, "congan", "") == 401
    assert sign_in(app, "congan", phone.code(), "mot mat khau khac") == 401
    assert sign_in(app, "congan", phone.code()[:3] + " " + phone.code()[3:]) == 302
    assert sign_in(app, "tram", "") == 302, "nobody else is asked for one"


def test_code_is_worth_one_sign_in(app: Flask, clock: Clock) -> None:
    _, phone = enrol(app, clock, "congan")
    assert sign_in(app, "congan", phone.code()) == 401, "the code that put it in force was used by that"
    clock.now += timedelta(seconds=30)
    code = phone.code()
    assert sign_in(app, "congan", code) == 302
    assert sign_in(app, "congan", code) == 401
    clock.now += timedelta(seconds=30)
    assert sign_in(app, "congan", code) == 401, "a code of the half minute before is no new one"
    assert sign_in(app, "congan", phone.code()) == 302


@pytest.mark.parametrize(("late", "status"), [(-30, 302), (0, 302), (30, 302), (-90, 401), (90, 401)])
def test_clock_of_a_phone_may_be_half_a_minute_off(app: Flask, clock: Clock, late: int, status: int) -> None:
    _, phone = enrol(app, clock, "congan")
    clock.now += timedelta(minutes=5)
    clock.now += timedelta(seconds=late)
    code = phone.code()
    clock.now -= timedelta(seconds=late)
    assert sign_in(app, "congan", code) == status


@pytest.mark.parametrize("code", ["", "000000", "12345", "1234567", "٠١٢٣٤٥", "abcdef", "-12345", "\n"])
def test_what_is_no_code_is_refused_in_the_same_words_as_a_wrong_password(app: Flask, clock: Clock, code: str) -> None:
    enrol(app, clock, "congan")

    def page(password: str) -> str:
        browser = Browser(app)
        form = {"login": "congan", "password": password, "code": code}
        answer = browser.post("/login", browser.csrf("/login"), **form)
        assert answer.status_code == 401
        return re.sub(r'value="[^"]+"', "", answer.text)

    assert page(PASSWORD) == page("mot mat khau khac"), "who guesses does not learn that the password was right"


def test_guessing_codes_is_stopped_as_guessing_passwords_is(app: Flask, clock: Clock) -> None:
    _, phone = enrol(app, clock, "congan")
    clock.now += timedelta(seconds=30)
    assert [sign_in(app, "congan", f"{at:06}") for at in range(5)] == [401] * 5
    assert sign_in(app, "congan", phone.code()) == 429


def test_of_two_who_use_one_code_at_once_one_gets_in(world_on_both: World, clock: Clock) -> None:
    app = console(world_on_both, clock)
    _, phone = enrol(app, clock, "congan")
    clock.now += timedelta(seconds=30)
    start, found = threading.Barrier(2), []

    def run() -> None:
        start.wait()
        found.append(sign_in(app, "congan", phone.code()))

    threads = [threading.Thread(target=run) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(found) == [302, 401]


def test_secret_is_shown_once_and_stands_nowhere_else(world: World, app: Flask, clock: Clock) -> None:
    browser, phone = enrol(app, clock, "congan")
    for path in ("/account", "/account/second"):
        assert phone.text not in browser.get(path).text.replace(" ", "")
    cookie = browser.client.get_cookie("__Host-hochieu", domain="console.example")
    assert cookie is not None
    assert phone.text not in cookie.value
    assert phone.text not in str(world.audit())
    stored = (world.folder / "register.sqlite").read_bytes()
    stored += (world.folder / "register.sqlite-wal").read_bytes()
    assert phone.secret not in stored
    assert phone.text.encode() not in stored


def test_database_without_the_consoles_secret_signs_nobody_in(world: World, app: Flask, clock: Clock) -> None:
    _, phone = enrol(app, clock, "congan")
    clock.now += timedelta(seconds=30)
    assert sign_in(console(world, clock, secret=b"u" * 32), "congan", phone.code()) == 401


def test_secret_of_one_account_is_worth_nothing_in_the_row_of_another(world: World, app: Flask, clock: Clock) -> None:
    _, phone = enrol(app, clock, "congan")
    enrol(app, clock, "congan2")
    with world.engine.begin() as connection:
        sealed = connection.scalar(sa.select(account.c.second_secret).where(account.c.login == "congan"))
        connection.execute(account.update().where(account.c.login == "congan2").values(second_secret=sealed))
    clock.now += timedelta(seconds=30)
    assert sign_in(app, "congan2", phone.code()) == 401


def test_who_holds_a_session_cannot_exchange_the_phone(app: Flask, clock: Clock) -> None:
    browser, _ = enrol(app, clock, "congan")
    assert browser.post("/account/second", password=PASSWORD).status_code == 409
    assert browser.post("/account/second/confirm", code="000000").status_code == 400


@pytest.mark.parametrize("form", [{}, {"password": "mot mat khau khac"}], ids=["none", "wrong"])
def test_who_finds_a_session_open_binds_no_phone_without_the_password(
    world: World, app: Flask, clock: Clock, form: dict[str, str]
) -> None:
    browser = signed_in(app, "congan")
    answer = browser.post("/account/second", **form)
    assert answer.status_code == 400
    assert "<code>" not in answer.text
    assert 'name="password"' in answer.text, "the form asks again"
    with reading(world.engine) as connection:
        assert connection.scalar(sa.select(account.c.second_secret).where(account.c.login == "congan")) is None
    assert ("police:congan", "login.refused", "account congan", "from 127.0.0.1") in world.audit()
    assert TEXTS["account.refused"][0] in browser.get("/account").text


def test_begun_secret_is_not_exchanged_without_the_password(app: Flask, clock: Clock) -> None:
    browser = signed_in(app, "congan")
    phone = Phone(browser.post("/account/second", password=PASSWORD).text, clock)
    assert browser.post("/account/second", password="mot mat khau khac").status_code == 400
    assert browser.post("/account/second/confirm", code=phone.code()).location == "/account"


def test_passwords_guessed_in_that_form_are_counted_with_those_of_the_sign_in(app: Flask, clock: Clock) -> None:
    browser = signed_in(app, "congan")
    for _ in range(MAX_BY_PLACE):
        assert browser.post("/account/second", password="mot mat khau khac").status_code == 400
    assert browser.post("/account/second", password=PASSWORD).status_code == 429
    assert sign_in(app, "congan", "") == 429
    clock.now += WINDOW + timedelta(seconds=1)
    assert browser.post("/account/second", password=PASSWORD).status_code == 200


def test_password_proven_in_a_session_forgives_no_guessed_code(app: Flask, clock: Clock) -> None:
    browser, phone = enrol(app, clock, "congan")
    clock.now += timedelta(seconds=30)
    for at in range(MAX_BY_PLACE):
        assert browser.post("/password", old=PASSWORD, new=PASSWORD).status_code == 400
        assert sign_in(app, "congan", f"{at:06}") == 401
    assert sign_in(app, "congan", phone.code()) == 429


def test_wrong_first_code_puts_nothing_in_force(world: World, app: Flask, clock: Clock) -> None:
    browser = signed_in(app, "congan")
    phone = Phone(browser.post("/account/second", password=PASSWORD).text, clock)
    wrong = f"{(int(phone.code()) + 1) % 1_000_000:06}"
    answer = browser.post("/account/second/confirm", code=wrong)
    assert answer.status_code == 400
    assert TEXTS["second.wrong"][0] in answer.text
    assert sign_in(app, "congan", "") == 302


def test_role_that_needs_one_does_nothing_before_it_has_one(world: World, clock: Clock) -> None:
    app = console(world, clock, Role.POLICE)
    browser = signed_in(app, "congan")
    for path in ("/queue", "/bulk", "/numbers", "/account", f"/items/{world.token('Lê Thị Hòa')}"):
        assert browser.get(path).location == "/account/second", path
    phone = Phone(browser.post("/account/second", password=PASSWORD).text, clock)
    browser.post("/account/second/confirm", code=phone.code())
    assert browser.get("/queue").status_code == 200
    assert signed_in(app, "tram").get("/queue").status_code == 200


def test_superior_takes_it_away_from_who_lost_the_phone(world: World, app: Flask, clock: Clock) -> None:
    browser, _ = enrol(app, clock, "congan")
    command(world.engine.url.render_as_string(hide_password=False), "account", "reset-second", "--login", "congan")
    assert browser.get("/queue").location == "/login"
    assert sign_in(app, "congan", "") == 302
    assert ("tests", "second.reset", "account congan", "") in world.audit()
    assert ("police:congan", "second.enrol", "account congan", "") in world.audit()
    with reading(world.engine) as connection:
        row = connection.execute(sa.select(account).where(account.c.login == "congan")).one()
    assert (row.second_secret, row.second_since, row.second_step) == (None, None, 0)
