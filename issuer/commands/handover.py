"""`handover list`, `sign`, `check`: the lists that the commune police confirmed, signed outside the console."""

import argparse
from functools import partial

from issuer.commands.context import Context, Subparsers
from issuer.commands.files import add_signer_arguments, signer_of
from issuer.errors import Code, IssuerError
from issuer.worklist import handover

__all__ = ["add_parser", "run"]


def add_parser(subparsers: "Subparsers[argparse.ArgumentParser]") -> None:
    """Describe the subcommand."""
    parser = subparsers.add_parser("handover", help="signed lists of what the commune police confirmed")
    actions = parser.add_subparsers(dest="action", required=True)
    actions.add_parser("list", help="every list, and whether it is signed")
    sign = actions.add_parser("sign", help="sign a list with the key of the commune's police")
    sign.add_argument("reference", metavar="REFERENCE", help="as the console and `handover list` show it")
    add_signer_arguments(sign)
    actions.add_parser("check", help="verify every list, its hash and its signature")
    parser.set_defaults(run=partial(run, parser=sign))


def run(arguments: argparse.Namespace, context: Context, parser: argparse.ArgumentParser) -> int:
    """List, sign or check."""
    if arguments.action == "sign":
        signer = signer_of(arguments, parser)
        signed = handover.sign(context.engine, arguments.reference, signer, now=context.now(), actor=context.actor)
        context.out.write(f"signed: {signed.token} commune {signed.commune_code}, {signed.row_count:,} rows\n")
        return 0
    broken = 0
    for found, fault in handover.check(context.engine):
        broken += fault not in ("", "unsigned")
        told = fault or f"holds, signed {found.signed_at}"
        context.out.write(f"{found.token} commune {found.commune_code} {found.row_count:,} rows: {told}\n")
    if broken and arguments.action == "check":
        raise IssuerError(Code.HANDOVER_BROKEN, f"{broken} lists")
    return 0
