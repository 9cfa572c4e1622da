"""Passwords: kept as Argon2id hashes, long enough, not the login."""

from argon2 import PasswordHasher
from argon2.exceptions import VerifyMismatchError

from issuer.errors import Code, IssuerError

__all__ = ["hash_of", "is_dated", "matches", "strong"]

_SHORTEST = 12
_LONGEST = 256

_HASHER = PasswordHasher()  # RFC 9106, the second recommended choice: Argon2id, 64 MiB, 3 passes
_NOBODY = "$argon2id$v=19$m=65536,t=3,p=4$K3Z5KK7CgNJ3tHcRTMpkag$jwbOghkT0FDd7Tt7LXfzVJh4UAATGN6pYcn4zBqMo5o"
"""A hash of the same cost that belongs to no account."""


def hash_of(password: str) -> str:
    """What is kept of a password."""
    return _HASHER.hash(password)


def is_dated(hashed: str) -> bool:
    """Whether a hash was made with other parameters than those of today."""
    return _HASHER.check_needs_rehash(hashed)


def matches(hashed: str | None, password: str) -> bool:
    """Whether this is the password; without a hash no, after the same work."""
    try:
        return _HASHER.verify(hashed or _NOBODY, password[:_LONGEST]) and hashed is not None
    except VerifyMismatchError:
        return False


def strong(password: str, login: str) -> str:
    """The password, if it is hard enough to guess. Raises IssuerError (PASSWORD_WEAK)."""
    if not _SHORTEST <= len(password) <= _LONGEST:
        raise IssuerError(Code.PASSWORD_WEAK, f"{_SHORTEST} to {_LONGEST} characters")
    if login in password.lower() or len(set(password)) < 5:
        raise IssuerError(Code.PASSWORD_WEAK, "too easy to guess")
    return password
