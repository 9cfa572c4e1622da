"""SQL of accounts, sessions and counters of failed logins."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa

from issuer.store.bulk import alone
from issuer.store.worklist_tables import account, login_failures, sign_in, web_session

__all__ = [
    "Account",
    "account_of",
    "add_account",
    "clear_second",
    "close_account",
    "confirm_second",
    "count_failure",
    "end_session",
    "end_sessions",
    "forget_failures",
    "forget_old",
    "holder_of",
    "keep_sign_in",
    "open_sessions",
    "places_of",
    "set_area",
    "set_password",
    "set_second",
    "sign_ins",
    "start_session",
    "touch_session",
    "uncount_failure",
    "use_step",
]


@dataclass(frozen=True, slots=True)
class Account:
    """A row of `account` that is not closed."""

    account_id: int
    login: str
    name: str = field(repr=False)
    role: str
    area_code: str
    password_hash: str = field(repr=False)
    must_change: int
    second_secret: bytes | None = field(repr=False)
    second_since: str | None
    second_step: int


_COLUMNS = [account.c[name] for name in Account.__dataclass_fields__]
_ACCOUNT: sa.Select[Any] = sa.select(*_COLUMNS).where(account.c.closed_at.is_(None))


def _read(row: Sequence[Any] | None) -> Account | None:
    return None if row is None else Account(*list(row)[: len(_COLUMNS)])


def account_of(connection: sa.Connection, login: str) -> Account | None:
    """The open account of a login."""
    return _read(connection.execute(_ACCOUNT.where(account.c.login == login)).one_or_none())


def add_account(
    connection: sa.Connection,
    *,
    login: str,
    staff_number: str,
    name: str,
    role: str,
    area_code: str,
    password_hash: str,
    now: str,
) -> bool:
    """Store a new account; False if its login or staff number has one already."""
    taken = sa.or_(account.c.login == login, account.c.staff_number == staff_number)
    if connection.execute(sa.select(account.c.account_id).where(taken)).first() is not None:
        return False
    connection.execute(
        account.insert().values(
            login=login,
            staff_number=staff_number,
            name=name,
            role=role,
            area_code=area_code,
            password_hash=password_hash,
            must_change=1,
            created_at=now,
        )
    )
    return True


def set_password(connection: sa.Connection, account_id: int, password_hash: str, *, must_change: bool) -> None:
    """Replace the password's hash."""
    connection.execute(
        account.update()
        .where(account.c.account_id == account_id)
        .values(password_hash=password_hash, must_change=int(must_change))
    )


def set_second(connection: sa.Connection, account_id: int, sealed: bytes) -> bool:
    """Keep a secret that is not in force yet; False if one is in force."""
    here = sa.and_(account.c.account_id == account_id, account.c.second_since.is_(None))
    return connection.execute(account.update().where(here).values(second_secret=sealed, second_step=0)).rowcount == 1


def confirm_second(connection: sa.Connection, account_id: int, now: str, step: int) -> None:
    """Put the kept secret in force."""
    connection.execute(
        account.update().where(account.c.account_id == account_id).values(second_since=now, second_step=step)
    )


def use_step(connection: sa.Connection, account_id: int, step: int) -> bool:
    """A code of this step was used; False if one of it or of a later one was used before."""
    here = sa.and_(account.c.account_id == account_id, account.c.second_step < step)
    return connection.execute(account.update().where(here).values(second_step=step)).rowcount == 1


def clear_second(connection: sa.Connection, account_id: int) -> None:
    """No second factor from now on."""
    connection.execute(
        account.update()
        .where(account.c.account_id == account_id)
        .values(second_secret=None, second_since=None, second_step=0)
    )


def set_area(connection: sa.Connection, account_id: int, area_code: str) -> None:
    """The account works in another area from now on."""
    connection.execute(account.update().where(account.c.account_id == account_id).values(area_code=area_code))


def close_account(connection: sa.Connection, account_id: int, now: str) -> None:
    """Nobody signs in with it any more; what was done with it stays its doing."""
    connection.execute(account.update().where(account.c.account_id == account_id).values(closed_at=now))
    end_sessions(connection, account_id)


def start_session(connection: sa.Connection, token_hash: str, account_id: int, now: str) -> None:
    """A new session."""
    connection.execute(
        web_session.insert().values(token_hash=token_hash, account_id=account_id, started_at=now, seen_at=now)
    )


def holder_of(connection: sa.Connection, token_hash: str) -> tuple[Account, str, str] | None:
    """Whose session it is, when it started and was last seen; None for no session or a closed account."""
    row = connection.execute(
        _ACCOUNT.add_columns(web_session.c.started_at, web_session.c.seen_at)
        .join(web_session, web_session.c.account_id == account.c.account_id)
        .where(web_session.c.token_hash == token_hash)
    ).one_or_none()
    found = _read(row)
    return None if row is None or found is None else (found, *tuple(row)[len(_COLUMNS) :])


def open_sessions(connection: sa.Connection, account_id: int) -> list[tuple[str, str, str]]:
    """Hash, start and last use of an account's sessions, the newest first."""
    query = sa.select(web_session.c.token_hash, web_session.c.started_at, web_session.c.seen_at)
    rows = connection.execute(
        query.where(web_session.c.account_id == account_id).order_by(web_session.c.started_at.desc())
    )
    return [(row[0], row[1], row[2]) for row in rows]


def keep_sign_in(connection: sa.Connection, account_id: int, now: str, place: str, *, was_right: bool) -> None:
    """Keep that somebody signed in to an account or failed to."""
    connection.execute(sign_in.insert().values(account_id=account_id, at=now, place=place, was_right=int(was_right)))


def sign_ins(connection: sa.Connection, account_id: int, limit: int) -> list[tuple[str, str, bool]]:
    """Time, place and success of the latest attempts to sign in to an account."""
    query = sa.select(sign_in.c.at, sign_in.c.place, sign_in.c.was_right).where(sign_in.c.account_id == account_id)
    rows = connection.execute(query.order_by(sign_in.c.sign_in_id.desc()).limit(limit))
    return [(row[0], row[1], bool(row[2])) for row in rows]


def places_of(connection: sa.Connection, account_id: int) -> Sequence[str]:
    """From where an account signed in rightly, as far as that is kept."""
    right = sa.and_(sign_in.c.account_id == account_id, sign_in.c.was_right == 1)
    return connection.scalars(sa.select(sign_in.c.place).where(right).distinct()).all()


def touch_session(connection: sa.Connection, token_hash: str, now: str) -> None:
    """The session was used."""
    connection.execute(web_session.update().where(web_session.c.token_hash == token_hash).values(seen_at=now))


def end_session(connection: sa.Connection, token_hash: str) -> None:
    """Forget a session."""
    connection.execute(web_session.delete().where(web_session.c.token_hash == token_hash))


def end_sessions(connection: sa.Connection, account_id: int, *, but: str = "") -> int:
    """Forget every session of an account but one; returns how many ended."""
    others = sa.and_(web_session.c.account_id == account_id, web_session.c.token_hash != but)
    return connection.execute(web_session.delete().where(others)).rowcount


def count_failure(connection: sa.Connection, subject: str, now: str, window_start: str) -> int:
    """Count one attempt of a subject and return how many it made since `window_start`; older ones are forgotten."""
    alone(connection, "login")  # before the first attempt there is no row to lock
    row = connection.execute(
        sa.select(login_failures.c.since, login_failures.c.count)
        .where(login_failures.c.subject == subject)
        .with_for_update()
    ).one_or_none()
    if row is None:
        connection.execute(login_failures.insert().values(subject=subject, since=now, count=1))
        return 1
    since, count = (row.since, row[1] + 1) if row.since > window_start else (now, 1)
    connection.execute(
        login_failures.update().where(login_failures.c.subject == subject).values(since=since, count=count)
    )
    return count


def uncount_failure(connection: sa.Connection, subject: str) -> None:
    """The attempt just counted was none."""
    connection.execute(
        login_failures.update()
        .where(login_failures.c.subject == subject, login_failures.c.count > 0)
        .values(count=login_failures.c.count - 1)
    )


def forget_failures(connection: sa.Connection, before: str) -> None:
    """Forget counters that can no longer matter."""
    connection.execute(login_failures.delete().where(login_failures.c.since < before))


def forget_old(connection: sa.Connection, sessions_before: str, sign_ins_before: str) -> None:
    """Forget sessions and own lists of sign-ins that can no longer matter; the audit log keeps its lines."""
    connection.execute(sign_in.delete().where(sign_in.c.at < sign_ins_before))
    connection.execute(web_session.delete().where(web_session.c.started_at < sessions_before))
