"""The issuer's one error family: a closed list of codes, each with its words and what to do.

An error carries where (file, sheet, row, column) and a detail that never holds personal data; it becomes text once, at
the command line (`IssuerError.words`) or in a web page. The words stand in refusals.toml, in both languages; a test
holds the two lists equal.
"""

from collections.abc import Mapping
from enum import Enum, auto
from functools import cache
from pathlib import Path

from issuer.where import Where
from keys.errors import Language

__all__ = ["Code", "IssuerError", "Where"]


class Code(Enum):
    """A reason for which the issuer refuses.

    `en` and `vi` say what is wrong, `do_en` and `do_vi` what the reader can do about it.
    """

    # the database
    DATABASE_REFUSED = auto()
    DATABASE_NEWER = auto()
    DATABASE_BUSY = auto()
    DATABASE_FULL = auto()
    DATABASE_FAILED = auto()
    # files that come in, and the sheets in them
    FILE_MISSING = auto()
    FILE_UNREADABLE = auto()
    FILE_EMPTY = auto()
    FILE_TOO_LARGE = auto()
    FILE_BOMB = auto()
    FILE_MACROS = auto()
    FILE_ENCRYPTED = auto()
    FILE_ACTIVE_XML = auto()
    FILE_WRONG_EXTENSION = auto()
    FILE_KIND_UNKNOWN = auto()
    TEXT_ENCODING = auto()
    SHEET_TOO_WIDE = auto()
    SHEET_TOO_LONG = auto()
    HEADER_MISSING = auto()
    COLUMN_MISSING = auto()
    COLUMN_TWICE = auto()
    HEADER_MOVES = auto()
    # the register of people
    PERSON_ROW = auto()
    DELTA_ROW = auto()
    DELTA_ORDER = auto()
    DELTA_DAY = auto()
    # deliveries of vaccine
    DELIVERY_ROW = auto()
    # bundles of hospital systems
    BUNDLE_NOT_JSON = auto()
    BUNDLE_TOO_LARGE = auto()
    BUNDLE_TOO_DEEP = auto()
    BUNDLE_MALFORMED = auto()
    BUNDLE_OTHER_FACILITY = auto()
    BUNDLE_REFUSED = auto()
    API_KEY_REFUSED = auto()
    API_WAIT = auto()
    # the remote oracle
    ORACLE_URL = auto()
    ORACLE_UNREACHABLE = auto()
    ORACLE_DENIED = auto()
    ORACLE_REFUSED = auto()
    # facilities, their heads, and what heads sign
    FACILITY_UNKNOWN = auto()
    CONFIG_REFUSED = auto()
    HEAD_CERTIFICATE = auto()
    ATTEST_NOTHING = auto()
    ATTEST_NOT_ENTITLED = auto()
    ATTEST_BATCH_CAP = auto()
    ATTEST_DAY_CAP = auto()
    ATTEST_STALE = auto()
    ATTEST_NOT_CONFIRMED = auto()
    ATTESTATION_BROKEN = auto()
    # signing certificates
    CLOCK_BEHIND = auto()
    STATUS_LIST_FULL = auto()
    SIGNER_PURPOSE = auto()
    CERTIFICATES_UNLIKE_LOG = auto()
    FACILITY_AUTHORITY = auto()
    CERTIFICATE_UNKNOWN = auto()
    SELF_CHECK_FAILED = auto()
    # accounts and areas
    LOGIN_REFUSED = auto()
    LOGIN_WAIT = auto()
    PASSWORD_WEAK = auto()
    ACCOUNT_REFUSED = auto()
    AREA_ROW = auto()
    # the worklist
    WORK_NOT_FOUND = auto()
    WORK_NOT_ALLOWED = auto()
    WORK_CHANGED = auto()
    WORK_TWO_PEOPLE = auto()
    WORK_STATE = auto()
    WORK_CERTIFIED = auto()
    CORRECTION_REFUSED = auto()
    TEAM_SHEET_REFUSED = auto()
    HANDOVER_NOTHING = auto()
    HANDOVER_BROKEN = auto()
    # lists of the police
    POLICE_LIST_UNSIGNED = auto()
    POLICE_LIST_REFUSED = auto()
    # figures, the audit log, and what is written out
    FIGURE_ROW = auto()
    AUDIT_BROKEN = auto()
    OUTPUT_REFUSED = auto()
    # pages and QR codes
    QR_TEXT = auto()
    QR_TOO_LONG = auto()
    QR_SYMBOL = auto()
    PAGE_FIELD_TOO_LONG = auto()
    PAGE_TOO_MANY_DOSES = auto()
    PAGE_TIME_WITHOUT_ZONE = auto()
    PAGE_CERTIFICATE = auto()
    PAGE_NOT_AS_SIGNED = auto()
    PAGE_CODE_UNKNOWN = auto()
    PAGE_LETTER = auto()
    PAGE_FULL = auto()

    @property
    def vi(self) -> str:
        """What is wrong, in Vietnamese."""
        return _refusals()[self.name]["vi"]

    @property
    def en(self) -> str:
        """What is wrong, in English."""
        return _refusals()[self.name]["en"]

    @property
    def do_vi(self) -> str:
        """What to do, in Vietnamese."""
        return _refusals()[self.name]["do_vi"]

    @property
    def do_en(self) -> str:
        """What to do, in English."""
        return _refusals()[self.name]["do_en"]


@cache
def _refusals() -> Mapping[str, Mapping[str, str]]:
    import tomllib  # here: a command that refuses nothing reads no words

    return tomllib.loads(Path(__file__).with_name("refusals.toml").read_text(encoding="utf-8"))


class IssuerError(Exception):
    """The issuer refuses; `code` says why, `where` says which row, `detail` says what was seen (no personal data)."""

    def __init__(self, code: Code, detail: str = "", where: Where | None = None) -> None:
        super().__init__(code.name)
        self.code = code
        self.detail = detail
        self.where = where or Where()

    def __str__(self) -> str:
        return self.words("en")

    def words(self, language: Language) -> str:
        """One line for a reader: `CODE: what happened: detail (where): what to do`."""
        code, place = self.code, self.where.words(language)
        what, do = (code.vi, code.do_vi) if language == "vi" else (code.en, code.do_en)
        seen = f": {self.detail}" if self.detail else ""
        return f"{code.name}: {what}{seen}{f' ({place})' if place else ''}: {do}"
