"""A page of the queue for one officer, with its line in the audit log."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

import sqlalchemy as sa

from issuer.audit import append, timestamp
from issuer.store import worklist_store
from issuer.store.engine import writing
from issuer.store.queue_store import Refreshed, refresh
from issuer.store.worklist_store import Counted, Filters, ItemRow, Scope
from issuer.worklist.roles import Officer, Right, require

__all__ = ["PAGE", "QueuePage", "listed_page", "open_records"]

PAGE = 25


@dataclass(frozen=True, slots=True)
class QueuePage:
    """Lines to show, whether more follow, and how much waits in the officer's area by class and state."""

    rows: Sequence[ItemRow] = field(repr=False)
    more: bool
    counts: Sequence[Counted]

    def count(self, *, state: str = "", link_class: str = "", late: bool = False) -> int:
        """How many items that are not closed fit; those over 48 hours only, if `late`."""
        return sum(
            one.late if late else one.count
            for one in self.counts
            if state in ("", one.state) and link_class in ("", one.link_class)
        )


def open_records(engine: sa.Engine, *, now: datetime) -> Refreshed:
    """Bring the queue in line with the links; after every linking. Running it again changes nothing."""
    with writing(engine) as connection:
        return refresh(connection, timestamp(now))


def listed_page(
    engine: sa.Engine, officer: Officer, filters: Filters, number: int, *, late_before: str, now: datetime
) -> QueuePage:
    """Page `number` (from 1) of what the officer may see. The log names every dose shown before this returns."""
    require(officer, Right.READ)
    scope = Scope(officer.area_code)
    with writing(engine) as connection:
        rows = worklist_store.page(connection, scope, filters, (number - 1) * PAGE, PAGE + 1)
        shown = rows[:PAGE]
        if shown:
            append(
                connection,
                now=now,
                actor=officer.actor,
                action="worklist.list",
                object=f"area {officer.area_code or 'all'} page {number}",
                reason="doses " + ",".join(str(row.dose_id) for row in shown),
            )
        counts = worklist_store.counts(connection, scope, late_before)
    return QueuePage(shown, len(rows) > PAGE, counts)
