"""The certificate path: heads of facilities, attestations, certificates, status lists."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    op.create_table(
        "status_list",
        sa.Column("kid", sa.LargeBinary(length=8), nullable=False),
        sa.Column("next_index", sa.Integer(), nullable=False, comment="everything below is taken, for ever"),
        sa.PrimaryKeyConstraint("kid", name=op.f("pk_status_list")),
    )
    op.create_table(
        "facility_head",
        sa.Column("head_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("facility_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "kid", sa.LargeBinary(length=8), nullable=False, comment="first 8 bytes of SHA-256 over the certificate"
        ),
        sa.Column("certificate", sa.LargeBinary(), nullable=False, comment="DER"),
        sa.Column("entitled_from", sa.BigInteger(), nullable=False, comment="seconds since 1970"),
        sa.Column("entitled_until", sa.BigInteger(), nullable=True, comment="empty: still entitled"),
        sa.ForeignKeyConstraint(
            ["facility_id"], ["facility.facility_id"], name=op.f("fk_facility_head_facility_id_facility")
        ),
        sa.PrimaryKeyConstraint("head_id", name=op.f("pk_facility_head")),
        sa.UniqueConstraint("facility_id", "kid", name=op.f("uq_facility_head_facility_id_kid")),
    )
    op.create_table(
        "attestation",
        sa.Column("attestation_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("batch", sa.LargeBinary(length=16), nullable=False, comment="random; stands in the signed statement"),
        sa.Column("facility_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("head_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("dose_count", sa.Integer(), nullable=False),
        sa.Column("root", sa.LargeBinary(length=32), nullable=False),
        sa.Column("signed_at", sa.BigInteger(), nullable=False, comment="seconds since 1970"),
        sa.Column("signature", sa.LargeBinary(), nullable=False, comment="raw"),
        sa.ForeignKeyConstraint(
            ["facility_id"], ["facility.facility_id"], name=op.f("fk_attestation_facility_id_facility")
        ),
        sa.ForeignKeyConstraint(
            ["head_id"], ["facility_head.head_id"], name=op.f("fk_attestation_head_id_facility_head")
        ),
        sa.PrimaryKeyConstraint("attestation_id", name=op.f("pk_attestation")),
        sa.UniqueConstraint("batch", name=op.f("uq_attestation_batch")),
    )
    op.create_index("ix_attestation_facility_id_signed_at", "attestation", ["facility_id", "signed_at"], unique=False)
    op.create_table(
        "attestation_leaf",
        sa.Column("attestation_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False, comment="in the tree, from 0"),
        sa.Column("dose_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("salt", sa.LargeBinary(length=16), nullable=False),
        sa.Column("leaf_hash", sa.LargeBinary(length=32), nullable=False),
        sa.Column("superseded_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.ForeignKeyConstraint(
            ["attestation_id"],
            ["attestation.attestation_id"],
            name=op.f("fk_attestation_leaf_attestation_id_attestation"),
        ),
        sa.ForeignKeyConstraint(["dose_id"], ["dose.dose_id"], name=op.f("fk_attestation_leaf_dose_id_dose")),
        sa.ForeignKeyConstraint(
            ["superseded_by"],
            ["attestation.attestation_id"],
            name=op.f("fk_attestation_leaf_superseded_by_attestation"),
        ),
        sa.PrimaryKeyConstraint("attestation_id", "position", name=op.f("pk_attestation_leaf")),
        sqlite_with_rowid=False,
    )
    op.create_index(
        "uq_attestation_leaf_current_dose",
        "attestation_leaf",
        ["dose_id"],
        unique=True,
        sqlite_where=sa.text("superseded_by IS NULL"),
        postgresql_where=sa.text("superseded_by IS NULL"),
    )
    op.create_table(
        "certificate",
        sa.Column("certificate_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("uvci", sa.String(length=80), nullable=False),
        sa.Column("kid", sa.LargeBinary(length=8), nullable=False, comment="of the document signer"),
        sa.Column("status_index", sa.Integer(), nullable=False),
        sa.Column(
            "person_id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            nullable=True,
            comment="empty: a foreigner",
        ),
        sa.Column(
            "dose_id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            nullable=False,
            comment="the dose it is for",
        ),
        sa.Column("attestation_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("issued_at", sa.BigInteger(), nullable=False, comment="iat, seconds since 1970"),
        sa.Column("expires_at", sa.BigInteger(), nullable=False, comment="exp, seconds since 1970"),
        sa.Column("claims", sa.LargeBinary(), nullable=False, comment="CBOR, as signed"),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("text", sa.Text(), nullable=True, comment="HC1 text, as released"),
        sa.CheckConstraint("(state = 'signed') = (text IS NOT NULL)", name=op.f("ck_certificate_text")),
        sa.CheckConstraint("state IN ('reserved', 'signed', 'withdrawn')", name=op.f("ck_certificate_state")),
        sa.ForeignKeyConstraint(
            ["attestation_id"], ["attestation.attestation_id"], name=op.f("fk_certificate_attestation_id_attestation")
        ),
        sa.ForeignKeyConstraint(["dose_id"], ["dose.dose_id"], name=op.f("fk_certificate_dose_id_dose")),
        sa.ForeignKeyConstraint(["person_id"], ["person.person_id"], name=op.f("fk_certificate_person_id_person")),
        sa.PrimaryKeyConstraint("certificate_id", name=op.f("pk_certificate")),
        sa.UniqueConstraint("kid", "status_index", name=op.f("uq_certificate_kid_status_index")),
        sa.UniqueConstraint("uvci", name=op.f("uq_certificate_uvci")),
    )
    op.create_index("ix_certificate_person_id", "certificate", ["person_id"], unique=False)
    op.create_index(
        "ix_certificate_reserved",
        "certificate",
        ["kid"],
        unique=False,
        sqlite_where=sa.text("state = 'reserved'"),
        postgresql_where=sa.text("state = 'reserved'"),
    )
    op.create_index(
        "uq_certificate_live_dose",
        "certificate",
        ["dose_id"],
        unique=True,
        sqlite_where=sa.text("state <> 'withdrawn'"),
        postgresql_where=sa.text("state <> 'withdrawn'"),
    )


def downgrade() -> None:
    op.drop_index(
        "uq_certificate_live_dose",
        table_name="certificate",
        sqlite_where=sa.text("state <> 'withdrawn'"),
        postgresql_where=sa.text("state <> 'withdrawn'"),
    )
    op.drop_index(
        "ix_certificate_reserved",
        table_name="certificate",
        sqlite_where=sa.text("state = 'reserved'"),
        postgresql_where=sa.text("state = 'reserved'"),
    )
    op.drop_index("ix_certificate_person_id", table_name="certificate")
    op.drop_table("certificate")
    op.drop_index(
        "uq_attestation_leaf_current_dose",
        table_name="attestation_leaf",
        sqlite_where=sa.text("superseded_by IS NULL"),
        postgresql_where=sa.text("superseded_by IS NULL"),
    )
    op.drop_table("attestation_leaf")
    op.drop_index("ix_attestation_facility_id_signed_at", table_name="attestation")
    op.drop_table("attestation")
    op.drop_table("facility_head")
    op.drop_table("status_list")
