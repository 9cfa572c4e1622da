"""Keys with which a facility's own system speaks for that facility, and for no other: made, ended, checked, counted.

A key is `hcvx.<16 hex>.<43 base64url>`: a name and 256 random bits. The name may be logged; of the bits only the
SHA-256 is stored. An unknown name, a wrong secret, an ended and an expired key get the same answer after the same work.
"""

import hashlib
import hmac
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa

from issuer.audit import append, timestamp
from issuer.errors import Code, IssuerError
from issuer.store import api_store
from issuer.store.attestation_store import facility_id
from issuer.store.engine import reading, writing

__all__ = [
    "DEFAULT_DAYS",
    "MAX_REQUESTS",
    "WINDOW",
    "Sender",
    "TooManyRequestsError",
    "admit",
    "end_key",
    "keys",
    "new_key",
    "sender_of",
]

DEFAULT_DAYS = 365
WINDOW = timedelta(minutes=1)
MAX_REQUESTS = 60
"""Requests of one facility in a WINDOW, whatever its number of keys: 60,000 doses a minute at full bundles."""
_KEY = re.compile(r"hcvx\.([0-9a-f]{16})\.([A-Za-z0-9_-]{43})")
_NO_SECRET = hashlib.sha256(b"").hexdigest()


@dataclass(frozen=True, slots=True)
class Sender:
    """Who sends: a facility, by one of its keys."""

    facility_id: int
    facility_code: str
    key_id: str

    @property
    def actor(self) -> str:
        """As in the audit log."""
        return f"facility:{self.facility_code} key:{self.key_id}"


class TooManyRequestsError(IssuerError):
    """API_WAIT, with the whole seconds after which the facility is heard again."""

    def __init__(self, seconds: int) -> None:
        super().__init__(Code.API_WAIT, f"{MAX_REQUESTS} in {int(WINDOW.total_seconds())} s")
        self.seconds = seconds


def new_key(
    engine: sa.Engine,
    facility_code: str,
    label: str,
    *,
    now: datetime,
    days: int,
    actor: str,
    token_hex: Callable[[int], str],
    token_urlsafe: Callable[[int], str],
) -> str:
    """Make a key of a registered facility and return it, for the only time. Raises IssuerError (FACILITY_UNKNOWN)."""
    name, secret = token_hex(8), token_urlsafe(32)
    with writing(engine) as connection:
        number = _facility(connection, facility_code)
        api_store.add_key(
            connection,
            key_id=name,
            facility_id=number,
            secret_sha256=_digest(secret),
            label=label[:64],
            now=timestamp(now),
            expires=timestamp(now + timedelta(days=days)),
        )
        about = f"facility {facility_code} key {name}"
        append(connection, now=now, actor=actor, action="api_key.new", object=about, reason=f"for {days} days")
    return f"hcvx.{name}.{secret}"


def end_key(engine: sa.Engine, facility_code: str, key_id: str, *, now: datetime, actor: str) -> bool:
    """End a key at once and for good; False if the facility has none of this name that is in use."""
    with writing(engine) as connection:
        number = _facility(connection, facility_code)
        ended = api_store.end_key(connection, key_id, number, timestamp(now))
        if ended:
            about = f"facility {facility_code} key {key_id}"
            append(connection, now=now, actor=actor, action="api_key.end", object=about, reason="")
    return ended


def keys(engine: sa.Engine, facility_code: str) -> list[api_store.ApiKey]:
    """Every key that the facility ever had. Raises IssuerError (FACILITY_UNKNOWN)."""
    with reading(engine) as connection:
        return api_store.keys_of(connection, _facility(connection, facility_code))


def sender_of(engine: sa.Engine, authorization: str, *, now: datetime) -> Sender:
    """Who holds the key of an Authorization header. Raises IssuerError (API_KEY_REFUSED), whatever the reason."""
    scheme, _, token = authorization.partition(" ")
    read = _KEY.fullmatch(token.strip()) if scheme.lower() == "bearer" else None
    name, secret = (read[1], read[2]) if read else ("", "")
    with reading(engine) as connection:
        key = api_store.key_of(connection, name)
    is_right = hmac.compare_digest(key.secret_sha256 if key else _NO_SECRET, _digest(secret))
    if key is None or not is_right or not secret or key.ended_at is not None or key.expires_at <= timestamp(now):
        raise IssuerError(Code.API_KEY_REFUSED)
    return Sender(key.facility_id, key.facility_code, key.key_id)


def admit(engine: sa.Engine, sender: Sender, *, now: datetime) -> None:
    """Count a request of the sender's facility, in the database. Raises TooManyRequestsError after too many."""
    with writing(engine) as connection:
        count, since = api_store.count_request(connection, sender.facility_id, timestamp(now), timestamp(now - WINDOW))
    if count > MAX_REQUESTS:
        left = datetime.fromisoformat(since) + WINDOW - now
        raise TooManyRequestsError(max(1, int(left.total_seconds()) + 1))


def _facility(connection: sa.Connection, code: str) -> int:
    number = facility_id(connection, code)
    if number is None:
        raise IssuerError(Code.FACILITY_UNKNOWN, code)
    return number


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
