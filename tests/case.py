"""One row of the table of cases: a name, why it is there, what goes in, when, and what must come out."""

from dataclasses import dataclass, field
from datetime import datetime

from keys.trust_list import TrustList
from specs.verdicts import MEANINGS, Effect, Outcome, Reason, Step
from tests.faults import NOW, Recipe, trust


@dataclass(frozen=True)
class Case:
    """`reason` None: the certificate is valid. A warning leaves it valid too. `step` is the one that fails.

    `clock` says that `now` is the device's clock and not a moment given by the caller.
    """

    name: str
    why: str
    given: Recipe | str
    reason: Reason | None = None
    trust: TrustList | None = field(default_factory=trust)
    now: datetime = NOW
    clock: bool = False
    fails: Step | None = None

    @property
    def text(self) -> str:
        """The text of the code."""
        return self.given if isinstance(self.given, str) else self.given.certificate()

    @property
    def verdict(self) -> Outcome:
        """The verdict that the reason leads to."""
        if self.reason is None or MEANINGS[self.reason].effect is Effect.WARNING:
            return Outcome.VALID
        return Outcome(MEANINGS[self.reason].effect.value)

    @property
    def step(self) -> Step | None:
        """The step that must fail."""
        return self.fails or (None if self.reason is None else MEANINGS[self.reason].step)
