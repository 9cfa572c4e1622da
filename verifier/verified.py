"""The two states of an envelope. Code that acts on a certificate takes `Verified`, and mypy shows any mistake."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from keys.trust_list import TrustedKey
from specs.cose import Algorithm, Sign1
from specs.cwt import Claims


@dataclass(frozen=True, slots=True)
class Unverified:
    """An envelope as received, with what its headers claim; None where they claim nothing usable."""

    envelope: Sign1 = field(repr=False)
    algorithm: Algorithm | None
    kid: bytes | None


@dataclass(frozen=True, slots=True)
class Verified:
    """Claims under a right signature of `key`, a trusted key of the claims' country.

    This says nothing of times, key usage or content: the verdict does. `events` are the entries (kind, fields).
    """

    claims: Claims
    key: TrustedKey
    events: tuple[tuple[str, Mapping[str, Any]], ...] = field(repr=False)
