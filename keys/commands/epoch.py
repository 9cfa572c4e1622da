"""`epoch new|wrap` and `device new`: mask keys of the ID binding, and the devices that may have them."""

import argparse
import os
from collections.abc import Sequence
from pathlib import Path, PurePosixPath

from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from keys.ceremony_run import read_device, read_file
from keys.commands.common import Subparsers, add_anchor, anchor_of
from keys.epoch_keys import (
    MEDIA_TYPE,
    Wrapped,
    bundle_payload,
    device_id,
    load_device_key,
    read_bundle,
    unwrap,
    wrap,
)
from keys.errors import Code, KeysError
from keys.new_key import encrypted_pem
from keys.secret_files import NewFile, read_password, write_new, write_new_folder
from keys.signed_json import sign_json
from specs.id_binding import EPOCH_KEY_BYTES


def add_parser(subparsers: Subparsers) -> None:
    """`epoch new`, `epoch wrap`, `device new`."""
    whole = subparsers.add_parser("epoch", help="mask keys of the ID binding, wrapped for devices")
    actions = whole.add_subparsers(dest="action", required=True, metavar="ACTION")
    new = actions.add_parser("new", help="make the key of a new epoch and wrap it")
    new.add_argument("--epoch", type=int, required=True, metavar="N", help="0 to 255, never used before")
    new.add_argument("--previous", type=Path, metavar="BUNDLE", help="the bundle to go on from")
    new.set_defaults(run=run_new)
    again = actions.add_parser("wrap", help="wrap the epochs that one device can open for others")
    again.add_argument("--previous", type=Path, required=True, metavar="BUNDLE", help="the bundle to go on from")
    again.add_argument("--device-key", type=Path, required=True, metavar="FILE", help="a device that has the keys")
    again.add_argument("--device-password-file", type=Path, required=True, metavar="FILE")
    again.set_defaults(run=run_wrap)
    for parser in (new, again):
        parser.add_argument("--for", dest="devices", type=Path, nargs="+", required=True, metavar="PUBLIC_KEY")
        parser.add_argument("--output", type=Path, required=True, metavar="FILE", help="the new bundle")
        add_anchor(parser)
    device = subparsers.add_parser("device", help="a device's own key, for mask keys to be wrapped to")
    device_actions = device.add_subparsers(dest="action", required=True, metavar="ACTION")
    made = device_actions.add_parser("new", help="make a device's key: device.pem stays there, device.pub.pem travels")
    made.add_argument("output", type=Path, metavar="FOLDER", help="a new folder")
    made.add_argument("--password-file", type=Path, required=True, metavar="FILE")
    made.set_defaults(run=run_device)


def run_new(arguments: argparse.Namespace) -> Sequence[str]:
    """A fresh key for a fresh epoch."""
    wrapped = list(_previous(arguments))
    if any(entry.epoch == arguments.epoch for entry in wrapped):
        raise KeysError(Code.EPOCH_UNKNOWN, f"epoch {arguments.epoch} has a key already; a second one would part them")
    key = os.urandom(EPOCH_KEY_BYTES)
    wrapped += [wrap(arguments.epoch, key, read_device(path)) for path in arguments.devices]
    return _write(arguments, wrapped)


def run_wrap(arguments: argparse.Namespace) -> Sequence[str]:
    """The keys of one device, for more devices."""
    wrapped = list(_previous(arguments))
    held = load_device_key(arguments.device_key, read_password(arguments.device_password_file))
    mine = [entry for entry in wrapped if entry.device == device_id(held.public_key())]
    if not mine:
        raise KeysError(Code.EPOCH_KEY_WRONG, f"{arguments.device_key}: nothing in the bundle is for this device")
    for path in arguments.devices:
        device = read_device(path)
        has = {entry.epoch for entry in wrapped if entry.device == device_id(device)}
        wrapped += [wrap(entry.epoch, unwrap(entry, held), device) for entry in mine if entry.epoch not in has]
    return _write(arguments, wrapped)


def run_device(arguments: argparse.Namespace) -> Sequence[str]:
    """A device's key pair."""
    key = X25519PrivateKey.generate()
    private = encrypted_pem(key, read_password(arguments.password_file))
    public = key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    files = [
        NewFile(PurePosixPath("device.pem"), private, secret=True),
        NewFile(PurePosixPath("device.pub.pem"), public),
    ]
    write_new_folder(arguments.output, files)
    return [f"{arguments.output}: device {device_id(key.public_key()).hex()}"]


def _previous(arguments: argparse.Namespace) -> tuple[Wrapped, ...]:
    if arguments.previous is None:
        return ()
    return read_bundle(read_file(arguments.previous), read_file(arguments.anchor))


def _write(arguments: argparse.Namespace, wrapped: Sequence[Wrapped]) -> Sequence[str]:
    bundle = sign_json(bundle_payload(wrapped), MEDIA_TYPE, anchor_of(arguments))
    read_bundle(bundle, read_file(arguments.anchor))
    write_new(arguments.output, bundle, secret=False)
    epochs, devices = {entry.epoch for entry in wrapped}, {entry.device for entry in wrapped}
    return [f"{arguments.output}: {len(wrapped)} wrapped keys, epochs {sorted(epochs)}, {len(devices)} devices"]
