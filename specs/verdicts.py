"""The closed list of verdicts, steps and reason codes; `verdicts.md` prints it and a test keeps the two equal.

A verdict is data: one of three answers, the reasons for it, and what each step of `certificate.md` section 4
found. Words for the guard's screen stand here and nowhere else.
"""

from dataclasses import dataclass
from enum import StrEnum


class Outcome(StrEnum):
    """The three answers a checkpoint can give."""

    VALID = "valid"
    INVALID = "invalid"
    CANNOT_TELL = "cannot_tell"


class Step(StrEnum):
    """The steps of verification, in the order of the JSON verdict (`certificate.md` section 4)."""

    IMAGE = "image"
    PREFIX = "prefix"
    BASE45 = "base45"
    ZLIB = "zlib"
    COSE = "cose"
    CBOR = "cbor"
    KEY = "key"
    SIGNATURE = "signature"
    TIMES = "times"
    KEY_USAGE = "key_usage"
    SCHEMA = "schema"
    VALUE_SETS = "value_sets"
    STATUS = "status"
    RULES = "rules"
    CARD = "card"


class StepResult(StrEnum):
    """What one step found."""

    PASS = "pass"  # noqa: S105 - the word, not a password
    FAIL = "fail"
    SKIPPED = "skipped"


class Reason(StrEnum):
    """Why a verdict is what it is: the closed list of `verdicts.md`."""

    REQUEST_MALFORMED = "REQUEST_MALFORMED"
    IMAGE_UNREADABLE = "IMAGE_UNREADABLE"
    IMAGE_TOO_LARGE = "IMAGE_TOO_LARGE"
    IMAGE_NO_CODE = "IMAGE_NO_CODE"
    IMAGE_SEVERAL_CODES = "IMAGE_SEVERAL_CODES"
    PREFIX_MISSING = "PREFIX_MISSING"
    TEXT_TOO_LONG = "TEXT_TOO_LONG"
    BASE45_MALFORMED = "BASE45_MALFORMED"
    ZLIB_MALFORMED = "ZLIB_MALFORMED"
    ZLIB_TOO_LARGE = "ZLIB_TOO_LARGE"
    ZLIB_TRAILING_BYTES = "ZLIB_TRAILING_BYTES"
    COSE_MALFORMED = "COSE_MALFORMED"
    COSE_ALGORITHM = "COSE_ALGORITHM"
    COSE_KID = "COSE_KID"
    CBOR_MALFORMED = "CBOR_MALFORMED"
    CBOR_LIMIT = "CBOR_LIMIT"
    CLAIMS_MALFORMED = "CLAIMS_MALFORMED"
    NOT_SUPPORTED = "NOT_SUPPORTED"
    TRUST_MISSING = "TRUST_MISSING"
    TRUST_EXPIRED = "TRUST_EXPIRED"
    CLOCK_WRONG = "CLOCK_WRONG"
    KEY_UNKNOWN = "KEY_UNKNOWN"
    KEY_OTHER_COUNTRY = "KEY_OTHER_COUNTRY"
    KEY_MISMATCH = "KEY_MISMATCH"
    SIGNATURE_WRONG = "SIGNATURE_WRONG"
    TIMES_MALFORMED = "TIMES_MALFORMED"
    NOT_YET_VALID = "NOT_YET_VALID"
    EXPIRED = "EXPIRED"
    OUTSIDE_KEY_VALIDITY = "OUTSIDE_KEY_VALIDITY"
    KEY_USAGE = "KEY_USAGE"
    SCHEMA = "SCHEMA"
    VALUE_UNKNOWN = "VALUE_UNKNOWN"
    TEST_POSITIVE = "TEST_POSITIVE"
    SAMPLE_IN_FUTURE = "SAMPLE_IN_FUTURE"
    FOREIGN_VALUE_UNKNOWN = "FOREIGN_VALUE_UNKNOWN"
    CARD_UNREADABLE = "CARD_UNREADABLE"
    CARD_NAME_DIFFERS = "CARD_NAME_DIFFERS"
    CARD_BIRTH_DIFFERS = "CARD_BIRTH_DIFFERS"
    CARD_NUMBER_DIFFERS = "CARD_NUMBER_DIFFERS"
    CARD_KEY_MISSING = "CARD_KEY_MISSING"
    BINDING_UNKNOWN = "BINDING_UNKNOWN"
    NOT_BOUND = "NOT_BOUND"


class Effect(StrEnum):
    """What a reason does to the verdict: two turn it, a warning only speaks."""

    INVALID = "invalid"
    CANNOT_TELL = "cannot_tell"
    WARNING = "warning"


@dataclass(frozen=True, slots=True)
class Meaning:
    """Where a reason arises, what it does to the verdict, and the words on the guard's screen."""

    step: Step | None
    effect: Effect
    vi: str
    en: str


_INVALID, _CANNOT, _WARN = Effect.INVALID, Effect.CANNOT_TELL, Effect.WARNING

MEANINGS: dict[Reason, Meaning] = {
    Reason.REQUEST_MALFORMED: Meaning(
        None, _INVALID, "Yêu cầu sai dạng. Xem lại chương trình gửi.", "The request is malformed. Check the sender."
    ),
    Reason.IMAGE_UNREADABLE: Meaning(
        Step.IMAGE, _CANNOT, "Không đọc được ảnh. Chụp lại.", "The picture cannot be read. Take it again."
    ),
    Reason.IMAGE_TOO_LARGE: Meaning(
        Step.IMAGE, _CANNOT, "Ảnh quá lớn. Chụp gần mã hơn.", "The picture is too large. Photograph only the code."
    ),
    Reason.IMAGE_NO_CODE: Meaning(
        Step.IMAGE,
        _CANNOT,
        "Không thấy mã QR. Lau màn hình, tăng sáng, quét lại.",
        "No QR code found. Wipe the screen, brighten it, scan again.",
    ),
    Reason.IMAGE_SEVERAL_CODES: Meaning(
        Step.IMAGE, _CANNOT, "Có nhiều chứng nhận trong ảnh. Quét từng mã.", "Several certificates. Scan one at a time."
    ),
    Reason.PREFIX_MISSING: Meaning(
        Step.PREFIX, _INVALID, "Đây không phải mã chứng nhận tiêm chủng.", "This is not a vaccination certificate code."
    ),
    Reason.TEXT_TOO_LONG: Meaning(
        Step.PREFIX, _INVALID, "Mã dài hơn mã QR lớn nhất.", "The text is longer than the largest QR code."
    ),
    Reason.BASE45_MALFORMED: Meaning(
        Step.BASE45, _INVALID, "Mã bị hỏng hoặc đọc thiếu. Quét lại.", "The code is damaged or cut off. Scan again."
    ),
    Reason.ZLIB_MALFORMED: Meaning(
        Step.ZLIB, _INVALID, "Mã bị hỏng hoặc đọc thiếu. Quét lại.", "The code is damaged or cut off. Scan again."
    ),
    Reason.ZLIB_TOO_LARGE: Meaning(
        Step.ZLIB, _INVALID, "Mã chứa quá nhiều dữ liệu.", "The code holds more data than a certificate can."
    ),
    Reason.ZLIB_TRAILING_BYTES: Meaning(
        Step.ZLIB, _INVALID, "Mã có dữ liệu thừa.", "The code carries data after its end."
    ),
    Reason.COSE_MALFORMED: Meaning(
        Step.COSE, _INVALID, "Chứng nhận sai cấu trúc.", "The certificate's envelope is malformed."
    ),
    Reason.COSE_ALGORITHM: Meaning(
        Step.COSE, _INVALID, "Thuật toán ký không được chấp nhận.", "The signature algorithm is not accepted."
    ),
    Reason.COSE_KID: Meaning(
        Step.COSE, _INVALID, "Mã khóa ký sai dạng.", "The identifier of the signing key is malformed."
    ),
    Reason.CBOR_MALFORMED: Meaning(
        Step.CBOR, _INVALID, "Nội dung chứng nhận sai cấu trúc.", "The certificate's content is malformed."
    ),
    Reason.CBOR_LIMIT: Meaning(
        Step.CBOR,
        _INVALID,
        "Nội dung chứng nhận vượt giới hạn.",
        "The certificate's content is larger or deeper than any real one.",
    ),
    Reason.CLAIMS_MALFORMED: Meaning(
        Step.CBOR,
        _INVALID,
        "Thiếu hoặc sai mục bắt buộc của chứng nhận.",
        "A required claim is missing or of the wrong type.",
    ),
    Reason.NOT_SUPPORTED: Meaning(
        Step.CBOR,
        _CANNOT,
        "Loại chứng nhận này chưa được hỗ trợ. Kiểm tra bản giấy.",
        "This kind of certificate is not supported. Check the paper.",
    ),
    Reason.TRUST_MISSING: Meaning(
        Step.KEY,
        _CANNOT,
        "Máy chưa có danh sách khóa tin cậy. Cập nhật máy.",
        "No trust list on this device. Update the device.",
    ),
    Reason.TRUST_EXPIRED: Meaning(
        Step.KEY,
        _CANNOT,
        "Danh sách khóa tin cậy đã hết hạn. Cập nhật máy.",
        "The trust list has expired. Update the device.",
    ),
    Reason.CLOCK_WRONG: Meaning(
        Step.KEY,
        _CANNOT,
        "Đồng hồ của máy chậm hơn danh sách khóa. Chỉnh lại giờ.",
        "The device's clock is behind its trust list. Set the clock.",
    ),
    Reason.KEY_UNKNOWN: Meaning(
        Step.KEY,
        _INVALID,
        "Khóa ký không có trong danh sách tin cậy.",
        "The signing key is not in the trust list.",
    ),
    Reason.KEY_OTHER_COUNTRY: Meaning(
        Step.KEY,
        _INVALID,
        "Khóa của nước này không được ký cho nước khác.",
        "The key belongs to another country than the certificate's.",
    ),
    Reason.KEY_MISMATCH: Meaning(
        Step.KEY, _INVALID, "Loại khóa không khớp thuật toán ký.", "The key's type does not fit the algorithm."
    ),
    Reason.SIGNATURE_WRONG: Meaning(
        Step.SIGNATURE,
        _INVALID,
        "Chữ ký sai: chứng nhận giả hoặc đã bị sửa.",
        "The signature is wrong: forged or altered.",
    ),
    Reason.TIMES_MALFORMED: Meaning(
        Step.TIMES,
        _INVALID,
        "Thời điểm cấp hoặc hết hạn sai dạng.",
        "The time of issue or expiry is missing or malformed.",
    ),
    Reason.NOT_YET_VALID: Meaning(
        Step.TIMES,
        _INVALID,
        "Chứng nhận chưa có hiệu lực. Kiểm tra đồng hồ của máy.",
        "Issued in the future. Check the device's clock.",
    ),
    Reason.EXPIRED: Meaning(
        Step.TIMES,
        _INVALID,
        "Mã QR đã hết hạn. Người dân tải mã mới miễn phí.",
        "The QR code has expired. The holder can download a new one.",
    ),
    Reason.OUTSIDE_KEY_VALIDITY: Meaning(
        Step.TIMES,
        _INVALID,
        "Thời hạn chứng nhận vượt ngoài thời hạn của khóa ký.",
        "The certificate's period lies outside that of its signing key.",
    ),
    Reason.KEY_USAGE: Meaning(
        Step.KEY_USAGE,
        _INVALID,
        "Khóa này không được ký loại chứng nhận này.",
        "The key may not sign this kind of certificate.",
    ),
    Reason.SCHEMA: Meaning(
        Step.SCHEMA, _INVALID, "Nội dung không đúng mẫu chứng nhận.", "The content does not follow the DCC schema."
    ),
    Reason.VALUE_UNKNOWN: Meaning(
        Step.VALUE_SETS,
        _INVALID,
        "Chứng nhận Việt Nam có mã vắc xin không tồn tại.",
        "A Vietnamese certificate carries an unknown code.",
    ),
    Reason.TEST_POSITIVE: Meaning(
        Step.VALUE_SETS, _INVALID, "Kết quả xét nghiệm dương tính.", "The test result is positive."
    ),
    Reason.SAMPLE_IN_FUTURE: Meaning(
        Step.VALUE_SETS, _INVALID, "Thời điểm lấy mẫu ở tương lai.", "The sample was taken in the future."
    ),
    Reason.FOREIGN_VALUE_UNKNOWN: Meaning(
        Step.VALUE_SETS,
        _WARN,
        "Chứng nhận nước ngoài có mã chưa biết.",
        "A foreign certificate carries a code we do not know.",
    ),
    Reason.CARD_UNREADABLE: Meaning(
        Step.CARD, _CANNOT, "Không đọc được thẻ căn cước. Quét lại.", "The ID card cannot be read. Scan it again."
    ),
    Reason.CARD_NAME_DIFFERS: Meaning(
        Step.CARD, _INVALID, "Họ tên trên thẻ khác chứng nhận.", "The name on the card differs."
    ),
    Reason.CARD_BIRTH_DIFFERS: Meaning(
        Step.CARD, _INVALID, "Ngày sinh trên thẻ khác chứng nhận.", "The birth date on the card differs."
    ),
    Reason.CARD_NUMBER_DIFFERS: Meaning(
        Step.CARD, _INVALID, "Chứng nhận không thuộc thẻ căn cước này.", "The certificate belongs to another ID card."
    ),
    Reason.CARD_KEY_MISSING: Meaning(
        Step.CARD,
        _CANNOT,
        "Máy thiếu khóa để so thẻ. Cập nhật máy.",
        "This device lacks the key to compare the card. Update the device.",
    ),
    Reason.BINDING_UNKNOWN: Meaning(
        Step.CARD,
        _CANNOT,
        "Không so được thẻ: phiên bản liên kết chưa biết.",
        "The card cannot be compared: unknown version of the binding.",
    ),
    Reason.NOT_BOUND: Meaning(
        Step.CARD,
        _WARN,
        "Chứng nhận không gắn với số thẻ: so họ tên, ngày sinh và ảnh bằng mắt.",
        "Not bound to an ID number: compare name, birth date and photo by eye.",
    ),
}
