"""Finding a record of one's own area: by name, number, reference, or file and row of the list that it came from.

What was asked is a person's name or number: it stands in no URL, no log and no answer but the page itself. The audit
log names the kind of question and every dose that was shown for it.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum

import sqlalchemy as sa

from issuer.audit import append
from issuer.store import search_store
from issuer.store.engine import writing
from issuer.store.search_store import Wanted
from issuer.store.worklist_store import ItemRow, Scope, rows_of
from issuer.worklist.roles import Officer, Right, require
from specs.names import fold

__all__ = ["LIMIT", "Found", "Unclear", "found_again", "search"]

LIMIT = 25
"""Records shown for one question: whoever wants more asks more exactly."""

_SHORTEST_NAME = 2
_NUMBER_DIGITS = range(4, 13)
_REFERENCE_DIGITS = 32
_ROW = re.compile("[1-9][0-9]{0,6}")


@dataclass(frozen=True, slots=True)
class Found:
    """The records found, open ones first, and whether there are more."""

    rows: Sequence[ItemRow] = field(repr=False)
    more: bool


class Unclear(StrEnum):
    """Why a question was not asked: nothing of it is left out in silence."""

    TOO_LITTLE = "too_little"
    ROW = "row"
    ROW_OF_WHICH_FILE = "row_of_which_file"


def search(
    engine: sa.Engine, officer: Officer, text: str, file_name: str, row: str, *, now: datetime
) -> Found | Unclear:
    """What the officer's area has for `text` (a name or a part of it, a number, a reference) and a place in a file.

    All as typed; an empty `row` is any row.
    """
    require(officer, Right.READ)
    wanted = _wanted(text.strip(), file_name.strip(), row.strip())
    if isinstance(wanted, Unclear):
        return wanted
    with writing(engine) as connection:
        doses = search_store.found(connection, Scope(officer.area_code), wanted, LIMIT + 1)
        rows = rows_of(connection, Scope(officer.area_code), doses[:LIMIT])
        _audit(connection, officer, f"by {wanted.kind}", rows, now)
    return Found(rows, len(doses) > LIMIT)


def found_again(engine: sa.Engine, officer: Officer, tokens: Sequence[str], *, now: datetime) -> Sequence[ItemRow]:
    """The records of an earlier answer as they stand now, for whoever goes back to it."""
    require(officer, Right.READ)
    with writing(engine) as connection:
        doses = search_store.doses_of(connection, Scope(officer.area_code), list(tokens)[:LIMIT])
        rows = rows_of(connection, Scope(officer.area_code), doses)
        if rows:
            _audit(connection, officer, "again", rows, now)
    return rows


def _wanted(text: str, file_name: str, row: str) -> Wanted | Unclear:
    if row and not _ROW.fullmatch(row):
        return Unclear.ROW
    if row and not file_name:
        return Unclear.ROW_OF_WHICH_FILE
    place = Wanted(file_name=file_name, row_no=int(row or 0))
    bare = "".join(sign for sign in text if sign not in " .-")
    if not text:
        return place if file_name else Unclear.TOO_LITTLE
    if len(bare) == _REFERENCE_DIGITS and set(bare.lower()) <= set("0123456789abcdef"):
        return replace(place, token=bare.lower())
    if bare.isascii() and bare.isdigit():
        return replace(place, number=bare) if len(bare) in _NUMBER_DIGITS else Unclear.TOO_LITTLE
    name = fold(text)
    return replace(place, name=name) if len(name) >= _SHORTEST_NAME else Unclear.TOO_LITTLE


def _audit(connection: sa.Connection, officer: Officer, how: str, rows: Sequence[ItemRow], now: datetime) -> None:
    append(
        connection,
        now=now,
        actor=officer.actor,
        action="worklist.search",
        object=f"area {officer.area_code or 'all'} {how}",
        reason="doses " + (",".join(str(row.dose_id) for row in rows) or "none"),
    )
