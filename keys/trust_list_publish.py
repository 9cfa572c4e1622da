"""Making a signed trust list (specs/trust-list.md, section 3): the custodian's side of `keys.trust_list`."""

import base64
import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from hashlib import sha256

from keys.certificate_facts import read_certificate
from keys.errors import Code, KeysError
from keys.published_samples import require_unpublished
from keys.raw_signature import algorithm_of
from keys.signer import Signer
from keys.trust_list import MEDIA_TYPE, VERSION, Publication, TrustList


@dataclass(frozen=True, slots=True)
class Entry:
    """A document signer (DER) and the one issuing country (ISO 3166-1 alpha-2) that it may speak for."""

    der: bytes = field(repr=False)
    country: str


def publish(entries: Sequence[Entry], publication: Publication, anchor: Signer) -> bytes:
    """The signed list: a flattened JWS of ES256. It has been read back before it is returned.

    Raises KeysError: KEY_UNSUPPORTED, KEY_PUBLISHED_SAMPLE, and whatever `TrustList.read` refuses.
    """
    certificate = anchor.certificate()
    certificate.require_use(publication.issued, publication.issued)
    payload = {
        "version": VERSION,
        "environment": publication.environment,
        "sequence": publication.sequence,
        "issued": publication.issued.isoformat(),
        "expires": publication.expires.isoformat(),
        "keys": [_entry(entry) for entry in sorted(set(entries), key=lambda entry: (entry.country, entry.der))],
    }
    kid = base64.b64encode(certificate.kid).decode()
    protected = _base64url(_json({"alg": "ES256", "kid": kid, "typ": MEDIA_TYPE}))
    body = _base64url(_json(payload))
    signature = _base64url(anchor.sign(sha256(f"{protected}.{body}".encode()).digest()))
    signed = _json({"payload": body, "protected": protected, "signature": signature}) + b"\n"
    TrustList.read(signed, certificate.der)
    return signed


def _entry(entry: Entry) -> dict[str, object]:
    facts = read_certificate(entry.der)
    if algorithm_of(facts.public_key) is None:
        raise KeysError(Code.KEY_UNSUPPORTED, f"kid {facts.kid.hex()}")
    require_unpublished(facts.public_key)
    return {
        "kid": base64.b64encode(facts.kid).decode(),
        "country": entry.country,
        "x5c": [base64.b64encode(entry.der).decode()],
    }


def _json(value: object) -> bytes:
    return json.dumps(value, separators=(",", ":"), sort_keys=True, ensure_ascii=True).encode()


def _base64url(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()
