"""The list that goes back: the same rows at the same numbers, each with its fate, faulty cells coloured, no formula."""

import io
import re
import zipfile
from pathlib import Path
from typing import Any

import openpyxl
import pytest
import sqlalchemy as sa
from openpyxl.styles import Font, PatternFill

from issuer.__main__ import main
from issuer.clean.schedule import check_schedules
from issuer.link.run import link_doses
from issuer.results.on_original import write_on_original
from issuer.results.plain import write_result
from issuer.store import result_store
from issuer.store.engine import reading
from issuer.vietnam_time import VIETNAM
from tests.dose_lists import HEADER, NOW, cleaned, csv_text, load, row, table, take, xlsx


def _back(register: sa.Engine, folder: Path) -> Any:
    with reading(register) as connection:
        write_result(connection, result_store.files(connection)[0].file_id, folder / "back.xlsx")
    return openpyxl.load_workbook(folder / "back.xlsx")


def test_every_row_goes_back_to_its_place_with_what_became_of_it(register: sa.Engine, tmp_path: Path) -> None:
    sheet = [["TRẠM Y TẾ"], [], HEADER, row(), row(Số_CCCD="", Ngày_tiêm="31/02/2021"), row(), ["Tổng cộng"]]
    load(register, tmp_path)
    take(register, xlsx(tmp_path / "a.xlsx", sheet, names=["Tiêm"]))
    cleaned(register)
    link_doses(register, now=NOW, actor="test")
    page = _back(register, tmp_path)["Tiêm"]
    end = len(HEADER) + 1
    assert [page.cell(3, end + at).value for at in range(3)] == ["Kết quả", "Vấn đề", "Đối chiếu dân cư"]
    assert [page.cell(at, end).value for at in (4, 5, 6, 7)] == [
        "Đã nhận",
        "Đã nhận",
        "Trùng (a.xlsx, 4)",
        "Không nhận",
    ]
    day = NOW.astimezone(VIETNAM)
    assert page.cell(4, end + 2).value == f"Đã xác minh {day:%d/%m/%Y}, CSDL quốc gia về dân cư"
    assert page.cell(5, end + 1).value == "Thiếu số giấy tờ; Ngày tiêm không đọc được"
    assert [page.cell(4, at + 1).value for at in range(len(HEADER))] == row()
    coloured = {c.column for c in page[5] if c.fill.fgColor.rgb not in ("00000000",)}
    assert coloured == {HEADER.index("Số CCCD") + 1, HEADER.index("Ngày tiêm") + 1}
    assert "no ID number" in page.cell(5, HEADER.index("Số CCCD") + 1).comment.text
    assert "001190000017" not in str([c.value for c in page[5]])  # the sender is not told whose number it may be


@pytest.mark.parametrize("upon_the_original", [False, True])
def test_a_cell_with_two_problems_tells_both_in_the_colour_of_the_worse(
    upon_the_original: bool, register: sa.Engine, tmp_path: Path
) -> None:
    future = row(Ngày_tiêm="25/04/2035", Mũi_số=2)
    original = xlsx(tmp_path / "a.xlsx", [HEADER, row(Tên_vắc_xin="Abdala"), future])
    load(register, tmp_path)
    take(register, original)
    cleaned(register)
    link_doses(register, now=NOW, actor="test")
    check_schedules(register)  # what it tells does not block and comes after the day that does
    page = (_upon(register, original, tmp_path) if upon_the_original else _back(register, tmp_path)).active
    day = page.cell(3, HEADER.index("Ngày tiêm") + 1)
    assert [line.split(" / ")[0] for line in day.comment.text.splitlines()] == [
        "Ngày tiêm ở tương lai",
        "Tiêm trộn vắc xin",
    ]
    assert day.fill.fgColor.rgb == "00FFC7CE"


def test_the_results_stand_in_one_column_though_a_row_is_wider_than_the_header(
    register: sa.Engine, tmp_path: Path
) -> None:
    wide, short = [*row(Mũi_số=2), "", "x", "", ""], row(Mũi_số=3)[:-1]
    (tmp_path / "a.csv").write_text(csv_text(HEADER, row(), wide, short), encoding="utf-8")
    take(register, tmp_path / "a.csv")
    cleaned(register)
    page = _back(register, tmp_path).active
    at = len(HEADER) + 3
    assert [page.cell(line, at).value for line in (1, 2, 3, 4)] == ["Kết quả", "Đã nhận", "Đã nhận", "Đã nhận"]
    assert page.cell(3, at - 1).value == "x"


def test_what_looks_like_a_formula_goes_back_as_text(sqlite_register: sa.Engine, tmp_path: Path) -> None:
    evil = ["=1+1", "+cmd|' /C calc'!A0", "-2+3", "@SUM(1)", '=HYPERLINK("http://example.org","x")']
    rows = [row(Họ_và_tên=text, Số_lô=text, Mũi_số=at + 1) for at, text in enumerate(evil)]
    (tmp_path / "a.csv").write_text(csv_text(HEADER, *rows), encoding="utf-8")
    take(sqlite_register, tmp_path / "a.csv")
    cleaned(sqlite_register)
    page = _back(sqlite_register, tmp_path).active
    for at, text in enumerate(evil):
        cell = page.cell(at + 2, 1)
        assert (cell.value, cell.data_type, cell.quotePrefix) == (text, "s", True)


def test_typed_cells_keep_their_types(sqlite_register: sa.Engine, tmp_path: Path) -> None:
    import datetime as dt

    take(sqlite_register, xlsx(tmp_path / "a.xlsx", [HEADER, row(Ngày_sinh=dt.date(1990, 4, 15), Mũi_số=1)]))
    cleaned(sqlite_register)
    page = _back(sqlite_register, tmp_path).active
    assert page.cell(2, 2).value == dt.datetime(1990, 4, 15)  # noqa: DTZ001 - a sheet's date has no zone
    assert page.cell(2, 7).value == 1


def test_the_command_writes_one_file_a_list(
    tmp_path: Path, sqlite_register: sa.Engine, sqlite_url: str, capsys: pytest.CaptureFixture[str]
) -> None:
    for folder, lot in (("x", "A1"), ("y", "A2")):
        (tmp_path / folder).mkdir()
        take(sqlite_register, xlsx(tmp_path / folder / "a.xlsx", [HEADER, row(Số_lô=lot)]))
    cleaned(sqlite_register)
    assert main(["--database", sqlite_url, "results", str(tmp_path / "back")]) == 0
    assert sorted(path.name for path in (tmp_path / "back").iterdir()) == [
        "2-a.xlsx.ket-qua.xlsx",
        "a.xlsx.ket-qua.xlsx",
    ]
    assert "rows sent back: 4" in capsys.readouterr().out
    assert main(["--database", sqlite_url, "results", str(tmp_path / "back"), "--file", "none.xlsx"]) == 1
    assert len(table(sqlite_register, "source_file")) == 2


# upon the workbook as it came


def _formatted(path: Path) -> Path:
    """A list as a facility makes it: merged title, blank row, widths, fonts, a number format, a formula, a comment."""
    rows = [
        ["DANH SÁCH TIÊM CHỦNG"],
        [],
        HEADER,
        row(),
        row(Số_CCCD="", Ngày_tiêm="31/02/2021"),
        [],
        row(),
        ["Tổng cộng"],
    ]
    xlsx(path, rows, [["Ghi chú chung"]], names=["Tiêm", "Khác"])
    book = openpyxl.load_workbook(path)
    page = book["Tiêm"]
    page.merge_cells("A1:I1")
    page.merge_cells("H4:H5")
    page["A1"].font = Font(bold=True, size=16, color="FF0000FF")
    page["A3"].fill = PatternFill("solid", fgColor="FF00FF00")
    page.column_dimensions["A"].width = 41.5
    page.row_dimensions[5].height = 33
    page.freeze_panes = "A4"
    page["B4"].number_format = "dd/mm/yyyy"
    page["E5"].comment = openpyxl.comments.Comment("hỏi lại", "trạm")
    page["K4"] = '=HYPERLINK("http://example.org","x")'
    page["L4"] = "=1+1"
    page["K7"] = "+84 912"
    book.save(path)
    return path


def _sent_back(register: sa.Engine, original: Path, folder: Path) -> Any:
    take(register, original)
    cleaned(register)
    return _upon(register, original, folder)


def _upon(register: sa.Engine, original: Path, folder: Path) -> Any:
    with reading(register) as connection:
        file_id = result_store.files(connection)[0].file_id
        written = write_on_original(connection, file_id, original.read_bytes(), folder / "back.xlsx")
    return None if written is None else openpyxl.load_workbook(folder / "back.xlsx")


def test_formats_and_merged_cells_stay_and_rows_align(register: sa.Engine, tmp_path: Path) -> None:
    book = _sent_back(register, _formatted(tmp_path / "a.xlsx"), tmp_path)
    page, end = book["Tiêm"], 13
    assert book.sheetnames == ["Tiêm", "Khác"]
    assert {str(one) for one in page.merged_cells.ranges} == {"A1:I1", "H4:H5"}
    assert (page["A1"].font.size, page["A1"].font.color.rgb, page["A3"].fill.fgColor.rgb) == (
        16,
        "FF0000FF",
        "FF00FF00",
    )
    assert (page.column_dimensions["A"].width, page.row_dimensions[5].height) == (41.5, 33)
    assert (page.freeze_panes, page["B4"].number_format) == ("A4", "dd/mm/yyyy")
    assert [page.cell(3, end + at).value for at in range(3)] == ["Kết quả", "Vấn đề", "Đối chiếu dân cư"]
    fates = [page.cell(at, end).value for at in range(1, 9)]
    assert fates == [None, None, "Kết quả", "Đã nhận", "Đã nhận", None, "Trùng (a.xlsx, 4)", "Không nhận"]
    assert page.cell(5, end + 1).value == "Thiếu số giấy tờ; Ngày tiêm không đọc được"
    for at, cells in ((4, row()), (7, row())):
        assert [page.cell(at, column + 1).value for column in range(len(HEADER))] == cells
    coloured = {c.column for c in page[5] if c.fill.fill_type == "solid"}
    assert coloured == {HEADER.index("Số CCCD") + 1, HEADER.index("Ngày tiêm") + 1}
    assert page["E5"].comment.text.startswith("hỏi lại\n")


def test_no_formula_goes_back_upon_the_original(sqlite_register: sa.Engine, tmp_path: Path) -> None:
    book = _sent_back(sqlite_register, _formatted(tmp_path / "a.xlsx"), tmp_path)
    assert not [c for page in book for cells in page.iter_rows() for c in cells if c.data_type == "f"]
    with zipfile.ZipFile(tmp_path / "back.xlsx") as parts:
        assert not any(re.search(rb"<f[ >]", parts.read(name)) for name in parts.namelist() if "sheets/" in name)
        assert not any("vba" in name.lower() or "externalLink" in name for name in parts.namelist())
    cell = book["Tiêm"]["K7"]
    assert (cell.value, cell.data_type, cell.quotePrefix) == ("+84 912", "s", True)


def test_a_faulty_cell_under_a_merged_range_is_coloured_where_it_shows(register: sa.Engine, tmp_path: Path) -> None:
    path = xlsx(tmp_path / "a.xlsx", [HEADER, row(Số_lô="FKO123"), row(Số_lô="", Mũi_số=2)])
    book = openpyxl.load_workbook(path)
    book.active.merge_cells("H2:H3")
    book.save(path)
    page = _sent_back(register, path, tmp_path).active
    assert page["H2"].fill.fill_type == "solid"
    assert "O" in page["H2"].comment.text


@pytest.mark.parametrize("lie", [b'ref="A1:XFD1048576"', b"ref='A1:XFD9'", b'ref="A:XFD"', b'ref="?"'])
def test_a_workbook_that_would_fill_the_memory_is_built_anew(
    lie: bytes, sqlite_register: sa.Engine, tmp_path: Path
) -> None:
    whole = io.BytesIO(_formatted(tmp_path / "a.xlsx").read_bytes())
    with zipfile.ZipFile(whole) as before, zipfile.ZipFile(tmp_path / "b.xlsx", "w", zipfile.ZIP_DEFLATED) as after:
        for name in before.namelist():
            more = (b"<mergeCell " + lie + b"/>") * 5
            after.writestr(name, before.read(name).replace(b"</mergeCells>", more + b"</mergeCells>"))
    with reading(sqlite_register) as connection:
        assert write_on_original(connection, 1, (tmp_path / "b.xlsx").read_bytes(), tmp_path / "back.xlsx") is None
    assert not (tmp_path / "back.xlsx").exists()


def test_the_command_finds_the_originals_by_their_bytes(
    tmp_path: Path, sqlite_register: sa.Engine, sqlite_url: str, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "in" / "deep").mkdir(parents=True)
    take(sqlite_register, _formatted(tmp_path / "in" / "a.xlsx"))
    take(sqlite_register, xlsx(tmp_path / "b.xlsx", [HEADER, row(Số_lô="B2")]))
    (tmp_path / "c.csv").write_text(csv_text(HEADER, row(Số_lô="B3")), encoding="utf-8")
    take(sqlite_register, tmp_path / "c.csv")
    cleaned(sqlite_register)
    (tmp_path / "in" / "a.xlsx").rename(tmp_path / "in" / "deep" / "another name.xlsx")
    xlsx(tmp_path / "in" / "b.xlsx", [HEADER, row(Số_lô="changed since")])
    (tmp_path / "in" / "evil.xlsm").write_bytes(b"PK\x03\x04")
    words = ["results", str(tmp_path / "back"), "--originals", str(tmp_path / "in")]
    assert main(["--database", sqlite_url, *words]) == 0
    assert "upon the workbooks as they came: 1; built anew: 2" in capsys.readouterr().out
    back = {path.name: openpyxl.load_workbook(path) for path in (tmp_path / "back").iterdir()}
    assert sorted(back) == ["a.xlsx.ket-qua.xlsx", "b.xlsx.ket-qua.xlsx", "c.csv.ket-qua.xlsx"]
    assert "Khác" in back["a.xlsx.ket-qua.xlsx"].sheetnames
    assert back["b.xlsx.ket-qua.xlsx"].active["H2"].value == "B2"
    assert main(["--database", sqlite_url, *words[:-1], str(tmp_path / "nowhere")]) == 1
