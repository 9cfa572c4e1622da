"""The verifier's one error family."""

from specs.verdicts import Reason, Step


class VerifierError(Exception):
    """A step of `certificate.md` section 4 that does not hold.

    `step` and `reason` are codes of the closed list in `verdicts.md`; `detail` says what was seen in words of
    the format alone (lengths, field names), never in words of the content, so that it may be logged.
    """

    def __init__(self, step: Step, reason: Reason, detail: str) -> None:
        super().__init__(f"{reason.value}: {detail}")
        self.step = step
        self.reason = reason
        self.detail = detail
