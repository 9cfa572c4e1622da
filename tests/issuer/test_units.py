"""Administrative units: the shipped data against published counts, and every question asked of them."""

import csv
from collections import Counter
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
import sqlalchemy as sa

from issuer.__main__ import main
from issuer.store.engine import reading
from issuer.store.tables import audit_entry
from issuer.store.unit_store import select_subtree
from issuer.store.unit_tables import admin_unit, admin_unit_successor
from issuer.units.load import load_units
from issuer.units.units import Level, Successor, Unit, Units, shipped_units

NOW = datetime(2026, 3, 1, 8, tzinfo=UTC)
CAMPAIGN, EARLY_2025, EVE, NEW = date(2021, 9, 1), date(2025, 3, 1), date(2025, 6, 30), date(2025, 7, 1)
ISLANDS = {"318": "Bạch Long Vĩ", "471": "Cồn Cỏ", "498": "Hoàng Sa", "536": "Lý Sơn", "755": "Côn Đảo"}
# domain: the codes of Decision 19/2025/QĐ-TTg
PROVINCES_2025 = set(
    "01 04 08 11 12 14 15 19 20 22 24 25 31 33 37 38 40 42 44 46 48 51 52 56 66 68 75 79 80 82 86 91 92 96".split()
)


@pytest.fixture(scope="module")
def units() -> Units:
    return shipped_units()


@pytest.mark.parametrize(
    ("on", "expected"),
    [(CAMPAIGN, (63, 705, 10_599)), (EARLY_2025, (63, 696, 10_035)), (NEW, (34, 0, 3_321))],
)
def test_counts_are_the_published_ones(units: Units, on: date, expected: tuple[int, int, int]) -> None:
    counts = Counter(unit.level for unit in units if unit.is_valid(on))
    assert tuple(counts[level] for level in Level) == expected


@pytest.mark.parametrize("on", [CAMPAIGN, date(2024, 12, 31), date(2025, 1, 1), EVE, NEW, date(2026, 4, 30)])
def test_a_code_is_one_unit_on_a_day_and_lies_in_a_unit_of_that_day(units: Units, on: date) -> None:
    valid = [unit for unit in units if unit.is_valid(on)]
    assert len({unit.code for unit in valid}) == len(valid)
    for unit in valid:
        assert len(unit.code) == {Level.PROVINCE: 2, Level.DISTRICT: 3, Level.COMMUNE: 5}[unit.level]
        if unit.level is Level.PROVINCE:
            assert unit.parent == ""
        else:
            assert units.find(unit.parent, on) is not None


def test_the_provinces_of_2025(units: Units) -> None:
    assert {unit.code for unit in units if unit.level is Level.PROVINCE and unit.is_valid(NEW)} == PROVINCES_2025


def test_a_code_may_be_another_unit_later(units: Units) -> None:
    before, after = units.find("00004", EVE), units.find("00004", NEW)
    assert (before and before.name, after and after.name) == ("Phường Trúc Bạch", "Phường Ba Đình")
    assert [unit.name for unit in units.above("00004", EVE)] == ["Phường Trúc Bạch", "Quận Ba Đình", "Thành phố Hà Nội"]
    assert [unit.name for unit in units.above("00004", NEW)] == ["Phường Ba Đình", "Thành phố Hà Nội"]


def test_a_province_may_change_its_kind(units: Units) -> None:
    names = [unit.name for day in (date(2026, 4, 29), date(2026, 4, 30)) for unit in units.above("75", day)]
    assert names == ["Tỉnh Đồng Nai", "Thành phố Đồng Nai"]


def test_the_islands_have_no_communes_until_they_are_communes(units: Units) -> None:
    childless = {
        unit.code
        for unit in units
        if unit.level is Level.DISTRICT
        and unit.is_valid(CAMPAIGN)
        and units.subtree(unit.code, CAMPAIGN) == {unit.code}
    }
    assert childless == set(ISLANDS)
    for code, name in ISLANDS.items():
        (heir,) = units.became(code, CAMPAIGN, NEW)
        found = units.find(heir.new, NEW)
        assert found is not None
        assert (found.name, found.kind, found.level) == (f"Đặc khu {name}", "dac-khu", Level.COMMUNE)


def test_every_unit_of_the_eve_is_a_unit_of_the_new_map(units: Units) -> None:
    several = 0
    reached = set()
    for unit in units:
        if unit.level is Level.COMMUNE and unit.is_valid(EVE):
            heirs = units.became(unit.code, EVE, NEW)
            assert heirs, unit
            assert [one.is_default for one in heirs] == [True] + [False] * (len(heirs) - 1)
            assert all(units.find(one.new, NEW) for one in heirs)
            several += len(heirs) > 1
            reached |= {one.new for one in heirs}
    assert several == 471
    islands = {one.new for code in ISLANDS for one in units.became(code, EVE, NEW)}
    assert reached | islands == {unit.code for unit in units if unit.level is Level.COMMUNE and unit.is_valid(NEW)}


def test_what_was_is_the_other_way_of_what_became(units: Units) -> None:
    heirs = {
        unit.code: {one.new for one in units.became(unit.code, CAMPAIGN, NEW)}
        for unit in units
        if unit.level is Level.COMMUNE and unit.is_valid(CAMPAIGN)
    }
    for province in sorted(PROVINCES_2025)[:6]:
        inside = units.subtree(province, NEW)
        expected = {code for code, new in heirs.items() if new & inside}
        assert {code for code in units.was(province, NEW, CAMPAIGN) if len(code) == 5} == expected


def test_two_steps_a_merger_and_a_division(units: Units) -> None:
    gone = units.became("00010", CAMPAIGN, EARLY_2025)  # Phường Nguyễn Trung Trực became a part of Trúc Bạch
    assert [one.new for one in gone] == ["00004"]
    assert "00010" in units.was("00004", NEW, CAMPAIGN)
    unknown = [
        unit.code
        for unit in units
        if unit.level is Level.COMMUNE and unit.is_valid(CAMPAIGN) and not units.became(unit.code, CAMPAIGN, NEW)
    ]
    assert len(unknown) == 92  # specs/units.md says so; never a guess


def test_a_merged_province(units: Units) -> None:
    assert [one.new for one in units.became("17", CAMPAIGN, NEW)] == ["25"]  # Hòa Bình lies in Phú Thọ
    assert {"17", "25", "26"} <= units.was("25", NEW, CAMPAIGN)
    assert units.became("99", CAMPAIGN, NEW) == ()


@pytest.mark.parametrize(
    ("name", "within", "codes"),
    [
        ("Phường Phúc Xá", "", ["00001"]),
        ("phúc xá", "001", ["00001"]),
        ("PHUC XA", "01", ["00001"]),
        ("Phường Phúc Xá", "79", []),
        ("Thành phố Hồ Chí Minh", "", ["79"]),
        ("Hồ Chí Minh", "", ["79"]),
        ("Tỉnh Hoà Bình", "", ["17"]),
        ("Quận 1", "79", ["760"]),
        ("Xã Không Có", "", []),
    ],
    ids=[
        "whole",
        "without its kind",
        "without marks",
        "elsewhere",
        "city",
        "city, short",
        "tone placement",
        "digits",
        "",
    ],
)
def test_by_name(units: Units, name: str, within: str, codes: list[str]) -> None:
    assert [unit.code for unit in units.named(name, CAMPAIGN, within=within)] == codes


def test_a_name_with_its_marks_finds_no_other_marks(units: Units) -> None:
    found = {unit.name for unit in units.named("Tân Bình", CAMPAIGN, level=Level.DISTRICT)}
    assert found == {"Quận Tân Bình"}
    assert all(unit.level is Level.COMMUNE for unit in units.named("tan binh", CAMPAIGN, level=Level.COMMUNE))


def test_a_subtree_is_its_own_day(units: Units) -> None:
    assert "00001" in units.subtree("001", CAMPAIGN)
    assert units.subtree("001", NEW) == frozenset()  # no districts any more
    assert units.subtree("01", NEW) & units.subtree("001", CAMPAIGN) == {"00004", "00008", "00025"}


def test_of_two_ways_to_one_heir_the_default_one_counts() -> None:
    def unit(code: str, since: date | None, until: date | None) -> Unit:
        return Unit(code, f"Xã {code}", "xa", Level.COMMUNE, "01", since, until)

    first, second = date(2025, 1, 1), date(2025, 7, 1)
    made = Units(
        [
            unit("1", None, date(2024, 12, 31)),
            unit("2", first, date(2025, 6, 30)),
            unit("3", first, date(2025, 6, 30)),
            unit("4", second, None),
        ],
        [
            Successor("1", "2", first, False),
            Successor("1", "3", first, True),
            Successor("2", "4", second, True),
            Successor("3", "4", second, True),
        ],
    )
    assert made.became("1", CAMPAIGN, second) == (Successor("1", "4", second, True),)
    assert made.was("4", second, CAMPAIGN) == {"1"}
    assert made.was("4", second, first) == {"2", "3"}


def test_in_the_database(register: sa.Engine, units: Units) -> None:
    assert load_units(register, units, now=NOW, actor="test")
    assert not load_units(register, units, now=NOW, actor="test")
    with reading(register) as connection:
        for code, day in (("001", CAMPAIGN), ("01", NEW), ("318", CAMPAIGN), ("001", NEW)):
            found = connection.scalars(select_subtree(code, day.isoformat()))
            assert set(found) == units.subtree(code, day)
        assert connection.scalar(sa.select(sa.func.count()).select_from(admin_unit)) == sum(1 for _ in units)
        stored = connection.scalar(sa.select(sa.func.count()).select_from(admin_unit_successor))
        assert stored == len(units.successors)
        entries = connection.execute(sa.select(audit_entry.c.action)).scalars().all()
        assert entries == ["units.load"]


def test_the_list_of_a_day_for_the_worklist(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    database = f"sqlite:///{tmp_path / 'register.sqlite'}"
    list_file = tmp_path / "areas.csv"
    assert main(["--database", database, "units", "areas", str(list_file), "--on", "2022-04-25"]) == 0
    with list_file.open(encoding="utf-8", newline="") as stream:
        rows = list(csv.reader(stream))
    assert rows[0] == ["ma", "ten", "ma_cap_tren"]
    assert len(rows) == 1 + 63 + 705 + 10_599
    assert main(["--database", database, "area", "load", str(list_file)]) == 0
    assert "11,367 new" in capsys.readouterr().out


def test_show(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    database = f"sqlite:///{tmp_path / 'register.sqlite'}"
    assert main(["--database", database, "units", "show", "00010", "--on", "2021-09-01"]) == 0
    out = capsys.readouterr().out
    assert "2021-09-01: Phường Nguyễn Trung Trực, Quận Ba Đình, Thành phố Hà Nội" in out
    assert "00004 Phường Ba Đình, Thành phố Hà Nội" in out
    assert main(["--database", database, "units", "show", "99999"]) == 1
