"""A correction may follow one that was applied and settled nothing; own sign-ins."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"

_APPLIED = sa.text("state = 'applied'")


def upgrade() -> None:
    op.drop_index(
        "uq_correction_one_applied", table_name="correction", sqlite_where=_APPLIED, postgresql_where=_APPLIED
    )
    op.create_table(
        "sign_in",
        sa.Column("sign_in_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("account_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("at", sa.String(length=27), nullable=False),
        sa.Column("place", sa.Text(), nullable=False, comment="address and port"),
        sa.Column("was_right", sa.SmallInteger(), nullable=False, comment="0: the password was wrong"),
        sa.CheckConstraint("was_right IN (0, 1)", name=op.f("ck_sign_in_was_right")),
        sa.ForeignKeyConstraint(["account_id"], ["account.account_id"], name=op.f("fk_sign_in_account_id_account")),
        sa.PrimaryKeyConstraint("sign_in_id", name=op.f("pk_sign_in")),
    )
    op.create_index("ix_sign_in_account_id", "sign_in", ["account_id"])
    op.create_index("ix_sign_in_at", "sign_in", ["at"])


def downgrade() -> None:
    op.drop_table("sign_in")
    # the older tables know one applied correction a dose: those that a later one followed count as taken back
    op.execute(
        "UPDATE correction SET state = 'undone', ended_by = decided_by, ended_at = decided_at WHERE state = 'applied' "
        "AND EXISTS (SELECT 1 FROM correction AS later WHERE later.dose_id = correction.dose_id "
        "AND later.state = 'applied' AND later.correction_id > correction.correction_id)"
    )
    op.create_index(
        "uq_correction_one_applied",
        "correction",
        ["dose_id"],
        unique=True,
        sqlite_where=_APPLIED,
        postgresql_where=_APPLIED,
    )
