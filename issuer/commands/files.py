"""Files that a command is given: read with a refusal that names them."""

import argparse
from collections.abc import Sequence
from pathlib import Path

from issuer.errors import Code, IssuerError, Where
from keys.certificate_facts import read_certificate
from keys.certificates import require_issued_by
from keys.errors import KeysError, naming
from keys.file_signer import FileSigner, load_private_key
from keys.secret_files import read_password
from keys.signer import DocumentSigner, Signer
from specs.cwt import HOME_COUNTRY

__all__ = [
    "add_authority_argument",
    "add_signer_arguments",
    "authorities_of",
    "public_of",
    "read_bytes",
    "signer_of",
]

PIN_LENGTH = 4
"""The least that tokens accept; they lock after a few wrong tries, so a PIN may be shorter than a password."""


def read_bytes(path: Path) -> bytes:
    """The bytes of a file. Raises IssuerError: FILE_MISSING or FILE_UNREADABLE."""
    try:
        return path.read_bytes()
    except FileNotFoundError as error:
        raise IssuerError(Code.FILE_MISSING, where=Where(str(path))) from error
    except OSError as error:
        raise IssuerError(Code.FILE_UNREADABLE, error.strerror or "", Where(str(path))) from error


def public_of(path: Path) -> DocumentSigner:
    """The public half in a certificate file. Raises KeysError and IssuerError that name the file."""
    with naming(path):
        return DocumentSigner.of_certificate(read_bytes(path))


def add_authority_argument(parser: argparse.ArgumentParser, words: str) -> None:
    """Whoever may have issued the certificates of facility heads."""
    parser.add_argument("--facility-authority", type=Path, action="append", default=[], metavar="FILE", help=words)


def authorities_of(paths: Sequence[Path]) -> tuple[bytes, ...]:
    """The certificates (DER) of facility authorities: self-signed authorities of this country.

    Raises IssuerError FACILITY_AUTHORITY, FILE_MISSING, FILE_UNREADABLE and KeysError CERTIFICATE_UNREADABLE, all of
    which name the file.
    """
    return tuple(map(_authority_of, paths))


def _authority_of(path: Path) -> bytes:
    with naming(path):
        facts = read_certificate(read_bytes(path))
    try:
        require_issued_by(facts.der, facts.der)
    except KeysError as error:
        raise IssuerError(Code.FACILITY_AUTHORITY, "no authority's certificate", Where(str(path))) from error
    if facts.country != HOME_COUNTRY:
        raise IssuerError(Code.FACILITY_AUTHORITY, f"of the country {facts.country}", Where(str(path)))
    return facts.der


def add_signer_arguments(parser: argparse.ArgumentParser) -> None:
    """What makes a signer: a key file, or a key in an HSM; its certificate; the password or PIN."""
    where = parser.add_mutually_exclusive_group()
    where.add_argument("--key", type=Path, metavar="FILE", help="encrypted PKCS#8 key")
    where.add_argument("--hsm-module", type=Path, metavar="FILE", help="PKCS#11 module; the key stays in its token")
    parser.add_argument("--hsm-token", metavar="LABEL", help="the token's label")
    parser.add_argument("--hsm-label", metavar="LABEL", help="the key's label in the token")
    parser.add_argument("--certificate", type=Path, metavar="FILE", help="the key's certificate, PEM or DER")
    parser.add_argument(
        "--password-file", type=Path, metavar="FILE", help="password or PIN: one line, readable by its owner alone"
    )


def signer_of(arguments: argparse.Namespace, parser: argparse.ArgumentParser) -> Signer:
    """The signer that the arguments describe; ends with a usage error if one is missing.

    Raises KeysError: KEY_FILE_*, KEY_CERTIFICATE_MISMATCH, HSM_*.
    """
    if not (arguments.certificate and arguments.password_file):
        parser.error("--certificate and --password-file are needed to sign")
    certificate = read_bytes(arguments.certificate)
    if arguments.hsm_module:
        if not (arguments.hsm_token and arguments.hsm_label):
            parser.error("--hsm-module goes with --hsm-token and --hsm-label")
        # here, so that a machine without an HSM needs no PKCS#11 library
        from keys.pkcs11_signer import Pkcs11Signer, Pkcs11Token

        pin = read_password(arguments.password_file, shortest=PIN_LENGTH)
        token = Pkcs11Token(arguments.hsm_module, arguments.hsm_token, pin)
        with naming(arguments.certificate):
            return Pkcs11Signer(token, arguments.hsm_label, certificate)
    if not arguments.key:
        parser.error("--key or --hsm-module is needed to sign")
    key = load_private_key(arguments.key, read_password(arguments.password_file))
    with naming(arguments.certificate):
        return FileSigner(key, certificate)
