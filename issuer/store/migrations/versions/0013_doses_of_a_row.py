"""Rows of a sheet that hold several doses: each dose is a row of its own, and tells which of them it is."""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"


def upgrade() -> None:
    column = sa.Column(
        "slot", sa.SmallInteger(), server_default="0", nullable=False, comment="which dose of its row; 0: the only one"
    )
    op.add_column("source_row", column)


def downgrade() -> None:
    op.drop_column("source_row", "slot")
