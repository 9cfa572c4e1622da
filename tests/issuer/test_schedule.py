"""The doses of one person against the schedule: what is told, and that nothing is told of what some rule allowed."""

import datetime as dt
from pathlib import Path

import pytest
import sqlalchemy as sa

from issuer.audit import timestamp
from issuer.clean.schedule import GivenDose, check_schedules, schedule_problems
from issuer.link.model import LinkClass
from issuer.link.run import link_doses
from issuer.reading.problems import Problem
from issuer.store.correction_store import set_facts
from issuer.store.engine import reading, writing
from issuer.store.link_store import set_classes
from issuer.store.schedule_store import schedule_stale
from issuer.worklist.relink import relink
from tests.dose_lists import HEADER, NOW, all_outcomes, cleaned, load, row, table, take, xlsx

AZ, PFIZER, MODERNA, VERO = "EU/1/21/1529", "EU/1/20/1528", "EU/1/20/1507", "BBIBP-CorV"


def _doses(*given: tuple[str, str, int | None, str]) -> list[GivenDose]:
    return [
        GivenDose(at, dt.date.fromisoformat(day), product, number, role)
        for at, (day, product, number, role) in enumerate(given)
    ]


CASES = [
    ("two doses eight weeks apart", [("2021-06-01", AZ, 1, ""), ("2021-07-27", AZ, 2, "")], []),
    ("grace of four days", [("2021-06-01", AZ, 1, ""), ("2021-07-23", AZ, 2, "")], []),
    ("too soon", [("2021-06-01", AZ, 1, ""), ("2021-07-01", AZ, 2, "")], [(1, Problem.INTERVAL_TOO_SHORT)]),
    ("four weeks from September on", [("2021-08-20", AZ, 1, ""), ("2021-09-17", AZ, 2, "")], []),
    ("AZ then Pfizer was allowed", [("2021-08-01", AZ, 1, ""), ("2021-10-01", PFIZER, 2, "")], []),
    (
        "Vero Cell only with itself",
        [("2021-08-01", VERO, 1, ""), ("2021-09-01", PFIZER, 2, "")],
        [(1, Problem.PRODUCTS_MIXED)],
    ),
    (
        "mixing before it was allowed",
        [("2021-05-01", AZ, 1, ""), ("2021-07-20", MODERNA, 2, "")],
        [(1, Problem.PRODUCTS_MIXED)],
    ),
    ("on one day", [("2021-08-01", AZ, 1, ""), ("2021-08-01", PFIZER, 2, "")], [(1, Problem.DOSES_ON_ONE_DAY)]),
    (
        "the later has the lower number",
        [("2021-06-01", AZ, 2, ""), ("2021-08-01", AZ, 1, "")],
        [(1, Problem.DOSE_NUMBERS_DISAGREE)],
    ),
    (
        "booster six months after, in December 2021",
        [("2021-06-01", PFIZER, 2, ""), ("2021-12-10", PFIZER, None, "booster")],
        [],
    ),
    (
        "booster after five weeks",
        [("2021-11-01", PFIZER, 2, ""), ("2021-12-10", PFIZER, None, "booster")],
        [(1, Problem.INTERVAL_TOO_SHORT)],
    ),
    ("additional dose after Vero Cell", [("2021-11-01", VERO, 2, ""), ("2021-12-20", PFIZER, None, "additional")], []),
    ("an unknown product tells nothing", [("2021-06-01", "", 1, ""), ("2021-06-05", AZ, 2, "")], []),
    ("one dose", [("2021-06-01", AZ, 1, "")], []),
]


@pytest.mark.parametrize(("why", "given", "found"), CASES, ids=[why for why, _, _ in CASES])
def test_the_schedule(
    why: str, given: list[tuple[str, str, int | None, str]], found: list[tuple[int, Problem]]
) -> None:
    assert [(dose, problem) for dose, problem, _ in schedule_problems(_doses(*given), "1990-04-15")] == found


def test_found_once_however_often_it_runs_and_blocks_nothing(register: sa.Engine, tmp_path: Path) -> None:
    load(register, tmp_path)
    doses = [row(), row(Mũi_số=2, Ngày_tiêm="20/08/2021"), row(Mũi_số=3, Ngày_tiêm="20/03/2022")]
    take(register, xlsx(tmp_path / "a.xlsx", [HEADER, *doses]))
    cleaned(register)
    link_doses(register, now=NOW, actor="test")
    assert check_schedules(register) == {"INTERVAL_TOO_SHORT": 1}
    before = table(register, "problem")
    assert check_schedules(register) == {"INTERVAL_TOO_SHORT": 1}
    assert table(register, "problem") == before
    assert [one.problems for one in all_outcomes(register)[1:]] == [(), ("INTERVAL_TOO_SHORT",), ()]
    assert [one["is_blocked"] for one in table(register, "dose")] == [0, 0, 0]


def test_a_dose_that_comes_later_is_seen_beside_the_old_ones(register: sa.Engine, tmp_path: Path) -> None:
    load(register, tmp_path)
    for at, day in enumerate(("20/08/2021", "15/08/2021")):
        take(register, xlsx(tmp_path / f"{at}.xlsx", [HEADER, row(Mũi_số=2 - at, Ngày_tiêm=day)]))
        cleaned(register)
        link_doses(register, now=NOW + dt.timedelta(days=at), actor="test")
        check_schedules(register)
    assert [one.problems for one in all_outcomes(register) if one.row == 2] == [("INTERVAL_TOO_SHORT",), ()]


@pytest.mark.parametrize("relinked", [0, 1], ids=["the former dose", "the later dose"])
def test_a_relink_takes_back_what_no_longer_holds(relinked: int, register: sa.Engine, tmp_path: Path) -> None:
    load(register, tmp_path)
    take(register, xlsx(tmp_path / "a.xlsx", [HEADER, row(), row(Mũi_số=2, Ngày_tiêm="20/08/2021")]))
    cleaned(register)
    link_doses(register, now=NOW, actor="test")
    check_schedules(register)
    assert [one.problems for one in all_outcomes(register)[1:]] == [(), ("INTERVAL_TOO_SHORT",)]
    dose_id = table(register, "dose")[relinked]["dose_id"]
    with writing(register) as connection:
        set_facts(connection, dose_id, {"birth_date": "1989-04-15"})
        relink(connection, dose_id, timestamp(NOW))
    check_schedules(register)
    assert [one.problems for one in all_outcomes(register)[1:]] == [(), ()]
    with reading(register) as connection:
        assert connection.execute(sa.select(schedule_stale)).all() == []


def test_a_dose_that_became_a_duplicate_is_out_of_the_schedule(register: sa.Engine, tmp_path: Path) -> None:
    load(register, tmp_path)
    take(register, xlsx(tmp_path / "a.xlsx", [HEADER, row(), row(Mũi_số=2, Ngày_tiêm="20/08/2021")]))
    cleaned(register)
    link_doses(register, now=NOW, actor="test")
    check_schedules(register)
    with writing(register) as connection:
        set_classes(connection, [(table(register, "dose")[0]["dose_id"], LinkClass.DUPLICATE)])
    check_schedules(register)
    assert [one.problems for one in all_outcomes(register)[1:]] == [(), ()]
