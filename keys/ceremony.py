"""A ceremony: one configuration file in; keys, certificates, trust list, inventory and a transcript out.

`hold` makes everything in memory, so that a dry run is the whole ceremony but for the writing, and the writing is one
rename. Only keys in a token are made for good at once: a dry run makes none there.
"""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from hashlib import sha256
from pathlib import PurePosixPath
from typing import Final

from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePublicKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from keys.ceremony_config import Ceremony, Device, ExistingKey, NewKey, lifetime
from keys.certificate_facts import CertificateFacts, pem_of, read_certificate
from keys.certificates import Issuer, Profile, RawSign, Role, Subject, issue, require_issued_by, self_sign
from keys.epoch_keys import BUNDLE_FILE, MEDIA_TYPE, Wrapped, bundle_payload, read_bundle, wrap
from keys.errors import Code, KeysError
from keys.inventory import INVENTORY_FILE, Inventory, State, Step, first_step
from keys.raw_signature import verifies
from keys.secret_files import NewFile
from keys.signed_json import sign_json
from keys.signer import DocumentSigner
from keys.trust_list import ANCHOR_FILE, LIST_FILE, TEST, Publication, TrustList
from keys.trust_list_publish import Entry, publish

TRANSCRIPT_FILE: Final = "transcript.json"
PublicKey = EllipticCurvePublicKey | RSAPublicKey


@dataclass(frozen=True, slots=True)
class KeyAtWork:
    """A private key for the length of a ceremony; `file` is its encrypted file, None in a token."""

    public_key: PublicKey
    sign: RawSign = field(repr=False)
    file: bytes | None = field(repr=False)


@dataclass(frozen=True, slots=True)
class Hands:
    """What a ceremony needs from outside: keys made and opened, serial numbers, and the state it goes on from."""

    make: Callable[[NewKey], KeyAtWork]
    open: Callable[[ExistingKey], tuple[bytes, RawSign]]  # its certificate (DER), and its signing
    device: Callable[[Device], tuple[X25519PublicKey, bytes | None]]  # its public key; its key file if made here
    serial: Callable[[], int]
    epoch_key: Callable[[], bytes]
    previous_list: TrustList | None
    previous_inventory: Inventory
    previous_wrapped: Sequence[Wrapped] = ()


@dataclass(frozen=True, slots=True)
class _Certified:
    name: str
    role: Role
    facts: CertificateFacts
    sign: RawSign = field(repr=False)


class _RawSigner:
    """A Signer over a key at work, for the one trust list of a ceremony."""

    def __init__(self, held: _Certified) -> None:
        self._public, self._sign = DocumentSigner.of_certificate(held.facts.der), held.sign

    def certificate(self) -> DocumentSigner:
        return self._public

    def sign(self, digest: bytes) -> bytes:
        signature = self._sign(digest)
        if not verifies(self._public.public_key, digest, signature):
            raise KeysError(Code.SIGNATURE_WRONG, f"kid {self._public.kid.hex()}")
        return signature


def hold(ceremony: Ceremony, configuration: bytes, hands: Hands, *, now: datetime) -> tuple[NewFile, ...]:
    """Everything the ceremony writes. `configuration` is the file as read, for its hash in the transcript.

    Raises KeysError: whatever makes one of the certificates, lists or steps impossible.
    """
    files: list[NewFile] = []
    made: list[_Certified] = []
    authorities: dict[Role, _Certified] = {}
    for existing in (ceremony.csca, ceremony.facility_authority, ceremony.anchor):
        if isinstance(existing, ExistingKey):
            authorities[existing.role] = _opened(existing, ceremony, hands)
    for new in ceremony.new_keys:
        key = hands.make(new)
        der = _certify(new, key, ceremony, authorities.get(new.role.issued_by), hands.serial())
        held = _Certified(new.name, new.role, read_certificate(der), key.sign)
        made.append(held)
        if new.role is new.role.issued_by:
            authorities[new.role] = held
        files.append(NewFile(PurePosixPath("certificates", f"{new.slug}.pem"), pem_of(der)))
        if key.file is not None:
            files.append(NewFile(PurePosixPath("private", f"{new.slug}.pem"), key.file, secret=True))
    if Role.ANCHOR in authorities:
        anchor = authorities[Role.ANCHOR]
        files.append(NewFile(PurePosixPath(LIST_FILE), _trust_list(ceremony, made, anchor, hands, now)))
        files.append(NewFile(PurePosixPath(ANCHOR_FILE), pem_of(anchor.facts.der)))
        files += _epoch_files(ceremony, anchor, hands)
    inventory = _inventory(ceremony, made, hands.previous_inventory, now)
    files.append(NewFile(PurePosixPath(INVENTORY_FILE), inventory.to_bytes()))
    transcript = _transcript(ceremony, configuration, made, files, now)
    return (*files, NewFile(PurePosixPath(TRANSCRIPT_FILE), transcript))


def _opened(existing: ExistingKey, ceremony: Ceremony, hands: Hands) -> _Certified:
    der, sign = hands.open(existing)
    facts = read_certificate(der)
    if facts.is_test is not (ceremony.environment == TEST):
        raise KeysError(Code.TRUST_LIST_ENVIRONMENT, f"{existing.certificate}")
    if existing.role.is_authority:
        require_issued_by(der, der)
    return _Certified(facts.subject, existing.role, facts, sign)


def _certify(new: NewKey, key: KeyAtWork, ceremony: Ceremony, authority: _Certified | None, serial: int) -> bytes:
    key_use_ends, not_after = lifetime(new, ceremony.starts)
    test = ceremony.environment == TEST
    profile = Profile(
        role=new.role,
        subject=Subject(ceremony.country, ceremony.organisation, new.name, test, new.facility),
        public_key=key.public_key,
        serial=serial,
        not_before=ceremony.starts,
        not_after=not_after,
        key_use_ends=key_use_ends,
        kinds=new.kinds,
        crl=new.crl,
    )
    if new.role is new.role.issued_by:
        return self_sign(profile, key.sign)
    if authority is None:
        raise KeysError(Code.CEREMONY_CONFIG, f"{new.name}: no {new.role.issued_by} to certify it")
    return issue(profile, Issuer(authority.facts.der, authority.sign))


def _trust_list(ceremony: Ceremony, made: list[_Certified], anchor: _Certified, hands: Hands, now: datetime) -> bytes:
    issued = max(now.replace(microsecond=0), ceremony.starts)
    entries = [Entry(held.facts.der, ceremony.country) for held in made if held.role is Role.DOCUMENT_SIGNER]
    sequence = 1
    last = hands.previous_list
    if ceremony.previous is not None and last is not None and last.publication is not None:
        sequence += last.publication.sequence
        withdrawn = {hands.previous_inventory.last(name).kid for name in ceremony.previous.withdraw}
        entries += [
            Entry(key.der, key.country)
            for key in last.keys
            if key.country is not None and key.kid not in withdrawn and key.not_after > issued
        ]
    publication = Publication(ceremony.environment, sequence, issued, issued + timedelta(days=ceremony.list_days))
    return publish(entries, publication, _RawSigner(anchor))


def _epoch_files(ceremony: Ceremony, anchor: _Certified, hands: Hands) -> list[NewFile]:
    """The bundle of wrapped mask keys, earlier epochs' with it, and the keys of the devices that were made here."""
    files: list[NewFile] = []
    wrapped = list(hands.previous_wrapped)
    if ceremony.epoch is not None:
        if any(entry.epoch == ceremony.epoch for entry in wrapped):
            raise KeysError(Code.CEREMONY_CONFIG, f"epoch {ceremony.epoch} has a key already")
        key = hands.epoch_key()
        for device in ceremony.devices:
            public_key, private_file = hands.device(device)
            wrapped.append(wrap(ceremony.epoch, key, public_key))
            path = PurePosixPath("devices", f"{device.slug}.pub.pem")
            files.append(NewFile(path, public_key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)))
            if private_file is not None:
                files.append(NewFile(PurePosixPath("private", f"{device.slug}.pem"), private_file, secret=True))
    if wrapped:
        bundle = sign_json(bundle_payload(wrapped), MEDIA_TYPE, _RawSigner(anchor))
        read_bundle(bundle, anchor.facts.der)
        files.append(NewFile(PurePosixPath(BUNDLE_FILE), bundle))
    return files


def _inventory(ceremony: Ceremony, made: list[_Certified], inventory: Inventory, now: datetime) -> Inventory:
    at = now.replace(microsecond=0)
    steps: list[Step] = []
    active = {key.name for key in ceremony.new_keys if key.active}
    for held in made:
        step = first_step(held.name, held.role, held.facts, at=at, by=ceremony.by, reason=ceremony.reason)
        steps.append(step)
        if held.name in active:
            steps.append(_moved(step, State.ACTIVE, ceremony, at))
    if ceremony.previous is not None:
        steps += [_moved(inventory.last(name), State.RETIRED, ceremony, at) for name in ceremony.previous.retire]
    return Inventory((*inventory.steps, *steps))


def _moved(step: Step, state: State, ceremony: Ceremony, at: datetime) -> Step:
    return Step(
        at, ceremony.by, ceremony.reason, step.name, step.role, step.kid, state, step.key_use_ends, step.not_after
    )


def _transcript(
    ceremony: Ceremony, configuration: bytes, made: list[_Certified], files: list[NewFile], now: datetime
) -> bytes:
    """What the witnesses sign: who did what, and the SHA-256 of everything that came of it."""
    transcript = {
        "environment": ceremony.environment,
        "country": ceremony.country,
        "held": now.replace(microsecond=0).isoformat(),
        "by": ceremony.by,
        "witnesses": ceremony.witnesses,
        "reason": ceremony.reason,
        "configuration_sha256": sha256(configuration).hexdigest(),
        "keys": [
            {
                "name": held.name,
                "role": held.role,
                "subject": held.facts.subject,
                "kid": held.facts.kid.hex(),
                "certificate_sha256": sha256(held.facts.der).hexdigest(),
                "not_before": held.facts.not_before.isoformat(),
                "key_use_ends": held.facts.key_use_ends.isoformat(),
                "not_after": held.facts.not_after.isoformat(),
            }
            for held in made
        ],
        "files": {str(file.path): sha256(file.data).hexdigest() for file in files},
    }
    return json.dumps(transcript, indent=2, ensure_ascii=False).encode() + b"\n"
