"""The second factor of an officer: a code of six digits from a phone, new every half minute (RFC 6238), used once.

The shared secret is kept encrypted under a key that the console's secret file gives, so that a copy of the database
signs nobody in. Whoever loses the phone asks a superior: `account reset-second`. specs/worklist.md, section 10.
"""

from datetime import datetime

import sqlalchemy as sa
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA1, SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.twofactor.totp import TOTP

from issuer.audit import append, timestamp
from issuer.errors import Code, IssuerError
from issuer.store import account_store
from issuer.store.account_store import Account
from issuer.store.engine import reading, writing
from issuer.worklist.attempts import Origin, prove
from issuer.worklist.roles import Officer

__all__ = ["RANDOM_BYTES", "begin", "confirm", "key_of", "matching_step", "remove"]

RANDOM_BYTES = 32
"""20 of the secret (RFC 4226, section 4) and 12 of the nonce."""

_SECRET_BYTES = 20
_NONCE_BYTES = 12
_STEP_SECONDS = 30
_DIGITS = 6
_AROUND = (0, -1, 1)
"""Steps beside the present one: a phone's clock and a slow hand are half a minute off."""

_NAME = "Hộ chiếu vắc xin"


def key_of(secret: bytes) -> bytes:
    """The key that the console's secret gives for second factors and nothing else."""
    return HKDF(SHA256(), 32, salt=None, info=b"hochieu second factor 1").derive(secret)


def begin(
    engine: sa.Engine, officer: Officer, key: bytes, random: bytes, password: str, origin: Origin, *, now: datetime
) -> str:
    """Give the account a new secret, not yet in force; returns the `otpauth:` address that a phone reads, once.

    `random` are RANDOM_BYTES fresh random bytes. The password is asked again, else whoever finds a session open binds
    a phone to it; a wrong one is a failed sign-in. Raises IssuerError: LOGIN_REFUSED, LOGIN_WAIT, and WORK_STATE if a
    second factor is in force.
    """
    prove(engine, officer, password, origin, now=now)
    secret, nonce = random[:_SECRET_BYTES], random[_SECRET_BYTES:]
    sealed = nonce + AESGCM(key).encrypt(nonce, secret, _about(officer.account_id))
    with writing(engine) as connection:
        if not account_store.set_second(connection, officer.account_id, sealed):
            raise IssuerError(Code.WORK_STATE, "a second factor is in force")
    return _totp(secret).get_provisioning_uri(officer.login, _NAME)


def confirm(engine: sa.Engine, officer: Officer, key: bytes, code: str, *, now: datetime) -> None:
    """Put the secret in force, by a first code from it. Raises IssuerError (LOGIN_REFUSED)."""
    with reading(engine) as connection:
        found = account_store.account_of(connection, officer.login)
    step = None if found is None or found.second_since else matching_step(found, key, code, now)
    if step is None:
        raise IssuerError(Code.LOGIN_REFUSED)
    with writing(engine) as connection:
        account_store.confirm_second(connection, officer.account_id, timestamp(now), step)
        append(
            connection,
            now=now,
            actor=officer.actor,
            action="second.enrol",
            object=f"account {officer.login}",
            reason="",
        )


def remove(engine: sa.Engine, login: str, *, now: datetime, actor: str) -> None:
    """Take the second factor of an account away and end its sessions. Raises IssuerError (ACCOUNT_REFUSED)."""
    with writing(engine) as connection:
        found = account_store.account_of(connection, login)
        if found is None:
            raise IssuerError(Code.ACCOUNT_REFUSED, "no such account")
        account_store.clear_second(connection, found.account_id)
        account_store.end_sessions(connection, found.account_id)
        append(connection, now=now, actor=actor, action="second.reset", object=f"account {login}", reason="")


def matching_step(found: Account, key: bytes, code: str, now: datetime) -> int | None:
    """The half minute whose code this is, later than the last one used; None for no such or a wrong key."""
    if found.second_secret is None or not (code.isascii() and code.isdigit() and len(code) == _DIGITS):
        return None
    nonce, sealed = found.second_secret[:_NONCE_BYTES], found.second_secret[_NONCE_BYTES:]
    try:
        totp = _totp(AESGCM(key).decrypt(nonce, sealed, _about(found.account_id)))
    except InvalidTag:
        return None
    present = int(now.timestamp()) // _STEP_SECONDS
    for step in (present + off for off in _AROUND):
        if step > found.second_step and totp.generate(step * _STEP_SECONDS).decode() == code:
            return step
    return None


def _totp(secret: bytes) -> TOTP:
    return TOTP(secret, _DIGITS, SHA1(), _STEP_SECONDS)  # noqa: S303 - what phones' programs know; HMAC-SHA-1 holds


def _about(account_id: int) -> bytes:
    return f"account {account_id}".encode()
