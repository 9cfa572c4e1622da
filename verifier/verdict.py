"""What the verifier answers: an outcome, the reasons for it, what every step found, and the certificate read.

A verdict is data, and comes from the same parsed object that was verified. `to_json` is the form of `python -m
verifier check --json`; words for the guard's screen come from `specs.verdicts.MEANINGS`.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from specs.cose import Algorithm
from specs.verdicts import Outcome, Reason, Step, StepResult
from verifier.instants import rfc3339
from verifier.schema import Event
from verifier.verified import Verified

NAME_FIELDS = ("fn", "gn", "fnt", "gnt")


@dataclass(frozen=True, slots=True)
class Certificate:
    """What a certificate says, as its payload says it; times are seconds since 1970, None if malformed.

    `names` has the fields of NAME_FIELDS that the payload has.
    """

    names: Mapping[str, Any] = field(repr=False)
    birth_date: Any = field(repr=False)
    entries: tuple[Event, ...] = field(repr=False)
    issuing_country: str | None
    issued_at: int | None
    expires_at: int | None

    @staticmethod
    def of(verified: Verified) -> "Certificate":
        """The display form of a verified certificate."""
        claims = verified.claims
        name = claims.dcc.get("nam")
        return Certificate(
            name if isinstance(name, Mapping) else {},
            claims.dcc.get("dob"),
            verified.events,
            claims.issuing_country,
            claims.issued_at,
            claims.expires_at,
        )

    @property
    def uvcis(self) -> tuple[str, ...]:
        """The identifiers of its entries: what revocation, counters and caches may be keyed on, and nothing else."""
        return tuple(event.fields["ci"] for event in self.entries if isinstance(event.fields.get("ci"), str))

    def to_json(self) -> dict[str, Any]:
        """The `certificate` object of the JSON verdict: the same for the same payload, whatever the transport."""
        return {
            "names": {name: _plain(self.names.get(name)) for name in NAME_FIELDS},
            "birth_date": _plain(self.birth_date),
            "entries": [{**_plain(fields), "type": kind} for kind, fields in self.entries],
            "issuer": self.issuing_country,
            "issued": rfc3339(self.issued_at),
            "expires": rfc3339(self.expires_at),
        }


class Verdict(NamedTuple):
    """The answer for one request. A tuple, since one is made for every scan.

    `reasons` begins with the first step that failed; warnings come last. `text` is the code's text as read, `kid`
    and `algorithm` what the envelope claims, verified or not. `verified` is set only if the signature verified.
    """

    id: str | int | float | None
    outcome: Outcome
    reasons: tuple[Reason, ...]
    steps: Mapping[Step, StepResult]
    text: str | None
    kid: bytes | None
    algorithm: Algorithm | None
    verified: Verified | None

    def __repr__(self) -> str:
        return f"Verdict({self.id!r}, {self.outcome.value}, {[reason.value for reason in self.reasons]})"

    @property
    def certificate(self) -> Certificate | None:
        """The certificate as read; None unless its signature verified."""
        return None if self.verified is None else Certificate.of(self.verified)

    def to_json(self) -> dict[str, Any]:
        """The JSON verdict (`verdict.schema.json`), strict JSON values only."""
        certificate = self.certificate
        return {
            "id": self.id,
            "verdict": self.outcome.value,
            "reasons": [reason.value for reason in self.reasons],
            "text": self.text,
            "kid": None if self.kid is None else self.kid.hex(),
            "alg": None if self.algorithm is None else self.algorithm.name,
            "certificate": None if certificate is None else certificate.to_json(),
            "steps": {step.value: result.value for step, result in self.steps.items()},
        }


def _plain(value: Any) -> Any:
    """A decoded CBOR value as strict JSON; the pre-scan has bounded its depth. Bytes become hexadecimal."""
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, bytes):
        return value.hex()
    if isinstance(value, Sequence) and not isinstance(value, str):
        return [_plain(item) for item in value]
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value
