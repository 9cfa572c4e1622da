"""A client of the console that keeps cookies and sends forms as the pages gave them, and a clock that tests move."""

import re
from datetime import datetime

from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from issuer.worklist.roles import Role
from tests.worklist_world import NOW, PASSWORD

LOGINS = {
    Role.STATION: "tram",
    Role.POLICE: "congan",
    Role.DISTRICT: "huyen",
    Role.PROVINCE: "tinh",
    Role.MINISTRY: "bo",
}
SECURE = "https://console.example"


class Clock:
    """A clock that tests move."""

    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> datetime:
        return self.now


class Browser:
    """A client that keeps cookies and sends a form as the page gave it."""

    def __init__(self, app: Flask) -> None:
        self.client: FlaskClient = app.test_client()

    def get(self, path: str) -> TestResponse:
        return self.client.get(path, base_url=SECURE, buffered=True)

    def csrf(self, path: str = "/password") -> str:
        found = re.search(r'name="csrf_token" value="([^"]+)"', self.get(path).text)
        assert found is not None
        return found[1]

    def post(self, path: str, token: str | None = None, /, **form: object) -> TestResponse:
        csrf = self.csrf() if token is None else token
        headers = {"Referer": f"{SECURE}/"}
        return self.client.post(path, base_url=SECURE, data={"csrf_token": csrf, **form}, headers=headers)

    def sign_in(self, login: str, password: str = PASSWORD) -> TestResponse:
        return self.post("/login", self.csrf("/login"), login=login, password=password)


def signed_in(app: Flask, login: str) -> Browser:
    browser = Browser(app)
    assert browser.sign_in(login).status_code == 302
    return browser
