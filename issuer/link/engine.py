"""What linking asks of an engine, and the model carried out on it: from loaded tables to results in order of doses."""

from collections.abc import Iterator, Sequence
from itertools import groupby
from pathlib import Path
from typing import Any, Protocol

from issuer.link.decide import Found, decide
from issuer.link.model import Basis, Birth, Evidence, Life, LinkResult, Name, Number, Proposal, Sex
from issuer.link.statements import FOUND_BY_DOSE, RANKED_BY_DOSE, statements
from issuer.link.weights import FIELDS, Weights
from specs.names import NameStep, agreement

__all__ = ["Engine", "compare_all", "link_all", "results"]

_LEVELS = (Number, Name, Birth, Sex, Life)


class Engine(Protocol):
    """DuckDB or Spark."""

    def load(self, table: str, columns: Sequence[tuple[str, str]], path: Path) -> None:
        """Make `table` from a CSV file without header; `columns` are names with SQL types, in the file's order."""

    def make(self, table: str, select: str) -> None:
        """Keep the rows of a SELECT as a table."""

    def drop(self, table: str) -> None:
        """Forget a table."""

    def rows(self, select: str) -> Iterator[list[tuple[Any, ...]]]:
        """The rows of a SELECT, in lists."""


def link_all(engine: Engine, weights: Weights) -> Iterator[LinkResult]:
    """Run every statement over `people`, `old_numbers`, `doses` and `readings`; one result a dose, ordered by dose."""
    compare_all(engine, weights)
    yield from results(engine, weights)


def compare_all(engine: Engine, weights: Weights) -> None:
    """Run every statement: pairs, their levels and weights."""
    for table, select in statements(weights):
        engine.make(table, select)


def results(engine: Engine, weights: Weights) -> Iterator[LinkResult]:
    """Decide on what `compare_all` left; one result a dose, ordered by dose."""
    ranked = groupby(_flat(engine, RANKED_BY_DOSE), key=lambda row: row[0])
    group = next(ranked, None)
    counted = 0
    for row in _flat(engine, FOUND_BY_DOSE):
        dose_id, is_foreign, id_kind, number_known, repeats, person_id, basis, name, other_name = row
        candidates: list[Proposal] = []
        if group is not None and group[0] == dose_id:
            candidates = [Proposal(each[1], each[2], _evidence(each[3:])) for each in group[1]]
            group = next(ranked, None)
        linked = None
        if person_id is not None:
            linked = (person_id, Basis(basis), _conclusive(basis, name, other_name))
        found = Found(dose_id, bool(is_foreign), id_kind, bool(number_known), linked, bool(repeats), candidates)
        counted += 1
        yield decide(found, weights)
    if group is not None or [[(counted,)]] != list(engine.rows("SELECT COUNT(*) FROM doses")):
        raise RuntimeError("the engine lost rows on the way")  # a defect of the engine, never of the data


def _flat(engine: Engine, select: str) -> Iterator[tuple[Any, ...]]:
    for chunk in engine.rows(select):
        yield from chunk


def _evidence(row: tuple[Any, ...]) -> Evidence:
    number, name, birth, sex, life = (kind(level) for kind, level in zip(_LEVELS, row, strict=False))
    step = agreement(row[5], row[6]) if name >= Name.ORDER else None
    return Evidence(number, name, birth, sex, life, step)  # type: ignore[arg-type]


_CONCLUSIVE = {
    (basis, step): Evidence(number, Name.EQUAL, Birth.EQUAL, Sex.EQUAL, Life.ALIVE, step)
    for basis, number in ((Basis.FOUR_FIELDS, Number.CURRENT), (Basis.OLD_NUMBER, Number.OLD))
    for step in (NameStep.EXACT, NameStep.TONE_PLACEMENT, NameStep.CASE_AND_BLANKS)
}


def _conclusive(basis: str, name: str, other_name: str) -> Evidence:
    step = NameStep.EXACT if name == other_name else agreement(name, other_name)
    return _CONCLUSIVE[Basis(basis), step or NameStep.CASE_AND_BLANKS]


assert tuple(FIELDS.values()) == _LEVELS, "evidence and weights list the fields in one order"  # noqa: S101
