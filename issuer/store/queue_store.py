"""SQL that keeps the queue in line with the links.

An item follows its dose's link: `refresh` opens, re-classes, closes and reopens items for the whole register in four
statements, so it runs after every linking, of any size.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from issuer.store.tables import dose, facility, link, proposal
from issuer.store.worklist_tables import area, work_item

__all__ = ["SAFE_CLASSES", "WORK_CLASSES", "Refreshed", "random_token", "refresh"]

WORK_CLASSES = ("mismatched", "unknown_id", "malformed_id", "no_id", "ambiguous")

_NUMBER = "number=current "
_ALIVE = " life=alive"
_SAFE_PATTERNS = {
    "marks": (
        _NUMBER + "name=no_marks/% birth=equal sex=equal" + _ALIVE,
        _NUMBER + "name=marks/% birth=equal sex=equal" + _ALIVE,
        _NUMBER + "name=i_and_y/% birth=equal sex=equal" + _ALIVE,
    ),
    "date_swapped": (_NUMBER + "name=equal/% birth=swapped sex=equal" + _ALIVE,),
    "date_coarser": (_NUMBER + "name=equal/% birth=coarser sex=equal" + _ALIVE,),
    "sex": (
        _NUMBER + "name=equal/% birth=equal sex=different" + _ALIVE,
        _NUMBER + "name=equal/% birth=equal sex=missing" + _ALIVE,
    ),
}
"""What may be accepted in bulk, told by the evidence of the only proposal: the number is the person's current one, the
person was alive, and of the other three facts one differs in a way that copying explains."""

SAFE_CLASSES = tuple(_SAFE_PATTERNS)

_EXPECTED = (
    ("safe", 950),
    ("number", 850),
    ("proposed", 600),
    ("ambiguous", 300),
    ("mismatched", 200),
    ("other", 100),
)
"""Expected yield in 1/1000: a safe class, a proposal by the number, any proposal, rivals, a known number, the rest."""


@dataclass(frozen=True, slots=True)
class Refreshed:
    """How many items were opened, re-classed, closed because they are linked now, and reopened."""

    opened: int
    changed: int
    closed: int
    reopened: int


def refresh(connection: sa.Connection, now: str, only: Sequence[int] | None = None) -> Refreshed:
    """Bring the queue in line with the links, of the doses in `only` or of all, inside the caller's transaction."""
    mine = sa.true() if only is None else work_item.c.dose_id.in_(only)
    standing = _standing() if only is None else _standing().where(link.c.dose_id.in_(only))
    wanted = standing.where(~sa.exists().where(work_item.c.dose_id == link.c.dose_id)).subquery()
    opened = connection.execute(
        work_item.insert().from_select(
            ["dose_id", "commune_code", "link_class", "safe_class", "expected", "token", "state", "opened_at"],
            sa.select(wanted, random_token(connection), sa.literal("open"), sa.literal(now)),
        ),
        execution_options={"preserve_rowcount": True},
    ).rowcount
    linked = sa.exists().where(link.c.dose_id == work_item.c.dose_id)
    closed = connection.execute(
        work_item.update()
        .where(
            mine,
            work_item.c.state.in_(("open", "aside")),
            linked.where(link.c.link_class.not_in(WORK_CLASSES)),
        )
        .values(state="closed", closed_at=now)
    ).rowcount
    reopened = connection.execute(
        work_item.update()
        .where(mine, work_item.c.state == "closed", linked.where(link.c.link_class.in_(WORK_CLASSES)))
        .values(state="open", closed_at=None, opened_at=now)
    ).rowcount
    now_is = standing.subquery()
    columns = ("commune_code", "link_class", "safe_class", "expected")
    differs = sa.or_(*(work_item.c[name] != now_is.c[name] for name in columns))
    changed = connection.execute(
        work_item.update()
        .where(now_is.c.dose_id == work_item.c.dose_id, work_item.c.state.in_(("open", "proposed")), differs)
        .values({name: now_is.c[name] for name in columns})
    ).rowcount
    return Refreshed(opened, changed, closed, reopened)


def random_token(connection: sa.Connection) -> sa.ColumnElement[str]:
    """32 random hexadecimal digits, made by the database: nobody can guess what a URL may show."""
    sqlite = connection.dialect.name == "sqlite"
    return sa.literal_column(
        "lower(hex(randomblob(16)))" if sqlite else "replace(gen_random_uuid()::text, '-', '')", sa.String
    )


def _standing() -> sa.Select[Any]:
    """Of every dose that waits: its commune, class, safe class and expected yield."""
    best, second = proposal.alias("best"), proposal.alias("second")
    alone = second.c.dose_id.is_(None)
    safe = sa.case(
        *(
            (sa.and_(alone, best.c.evidence.like(pattern)), name)
            for name, patterns in _SAFE_PATTERNS.items()
            for pattern in patterns
        ),
        else_="",
    )
    worth = dict(_EXPECTED)
    expected = sa.case(
        (safe != "", worth["safe"]),
        (best.c.evidence.like(_NUMBER + "%"), worth["number"]),
        (best.c.dose_id.is_not(None), worth["proposed"]),
        (link.c.link_class == "ambiguous", worth["ambiguous"]),
        (link.c.link_class == "mismatched", worth["mismatched"]),
        else_=worth["other"],
    )
    home = sa.func.coalesce(sa.func.nullif(facility.c.commune_code, ""), area.c.code, "")
    return (
        sa.select(
            link.c.dose_id,
            home.label("commune_code"),
            link.c.link_class,
            safe.label("safe_class"),
            expected.label("expected"),
        )
        .select_from(link)
        .join(dose, dose.c.dose_id == link.c.dose_id)
        .outerjoin(facility, facility.c.facility_id == dose.c.facility_id)
        .outerjoin(area, sa.and_(area.c.code == dose.c.commune_code, area.c.level == "commune"))
        .outerjoin(best, sa.and_(best.c.dose_id == link.c.dose_id, best.c.rank == 1))
        .outerjoin(second, sa.and_(second.c.dose_id == link.c.dose_id, second.c.rank == 2))
        .where(link.c.link_class.in_(WORK_CLASSES))
    )
