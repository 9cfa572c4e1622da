"""The statements of linking in DuckDB, in this process, within a given memory and number of threads."""

# ruff: noqa: S608 - names of tables and columns come from this package

from collections.abc import Iterator, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any

import duckdb

from specs.names import TONE_SIGNS

__all__ = ["DuckDbEngine"]

_FUNCTIONS = (
    "CREATE MACRO sorted_words(x) AS array_to_string(list_sort(string_split(x, ' ')), ' ')",
    "CREATE MACRO words_outside(a, b) AS"
    " len(list_filter(list_distinct(string_split(a, ' ')), lambda w: NOT list_contains(string_split(b, ' '), w)))",
    "CREATE MACRO merge_i_y(x) AS replace(regexp_replace(replace(x, ' ', '  '),"
    rf" '(^| |[^ aeiouyăâêôơư]|qu)y([{TONE_SIGNS}]*)( |$)', '\1i\2\3', 'g'), '  ', ' ')",
)


class DuckDbEngine:
    """A DuckDB database of its own that holds nothing after it is closed; `folder` is where it may spill."""

    def __init__(self, folder: Path, *, threads: int = 2, memory: str = "2GB") -> None:
        self._connection = duckdb.connect(
            ":memory:", config={"threads": threads, "memory_limit": memory, "temp_directory": str(folder / "spill")}
        )
        self._run("SET preserve_insertion_order = false")
        for function in _FUNCTIONS:
            self._run(function)

    def __enter__(self) -> "DuckDbEngine":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._connection.close()

    def load(self, table: str, columns: Sequence[tuple[str, str]], path: Path) -> None:
        """Make `table` from a CSV file without header; `columns` are names with SQL types, in the file's order."""
        types = ", ".join(f"'{name}': '{kind}'" for name, kind in columns)
        self._run(
            f"CREATE TABLE {table} AS SELECT * FROM read_csv(?, header=false, auto_detect=false, delim=',', quote='\"',"
            f" escape='\"', nullstr='\\N', new_line='\\n', columns={{{types}}})",
            [str(path)],
        )

    def make(self, table: str, select: str) -> None:
        """Keep the rows of a SELECT as a table."""
        self._run(f"CREATE TABLE {table} AS {select}")

    def drop(self, table: str) -> None:
        """Forget a table."""
        self._run(f"DROP TABLE IF EXISTS {table}")

    def rows(self, select: str, size: int = 50_000) -> Iterator[list[tuple[Any, ...]]]:
        """The rows of a SELECT, in lists of at most `size`."""
        with self._connection.cursor() as cursor:  # its own, so that two SELECTs can be read side by side
            cursor.execute(select)
            while chunk := cursor.fetchmany(size):
                yield chunk

    def _run(self, statement: str, values: Sequence[object] = ()) -> None:
        self._connection.execute(statement, list(values)).fetchall()
