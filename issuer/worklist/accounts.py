"""Accounts and sessions of the console: passwords, second factors, sessions that can be ended.

An unknown login, a closed account and a wrong password get the same answer after the same work.
"""

import hashlib
import re
import unicodedata
from datetime import datetime, timedelta

import sqlalchemy as sa

from issuer.audit import append, timestamp
from issuer.errors import Code, IssuerError
from issuer.store import account_store
from issuer.store.account_store import Account
from issuer.store.engine import reading, writing
from issuer.worklist.attempts import Origin, count, prove
from issuer.worklist.passwords import hash_of, is_dated, matches, strong
from issuer.worklist.roles import AREA_DIGITS, Officer, Role
from issuer.worklist.second_factor import matching_step

__all__ = [
    "add_account",
    "change_password",
    "close_account",
    "log_in",
    "log_out",
    "move_account",
    "officer_of",
    "reset_password",
]

IDLE = timedelta(minutes=30)
LONGEST = timedelta(hours=12)
_TOUCH = timedelta(minutes=1)
_REMEMBERED = timedelta(days=90)
"""How long an account sees its own sign-ins; the audit log keeps them for good."""
_LOGIN = re.compile(r"[a-z0-9][a-z0-9._-]{1,62}")


def log_in(
    engine: sa.Engine,
    login: str,
    password: str,
    origin: Origin,
    token: str,
    *,
    now: datetime,
    code: str = "",
    second_key: bytes = b"",
) -> Officer:
    """Start a session under `token` (32 or more random bytes as text); the log keeps where from.

    An account with a second factor needs its `code` too; `second_key` is that of `second_factor.key_of`.

    Raises IssuerError: LOGIN_WAIT after too many attempts, LOGIN_REFUSED otherwise, whatever the reason.
    """
    attempt = count(engine, login.strip().lower()[:64], origin, now=now)
    found = attempt.account
    right = matches(found.password_hash if found else None, password)
    with writing(engine) as connection:
        account_store.forget_old(connection, timestamp(now - LONGEST), timestamp(now - _REMEMBERED))
        if right and found is not None and found.second_since:
            step = matching_step(found, second_key, code, now)
            right = step is not None and account_store.use_step(connection, found.account_id, step)
        if found is None or not right:
            attempt.failed(connection, now=now)
        else:
            attempt.succeeded(connection)
            account_store.keep_sign_in(connection, found.account_id, timestamp(now), str(origin), was_right=True)
            account_store.start_session(connection, _digest(token), found.account_id, timestamp(now))
            if is_dated(found.password_hash):
                hashed, must_change = hash_of(password), bool(found.must_change)
                account_store.set_password(connection, found.account_id, hashed, must_change=must_change)
            _audit(connection, now, f"{found.role}:{found.login}", "login", found, f"from {origin}")
    if found is None or not right:
        raise IssuerError(Code.LOGIN_REFUSED)
    return _officer(found)


def officer_of(engine: sa.Engine, token: str, *, now: datetime) -> Officer | None:
    """Who holds the session, unless it was idle or lasted too long."""
    with reading(engine) as connection:
        held = account_store.holder_of(connection, _digest(token))
    if held is None:
        return None
    found, started, seen = held
    started_at, seen_at = datetime.fromisoformat(started), datetime.fromisoformat(seen)
    if now - seen_at > IDLE or now - started_at > LONGEST:
        with writing(engine) as connection:
            account_store.end_session(connection, _digest(token))
        return None
    if now - seen_at > _TOUCH:
        with writing(engine) as connection:
            account_store.touch_session(connection, _digest(token), timestamp(now))
    return _officer(found)


def log_out(engine: sa.Engine, token: str) -> None:
    """End the session; its token is worth nothing from now on."""
    with writing(engine) as connection:
        account_store.end_session(connection, _digest(token))


def add_account(
    engine: sa.Engine,
    *,
    login: str,
    staff_number: str,
    name: str,
    role: Role,
    area_code: str,
    password: str,
    now: datetime,
    actor: str,
) -> None:
    """A new account whose holder must change the password at once. Raises IssuerError."""
    number = _one_staff_number(staff_number)
    if not _LOGIN.fullmatch(login) or not number or not name.strip():
        raise IssuerError(Code.ACCOUNT_REFUSED, "login: 2 to 63 of a-z 0-9 . _ -; staff number and name not empty")
    _require_area(role, area_code)
    hashed = hash_of(strong(password, login))
    with writing(engine) as connection:
        added = account_store.add_account(
            connection,
            login=login,
            staff_number=number,
            name=name.strip(),
            role=role,
            area_code=area_code,
            password_hash=hashed,
            now=timestamp(now),
        )
        if not added:
            raise IssuerError(Code.ACCOUNT_REFUSED, "login or staff number has an account")
        append(connection, now=now, actor=actor, action="account.add", object=f"account {login}", reason=f"{role}")


def change_password(
    engine: sa.Engine, officer: Officer, old: str, new: str, token: str, origin: Origin, *, now: datetime
) -> None:
    """Take a new password, end the account's other sessions. A wrong `old` is a failed sign-in.

    Raises IssuerError: LOGIN_REFUSED, LOGIN_WAIT, PASSWORD_WEAK.
    """
    found = prove(engine, officer, old, origin, now=now)
    if old == new:
        raise IssuerError(Code.PASSWORD_WEAK, "the same as before")
    hashed = hash_of(strong(new, officer.login))
    with writing(engine) as connection:
        account_store.set_password(connection, found.account_id, hashed, must_change=False)
        account_store.end_sessions(connection, found.account_id)
        account_store.start_session(connection, _digest(token), found.account_id, timestamp(now))
        _audit(connection, now, officer.actor, "password.change", found)


def reset_password(engine: sa.Engine, login: str, password: str, *, now: datetime, actor: str) -> None:
    """Set a password that its holder must change, and end all sessions. Raises IssuerError."""
    hashed = hash_of(strong(password, login))
    with writing(engine) as connection:
        found = account_store.account_of(connection, login)
        if found is None:
            raise IssuerError(Code.ACCOUNT_REFUSED, "no such account")
        account_store.set_password(connection, found.account_id, hashed, must_change=True)
        account_store.end_sessions(connection, found.account_id)
        _audit(connection, now, actor, "password.reset", found)


def move_account(engine: sa.Engine, login: str, area_code: str, *, now: datetime, actor: str) -> None:
    """Give the holder another area; the role stays, so that nobody ever holds two. Ends all sessions.

    Raises IssuerError (ACCOUNT_REFUSED).
    """
    with writing(engine) as connection:
        found = account_store.account_of(connection, login)
        if found is None:
            raise IssuerError(Code.ACCOUNT_REFUSED, "no such account")
        _require_area(Role(found.role), area_code)
        account_store.set_area(connection, found.account_id, area_code)
        account_store.end_sessions(connection, found.account_id)
        _audit(connection, now, actor, "account.move", found, f"from {found.area_code} to {area_code}")


def close_account(engine: sa.Engine, login: str, *, now: datetime, actor: str) -> None:
    """Close it for good. Raises IssuerError."""
    with writing(engine) as connection:
        found = account_store.account_of(connection, login)
        if found is None:
            raise IssuerError(Code.ACCOUNT_REFUSED, "no such account")
        account_store.close_account(connection, found.account_id, timestamp(now))
        _audit(connection, now, actor, "account.close", found)


def _require_area(role: Role, area_code: str) -> None:
    digits = AREA_DIGITS[role]
    if len(area_code) != digits or (area_code and not (area_code.isascii() and area_code.isdigit())):
        raise IssuerError(Code.ACCOUNT_REFUSED, f"the area of {role} has {digits} digits")


def _officer(found: Account) -> Officer:
    return Officer(
        found.account_id,
        found.login,
        found.name,
        Role(found.role),
        found.area_code,
        bool(found.must_change),
        bool(found.second_since),
    )


def _audit(connection: sa.Connection, now: datetime, actor: str, action: str, found: Account, reason: str = "") -> None:
    append(connection, now=now, actor=actor, action=action, object=f"account {found.login}", reason=reason)


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def _one_staff_number(text: str) -> str:
    """One way to write a staff number, so that writing it in another gives nobody a second account."""
    return "".join(filter(str.isalnum, unicodedata.normalize("NFKC", text).upper()))
