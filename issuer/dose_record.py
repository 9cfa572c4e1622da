"""A dose as the certificate path reads it from the register: cleaned, linked to a person, perhaps attested.

Nothing here has been checked: `issuer.attest.attested` does that and gives an `AttestedDose`, the only thing that
`issuer.certify.payload_of` takes.
"""

from dataclasses import dataclass, field

from specs.attestation import Leaf

__all__ = ["AttestedDose", "DoseRecord", "Holder", "leaf_of"]

CCCD = "cccd"


@dataclass(frozen=True, slots=True)
class Holder:
    """The person as the register has them today. Dates are ISO 8601 text of the precision known, empty if unknown."""

    person_id: int
    full_name: str = field(repr=False)
    family_name: str = field(repr=False)
    birth_date: str = field(repr=False)
    sex: str = field(repr=False)
    national_id: str = field(repr=False)
    nationality: str = field(repr=False)
    death_date: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class DoseRecord:
    """One linked dose; `attestation_id`, `position`, `salt` and `leaf_hash` are None until a facility head signs."""

    dose_id: int
    link_class: str
    is_blocked: bool
    facility: str | None
    file_sha256: str
    sheet: int
    row: int
    vaccinated_on: str = field(repr=False)
    product: str
    dose_number: int | None
    dose_role: str
    lot: str
    attestation_id: int | None
    position: int | None
    salt: bytes | None = field(repr=False)
    leaf_hash: bytes | None


@dataclass(frozen=True, slots=True)
class AttestedDose:
    """A dose whose facility head answers for it as it stands now; only `issuer.attest.attested` makes one."""

    record: DoseRecord
    attestation_id: int
    position: int


def leaf_of(record: DoseRecord, holder: Holder, salt: bytes) -> Leaf:
    """What the head of the facility signs of this dose; `record.facility` must be known."""
    if record.facility is None:
        raise ValueError("a dose without a facility has nobody to answer for it")
    return Leaf(
        salt,
        record.facility,
        bytes.fromhex(record.file_sha256),
        record.sheet,
        record.row,
        holder.full_name,
        holder.family_name,
        holder.birth_date,
        holder.sex,
        CCCD,
        holder.national_id,
        holder.nationality,
        record.vaccinated_on,
        record.product,
        record.dose_number or 0,
        record.dose_role,
        record.lot,
    )
