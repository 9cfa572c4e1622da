"""The tables of the data path: people, files, rows, cleaned doses, links, audit.

Every row of a file gets one number, `row_id = file_id * 2**24 + its place in the file` (one that holds several doses as
many, in their order), and everything learnt about the row hangs on that number: its raw cells, its fate, its cleaned
dose, its problems, repairs, link and proposals. So a step that runs again writes the same keys or none, and nothing is
ever counted twice. Dates are ISO 8601 text of the precision known (`1990-04-15`, `1990-04`, `1990`), times are UTC
text, sex is `M`, `F` or empty.
"""

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    SmallInteger,
    String,
    Table,
    Text,
    UniqueConstraint,
    text,
)

__all__ = [
    "ROWS_PER_FILE",
    "Id",
    "audit_entry",
    "audit_head",
    "dose",
    "facility",
    "link",
    "link_progress",
    "metadata",
    "person",
    "person_identifier",
    "problem",
    "proposal",
    "repair",
    "row_outcome",
    "source_file",
    "source_row",
    "source_sheet",
]

ROWS_PER_FILE = 1 << 24
"""Place for 16.7 million rows in a file; a larger file is refused with the advice to split it."""

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
        "pk": "pk_%(table_name)s",
    }
)

Id = BigInteger().with_variant(Integer, "sqlite")  # only INTEGER PRIMARY KEY is SQLite's own row number


person = Table(
    "person",
    metadata,
    Column("person_id", Id, primary_key=True),
    Column("national_id", String(12), nullable=False, unique=True, comment="current số định danh"),
    Column("full_name", Text, nullable=False),
    Column("name_key", Text, nullable=False, comment="specs.names.lossless_key of full_name"),
    Column("name_fold", Text, nullable=False, comment="specs.names.fold of full_name"),
    Column("birth_date", String(10), nullable=False, comment="YYYY-MM-DD, YYYY-MM or YYYY"),
    Column("sex", String(1), nullable=False),
    Column("commune_code", String(16), nullable=False, server_default=""),
    Column("nationality", String(64), nullable=False, server_default=""),
    Column("death_date", String(10), nullable=False, server_default="", comment="empty: alive"),
    Column("family_name", Text, nullable=False, server_default="", comment="an operator's split; empty: by rule"),
    Column("changed_at", String(27), nullable=False),
    Column("revision", BigInteger, nullable=False, server_default="0", comment="grows with every change to anybody"),
    Index("ix_person_name_key_birth_date", "name_key", "birth_date"),
    Index("ix_person_revision", "revision"),
)

person_identifier = Table(
    "person_identifier",
    metadata,
    Column("value", String(32), primary_key=True),
    Column("person_id", Id, ForeignKey("person.person_id"), primary_key=True),
    Column("kind", String(16), nullable=False, comment="cccd, cmnd9, cmnd12, passport, other"),
    Column("status", String(16), nullable=False, comment="current, old, cancelled"),
    Column("source", String(64), nullable=False),
    Column("recorded_at", String(27), nullable=False),
    Column("valid_from", String(10), nullable=False, server_default="", comment="empty: before our first file"),
    Column("valid_to", String(10), nullable=False, server_default="", comment="last day; empty: not known, or valid"),
    Index("ix_person_identifier_person_id", "person_id"),
    sqlite_with_rowid=False,
)

facility = Table(
    "facility",
    metadata,
    Column("facility_id", Id, primary_key=True),
    Column("code", String(64), nullable=False, unique=True, comment="its own code, else its folded name"),
    Column("name", Text, nullable=False),
    Column("commune_code", String(16), nullable=False, server_default=""),
)

source_file = Table(
    "source_file",
    metadata,
    Column("file_id", Id, primary_key=True),
    Column("kind", String(16), nullable=False, comment="doses, people, delta or corrections"),
    Column("name", Text, nullable=False, comment="without its folder"),
    Column("sha256", String(64), nullable=False),
    Column("size", BigInteger, nullable=False),
    Column("facility_code", String(64), nullable=False, server_default="", comment="who sent it, if told"),
    Column("received_at", String(27), nullable=False),
    Column("rows_done", Integer, nullable=False, server_default="0"),
    Column("state", String(16), nullable=False, comment="reading, whole, cleaned"),
    Column("as_of", String(10), nullable=False, server_default="", comment="of a delta: the day of its changes"),
    UniqueConstraint("kind", "sha256"),
    Index("ix_source_file_state", "state"),
)

source_sheet = Table(
    "source_sheet",
    metadata,
    Column("file_id", Id, ForeignKey("source_file.file_id"), primary_key=True),
    Column("sheet_no", SmallInteger, primary_key=True),
    Column("name", Text, nullable=False, comment="empty for .csv"),
    Column("layout", Text, nullable=False, comment="issuer.intake.layout.Layout as JSON"),
    sqlite_with_rowid=False,
)

source_row = Table(
    "source_row",
    metadata,
    Column("row_id", Id, primary_key=True),
    Column("sheet_no", SmallInteger, nullable=False),
    Column("row_no", Integer, nullable=False, comment="from 1, as the sheet or the lines of the .csv count"),
    Column("cells", Text, nullable=False, comment="JSON list of the cells as read"),
    Column("slot", SmallInteger, nullable=False, server_default="0", comment="which dose of its row; 0: the only one"),
)

row_outcome = Table(
    "row_outcome",
    metadata,
    Column("row_id", Id, ForeignKey("source_row.row_id"), primary_key=True),
    Column("fate", String(16), nullable=False),
    Column("duplicate_of", Id, nullable=True),
    CheckConstraint("fate IN ('stored', 'duplicate', 'rejected')", name="fate"),
    CheckConstraint("(fate = 'duplicate') = (duplicate_of IS NOT NULL)", name="duplicate_of"),
    Index(
        "ix_row_outcome_duplicate_of",
        "duplicate_of",
        sqlite_where=text("duplicate_of IS NOT NULL"),
        postgresql_where=text("duplicate_of IS NOT NULL"),
    ),
)

dose = Table(
    "dose",
    metadata,
    Column("dose_id", Id, ForeignKey("source_row.row_id"), primary_key=True, comment="the row it was read from"),
    Column("facility_id", Id, ForeignKey("facility.facility_id"), nullable=True),
    Column("full_name", Text, nullable=False),
    Column("name_key", Text, nullable=False),
    Column("name_fold", Text, nullable=False),
    Column("birth_date", String(10), nullable=False, comment="empty: missing or not readable in one way"),
    Column("birth_date_other", String(10), nullable=False, comment="a second reading, for proposals only"),
    Column("sex", String(1), nullable=False),
    Column("id_kind", String(16), nullable=False, comment="cccd, cmnd9, passport, malformed, none"),
    Column("id_number", String(32), nullable=False, comment="canonical when well formed, else as typed"),
    Column("id_other", Text, nullable=False, comment="further readings joined by ;, for proposals only"),
    Column("nationality", String(64), nullable=False),
    Column("is_foreign", SmallInteger, nullable=False),
    Column("phone", String(32), nullable=False),
    Column("commune_code", String(64), nullable=False, comment="as the sheet gives it: code or name"),
    Column("address", Text, nullable=False),
    Column("vaccinated_on", String(10), nullable=False),
    Column("product", String(64), nullable=False, comment="DCC code mp; empty: unknown"),
    Column("dose_number", SmallInteger, nullable=True),
    Column("dose_role", String(16), nullable=False, comment="basic, additional, booster or empty"),
    Column("lot", String(32), nullable=False),
    Column("facility_name", Text, nullable=False),
    Column("is_blocked", SmallInteger, nullable=False, comment="1: a problem forbids a certificate"),
    Column("duplicate_key", LargeBinary(16), nullable=False, unique=True),
)

problem = Table(
    "problem",
    metadata,
    Column("row_id", Id, ForeignKey("source_row.row_id"), primary_key=True),
    Column("number", SmallInteger, primary_key=True),
    Column("code", String(32), nullable=False, comment="specs/record-problems.md"),
    Column("field", String(32), nullable=False),
    Column("raw", Text, nullable=False),
    sqlite_with_rowid=False,
)

repair = Table(
    "repair",
    metadata,
    Column("row_id", Id, ForeignKey("source_row.row_id"), primary_key=True),
    Column("number", SmallInteger, primary_key=True),
    Column("field", String(32), nullable=False),
    Column("before", Text, nullable=False),
    Column("after", Text, nullable=False),
    Column("rule", String(32), nullable=False),
    Column("certainty", String(16), nullable=False, comment="certain: applied; uncertain: a proposal, not applied"),
    sqlite_with_rowid=False,
)

link = Table(
    "link",
    metadata,
    Column("dose_id", Id, ForeignKey("dose.dose_id"), primary_key=True),
    Column("link_class", String(16), nullable=False),
    Column("person_id", Id, ForeignKey("person.person_id"), nullable=True, comment="only when automatic or approved"),
    Column("basis", String(32), nullable=False, comment="the rule that decided"),
    Column("evidence", Text, nullable=False),
    Column("linked_at", String(27), nullable=False),
    Index("ix_link_person_id", "person_id"),
    Index("ix_link_link_class", "link_class"),
)

link_progress = Table(
    "link_progress",
    metadata,
    Column("one", SmallInteger, primary_key=True, autoincrement=False),
    Column("people_revision", BigInteger, nullable=False, comment="every link has seen person.revision up to here"),
    CheckConstraint("one = 1", name="one"),
)

proposal = Table(
    "proposal",
    metadata,
    Column("dose_id", Id, ForeignKey("dose.dose_id"), primary_key=True),
    Column("rank", SmallInteger, primary_key=True, comment="from 1, best first"),
    Column("person_id", Id, ForeignKey("person.person_id"), nullable=False),
    Column("weight", Integer, nullable=False, comment="hundredths of a bit, for ranking only"),
    Column("evidence", Text, nullable=False),
    sqlite_with_rowid=False,
)

audit_entry = Table(
    "audit_entry",
    metadata,
    Column("seq", Id, primary_key=True, autoincrement=False),
    Column("at", String(27), nullable=False),
    Column("actor", String(128), nullable=False),
    Column("action", String(64), nullable=False),
    Column("object", String(256), nullable=False),
    Column("reason", Text, nullable=False),
    Column("previous", String(64), nullable=False),
    Column("hash", String(64), nullable=False),
)

audit_head = Table(
    "audit_head",
    metadata,
    Column("one", SmallInteger, primary_key=True, autoincrement=False),
    Column("seq", Id, nullable=False),
    Column("hash", String(64), nullable=False),
    CheckConstraint("one = 1", name="one"),
)
