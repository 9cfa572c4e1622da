"""The weights from data: u from pairs drawn evenly over the register, m by expectation maximisation.

Every dose belongs to one person at most, so of all pairs of a dose and a person about one in as many as there are
people is a match: that prior is known and stays fixed. u is counted on pairs that have nothing to do with each other.
Only m is estimated, from how often each pattern of findings shows among the pairs that linking would compare. Nothing
is drawn by chance: doses and people are taken at even strides, patterns in order, so the same data give the same
weights to the last digit.
"""

# ruff: noqa: S608 - every part of these statements is a constant or a number of this package

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from issuer.link.engine import Engine
from issuer.link.statements import FAR_BLOCKS, NEAR_BLOCKS, comparison, numbers_statement, union
from issuer.link.weights import FIELDS, SILENT, Weights

__all__ = ["Estimate", "Pattern", "estimate", "maximise"]

_SAMPLED_DOSES = 100_000
_UNRELATED_EACH = 60
_ROUNDS = 200
_SETTLED = 1e-9
_DIGITS = 3
_LEAST_M, _LEAST_U = 1e-4, 1e-7
"""Added to every share: one true pair in ten thousand may show anything, whatever the data at hand have not shown."""

Pattern = tuple[tuple[int, ...], int]
"""The levels of FIELDS, and how many pairs show them."""


@dataclass(frozen=True, slots=True)
class Estimate:
    """`m` and `u` by field and level, rounded; the rounds it took; the pairs each was found from."""

    m: Mapping[str, Mapping[str, float]]
    u: Mapping[str, Mapping[str, float]]
    rounds: int
    blocked: int
    unrelated: int

    def weights(self, thresholds: Weights) -> Weights:
        """Weights of these probabilities with the thresholds of others."""
        return replace(thresholds, m=self.m, u=self.u)


def estimate(engine: Engine, start: Weights) -> Estimate:
    """From the tables of `statements`; `start` is where the search begins. Leaves no table behind but `numbers`."""
    doses, people = _count(engine, "doses"), _count(engine, "people")
    engine.make("numbers", numbers_statement())
    engine.make("ranked_doses", "SELECT dose_id, ROW_NUMBER() OVER (ORDER BY dose_id) AS place FROM doses")
    engine.make("ranked_people", "SELECT person_id, ROW_NUMBER() OVER (ORDER BY person_id) AS place FROM people")
    stride = max(1, doses // _SAMPLED_DOSES)
    engine.make(
        "sampled",
        "SELECT d.* FROM doses d JOIN ranked_doses r ON r.dose_id = d.dose_id"
        f" WHERE r.place % {stride} = 0 AND d.is_foreign = 0",
    )
    engine.make("near", union(NEAR_BLOCKS, "sampled"))
    engine.make("alone", "SELECT s.* FROM sampled s WHERE s.dose_id NOT IN (SELECT dose_id FROM near)")
    engine.make("far", union(FAR_BLOCKS, "alone"))
    engine.make("blocked", "SELECT * FROM near UNION SELECT * FROM far")
    engine.make(
        "unrelated",
        "SELECT s.dose_id, p.person_id"
        " FROM (SELECT dose_id, ROW_NUMBER() OVER (ORDER BY dose_id) AS place FROM sampled) s"
        f" JOIN (SELECT 0 AS turn {_turns()}) t ON 1 = 1 JOIN ranked_people p"
        f" ON p.place = 1 + (s.place * 7919 + t.turn * {max(1, people // _UNRELATED_EACH)}) % {people}"
        " WHERE NOT EXISTS (SELECT 1 FROM blocked b WHERE b.dose_id = s.dose_id AND b.person_id = p.person_id)",
    )
    blocked, unrelated = list(_patterns(engine, "blocked")), list(_patterns(engine, "unrelated"))
    for table in ("ranked_doses", "ranked_people", "sampled", "near", "alone", "far", "blocked", "unrelated"):
        engine.drop(table)
    u = _frequencies(unrelated, [float(count) for _, count in unrelated], _LEAST_U)
    # no sample is large enough for numbers, which are one person's each; here it can be counted
    u["number"] |= {"current": 1 / people, "old": max(_count(engine, "numbers") / people - 1, 1 / people) / people}
    known = {field: {level: start.m[field].get(level, _LEAST_M) for level in levels} for field, levels in u.items()}
    m, rounds = maximise(blocked, u, known, 1 / people)
    return Estimate(_rounded(m), _rounded(u), rounds, _pairs(blocked), _pairs(unrelated))


def maximise(
    patterns: Sequence[Pattern],
    u: Mapping[str, Mapping[str, float]],
    m: Mapping[str, Mapping[str, float]],
    prior: float,
) -> tuple[Mapping[str, Mapping[str, float]], int]:
    """m at the top of the likelihood uphill from the given one, and the rounds until it stood still."""
    rounds, moved = 0, 1.0
    while moved > _SETTLED and rounds < _ROUNDS:
        rounds += 1
        shares = []
        for levels, count in patterns:
            odds = prior / (1 - prior)
            for (field, kind), level in zip(FIELDS.items(), levels, strict=True):
                name = kind(level).name.lower()
                if name in m[field]:
                    odds *= m[field][name] / u[field][name]
            shares.append(count * odds / (1 + odds))
        better = _frequencies(patterns, shares, _LEAST_M)
        moved = max(abs(better[field][level] - m[field][level]) for field in m for level in m[field])
        m = better
    return m, rounds


def _frequencies(patterns: Sequence[Pattern], shares: Sequence[float], least: float) -> dict[str, dict[str, float]]:
    """How often each level shows among the patterns by their shares, none less than `least`."""
    found: dict[str, dict[str, float]] = {}
    for at, (field, kind) in enumerate(FIELDS.items()):
        totals = {level.name.lower(): 0.0 for level in kind if level.name not in SILENT}
        for (levels, _), share in zip(patterns, shares, strict=True):
            name = kind(levels[at]).name.lower()
            if name in totals:
                totals[name] += share
        whole = math.fsum(totals.values()) or 1.0
        found[field] = {name: (total / whole + least) / (1 + least * len(totals)) for name, total in totals.items()}
    return found


def _patterns(engine: Engine, pairs: str) -> Iterator[Pattern]:
    fields = ", ".join(FIELDS)
    select = f"SELECT {fields}, COUNT(*) FROM ({comparison(pairs)}) x GROUP BY {fields} ORDER BY {fields}"
    for chunk in engine.rows(select):
        for row in chunk:
            yield tuple(row[:-1]), row[-1]


def _turns() -> str:
    return " ".join(f"UNION ALL SELECT {turn}" for turn in range(1, _UNRELATED_EACH))


def _count(engine: Engine, table: str) -> int:
    rows: list[list[tuple[Any, ...]]] = list(engine.rows(f"SELECT COUNT(*) FROM {table}"))
    count: int = rows[0][0][0]
    return count


def _pairs(patterns: Sequence[Pattern]) -> int:
    return sum(count for _, count in patterns)


def _rounded(table: Mapping[str, Mapping[str, float]]) -> dict[str, dict[str, float]]:
    return {
        field: {level: float(f"{value:.{_DIGITS}g}") for level, value in levels.items()}
        for field, levels in table.items()
    }
