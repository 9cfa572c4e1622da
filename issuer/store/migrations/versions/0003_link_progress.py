"""Linking: which state of the people it has seen."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    op.add_column("person", sa.Column("revision", sa.BigInteger(), server_default="0", nullable=False))
    op.create_index("ix_person_revision", "person", ["revision"])
    op.create_table(
        "link_progress",
        sa.Column("one", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("people_revision", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("one", name=op.f("pk_link_progress")),
        sa.CheckConstraint("one = 1", name=op.f("ck_link_progress_one")),
    )


def downgrade() -> None:
    op.drop_table("link_progress")
    op.drop_index("ix_person_revision", table_name="person")
    op.drop_column("person", "revision")
