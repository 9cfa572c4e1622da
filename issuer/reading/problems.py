"""The closed list of what can be wrong with a row: specs/record-problems.md, held equal by a test.

A code of group `sheet` rejects the row (it is no dose), as does one of group `entry` (specs/fhir.md does not take it);
a blocking one keeps the dose out of certificates until its facility has mended it; the others are told and change
nothing: whose dose it is, the link decides.
"""

from dataclasses import dataclass
from enum import Enum

__all__ = ["FixedBy", "Group", "Problem"]


class Group(Enum):
    """What a problem is about."""

    IDENTITY = "identity"
    DATES = "dates"
    TEXT = "text"
    DOSE = "dose and place"
    SHEET = "sheet"
    ENTRY = "entry of a FHIR bundle"


class FixedBy(Enum):
    """Who can mend it: health answers for the dose, police for the person."""

    FACILITY = "facility"
    STATION_AND_POLICE = "health station and commune police"
    NOBODY = "nobody: the row is no dose"


@dataclass(frozen=True, slots=True)
class _Facts:
    group: Group
    blocks: bool
    fixed_by: FixedBy
    en: str
    vi: str
    example: str


_I, _D, _T, _V, _S, _E = Group.IDENTITY, Group.DATES, Group.TEXT, Group.DOSE, Group.SHEET, Group.ENTRY
_F, _P, _N = FixedBy.FACILITY, FixedBy.STATION_AND_POLICE, FixedBy.NOBODY


class Problem(Enum):
    """A problem code; its value holds group, whether it blocks a certificate, who mends it, words and an example."""

    ID_MISSING = _Facts(_I, False, _P, "no ID number", "Thiếu số giấy tờ", "(empty), không có")
    ID_PLACEHOLDER = _Facts(_I, False, _P, "a stand-in for an ID number", "Số giấy tờ giả định", "000000000")
    ID_MALFORMED = _Facts(_I, False, _P, "not the shape of any ID number", "Số giấy tờ sai định dạng", "0011900")
    ID_DIGITS_LOST = _Facts(
        _I,
        False,
        _F,
        "digits lost to scientific notation: format the column as text and type the number again",
        "Mất chữ số: định dạng cột là văn bản rồi gõ lại số",
        "1.1902E+11",
    )
    ID_TWO_NUMBERS = _Facts(_I, False, _P, "two ID numbers in one cell", "Hai số trong một ô", "001190000017/012345678")
    ID_PROVINCE_UNKNOWN = _Facts(
        _I, False, _P, "first three digits name no province", "Ba số đầu không phải mã tỉnh", "999190000017"
    )
    ID_SEX_DISAGREES = _Facts(
        _I, False, _P, "the number tells the other sex", "Giới tính không khớp số định danh", "001190... with Nam"
    )
    ID_BIRTH_DISAGREES = _Facts(
        _I, False, _P, "the number tells another birth year", "Năm sinh không khớp số định danh", "001190... with 1985"
    )
    SEX_MISSING = _Facts(_I, False, _P, "no sex", "Thiếu giới tính", "(empty)")
    SEX_UNREADABLE = _Facts(_I, False, _F, "sex cannot be read in one way", "Giới tính không rõ", "1; both ticked")
    NAME_MISSING = _Facts(_I, False, _P, "no name", "Thiếu họ tên", "(empty)")
    BIRTH_MISSING = _Facts(_D, False, _P, "no birth date", "Thiếu ngày sinh", "(empty)")
    BIRTH_UNREADABLE = _Facts(_D, False, _F, "birth date cannot be read", "Ngày sinh không đọc được", "31/02/1990")
    BIRTH_UNCERTAIN = _Facts(
        _D, False, _F, "birth date can be read in several ways", "Ngày sinh đọc được nhiều cách", "04/05/1990; 01/01/15"
    )
    DOSE_DATE_MISSING = _Facts(_D, True, _F, "no injection date", "Thiếu ngày tiêm", "(empty)")
    DOSE_DATE_UNREADABLE = _Facts(_D, True, _F, "injection date cannot be read", "Ngày tiêm không đọc được", "15/2021")
    DOSE_DATE_UNCERTAIN = _Facts(
        _D, True, _F, "injection date can be read in several ways", "Ngày tiêm đọc được nhiều cách", "05/08/2021"
    )
    DOSE_DATE_FUTURE = _Facts(_D, True, _F, "injected after the file was sent", "Ngày tiêm ở tương lai", "15/08/2121")
    DOSE_BEFORE_BIRTH = _Facts(_D, True, _F, "injected before birth", "Tiêm trước ngày sinh", "1990 and 1989")
    NAME_NO_DIACRITICS = _Facts(_T, False, _P, "name without diacritics", "Họ tên không dấu", "NGUYEN THI HOA")
    NAME_REMARK = _Facts(_T, False, _P, "a remark in the name", "Ghi chú trong họ tên", "Lê Văn An, con bà Tư")
    NAME_SIGNS = _Facts(_T, False, _P, "signs that no name has", "Họ tên có ký tự lạ", "Lê V?n An; NguyÔn V¨n An")
    CELL_ERROR = _Facts(_T, False, _F, "a formula error in a cell", "Ô lỗi công thức", "#N/A")
    COLUMNS_DISAGREE = _Facts(
        _T,
        False,
        _F,
        "two columns of one fact differ",
        "Hai cột cùng nghĩa khác nhau",
        "Ngày tiêm: 15/8/2021 / 16/8/2021",
    )
    PHONE_MALFORMED = _Facts(_T, False, _F, "not a telephone number", "Số điện thoại sai", "09123")
    VACCINE_MISSING = _Facts(_V, True, _F, "no vaccine", "Thiếu tên vắc xin", "(empty)")
    VACCINE_UNKNOWN = _Facts(_V, True, _F, "no vaccine of the campaign", "Không rõ vắc xin", "Qdenga")
    VACCINE_AMBIGUOUS = _Facts(_V, True, _F, "may be several vaccines", "Tên vắc xin không rõ loại", "Sputnik")
    VACCINE_NOT_CERTIFIABLE = _Facts(_V, True, _F, "never licensed", "Vắc xin chưa cấp phép", "Nanocovax")
    DOSE_BEFORE_LICENCE = _Facts(
        _V, True, _F, "injected before the licence", "Tiêm trước khi cấp phép", "Moderna, 1/3/2021"
    )
    DOSE_NUMBER_MISSING = _Facts(_V, True, _F, "no dose number", "Thiếu mũi số", "(empty)")
    DOSE_NUMBER_UNREADABLE = _Facts(_V, True, _F, "dose number cannot be read", "Mũi số không rõ", "mũi ?; 25")
    AGE_BELOW_LIMIT = _Facts(_V, False, _F, "younger than the product allows", "Chưa đủ tuổi tiêm", "AstraZeneca at 9")
    INTERVAL_TOO_SHORT = _Facts(
        _V, False, _F, "sooner after the dose before than any rule allows", "Khoảng cách mũi quá ngắn", "10 < 28 days"
    )
    PRODUCTS_MIXED = _Facts(
        _V, False, _F, "a mixed series that was not allowed on that day", "Tiêm trộn vắc xin", "Sinopharm, then Pfizer"
    )
    DOSES_ON_ONE_DAY = _Facts(
        _V, False, _F, "two doses of one person on one day", "Hai mũi trong một ngày", "AZ and Pfizer on 15/8/2021"
    )
    DOSE_NUMBERS_DISAGREE = _Facts(
        _V, False, _F, "the later dose has the lower number", "Mũi số không theo ngày tiêm", "mũi 2, then mũi 1"
    )
    LOT_MISSING = _Facts(_V, False, _F, "no lot", "Thiếu số lô", "(empty)")
    LOT_LETTER_O = _Facts(_V, False, _F, "letter O among the digits of the lot", "Chữ O trong số lô", "FKO123")
    LOT_NOT_DELIVERED = _Facts(
        _V, False, _F, "no such lot was delivered to the facility", "Lô không được giao cho cơ sở", "FK0199"
    )
    LOT_OF_OTHER_PRODUCT = _Facts(
        _V, False, _F, "the lot was delivered as another product", "Lô của vắc xin khác", "FK0123: comirnaty"
    )
    LOT_BEFORE_DELIVERY = _Facts(
        _V, False, _F, "injected before the lot was delivered", "Tiêm trước khi lô được giao", "2021-08-01 < 2021-08-09"
    )
    LOT_EXPIRED = _Facts(
        _V, False, _F, "injected after the lot had expired", "Tiêm sau hạn dùng của lô", "2021-12-05 > 2021-11-30"
    )
    LOT_EXCEEDED = _Facts(
        _V, False, _F, "more doses of the lot than were delivered", "Số mũi vượt số liều được giao", "121 > 120"
    )
    DOSE_FACT_SHARED = _Facts(
        _V, False, _F, "one cell beside several doses of the row", "Một ô cho nhiều mũi tiêm", "one lot; mũi 1, mũi 2"
    )
    FACILITY_MISSING = _Facts(_V, True, _F, "no facility", "Thiếu cơ sở tiêm", "(empty)")
    SHEET_NO_HEADER = _Facts(_S, True, _N, "a sheet without a header row", "Trang không có tiêu đề", "a list of codes")
    SHEET_TITLE = _Facts(_S, True, _N, "a title above the list", "Dòng tiêu đề văn bản", "DANH SÁCH TIÊM")
    SHEET_HEADER = _Facts(_S, True, _N, "the header row, or again", "Dòng tên cột", "STT, Họ và tên")
    SHEET_TOTAL = _Facts(_S, True, _N, "a total row", "Dòng tổng cộng", "Tổng cộng: 120")
    SHEET_TEST = _Facts(_S, True, _N, "a test row", "Dòng thử", "TEST, Nguyễn Văn Test")
    SHEET_NO_PERSON = _Facts(_S, True, _N, "neither a name nor an ID number", "Không có người", "a signature line")
    SHEET_NO_DOSE = _Facts(
        _S, True, _N, "a person without any dose", "Không có mũi tiêm nào", "mũi 1 and mũi 2 both empty"
    )

    ENTRY_NOT_GIVEN = _Facts(_E, True, _N, "the dose was not given", "Không tiêm", "status not-done")
    ENTRY_IN_ERROR = _Facts(
        _E, True, _N, "the sender marks the record as an error", "Bên gửi ghi là nhập nhầm", "status entered-in-error"
    )
    ENTRY_MALFORMED = _Facts(
        _E, True, _F, "not an element, type or value that the profile has", "Sai cấu trúc hồ sơ FHIR", "lotNumber: 7"
    )
    ENTRY_MODIFIED = _Facts(
        _E, True, _F, "an element changes the meaning of the rest", "Có phần tử làm đổi nghĩa", "modifierExtension"
    )
    ENTRY_REFERENCE = _Facts(
        _E, True, _F, "a reference leads to nothing of its kind in the bundle", "Tham chiếu sai", "Patient/7, not sent"
    )
    ENTRY_NAME_TEXT = _Facts(
        _E, True, _F, "not exactly one whole name in HumanName.text", "Thiếu họ tên đầy đủ", "family and given only"
    )
    ENTRY_CONFLICT = _Facts(
        _E, True, _F, "two elements contradict each other", "Hai mục mâu thuẫn nhau", "two codes for two vaccines"
    )
    ENTRY_FACILITY = _Facts(_E, True, _F, "does not say which facility gave it", "Thiếu mã cơ sở", "no location")
    ENTRY_SECOND_HAND = _Facts(
        _E, True, _F, "a dose that another facility gave", "Mũi tiêm do cơ sở khác thực hiện", "primarySource false"
    )

    @property
    def group(self) -> Group:
        """What the problem is about."""
        return self.value.group

    @property
    def blocks(self) -> bool:
        """Whether no certificate may rest on the row while the problem stands."""
        return self.value.blocks

    @property
    def rejects(self) -> bool:
        """Whether the row is no dose at all."""
        return self.value.group in (Group.SHEET, Group.ENTRY)
