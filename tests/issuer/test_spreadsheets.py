"""What spreadsheet programs do to a list: the old .xls, formula errors, dates that a US Excel exchanged."""

import datetime as dt
import struct
import zipfile
from pathlib import Path
from typing import Any

import openpyxl
import pytest
import sqlalchemy as sa

from issuer.errors import Code, IssuerError
from issuer.intake import xls_text
from issuer.intake.cell_errors import error_cells
from issuer.intake.container import FileKind, check_container
from issuer.intake.layout import LayoutFinder
from issuer.intake.xls_errors import CompoundFile, errors_of_book, records, xls_error_cells
from issuer.intake.xls_text import text_lengths
from issuer.link.run import link_doses
from issuer.reading.dates import read_date
from tests.dose_lists import HEADER, NOW, all_outcomes, cleaned, load, row, table, take, xlsx

BIRTH, NUMBER, LOT = HEADER.index("Ngày sinh"), HEADER.index("Số CCCD"), HEADER.index("Số lô")


def xls(path: Path, rows: list[list[Any]], merged: tuple[int, int, int, int] | None = None) -> Path:
    """A workbook of Excel 97 with typed dates."""
    xlwt = pytest.importorskip("xlwt")
    book = xlwt.Workbook(encoding="utf-8")
    sheet = book.add_sheet("Tiêm")
    days = xlwt.easyxf(num_format_str="dd/mm/yyyy")
    for at, cells in enumerate(rows):
        for column, cell in enumerate(cells):
            if cell != "":
                sheet.write(at, column, cell, *([days] if isinstance(cell, dt.date) else []))
    if merged:
        sheet.merge(*merged)
    book.save(str(path))
    return path


def test_an_old_workbook_is_read_with_its_types_rows_and_merged_cells(register: sa.Engine, tmp_path: Path) -> None:
    rows: list[list[Any]] = [["TRẠM Y TẾ XÃ VÍ DỤ"], [], list(HEADER)]
    rows += [
        row(),
        row(Ngày_sinh=dt.date(1990, 4, 15), Mũi_số=2, Ngày_tiêm=dt.date(2021, 11, 15), Số_CCCD=1190000017.0),
    ]
    rows += [row(Mũi_số=3, Ngày_tiêm="20/03/2022", Số_lô="Đ-12"), row(Mũi_số=4, Ngày_tiêm="20/09/2022", Số_lô="")]
    path = xls(tmp_path / "a.xls", rows, merged=(5, 6, LOT, LOT))
    assert check_container(path) is FileKind.XLS
    load(register, tmp_path)
    take(register, path)
    counts = cleaned(register)
    assert counts.rows == sum(counts.fates.values()) == 6
    link_doses(register, now=NOW, actor="test")
    found = [(one.sheet, one.row, one.fate, one.link_class) for one in all_outcomes(register)]
    assert found[2:] == [("Tiêm", at, "stored", "matched") for at in (4, 5, 6, 7)]
    assert [one["lot"] for one in table(register, "dose")][2:] == ["Đ-12", "Đ-12"]


def test_a_formula_error_is_told_as_one(register: sa.Engine, tmp_path: Path) -> None:
    path = xlsx(tmp_path / "a.xlsx", [["Ghi chú"]], [["TIÊU ĐỀ"], [], HEADER, row(), row(Mũi_số=2)], names=["1", "2"])
    book = openpyxl.load_workbook(path)
    page = book["2"]
    for cell, error in ((page.cell(4, LOT + 1), "#N/A"), (page.cell(5, NUMBER + 1), "#REF!"), (page["L5"], "#DIV/0!")):
        cell.value = error
        cell.data_type = "e"
    book.save(path)
    assert error_cells(path) == {"2": {4: {LOT: "#N/A"}, 5: {NUMBER: "#REF!", 11: "#DIV/0!"}}}
    take(register, path)
    cleaned(register)
    found = [one.problems for one in all_outcomes(register) if one.fate == "stored"]
    assert found == [("CELL_ERROR", "LOT_MISSING"), ("CELL_ERROR", "ID_MISSING")]
    told = [(one["field"], one["raw"]) for one in table(register, "problem") if one["code"] == "CELL_ERROR"]
    assert told == [("lot", "#N/A"), ("id_number", "#REF!")]


def _with_errors(path: Path) -> Path:
    """An old workbook: `=1/0` in the lot of one row, a bare #N/A in the number of the next, #REF! in a second sheet."""
    xlwt = pytest.importorskip("xlwt")
    book = xlwt.Workbook(encoding="utf-8")
    sheet = book.add_sheet("Tiêm")
    for at, cells in enumerate([["TIÊU ĐỀ"], [], HEADER, row(), row(Mũi_số=2)]):
        for column, cell in enumerate(cells):
            if (at, column) == (3, LOT):
                sheet.write(at, column, xlwt.Formula("1/0"))
            elif (at, column) == (4, NUMBER):
                sheet.row(at).set_cell_error(column, 0x2A)
            else:
                sheet.write(at, column, cell)
    book.add_sheet("b").row(70).set_cell_error(3, 23)
    book.save(str(path))
    empty, error = b"\x03\0\0\0\0\0\xff\xff", b"\x02\0\x07\0\0\0\xff\xff"  # what stands for the formula's value
    path.write_bytes(path.read_bytes().replace(empty, error))
    return path


def test_a_formula_error_of_an_old_workbook_is_told_as_one(register: sa.Engine, tmp_path: Path) -> None:
    path = _with_errors(tmp_path / "a.xls")
    assert xls_error_cells(path) == {"Tiêm": {4: {LOT: "#DIV/0!"}, 5: {NUMBER: "#N/A"}}, "b": {71: {3: "#REF!"}}}
    take(register, path)
    cleaned(register)
    found = [one.problems for one in all_outcomes(register) if one.fate == "stored"]
    assert found == [("CELL_ERROR", "LOT_MISSING"), ("CELL_ERROR", "ID_MISSING")]


def test_a_damaged_old_workbook_has_no_errors_and_takes_no_time(tmp_path: Path) -> None:
    whole = _with_errors(tmp_path / "a.xls").read_bytes()
    for at in (*range(0, 600, 2), *range(600, len(whole), 97)):
        for sign in (b"\0", b"\xff"):
            (tmp_path / "b.xls").write_bytes(whole[:at] + sign * 4 + whole[at + 4 :])
            assert isinstance(xls_error_cells(tmp_path / "b.xls"), dict)
        (tmp_path / "b.xls").write_bytes(whole[:at])
        assert isinstance(xls_error_cells(tmp_path / "b.xls"), dict)


def test_many_sheets_in_one_place_are_read_once() -> None:
    cell = struct.pack("<2H2H4B", 0x205, 8, 0, 0, 0, 0, 42, 1)
    part = struct.pack("<2H2H", 0x809, 4, 0x600, 0x10) + cell * 20_000 + struct.pack("<2H", 0x0A, 0)
    names = 20_000
    head = struct.pack("<2H2H", 0x809, 4, 0x600, 5)
    place = len(head) + names * 13 + 4
    sheets = struct.pack("<2HI2B3s", 0x85, 9, place, 0, 0, b"\x01\0x") * names
    found = errors_of_book(head + sheets + struct.pack("<2H", 0x0A, 0) + part)
    assert found == {"x": {1: {0: "#N/A"}}}


def test_an_error_for_the_day_leaves_no_date_without_a_day(register: sa.Engine, tmp_path: Path) -> None:
    header = ["Họ và tên", "Ngày sinh", "Tháng sinh", "Năm sinh", "Giới tính", "Số CCCD", *HEADER[4:]]
    cells = ["Nguyễn Thị Ví Dụ", 15, 4, 1990, "Nữ", "001190000017", *row()[4:]]
    spoiled = [
        [*cells[:1], *(("#N/A" if at == nth else cell) for at, cell in enumerate(cells[1:]))] for nth in range(3)
    ]
    path = xlsx(tmp_path / "a.xlsx", [header, *spoiled, cells])
    take(register, path)
    cleaned(register)
    assert [one["birth_date"] for one in table(register, "dose")] == ["", "", "", "1990-04-15"]
    assert [one.problems for one in all_outcomes(register)][1:4] == [("CELL_ERROR", "BIRTH_MISSING")] * 3


def test_an_error_beside_its_formula_and_over_the_edge_of_a_piece(tmp_path: Path) -> None:
    whole = xlsx(tmp_path / "a.xlsx", [HEADER])
    cell = '<c r="C{0}" s="1" t="e"><f>VLOOKUP(A{0},B:B,1)</f><v>#N/A</v></c>'
    rows = "".join(f'<row r="{at}">{cell.format(at)}<c r="D{at}"><v>1</v></c></row>' for at in range(1, 20_001))
    with zipfile.ZipFile(whole) as before, zipfile.ZipFile(tmp_path / "b.xlsx", "w", zipfile.ZIP_DEFLATED) as after:
        for name in before.namelist():
            text = before.read(name)
            if name.endswith("sheet1.xml"):
                text = f"<worksheet><sheetData>{rows}</sheetData></worksheet>".encode()
            after.writestr(name, text)
    (found,) = error_cells(tmp_path / "b.xlsx").values()
    assert found == {at: {2: "#N/A"} for at in range(1, 20_001)}


@pytest.mark.parametrize("evil", [b"<c " * 300_000, b'<c r="A1" t="e">' * 60_000, b'<c t="e" ' + b"x" * 900_000])
def test_what_is_made_to_be_slow_is_not(evil: bytes, tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "a.xlsx", "w", zipfile.ZIP_DEFLATED) as container:
        container.writestr("xl/worksheets/sheet1.xml", evil)
    assert error_cells(tmp_path / "a.xlsx") == {}


# dates that a US Excel exchanged

TEXTS = [f"{day}/0{month}/1990" for day, month in ((13, 1), (14, 2), (15, 3), (28, 4), (31, 5), (17, 6))]
DATES = [dt.date(1990, month, day) for month, day in ((4, 5), (7, 2), (11, 12))]


def order(births: list[Any]) -> str:
    rows: list[tuple[int, list[Any]]] = [(1, list(HEADER))]
    rows += [(at, row(Ngày_sinh=born)) for at, born in enumerate(births, 2)]
    finder = LayoutFinder(rows, ())
    for _, cells in rows:
        finder.see(cells)
    return finder.layout().date_order["birth_date"]


@pytest.mark.parametrize(
    ("why", "births", "found"),
    [
        ("every day above 12 text, every other a date", TEXTS + DATES, "us"),
        ("a date cell with a day above 12 was never exchanged", [*TEXTS, *DATES, dt.date(1990, 4, 15)], "dmy"),
        ("a US Excel would have made a date of this text", [*TEXTS, *DATES, "05/04/1990"], "dmy"),
        ("one day over and over proves nothing", [TEXTS[0]] * 50 + [DATES[0]] * 50, "dmy"),
        ("dates alone", DATES * 3, "dmy"),
        ("text alone", TEXTS * 3, "dmy"),
        ("text with the month first", ["04/15/1990"] * 40 + DATES, "mdy"),
    ],
    ids=lambda one: one if isinstance(one, str) else "",
)
def test_the_mark_of_a_us_excel(why: str, births: list[Any], found: str) -> None:
    assert order(births) == found


def test_a_date_cell_under_that_mark_has_both_meanings() -> None:
    def read(iso: str) -> tuple[str, ...]:
        return read_date({"d": iso}, "us", "1890-01-01", "2022-06-01").meanings

    assert read("1990-04-05") == ("1990-05-04", "1990-04-05")
    assert read("1990-04-04") == ("1990-04-04",)
    assert read("1990-04-15") == ("1990-04-15",)
    assert read_date("15/04/1990", "us", "1890-01-01", "2022-06-01").meanings == ("1990-04-15",)


def test_such_a_date_is_told_and_never_linked_by_itself(register: sa.Engine, tmp_path: Path) -> None:
    people = "so_dinh_danh,ho_ten,ngay_sinh,gioi_tinh,so_giay_to_cu,ma_xa,quoc_tich,ngay_mat\n"
    people += "001190000017,Nguyễn Thị Ví Dụ,1990-05-04,Nữ,,00001,Việt Nam,\n"  # 4 May, typed 04/05/1990
    load(register, tmp_path, people)
    others = [row(Ngày_sinh=born, Số_CCCD=f"0011900001{at:02}") for at, born in enumerate(TEXTS + DATES[1:])]
    take(register, xlsx(tmp_path / "a.xlsx", [HEADER, row(Ngày_sinh=DATES[0]), *others]))
    cleaned(register)
    link_doses(register, now=NOW, actor="test")
    first = next(one for one in all_outcomes(register) if one.row == 2)
    assert (first.problems, first.link_class, first.national_id) == (("BIRTH_UNCERTAIN",), "mismatched", "")
    assert tuple(first.proposals) == ("001190000017",)


def test_the_texts_of_an_xls_are_measured_over_the_records_that_continue_them(tmp_path: Path) -> None:
    """Wide letters and narrow, short texts and the longest, so that the table breaks within them and between."""
    words = [("Đ" if at % 3 else "d") * (at * 37 % 900 + 1) + str(at) for at in range(400)] + [
        "ự" * 32_000,
        "x" * 32_767,
    ]
    path = xls(tmp_path / "a.xls", [[word] for word in words])
    book = CompoundFile(path.read_bytes()).stream("Workbook")
    found = list(records(book, 0, iter(range(len(book)))))
    parts = [book[at : at + length] for kind, at, length in found if kind in (0xFC, 0x3C)]
    assert len(parts) > 10
    assert text_lengths(parts) == [len(word) for word in words]
    assert check_container(path) is FileKind.XLS


def test_one_long_text_in_every_cell_of_an_xls_is_a_bomb(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(xls_text, "_MAX_TEXT", 3 * 32_000 * 300)
    assert check_container(xls(tmp_path / "a.xls", [["x" * 32_000]] * 300)) is FileKind.XLS
    with pytest.raises(IssuerError) as caught:
        check_container(xls(tmp_path / "b.xls", [["x" * 32_000]] * 301))
    assert caught.value.code is Code.FILE_BOMB


def test_two_sheets_of_an_xls_in_one_place_refuse_the_file(tmp_path: Path) -> None:
    whole = _with_errors(tmp_path / "a.xls").read_bytes()
    book = CompoundFile(whole).stream("Workbook")
    first, second = [at for kind, at, _ in records(book, 0, iter(range(len(book)))) if kind == 0x85]
    start = whole.index(book[:64])
    moved = whole[: start + second] + whole[start + first : start + first + 4] + whole[start + second + 4 :]
    (tmp_path / "b.xls").write_bytes(moved)
    with pytest.raises(IssuerError) as caught:
        check_container(tmp_path / "b.xls")
    assert caught.value.code is Code.FILE_UNREADABLE


def test_an_xls_with_a_password_is_told_to_have_one(tmp_path: Path) -> None:
    whole = _with_errors(tmp_path / "a.xls").read_bytes()
    book = CompoundFile(whole).stream("Workbook")
    second = [at for _, at, _ in records(book, 0, iter(range(len(book))))][1] - 4
    start = whole.index(book[:64])
    (tmp_path / "b.xls").write_bytes(whole[: start + second] + b"\x2f\x00" + whole[start + second + 2 :])
    with pytest.raises(IssuerError) as caught:
        check_container(tmp_path / "b.xls")
    assert caught.value.code is Code.FILE_ENCRYPTED
