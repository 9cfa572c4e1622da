"""The table of cases (`tests/cases_*.py`), run through the whole path."""

import pytest

from specs.verdicts import StepResult
from tests import cases_claims, cases_content, cases_keys, cases_wire
from tests.case import Case
from verifier.check import check
from verifier.request import Request

PARTS = (cases_wire, cases_keys, cases_claims, cases_content)
CASES = [case for part in PARTS for case in part.cases()]


@pytest.mark.parametrize("case", CASES, ids=[case.name for case in CASES])
def test_case(case: Case) -> None:
    verdict = check(Request(text=case.text, at=None if case.clock else case.now), case.trust, now=case.now)
    assert (verdict.outcome, verdict.reasons[:1]) == (case.verdict, () if case.reason is None else (case.reason,)), (
        case.why
    )
    assert case.step is None or verdict.steps[case.step] is StepResult.FAIL


def test_there_are_enough_cases_and_no_two_of_one_name() -> None:
    names = [case.name for case in CASES]
    assert len(set(names)) == len(names)
    assert sum(case.reason is not None for case in CASES) >= 150
