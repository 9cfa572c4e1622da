"""One dose linked by people or anew after a correction: what linking everything would say, and nothing said twice."""

from pathlib import Path

import pytest
import sqlalchemy as sa

from issuer.audit import timestamp
from issuer.link.model import LinkClass
from issuer.link.run import link_doses
from issuer.store import correction_store
from issuer.store.engine import writing
from issuer.worklist.corrections import APPROVED
from issuer.worklist.mend import facts_for
from issuer.worklist.relink import relink
from tests.dose_lists import EXTRACT, HEADER, NOW, cleaned, csv_text, load, row, table, take

AT = timestamp(NOW)
TWIN = "001190000025,Nguyễn Thị Vi Dụ,1990-04-15,Nữ,,00001,Việt Nam,\n"
I_FOR_Y = """001190000033,Nguyễn Thị Quí,1990-04-15,Nữ,,00001,Việt Nam,
001190000041,Nguyễn Thị Quý,1990-04-15,Nữ,,00001,Việt Nam,
"""


def _linked(register: sa.Engine, folder: Path, *rows: list[object], more: str = "") -> list[int]:
    load(register, folder, EXTRACT + more)
    (folder / "list.csv").write_text(csv_text(HEADER, *rows), encoding="utf-8")
    take(register, folder / "list.csv")
    cleaned(register)
    link_doses(register, now=NOW, actor="test")
    return [one["dose_id"] for one in table(register, "dose")]


def _classes(register: sa.Engine) -> list[str]:
    return [one["link_class"] for one in sorted(table(register, "link"), key=lambda one: one["dose_id"])]


def _correct(register: sa.Engine, dose_id: int, **facts: str) -> str:
    with writing(register) as connection:
        changes = {name: ["", after] for name, after in facts.items()}
        correction_store.set_facts(connection, dose_id, facts_for(changes))
        result = relink(connection, dose_id, AT)
    return "" if result is None else result.link_class


def _wait(register: sa.Engine, folder: Path) -> None:
    """Give `link` something to do."""
    (folder / "other.csv").write_text(csv_text(HEADER, row(Số_CCCD="", Họ_và_tên="Lê Văn Lạ")), encoding="utf-8")
    take(register, folder / "other.csv")
    cleaned(register)
    link_doses(register, now=NOW, actor="test")


def test_when_a_dose_turns_out_to_be_somebody_elses_the_one_that_repeated_it_stands(
    register: sa.Engine, tmp_path: Path
) -> None:
    first, _ = _linked(register, tmp_path, row(), row(Số_CCCD="012345678"))
    assert _classes(register) == ["matched", "duplicate"]
    became = _correct(register, first, full_name="H'Hen Niê", birth_date="1950", sex="M", id_number="066050000021")
    assert became == "matched"
    assert _classes(register) == ["matched", "matched"]
    (linked,) = [one for one in table(register, "link") if one["dose_id"] == first]
    assert linked["evidence"] == "number=current name=equal/exact birth=equal sex=equal life=alive"


def test_of_two_doses_of_a_person_on_a_day_one_stands_whoever_linked_them(register: sa.Engine, tmp_path: Path) -> None:
    first, _ = _linked(register, tmp_path, row(Họ_và_tên="Nguyen Thi Vi Du"), row())
    assert _classes(register) == ["mismatched", "matched"]
    person_id = next(one["person_id"] for one in table(register, "person") if one["national_id"] == "001190000017")
    with writing(register) as connection:
        before = correction_store.snapshot(connection, first)
        became = correction_store.set_link(connection, first, person_id, APPROVED, "", AT)
    assert became is LinkClass.MATCHED
    assert _classes(register) == ["matched", "duplicate"]
    _wait(register, tmp_path)
    assert _classes(register)[:2] == ["matched", "duplicate"]
    with writing(register) as connection:
        correction_store.put_back(connection, first, before)
    assert _classes(register)[:2] == ["mismatched", "matched"]


def test_linking_says_which_of_two_stands_of_what_people_linked_too(register: sa.Engine, tmp_path: Path) -> None:
    _, second = _linked(register, tmp_path, row(), row(Họ_và_tên="Nguyen Thi Vi Du"))
    person_id = next(one["person_id"] for one in table(register, "person") if one["national_id"] == "001190000017")
    with writing(register) as connection:
        assert correction_store.set_link(connection, second, person_id, APPROVED, "", AT) is LinkClass.DUPLICATE
    load(register, tmp_path, EXTRACT.replace("1990-04-15", "1990-04-16"), name="later.csv")
    link_doses(register, now=NOW, actor="test")
    assert _classes(register) == ["mismatched", "matched"]  # the first is nobody's now
    assert [one["basis"] for one in table(register, "link") if one["dose_id"] == second] == [APPROVED]


@pytest.mark.parametrize("number", ["001190000099", "012345678"])
def test_what_is_not_conclusive_waits_for_the_linking_that_sees_everybody(
    register: sa.Engine, tmp_path: Path, number: str
) -> None:
    (dose_id,) = _linked(register, tmp_path, row(Họ_và_tên="Lê Văn Lạ"), more=TWIN + I_FOR_Y)
    assert _correct(register, dose_id, full_name="Nguyễn Thị Quý", id_number=number) == ""
    assert table(register, "proposal") == []
    link_doses(register, now=NOW, actor="test")
    stepwise = {**table(register, "link")[0], "linked_at": ""}
    with writing(register) as connection:
        for name in ("proposal", "link", "link_progress"):
            connection.execute(sa.text(f"DELETE FROM {name}"))
    link_doses(register, now=NOW, actor="test")
    assert {**table(register, "link")[0], "linked_at": ""} == stepwise
