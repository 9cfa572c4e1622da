"""Keys of facilities' systems for the FHIR API, and a counter of their requests."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    number = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    op.create_table(
        "facility_api_key",
        sa.Column("key_id", sa.String(length=16), nullable=False, comment="random; what logs and the audit may show"),
        sa.Column("facility_id", number, nullable=False),
        sa.Column("secret_sha256", sa.String(length=64), nullable=False),
        sa.Column("label", sa.String(length=64), nullable=False, comment="which system holds it"),
        sa.Column("created_at", sa.String(length=27), nullable=False),
        sa.Column("expires_at", sa.String(length=27), nullable=False),
        sa.Column("ended_at", sa.String(length=27), nullable=True),
        sa.ForeignKeyConstraint(
            ["facility_id"], ["facility.facility_id"], name=op.f("fk_facility_api_key_facility_id_facility")
        ),
        sa.PrimaryKeyConstraint("key_id", name=op.f("pk_facility_api_key")),
    )
    op.create_index("ix_facility_api_key_facility_id", "facility_api_key", ["facility_id"], unique=False)
    op.create_table(
        "facility_requests",
        sa.Column("facility_id", number, nullable=False),
        sa.Column("since", sa.String(length=27), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["facility_id"], ["facility.facility_id"], name=op.f("fk_facility_requests_facility_id_facility")
        ),
        sa.PrimaryKeyConstraint("facility_id", name=op.f("pk_facility_requests")),
    )


def downgrade() -> None:
    op.drop_table("facility_requests")
    op.drop_index("ix_facility_api_key_facility_id", table_name="facility_api_key")
    op.drop_table("facility_api_key")
