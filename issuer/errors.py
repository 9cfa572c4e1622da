"""The issuer's one error family: a closed list of codes, each with its words and what to do.

An error carries where (file, sheet, row, column) and a detail that never holds personal data; it becomes text once, at
the command line or in a web page.
"""

from enum import Enum

from issuer.where import Where

__all__ = ["Code", "IssuerError", "Where"]


class Code(Enum):
    """A reason for which the issuer refuses: words in Vietnamese, words in English, what to do."""

    vi: str
    en: str
    what_to_do: str

    def __init__(self, vi: str, en: str, what_to_do: str) -> None:
        self.vi = vi
        self.en = en
        self.what_to_do = what_to_do

    DATABASE_REFUSED = (
        "Không mở được cơ sở dữ liệu",
        "the database cannot be opened",
        "check --database or HOCHIEU_DATABASE and the rights on it",
    )
    DATABASE_NEWER = (
        "Cơ sở dữ liệu của phiên bản mới hơn",
        "the database was made by a newer version",
        "update this program",
    )
    DATABASE_BUSY = (
        "Cơ sở dữ liệu đang bận",
        "another process holds the database",
        "wait until it has finished, then run the same command again: it goes on where it stopped",
    )
    DATABASE_FULL = (
        "Cơ sở dữ liệu không ghi được",
        "the database cannot be written",
        "free space on its disk and check its rights, then run the same command again: it goes on where it stopped",
    )
    DATABASE_FAILED = (
        "Cơ sở dữ liệu báo lỗi",
        "the database failed; nothing half written was kept",
        "look into the database's own log, then run the same command again",
    )
    FILE_MISSING = ("Không có tệp", "there is no such file", "check the path")
    FILE_UNREADABLE = (
        "Không đọc được tệp",
        "the file cannot be read",
        "check that it opens in a spreadsheet program, then save it again as .xlsx or UTF-8 .csv",
    )
    FILE_EMPTY = ("Tệp không có dữ liệu", "the file holds no data", "send the file that has the rows")
    FILE_TOO_LARGE = ("Tệp quá lớn", "the file is larger than the limit", "split it into several files")
    FILE_BOMB = (
        "Tệp nén bất thường",
        "the container inflates to far more than it may",
        "save the sheet again as a new .xlsx and send only the rows",
    )
    FILE_MACROS = ("Tệp có macro", "the file carries macros", "save it as .xlsx without macros or as .csv")
    FILE_ENCRYPTED = ("Tệp có mật khẩu", "the file is protected by a password", "remove the password and save it again")
    FILE_ACTIVE_XML = (
        "Tệp có khai báo XML không cho phép",
        "the file declares XML entities",
        "save the sheet again as a new .xlsx",
    )
    FILE_WRONG_EXTENSION = (
        "Đuôi tệp không đúng nội dung",
        "the extension does not tell what the file is",
        "give the file its right extension, or save it again as .xlsx or .csv",
    )
    FILE_KIND_UNKNOWN = ("Loại tệp không được nhận", "this kind of file is not taken", "send .xlsx, .xls or .csv")
    TEXT_ENCODING = ("Không nhận ra bảng mã", "the text encoding was not recognised", "save it as .csv in UTF-8")
    SHEET_TOO_WIDE = (
        "Trang tính quá nhiều cột",
        "the sheet is wider than the limit",
        "delete what is to the right of the list and save again",
    )
    SHEET_TOO_LONG = (
        "Trang tính quá nhiều dòng",
        "the sheet has more rows than the limit",
        "split it into several files",
    )
    HEADER_MISSING = (
        "Không tìm thấy dòng tiêu đề",
        "no header row was found",
        "put one row with column names such as Họ và tên, Ngày sinh, Số CCCD, Ngày tiêm above the list",
    )
    COLUMN_MISSING = ("Thiếu cột bắt buộc", "a required column is missing", "add the column, even if it is empty")
    COLUMN_TWICE = ("Hai cột cùng tên", "two columns have the same meaning", "rename or delete one of them")
    HEADER_MOVES = (
        "Tiêu đề đổi cột giữa trang",
        "a second header has its columns in other places",
        "put the list below it on a sheet of its own",
    )
    PERSON_ROW = (
        "Dòng dân cư không hợp lệ",
        "a row of the population extract is not valid",
        "correct the row in the extract and load it again",
    )
    DELTA_ROW = (
        "Thay đổi không khớp với dữ liệu dân cư đã nạp",
        "a change does not fit the register",
        "load the extract and every day's changes before this one, in order",
    )
    DELTA_ORDER = (
        "Tệp thay đổi của ngày cũ hơn",
        "a later day's changes are stored already",
        "load the days in order; ask for a new extract if one was left out",
    )
    DELTA_DAY = (
        "Không rõ ngày của tệp thay đổi",
        "the day of the changes is not known",
        "name the file after the day, such as 2022-11-02.csv, or give --day",
    )
    DELIVERY_ROW = (
        "Dòng giao vắc xin không hợp lệ",
        "a row of the delivery list is not valid",
        "correct the row and load the list again; nothing of it was stored",
    )
    BUNDLE_NOT_JSON = (
        "Không phải JSON hợp lệ",
        "the body is not JSON as this interface takes it",
        "send UTF-8 JSON (RFC 8259) without duplicate names, control characters or lone surrogates",
    )
    BUNDLE_TOO_LARGE = ("Gói dữ liệu quá lớn", "the bundle is larger than the limit", "send several bundles")
    BUNDLE_TOO_DEEP = (
        "Gói dữ liệu lồng quá sâu",
        "the bundle is nested deeper than the limit",
        "send resources as specs/fhir.md shows them",
    )
    BUNDLE_MALFORMED = (
        "Gói dữ liệu không đúng mẫu",
        "this is not a Bundle as the profile has it",
        "compare it with specs/fhir.md",
    )
    BUNDLE_OTHER_FACILITY = (
        "Mũi tiêm của cơ sở khác",
        "the bundle holds doses of another facility than the key's",
        "send each facility's doses with its own key",
    )
    BUNDLE_REFUSED = (
        "Giao dịch bị từ chối",
        "an entry of the transaction is refused, so none was taken",
        "mend the entries named, or send them as a batch",
    )
    API_KEY_REFUSED = (
        "Khóa truy cập không đúng",
        "the API key is not valid",
        "send Authorization: Bearer with the key that the ministry gave to this facility",
    )
    API_WAIT = ("Gửi quá nhiều yêu cầu", "too many requests of this facility", "wait as long as Retry-After says")
    ORACLE_URL = (
        "Địa chỉ dịch vụ đối chiếu không hợp lệ",
        "the oracle's URL cannot be used",
        "give https://HOST/PATH; plain http only on this machine",
    )
    ORACLE_UNREACHABLE = (
        "Không liên lạc được dịch vụ đối chiếu",
        "the oracle did not answer",
        "run the same command again later; it goes on with the batch that is open",
    )
    ORACLE_DENIED = (
        "Dịch vụ đối chiếu từ chối kết nối",
        "the oracle does not accept us, or its certificate is not trusted",
        "check --ca, --certificate and --key with those who run it",
    )
    ORACLE_REFUSED = (
        "Dịch vụ đối chiếu từ chối lô câu hỏi",
        "the oracle refuses a batch, or its answer is not as specs/oracle.md says",
        "show the number of the batch to those who run it; nothing was taken from it",
    )
    FACILITY_UNKNOWN = ("Không có cơ sở này", "there is no such facility", "check the code")
    CONFIG_REFUSED = ("Cấu hình không hợp lệ", "the configuration is not valid", "compare it with issuer/config.py")
    HEAD_CERTIFICATE = (
        "Chứng thư không phải của người đứng đầu cơ sở này",
        "the certificate does not name this facility",
        "register the certificate that was made for the head of this facility",
    )
    ATTEST_NOTHING = (
        "Không có mũi tiêm nào chờ ký",
        "no dose waits for a signature",
        "take in, clean and link the dose lists first",
    )
    ATTEST_NOT_ENTITLED = (
        "Không có quyền ký cho cơ sở này",
        "this key may not sign for the facility",
        "use the key of its head, or register the head: facility add",
    )
    ATTEST_BATCH_CAP = (
        "Quá nhiều mũi trong một lần ký",
        "more doses than one signature may cover",
        "sign in parts with --limit, or have the ministry raise max_batch",
    )
    ATTEST_DAY_CAP = (
        "Quá số mũi được ký trong ngày",
        "more doses than the facility may attest in a day",
        "go on tomorrow, or have the ministry raise max_per_day",
    )
    ATTEST_STALE = (
        "Dữ liệu đã thay đổi sau khi hiển thị",
        "the doses changed after they were shown",
        "run attest again and look at the new summary",
    )
    ATTEST_NOT_CONFIRMED = (
        "Chưa xác nhận",
        "the head did not confirm",
        "look at the summary, then answer yes or give --yes",
    )
    ATTESTATION_BROKEN = (
        "Chứng thực đã lưu không còn đúng",
        "a stored attestation does not hold",
        "keep the database as it is and call the security officer",
    )
    CLOCK_BEHIND = (
        "Đồng hồ chậm hơn nhật ký",
        "the clock is before the last entry of the audit log",
        "set the clock of this machine; nothing was signed",
    )
    STATUS_LIST_FULL = (
        "Danh sách trạng thái đã đầy",
        "the status list of this signer is full",
        "go on with the next document signer",
    )
    SIGNER_PURPOSE = (
        "Khóa này không được cấp để ký chứng nhận tiêm chủng",
        "this document signer is not for vaccinations of this country",
        "use a document signer of this country whose key usage covers vaccination",
    )
    CERTIFICATES_UNLIKE_LOG = (
        "Chứng nhận đã lưu không khớp với nhật ký",
        "the stored certificates are not those that the audit log says were signed",
        "sign nothing, keep the database as it is and call the security officer",
    )
    FACILITY_AUTHORITY = (
        "Không phải chứng thư của cơ quan cấp chứng thư cho người đứng đầu cơ sở",
        "this is not the certificate of an authority for facility heads",
        "give the certificate that the key ceremony made for [facility_authority]",
    )
    CERTIFICATE_UNKNOWN = ("Không có chứng nhận này", "there is no such certificate", "check the UVCI")
    LOGIN_REFUSED = (
        "Tên đăng nhập hoặc mật khẩu không đúng",
        "the login or the password is not right",
        "try again, or ask whoever keeps the accounts",
    )
    LOGIN_WAIT = ("Đã thử quá nhiều lần", "too many attempts", "wait a quarter of an hour")
    PASSWORD_WEAK = (
        "Mật khẩu quá yếu",
        "the password is too weak",
        "take at least 12 characters, not your login and not one used before",
    )
    ACCOUNT_REFUSED = (
        "Không lập được tài khoản",
        "the account cannot be kept like this",
        "check role, area and that neither login nor staff number has an account yet",
    )
    AREA_ROW = (
        "Dòng đơn vị hành chính không hợp lệ",
        "a row of the list of areas is not valid",
        "give code, name and the code above it, the areas above first",
    )
    WORK_NOT_FOUND = ("Không có hồ sơ này", "there is no such record", "go back to the list")
    WORK_NOT_ALLOWED = ("Không có quyền", "this role may not do that", "ask whoever may")
    WORK_CHANGED = (
        "Hồ sơ đã thay đổi sau khi hiển thị",
        "the record changed after it was shown",
        "look at it again and decide then",
    )
    WORK_TWO_PEOPLE = (
        "Người đề nghị không được tự duyệt",
        "nobody decides on their own proposal",
        "have the commune police decide",
    )
    WORK_STATE = (
        "Hồ sơ không ở trạng thái cho phép",
        "the record is not in a state that allows it",
        "look at its history",
    )
    WORK_CERTIFIED = (
        "Đã cấp chứng nhận theo hồ sơ này",
        "a certificate rests on this record",
        "revoke the certificate first",
    )
    CORRECTION_REFUSED = ("Nội dung sửa không hợp lệ", "the correction cannot be taken", "check the marked field")
    TEAM_SHEET_REFUSED = (
        "Không nhận được bảng của tổ",
        "the team's sheet cannot be taken",
        "send the sheet that was given out, with its heading row and reference column as they were",
    )
    HANDOVER_NOTHING = (
        "Không có hồ sơ nào để bàn giao",
        "nothing waits to be handed over",
        "approve corrections first",
    )
    HANDOVER_BROKEN = (
        "Danh sách đã ký không toàn vẹn",
        "a signed list does not hold",
        "keep the database as it is and call the security officer",
    )
    POLICE_LIST_UNSIGNED = (
        "Danh sách không có chữ ký hợp lệ của công an xã",
        "the list is not signed as the police of the commune sign",
        "ask the commune police for the file and its signature as they made them; nothing of it was taken",
    )
    POLICE_LIST_REFUSED = (
        "Không nhận được danh sách của công an",
        "the police list cannot be taken",
        "put one heading row above it: the record's reference or its old facts, and the corrected ones",
    )
    FIGURE_ROW = (
        "Dòng số liệu báo cáo không hợp lệ",
        "a row of reported figures is not valid",
        "give facility, kind, value and date",
    )
    AUDIT_BROKEN = (
        "Nhật ký kiểm toán không toàn vẹn",
        "the audit log was changed",
        "keep the database as it is and call the security officer",
    )
    OUTPUT_REFUSED = ("Không ghi được kết quả", "the output cannot be written", "check the folder and its free space")
    SELF_CHECK_FAILED = (
        "Chứng nhận vừa ký không đọc lại được đúng",
        "a certificate did not read back as it was signed",
        "stop signing on this machine and check its memory; nothing was released",
    )
    QR_TEXT = (
        "Không phải văn bản chứng nhận",
        "the text is not that of a certificate",
        "give the HC1 text as it was signed",
    )
    QR_TOO_LONG = (
        "Mã QR quá dày để in",
        "the QR code would be too dense to print",
        "sign with ES256, or with fewer entries",
    )
    QR_SYMBOL = (
        "Mã QR ghi ra sai yêu cầu",
        "the QR writer did not write what was asked",
        "install the locked versions of zxing-cpp and qrcode",
    )
    PAGE_FIELD_TOO_LONG = (
        "Mục quá dài so với trang",
        "a field is too long for the page",
        "shorten the text that is shown for it",
    )
    PAGE_TOO_MANY_DOSES = (
        "Quá nhiều mũi so với trang",
        "there are more doses than the page holds",
        "show the latest ones",
    )
    PAGE_TIME_WITHOUT_ZONE = ("Thời điểm thiếu múi giờ", "a time has no time zone", "give aware times")
    PAGE_CERTIFICATE = (
        "Không đọc được chứng nhận",
        "the stored text does not read as a certificate of ours",
        "restore it from the backup and check the audit log",
    )
    PAGE_NOT_AS_SIGNED = (
        "Chứng nhận đã lưu không đúng nội dung đã ký",
        "the stored text is not what this certificate's row says was signed",
        "print nothing of it, keep the database as it is and call the security officer",
    )
    PAGE_CODE_UNKNOWN = (
        "Mã không có trong danh mục",
        "a code is not in the value sets",
        "update specs/valuesets or correct the record",
    )
    PAGE_LETTER = (
        "Có chữ không in được",
        "a field holds a letter that no font of the page has",
        "write it in Latin letters, as in the passport",
    )
    PAGE_FULL = (
        "Nội dung không vừa một trang",
        "the fields do not fit on one page",
        "shorten the texts that are shown",
    )


class IssuerError(Exception):
    """The issuer refuses; `code` says why, `where` says which row, `detail` says what was seen (no personal data)."""

    def __init__(self, code: Code, detail: str = "", where: Where | None = None) -> None:
        super().__init__(code.name)
        self.code = code
        self.detail = detail
        self.where = where or Where()

    def __str__(self) -> str:
        place = str(self.where)
        seen = f": {self.detail}" if self.detail else ""
        return f"{self.code.name}: {self.code.en}{seen}{f' ({place})' if place else ''}: {self.code.what_to_do}"
