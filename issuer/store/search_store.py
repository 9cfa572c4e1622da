"""SQL of the search in an area's records, whatever their state."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import sqlalchemy as sa

from issuer.store.tables import ROWS_PER_FILE, dose, source_file, source_row
from issuer.store.worklist_store import Scope, in_scope
from issuer.store.worklist_tables import work_item

__all__ = ["Wanted", "doses_of", "found"]


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is looked for; empty: not asked. `name` is folded, `number` digits as typed, `row_no` 0 any row."""

    token: str = ""
    name: str = field(default="", repr=False)
    number: str = field(default="", repr=False)
    file_name: str = field(default="", repr=False)
    row_no: int = 0

    @property
    def kind(self) -> str:
        """The kind of question, for the log."""
        asked = {"reference": self.token, "name": self.name, "number": self.number, "file": self.file_name}
        return " and ".join(name for name, value in asked.items() if value)


def found(connection: sa.Connection, scope: Scope, wanted: Wanted, limit: int) -> list[int]:
    """The doses that fit, those that wait first."""
    query = (
        sa.select(work_item.c.dose_id)
        .join(dose, dose.c.dose_id == work_item.c.dose_id)
        .where(in_scope(scope, work_item.c.commune_code))
    )
    if wanted.token:
        query = query.where(work_item.c.token == wanted.token)
    if wanted.number:
        query = query.where(sa.or_(dose.c.id_number.contains(wanted.number), dose.c.id_other.contains(wanted.number)))
    if wanted.name:
        query = query.where(dose.c.name_fold.contains(wanted.name, autoescape=True))
    if wanted.file_name:
        query = (
            query.join(source_row, source_row.c.row_id == dose.c.dose_id)
            .join(source_file, source_file.c.file_id == dose.c.dose_id // ROWS_PER_FILE)
            .where(
                sa.or_(  # the database's own idea of capitals ends at Z
                    source_file.c.name.contains(wanted.file_name, autoescape=True),
                    sa.func.lower(source_file.c.name).contains(wanted.file_name.lower(), autoescape=True),
                )
            )
        )
        if wanted.row_no:
            query = query.where(source_row.c.row_no == wanted.row_no)
    last = sa.case({"open": 0, "proposed": 0}, value=work_item.c.state, else_=1)
    return list(connection.scalars(query.order_by(last, dose.c.name_fold, work_item.c.dose_id).limit(limit)))


def doses_of(connection: sa.Connection, scope: Scope, tokens: Sequence[str]) -> list[int]:
    """The doses of these tokens that lie in the scope, in the order of the tokens."""
    query = sa.select(work_item.c.token, work_item.c.dose_id).where(
        work_item.c.token.in_(list(tokens)), in_scope(scope, work_item.c.commune_code)
    )
    known = {row[0]: row[1] for row in connection.execute(query)}
    return [known[token] for token in tokens if token in known]
