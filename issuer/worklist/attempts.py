"""Attempts to show that one is the holder of an account, at sign-in and before a change of what signs one in.

They are counted in the database, so that every process of the console shares the limits, before the password is looked
at. Who guesses locks out the own place, not the officer: specs/worklist.md, section 10.
"""

import hashlib
import ipaddress
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa

from issuer.audit import append, timestamp
from issuer.errors import Code, IssuerError
from issuer.store import account_store
from issuer.store.account_store import Account
from issuer.store.engine import writing
from issuer.worklist.passwords import matches
from issuer.worklist.roles import Officer

__all__ = ["MAX_BY_ADDRESS", "MAX_BY_LOGIN", "MAX_BY_PLACE", "WINDOW", "Attempt", "Origin", "count", "prove"]

WINDOW = timedelta(minutes=15)
MAX_BY_PLACE = 5
"""Attempts in a WINDOW at one login from one address."""
MAX_BY_ADDRESS = 50
"""Attempts in a WINDOW at all logins from one address; a whole office may stand behind it."""
MAX_BY_LOGIN = 20
"""Attempts in a WINDOW at one login from all addresses from which it did not sign in lately."""

_OWN_NETWORK = 64
"""Bits of an IPv6 address that tell one customer from another; the rest is the customer's to choose."""


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a request came from: the connection's address, and its port where the server tells it."""

    address: str
    port: str = ""

    @classmethod
    def of(cls, place: str) -> "Origin":
        """The origin of which `place` is the text."""
        address, _, port = place.partition(" port ")
        return cls(address, port)

    def __str__(self) -> str:
        return f"{self.address} port {self.port}" if self.port else self.address

    @property
    def network(self) -> str:
        """What counts as one address: the whole /64 of IPv6, in which one machine may take any."""
        try:
            address = ipaddress.ip_address(self.address)
        except ValueError:
            return self.address
        if isinstance(address, ipaddress.IPv4Address):
            return str(address)
        if address.ipv4_mapped is not None:
            return str(address.ipv4_mapped)
        return str(ipaddress.ip_network((int(address), _OWN_NETWORK), strict=False))


@dataclass(frozen=True, slots=True)
class Attempt:
    """An attempt that was counted and may go on; `account` is None for a login that nobody has."""

    account: Account | None
    origin: Origin
    subjects: Sequence[str]

    def succeeded(self, connection: sa.Connection) -> None:
        """It was the holder: the attempt counts no longer."""
        for subject in self.subjects:
            account_store.uncount_failure(connection, subject)

    def failed(self, connection: sa.Connection, *, now: datetime) -> None:
        """It stays counted, and the holder and the log see it."""
        if self.account is None:
            return
        account_store.keep_sign_in(
            connection, self.account.account_id, timestamp(now), str(self.origin), was_right=False
        )
        append(
            connection,
            now=now,
            actor=f"{self.account.role}:{self.account.login}",
            action="login.refused",
            object=f"account {self.account.login}",
            reason=f"from {self.origin}",
        )


def count(engine: sa.Engine, login: str, origin: Origin, *, now: datetime) -> Attempt:
    """Count an attempt at a login. Raises IssuerError (LOGIN_WAIT) after too many."""
    start = timestamp(now - WINDOW)
    with writing(engine) as connection:
        found = account_store.account_of(connection, login)
        limits = {
            _digest(f"login {login} address {origin.network}"): MAX_BY_PLACE,
            _digest(f"address {origin.network}"): MAX_BY_ADDRESS,
        }
        if found is None or not _is_known(connection, found, origin):
            limits[_digest(f"login {login}")] = MAX_BY_LOGIN
        is_over = any(  # what one limit stops fills no other: a guesser's place must not close the login elsewhere
            account_store.count_failure(connection, subject, timestamp(now), start) > most
            for subject, most in limits.items()
        )
        account_store.forget_failures(connection, start)
    if is_over:
        raise IssuerError(Code.LOGIN_WAIT)
    return Attempt(found, origin, tuple(limits))


def prove(engine: sa.Engine, officer: Officer, password: str, origin: Origin, *, now: datetime) -> Account:
    """Ask who holds a session for the password once more; a wrong one is a failed sign-in.

    Raises IssuerError: LOGIN_REFUSED, LOGIN_WAIT.
    """
    attempt = count(engine, officer.login, origin, now=now)
    found = attempt.account
    right = matches(found.password_hash if found else None, password)
    with writing(engine) as connection:
        if right:
            attempt.succeeded(connection)
        else:
            attempt.failed(connection, now=now)
    if found is None or not right:
        raise IssuerError(Code.LOGIN_REFUSED)
    return found


def _is_known(connection: sa.Connection, found: Account, origin: Origin) -> bool:
    """Whether the account lately signed in from there: who guesses elsewhere does not count against it."""
    places = account_store.places_of(connection, found.account_id)
    return any(Origin.of(place).network == origin.network for place in places)


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
