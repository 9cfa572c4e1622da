"""The table of cases, first part: text, zlib and envelope (`certificate.md` section 4, steps 2 to 5)."""

import zlib
from collections.abc import Iterator

import cbor2

from specs.verdicts import Reason
from tests.case import Case
from tests.faults import (
    ABSENT,
    KID,
    OTHER_KID,
    Recipe,
)

RIGHT = Recipe()


def texts() -> Iterator[Case]:
    """Steps 2 and 3."""
    body = RIGHT.certificate()[4:]
    yield Case("right", "the certificate that all faults start from", RIGHT)
    yield Case("blanks_around", "hand-held scanners add line ends and blanks", f" {RIGHT.certificate()}\r\n")
    for name, prefix in (
        ("missing", ""),
        ("HC2", "HC2:"),
        ("HCA", "HCA:"),
        ("HL0", "HL0:"),
        ("HC1_without_colon", "HC1"),
        ("lower_case", "hc1:"),
        ("twice", "HC1:HC1:"),
        ("percent_encoded", "HC1%3A"),
        ("blank_inside", "HC1 :"),
        ("byte_order_mark", "\ufeffHC1:"),
        ("url", "https://example.org/?c=HC1:"),
    ):
        reason = Reason.BASE45_MALFORMED if name == "twice" else Reason.PREFIX_MISSING
        yield Case(f"prefix_{name}", "only the exact prefix HC1: counts", prefix + body, reason)
    yield Case("text_empty", "a scanner may send nothing", "", Reason.PREFIX_MISSING)
    yield Case("text_prefix_alone", "nothing behind the prefix", "HC1:", Reason.ZLIB_MALFORMED)
    yield Case(
        "text_url", "a QR code may hold a URL; it is never fetched", "https://example.org/v", Reason.PREFIX_MISSING
    )
    yield Case("text_shc", "another kind of health card", "shc:/5676290952432060346029243740", Reason.PREFIX_MISSING)
    yield Case(
        "text_id_card",
        "the QR code of an ID card",
        "001190000017||Nguyễn|15041990|Nữ|Hà Nội|25052021",
        Reason.PREFIX_MISSING,
    )
    yield Case(
        "text_longest", "the largest QR code: read, and nothing in it", "HC1:" + "0" * 4290, Reason.ZLIB_MALFORMED
    )
    yield Case("text_too_long", "longer than any QR code", "HC1:" + "0" * 4293, Reason.TEXT_TOO_LONG)
    yield Case("text_huge", "a text sent to an API", "HC1:" + "0" * 1_000_000, Reason.TEXT_TOO_LONG)
    for name, character in (
        ("lower_case", "a"),
        ("newline", "\n"),
        ("nul", "\0"),
        ("non_ascii_digit", "٣"),
        ("full_width", "Ａ"),
        ("half_surrogate", "\ud800"),
        ("underscore", "_"),
        ("nbsp", "\u00a0"),
    ):
        yield Case(
            f"base45_{name}",
            "a character outside the alphabet",
            f"HC1:{body[:9]}{character}{body[10:]}",
            Reason.BASE45_MALFORMED,
        )
    yield Case("base45_one_character_left", "no byte string has this length", "HC1:" + "0" * 7, Reason.BASE45_MALFORMED)
    yield Case("base45_group_65536", "a group above two bytes", "HC1:GGW" + body, Reason.BASE45_MALFORMED)
    yield Case("base45_largest_group", "a group above two bytes", "HC1::::" + body, Reason.BASE45_MALFORMED)
    yield Case(
        "base45_last_byte_256", "a last group above one byte", "HC1:" + "0" * 300 + "V5", Reason.BASE45_MALFORMED
    )
    for length, reason in ((100, Reason.BASE45_MALFORMED), (102, Reason.ZLIB_MALFORMED)):
        yield Case(f"base45_cut_at_{length}", "a text cut off", f"HC1:{body[:length]}", reason)
    yield Case("base45_of_text", "Base64 in place of Base45", "HC1:" + "QUJD" * 40 + "=", Reason.BASE45_MALFORMED)


def zlibs() -> Iterator[Case]:
    """Step 4."""
    for level in range(10):
        yield Case(f"zlib_level_{level}", "every level is legal", RIGHT.but(level=level))
    raw = Recipe.cose(RIGHT)
    yield Case("zlib_not_compressed", "the envelope as it is", RIGHT.but(packed=lambda _: raw), Reason.ZLIB_MALFORMED)
    yield Case(
        "zlib_raw_deflate",
        "RFC 1951 without its frame",
        RIGHT.but(packed=lambda data: data[2:-4]),
        Reason.ZLIB_MALFORMED,
    )
    gzip = zlib.compressobj(wbits=31)
    yield Case(
        "zlib_gzip",
        "another frame",
        RIGHT.but(packed=lambda _: gzip.compress(raw) + gzip.flush()),
        Reason.ZLIB_MALFORMED,
    )
    yield Case(
        "zlib_checksum",
        "a wrong Adler-32",
        RIGHT.but(packed=lambda data: data[:-1] + bytes([data[-1] ^ 1])),
        Reason.ZLIB_MALFORMED,
    )
    yield Case("zlib_cut", "the last bytes missing", RIGHT.but(packed=lambda data: data[:-1]), Reason.ZLIB_MALFORMED)
    yield Case(
        "zlib_trailing",
        "bytes behind the stream",
        RIGHT.but(packed=lambda data: data + b"\0"),
        Reason.ZLIB_TRAILING_BYTES,
    )
    yield Case(
        "zlib_two_streams",
        "a second stream",
        RIGHT.but(packed=lambda data: data + zlib.compress(raw)),
        Reason.ZLIB_TRAILING_BYTES,
    )
    dictionary = zlib.compressobj(zdict=raw)
    yield Case(
        "zlib_dictionary",
        "a preset dictionary",
        RIGHT.but(packed=lambda _: dictionary.compress(raw) + dictionary.flush()),
        Reason.ZLIB_MALFORMED,
    )
    for size in (16 * 1024 + 1, 2_000_000):
        bomb = zlib.compress(bytes(size), 9)
        yield Case(
            f"zlib_bomb_{size}",
            "zlib reaches 1,032 to 1",
            RIGHT.but(packed=lambda _, bomb=bomb: bomb),
            Reason.ZLIB_TOO_LARGE,
        )
    yield Case(
        "zlib_empty", "a stream of nothing", RIGHT.but(packed=lambda _: zlib.compress(b"")), Reason.COSE_MALFORMED
    )


def envelopes() -> Iterator[Case]:
    """Step 5: framing and headers."""
    yield Case("cose_untagged", "tolerance: no tag", RIGHT.but(tags=()))
    yield Case("cose_double_tag", "tolerance: 61(18())", RIGHT.but(tags=(61, 18)))
    for name, tags in (
        ("cwt_tag_alone", (61,)),
        ("order_exchanged", (18, 61)),
        ("tag_18_twice", (18, 18)),
        ("sign_tag", (98,)),
        ("mac0_tag", (17,)),
        ("tag_998", (998,)),
        ("self_described", (55799, 18)),
    ):
        yield Case(f"cose_{name}", "any other tag or order is refused", RIGHT.but(tags=tags), Reason.COSE_MALFORMED)
    for name, bend in (
        ("array_of_three", lambda data: b"\xd2\x83" + data[2:]),
        ("array_of_five", lambda data: b"\xd2\x85" + data[2:] + b"\x00"),
        ("indefinite_array", lambda data: b"\xd2\x9f" + data[2:] + b"\xff"),
        ("long_tag_head", lambda data: b"\xd8\x12" + data[1:]),
        ("trailing_byte", lambda data: data + b"\0"),
        ("second_envelope", lambda data: data + data),
        ("cut", lambda data: data[:-1]),
        ("empty", lambda _: b""),
        ("text", lambda _: b"\x63abc"),
        ("map", lambda _: b"\xa0"),
        ("null_payload", lambda data: data[:17] + b"\xf6\x58\x40" + bytes(64)),
    ):
        yield Case(f"cose_{name}", "the envelope has one shape", RIGHT.but(envelope=bend), Reason.COSE_MALFORMED)
    for name, unprotected in (
        ("with_junk", cbor2.dumps({99: "junk"})),
        ("with_kid", cbor2.dumps({4: KID})),
        ("with_other_kid", cbor2.dumps({4: OTHER_KID})),
        ("with_bad_kid", cbor2.dumps({4: "text"})),
        ("with_alg", cbor2.dumps({1: -37})),
    ):
        yield Case(
            f"unprotected_{name}",
            "anybody may write there; the protected header counts",
            RIGHT.but(unprotected=unprotected),
        )
    for name, unprotected in (
        ("array", b"\x80"),
        ("bytes", b"\x40"),
        ("null", b"\xf6"),
        ("duplicate_keys", b"\xa2\x01\x26\x01\x26"),
        ("indefinite", b"\xbf\xff"),
        ("too_deep", b"\xa1\x63abc" + b"\x81" * 20 + b"\x00"),
        ("huge_map", b"\xba\xff\xff\xff\xff"),
    ):
        yield Case(
            f"unprotected_{name}",
            "scanned like everything else",
            RIGHT.but(unprotected=unprotected),
            Reason.COSE_MALFORMED,
        )
    for name, algorithm in (
        ("ES384", -35),
        ("ES512", -36),
        ("PS384", -38),
        ("PS512", -39),
        ("EdDSA", -8),
        ("RS256", -257),
        ("HS256", 5),
        ("ES256K", -47),
        ("text", "ES256"),
        ("number_as_text", "-7"),
        ("float", -7.0),
        ("list", [-7]),
        ("zero", 0),
        ("true", True),
        ("absent", ABSENT),
    ):
        yield Case(f"alg_{name}", "only -7 and -37, as integers", RIGHT.but(algorithm=algorithm), Reason.COSE_ALGORITHM)
    only_kid = cbor2.dumps({4: KID})
    yield Case(
        "alg_only_unprotected",
        "an attacker can write the unprotected header",
        RIGHT.but(protected=only_kid, unprotected=cbor2.dumps({1: -7})),
        Reason.COSE_ALGORITHM,
    )
    for name, protected in (("a0", b"\xa0"), ("empty", b"")):
        yield Case(
            f"headers_all_unprotected_{name}",
            "dgc-testdata CO20: refused, as certificate.md says",
            RIGHT.but(protected=protected, unprotected=cbor2.dumps({1: -7, 4: KID})),
            Reason.COSE_ALGORITHM,
        )
    yield Case(
        "kid_only_unprotected",
        "tolerance: real issuers did so",
        RIGHT.but(kid=ABSENT, unprotected=cbor2.dumps({4: KID})),
    )
    for name, kid in (
        ("7_bytes", KID[:7]),
        ("9_bytes", KID + b"\0"),
        ("empty", b""),
        ("16_bytes", KID + KID),
        ("text", KID.hex()),
        ("integer", 1),
        ("null", None),
        ("absent", ABSENT),
    ):
        yield Case(f"kid_{name}", "a kid is 8 bytes", RIGHT.but(kid=kid), Reason.COSE_KID)
    yield Case(
        "kid_unprotected_9_bytes",
        "a kid is 8 bytes wherever it stands",
        RIGHT.but(kid=ABSENT, unprotected=cbor2.dumps({4: KID + b"\0"})),
        Reason.COSE_KID,
    )
    for name, protected in (
        ("array", b"\x80"),
        ("not_cbor", b"\xff"),
        ("trailing", cbor2.dumps({1: -7, 4: KID}) + b"\0"),
        ("duplicate_alg", b"\xa3\x01\x26\x01\x26\x04\x48" + KID),
        ("critical", cbor2.dumps({1: -7, 2: [99], 4: KID, 99: 1})),
        ("tagged", b"\xc0" + cbor2.dumps({1: -7, 4: KID})),
        ("indefinite", b"\xbf\x01\x26\x04\x48" + KID + b"\xff"),
    ):
        yield Case(
            f"protected_{name}",
            "the protected header is one plain map",
            RIGHT.but(protected=protected),
            Reason.COSE_MALFORMED,
        )


def cases() -> Iterator[Case]:
    """All of them."""
    yield from texts()
    yield from zlibs()
    yield from envelopes()
