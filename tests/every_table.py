"""The whole contents of a register, to be compared before and after."""

from typing import Any

import sqlalchemy as sa

from issuer.store.engine import reading


def every_table(register: sa.Engine, *but: str) -> dict[str, list[tuple[Any, ...]]]:
    """The rows of every table that there is, whoever made it, but those named."""
    tables = sa.MetaData()
    with reading(register) as connection:
        tables.reflect(connection)
        return {
            table.name: [tuple(row) for row in connection.execute(sa.select(table).order_by(*table.columns))]
            for table in tables.sorted_tables
            if table.name not in but
        }
