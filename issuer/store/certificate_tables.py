"""The tables of the certificate path: who may attest for a facility, attested batches, certificates, status indices.

A certificate's row is written before it is signed (`reserved`), with the claims that will be signed; that it exists
once is the database's doing: one live certificate a dose, one row a UVCI, one a place in a signer's status list.
"""

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    String,
    Table,
    Text,
    UniqueConstraint,
    text,
)

from issuer.store.tables import Id, dose, metadata

__all__ = ["attestation", "attestation_leaf", "certificate", "facility_head", "status_list"]


facility_head = Table(
    "facility_head",
    metadata,
    Column("head_id", Id, primary_key=True),
    Column("facility_id", Id, ForeignKey("facility.facility_id"), nullable=False),
    Column("kid", LargeBinary(8), nullable=False, comment="first 8 bytes of SHA-256 over the certificate"),
    Column("certificate", LargeBinary, nullable=False, comment="DER"),
    Column("entitled_from", BigInteger, nullable=False, comment="seconds since 1970"),
    Column("entitled_until", BigInteger, nullable=True, comment="empty: still entitled"),
    UniqueConstraint("facility_id", "kid"),
)

attestation = Table(
    "attestation",
    metadata,
    Column("attestation_id", Id, primary_key=True),
    Column("batch", LargeBinary(16), nullable=False, unique=True, comment="random; stands in the signed statement"),
    Column("facility_id", Id, ForeignKey("facility.facility_id"), nullable=False),
    Column("head_id", Id, ForeignKey("facility_head.head_id"), nullable=False),
    Column("dose_count", Integer, nullable=False),
    Column("root", LargeBinary(32), nullable=False),
    Column("signed_at", BigInteger, nullable=False, comment="seconds since 1970"),
    Column("signature", LargeBinary, nullable=False, comment="raw"),
    Index("ix_attestation_facility_id_signed_at", "facility_id", "signed_at"),
)

attestation_leaf = Table(
    "attestation_leaf",
    metadata,
    Column("attestation_id", Id, ForeignKey("attestation.attestation_id"), primary_key=True),
    Column("position", Integer, primary_key=True, comment="in the tree, from 0"),
    Column("dose_id", Id, ForeignKey("dose.dose_id"), nullable=False),
    Column("salt", LargeBinary(16), nullable=False),
    Column("leaf_hash", LargeBinary(32), nullable=False),
    Column("superseded_by", Id, ForeignKey("attestation.attestation_id"), nullable=True),
    Index(
        "uq_attestation_leaf_current_dose",
        "dose_id",
        unique=True,
        sqlite_where=text("superseded_by IS NULL"),
        postgresql_where=text("superseded_by IS NULL"),
    ),
    sqlite_with_rowid=False,
)

certificate = Table(
    "certificate",
    metadata,
    Column("certificate_id", Id, primary_key=True),
    Column("uvci", String(80), nullable=False, unique=True),
    Column("kid", LargeBinary(8), nullable=False, comment="of the document signer"),
    Column("status_index", Integer, nullable=False),
    Column("person_id", Id, ForeignKey("person.person_id"), nullable=True, comment="empty: a foreigner"),
    Column("dose_id", Id, ForeignKey("dose.dose_id"), nullable=False, comment="the dose it is for"),
    Column("attestation_id", Id, ForeignKey("attestation.attestation_id"), nullable=False),
    Column("issued_at", BigInteger, nullable=False, comment="iat, seconds since 1970"),
    Column("expires_at", BigInteger, nullable=False, comment="exp, seconds since 1970"),
    Column("claims", LargeBinary, nullable=False, comment="CBOR, as signed"),
    Column("state", String(16), nullable=False),
    Column("text", Text, nullable=True, comment="HC1 text, as released"),
    UniqueConstraint("kid", "status_index"),
    CheckConstraint("state IN ('reserved', 'signed', 'withdrawn')", name="state"),
    CheckConstraint("(state = 'signed') = (text IS NOT NULL)", name="text"),
    Index("ix_certificate_person_id", "person_id"),
    Index(
        "uq_certificate_live_dose",
        "dose_id",
        unique=True,
        sqlite_where=text("state <> 'withdrawn'"),
        postgresql_where=text("state <> 'withdrawn'"),
    ),
    Index(
        "ix_certificate_reserved",
        "kid",
        sqlite_where=text("state = 'reserved'"),
        postgresql_where=text("state = 'reserved'"),
    ),
)

status_list = Table(
    "status_list",
    metadata,
    Column("kid", LargeBinary(8), primary_key=True),
    Column("next_index", Integer, nullable=False, comment="everything below is taken, for ever"),
)

Index("ix_dose_facility_id", dose.c.facility_id)  # a head's batch is found without looking at everybody else's doses
