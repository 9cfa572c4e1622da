"""From what was found of one dose to its class, its link or its proposals.

Pure: the same for the set-based engines and for a single dose. Automatic is only what `conclusive` names; a candidate
is proposed only where nobody else fits as well.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from issuer.link.model import MAX_PROPOSALS, Basis, Birth, Evidence, LinkClass, LinkResult, Name, Number, Proposal, Sex
from issuer.link.weights import Weights

__all__ = ["Found", "decide"]


@dataclass(frozen=True, slots=True)
class Found:
    """What was found of one dose: `linked` with its basis if conclusive, whether its number is anybody's, candidates.

    `repeats`: an earlier dose is linked to the same person on the same day with the same product.
    `candidates` come best first, one more than may be proposed; their evidence is not finished (`elsewhere`, `rivals`).
    """

    dose_id: int
    is_foreign: bool
    id_kind: str
    number_known: bool
    linked: tuple[int, Basis, Evidence] | None
    repeats: bool = False
    candidates: Sequence[Proposal] = ()


def decide(found: Found, weights: Weights) -> LinkResult:
    """The class and what goes with it."""
    if found.is_foreign:
        return LinkResult(found.dose_id, LinkClass.FOREIGN, None, Basis.FOREIGNER, None)
    if found.linked is not None:
        person_id, basis, evidence = found.linked
        link_class = LinkClass.DUPLICATE if found.repeats else LinkClass.MATCHED
        return LinkResult(found.dose_id, link_class, person_id, basis, evidence)
    finished = [_finished(one, found.number_known) for one in found.candidates]
    shown, rivals = _without_rivals(finished, weights)
    if shown:
        best = replace(shown[0].evidence, hidden=rivals)
        return LinkResult(found.dose_id, _by_number(found), None, Basis.PROPOSED, best, tuple(shown))
    if rivals:
        best = replace(finished[0].evidence, rivals=rivals)
        return LinkResult(found.dose_id, LinkClass.AMBIGUOUS, None, Basis.SEVERAL, best)
    holder = next((one.evidence for one in finished if one.evidence.number >= Number.OLD), None)
    return LinkResult(found.dose_id, _by_number(found), None, Basis.NOBODY, holder)


def _finished(one: Proposal, number_known: bool) -> Proposal:
    elsewhere = number_known and one.evidence.number < Number.OLD
    return replace(one, evidence=replace(one.evidence, elsewhere=True)) if elsewhere else one


def _without_rivals(candidates: Sequence[Proposal], weights: Weights) -> tuple[list[Proposal], int]:
    """The candidates worth showing up to the first that somebody fits as well as, and how many that leaves out."""
    shown: list[Proposal] = []
    for at, one in enumerate(candidates[:MAX_PROPOSALS]):
        if one.weight < weights.proposed_from:
            break
        others = candidates[at + 1 :]
        rivals = sum(one.weight - other.weight < weights.as_well or _whole(one, other) for other in others)
        if rivals:
            return shown, rivals
        shown.append(one)
    return shown, 0


def _whole(*candidates: Proposal) -> bool:
    """Whether all four fields, by a current or an old number, are those of each."""
    return all(
        (min(one.evidence.number, Number.OLD), one.evidence.name, one.evidence.birth, one.evidence.sex)
        == (Number.OLD, Name.EQUAL, Birth.EQUAL, Sex.EQUAL)
        for one in candidates
    )


def _by_number(found: Found) -> LinkClass:
    if found.id_kind == "none":
        return LinkClass.NO_ID
    if found.id_kind == "malformed":
        return LinkClass.MALFORMED_ID
    return LinkClass.MISMATCHED if found.number_known else LinkClass.UNKNOWN_ID
