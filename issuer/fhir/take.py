"""Taking in a FHIR bundle: one file of the register, one row a dose, as a dose list would leave them.

The file is the bundle's bytes (SHA-256); a row's number is its entry's number from 1; its cells are the columns of
issuer.fhir.bundle with the JSON as received behind them. From there on nothing tells it from a spreadsheet: the same
cleaning, fates, links, outcomes. The same bytes again change nothing and are answered with what became of them.
"""

import hashlib
import json
from dataclasses import dataclass, field
from datetime import datetime

import sqlalchemy as sa

from issuer.audit import append, timestamp
from issuer.clean.row import RowCleaner
from issuer.errors import Code, IssuerError
from issuer.fhir.bundle import LAYOUT, Bundle, read_bundle
from issuer.reading.dates import day_in_vietnam
from issuer.reading.problems import Problem
from issuer.store import api_store, intake_store
from issuer.store.engine import reading, writing
from issuer.store.outcome_store import outcomes
from issuer.store.tables import ROWS_PER_FILE

__all__ = ["BundleTaken", "RowFate", "take_bundle"]

_KIND = "doses"


@dataclass(frozen=True, slots=True)
class RowFate:
    """What is known of a dose's row: `fate` is empty until it is cleaned; problems as cleaning finds them."""

    fate: str
    problems: tuple[Problem, ...]


@dataclass(frozen=True, slots=True)
class BundleTaken:
    """A bundle and what became of it.

    `file` is its name in the register, empty if none of it was taken (`bundle.is_refused`); `rows` are the fates of its
    doses by the numbers of their entries; `already` when it was there before.
    """

    bundle: Bundle = field(repr=False)
    file: str
    rows: dict[int, RowFate]
    already: bool


def take_bundle(engine: sa.Engine, data: bytes, *, now: datetime, actor: str, facility_code: str) -> BundleTaken:
    """Store the doses of the facility that sends the bundle. Raises IssuerError, and then nothing of it is stored.

    The codes are BUNDLE_*; every bundle that is not one seen before leaves one line in the audit log.
    """
    digest = hashlib.sha256(data).hexdigest()
    try:
        bundle = read_bundle(data)
        if any(entry.facility_code not in ("", facility_code) for entry in bundle.doses):
            raise IssuerError(Code.BUNDLE_OTHER_FACILITY)
    except IssuerError as error:
        _tell_refused(engine, now, actor, digest, error.code)
        raise
    if bundle.is_refused:
        _tell_refused(engine, now, actor, digest, Code.BUNDLE_REFUSED)
        return BundleTaken(bundle, "", {}, already=False)
    file_id, already = _stored(engine, bundle, digest, len(data), now, actor, facility_code)
    return BundleTaken(bundle, _name(digest), _fates(engine, bundle, file_id, facility_code), already)


def _name(digest: str) -> str:
    return f"bundle-{digest[:16]}.json"


def _stored(
    engine: sa.Engine, bundle: Bundle, digest: str, size: int, now: datetime, actor: str, facility_code: str
) -> tuple[int, bool]:
    """The file's number, and whether it was there before."""
    doses = bundle.doses
    encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode
    with writing(engine) as connection:
        known = intake_store.known_file(connection, _KIND, digest)
        if known is not None:
            return known[0], True
        at = timestamp(now)
        file_id = intake_store.add_file(connection, _KIND, _name(digest), digest, size, facility_code, at)
        first = file_id * ROWS_PER_FILE
        intake_store.add_rows(
            connection,
            [(first + number, 0, entry.number, encode(entry.cells), 0) for number, entry in enumerate(doses)],
        )
        intake_store.add_sheet(connection, file_id, 0, "", LAYOUT.to_json())
        intake_store.finish(connection, file_id, len(doses))
        refused = sum(entry.problem is not None for entry in doses)
        append(
            connection,
            now=now,
            actor=actor,
            action="intake.fhir",
            object=f"file {file_id} sha256 {digest}",
            reason=f"{len(doses)} rows, {refused} of them refused by the profile",
        )
    return file_id, False


def _tell_refused(engine: sa.Engine, now: datetime, actor: str, digest: str, code: Code) -> None:
    with writing(engine) as connection:
        append(connection, now=now, actor=actor, action="fhir.refused", object=f"sha256 {digest}", reason=code.name)


def _fates(engine: sa.Engine, bundle: Bundle, file_id: int, facility_code: str) -> dict[int, RowFate]:
    """The stored fates; of rows not cleaned yet the problems that cleaning will find, by the same code."""
    with reading(engine) as connection:
        found = {
            one.row: RowFate(one.fate, tuple(Problem[code] for code in one.problems))
            for one in outcomes(connection, file_id)
        }
        received_on = day_in_vietnam(api_store.received_at(connection, file_id))
    cleaner = RowCleaner(LAYOUT, received_on, facility_code)
    for entry in bundle.doses:
        if entry.number not in found:
            row = cleaner.clean(entry.number, list(entry.cells))
            found[entry.number] = RowFate("", tuple(dict.fromkeys(problem for problem, _, _ in row.problems)))
    return found
