"""The table of cases, second part: key and signature (`certificate.md` section 4, steps 7 and 8)."""

from collections.abc import Iterator

import cbor2
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA384

from specs.cose import Algorithm
from specs.verdicts import Reason
from tests.case import Case
from tests.faults import (
    ABSENT,
    KID,
    OTHER_KID,
    P256_ORDER,
    Recipe,
    foreign,
    mirrored,
    p256,
    p384,
    rsa_key,
    sign,
    trust,
    trusted,
)

RIGHT = Recipe()
DISGUISES = {
    "blank_after": "VN ",
    "blank_before": " VN",
    "no_break_space": "VN\u00a0",
    "zero_width_space": "VN\u200b",
    "zero_width_joiner_inside": "V\u200dN",
    "direction_mark": "VN\u200e",
    "byte_order_mark": "\ufeffVN",
    "line_end": "VN\n",
    "nul": "VN\0",
    "full_width": "\uff36\uff2e",
    "lower_case": "vn",
    "cyrillic": "V\u0418",
}


def der(signature: bytes) -> bytes:
    return encode_dss_signature(int.from_bytes(signature[:32]), int.from_bytes(signature[32:]))


def cases() -> Iterator[Case]:
    """Steps 7 and 8."""
    for bits in (2048, 3072):
        recipe = RIGHT.but(key=rsa_key(bits), algorithm=-37)
        yield Case(f"ps256_{bits}", "the second algorithm", recipe, trust=trust(trusted(rsa_key(bits).public_key())))
    yield Case("trust_none", "a device without any trust list", RIGHT, Reason.TRUST_MISSING, trust=None)
    yield Case("trust_empty", "a list without this key", RIGHT, Reason.KEY_UNKNOWN, trust=trust(trusted(kid=OTHER_KID)))
    yield Case("key_unknown", "a kid that nobody has", RIGHT.but(kid=OTHER_KID), Reason.KEY_UNKNOWN)
    yield Case(
        "kid_protected_wrong_unprotected_right",
        "dgc-testdata CO22: the protected one counts",
        RIGHT.but(kid=OTHER_KID, unprotected=cbor2.dumps({4: KID})),
        Reason.KEY_UNKNOWN,
    )
    other = trusted(p256("other").public_key())
    yield Case(
        "kid_collision_first", "two keys with one kid: the right one first", RIGHT, trust=trust(trusted(), other)
    )
    yield Case("kid_collision_second", "two keys with one kid: all are tried", RIGHT, trust=trust(other, trusted()))
    rsa_entry = trusted(rsa_key().public_key())
    yield Case("kid_collision_other_type", "an RSA key with the same kid", RIGHT, trust=trust(rsa_entry, trusted()))
    yield Case(
        "kid_collision_none_right",
        "two keys with one kid, and neither signed",
        RIGHT.but(key=p256("third")),
        Reason.SIGNATURE_WRONG,
        trust=trust(other, trusted()),
    )
    yield Case(
        "key_of_another_country",
        "a country's key never vouches for another",
        RIGHT,
        Reason.KEY_OTHER_COUNTRY,
        trust=trust(trusted(country="FR")),
    )
    yield Case(
        "foreign_key_signs_for_us",
        "the holder of a foreign key writes VN",
        RIGHT.but(key=p256("FR"), kid=OTHER_KID),
        Reason.KEY_OTHER_COUNTRY,
        trust=trust(trusted(), trusted(p256("FR").public_key(), kid=OTHER_KID, country="FR")),
    )
    yield Case(
        "kid_collision_across_countries",
        "the other country's key has the same kid",
        RIGHT,
        trust=trust(trusted(p256("FR").public_key(), country="FR"), trusted()),
    )
    fr_key = p256("FR").public_key()
    for name, countries, claims, reason in (
        ("second", ("FR", "VN"), {}, None),
        ("first", ("VN", "FR"), {}, None),
        ("foreign_second", ("VN", "FR"), foreign(), None),
        ("and_as_it_is", ("FR", None), {}, None),
        ("neither_ours", ("FR", "DE"), {}, Reason.KEY_OTHER_COUNTRY),
    ):
        yield Case(
            f"dsc_listed_for_two_countries_{name}",
            "a territory's certificates under its state's signer: each entry may speak for its own country",
            RIGHT.but(claims=claims),
            reason,
            trust=trust(*(trusted(country=country) for country in countries)),
        )
    yield Case(
        "kid_collision_the_other_country_signed",
        "a foreign key made to collide with ours still has no say",
        RIGHT.but(key=p256("FR")),
        Reason.KEY_OTHER_COUNTRY,
        trust=trust(trusted(), trusted(fr_key, country="FR")),
    )
    yield Case(
        "kid_collision_across_countries_none_right",
        "neither signed, so the reason is that of our own key",
        RIGHT.but(key=p256("third")),
        Reason.SIGNATURE_WRONG,
        trust=trust(trusted(fr_key, country="FR"), trusted()),
    )
    yield Case(
        "key_trusted_as_it_is", "a DSC given by the caller has no country", RIGHT, trust=trust(trusted(country=None))
    )
    for name, claims in (
        ("missing", {1: ABSENT}),
        ("sentence", {1: "Ministry of Health, Georgia"}),
        ("alpha3", {1: "VNM"}),
        ("empty", {1: ""}),
    ):
        yield Case(
            f"iss_{name}",
            "no country code: the key's country stands",
            RIGHT.but(claims={**foreign(), **claims}),
            trust=trust(trusted(country="FR")),
        )
    yield Case(
        "iss_lower_case",
        "a country code all the same",
        RIGHT.but(claims={**foreign(), 1: "fr"}),
        Reason.KEY_OTHER_COUNTRY,
    )
    for name, iss in DISGUISES.items():
        yield Case(
            f"iss_disguised_{name}",
            "a foreign key writes what looks like VN on a screen",
            RIGHT.but(claims={**foreign(), 1: iss}),
            Reason.KEY_OTHER_COUNTRY,
            trust=trust(trusted(country="DE")),
        )
    yield Case("iss_ours_with_a_blank", "a slip of an issuer, under its own key", RIGHT.but(claims={1: "VN "}))
    yield Case(
        "iss_greece",
        "the EU writes EL for GR",
        RIGHT.but(claims={**foreign(), 1: "EL"}),
        trust=trust(trusted(country="GR")),
    )
    yield Case(
        "alg_es256_rsa_key",
        "the algorithm must fit the key",
        RIGHT.but(key=rsa_key(), algorithm=-7),
        Reason.KEY_MISMATCH,
        trust=trust(rsa_entry),
    )
    yield Case("alg_ps256_ec_key", "the algorithm must fit the key", RIGHT.but(algorithm=-37), Reason.KEY_MISMATCH)
    for name, key in (
        ("p384", p384()),
        ("rsa_1024", rsa_key(1024)),
        ("rsa_4096", rsa_key(4096)),
        ("ed25519", Ed25519PrivateKey.generate()),
    ):
        fits = name != "ed25519"
        recipe = RIGHT.but(key=key if fits else p256(), algorithm=-37 if name.startswith("rsa") else -7)
        entry = trusted(key.public_key(), algorithm=None)
        yield Case(f"key_{name}", "no key of HCERT", recipe, Reason.KEY_MISMATCH, trust=trust(entry))
    yield Case(
        "p384_key_claimed_es256",
        "a 96-byte signature under -7, even if a list should call the key ES256",
        RIGHT.but(key=p384()),
        Reason.SIGNATURE_WRONG,
        trust=trust(trusted(p384().public_key(), algorithm=Algorithm.ES256)),
    )
    yield Case("signature_of_another_key", "forged", RIGHT.but(key=p256("forger")), Reason.SIGNATURE_WRONG)
    yield Case("signature_sha384", "another hash", RIGHT.but(hash=SHA384()), Reason.SIGNATURE_WRONG)
    signatures = {
        "der": der,
        "empty": lambda _: b"",
        "63_bytes": lambda raw: raw[:63],
        "65_bytes": lambda raw: raw + b"\0",
        "65_bytes_leading_zero": lambda raw: b"\0" + raw,
        "96_bytes": lambda raw: bytes(16) + raw[:32] + bytes(16) + raw[32:],
        "128_bytes": lambda raw: raw + raw,
        "zero_zero": lambda _: bytes(64),
        "r_zero": lambda raw: bytes(32) + raw[32:],
        "s_zero": lambda raw: raw[:32] + bytes(32),
        "r_is_order": lambda raw: P256_ORDER.to_bytes(32) + raw[32:],
        "s_is_order": lambda raw: raw[:32] + P256_ORDER.to_bytes(32),
        "all_ones": lambda _: b"\xff" * 64,
        "one_one": lambda _: (1).to_bytes(32) * 2,
        "exchanged": lambda raw: raw[32:] + raw[:32],
        "little_endian": lambda raw: raw[31::-1] + raw[:31:-1],
        "negative_s": lambda raw: raw[:32] + (2**256 - int.from_bytes(raw[32:])).to_bytes(32),
    }
    for name, bend in signatures.items():
        yield Case(
            f"signature_{name}",
            "r||s is exactly 64 bytes of a right pair",
            RIGHT.but(signature=bend),
            Reason.SIGNATURE_WRONG,
        )
    yield Case(
        "signature_mirrored",
        "(r, n - s) is as right as (r, s): nothing may be keyed on signature bytes",
        RIGHT.but(signature=mirrored),
    )
    ps256 = RIGHT.but(key=rsa_key(), algorithm=-37)
    for name, bent in (
        ("salt_0", ps256.but(salt=0)),
        ("salt_20", ps256.but(salt=20)),
        ("salt_64", ps256.but(salt=64)),
        ("sha384", ps256.but(hash=SHA384())),
        ("cut", ps256.but(signature=lambda raw: raw[:-1])),
        ("longer", ps256.but(signature=lambda raw: b"\0" + raw)),
        ("empty", ps256.but(signature=lambda _: b"")),
        ("es256_length", ps256.but(signature=lambda raw: raw[:64])),
    ):
        yield Case(
            f"ps256_{name}",
            "SHA-256, MGF1-SHA-256, salt of 32 bytes",
            bent,
            Reason.SIGNATURE_WRONG,
            trust=trust(rsa_entry),
        )
    payload = RIGHT.payload_bytes()
    yield Case(
        "signature_over_payload_alone",
        "not over the Sig_structure",
        RIGHT.but(signature=lambda _: sign(p256(), payload)),
        Reason.SIGNATURE_WRONG,
    )
    for name, context, aad in (("external_aad", "Signature1", b"\x01"), ("sign_context", "Signature", b"")):
        signed = cbor2.dumps([context, RIGHT.protected_bytes(), aad, payload])
        yield Case(
            f"signature_{name}",
            "the Sig_structure of RFC 9052, external_aad empty",
            RIGHT.but(signature=lambda _, signed=signed: sign(p256(), signed)),
            Reason.SIGNATURE_WRONG,
        )
