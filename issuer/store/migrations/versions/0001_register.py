"""The register: people, files and rows, doses, problems, repairs, links, audit."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    op.create_table(
        "audit_entry",
        sa.Column("seq", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False),
        sa.Column("at", sa.String(length=27), nullable=False),
        sa.Column("actor", sa.String(length=128), nullable=False),
        sa.Column("action", sa.String(length=64), nullable=False),
        sa.Column("object", sa.String(length=256), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("previous", sa.String(length=64), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_audit_entry")),
    )
    op.create_table(
        "audit_head",
        sa.Column("one", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("seq", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.CheckConstraint("one = 1", name=op.f("ck_audit_head_one")),
        sa.PrimaryKeyConstraint("one", name=op.f("pk_audit_head")),
    )
    op.create_table(
        "facility",
        sa.Column("facility_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("code", sa.String(length=64), nullable=False, comment="its own code, else its folded name"),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("commune_code", sa.String(length=16), server_default="", nullable=False),
        sa.PrimaryKeyConstraint("facility_id", name=op.f("pk_facility")),
        sa.UniqueConstraint("code", name=op.f("uq_facility_code")),
    )
    op.create_table(
        "person",
        sa.Column("person_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("national_id", sa.String(length=12), nullable=False, comment="current số định danh"),
        sa.Column("full_name", sa.Text(), nullable=False),
        sa.Column("name_key", sa.Text(), nullable=False, comment="specs.names.lossless_key of full_name"),
        sa.Column("name_fold", sa.Text(), nullable=False, comment="specs.names.fold of full_name"),
        sa.Column("birth_date", sa.String(length=10), nullable=False, comment="YYYY-MM-DD, YYYY-MM or YYYY"),
        sa.Column("sex", sa.String(length=1), nullable=False),
        sa.Column("commune_code", sa.String(length=16), server_default="", nullable=False),
        sa.Column("nationality", sa.String(length=64), server_default="", nullable=False),
        sa.Column("death_date", sa.String(length=10), server_default="", nullable=False, comment="empty: alive"),
        sa.Column(
            "family_name", sa.Text(), server_default="", nullable=False, comment="an operator's split; empty: by rule"
        ),
        sa.Column("changed_at", sa.String(length=27), nullable=False),
        sa.PrimaryKeyConstraint("person_id", name=op.f("pk_person")),
        sa.UniqueConstraint("national_id", name=op.f("uq_person_national_id")),
    )
    op.create_index("ix_person_name_key_birth_date", "person", ["name_key", "birth_date"], unique=False)
    op.create_table(
        "source_file",
        sa.Column("file_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False, comment="doses, people or corrections"),
        sa.Column("name", sa.Text(), nullable=False, comment="without its folder"),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column(
            "facility_code", sa.String(length=64), server_default="", nullable=False, comment="who sent it, if told"
        ),
        sa.Column("received_at", sa.String(length=27), nullable=False),
        sa.Column("rows_done", sa.Integer(), server_default="0", nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False, comment="reading, whole, cleaned"),
        sa.PrimaryKeyConstraint("file_id", name=op.f("pk_source_file")),
        sa.UniqueConstraint("kind", "sha256", name=op.f("uq_source_file_kind_sha256")),
    )
    op.create_index("ix_source_file_state", "source_file", ["state"], unique=False)
    op.create_table(
        "source_row",
        sa.Column("row_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("sheet_no", sa.SmallInteger(), nullable=False),
        sa.Column(
            "row_no", sa.Integer(), nullable=False, comment="from 1, as the sheet or the lines of the .csv count"
        ),
        sa.Column("cells", sa.Text(), nullable=False, comment="JSON list of the cells as read"),
        sa.PrimaryKeyConstraint("row_id", name=op.f("pk_source_row")),
    )
    op.create_table(
        "dose",
        sa.Column(
            "dose_id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            nullable=False,
            comment="the row it was read from",
        ),
        sa.Column("facility_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("full_name", sa.Text(), nullable=False),
        sa.Column("name_key", sa.Text(), nullable=False),
        sa.Column("name_fold", sa.Text(), nullable=False),
        sa.Column(
            "birth_date", sa.String(length=10), nullable=False, comment="empty: missing or not readable in one way"
        ),
        sa.Column(
            "birth_date_other", sa.String(length=10), nullable=False, comment="a second reading, for proposals only"
        ),
        sa.Column("sex", sa.String(length=1), nullable=False),
        sa.Column("id_kind", sa.String(length=16), nullable=False, comment="cccd, cmnd9, passport, malformed, none"),
        sa.Column(
            "id_number", sa.String(length=32), nullable=False, comment="canonical when well formed, else as typed"
        ),
        sa.Column("id_other", sa.Text(), nullable=False, comment="further readings joined by ;, for proposals only"),
        sa.Column("nationality", sa.String(length=64), nullable=False),
        sa.Column("is_foreign", sa.SmallInteger(), nullable=False),
        sa.Column("phone", sa.String(length=32), nullable=False),
        sa.Column("commune_code", sa.String(length=64), nullable=False, comment="as the sheet gives it: code or name"),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("vaccinated_on", sa.String(length=10), nullable=False),
        sa.Column("product", sa.String(length=64), nullable=False, comment="DCC code mp; empty: unknown"),
        sa.Column("dose_number", sa.SmallInteger(), nullable=True),
        sa.Column("dose_role", sa.String(length=16), nullable=False, comment="basic, additional, booster or empty"),
        sa.Column("lot", sa.String(length=32), nullable=False),
        sa.Column("facility_name", sa.Text(), nullable=False),
        sa.Column("is_blocked", sa.SmallInteger(), nullable=False, comment="1: a problem forbids a certificate"),
        sa.Column("duplicate_key", sa.LargeBinary(length=16), nullable=False),
        sa.ForeignKeyConstraint(["dose_id"], ["source_row.row_id"], name=op.f("fk_dose_dose_id_source_row")),
        sa.ForeignKeyConstraint(["facility_id"], ["facility.facility_id"], name=op.f("fk_dose_facility_id_facility")),
        sa.PrimaryKeyConstraint("dose_id", name=op.f("pk_dose")),
        sa.UniqueConstraint("duplicate_key", name=op.f("uq_dose_duplicate_key")),
    )
    op.create_table(
        "person_identifier",
        sa.Column("value", sa.String(length=32), nullable=False),
        sa.Column("person_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False, comment="cccd, cmnd9, cmnd12, passport, other"),
        sa.Column("status", sa.String(length=16), nullable=False, comment="current, old, cancelled"),
        sa.Column("source", sa.String(length=64), nullable=False),
        sa.Column("recorded_at", sa.String(length=27), nullable=False),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.person_id"], name=op.f("fk_person_identifier_person_id_person")
        ),
        sa.PrimaryKeyConstraint("value", "person_id", name=op.f("pk_person_identifier")),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_person_identifier_person_id", "person_identifier", ["person_id"], unique=False)
    op.create_table(
        "problem",
        sa.Column("row_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("number", sa.SmallInteger(), nullable=False),
        sa.Column("code", sa.String(length=32), nullable=False, comment="specs/record-problems.md"),
        sa.Column("field", sa.String(length=32), nullable=False),
        sa.Column("raw", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["row_id"], ["source_row.row_id"], name=op.f("fk_problem_row_id_source_row")),
        sa.PrimaryKeyConstraint("row_id", "number", name=op.f("pk_problem")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "repair",
        sa.Column("row_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("number", sa.SmallInteger(), nullable=False),
        sa.Column("field", sa.String(length=32), nullable=False),
        sa.Column("before", sa.Text(), nullable=False),
        sa.Column("after", sa.Text(), nullable=False),
        sa.Column("rule", sa.String(length=32), nullable=False),
        sa.Column(
            "certainty",
            sa.String(length=16),
            nullable=False,
            comment="certain: applied; uncertain: a proposal, not applied",
        ),
        sa.ForeignKeyConstraint(["row_id"], ["source_row.row_id"], name=op.f("fk_repair_row_id_source_row")),
        sa.PrimaryKeyConstraint("row_id", "number", name=op.f("pk_repair")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "row_outcome",
        sa.Column("row_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("fate", sa.String(length=16), nullable=False),
        sa.Column("duplicate_of", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.CheckConstraint(
            "(fate = 'duplicate') = (duplicate_of IS NOT NULL)", name=op.f("ck_row_outcome_duplicate_of")
        ),
        sa.CheckConstraint("fate IN ('stored', 'duplicate', 'rejected')", name=op.f("ck_row_outcome_fate")),
        sa.ForeignKeyConstraint(["row_id"], ["source_row.row_id"], name=op.f("fk_row_outcome_row_id_source_row")),
        sa.PrimaryKeyConstraint("row_id", name=op.f("pk_row_outcome")),
    )
    op.create_table(
        "source_sheet",
        sa.Column("file_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("sheet_no", sa.SmallInteger(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False, comment="empty for .csv"),
        sa.Column("layout", sa.Text(), nullable=False, comment="issuer.intake.layout.Layout as JSON"),
        sa.ForeignKeyConstraint(["file_id"], ["source_file.file_id"], name=op.f("fk_source_sheet_file_id_source_file")),
        sa.PrimaryKeyConstraint("file_id", "sheet_no", name=op.f("pk_source_sheet")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "link",
        sa.Column("dose_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("link_class", sa.String(length=16), nullable=False),
        sa.Column(
            "person_id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            nullable=True,
            comment="only when automatic or approved",
        ),
        sa.Column("basis", sa.String(length=32), nullable=False, comment="the rule that decided"),
        sa.Column("evidence", sa.Text(), nullable=False),
        sa.Column("linked_at", sa.String(length=27), nullable=False),
        sa.ForeignKeyConstraint(["dose_id"], ["dose.dose_id"], name=op.f("fk_link_dose_id_dose")),
        sa.ForeignKeyConstraint(["person_id"], ["person.person_id"], name=op.f("fk_link_person_id_person")),
        sa.PrimaryKeyConstraint("dose_id", name=op.f("pk_link")),
    )
    op.create_index("ix_link_link_class", "link", ["link_class"], unique=False)
    op.create_index("ix_link_person_id", "link", ["person_id"], unique=False)
    op.create_table(
        "proposal",
        sa.Column("dose_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("rank", sa.SmallInteger(), nullable=False, comment="from 1, best first"),
        sa.Column("person_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("weight", sa.Integer(), nullable=False, comment="hundredths of a bit, for ranking only"),
        sa.Column("evidence", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["dose_id"], ["dose.dose_id"], name=op.f("fk_proposal_dose_id_dose")),
        sa.ForeignKeyConstraint(["person_id"], ["person.person_id"], name=op.f("fk_proposal_person_id_person")),
        sa.PrimaryKeyConstraint("dose_id", "rank", name=op.f("pk_proposal")),
        sqlite_with_rowid=False,
    )


def downgrade() -> None:
    op.drop_table("proposal")
    op.drop_index("ix_link_person_id", table_name="link")
    op.drop_index("ix_link_link_class", table_name="link")
    op.drop_table("link")
    op.drop_table("source_sheet")
    op.drop_table("row_outcome")
    op.drop_table("repair")
    op.drop_table("problem")
    op.drop_index("ix_person_identifier_person_id", table_name="person_identifier")
    op.drop_table("person_identifier")
    op.drop_table("dose")
    op.drop_table("source_row")
    op.drop_index("ix_source_file_state", table_name="source_file")
    op.drop_table("source_file")
    op.drop_index("ix_person_name_key_birth_date", table_name="person")
    op.drop_table("person")
    op.drop_table("facility")
    op.drop_table("audit_head")
    op.drop_table("audit_entry")
