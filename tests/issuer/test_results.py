"""The list that goes back: the same rows at the same numbers, each with its fate, faulty cells coloured, no formula."""

from pathlib import Path
from typing import Any

import openpyxl
import pytest
import sqlalchemy as sa

from issuer.__main__ import main
from issuer.link.run import link_doses
from issuer.results import write_result
from issuer.store import result_store
from issuer.store.engine import reading
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
    assert page.cell(4, end + 2).value == "Khớp"
    assert page.cell(5, end + 1).value == "Thiếu số giấy tờ; Ngày tiêm không đọc được"
    assert [page.cell(4, at + 1).value for at in range(len(HEADER))] == row()
    coloured = {c.column for c in page[5] if c.fill.fgColor.rgb not in ("00000000",)}
    assert coloured == {HEADER.index("Số CCCD") + 1, HEADER.index("Ngày tiêm") + 1}
    assert "no ID number" in page.cell(5, HEADER.index("Số CCCD") + 1).comment.text
    assert "001190000017" not in str([c.value for c in page[5]])  # the sender is not told whose number it may be


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
