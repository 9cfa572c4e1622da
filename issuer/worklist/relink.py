"""One dose linked again after its facts were corrected, by linking's own comparison and decision.

Only people near it are looked at: who shares a number with it, or its name and birth year. They are enough to see
whether it is conclusive. Whom to propose they do not show, for somebody else may fit as well: that is left to the next
`link`, which looks at everybody.
"""

from collections.abc import Mapping
from dataclasses import fields, replace
from typing import Any

import sqlalchemy as sa

from issuer.link.compare import compare
from issuer.link.model import Basis, DoseFacts, Evidence, Life, LinkClass, LinkResult, Name, PersonFacts
from issuer.link.weights import shipped_weights
from issuer.store import correction_store, link_store
from specs.names import NameStep, agreement

__all__ = ["evidence_of", "foresee", "relink"]

_NEAR = 200
"""People of one name and birth year looked at; more cannot be told apart by an officer either."""
_FACTS = frozenset(one.name for one in fields(DoseFacts))


_STEPS = {
    Name.EQUAL: NameStep.CASE_AND_BLANKS,
    Name.I_AND_Y: NameStep.I_AND_Y,
    Name.NO_MARKS: NameStep.DIACRITICS,
    Name.MARKS: NameStep.DIACRITICS,
    Name.ORDER: NameStep.ORDER,
}


def relink(connection: sa.Connection, dose_id: int, now: str) -> LinkResult | None:
    """Link the dose inside the caller's transaction if its facts are conclusive; None: the next `link` will tell."""
    facts = correction_store.dose_facts(connection, dose_id)
    was = link_store.linked_person(connection, dose_id)
    link_store.forget_links(connection, [dose_id])
    found = _conclusive(facts, *correction_store.people_near(connection, facts, _NEAR))
    result = None
    if found is not None:
        person, basis = found
        step = agreement(*correction_store.full_names(connection, dose_id, person.person_id))
        evidence = replace(evidence_of(facts, person), step=step)
        result = LinkResult(dose_id, LinkClass.MATCHED, person.person_id, basis, evidence)
        link_store.store_links(connection, [result], now)
    link_store.settle_repeats(connection, {was, None if result is None else result.person_id})
    return None if result is None else replace(result, link_class=link_store.class_of(connection, dose_id))


def foresee(connection: sa.Connection, dose_id: int, changes: Mapping[str, Any]) -> tuple[int, Evidence, bool] | None:
    """Whom the dose would meet with these facts, and whether it would be linked to them; changes nothing.

    Where nobody is certain it is the best fit. `changes` are columns of a dose, as `issuer.worklist.mend.facts_for`
    gives them.
    """
    facts = correction_store.dose_facts(connection, dose_id)
    known = {name: value for name, value in changes.items() if name in _FACTS}
    other = {"other_readings": ()} if "id_number" in changes else {}
    facts = replace(facts, **known, **other)  # type: ignore[arg-type]  # columns of the same names and kinds
    near, holders = correction_store.people_near(connection, facts, _NEAR)
    conclusive = _conclusive(facts, near, holders)
    if conclusive is not None:
        return conclusive[0].person_id, evidence_of(facts, conclusive[0]), True
    weights = shipped_weights()
    compared = [(evidence_of(facts, one), one.person_id) for one in near]
    best = max(compared, key=lambda one: (weights.total(one[0]), -one[1]), default=None)
    if best is None:
        return None
    evidence, person_id = best
    return person_id, replace(evidence, elsewhere=bool(holders) and person_id not in holders), False


def evidence_of(facts: DoseFacts, person: PersonFacts) -> Evidence:
    """How the dose compares with one person, with the rung of the folding ladder where their names are equal."""
    evidence = compare(facts, person)
    return replace(evidence, step=_STEPS.get(evidence.name))


def _conclusive(facts: DoseFacts, near: list[PersonFacts], holders: set[int]) -> tuple[PersonFacts, Basis] | None:
    """The rule of `issuer.link.model` for one dose: four fields, or an old number that belongs to one person only."""
    if facts.is_foreign or not all((facts.id_number, facts.name_key, facts.birth_date, facts.sex)):
        return None
    if facts.id_kind in ("malformed", "none"):
        return None
    agreeing = [
        one
        for one in near
        if one.person_id in holders
        and (one.name_key, one.birth_date, one.sex) == (facts.name_key, facts.birth_date, facts.sex)
    ]
    if len(agreeing) != 1 or evidence_of(facts, agreeing[0]).life is not Life.ALIVE:
        return None
    if agreeing[0].national_id == facts.id_number:
        return agreeing[0], Basis.FOUR_FIELDS
    return (agreeing[0], Basis.OLD_NUMBER) if len(holders) == 1 else None
