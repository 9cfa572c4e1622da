"""Corrections: a health station puts one forward, the police decide, and the dose is linked again at once.

Three kinds: `person` (one of the proposed people it is), `fields` (other facts, as the paper shows them) and `aside`
(cannot be settled here, with a reason). Every function takes the seal of what the officer was shown and refuses if the
record changed since. What is done, its audit line and the new link are one transaction. specs/worklist.md, section 3.
"""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from issuer.audit import append, timestamp
from issuer.errors import Code, IssuerError
from issuer.link.model import Life
from issuer.store import correction_store, queue_store, worklist_store
from issuer.store.correction_store import Correction
from issuer.store.engine import writing
from issuer.worklist.item import View, view
from issuer.worklist.mend import blocks_still, facts_for, read_changes
from issuer.worklist.relink import evidence_of, relink
from issuer.worklist.roles import Officer, Right, require

__all__ = [
    "APPROVE",
    "APPROVED",
    "PROPOSE",
    "AsideReason",
    "Lines",
    "RejectReason",
    "approve",
    "approve_in",
    "propose_aside",
    "propose_fields",
    "propose_in",
    "propose_person",
    "propose_person_in",
    "reject",
    "undo",
    "withdraw",
]

APPROVED = "approved"
"""The basis of a link that two people made; linking never changes it."""

PROPOSE, APPROVE = "worklist.propose", "worklist.approve"
"""Actions of the audit log."""

Lines = list[tuple[str, str]]
"""Object and reason of lines for the audit log that whoever decides on many records writes at the end: everybody who
looks at anything waits for the log, so it is held last and not while other records are waited for."""

_NOTE_LENGTH = 500


class AsideReason(StrEnum):
    """Why a record cannot be settled in this commune."""

    NOT_RESIDENT = "not_resident"
    NOT_FOUND = "not_found"
    NO_PAPERS = "no_papers"
    FOREIGNER = "foreigner"
    DIED = "died"
    NO_PERSON = "no_person"


class RejectReason(StrEnum):
    """Why the police do not accept a proposal, or take back one that they had accepted."""

    OTHER_PERSON = "other_person"
    NOT_CONFIRMED = "not_confirmed"
    REGISTER_WRONG = "register_wrong"
    TYPING = "typing"
    OTHER = "other"


def propose_person(engine: sa.Engine, officer: Officer, token: str, rank: int, seal: str, *, now: datetime) -> None:
    """Put forward that the dose is that of the candidate at `rank`. Raises IssuerError."""
    with _deciding(engine) as connection:
        found = _sealed(connection, officer, token, seal, Right.PROPOSE)
        propose_person_in(connection, officer, found, rank, "screen", "", now)


def propose_person_in(
    connection: sa.Connection,
    officer: Officer,
    found: View,
    rank: int,
    source: str,
    safe_class: str,
    now: datetime,
    lines: Lines | None = None,
) -> None:
    """The same inside the caller's transaction, for a view that is known to be what the officer saw."""
    chosen = next((one for one in found.candidates if one.rank == rank), None)
    if chosen is None:
        raise IssuerError(Code.WORK_NOT_FOUND, "no such proposal")
    facts = correction_store.dose_facts(connection, found.item.dose_id)
    (person,) = correction_store.people(connection, [chosen.person_id])
    if evidence_of(facts, person).life in (Life.DEAD, Life.NOT_BORN):
        raise IssuerError(Code.CORRECTION_REFUSED, "not alive on the day of the dose")
    facts_of = {"kind": "person", "person_id": chosen.person_id, "safe_class": safe_class}
    propose_in(connection, officer, found, facts_of, source, f"person {chosen.person_id}", now, lines)


def propose_fields(
    engine: sa.Engine, officer: Officer, token: str, typed: Mapping[str, str], seal: str, *, now: datetime
) -> None:
    """Put forward other facts: `full_name`, `birth_date`, `sex`, `id_number` as the paper shows them."""
    with _deciding(engine) as connection:
        found = _sealed(connection, officer, token, seal, Right.PROPOSE)
        changes = read_changes(worklist_store.facts(connection, found.item.dose_id), typed, now)
        kind = {"kind": "fields", "changes": json.dumps(changes, ensure_ascii=False)}
        propose_in(connection, officer, found, kind, "screen", ",".join(changes), now)


def propose_aside(
    engine: sa.Engine, officer: Officer, token: str, reason: str, note: str, seal: str, *, now: datetime
) -> None:
    """Put forward that the record cannot be settled here."""
    if reason not in list(AsideReason):
        raise IssuerError(Code.CORRECTION_REFUSED, "no such reason")
    with _deciding(engine) as connection:
        found = _sealed(connection, officer, token, seal, Right.PROPOSE)
        kind = {"kind": "aside", "reason": reason, "note": note.strip()[:_NOTE_LENGTH]}
        propose_in(connection, officer, found, kind, "screen", reason, now)


def withdraw(engine: sa.Engine, officer: Officer, token: str, seal: str, *, now: datetime) -> None:
    """The station takes back what it put forward, before anybody decided."""
    with _deciding(engine) as connection:
        found = _sealed(connection, officer, token, seal, Right.PROPOSE)
        waiting = _waiting(found)
        correction_store.end(
            connection, waiting.correction_id, "withdrawn", officer.account_id, timestamp(now), waiting.reason
        )
        _reopen(connection, found.item.dose_id, timestamp(now))
        _audit(connection, officer, "worklist.withdraw", found.item.dose_id, "", now)


def approve(engine: sa.Engine, officer: Officer, token: str, seal: str, *, now: datetime) -> str:
    """Confirm what the station put forward, apply it and link the dose again.

    Returns its class afterwards, empty where the next `link` will tell, or `aside`.
    """
    with _deciding(engine) as connection:
        found = _sealed(connection, officer, token, seal, Right.DECIDE)
        return approve_in(connection, officer, found, now)


def approve_in(
    connection: sa.Connection, officer: Officer, found: View, now: datetime, lines: Lines | None = None
) -> str:
    """The same inside the caller's transaction, for a view that is known to be what the officer saw."""
    waiting = _waiting(found)
    _another(officer, waiting)
    dose_id, at = found.item.dose_id, timestamp(now)
    before = correction_store.snapshot(connection, dose_id)
    became = _apply(connection, waiting, at)
    correction_store.decide(
        connection,
        waiting.correction_id,
        "applied",
        officer.account_id,
        officer.role,
        at,
        before=json.dumps(before, ensure_ascii=False),
        link_class=became,
    )
    if waiting.kind == "aside":
        worklist_store.set_state(connection, [dose_id], "aside", at)
        _audit(connection, officer, APPROVE, dose_id, "aside", now, lines)
        return "aside"
    _reopen(connection, dose_id, at)
    reason = f"{waiting.kind}; linked again: {became or 'later'}"
    _audit(connection, officer, APPROVE, dose_id, reason, now, lines)
    return became


def reject(
    engine: sa.Engine, officer: Officer, token: str, reason: str, note: str, seal: str, *, now: datetime
) -> None:
    """Refuse what the station put forward; the record goes back to the station with the reason."""
    if reason not in list(RejectReason):
        raise IssuerError(Code.CORRECTION_REFUSED, "a rejection has a reason")
    with _deciding(engine) as connection:
        found = _sealed(connection, officer, token, seal, Right.DECIDE)
        waiting = _waiting(found)
        _another(officer, waiting)
        correction_store.decide(
            connection,
            waiting.correction_id,
            "rejected",
            officer.account_id,
            officer.role,
            timestamp(now),
            reason=reason,
            note=note.strip()[:_NOTE_LENGTH],
        )
        _reopen(connection, found.item.dose_id, timestamp(now))
        _audit(connection, officer, "worklist.reject", found.item.dose_id, reason, now)


def undo(engine: sa.Engine, officer: Officer, token: str, reason: str, seal: str, *, now: datetime) -> None:
    """The police take back a correction that was applied: dose, link and proposals stand again as before it."""
    if reason not in list(RejectReason):
        raise IssuerError(Code.CORRECTION_REFUSED, "an undoing has a reason")
    with _deciding(engine) as connection:
        found = _sealed(connection, officer, token, seal, Right.DECIDE)
        applied = found.applied
        if applied is None or found.waiting is not None:
            raise IssuerError(Code.WORK_STATE, "nothing to undo, or something else to decide first")
        dose_id, at = found.item.dose_id, timestamp(now)
        if correction_store.has_certificate(connection, dose_id):
            raise IssuerError(Code.WORK_CERTIFIED)
        if applied.kind != "aside":  # which changed neither dose nor link; what linking did since is not its doing
            before: dict[str, Any] = json.loads(applied.before)
            correction_store.put_back(connection, dose_id, before)
        correction_store.end(connection, applied.correction_id, "undone", officer.account_id, at, reason)
        _reopen(connection, dose_id, at)
        _audit(connection, officer, "worklist.undo", dose_id, reason, now)


def _apply(connection: sa.Connection, waiting: Correction, at: str) -> str:
    """Change link or facts; returns the class afterwards, empty where the next `link` will tell."""
    dose_id = waiting.dose_id
    if waiting.kind == "aside":
        return ""
    if waiting.person_id is not None:
        facts = correction_store.dose_facts(connection, dose_id)
        (person,) = correction_store.people(connection, [waiting.person_id])
        evidence = str(evidence_of(facts, person))
        became = correction_store.set_link(connection, dose_id, person.person_id, APPROVED, evidence, at)
        born = person.birth_date
    else:
        changes = json.loads(waiting.changes)
        correction_store.set_facts(connection, dose_id, facts_for(changes))
        result = relink(connection, dose_id, at)
        became = "" if result is None else result.link_class.value  # type: ignore[assignment]  # a class or none
        born = worklist_store.facts(connection, dose_id)["birth_date"]
    stored = worklist_store.facts(connection, dose_id)
    still = blocks_still(
        correction_store.blocking_problems(connection, dose_id), born, stored["vaccinated_on"], linked=bool(became)
    )
    correction_store.set_facts(connection, dose_id, {"is_blocked": int(still)})
    return str(became)


def propose_in(
    connection: sa.Connection,
    officer: Officer,
    found: View,
    facts: Mapping[str, Any],
    source: str,
    what: str,
    now: datetime,
    lines: Lines | None = None,
) -> None:
    """Store a proposal of any kind (`facts` as columns) inside the caller's transaction, with its audit line."""
    if found.item.state != "open" or found.waiting is not None:
        raise IssuerError(Code.WORK_STATE, found.item.state)
    row = {
        "dose_id": found.item.dose_id,
        "source": source,
        "proposed_by": officer.account_id,
        "proposed_role": officer.role,
        "proposed_at": timestamp(now),
        **facts,
    }
    correction_store.propose(connection, [row])
    worklist_store.set_state(connection, [found.item.dose_id], "proposed", timestamp(now))
    _audit(connection, officer, PROPOSE, found.item.dose_id, f"{facts['kind']}: {what}", now, lines)


def _reopen(connection: sa.Connection, dose_id: int, at: str) -> None:
    """The record waits for the station again, unless its link says that nothing is left to do."""
    worklist_store.set_state(connection, [dose_id], "open", at)
    queue_store.refresh(connection, at, [dose_id])


def _sealed(connection: sa.Connection, officer: Officer, token: str, seal: str, right: Right) -> View:
    require(officer, right)
    found = view(connection, officer, token, lock=True)
    if found.seal != seal:
        raise IssuerError(Code.WORK_CHANGED)
    return found


def _waiting(found: View) -> Correction:
    if found.waiting is None:
        raise IssuerError(Code.WORK_STATE, found.item.state)
    return found.waiting


def _another(officer: Officer, waiting: Correction) -> None:
    if officer.account_id == waiting.proposed_by:
        raise IssuerError(Code.WORK_TWO_PEOPLE)


def _audit(
    connection: sa.Connection,
    officer: Officer,
    action: str,
    dose_id: int,
    reason: str,
    now: datetime,
    lines: Lines | None = None,
) -> None:
    if lines is None:
        append(connection, now=now, actor=officer.actor, action=action, object=f"dose {dose_id}", reason=reason)
    else:
        lines.append((f"dose {dose_id}", reason))


@contextmanager
def _deciding(engine: sa.Engine) -> Iterator[sa.Connection]:
    """A writing transaction in which a broken constraint of the database is a refusal, not a fault."""
    try:
        with writing(engine) as connection:
            yield connection
    except IntegrityError:
        raise IssuerError(Code.WORK_STATE, "somebody else was quicker, or the database forbids it") from None
