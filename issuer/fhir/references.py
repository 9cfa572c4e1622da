"""What a reference inside a bundle leads to: `urn:uuid:` and absolute by fullUrl, relative by base or by type and id.

Nothing is ever fetched. What is not in the bundle, of another type, versioned, contained or ambiguous is refused.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from issuer.fhir.elements import Element, EntryRefused
from issuer.reading.problems import Problem

__all__ = ["References", "Resource"]

_RESTFUL = re.compile(r"(https?://[^?#\s]+/)([A-Z][A-Za-z]{2,63})/([A-Za-z0-9.\-]{1,64})")
_RELATIVE = re.compile(r"([A-Z][A-Za-z]{2,63})/([A-Za-z0-9.\-]{1,64})")


@dataclass(frozen=True, slots=True)
class Resource:
    """An entry's resource: its number from 0, fullUrl (empty: none), type and JSON."""

    number: int
    full_url: str = field(repr=False)
    kind: str
    value: Mapping[str, Any] = field(repr=False)

    @property
    def at(self) -> str:
        """Its place."""
        return f"Bundle.entry[{self.number}].resource"


class References:
    """The resources of one bundle by the names under which they can be referred to."""

    def __init__(self, resources: Sequence[Resource]) -> None:
        self._by_url: dict[str, Resource] = {}
        self._by_id: dict[tuple[str, str], list[Resource]] = {}
        for one in resources:
            if one.full_url:
                self._by_url[one.full_url] = one  # bundle.py lets no fullUrl stand twice
            if isinstance(one.value.get("id"), str):
                self._by_id.setdefault((one.kind, one.value["id"]), []).append(one)

    def find(self, source: Resource, reference: Element, kinds: frozenset[str]) -> Resource:
        """What `reference`, standing in `source`, leads to. Raises EntryRefused when it is not one of `kinds`."""
        text = reference.text("reference")
        found = self._by_url.get(text)
        relative = _RELATIVE.fullmatch(text)
        if found is None and relative is not None:
            base = _RESTFUL.fullmatch(source.full_url)
            if base is not None:
                found = self._by_url.get(base[1] + text)
            else:
                alike = self._by_id.get((relative[1], relative[2]), [])
                found = alike[0] if len(alike) == 1 else None
        told = reference.text("type")
        if found is None or found.kind not in kinds or (told and told != found.kind):
            raise EntryRefused(Problem.ENTRY_REFERENCE, reference.at)
        return found
