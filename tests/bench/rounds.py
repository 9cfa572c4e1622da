"""Times that can be compared: a subject and its yardstick, turn by turn, on one core, median of ratios.

A machine's speed drifts by a third within minutes. A ratio of two times taken one right after the other does not.
"""

import gc
import os
import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass

Work = Callable[[], object]


@dataclass(frozen=True)
class Compared:
    """Seconds for the subject's and the yardstick's work (medians), and the median of their ratios round by round."""

    subject: float
    yardstick: float
    ratio: float
    """How many times as long the yardstick took."""


def pin(core: int) -> None:
    """Keep this process on one core."""
    os.sched_setaffinity(0, {core})


def processor(work: Work) -> float:
    """Processor time that this process spends on `work`: on a pinned core the wall time less what others took of it."""
    return _timed(work, time.process_time)


def wall(work: Work) -> float:
    """Wall time of `work`, for what several processes do or a person waits for."""
    return _timed(work, time.perf_counter)


def _timed(work: Work, clock: Callable[[], float]) -> float:
    gc.collect()
    gc.disable()
    start = clock()
    try:
        work()
        return clock() - start
    finally:
        gc.enable()


def compare(subject: Work, yardstick: Work, rounds: int, seconds: Callable[[Work], float] = processor) -> Compared:
    """Take turns `rounds` times, after one turn that does not count; who goes first changes every round."""
    subject()
    yardstick()
    pairs = []
    for turn in range(rounds):
        if turn % 2:
            other = seconds(yardstick)
            pairs.append((seconds(subject), other))
        else:
            own = seconds(subject)
            pairs.append((own, seconds(yardstick)))
    return Compared(
        subject=statistics.median(own for own, _ in pairs),
        yardstick=statistics.median(other for _, other in pairs),
        ratio=statistics.median(other / own for own, other in pairs),
    )
