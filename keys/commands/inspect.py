"""`inspect`: what a certificate says, and how well a key file is guarded."""

import argparse
from collections.abc import Sequence
from pathlib import Path

from keys.ceremony_run import read_file
from keys.certificate_facts import CertificateFacts, read_certificate
from keys.commands.common import Subparsers
from keys.errors import KeysError
from keys.file_signer import load_private_key
from keys.pbes2 import require_strong
from keys.published_samples import require_unpublished
from keys.raw_signature import algorithm_of
from keys.secret_files import read_password, read_secret


def add_parser(subparsers: Subparsers) -> None:
    """`inspect FILE...`."""
    summary = "say what certificates and key files are, and refuse what is unsafe"
    parser = subparsers.add_parser("inspect", help=summary, description=summary)
    parser.add_argument("files", type=Path, nargs="+", metavar="FILE", help="certificates or key files, PEM or DER")
    parser.add_argument("--password-file", type=Path, metavar="FILE", help="also try to open the key files")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> Sequence[str]:
    """A paragraph a file."""
    lines: list[str] = []
    for path in arguments.files:
        data = read_file(path)
        try:
            lines += [f"{path}: certificate", *certificate_lines(read_certificate(data))]
        except KeysError:
            if b"CERTIFICATE" in data:
                raise
            lines += _key_file(path, arguments.password_file)
    return lines


def certificate_lines(facts: CertificateFacts) -> list[str]:
    """One fact a line."""
    require_unpublished(facts.public_key)
    algorithm = algorithm_of(facts.public_key)
    kinds = "any" if facts.kinds is None else ", ".join(sorted(facts.kinds)) or "nothing (unreadable key usage)"
    return [
        f"  subject         {facts.subject}{' (TEST)' if facts.is_test else ''}",
        f"  kid             {facts.kid.hex()}",
        f"  algorithm       {'none that may be used' if algorithm is None else algorithm.name}",
        f"  may sign        {'certificates' if facts.is_authority else kinds}",
        f"  valid           {facts.not_before.isoformat()} to {facts.not_after.isoformat()}",
        f"  key used until  {facts.key_use_ends.isoformat()}",
    ]


def _key_file(path: Path, password_file: Path | None) -> list[str]:
    require_strong(read_secret(path))
    if password_file is not None:
        load_private_key(path, read_password(password_file))
    opened = "" if password_file is None else ", and the password opens it"
    return [f"{path}: private key, encrypted strongly enough, readable by its owner alone{opened}"]
