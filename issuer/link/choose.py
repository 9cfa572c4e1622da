"""Which doses are to be linked: those that wait, and exactly those that a change in the register of people can touch.

Touched are the doses linked or proposed to who changed, the doses with a number that they have, had or were said to
have had, the unlinked doses in whose blocks they now are (far blocks only where no near candidate is clear), and the
doses from which rivals were left out: rivals are not stored, so it cannot be seen that one of them changed. What people
decided is never among them.
"""

# ruff: noqa: S608 - every part of these statements is a constant of this package

from issuer.link.engine import Engine
from issuer.link.statements import FAR_BLOCKS, NEAR_BLOCKS, near_statements, numbers_statement, union
from issuer.link.weights import Weights

__all__ = ["choose"]

_NOBODY = "SELECT 0 AS dose_id LIMIT 0"
_REACHED = (
    "SELECT d.dose_id, h.person_id FROM all_doses d JOIN readings r ON r.dose_id = d.dose_id"
    " JOIN touched_numbers h ON h.value = r.value",
    "SELECT l.dose_id, l.person_id FROM links l JOIN touched t ON t.person_id = l.person_id",
    "SELECT d.dose_id, 0 AS person_id FROM all_doses d WHERE d.standing = 3",
)


def choose(engine: Engine, weights: Weights, *, touched: bool, waiting: bool) -> None:
    """Make `doses` out of `all_doses`, by how they stand and by the people in `touched`."""
    engine.make("todo", "SELECT dose_id FROM all_doses WHERE standing = 0" if waiting else _NOBODY)
    engine.make("reached", _NOBODY)
    if touched:
        _reach(engine, weights)
    engine.make(
        "doses",
        "SELECT d.* FROM all_doses d WHERE d.standing <> 4"
        " AND d.dose_id IN (SELECT dose_id FROM todo UNION SELECT dose_id FROM reached)",
    )


def _reach(engine: Engine, weights: Weights) -> None:
    engine.make("open_doses", "SELECT * FROM all_doses WHERE standing = 2 AND is_foreign = 0")
    found = [("numbers", numbers_statement()), *near_statements("open_doses", weights)]
    for table, select in found:
        engine.make(table, select)
    engine.make("everybody", "SELECT * FROM people")
    engine.drop("people")
    engine.make("people", "SELECT p.* FROM everybody p JOIN touched t ON t.person_id = p.person_id")
    engine.make(
        "touched_numbers",
        "SELECT national_id AS value, person_id FROM people UNION SELECT o.value, o.person_id FROM old_numbers o"
        " JOIN touched t ON t.person_id = o.person_id UNION SELECT w.value, w.person_id FROM withdrawn_numbers w"
        " JOIN touched t ON t.person_id = w.person_id",
    )
    pairs = (*_REACHED, NEAR_BLOCKS[1].format(doses="open_doses"), *(far.format(doses="hard") for far in FAR_BLOCKS))
    engine.drop("reached")
    engine.make("reached", f"SELECT DISTINCT dose_id FROM ({union(pairs, '')}) x")
    engine.drop("people")
    engine.make("people", "SELECT * FROM everybody")
    for table in ("everybody", "open_doses", *(table for table, _ in found)):
        engine.drop(table)
