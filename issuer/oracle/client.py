"""One batch to the oracle: sent again with growing waits while it only fails in passing, never faster than allowed.

Sending again is safe: the oracle knows a batch by its number and answers it once (`specs/oracle.md`, 2). Clock, sleep
and chance are arguments.
"""

from collections.abc import Callable
from dataclasses import dataclass

from issuer.oracle.contract import ROW_BYTES, Failure, UnansweredError, decode_answers
from issuer.oracle.transport import Reply, Transport

__all__ = ["Pace", "Patience", "ask"]

_HEAD_BYTES = 1_000
_FAILURES = {
    400: Failure.REFUSED,
    401: Failure.DENIED,
    403: Failure.DENIED,
    408: Failure.TIMEOUT,
    409: Failure.OTHER_CONTENT,
    413: Failure.REFUSED,
    422: Failure.REFUSED,
    429: Failure.TOO_MANY,
}


@dataclass(frozen=True, slots=True)
class Patience:
    """How often a batch is sent in one run, and how long is waited between; seconds.

    `longest_asked`: an oracle that asks for a longer wait is left for another run.
    """

    attempts: int = 6
    first_wait: float = 1.0
    longest_wait: float = 120.0
    longest_asked: float = 900.0

    def wait(self, failed: int, chance: float) -> float:
        """The wait after so many failures in a row: doubled each time, half of it left to chance (0 to 1)."""
        return min(self.longest_wait, self.first_wait * 2.0 ** (failed - 1)) * (0.5 + chance / 2)


class Pace:
    """At most `per_minute` requests in a minute, evenly; `clock` in seconds that never go back."""

    def __init__(self, per_minute: float, *, clock: Callable[[], float], sleep: Callable[[float], None]) -> None:
        self._between = 60.0 / per_minute
        self._clock = clock
        self._sleep = sleep
        self._next = clock()

    def take_turn(self, wait: float = 0.0) -> None:
        """Wait at least `wait` seconds and until the next request is allowed."""
        now = self._clock()
        until = max(self._next, now + wait)
        if until > now:
            self._sleep(until - now)
        self._next = max(self._next, until) + self._between


def ask(
    transport: Transport,
    batch_id: str,
    body: bytes,
    count: int,
    *,
    pace: Pace,
    patience: Patience,
    chance: Callable[[], float],
    sending: Callable[[], None],
) -> tuple[bool, ...]:
    """The answers to a batch of `count` rows; `sending` is told before every attempt. Raises UnansweredError."""
    failed = 0
    wait = 0.0
    while True:
        pace.take_turn(wait)
        sending()
        try:
            reply = transport.put(batch_id, body, _HEAD_BYTES + ROW_BYTES * count)
            if reply.status != 200:
                raise _failure(reply)
            return decode_answers(reply.body, batch_id, count)
        except UnansweredError as error:
            failed += 1
            asked = error.wait or 0.0
            if not error.failure.is_passing or failed == patience.attempts or asked > patience.longest_asked:
                raise
            wait = max(patience.wait(failed, chance()), asked)


def _failure(reply: Reply) -> UnansweredError:
    if reply.status >= 500:
        return UnansweredError(Failure.UNAVAILABLE, f"status {reply.status}", _seconds(reply.retry_after))
    failure = _FAILURES.get(reply.status, Failure.BAD_ANSWER)
    return UnansweredError(failure, f"status {reply.status}", _seconds(reply.retry_after))


def _seconds(retry_after: str) -> float | None:
    """RFC 9110, 10.2.3; only the form in seconds, for the other needs the oracle's clock to agree with ours."""
    return float(retry_after) if retry_after.isascii() and retry_after.isdigit() and len(retry_after) < 7 else None
