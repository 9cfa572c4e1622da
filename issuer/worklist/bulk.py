"""Many records of one safe class at a time: the station puts them forward together, the police confirm them together.

Safe classes are told by the evidence (`issuer.store.queue_store`). Each record keeps its own seal, its own correction
and its own line in the audit log; one that changed since it was shown is left out and counted.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

import sqlalchemy as sa

from issuer.audit import append, append_many
from issuer.errors import Code, IssuerError
from issuer.store import worklist_store
from issuer.store.engine import reading, writing
from issuer.store.queue_store import SAFE_CLASSES
from issuer.store.worklist_store import Filters, Scope
from issuer.worklist.corrections import APPROVE, PROPOSE, Lines, approve_in, propose_person_in
from issuer.worklist.item import View, view
from issuer.worklist.roles import Officer, Right, Role, require

__all__ = ["PAGE", "BulkDone", "BulkPage", "Gesture", "approve_bulk", "propose_bulk", "safe_counts", "show_bulk"]

PAGE = 40
"""Records under one gesture: as many as an officer can read before agreeing."""


@dataclass(frozen=True, slots=True)
class BulkPage:
    """Records of one safe class, and how many there are in all."""

    views: Sequence[View] = field(repr=False)
    total: int


@dataclass(frozen=True, slots=True)
class BulkDone:
    """How many were done, and how many left out because they changed or may not be decided by this officer."""

    done: int
    left_out: int


class Gesture(Protocol):
    """`propose_bulk` or `approve_bulk`."""

    def __call__(
        self, engine: sa.Engine, officer: Officer, safe_class: str, sealed: Mapping[str, str], *, now: datetime
    ) -> BulkDone:
        """Token -> seal of the records it is for."""


def safe_counts(engine: sa.Engine, officer: Officer) -> dict[str, int]:
    """Safe class -> records that wait for this officer's gesture."""
    with reading(engine) as connection:
        return _waiting(connection, officer)


def show_bulk(engine: sa.Engine, officer: Officer, safe_class: str, *, now: datetime) -> BulkPage:
    """The first PAGE records of a class that wait for this officer; the audit log names them before this returns."""
    if safe_class not in SAFE_CLASSES:
        raise IssuerError(Code.WORK_NOT_FOUND)
    filters = Filters(state=_waits(officer), safe_class=safe_class, in_bulk=officer.role is Role.POLICE)
    scope = Scope(officer.area_code)
    with writing(engine) as connection:
        tokens = worklist_store.tokens(connection, scope, filters, PAGE)
        views = [view(connection, officer, token) for token in tokens]
        shown = [one for one in views if _may_go(one, officer, safe_class)]
        if shown:
            doses = ",".join(str(one.item.dose_id) for one in shown)
            people = ",".join(str(one.candidates[0].person_id) for one in shown)
            append(
                connection,
                now=now,
                actor=officer.actor,
                action="worklist.bulk.show",
                object=f"area {officer.area_code or 'all'} {safe_class}",
                reason=f"doses {doses}; persons {people}",
            )
        total = _waiting(connection, officer)[safe_class]
    return BulkPage(shown, total)


def propose_bulk(
    engine: sa.Engine, officer: Officer, safe_class: str, sealed: Mapping[str, str], *, now: datetime
) -> BulkDone:
    """The station puts forward the records whose token -> seal is given."""
    require(officer, Right.PROPOSE)

    def one(connection: sa.Connection, found: View, lines: Lines) -> None:
        propose_person_in(connection, officer, found, 1, "bulk", safe_class, now, lines)

    return _each(engine, officer, safe_class, sealed, one, PROPOSE, now)


def approve_bulk(
    engine: sa.Engine, officer: Officer, safe_class: str, sealed: Mapping[str, str], *, now: datetime
) -> BulkDone:
    """The police confirm the records whose token -> seal is given."""
    require(officer, Right.DECIDE)

    def one(connection: sa.Connection, found: View, lines: Lines) -> None:
        approve_in(connection, officer, found, now, lines)

    return _each(engine, officer, safe_class, sealed, one, APPROVE, now)


def _each(
    engine: sa.Engine,
    officer: Officer,
    safe_class: str,
    sealed: Mapping[str, str],
    act: Callable[[sa.Connection, View, Lines], None],
    action: str,
    now: datetime,
) -> BulkDone:
    if safe_class not in SAFE_CLASSES:
        raise IssuerError(Code.WORK_NOT_FOUND)
    if len(sealed) > PAGE:
        raise IssuerError(Code.WORK_STATE, f"at most {PAGE} at a time")
    lines: Lines = []
    with writing(engine) as connection:
        for token, seal in sorted(sealed.items()):  # in one order, so that two officers never wait for each other
            found = view(connection, officer, token, lock=True)
            if found.seal == seal and _may_go(found, officer, safe_class):
                act(connection, found, lines)
        append_many(connection, now=now, actor=officer.actor, action=action, entries=lines)
    return BulkDone(len(lines), len(sealed) - len(lines))


def _waiting(connection: sa.Connection, officer: Officer) -> dict[str, int]:
    """Safe class -> records; of what single proposals wait for, the police decide one by one."""
    counted = worklist_store.counts(connection, Scope(officer.area_code), "", in_bulk=officer.role is Role.POLICE)
    state = _waits(officer)
    return {
        name: sum(one.count for one in counted if one.safe_class == name and one.state == state)
        for name in SAFE_CLASSES
    }


def _waits(officer: Officer) -> str:
    return "proposed" if officer.role is Role.POLICE else "open"


def _may_go(found: View, officer: Officer, safe_class: str) -> bool:
    """Whether the record still is of the class and waits for this officer, with the person whom the evidence names."""
    if found.item.safe_class != safe_class or len(found.candidates) != 1 or found.item.state != _waits(officer):
        return False
    if officer.role is not Role.POLICE:
        return True
    waiting = found.waiting
    return (
        waiting is not None
        and waiting.source == "bulk"
        and waiting.person_id == found.candidates[0].person_id
        and waiting.proposed_by != officer.account_id
    )
