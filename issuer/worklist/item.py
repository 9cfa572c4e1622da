"""One record of the queue, whole: the dose as it came, the people proposed, and what was decided so far.

`show` writes the line of the audit log before it returns anybody's data. The seal is a digest over all that an officer
decides on; whoever decides gives it back, so nobody approves what they did not see.
"""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import astuple, dataclass, field
from datetime import datetime

import sqlalchemy as sa

from issuer.audit import append
from issuer.errors import Code, IssuerError
from issuer.store import correction_store, worklist_store
from issuer.store.correction_store import Correction
from issuer.store.engine import writing
from issuer.store.worklist_store import Candidate, Filters, Item, Scope
from issuer.worklist.roles import Officer, Right, require

__all__ = ["View", "show", "view"]


@dataclass(frozen=True, slots=True)
class View:
    """What an officer is shown of one record; `chosen` is the person of the waiting or applied correction."""

    item: Item
    candidates: Sequence[Candidate] = field(repr=False)
    waiting: Correction | None
    applied: Correction | None
    chosen: Candidate | None = field(repr=False)
    history: Sequence[Correction] = field(repr=False)
    problems: Sequence[tuple[str, str, str]] = field(repr=False)
    repairs: Sequence[tuple[str, str, str, str, str]] = field(repr=False)
    seal: str


def view(connection: sa.Connection, officer: Officer, token: str, *, lock: bool = False) -> View:
    """The record of a token in the officer's area. Raises IssuerError (WORK_NOT_FOUND), whether it exists or not."""
    require(officer, Right.READ)
    item = worklist_store.item_of(connection, Scope(officer.area_code), token, lock=lock)
    if item is None:
        raise IssuerError(Code.WORK_NOT_FOUND)
    candidates = worklist_store.candidates(connection, item.dose_id)
    history = correction_store.history(connection, item.dose_id)
    waiting = next((one for one in history if one.state == "proposed"), None)
    applied = next((one for one in history if one.state == "applied"), None)
    person_id = next((one.person_id for one in (waiting, applied) if one is not None), None)
    chosen = None if person_id is None else worklist_store.person_of(connection, person_id, candidates)
    return View(
        item,
        candidates,
        waiting,
        applied,
        chosen,
        history,
        worklist_store.problems(connection, item.dose_id),
        worklist_store.repairs(connection, item.dose_id),
        _seal(item, candidates, chosen, waiting, applied),
    )


def show(
    engine: sa.Engine, officer: Officer, token: str, filters: Filters, *, now: datetime
) -> tuple[View, str | None, str | None]:
    """The record, and the tokens before and after it in the queue; the audit log has its line before this returns."""
    with writing(engine) as connection:
        found = view(connection, officer, token)
        people = [one.person_id for one in found.candidates]
        if found.chosen is not None and found.chosen.person_id not in people:
            people.append(found.chosen.person_id)
        append(
            connection,
            now=now,
            actor=officer.actor,
            action="worklist.show",
            object=f"dose {found.item.dose_id}",
            reason=f"persons {','.join(map(str, people)) or 'none'}",
        )
        before, after = worklist_store.neighbours(connection, Scope(officer.area_code), filters, found.item)
    return found, before, after


def _seal(
    item: Item,
    candidates: Sequence[Candidate],
    chosen: Candidate | None,
    waiting: Correction | None,
    applied: Correction | None,
) -> str:
    shown = [
        astuple(item),
        [astuple(one) for one in candidates],
        astuple(chosen) if chosen else None,
        waiting.correction_id if waiting else None,
        applied.correction_id if applied else None,
    ]
    return hashlib.sha256(json.dumps(shown).encode()).hexdigest()[:32]
