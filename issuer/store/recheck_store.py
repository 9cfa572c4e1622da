"""SQL of superiors' re-checks: a sample drawn by the database, what each check found."""

from dataclasses import dataclass, field

import sqlalchemy as sa

from issuer.store.queue_store import random_token
from issuer.store.worklist_store import Scope, in_scope
from issuer.store.worklist_tables import account, area, correction, recheck, work_item

__all__ = ["Check", "Checked", "Tally", "check_of", "checks", "draw", "next_waiting", "of_dose", "record", "tallies"]


@dataclass(frozen=True, slots=True)
class Check:
    """One record drawn for a second look; `result` empty while it waits."""

    recheck_id: int
    token: str
    item_token: str
    dose_id: int
    commune_code: str
    kind: str
    commune_name: str
    correction_state: str
    drawn_by: str
    drawn_at: str
    result: str
    note: str = field(repr=False)
    checked_by: str
    checked_at: str


@dataclass(frozen=True, slots=True)
class Checked:
    """What a second look at a record found."""

    result: str
    note: str = field(repr=False)
    checked_by: str
    checked_at: str


@dataclass(frozen=True, slots=True)
class Tally:
    """A commune's re-checks by result."""

    commune_code: str
    commune_name: str
    waiting: int
    right: int
    wrong: int
    unclear: int


_drawer, _checker = account.alias("drawer"), account.alias("checker")
_CHECK = (
    sa.select(
        recheck.c.recheck_id,
        recheck.c.token,
        work_item.c.token,
        work_item.c.dose_id,
        work_item.c.commune_code,
        correction.c.kind,
        sa.func.coalesce(area.c.name, work_item.c.commune_code),
        correction.c.state,
        _drawer.c.login,
        recheck.c.drawn_at,
        sa.func.coalesce(recheck.c.result, ""),
        recheck.c.note,
        sa.func.coalesce(_checker.c.login, ""),
        sa.func.coalesce(recheck.c.checked_at, ""),
    )
    .select_from(recheck)
    .join(correction, correction.c.correction_id == recheck.c.correction_id)
    .join(work_item, work_item.c.dose_id == correction.c.dose_id)
    .join(_drawer, _drawer.c.account_id == recheck.c.drawn_by)
    .outerjoin(_checker, _checker.c.account_id == recheck.c.checked_by)
    .outerjoin(area, area.c.code == work_item.c.commune_code)
)


def draw(connection: sa.Connection, scope: Scope, account_id: int, count: int, now: str) -> int:
    """Draw up to `count` applied corrections that this officer has not drawn before; returns how many there were."""
    mine = sa.select(recheck.c.correction_id).where(recheck.c.drawn_by == account_id)
    sample = (
        sa.select(correction.c.correction_id)
        .join(work_item, work_item.c.dose_id == correction.c.dose_id)
        .where(
            correction.c.state == "applied",
            in_scope(scope, work_item.c.commune_code),
            correction.c.correction_id.not_in(mine),
        )
        .order_by(sa.func.random())
        .limit(count)
        .subquery()
    )
    columns = (
        sample.c.correction_id,
        random_token(connection),
        sa.literal(account_id),
        sa.literal(now),
        sa.literal(""),
    )
    insert = recheck.insert().from_select(
        ["correction_id", "token", "drawn_by", "drawn_at", "note"], sa.select(*columns)
    )
    return connection.execute(insert, execution_options={"preserve_rowcount": True}).rowcount


def checks(connection: sa.Connection, scope: Scope, limit: int) -> list[Check]:
    """The re-checks of an area, those that wait first, then the newest."""
    query = _CHECK.where(in_scope(scope, work_item.c.commune_code))
    query = query.order_by(recheck.c.result.is_not(None), recheck.c.recheck_id.desc())
    return [Check(*tuple(row)) for row in connection.execute(query.limit(limit))]


def of_dose(connection: sa.Connection, dose_id: int) -> list[Checked]:
    """What superiors found on a record, the latest first."""
    rows = connection.execute(
        sa.select(recheck.c.result, recheck.c.note, account.c.login, recheck.c.checked_at)
        .join(correction, correction.c.correction_id == recheck.c.correction_id)
        .join(account, account.c.account_id == recheck.c.checked_by)
        .where(correction.c.dose_id == dose_id, recheck.c.result.is_not(None))
        .order_by(recheck.c.recheck_id.desc())
    )
    return [Checked(*tuple(row)) for row in rows]


def check_of(connection: sa.Connection, scope: Scope, token: str) -> Check | None:
    """The re-check of a token, if it lies in the scope."""
    query = _CHECK.where(recheck.c.token == token, in_scope(scope, work_item.c.commune_code))
    row = connection.execute(query).one_or_none()
    return None if row is None else Check(*tuple(row))


def next_waiting(connection: sa.Connection, scope: Scope) -> str | None:
    """The token of the re-check that waits at the head of an area's list."""
    query = _CHECK.with_only_columns(recheck.c.token).where(
        recheck.c.result.is_(None), in_scope(scope, work_item.c.commune_code)
    )
    return connection.scalar(query.order_by(recheck.c.recheck_id.desc()).limit(1))


def record(connection: sa.Connection, recheck_id: int, result: str, note: str, account_id: int, now: str) -> bool:
    """Keep what was found; False if somebody did before."""
    return (
        connection.execute(
            recheck.update()
            .where(recheck.c.recheck_id == recheck_id, recheck.c.result.is_(None))
            .values(result=result, note=note, checked_by=account_id, checked_at=now)
        ).rowcount
        == 1
    )


def tallies(connection: sa.Connection, scope: Scope) -> list[Tally]:
    """Results by commune."""

    def of(result: str) -> sa.ColumnElement[int]:
        return sa.func.sum(sa.case((sa.func.coalesce(recheck.c.result, "") == result, 1), else_=0))

    name = sa.func.coalesce(area.c.name, work_item.c.commune_code)
    rows = connection.execute(
        sa.select(work_item.c.commune_code, name, of(""), of("right"), of("wrong"), of("unclear"))
        .select_from(recheck)
        .join(correction, correction.c.correction_id == recheck.c.correction_id)
        .join(work_item, work_item.c.dose_id == correction.c.dose_id)
        .outerjoin(area, area.c.code == work_item.c.commune_code)
        .where(in_scope(scope, work_item.c.commune_code))
        .group_by(work_item.c.commune_code, name)
        .order_by(work_item.c.commune_code)
    )
    return [Tally(row[0], row[1], *map(int, row[2:])) for row in rows]
