"""Taking in a file: every row stored as it came, or the whole file refused.

One file is one transaction: killed at any moment, it is either there or not. The same bytes again change nothing.
"""

import datetime as dt
import itertools
import os
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from issuer.audit import append, timestamp
from issuer.errors import Code, IssuerError, Where
from issuer.intake.cells import cells_to_json
from issuer.intake.container import MAX_FILE
from issuer.intake.layout import SAMPLE_ROWS, LayoutFinder
from issuer.intake.unfold import Unfolder
from issuer.intake.workbook import read_sheets
from issuer.regular_file import digest_of
from issuer.store import intake_store
from issuer.store.bulk import CHUNK, chunked
from issuer.store.engine import writing
from issuer.store.tables import ROWS_PER_FILE

__all__ = ["FileTaken", "take_in"]


@dataclass(frozen=True, slots=True)
class FileTaken:
    """A file that is in the register; `already` when it was there before.

    Rows are those not blank, a row of several doses counted once for each; `further`: those that are so counted again.
    """

    file_id: int
    name: str
    rows: int
    sheets: int
    already: bool
    further: int = 0


def take_in(
    engine: sa.Engine,
    path: Path,
    *,
    now: dt.datetime,
    actor: str,
    facility_code: str = "",
    kind: str = "doses",
    progress: Callable[[int], None] = lambda rows: None,
) -> FileTaken:
    """Store the file at `path`. Raises IssuerError, and then nothing of the file is stored."""
    digest = digest_of(path, MAX_FILE)
    name = os.fsencode(path.name).decode("utf-8", "backslashreplace")  # of a name that is no UTF-8, what can be shown
    with writing(engine) as connection:
        known = intake_store.known_file(connection, kind, digest)
        if known is not None:
            return FileTaken(known[0], name, known[1], known[2], already=True)
        size = path.stat().st_size
        file_id = intake_store.add_file(connection, kind, name, digest, size, facility_code, timestamp(now))
        rows, sheets, headers, further = 0, 0, 0, 0
        for sheet in read_sheets(path):
            sample = list(itertools.islice(sheet.rows, SAMPLE_ROWS))
            if not sample:
                continue
            finder = LayoutFinder(sample, sheet.merged, file=path.name, sheet=sheet.name)
            headers += finder.has_header
            numbered = _numbered(itertools.chain(sample, sheet.rows), finder, file_id, sheets, rows, path)
            row_no = 0
            for chunk in chunked(numbered, CHUNK):
                intake_store.add_rows(connection, chunk)
                rows += len(chunk)
                further += sum(one[2] == before[2] for before, one in itertools.pairwise([(0, 0, row_no), *chunk]))
                row_no = chunk[-1][2]
                progress(len(chunk))
            intake_store.add_sheet(connection, file_id, sheets, sheet.name, finder.layout().to_json())
            sheets += 1
        if rows == 0:
            raise IssuerError(Code.FILE_EMPTY, where=Where(path.name))
        if headers == 0:
            raise IssuerError(Code.HEADER_MISSING, where=Where(path.name))
        intake_store.finish(connection, file_id, rows)
        append(
            connection,
            now=now,
            actor=actor,
            action=f"intake.{kind}",
            object=f"file {file_id} sha256 {digest}",
            reason=f"{rows} rows in {sheets} sheets" + (f", {further} of them further doses" if further else ""),
        )
    return FileTaken(file_id, name, rows, sheets, already=False, further=further)


def _numbered(
    rows: Iterable[tuple[int, list[Any]]], finder: LayoutFinder, file_id: int, sheet_no: int, before: int, path: Path
) -> Iterator[tuple[int, int, int, str, int]]:
    unfolder = Unfolder(finder.layout())
    row_id = file_id * ROWS_PER_FILE + before
    last = (file_id + 1) * ROWS_PER_FILE
    for row_no, cells in rows:
        finder.see(cells, row_no)
        text = cells_to_json(cells)
        for slot in unfolder.slots(row_no, text):
            if row_id >= last:
                raise IssuerError(
                    Code.SHEET_TOO_LONG, f"limit {ROWS_PER_FILE} rows a file", Where(path.name, row=row_no)
                )
            yield row_id, sheet_no, row_no, text, slot
            row_id += 1
