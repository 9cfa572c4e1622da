"""A right certificate, every part of which can be replaced by a wrong one: one fault a recipe, and nothing else.

The encoder is its own, on cbor2 and cryptography alone: what it breaks is broken on the wire, and not in something
that reader and writer share. Keys are made afresh for each run.
"""

import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any

import cbor2
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.asymmetric.types import PublicKeyTypes
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256, SHA384, HashAlgorithm

from keys.raw_signature import algorithm_of
from keys.trust_list import Publication, TrustedKey, TrustList
from specs.cose import Algorithm

NOW = datetime(2026, 3, 1, 8, 0, tzinfo=UTC)
DAY = timedelta(days=1)
AT = int(NOW.timestamp())
IAT, EXP = AT - 30 * 86400, AT + 335 * 86400
NOT_BEFORE, NOT_AFTER = NOW - 100 * DAY, NOW + 600 * DAY
KID = bytes.fromhex("d919375fc1e7b6b2")
OTHER_KID = bytes.fromhex("0011223344556677")
P256_ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551

ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:"
ISS, EXPIRES, ISSUED, HCERT = 1, 4, 6, -260
ABSENT = object()

VACCINATION = {
    "tg": "840539006",
    "vp": "1119349007",
    "mp": "EU/1/20/1528",
    "ma": "ORG-100030215",
    "dn": 2,
    "sd": 2,
    "dt": "2021-10-17",
    "co": "VN",
    "is": "Bộ Y tế",
    "ci": "URN:UVCI:01:VN:0123456789ABCDEF0123456789ABCDEF",
}
TEST = {
    "tg": "840539006",
    "tt": "LP6464-4",
    "sc": "2026-02-28T08:00:00Z",
    "tr": "260415000",
    "tc": "CDC Hà Nội",
    "co": "FR",
    "is": "Ministère",
    "ci": "URN:UVCI:01:FR:0123456789ABCDEF",
}
RECOVERY = {
    "tg": "840539006",
    "fr": "2025-12-01",
    "df": "2025-12-12",
    "du": "2026-05-30",
    "co": "FR",
    "is": "Ministère",
    "ci": "URN:UVCI:01:FR:0123456789ABCDEF",
}
NAME = {"fn": "Nguyễn", "gn": "Thị Ví Dụ", "fnt": "NGUYEN", "gnt": "THI<VI<DU"}
DCC = {"ver": "1.3.0", "nam": NAME, "dob": "1990-04-15", "v": [VACCINATION]}


@cache
def p256(name: str = "") -> ec.EllipticCurvePrivateKey:
    """One P-256 key for each name."""
    return ec.generate_private_key(ec.SECP256R1())


@cache
def p384() -> ec.EllipticCurvePrivateKey:
    """A curve that HCERT does not have."""
    return ec.generate_private_key(ec.SECP384R1())


@cache
def rsa_key(bits: int = 2048) -> rsa.RSAPrivateKey:
    """One RSA key of each size."""
    return rsa.generate_private_key(65537, bits)


def with_event(kind: str, fields: Mapping[str, Any], **other: Any) -> dict[str, Any]:
    """The DCC with one entry of `kind` instead of its vaccination, and other members changed."""
    return {**{key: value for key, value in DCC.items() if key != "v"}, kind: [dict(fields)], **other}


def changed(mapping: Mapping[Any, Any], **members: Any) -> dict[Any, Any]:
    """`mapping` with members replaced, or left out where the new value is ABSENT."""
    return {key: value for key, value in {**mapping, **members}.items() if value is not ABSENT}


def vaccination(**members: Any) -> dict[str, Any]:
    """The DCC with members of its vaccination replaced or left out."""
    return {**DCC, "v": [changed(VACCINATION, **members)]}


def foreign(dcc: Mapping[str, Any] | None = None) -> dict[Any, Any]:
    """The claims that turn a certificate into one of France."""
    return {ISS: "FR", HCERT: {1: dcc or vaccination(co="FR")}}


@dataclass(frozen=True)
class Recipe:
    """What to make a certificate of. The default is right: ES256, VN, one dose, checked at NOW.

    `claims` replaces claims by label; `payload`, `protected` and `unprotected` replace whole parts by bytes; the
    last four work on the finished signature, envelope, packed bytes and text.
    """

    dcc: Any = field(default_factory=lambda: DCC)
    claims: Mapping[Any, Any] = field(default_factory=dict)
    payload: bytes | None = None
    algorithm: Any = -7
    kid: Any = KID
    protected: bytes | None = None
    unprotected: bytes = b"\xa0"
    key: Any = None
    salt: int = 32
    hash: HashAlgorithm | None = None
    tags: tuple[int, ...] = (18,)
    level: int = 9
    signature: Callable[[bytes], bytes] = bytes
    envelope: Callable[[bytes], bytes] = bytes
    packed: Callable[[bytes], bytes] = bytes
    text: Callable[[str], str] = str

    def but(self, **changes: Any) -> "Recipe":
        """The same with other ingredients."""
        return replace(self, **changes)

    def payload_bytes(self) -> bytes:
        """The CWT claims."""
        if self.payload is not None:
            return self.payload
        claims = {ISS: "VN", EXPIRES: EXP, ISSUED: IAT, HCERT: {1: self.dcc}, **self.claims}
        return cbor2.dumps({label: claim for label, claim in claims.items() if claim is not ABSENT})

    def protected_bytes(self) -> bytes:
        """The protected header."""
        if self.protected is not None:
            return self.protected
        header = {1: self.algorithm, 4: self.kid}
        return cbor2.dumps({label: value for label, value in header.items() if value is not ABSENT})

    def cose(self) -> bytes:
        """The envelope."""
        payload, protected = self.payload_bytes(), self.protected_bytes()
        signed = cbor2.dumps(["Signature1", protected, b"", payload])
        parts = (
            head(2, len(protected)) + protected,
            self.unprotected,
            head(2, len(payload)) + payload,
            cbor2.dumps(self.signature(sign(self.key or p256(), signed, self.hash, self.salt))),
        )
        return self.envelope(b"".join(head(6, tag) for tag in self.tags) + b"\x84" + b"".join(parts))

    def certificate(self) -> str:
        """The text of the code."""
        return self.text("HC1:" + b45encode(self.packed(zlib.compress(self.cose(), self.level))))


def sign(key: Any, message: bytes, algorithm: HashAlgorithm | None = None, salt: int = 32) -> bytes:
    """A raw signature: r||s in the size of the curve, or PSS."""
    if isinstance(key, rsa.RSAPrivateKey):
        digest = algorithm or SHA256()
        return key.sign(message, padding.PSS(padding.MGF1(digest), salt), digest)
    wide = isinstance(key.curve, ec.SECP384R1)
    r, s = decode_dss_signature(key.sign(message, ec.ECDSA(algorithm or (SHA384() if wide else SHA256()))))
    size = 48 if wide else 32
    return r.to_bytes(size) + s.to_bytes(size)


def mirrored(signature: bytes) -> bytes:
    """(r, n - s), which verifies wherever (r, s) does."""
    return signature[:32] + (P256_ORDER - int.from_bytes(signature[32:])).to_bytes(32)


def head(major: int, argument: int, info: int | None = None) -> bytes:
    """A CBOR head, the shortest or with a given additional information."""
    if info is None:
        info = argument if argument < 24 else 24 if argument < 256 else 25 if argument < 65536 else 26
    size = {24: 1, 25: 2, 26: 4, 27: 8}.get(info, 0)
    return bytes([major << 5 | info]) + (argument.to_bytes(size) if size else b"")


def b45encode(data: bytes) -> str:
    """RFC 9285, by the book."""
    text = ""
    for start in range(0, len(data), 2):
        group = data[start : start + 2]
        value = int.from_bytes(group)
        for _ in range(len(group) + 1):
            value, digit = divmod(value, 45)
            text += ALPHABET[digit]
    return text


def trusted(
    public_key: PublicKeyTypes | None = None,
    *,
    kid: bytes = KID,
    country: str | None = "VN",
    algorithm: Algorithm | None = None,
    not_before: datetime = NOT_BEFORE,
    not_after: datetime = NOT_AFTER,
    key_usage: frozenset[str] | None = None,
) -> TrustedKey:
    """An entry of a trust list, by default the key that recipes sign with."""
    key = public_key or p256().public_key()
    return TrustedKey(kid, country, key, algorithm or algorithm_of(key), not_before, not_after, key_usage, b"")


def trust(*keys: TrustedKey, publication: Publication | None = None) -> TrustList:
    """A trust list, by default with the key that recipes sign with, for VN."""
    return TrustList(keys or (trusted(),), publication)
