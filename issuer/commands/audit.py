"""`audit check`: walk the hash chain of the audit log, and hold the signed certificates against it."""

import argparse

from issuer.audit import Head, check, check_certificates
from issuer.commands.context import Context, Subparsers
from issuer.store.engine import reading

__all__ = ["add_parser", "run"]


def add_parser(subparsers: "Subparsers[argparse.ArgumentParser]") -> None:
    """Describe the subcommand."""
    parser = subparsers.add_parser("audit", help="the audit log")
    actions = parser.add_subparsers(dest="action", required=True)
    checking = actions.add_parser("check", help="walk the whole chain; prints its head, to be written down elsewhere")
    checking.add_argument("--head", type=_head, metavar="NUMBER:HASH", help="a head written down earlier")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace, context: Context) -> int:
    """Check the chain and the certificates, and print the head."""
    with reading(context.engine) as connection:
        head = check(connection, arguments.head)
        check_certificates(connection)
    context.out.write(f"audit log whole: {head.seq} entries, head {head}\n")
    return 0


def _head(text: str) -> Head:
    number, colon, digest = text.partition(":")
    if not (colon and number.isdigit() and len(digest) == 64):
        raise argparse.ArgumentTypeError("a head looks like 12:<64 hexadecimal digits>")
    return Head(int(number), digest)
