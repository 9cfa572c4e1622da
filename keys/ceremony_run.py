"""The edge of a ceremony: reads files and passwords, opens the token, writes the result. No questions asked."""

import os
from contextlib import ExitStack
from datetime import datetime
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.serialization import load_pem_public_key
from cryptography.x509 import random_serial_number

from keys.ceremony import Hands, KeyAtWork, hold
from keys.ceremony_config import Ceremony, Device, ExistingKey, NewKey, Store, read_ceremony
from keys.certificate_facts import read_certificate
from keys.certificates import RawSign
from keys.epoch_keys import BUNDLE_FILE, Wrapped, read_bundle
from keys.errors import Code, KeysError, naming
from keys.file_signer import load_private_key, raw_signing
from keys.inventory import INVENTORY_FILE, Inventory
from keys.new_key import encrypted_pem, new_key
from keys.pkcs11_signer import Pkcs11Token
from keys.secret_files import NewFile, read_password, write_new_folder
from keys.trust_list import ANCHOR_FILE, TrustList
from specs.id_binding import EPOCH_KEY_BYTES


def run_ceremony(file: Path, *, now: datetime, dry_run: bool = False) -> tuple[Path, tuple[NewFile, ...]]:
    """Hold the ceremony that `file` describes; returns its output folder and what it wrote, or would have written.

    Paths in the file count from the file's own folder. Raises KeysError; then nothing has been written.
    """
    configuration = read_file(file)
    with naming(file):
        ceremony = read_ceremony(configuration)
    base = file.parent
    output = base / ceremony.output
    if output.exists():
        raise KeysError(Code.CEREMONY_EXISTS, str(output))
    with ExitStack() as afterwards:
        hands = _hands(ceremony, base, dry_run, afterwards)
        files = hold(ceremony, configuration, hands, now=now)
    if not dry_run:
        write_new_folder(output, files)
    return output, files


def read_file(path: Path) -> bytes:
    """A file's bytes. Raises KeysError(FILE_UNREADABLE)."""
    try:
        return path.read_bytes()
    except OSError as error:
        raise KeysError(Code.FILE_UNREADABLE, f"{path}: {error.strerror}") from error


def read_device(path: Path) -> X25519PublicKey:
    """A device's public key (PEM). Raises KeysError: FILE_UNREADABLE, KEY_UNSUPPORTED."""
    try:
        key = load_pem_public_key(read_file(path))
    except ValueError as error:
        raise KeysError(Code.KEY_UNSUPPORTED, f"{path}: no public key in PEM") from error
    if not isinstance(key, X25519PublicKey):
        raise KeysError(Code.KEY_UNSUPPORTED, f"{path}: a device's key is X25519")
    return key


def _hands(ceremony: Ceremony, base: Path, dry_run: bool, afterwards: ExitStack) -> Hands:
    token = None
    if ceremony.hsm is not None:
        hsm = ceremony.hsm
        token = Pkcs11Token(base / hsm.module, hsm.token, read_password(base / hsm.pin_file, shortest=4))
        afterwards.callback(token.close)

    def in_token(store: Store) -> tuple[Pkcs11Token, str] | None:
        if store.hsm_label is None:
            return None
        if token is None:
            raise KeysError(Code.CEREMONY_CONFIG, "hsm_label needs [hsm]")
        return token, store.hsm_label

    def make(new: NewKey) -> KeyAtWork:
        found = in_token(new.store)
        if found is not None and not dry_run:
            held, label = found
            held.generate(label, new.algorithm)
            return KeyAtWork(held.public_key(label), held.raw_signing(label), None)
        key = new_key(new.algorithm)
        file = None
        if new.store.password_file is not None:
            file = encrypted_pem(key, read_password(base / new.store.password_file))
        return KeyAtWork(key.public_key(), raw_signing(key), file)

    def open_existing(existing: ExistingKey) -> tuple[bytes, RawSign]:
        facts = read_certificate(read_file(base / existing.certificate))
        if (found := in_token(existing.store)) is not None:
            held, label = found
            public_key, sign = held.public_key(label), held.raw_signing(label)
        else:
            if existing.key_file is None or existing.store.password_file is None:
                raise KeysError(Code.CEREMONY_CONFIG, f"{existing.certificate}: no key_file")
            key = load_private_key(base / existing.key_file, read_password(base / existing.store.password_file))
            public_key, sign = key.public_key(), raw_signing(key)
        if public_key != facts.public_key:
            raise KeysError(Code.KEY_CERTIFICATE_MISMATCH, str(existing.certificate))
        return facts.der, sign

    def device(wanted: Device) -> tuple[X25519PublicKey, bytes | None]:
        if wanted.public_key is not None:
            return read_device(base / wanted.public_key), None
        if wanted.password_file is None:
            raise KeysError(Code.CEREMONY_CONFIG, f"{wanted.name}: no password_file")
        key = X25519PrivateKey.generate()
        return key.public_key(), encrypted_pem(key, read_password(base / wanted.password_file))

    previous_list, previous_inventory = None, Inventory()
    previous_wrapped: tuple[Wrapped, ...] = ()
    if ceremony.previous is not None:
        folder = base / ceremony.previous.folder
        previous_list = TrustList.load(folder)
        previous_inventory = Inventory.read(read_file(folder / INVENTORY_FILE))
        if (folder / BUNDLE_FILE).exists():
            previous_wrapped = read_bundle(read_file(folder / BUNDLE_FILE), read_file(folder / ANCHOR_FILE))
    return Hands(
        make=make,
        open=open_existing,
        device=device,
        serial=random_serial_number,
        epoch_key=lambda: os.urandom(EPOCH_KEY_BYTES),
        previous_list=previous_list,
        previous_inventory=previous_inventory,
        previous_wrapped=previous_wrapped,
    )
