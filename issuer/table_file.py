"""Reading a table, of the register or of deliveries: CSV (UTF-8, header row) or Parquet, as text, row by row.

Comes in: a path and the columns that are wanted. Goes out: the number of each row as its file counts (a CSV's lines
from 1, the header among them; a Parquet's rows from 1) and its cells in the order wanted. What the file is, its first
four bytes say, never its extension.
"""

import csv
import re
from collections.abc import Iterator, Sequence
from pathlib import Path

import duckdb

from issuer.errors import Code, IssuerError, Where

__all__ = ["columns_of", "read_table"]

_PARQUET = b"PAR1"
_FETCHED = 10_000
_SETTINGS: dict[str, str | bool | int | float | list[str]] = {
    "threads": 2,
    "memory_limit": "1GB",
    "autoinstall_known_extensions": False,
    "autoload_known_extensions": False,
}

Row = tuple[int, list[str]]


def columns_of(path: Path) -> frozenset[str]:
    """The names in the header, in small letters. Raises IssuerError."""
    if _is_parquet(path):
        with _connection() as connection:
            return frozenset(name.lower() for name, _ in _parquet_columns(connection, path))
    try:
        with path.open(encoding="utf-8-sig", newline="", errors="strict") as stream:
            return frozenset(cell.strip().lower() for cell in next(csv.reader(stream, strict=True), []))
    except (UnicodeDecodeError, csv.Error) as error:
        raise _unreadable(path, error) from error


def read_table(
    path: Path, required: Sequence[str], optional: Sequence[str] = (), *, of: Code = Code.PERSON_ROW
) -> Iterator[Row]:
    """The rows with the `required` columns, then the `optional` ones, an absent one empty.

    Raises IssuerError; a row of another width than the header with the code `of`.
    """
    if _is_parquet(path):
        return _read_parquet(path, required, optional)
    return _read_csv(path, required, optional, of)


def _is_parquet(path: Path) -> bool:
    try:
        with path.open("rb") as stream:
            return stream.read(len(_PARQUET)) == _PARQUET
    except OSError as error:
        raise _unreadable(path, error) from error


def _read_csv(path: Path, required: Sequence[str], optional: Sequence[str], of: Code) -> Iterator[Row]:
    try:
        with path.open(encoding="utf-8-sig", newline="", errors="strict") as stream:
            reader = csv.reader(stream, strict=True)
            header = [cell.strip().lower() for cell in next(reader, [])]
            places = _places(header, path.name, required, optional)
            width = len(header)
            while True:
                row = reader.line_num + 1  # a cell may hold line breaks: the row begins here
                cells = next(reader, None)
                if cells is None:
                    return
                if not any(cells):
                    continue
                if len(cells) != width:
                    raise IssuerError(of, f"{len(cells)} cells under {width} headings", Where(path.name, row=row))
                yield row, [cells[place] if place >= 0 else "" for place in places]
    except (UnicodeDecodeError, csv.Error, OSError) as error:
        raise _unreadable(path, error) from error


def _read_parquet(path: Path, required: Sequence[str], optional: Sequence[str]) -> Iterator[Row]:
    with _connection() as connection:
        columns = _parquet_columns(connection, path)
        places = _places([name.lower() for name, _ in columns], path.name, required, optional)
        wanted = ", ".join(_as_text(*columns[place]) if place >= 0 else "''" for place in places)
        try:
            connection.execute(f"SELECT {wanted} FROM read_parquet(?)", [_literal(path)])  # noqa: S608 (quoted names)
            row = 0
            while chunk := connection.fetchmany(_FETCHED):
                for cells in chunk:
                    row += 1
                    yield row, list(cells)
        except duckdb.Error as error:
            raise _unreadable(path, error) from error


def _connection() -> duckdb.DuckDBPyConnection:
    return duckdb.connect(":memory:", config=_SETTINGS)


def _parquet_columns(connection: duckdb.DuckDBPyConnection, path: Path) -> list[tuple[str, str]]:
    try:
        found = connection.execute("DESCRIBE SELECT * FROM read_parquet(?)", [_literal(path)]).fetchall()
    except duckdb.Error as error:
        raise _unreadable(path, error) from error
    return [(str(name), str(kind)) for name, kind, *_ in found]


def _as_text(name: str, kind: str) -> str:
    quoted = '"' + name.replace('"', '""') + '"'
    text = f"array_to_string({quoted}, ';')" if kind.endswith("[]") else f"CAST({quoted} AS VARCHAR)"
    return f"COALESCE({text}, '')"


def _literal(path: Path) -> str:
    """The path as DuckDB's file patterns write one file."""
    return re.sub(r"([*?\[])", r"[\1]", str(path.resolve()))


def _places(header: Sequence[str], file: str, required: Sequence[str], optional: Sequence[str]) -> list[int]:
    if not any(header):
        raise IssuerError(Code.FILE_EMPTY, where=Where(file))
    for column in (*required, *optional):
        if header.count(column) > 1:
            raise IssuerError(Code.COLUMN_TWICE, where=Where(file, row=1, column=column))
        if column not in header and column in required:
            raise IssuerError(Code.COLUMN_MISSING, where=Where(file, row=1, column=column))
    return [header.index(column) if column in header else -1 for column in (*required, *optional)]


def _unreadable(path: Path, error: Exception) -> IssuerError:
    if isinstance(error, UnicodeDecodeError):
        return IssuerError(Code.TEXT_ENCODING, "not UTF-8", Where(path.name))
    if isinstance(error, FileNotFoundError):
        return IssuerError(Code.FILE_MISSING, where=Where(str(path)))
    if isinstance(error, OSError):
        return IssuerError(Code.FILE_UNREADABLE, error.strerror or "", Where(path.name))
    if isinstance(error, csv.Error):
        return IssuerError(Code.FILE_UNREADABLE, str(error), Where(path.name))
    # what DuckDB says may quote a cell, so only its kind is passed on
    return IssuerError(Code.FILE_UNREADABLE, f"not a whole Parquet file ({type(error).__name__})", Where(path.name))
