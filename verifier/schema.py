"""The DCC schema of the payload's own version, by hand (`certificate.md` section 4, step 11).

In: the DCC map as decoded. Out: the faults, each a field and a rule; none for a payload that follows the schema. To
the published schemas come two rules of ours: dates are real, and a certificate tells of exactly one kind of event.
A test compares the rest with the published schemas.
"""

from collections.abc import Mapping
from typing import Any, NamedTuple

from verifier.schema_tables import Version, version_for

VACCINATION, TEST, RECOVERY = "v", "t", "r"
KINDS = (VACCINATION, TEST, RECOVERY)


class Fault(NamedTuple):
    """A field of the payload, by its path, and the rule that it breaks; never its content."""

    field: str
    rule: str

    def __str__(self) -> str:
        return f"{self.field}: {self.rule}"


class Event(NamedTuple):
    """One entry of a certificate: its kind ("v", "t" or "r") and its fields."""

    kind: str
    fields: Mapping[str, Any]

    def __repr__(self) -> str:
        return f"Event({self.kind!r})"


def events(dcc: Mapping[Any, Any]) -> tuple[Event, ...]:
    """Return the entries of `dcc` in the order v, t, r, leaving out what is no entry; `faults` tells of that."""
    found = []
    for kind in KINDS:
        entries = dcc.get(kind)
        if type(entries) is list:
            for entry in entries:
                if type(entry) is dict:
                    found.append(Event(kind, entry))  # noqa: PERF401 - nearly always one
    return tuple(found)


def faults(dcc: Mapping[Any, Any]) -> list[Fault]:
    """Return every fault of `dcc` under the schema of its own `ver`; an empty list means that it follows it.

    A null for v, t or r counts as absent (`certificate.md` section 3.3). Members that the schema does not know are
    legal.
    """
    ver = dcc.get("ver")
    version = version_for(ver) if type(ver) is str else None
    if version is None:
        return [Fault("ver", "pattern" if type(ver) is str else "type")]
    if version.is_plain(dcc):
        return []
    found: list[Fault] = []
    _check_name(dcc.get("nam"), version, found)
    if broken := version.birth_date.broken_by(dcc.get("dob")):
        found.append(Fault("dob", broken))
    kinds = 0
    for kind in KINDS:
        entries = dcc.get(kind)
        if entries is not None:
            kinds += 1
            _check_events(kind, entries, version, found)
    if kinds != 1:
        found.append(Fault("v, t, r", "exactly one"))
    return found


def _check_name(name: Any, version: Version, found: list[Fault]) -> None:
    if not isinstance(name, dict):
        found.append(Fault("nam", "type"))
    else:
        found += [Fault(f"nam.{member}", rule) for member, rule in version.name.faults(name)]
        if not any(member in name for member in version.name_needs):
            found.append(Fault(f"nam.{' or '.join(version.name_needs)}", "required"))


def _check_events(kind: str, entries: Any, version: Version, found: list[Fault]) -> None:
    if not isinstance(entries, list):
        found.append(Fault(kind, "type"))
        return
    if not entries:
        found.append(Fault(kind, "minItems"))
    elif version.one_entry and len(entries) > 1:
        found.append(Fault(kind, "maxItems"))
    for entry in entries:
        if not isinstance(entry, dict):
            found.append(Fault(f"{kind}[]", "type"))
        else:
            found += [Fault(f"{kind}[].{member}", rule) for member, rule in version.events[kind].faults(entry)]
