"""A register filled directly, as intake, clean and link would leave it: people, one dose file, doses, links."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

import sqlalchemy as sa

from issuer.store.bulk import insert_rows
from issuer.store.engine import writing
from issuer.store.tables import dose, facility, link, person, source_file, source_row
from specs.names import fold, lossless_key

AT = "2026-03-01T08:00:00.000000Z"
FILE_SHA256 = "ab" * 32


@dataclass(frozen=True)
class Given:
    """One dose of one person; what is not said is as it mostly is."""

    person: int
    on: str = "2021-09-01"
    product: str = "EU/1/20/1528"
    number: int | None = 1
    role: str = "basic"
    lot: str = "FH4092"
    facility: str | None = "79001"
    link_class: str = "matched"
    blocked: bool = False


@dataclass(frozen=True)
class Somebody:
    """A person of the register."""

    person_id: int
    full_name: str = "Nguyễn Thị Ví Dụ"
    birth_date: str = "1990-04-15"
    sex: str = "F"
    family_name: str = ""
    death_date: str = ""

    @property
    def national_id(self) -> str:
        return f"001190{self.person_id:06}"


def fill(engine: sa.Engine, people: Sequence[Somebody], doses: Sequence[Given], *, file_id: int = 1) -> list[int]:
    """Store people and doses; returns the number of each dose, in order."""
    numbers = [file_id * 2**24 + at for at in range(len(doses))]
    codes = sorted({given.facility for given in doses if given.facility})
    with writing(engine) as connection:
        known = {
            code: number for number, code in connection.execute(sa.select(facility.c.facility_id, facility.c.code))
        }
        for code in codes:
            if code not in known:
                result = connection.execute(facility.insert().values(code=code, name=f"Trạm y tế {code}"))
                known[code] = result.inserted_primary_key[0]
        columns = ("person_id", "national_id", "full_name", "name_key", "name_fold", "birth_date", "sex")
        columns += ("nationality", "death_date", "family_name", "changed_at")
        insert_rows(
            connection,
            person,
            columns,
            [
                (
                    p.person_id,
                    p.national_id,
                    p.full_name,
                    lossless_key(p.full_name),
                    fold(p.full_name),
                    p.birth_date,
                    p.sex,
                    "Việt Nam",
                    p.death_date,
                    p.family_name,
                    AT,
                )
                for p in people
            ],
        )
        connection.execute(
            source_file.insert().values(
                file_id=file_id,
                kind="doses",
                name="doses.xlsx",
                sha256=FILE_SHA256 if file_id == 1 else f"{file_id:064x}",
                size=1,
                received_at=AT,
                rows_done=len(doses),
                state="cleaned",
            )
        )
        insert_rows(
            connection,
            source_row,
            ("row_id", "sheet_no", "row_no", "cells"),
            [(number, 0, at + 2, "[]") for at, number in enumerate(numbers)],
        )
        by_id = {p.person_id: p for p in people}
        values = []
        for number, given in zip(numbers, doses, strict=True):
            who = by_id.get(given.person, Somebody(given.person))
            values.append(
                {
                    "dose_id": number,
                    "facility_id": known[given.facility] if given.facility else None,
                    "full_name": who.full_name,
                    "name_key": lossless_key(who.full_name),
                    "name_fold": fold(who.full_name),
                    "birth_date": who.birth_date,
                    "birth_date_other": "",
                    "sex": who.sex,
                    "id_kind": "cccd",
                    "id_number": who.national_id,
                    "id_other": "",
                    "nationality": "",
                    "is_foreign": 0,
                    "phone": "",
                    "commune_code": "",
                    "address": "",
                    "vaccinated_on": given.on,
                    "product": given.product,
                    "dose_number": given.number,
                    "dose_role": given.role,
                    "lot": given.lot,
                    "facility_name": "",
                    "is_blocked": int(given.blocked),
                    "duplicate_key": number.to_bytes(16, "big"),
                }
            )
        names = list(values[0]) if values else []
        insert_rows(connection, dose, names, [tuple(value.values()) for value in values])
        insert_rows(
            connection,
            link,
            ("dose_id", "link_class", "person_id", "basis", "evidence", "linked_at"),
            [
                (number, given.link_class, given.person if given.link_class == "matched" else None, "exact", "", AT)
                for number, given in zip(numbers, doses, strict=True)
            ],
        )
    return numbers


def series(person: int, count: int = 2, *, start: date = date(2021, 9, 1), **what: object) -> list[Given]:
    """`count` doses of one person, 190 days apart."""
    return [
        Given(person, (start + timedelta(days=190 * at)).isoformat(), number=at + 1, **what)  # type: ignore[arg-type]
        for at in range(count)
    ]


NOW = datetime(2026, 3, 1, 8, 0, tzinfo=UTC)
