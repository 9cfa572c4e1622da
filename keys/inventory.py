"""The life of every key: made, active, retired, destroyed; who took each step, when and why.

One line of JSON for each step, each line holding the SHA-256 of the line before it. A step is added, never changed.
Destroying a private key does not end its certificate: what it signed stays valid until the trust list drops it.
"""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from hashlib import sha256
from typing import Final

from keys.certificate_facts import CertificateFacts
from keys.certificates import Role
from keys.errors import Code, KeysError

INVENTORY_FILE: Final = "inventory.jsonl"
BEGINNING: Final = "0" * 64  # what the first line names as the hash of its predecessor


class State(StrEnum):
    """Where a key is in its life."""

    MADE = "made"
    ACTIVE = "active"
    RETIRED = "retired"
    DESTROYED = "destroyed"


NEXT: Final = {
    None: {State.MADE},
    State.MADE: {State.ACTIVE, State.RETIRED, State.DESTROYED},
    State.ACTIVE: {State.RETIRED},  # destroying a key in use takes two steps, and so two reasons
    State.RETIRED: {State.DESTROYED},
    State.DESTROYED: set[State](),
}


@dataclass(frozen=True, slots=True)
class Step:
    """One step of one key. `by` is a role or staff number, never a name; times are aware (UTC).

    `key_use_ends` and `not_after` repeat the certificate's two periods: of the private key, and of the certificate.
    """

    at: datetime
    by: str
    reason: str
    name: str
    role: Role
    kid: bytes
    state: State
    key_use_ends: datetime
    not_after: datetime


class Inventory:
    """All steps in order; immutable, `record` gives a new one."""

    __slots__ = ("_last", "_lines", "steps")

    def __init__(self, steps: Iterable[Step] = ()) -> None:
        """Replays the steps; raises KeysError(INVENTORY_STATE) for one that its key could not take."""
        self.steps: Final = tuple(steps)
        self._last: dict[str, Step] = {}
        self._lines: list[str] = []
        previous, moment = BEGINNING, None
        for step in self.steps:
            self._require_possible(step, moment)
            self._last[step.name], moment = step, step.at
            self._lines.append(_line(step, previous))
            previous = sha256(self._lines[-1].encode()).hexdigest()

    @classmethod
    def read(cls, data: bytes) -> "Inventory":
        """Raises KeysError(INVENTORY_BROKEN) unless every line is exactly the one that was written."""
        try:
            inventory = cls(_step(json.loads(line)) for line in data.decode().splitlines())
        except (ValueError, KeyError, TypeError, AttributeError, KeysError, RecursionError) as error:
            raise KeysError(Code.INVENTORY_BROKEN, f"{type(error).__name__}") from error
        if inventory.to_bytes() != data:
            raise KeysError(Code.INVENTORY_BROKEN, "a line was changed, moved or lost")
        return inventory

    def to_bytes(self) -> bytes:
        """The file's content."""
        return "".join(f"{line}\n" for line in self._lines).encode()

    def record(self, step: Step) -> "Inventory":
        """With one more step. Raises KeysError(INVENTORY_STATE)."""
        return Inventory((*self.steps, step))

    def last(self, name: str) -> Step:
        """The latest step of a key. Raises KeysError(KEY_UNKNOWN)."""
        try:
            return self._last[name]
        except KeyError as error:
            raise KeysError(Code.KEY_UNKNOWN, name) from error

    def keys(self) -> tuple[Step, ...]:
        """The latest step of every key, in the order in which they were made."""
        return tuple(self._last.values())

    def require_active(self, kid: bytes, now: datetime) -> None:
        """Raises KeysError unless the key is active and within its period of use: KEY_UNKNOWN, INVENTORY_STATE, ..."""
        for step in self._last.values():
            if step.kid == kid:
                if step.state is not State.ACTIVE:
                    raise KeysError(Code.INVENTORY_STATE, f"{step.name} is {step.state}")
                if now > step.key_use_ends:
                    raise KeysError(Code.KEY_USE_ENDED, f"{step.name}, {step.key_use_ends.isoformat()}")
                return
        raise KeysError(Code.KEY_UNKNOWN, f"kid {kid.hex()}")

    def _require_possible(self, step: Step, moment: datetime | None) -> None:
        last = self._last.get(step.name)
        if not step.by or not step.reason:
            raise KeysError(Code.INVENTORY_STATE, f"{step.name}: who and why must be said")
        if step.state not in NEXT[None if last is None else last.state]:
            now = "not made" if last is None else last.state
            raise KeysError(Code.INVENTORY_STATE, f"{step.name} is {now}, asked for {step.state}")
        if last is not None and (last.kid, last.role) != (step.kid, step.role):
            raise KeysError(Code.INVENTORY_STATE, f"{step.name} names another key")
        if moment is not None and step.at < moment:
            raise KeysError(Code.INVENTORY_STATE, f"{step.name}: earlier than the step before it; check the clock")
        if step.state is State.ACTIVE and step.at > step.key_use_ends:
            raise KeysError(Code.KEY_USE_ENDED, f"{step.name}, {step.key_use_ends.isoformat()}")


def first_step(name: str, role: Role, facts: CertificateFacts, *, at: datetime, by: str, reason: str) -> Step:
    """The making of a key, as its certificate tells it."""
    return Step(at, by, reason, name, role, facts.kid, State.MADE, facts.key_use_ends, facts.not_after)


def _line(step: Step, previous: str) -> str:
    members = {
        "at": step.at.isoformat(),
        "by": step.by,
        "reason": step.reason,
        "name": step.name,
        "role": step.role,
        "kid": step.kid.hex(),
        "state": step.state,
        "key_use_ends": step.key_use_ends.isoformat(),
        "not_after": step.not_after.isoformat(),
        "previous": previous,
    }
    return json.dumps(members, ensure_ascii=True)


def _step(members: dict[str, str]) -> Step:
    return Step(
        at=datetime.fromisoformat(members["at"]),
        by=members["by"],
        reason=members["reason"],
        name=members["name"],
        role=Role(members["role"]),
        kid=bytes.fromhex(members["kid"]),
        state=State(members["state"]),
        key_use_ends=datetime.fromisoformat(members["key_use_ends"]),
        not_after=datetime.fromisoformat(members["not_after"]),
    )
