"""JSON under a signature: the frame of the trust list and of the mask-key bundle (specs/trust-list.md, section 3).

A flattened JWS (RFC 7515 section 7.2.2) of the one form that we write: ES256, everything in the protected header, and
a `typ` that names the content, so that a signature over one kind of file is worth nothing under another.
"""

import base64
import binascii
import json
from hashlib import sha256
from typing import Any, Final

from keys.certificate_facts import CertificateFacts
from keys.errors import Code, KeysError
from keys.raw_signature import algorithm_of, verifies
from keys.signer import Signer
from specs.cose import Algorithm

MAX_BYTES: Final = 16 * 1024 * 1024  # the world's 438 document signers make 0.8 MB


def sign_json(payload: object, kind: str, anchor: Signer) -> bytes:
    """The payload as a signed file; the same payload and key give the same bytes if the signer is deterministic."""
    kid = base64.b64encode(anchor.certificate().kid).decode()
    protected = _base64url(_json({"alg": "ES256", "kid": kid, "typ": kind}))
    body = _base64url(_json(payload))
    signature = _base64url(anchor.sign(sha256(f"{protected}.{body}".encode()).digest()))
    return _json({"payload": body, "protected": protected, "signature": signature}) + b"\n"


def verified_json(data: bytes, kind: str, anchor: CertificateFacts) -> dict[str, Any]:
    """The payload of a file that `anchor` signed as this kind; nothing of it is parsed before that is known.

    Raises KeysError: TRUST_LIST_FORMAT, TRUST_LIST_SIGNATURE.
    """
    if len(data) > MAX_BYTES:
        raise KeysError(Code.TRUST_LIST_FORMAT, f"{len(data)} bytes, at most {MAX_BYTES}")
    envelope = json_object(data)
    if set(envelope) != {"protected", "payload", "signature"} or not all(isinstance(v, str) for v in envelope.values()):
        raise KeysError(Code.TRUST_LIST_FORMAT, "not a flattened JWS")
    protected, payload = envelope["protected"], envelope["payload"]
    header = json_object(_from_base64url(protected))
    kid = base64.b64encode(anchor.kid).decode()
    if header != {"alg": "ES256", "kid": kid, "typ": kind}:
        raise KeysError(Code.TRUST_LIST_SIGNATURE, f"the header names another key or use; anchor {anchor.kid.hex()}")
    body = _from_base64url(payload)
    digest = sha256(f"{protected}.{payload}".encode()).digest()
    if algorithm_of(anchor.public_key) is not Algorithm.ES256 or not verifies(
        anchor.public_key, digest, _from_base64url(envelope["signature"])
    ):
        raise KeysError(Code.TRUST_LIST_SIGNATURE, f"anchor {anchor.kid.hex()}")
    return json_object(body)


def json_object(data: bytes) -> dict[str, Any]:
    """A JSON object with no member twice. Raises KeysError(TRUST_LIST_FORMAT)."""

    def once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        members = dict(pairs)
        if len(members) != len(pairs):
            raise ValueError("a member occurs twice")
        return members

    try:
        value = json.loads(data, object_pairs_hook=once)
    except (ValueError, RecursionError) as error:
        raise KeysError(Code.TRUST_LIST_FORMAT, "not JSON, or a member twice") from error
    if not isinstance(value, dict):
        raise KeysError(Code.TRUST_LIST_FORMAT, "not a JSON object")
    return value


def _json(value: object) -> bytes:
    return json.dumps(value, separators=(",", ":"), sort_keys=True, ensure_ascii=True).encode()


def _base64url(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def _from_base64url(text: str) -> bytes:
    try:
        return base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError) as error:
        raise KeysError(Code.TRUST_LIST_FORMAT, "not base64url") from error
