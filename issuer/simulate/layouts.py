"""How one facility lays out its dose list: format, headers, columns, notation, and the lines that are no doses.

In: a `random.Random` and what the file must be. Out: a `Layout`. Headers are the conventional ones and their synonyms
(`domain` section 6).
"""

from dataclasses import dataclass
from random import Random

HEADERS: dict[str, tuple[str, ...]] = {
    "index": ("STT", "TT", "Số TT"),
    "name": ("Họ và tên", "Họ tên", "Họ và tên", "HỌ VÀ TÊN", "Tên"),
    "surname": ("Họ đệm", "Họ và đệm", "Họ và tên đệm"),
    "given": ("Tên",),
    "birth": ("Ngày sinh", "Ngày tháng năm sinh", "NTNS", "Năm sinh", "NGÀY SINH"),
    "birth_d": ("Ngày sinh", "Ngày"),
    "birth_m": ("Tháng sinh", "Tháng"),
    "birth_y": ("Năm sinh", "Năm"),
    "sex": ("Giới tính", "Giới", "Nam/Nữ", "Phái"),
    "sex_m": ("Nam",),
    "sex_f": ("Nữ",),
    "id": ("CMND/CCCD/Hộ chiếu", "CMND/CCCD", "CCCD", "CMND", "CMT", "Số giấy tờ", "Số định danh"),
    "phone": ("Số điện thoại", "SĐT", "ĐT", "Điện thoại", "Di động"),
    "nationality": ("Quốc tịch", "QT"),
    "ethnicity": ("Dân tộc", "DT"),
    "commune": ("Xã/Phường", "Phường/Xã", "Mã xã"),
    "address": ("Địa chỉ chi tiết", "Địa chỉ", "Thôn/Ấp/Tổ"),
    "priority": ("Nhóm đối tượng", "Nhóm ưu tiên", "Đối tượng"),
    "dose": ("Mũi số", "Mũi", "Mũi thứ"),
    "role": ("Loại mũi", "Loại liều"),
    "product": ("Tên vắc xin", "Vacxin", "Vắc-xin", "Vaccine", "Loại vắc xin"),
    "lot": ("Số lô", "Lô", "Lô vắc xin"),
    "day": ("Ngày tiêm", "Ngày tiêm chủng", "Thời gian tiêm"),
    "facility": ("Cơ sở tiêm chủng", "Cơ sở tiêm", "Nơi tiêm", "Điểm tiêm"),
    "facility_code": ("Mã cơ sở", "Mã CSTC"),
    "note": ("Ghi chú", "GC"),
}
"""Column -> what facilities call it."""

_OPTIONAL = {"phone": 0.6, "nationality": 0.4, "commune": 0.4, "address": 0.4, "priority": 0.3, "role": 0.3, "lot": 0.9,
             "facility": 0.5, "facility_code": 0.2, "note": 0.2}  # fmt: skip
_GROUPS = {"birth_d": "Ngày sinh", "sex_m": "Giới tính"}
"""First column of a group -> the header merged over the group, where the header has two lines."""
_SUBHEADERS = {"birth_d": "Ngày", "birth_m": "Tháng", "birth_y": "Năm", "sex_m": "Nam", "sex_f": "Nữ"}
DAY_NOTATIONS = ("%d/%m/%Y", "%d/%m/%Y", "%d/%m/%Y", "%d-%m-%Y", "%d.%m.%Y", "%Y-%m-%d")
"""Notations of a whole file; each is read in one way only, day before month unless the year leads."""


@dataclass(frozen=True, slots=True)
class Layout:
    """One file's habits. `notation` None: birth dates and days are real date cells (.xlsx only)."""

    sheet: bool  # .xlsx; else .csv
    delimiter: str
    encoding: str
    font: str | None  # "tcvn3", "vni" or None
    columns: tuple[str, ...]
    headers: tuple[str, ...]
    subheaders: tuple[str, ...]  # a second header line under merged cells (.xlsx only), or nothing
    notation: str | None
    sexes: tuple[str, str]  # female, male
    titles: int
    repeat_every: int  # header again before every n-th dose; 0 never
    blank_every: int
    total: bool
    merged_facility: bool
    product_spelling: int
    notes_sheet: bool  # the workbook has a second sheet that holds no list


def draw_layout(rnd: Random, *, sheet: bool, font: str | None = None, rich: bool = False) -> Layout:
    """A layout at random; `rich` puts in every column and every kind of line that is no dose (the demo's one file)."""
    two_names = rnd.random() < (0.0 if rich else 0.15)
    three_dates = rnd.random() < (0.0 if rich else 0.12)
    ticks = rnd.random() < (0.0 if rich else 0.15)
    columns = ["index"] if rich or rnd.random() < 0.9 else []
    columns += ["surname", "given"] if two_names else ["name"]
    birth = ["birth_d", "birth_m", "birth_y"] if three_dates else ["birth"]
    sex = ["sex_m", "sex_f"] if ticks else ["sex"]
    columns += birth + sex if rnd.random() < 0.7 else sex + birth
    columns += ["id"]
    columns += [
        name for name, chance in _OPTIONAL.items() if rnd.random() < chance or (rich and name != "facility_code")
    ]
    at = columns.index("id") + 1
    columns[at:at] = ["dose", "product", "day"] if rnd.random() < 0.3 else []
    if "dose" not in columns:
        before_notes = len(columns) - sum(name in columns for name in ("facility", "facility_code", "note"))
        columns[before_notes:before_notes] = ["dose", "product", "day"]
    headers = tuple(_header(rnd, name, sheet, three_dates) for name in columns)
    grouped = sheet and (three_dates or ticks) and rnd.random() < 0.5
    if grouped:
        headers = tuple(
            _GROUPS.get(name, header) if name in _GROUPS or name not in _SUBHEADERS else ""
            for name, header in zip(columns, headers, strict=True)
        )
    encoding, delimiter = rnd.choice(
        (("utf-8-sig", ","), ("utf-8", ","), ("utf-8-sig", ";"), ("utf-8", "\t"), ("utf-16", "\t"), ("utf-8-sig", ","))
    )
    if font is not None and rnd.random() < 0.5:
        encoding = "latin-1"
    return Layout(
        sheet=sheet,
        delimiter=delimiter,
        encoding=encoding,
        font=font,
        columns=tuple(columns),
        headers=headers,
        subheaders=tuple(_SUBHEADERS.get(name, "") for name in columns) if grouped else (),
        notes_sheet=sheet and rnd.random() < 0.2,
        notation=None if sheet and not three_dates and rnd.random() < 0.4 else rnd.choice(DAY_NOTATIONS),
        sexes=rnd.choice((("Nữ", "Nam"), ("Nữ", "Nam"), ("Nữ", "Nam"), ("NỮ", "NAM"), ("nữ", "nam"))),
        titles=4 if rich else rnd.choice((0, 0, 1, 3, 4)),
        repeat_every=400 if rich else rnd.choice((0, 0, 0, 50, 200)),
        blank_every=500 if rich else rnd.choice((0, 0, 0, 120)),
        total=rich or rnd.random() < 0.5,
        merged_facility=sheet and "facility" in columns and not rich and rnd.random() < 0.4,
        product_spelling=rnd.randrange(4),
    )


def _header(rnd: Random, column: str, sheet: bool, three_dates: bool) -> str:
    choices = HEADERS[column]
    if column in ("birth_d", "birth_m", "birth_y"):
        return choices[0]
    header = rnd.choice(choices)
    if column == "given":
        return header
    if sheet and rnd.random() < 0.15 and " " in header:
        header = header.replace(" ", "\n", 1)
    if rnd.random() < 0.1:
        header = rnd.choice((header.upper(), header + " ", header + ".", header + " (*)"))
    return header
