"""What columns mean: every synonym, two-row headers, folded headers whose meaning their neighbours tell."""

from typing import Any

import pytest

from issuer.intake.headers import find_header, meaning

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
        "a column twice: the first counts",
        [["Họ tên", "Ngày sinh", "CMND", "CCCD", "Ngày tiêm"]],
        {"full_name": 0, "birth_date": 1, "id_number": 2, "vaccinated_on": 4},
    ),
]


@pytest.mark.parametrize(("why", "rows", "columns"), HEADERS, ids=[why for why, _, _ in HEADERS])
def test_the_header_is_found(why: str, rows: list[list[Any]], columns: dict[str, int]) -> None:
    header = find_header(rows)
    assert header is not None
    assert header.columns == columns


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
