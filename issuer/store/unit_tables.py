"""The tables of administrative units: what a code was called and belonged to, from when to when, and what it became."""

from sqlalchemy import CheckConstraint, Column, Index, SmallInteger, String, Table, Text

from issuer.store.tables import metadata

__all__ = ["admin_unit", "admin_unit_successor"]

admin_unit = Table(
    "admin_unit",
    metadata,
    Column("code", String(5), primary_key=True, comment="GSO: province 2, district 3, commune 5 digits"),
    Column("valid_from", String(10), primary_key=True, comment="first day; empty: before the data begin"),
    Column("valid_to", String(10), nullable=False, comment="last day; empty: still valid"),
    Column("level", String(16), nullable=False),
    Column("kind", String(16), nullable=False, comment="tinh, thanh-pho, quan, huyen, thi-xa, phuong, xa, ..."),
    Column("name", Text, nullable=False, comment="with its kind: Phường Phúc Xá"),
    Column("parent_code", String(5), nullable=False, comment="empty: a province"),
    CheckConstraint("level IN ('province', 'district', 'commune')", name="level"),
    Index("ix_admin_unit_parent_code", "parent_code"),
)

admin_unit_successor = Table(
    "admin_unit_successor",
    metadata,
    Column("old_code", String(5), primary_key=True),
    Column("new_code", String(5), primary_key=True),
    Column("since", String(10), primary_key=True, comment="first day of the new unit"),
    Column("is_default", SmallInteger, nullable=False, comment="1: where most of a divided unit went"),
    Index("ix_admin_unit_successor_new_code", "new_code"),
)
