"""One element of a resource, read strictly: known names, right types, no empty values; each refusal names its place.

A place is a FHIRPath of element names and numbers (`Bundle.entry[3].resource.lotNumber`). A name that the profile does
not have is never repeated: it comes from outside and may hold anything.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

from issuer.reading.problems import Problem

__all__ = ["Element", "EntryRefused"]

_LONGEST_TEXT = 1_000
_EVERYWHERE = frozenset({"id", "extension"})
_MODIFIERS = ("modifierExtension", "implicitRules")


class EntryRefused(Exception):  # noqa: N818 - a finding about one entry; it never leaves issuer.fhir
    """The profile does not take this entry: why, and at which element."""

    def __init__(self, problem: Problem, at: str) -> None:
        super().__init__(problem.name)
        self.problem = problem
        self.at = at


@dataclass(frozen=True, slots=True)
class Element:
    """A JSON object of a resource and its place."""

    value: Mapping[str, Any] = field(repr=False)
    at: str

    def only(self, names: Collection[str]) -> "Element":
        """Itself, when it has no element but these (and their primitive extensions, `_name`)."""
        for modifier in _MODIFIERS:
            if modifier in self.value:
                raise EntryRefused(Problem.ENTRY_MODIFIED, f"{self.at}.{modifier}")
        for name, value in self.value.items():
            plain = name.removeprefix("_")
            if (plain not in names and plain not in _EVERYWHERE) or value in (None, "", [], {}):
                raise EntryRefused(Problem.ENTRY_MALFORMED, f"{self.at}.{plain}" if plain in names else self.at)
        return self

    def text(self, name: str) -> str:
        """Text as it came; empty if absent."""
        value = self.value.get(name, "")
        if not isinstance(value, str) or len(value) > _LONGEST_TEXT or (name in self.value and not value.strip()):
            raise self.wrong(name)
        return value

    def code(self, name: str, codes: Collection[str]) -> str:
        """One of the codes; empty if absent."""
        value = self.text(name)
        if value and value not in codes:
            raise self.wrong(name)
        return value

    def flag(self, name: str) -> bool | None:
        """A boolean, or None if absent."""
        value = self.value.get(name)
        if value is not None and not isinstance(value, bool):
            raise self.wrong(name)
        return value

    def positive(self, name: str) -> int | None:
        """A positiveInt, or None if absent."""
        value = self.value.get(name)
        if value is None:
            return None
        if isinstance(value, bool) or not isinstance(value, int) or not 1 <= value <= 2**31 - 1:
            raise self.wrong(name)
        return value

    def child(self, name: str, names: Collection[str]) -> "Element | None":
        """The object under `name` with no element but `names`, or None if absent."""
        value = self.value.get(name)
        if value is None:
            return None
        if not isinstance(value, dict):
            raise self.wrong(name)
        return Element(value, f"{self.at}.{name}").only(names)

    def children(self, name: str, names: Collection[str]) -> list["Element"]:
        """The objects of the list under `name`, each with no element but `names`; none if absent."""
        values = self.value.get(name, [])
        if not isinstance(values, list) or not all(isinstance(value, dict) for value in values):
            raise self.wrong(name)
        return [Element(value, f"{self.at}.{name}[{at}]").only(names) for at, value in enumerate(values)]

    def wrong(self, name: str) -> EntryRefused:
        """The refusal of what stands under `name`."""
        return EntryRefused(Problem.ENTRY_MALFORMED, f"{self.at}.{name}")
