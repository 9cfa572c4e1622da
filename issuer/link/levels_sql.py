"""The comparison of one dose with one person as SQL expressions; the same rules in Python are in `compare`.

Standard SQL but for four functions that every engine defines under these names: `levenshtein(a, b)`,
`sorted_words(a)`, `words_outside(a, b)` (how many different words of `a` are not in `b`) and `merge_i_y(key)`. Rows are
`d` (a dose), `p` (a person), `r` (a reading of the dose's number), `h` (a number that the person has or had).
"""

from issuer.link.model import Birth, Life, Name, Number, Sex

__all__ = ["BIRTH", "LIFE", "NAME", "NUMBER", "SEX"]

_FIRST_WORD_IN = "instr(' ' || {there} || ' ', ' ' || split_part({here}, ' ', 1) || ' ') > 0"
_D_IN_P = _FIRST_WORD_IN.format(here="d.name_fold", there="p.name_fold")
_P_IN_D = _FIRST_WORD_IN.format(here="p.name_fold", there="d.name_fold")

# the cheap condition first in each AND: it is true wherever the costly one is, and spares most pairs of it
NAME = f"""CASE
  WHEN d.name_key = '' THEN {Name.MISSING:d}
  WHEN d.name_key = p.name_key THEN {Name.EQUAL:d}
  WHEN replace(d.name_fold, 'y', 'i') = replace(p.name_fold, 'y', 'i')
   AND merge_i_y(d.name_key) = merge_i_y(p.name_key) THEN {Name.I_AND_Y:d}
  WHEN substr(d.name_key, 1, length(p.name_key)) = p.name_key
   AND substr(d.name_key, length(p.name_key) + 1, 1) IN (' ', ',', ';', ':', '(', '[', '/', '+', '*', '=')
    THEN {Name.WORDS:d}
  WHEN d.name_fold = p.name_fold AND d.name_key = d.name_fold THEN {Name.NO_MARKS:d}
  WHEN d.name_fold = p.name_fold THEN {Name.MARKS:d}
  WHEN length(d.name_fold) = length(p.name_fold) AND {_D_IN_P}
   AND sorted_words(d.name_fold) = sorted_words(p.name_fold) THEN {Name.ORDER:d}
  WHEN {_D_IN_P} AND words_outside(d.name_fold, p.name_fold) = 0 AND d.name_fold LIKE '% %' THEN {Name.WORDS:d}
  WHEN {_P_IN_D} AND words_outside(p.name_fold, d.name_fold) = 0 AND p.name_fold LIKE '% %' THEN {Name.WORDS:d}
  WHEN abs(length(d.name_fold) - length(p.name_fold)) > 2 OR levenshtein(d.name_fold, p.name_fold) > 2 THEN
    CASE WHEN split_part(d.name_fold, ' ', 1) = split_part(p.name_fold, ' ', 1)
          AND split_part(d.name_fold, ' ', -1) = split_part(p.name_fold, ' ', -1) THEN {Name.FAMILY_AND_GIVEN:d}
    ELSE {Name.DIFFERENT:d} END
  WHEN levenshtein(d.name_fold, p.name_fold) = 1 THEN {Name.ONE_LETTER:d}
  ELSE {Name.TWO_LETTERS:d} END"""

_TYPED = "(CASE WHEN d.birth_date = '' THEN d.birth_date_other ELSE d.birth_date END)"
_WHOLE = f"length({_TYPED}) = 10 AND length(p.birth_date) = 10"


def _equal(first: int, size: int, other: int | None = None) -> str:
    return f"substr({_TYPED}, {first}, {size}) = substr(p.birth_date, {other or first}, {size})"


BIRTH = f"""CASE
  WHEN d.birth_date = '' AND d.birth_date_other = '' THEN {Birth.MISSING:d}
  WHEN d.birth_date = p.birth_date THEN {Birth.EQUAL:d}
  WHEN d.birth_date_other = p.birth_date THEN {Birth.SWAPPED:d}
  WHEN {_WHOLE} AND {_equal(1, 4)} AND {_equal(6, 2, 9)} AND {_equal(9, 2, 6)} THEN {Birth.SWAPPED:d}
  WHEN substr(p.birth_date, 1, length({_TYPED})) = {_TYPED} THEN {Birth.COARSER:d}
  WHEN substr({_TYPED}, 1, length(p.birth_date)) = p.birth_date THEN {Birth.COARSER:d}
  WHEN substr({_TYPED}, 5) = '-01-01' AND {_equal(1, 4)} THEN {Birth.COARSER:d}
  WHEN {_WHOLE} AND ({_equal(1, 7)} OR {_equal(6, 5)} OR ({_equal(1, 4)} AND {_equal(9, 2)})) THEN
    CASE WHEN levenshtein({_TYPED}, p.birth_date) = 1 THEN {Birth.ONE_DIGIT:d} ELSE {Birth.TWO_PARTS:d} END
  WHEN {_equal(1, 4)} THEN {Birth.SAME_YEAR:d}
  ELSE {Birth.DIFFERENT:d} END"""

SEX = f"""CASE WHEN d.sex = '' THEN {Sex.MISSING:d} WHEN d.sex = p.sex THEN {Sex.EQUAL:d} ELSE {Sex.DIFFERENT:d} END"""


def _known(date: str, beside: str) -> str:
    """As much of a date as both tell."""
    return f"substr({date}, 1, least(length({date}), length({beside})))"


_DAY, _BORN, _DIED = "d.vaccinated_on", "p.birth_date", "p.death_date"
LIFE = f"""CASE
  WHEN {_DAY} <> '' AND {_known(_DAY, _BORN)} < {_known(_BORN, _DAY)} THEN {Life.NOT_BORN:d}
  WHEN {_DIED} = '' THEN {Life.ALIVE:d}
  WHEN {_DAY} = '' THEN {Life.UNCLEAR:d}
  WHEN {_known(_DAY, _DIED)} < {_known(_DIED, _DAY)} THEN {Life.ALIVE:d}
  WHEN {_known(_DAY, _DIED)} > {_known(_DIED, _DAY)} THEN {Life.DEAD:d}
  WHEN length({_DAY}) = 10 AND length({_DIED}) = 10 THEN {Life.ALIVE:d}
  ELSE {Life.UNCLEAR:d} END"""

NUMBER = f"""CASE
  WHEN r.kind = 'start' THEN
    CASE WHEN substr(h.value, 1, length(r.value)) = r.value THEN {Number.PARTS:d} ELSE {Number.DIFFERENT:d} END
  WHEN r.value = h.value AND r.kind = 'other' THEN {Number.OTHER_READING:d}
  WHEN r.value = h.value AND h.is_current = 1 THEN {Number.CURRENT:d}
  WHEN r.value = h.value THEN {Number.OLD:d}
  WHEN abs(length(r.value) - length(h.value)) <= 2 AND levenshtein(r.value, h.value) <= 2 THEN
    CASE WHEN levenshtein(r.value, h.value) = 1 THEN {Number.ONE_DIGIT:d} ELSE {Number.TWO_DIGITS:d} END
  WHEN length(r.value) NOT IN (9, 12) AND substr(r.value, 1, 6) = substr(h.value, 1, 6) THEN {Number.PARTS:d}
  ELSE {Number.DIFFERENT:d} END"""
