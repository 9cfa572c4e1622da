"""Superiors look again at a sample of what their communes corrected: who, when, and with what result.

The database draws the sample, not the officer. A result is final; what was found wrong is undone by the commune's
police, who see the finding among the re-checks of their commune.
"""

from datetime import datetime
from enum import StrEnum

import sqlalchemy as sa

from issuer.audit import append, timestamp
from issuer.errors import Code, IssuerError
from issuer.store import recheck_store
from issuer.store.engine import writing
from issuer.store.recheck_store import Check
from issuer.store.worklist_store import Scope
from issuer.worklist.item import View, view
from issuer.worklist.roles import Officer, Right, require

__all__ = ["LARGEST_SAMPLE", "Finding", "draw_sample", "look", "record_finding"]

LARGEST_SAMPLE = 200
_NOTE_LENGTH = 500


class Finding(StrEnum):
    """What a second look found."""

    RIGHT = "right"
    WRONG = "wrong"
    UNCLEAR = "unclear"


def draw_sample(engine: sa.Engine, officer: Officer, count: int, *, now: datetime) -> int:
    """Draw up to `count` corrections of the officer's area; returns how many were drawn."""
    require(officer, Right.RECHECK)
    if not 1 <= count <= LARGEST_SAMPLE:
        raise IssuerError(Code.WORK_STATE, f"1 to {LARGEST_SAMPLE}")
    with writing(engine) as connection:
        drawn = recheck_store.draw(connection, Scope(officer.area_code), officer.account_id, count, timestamp(now))
        append(
            connection,
            now=now,
            actor=officer.actor,
            action="recheck.draw",
            object=f"area {officer.area_code or 'all'}",
            reason=f"{drawn} of {count} asked",
        )
    return drawn


def look(engine: sa.Engine, officer: Officer, token: str, *, now: datetime) -> tuple[Check, View]:
    """The record drawn, whole; the audit log has its line before this returns."""
    require(officer, Right.RECHECK)
    with writing(engine) as connection:
        found = _check(connection, officer, token)
        record = view(connection, officer, found.item_token)
        append(
            connection,
            now=now,
            actor=officer.actor,
            action="recheck.show",
            object=f"dose {found.dose_id}",
            reason=f"person {record.chosen.person_id}" if record.chosen else "",
        )
    return found, record


def record_finding(engine: sa.Engine, officer: Officer, token: str, finding: str, note: str, *, now: datetime) -> None:
    """Keep what the second look found. Raises IssuerError."""
    require(officer, Right.RECHECK)
    if finding not in list(Finding):
        raise IssuerError(Code.CORRECTION_REFUSED, "no such finding")
    with writing(engine) as connection:
        found = _check(connection, officer, token)
        kept = recheck_store.record(
            connection, found.recheck_id, finding, note.strip()[:_NOTE_LENGTH], officer.account_id, timestamp(now)
        )
        if not kept:
            raise IssuerError(Code.WORK_STATE, "checked already")
        append(
            connection,
            now=now,
            actor=officer.actor,
            action="recheck.record",
            object=f"dose {found.dose_id}",
            reason=finding,
        )


def _check(connection: sa.Connection, officer: Officer, token: str) -> Check:
    found = recheck_store.check_of(connection, Scope(officer.area_code), token)
    if found is None:
        raise IssuerError(Code.WORK_NOT_FOUND)
    return found
