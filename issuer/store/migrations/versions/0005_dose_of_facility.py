"""A facility's doses without reading everybody's."""

from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    op.create_index("ix_dose_facility_id", "dose", ["facility_id"], unique=False)


def downgrade() -> None:
    op.drop_index("ix_dose_facility_id", table_name="dose")
