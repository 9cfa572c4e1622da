"""The one error family of the wire format."""

from specs.verdicts import Reason


class WireError(Exception):
    """Bytes or text that break the format of `certificate.md`.

    `reason` is a code of the closed list in `verdicts.md`; `detail` says what was seen in words of the
    format alone (lengths, tags, offsets), never in words of the content, so that it may be logged.
    """

    def __init__(self, reason: Reason, detail: str) -> None:
        super().__init__(f"{reason.value}: {detail}")
        self.reason = reason
        self.detail = detail
