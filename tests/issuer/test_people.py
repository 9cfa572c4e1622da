"""Loading the population register: refused whole or loaded whole, again without change, with history."""

from pathlib import Path

import pytest
import sqlalchemy as sa

from issuer.errors import Code, IssuerError
from issuer.people import PeopleLoaded, load_people, read_extract
from tests.dose_lists import EXTRACT, NOW, load, table

HEAD = EXTRACT.splitlines()[0]
GOOD = "001190000017,Nguyễn Thị Ví Dụ,1990-04-15,Nữ,012345678,00001,Việt Nam,"


def _load(register: sa.Engine, folder: Path, *lines: str, name: str = "people.csv") -> PeopleLoaded:
    (folder / name).write_text("\n".join((HEAD, *lines)), encoding="utf-8")
    return load_people(register, folder / name, now=NOW, actor="test")


def _numbers(register: sa.Engine) -> set[tuple[str, int, str, str]]:
    return {
        (one["value"], one["person_id"], one["kind"], one["status"]) for one in table(register, "person_identifier")
    }


def test_people_and_their_old_numbers_are_loaded(register: sa.Engine, tmp_path: Path) -> None:
    assert _load(register, tmp_path, GOOD) == PeopleLoaded(1, 1, 0, 0, 0)
    person = table(register, "person")[0]
    assert (person["national_id"], person["sex"], person["birth_date"]) == ("001190000017", "F", "1990-04-15")
    assert (person["name_key"], person["name_fold"]) == ("nguyên\ue004 thi\ue005 vi\ue001 du\ue005", "nguyen thi vi du")
    assert _numbers(register) == {("001190000017", 1, "cccd", "current"), ("012345678", 1, "cmnd9", "old")}


def test_the_same_file_again_changes_nothing(register: sa.Engine, tmp_path: Path) -> None:
    _load(register, tmp_path, GOOD)
    before = [table(register, name) for name in ("person", "person_identifier", "source_file", "audit_entry")]
    assert _load(register, tmp_path, GOOD, name="renamed.csv") == PeopleLoaded(1, 0, 0, 0, 1)
    assert [table(register, name) for name in ("person", "person_identifier", "source_file", "audit_entry")] == before


def test_a_delta_changes_what_changed_and_keeps_the_history(register: sa.Engine, tmp_path: Path) -> None:
    other = "066050000021,H'Hen Niê,1950,Nam,,24133,Việt Nam,"
    _load(register, tmp_path, GOOD, other)
    born = "001222000019,Nguyễn Văn Mới,2022-05-30,Nam,,00001,Việt Nam,"
    died = other + "2022-05-31"
    assert _load(register, tmp_path, GOOD, born, died, name="delta.csv") == PeopleLoaded(3, 1, 1, 1, 0)
    people = {one["national_id"]: one for one in table(register, "person")}
    assert people["066050000021"]["death_date"] == "2022-05-31"
    assert len(people) == 3


def test_a_number_issued_anew_keeps_the_person(register: sa.Engine, tmp_path: Path) -> None:
    _load(register, tmp_path, GOOD)
    anew = "001191000018,Nguyễn Thị Ví Dụ,1991-04-15,Nữ,001190000017;012345678,00001,Việt Nam,"
    assert _load(register, tmp_path, anew, name="delta.csv").changed == 1
    assert [one["national_id"] for one in table(register, "person")] == ["001191000018"]
    assert {(value, status) for value, person, _, status in _numbers(register) if person == 1} == {
        ("001191000018", "current"),
        ("001190000017", "cancelled"),
        ("012345678", "old"),
    }


def test_another_persons_number_among_the_old_ones_makes_no_one_else(register: sa.Engine, tmp_path: Path) -> None:
    _load(register, tmp_path, GOOD)
    stranger = "001191000018,Trần Thị Khác,1991-04-15,Nữ,001190000017,00001,Việt Nam,"
    assert _load(register, tmp_path, stranger, name="delta.csv").new == 1
    assert len(table(register, "person")) == 2


BAD = [
    ("00119000001", "Lê A", "1990", "Nam", "so_dinh_danh"),
    ("00119000001O", "Lê A", "1990", "Nam", "so_dinh_danh"),
    ("001190000018", "", "1990", "Nam", "ho_ten"),
    ("001190000018", "Lê A", "15/04/1990", "Nam", "ngay_sinh"),
    ("001190000018", "Lê A", "1990-02-30", "Nam", "ngay_sinh"),
    ("001190000018", "Lê A", "1990-13", "Nam", "ngay_sinh"),
    ("001190000018", "Lê A", "", "Nam", "ngay_sinh"),
    ("001190000018", "Lê A", "1990", "X", "gioi_tinh"),
]


@pytest.mark.parametrize(("number", "name", "born", "sex", "column"), BAD)
def test_one_wrong_row_refuses_the_whole_file_and_says_which(
    sqlite_register: sa.Engine, tmp_path: Path, number: str, name: str, born: str, sex: str, column: str
) -> None:
    with pytest.raises(IssuerError) as caught:
        _load(sqlite_register, tmp_path, GOOD, f"{number},{name},{born},{sex},,,,")
    assert caught.value.code is Code.PERSON_ROW
    assert (caught.value.where.row, caught.value.where.column) == (3, column)
    assert not name or name not in str(caught.value)
    for empty in ("person", "source_file", "audit_entry"):
        assert table(sqlite_register, empty) == []


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", Code.FILE_EMPTY),
        (HEAD.encode(), Code.FILE_EMPTY),
        (b"so_dinh_danh,ho_ten,ngay_sinh\n1,2,3", Code.COLUMN_MISSING),
        (b"so_dinh_danh,so_dinh_danh,ho_ten,ngay_sinh,gioi_tinh\n", Code.COLUMN_TWICE),
        (f"{HEAD}\n{GOOD}".encode("utf-16"), Code.TEXT_ENCODING),
        (f"{HEAD}\n{GOOD}".encode() + b'\n"' + b"x" * 200_000, Code.FILE_UNREADABLE),
    ],
)
def test_a_file_that_is_no_extract(sqlite_register: sa.Engine, tmp_path: Path, data: bytes, code: Code) -> None:
    (tmp_path / "people.csv").write_bytes(data)
    with pytest.raises(IssuerError) as caught:
        load_people(sqlite_register, tmp_path / "people.csv", now=NOW, actor="test")
    assert caught.value.code is code


def test_columns_may_stand_in_any_order_and_the_last_four_may_be_absent(tmp_path: Path) -> None:
    text = "\ufeffHO_TEN,gioi_tinh,ngay_sinh,so_dinh_danh\nLê A,NỮ,1990-04,001190000018\n"
    (tmp_path / "people.csv").write_text(text, encoding="utf-8")
    people = list(read_extract(tmp_path / "people.csv"))
    assert [(one.full_name, one.sex, one.birth_date, one.old_numbers) for one in people] == [
        ("Lê A", "F", "1990-04", ())
    ]
    assert "Lê" not in repr(people)


def test_loading_tells_the_audit_log(register: sa.Engine, tmp_path: Path) -> None:
    load(register, tmp_path)
    entries = table(register, "audit_entry")
    assert [(one["action"], one["actor"]) for one in entries] == [("people.load", "test")]
    assert "Nguyễn" not in str(entries)
