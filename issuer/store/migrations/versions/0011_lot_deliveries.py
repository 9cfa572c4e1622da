"""Delivered lots; which facilities are to be compared with them."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"

_LOT_PROBLEMS = "DELETE FROM problem WHERE number BETWEEN 900 AND 999"


def upgrade() -> None:
    op.create_table(
        "lot_delivery",
        sa.Column(
            "facility_code", sa.String(length=64), nullable=False, comment="as in facility.code, known there or not yet"
        ),
        sa.Column("lot_key", sa.String(length=32), nullable=False, comment="the lot with O as 0"),
        sa.Column("product", sa.String(length=64), nullable=False, comment="DCC code mp"),
        sa.Column("delivered_on", sa.String(length=10), nullable=False),
        sa.Column("lot", sa.String(length=32), nullable=False),
        sa.Column("doses", sa.Integer(), nullable=False, comment="0: the delivery was taken back"),
        sa.Column("expires_on", sa.String(length=10), nullable=False, comment="last day; empty: not told"),
        sa.Column("known_on", sa.String(length=10), nullable=False, comment="day on which the list was loaded"),
        sa.CheckConstraint("doses >= 0", name=op.f("ck_lot_delivery_doses")),
        sa.PrimaryKeyConstraint("facility_code", "lot_key", "product", "delivered_on", name=op.f("pk_lot_delivery")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "lot_stale",
        sa.Column("facility_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "part",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            nullable=False,
            comment="a dose of the part that was cleaned; 0: its deliveries changed",
        ),
        sa.ForeignKeyConstraint(
            ["facility_id"], ["facility.facility_id"], name=op.f("fk_lot_stale_facility_id_facility")
        ),
        sa.PrimaryKeyConstraint("facility_id", "part", name=op.f("pk_lot_stale")),
        sqlite_with_rowid=False,
    )


def downgrade() -> None:
    op.execute(_LOT_PROBLEMS)  # an older program does not know their codes
    op.drop_table("lot_stale")
    op.drop_table("lot_delivery")
