"""What a facility head signs: the bytes of a leaf, and the bytes of the statement over a batch (`attestation.md`).

In: facts as values. Out: deterministic CBOR (RFC 8949 section 4.2.1). A leaf holds everything that a certificate will
say or is chosen by, so a record that changes afterwards no longer gives the hash that was signed. Holds no key.
"""

from dataclasses import dataclass, field
from functools import lru_cache

from specs import cbor
from specs.merkle import HASH_BYTES

LEAF_VERSION = 1
SALT_BYTES = 16
"""Random and never published: without it nobody can guess a person's leaf from its hash."""

BATCH_BYTES = 16
_DOMAIN = "HCVX attestation 1"
"""The first text of every statement; nothing else that this system signs begins so (section 3)."""


@dataclass(frozen=True, slots=True)
class Leaf:
    """One dose as the facility answers for it. Dates are ISO 8601 text of the precision known; unknown text is empty.

    `file_sha256` (32 bytes), `sheet` and `row` name the row of the facility's own file that the dose was read from.
    `identifier_kind` is `cccd` (the person's current 12-digit number) or `passport`; `dose_number` 0 was not told.
    """

    salt: bytes = field(repr=False)
    facility: str
    file_sha256: bytes
    sheet: int
    row: int
    full_name: str = field(repr=False)
    family_name: str = field(repr=False)
    birth_date: str = field(repr=False)
    sex: str = field(repr=False)
    identifier_kind: str
    identifier: str = field(repr=False)
    nationality: str = field(repr=False)
    vaccinated_on: str = field(repr=False)
    product: str
    dose_number: int
    dose_role: str
    lot: str


@dataclass(frozen=True, slots=True)
class Statement:
    """What one gesture says: these `count` doses, whose tree has this root, are the facility's.

    `batch` is 16 random bytes, so that no statement can pass for another; `signed_at` is in seconds since 1970.
    """

    facility: str
    batch: bytes
    count: int
    signed_at: int
    root: bytes


_recurring = lru_cache(maxsize=1 << 15)(cbor.text)  # facilities, dates, products and lots; names do not go through it


def encode_leaf(leaf: Leaf) -> bytes:
    """Return the leaf as a CBOR array of 18 (section 2)."""
    text, head, known = cbor.text, cbor.head, _recurring
    return b"".join(
        (
            b"\x92",
            head(cbor.UNSIGNED, LEAF_VERSION),
            cbor.byte_string(leaf.salt),
            known(leaf.facility),
            cbor.byte_string(leaf.file_sha256),
            head(cbor.UNSIGNED, leaf.sheet),
            head(cbor.UNSIGNED, leaf.row),
            text(leaf.full_name),
            text(leaf.family_name),
            known(leaf.birth_date),
            known(leaf.sex),
            known(leaf.identifier_kind),
            text(leaf.identifier),
            known(leaf.nationality),
            known(leaf.vaccinated_on),
            known(leaf.product),
            head(cbor.UNSIGNED, leaf.dose_number),
            known(leaf.dose_role),
            known(leaf.lot),
        )
    )


def to_be_signed(statement: Statement) -> bytes:
    """Return the statement as a CBOR array of 6 (section 3), whose SHA-256 the head's key signs.

    Raises ValueError for a batch or root of the wrong length, or a count below one: nobody attests nothing.
    """
    if len(statement.batch) != BATCH_BYTES or len(statement.root) != HASH_BYTES or statement.count < 1:
        raise ValueError("a batch of 16 bytes, a root of 32 and at least one dose")
    return b"".join(
        (
            b"\x86",
            cbor.text(_DOMAIN),
            cbor.text(statement.facility),
            cbor.byte_string(statement.batch),
            cbor.head(cbor.UNSIGNED, statement.count),
            cbor.head(cbor.UNSIGNED, statement.signed_at),
            cbor.byte_string(statement.root),
        )
    )
