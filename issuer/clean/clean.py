"""Cleaning what was taken in: every row that has no fate yet gets one.

A transaction takes the next rows of one file and stores all that was found of them; killed at any moment, the next run
goes on with the first row that has no fate. Several workers may run on PostgreSQL: each claims another file.
"""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from issuer.audit import append
from issuer.clean.clean_row import CleanRow
from issuer.clean.row import RowCleaner
from issuer.intake.cells import cells_from_json
from issuer.intake.layout import Layout
from issuer.reading.dates import day_in_vietnam
from issuer.reading.problems import Problem
from issuer.store import clean_store
from issuer.store.engine import writing

__all__ = ["CleanCounts", "clean"]

_CHUNK = 4_000


@dataclass(slots=True)
class CleanCounts:
    """What became of the rows of a run; `fates` sums to `rows`, `problems` and `repairs` count findings, not rows."""

    rows: int = 0
    fates: Counter[str] = field(default_factory=Counter)
    problems: Counter[str] = field(default_factory=Counter)
    repairs: Counter[str] = field(default_factory=Counter)

    def add(self, other: "CleanCounts") -> None:
        """Take in the counts of another part of the run."""
        self.rows += other.rows
        self.fates += other.fates
        self.problems += other.problems
        self.repairs += other.repairs


def clean(
    engine: sa.Engine, *, now: datetime, actor: str, progress: Callable[[int], None] = lambda rows: None
) -> CleanCounts:
    """Clean every row that has no fate. Running it again finds nothing to do."""
    total = CleanCounts()
    retries = 0
    while True:
        try:
            with writing(engine) as connection:
                counts = _clean_chunk(connection, now, actor)
        except IntegrityError:
            # another worker stored the same dose from another file first: now it can be seen, and ours is the duplicate
            retries += 1
            if retries > 5 or engine.dialect.name == "sqlite":
                raise
            continue
        retries = 0
        if counts is None:
            if total.rows:
                with writing(engine) as connection:
                    clean_store.analyze_doses(connection)
            return total
        total.add(counts)
        progress(counts.rows)


def _clean_chunk(connection: sa.Connection, now: datetime, actor: str) -> CleanCounts | None:
    file = clean_store.claim_file(connection)
    if file is None:
        return None
    rows = clean_store.rows_without_fate(connection, file.file_id, _CHUNK)
    if not rows:
        counts = clean_store.close_file(connection, file.file_id)
        reason = ", ".join(f"{count} {fate}" for fate, count in sorted(counts.items()))
        append(
            connection,
            now=now,
            actor=actor,
            action="clean.file",
            object=f"file {file.file_id}",
            reason=reason or "0 rows",
        )
        return CleanCounts()
    cleaned: list[tuple[int, CleanRow]] = []
    sheet_no, cleaner = -1, None
    for row_id, row_sheet, row_no, cells, slot in rows:
        if row_sheet != sheet_no or cleaner is None:
            sheet_no = row_sheet
            layout = Layout.from_json(clean_store.layout(connection, file.file_id, sheet_no))
            tops = {merged[0] for merged in layout.merged if merged[0] < row_no <= merged[2]}
            earlier = clean_store.rows_numbered(connection, file.file_id, sheet_no, tops) if tops else {}
            cleaner = RowCleaner(
                layout,
                day_in_vietnam(file.received_at),
                file.facility_code,
                {number: cells_from_json(text) for number, text in earlier.items()},
            )
        try:
            row = cleaner.clean(row_no, cells_from_json(cells), slot)
        except (ArithmeticError, LookupError, TypeError, ValueError):
            # one row that nobody foresaw must not stop the rows of everybody: the chunk would be rolled back, and every
            # later run would meet the same row first; it is refused, and its cells stay in source_row for who looks
            row = CleanRow(problems=[(Problem.CELL_ERROR, "", "")])
        cleaned.append((row_id, row))
    return _store(connection, cleaned)


def _store(connection: sa.Connection, cleaned: list[tuple[int, CleanRow]]) -> CleanCounts:
    counts = CleanCounts(rows=len(cleaned))
    known = clean_store.doses_with_keys(
        connection, [row.dose.duplicate_key for _, row in cleaned if row.dose is not None]
    )
    facilities = clean_store.facility_ids(
        connection, {row.facility_code: row.dose.facility_name for _, row in cleaned if row.dose and row.facility_code}
    )
    outcomes: list[tuple[int, str, int | None]] = []
    doses: list[tuple[object, ...]] = []
    problems: list[tuple[object, ...]] = []
    repairs: list[tuple[object, ...]] = []
    for row_id, row in cleaned:
        if row.dose is None:
            outcomes.append((row_id, "rejected", None))
            counts.fates[f"rejected: {row.problems[0][0].name}"] += 1
        else:
            original = known.setdefault(row.dose.duplicate_key, row_id)
            if original == row_id:
                outcomes.append((row_id, "stored", None))
                doses.append((row_id, facilities.get(row.facility_code), *clean_store.dose_values(row.dose)))
                counts.fates["stored"] += 1
            else:
                outcomes.append((row_id, "duplicate", original))
                counts.fates["duplicate"] += 1
        for number, (problem, name, raw) in enumerate(row.problems):
            problems.append((row_id, number, problem.name, name, raw))
            counts.problems[problem.name] += 1
        for number, made in enumerate(row.repairs):
            repairs.append((row_id, number, made.column, made.before, made.after, made.rule, made.certainty))
            counts.repairs[f"{made.rule} ({made.certainty})"] += 1
    clean_store.store(connection, outcomes, doses, problems, repairs)
    return counts
