"""SQL that reads signed certificates for rendering: the text and what the page needs beside it."""

from dataclasses import dataclass, field

import sqlalchemy as sa

from issuer.store.certificate_tables import certificate
from issuer.store.tables import dose, facility, person

__all__ = ["SignedCertificate", "count_signed", "signed_after"]

_WANTED = (
    sa.select(
        certificate.c.certificate_id,
        certificate.c.uvci,
        certificate.c.kid,
        certificate.c.claims,
        certificate.c.text,
        sa.func.coalesce(person.c.nationality, dose.c.nationality),
    )
    .select_from(certificate)
    .join(dose, dose.c.dose_id == certificate.c.dose_id)
    .outerjoin(person, person.c.person_id == certificate.c.person_id)
    .where(certificate.c.state == "signed")
)


_Query = sa.Select[int, str, bytes, bytes, str, str]


@dataclass(frozen=True, slots=True)
class SignedCertificate:
    """One certificate that may be shown to its holder."""

    certificate_id: int
    uvci: str
    kid: bytes
    claims: bytes = field(repr=False)
    text: str = field(repr=False)
    nationality: str = field(repr=False)


def _of_facility(query: _Query, code: str | None) -> _Query:
    if code is None:
        return query
    return query.join(facility, facility.c.facility_id == dose.c.facility_id).where(facility.c.code == code)


def count_signed(connection: sa.Connection, facility_code: str | None = None) -> int:
    """How many certificates `signed_after` gives in all."""
    return (
        connection.scalar(sa.select(sa.func.count()).select_from(_of_facility(_WANTED, facility_code).subquery())) or 0
    )


def signed_after(
    connection: sa.Connection, after: int, limit: int, facility_code: str | None = None
) -> list[SignedCertificate]:
    """The next `limit` signed certificates in the order of their numbers, of one facility's doses or of all."""
    query = _of_facility(_WANTED, facility_code).where(certificate.c.certificate_id > after)
    rows = connection.execute(query.order_by(certificate.c.certificate_id).limit(limit))
    return [SignedCertificate(*row) for row in rows]
