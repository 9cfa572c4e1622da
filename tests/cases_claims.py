"""The table of cases, third part: claims, times and key usage (`certificate.md` section 4, steps 6, 9 and 10)."""

from collections.abc import Iterator
from datetime import timedelta

import cbor2

from keys.trust_list import Publication
from specs.verdicts import Reason
from tests.case import Case
from tests.faults import (
    ABSENT,
    AT,
    DAY,
    DCC,
    EXP,
    EXPIRES,
    HCERT,
    IAT,
    ISS,
    ISSUED,
    NOT_AFTER,
    NOT_BEFORE,
    NOW,
    RECOVERY,
    TEST,
    Recipe,
    foreign,
    head,
    trust,
    trusted,
    vaccination,
    with_event,
)

RIGHT = Recipe()
FRANCE = trust(trusted(country="FR"))
SECOND = timedelta(seconds=1)


def inside(item: bytes) -> Recipe:
    """The claims with `item` (CBOR) as one more member of the DCC, which readers must pass over or refuse."""
    dcc = cbor2.dumps(DCC)
    assert dcc[0] == 0xA4
    claims = cbor2.dumps({ISS: "VN", EXPIRES: EXP, ISSUED: IAT})
    payload = b"\xa4" + claims[1:] + cbor2.dumps(HCERT) + b"\xa1\x01\xa5" + dcc[1:] + b"\x61x" + item
    return RIGHT.but(payload=payload)


def cbors() -> Iterator[Case]:
    """Step 6: what may stand in the claims at all."""
    for name, item in (
        ("member", cbor2.dumps("more")),
        ("long_text", cbor2.dumps("x" * 1024)),
        ("negative", b"\x3a\xff\xff\xff\xff"),
        ("float", cbor2.dumps(1.5)),
        ("nan", b"\xf9\x7e\x00"),
        ("bytes", cbor2.dumps(b"\0\1")),
        ("nested", b"\x81" * 4 + b"\x00"),
        ("integer_not_shortest", b"\x1b" + bytes(7) + b"\x01"),
        ("tag_0", b"\xc0\x74" + b"2021-01-01T00:00:00Z"),
        ("tag_1", b"\xc1\x1a\x60\x00\x00\x00"),
    ):
        yield Case(f"unknown_{name}", "members that nobody knows are legal", inside(item))
    for name, item in (
        ("undefined", b"\xf7"),
        ("simple_value", b"\xe0"),
        ("simple_24", b"\xf8\x20"),
        ("break", b"\xff"),
        ("reserved_28", b"\x1c"),
        ("reserved_30_text", b"\x7e"),
        ("indefinite_text", b"\x7f\x61a\xff"),
        ("indefinite_bytes", b"\x5f\x41a\xff"),
        ("indefinite_array", b"\x9f\x00\xff"),
        ("indefinite_map", b"\xbf\x61a\x00\xff"),
        ("bignum", b"\xc2\x49\x01" + bytes(8)),
        ("negative_bignum", b"\xc3\x49\x01" + bytes(8)),
        ("decimal_bomb", b"\xc4\x82\x1a\xff\xff\xff\xff\x01"),
        ("bigfloat", b"\xc5\x82\x01\x01"),
        ("shared_value", b"\xd8\x1c\x81\xd8\x1d\x00"),
        ("shared_reference", b"\xd8\x1d\x00"),
        ("rational", b"\xd8\x1e\x82\x01\x02"),
        ("regex", b"\xd8\x23\x61a"),
        ("mime", b"\xd8\x24\x61a"),
        ("set", b"\xd9\x01\x02\x81\x01"),
        ("string_references", b"\xd9\x01\x00\x80"),
        ("self_described", b"\xd9\xd9\xf7\x00"),
        ("cose_inside", b"\xd2\x80"),
        ("date_of_array", b"\xc0\x80"),
        ("date_of_date", b"\xc0\xc0\x61a"),
        ("key_of_bytes", b"\xa1\x41a\x00"),
        ("key_of_float", b"\xa1\xf9\x3c\x00\x00"),
        ("key_of_array", b"\xa1\x80\x00"),
        ("key_nan", b"\xa1\xf9\x7e\x00\x00"),
        ("duplicate_keys", b"\xa2\x61a\x00\x61a\x01"),
        ("duplicate_keys_two_lengths", b"\xa2\x01\x00\x18\x01\x01"),
        ("not_utf8", b"\x61\xff"),
        ("overlong_utf8", b"\x62\xc0\x80"),
        ("surrogate_utf8", b"\x63\xed\xa0\x80"),
        ("cut_text", b"\x78\xff"),
        ("huge_text_length", b"\x7b" + b"\xff" * 8),
        ("huge_bytes_length", b"\x5b" + b"\xff" * 8),
    ):
        reason = Reason.CBOR_LIMIT if name == "huge_text_length" else Reason.CBOR_MALFORMED
        yield Case(f"cbor_{name}", "no certificate needs it", inside(item), reason)
    for name, item in (
        ("text", cbor2.dumps("x" * 1025)),
        ("depth", b"\x81" * 8 + b"\x00"),
        ("items", cbor2.dumps([0] * 250)),
        ("huge_array", b"\x9b" + b"\xff" * 8),
        ("huge_map", b"\xbb" + b"\xff" * 8),
    ):
        yield Case(f"limit_{name}", "beyond any real certificate", inside(item), Reason.CBOR_LIMIT)
    right = RIGHT.payload_bytes()
    yield Case("cbor_trailing", "bytes behind the claims", RIGHT.but(payload=right + b"\0"), Reason.CBOR_MALFORMED)
    yield Case("cbor_cut", "the claims cut off", RIGHT.but(payload=right[:-1]), Reason.CBOR_MALFORMED)
    yield Case("cbor_empty", "no claims", RIGHT.but(payload=b""), Reason.CBOR_MALFORMED)
    yield Case(
        "cbor_tagged_claims", "a tag around the claims", RIGHT.but(payload=b"\xd8\x3d" + right), Reason.CBOR_MALFORMED
    )
    duplicate = b"\xa5" + right[1:] + head(0, ISSUED) + head(0, IAT)
    yield Case(
        "cbor_iat_twice", "two readers would read two times", RIGHT.but(payload=duplicate), Reason.CBOR_MALFORMED
    )


def claims() -> Iterator[Case]:
    """Step 6: the claims themselves."""
    for name, payload in (("array", [1]), ("text", "claims"), ("number", 1), ("null", None)):
        yield Case(
            f"claims_{name}", "claims are a map", RIGHT.but(payload=cbor2.dumps(payload)), Reason.CLAIMS_MALFORMED
        )
    for name, bent in (
        ("iss_number", {ISS: 84}),
        ("iss_bytes", {ISS: b"VN"}),
        ("hcert_missing", {HCERT: ABSENT}),
        ("hcert_null", {HCERT: None}),
        ("hcert_array", {HCERT: [DCC]}),
        ("hcert_empty", {HCERT: {}}),
        ("dcc_null", {HCERT: {1: None}}),
        ("dcc_array", {HCERT: {1: [DCC]}}),
        ("dcc_text", {HCERT: {1: "DCC"}}),
        ("national_text", {HCERT: {1: DCC, -22: "bound"}}),
        ("national_short", {HCERT: {1: DCC, -22: b"\x10"}}),
        ("national_null", {HCERT: {1: DCC, -22: None}}),
    ):
        yield Case(f"claims_{name}", "a claim of another type", RIGHT.but(claims=bent), Reason.CLAIMS_MALFORMED)
    for key in (3, 4, 5, -6, 99):
        yield Case(
            f"hcert_key_{key}",
            "another kind of certificate is not supported, not forged; its link is not fetched",
            RIGHT.but(claims={HCERT: {key: "vhlink:/eyJ1cmwiOiJodHRwczovL2V4YW1wbGUub3JnIn0"}}),
            Reason.NOT_SUPPORTED,
        )
    yield Case(
        "hcert_key_text", "a key of text is unknown too", RIGHT.but(claims={HCERT: {"1": DCC}}), Reason.NOT_SUPPORTED
    )
    yield Case(
        "hcert_more_keys", "an unknown key beside the DCC is passed over", RIGHT.but(claims={HCERT: {1: DCC, 7: 1}})
    )
    yield Case(
        "claims_unknown", "a claim that nobody knows is passed over", RIGHT.but(claims={65535: {"idx": 1}, 5: "x"})
    )
    yield Case(
        "not_supported_forged",
        "what is forged is forged, whatever its kind",
        RIGHT.but(claims={HCERT: {5: "vhlink:/"}}, signature=lambda _: bytes(64)),
        Reason.SIGNATURE_WRONG,
    )
    yield Case("foreign", "a right foreign certificate", RIGHT.but(claims=foreign()), trust=FRANCE)
    yield Case(
        "foreign_private_key",
        "another country may use our private key for itself",
        RIGHT.but(claims={**foreign(), HCERT: {1: vaccination(co="FR"), -22: "x"}}),
        trust=FRANCE,
    )


def times() -> Iterator[Case]:
    """Step 9."""
    issued, expires = NOW - 30 * DAY, NOW + 335 * DAY
    yield Case("at_iat", "valid from the second of issue", RIGHT, now=issued)
    yield Case("at_exp", "valid to the last second", RIGHT, now=expires)
    yield Case("before_iat", "one second early", RIGHT, Reason.NOT_YET_VALID, now=issued - SECOND)
    yield Case("after_exp", "one second late", RIGHT, Reason.EXPIRED, now=expires + SECOND)
    yield Case("skew_120", "a device's clock may be two minutes behind", RIGHT, now=issued - 120 * SECOND, clock=True)
    yield Case("skew_121", "and no more", RIGHT, Reason.NOT_YET_VALID, now=issued - 121 * SECOND, clock=True)
    yield Case("skew_not_for_exp", "no grace after the end", RIGHT, Reason.EXPIRED, now=expires + SECOND, clock=True)
    yield Case("exp_is_iat", "valid for one second", RIGHT.but(claims={ISSUED: AT, EXPIRES: AT}))
    yield Case(
        "exp_before_iat",
        "never valid, not even within the skew",
        RIGHT.but(claims={ISSUED: AT + 60, EXPIRES: AT}),
        Reason.EXPIRED,
        clock=True,
    )
    yield Case(
        "iat_at_not_before", "the first second of the key", RIGHT.but(claims={ISSUED: int(NOT_BEFORE.timestamp())})
    )
    yield Case(
        "iat_before_not_before",
        "shell model: the key did not exist yet",
        RIGHT.but(claims={ISSUED: int(NOT_BEFORE.timestamp()) - 1}),
        Reason.OUTSIDE_KEY_VALIDITY,
    )
    yield Case(
        "exp_at_not_after", "the last second of the key", RIGHT.but(claims={EXPIRES: int(NOT_AFTER.timestamp())})
    )
    yield Case(
        "exp_after_not_after",
        "shell model: outlives its key",
        RIGHT.but(claims={EXPIRES: int(NOT_AFTER.timestamp()) + 1}),
        Reason.OUTSIDE_KEY_VALIDITY,
    )
    yield Case(
        "key_expired",
        "the key's time is over",
        RIGHT,
        Reason.OUTSIDE_KEY_VALIDITY,
        trust=trust(trusted(not_after=NOW - DAY)),
    )
    for name, kind in (("float", float), ("tag_1", lambda value: cbor2.CBORTag(1, value))):
        yield Case(
            f"times_{name}",
            "tolerance: foreign issuers write so",
            RIGHT.but(claims={ISSUED: kind(IAT), EXPIRES: kind(EXP)}),
        )
    for name, value in (
        ("absent", ABSENT),
        ("null", None),
        ("text", str(EXP)),
        ("date", "2027-01-01"),
        ("negative", -1),
        ("true", True),
        ("fraction", EXP + 0.5),
        ("nan", float("nan")),
        ("infinity", float("inf")),
        ("minus_infinity", float("-inf")),
        ("year_2242", 1 << 33),
        ("year_9999", 253402300799),
        ("uint64", 2**64 - 1),
        ("huge_float", 1e300),
        ("array", [EXP]),
        ("bytes", EXP.to_bytes(8)),
    ):
        yield Case(
            f"exp_{name}",
            "a time is a whole number of seconds",
            RIGHT.but(claims={EXPIRES: value}),
            Reason.TIMES_MALFORMED,
        )
        yield Case(
            f"iat_{name}",
            "a time is a whole number of seconds",
            RIGHT.but(claims={ISSUED: value}),
            Reason.TIMES_MALFORMED,
        )
    yield Case(
        "exp_2038",
        "2**31 is a time like any other",
        RIGHT.but(claims={EXPIRES: 2**31}),
        trust=trust(trusted(not_after=NOW + 9000 * DAY)),
    )
    yield Case(
        "exp_milliseconds", "JavaScript's clock", RIGHT.but(claims={EXPIRES: EXP * 1000}), Reason.TIMES_MALFORMED
    )
    stale = Publication("production", 1, NOW - 60 * DAY, NOW - DAY)
    yield Case(
        "trust_expired",
        "an old list: cannot tell",
        RIGHT,
        Reason.TRUST_EXPIRED,
        trust=trust(trusted(), publication=stale),
    )
    coming = Publication("production", 1, NOW + DAY, NOW + 30 * DAY)
    yield Case(
        "clock_behind_list",
        "a wrong clock is not the holder's fault",
        RIGHT,
        Reason.CLOCK_WRONG,
        clock=True,
        trust=trust(trusted(), publication=coming),
    )
    yield Case(
        "moment_before_list",
        "a moment given may lie before the list",
        RIGHT,
        trust=trust(trusted(), publication=coming),
    )


def usages() -> Iterator[Case]:
    """Step 10."""
    recipes = {
        "v": RIGHT,
        "t": RIGHT.but(claims=foreign(with_event("t", TEST))),
        "r": RIGHT.but(claims=foreign(with_event("r", RECOVERY))),
    }
    for kind, recipe in recipes.items():
        country = "VN" if kind == "v" else "FR"
        for allowed in ("v", "t", "r", "vt", "tr", "vtr", ""):
            usage = frozenset(allowed) if allowed else None
            reason = None if usage is None or kind in usage else Reason.KEY_USAGE
            yield Case(
                f"usage_{allowed or 'any'}_for_{kind}",
                "a signer limited to some kinds signs no other",
                recipe,
                reason,
                trust=trust(trusted(country=country, key_usage=usage)),
            )
    yield Case(
        "usage_unreadable",
        "an extension that cannot be read may have been a limit",
        RIGHT,
        Reason.KEY_USAGE,
        trust=trust(trusted(key_usage=frozenset())),
    )


def cases() -> Iterator[Case]:
    """All of them."""
    yield from cbors()
    yield from claims()
    yield from times()
    yield from usages()
