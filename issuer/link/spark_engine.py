"""The statements of linking on Spark, for a nation that outgrows one machine: the same tables, the same results.

The session and its cluster are the caller's. Blocking keys are join keys, so Spark shuffles by them; every table made
is checkpointed because later statements read it several times. Needs the extra `spark` and Java 17 or newer.
"""

from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import Any

from pyspark.sql import DataFrame, SparkSession

from specs.names import TONE_SIGNS

__all__ = ["SparkEngine"]

_FUNCTIONS = (
    "sorted_words(x STRING) RETURNS STRING RETURN array_join(array_sort(split(x, ' ')), ' ')",
    "words_outside(a STRING, b STRING) RETURNS INT RETURN size(array_except(split(a, ' '), split(b, ' ')))",
    "merge_i_y(x STRING) RETURNS STRING RETURN replace(regexp_replace(replace(x, ' ', '  '),"
    f" '(^| |[^ aeiouyăâêôơư]|qu)y([{TONE_SIGNS}]*)( |$)', '$1i$2$3'), '  ', ' ')",
)


class SparkEngine:
    """Temporary views of one session; `close` lets go of what they keep."""

    def __init__(self, session: SparkSession) -> None:
        self._session = session
        self._kept: dict[str, DataFrame] = {}
        for function in _FUNCTIONS:
            session.sql(f"CREATE OR REPLACE TEMPORARY FUNCTION {function}")

    def close(self) -> None:
        """Drop every view made here."""
        for table in list(self._kept):
            self.drop(table)

    def load(self, table: str, columns: Sequence[tuple[str, str]], path: Path) -> None:
        """Make `table` from a CSV file without header, or a folder of them; as DuckDbEngine.load."""
        schema = ", ".join(f"{name} {kind.replace('VARCHAR', 'STRING')}" for name, kind in columns)
        frame = self._session.read.csv(str(path), schema=schema, quote='"', escape='"', nullValue="\\N", emptyValue="")
        self._keep(table, frame.fillna("", [name for name, kind in columns if kind == "VARCHAR"]))

    def make(self, table: str, select: str) -> None:
        """Keep the rows of a SELECT as a view."""
        self._keep(table, self._session.sql(select))

    def drop(self, table: str) -> None:
        """Forget a view."""
        frame = self._kept.pop(table, None)
        if frame is not None:
            self._session.catalog.dropTempView(table)
            frame.unpersist()

    def rows(self, select: str, size: int = 50_000) -> Iterator[list[tuple[Any, ...]]]:
        """The rows of a SELECT, in lists of at most `size`."""
        rows = self._session.sql(select).toLocalIterator()
        while chunk := [tuple(row) for row in islice(rows, size)]:
            yield chunk

    def _keep(self, table: str, frame: DataFrame) -> None:
        kept = frame.localCheckpoint(eager=True)
        kept.createOrReplaceTempView(table)
        self._kept[table] = kept
