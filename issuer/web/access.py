"""Which role may ask for which page: a closed table, asked before every request. What is not in it is denied."""

from collections.abc import Mapping

from issuer.worklist.roles import RIGHTS, Right, Role

__all__ = ["ACCESS", "ANYBODY", "WITHOUT_CHANGE", "WITHOUT_SECOND"]

ANYBODY = frozenset({"static", "sign_in.login", "sign_in.language"})
"""Open to who is not signed in."""

WITHOUT_CHANGE = frozenset({"sign_in.password", "sign_in.logout", "sign_in.language", "static"})
"""All that an officer whose password somebody else set may do."""


WITHOUT_SECOND = WITHOUT_CHANGE | {"account.second", "account.second_begin", "account.second_confirm"}
"""All that an officer may do whose role needs a second factor and who has none."""


def _with(right: Right) -> frozenset[Role]:
    return frozenset(role for role in Role if right in RIGHTS[role])


_READ, _PROPOSE, _DECIDE, _RECHECK = (_with(right) for right in Right)

ACCESS: Mapping[str, frozenset[Role]] = {
    "sign_in.logout": frozenset(Role),
    "sign_in.password": frozenset(Role),
    "account.page": frozenset(Role),
    "account.end_others": frozenset(Role),
    "account.second": frozenset(Role),
    "account.second_begin": frozenset(Role),
    "account.second_confirm": frozenset(Role),
    "search.page": _READ,
    "search.ask": _READ,
    "queue.home": _READ,
    "queue.listed": _READ,
    "queue.item": _READ,
    "bulk.classes": _READ,
    "bulk.listed": _READ,
    "bulk.propose": _PROPOSE,
    "bulk.approve": _DECIDE,
    "sheets.page": _READ,
    "sheets.out": _READ,
    "sheets.returned": _PROPOSE,
    "handovers.page": _READ,
    "handovers.make": _DECIDE,
    "handovers.as_csv": _READ,
    "handovers.as_pdf": _READ,
    "checks.page": _READ,
    "checks.draw": _RECHECK,
    "checks.look": _RECHECK,
    "checks.found": _RECHECK,
    "numbers.page": _READ,
    "numbers.as_csv": _READ,
    "decide.propose": _PROPOSE,
    "decide.correct": _PROPOSE,
    "decide.aside": _PROPOSE,
    "decide.withdraw": _PROPOSE,
    "decide.approve": _DECIDE,
    "decide.reject": _DECIDE,
    "decide.undo": _DECIDE,
}
