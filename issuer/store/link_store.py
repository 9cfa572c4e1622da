"""SQL of the simple link: the exact key of four, or an old number of one person with the other three equal.

One statement a range of doses; the classes of design section 6. Links that name a person stay as they are; all others
of the range are made anew, because the register may have changed since.
"""

from typing import Final

import sqlalchemy as sa

from issuer.store.tables import dose, link, proposal

__all__ = ["clear_open", "counts", "link_range", "mark_duplicates", "next_range", "propose_range"]

# owners: people who have or had the number; whole: of these, those with the other three fields equal and alive that day
_OWNERS: Final = """
  SELECT d.dose_id,
         count(*) AS owners,
         min(i.person_id) AS owner,
         sum(CASE WHEN i.status = 'current' AND {equal} AND {alive} THEN 1 ELSE 0 END) AS whole,
         min(CASE WHEN i.status = 'current' AND {equal} AND {alive} THEN i.person_id END) AS whole_person,
         max(CASE WHEN {equal} AND {alive} THEN 1 ELSE 0 END) AS others_equal,
         max(CASE WHEN p.name_key = d.name_key THEN 1 ELSE 0 END) AS name_equal,
         max(CASE WHEN p.name_fold = d.name_fold THEN 1 ELSE 0 END) AS fold_equal,
         max(CASE WHEN p.birth_date = d.birth_date THEN 1 ELSE 0 END) AS birth_equal,
         max(CASE WHEN p.sex = d.sex THEN 1 ELSE 0 END) AS sex_equal,
         max(CASE WHEN {alive} THEN 1 ELSE 0 END) AS alive
    FROM dose d
    JOIN person_identifier i ON i.value = d.id_number
    JOIN person p ON p.person_id = i.person_id
   WHERE d.dose_id BETWEEN :first AND :last AND d.id_kind IN ('cccd', 'cmnd9', 'passport') AND d.is_foreign = 0
   GROUP BY d.dose_id
""".format(  # noqa: S608 - constants only
    equal="p.name_key = d.name_key AND p.birth_date = d.birth_date AND p.sex = d.sex AND d.name_key <> ''"
    " AND d.birth_date <> ''",
    alive="(p.death_date = '' OR (d.vaccinated_on <> ''"
    " AND p.death_date >= substr(d.vaccinated_on, 1, length(p.death_date))))",
)

_LINK: Final = f"""
INSERT INTO link (dose_id, link_class, person_id, basis, evidence, linked_at)
SELECT d.dose_id,
       CASE WHEN d.is_foreign = 1 THEN 'foreign'
            WHEN d.id_kind = 'none' THEN 'no_id'
            WHEN d.id_kind = 'malformed' THEN 'malformed_id'
            WHEN o.owners IS NULL THEN 'unknown_id'
            WHEN o.whole = 1 THEN 'matched'
            WHEN o.owners > 1 THEN 'ambiguous'
            WHEN o.others_equal = 1 THEN 'matched'
            ELSE 'mismatched' END,
       CASE WHEN o.whole = 1 THEN o.whole_person WHEN o.owners = 1 AND o.others_equal = 1 THEN o.owner END,
       CASE WHEN o.whole = 1 THEN 'four_fields' WHEN o.owners = 1 AND o.others_equal = 1 THEN 'old_number'
            WHEN d.is_foreign = 1 THEN 'foreigner' WHEN o.owners > 1 THEN 'several'
            WHEN o.owners = 1 THEN 'proposed' ELSE 'nobody' END,
       CASE WHEN o.owners IS NULL THEN 'number not found'
            ELSE 'number found; name ' || CASE WHEN o.name_equal = 1 THEN 'equal'
                                               WHEN o.fold_equal = 1 THEN 'differs in marks' ELSE 'differs' END
                 || '; birth date ' || CASE WHEN o.birth_equal = 1 THEN 'equal' ELSE 'differs' END
                 || '; sex ' || CASE WHEN o.sex_equal = 1 THEN 'equal' ELSE 'differs' END
                 || CASE WHEN o.alive = 0 THEN '; dead on that day' ELSE '' END END,
       :now
  FROM dose d
  LEFT JOIN ({_OWNERS}) o ON o.dose_id = d.dose_id
 WHERE d.dose_id BETWEEN :first AND :last
   AND NOT EXISTS (SELECT 1 FROM link l WHERE l.dose_id = d.dose_id)
"""  # noqa: S608 - constants only

_PROPOSE: Final = """
INSERT INTO proposal (dose_id, rank, person_id, weight, evidence)
SELECT l.dose_id, 1, p.person_id, 0, l.evidence
  FROM link l
  JOIN dose d ON d.dose_id = l.dose_id
  JOIN person_identifier i ON i.value = d.id_number
  JOIN person p ON p.person_id = i.person_id
 WHERE l.dose_id BETWEEN :first AND :last AND l.link_class = 'mismatched'
   AND (p.name_fold = d.name_fold OR (p.birth_date = d.birth_date AND p.sex = d.sex))
   AND NOT EXISTS (SELECT 1 FROM proposal q WHERE q.dose_id = l.dose_id)
"""

_DUPLICATES: Final = """
UPDATE link SET link_class = 'duplicate'
 WHERE link_class = 'matched' AND dose_id IN (
   SELECT later.dose_id
     FROM link lx
     JOIN dose later ON later.dose_id = lx.dose_id
     JOIN link ly ON ly.person_id = lx.person_id AND ly.dose_id < lx.dose_id AND ly.link_class = 'matched'
     JOIN dose former ON former.dose_id = ly.dose_id
    WHERE lx.link_class = 'matched' AND later.vaccinated_on <> '' AND former.vaccinated_on = later.vaccinated_on
      AND former.product = later.product)
"""


def next_range(connection: sa.Connection, after: int, size: int) -> tuple[int, int] | None:
    """The next `size` doses after a number, as first and last, or None at the end."""
    inner = sa.select(dose.c.dose_id).where(dose.c.dose_id > after).order_by(dose.c.dose_id).limit(size).subquery()
    first, last = connection.execute(sa.select(sa.func.min(inner.c.dose_id), sa.func.max(inner.c.dose_id))).one()
    return None if first is None else (first, last)


def clear_open(connection: sa.Connection, first: int, last: int) -> None:
    """Take back what names nobody: no decisions, only what the register told when they were made."""
    for table, where in (
        (proposal, sa.true()),
        (link, link.c.person_id.is_(None)),
    ):
        connection.execute(table.delete().where(table.c.dose_id.between(first, last), where))


def link_range(connection: sa.Connection, first: int, last: int, now: str) -> int:
    """Link the doses of the range that have no link; returns how many."""
    return connection.execute(sa.text(_LINK), {"first": first, "last": last, "now": now}).rowcount


def propose_range(connection: sa.Connection, first: int, last: int) -> int:
    """Propose the owner of the number where the name without marks, or birth date and sex, are equal."""
    return connection.execute(sa.text(_PROPOSE), {"first": first, "last": last}).rowcount


def mark_duplicates(connection: sa.Connection) -> int:
    """Of several doses of one person, day and product the first stands; the others become `duplicate`."""
    return connection.execute(sa.text(_DUPLICATES)).rowcount


def counts(connection: sa.Connection) -> dict[str, int]:
    """Doses by class; a dose without a link counts as `not linked`."""
    rows = connection.execute(
        sa.select(sa.func.coalesce(link.c.link_class, "not linked"), sa.func.count())
        .select_from(dose.outerjoin(link, link.c.dose_id == dose.c.dose_id))
        .group_by(link.c.link_class)
    )
    return {name: count for name, count in rows}  # noqa: C416 - rows are no tuples to dict()
