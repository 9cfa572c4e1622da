"""How far the schedule check has looked at links."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    op.create_table(
        "schedule_progress",
        sa.Column("one", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("seen", sa.String(length=27), nullable=False, comment="links made up to this moment were looked at"),
        sa.CheckConstraint("one = 1", name=op.f("ck_schedule_progress_one")),
        sa.PrimaryKeyConstraint("one", name=op.f("pk_schedule_progress")),
    )


def downgrade() -> None:
    op.drop_table("schedule_progress")
