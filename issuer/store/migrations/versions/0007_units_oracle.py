"""Administrative units with validity dates; the questions put to the remote oracle and its answers."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    op.create_table(
        "admin_unit",
        sa.Column("code", sa.String(length=5), nullable=False, comment="GSO: province 2, district 3, commune 5 digits"),
        sa.Column(
            "valid_from", sa.String(length=10), nullable=False, comment="first day; empty: before the data begin"
        ),
        sa.Column("valid_to", sa.String(length=10), nullable=False, comment="last day; empty: still valid"),
        sa.Column("level", sa.String(length=16), nullable=False),
        sa.Column(
            "kind",
            sa.String(length=16),
            nullable=False,
            comment="tinh, thanh-pho, quan, huyen, thi-xa, phuong, xa, ...",
        ),
        sa.Column("name", sa.Text(), nullable=False, comment="with its kind: Phường Phúc Xá"),
        sa.Column("parent_code", sa.String(length=5), nullable=False, comment="empty: a province"),
        sa.CheckConstraint("level IN ('province', 'district', 'commune')", name=op.f("ck_admin_unit_level")),
        sa.PrimaryKeyConstraint("code", "valid_from", name=op.f("pk_admin_unit")),
    )
    op.create_index("ix_admin_unit_parent_code", "admin_unit", ["parent_code"], unique=False)
    op.create_table(
        "admin_unit_successor",
        sa.Column("old_code", sa.String(length=5), nullable=False),
        sa.Column("new_code", sa.String(length=5), nullable=False),
        sa.Column("since", sa.String(length=10), nullable=False, comment="first day of the new unit"),
        sa.Column("is_default", sa.SmallInteger(), nullable=False, comment="1: where most of a divided unit went"),
        sa.PrimaryKeyConstraint("old_code", "new_code", "since", name=op.f("pk_admin_unit_successor")),
    )
    op.create_index("ix_admin_unit_successor_new_code", "admin_unit_successor", ["new_code"], unique=False)
    op.create_table(
        "oracle_batch",
        sa.Column(
            "batch_id", sa.String(length=32), nullable=False, comment="random, hexadecimal: what the oracle knows it by"
        ),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column(
            "sha256",
            sa.String(length=64),
            nullable=False,
            comment="of the request, byte for byte as it is sent every time",
        ),
        sa.Column("row_count", sa.Integer(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False, comment="how often it was sent"),
        sa.Column("made_by", sa.String(length=128), nullable=False),
        sa.Column("made_at", sa.String(length=27), nullable=False),
        sa.Column("ended_at", sa.String(length=27), nullable=True),
        sa.Column(
            "error",
            sa.String(length=32),
            nullable=False,
            comment="the last one, a code of specs/oracle.md; empty: none",
        ),
        sa.CheckConstraint("(state = 'open') = (ended_at IS NULL)", name=op.f("ck_oracle_batch_ended_at")),
        sa.CheckConstraint("state IN ('open', 'answered', 'refused')", name=op.f("ck_oracle_batch_state")),
        sa.PrimaryKeyConstraint("batch_id", name=op.f("pk_oracle_batch")),
    )
    op.create_index("ix_oracle_batch_state", "oracle_batch", ["state"], unique=False)
    op.create_table(
        "oracle_question",
        sa.Column("batch_id", sa.String(length=32), nullable=False),
        sa.Column("row", sa.Integer(), autoincrement=False, nullable=False, comment="from 1, as in the batch"),
        sa.Column(
            "dose_id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            nullable=False,
            comment="the record that asks",
        ),
        sa.Column("id_number", sa.String(length=12), nullable=False),
        sa.Column("full_name", sa.Text(), nullable=False),
        sa.Column("birth_date", sa.String(length=10), nullable=False),
        sa.Column("sex", sa.String(length=1), nullable=False),
        sa.Column("digest", sa.LargeBinary(length=32), nullable=False, comment="of the four values, read losslessly"),
        sa.Column("reason", sa.String(length=16), nullable=False, comment="first or corrected"),
        sa.Column("answer", sa.SmallInteger(), nullable=True, comment="1 đúng, 0 sai; empty: none yet"),
        sa.Column("answered_at", sa.String(length=27), nullable=True),
        sa.CheckConstraint("(answer IS NULL) = (answered_at IS NULL)", name=op.f("ck_oracle_question_answered_at")),
        sa.CheckConstraint("answer IN (0, 1)", name=op.f("ck_oracle_question_answer")),
        sa.ForeignKeyConstraint(
            ["batch_id"], ["oracle_batch.batch_id"], name=op.f("fk_oracle_question_batch_id_oracle_batch")
        ),
        sa.ForeignKeyConstraint(["dose_id"], ["dose.dose_id"], name=op.f("fk_oracle_question_dose_id_dose")),
        sa.PrimaryKeyConstraint("batch_id", "row", name=op.f("pk_oracle_question")),
    )
    op.create_index("ix_oracle_question_digest", "oracle_question", ["digest"], unique=False)
    op.create_index("ix_oracle_question_dose_id", "oracle_question", ["dose_id"], unique=False)
    op.create_index("ix_oracle_question_id_number", "oracle_question", ["id_number"], unique=False)


def downgrade() -> None:
    op.drop_index("ix_oracle_question_id_number", table_name="oracle_question")
    op.drop_index("ix_oracle_question_dose_id", table_name="oracle_question")
    op.drop_index("ix_oracle_question_digest", table_name="oracle_question")
    op.drop_table("oracle_question")
    op.drop_index("ix_oracle_batch_state", table_name="oracle_batch")
    op.drop_table("oracle_batch")
    op.drop_index("ix_admin_unit_successor_new_code", table_name="admin_unit_successor")
    op.drop_table("admin_unit_successor")
    op.drop_index("ix_admin_unit_parent_code", table_name="admin_unit")
    op.drop_table("admin_unit")
