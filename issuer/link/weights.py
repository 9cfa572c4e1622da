"""Fellegi-Sunter weights: how much each finding speaks for one and the same person, in hundredths of a bit.

A weight is log2(m / u): m, how often the finding shows where dose and person belong together; u, how often where they
do not. `estimate` found both from data; `weights.json` keeps them; `specs/linking.md` prints and explains them. A field
that is missing weighs nothing. Weights rank proposals and decide which are worth an officer's time, nothing more: what
is automatic follows from `model`'s rule alone.
"""

import json
import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from enum import IntEnum
from functools import lru_cache
from pathlib import Path

from issuer.link.model import Birth, Evidence, Life, Name, Number, Sex

__all__ = ["FIELDS", "SILENT", "Weights", "shipped_weights", "weights_of", "weights_text"]

FIELDS: Mapping[str, type[IntEnum]] = {"number": Number, "name": Name, "birth": Birth, "sex": Sex, "life": Life}
"""The compared fields, in the order of the evidence."""

SILENT = frozenset({"MISSING", "UNCLEAR"})
"""Levels that say nothing either way: no weight, no place in the tables."""


@dataclass(frozen=True, slots=True)
class Weights:
    """`m` and `u` by field and level; thresholds in hundredths of a bit.

    A candidate below `proposed_from` is not shown. Somebody fits as well when less than `as_well` lies between them. A
    candidate from `clear_from` on ends the search for others.
    """

    m: Mapping[str, Mapping[str, float]]
    u: Mapping[str, Mapping[str, float]]
    proposed_from: int
    as_well: int
    clear_from: int

    def of(self, field: str, level: IntEnum) -> int:
        """The weight of one finding."""
        if level.name in SILENT:
            return 0
        return round(100 * math.log2(self.m[field][level.name.lower()] / self.u[field][level.name.lower()]))

    def total(self, evidence: Evidence) -> int:
        """The weight of all findings together."""
        return sum(self.of(field, getattr(evidence, field)) for field in FIELDS)

    def sql(self, table: str) -> str:
        """The same sum as an SQL expression over the columns of FIELDS."""
        return " + ".join(
            f"(CASE {table}.{field} "
            + " ".join(f"WHEN {level:d} THEN {self.of(field, level):d}" for level in levels)
            + " ELSE 0 END)"
            for field, levels in FIELDS.items()
        )


def weights_of(text: str) -> Weights:
    """The weights of a JSON text as `weights_text` writes it. Raises ValueError when it is none."""
    try:
        data = json.loads(text)
        weights = Weights(data["m"], data["u"], data["proposed_from"], data["as_well"], data["clear_from"])
        for field, levels in FIELDS.items():
            for level in levels:
                weights.of(field, level)
    except (KeyError, TypeError, ArithmeticError) as error:
        raise ValueError("not a table of weights") from error
    return weights


def weights_text(weights: Weights) -> str:
    """The weights as JSON, always the same bytes for the same weights."""
    return json.dumps(asdict(weights), indent=2) + "\n"


@lru_cache(1)
def shipped_weights() -> Weights:
    """The weights of weights.json, which every linking uses that names no others."""
    return weights_of((Path(__file__).parent / "weights.json").read_text("utf-8"))
