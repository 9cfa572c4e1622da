"""SQL of the sheets that hamlet teams send back."""

import sqlalchemy as sa

from issuer.store.tables import dose
from issuer.store.worklist_store import Filters, Scope, in_scope
from issuer.store.worklist_tables import account, team_sheet, work_item

__all__ = ["SheetRow", "add_sheet", "finish_sheet", "known_sheet", "received", "rows_for_team"]

SheetRow = tuple[int, str, str, str, str, str, str, str, str, str]
"""Dose, token, name, birth date, sex, number, telephone, address, day of the dose, class."""


def rows_for_team(connection: sa.Connection, scope: Scope, filters: Filters, limit: int) -> list[SheetRow]:
    """What a team may be asked about: the dose's own facts, nobody's of the register."""
    conditions = [in_scope(scope, work_item.c.commune_code), work_item.c.state == "open"]
    if filters.link_class:
        conditions.append(work_item.c.link_class == filters.link_class)
    rows = connection.execute(
        sa.select(
            work_item.c.dose_id,
            work_item.c.token,
            *(dose.c[name] for name in ("full_name", "birth_date", "sex", "id_number", "phone", "address")),
            dose.c.vaccinated_on,
            work_item.c.link_class,
        )
        .join(dose, dose.c.dose_id == work_item.c.dose_id)
        .where(*conditions)
        .order_by(dose.c.address, dose.c.name_fold, work_item.c.dose_id)
        .limit(limit)
    )
    return [tuple(row) for row in rows]


def known_sheet(connection: sa.Connection, commune_code: str, sha256: str) -> tuple[int, int] | None:
    """Rows and proposals of a sheet that came before, or None."""
    row = connection.execute(
        sa.select(team_sheet.c.row_count, team_sheet.c.proposed_count).where(
            team_sheet.c.commune_code == commune_code, team_sheet.c.sha256 == sha256
        )
    ).one_or_none()
    return None if row is None else (row[0], row[1])


def add_sheet(connection: sa.Connection, commune_code: str, name: str, sha256: str, account_id: int, now: str) -> int:
    """The number of a new sheet."""
    key = connection.execute(
        team_sheet.insert().values(
            commune_code=commune_code,
            name=name,
            sha256=sha256,
            received_by=account_id,
            received_at=now,
            row_count=0,
            proposed_count=0,
        )
    ).inserted_primary_key
    assert key is not None, "an insert of one row tells its key"  # noqa: S101
    sheet_id: int = key[0]
    return sheet_id


def finish_sheet(connection: sa.Connection, sheet_id: int, rows: int, proposed: int) -> None:
    """What became of the sheet."""
    connection.execute(
        team_sheet.update().where(team_sheet.c.sheet_id == sheet_id).values(row_count=rows, proposed_count=proposed)
    )


def received(connection: sa.Connection, scope: Scope, limit: int) -> list[tuple[str, str, str, int, int]]:
    """Name, time, login, rows and proposals of the latest sheets of an area."""
    rows = connection.execute(
        sa.select(
            team_sheet.c.name,
            team_sheet.c.received_at,
            account.c.login,
            team_sheet.c.row_count,
            team_sheet.c.proposed_count,
        )
        .join(account, account.c.account_id == team_sheet.c.received_by)
        .where(in_scope(scope, team_sheet.c.commune_code))
        .order_by(team_sheet.c.sheet_id.desc())
        .limit(limit)
    )
    return [(row[0], row[1], row[2], row[3], row[4]) for row in rows]
