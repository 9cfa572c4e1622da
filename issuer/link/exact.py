"""The simple link: exact key of four after lossless normalisation, or an old number of exactly one person.

Set-based, a range of doses at a time, each in its own transaction; running it again gives the same result.
"""

from collections.abc import Callable
from datetime import datetime

import sqlalchemy as sa

from issuer.audit import append, timestamp
from issuer.store import link_store
from issuer.store.engine import writing

__all__ = ["link_exactly"]

_RANGE = 100_000


def link_exactly(
    engine: sa.Engine, *, now: datetime, actor: str, progress: Callable[[int], None] = lambda doses: None
) -> dict[str, int]:
    """Link every dose that has no person yet; returns the doses by class."""
    after = -1
    while True:
        with writing(engine) as connection:
            found = link_store.next_range(connection, after, _RANGE)
            if found is None:
                break
            first, after = found
            link_store.clear_open(connection, first, after)
            done = link_store.link_range(connection, first, after, timestamp(now))
            link_store.propose_range(connection, first, after)
        progress(done)
    with writing(engine) as connection:
        link_store.mark_duplicates(connection)
        counts = link_store.counts(connection)
        reason = ", ".join(f"{count} {name}" for name, count in sorted(counts.items()))
        append(connection, now=now, actor=actor, action="link", object="doses", reason=reason or "0 doses")
    return counts
