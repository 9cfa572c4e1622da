"""The numbers as .csv in a spreadsheet program: a facility's code and name are text, whatever they begin with."""

import csv
import io
import re

import pytest
import sqlalchemy as sa

from issuer.store.engine import writing
from issuer.store.tables import facility
from issuer.web.app import create_app
from tests.worklist_world import NOW, PASSWORD, World, command

SITE = "https://console.example"
FORMULA = '=HYPERLINK("http://example.test";"x")'


@pytest.fixture
def hostile(world: World) -> World:
    """A facility whose name is a formula, and one whose code begins like one."""
    with writing(world.engine) as connection:
        ours = connection.execute(sa.update(facility).where(facility.c.code == "0025601").values(name=FORMULA))
        other = connection.execute(sa.update(facility).where(facility.c.code == "0025901").values(code="@SUM(1)"))
        assert (ours.rowcount, other.rowcount) == (1, 1)
    return world


def test_report_writes_no_formula(hostile: World) -> None:
    url = hostile.engine.url.render_as_string(hide_password=False)
    rows = list(csv.DictReader(io.StringIO(command(url, "report", "--level", "facility", "--csv"))))
    assert {row["name"] for row in rows if row["code"] == "0025601"} == {f"'{FORMULA}"}
    assert "'@SUM(1)" in {row["code"] for row in rows} and "@SUM(1)" not in {row["code"] for row in rows}


def test_the_console_writes_no_formula(hostile: World) -> None:
    browser = create_app(hostile.engine, now=lambda: NOW, secret=b"t" * 32).test_client()
    token = re.search(r'name="csrf_token" value="([^"]+)"', browser.get("/login", base_url=SITE).text)
    assert token is not None
    form = {"csrf_token": token[1], "login": "tram", "password": PASSWORD}
    assert browser.post("/login", base_url=SITE, data=form, headers={"Referer": f"{SITE}/"}).status_code == 302
    rows = list(csv.DictReader(io.StringIO(browser.get("/numbers/csv", base_url=SITE).text)))
    assert {row["name"] for row in rows if row["code"] == "0025601"} == {f"'{FORMULA}"}
