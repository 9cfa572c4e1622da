"""Other countries' document signers: from the WHO GDHCN trust list (DID document, version 2), or from single files.

Every signer of the list must carry its own key id, must be signed by a listed authority (SCA) of the same participant
with SHA-2, and may then speak for that participant's country alone. Whoever fails is reported with the reason and
left out. The keys are taken from the certificates, never from the JWK members beside them, which are wrong in most
entries. What is *not* checked: the document's own proof (a DER signature over JSON-LD in canonical form), and that the
authorities are the countries' own; both come out of band. `pinned` names the authorities confirmed that way.
"""

import base64
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from enum import StrEnum
from hashlib import sha256
from typing import Any, Final

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm

from keys.certificate_facts import CertificateFacts, read_certificate
from keys.certificates import require_issued_by
from keys.countries import ALPHA_2
from keys.errors import Code, KeysError
from keys.key_id import key_id
from keys.raw_signature import algorithm_of
from keys.signed_json import json_object
from keys.trust_list import COUNTRY
from keys.trust_list_publish import Entry

MAX_DOCUMENT: Final = 64 * 1024 * 1024  # bytes; the whole world's list has 2.6 MB
DSC: Final = "#DSC"
SCA: Final = "#CSCA"
SHA_1: Final = "sha1"


class Why(StrEnum):
    """Why an entry of a list is left out, and the words for it."""

    text: str

    def __new__(cls, value: str, text: str) -> "Why":
        """One reason with its words."""
        member = str.__new__(cls, value)
        member._value_, member.text = value, text
        return member

    ENTRY_BROKEN = "ENTRY_BROKEN", "the entry is incomplete, or its id contradicts its members"
    CERTIFICATE_UNREADABLE = "CERTIFICATE_UNREADABLE", "the certificate cannot be read"
    KID_MISMATCH = "KID_MISMATCH", "the key id is not that of the certificate"
    AUTHORITY_AS_SIGNER = "AUTHORITY_AS_SIGNER", "an authority must not sign documents"
    WEAK_SIGNATURE = "WEAK_SIGNATURE", "the certificate is signed with SHA-1"
    NO_AUTHORITY = "NO_AUTHORITY", "no listed authority of the same participant signed the certificate"
    KEY_UNSUPPORTED = "KEY_UNSUPPORTED", "the key fits neither ES256 nor PS256"
    NO_COUNTRY = "NO_COUNTRY", "the participant has no ISO 3166-1 code; allow it by name if it may issue"


@dataclass(frozen=True, slots=True)
class Refused:
    """An entry that is left out; `kid` and `participant` as the entry names them, empty if it does not."""

    participant: str
    kid: str
    why: Why


@dataclass(frozen=True, slots=True)
class Imported:
    """The outcome: `accepted` for a trust list, `refused` for people.

    `signers` counts the document signers listed, `kids_right` the entries (of every usage) with the right key id,
    `chained` the signers that an authority of their participant signed.
    """

    accepted: tuple[Entry, ...]
    refused: tuple[Refused, ...]
    entries: int
    signers: int
    kids_right: int
    chained: int


@dataclass(frozen=True, slots=True)
class _Listed:
    participant: str
    usage: str
    kid: str
    der: bytes


def import_did_document(
    data: bytes, *, participants: Mapping[str, str] | None = None, pinned: Collection[bytes] | None = None
) -> Imported:
    """Read a GDHCN trust list.

    `participants` adds alpha-3 -> alpha-2 for participants outside ISO 3166-1; `pinned` holds the SHA-256 of the only
    authorities (DER) to believe, None believes every listed one. Raises KeysError(DID_FORMAT) for a document that is
    none; a bad entry is reported and never stops the rest.
    """
    countries = {**ALPHA_2, **(participants or {})}
    listed: list[_Listed] = []
    refused: list[Refused] = []
    methods = _methods(data)
    for method in methods:
        try:
            listed.append(_listed(method))
        except (LookupError, TypeError, ValueError, AttributeError):
            refused.append(Refused(_text(method, "participant"), _text(method, "id"), Why.ENTRY_BROKEN))
    authorities = _authorities(listed, pinned)
    accepted: list[Entry] = []
    chained = 0
    for entry in listed:
        if entry.usage != DSC:
            continue
        why = _refusal(entry, authorities)
        if why is None:
            chained += 1
            why = None if entry.participant in countries else Why.NO_COUNTRY
        if why is None:
            accepted.append(Entry(entry.der, countries[entry.participant]))
        else:
            refused.append(Refused(entry.participant, entry.kid, why))
    return Imported(
        accepted=tuple(dict.fromkeys(accepted)),
        refused=tuple(refused),
        entries=len(methods),
        signers=sum(entry.usage == DSC for entry in listed),
        kids_right=sum(_kid_is_right(entry) for entry in listed),
        chained=chained,
    )


def import_certificate(certificate: bytes, authority: bytes, country: str) -> Entry:
    """One document signer (PEM or DER) of a country that handed over its authority's certificate itself.

    Raises KeysError: CERTIFICATE_CHAIN, CERTIFICATE_PROFILE, KEY_UNSUPPORTED, CERTIFICATE_UNREADABLE.
    """
    facts, issuer = read_certificate(certificate), read_certificate(authority)
    name = f"kid {facts.kid.hex()}"
    if not COUNTRY.fullmatch(country) or issuer.country != country:
        raise KeysError(Code.CERTIFICATE_PROFILE, f"{name}: its authority is not of {country!r}")
    if facts.is_authority:
        raise KeysError(Code.CERTIFICATE_PROFILE, f"{name}: {Why.AUTHORITY_AS_SIGNER.text}")
    if algorithm_of(facts.public_key) is None:
        raise KeysError(Code.KEY_UNSUPPORTED, name)
    require_issued_by(facts.der, issuer.der)
    return Entry(facts.der, country)


def _methods(data: bytes) -> list[Any]:
    if len(data) > MAX_DOCUMENT:
        raise KeysError(Code.DID_FORMAT, f"{len(data)} bytes, at most {MAX_DOCUMENT}")
    try:
        methods = json_object(data)["verificationMethod"]
    except (KeysError, LookupError) as error:
        raise KeysError(Code.DID_FORMAT, "no JSON object with verificationMethod") from error
    if not isinstance(methods, list):
        raise KeysError(Code.DID_FORMAT, "verificationMethod is no list")
    return methods


def _listed(method: dict[str, Any]) -> _Listed:
    participant, usage = method["participant"]["code"], method["keyusage"]["code"]
    jwk = method["publicKeyJwk"]
    path, _, kid = method["id"].rpartition("#")
    if kid != jwk["kid"] or path.split(":")[-2] != participant.removeprefix("#"):
        raise ValueError("the id contradicts the entry")
    return _Listed(participant.removeprefix("#"), usage, kid, base64.b64decode(jwk["x5c"][0], validate=True))


def _authorities(listed: list[_Listed], pinned: Collection[bytes] | None) -> dict[str, list[CertificateFacts]]:
    """The authorities of each participant: those listed as such, and pinned if pins are given."""
    found: dict[str, list[CertificateFacts]] = {}
    for entry in listed:
        if entry.usage == SCA and (pinned is None or sha256(entry.der).digest() in pinned):
            try:
                facts = read_certificate(entry.der)
            except KeysError:
                continue  # whoever it signed is reported with NO_AUTHORITY
            found.setdefault(entry.participant, []).append(facts)
    return found


def _kid_is_right(entry: _Listed) -> bool:
    return base64.b64encode(key_id(entry.der)).decode() == entry.kid


def _refusal(entry: _Listed, authorities: dict[str, list[CertificateFacts]]) -> Why | None:
    try:
        facts = read_certificate(entry.der)
        parsed = x509.load_der_x509_certificate(entry.der)
    except (KeysError, ValueError):
        return Why.CERTIFICATE_UNREADABLE
    if not _kid_is_right(entry):
        return Why.KID_MISMATCH
    if facts.is_authority:
        return Why.AUTHORITY_AS_SIGNER
    if facts.signature_hash == SHA_1:
        return Why.WEAK_SIGNATURE
    if not any(_issued(parsed, authority) for authority in authorities.get(entry.participant, ())):
        return Why.NO_AUTHORITY
    if algorithm_of(facts.public_key) is None:
        return Why.KEY_UNSUPPORTED
    return None


def _issued(child: x509.Certificate, authority: CertificateFacts) -> bool:
    try:
        child.verify_directly_issued_by(x509.load_der_x509_certificate(authority.der))
    except (ValueError, TypeError, InvalidSignature, UnsupportedAlgorithm):
        return False
    return True


def _text(method: object, member: str) -> str:
    value = method.get(member) if isinstance(method, dict) else None
    value = value.get("code") if isinstance(value, dict) else value
    return value[:200] if isinstance(value, str) else ""
