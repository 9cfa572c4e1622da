"""`facility add`, `facility end`: which facilities there are, and who may sign for them."""

import argparse
from datetime import datetime
from pathlib import Path

from issuer.audit import append
from issuer.commands.context import Context, Subparsers
from issuer.commands.files import read_bytes
from issuer.errors import Code, IssuerError, Where
from issuer.store import attestation_store
from issuer.store.engine import writing
from keys.certificates import facility_of
from keys.signer import DocumentSigner

__all__ = ["add_parser", "run"]


def add_parser(subparsers: "Subparsers[argparse.ArgumentParser]") -> None:
    """Describe the subcommand."""
    parser = subparsers.add_parser("facility", help="facilities and their heads")
    actions = parser.add_subparsers(dest="action", required=True)
    add = actions.add_parser("add", help="register a facility, or its next head; said again it changes nothing")
    add.add_argument("--code", required=True, help="as in the dose lists")
    add.add_argument("--name", required=True)
    add.add_argument("--commune", default="", metavar="CODE")
    add.add_argument("--head-certificate", type=Path, metavar="FILE", help="who may sign its doses from now on")
    add.add_argument("--since", type=datetime.fromisoformat, metavar="ISO-8601", help="entitled earlier than now")
    end = actions.add_parser("end", help="a head may sign no longer; what was signed before stands")
    end.add_argument("--code", required=True)
    end.add_argument("--head-certificate", type=Path, required=True, metavar="FILE")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace, context: Context) -> int:
    """Register, or end."""
    file = arguments.head_certificate
    public = DocumentSigner.of_certificate(read_bytes(file)) if file else None
    if public is not None and facility_of(public.der) != arguments.code:
        raise IssuerError(Code.HEAD_CERTIFICATE, f"it is for {facility_of(public.der)}", Where(str(file)))
    now = context.now()
    with writing(context.engine) as connection:
        if arguments.action == "end":
            number = attestation_store.facility_id(connection, arguments.code)
            if number is None:
                raise IssuerError(Code.FACILITY_UNKNOWN, arguments.code)
            assert public is not None, "argparse requires the certificate"  # noqa: S101
            changed = attestation_store.end_head(connection, number, public.kid, int(now.timestamp()))
            action, did = "facility.end", "head may no longer sign" if changed else "was no longer entitled"
        else:
            number, changed = attestation_store.add_facility(
                connection, arguments.code, arguments.name, arguments.commune
            )
            did = "new" if changed else "known"
            if public is not None:
                since = int((arguments.since or now).timestamp())
                head = attestation_store.add_head(connection, number, public.kid, public.der, since)
                changed = changed or head
                did += f", head {public.kid.hex()} {'may sign from now on' if head else 'was registered before'}"
            action = "facility.add"
        if changed:
            append(
                connection,
                now=now,
                actor=context.actor,
                action=action,
                object=f"facility {arguments.code}",
                reason=f"head kid {public.kid.hex()}" if public else "without a head",
            )
    context.out.write(f"facility {arguments.code}: {did}\n")
    return 0
