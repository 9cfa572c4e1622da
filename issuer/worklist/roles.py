"""Who may do what: five roles, a closed list of rights, and whose records an officer sees.

The health station proposes, the police decide; district, province and ministry read their subtree and re-check samples.
What is not in the table is denied.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from issuer.errors import Code, IssuerError

__all__ = ["AREA_DIGITS", "RIGHTS", "Officer", "Right", "Role", "require"]


class Role(StrEnum):
    """Commune health station, commune police, and the three levels above."""

    STATION = "station"
    POLICE = "police"
    DISTRICT = "district"
    PROVINCE = "province"
    MINISTRY = "ministry"


class Right(StrEnum):
    """One thing that a role may or may not do."""

    READ = "read"
    PROPOSE = "propose"
    DECIDE = "decide"
    RECHECK = "recheck"


RIGHTS: Mapping[Role, frozenset[Right]] = {
    Role.STATION: frozenset({Right.READ, Right.PROPOSE}),
    Role.POLICE: frozenset({Right.READ, Right.DECIDE}),
    Role.DISTRICT: frozenset({Right.READ, Right.RECHECK}),
    Role.PROVINCE: frozenset({Right.READ, Right.RECHECK}),
    Role.MINISTRY: frozenset({Right.READ, Right.RECHECK}),
}

AREA_DIGITS: Mapping[Role, int] = {
    Role.STATION: 5,
    Role.POLICE: 5,
    Role.DISTRICT: 3,
    Role.PROVINCE: 2,
    Role.MINISTRY: 0,
}
"""Digits of the code of a role's area (General Statistics Office)."""


@dataclass(frozen=True, slots=True)
class Officer:
    """Somebody who is signed in; `area_code` is empty for the ministry."""

    account_id: int
    login: str
    name: str = field(repr=False)
    role: Role
    area_code: str
    must_change: bool = False
    has_second: bool = False

    @property
    def actor(self) -> str:
        """The name for the audit log."""
        return f"{self.role}:{self.login}"


def require(officer: Officer, right: Right) -> None:
    """Raises IssuerError (WORK_NOT_ALLOWED) unless the officer's role has the right."""
    if right not in RIGHTS[officer.role]:
        raise IssuerError(Code.WORK_NOT_ALLOWED, f"{officer.role}: {right}")
