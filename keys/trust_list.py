"""Whom to believe: the signed list of document signers, read and checked (specs/trust-list.md, section 3).

In: the bytes of a list and the anchor that must have signed it. Out: a `TrustList` that finds keys by key id and
country with one dictionary look-up. Refused: anything not signed by the anchor, any entry whose key id is not that
of its certificate, test beside production. Times and sequence are asked for separately, because a verifier answers
"cannot tell" to an old list and "do not use" to a false one.
"""

import base64
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from cryptography.hazmat.primitives.asymmetric.types import PublicKeyTypes

from keys.certificate_facts import MAX_CERTIFICATE as MAX_CERTIFICATE  # verifiers know this module alone
from keys.certificate_facts import CertificateFacts, read_certificate
from keys.errors import Code, KeysError
from keys.raw_signature import algorithm_of, verifier
from keys.signed_json import verified_json
from specs.cose import Algorithm

VERSION: Final = 1
MEDIA_TYPE: Final = "hcvx-trust-list"  # the JWS header `typ`: a signature of the anchor over something else is no list
LIST_FILE: Final = "trust-list.json"
ANCHOR_FILE: Final = "anchor.pem"
TEST: Final = "test"
PRODUCTION: Final = "production"
COUNTRY: Final = re.compile(r"[A-Z]{2}")


@dataclass(frozen=True, slots=True)
class TrustedKey:
    """A document signer's public key.

    `country` is the only issuing country it may speak for (ISO 3166-1 alpha-2); None means trusted as it is.
    `algorithm` is the only one it may be used with; None means that no HCERT algorithm fits the key, which then
    verifies nothing. `key_usage` holds the kinds ("t", "v", "r") it is limited to; None means no limit.
    """

    kid: bytes
    country: str | None
    public_key: PublicKeyTypes = field(repr=False)
    algorithm: Algorithm | None
    not_before: datetime
    not_after: datetime
    key_usage: frozenset[str] | None
    der: bytes = field(repr=False)
    verifies: Callable[[bytes, bytes], bool] = field(init=False, repr=False, compare=False)
    """Whether this key made a raw signature: (SHA-256 digest, signature). Made ready once, used for every scan."""
    validity: tuple[float, float] = field(init=False, repr=False, compare=False)
    """`not_before` and `not_after` as seconds since 1970."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "verifies", verifier(self.public_key))
        object.__setattr__(self, "validity", (self.not_before.timestamp(), self.not_after.timestamp()))

    @classmethod
    def of_certificate(cls, certificate: bytes, country: str | None = None) -> "TrustedKey":
        """From a certificate, PEM or DER; raises KeysError(CERTIFICATE_UNREADABLE)."""
        return cls.of_facts(read_certificate(certificate), country)

    @classmethod
    def of_facts(cls, facts: CertificateFacts, country: str | None) -> "TrustedKey":
        """From a certificate already read."""
        return cls(
            kid=facts.kid,
            country=country,
            public_key=facts.public_key,
            algorithm=algorithm_of(facts.public_key),
            not_before=facts.not_before,
            not_after=facts.not_after,
            key_usage=facts.kinds,
            der=facts.der,
        )


@dataclass(frozen=True, slots=True)
class Publication:
    """What a signed list says of itself; `sequence` rises by one with each list, times are aware (UTC)."""

    environment: str
    sequence: int
    issued: datetime
    expires: datetime


class TrustList:
    """An immutable set of trusted keys; `publication` is None for certificates trusted as they are."""

    __slots__ = ("_by_kid", "_by_kid_and_country", "keys", "publication")

    def __init__(self, keys: Iterable[TrustedKey], publication: Publication | None = None) -> None:
        self.keys: Final = tuple(keys)
        self.publication: Final = publication
        self._by_kid: dict[bytes, tuple[TrustedKey, ...]] = {}
        self._by_kid_and_country: dict[tuple[bytes, str], tuple[TrustedKey, ...]] = {}
        for key in self.keys:
            self._by_kid[key.kid] = (*self._by_kid.get(key.kid, ()), key)
        for kid, found in self._by_kid.items():
            countries = {key.country for key in found if key.country is not None}
            everywhere = tuple(key for key in found if key.country is None)
            if not everywhere and len(countries) == 1:
                self._by_kid_and_country[kid, found[0].country or ""] = found
                continue
            for country in countries:
                chosen = tuple(key for key in found if key.country in (None, country))
                self._by_kid_and_country[kid, country] = chosen
            if everywhere:
                self._by_kid_and_country[kid, ""] = everywhere

    def __repr__(self) -> str:
        return f"TrustList({len(self.keys)} keys, {self.publication})"

    @classmethod
    def of_certificates(cls, certificates: Iterable[bytes]) -> "TrustList":
        """Certificates (PEM or DER) trusted as they are: no chain, no country; raises KeysError."""
        return cls(TrustedKey.of_certificate(certificate) for certificate in certificates)

    @classmethod
    def read(cls, data: bytes, anchor: bytes) -> "TrustList":
        """Read a signed list; `anchor` is the certificate (PEM or DER) that must have signed it.

        Raises KeysError: TRUST_LIST_FORMAT, TRUST_LIST_SIGNATURE, TRUST_LIST_ENVIRONMENT, CERTIFICATE_UNREADABLE.
        The caller goes on with `require_current` and `require_not_older`.
        """
        signer = read_certificate(anchor)
        payload = verified_json(data, MEDIA_TYPE, signer)
        try:
            publication = Publication(
                environment=payload["environment"],
                sequence=payload["sequence"],
                issued=_instant(payload["issued"]),
                expires=_instant(payload["expires"]),
            )
            entries = payload["keys"]
            _require_publication(payload, publication, signer)
            return cls((_entry(entry, signer.is_test) for entry in entries), publication)
        except (LookupError, TypeError, ValueError, AttributeError) as error:
            raise KeysError(Code.TRUST_LIST_FORMAT, f"{type(error).__name__} in the payload") from error

    @classmethod
    def load(cls, path: Path) -> "TrustList":
        """Read `trust-list.json` and the anchor beside it, `anchor.pem`; `path` is the folder or the list itself.

        Raises KeysError as `read` does, and FILE_UNREADABLE.
        """
        file = path / LIST_FILE if path.is_dir() else path
        try:
            return cls.read(file.read_bytes(), (file.parent / ANCHOR_FILE).read_bytes())
        except OSError as error:
            raise KeysError(Code.FILE_UNREADABLE, f"{error.filename}: {error.strerror}") from error

    def find(self, kid: bytes, issuing_country: str | None = None) -> Sequence[TrustedKey]:
        """Every key with this key id that may speak for the country; with None, for whichever country.

        The key ids may collide, so a caller tries all of them. Empty if there is none.
        """
        if issuing_country is None:
            return self._by_kid.get(kid, ())
        found = self._by_kid_and_country.get((kid, issuing_country))
        return self._by_kid_and_country.get((kid, ""), ()) if found is None else found

    def require_current(self, now: datetime) -> None:
        """Raises KeysError TRUST_LIST_EXPIRED or TRUST_LIST_NOT_YET_VALID; a list trusted as it is never expires."""
        if self.publication is None:
            return
        if now >= self.publication.expires:
            raise KeysError(Code.TRUST_LIST_EXPIRED, f"expired {self.publication.expires.isoformat()}")
        if now < self.publication.issued:
            raise KeysError(Code.TRUST_LIST_NOT_YET_VALID, f"issued {self.publication.issued.isoformat()}")

    def require_not_older(self, newest_sequence: int) -> None:
        """Raises KeysError(TRUST_LIST_ROLLBACK) if a list with a higher sequence was accepted before."""
        if self.publication is not None and self.publication.sequence < newest_sequence:
            raise KeysError(Code.TRUST_LIST_ROLLBACK, f"{self.publication.sequence} after {newest_sequence}")


def _require_publication(payload: dict[str, Any], publication: Publication, anchor: CertificateFacts) -> None:
    if payload["version"] != VERSION:
        raise KeysError(Code.TRUST_LIST_FORMAT, f"version {payload['version']!r}; this program reads {VERSION}")
    if type(publication.sequence) is not int or publication.sequence < 1 or publication.expires <= publication.issued:
        raise KeysError(Code.TRUST_LIST_FORMAT, "sequence or times")
    if publication.environment != (TEST if anchor.is_test else PRODUCTION):
        raise KeysError(Code.TRUST_LIST_ENVIRONMENT, f"a list for {publication.environment}")
    if not anchor.not_before <= publication.issued <= anchor.key_use_ends:
        raise KeysError(Code.TRUST_LIST_SIGNATURE, "issued outside the anchor's period of use")


def _entry(entry: dict[str, Any], in_test: bool) -> TrustedKey:
    facts = read_certificate(base64.b64decode(entry["x5c"][0], validate=True))
    if base64.b64decode(entry["kid"], validate=True) != facts.kid:
        raise KeysError(Code.TRUST_LIST_FORMAT, f"kid {facts.kid.hex()}: the entry names another key id")
    if not COUNTRY.fullmatch(entry["country"]):
        raise KeysError(Code.TRUST_LIST_FORMAT, f"kid {facts.kid.hex()}: no country")
    if facts.is_test and not in_test:
        raise KeysError(Code.TRUST_LIST_ENVIRONMENT, f"test key {facts.kid.hex()} in a production list")
    return TrustedKey.of_facts(facts, entry["country"])


def _instant(text: str) -> datetime:
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise ValueError("an instant without a time zone")
    return moment
