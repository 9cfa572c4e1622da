"""The working state of one request between the steps; it never leaves the verifier.

Steps run stage by stage over many cases at once, which keeps the processor's caches warm, and in order on each. A
step whose input does not exist is left `skipped`.
"""

from collections.abc import Mapping, Sequence
from functools import lru_cache
from types import MappingProxyType

from keys.trust_list import TrustedKey, TrustList
from specs.cwt import Claims
from specs.verdicts import MEANINGS, Effect, Outcome, Reason, Step, StepResult
from verifier.request import Request
from verifier.schema import Event
from verifier.verdict import Verdict
from verifier.verified import Unverified, Verified


class Bit:
    """The steps as bits of `Case.passed`: hashing an enum member costs more than most steps do."""

    IMAGE, PREFIX, BASE45, ZLIB, COSE, CBOR = 1, 2, 4, 8, 16, 32
    KEY, SIGNATURE, TIMES, KEY_USAGE, SCHEMA, VALUE_SETS = 64, 128, 256, 512, 1024, 2048
    STATUS, RULES, CARD = 4096, 8192, 16384


_BIT: dict[Step, int] = {step: getattr(Bit, step.name) for step in Step}

# Reasons stand in the order in which steps are believed: nothing of the content before the signature.
_BELIEVED: list[Step] = [step for step in Step if step is not Step.CBOR]
_BELIEVED.insert(_BELIEVED.index(Step.SIGNATURE) + 1, Step.CBOR)
_RANK = {step: rank for rank, step in enumerate(_BELIEVED)}
_OUTCOMES = {Effect.INVALID: Outcome.INVALID, Effect.CANNOT_TELL: Outcome.CANNOT_TELL}


class Case:
    """One request on its way: each step reads what earlier steps left here, and adds its own."""

    __slots__ = (
        "at",
        "by_clock",
        "claims",
        "events",
        "failed",
        "is_signed",
        "key",
        "passed",
        "reasons",
        "request",
        "text",
        "trust",
        "unverified",
    )

    def __init__(self, request: Request, trust: TrustList | None, at: float, by_clock: bool) -> None:
        self.request = request
        self.trust = trust
        self.at = at
        self.by_clock = by_clock  # `at` is the device's clock, which may be a little off
        self.text = request.text
        self.passed = self.failed = 0
        self.reasons: list[tuple[Step, Reason]] = []
        self.is_signed = False
        self.unverified: Unverified | None = None
        self.key: TrustedKey | None = None
        self.claims: Claims | None = None
        self.events: tuple[Event, ...] = ()

    def fails(self, step: Step, *reasons: Reason) -> None:
        """Record that `step` does not hold, and why; a warning is a reason too."""
        self.passed &= ~_BIT[step]
        self.failed |= _BIT[step]
        self.reasons += [(step, reason) for reason in reasons]

    def skips(self, step: Step) -> None:
        """Take back what was recorded for `step`: its input turned out not to exist."""
        self.passed &= ~_BIT[step]

    def warns(self, step: Step, reason: Reason) -> None:
        """Record something that the guard should know and that turns nothing."""
        self.reasons.append((step, reason))

    @property
    def verified(self) -> Verified | None:
        """The certificate, once its signature and its country hold; None before, and for ever otherwise."""
        if not self.is_signed or self.claims is None or self.key is None:
            return None
        return Verified(self.claims, self.key, self.events)

    def verdict(self) -> Verdict:
        """The answer, when all steps have run."""
        reasons: tuple[Reason, ...] = ()
        outcome = Outcome.VALID
        if self.reasons:
            reasons, outcome = _weigh(self.reasons)
        unverified = self.unverified
        return Verdict(
            self.request.id,
            outcome,
            reasons,
            _results(self.passed, self.failed),
            self.text,
            None if unverified is None else unverified.kid,
            None if unverified is None else unverified.algorithm,
            self.verified,
        )


def _weigh(found: Sequence[tuple[Step, Reason]]) -> tuple[tuple[Reason, ...], Outcome]:
    """The reasons in order, warnings last, and the outcome, which the first that is no warning decides."""
    reasons = dict.fromkeys(reason for _, reason in sorted(found, key=lambda item: _RANK[item[0]]))
    turning = [reason for reason in reasons if MEANINGS[reason].effect is not Effect.WARNING]
    warnings = [reason for reason in reasons if MEANINGS[reason].effect is Effect.WARNING]
    outcome = _OUTCOMES[MEANINGS[turning[0]].effect] if turning else Outcome.VALID
    return (*turning, *warnings), outcome


@lru_cache(maxsize=1024)
def _results(passed: int, failed: int) -> Mapping[Step, StepResult]:
    """One shared, immutable object for each combination of results; nearly every case has the same few."""
    return MappingProxyType(
        {
            step: StepResult.PASS if passed & bit else StepResult.FAIL if failed & bit else StepResult.SKIPPED
            for step, bit in _BIT.items()
        }
    )


def no_results() -> Mapping[Step, StepResult]:
    """The results of a request that never became a case: every step skipped."""
    return _results(0, 0)
