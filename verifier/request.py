"""What is asked of the verifier: one code, as text or as a picture, and what to hold against it."""

from dataclasses import dataclass, field
from datetime import datetime

from keys.trust_list import TrustList


@dataclass(frozen=True, slots=True)
class Request:
    """One code to check: exactly one of `text` and `image` (the bytes of a picture file).

    `trust` replaces the device's own trust list for this request. `at` is the moment of the check, aware; None
    means the device's clock. `card` is what was read from the holder's ID card: its QR text, its MRZ, or a number.
    """

    text: str | None = field(default=None, repr=False)
    image: bytes | None = field(default=None, repr=False)
    id: str | int | float | None = None
    trust: TrustList | None = None
    at: datetime | None = None
    card: str | None = field(default=None, repr=False)
