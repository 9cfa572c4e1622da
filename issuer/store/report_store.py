"""SQL of the numbers: sums by facility, commune, district, province or nation, each in a handful of statements."""

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa

from issuer.link.model import LinkClass
from issuer.store.certificate_tables import attestation_leaf
from issuer.store.police_tables import police_correction
from issuer.store.tables import dose, facility, link, link_progress, person, problem, row_outcome
from issuer.store.worklist_store import Scope, in_scope
from issuer.store.worklist_tables import area, correction, reported_figure, work_item

__all__ = ["LEVELS", "Sums", "doses", "items", "names", "records", "reported", "store_figures", "waiting_ages"]

LEVELS = ("facility", "commune", "district", "province", "nation")

Sums = dict[str, dict[str, int]]
"""Code of the facility or area -> what was counted -> how many. A dose of no known area counts under the empty code."""

_OF_A_PERSON = ("full_name", "family_part", "middle_part", "given_part", "birth_date", "sex", "id_number")
"""Fields whose problems are settled once the record is linked to a person."""

_SAME_DOSE = ("vaccinated_on", "product")
"""What two doses of one person share that are taken for one, as in linking."""


def _key(level: str) -> sa.ColumnElement[str]:
    column: dict[str, Any] = {
        "facility": facility.c.code,
        "commune": facility.c.commune_code,
        "district": area.c.district_code,
        "province": area.c.province_code,
        "nation": sa.literal(""),
    }
    return sa.func.coalesce(column[level], "").label("code")


def _count(condition: sa.ColumnElement[bool], name: str) -> sa.ColumnElement[int]:
    return sa.func.coalesce(sa.func.sum(sa.case((condition, 1), else_=0)), 0).label(name)


def _sums(connection: sa.Connection, query: Any) -> Sums:
    found: Sums = {}
    for row in connection.execute(query).mappings():
        found[row["code"]] = {name: int(value) for name, value in row.items() if name != "code"}
    return found


def _places(query: Any) -> Any:
    return query.outerjoin(facility, facility.c.facility_id == dose.c.facility_id).outerjoin(
        area, area.c.code == facility.c.commune_code
    )


def doses(connection: sa.Connection, level: str, scope: Scope) -> Sums:
    """`entered`, `sent` and `verified` people, `complete`, `signed`, `linked` and `current` records."""
    key = _key(level)
    linked, native = link.c.person_id.is_not(None), dose.c.is_foreign == 0
    typed = dose.c.name_key + "|" + dose.c.birth_date + "|" + dose.c.id_number
    verified = sa.func.count(sa.distinct(sa.case((sa.and_(native, linked), link.c.person_id))))
    unverified = sa.func.count(sa.distinct(sa.case((sa.and_(native, sa.not_(linked)), typed))))
    identified = sa.and_(*(dose.c[name] != "" for name in ("name_key", "birth_date", "sex", "id_number")))
    described = sa.and_(
        dose.c.vaccinated_on != "",
        dose.c.product != "",
        dose.c.dose_number.is_not(None),
        dose.c.facility_id.is_not(None),
    )
    seen = sa.func.coalesce(sa.select(sa.func.max(link_progress.c.people_revision)).scalar_subquery(), 0)
    given = sa.exists().where(
        reported_figure.c.facility_code == facility.c.code, reported_figure.c.kind == "doses_given"
    )
    query: Any = sa.select(
        key,
        sa.func.count().label("entered"),
        _count(given, "entered_where_given_is_known"),
        (verified + unverified).label("sent"),
        verified.label("verified"),
        _count(sa.and_(sa.or_(identified, linked), described), "complete"),
        _count(attestation_leaf.c.dose_id.is_not(None), "signed"),
        _count(linked, "linked"),
        _count(sa.and_(linked, person.c.revision <= seen), "current"),
    ).select_from(dose)
    query = (
        _places(query)
        .outerjoin(link, link.c.dose_id == dose.c.dose_id)
        .outerjoin(person, person.c.person_id == link.c.person_id)
        .outerjoin(
            attestation_leaf,
            sa.and_(attestation_leaf.c.dose_id == dose.c.dose_id, attestation_leaf.c.superseded_by.is_(None)),
        )
        .where(in_scope(scope, facility.c.commune_code))
        .group_by(key)
    )
    return _sums(connection, query)


def records(connection: sa.Connection, level: str, scope: Scope) -> Sums:
    """`records` (rows that are doses, repeated ones too) and those that are `clean`.

    In a cluster of repeats is a dose that other rows repeat, and two doses of one person, day and product.
    """
    key = _key(level)
    repeated = (
        sa.select(row_outcome.c.duplicate_of.label("dose_id"), sa.func.count().label("rows"))
        .where(row_outcome.c.duplicate_of.is_not(None))
        .group_by(row_outcome.c.duplicate_of)
        .subquery()
    )
    again, again_link = dose.alias("again"), link.alias("again_link")
    first, first_link = dose.alias("first"), link.alias("first_link")
    twice = (  # from the repeats, which are few, to every dose of their cluster
        sa.select(first.c.dose_id)
        .select_from(again_link)
        .join(again, again.c.dose_id == again_link.c.dose_id)
        .join(first_link, first_link.c.person_id == again_link.c.person_id)
        .join(first, sa.and_(first.c.dose_id == first_link.c.dose_id, *(first.c[n] == again.c[n] for n in _SAME_DOSE)))
        .where(again_link.c.link_class == LinkClass.DUPLICATE)
        .distinct()
        .subquery()
    )
    settled = sa.and_(problem.c.field.in_(_OF_A_PERSON), link.c.person_id.is_not(None))
    faulty = sa.exists().where(problem.c.row_id == dose.c.dose_id, sa.not_(settled))
    clean = sa.and_(repeated.c.dose_id.is_(None), twice.c.dose_id.is_(None), ~faulty)
    rows = sa.cast(sa.func.sum(1 + sa.func.coalesce(repeated.c.rows, 0)), sa.BigInteger)
    query: Any = sa.select(key, rows.label("records"), _count(clean, "clean")).select_from(dose)
    query = (
        _places(query)
        .outerjoin(link, link.c.dose_id == dose.c.dose_id)
        .outerjoin(repeated, repeated.c.dose_id == dose.c.dose_id)
        .outerjoin(twice, twice.c.dose_id == dose.c.dose_id)
        .where(in_scope(scope, facility.c.commune_code))
        .group_by(key)
    )
    return _sums(connection, query)


def items(connection: sa.Connection, level: str, scope: Scope) -> Sums:
    """`listed` records that ever waited, and those settled that police `confirmed`, in the console or on a list."""
    key = _key(level)
    in_console = sa.exists().where(correction.c.dose_id == work_item.c.dose_id, correction.c.state == "applied")
    on_list = sa.exists().where(police_correction.c.dose_id == work_item.c.dose_id)
    query: Any = (
        sa.select(
            key,
            sa.func.count().label("listed"),
            _count(sa.and_(sa.or_(in_console, on_list), work_item.c.state == "closed"), "confirmed"),
        )
        .select_from(work_item)
        .join(dose, dose.c.dose_id == work_item.c.dose_id)
    )
    return _sums(connection, _places(query).where(in_scope(scope, facility.c.commune_code)).group_by(key))


def waiting_ages(connection: sa.Connection, level: str, scope: Scope) -> dict[str, tuple[list[str], int]]:
    """Of what waits: the one or two middle times at which items were opened, and how many wait."""
    key = _key(level)
    ranked = _places(
        sa.select(
            key,
            work_item.c.opened_at,
            sa.func.row_number().over(partition_by=key, order_by=work_item.c.opened_at).label("place"),
            sa.func.count().over(partition_by=key).label("many"),
        )
        .select_from(work_item)
        .join(dose, dose.c.dose_id == work_item.c.dose_id)
    ).where(work_item.c.state.in_(("open", "proposed")), in_scope(scope, facility.c.commune_code))
    inner = ranked.subquery()
    middle = sa.select(inner.c.code, inner.c.opened_at, inner.c.many).where(
        inner.c.place * 2 >= inner.c.many, inner.c.place * 2 <= inner.c.many + 2
    )
    found: dict[str, tuple[list[str], int]] = {}
    for code, opened_at, many in connection.execute(middle.order_by(inner.c.code, inner.c.place)):
        times = found.setdefault(code, ([], many))[0]
        if len(times) < 2 - many % 2:
            times.append(opened_at)
    return found


def reported(connection: sa.Connection, level: str, scope: Scope) -> Sums:
    """What facilities reported on paper: `doses_given`, `reports_received`, `reports_resolved`."""
    key = _key(level)
    kinds = ("doses_given", "reports_received", "reports_resolved")
    sums = [
        sa.func.coalesce(sa.func.sum(sa.case((reported_figure.c.kind == kind, reported_figure.c.value), else_=0)), 0)
        for kind in kinds
    ]
    query: Any = (
        sa.select(key, *(one.label(kind) for one, kind in zip(sums, kinds, strict=True)))
        .select_from(reported_figure)
        .join(facility, facility.c.code == reported_figure.c.facility_code)
        .outerjoin(area, area.c.code == facility.c.commune_code)
        .where(in_scope(scope, facility.c.commune_code))
        .group_by(key)
    )
    return _sums(connection, query)


def names(connection: sa.Connection, level: str, scope: Scope) -> dict[str, str]:
    """Code -> name of every facility or area of a level in the scope."""
    if level == "nation":
        return {"": ""}
    if level == "facility":
        rows = connection.execute(
            sa.select(facility.c.code, facility.c.name).where(in_scope(scope, facility.c.commune_code))
        )
        return {row[0]: row[1] for row in rows}
    inside: sa.ColumnElement[bool] = sa.true()
    if scope.code:
        columns = {2: area.c.province_code, 3: area.c.district_code}
        inside = columns.get(len(scope.code), area.c.code) == scope.code
    rows = connection.execute(sa.select(area.c.code, area.c.name).where(area.c.level == level, inside))
    return {row[0]: row[1] for row in rows}


def store_figures(connection: sa.Connection, rows: Sequence[tuple[str, str, int, str]]) -> None:
    """Keep reported figures as (facility code, kind, value, date); the last one of a kind stands."""
    for code, kind, value, as_of in rows:
        here = sa.and_(reported_figure.c.facility_code == code, reported_figure.c.kind == kind)
        changed = connection.execute(reported_figure.update().where(here).values(value=value, as_of=as_of))
        if changed.rowcount == 0:
            connection.execute(reported_figure.insert().values(facility_code=code, kind=kind, value=value, as_of=as_of))
