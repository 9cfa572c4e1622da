"""Who guesses passwords locks out nobody else, and who signs in again is back where the session ended."""

import io
from datetime import timedelta

import pytest
from flask import Flask

from issuer.web.app import create_app
from issuer.web.way_back import is_own_path
from issuer.worklist import accounts
from issuer.worklist.attempts import MAX_BY_LOGIN, MAX_BY_PLACE, WINDOW, Origin
from issuer.worklist.words import TEXTS
from tests.console_client import SECURE, Browser, Clock, signed_in
from tests.worklist_world import NOW, PASSWORD, World

MARKS = "Nguyen Thi Vi Du"
OFFICE = "203.0.113.7"
GUESS = "khong phai mat khau"
LATER = timedelta(minutes=31)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def app(world: World, clock: Clock) -> Flask:
    return create_app(world.engine, now=clock, secret=b"t" * 32)


def at(app: Flask, address: str) -> Browser:
    browser = Browser(app)
    browser.client.environ_base["REMOTE_ADDR"] = address
    return browser


def guess(app: Flask, login: str, addresses: int) -> None:
    """All that so many addresses may guess at a login."""
    for number in range(addresses):
        for _ in range(MAX_BY_PLACE):
            assert at(app, f"198.51.100.{number}").sign_in(login, GUESS).status_code == 401


# guessing


def test_guesser_elsewhere_does_not_lock_an_officer_out_of_the_own_office(app: Flask, clock: Clock) -> None:
    assert at(app, OFFICE).sign_in("tram").status_code == 302
    guess(app, "tram", MAX_BY_LOGIN // MAX_BY_PLACE)
    assert at(app, "198.51.100.99").sign_in("tram").status_code == 429, "all other addresses together are stopped"
    assert at(app, OFFICE).sign_in("tram").status_code == 302
    clock.now += WINDOW + timedelta(seconds=1)
    assert at(app, "198.51.100.99").sign_in("tram").status_code == 302


def test_one_address_that_goes_on_guessing_closes_the_login_nowhere_else(app: Flask) -> None:
    guess(app, "tram", 1)
    for _ in range(MAX_BY_LOGIN):
        assert at(app, "198.51.100.0").sign_in("tram", GUESS).status_code == 429
    assert at(app, "198.51.100.99").sign_in("tram").status_code == 302


def test_office_is_known_whatever_port_its_requests_come_from_and_for_ninety_days(app: Flask, clock: Clock) -> None:
    office = at(app, OFFICE)
    office.client.environ_base["REMOTE_PORT"] = "50123"
    assert office.sign_in("tram").status_code == 302
    assert f"{OFFICE} cổng 50123" in office.get("/account").text
    guess(app, "tram", MAX_BY_LOGIN // MAX_BY_PLACE)
    assert at(app, OFFICE).sign_in("congan").status_code == 302
    assert at(app, OFFICE).sign_in("tram").status_code == 302
    clock.now += timedelta(days=91)
    assert at(app, OFFICE).sign_in("congan").status_code == 302, "whoever signs in sweeps what is old"
    guess(app, "tram", MAX_BY_LOGIN // MAX_BY_PLACE)
    assert at(app, OFFICE).sign_in("tram").status_code == 429


def test_failed_sign_in_makes_no_address_known(app: Flask) -> None:
    guess(app, "tram", MAX_BY_LOGIN // MAX_BY_PLACE - 1)
    for _ in range(MAX_BY_PLACE - 1):
        assert at(app, OFFICE).sign_in("tram", GUESS).status_code == 401
    assert at(app, "198.51.100.99").sign_in("tram", GUESS).status_code == 401
    assert at(app, OFFICE).sign_in("tram").status_code == 429


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("203.0.113.7", "203.0.113.7"),
        ("::ffff:203.0.113.7", "203.0.113.7"),
        ("2001:db8:1:2::1", "2001:db8:1:2::/64"),
        ("2001:db8:1:2:ffff::9", "2001:db8:1:2::/64"),
        ("fe80::1%eth0", "fe80::/64"),
        ("unknown", "unknown"),
        ("", ""),
    ],
)
def test_machine_that_takes_another_ipv6_address_is_in_the_same_place(address: str, network: str) -> None:
    assert Origin(address).network == network
    assert Origin.of(str(Origin(address, "50123"))) == Origin(address, "50123")
    assert Origin.of(str(Origin(address))) == Origin(address)


def test_old_password_guessed_in_a_session_is_counted_with_those_of_the_sign_in(world: World, app: Flask) -> None:
    thief = signed_in(app, "tram")
    for _ in range(MAX_BY_PLACE):
        assert thief.post("/password", old=GUESS, new="mat khau moi cua toi").status_code == 400
    answer = thief.post("/password", old=PASSWORD, new="mat khau moi cua toi")
    assert answer.status_code == 429
    assert Browser(app).sign_in("tram").status_code == 429
    refused = ("station:tram", "login.refused", "account tram", "from 127.0.0.1")
    assert world.audit().count(refused) == MAX_BY_PLACE
    assert thief.get("/account").text.count(TEXTS["account.refused"][0]) == MAX_BY_PLACE


def test_right_old_password_is_no_failure(app: Flask) -> None:
    browser = signed_in(app, "tram")
    for _ in range(MAX_BY_PLACE + 1):
        assert browser.post("/password", old=PASSWORD, new="ngan").status_code == 400
    assert browser.post("/password", old=PASSWORD, new="mat khau moi cua toi").status_code == 302


# the way back


def ended(app: Flask, clock: Clock, login: str) -> Browser:
    """A browser whose session has ended by itself."""
    browser = signed_in(app, login)
    clock.now += LATER
    return browser


@pytest.mark.parametrize(
    ("asked", "back"),
    [
        ("/queue?state=open&class=no_id&page=2", "/queue?state=open&class=no_id&page=2"),
        ("/items/{token}?state=open", "/items/{token}?state=open"),
        ("/bulk/marks", "/bulk/marks"),
        ("/account/second", "/account/second"),
        ("/numbers/csv", "/numbers"),
        ("/", "/"),
        ("/queue?state=%09//evil.example", "/queue"),
        ("/queue?" + "a" * 4_000, "/queue"),
        ("/bulk/%5C%5Cevil.example", "/bulk"),
        ("/bulk/%09", "/bulk"),
        ("/bulk/evil.example", "/bulk"),
    ],
)
def test_officer_is_back_on_the_page_after_signing_in_again(
    world: World, app: Flask, clock: Clock, asked: str, back: str
) -> None:
    token = world.token(MARKS)
    browser = ended(app, clock, "tram")
    assert browser.get(asked.format(token=token)).location == "/login"
    assert browser.sign_in("tram", GUESS).status_code == 401
    assert browser.sign_in("tram").location == back.format(token=token)
    assert browser.get(back.format(token=token)).status_code in (200, 302)


@pytest.mark.parametrize(
    "path",
    [
        "//evil.example",
        "/\\evil.example",
        "/\t/evil.example",
        "/queue\t",
        "/queue\n",
        "/ /evil.example",
        "https://evil.example/",
        "/..//evil.example",
        "/queue?x=//evil.example",
        "/queue#@evil.example",
        "/" + "a" * 300,
        "",
    ],
)
def test_only_a_path_as_our_own_pages_have_leads_back(path: str) -> None:
    assert not is_own_path(path)


@pytest.mark.parametrize(
    "path", ["//evil.example", "//evil.example/queue", "/\\evil.example", "/\t/evil.example", "\\"]
)
def test_address_that_is_none_of_ours_leads_nowhere(app: Flask, clock: Clock, path: str) -> None:
    browser = ended(app, clock, "tram")
    answer = browser.client.get("/", base_url=SECURE, environ_overrides={"PATH_INFO": path})
    assert (answer.location or "/login").startswith((f"{SECURE}/evil.example", "/login"))
    assert browser.sign_in("tram").location == "/"


def test_form_sent_after_the_session_ended_is_told_not_to_be_saved(world: World, app: Flask, clock: Clock) -> None:
    token = world.token(MARKS)
    browser = signed_in(app, "tram")
    csrf = browser.csrf()
    clock.now += LATER
    form = {"rank": "1", "seal": world.seal("tram", token)}
    answer = browser.post(f"/items/{token}/propose?state=open&class=mismatched", csrf, **form)
    assert answer.location == "/login"
    assert f'<p class="refusal" role="alert">{TEXTS["login.unsaved"][0]}' in browser.get("/login").text
    assert browser.sign_in("tram").location == f"/items/{token}?state=open&class=mismatched"
    assert world.state(token) == "open"


def test_form_sent_after_signing_out_elsewhere_is_told_not_to_be_saved(world: World, app: Flask) -> None:
    browser = signed_in(app, "tram")
    csrf = browser.csrf()
    browser.post("/logout")
    browser.post("/checks/draw", csrf, count="5")
    assert TEXTS["login.unsaved"][0] in browser.get("/login").text
    assert browser.sign_in("tram").location == "/checks"


def test_form_of_an_earlier_session_is_told_not_to_be_saved(world: World, app: Flask) -> None:
    browser = signed_in(app, "tram")
    csrf, token = browser.csrf(), world.token(MARKS)
    browser.post("/logout")
    browser.sign_in("tram")
    answer = browser.post(f"/items/{token}/propose", csrf, rank="1", seal=world.seal("tram", token))
    assert (answer.status_code, world.state(token)) == (400, "open")
    assert TEXTS["error.csrf"][0] in answer.text


def test_sheet_sent_after_the_session_ended_is_not_called_too_large(app: Flask, clock: Clock) -> None:
    browser = signed_in(app, "tram")
    csrf = browser.csrf()
    clock.now += LATER
    answer = browser.post("/sheets/in", csrf, sheet=(io.BytesIO(b"P" * 200_000), "thon.xlsx"))
    assert answer.location == "/login"
    assert TEXTS["login.unsaved"][0] in browser.get("/login").text
    assert browser.sign_in("tram").location == "/sheets"


def test_page_that_was_only_looked_at_lost_nothing(app: Flask, clock: Clock) -> None:
    browser = ended(app, clock, "tram")
    browser.get("/queue")
    page = browser.get("/login").text
    assert TEXTS["login.ended"][0] in page
    assert TEXTS["login.unsaved"][0] not in page
    browser = signed_in(app, "tram")
    csrf = browser.csrf()
    clock.now += LATER
    browser.post("/logout", csrf)
    assert TEXTS["login.unsaved"][0] not in browser.get("/login").text, "signing out is done either way"


def test_whoever_else_signs_in_there_is_not_led_to_somebodys_page(world: World, app: Flask, clock: Clock) -> None:
    browser = ended(app, clock, "tram")
    browser.get(f"/items/{world.token(MARKS)}")
    before = len(world.audit())
    assert browser.sign_in("congan.xa").location == "/"
    assert [entry[1] for entry in world.audit()[before:]] == ["login"]
    browser.post("/logout")
    assert browser.sign_in("tram").location == "/", "signing out leaves nothing behind"


def test_language_chosen_on_the_form_keeps_the_way_back(app: Flask, clock: Clock) -> None:
    browser = ended(app, clock, "tram")
    browser.get("/numbers")
    browser.post("/language", browser.csrf("/login"), back="/login")
    assert TEXTS["login.title"][1] in browser.get("/login").text
    assert browser.sign_in("tram").location == "/numbers"


def test_first_password_is_changed_before_the_way_back(world: World, app: Flask) -> None:
    accounts.reset_password(world.engine, "tram", "mat khau cap phat", now=NOW, actor="tests")
    browser = Browser(app)
    browser.get("/numbers")
    assert browser.sign_in("tram", "mat khau cap phat").location == "/numbers"
    assert browser.get("/numbers").location == "/password"
