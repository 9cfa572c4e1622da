"""A make-believe country through the whole path: no wrong link, hardly anybody unfound, a queue near its floor."""

import csv
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from issuer.commands.outcomes import COLUMNS
from issuer.link.model import MAX_PROPOSALS, LinkClass
from issuer.link.run import link_doses
from issuer.people import load_people
from issuer.people.delta import day_of, load_delta
from issuer.simulate.score import Score, score
from issuer.store.engine import open_database
from tests.country import make_country
from tests.dose_lists import NOW, all_outcomes, cleaned, table, take


@pytest.fixture(scope="module")
def country(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[sa.Engine, Path]]:
    """Twelve thousand rows about five thousand people, taken in and cleaned."""
    folder = tmp_path_factory.mktemp("country")
    make_country(folder / "land", seed=20)
    engine = open_database(f"sqlite:///{folder / 'register.sqlite'}")
    load_people(engine, folder / "land" / "people.csv", now=NOW, actor="test")
    for path in sorted((folder / "land" / "doses").iterdir()):
        take(engine, path)
    cleaned(engine)
    yield engine, folder / "land"
    engine.dispose()


def _score(engine: sa.Engine, land: Path, name: str, *, after_deltas: bool = False) -> Score:
    path = land.parent / name
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(COLUMNS)
        for one in all_outcomes(engine):
            found = (one.link_class, one.national_id, ";".join(one.proposals))
            writer.writerow((one.file, one.sheet, one.row, one.fate, ";".join(one.problems), *found))
    return score(land / "truth.csv", path, after_deltas=after_deltas)


def test_numbers_that_must_hold(country: tuple[sa.Engine, Path]) -> None:
    engine, land = country
    link_doses(engine, now=NOW, actor="test")
    first = _score(engine, land, "first.csv")
    assert first.whole
    assert first.wrong == first.unproven == first.missing == first.repeated == first.unknown == 0
    assert first.resolved >= 0.99 * first.known
    assert first.queue <= 1.1 * first.floor
    assert first.raw_queue >= 3 * first.queue

    outcomes = all_outcomes(engine)
    linked = {True: {"matched", "duplicate"}, False: set(LinkClass) - {"matched", "duplicate"}}
    assert all(one.link_class in linked[bool(one.national_id)] for one in outcomes if one.fate == "stored")
    assert max(len(one.proposals) for one in outcomes) <= MAX_PROPOSALS
    assert {one["link_class"] for one in table(engine, "link")} <= set(LinkClass)

    for path in sorted((land / "deltas").iterdir()):
        day = day_of(path)
        assert day is not None
        load_delta(engine, path, day=day, now=NOW, actor="test")
    link_doses(engine, now=NOW, actor="test")
    later = _score(engine, land, "later.csv", after_deltas=True)
    assert later.whole
    assert later.unproven == 0
    assert later.resolved >= 0.99 * later.known
    assert later.queue < first.queue
