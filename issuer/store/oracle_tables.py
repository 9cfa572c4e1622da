"""The tables of the remote oracle: what was asked in which batch, for whom, and what was answered (specs/oracle.md)."""

from sqlalchemy import (
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    SmallInteger,
    String,
    Table,
    Text,
)

from issuer.store.tables import Id, metadata

__all__ = ["oracle_batch", "oracle_question"]


oracle_batch = Table(
    "oracle_batch",
    metadata,
    Column("batch_id", String(32), primary_key=True, comment="random, hexadecimal: what the oracle knows it by"),
    Column("state", String(16), nullable=False),
    Column("sha256", String(64), nullable=False, comment="of the request, byte for byte as it is sent every time"),
    Column("row_count", Integer, nullable=False),
    Column("attempts", Integer, nullable=False, comment="how often it was sent"),
    Column("made_by", String(128), nullable=False),
    Column("made_at", String(27), nullable=False),
    Column("ended_at", String(27), nullable=True),
    Column("error", String(32), nullable=False, comment="the last one, a code of specs/oracle.md; empty: none"),
    CheckConstraint("state IN ('open', 'answered', 'refused')", name="state"),
    CheckConstraint("(state = 'open') = (ended_at IS NULL)", name="ended_at"),
    Index("ix_oracle_batch_state", "state"),
)

oracle_question = Table(
    "oracle_question",
    metadata,
    Column("batch_id", String(32), ForeignKey("oracle_batch.batch_id"), primary_key=True),
    Column("row", Integer, primary_key=True, autoincrement=False, comment="from 1, as in the batch"),
    Column("dose_id", Id, ForeignKey("dose.dose_id"), nullable=False, comment="the record that asks"),
    Column("id_number", String(12), nullable=False),
    Column("full_name", Text, nullable=False),
    Column("birth_date", String(10), nullable=False),
    Column("sex", String(1), nullable=False),
    Column("digest", LargeBinary(32), nullable=False, comment="of the four values, read losslessly"),
    Column("reason", String(16), nullable=False, comment="first or corrected"),
    Column("answer", SmallInteger, nullable=True, comment="1 đúng, 0 sai; empty: none yet"),
    Column("answered_at", String(27), nullable=True),
    CheckConstraint("answer IN (0, 1)", name="answer"),
    CheckConstraint("(answer IS NULL) = (answered_at IS NULL)", name="answered_at"),
    Index("ix_oracle_question_dose_id", "dose_id"),
    Index("ix_oracle_question_digest", "digest"),
    Index("ix_oracle_question_id_number", "id_number"),
)
