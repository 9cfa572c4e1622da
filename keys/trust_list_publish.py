"""Making a signed trust list (specs/trust-list.md, section 3): the custodian's side of `keys.trust_list`."""

import base64
from collections.abc import Sequence
from dataclasses import dataclass, field

from keys.certificate_facts import read_certificate
from keys.errors import Code, KeysError
from keys.published_samples import require_unpublished
from keys.raw_signature import algorithm_of
from keys.signed_json import sign_json
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
    signed = sign_json(payload, MEDIA_TYPE, anchor)
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
