"""Taking a police-signed list: every row applied, already so, or refused; all of the list or, if killed, nothing.

A row corrects the person's facts on records that stand on the commune's worklist and nothing else: it adds no dose,
touches no other commune, and keeps what stood before beside the list that changed it. What is corrected is linked again
at once. LISTED (on the worklist) -> HAMLET_REVIEWED -> POLICE_CONFIRMED (signed) -> APPLIED -> RE-MATCHED.
"""

import json
import tempfile
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from issuer.audit import append, append_many, timestamp
from issuer.errors import Code, IssuerError
from issuer.link.model import LinkClass
from issuer.police.list_rows import ListRow, read_rows
from issuer.police.refusal import Refusal
from issuer.police.signed_list import SignedList, holds
from issuer.store import correction_store, police_store, queue_store, worklist_store
from issuer.store.engine import reading, writing
from issuer.store.police_store import Archived, Record, RowFate
from issuer.worklist.mend import FIELDS, blocks_still, facts_for, read_changes
from issuer.worklist.relink import relink
from specs.names import lossless_key

__all__ = ["ListTaken", "archived_lists", "take_list"]

_STANDING = ("open", "aside")
_BLANK = dict.fromkeys(FIELDS, "")

Changes = dict[str, list[str]]
"""Field -> [before, after]."""


@dataclass(frozen=True, slots=True)
class ListTaken:
    """What became of the rows, one fate each; `records` corrected; `already` when these bytes were taken before."""

    list_id: int
    fates: Sequence[RowFate]
    records: int = 0
    already: bool = False

    def counts(self) -> dict[str, int]:
        """Rows by fate; the refused by code. Their sum is the number of rows."""
        return dict(Counter(one.fate if not one.code else f"refused: {one.code}" for one in self.fates))


@dataclass(slots=True)
class _Run:
    """One list under way: what it corrected so far."""

    connection: sa.Connection
    signed: SignedList
    list_id: int
    now: datetime
    actor: str
    changed: dict[int, Changes] = field(default_factory=dict)
    corrections: list[dict[str, Any]] = field(default_factory=list)
    lines: list[tuple[str, str]] = field(default_factory=list)
    """For the audit log, written at the end: everybody who looks at anything waits for the log."""


def take_list(engine: sa.Engine, signed: SignedList, name: str, *, now: datetime, actor: str) -> ListTaken:
    """Take a list whose signature held; `name` is the file's, and tells its kind. Raises IssuerError.

    The same bytes again change nothing and give the same fates.
    """
    with tempfile.TemporaryDirectory(prefix="police-list-") as folder, writing(engine) as connection:
        known = police_store.known_list(connection, signed.commune_code, signed.sha256)
        if known is not None:
            return ListTaken(known, police_store.row_fates(connection, known), already=True)
        # the bytes that were verified are the bytes that are read, whatever happens to the file meanwhile
        path = Path(folder) / name
        path.write_bytes(signed.content)
        rows = list(read_rows(path))
        if not rows:
            raise IssuerError(Code.POLICE_LIST_REFUSED, "no rows below the heading")
        list_id = police_store.add_list(
            connection,
            {
                "commune_code": signed.commune_code,
                "name": name,
                "content": signed.content,
                "sha256": signed.sha256,
                "signature": signed.signature,
                "certificate": signed.certificate,
                "signed_at": signed.signed_at,
                "taken_by": actor,
                "taken_at": timestamp(now),
                "row_count": len(rows),
            },
        )
        run = _Run(connection, signed, list_id, now, actor)
        fates = [_take(run, number, row) for number, row in enumerate(rows, 1)]
        police_store.add_rows(connection, list_id, fates, run.corrections)
        taken = ListTaken(list_id, fates, len(run.changed))
        append_many(connection, now=now, actor=actor, action="police-list.apply", entries=run.lines)
        append(
            connection,
            now=now,
            actor=actor,
            action="police-list.take",
            object=f"police list {list_id} sha256 {signed.sha256}",
            reason=f"commune {signed.commune_code}, kid {signed.kid.hex()}, signed {signed.signed_at}: "
            + ", ".join(f"{count} {fate}" for fate, count in sorted(taken.counts().items())),
        )
    return taken


def archived_lists(engine: sa.Engine) -> list[tuple[Archived, bool, dict[str, int], dict[str, int]]]:
    """Every list with whether it still is what was signed, its rows by fate and its corrections by state."""
    found = []
    with reading(engine) as connection:
        for one in police_store.archived(connection):
            whole = holds(one.commune_code, one.content, one.signed_at, one.signature, one.certificate)
            fates = Counter(row.fate for row in police_store.row_fates(connection, one.list_id))
            found.append((one, whole, dict(fates), police_store.states(connection, one.list_id)))
    return found


def _take(run: _Run, number: int, row: ListRow) -> RowFate:
    def refused(why: Refusal, column: str = "") -> RowFate:
        return RowFate(number, row.sheet, row.row_no, "refused", why.name, column)

    if row.fault is not None:
        return refused(*row.fault)
    if not row.new:
        return refused(Refusal.NOTHING_CORRECTED)
    try:
        corrected = {name: change[1] for name, change in read_changes(_BLANK, row.new, run.now).items()}
    except IssuerError as error:
        return refused(Refusal.VALUE_UNREADABLE, row.letters.get(error.detail, ""))
    found = _records(run, row, corrected)
    if isinstance(found, Refusal):
        return refused(found)
    wanted: list[tuple[Record, Changes]] = []
    for record in found:
        changes = _changes(record, corrected)
        why = _why_not(run, row, record, changes) if changes else None
        if why is not None:
            return refused(why)
        if changes:
            wanted.append((record, changes))
    for record, changes in wanted:
        _apply(run, number, row, record, changes)
    return RowFate(number, row.sheet, row.row_no, "applied" if wanted else "already")


def _records(run: _Run, row: ListRow, corrected: Mapping[str, str]) -> list[Record] | Refusal:
    """The records that the row means: by reference, else by the facts as recorded, else as they stand corrected."""
    connection, commune = run.connection, run.signed.commune_code
    if row.reference:
        record = police_store.record_of(connection, commune, row.reference)
        return Refusal.RECORD_UNKNOWN if record is None else [record]
    old = row.old
    if old is None or not old["name_key"] or not (old["birth_date"] or old["id_number"]):
        return Refusal.RECORD_NOT_TOLD
    found = police_store.records_with(connection, commune, old)
    if not found:
        after = {name: value for name, value in corrected.items() if name != "full_name"}
        if "full_name" in corrected:
            after["name_key"] = lossless_key(corrected["full_name"])
        found = police_store.records_with(connection, commune, {**old, **after})
    if len(found) > 1 and not old["id_number"]:
        return Refusal.RECORD_AMBIGUOUS
    return found or Refusal.RECORD_UNKNOWN


def _changes(record: Record, corrected: Mapping[str, str]) -> Changes:
    return {name: [getattr(record, name), after] for name, after in corrected.items() if getattr(record, name) != after}


def _why_not(run: _Run, row: ListRow, record: Record, changes: Changes) -> Refusal | None:
    """Why the changes may not be made, or None."""
    before = run.changed.get(record.dose_id, {})
    if before.keys() & changes.keys():
        return Refusal.CONTRADICTS
    if row.reference and row.old is not None and not before:
        told = {name: value for name, value in row.old.items() if value}
        if any(getattr(record, name) != value for name, value in told.items()):
            return Refusal.OLD_FACTS_DIFFER
    if record.state not in _STANDING or correction_store.live(run.connection, [record.dose_id], "applied"):
        return Refusal.RECORD_DECIDED
    if police_store.last_signed(run.connection, record.dose_id) > run.signed.signed_at:
        return Refusal.LATER_LIST
    if correction_store.has_certificate(run.connection, record.dose_id):
        return Refusal.RECORD_CERTIFIED
    return None


def _apply(run: _Run, number: int, row: ListRow, record: Record, changes: Changes) -> None:
    """Correct one record, link it again, and bring the worklist in line."""
    connection, dose_id, at = run.connection, record.dose_id, timestamp(run.now)
    before = correction_store.snapshot(connection, dose_id)
    correction_store.set_facts(connection, dose_id, facts_for(changes))
    result = relink(connection, dose_id, at)
    became = "" if result is None else result.link_class.value
    born = changes.get("birth_date", ["", record.birth_date])[1]
    problems = correction_store.blocking_problems(connection, dose_id)
    still = int(blocks_still(problems, born, record.vaccinated_on, linked=True))  # the police vouch for the person
    correction_store.set_facts(connection, dose_id, {"is_blocked": still})
    settled = became in (LinkClass.MATCHED, LinkClass.DUPLICATE)
    worklist_store.set_state(connection, [dose_id], "closed" if settled else "open", at)
    if not settled:
        queue_store.refresh(connection, at, [dose_id])
    run.changed[dose_id] = {**run.changed.get(dose_id, {}), **changes}
    run.corrections.append(
        {
            "number": number,
            "dose_id": dose_id,
            "changes": json.dumps(changes, ensure_ascii=False),
            "before": json.dumps(before, ensure_ascii=False),
            "listed_at": record.opened_at,
            "reviewed_on": row.reviewed_on,
            "confirmed_at": run.signed.signed_at,
            "applied_at": at,
            "link_class": became,
            "is_blocked": still,
        }
    )
    told = f"police list {run.list_id}, row {row.row_no}: {','.join(changes)}; linked again: {became or 'later'}"
    run.lines.append((f"dose {dose_id}", told))
