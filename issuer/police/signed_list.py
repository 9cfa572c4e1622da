"""The detached signature of a police list: made beside the file, and checked before a row of it is read.

A signature file is a statement of four lines (purpose, commune, time of signing, SHA-256 of the list) and the raw
signature over the statement's SHA-256 in Base64 as the fifth. specs/police-lists.md, section 1.
"""

import base64
import binascii
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from issuer.audit import timestamp
from issuer.errors import Code, IssuerError
from issuer.worklist.handover import police_code
from keys.certificates import facility_of, require_issued_by
from keys.errors import KeysError
from keys.raw_signature import verifies
from keys.signer import DocumentSigner, Signer

__all__ = ["SignedList", "holds", "sign_list", "verify_list"]

_PURPOSE: Final = "hochieu police-list 1"
_LINES: Final = 5
_MAX_SIGNATURE_FILE: Final = 4_096


@dataclass(frozen=True, slots=True)
class SignedList:
    """A list whose signature held: `content` are the very bytes, `certificate` is DER, `signed_at` UTC text."""

    commune_code: str
    content: bytes = field(repr=False)
    sha256: str
    signature: bytes = field(repr=False)
    certificate: bytes = field(repr=False)
    signed_at: str
    kid: bytes


def sign_list(content: bytes, commune_code: str, signer: Signer, *, now: datetime) -> bytes:
    """The signature file of a list. Raises IssuerError (POLICE_LIST_UNSIGNED) for a key of others, KeysError."""
    public = signer.certificate()
    _require_police(public.der, commune_code)
    public.require_use(now, now)
    told = _statement(commune_code, timestamp(now), hashlib.sha256(content).hexdigest())
    signature = signer.sign(hashlib.sha256(told).digest())
    return told + b"\n" + base64.b64encode(signature) + b"\n"


def verify_list(
    content: bytes,
    commune_code: str,
    signature_file: bytes,
    certificate: bytes,
    *,
    now: datetime,
    authorities: Sequence[bytes] = (),
) -> SignedList:
    """The list, if the police of this commune signed these very bytes before `now`.

    `authorities` (DER), if any are told, must have issued the certificate. Raises IssuerError (POLICE_LIST_UNSIGNED),
    KeysError for a certificate that cannot be read.
    """
    public = DocumentSigner.of_certificate(certificate)
    _require_police(public.der, commune_code)
    if authorities and not any(_issued(public.der, one) for one in authorities):
        raise _unsigned("no authority that was told issued the certificate")
    purpose, commune, signed_at, sha256, encoded = _lines(signature_file)
    if purpose != _PURPOSE:
        raise _unsigned("not a signature of a police list")
    if commune != commune_code:
        raise _unsigned("signed for another commune")
    if sha256 != hashlib.sha256(content).hexdigest():
        raise _unsigned("the list is not the one that was signed")
    try:
        signature = base64.b64decode(encoded, validate=True)
        moment = datetime.fromisoformat(signed_at)
    except (ValueError, binascii.Error):
        raise _unsigned("the signature file is damaged") from None
    if moment.tzinfo is None or timestamp(moment) != signed_at:
        raise _unsigned("the signature file is damaged")
    if not verifies(public.public_key, hashlib.sha256(_statement(commune, signed_at, sha256)).digest(), signature):
        raise _unsigned("the signature does not hold")
    if moment > now:
        raise _unsigned("signed after now: check the clocks")
    if not public.not_before <= moment <= public.key_use_ends:
        raise _unsigned("signed when the key was not in use")
    return SignedList(commune_code, content, sha256, signature, public.der, signed_at, public.kid)


def holds(commune_code: str, content: bytes, signed_at: str, signature: bytes, certificate: bytes) -> bool:
    """Whether an archived list is still what was signed, by the certificate archived with it."""
    try:
        public = DocumentSigner.of_certificate(certificate)
        _require_police(public.der, commune_code)
    except (KeysError, IssuerError):
        return False
    told = _statement(commune_code, signed_at, hashlib.sha256(content).hexdigest())
    return verifies(public.public_key, hashlib.sha256(told).digest(), signature)


def _statement(commune_code: str, signed_at: str, sha256: str) -> bytes:
    return "\n".join((_PURPOSE, commune_code, signed_at, sha256)).encode()


def _lines(signature_file: bytes) -> list[str]:
    if len(signature_file) <= _MAX_SIGNATURE_FILE and signature_file.isascii():
        lines = signature_file.decode("ascii").split("\n")
        if len(lines) == _LINES + 1 and not lines[-1]:
            return lines[:-1]
    raise _unsigned("the signature file is damaged")


def _require_police(certificate: bytes, commune_code: str) -> None:
    if facility_of(certificate) != police_code(commune_code):
        raise _unsigned(f"the certificate is not that of {police_code(commune_code)}")


def _issued(certificate: bytes, authority: bytes) -> bool:
    try:
        require_issued_by(certificate, authority)
    except KeysError:
        return False
    return True


def _unsigned(detail: str) -> IssuerError:
    return IssuerError(Code.POLICE_LIST_UNSIGNED, detail)
