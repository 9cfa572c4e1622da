"""The tables of the worklist: who supervises whom, accounts and sessions, what waits for people, what they decided.

That one person never decides alone is the database's doing: a correction carries the account and the role of who put
it forward and of who decided, both bound to the account by a foreign key, the first a health station's, the second the
police's, and never the same account.
"""

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    LargeBinary,
    SmallInteger,
    String,
    Table,
    Text,
    UniqueConstraint,
    text,
)

from issuer.store.tables import Id, metadata

__all__ = [
    "account",
    "area",
    "correction",
    "handover",
    "login_failures",
    "recheck",
    "reported_figure",
    "sign_in",
    "team_sheet",
    "web_session",
    "work_item",
]


area = Table(
    "area",
    metadata,
    Column("code", String(16), primary_key=True, comment="GSO: province 2, district 3, commune 5 digits"),
    Column("level", String(16), nullable=False),
    Column("name", Text, nullable=False),
    Column("district_code", String(16), nullable=False, server_default="", comment="empty: none, or of a province"),
    Column("province_code", String(16), nullable=False),
    CheckConstraint("level IN ('commune', 'district', 'province')", name="level"),
    Index("ix_area_district_code", "district_code"),
    Index("ix_area_province_code", "province_code"),
)

account = Table(
    "account",
    metadata,
    Column("account_id", Id, primary_key=True),
    Column("login", String(64), nullable=False, unique=True),
    Column("staff_number", String(32), nullable=False, unique=True, comment="one officer has one account"),
    Column("name", Text, nullable=False),
    Column("role", String(16), nullable=False),
    Column("area_code", String(16), nullable=False, comment="empty: the whole country"),
    Column("password_hash", Text, nullable=False, comment="Argon2id"),
    Column("must_change", SmallInteger, nullable=False, comment="1: the password was set by somebody else"),
    Column("created_at", String(27), nullable=False),
    Column("closed_at", String(27), nullable=True),
    Column("second_secret", LargeBinary, nullable=True, comment="encrypted; issuer.worklist.second_factor"),
    Column("second_since", String(27), nullable=True, comment="empty: the second factor is not in force"),
    Column("second_step", BigInteger, nullable=False, server_default="0", comment="half minute of the last code used"),
    CheckConstraint("role IN ('station', 'police', 'district', 'province', 'ministry')", name="role"),
    CheckConstraint("(role = 'ministry') = (area_code = '')", name="area"),
    UniqueConstraint("account_id", "role"),
)

web_session = Table(
    "web_session",
    metadata,
    Column("token_hash", String(64), primary_key=True, comment="SHA-256 of what the cookie holds"),
    Column("account_id", Id, ForeignKey("account.account_id"), nullable=False),
    Column("started_at", String(27), nullable=False),
    Column("seen_at", String(27), nullable=False),
    Index("ix_web_session_account_id", "account_id"),
)

sign_in = Table(
    "sign_in",
    metadata,
    Column("sign_in_id", Id, primary_key=True),
    Column("account_id", Id, ForeignKey("account.account_id"), nullable=False),
    Column("at", String(27), nullable=False),
    Column("place", Text, nullable=False, comment="address and port"),
    Column("was_right", SmallInteger, nullable=False, comment="0: the password was wrong"),
    CheckConstraint("was_right IN (0, 1)", name="was_right"),
    Index("ix_sign_in_account_id", "account_id"),
    Index("ix_sign_in_at", "at"),
)

login_failures = Table(
    "login_failures",
    metadata,
    Column("subject", String(64), primary_key=True, comment="SHA-256 of a login or of an address"),
    Column("since", String(27), nullable=False),
    Column("count", Integer, nullable=False),
)

work_item = Table(
    "work_item",
    metadata,
    Column("dose_id", Id, ForeignKey("dose.dose_id"), primary_key=True),
    Column("token", String(32), nullable=False, unique=True, comment="random; what a URL and a sheet may show"),
    Column("commune_code", String(16), nullable=False, comment="whose work it is; empty: nobody's yet"),
    Column("link_class", String(16), nullable=False),
    Column("safe_class", String(16), nullable=False, comment="empty: one by one only"),
    Column("state", String(16), nullable=False),
    Column("opened_at", String(27), nullable=False),
    Column("closed_at", String(27), nullable=True),
    Column("expected", Integer, nullable=False, comment="expected yield: chance in 1/1000 that it can be settled here"),
    CheckConstraint("state IN ('open', 'proposed', 'aside', 'closed')", name="state"),
    CheckConstraint("(state = 'closed') = (closed_at IS NOT NULL)", name="closed_at"),
    Index("ix_work_item_commune_code_state_expected", "commune_code", "state", "expected"),
    Index("ix_work_item_state_opened_at", "state", "opened_at"),
)

correction = Table(
    "correction",
    metadata,
    Column("correction_id", Id, primary_key=True),
    Column("dose_id", Id, ForeignKey("work_item.dose_id"), nullable=False),
    Column("kind", String(16), nullable=False, comment="person, fields or aside"),
    Column("person_id", Id, ForeignKey("person.person_id"), nullable=True),
    Column("changes", Text, nullable=False, comment="JSON: field -> [before, after]"),
    Column("source", String(16), nullable=False, comment="screen, bulk or sheet"),
    Column("sheet_id", Id, ForeignKey("team_sheet.sheet_id"), nullable=True),
    Column("safe_class", String(16), nullable=False, comment="of a bulk proposal"),
    Column("state", String(16), nullable=False),
    Column("proposed_by", Id, nullable=False),
    Column("proposed_role", String(16), nullable=False),
    Column("proposed_at", String(27), nullable=False),
    Column("decided_by", Id, nullable=True),
    Column("decided_role", String(16), nullable=True),
    Column("decided_at", String(27), nullable=True),
    Column("reason", String(32), nullable=False, comment="why set aside, rejected or undone"),
    Column("note", Text, nullable=False),
    Column("before", Text, nullable=False, comment="JSON: the link and the dose as they stood before it was applied"),
    Column("link_class", String(16), nullable=False, comment="what linking said after it was applied"),
    Column("handover_id", Id, ForeignKey("handover.handover_id"), nullable=True),
    Column("ended_by", Id, ForeignKey("account.account_id"), nullable=True, comment="who withdrew or undid it"),
    Column("ended_at", String(27), nullable=True),
    CheckConstraint("kind IN ('person', 'fields', 'aside')", name="kind"),
    CheckConstraint("(kind = 'person') = (person_id IS NOT NULL)", name="person"),
    CheckConstraint("state IN ('proposed', 'withdrawn', 'rejected', 'applied', 'undone')", name="state"),
    CheckConstraint("proposed_role = 'station'", name="station_proposes"),
    CheckConstraint("decided_role IS NULL OR decided_role = 'police'", name="police_decides"),
    CheckConstraint("decided_by IS NULL OR decided_by <> proposed_by", name="two_people"),
    CheckConstraint("(decided_by IS NULL) = (decided_role IS NULL)", name="decided_role"),
    CheckConstraint("(decided_by IS NULL) = (decided_at IS NULL)", name="decided_at"),
    CheckConstraint("state NOT IN ('rejected', 'applied', 'undone') OR decided_by IS NOT NULL", name="decided"),
    CheckConstraint("(state IN ('withdrawn', 'undone')) = (ended_by IS NOT NULL)", name="ended"),
    ForeignKeyConstraint(["proposed_by", "proposed_role"], ["account.account_id", "account.role"]),
    ForeignKeyConstraint(["decided_by", "decided_role"], ["account.account_id", "account.role"]),
    Index("ix_correction_dose_id", "dose_id"),
    Index("ix_correction_handover_id", "handover_id"),
    Index(
        "uq_correction_one_proposed",
        "dose_id",
        unique=True,
        sqlite_where=text("state = 'proposed'"),
        postgresql_where=text("state = 'proposed'"),
    ),
)

team_sheet = Table(
    "team_sheet",
    metadata,
    Column("sheet_id", Id, primary_key=True),
    Column("commune_code", String(16), nullable=False),
    Column("name", Text, nullable=False),
    Column("sha256", String(64), nullable=False),
    Column("received_by", Id, ForeignKey("account.account_id"), nullable=False),
    Column("received_at", String(27), nullable=False),
    Column("row_count", Integer, nullable=False),
    Column("proposed_count", Integer, nullable=False),
    UniqueConstraint("commune_code", "sha256"),
)

handover = Table(
    "handover",
    metadata,
    Column("handover_id", Id, primary_key=True),
    Column("token", String(32), nullable=False, unique=True),
    Column("commune_code", String(16), nullable=False),
    Column("made_by", Id, nullable=False),
    Column("made_role", String(16), nullable=False),
    Column("made_at", String(27), nullable=False),
    Column("row_count", Integer, nullable=False),
    Column("content", LargeBinary, nullable=False, comment="the list as CSV, byte for byte as signed"),
    Column("sha256", String(64), nullable=False),
    Column("signature", LargeBinary, nullable=True, comment="raw, over the statement of issuer.worklist.handover"),
    Column("certificate", LargeBinary, nullable=True, comment="DER, of the signer"),
    Column("signed_at", String(27), nullable=True),
    CheckConstraint("made_role = 'police'", name="police"),
    CheckConstraint("(signature IS NULL) = (signed_at IS NULL)", name="signed_at"),
    CheckConstraint("(signature IS NULL) = (certificate IS NULL)", name="certificate"),
    ForeignKeyConstraint(["made_by", "made_role"], ["account.account_id", "account.role"]),
    Index("ix_handover_commune_code", "commune_code"),
)

recheck = Table(
    "recheck",
    metadata,
    Column("recheck_id", Id, primary_key=True),
    Column("token", String(32), nullable=False, unique=True),
    Column("correction_id", Id, ForeignKey("correction.correction_id"), nullable=False),
    Column("drawn_by", Id, ForeignKey("account.account_id"), nullable=False),
    Column("drawn_at", String(27), nullable=False),
    Column("result", String(16), nullable=True, comment="empty: waits"),
    Column("note", Text, nullable=False),
    Column("checked_by", Id, ForeignKey("account.account_id"), nullable=True),
    Column("checked_at", String(27), nullable=True),
    CheckConstraint("result IN ('right', 'wrong', 'unclear')", name="result"),
    CheckConstraint("(result IS NULL) = (checked_by IS NULL)", name="checked_by"),
    CheckConstraint("(result IS NULL) = (checked_at IS NULL)", name="checked_at"),
    UniqueConstraint("correction_id", "drawn_by"),
)

reported_figure = Table(
    "reported_figure",
    metadata,
    Column("facility_code", String(64), primary_key=True),
    Column("kind", String(32), primary_key=True),
    Column("value", BigInteger, nullable=False),
    Column("as_of", String(10), nullable=False),
    CheckConstraint("kind IN ('doses_given', 'reports_received', 'reports_resolved')", name="kind"),
    CheckConstraint("value >= 0", name="value"),
)
