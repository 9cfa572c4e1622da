"""What columns mean: every synonym, two-row headers, folded headers whose meaning their neighbours tell."""

from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from issuer.errors import Code, IssuerError
from issuer.intake.headers import find_header, meaning
from tests.dose_lists import all_outcomes, cleaned, take, xlsx

SYNONYMS = {  # domain reference, section 6
    "ordinal": "STT|TT|Số TT",
    "full_name": "Họ và tên|Họ tên",
    "birth_date": "Ngày sinh|Ngày tháng năm sinh|NTNS",
    "sex": "Giới tính|Giới|Nam/Nữ|Phái",
    "phone": "Số điện thoại|SĐT|ĐT|Điện thoại|Di động",
    "id_number": "CMND/CCCD/Hộ chiếu|CMT|CMND|CCCD|HC|Số giấy tờ|Số định danh",
    "insurance": "Số thẻ BHYT|BHYT|Mã thẻ",
    "priority_group": "Nhóm đối tượng|Nhóm ưu tiên|Đối tượng",
    "workplace": "Đơn vị công tác|Cơ quan|Đơn vị|Nơi làm việc",
    "ethnicity": "Dân tộc|DT",
    "nationality": "Quốc tịch|QT",
    "province": "Tỉnh/Thành phố|Tỉnh|TP|Mã tỉnh",
    "district": "Quận/Huyện|Huyện|Quận|Mã huyện",
    "commune": "Xã/Phường|Phường/Xã|Thị trấn|Mã xã",
    "address": "Địa chỉ chi tiết|Địa chỉ|Số nhà|Thôn/Ấp/Tổ",
    "dose_number": "Mũi số|Mũi|Mũi thứ",
    "dose_role": "Loại mũi|Loại liều|Loại liều (cơ bản, bổ sung, nhắc lại)",
    "vaccine": "Tên vắc xin|Vacxin|Vắc-xin|Vaccine|Loại vắc xin",
    "lot": "Số lô|Lô|Lô vắc xin",
    "vaccinated_on": "Ngày tiêm|Ngày tiêm chủng|Thời gian tiêm",
    "vaccinated_time": "Giờ tiêm|Giờ",
    "facility_name": "Cơ sở tiêm chủng|Cơ sở tiêm|Nơi tiêm|Điểm tiêm",
    "facility_code": "Mã cơ sở|Mã CSTC",
    "guardian": "Người giám hộ|Cha/mẹ",
    "guardian_id": "Số giấy tờ người giám hộ|CCCD người giám hộ",
    "reaction": "Phản ứng sau tiêm|PƯST",
    "note": "Ghi chú|GC",
}


@pytest.mark.parametrize(("field", "header"), [(f, h) for f, hs in SYNONYMS.items() for h in hs.split("|")])
def test_every_synonym_in_every_dress(field: str, header: str) -> None:
    dresses = (header, header.upper(), f" {header}* ", header.replace(" ", "\n"), f"{header} (bắt buộc)", header + ":")
    for dressed in dresses:
        assert meaning(dressed) == field, dressed


@pytest.mark.parametrize(
    ("header", "field"),
    [
        ("Ho va ten", "full_name"),
        ("NGAY SINH", "birth_date"),
        ("So CCCD", "id_number"),
        ("Tên vắc xin đã tiêm", "vaccine"),
        ("Họvàtênngườiđượctiêm", "full_name"),
        ("12. Ghi chú", "note"),
        ("12.", None),
        ("Loai vac xin", "vaccine"),
        ("DT", "ethnicity"),
        ("ĐT", "phone"),
        ("Nam", "sex_male"),
        ("Năm", "birth_year"),
        ("Nữ", "sex_female"),
        ("Hoà giải", None),
        ("", None),
        ("(1)", None),
    ],
)
def test_diacritics_first_then_folded(header: str, field: str | None) -> None:
    assert meaning(header) == field


HEADERS: list[tuple[str, list[list[Any]], dict[str, int]]] = [
    (
        "title rows above, one row",
        [["SỞ Y TẾ"], ["Ngày 15/8/2021"], [], ["STT", "Họ tên", "NTNS", "Phái", "CMND"]],
        {"ordinal": 0, "full_name": 1, "birth_date": 2, "sex": 3, "id_number": 4},
    ),
    (
        "two rows: date in three columns, sex in two to tick",
        [
            ["STT", "Họ và tên", "Ngày sinh", "", "", "Giới tính", "", "CCCD"],
            ["", "", "Ngày", "Tháng", "Năm", "Nam", "Nữ", ""],
        ],
        {"ordinal": 0, "full_name": 1, "birth_day": 2, "birth_month": 3, "birth_year": 4}
        | {"sex_male": 5, "sex_female": 6, "id_number": 7},
    ),
    (
        "year of birth under the columns of sex",
        [["TT", "Họ và tên", "Năm sinh", "", "Địa chỉ", "CMND"], ["", "", "Nam", "Nữ", "", ""]],
        {"ordinal": 0, "full_name": 1, "sex_male": 2, "sex_female": 3, "address": 4, "id_number": 5},
    ),
    (
        "the name in two columns",
        [["STT", "Họ đệm", "Tên", "Ngày sinh", "CCCD"]],
        {"ordinal": 0, "family_part": 1, "given_part": 2, "birth_date": 3, "id_number": 4},
    ),
    (
        "the name in three columns",
        [["STT", "Họ", "Tên đệm", "Tên", "Ngày sinh", "CCCD"]],
        {"ordinal": 0, "family_part": 1, "middle_part": 2, "given_part": 3, "birth_date": 4, "id_number": 5},
    ),
    (
        "the name in two columns, in other words",
        [["STT", "Họ tên đệm", "Tên", "Ngày sinh", "CCCD"]],
        {"ordinal": 0, "family_part": 1, "given_part": 2, "birth_date": 3, "id_number": 4},
    ),
    (
        "the columns are numbered in their headings",
        [["1. STT", "2. Họ và tên", "3) Ngày sinh", "4 - CCCD", "10. Ngày tiêm"]],
        {"ordinal": 0, "full_name": 1, "birth_date": 2, "id_number": 3, "vaccinated_on": 4},
    ),
    (
        "two rows: the parts of an address, the facts of the dose",
        [
            ["STT", "Họ và tên", "CCCD", "Địa chỉ", "", "", "Thông tin mũi tiêm", "", "", ""],
            ["", "", "", "Tỉnh", "Huyện", "Xã", "Mũi", "Loại vắc xin", "Số lô", "Ngày tiêm"],
        ],
        {"ordinal": 0, "full_name": 1, "id_number": 2, "province": 3, "district": 4, "commune": 5}
        | {"dose_number": 6, "vaccine": 7, "lot": 8, "vaccinated_on": 9},
    ),
    (
        "two rows: only the lower one would be a header, and without the name",
        [
            ["STT", "Họ và tên", "Thông tin cá nhân", "", "", "Thông tin tiêm", "", ""],
            ["", "", "Ngày sinh", "Giới tính", "CCCD", "Mũi", "Loại vắc xin", "Ngày tiêm"],
        ],
        {"ordinal": 0, "full_name": 1, "birth_date": 2, "sex": 3, "id_number": 4}
        | {"dose_number": 5, "vaccine": 6, "vaccinated_on": 7},
    ),
    (
        "the header twice, one below the other",
        [["STT", "Họ và tên", "CCCD", "Ngày tiêm"], ["STT", "Họ và tên", "CCCD", "Ngày tiêm"]],
        {"ordinal": 0, "full_name": 1, "id_number": 2, "vaccinated_on": 3},
    ),
    ("Tên alone is the whole name", [["Tên", "Năm sinh", "CMT"]], {"full_name": 0, "birth_date": 1, "id_number": 2}),
    (
        "folded: Nam beside Nu is a sex",
        [["Ho ten", "Ngay sinh", "Nam", "Nu", "CMND"]],
        {"full_name": 0, "birth_date": 1, "sex_male": 2, "sex_female": 3, "id_number": 4},
    ),
    (
        "folded: Nam beside Thang is a year",
        [["Ho ten", "Ngay", "Thang", "Nam", "CMND"]],
        {"full_name": 0, "birth_day": 1, "birth_month": 2, "birth_year": 3, "id_number": 4},
    ),
    (
        "two columns of numbers",
        [["Họ tên", "Ngày sinh", "Số CMND", "Số CCCD", "Ngày tiêm"]],
        {"full_name": 0, "birth_date": 1, "id_number": 2, "id_number_2": 3, "vaccinated_on": 4},
    ),
    (
        "the mother's columns before the child's",
        ["STT,Họ và tên mẹ,Ngày sinh mẹ,CCCD mẹ,Họ và tên trẻ,Ngày sinh trẻ,Giới tính,Mã định danh,Vắc xin".split(",")],
        {"ordinal": 0, "full_name": 4, "birth_date": 5, "sex": 6, "id_number": 7, "vaccine": 8},
    ),
    (
        "the mother's with other words, the child's with none",
        ["Họ tên người mẹ,Ngày sinh của mẹ,Số CCCD của mẹ,Họ và tên,Ngày sinh,CCCD".split(",")],
        {"full_name": 3, "birth_date": 4, "id_number": 5},
    ),
    (
        "without diacritics",
        ["Ho ten me,Ngay sinh me,So CCCD me,Ho ten tre,Ngay sinh tre,CCCD tre".split(",")],
        {"full_name": 3, "birth_date": 4, "id_number": 5},
    ),
    (
        "in brackets",
        ["Họ tên (mẹ),Ngày sinh (mẹ),CCCD (của bố/mẹ),Họ tên (trẻ),Ngày sinh (trẻ),CCCD (trẻ)".split(",")],
        {"full_name": 3, "birth_date": 4, "id_number": 5},
    ),
    (
        "the child's without a parent's beside them: a list of children",
        ["STT,Họ tên con,Ngày sinh con,Giới tính con,CCCD (con),Vắc xin".split(",")],
        {"ordinal": 0, "full_name": 1, "birth_date": 2, "sex": 3, "id_number": 4, "vaccine": 5},
    ),
    (
        "the child's in brackets, the mother's with her name",
        ["Họ tên (mẹ),CCCD (mẹ),Họ tên (của con),Ngày sinh (con),Giới tính,Mã định danh (con)".split(",")],
        {"full_name": 2, "birth_date": 3, "sex": 4, "id_number": 5},
    ),
    (
        "a child beside the vaccinated person, in brackets",
        ["Họ và tên,Ngày sinh,CCCD,Họ tên (con),Ngày sinh (con),CCCD (con)".split(",")],
        {"full_name": 0, "birth_date": 1, "id_number": 2},
    ),
    (
        "a child's sex and number are not those of the vaccinated person",
        ["Họ và tên,Ngày sinh,Giới tính con,CCCD con,Số giấy tờ".split(",")],
        {"full_name": 0, "birth_date": 1, "id_number": 4},
    ),
    (
        "the head of the household",
        ["Họ tên chủ hộ,CCCD chủ hộ,Họ và tên,Năm sinh,Số định danh".split(",")],
        {"full_name": 2, "birth_date": 3, "id_number": 4},
    ),
    (
        "a representative's number alone, and nobody's else",
        ["CCCD người đại diện,Họ và tên,Ngày sinh,Giới tính".split(",")],
        {"full_name": 1, "birth_date": 2, "sex": 3},
    ),
    (
        "the vaccinator",
        ["Họ tên người tiêm,Họ và tên,Ngày sinh,CCCD".split(",")],
        {"full_name": 1, "birth_date": 2, "id_number": 3},
    ),
    (
        "relatives as a group above",
        ["STT,Thông tin mẹ,,,Thông tin trẻ,,,".split(","), ",Họ tên,Ngày sinh,CCCD,Họ tên,Ngày sinh,CCCD".split(",")],
        {"ordinal": 0, "full_name": 4, "birth_date": 5, "id_number": 6},
    ),
    (
        "the mother's number only in her group",
        ["Họ và tên,Ngày sinh,Giới tính,Mẹ,".split(","), ",,,Họ tên,CCCD".split(",")],
        {"full_name": 0, "birth_date": 1, "sex": 2},
    ),
    (
        "the day of injection in three columns",
        ["Họ tên,Ngày sinh,CCCD,Ngày tiêm,,,Lô".split(","), ",,,Ngày,Tháng,Năm,".split(",")],
        {"full_name": 0, "birth_date": 1, "id_number": 2, "lot": 6}
        | {"vaccinated_day": 3, "vaccinated_month": 4, "vaccinated_year": 5},
    ),
    (
        "both dates in three columns",
        ["Họ tên,Ngày sinh,,,CCCD,Ngày tiêm,,".split(","), ",Ngày,Tháng,Năm,,Ngày,Tháng,Năm".split(",")],
        {"full_name": 0, "birth_day": 1, "birth_month": 2, "birth_year": 3, "id_number": 4}
        | {"vaccinated_day": 5, "vaccinated_month": 6, "vaccinated_year": 7},
    ),
    (
        "days of something else",
        ["Họ tên,Ngày sinh,CCCD,Ngày cấp,,".split(","), ",,,Ngày,Tháng,Năm".split(",")],
        {"full_name": 0, "birth_date": 1, "id_number": 2},
    ),
]


@pytest.mark.parametrize(("why", "rows", "columns"), HEADERS, ids=[why for why, _, _ in HEADERS])
def test_the_header_is_found(why: str, rows: list[list[Any]], columns: dict[str, int]) -> None:
    header = find_header(rows)
    assert header is not None
    assert header.columns == columns
    assert header.twice == ()


@pytest.mark.parametrize(
    "header",
    "Họ tên mẹ|Họ tên người mẹ|Số CCCD của mẹ|CCCD bố|Họ tên ba|Họ tên má|Họ và tên cha|Họ tên chủ hộ|Họ tên vợ|"
    "Số CMND chồng|CCCD người đại diện|Họ tên người liên hệ|Tên người tiêm|Họ và tên người tiêm|Họ tên người nhập|"
    "Họ tên cán bộ y tế|Họ tên con|Họ tên ông|Ngày sinh bà nội|Ho ten me|Ho ten ba|So CCCD chu ho|Số điện thoại mẹ|"
    "Ngày cấp CCCD|Nơi cấp CMND|Loại giấy tờ|Họ và tên (mẹ)|CCCD (người giám hộ)|Ho ten (chu ho)".split("|"),
)
def test_what_may_be_another_person_s_is_nobody_s(header: str) -> None:
    assert meaning(header) is None


@pytest.mark.parametrize(
    ("header", "field"),
    [
        ("Họ và tên trẻ", "full_name"),
        ("Họ tên người được tiêm chủng", "full_name"),
        ("Họ và tên công dân", "full_name"),
        ("Họ và tên (CHỮ IN HOA)", "full_name"),
        ("Ngày sinh của trẻ", "birth_date"),
        ("Năm sinh trẻ", "birth_year"),
        ("Giới tính của đối tượng", "sex"),
        ("Số CCCD của đối tượng", "id_number"),
        ("Mã định danh trẻ em", "id_number"),
        ("Số CCCD hoặc CMND", "id_number"),
        ("CCCD/Mã định danh/Hộ chiếu", "id_number"),
        ("Số điện thoại của người được tiêm", "phone"),
    ],
)
def test_harmless_words_leave_a_fact_of_the_person(header: str, field: str) -> None:
    assert meaning(header) == field


@pytest.mark.parametrize(
    ("texts", "twice"),
    [
        ("Họ tên,Ngày sinh,CCCD,Họ và tên", (0, 3)),
        ("Họ và tên,Ngày sinh,CCCD,Họ và tên trẻ", (0, 3)),
        ("Họ và tên,Ngày sinh,CCCD,Ngày sinh trẻ", (1, 3)),
        ("Họ và tên,Giới tính,CCCD,Giới", (1, 3)),
    ],
)
def test_two_columns_that_claim_one_fact_are_told(texts: str, twice: tuple[int, ...]) -> None:
    header = find_header([texts.split(",")])
    assert header is not None and header.twice == twice


def test_a_month_far_from_the_birth_date_is_not_its_month() -> None:
    header = find_header(["Họ tên,Ngày sinh,CCCD,Ngày tiêm,Tháng,Năm".split(",")])
    assert header is not None
    assert header.columns == {"full_name": 0, "birth_date": 1, "id_number": 2, "vaccinated_on": 3}


@pytest.mark.parametrize(
    "rows",
    [
        [],
        [["Danh mục vắc xin"], ["AZ", "AstraZeneca"]],
        [["Ngày tiêm", "Mũi", "Lô"]],  # nobody's name or number
        [["Nguyễn Thị Ví Dụ", "15/04/1990", "Nữ", "001190000017"]],
    ],
)
def test_no_header_is_invented(rows: list[list[Any]]) -> None:
    assert find_header(rows) is None


_LIST = "STT|Họ và tên|Ngày sinh|Giới tính|CCCD|Vắc xin|Ngày tiêm".split("|")
_ROW = [1, "Nguyễn Thị Ví Dụ", "15/04/1990", "Nữ", "001190000017", "AstraZeneca", "15/08/2021"]


def test_a_second_list_with_its_columns_elsewhere_refuses_the_file(sqlite_register: sa.Engine, tmp_path: Path) -> None:
    """Its rows would be read by the columns of the first: names as numbers, numbers as days."""
    other = [_LIST[0], _LIST[4], _LIST[1], *_LIST[2:4], *_LIST[5:]]
    sheet = [_LIST, _ROW, [], ["DANH SÁCH MŨI 2"], other, [2, _ROW[4], _ROW[1], *_ROW[2:4], *_ROW[5:]]]
    with pytest.raises(IssuerError) as caught:
        take(sqlite_register, xlsx(tmp_path / "a.xlsx", sheet))
    assert (caught.value.code, caught.value.where.row, caught.value.where.column) == (
        Code.HEADER_MOVES,
        5,
        "B and C and D and E",
    )


@pytest.mark.parametrize(
    ("header", "again"),
    [
        ([_LIST], _LIST),
        ([_LIST], [text.upper() for text in _LIST]),
        ([_LIST], _LIST[:6]),
        ([_LIST], [*_LIST, "Ghi chú"]),
        ([_LIST], ["TT", "Họ tên", "Đơn vị", "Điện thoại", "Ký tên"]),  # the staff below the list
        ([[*_LIST[:5], "Mũi tiêm", ""], ["", "", "", "", "", "Vắc xin", "Mũi"]], [*_LIST[:5], "Mũi tiêm", ""]),
    ],
)
def test_the_same_header_again_refuses_nothing(
    sqlite_register: sa.Engine, tmp_path: Path, header: list[list[str]], again: list[str]
) -> None:
    take(sqlite_register, xlsx(tmp_path / "a.xlsx", [*header, _ROW, again, [2, "Lê Văn An", *_ROW[2:]]]))
    cleaned(sqlite_register)
    assert [one.fate for one in all_outcomes(sqlite_register)].count("stored") == 2


def test_rows_above_a_header_that_names_more_are_no_titles() -> None:
    first, again = [_LIST, _ROW], [[*_LIST, "Số lô", "Ghi chú"], _ROW]
    header = find_header([*first, *again])
    assert header is not None
    assert (header.first, header.last) == (0, 0)


def test_a_list_of_staff_above_is_not_the_header() -> None:
    staff = [["TT", "Họ tên", "Đơn vị", "Điện thoại"], ["1", "BS. Lê Văn An", "Trạm Y tế", "0912345678"]]
    header = find_header([*staff, _LIST, _ROW])
    assert header is not None
    assert header.first == 2
