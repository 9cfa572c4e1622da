"""The tables of police-signed lists (CV 2262 step 4): the list as signed, the fate of its rows, what they corrected."""

from sqlalchemy import (
    CheckConstraint,
    Column,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    LargeBinary,
    SmallInteger,
    String,
    Table,
    Text,
    UniqueConstraint,
)

from issuer.store.tables import Id, metadata

__all__ = ["police_correction", "police_list", "police_row"]


police_list = Table(
    "police_list",
    metadata,
    Column("list_id", Id, primary_key=True),
    Column("commune_code", String(16), nullable=False),
    Column("name", Text, nullable=False, comment="of the file, without its folder"),
    Column("content", LargeBinary, nullable=False, comment="byte for byte as signed"),
    Column("sha256", String(64), nullable=False),
    Column("signature", LargeBinary, nullable=False, comment="raw, over the statement of issuer.police.signed_list"),
    Column("certificate", LargeBinary, nullable=False, comment="DER, of the signer"),
    Column("signed_at", String(27), nullable=False),
    Column("taken_by", String(128), nullable=False),
    Column("taken_at", String(27), nullable=False),
    Column("row_count", Integer, nullable=False),
    UniqueConstraint("commune_code", "sha256"),
)

police_row = Table(
    "police_row",
    metadata,
    Column("list_id", Id, ForeignKey("police_list.list_id"), primary_key=True),
    Column("number", Integer, primary_key=True, comment="place among the rows of the list, from 1"),
    Column("sheet", Text, nullable=False),
    Column("row_no", Integer, nullable=False, comment="as the sheet or the lines of the .csv count"),
    Column("fate", String(16), nullable=False),
    Column("code", String(32), nullable=False, comment="issuer.police.refusal; empty unless refused"),
    Column("cell_column", String(8), nullable=False, comment="letter of the cell that was refused, if one was"),
    CheckConstraint("fate IN ('applied', 'already', 'refused')", name="fate"),
    CheckConstraint("(fate = 'refused') = (code <> '')", name="code"),
    sqlite_with_rowid=False,
)

police_correction = Table(
    "police_correction",
    metadata,
    Column("list_id", Id, primary_key=True, autoincrement=False),
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("dose_id", Id, ForeignKey("work_item.dose_id"), primary_key=True),
    Column("changes", Text, nullable=False, comment="JSON: field -> [before, after]"),
    Column("before", Text, nullable=False, comment="JSON: the dose, its link and its proposals before it was applied"),
    Column("listed_at", String(27), nullable=False, comment="since when the record stood on the worklist"),
    Column("reviewed_on", String(10), nullable=False, comment="day of the hamlet team; empty: the signature vouches"),
    Column("confirmed_at", String(27), nullable=False, comment="when the police signed"),
    Column("applied_at", String(27), nullable=False),
    Column("link_class", String(16), nullable=False, comment="what linking said at once; empty: left to the next link"),
    Column("is_blocked", SmallInteger, nullable=False, comment="1: a problem of the dose itself still stands"),
    ForeignKeyConstraint(["list_id", "number"], ["police_row.list_id", "police_row.number"]),
    Index("ix_police_correction_dose_id", "dose_id"),
    sqlite_with_rowid=False,
)
