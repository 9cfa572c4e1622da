"""The repeats of a dose without looking at every row: the numbers of one commune."""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"

_REPEATS = sa.text("duplicate_of IS NOT NULL")


def upgrade() -> None:
    op.create_index(
        "ix_row_outcome_duplicate_of",
        "row_outcome",
        ["duplicate_of"],
        sqlite_where=_REPEATS,
        postgresql_where=_REPEATS,
    )


def downgrade() -> None:
    op.drop_index(
        "ix_row_outcome_duplicate_of", table_name="row_outcome", sqlite_where=_REPEATS, postgresql_where=_REPEATS
    )
