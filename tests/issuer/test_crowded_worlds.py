"""Small crowded registers drawn by chance, where everybody is somebody's rival.

Held against the definition of conclusive in a few lines of Python, against other orders of the same steps, and, after
days of changes, against a fresh database that loads the register as it is then.
"""

import csv
import io
import random
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from issuer.audit import timestamp
from issuer.link.run import link_doses, recheck_changed
from issuer.people.delta import DELTA_COLUMNS, load_delta
from issuer.store.correction_store import set_facts, set_link
from issuer.store.engine import open_database, writing
from issuer.store.link_store import forget_links
from issuer.store.tables import link_progress
from issuer.worklist.corrections import APPROVED
from issuer.worklist.mend import facts_for
from issuer.worklist.relink import relink
from tests import dose_lists
from tests.dose_lists import NOW, all_outcomes, cleaned, csv_text, load, row, table, take

DAY = "2021-08-15"
AT = timestamp(NOW)
SAME = ["Trần Văn Hòa", "Trần Văn Hoà", "TRẦN VĂN HÒA"], ["Trần Văn Đa", "Trần Văn Ða"], ["H'Hen Niê", "H’Hen Niê"]
ALONE = ["Trần Văn Hóa", "Tran Van Hoa", "Trần Hòa Văn", "Trần Hòa", "Trần Văn Da", "Trần Thị Quý", "Trần Thị Quí"]
KEY = {name: at for at, names in enumerate([*SAME, *([one] for one in ALONE)]) for name in names}
BORN = {
    "1950": "1950", "03/1950": "1950-03", "02/03/1950": "1950-03-02", "03/02/1950": "1950-02-03",
    "1951-02-03": "1951-02-03", "01/01/1950": "1950-01-01", "20/08/2021": "2021-08-20",
}  # fmt: skip
DIED = ["", "", "", "", "2021-08-14", "2021-08-15", "2021-08-16", "2021", "2021-08", "2020", "2022"]
OLD = ["123456781", "123456792", "023456703", "001050000099", "079150000098"]


@dataclass(frozen=True)
class Somebody:
    number: str
    name: str
    born: str
    sex: str
    died: str
    old: frozenset[str] = field(default_factory=frozenset)

    def cells(self) -> list[str]:
        return [self.number, self.name, self.born, self.sex, ";".join(sorted(self.old)), "00001", "Việt Nam", self.died]


def _somebody(chance: random.Random, number: str) -> Somebody:
    old = chance.sample(OLD, chance.choice([0, 0, 0, 1, 2]))
    facts = chance.choice(list(KEY)), chance.choice(list(BORN.values())), chance.choice(["Nam", "Nữ"])
    return Somebody(number, *facts, chance.choice(DIED), frozenset(old))


def _dose(chance: random.Random, people: list[Somebody], numbers: list[str], at: int) -> dict[str, Any]:
    like = chance.choice(people)
    name, sex, number = like.name, like.sex, chance.choice([like.number, like.number, *like.old])
    born = chance.choice([typed for typed, meant in BORN.items() if meant == like.born])
    if chance.random() < 0.4:
        name = chance.choice(list(KEY))
    if chance.random() < 0.3:
        born = chance.choice([*BORN, ""])
    if chance.random() < 0.2:
        sex = chance.choice(["Nam", "Nữ", ""])
    if chance.random() < 0.3:
        number = chance.choice([*numbers, *OLD, ""])
    return {"Họ_và_tên": name, "Ngày_sinh": born, "Giới_tính": sex, "Số_CCCD": number, "Số_lô": f"L{at}"}


def _lived(one: Somebody) -> bool:
    """Whether it is sure that somebody was alive on DAY; the day of death counts as lived."""
    if one.born > DAY[: len(one.born)]:
        return False
    return not one.died or one.died > DAY[: len(one.died)] or one.died == DAY


def _conclusive(dose: dict[str, Any], people: list[Somebody]) -> str:
    holders = [one for one in people if dose["Số_CCCD"] in {one.number, *one.old}]
    equal = [
        one
        for one in holders
        if (KEY[one.name], one.born, one.sex)
        == (KEY[dose["Họ_và_tên"]], BORN.get(dose["Ngày_sinh"]), dose["Giới_tính"])
    ]
    if len(equal) != 1 or not _lived(equal[0]):
        return ""
    return equal[0].number if dose["Số_CCCD"] == equal[0].number or len(holders) == 1 else ""


def _text(header: tuple[str, ...], rows: list[list[str]]) -> str:
    out = io.StringIO()
    csv.writer(out).writerows([header, *rows])
    return out.getvalue()


def _extract(register: sa.Engine, folder: Path, people: list[Somebody]) -> None:
    load(register, folder, _text(DELTA_COLUMNS[1:-1], [one.cells() for one in people]))


def _sheets(register: sa.Engine, folder: Path, doses: list[dict[str, Any]]) -> None:
    for at in (0, 1):
        path = folder / f"list{at}.csv"
        path.write_text(csv_text(dose_lists.HEADER, *(row(**one) for one in doses[at::2])), encoding="utf-8")
        take(register, path)
    cleaned(register)


def _linked(register: sa.Engine) -> list[tuple[Any, ...]]:
    found = [one for one in all_outcomes(register) if one.row > 1]
    return [(one.file, one.row, one.fate, one.link_class, one.national_id, one.proposals) for one in found]


def _conclusive_of_all(doses: list[dict[str, Any]], people: list[Somebody]) -> list[str]:
    return [_conclusive(one, people) for one in (*doses[0::2], *doses[1::2])]


def _changes(chance: random.Random, people: list[Somebody], free: list[str], cancelled: set[str]) -> list[list[str]]:
    lines = []
    for _ in range(chance.randrange(1, 7)):
        at = chance.randrange(len(people))
        before = people[at].number
        operation = chance.choice(["birth", "death", "correct", "correct", "correct", "reissue"])
        if operation == "birth":
            at, before = len(people), ""
            people.append(_somebody(chance, free.pop()))
        elif operation == "death":
            people[at] = replace(people[at], died=chance.choice([day for day in DIED if day]))
        elif operation == "correct":  # one fact; an old number listed by mistake goes, one that was cancelled stays
            other = _somebody(chance, before)
            fact = chance.choice(["name", "born", "sex", "old", "died"])
            kept = people[at].old & cancelled if fact == "old" else frozenset()
            people[at] = replace(people[at], **{fact: getattr(other, fact) | kept if kept else getattr(other, fact)})
        else:
            cancelled.add(before)
            people[at] = replace(people[at], number=free.pop(), old=people[at].old | {before})
        lines.append([operation, *people[at].cells(), before])
    return lines


@pytest.mark.parametrize("seed", range(8))
def test_a_crowded_world(new_register: Callable[[], str], tmp_path: Path, seed: int) -> None:
    chance = random.Random(seed)
    free = [f"0791500{at:05}" for at in range(100, 160)]
    chance.shuffle(free)
    people = [_somebody(chance, free.pop()) for _ in range(chance.choice([6, 12, 25]))]
    numbers = [one.number for one in people]
    doses = [_dose(chance, people, [*numbers, *free[-5:]], at) for at in range(60)]

    register = open_database(new_register() if seed % 4 == 0 else f"sqlite:///{tmp_path / 'days.sqlite'}")
    _extract(register, tmp_path, people)
    _sheets(register, tmp_path, doses)
    link_doses(register, now=NOW, actor="test")
    first = _linked(register)
    assert [one[4] for one in first] == _conclusive_of_all(doses, people)

    otherwise = open_database(f"sqlite:///{tmp_path / 'otherwise.sqlite'}")
    _sheets(otherwise, tmp_path, doses)
    link_doses(otherwise, now=NOW, actor="test")
    _extract(otherwise, tmp_path, people)
    link_doses(otherwise, now=NOW, actor="test")
    assert _linked(otherwise) == first
    otherwise.dispose()

    cancelled: set[str] = set()
    for turn in range(4):
        day = date(2022, 6, 1) + timedelta(days=turn)
        path = tmp_path / f"{day}.csv"
        path.write_text(_text(DELTA_COLUMNS, _changes(chance, people, free, cancelled)), encoding="utf-8")
        load_delta(register, path, day=day, now=NOW, actor="test")
        if turn % 2:
            recheck_changed(register, now=NOW, actor="test")
    fresh = open_database(f"sqlite:///{tmp_path / 'fresh.sqlite'}")
    _extract(fresh, tmp_path, people)
    _sheets(fresh, tmp_path, doses)
    link_doses(fresh, now=NOW, actor="test")
    after = _linked(register)
    assert after == _linked(fresh)
    assert [one[4] for one in after] == _conclusive_of_all(doses, people)
    register.dispose()
    fresh.dispose()


@pytest.mark.parametrize("seed", range(4))
def test_what_people_corrected_and_decided_in_between(sqlite_register: sa.Engine, tmp_path: Path, seed: int) -> None:
    chance = random.Random(seed)
    free = [f"0791500{at:05}" for at in range(100, 160)]
    people = [_somebody(chance, free.pop()) for _ in range(20)]
    doses = [_dose(chance, people, [one.number for one in people], at) for at in range(50)]
    _extract(sqlite_register, tmp_path, people)
    _sheets(sqlite_register, tmp_path, doses)
    link_doses(sqlite_register, now=NOW, actor="test")
    decided: dict[int, int] = {}
    cancelled: set[str] = set()
    for turn in range(3):
        for one in chance.sample(table(sqlite_register, "link"), 5):
            with writing(sqlite_register) as connection:
                if one["person_id"] is None:
                    decided[one["dose_id"]] = chance.randrange(1, 21)
                    set_link(connection, one["dose_id"], decided[one["dose_id"]], APPROVED, "", AT)
                elif one["basis"] != APPROVED:
                    name, number = chance.choice(list(KEY)), chance.choice(people).number
                    set_facts(
                        connection, one["dose_id"], facts_for({"full_name": ["", name], "id_number": ["", number]})
                    )
                    relink(connection, one["dose_id"], AT)
        day = date(2022, 6, 1) + timedelta(days=turn)
        (tmp_path / f"{day}.csv").write_text(
            _text(DELTA_COLUMNS, _changes(chance, people, free, cancelled)), encoding="utf-8"
        )
        load_delta(sqlite_register, tmp_path / f"{day}.csv", day=day, now=NOW, actor="test")
        recheck_changed(sqlite_register, now=NOW, actor="test")
    link_doses(sqlite_register, now=NOW, actor="test")
    stepwise = _results(sqlite_register)
    assert {dose_id: stepwise[dose_id][1] for dose_id in decided} == decided
    with writing(sqlite_register) as connection:
        forget_links(connection, list(stepwise))
        connection.execute(link_progress.delete())
    link_doses(sqlite_register, now=NOW, actor="test")
    assert _results(sqlite_register) == stepwise


def _results(register: sa.Engine) -> dict[int, tuple[Any, ...]]:
    proposed: dict[int, list[tuple[Any, ...]]] = {}
    for one in table(register, "proposal"):
        proposed.setdefault(one["dose_id"], []).append((one["rank"], one["person_id"], one["weight"], one["evidence"]))
    return {
        one["dose_id"]: (one["link_class"], one["person_id"], one["evidence"], sorted(proposed.get(one["dose_id"], ())))
        for one in table(register, "link")
    }
