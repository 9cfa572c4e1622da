"""`certificate show UVCI`: where one certificate stands; says nothing of its holder."""

import argparse
from datetime import UTC, datetime

from issuer.commands.context import Context, Subparsers
from issuer.errors import Code, IssuerError
from issuer.store.certificate_store import by_uvci
from issuer.store.engine import reading

__all__ = ["add_parser", "run"]


def add_parser(subparsers: "Subparsers[argparse.ArgumentParser]") -> None:
    """Describe the subcommand."""
    parser = subparsers.add_parser("certificate", help="one certificate")
    actions = parser.add_subparsers(dest="action", required=True)
    show = actions.add_parser("show", help="its state, times, signer and place in the status list")
    show.add_argument("uvci", metavar="UVCI")
    show.add_argument("--text", action="store_true", help="the HC1 text too (it holds name and birth date)")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace, context: Context) -> int:
    """Print what is stored."""
    with reading(context.engine) as connection:
        found = by_uvci(connection, arguments.uvci.strip().upper())
    if found is None:
        raise IssuerError(Code.CERTIFICATE_UNKNOWN)
    facts = {
        "uvci": found.uvci,
        "state": found.state,
        "issued": datetime.fromtimestamp(found.issued_at, UTC).isoformat(),
        "expires": datetime.fromtimestamp(found.expires_at, UTC).isoformat(),
        "signer": found.kid.hex(),
        "status index": found.status_index,
        "attestation": found.attestation_id,
        "dose": found.dose_id,
    }
    for name, value in facts.items():
        context.out.write(f"{name + ':':<14}{value}\n")
    if arguments.text and found.text:
        context.out.write(f"{found.text}\n")
    return 0
