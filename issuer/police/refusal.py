"""Why a row of a police list is refused: a closed list, told with the row and, where one is at fault, the column."""

from enum import Enum

__all__ = ["Refusal"]


class Refusal(Enum):
    """Words in Vietnamese and in English; specs/police-lists.md holds the same, and a test compares them."""

    vi: str
    en: str

    def __init__(self, vi: str, en: str) -> None:
        self.vi = vi
        self.en = en

    FORMULA = ("Ô là công thức", "the cell holds a formula: what it shows is not what was signed")
    VALUE_UNREADABLE = ("Giá trị không đọc được theo một cách", "the value cannot be read in exactly one way")
    RECORD_NOT_TOLD = (
        "Thiếu mã hồ sơ hoặc thông tin đã ghi",
        "neither a reference nor a name with a birth date or a number tells the record",
    )
    RECORD_UNKNOWN = ("Không có hồ sơ này tại xã", "no such record stands on this commune's worklist")
    RECORD_AMBIGUOUS = ("Nhiều hồ sơ giống nhau, cần mã hồ sơ", "several records without a number are alike")
    OLD_FACTS_DIFFER = ("Thông tin đã ghi khác danh sách", "the record does not hold the old facts that the list tells")
    NOTHING_CORRECTED = ("Không có nội dung sửa", "the row corrects nothing")
    CONTRADICTS = ("Hai dòng sửa khác nhau cho một hồ sơ", "another row of the list corrects the record otherwise")
    RECORD_DECIDED = ("Hồ sơ đang hoặc đã được xử lý", "the record was linked, or is being decided in the console")
    LATER_LIST = ("Đã có danh sách ký sau", "a list that was signed later corrected the record")
    RECORD_CERTIFIED = ("Đã cấp chứng nhận theo hồ sơ này", "a certificate rests on the record")
