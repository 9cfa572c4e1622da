"""Police-signed lists; whose schedule is to be looked at again."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    op.create_table(
        "police_list",
        sa.Column("list_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("commune_code", sa.String(length=16), nullable=False),
        sa.Column("name", sa.Text(), nullable=False, comment="of the file, without its folder"),
        sa.Column("content", sa.LargeBinary(), nullable=False, comment="byte for byte as signed"),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column(
            "signature",
            sa.LargeBinary(),
            nullable=False,
            comment="raw, over the statement of issuer.police.signed_list",
        ),
        sa.Column("certificate", sa.LargeBinary(), nullable=False, comment="DER, of the signer"),
        sa.Column("signed_at", sa.String(length=27), nullable=False),
        sa.Column("taken_by", sa.String(length=128), nullable=False),
        sa.Column("taken_at", sa.String(length=27), nullable=False),
        sa.Column("row_count", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("list_id", name=op.f("pk_police_list")),
        sa.UniqueConstraint("commune_code", "sha256", name=op.f("uq_police_list_commune_code_sha256")),
    )
    op.create_table(
        "police_row",
        sa.Column("list_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False, comment="place among the rows of the list, from 1"),
        sa.Column("sheet", sa.Text(), nullable=False),
        sa.Column("row_no", sa.Integer(), nullable=False, comment="as the sheet or the lines of the .csv count"),
        sa.Column("fate", sa.String(length=16), nullable=False),
        sa.Column("code", sa.String(length=32), nullable=False, comment="issuer.police.refusal; empty unless refused"),
        sa.Column(
            "cell_column",
            sa.String(length=8),
            nullable=False,
            comment="letter of the cell that was refused, if one was",
        ),
        sa.CheckConstraint("(fate = 'refused') = (code <> '')", name=op.f("ck_police_row_code")),
        sa.CheckConstraint("fate IN ('applied', 'already', 'refused')", name=op.f("ck_police_row_fate")),
        sa.ForeignKeyConstraint(["list_id"], ["police_list.list_id"], name=op.f("fk_police_row_list_id_police_list")),
        sa.PrimaryKeyConstraint("list_id", "number", name=op.f("pk_police_row")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "schedule_stale",
        sa.Column(
            "person_id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            nullable=False,
            comment="lost a dose since",
        ),
        sa.ForeignKeyConstraint(["person_id"], ["person.person_id"], name=op.f("fk_schedule_stale_person_id_person")),
        sa.PrimaryKeyConstraint("person_id", name=op.f("pk_schedule_stale")),
    )
    op.create_table(
        "police_correction",
        sa.Column("list_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("dose_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("changes", sa.Text(), nullable=False, comment="JSON: field -> [before, after]"),
        sa.Column(
            "before",
            sa.Text(),
            nullable=False,
            comment="JSON: the dose, its link and its proposals before it was applied",
        ),
        sa.Column(
            "listed_at", sa.String(length=27), nullable=False, comment="since when the record stood on the worklist"
        ),
        sa.Column(
            "reviewed_on",
            sa.String(length=10),
            nullable=False,
            comment="day of the hamlet team; empty: the signature vouches",
        ),
        sa.Column("confirmed_at", sa.String(length=27), nullable=False, comment="when the police signed"),
        sa.Column("applied_at", sa.String(length=27), nullable=False),
        sa.Column(
            "link_class",
            sa.String(length=16),
            nullable=False,
            comment="what linking said at once; empty: left to the next link",
        ),
        sa.Column(
            "is_blocked", sa.SmallInteger(), nullable=False, comment="1: a problem of the dose itself still stands"
        ),
        sa.ForeignKeyConstraint(
            ["dose_id"], ["work_item.dose_id"], name=op.f("fk_police_correction_dose_id_work_item")
        ),
        sa.ForeignKeyConstraint(
            ["list_id", "number"],
            ["police_row.list_id", "police_row.number"],
            name=op.f("fk_police_correction_list_id_number_police_row"),
        ),
        sa.PrimaryKeyConstraint("list_id", "number", "dose_id", name=op.f("pk_police_correction")),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_police_correction_dose_id", "police_correction", ["dose_id"], unique=False)


def downgrade() -> None:
    op.drop_index("ix_police_correction_dose_id", table_name="police_correction")
    op.drop_table("police_correction")
    op.drop_table("schedule_stale")
    op.drop_table("police_row")
    op.drop_table("police_list")
