"""The tables of the FHIR API: which keys a facility's system holds, and how often each facility asked.

Only the SHA-256 of a key's secret is stored: 256 random bits need no slow hash, and a stolen table opens nothing.
"""

from sqlalchemy import Column, ForeignKey, Index, Integer, String, Table

from issuer.store.tables import Id, metadata

__all__ = ["facility_api_key", "facility_requests"]


facility_api_key = Table(
    "facility_api_key",
    metadata,
    Column("key_id", String(16), primary_key=True, comment="random; what logs and the audit may show"),
    Column("facility_id", Id, ForeignKey("facility.facility_id"), nullable=False),
    Column("secret_sha256", String(64), nullable=False),
    Column("label", String(64), nullable=False, comment="which system holds it"),
    Column("created_at", String(27), nullable=False),
    Column("expires_at", String(27), nullable=False),
    Column("ended_at", String(27), nullable=True),
    Index("ix_facility_api_key_facility_id", "facility_id"),
)

facility_requests = Table(
    "facility_requests",
    metadata,
    Column("facility_id", Id, ForeignKey("facility.facility_id"), primary_key=True),
    Column("since", String(27), nullable=False),
    Column("count", Integer, nullable=False),
)
