"""The page of numbers: the same figures as its .csv and as `report`, cut and not rounded, counted once for all."""

import csv
import io
import re
from collections.abc import Iterable
from datetime import datetime, timedelta

import pytest
import sqlalchemy as sa

from issuer.report import Figure, Metric, report
from issuer.store.engine import reading, writing
from issuer.store.tables import dose, link
from issuer.web.app import create_app
from issuer.worklist.corrections import approve, propose_aside, propose_person
from issuer.worklist.words import TEXTS
from tests.console_client import Clock, signed_in
from tests.worklist_world import AWAY, HOME, NOW, World, command

MARKS = "Nguyen Thi Vi Du"
LEVELS = {
    "tram": (("commune", HOME), ("facility", HOME)),
    "congan.xa": (("commune", AWAY), ("facility", AWAY)),
    "huyen": (("district", "008"), ("commune", "008")),
    "tinh": (("province", "01"), ("district", "01")),
    "bo": (("nation", ""), ("province", "")),
}


def rows_of(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text.removeprefix("\ufeff"))))


def percents(rows: Iterable[dict[str, str]]) -> list[str]:
    figures = (Figure(int(row["numerator"]), int(row["denominator"])) for row in rows)
    return [figure.percent.replace(".", ",") or "–" for figure in figures]


@pytest.mark.parametrize("login", LEVELS)
def test_page_csv_and_command_say_the_same_for_every_level(world: World, login: str) -> None:
    token = world.token(MARKS)
    propose_person(world.engine, world.officer("tram"), token, 1, world.seal("tram", token), now=NOW)
    approve(world.engine, world.officer("congan"), token, world.seal("congan", token), now=NOW)
    browser = signed_in(create_app(world.engine, now=Clock(), secret=b"t" * 32), login)
    rows = rows_of(browser.get("/numbers/csv").text)
    url = world.engine.url.render_as_string(hide_password=False)
    told = [
        row
        for level, area in LEVELS[login]
        for row in rows_of(command(url, "report", "--csv", "--level", level, "--area", area))
    ]
    assert rows == told
    page = re.sub(r"<svg.*?</svg>", "", browser.get("/numbers").text)
    assert re.findall(r"<b>([^<]+)</b>", page)[-len(rows) :] == percents(rows)
    fractions = [f"{int(row['numerator']):,} / {int(row['denominator']):,}".replace(",", ".") for row in rows]
    assert re.findall(r'class="over">([^<]+)<', page) == fractions


@pytest.mark.parametrize(
    ("numerator", "denominator", "percent"),
    [
        (57, 100, "57.0%"),
        (29, 100, "29.0%"),
        (9_999, 10_000, "99.9%"),
        (1_999_999, 2_000_000, "99.9%"),
        (2_000_000, 2_000_000, "100.0%"),
        (2_756_537, 2_924_867, "94.2%"),
        (2_496_793, 2_756_537, "90.5%"),
        (3, 2, "150.0%"),
        (0, 7, "0.0%"),
        (0, 0, ""),
    ],
)
def test_share_is_cut_and_exact(numerator: int, denominator: int, percent: str) -> None:
    assert Figure(numerator, denominator).percent == percent


def test_two_doses_of_one_person_day_and_product_are_both_unclean(world_on_both: World) -> None:
    engine = world_on_both.engine
    before = report(engine, "commune", now=NOW, area=HOME)[0].figures[Metric.CLEAN]
    with reading(engine) as connection:
        matched, repeat = (
            connection.execute(sa.select(dose).where(dose.c.full_name == name)).one()
            for name in ("Bùi Thị Đúng", "Trần Văn Mẫu")
        )
        person_id = connection.scalar(sa.select(link.c.person_id).where(link.c.dose_id == matched.dose_id))
    with writing(engine) as connection:
        values = {"link_class": "duplicate", "person_id": person_id}
        connection.execute(link.update().where(link.c.dose_id == repeat.dose_id).values(**values))
    after = report(engine, "commune", now=NOW, area=HOME)[0].figures[Metric.CLEAN]
    assert after.denominator == before.denominator
    assert before.numerator - after.numerator == 2


def test_record_set_aside_counts_as_waiting_for_nobody_and_verified_by_nobody(world: World) -> None:
    token = world.token(MARKS)
    propose_aside(world.engine, world.officer("tram"), token, "not_found", "", world.seal("tram", token), now=NOW)
    approve(world.engine, world.officer("congan"), token, world.seal("congan", token), now=NOW)
    (line,) = report(world.engine, "commune", now=NOW, area=HOME)
    assert (line.figures[Metric.VERIFIED], line.waiting) == (Figure(0, 9), 8)


class Slow(Clock):
    """A clock by which every question takes ten seconds."""

    def __call__(self) -> datetime:
        self.now += timedelta(seconds=10)
        return self.now


def test_what_took_long_to_count_is_kept_for_all_who_look_and_says_when_it_was_counted(world: World) -> None:
    clock = Slow()
    app = create_app(world.engine, now=clock, secret=b"t" * 32)
    browser = signed_in(app, "tram")
    first, csv_before = browser.get("/numbers").text, browser.get("/numbers/csv").text
    token = world.token(MARKS)
    propose_person(world.engine, world.officer("tram"), token, 1, world.seal("tram", token), now=NOW)
    approve(world.engine, world.officer("congan"), token, world.seal("congan", token), now=NOW)

    def counted(page: str) -> list[str]:
        return re.findall(TEXTS["numbers.at"][0].format(at="([^<]+)"), page)

    police = signed_in(app, "congan")
    assert counted(police.get("/numbers").text) == counted(first)
    assert police.get("/numbers/csv").text == csv_before
    clock.now += timedelta(minutes=20)
    assert counted(browser.get("/numbers").text) != counted(first)
    assert browser.get("/numbers/csv").text != csv_before


def test_nobody_is_shown_figures_kept_for_another_area(world: World) -> None:
    app = create_app(world.engine, now=Slow(), secret=b"t" * 32)
    here = signed_in(app, "tram").get("/numbers/csv").text
    there = signed_in(app, "tram.xa").get("/numbers/csv").text
    assert (HOME in here, AWAY in here, HOME in there, AWAY in there) == (True, False, False, True)
