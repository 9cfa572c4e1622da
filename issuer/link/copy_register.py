"""The register copied to where it is linked: doses, people, their old numbers, and the links so far, as tables.

One transaction reads all of it, so the copy is of one moment. The files in between lie in a folder that only its owner
may look into, and are gone at the end.
"""

import csv
import re
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

import sqlalchemy as sa

from issuer.link.engine import Engine
from issuer.store import link_store
from issuer.store.engine import reading

__all__ = ["copy_register"]

_TEXT, _NUMBER = "VARCHAR", "BIGINT"
_PEOPLE = [(name, _NUMBER if name == "person_id" else _TEXT) for name in link_store.PEOPLE_COLUMNS]
_DOSES = [
    *((name, _NUMBER if name in ("dose_id", "is_foreign") else _TEXT) for name in link_store.DOSE_COLUMNS),
    ("standing", _NUMBER),
]
_NUMBERS = [("value", _TEXT), ("person_id", _NUMBER)]
_LINKS = [("dose_id", _NUMBER), ("person_id", _NUMBER), ("link_class", _TEXT)]
_SCIENTIFIC = re.compile(r"([0-9])(?:[.,]([0-9]+))?E\+?([0-9]{1,2})")
_KNOWN_START = 4


def copy_register(register: sa.Engine, target: Engine, folder: Path, touched: Sequence[int]) -> None:
    """Make `all_doses`, `people`, their numbers, `links`, `readings` and, of those named, `touched` in `target`."""
    path = folder / "rows.csv"
    withdrawn = link_store.select_withdrawn_numbers()  # they matter to who changed; not worth reading the history else
    with reading(register) as connection:
        if connection.dialect.name == "postgresql":
            connection.execute(sa.text("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ"))
        for table, columns, select in (
            ("all_doses", _DOSES, link_store.select_doses()),
            ("people", _PEOPLE, link_store.select_people()),
            ("old_numbers", _NUMBERS, link_store.select_old_numbers()),
            ("withdrawn_numbers", _NUMBERS, withdrawn if touched else withdrawn.where(sa.false())),
            ("links", _LINKS, link_store.select_links()),
        ):
            link_store.export(connection, select, path)
            target.load(table, columns, path)
        odd = link_store.odd_numbers(connection)
    _write(path, _further_readings(odd))
    target.load("odd_readings", [("dose_id", _NUMBER), ("kind", _TEXT), ("value", _TEXT)], path)
    _write(path, ((person_id,) for person_id in touched))
    target.load("touched", [("person_id", _NUMBER)], path)
    path.unlink()
    target.make(
        "readings",
        "SELECT dose_id, 'main' AS kind, id_number AS value FROM all_doses"
        " WHERE id_kind <> 'none' AND id_number <> '' UNION ALL SELECT dose_id, kind, value FROM odd_readings",
    )


def _further_readings(odd: Iterable[tuple[int, str, str, str]]) -> Iterator[tuple[int, str, str]]:
    for dose_id, kind, number, others in odd:
        for other in filter(None, others.split(";")):
            yield dose_id, "other", other
        found = _SCIENTIFIC.fullmatch(number.upper()) if kind == "malformed" else None
        if found is not None:
            start = (found[1] + (found[2] or "")).rjust(len(found[1] + (found[2] or "")) + 11 - int(found[3]), "0")
            if int(found[3]) <= 11 and len(start) >= _KNOWN_START:
                yield dose_id, "start", start[:12]


def _write(path: Path, rows: Iterable[Sequence[object]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as stream:
        csv.writer(stream, lineterminator="\n").writerows(rows)
