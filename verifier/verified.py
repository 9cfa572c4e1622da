"""The two states of an envelope. Code that acts on a certificate takes `Verified`, and mypy shows any mistake.

Both are tuples, since one of each is made for every scan; neither shows a person in its repr.
"""

from typing import NamedTuple

from keys.trust_list import TrustedKey
from specs.cose import Algorithm, Sign1
from specs.cwt import Claims
from verifier.schema import Event


class Unverified(NamedTuple):
    """An envelope as received, with what its headers claim; None where they claim nothing usable."""

    envelope: Sign1
    algorithm: Algorithm | None
    kid: bytes | None


class Verified(NamedTuple):
    """Claims under a right signature of `key`, a trusted key of the claims' country.

    This says nothing of times, key usage or content: the verdict does. `events` are the entries of the DCC.
    """

    claims: Claims
    key: TrustedKey
    events: tuple[Event, ...]

    def __repr__(self) -> str:
        return f"Verified({self.claims}, {self.key.kid.hex()})"
