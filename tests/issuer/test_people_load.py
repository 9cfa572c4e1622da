"""Extracts in CSV and Parquet: one reading of both, every faulty row named, nothing half stored."""

import datetime as dt
import os
import unicodedata
from pathlib import Path

import duckdb
import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st

from issuer.errors import Code, IssuerError
from issuer.people.load import PeopleLoaded, load_people
from issuer.people.row import COLUMNS, fault, person_row
from issuer.table_file import columns_of, read_table
from tests.dose_lists import NOW, table

HEAD = ",".join(COLUMNS)
GOOD = "001190000017,Nguyễn Thị Ví Dụ,1990-04-15,Nữ,012345678;001190000009,00001,Việt Nam,"
OTHER = "066050000021,H'Hen Niê,1950,Nam,,24133,Việt Nam,2022-01-02"
STATE = ("person", "person_identifier", "source_file", "audit_entry")


def _csv(folder: Path, *lines: str, head: str = HEAD, name: str = "people.csv") -> Path:
    (folder / name).write_text("\n".join((head, *lines)) + "\n", encoding="utf-8")
    return folder / name


def _parquet(folder: Path, select: str, name: str = "people.parquet") -> Path:
    path = folder / name
    with duckdb.connect() as connection:
        connection.execute(f"COPY ({select}) TO '{path}' (FORMAT parquet)")
    return path


def _load(register: sa.Engine, path: Path) -> PeopleLoaded:
    return load_people(register, path, now=NOW, actor="test")


def _people(register: sa.Engine) -> list[tuple[object, ...]]:
    names = ("national_id", "full_name", "birth_date", "sex", "commune_code", "nationality", "death_date", "name_key")
    return [tuple(one[name] for name in names) for one in table(register, "person")]


def test_parquet_is_read_as_csv_is(register: sa.Engine, tmp_path: Path) -> None:
    source = _csv(tmp_path, GOOD, OTHER)
    path = _parquet(tmp_path, f"SELECT * FROM read_csv('{source}', all_varchar=true, header=true)")
    assert list(read_table(path, COLUMNS)) == [(row - 1, cells) for row, cells in read_table(source, COLUMNS)]
    assert _load(register, path) == PeopleLoaded(2, 2, 0, 0, 0)
    from_parquet = _people(register)
    assert _load(register, source) == PeopleLoaded(2, 0, 0, 2, 0)
    assert _people(register) == from_parquet


def test_typed_columns_of_parquet(register: sa.Engine, tmp_path: Path) -> None:
    path = _parquet(
        tmp_path,
        "SELECT '001190000017' AS SO_DINH_DANH, 'Nguyễn Thị Ví Dụ' AS ho_ten, DATE '1990-04-15' AS ngay_sinh,"
        " 'Nữ' AS gioi_tinh, ['012345678', '001190000009'] AS so_giay_to_cu, NULL::DATE AS ngay_mat, 7 AS other",
    )
    assert _load(register, path).new == 1
    assert _people(register)[0][:7] == ("001190000017", "Nguyễn Thị Ví Dụ", "1990-04-15", "F", "", "", "")
    assert {one["value"] for one in table(register, "person_identifier")} == {
        "001190000017",
        "012345678",
        "001190000009",
    }


def test_a_number_that_lost_its_zeros_in_parquet_is_refused(sqlite_register: sa.Engine, tmp_path: Path) -> None:
    select = "SELECT 1190000017 AS so_dinh_danh, 'A' AS ho_ten, '1990' AS ngay_sinh, 'Nam' AS gioi_tinh"
    with pytest.raises(IssuerError, match=r"people.parquet, row 1, column so_dinh_danh") as refused:
        _load(sqlite_register, _parquet(tmp_path, select))
    assert refused.value.code is Code.PERSON_ROW


def test_the_first_bytes_tell_the_kind_not_the_extension(tmp_path: Path) -> None:
    select = "SELECT '1' AS so_dinh_danh"
    assert columns_of(_parquet(tmp_path, select, "people.csv")) == {"so_dinh_danh"}
    assert columns_of(_csv(tmp_path, GOOD, name="people.parquet")) == set(COLUMNS)


@pytest.mark.parametrize("name", ["a*.parquet", "[a].parquet", "a'b.parquet", "a?.parquet"])
def test_a_name_is_no_pattern(tmp_path: Path, name: str) -> None:
    _parquet(tmp_path, "SELECT 'the other' AS so_dinh_danh", "ab.parquet")
    plain = _parquet(tmp_path, "SELECT 'this' AS so_dinh_danh", "plain.parquet")
    plain.rename(tmp_path / name)
    assert list(read_table(tmp_path / name, ["so_dinh_danh"])) == [(1, ["this"])]


FAULTS = [
    ("00119000001", "so_dinh_danh", "a digit short"),
    ("٠٠١١٩٠٠٠٠٠١٧", "so_dinh_danh", "digits of another script"),
    ("", "so_dinh_danh", "empty"),
    (" \u200b", "ho_ten", "blanks and an invisible sign"),
    ("x" * 201, "ho_ten", "longer than a name"),
    ("Lê\0Văn", "ho_ten", "a NUL, which PostgreSQL cannot store"),
    ("15/04/1990", "ngay_sinh", "not ISO 8601"),
    ("1990-02-30", "ngay_sinh", "no such day"),
    ("1990-13", "ngay_sinh", "no such month"),
    ("1690", "ngay_sinh", "nobody alive"),
    ("nam nữ", "gioi_tinh", "two words"),
    ("F", "gioi_tinh", "English"),
    ("Nử", "gioi_tinh", "another tone"),
    ("1" * 33, "so_giay_to_cu", "longer than any number"),
    ("0" * 17, "ma_xa", "longer than a code"),
    ("x" * 65, "quoc_tich", "longer than a country"),
    ("yes", "ngay_mat", "no date"),
]


@pytest.mark.parametrize(("value", "column", "why"), FAULTS, ids=[f"{column}: {why}" for _, column, why in FAULTS])
def test_what_a_row_may_not_hold(value: str, column: str, why: str) -> None:
    cells = GOOD.split(",")
    assert fault(cells) is None
    cells[COLUMNS.index(column)] = value
    found = fault(cells)
    assert found is not None
    assert found[0] == column
    assert not value or value not in found[1], "no personal data in what is said"


def test_a_decomposed_sex_is_the_same_word() -> None:
    cells = unicodedata.normalize("NFD", GOOD).split(",")
    assert fault(cells) is None
    assert person_row(1, cells).sex == "F"


@given(st.lists(st.text(max_size=40), min_size=8, max_size=8))
def test_any_cells_are_a_person_or_a_fault(cells: list[str]) -> None:
    if fault(cells) is None:
        assert person_row(1, cells).national_id == cells[0].strip()


def test_every_faulty_row_is_named_and_nothing_is_stored(register: sa.Engine, tmp_path: Path) -> None:
    _load(register, _csv(tmp_path, OTHER, name="before.csv"))
    before = [table(register, name) for name in STATE]
    bad = [GOOD.replace("Nữ", "x"), GOOD, "", GOOD.replace("1990-04-15", "x"), ",,,,,,,", GOOD.replace("00119", "x")]
    with pytest.raises(IssuerError) as refused:
        _load(register, _csv(tmp_path, *bad))
    assert refused.value.code is Code.PERSON_ROW
    assert (refused.value.where.row, refused.value.where.column) == (2, "gioi_tinh")
    assert "and 2 more: row 5 ngay_sinh, row 7 so_dinh_danh" in str(refused.value)
    assert "Ví Dụ" not in str(refused.value)
    assert [table(register, name) for name in STATE] == before


def test_of_many_faulty_rows_twenty_are_named(sqlite_register: sa.Engine, tmp_path: Path) -> None:
    with pytest.raises(IssuerError) as refused:
        _load(sqlite_register, _csv(tmp_path, *[GOOD.replace("Nữ", "x")] * 50))
    assert "and 49 more" in str(refused.value)
    assert "row 21 gioi_tinh ..." in str(refused.value)


def test_one_number_for_two_people_is_refused(sqlite_register: sa.Engine, tmp_path: Path) -> None:
    lines = [GOOD, OTHER, GOOD.replace("Ví Dụ", "Khác")]
    with pytest.raises(IssuerError, match=r"other facts than row 2 gives it \(people.csv, row 4, column so_dinh_danh"):
        _load(sqlite_register, _csv(tmp_path, *lines))
    assert table(sqlite_register, "person") == []


def test_a_row_that_repeats_another_does_no_harm(register: sa.Engine, tmp_path: Path) -> None:
    assert _load(register, _csv(tmp_path, GOOD, OTHER, GOOD)).read == 3
    assert len(_people(register)) == 2


def test_a_row_counts_from_the_line_where_it_begins(sqlite_register: sa.Engine, tmp_path: Path) -> None:
    name_on_two_lines = GOOD.replace("Nguyễn Thị", '"Nguyễn\nThị"').replace("Ví Dụ", "").replace('" ', '"')
    with pytest.raises(IssuerError) as refused:
        _load(sqlite_register, _csv(tmp_path, name_on_two_lines, OTHER.replace("Nam", "x")))
    assert refused.value.where.row == 4


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", Code.FILE_EMPTY),
        (HEAD.encode() + b"\n", Code.FILE_EMPTY),
        (b"\n\n", Code.FILE_EMPTY),
        (HEAD.replace("ho_ten,", "").encode(), Code.COLUMN_MISSING),
        (HEAD.replace("ma_xa", "ho_ten").encode(), Code.COLUMN_TWICE),
        (f"{HEAD}\n{GOOD}\n".encode("utf-16"), Code.TEXT_ENCODING),
        (f"{HEAD}\n{GOOD}".encode() + b"\n\xff", Code.TEXT_ENCODING),
        (f'{HEAD}\n"{GOOD}'.encode(), Code.FILE_UNREADABLE),
        (f"{HEAD}\n{GOOD},more\n".encode(), Code.PERSON_ROW),
        (f"{HEAD}\n{GOOD[:60]}".encode(), Code.PERSON_ROW),
        (b"PAR1 and nothing of it", Code.FILE_UNREADABLE),
        (b"PAR1", Code.FILE_UNREADABLE),
        (b"PK\x03\x04" + b"\x00" * 40, Code.COLUMN_MISSING),
    ],
    ids=[
        "no byte", "header alone", "blank lines", "column missing", "column twice", "UTF-16", "a byte of Latin-1",
        "open quote", "a cell too many", "cut in the middle", "no Parquet", "Parquet's first word", "a .zip",
    ],
)  # fmt: skip
def test_files_that_are_refused(sqlite_register: sa.Engine, tmp_path: Path, content: bytes, code: Code) -> None:
    (tmp_path / "people.csv").write_bytes(content)
    with pytest.raises(IssuerError) as refused:
        _load(sqlite_register, tmp_path / "people.csv")
    assert refused.value.code is code
    assert all(table(sqlite_register, name) == [] for name in STATE)


def test_a_cut_parquet_is_refused_whole(sqlite_register: sa.Engine, tmp_path: Path) -> None:
    rows = "SELECT printf('%012d', i) AS so_dinh_danh, 'A' AS ho_ten, '1990' AS ngay_sinh, 'Nam' AS gioi_tinh"
    whole = _parquet(tmp_path, f"{rows} FROM range(1190000000, 1190020000) r(i)")
    data = bytearray(whole.read_bytes())
    (tmp_path / "cut.parquet").write_bytes(data[: len(data) // 2])
    data[4:200] = bytes(196)  # the first page is gone, the footer is whole
    (tmp_path / "hole.parquet").write_bytes(data)
    for name in ("cut.parquet", "hole.parquet"):
        with pytest.raises(IssuerError) as refused:
            _load(sqlite_register, tmp_path / name)
        assert refused.value.code in (Code.FILE_UNREADABLE, Code.PERSON_ROW)
        assert table(sqlite_register, "person") == []


def test_a_missing_file_and_a_folder(sqlite_register: sa.Engine, tmp_path: Path) -> None:
    pipe = tmp_path / "pipe.csv"
    os.mkfifo(pipe)  # nobody writes into it: opening it would wait for ever
    refused = {tmp_path / "none.csv": Code.FILE_MISSING, tmp_path: Code.FILE_KIND_UNKNOWN, pipe: Code.FILE_KIND_UNKNOWN}
    for path, code in refused.items():
        with pytest.raises(IssuerError) as refused:
            _load(sqlite_register, path)
        assert refused.value.code is code


def test_a_file_that_changes_while_it_is_read_is_refused(
    sqlite_register: sa.Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = _csv(tmp_path, GOOD)
    seen = iter(("a" * 64, "b" * 64))
    monkeypatch.setattr("issuer.people.load.digest_of", lambda _: next(seen))
    with pytest.raises(IssuerError, match="it changed while it was read"):
        _load(sqlite_register, path)


def test_a_province_of_parquet_in_many_chunks(register: sa.Engine, tmp_path: Path) -> None:
    rows = "printf('%012d', 1190000000 + i) AS so_dinh_danh, 'Lê ' || chr((65 + i % 26)::INT) AS ho_ten"
    path = _parquet(tmp_path, f"SELECT {rows}, '1990' AS ngay_sinh, 'Nam' AS gioi_tinh FROM range(12_345) r(i)")
    told: list[int] = []
    loaded = load_people(register, path, now=NOW, actor="test", progress=told.append)
    assert (loaded.read, loaded.new, sum(told)) == (12_345, 12_345, 12_345)
    assert _load(register, path) == PeopleLoaded(12_345, 0, 0, 0, 12_345)
    assert dt.datetime.fromisoformat(table(register, "audit_entry")[0]["at"]) == NOW
