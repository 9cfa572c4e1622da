"""Lists with a relative's columns, two columns of numbers or dates in parts: the dose goes to the vaccinated person."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import openpyxl
import pytest
import sqlalchemy as sa

from issuer.errors import Code, IssuerError
from issuer.link.run import link_doses
from issuer.reading.id_columns import one_of_several
from issuer.reading.id_number import read_id
from issuer.store.outcome_store import RowOutcome
from tests.dose_lists import NOW, all_outcomes, cleaned, csv_text, load, table, take

CHILD = ("Trần Văn Mẫu", "15/05/2009", "Nam", "001209000018")
MOTHER = ("Nguyễn Thị Ví Dụ", "15/04/1990", "001190000017")
EXTRACT = """so_dinh_danh,ho_ten,ngay_sinh,gioi_tinh,so_giay_to_cu,ma_xa,quoc_tich,ngay_mat
001190000017,Nguyễn Thị Ví Dụ,1990-04-15,Nữ,012345678,00001,Việt Nam,
001209000018,Trần Văn Mẫu,2009-05-15,Nam,,00001,Việt Nam,
"""
DOSE = ("Ngày tiêm", "Tên vắc xin", "Mũi số", "Mã cơ sở")
GIVEN = ("20/04/2022", "Pfizer", "1", "01001")


def linked(register: sa.Engine, folder: Path, *rows: Sequence[Any]) -> RowOutcome:
    load(register, folder, EXTRACT)
    path = folder / "a.csv"
    path.write_text(csv_text(*rows), encoding="utf-8")
    take(register, path)
    cleaned(register)
    link_doses(register, now=NOW, actor="test")
    return all_outcomes(register)[-1]


@pytest.mark.parametrize(
    "header",
    [
        "Họ và tên mẹ,Ngày sinh mẹ,CCCD mẹ,Họ và tên trẻ,Ngày sinh trẻ,Giới tính,Mã định danh",
        "Họ tên người mẹ,Ngày sinh của mẹ,Số CCCD của mẹ,Họ và tên,Ngày sinh,Giới tính,CCCD",
        "Họ tên chủ hộ,Ngày sinh chủ hộ,CCCD chủ hộ,Họ và tên,Ngày sinh,Giới tính,CCCD",
        "Họ tên (mẹ),Ngày sinh (mẹ),CCCD (mẹ),Họ tên (con),Ngày sinh (con),Giới tính,CCCD (con)",
    ],
)
def test_the_dose_is_the_child_s(register: sa.Engine, tmp_path: Path, header: str) -> None:
    outcome = linked(register, tmp_path, [*header.split(","), *DOSE], [*MOTHER, *CHILD, *GIVEN])
    assert (outcome.link_class, outcome.national_id) == ("matched", CHILD[3])


def test_a_mother_s_number_alone_links_nobody(register: sa.Engine, tmp_path: Path) -> None:
    header = ["CCCD mẹ", "Họ tên mẹ", "Năm sinh mẹ", "Họ và tên", "Ngày sinh", "Giới tính", *DOSE]
    outcome = linked(register, tmp_path, header, [MOTHER[2], MOTHER[0], "1990", *CHILD[:3], *GIVEN])
    assert outcome.link_class != "matched"


def test_two_columns_of_one_fact_refuse_the_list(register: sa.Engine, tmp_path: Path) -> None:
    header = ["Họ và tên", "Ngày sinh", "CCCD", "Họ tên", "Giới tính", *DOSE]
    with pytest.raises(IssuerError) as refused:
        linked(register, tmp_path, header, [MOTHER[0], "15/04/1990", MOTHER[2], CHILD[0], "Nữ", *GIVEN])
    assert refused.value.code is Code.COLUMN_TWICE
    assert (refused.value.where.file, refused.value.where.row, refused.value.where.column) == ("a.csv", 1, "A and D")
    assert table(register, "dose") == [] and table(register, "source_sheet") == []


@pytest.mark.parametrize(
    ("old", "new"), [("012345678", "001190000017"), ("", "001190000017"), ("012345678", ""), ("001190000017", "")]
)
def test_the_old_number_beside_the_new(register: sa.Engine, tmp_path: Path, old: str, new: str) -> None:
    header = ["Họ và tên", "Ngày sinh", "Giới tính", "Số CMND", "Số CCCD", *DOSE]
    outcome = linked(register, tmp_path, header, [*MOTHER[:2], "Nữ", old, new, *GIVEN])
    assert (outcome.link_class, outcome.national_id) == ("matched", MOTHER[2])


@pytest.mark.parametrize(
    ("cells", "kind", "number"),
    [
        (["012345678", "001190000017"], "cccd", "001190000017"),
        (["001190000017", "012345678"], "cccd", "001190000017"),
        (["001190000017", 1190000017], "cccd", "001190000017"),
        (["không có", "012345678"], "cmnd9", "012345678"),
        (["B1234567", ""], "passport", "B1234567"),
        (["12345", "B1234567"], "passport", "B1234567"),
        (["", ""], "none", ""),
        (["001190000017", "001209000018"], "malformed", "001190000017 / 001209000018"),
    ],
)
def test_one_number_of_several_columns(cells: list[Any], kind: str, number: str) -> None:
    reading = read_id(one_of_several(cells))
    assert (reading.kind, reading.number) == (kind, number)


@pytest.mark.parametrize("birth_in_parts", [False, True])
def test_the_day_of_injection_in_three_columns(register: sa.Engine, tmp_path: Path, birth_in_parts: bool) -> None:
    load(register, tmp_path, EXTRACT)
    parts = ["Ngày", "Tháng", "Năm"]
    birth = (["Ngày sinh", "", ""], parts, [15, 4, 1990]) if birth_in_parts else (["Ngày sinh"], [""], ["15/04/1990"])
    workbook = openpyxl.Workbook()
    page = workbook.active
    page.append(["Họ và tên", *birth[0], "Giới tính", "CCCD", "Ngày tiêm", "", "", *DOSE[1:]])
    page.append(["", *birth[1], "", "", *parts, "", "", ""])
    page.append([MOTHER[0], *birth[2], "Nữ", MOTHER[2], 5, 8, 2021, *GIVEN[1:]])
    at = 4 + len(birth[0])
    page.merge_cells(start_row=1, end_row=1, start_column=at, end_column=at + 2)
    workbook.save(tmp_path / "a.xlsx")
    take(register, tmp_path / "a.xlsx")
    cleaned(register)
    (dose,) = table(register, "dose")
    assert (dose["birth_date"], dose["vaccinated_on"]) == ("1990-04-15", "2021-08-05")
