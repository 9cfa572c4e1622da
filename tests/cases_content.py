"""The table of cases, last part: schema and value sets (`certificate.md` section 4, steps 11 and 12)."""

from collections.abc import Iterator

import cbor2

from specs.verdicts import Reason
from tests.case import Case
from tests.faults import (
    ABSENT,
    HCERT,
    NAME,
    RECOVERY,
    TEST,
    VACCINATION,
    Recipe,
    changed,
    foreign,
    trust,
    trusted,
    vaccination,
    with_event,
)

RIGHT = Recipe()
FRANCE = trust(trusted(country="FR"))


def schemas() -> Iterator[Case]:
    """Step 11, in certificates of France, whose codes are not ours to judge."""
    base = vaccination(co="FR")

    def of_france(dcc: object) -> Recipe:
        return RIGHT.but(claims={**foreign(), HCERT: {1: dcc}})

    def dose(**members: object) -> Recipe:
        return of_france(vaccination(**{"co": "FR", **members}))

    legal = {
        "ver_that_never_was": of_france({**base, "ver": "1.0.4", "nam": {"fnt": "NGUYEN"}}),
        "ver_of_the_future": of_france({**base, "ver": "2.0.0"}),
        "fnt_alone": of_france({**base, "nam": {"fnt": "NGUYEN"}}),
        "gnt_alone_since_1_3_2": of_france({**base, "ver": "1.3.2", "nam": {"gnt": "DU"}}),
        "dob_year": of_france({**base, "dob": "1950"}),
        "dob_month": of_france({**base, "dob": "1950-07"}),
        "dob_empty": of_france({**base, "dob": ""}),
        "dob_zeros": of_france({**base, "dob": "1950-00-00"}),
        "dob_leap_day": of_france({**base, "dob": "2000-02-29"}),
        "null_groups": of_france({**base, "t": None, "r": None}),
        "whole_floats": dose(dn=1.0, sd=2.0),
        "many_doses": dose(dn=10, sd=10),
        "date_with_time": dose(dt="2021-10-17T10:00:00Z"),
        "two_doses_under_1_2_1": of_france({**base, "ver": "1.2.1", "v": [base["v"][0]] * 2}),
        "text_80": dose(**{"is": "x" * 80}),
        "sample_short_offset": of_france(with_event("t", changed(TEST, sc="2026-02-28T08:00:00.123+02"))),
        "sample_no_colon": of_france(with_event("t", changed(TEST, sc="2026-02-28T08:00:00+0200"))),
        "sample_tagged": of_france(with_event("t", changed(TEST, sc=cbor2.CBORTag(0, "2026-02-28T08:00:00Z")))),
        "names_not_nfc": of_france({**base, "nam": {**NAME, "fn": "Nguye\u0302\u0303n"}}),
    }
    for name, recipe in legal.items():
        yield Case(f"schema_{name}", "legal, or a tolerance of certificate.md section 3", recipe, trust=FRANCE)
    two = [base["v"][0]] * 2
    wrong = {
        "ver_missing": changed(base, ver=ABSENT),
        "ver_number": {**base, "ver": 1.3},
        "ver_words": {**base, "ver": "one"},
        "ver_four_parts": {**base, "ver": "1.3.0.0"},
        "nam_missing": changed(base, nam=ABSENT),
        "nam_text": {**base, "nam": "Nguyễn"},
        "nam_empty": {**base, "nam": {}},
        "fnt_missing": {**base, "nam": changed(NAME, fnt=ABSENT)},
        "fnt_lower_case": {**base, "nam": {**NAME, "fnt": "nguyen"}},
        "fnt_marks": {**base, "nam": {**NAME, "fnt": "NGUYỄN"}},
        "fnt_newline": {**base, "nam": {**NAME, "fnt": "NGUYEN\n"}},
        "fn_number": {**base, "nam": {**NAME, "fn": 1}},
        "fn_81": {**base, "nam": {**NAME, "fn": "x" * 81}},
        "dob_missing": changed(base, dob=ABSENT),
        "dob_number": {**base, "dob": 1990},
        "dob_day_first": {**base, "dob": "15-04-1990"},
        "dob_no_such_day": {**base, "dob": "1990-02-30"},
        "dob_no_such_month": {**base, "dob": "1990-13-01"},
        "dob_short": {**base, "dob": "1990-4-5"},
        "dob_other_digits": {**base, "dob": "١٩٩٠-٠٤-١٥"},
        "dob_1899": {**base, "dob": "1899-01-01"},
        "dob_letters": {**base, "dob": "1990-XX-XX"},
        "dob_empty_under_1_2_1": {**base, "ver": "1.2.1", "dob": ""},
        "dob_year_under_1_0_0": {**base, "ver": "1.0.0", "dob": "1990"},
        "no_event": changed(base, v=ABSENT),
        "event_null": {**base, "v": None},
        "v_empty": {**base, "v": []},
        "v_object": {**base, "v": base["v"][0]},
        "v_of_text": {**base, "v": ["dose"]},
        "v_of_null": {**base, "v": [None]},
        "two_doses_under_1_3_0": {**base, "v": two},
        "two_kinds": {**base, "t": [TEST]},
        "two_kinds_under_1_0_0": {**base, "ver": "1.0.0", "t": [TEST]},
        "dose_10_under_1_2_1": {**vaccination(co="FR", dn=10), "ver": "1.2.1"},
        "text_51_under_1_2_1": {**vaccination(co="FR", **{"is": "x" * 51}), "ver": "1.2.1"},
        "test_centre_missing_under_1_2_1": with_event("t", changed(TEST, tc=ABSENT), ver="1.2.1"),
        "gnt_alone_under_1_3_0": {**base, "nam": {"gnt": "DU"}},
    }
    for name, dcc in wrong.items():
        yield Case(f"schema_{name}", "breaks the schema of its version", of_france(dcc), Reason.SCHEMA, trust=FRANCE)
    for field in VACCINATION:
        yield Case(
            f"schema_v_without_{field}", "every field is required", dose(**{field: ABSENT}), Reason.SCHEMA, trust=FRANCE
        )
    for name, members in {
        "dn_zero": {"dn": 0},
        "dn_negative": {"dn": -1},
        "dn_text": {"dn": "1"},
        "dn_true": {"dn": True},
        "dn_half": {"dn": 1.5},
        "dn_nan": {"dn": float("nan")},
        "sd_null": {"sd": None},
        "is_81": {"is": "x" * 81},
        "ci_81": {"ci": "U" * 81},
        "ci_number": {"ci": 1},
        "co_lower_case": {"co": "fr"},
        "co_empty": {"co": ""},
        "dt_no_such_day": {"dt": "2021-02-30"},
        "dt_no_leap_day": {"dt": "2021-02-29"},
        "dt_short": {"dt": "2021-2-3"},
        "dt_basic_format": {"dt": "20211017"},
        "dt_week": {"dt": "2021-W41-7"},
        "dt_other_digits": {"dt": "٢٠٢١-١٠-١٧"},
        "dt_number": {"dt": 20211017},
        "dt_year_0": {"dt": "0000-01-01"},
        "mp_bytes": {"mp": b"EU/1/20/1528"},
    }.items():
        yield Case(f"schema_{name}", "breaks the schema", dose(**members), Reason.SCHEMA, trust=FRANCE)


def values() -> Iterator[Case]:
    """Step 12."""
    for field, code in (
        ("tg", "1"),
        ("vp", "J07"),
        ("mp", "EU/1/20/9999"),
        ("ma", "ORG-1"),
        ("co", "XX"),
        ("co", "VNM"),
    ):
        yield Case(
            f"value_{field}_{code}",
            "our own codes are known",
            RIGHT.but(dcc=vaccination(**{field: code})),
            Reason.VALUE_UNKNOWN,
        )
        yield Case(
            f"foreign_value_{field}_{code}",
            "a foreign code may be newer than our lists",
            RIGHT.but(claims=foreign(vaccination(**{"co": "FR", field: code}))),
            Reason.FOREIGN_VALUE_UNKNOWN,
            trust=FRANCE,
        )
    for name, members in (("maker", {"ma": "ORG-100031184"}), ("type", {"vp": "1157024006"})):
        yield Case(
            f"value_other_{name}",
            "a published specimen pairs a product with another company: for issuers to see to, and no forgery",
            RIGHT.but(dcc=vaccination(**members)),
        )
    for name, members, reason in (
        ("tt_unknown", {"tt": "LP1"}, Reason.FOREIGN_VALUE_UNKNOWN),
        ("tr_unknown", {"tr": "1"}, Reason.FOREIGN_VALUE_UNKNOWN),
        ("positive", {"tr": "260373001"}, Reason.TEST_POSITIVE),
        ("sample_tomorrow", {"sc": "2026-03-02T08:00:00Z"}, Reason.SAMPLE_IN_FUTURE),
        ("sample_in_a_second", {"sc": "2026-03-01T08:00:01Z"}, Reason.SAMPLE_IN_FUTURE),
        ("sample_now", {"sc": "2026-03-01T15:00:00+07:00"}, None),
    ):
        yield Case(
            f"test_{name}",
            "a positive test must not show green, nor one that is yet to be taken",
            RIGHT.but(claims=foreign(with_event("t", changed(TEST, **members)))),
            reason,
            trust=FRANCE,
        )
    yield Case(
        "recovery_country_unknown",
        "a warning",
        RIGHT.but(claims=foreign(with_event("r", changed(RECOVERY, co="ZZ")))),
        Reason.FOREIGN_VALUE_UNKNOWN,
        trust=FRANCE,
    )


def cases() -> Iterator[Case]:
    """All of them."""
    yield from schemas()
    yield from values()
