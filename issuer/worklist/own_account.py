"""What officers see of their own account: who they are, where they are signed in, and who tried to be them."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

import sqlalchemy as sa

from issuer.audit import append
from issuer.store import account_store
from issuer.store.engine import reading, writing
from issuer.worklist.roles import Officer

__all__ = ["OwnAccount", "OwnSession", "end_other_sessions", "own_account"]

_SHOWN = 20


@dataclass(frozen=True, slots=True)
class OwnSession:
    """One open session; `is_this` is the one that asks."""

    started_at: str
    seen_at: str
    is_this: bool


@dataclass(frozen=True, slots=True)
class OwnAccount:
    """Open sessions, and the latest attempts to sign in as (time, from where, right or not), the newest first."""

    sessions: Sequence[OwnSession]
    sign_ins: Sequence[tuple[str, str, bool]] = field(repr=False)


def own_account(engine: sa.Engine, officer: Officer, token: str) -> OwnAccount:
    """The officer's own account, asked for by the session of `token`."""
    this = _digest(token)
    with reading(engine) as connection:
        sessions = account_store.open_sessions(connection, officer.account_id)
        sign_ins = account_store.sign_ins(connection, officer.account_id, _SHOWN)
    return OwnAccount([OwnSession(started, seen, key == this) for key, started, seen in sessions], sign_ins)


def end_other_sessions(engine: sa.Engine, officer: Officer, token: str, *, now: datetime) -> int:
    """End every session of the account but that of `token`; returns how many ended."""
    with writing(engine) as connection:
        ended = account_store.end_sessions(connection, officer.account_id, but=_digest(token))
        append(
            connection,
            now=now,
            actor=officer.actor,
            action="session.end_others",
            object=f"account {officer.login}",
            reason=f"{ended} ended",
        )
    return ended


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
