"""The one error family of `keys`: a closed list of codes, and the words for each.

A refusal carries facts (a code, and a detail that names files, key ids and lengths, never people or
secrets) and is turned into words once, at the edge, by `KeysError.words`.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path
from typing import Literal

Language = Literal["vi", "en"]


class Code(StrEnum):
    """Every reason for which a key, a certificate or a list is refused.

    `en` and `vi` say what is wrong, `do_en` and `do_vi` what the reader can do about it.
    """

    en: str
    vi: str
    do_en: str
    do_vi: str

    def __new__(cls, value: str, en: str, do_en: str, vi: str, do_vi: str) -> "Code":
        """A code and its words."""
        member = str.__new__(cls, value)
        member._value_ = value
        member.en, member.vi, member.do_en, member.do_vi = en, vi, do_en, do_vi
        return member

    # key files
    KEY_FILE_UNREADABLE = (
        "KEY_FILE_UNREADABLE",
        "the key file cannot be read as a PKCS#8 key",
        "give the path of a PEM or DER file with one encrypted private key",
        "không đọc được tệp khóa dạng PKCS#8",
        "chỉ đúng đường dẫn tới tệp PEM hoặc DER chứa một khóa bí mật đã mã hóa",
    )
    KEY_FILE_EXPOSED = (
        "KEY_FILE_EXPOSED",
        "users other than the owner may read or change the file",
        "chmod 600 the file, and replace the secret if anybody may have read it",
        "người dùng khác có thể đọc hoặc sửa tệp",
        "đặt quyền 600 cho tệp, và thay bí mật nếu có thể đã bị đọc",
    )
    KEY_FILE_NOT_ENCRYPTED = (
        "KEY_FILE_NOT_ENCRYPTED",
        "the private key is not encrypted",
        "encrypt it: openssl pkcs8 -topk8 -scrypt",
        "khóa bí mật chưa được mã hóa",
        "mã hóa khóa: openssl pkcs8 -topk8 -scrypt",
    )
    KEY_FILE_WEAK = (
        "KEY_FILE_WEAK",
        "the key file is encrypted too weakly",
        "encrypt it again with scrypt (N >= 16384, r >= 8) or PBKDF2 with >= 600,000 rounds and AES-CBC",
        "tệp khóa được mã hóa quá yếu",
        "mã hóa lại bằng scrypt (N >= 16384, r >= 8) hoặc PBKDF2 từ 600.000 vòng trở lên cùng AES-CBC",
    )
    KEY_FILE_PASSWORD = (
        "KEY_FILE_PASSWORD",
        "the password does not open the key file",
        "check the password file that goes with this key",
        "mật khẩu không mở được tệp khóa",
        "kiểm tra tệp mật khẩu đi cùng khóa này",
    )
    PASSWORD_FILE = (
        "PASSWORD_FILE",
        "the password file cannot be used",
        "give a file that only its owner may read, with one line: 12 characters or more, or a token's PIN",
        "không dùng được tệp mật khẩu",
        "đưa một tệp chỉ chủ sở hữu đọc được, có một dòng: từ 12 ký tự trở lên, hoặc mã PIN của thiết bị",
    )
    KEY_UNSUPPORTED = (
        "KEY_UNSUPPORTED",
        "the key is of a kind that no certificate may be signed with",
        "use EC P-256 (ES256) or RSA of 2048 to 3072 bits (PS256)",
        "loại khóa này không được dùng để ký chứng nhận",
        "dùng EC P-256 (ES256) hoặc RSA 2048 đến 3072 bit (PS256)",
    )
    KEY_PUBLISHED_SAMPLE = (
        "KEY_PUBLISHED_SAMPLE",
        "the private half of this key stands in a published example",
        "make a new key with a ceremony; take this one out of every list",
        "nửa bí mật của khóa này nằm trong một ví dụ đã công bố",
        "tạo khóa mới bằng một lễ tạo khóa; gỡ khóa này khỏi mọi danh sách",
    )
    KEY_CERTIFICATE_MISMATCH = (
        "KEY_CERTIFICATE_MISMATCH",
        "the certificate does not belong to the private key",
        "give the certificate that was made together with this key",
        "chứng thư không thuộc về khóa bí mật này",
        "đưa chứng thư được tạo cùng với khóa này",
    )
    # certificates
    CERTIFICATE_UNREADABLE = (
        "CERTIFICATE_UNREADABLE",
        "the certificate cannot be read as X.509",
        "give one X.509 certificate, PEM or DER, and nothing after it",
        "không đọc được chứng thư X.509",
        "đưa đúng một chứng thư X.509, dạng PEM hoặc DER, không có gì phía sau",
    )
    CERTIFICATE_PROFILE = (
        "CERTIFICATE_PROFILE",
        "the certificate breaks its profile",
        "compare it with specs/trust-list.md, section 2, and have it made anew",
        "chứng thư không đúng mẫu quy định",
        "đối chiếu với specs/trust-list.md, mục 2, và tạo lại",
    )
    CERTIFICATE_CHAIN = (
        "CERTIFICATE_CHAIN",
        "the certificate was not issued by the authority given",
        "give the authority that signed it, or do not trust it",
        "chứng thư không do cơ quan đã nêu cấp",
        "đưa đúng cơ quan đã ký, hoặc không tin chứng thư này",
    )
    # signing
    KEY_NOT_YET_VALID = (
        "KEY_NOT_YET_VALID",
        "the moment of signing lies before the certificate's validity",
        "check the clock of the signer; else wait until the key becomes valid",
        "thời điểm ký sớm hơn thời hạn của chứng thư",
        "kiểm tra đồng hồ máy ký; nếu đúng, chờ tới khi khóa có hiệu lực",
    )
    KEY_USE_ENDED = (
        "KEY_USE_ENDED",
        "the period in which this key may sign has ended",
        "rotate: python -m keys rotate; at a first ceremony: a later starts in its file",
        "đã hết thời gian được dùng khóa này để ký",
        "đổi khóa: python -m keys rotate; ở lễ tạo khóa đầu tiên: đặt starts muộn hơn trong tệp",
    )
    DOCUMENT_OUTLIVES_KEY = (
        "DOCUMENT_OUTLIVES_KEY",
        "the document would be valid longer than the certificate of its signer",
        "shorten the document's validity, or rotate to a key with a later notAfter",
        "thời hạn của giấy dài hơn thời hạn chứng thư của khóa ký",
        "rút ngắn thời hạn của giấy, hoặc đổi sang khóa có hạn dài hơn",
    )
    DIGEST_LENGTH = (
        "DIGEST_LENGTH",
        "a signer takes the 32 bytes of a SHA-256 digest",
        "hash the bytes to be signed with SHA-256 first",
        "khóa ký chỉ nhận 32 byte của giá trị băm SHA-256",
        "băm dữ liệu cần ký bằng SHA-256 trước",
    )
    SIGNATURE_WRONG = (
        "SIGNATURE_WRONG",
        "the key store gave a signature that does not verify; it was thrown away",
        "stop signing; examine the hardware and the key store before going on",
        "kho khóa trả về chữ ký sai; chữ ký đã bị hủy",
        "ngừng ký; kiểm tra phần cứng và kho khóa trước khi tiếp tục",
    )
    # hardware
    HSM_UNAVAILABLE = (
        "HSM_UNAVAILABLE",
        "the PKCS#11 module or token cannot be opened",
        "check the path of the module, the token's label and that the device is plugged in",
        "không mở được mô-đun hoặc thiết bị PKCS#11",
        "kiểm tra đường dẫn mô-đun, nhãn thiết bị và việc cắm thiết bị",
    )
    HSM_PIN = (
        "HSM_PIN",
        "the token refuses the PIN",
        "check the PIN file; do not try again blindly, tokens lock after a few wrong PINs",
        "thiết bị từ chối mã PIN",
        "kiểm tra tệp PIN; không thử lại nhiều lần vì thiết bị sẽ khóa",
    )
    HSM_SESSION = (
        "HSM_SESSION",
        "the session with the token was lost",
        "plug the token in again and restart the signer; nothing was signed",
        "mất phiên làm việc với thiết bị",
        "cắm lại thiết bị và khởi động lại máy ký; chưa có gì được ký",
    )
    HSM_KEY = (
        "HSM_KEY",
        "the token holds no such key, or one that is not protected",
        "check the label; a signing key must be SENSITIVE and not EXTRACTABLE",
        "thiết bị không có khóa này, hoặc khóa không được bảo vệ",
        "kiểm tra nhãn; khóa ký phải là SENSITIVE và không EXTRACTABLE",
    )
    # trust list
    TRUST_LIST_FORMAT = (
        "TRUST_LIST_FORMAT",
        "the trust list breaks its format",
        "fetch the list again; compare with specs/trust-list.md",
        "danh sách tin cậy sai định dạng",
        "tải lại danh sách; đối chiếu specs/trust-list.md",
    )
    TRUST_LIST_SIGNATURE = (
        "TRUST_LIST_SIGNATURE",
        "the trust list is not signed by the anchor",
        "do not use the list; fetch it again from its publisher and compare the anchor",
        "danh sách tin cậy không do khóa gốc ký",
        "không dùng danh sách này; tải lại từ nơi phát hành và so lại khóa gốc",
    )
    TRUST_LIST_EXPIRED = (
        "TRUST_LIST_EXPIRED",
        "the trust list has expired",
        "fetch the newest list, and check the clock",
        "danh sách tin cậy đã hết hạn",
        "tải danh sách mới nhất và kiểm tra đồng hồ",
    )
    TRUST_LIST_NOT_YET_VALID = (
        "TRUST_LIST_NOT_YET_VALID",
        "the trust list was issued in the future of this clock",
        "check the clock",
        "danh sách tin cậy có thời điểm phát hành ở tương lai",
        "kiểm tra đồng hồ",
    )
    TRUST_LIST_ROLLBACK = (
        "TRUST_LIST_ROLLBACK",
        "the trust list is older than one already accepted",
        "keep the newer list; find out who handed out the old one",
        "danh sách tin cậy cũ hơn danh sách đã nhận",
        "giữ danh sách mới; tìm nguồn đã đưa danh sách cũ",
    )
    TRUST_LIST_ENVIRONMENT = (
        "TRUST_LIST_ENVIRONMENT",
        "test and production were mixed",
        "never let a test key into a production list, or a test list near a production device",
        "lẫn lộn môi trường thử và môi trường thật",
        "không đưa khóa thử vào danh sách thật, hay danh sách thử vào thiết bị thật",
    )
    KEY_UNKNOWN = (
        "KEY_UNKNOWN",
        "no such key is known here",
        "check the name or key id with: python -m keys inventory",
        "không có khóa này",
        "kiểm tra tên hoặc mã khóa bằng: python -m keys inventory",
    )
    # custody
    INVENTORY_BROKEN = (
        "INVENTORY_BROKEN",
        "the inventory was altered or cut",
        "restore it from the ceremony's copy; report it to the custodians",
        "sổ khóa đã bị sửa hoặc cắt bớt",
        "khôi phục từ bản lưu của lễ tạo khóa; báo cho người giữ khóa",
    )
    INVENTORY_STATE = (
        "INVENTORY_STATE",
        "a key cannot take that step from its present state",
        "the order is made, active, retired, destroyed",
        "khóa không thể chuyển sang trạng thái đó",
        "thứ tự là: tạo, dùng, ngừng, hủy",
    )
    CEREMONY_CONFIG = (
        "CEREMONY_CONFIG",
        "the ceremony's configuration is wrong",
        "put the named entry right and run it with --dry-run",
        "tệp cấu hình lễ tạo khóa sai",
        "sửa mục đã nêu rồi chạy lại với --dry-run",
    )
    CEREMONY_EXISTS = (
        "CEREMONY_EXISTS",
        "the output is there already and is never overwritten",
        "name another output folder",
        "thư mục kết quả đã có và không bao giờ bị ghi đè",
        "chọn thư mục kết quả khác",
    )
    FILE_UNREADABLE = (
        "FILE_UNREADABLE",
        "the file cannot be read or written",
        "check the path and its permissions",
        "không đọc hoặc ghi được tệp",
        "kiểm tra đường dẫn và quyền truy cập",
    )
    DID_FORMAT = (
        "DID_FORMAT",
        "the file is no GDHCN trust list (DID document, version 2)",
        "give the did.json of a GDHCN trust list",
        "tệp không phải danh sách tin cậy GDHCN (tài liệu DID, bản 2)",
        "đưa tệp did.json của danh sách tin cậy GDHCN",
    )
    EPOCH_KEY_WRONG = (
        "EPOCH_KEY_WRONG",
        "the wrapped mask key does not open on this device",
        "ask for a bundle wrapped for this device's public key",
        "không mở được khóa che trên thiết bị này",
        "xin gói được bọc cho khóa công khai của thiết bị này",
    )
    EPOCH_UNKNOWN = (
        "EPOCH_UNKNOWN",
        "there is no mask key for that epoch",
        "fetch the newest bundle, or make the epoch: python -m keys epoch new",
        "không có khóa che cho kỳ này",
        "tải gói mới nhất, hoặc tạo kỳ mới: python -m keys epoch new",
    )
    PACKAGE_SHADOWED = (
        "PACKAGE_SHADOWED",
        "a foreign package took the name of one of ours",
        "use a virtual environment of its own; private keys must not be handed to strangers",
        "một gói lạ chiếm tên gói của hệ thống",
        "dùng môi trường ảo riêng; không được đưa khóa bí mật cho gói lạ",
    )


class KeysError(Exception):
    """A key, certificate or list was refused; `code` says why, `detail` which (never a secret or a person)."""

    def __init__(self, code: Code, detail: str = "") -> None:
        super().__init__(code, detail)
        self.code = code
        self.detail = detail

    def __str__(self) -> str:
        return self.words("en")

    def words(self, language: Language) -> str:
        """One line for a reader: `CODE: what happened (which): what to do`."""
        what, do = (self.code.vi, self.code.do_vi) if language == "vi" else (self.code.en, self.code.do_en)
        return f"{self.code}: {what}{f' ({self.detail})' if self.detail else ''}: {do}"


@contextmanager
def naming(file: Path) -> Iterator[None]:
    """Let a refusal of what a file holds say which file."""
    try:
        yield
    except KeysError as error:
        if str(file) in error.detail:
            raise
        raise KeysError(error.code, f"{file}: {error.detail}" if error.detail else str(file)) from error
