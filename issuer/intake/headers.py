"""What a column means, by its header: the synonyms of Vietnamese dose lists, and where the header row is.

Headers are compared first with their diacritics, then folded, because folded `Nam` (a tick column for men) and `Năm`
(year), `DT` (ethnicity) and `ĐT` (telephone) are one. Case, blanks, dots, stars and line breaks do not count; what
stands in brackets does not either, unless the whole header is in them or it names a relative.

A list of children has columns of the mother, the guardian and the vaccinator beside those of the child. A header is
therefore of the vaccinated person only if it says nothing that is not known to mean that person.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from specs.names import compose, fold, one_d, place_tones

__all__ = ["Header", "find_header", "meaning"]

_SYNONYMS = {
    "ordinal": "STT|TT|Số TT|Số thứ tự|No",
    "full_name": "Họ và tên|Họ tên|Họ & tên|Họ tên người được tiêm|Họ tên đối tượng|Tên đối tượng|"
    "Họ và tên đối tượng|Tên người được tiêm|Họ và tên khai sinh|Họ, chữ đệm và tên|Họ chữ đệm và tên|"
    "Full name|Fullname|Name|ho_ten|hoten",
    "family_part": "Họ đệm|Họ và đệm|Họ và tên đệm|Họ và chữ đệm|Họ chữ đệm|Họ, chữ đệm|Họ lót|Họ và tên lót|Họ",
    "given_part": "Tên|Tên riêng",
    "birth_date": "Ngày sinh|Ngày tháng năm sinh|Ngày, tháng, năm sinh|Ngày/tháng/năm sinh|NTNS|Sinh ngày|DOB|"
    "Ngày tháng năm|Birth date|Date of birth|ngay_sinh|NS",
    "birth_year": "Năm sinh|Năm",
    "birth_month": "Tháng sinh|Tháng",
    "birth_day": "Ngày",
    "sex": "Giới tính|Giới|Nam/Nữ|Phái|GT|Sex|Gender|gioi_tinh",
    "sex_male": "Nam",
    "sex_female": "Nữ",
    "phone": "Số điện thoại|SĐT|ĐT|Điện thoại|Di động|Số ĐT|Số di động|Điện thoại liên hệ|Phone|Số điện thoại liên hệ",
    "id_number": "CMND/CCCD/Hộ chiếu|CMND/CCCD|CCCD/CMND|CCCD/CMT|CMT/CCCD|CMT|CMND|CCCD|HC|Số giấy tờ|Số định danh|"
    "Số CMND|Số CCCD|Số CMT|Số CMND/CCCD|Số CCCD/CMND|Số CMND/CCCD/Hộ chiếu|Số CCCD/CMND/Hộ chiếu|CMND/CCCD/HC|"
    "CCCD/CMND/HC|Số CMND/CCCD/HC|CMT/CCCD/HC|Số hộ chiếu|Hộ chiếu|Căn cước|Số căn cước|Số căn cước công dân|"
    "Căn cước công dân|Chứng minh nhân dân|Số định danh cá nhân|Mã định danh|Số ĐDCN|ĐDCN|Số giấy tờ tùy thân|"
    "Giấy tờ tùy thân|so_dinh_danh|so_cccd|cmnd_cccd|Passport|CCCD/CMND/Hộ chiếu|Số CCCD/Hộ chiếu|CCCD/Hộ chiếu",
    "insurance": "Số thẻ BHYT|BHYT|Mã thẻ|Thẻ BHYT|Mã thẻ BHYT|Số BHYT|Mã BHYT",
    "priority_group": "Nhóm đối tượng|Nhóm ưu tiên|Đối tượng|Mã nhóm ưu tiên|Đối tượng ưu tiên",
    "workplace": "Đơn vị công tác|Cơ quan|Đơn vị|Nơi làm việc|Nơi công tác|Nghề nghiệp",
    "ethnicity": "Dân tộc|DT",
    "nationality": "Quốc tịch|QT|Nationality|quoc_tich",
    "province": "Tỉnh/Thành phố|Tỉnh|TP|Mã tỉnh|Tỉnh/TP|Tỉnh, thành phố|Thành phố",
    "district": "Quận/Huyện|Huyện|Quận|Mã huyện|Huyện/Quận|Quận/Huyện/TX|Thị xã",
    "commune": "Xã/Phường|Phường/Xã|Thị trấn|Mã xã|Xã|Phường|Xã/Phường/Thị trấn|Xã/Phường/TT|ma_xa",
    "address": "Địa chỉ chi tiết|Địa chỉ|Số nhà|Thôn/Ấp/Tổ|Thôn|Ấp|Tổ|Nơi ở|Chỗ ở hiện nay|Địa chỉ nơi ở|Nơi cư trú|"
    "Địa chỉ thường trú|Nơi thường trú|Số nhà, đường|Tổ dân phố|Thôn/Tổ",
    "dose_number": "Mũi số|Mũi|Mũi thứ|Mũi tiêm|Mũi tiêm thứ|Liều số|Lần tiêm|Đăng ký mũi thứ|Tiêm mũi|Số mũi|"
    "Mũi tiêm số",
    "dose_role": "Loại mũi|Loại liều|Loại mũi tiêm|Liều",
    "vaccine": "Tên vắc xin|Vacxin|Vắc-xin|Vắc xin|Vaccine|Loại vắc xin|Loại vaccine|Tên vaccine|Tên vacxin|"
    "Loại vacxin|Tên vắc-xin|Loại vắc-xin|Văcxin|Vắcxin|Loại thuốc",
    "lot": "Số lô|Lô|Lô vắc xin|Số lô vắc xin|Lô vaccine|Lô vacxin|Số lô vaccine|Lot|Lô thuốc",
    "vaccinated_on": "Ngày tiêm|Ngày tiêm chủng|Thời gian tiêm|Ngày giờ tiêm|Thời điểm tiêm|Ngày tiêm vắc xin|"
    "Ngày tiêm mũi|ngay_tiem|Ngày, giờ tiêm|Ngày thực hiện|Ngày tiêm thực tế",
    "vaccinated_time": "Giờ tiêm|Giờ",
    "facility_name": "Cơ sở tiêm chủng|Cơ sở tiêm|Nơi tiêm|Điểm tiêm|Tên cơ sở|Tên cơ sở tiêm chủng|Đơn vị tiêm|Cơ sở",
    "facility_code": "Mã cơ sở|Mã CSTC|Mã cơ sở tiêm chủng|Mã đơn vị tiêm",
    "guardian": "Người giám hộ|Cha/mẹ|Cha mẹ|Họ tên người giám hộ|Bố/mẹ|Bố mẹ|Tên người giám hộ|Họ tên cha/mẹ",
    "guardian_id": "Số giấy tờ người giám hộ|CCCD người giám hộ|CMND người giám hộ|CMND/CCCD người giám hộ|"
    "Số CCCD người giám hộ|CCCD cha/mẹ",
    "guardian_phone": "SĐT người giám hộ|Số điện thoại người giám hộ|ĐT người giám hộ",
    "reaction": "Phản ứng sau tiêm|PƯST|Phản ứng|Tác dụng phụ",
    "note": "Ghi chú|GC|Note",
    "list_reference": "Danh sách số|Số danh sách|Số văn bản",
}
_BRACKETS = re.compile(r"\([^()]*\)|\[[^\[\]]*\]")
_HEADER_ROWS = 60
"""How far down the header row is looked for: titles of a Vietnamese state form take ten rows at most."""


@lru_cache(1 << 14)
def _plain(text: str) -> str:
    words = place_tones(one_d(compose(text)).lower())
    cut = _BRACKETS.sub(" ", words)
    return re.sub(r"[\W_]+", "", cut) or re.sub(r"[\W_]+", "", words)


def _tables() -> tuple[dict[str, str], dict[str, str]]:
    exact: dict[str, str] = {}
    folded: dict[str, set[str]] = {}
    for field, synonyms in _SYNONYMS.items():
        for synonym in synonyms.split("|"):
            plain = _plain(synonym)
            exact.setdefault(plain, field)
            folded.setdefault(fold(plain), set()).add(field)
    return exact, {text: fields.pop() for text, fields in folded.items() if len(fields) == 1}


_EXACT, _FOLDED = _tables()
_FOLDED_ONLY_IN_CONTEXT = {"nam": ("sex_male", "birth_year"), "dt": ("ethnicity", "phone"), "ho": ("family_part",)}
_IDENTITY = frozenset({"full_name", "family_part", "id_number"})
_PARTS_OF_BIRTH = frozenset({"birth_day", "birth_month", "birth_year"})
_SUB_HEADERS = frozenset({"sex_male", "sex_female", "family_part", "given_part"}) | _PARTS_OF_BIRTH


def meaning(header: str) -> str | None:
    """The field that a header names on its own, or None."""
    return _exact(header) or _by_words(header)


_RELATIVE = re.compile(
    r"\b(?:mẹ|bố|ba|má|cha|vợ|chồng|chủ hộ|đại diện|giám hộ|bảo hộ|phụ huynh|"
    r"người (?:nhà|thân|liên hệ|chăm sóc|nuôi))\b"
)
_STAFF = re.compile(r"\b(?:người (?:tiêm(?! chủng)|nhập|lập|khai|thực hiện)|cán bộ|bác s[ĩỹ]|điều dưỡng|y tá)\b")
_RELATIVE_FOLDED = re.compile(fold(_RELATIVE.pattern).replace("|ma|", "|"))  # folded `mã` is no mother
_STAFF_FOLDED = re.compile(fold(_STAFF.pattern))
_GUARDIANS = frozenset({"guardian", "guardian_id", "guardian_phone"})


def _spaced(text: str) -> str:
    return " ".join(re.split(r"[\W_]+", place_tones(one_d(compose(text)).lower()))).strip()


def _of_relative(spaced: str) -> bool:
    return bool(_RELATIVE.search(spaced) or (spaced.isascii() and _RELATIVE_FOLDED.search(spaced)))


def _of_staff(spaced: str) -> bool:
    return bool(_STAFF.search(spaced) or (spaced.isascii() and _STAFF_FOLDED.search(spaced)))


def _exact(header: str) -> str | None:
    """The field of which the header is a synonym; none if its brackets name another person: `Họ và tên (mẹ)`."""
    plain = _plain(header)
    field = (_EXACT.get(plain) or _FOLDED.get(fold(plain))) if plain else None
    if field is not None and field not in _GUARDIANS:
        for bracket in _BRACKETS.findall(header):
            spaced = _spaced(bracket)
            if _of_relative(spaced) or _of_staff(spaced):
                return None
    return field


_LONGEST_HEADER = 120
_OF_THE_PERSON = re.compile(
    r"(?: cua)?(?: (?:tre(?: em)?|be|chau|(?:cac )?doi tuong(?: tiem(?: chung)?)?|cong dan|nguoi dan|benh nhan|"
    r"khach hang|hoc sinh|sinh vien|nhan khau|nguoi (?:duoc|di) tiem(?: chung)?|nguoi tiem chung))+"
    r"| gan chip| duong lich| di dong|(?: day du)?(?: viet)?(?: chu)? in hoa(?: co dau)?| day du| co dau"
)
"""What may follow a synonym, folded, and leaves it a fact of the vaccinated person."""
_NUMBERS = (
    "cccd|cmnd|cmtnd|cmt|so dinh danh|dinh danh(?: ca nhan)?|can cuoc(?: cong dan)?|chung minh(?: nhan dan| thu)?|"
    "giay to(?: tuy than)?|ho chieu|passport|ddcn|hc"
)
_NUMBER = re.compile(rf"(?:(?:so|ma|the|va|hoac|hay) )*(?:{_NUMBERS})(?: (?:so|ma|the|va|hoac|hay|{_NUMBERS}))*")
_BY_WORDS = frozenset({"full_name", "birth_date", "birth_year", "sex", "id_number", "phone"})


@lru_cache(1 << 14)
def _by_words(header: str) -> str | None:
    """The field of a synonym with harmless words after it (`Số CCCD của trẻ`), or of several names of a number.

    Columns of doses must be named exactly: `Ngày tiêm mũi 1` beside `Ngày tiêm mũi 2` is another kind of list.
    """
    if len(header) > _LONGEST_HEADER or _of_relative(whole := _spaced(header)) or _of_staff(whole):
        return None
    words = fold(_spaced(_BRACKETS.sub(" ", header)))
    for found in re.finditer(" ", words):
        if _OF_THE_PERSON.fullmatch(words, found.start()):
            words = words[: found.start()]
            field = _FOLDED.get(words.replace(" ", ""))
            if field in _BY_WORDS:
                return field
            break
    return "id_number" if _NUMBER.fullmatch(words) else None


@dataclass(frozen=True, slots=True)
class Header:
    """Where the header is (`first`, `last`: places in the rows given) and the column of every field; all from 0.

    Further columns of numbers are `id_number_2`, `id_number_3`. `twice`: columns that claim the same fact of the
    person, so that nobody knows which is whose.
    """

    first: int
    last: int
    columns: dict[str, int]
    texts: dict[str, str]
    twice: tuple[int, ...] = ()


def find_header(*readings: Sequence[Sequence[object]]) -> Header | None:
    """The header among the first rows of a sheet: the row, or two rows one above the other, that name the most fields.

    A header names at least three fields, one of them the name or the number of a person. Of several `readings` of the
    same rows, as they stand and in an old font, the one that names the most.
    """
    found = [header for rows in readings if (header := _find_header(rows)) is not None]
    return max(found, key=lambda header: len(header.columns), default=None)


def _find_header(rows: Sequence[Sequence[object]]) -> Header | None:
    best: Header | None = None
    above: list[str] = []
    for at, row in enumerate(rows[:_HEADER_ROWS]):
        texts = _texts(row)
        over, above = above, texts
        if sum(map(bool, texts)) < 2:
            continue
        found = _read(texts, _groups(over, texts, relatives=True), at, at)
        below = _texts(rows[at + 1]) if at + 1 < len(rows) else []
        if below and _is_sub_header(rows[at + 1], _groups(texts, below, relatives=True)):
            joined = _read(_join(texts, below), _groups(texts, below), at, at + 1)
            if joined is not None and (found is None or len(joined.columns) >= len(found.columns)):
                found = joined
        if found is not None and _is_header(found) and (best is None or len(found.columns) > len(best.columns)):
            best = found
    return best


def _texts(row: Sequence[object]) -> list[str]:
    return [cell if isinstance(cell, str) else "" for cell in row]


def _groups(upper: list[str], lower: list[str], *, relatives: bool = False) -> list[str]:
    """For every column of the lower row the heading above it, which goes on to the right over blank cells.

    With `relatives` only those that name one: `Thông tin mẹ` over `Họ tên`, `Ngày sinh`. One text alone is a title.
    """
    groups = [""] * len(lower)
    if sum(map(bool, upper)) < 2:
        return groups
    group = ""
    for at, text in enumerate(lower):
        above = upper[at] if at < len(upper) else ""
        group = (above or group) if text else ""
        if not relatives or (len(group) <= _LONGEST_HEADER and _of_relative(_spaced(group))):
            groups[at] = group
    return groups


def _is_header(header: Header) -> bool:
    return len(header.columns) >= 3 and not _IDENTITY.isdisjoint(header.columns)


def _is_sub_header(row: Sequence[object], relatives: list[str]) -> bool:
    filled = [cell for cell in row if cell != ""]
    known = [_sub_meaning(cell) for cell in filled if isinstance(cell, str)]
    if not filled or len(known) != len(filled) or not all(known):
        return False
    return any(relatives) or any(field in _SUB_HEADERS for field in known)


def _sub_meaning(text: str) -> str | None:
    return (
        "birth_year"
        if fold(_plain(text)) == "nam" and _plain(text) != "nam"
        else meaning(text) or ("sex_male" if _plain(text) == "nam" else None)
    )


def _join(upper: list[str], lower: list[str]) -> list[str]:
    """One text a column: that of the lower row where it has one, else that of the upper."""
    width = max(len(upper), len(lower))
    upper = upper + [""] * (width - len(upper))
    lower = lower + [""] * (width - len(lower))
    return [below or above for above, below in zip(upper, lower, strict=True)]


def _read(texts: list[str], groups: list[str], first: int, last: int) -> Header | None:
    exact: dict[str, list[int]] = {}
    by_words: dict[str, list[int]] = {}
    for at, text in enumerate(texts):
        if not text:
            continue
        group = groups[at] if at < len(groups) else ""
        field, claims = _exact(text), exact
        if field is None or (field == "sex_male" and text.isascii()):
            options = _FOLDED_ONLY_IN_CONTEXT.get(fold(_plain(text)), ())
            field = _by_neighbours(texts, at, options) or field
        if field is None:
            field, claims = _by_words(text), by_words
        if field is not None and group:
            field = _in_group(field, group)
        if field is not None:
            claims.setdefault(field, []).append(at)
    if not exact and not by_words:
        return None
    claimed = {field: exact.get(field, []) + by_words.get(field, []) for field in exact | by_words}
    columns = {field: places[0] for field, places in claimed.items()}
    words = {field: texts[at] for field, at in columns.items()}
    for count, at in enumerate(claimed.get("id_number", ())[1:4], start=2):
        columns[f"id_number_{count}"] = at
    _settle(columns)
    used = set(columns.values())
    twice = [at for field in _ONE_ONLY for at in claimed.get(field, ()) if len(claimed[field]) > 1]
    return Header(first, last, columns, words, tuple(sorted(twice)) if used.intersection(twice) else ())


_ONE_ONLY = ("full_name", "family_part", "given_part", "birth_date", "birth_day", "birth_month", "birth_year", "sex")
_DOSE_PARTS = {"birth_day": "vaccinated_day", "birth_month": "vaccinated_month", "birth_year": "vaccinated_year"}
_BIRTH_GROUPS = ("sinh", "ca nhan", "doi tuong")


def _in_group(field: str, group: str) -> str | None:
    """The field of a sub-header under its group: `Ngày` under `Ngày tiêm` is no birthday, `Họ tên` under `Mẹ` none."""
    spaced = _spaced(group)
    if _of_relative(spaced) and field not in _GUARDIANS:
        return None
    if field not in _DOSE_PARTS or any(word in fold(spaced) for word in _BIRTH_GROUPS):
        return field
    if meaning(group) == "vaccinated_on":
        return _DOSE_PARTS[field]
    return field if meaning(group) == field else None


def _by_neighbours(texts: list[str], at: int, options: tuple[str, ...]) -> str | None:
    around = {fold(_plain(text)) for text in texts[max(0, at - 2) : at + 3]}
    if "birth_year" in options:
        return "sex_male" if "nu" in around else "birth_year" if around & {"thang", "thang sinh"} else None
    return options[0] if len(options) == 1 else None


def _settle(columns: dict[str, int]) -> None:
    """Headers whose meaning depends on the others: Tên, Ngày sinh as one column or three, Năm sinh, Nam."""
    if "family_part" in columns and "given_part" not in columns and "full_name" in columns:
        if columns["family_part"] < columns["full_name"]:
            columns["given_part"] = columns.pop("full_name")  # "Họ" and "Họ tên": the second is "Tên"
        else:
            columns.pop("family_part")
    if "given_part" in columns and "family_part" not in columns:
        given = columns.pop("given_part")
        columns.setdefault("full_name", given)
    if "full_name" in columns and "family_part" in columns:
        columns.pop("family_part")
        columns.pop("given_part", None)
    dose_parts = [columns.get(part, -1) for part in _DOSE_PARTS.values()]
    if "vaccinated_on" in columns or min(dose_parts) < 0:
        for part in _DOSE_PARTS.values():
            columns.pop(part, None)
    month = columns.get("birth_month", -1)
    day = columns.get("birth_day", columns.get("birth_date", -1) if columns.get("birth_date") == month - 1 else -1)
    if month >= 0 and day >= 0 and "birth_year" in columns:
        columns["birth_day"] = day
        columns.pop("birth_date", None)
    else:
        columns.pop("birth_month", None)
        columns.pop("birth_day", None)
        year = columns.pop("birth_year", None)
        if year is not None:
            columns.setdefault("birth_date", year)
    if "sex" in columns:
        columns.pop("sex_male", None)
        columns.pop("sex_female", None)
