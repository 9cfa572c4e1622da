"""Linking as a list of named SELECTs that any engine runs in order: DuckDB in this process, Spark past one machine.

Tables given: `people` (person_id, national_id, full_name, name_key, name_fold, birth_date, sex, death_date);
`old_numbers` (value, person_id); `all_doses` and, of these, the `doses` to link (dose_id, full_name, name_key,
name_fold, birth_date, birth_date_other, sex, id_kind, id_number, is_foreign, vaccinated_on, product); `readings`
(dose_id, kind, value), one row a reading of a number: `main` (the number as cleaned), `other`, or `start`; `links`
(dose_id, person_id, link_class), what is linked so far.

Two stages of blocking keep the pairs few: `near` pairs share a number, or a folded name and a birth date; `far` pairs,
with looser keys, are made only for doses without a near pair that is clear. Two people whose evidence is equal are
always found in the same stage, so nobody who fits as well is overlooked.
"""

# ruff: noqa: S608 - every part of these statements is a constant of this package

from collections.abc import Iterator

from issuer.link.levels_sql import BIRTH, LIFE, NAME, NUMBER, SEX
from issuer.link.model import MAX_PROPOSALS, Basis, Life
from issuer.link.weights import Weights

__all__ = [
    "CLASSES_TO_CHANGE",
    "FAR_BLOCKS",
    "FOUND_BY_DOSE",
    "NEAR_BLOCKS",
    "RANKED_BY_DOSE",
    "comparison",
    "near_statements",
    "numbers_statement",
    "statements",
    "union",
]

_KEPT = MAX_PROPOSALS + 1
"""Candidates kept for a dose: the proposals, and one more to see whether the last of them has a rival."""

_SAME_THREE = "p.name_key = d.name_key AND p.birth_date = d.birth_date AND p.sex = d.sex"
_COMPARABLE = "d.is_foreign = 0 AND d.id_number <> '' AND d.name_key <> '' AND d.birth_date <> '' AND d.sex <> ''"

_NUMBERS = """
SELECT national_id AS value, person_id, 1 AS is_current FROM people
UNION ALL
SELECT o.value, o.person_id, 0 AS is_current FROM old_numbers o
WHERE NOT EXISTS (SELECT 1 FROM people p WHERE p.person_id = o.person_id AND p.national_id = o.value)"""

_AGREEING = f"""
SELECT d.dose_id, p.person_id, CASE WHEN {LIFE} = {Life.ALIVE:d} THEN 1 ELSE 0 END AS is_alive, 1 AS is_current
FROM doses d JOIN people p ON p.national_id = d.id_number
WHERE {_COMPARABLE} AND d.id_kind IN ('cccd', 'cmnd12') AND {_SAME_THREE}
UNION ALL
SELECT d.dose_id, p.person_id, CASE WHEN {LIFE} = {Life.ALIVE:d} THEN 1 ELSE 0 END AS is_alive, 0 AS is_current
FROM doses d JOIN numbers h ON h.value = d.id_number JOIN people p ON p.person_id = h.person_id
WHERE h.is_current = 0 AND {_COMPARABLE} AND d.id_kind NOT IN ('malformed', 'none') AND {_SAME_THREE}"""

_CONCLUSIVE = f"""
SELECT a.dose_id, a.person_id,
  CASE WHEN a.is_current = 1 THEN '{Basis.FOUR_FIELDS}' ELSE '{Basis.OLD_NUMBER}' END AS basis
FROM agreeing a
WHERE a.is_alive = 1
  AND NOT EXISTS (SELECT 1 FROM agreeing b WHERE b.dose_id = a.dose_id AND b.person_id <> a.person_id)
  AND (a.is_current = 1 OR NOT EXISTS (
    SELECT 1 FROM doses d JOIN numbers h ON h.value = d.id_number
    WHERE d.dose_id = a.dose_id AND h.person_id <> a.person_id))"""

_REST = """
SELECT d.* FROM doses d
WHERE d.is_foreign = 0 AND NOT EXISTS (SELECT 1 FROM conclusive c WHERE c.dose_id = d.dose_id)"""

NEAR_BLOCKS = (
    "SELECT d.dose_id, h.person_id FROM {doses} d JOIN readings r ON r.dose_id = d.dose_id AND r.kind <> 'start'"
    " JOIN numbers h ON h.value = r.value",
    "SELECT d.dose_id, p.person_id FROM {doses} d JOIN people p ON p.name_fold = d.name_fold"
    " AND p.birth_date = d.birth_date WHERE d.birth_date <> ''",
)
"""The same number; or the same folded name and birth date."""

_TYPED = "(CASE WHEN d.birth_date = '' THEN d.birth_date_other ELSE d.birth_date END)"
FAR_BLOCKS = (
    "SELECT d.dose_id, p.person_id FROM {doses} d JOIN people p ON p.birth_date = d.birth_date"
    " WHERE d.birth_date <> ''",
    "SELECT d.dose_id, p.person_id FROM {doses} d JOIN people p ON p.name_fold = d.name_fold"
    f" AND substr(p.birth_date, 1, 4) = substr({_TYPED}, 1, 4)",
    "SELECT d.dose_id, p.person_id FROM {doses} d JOIN people p ON p.name_fold = d.name_fold"
    f" AND substr(p.birth_date, 6) = substr({_TYPED}, 6) WHERE length({_TYPED}) = 10",
    "SELECT d.dose_id, p.person_id FROM {doses} d JOIN readings r ON r.dose_id = d.dose_id JOIN people p"
    " ON p.name_fold = d.name_fold AND substr(p.national_id, 1, 6) = substr(r.value, 1, 6) WHERE length(r.value) > 5",
    "SELECT d.dose_id, p.person_id FROM {doses} d JOIN people p ON p.name_fold = d.name_fold"
    " AND p.birth_date = d.birth_date_other WHERE d.birth_date_other <> ''",
)
"""The same birth date; the same folded name with the same year, day and month, start of the number, or other date."""


def numbers_statement() -> str:
    """The SELECT of every number that anybody has or had (value, person_id, is_current)."""
    return _NUMBERS


def union(blocks: tuple[str, ...], doses: str) -> str:
    """The pairs (dose_id, person_id) of several blocks, each once, for the doses of a table."""
    return "\nUNION\n".join(block.format(doses=doses) for block in blocks)


def comparison(pairs: str, doses: str = "doses") -> str:
    """The levels of every field for the pairs (dose_id, person_id) of a table, whose doses stand in another."""
    return f"""
SELECT d.dose_id, p.person_id,
  COALESCE(n.number, -1) AS number, {NAME} AS name, {BIRTH} AS birth, {SEX} AS sex, {LIFE} AS life
FROM {pairs} c JOIN {doses} d ON d.dose_id = c.dose_id JOIN people p ON p.person_id = c.person_id
LEFT JOIN (
  SELECT k.dose_id, k.person_id, MAX({NUMBER}) AS number
  FROM {pairs} k JOIN readings r ON r.dose_id = k.dose_id JOIN numbers h ON h.person_id = k.person_id
  GROUP BY k.dose_id, k.person_id
) n ON n.dose_id = c.dose_id AND n.person_id = c.person_id"""


def _weighed(levels: str, weights: Weights) -> str:
    return f"SELECT l.*, {weights.sql('l')} AS weight FROM {levels} l"


_RANKED = f"""
SELECT * FROM (
  SELECT w.*, ROW_NUMBER() OVER (PARTITION BY w.dose_id ORDER BY w.weight DESC, w.person_id) AS place
  FROM (SELECT * FROM near_weighed UNION SELECT * FROM far_weighed) w
) x WHERE x.place <= {_KEPT}"""

_FOUND = """
SELECT DISTINCT r.dose_id FROM rest d JOIN readings r ON r.dose_id = d.dose_id AND r.kind = 'main'
JOIN numbers h ON h.value = r.value"""

_REPEATED = """
SELECT x.dose_id FROM (
  SELECT k.dose_id, ROW_NUMBER() OVER (PARTITION BY k.person_id, d.vaccinated_on, d.product ORDER BY k.dose_id) AS place
  FROM (
    SELECT c.dose_id, c.person_id FROM conclusive c
    UNION ALL
    SELECT l.dose_id, l.person_id FROM links l
    WHERE l.link_class <> '' AND NOT EXISTS (SELECT 1 FROM doses t WHERE t.dose_id = l.dose_id)
  ) k JOIN all_doses d ON d.dose_id = k.dose_id
  WHERE d.vaccinated_on <> '' AND d.product <> ''
) x WHERE x.place > 1"""


def near_statements(doses: str, weights: Weights) -> Iterator[tuple[str, str]]:
    """The near pairs of the doses of a table, weighed, and `hard`: the doses that have no clear one among them."""
    yield "near_pairs", union(NEAR_BLOCKS, doses)
    yield "near_levels", comparison("near_pairs", doses)
    yield "near_weighed", _weighed("near_levels", weights)
    yield (
        "hard",
        f"SELECT d.* FROM {doses} d WHERE NOT EXISTS (SELECT 1 FROM near_weighed w WHERE w.dose_id = d.dose_id"
        f" AND w.weight >= {weights.clear_from:d})",
    )


def statements(weights: Weights) -> Iterator[tuple[str, str]]:
    """Name of the table made, and the SELECT that makes it, in order."""
    yield "numbers", numbers_statement()
    yield "agreeing", _AGREEING
    yield "conclusive", _CONCLUSIVE
    yield "rest", _REST
    yield from near_statements("rest", weights)
    yield "far_pairs", union(FAR_BLOCKS, "hard")
    yield "far_levels", comparison("far_pairs")
    yield "far_weighed", _weighed("far_levels", weights)
    yield "ranked", _RANKED
    yield "found", _FOUND
    yield "repeated", _REPEATED


FOUND_BY_DOSE = """
SELECT d.dose_id, d.is_foreign, d.id_kind, CASE WHEN f.dose_id IS NULL THEN 0 ELSE 1 END,
  CASE WHEN r.dose_id IS NULL THEN 0 ELSE 1 END, c.person_id, c.basis,
  CASE WHEN d.full_name = p.full_name THEN '' ELSE d.full_name END,
  CASE WHEN d.full_name = p.full_name THEN '' ELSE p.full_name END
FROM doses d LEFT JOIN conclusive c ON c.dose_id = d.dose_id LEFT JOIN people p ON p.person_id = c.person_id
LEFT JOIN found f ON f.dose_id = d.dose_id LEFT JOIN repeated r ON r.dose_id = d.dose_id ORDER BY d.dose_id"""
"""A row a dose; the two names only where they are not the same text."""

CLASSES_TO_CHANGE = """
SELECT l.dose_id, CASE WHEN r.dose_id IS NULL THEN 'matched' ELSE 'duplicate' END
FROM links l LEFT JOIN repeated r ON r.dose_id = l.dose_id
WHERE NOT EXISTS (SELECT 1 FROM doses d WHERE d.dose_id = l.dose_id)
  AND l.link_class = CASE WHEN r.dose_id IS NULL THEN 'duplicate' ELSE 'matched' END ORDER BY l.dose_id"""
"""Links that were not looked at and that became, or no longer are, the second of one person, day and product."""

RANKED_BY_DOSE = """
SELECT r.dose_id, r.person_id, r.weight, r.number, r.name, r.birth, r.sex, r.life, d.full_name, p.full_name
FROM ranked r JOIN doses d ON d.dose_id = r.dose_id JOIN people p ON p.person_id = r.person_id
ORDER BY r.dose_id, r.place"""
"""The candidates of each dose, best first."""
