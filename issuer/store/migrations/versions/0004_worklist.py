"""The worklist: areas, accounts and sessions, what waits for people, corrections of two people, signed lists."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    op.create_table(
        "account",
        sa.Column("account_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("login", sa.String(length=64), nullable=False),
        sa.Column("staff_number", sa.String(length=32), nullable=False, comment="one officer has one account"),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("role", sa.String(length=16), nullable=False),
        sa.Column("area_code", sa.String(length=16), nullable=False, comment="empty: the whole country"),
        sa.Column("password_hash", sa.Text(), nullable=False, comment="Argon2id"),
        sa.Column("must_change", sa.SmallInteger(), nullable=False, comment="1: the password was set by somebody else"),
        sa.Column("created_at", sa.String(length=27), nullable=False),
        sa.Column("closed_at", sa.String(length=27), nullable=True),
        sa.CheckConstraint("(role = 'ministry') = (area_code = '')", name=op.f("ck_account_area")),
        sa.CheckConstraint(
            "role IN ('station', 'police', 'district', 'province', 'ministry')", name=op.f("ck_account_role")
        ),
        sa.PrimaryKeyConstraint("account_id", name=op.f("pk_account")),
        sa.UniqueConstraint("account_id", "role", name=op.f("uq_account_account_id_role")),
        sa.UniqueConstraint("login", name=op.f("uq_account_login")),
        sa.UniqueConstraint("staff_number", name=op.f("uq_account_staff_number")),
    )
    op.create_table(
        "area",
        sa.Column(
            "code", sa.String(length=16), nullable=False, comment="GSO: province 2, district 3, commune 5 digits"
        ),
        sa.Column("level", sa.String(length=16), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column(
            "district_code",
            sa.String(length=16),
            server_default="",
            nullable=False,
            comment="empty: none, or of a province",
        ),
        sa.Column("province_code", sa.String(length=16), nullable=False),
        sa.CheckConstraint("level IN ('commune', 'district', 'province')", name=op.f("ck_area_level")),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_area")),
    )
    op.create_index("ix_area_district_code", "area", ["district_code"], unique=False)
    op.create_index("ix_area_province_code", "area", ["province_code"], unique=False)
    op.create_table(
        "login_failures",
        sa.Column("subject", sa.String(length=64), nullable=False, comment="SHA-256 of a login or of an address"),
        sa.Column("since", sa.String(length=27), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("subject", name=op.f("pk_login_failures")),
    )
    op.create_table(
        "reported_figure",
        sa.Column("facility_code", sa.String(length=64), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("value", sa.BigInteger(), nullable=False),
        sa.Column("as_of", sa.String(length=10), nullable=False),
        sa.CheckConstraint(
            "kind IN ('doses_given', 'reports_received', 'reports_resolved')", name=op.f("ck_reported_figure_kind")
        ),
        sa.CheckConstraint("value >= 0", name=op.f("ck_reported_figure_value")),
        sa.PrimaryKeyConstraint("facility_code", "kind", name=op.f("pk_reported_figure")),
    )
    op.create_table(
        "handover",
        sa.Column("handover_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("token", sa.String(length=32), nullable=False),
        sa.Column("commune_code", sa.String(length=16), nullable=False),
        sa.Column("made_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("made_role", sa.String(length=16), nullable=False),
        sa.Column("made_at", sa.String(length=27), nullable=False),
        sa.Column("row_count", sa.Integer(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False, comment="the list as CSV, byte for byte as signed"),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column(
            "signature", sa.LargeBinary(), nullable=True, comment="raw, over the statement of issuer.worklist.handover"
        ),
        sa.Column("certificate", sa.LargeBinary(), nullable=True, comment="DER, of the signer"),
        sa.Column("signed_at", sa.String(length=27), nullable=True),
        sa.CheckConstraint("made_role = 'police'", name=op.f("ck_handover_police")),
        sa.CheckConstraint("(signature IS NULL) = (certificate IS NULL)", name=op.f("ck_handover_certificate")),
        sa.CheckConstraint("(signature IS NULL) = (signed_at IS NULL)", name=op.f("ck_handover_signed_at")),
        sa.ForeignKeyConstraint(
            ["made_by", "made_role"],
            ["account.account_id", "account.role"],
            name=op.f("fk_handover_made_by_made_role_account"),
        ),
        sa.PrimaryKeyConstraint("handover_id", name=op.f("pk_handover")),
        sa.UniqueConstraint("token", name=op.f("uq_handover_token")),
    )
    op.create_index("ix_handover_commune_code", "handover", ["commune_code"], unique=False)
    op.create_table(
        "team_sheet",
        sa.Column("sheet_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("commune_code", sa.String(length=16), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("received_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("received_at", sa.String(length=27), nullable=False),
        sa.Column("row_count", sa.Integer(), nullable=False),
        sa.Column("proposed_count", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["received_by"], ["account.account_id"], name=op.f("fk_team_sheet_received_by_account")
        ),
        sa.PrimaryKeyConstraint("sheet_id", name=op.f("pk_team_sheet")),
        sa.UniqueConstraint("commune_code", "sha256", name=op.f("uq_team_sheet_commune_code_sha256")),
    )
    op.create_table(
        "web_session",
        sa.Column("token_hash", sa.String(length=64), nullable=False, comment="SHA-256 of what the cookie holds"),
        sa.Column("account_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("started_at", sa.String(length=27), nullable=False),
        sa.Column("seen_at", sa.String(length=27), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.account_id"], name=op.f("fk_web_session_account_id_account")),
        sa.PrimaryKeyConstraint("token_hash", name=op.f("pk_web_session")),
    )
    op.create_index("ix_web_session_account_id", "web_session", ["account_id"], unique=False)
    op.create_table(
        "work_item",
        sa.Column("dose_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("token", sa.String(length=32), nullable=False, comment="random; what a URL and a sheet may show"),
        sa.Column(
            "commune_code", sa.String(length=16), nullable=False, comment="whose work it is; empty: nobody's yet"
        ),
        sa.Column("link_class", sa.String(length=16), nullable=False),
        sa.Column("safe_class", sa.String(length=16), nullable=False, comment="empty: one by one only"),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("opened_at", sa.String(length=27), nullable=False),
        sa.Column("closed_at", sa.String(length=27), nullable=True),
        sa.Column(
            "expected",
            sa.Integer(),
            nullable=False,
            comment="expected yield: chance in 1/1000 that it can be settled here",
        ),
        sa.CheckConstraint("(state = 'closed') = (closed_at IS NOT NULL)", name=op.f("ck_work_item_closed_at")),
        sa.CheckConstraint("state IN ('open', 'proposed', 'aside', 'closed')", name=op.f("ck_work_item_state")),
        sa.ForeignKeyConstraint(["dose_id"], ["dose.dose_id"], name=op.f("fk_work_item_dose_id_dose")),
        sa.PrimaryKeyConstraint("dose_id", name=op.f("pk_work_item")),
        sa.UniqueConstraint("token", name=op.f("uq_work_item_token")),
    )
    op.create_index(
        "ix_work_item_commune_code_state_expected", "work_item", ["commune_code", "state", "expected"], unique=False
    )
    op.create_index("ix_work_item_state_opened_at", "work_item", ["state", "opened_at"], unique=False)
    op.create_table(
        "correction",
        sa.Column("correction_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("dose_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False, comment="person, fields or aside"),
        sa.Column("person_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("changes", sa.Text(), nullable=False, comment="JSON: field -> [before, after]"),
        sa.Column("source", sa.String(length=16), nullable=False, comment="screen, bulk or sheet"),
        sa.Column("sheet_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("safe_class", sa.String(length=16), nullable=False, comment="of a bulk proposal"),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("proposed_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("proposed_role", sa.String(length=16), nullable=False),
        sa.Column("proposed_at", sa.String(length=27), nullable=False),
        sa.Column("decided_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("decided_role", sa.String(length=16), nullable=True),
        sa.Column("decided_at", sa.String(length=27), nullable=True),
        sa.Column("reason", sa.String(length=32), nullable=False, comment="why set aside, rejected or undone"),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column(
            "before",
            sa.Text(),
            nullable=False,
            comment="JSON: the link and the dose as they stood before it was applied",
        ),
        sa.Column("link_class", sa.String(length=16), nullable=False, comment="what linking said after it was applied"),
        sa.Column("handover_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column(
            "ended_by",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            nullable=True,
            comment="who withdrew or undid it",
        ),
        sa.Column("ended_at", sa.String(length=27), nullable=True),
        sa.CheckConstraint("(kind = 'person') = (person_id IS NOT NULL)", name=op.f("ck_correction_person")),
        sa.CheckConstraint(
            "(state IN ('withdrawn', 'undone')) = (ended_by IS NOT NULL)", name=op.f("ck_correction_ended")
        ),
        sa.CheckConstraint(
            "decided_role IS NULL OR decided_role = 'police'", name=op.f("ck_correction_police_decides")
        ),
        sa.CheckConstraint("kind IN ('person', 'fields', 'aside')", name=op.f("ck_correction_kind")),
        sa.CheckConstraint("proposed_role = 'station'", name=op.f("ck_correction_station_proposes")),
        sa.CheckConstraint(
            "state IN ('proposed', 'withdrawn', 'rejected', 'applied', 'undone')", name=op.f("ck_correction_state")
        ),
        sa.CheckConstraint(
            "state NOT IN ('rejected', 'applied', 'undone') OR decided_by IS NOT NULL",
            name=op.f("ck_correction_decided"),
        ),
        sa.CheckConstraint("(decided_by IS NULL) = (decided_at IS NULL)", name=op.f("ck_correction_decided_at")),
        sa.CheckConstraint("(decided_by IS NULL) = (decided_role IS NULL)", name=op.f("ck_correction_decided_role")),
        sa.CheckConstraint("decided_by IS NULL OR decided_by <> proposed_by", name=op.f("ck_correction_two_people")),
        sa.ForeignKeyConstraint(
            ["decided_by", "decided_role"],
            ["account.account_id", "account.role"],
            name=op.f("fk_correction_decided_by_decided_role_account"),
        ),
        sa.ForeignKeyConstraint(["dose_id"], ["work_item.dose_id"], name=op.f("fk_correction_dose_id_work_item")),
        sa.ForeignKeyConstraint(["ended_by"], ["account.account_id"], name=op.f("fk_correction_ended_by_account")),
        sa.ForeignKeyConstraint(
            ["handover_id"], ["handover.handover_id"], name=op.f("fk_correction_handover_id_handover")
        ),
        sa.ForeignKeyConstraint(["person_id"], ["person.person_id"], name=op.f("fk_correction_person_id_person")),
        sa.ForeignKeyConstraint(
            ["proposed_by", "proposed_role"],
            ["account.account_id", "account.role"],
            name=op.f("fk_correction_proposed_by_proposed_role_account"),
        ),
        sa.ForeignKeyConstraint(["sheet_id"], ["team_sheet.sheet_id"], name=op.f("fk_correction_sheet_id_team_sheet")),
        sa.PrimaryKeyConstraint("correction_id", name=op.f("pk_correction")),
    )
    op.create_index("ix_correction_dose_id", "correction", ["dose_id"], unique=False)
    op.create_index("ix_correction_handover_id", "correction", ["handover_id"], unique=False)
    op.create_index(
        "uq_correction_one_applied",
        "correction",
        ["dose_id"],
        unique=True,
        sqlite_where=sa.text("state = 'applied'"),
        postgresql_where=sa.text("state = 'applied'"),
    )
    op.create_index(
        "uq_correction_one_proposed",
        "correction",
        ["dose_id"],
        unique=True,
        sqlite_where=sa.text("state = 'proposed'"),
        postgresql_where=sa.text("state = 'proposed'"),
    )
    op.create_table(
        "recheck",
        sa.Column("recheck_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("token", sa.String(length=32), nullable=False),
        sa.Column("correction_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("drawn_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("drawn_at", sa.String(length=27), nullable=False),
        sa.Column("result", sa.String(length=16), nullable=True, comment="empty: waits"),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("checked_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("checked_at", sa.String(length=27), nullable=True),
        sa.CheckConstraint("result IN ('right', 'wrong', 'unclear')", name=op.f("ck_recheck_result")),
        sa.CheckConstraint("(result IS NULL) = (checked_at IS NULL)", name=op.f("ck_recheck_checked_at")),
        sa.CheckConstraint("(result IS NULL) = (checked_by IS NULL)", name=op.f("ck_recheck_checked_by")),
        sa.ForeignKeyConstraint(["checked_by"], ["account.account_id"], name=op.f("fk_recheck_checked_by_account")),
        sa.ForeignKeyConstraint(
            ["correction_id"], ["correction.correction_id"], name=op.f("fk_recheck_correction_id_correction")
        ),
        sa.ForeignKeyConstraint(["drawn_by"], ["account.account_id"], name=op.f("fk_recheck_drawn_by_account")),
        sa.PrimaryKeyConstraint("recheck_id", name=op.f("pk_recheck")),
        sa.UniqueConstraint("correction_id", "drawn_by", name=op.f("uq_recheck_correction_id_drawn_by")),
        sa.UniqueConstraint("token", name=op.f("uq_recheck_token")),
    )


def downgrade() -> None:
    op.drop_table("recheck")
    op.drop_index(
        "uq_correction_one_proposed",
        table_name="correction",
        sqlite_where=sa.text("state = 'proposed'"),
        postgresql_where=sa.text("state = 'proposed'"),
    )
    op.drop_index(
        "uq_correction_one_applied",
        table_name="correction",
        sqlite_where=sa.text("state = 'applied'"),
        postgresql_where=sa.text("state = 'applied'"),
    )
    op.drop_index("ix_correction_handover_id", table_name="correction")
    op.drop_index("ix_correction_dose_id", table_name="correction")
    op.drop_table("correction")
    op.drop_index("ix_work_item_state_opened_at", table_name="work_item")
    op.drop_index("ix_work_item_commune_code_state_expected", table_name="work_item")
    op.drop_table("work_item")
    op.drop_index("ix_web_session_account_id", table_name="web_session")
    op.drop_table("web_session")
    op.drop_table("team_sheet")
    op.drop_index("ix_handover_commune_code", table_name="handover")
    op.drop_table("handover")
    op.drop_table("reported_figure")
    op.drop_table("login_failures")
    op.drop_index("ix_area_province_code", table_name="area")
    op.drop_index("ix_area_district_code", table_name="area")
    op.drop_table("area")
    op.drop_table("account")
