"""One fault a file: what `specs/examples/invalid/` holds, each made from the right example and nothing else changed."""

import datetime as dt
import hashlib
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Any

import cbor2

from keys.file_signer import FileSigner
from specs import base45
from specs.compression import deflate
from specs.cose import Algorithm, encode_sign1, protected_header, to_be_signed
from specs.text import PREFIX
from specs.verdicts import Reason
from tests.make_examples import CHECKED_AT, EXPIRES, claims_of, derived, document_signer, examples

YEAR = dt.timedelta(days=365)


@dataclass(frozen=True)
class Faulty:
    """A file of `specs/examples/invalid/`: its name, what is wrong, the text, when it is checked, the reason given."""

    name: str
    why: str
    text: str
    reason: Reason
    at: dt.datetime = CHECKED_AT


@cache
def _right() -> tuple[bytes, bytes, bytes]:
    """Protected header, claims and signature of the commonest example."""
    signer = document_signer()
    claims = claims_of(next(examples()))
    protected = protected_header(Algorithm.ES256, signer.certificate().kid)
    return protected, claims, _sign(signer, protected, claims)


def _sign(signer: FileSigner, protected: bytes, claims: bytes) -> bytes:
    return signer.sign(hashlib.sha256(to_be_signed(protected, claims)).digest())


def _text(envelope: bytes) -> str:
    return PREFIX + base45.encode(deflate(envelope))


def _packed(change: Callable[[bytes], bytes]) -> str:
    return PREFIX + base45.encode(change(deflate(encode_sign1(*_right()))))


def _signed(
    change: Callable[[dict[Any, Any]], object] = lambda _: None,
    *,
    protected: bytes | None = None,
    signer: FileSigner | None = None,
    write: Callable[[object], bytes] = lambda claims: cbor2.dumps(claims, canonical=True),
) -> str:
    """The example with its claims changed, under a true signature over what it then says."""
    header, right, _ = _right()
    signer = signer or document_signer()
    header = header if protected is None else protected
    claims = cbor2.loads(right)
    change(claims)
    written = write(claims)
    return _text(encode_sign1(header, written, _sign(signer, header, written)))


def _dcc(claims: dict[Any, Any]) -> Any:
    return claims[-260][1]


def _own_kid(signer: FileSigner) -> bytes:
    return protected_header(Algorithm.ES256, signer.certificate().kid)


def faulty() -> tuple[Faulty, ...]:
    """All of them, in the order of the steps of `certificate.md` section 4."""
    protected, claims, signature = _right()
    right = _text(encode_sign1(protected, claims, signature))
    stranger, tester = document_signer("DSC stranger"), document_signer("DSC 1", kinds=("t",))
    r, s = signature[:32], signature[32:]

    def one_bit(data: bytes, position: int) -> bytes:
        return data[:position] + bytes([data[position] ^ 1]) + data[position + 1 :]

    return (
        Faulty("prefix_later_version", "a prefix of a later version", "HC2:" + right[4:], Reason.PREFIX_MISSING),
        Faulty("prefix_lower_case", "the prefix in lower case", "hc1:" + right[4:], Reason.PREFIX_MISSING),
        Faulty(
            "text_cut_off", "the last third is missing", right[: len(right) * 2 // 9 * 3 + 4], Reason.ZLIB_MALFORMED
        ),
        Faulty("base45_group_too_large", "a group above 65535", right[:4] + ":::" + right[7:], Reason.BASE45_MALFORMED),
        Faulty("zlib_checksum", "a wrong checksum", _packed(lambda z: one_bit(z, len(z) - 1)), Reason.ZLIB_MALFORMED),
        Faulty("zlib_trailing", "a byte behind the stream", _packed(lambda z: z + b"\0"), Reason.ZLIB_TRAILING_BYTES),
        Faulty(
            "zlib_bomb",
            "a mebibyte of zeros in a kilobyte",
            PREFIX + base45.encode(zlib.compress(bytes(1 << 20), 9)),
            Reason.ZLIB_TOO_LARGE,
        ),
        Faulty(
            "cose_mac",
            "tag 17, a MAC, where a signature belongs",
            _text(b"\xd1" + encode_sign1(*_right())[1:]),
            Reason.COSE_MALFORMED,
        ),
        Faulty(
            "alg_eddsa",
            "an algorithm that HCERT does not know",
            _signed(protected=cbor2.dumps({1: -8, 4: derived("kid", 8)})),
            Reason.COSE_ALGORITHM,
        ),
        Faulty(
            "kid_of_seven_bytes",
            "a kid that is too short",
            _signed(protected=cbor2.dumps({1: -7, 4: derived("kid", 7)})),
            Reason.COSE_KID,
        ),
        Faulty(
            "kid_unknown",
            "signed by a key that is not in the trust list",
            _signed(protected=_own_kid(stranger), signer=stranger),
            Reason.KEY_UNKNOWN,
        ),
        Faulty(
            "kid_borrowed",
            "signed by a stranger who claims a trusted kid",
            _signed(signer=stranger),
            Reason.SIGNATURE_WRONG,
        ),
        Faulty(
            "bit_flipped",
            "one bit of the claims changed after signing",
            _text(encode_sign1(protected, one_bit(claims, 80), signature)),
            Reason.SIGNATURE_WRONG,
        ),
        Faulty(
            "signature_zero",
            "r and s are zero",
            _text(encode_sign1(protected, claims, bytes(64))),
            Reason.SIGNATURE_WRONG,
        ),
        Faulty(
            "signature_swapped",
            "s before r",
            _text(encode_sign1(protected, claims, s + r)),
            Reason.SIGNATURE_WRONG,
        ),
        Faulty(
            "claims_key_twice",
            "a claim twice: which one counts?",
            _signed(write=lambda c: b"\xa5" + cbor2.dumps(c, canonical=True)[1:] + b"\x04\x1a\x7f\xff\xff\xff"),
            Reason.CBOR_MALFORMED,
        ),
        Faulty(
            "claims_undefined",
            "a value that CBOR calls undefined",
            _signed(lambda c: _dcc(c)["v"][0].update(dn=cbor2.undefined)),
            Reason.CBOR_MALFORMED,
        ),
        Faulty(
            "claims_no_dcc",
            "a health certificate of another kind",
            _signed(lambda c: c.update({-260: {-6: {"n": "x"}}})),
            Reason.NOT_SUPPORTED,
        ),
        Faulty("expired", "checked a year too late", right, Reason.EXPIRED, EXPIRES + YEAR),
        Faulty("not_yet_valid", "checked before it was issued", right, Reason.NOT_YET_VALID, CHECKED_AT - YEAR),
        Faulty(
            "outlives_its_key",
            "valid for longer than the certificate of its signer",
            _signed(lambda c: c.update({4: c[4] + 10 * 365 * 86400})),
            Reason.OUTSIDE_KEY_VALIDITY,
        ),
        Faulty(
            "two_doses",
            "two entries where the schema has one",
            _signed(lambda c: _dcc(c)["v"].append(dict(_dcc(c)["v"][0]))),
            Reason.SCHEMA,
        ),
        Faulty(
            "no_birth_date",
            "the birth date is missing",
            _signed(lambda c: _dcc(c).pop("dob")),
            Reason.SCHEMA,
        ),
        Faulty(
            "date_that_does_not_exist",
            "a dose on 30 February",
            _signed(lambda c: _dcc(c)["v"][0].update(dt="2021-02-30")),
            Reason.SCHEMA,
        ),
        Faulty(
            "product_unknown",
            "a product that is in no value set",
            _signed(lambda c: _dcc(c)["v"][0].update(mp="EU/1/99/9999")),
            Reason.VALUE_UNKNOWN,
        ),
        Faulty(
            "key_for_tests",
            "signed with a key whose certificate is for tests only",
            _signed(protected=_own_kid(tester), signer=tester),
            Reason.KEY_USAGE,
        ),
    )
