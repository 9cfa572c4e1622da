"""Mask keys of the ID binding (specs/id_binding.py): one random key an epoch, wrapped for each device that needs it.

A checkpoint, the issuer and the custodian are devices alike, each with an X25519 key of its own. A key is wrapped by
HPKE (RFC 9180, base mode), which says nothing of its sender, so the bundle of wrapped keys is signed by the anchor:
whoever could slip in a mask key of his own could make a wrong card match. Nothing here can sign a certificate.
"""

import base64
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import Any, Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.hpke import AEAD, KDF, KEM, Suite
from cryptography.hazmat.primitives.serialization import load_der_private_key

from keys.certificate_facts import read_certificate
from keys.errors import Code, KeysError, naming
from keys.pbes2 import require_strong
from keys.secret_files import read_secret
from keys.signed_json import verified_json
from specs.id_binding import EPOCH_KEY_BYTES

MEDIA_TYPE: Final = "hcvx-epoch-keys"
BUNDLE_FILE: Final = "epoch-keys.json"
VERSION: Final = 1
EPOCHS: Final = range(256)
DEVICE_ID_LENGTH: Final = 8
SUITE: Final = Suite(KEM.X25519, KDF.HKDF_SHA256, AEAD.CHACHA20_POLY1305)


@dataclass(frozen=True, slots=True)
class Wrapped:
    """One epoch's key (80 bytes: HPKE's encapsulation and ciphertext) for one device."""

    epoch: int
    device: bytes
    key: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class EpochKeys:
    """The mask keys that this device may use: epoch (0..255) -> 32 bytes."""

    keys: Mapping[int, bytes] = field(repr=False)

    @classmethod
    def open(cls, bundle: bytes, anchor: bytes, device_key: X25519PrivateKey) -> "EpochKeys":
        """From a signed bundle; keys wrapped for other devices are passed over.

        Raises KeysError: TRUST_LIST_SIGNATURE, TRUST_LIST_FORMAT, EPOCH_KEY_WRONG.
        """
        mine = device_id(device_key.public_key())
        wrapped = (entry for entry in read_bundle(bundle, anchor) if entry.device == mine)
        return cls({entry.epoch: unwrap(entry, device_key) for entry in wrapped})

    def key(self, epoch: int) -> bytes:
        """The key of an epoch. Raises KeysError(EPOCH_UNKNOWN)."""
        try:
            return self.keys[epoch]
        except KeyError as error:
            raise KeysError(Code.EPOCH_UNKNOWN, f"epoch {epoch}") from error


def device_id(public_key: X25519PublicKey) -> bytes:
    """What a bundle calls a device: the first 8 bytes of the SHA-256 of its raw public key."""
    return sha256(public_key.public_bytes_raw()).digest()[:DEVICE_ID_LENGTH]


def wrap(epoch: int, key: bytes, device: X25519PublicKey) -> Wrapped:
    """Wrap an epoch's key for a device. Raises KeysError(EPOCH_UNKNOWN) for an epoch or key out of shape."""
    if epoch not in EPOCHS or len(key) != EPOCH_KEY_BYTES:
        raise KeysError(Code.EPOCH_UNKNOWN, f"epoch {epoch} (0..255), key of {len(key)} bytes (32)")
    return Wrapped(epoch, device_id(device), SUITE.encrypt(key, device, info=_info(epoch)))


def unwrap(wrapped: Wrapped, device_key: X25519PrivateKey) -> bytes:
    """The epoch's key. Raises KeysError(EPOCH_KEY_WRONG) unless it was wrapped for this device and epoch, unaltered."""
    try:
        key = SUITE.decrypt(wrapped.key, device_key, info=_info(wrapped.epoch))
    except InvalidTag as error:
        raise KeysError(Code.EPOCH_KEY_WRONG, f"epoch {wrapped.epoch}") from error
    if len(key) != EPOCH_KEY_BYTES:
        raise KeysError(Code.EPOCH_KEY_WRONG, f"epoch {wrapped.epoch}: {len(key)} bytes")
    return key


def bundle_payload(wrapped: Sequence[Wrapped]) -> dict[str, Any]:
    """What the anchor signs; `keys.signed_json.sign_json` makes the file."""
    order = sorted(wrapped, key=lambda entry: (entry.epoch, entry.device))
    entries = [
        {"epoch": entry.epoch, "device": entry.device.hex(), "key": base64.b64encode(entry.key).decode()}
        for entry in order
    ]
    return {"version": VERSION, "wrapped": entries}


def read_bundle(bundle: bytes, anchor: bytes) -> tuple[Wrapped, ...]:
    """The wrapped keys of a bundle that the anchor (certificate, PEM or DER) signed. Raises KeysError."""
    payload = verified_json(bundle, MEDIA_TYPE, read_certificate(anchor))
    try:
        if payload["version"] != VERSION:
            raise KeysError(Code.TRUST_LIST_FORMAT, f"version {payload['version']!r}; this program reads {VERSION}")
        wrapped = tuple(_wrapped(entry) for entry in payload["wrapped"])
    except (LookupError, TypeError, ValueError) as error:
        raise KeysError(Code.TRUST_LIST_FORMAT, f"{type(error).__name__} in the payload") from error
    if len({(entry.epoch, entry.device) for entry in wrapped}) != len(wrapped):
        raise KeysError(Code.TRUST_LIST_FORMAT, "one epoch twice for one device")
    return wrapped


def load_device_key(path: Path, password: bytes) -> X25519PrivateKey:
    """A device's key out of its encrypted PKCS#8 file. Raises KeysError: KEY_FILE_*, KEY_UNSUPPORTED."""
    with naming(path):
        der = require_strong(read_secret(path))
    try:
        key = load_der_private_key(der, password)
    except ValueError as error:
        raise KeysError(Code.KEY_FILE_PASSWORD, str(path)) from error
    if not isinstance(key, X25519PrivateKey):
        raise KeysError(Code.KEY_UNSUPPORTED, f"{path}: a device's key is X25519")
    return key


def _wrapped(entry: dict[str, Any]) -> Wrapped:
    if type(entry["epoch"]) is not int or entry["epoch"] not in EPOCHS:
        raise ValueError("epoch")
    return Wrapped(entry["epoch"], bytes.fromhex(entry["device"]), base64.b64decode(entry["key"], validate=True))


def _info(epoch: int) -> bytes:
    """Binds a wrapped key to its purpose and epoch: moved to another epoch it does not open."""
    return b"hcvx epoch key 1" + bytes([epoch])
