"""What the sender of a list learns of the register: verified, when, by which unit; of everybody else nothing."""

import openpyxl
import pytest

from issuer.results.plain import write_result
from issuer.store import result_store
from issuer.store.engine import reading
from issuer.worklist.corrections import approve, propose_person
from tests.worklist_world import NOW, World

WAITS = "Chờ trạm y tế và công an xã xác minh"


@pytest.fixture
def world(world_on_both: World) -> World:
    return world_on_both


def told(world: World) -> dict[str, str]:
    """Name -> what stands in the last column of the list that goes back."""
    with reading(world.engine) as connection:
        (file,) = result_store.files(connection, "0025601.csv")
        write_result(connection, file.file_id, world.folder / "back.xlsx")
    rows = list(openpyxl.load_workbook(world.folder / "back.xlsx").active.iter_rows(values_only=True))
    return {str(row[1]): str(row[-1]) for row in rows[1:]}


def test_facts_that_differ_number_unknown_and_several_people_read_the_same(world: World) -> None:
    column = told(world)
    for name in ("Trần Văn Mẫu", "Lê Thị Hòa", "Lý Văn Lạ", "Ngô Văn Trùng", "Phạm Quốc Thử", "Hoàng Thị Nghiệm"):
        assert column[name] == WAITS, name
    assert column["Bùi Thị Đúng"].endswith(", CSDL quốc gia về dân cư")


def test_what_the_police_confirmed_names_their_commune_and_the_day(world: World) -> None:
    token = world.token("Trần Văn Mẫu")
    propose_person(world.engine, world.officer("tram"), token, 1, world.seal("tram", token), now=NOW)
    assert told(world)["Trần Văn Mẫu"] == WAITS
    approve(world.engine, world.officer("congan"), token, world.seal("congan", token), now=NOW)
    assert told(world)["Trần Văn Mẫu"] == "Đã xác minh 04/05/2022, công an Xã Nhà"
