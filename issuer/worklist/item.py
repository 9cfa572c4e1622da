"""One record of the queue, whole: the dose as it came, the people proposed, and what was decided so far.

`show` writes the line of the audit log before it returns anybody's data. The seal is a digest over all that an officer
decides on; whoever decides gives it back, so nobody approves what they did not see.
"""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import astuple, dataclass, field, replace
from datetime import datetime

import sqlalchemy as sa

from issuer.audit import append
from issuer.errors import Code, IssuerError
from issuer.store import correction_store, police_store, recheck_store, worklist_store
from issuer.store.correction_store import Correction
from issuer.store.engine import writing
from issuer.store.police_store import ListCorrection
from issuer.store.recheck_store import Checked
from issuer.store.worklist_store import Candidate, Filters, Item, Scope
from issuer.worklist.mend import facts_for
from issuer.worklist.relink import foresee
from issuer.worklist.roles import RIGHTS, Officer, Right, require

__all__ = ["View", "show", "view"]


@dataclass(frozen=True, slots=True)
class View:
    """What an officer is shown of one record.

    `chosen` is the person of the waiting or applied correction; `foreseen` the one whom waiting facts would meet in the
    register (`is_certain`: would be linked to), told to nobody but who decides: else typing a number would be a way to
    ask the register for its holder.
    """

    item: Item
    candidates: Sequence[Candidate] = field(repr=False)
    waiting: Correction | None
    applied: Correction | None
    chosen: Candidate | None = field(repr=False)
    foreseen: Candidate | None = field(repr=False)
    is_certain: bool
    history: Sequence[Correction] = field(repr=False)
    lists: Sequence[ListCorrection] = field(repr=False)
    checks: Sequence[Checked] = field(repr=False)
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
    foreseen, is_certain = None, False
    if waiting is not None and waiting.kind == "fields" and Right.DECIDE in RIGHTS[officer.role]:
        met = foresee(connection, item.dose_id, facts_for(json.loads(waiting.changes)))
        if met is not None:
            person_id, found, is_certain = met
            foreseen = replace(worklist_store.person_of(connection, person_id, ()), evidence=str(found))
    return View(
        item,
        candidates,
        waiting,
        applied,
        chosen,
        foreseen,
        is_certain,
        history,
        police_store.of_dose(connection, item.dose_id),
        recheck_store.of_dose(connection, item.dose_id),
        worklist_store.problems(connection, item.dose_id),
        worklist_store.repairs(connection, item.dose_id),
        _seal(item, candidates, chosen or foreseen, waiting, applied),
    )


def show(
    engine: sa.Engine, officer: Officer, token: str, filters: Filters, *, now: datetime
) -> tuple[View, str | None, str | None]:
    """The record, and the tokens before and after it in the queue; the audit log has its line before this returns."""
    with writing(engine) as connection:
        found = view(connection, officer, token)
        people = [one.person_id for one in found.candidates]
        people += [one.person_id for one in (found.chosen, found.foreseen) if one and one.person_id not in people]
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
