"""The codes of a certificate against the closed lists of `specs/valuesets` (`certificate.md` section 4, step 12).

In: the entries of a certificate and the moment of the check. Out: the reasons against them. An unknown code of our
own means that something is wrong; a foreign one may be newer than our lists, and only warns. Whether product and maker
belong together is for issuers to see to: a published specimen of Vietnam's own gets it wrong and is no forgery.
"""

from collections.abc import Container, Mapping, Sequence
from functools import cache

from specs import valuesets
from specs.cwt import HOME_COUNTRY
from specs.verdicts import Reason
from verifier.instants import instant, numeric_date
from verifier.schema import RECOVERY, TEST, VACCINATION, Event

DETECTED = "260373001"
"""`tr`: SARS-CoV-2 detected (SNOMED CT)."""


@cache
def _lists() -> Mapping[str, tuple[tuple[str, Container[str]], ...]]:
    """Kind -> the fields that hold codes, and the codes of each. A test's `ma` has no closed list, only examples."""
    common = (("tg", frozenset(valuesets.diseases())), ("co", frozenset(valuesets.countries())))
    vaccination = (
        ("vp", frozenset(valuesets.prophylaxis())),
        ("mp", frozenset(valuesets.medicinal_products())),
        ("ma", frozenset(valuesets.manufacturers())),
    )
    test = (("tt", frozenset(valuesets.types_of_test())), ("tr", frozenset(valuesets.results_of_test())))
    return {VACCINATION: (*common, *vaccination), TEST: (*common, *test), RECOVERY: common}


def objections(events: Sequence[Event], issuing_country: str | None, at: float) -> list[Reason]:
    """Return what the codes and times of `events` say against the certificate; `at` is in seconds since 1970."""
    reasons: list[Reason] = []
    ours = issuing_country == HOME_COUNTRY
    lists = _lists()
    for kind, fields in events:
        for name, codes in lists[kind]:
            code = fields.get(name)
            if type(code) is str and code not in codes:
                reasons.append(Reason.VALUE_UNKNOWN if ours else Reason.FOREIGN_VALUE_UNKNOWN)
        if kind == TEST:
            if fields.get("tr") == DETECTED:
                reasons.append(Reason.TEST_POSITIVE)
            if _is_later(fields.get("sc"), at):
                reasons.append(Reason.SAMPLE_IN_FUTURE)
    return reasons


def _is_later(moment: object, at: float) -> bool:
    try:
        return isinstance(moment, str) and numeric_date(instant(moment)) > at
    except ValueError:
        return False
