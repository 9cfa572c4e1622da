"""The step: once is enough, a change of the register re-checks what it touches, people's decisions stay."""

import dataclasses
import os
import random
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from issuer.audit import check
from issuer.link import run
from issuer.link.model import LinkClass
from issuer.link.run import link_doses, recheck_people
from issuer.people import load_people
from issuer.people.delta import day_of, load_delta
from issuer.store.engine import open_database, reading, writing
from issuer.store.link_store import forget_links
from tests import dose_lists
from tests.country import make_country
from tests.dose_lists import NOW, cleaned, csv_text, load, row, table, take

HEADER = "so_dinh_danh,ho_ten,ngay_sinh,gioi_tinh,so_giay_to_cu,ma_xa,quoc_tich,ngay_mat\n"


def _links(register: sa.Engine) -> list[dict[str, Any]]:
    links = [{**one, "linked_at": ""} for one in table(register, "link")]
    return sorted(links, key=lambda one: one["dose_id"]) + sorted(
        table(register, "proposal"), key=lambda one: (one["dose_id"], one["rank"])
    )


@pytest.fixture(scope="module")
def country(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("country") / "land"
    make_country(folder, people=1_200, rows=2_400, delta_days=2, seed=5)
    return folder


def _up_to_clean(register: sa.Engine, country: Path) -> None:
    load_people(register, country / "people.csv", now=NOW, actor="test")
    for path in sorted((country / "doses").iterdir()):
        take(register, path)
    cleaned(register)


def test_linking_again_changes_nothing(register: sa.Engine, country: Path) -> None:
    _up_to_clean(register, country)
    first = link_doses(register, now=NOW, actor="test")
    assert first.looked_at == first.stored == len(table(register, "dose"))
    before = _links(register)
    again = link_doses(register, now=NOW, actor="test")
    assert (again.looked_at, again.stored) == (0, 0)
    assert _links(register) == before
    with reading(register) as connection:
        check(connection)


def test_deltas_re_check_what_they_touch_and_end_as_linking_from_scratch(
    register: sa.Engine, country: Path, tmp_path: Path
) -> None:
    _up_to_clean(register, country)
    link_doses(register, now=NOW, actor="test")
    for delta in sorted((country / "deltas").iterdir()):
        day = day_of(delta)
        assert day is not None
        load_delta(register, delta, day=day, now=NOW, actor="test")
        linked = link_doses(register, now=NOW, actor="test")
        assert 0 < linked.looked_at < len(table(register, "dose")) / 3
    stepwise = _links(register)
    with writing(register) as connection:
        connection.execute(sa.text("DELETE FROM proposal"))
        connection.execute(sa.text("DELETE FROM link"))
        connection.execute(sa.text("DELETE FROM link_progress"))
    link_doses(register, now=NOW, actor="test")
    assert _links(register) == stepwise


@pytest.mark.parametrize("seed", range(3))
def test_any_change_to_anybody_ends_as_linking_from_scratch(
    sqlite_register: sa.Engine, tmp_path: Path, seed: int
) -> None:
    """A small crowded register, where everybody is somebody's rival, changed at random."""
    chance = random.Random(seed)
    names = ["Lê Văn Hùng", "Lê Văn Hưng", "Lê Văn Quý", "Lê Văn Quí", "Lê Hùng"]
    numbers = [f"0790850000{at:02}" for at in range(20)]

    def line(number: str) -> str:
        born = chance.choice(["1985-04-15", "1985-04-16", "1985", "1985-05-04"])
        old = chance.choice(["", "", "201000001", "201000002", "201000003"])
        died = chance.choice(["", "", "", "2021-01-01", "2022-01-01"])
        return f"{number},{chance.choice(names)},{born},Nam,{old},00001,Việt Nam,{died}\n"

    load(sqlite_register, tmp_path, HEADER + "".join(map(line, numbers[:15])))
    rows = [
        row(
            Họ_và_tên=chance.choice([*names, "Le Van Hung"]),
            Ngày_sinh=chance.choice(["15/04/1985", "16/04/1985", "1985", "04/05/1985"]),
            Giới_tính="Nam",
            Số_CCCD=chance.choice([*numbers, "", "201000001", "201000002", "079085000111"]),
            Ngày_tiêm=f"{at % 28 + 1:02}/08/2021",
            Tên_vắc_xin="Comirnaty",
        )
        for at in range(120)
    ]
    (tmp_path / "list.csv").write_text(csv_text(dose_lists.HEADER, *rows), encoding="utf-8")
    take(sqlite_register, tmp_path / "list.csv")
    cleaned(sqlite_register)
    link_doses(sqlite_register, now=NOW, actor="test")
    for turn in range(6):
        changed = chance.sample(numbers, 2)
        load(sqlite_register, tmp_path, HEADER + "".join(map(line, changed)), f"delta{turn}.csv")
        link_doses(sqlite_register, now=NOW, actor="test")
        stepwise = _links(sqlite_register)
        with writing(sqlite_register) as connection:
            for name in ("proposal", "link", "link_progress"):
                connection.execute(sa.text(f"DELETE FROM {name}"))
        link_doses(sqlite_register, now=NOW, actor="test")
        assert _links(sqlite_register) == stepwise


def test_people_named_are_re_checked_alone(sqlite_register: sa.Engine, country: Path) -> None:
    _up_to_clean(sqlite_register, country)
    link_doses(sqlite_register, now=NOW, actor="test")
    somebody = next(one for one in table(sqlite_register, "link") if one["link_class"] == "matched")["person_id"]
    with writing(sqlite_register) as connection:
        connection.execute(
            sa.text("UPDATE person SET death_date = '2000-01-01' WHERE person_id = :id"), {"id": somebody}
        )
    linked = recheck_people(sqlite_register, [somebody], now=NOW, actor="test")
    assert LinkClass.MISMATCHED in linked.classes
    assert not [one for one in table(sqlite_register, "link") if one["person_id"] == somebody]
    assert recheck_people(sqlite_register, [], now=NOW, actor="test").looked_at == 0


def test_what_people_decided_stays(sqlite_register: sa.Engine, country: Path) -> None:
    _up_to_clean(sqlite_register, country)
    link_doses(sqlite_register, now=NOW, actor="test")
    open_dose = next(one for one in table(sqlite_register, "link") if one["link_class"] == "mismatched")["dose_id"]
    decided = {"dose_id": open_dose, "link_class": "matched", "person_id": 7, "basis": "police", "evidence": "by card"}
    with writing(sqlite_register) as connection:
        forget_links(connection, [open_dose])
        connection.execute(sa.text(
            "INSERT INTO link VALUES (:dose_id, :link_class, :person_id, :basis, :evidence, '2022-06-01')"
        ), decided)  # fmt: skip
    everybody = [one["person_id"] for one in table(sqlite_register, "person")]
    recheck_people(sqlite_register, everybody, now=NOW, actor="test")
    link_doses(sqlite_register, now=NOW, actor="test")
    stored = next(one for one in table(sqlite_register, "link") if one["dose_id"] == open_dose)
    assert {name: stored[name] for name in decided} == decided
    with writing(sqlite_register) as connection:
        forget_links(connection, [open_dose])
    assert open_dose in {one["dose_id"] for one in table(sqlite_register, "link")}


def test_a_forgotten_link_is_found_again(sqlite_register: sa.Engine, country: Path) -> None:
    _up_to_clean(sqlite_register, country)
    link_doses(sqlite_register, now=NOW, actor="test")
    before = _links(sqlite_register)
    with writing(sqlite_register) as connection:
        forget_links(connection, [one["dose_id"] for one in table(sqlite_register, "link")[:40]])
    assert link_doses(sqlite_register, now=NOW, actor="test").looked_at == 40
    assert _links(sqlite_register) == before


def test_a_run_that_stops_between_chunks_is_taken_up(
    sqlite_register: sa.Engine, country: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _up_to_clean(sqlite_register, country)
    monkeypatch.setattr(run, "_CHUNK", 100)
    done = 0

    def stop(amount: int) -> None:
        nonlocal done
        done += amount
        if done >= 500:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        link_doses(sqlite_register, now=NOW, actor="test", progress=stop)
    assert len(table(sqlite_register, "link")) == 500
    rest = link_doses(sqlite_register, now=NOW, actor="test")
    assert rest.looked_at == len(table(sqlite_register, "dose")) - 500


def test_both_databases_link_alike(
    country: Path, new_register: Callable[[], str], migrated_sqlite: Path, tmp_path: Path
) -> None:
    found = []
    for url in (new_register(), f"sqlite:///{tmp_path / 'r.sqlite'}"):
        engine = open_database(url)
        _up_to_clean(engine, country)
        link_doses(engine, now=NOW, actor="test")
        found.append(_links(engine))
        engine.dispose()
    assert found[0] == found[1]


def test_no_personal_data_in_the_audit_log_or_on_disk(
    sqlite_register: sa.Engine, country: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    _up_to_clean(sqlite_register, country)
    process = subprocess.Popen([sys.executable, "-c", ""])
    process.wait()
    of_the_dead, of_the_living, of_others = (
        tmp_path / f"hochieu-link-{owner}-x" for owner in (process.pid, os.getpid(), "guest")
    )
    for folder in (of_the_dead, of_the_living, of_others):
        folder.mkdir()
    (of_the_dead / "rows.csv").write_text("1,001190000017", encoding="utf-8")
    link_doses(sqlite_register, now=NOW, actor="test")
    assert set(tmp_path.glob("hochieu-link-*")) == {of_the_living, of_others}
    words = " ".join(f"{one['object']} {one['reason']}" for one in table(sqlite_register, "audit_entry"))
    names = {one["full_name"] for one in table(sqlite_register, "person")}
    assert not any(name in words for name in names)
    assert all(field.repr is False for field in dataclasses.fields(run.link_store.LinkResult) if "name" in field.name)
