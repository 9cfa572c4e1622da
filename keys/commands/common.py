"""What several subcommands take and do."""

import argparse
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from keys.ceremony_run import read_file
from keys.errors import Code, KeysError
from keys.file_signer import FileSigner
from keys.pkcs11_signer import Pkcs11Signer, Pkcs11Token
from keys.secret_files import read_password
from keys.signer import Signer

Subparsers = Any  # argparse's own class for these is private
Run = Callable[[argparse.Namespace], Sequence[str]]


@dataclass(frozen=True, slots=True)
class Table:
    """Rows under headings, as text in columns."""

    headings: tuple[str, ...]
    rows: Sequence[tuple[str, ...]]

    def lines(self) -> list[str]:
        """One line a row, columns two blanks apart."""
        whole = [self.headings, *self.rows]
        widths = [max(len(row[column]) for row in whole) for column in range(len(self.headings))]
        return ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in whole]


def instant(text: str) -> datetime:
    """An RFC 3339 moment with its offset, for argparse."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        moment = None
    if moment is None or moment.tzinfo is None:
        raise argparse.ArgumentTypeError(f"{text!r}: give a moment with offset, such as 2026-01-05T00:00:00Z")
    return moment.astimezone(UTC)


def add_at(parser: argparse.ArgumentParser) -> None:
    """--at, for drills and for looking back."""
    parser.add_argument("--at", type=instant, metavar="MOMENT", help="act as if it were this moment; else now")


def moment_of(arguments: argparse.Namespace) -> datetime:
    """The moment given with --at, or this one."""
    return arguments.at if arguments.at is not None else datetime.now(UTC)


def add_anchor(parser: argparse.ArgumentParser) -> None:
    """The anchor as a signer: a key file, or a key in a token."""
    group = parser.add_argument_group("anchor", "the key that signs; --password-file and --pin-file name files")
    group.add_argument("--anchor", type=Path, required=True, metavar="CERTIFICATE", help="its certificate")
    group.add_argument("--key", type=Path, metavar="FILE", help="its encrypted key file")
    group.add_argument("--password-file", type=Path, metavar="FILE")
    group.add_argument("--hsm-module", type=Path, metavar="FILE", help="the PKCS#11 module, instead of --key")
    group.add_argument("--hsm-token", metavar="LABEL")
    group.add_argument("--hsm-label", metavar="LABEL", help="the key's label in the token")
    group.add_argument("--pin-file", type=Path, metavar="FILE")


def anchor_of(arguments: argparse.Namespace) -> Signer:
    """The anchor that `add_anchor` describes. Raises KeysError."""
    certificate = read_file(arguments.anchor)
    if arguments.key is not None and arguments.password_file is not None and arguments.hsm_module is None:
        return FileSigner.load(arguments.key, read_password(arguments.password_file), certificate)
    token, label, pin_file = arguments.hsm_token, arguments.hsm_label, arguments.pin_file
    if arguments.key is None and None not in (arguments.hsm_module, token, label, pin_file):
        opened = Pkcs11Token(arguments.hsm_module, token, read_password(pin_file, shortest=4))
        return Pkcs11Signer(opened, label, certificate)
    raise KeysError(Code.KEY_UNKNOWN, "give --key and --password-file, or the four --hsm-... and --pin-file")
