"""Loading an extract of the population register: CSV rows in, people and their identifier history out.

The file is read twice: once to refuse it whole if any row is wrong (nothing is written then), once to write it, some
thousand people a transaction. A load that was killed goes on where it stopped; a file loaded again changes nothing. A
person found again under the same number is updated; under a re-issued number, which the row lists beside the old one,
the old number stays in the history as cancelled. Nobody is ever deleted. Columns: `COLUMNS`.
"""

import csv
import hashlib
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path

import sqlalchemy as sa

from issuer.audit import append, timestamp
from issuer.errors import Code, IssuerError, Where
from issuer.store import people_store
from issuer.store.bulk import chunked
from issuer.store.engine import writing
from specs.names import fold, lossless_key, one_blank
from specs.national_id import is_national_id

__all__ = ["COLUMNS", "PeopleLoaded", "PersonRow", "load_people", "read_extract"]

COLUMNS = ("so_dinh_danh", "ho_ten", "ngay_sinh", "gioi_tinh", "so_giay_to_cu", "ma_xa", "quoc_tich", "ngay_mat")
_CHUNK = 5_000
_SEX = {"nam": "M", "nữ": "F"}
_PARTIAL_DATE = re.compile(r"(?:18|19|20)[0-9]{2}(?:-(?:0[1-9]|1[0-2])(?:-[0-9]{2})?)?")


@dataclass(frozen=True, slots=True)
class PersonRow:
    """One person of the extract, checked; `old_numbers` are the earlier papers' numbers."""

    row: int
    national_id: str = field(repr=False)
    full_name: str = field(repr=False)
    birth_date: str = field(repr=False)
    sex: str = field(repr=False)
    old_numbers: tuple[str, ...] = field(repr=False)
    commune_code: str
    nationality: str
    death_date: str = field(repr=False)
    name_key: str = field(repr=False)
    name_fold: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class PeopleLoaded:
    """What became of the rows: `read` is the sum of the others."""

    read: int
    new: int
    changed: int
    unchanged: int
    already_loaded: int


def load_people(
    engine: sa.Engine, path: Path, *, now: datetime, actor: str, progress: Callable[[int], None] = lambda rows: None
) -> PeopleLoaded:
    """Load the extract at `path`. Raises IssuerError before anything is written if a row is not valid."""
    digest, rows = _checked(path)
    at = timestamp(now)
    with writing(engine) as connection:
        file_id, done, whole = people_store.begin(connection, path.name, digest, path.stat().st_size, at)
    if whole:
        return PeopleLoaded(rows, 0, 0, 0, rows)
    already, new, changed, unchanged = done, 0, 0, 0
    progress(done)
    for chunk in chunked((person for at_row, person in enumerate(read_extract(path)) if at_row >= done), _CHUNK):
        with writing(engine) as connection:
            counts = people_store.store_people(connection, chunk, source=f"file {file_id}", now=at)
            done += len(chunk)
            people_store.advance(connection, file_id, done)
        new, changed, unchanged = new + counts[0], changed + counts[1], unchanged + counts[2]
        progress(len(chunk))
    with writing(engine) as connection:
        if people_store.finish(connection, file_id):
            append(
                connection,
                now=now,
                actor=actor,
                action="people.load",
                object=f"file {file_id} sha256 {digest}",
                reason=f"{rows} people: {new} new, {changed} changed, {unchanged} unchanged, {already} before",
            )
    return PeopleLoaded(rows, new, changed, unchanged, already)


def read_extract(path: Path) -> Iterator[PersonRow]:
    """The people of the file, one by one. Raises IssuerError at the first row that is not valid."""
    try:
        with path.open(encoding="utf-8-sig", newline="", errors="strict") as stream:
            reader = csv.reader(stream, strict=True)
            places = _header(next(reader, None), path.name)
            width = max(places) + 1
            for cells in reader:
                if not any(cells):
                    continue
                if len(cells) < width:
                    cells += [""] * (width - len(cells))
                yield _person([cells[place] if place >= 0 else "" for place in places], reader.line_num, path.name)
    except UnicodeDecodeError as error:
        raise IssuerError(Code.TEXT_ENCODING, "not UTF-8", Where(path.name)) from error
    except csv.Error as error:
        raise IssuerError(Code.FILE_UNREADABLE, str(error), Where(path.name)) from error
    except FileNotFoundError as error:
        raise IssuerError(Code.FILE_MISSING, where=Where(str(path))) from error
    except OSError as error:
        raise IssuerError(Code.FILE_UNREADABLE, error.strerror or "", Where(path.name)) from error


def _checked(path: Path) -> tuple[str, int]:
    rows = sum(1 for _ in read_extract(path))
    if rows == 0:
        raise IssuerError(Code.FILE_EMPTY, where=Where(path.name))
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest(), rows


def _header(cells: list[str] | None, file: str) -> list[int]:
    if not cells:
        raise IssuerError(Code.FILE_EMPTY, where=Where(file))
    names = [cell.strip().lower() for cell in cells]
    for column in COLUMNS:
        if names.count(column) > 1:
            raise IssuerError(Code.COLUMN_TWICE, where=Where(file, row=1, column=column))
        if column not in names and column in COLUMNS[:4]:
            raise IssuerError(Code.COLUMN_MISSING, where=Where(file, row=1, column=column))
    return [names.index(column) if column in names else -1 for column in COLUMNS]


def _person(cells: list[str], row: int, file: str) -> PersonRow:
    number, name, born, sex, old, commune, nationality, died = (cell.strip() for cell in cells)
    problem = ""
    if not is_national_id(number):
        problem, column = "not twelve digits", "so_dinh_danh"
    elif not name:
        problem, column = "empty", "ho_ten"
    elif not _is_partial_date(born):
        problem, column = "not YYYY-MM-DD, YYYY-MM or YYYY", "ngay_sinh"
    elif sex.lower() not in _SEX:
        problem, column = "neither Nam nor Nữ", "gioi_tinh"
    elif died and not _is_partial_date(died):
        problem, column = "not a date", "ngay_mat"
    if problem:
        raise IssuerError(Code.PERSON_ROW, problem, Where(file, row=row, column=column))
    return PersonRow(
        row,
        number,
        one_blank(name),
        born,
        _SEX[sex.lower()],
        tuple(filter(None, (value.strip() for value in old.split(";")))) if old else (),
        commune,
        nationality,
        died,
        lossless_key(name),
        fold(name),
    )


def _is_partial_date(text: str) -> bool:
    if _PARTIAL_DATE.fullmatch(text) is None:
        return False
    if len(text) == 10:
        try:
            date.fromisoformat(text)
        except ValueError:
            return False
    return True
