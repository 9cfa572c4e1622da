"""A Bundle -> one row a dose, in the columns that intake has for a dose list, and one finding an entry.

The whole bundle is refused (IssuerError) when it is not what specs/fhir.md section 2 says; an entry that is refused
keeps its place and its JSON, with the problem and the element, and never spoils its neighbours.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from issuer.errors import Code, IssuerError
from issuer.fhir.elements import Element, EntryRefused
from issuer.fhir.immunization import immunization_cells, patient_of
from issuer.fhir.json_text import MAX_BYTES, read_json
from issuer.fhir.patient import patient_cells
from issuer.fhir.profile import LOCATION, ORGANIZATION
from issuer.fhir.references import References, Resource
from issuer.intake.layout import Layout
from issuer.reading.problems import Problem

__all__ = [
    "BUNDLE",
    "COLUMNS",
    "ENTRY",
    "KINDS",
    "LAYOUT",
    "MAX_ENTRIES",
    "MAX_KEPT",
    "REQUEST",
    "Bundle",
    "Entry",
    "read_bundle",
]

KINDS = ("batch", "collection", "transaction")
MAX_ENTRIES = 2_000
COLUMNS = (
    *("full_name", "id_number", "id_kind", "birth_date", "sex", "phone", "nationality", "commune", "address"),
    *("vaccinated_on", "vaccine", "dose_number", "dose_role", "lot", "facility_name", "facility_code"),
    *("refusal", "refused_at"),
)
"""The cells of a row in their order; behind them stands the JSON of the Immunization and its Patient as received."""
LAYOUT = Layout(columns={name: at for at, name in enumerate(COLUMNS)})

MAX_KEPT = 4 * MAX_BYTES
"""Bytes that all rows of a bundle keep: each has its Patient's JSON, so one large Patient of many doses multiplies."""
BUNDLE = frozenset("resourceType id meta language identifier type timestamp entry signature".split())
ENTRY = frozenset("id extension fullUrl resource request".split())
REQUEST = frozenset("id extension method url ifNoneExist".split())
"""The elements that a Bundle, an entry and a request may have."""
_TAKEN = frozenset({"Immunization", "Location", "Organization", "Patient"})
_KIND = re.compile(r"[A-Z][A-Za-z]{2,63}")


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry: its number from 1, its type; for a dose its cells; for a refused one why and at which element."""

    number: int
    kind: str
    cells: tuple[str | int, ...] = field(default=(), repr=False)
    problem: Problem | None = None
    at: str = ""
    is_used: bool = True

    @property
    def facility_code(self) -> str:
        """Which facility gave the dose; empty for a refused entry and for what is no dose."""
        return str(self.cells[COLUMNS.index("facility_code")]) if self.cells else ""


@dataclass(frozen=True, slots=True)
class Bundle:
    """A bundle that was read; `kind` is one of KINDS."""

    kind: str
    entries: tuple[Entry, ...]

    @property
    def doses(self) -> tuple[Entry, ...]:
        """The entries that are rows."""
        return tuple(entry for entry in self.entries if entry.cells)

    @property
    def is_refused(self) -> bool:
        """Whether none of it may be taken: a transaction is all or nothing."""
        return self.kind == "transaction" and any(entry.problem for entry in self.entries)


def read_bundle(data: bytes) -> Bundle:
    """The bundle. Raises IssuerError: the codes BUNDLE_*."""
    bundle = read_json(data)
    if not isinstance(bundle, dict) or bundle.get("resourceType") != "Bundle":
        raise _malformed("Bundle.resourceType")
    _only(bundle, BUNDLE, "Bundle")
    kind = bundle.get("type")
    if kind not in KINDS:
        raise _malformed("Bundle.type")
    entries = bundle.get("entry")
    if not isinstance(entries, list) or not entries:
        raise _malformed("Bundle.entry")
    if len(entries) > MAX_ENTRIES:
        raise IssuerError(Code.BUNDLE_TOO_LARGE, f"limit {MAX_ENTRIES} entries")
    resources = [_resource(at, entry, kind) for at, entry in enumerate(entries)]
    urls = [one.full_url for one in resources if one.full_url]
    if len(set(urls)) != len(urls):
        raise _malformed("Bundle.entry.fullUrl")
    if all(one.kind != "Immunization" for one in resources):
        raise IssuerError(Code.BUNDLE_MALFORMED, "no Immunization in it")
    return Bundle(kind, _Reader(resources).entries())


def _resource(at: int, entry: Any, kind: str) -> Resource:
    place = f"Bundle.entry[{at}]"
    if not isinstance(entry, dict):
        raise _malformed(place)
    _only(entry, ENTRY, place)
    resource, full_url = entry.get("resource"), entry.get("fullUrl", "")
    if not isinstance(resource, dict) or _KIND.fullmatch(str(resource.get("resourceType"))) is None:
        raise _malformed(f"{place}.resource")
    if not isinstance(full_url, str) or ("fullUrl" in entry and not full_url.strip()):
        raise _malformed(f"{place}.fullUrl")
    request = entry.get("request")
    if kind == "collection":
        if request is not None:
            raise _malformed(f"{place}.request")  # invariant bdl-3
    else:
        if not isinstance(request, dict):
            raise _malformed(f"{place}.request")
        _only(request, REQUEST, f"{place}.request")
        if request.get("method") != "POST" or request.get("url") != resource["resourceType"]:
            raise _malformed(f"{place}.request")
    return Resource(at, full_url, resource["resourceType"], resource)


def _only(element: Mapping[str, Any], names: frozenset[str], place: str) -> None:
    if not names.issuperset(name.removeprefix("_") for name in element):
        raise _malformed(place)


def _malformed(place: str) -> IssuerError:
    return IssuerError(Code.BUNDLE_MALFORMED, f"at {place}")


class _Reader:
    """Reads each resource of a bundle once, patients before the doses that refer to them."""

    def __init__(self, resources: list[Resource]) -> None:
        self._resources = resources
        self._references = References(resources)
        self._people: dict[int, dict[str, str] | EntryRefused] = {
            one.number: _person(one) for one in resources if one.kind == "Patient"
        }
        self._used: set[int] = set()
        self._kept = 0

    def entries(self) -> tuple[Entry, ...]:
        """Every entry in order."""
        doses = {one.number: self._dose(one) for one in self._resources if one.kind == "Immunization"}
        return tuple(doses.get(one.number) or self._other(one) for one in self._resources)

    def _dose(self, one: Resource) -> Entry:
        kept: dict[str, Any] = {"Immunization": one.value}
        try:
            patient = patient_of(one, self._references)
        except EntryRefused as refused:
            person: dict[str, str] | EntryRefused = refused
        else:
            kept["Patient"] = patient.value  # of a refused dose too: whoever mends it sees what was sent
            self._used.add(patient.number)
            person = self._people[patient.number]
        try:
            dose = immunization_cells(one, self._references)
            if isinstance(person, EntryRefused):
                raise person
        except EntryRefused as refused:
            return self._row(one, {"refusal": refused.problem.name, "refused_at": refused.at}, kept, refused)
        return self._row(one, {**person, **dose}, kept)

    def _row(
        self, one: Resource, cells: Mapping[str, str | int], kept: dict[str, Any], refused: EntryRefused | None = None
    ) -> Entry:
        raw = json.dumps(kept, ensure_ascii=False, separators=(",", ":"))
        self._kept += len(raw.encode())
        if self._kept > MAX_KEPT:
            raise IssuerError(Code.BUNDLE_TOO_LARGE, f"its rows would keep more than {MAX_KEPT} bytes")
        row = (*(cells.get(name, "") for name in COLUMNS), raw)
        if refused is None:
            return Entry(one.number + 1, one.kind, row)
        return Entry(one.number + 1, one.kind, row, refused.problem, refused.at)

    def _other(self, one: Resource) -> Entry:
        person = self._people.get(one.number)
        if isinstance(person, EntryRefused):
            return Entry(one.number + 1, one.kind, problem=person.problem, at=person.at)
        if one.kind not in _TAKEN:
            at = f"{one.at}.resourceType"
            return Entry(one.number + 1, one.kind, problem=Problem.ENTRY_MALFORMED, at=at)
        if one.kind in ("Location", "Organization"):
            try:
                Element(one.value, one.at).only(LOCATION if one.kind == "Location" else ORGANIZATION)
            except EntryRefused as refused:
                return Entry(one.number + 1, one.kind, problem=refused.problem, at=refused.at)
        return Entry(one.number + 1, one.kind, is_used=person is None or one.number in self._used)


def _person(one: Resource) -> dict[str, str] | EntryRefused:
    try:
        return patient_cells(Element(one.value, one.at))
    except EntryRefused as refused:
        return refused
