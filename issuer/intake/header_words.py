"""What a header means on its own: the synonyms of Vietnamese dose lists.

Headers are compared first with their diacritics, then folded, because folded `Nam` (a tick column for men) and `Năm`
(year), `DT` (ethnicity) and `ĐT` (telephone) are one. Case, blanks, dots, stars and line breaks do not count; what
stands in brackets does not either, unless the whole header is in them or it names a relative.

A list of children has columns of the mother, the guardian and the vaccinator beside those of the child. A header is
therefore of the vaccinated person only if it says nothing that is not known to mean that person.
"""

import re
from functools import lru_cache

from specs.names import compose, fold, one_d, place_tones

__all__ = [
    "FOLDED_ONLY_IN_CONTEXT",
    "GUARDIANS",
    "LONGEST_HEADER",
    "by_words",
    "exact",
    "meaning",
    "of_plan",
    "of_relative",
    "of_staff",
    "plain",
    "spaced",
    "without_child",
]

_SYNONYMS = {
    "ordinal": "STT|TT|Số TT|Số thứ tự|No",
    "full_name": "Họ và tên|Họ tên|Họ & tên|Họ tên người được tiêm|Họ tên đối tượng|Tên đối tượng|"
    "Họ và tên đối tượng|Tên người được tiêm|Họ và tên người được tiêm|Họ và tên khai sinh|Họ, chữ đệm và tên|"
    "Họ chữ đệm và tên|"
    "Full name|Fullname|Name|ho_ten|hoten",
    "family_part": "Họ đệm|Họ và đệm|Họ và tên đệm|Họ và chữ đệm|Họ chữ đệm|Họ, chữ đệm|Họ lót|Họ và tên lót|Họ|"
    "Họ tên đệm|Họ & đệm|Họ tên lót",
    "middle_part": "Đệm|Tên đệm|Chữ đệm|Lót|Tên lót|Chữ lót",
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
    "Mũi tiêm số|Mũi thứ mấy|Mũi tiêm thứ mấy|Tiêm mũi thứ|Tiêm mũi thứ mấy|Tiêm mũi số|Lần tiêm thứ|Liều thứ",
    "dose_role": "Loại mũi|Loại liều|Loại mũi tiêm|Liều",
    "vaccine": "Tên vắc xin|Vacxin|Vắc-xin|Vắc xin|Vaccine|Loại vắc xin|Loại vaccine|Tên vaccine|Tên vacxin|"
    "Loại vacxin|Tên vắc-xin|Loại vắc-xin|Văcxin|Vắcxin|Loại thuốc|"
    "Tên vắc xin đã tiêm|Loại vắc xin đã tiêm|Vắc xin đã tiêm|Vắc xin tiêm|Tên vaccine đã tiêm|Loại vaccine đã tiêm|"
    "Vaccine đã tiêm|Vắc xin sử dụng|Loại vắc xin sử dụng|Tên vắc xin sử dụng",
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
_COLUMN_NUMBER = re.compile(r"\A\s*[0-9]{1,2}\s*[.)\-:]\s*(?=\w)")
BRACKETS = re.compile(r"\([^()]*\)|\[[^\[\]]*\]")


@lru_cache(1 << 14)
@lru_cache(1 << 14)
def plain(text: str) -> str:
    """The letters and figures of a header, as headers are compared; without the number of its column before it."""
    words = _COLUMN_NUMBER.sub("", place_tones(one_d(compose(text)).lower()))
    cut = BRACKETS.sub(" ", words)
    return re.sub(r"[\W_]+", "", cut) or re.sub(r"[\W_]+", "", words)


def _tables() -> tuple[dict[str, str], dict[str, str]]:
    named: dict[str, str] = {}
    folded: dict[str, set[str]] = {}
    for field, synonyms in _SYNONYMS.items():
        for synonym in synonyms.split("|"):
            word = plain(synonym)
            named.setdefault(word, field)
            folded.setdefault(fold(word), set()).add(field)
    return named, {text: fields.pop() for text, fields in folded.items() if len(fields) == 1}


_EXACT, _FOLDED = _tables()
FOLDED_ONLY_IN_CONTEXT = {"nam": ("sex_male", "birth_year"), "dt": ("ethnicity", "phone"), "ho": ("family_part",)}


def meaning(header: str) -> str | None:
    """The field that a header names on its own, or None."""
    return exact(header) or by_words(header)


_RELATIVE = re.compile(
    r"\b(?:mẹ|bố|ba|má|cha|vợ|chồng|chủ hộ|đại diện|giám hộ|bảo hộ|phụ huynh|"
    r"người (?:nhà|thân|liên hệ|chăm sóc|nuôi))\b"
)
_STAFF = re.compile(r"\b(?:người (?:tiêm(?! chủng)|nhập|lập|khai|thực hiện)|cán bộ|bác s[ĩỹ]|điều dưỡng|y tá)\b")
_RELATIVE_FOLDED = re.compile(fold(_RELATIVE.pattern).replace("|ma|", "|"))  # folded `mã` is no mother
_STAFF_FOLDED = re.compile(fold(_STAFF.pattern))
_PLAN = re.compile(r"\b(?:dự kiến|hẹn|kế hoạch|đăng ký|mong muốn|muốn tiêm|sẽ tiêm|sắp tiêm|đến hạn|tiếp theo)\b")
_PLAN_FOLDED = re.compile(fold(_PLAN.pattern))
GUARDIANS = frozenset({"guardian", "guardian_id", "guardian_phone"})


@lru_cache(1 << 14)
def spaced(text: str) -> str:
    """The words of a header in small letters, one blank between them."""
    words = _COLUMN_NUMBER.sub("", place_tones(one_d(compose(text)).lower()))
    return " ".join(re.split(r"[\W_]+", words)).strip()


def of_relative(words: str) -> bool:
    """Whether words, `spaced`, name a relative of the vaccinated person."""
    return bool(_RELATIVE.search(words) or (words.isascii() and _RELATIVE_FOLDED.search(words)))


def of_staff(words: str) -> bool:
    """Whether words, `spaced`, name who vaccinated or wrote the list."""
    return bool(_STAFF.search(words) or (words.isascii() and _STAFF_FOLDED.search(words)))


def of_plan(words: str) -> bool:
    """Whether words, `spaced`, tell of what is yet to come: a day that was agreed on is no day of a dose."""
    return bool(_PLAN.search(words) or (words.isascii() and _PLAN_FOLDED.search(words)))


@lru_cache(1 << 14)
def exact(header: str) -> str | None:
    """The field of which the header is a synonym; none if its brackets name another person: `Họ và tên (mẹ)`."""
    word = plain(header)
    field = (_EXACT.get(word) or _FOLDED.get(fold(word))) if word else None
    if field is not None and field not in GUARDIANS:
        for bracket in BRACKETS.findall(header):
            if of_relative(words := spaced(bracket)) or of_staff(words):
                return None
            if field == "vaccinated_on" and of_plan(words):
                return None
    return field


LONGEST_HEADER = 120
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
def by_words(header: str) -> str | None:
    """The field of a synonym with harmless words after it (`Số CCCD của trẻ`), or of several names of a number.

    Columns of doses must be named exactly; issuer.intake.dose_columns reads `Ngày tiêm mũi 1`.
    """
    if len(header) > LONGEST_HEADER or of_relative(whole := spaced(header)) or of_staff(whole):
        return None
    words = fold(spaced(BRACKETS.sub(" ", header)))
    for found in re.finditer(" ", words):
        if _OF_THE_PERSON.fullmatch(words, found.start()):
            words = words[: found.start()]
            field = _FOLDED.get(words.replace(" ", ""))
            if field in _BY_WORDS:
                return field
            break
    return "id_number" if _NUMBER.fullmatch(words) else None


_CHILD = re.compile(
    r"(?:\s*[-:/]?\s*(?:của\s+)?(?:người\s+)?con|\s*[(\[]\s*(?:của\s+)?(?:người\s+)?con\s*[)\]])\s*[*:]?\s*$",
    re.IGNORECASE,
)


def without_child(header: str) -> str | None:
    """`Họ tên` of `Họ tên con` and `Họ tên (con)`; None for a header that names no child.

    In a list of mothers a child's columns are a relative's, in a list of children the vaccinated person's.
    """
    text = compose(header)
    cut = _CHILD.search(text)
    return text[: cut.start()] if cut and cut.start() else None
