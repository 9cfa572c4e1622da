"""Files that a command is given: read with a refusal that names them."""

import argparse
from pathlib import Path

from issuer.errors import Code, IssuerError, Where
from keys.file_signer import FileSigner
from keys.secret_files import read_password

__all__ = ["add_signer_arguments", "read_bytes", "signer_of"]


def read_bytes(path: Path) -> bytes:
    """The bytes of a file. Raises IssuerError: FILE_MISSING or FILE_UNREADABLE."""
    try:
        return path.read_bytes()
    except FileNotFoundError as error:
        raise IssuerError(Code.FILE_MISSING, where=Where(str(path))) from error
    except OSError as error:
        raise IssuerError(Code.FILE_UNREADABLE, error.strerror or "", Where(str(path))) from error


def add_signer_arguments(parser: argparse.ArgumentParser) -> None:
    """The three files that make a signer."""
    parser.add_argument("--key", type=Path, metavar="FILE", help="encrypted PKCS#8 key")
    parser.add_argument("--certificate", type=Path, metavar="FILE", help="the key's certificate, PEM or DER")
    parser.add_argument("--password-file", type=Path, metavar="FILE", help="one line, readable by its owner alone")


def signer_of(arguments: argparse.Namespace, parser: argparse.ArgumentParser) -> FileSigner:
    """The signer of --key, --certificate and --password-file; ends with a usage error if one is missing."""
    if not (arguments.key and arguments.certificate and arguments.password_file):
        parser.error("--key, --certificate and --password-file are needed to sign")
    return FileSigner.load(arguments.key, read_password(arguments.password_file), read_bytes(arguments.certificate))
