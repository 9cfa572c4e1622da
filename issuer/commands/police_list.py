"""`police-list FILE`, `police-list sign FILE`, `police-list list`: corrections that the commune police signed."""

import argparse
from functools import partial
from pathlib import Path

from issuer.commands.context import Context, Subparsers, print_counts
from issuer.commands.files import (
    add_authority_argument,
    add_signer_arguments,
    authorities_of,
    public_of,
    read_bytes,
    signer_of,
)
from issuer.errors import Code, IssuerError, Where
from issuer.police.refusal import Refusal
from issuer.police.signed_list import sign_list, verify_list
from issuer.police.take_list import archived_lists, take_list

__all__ = ["add_parser", "run"]

_ACTIONS = ("take", "sign", "list")


def add_parser(subparsers: "Subparsers[argparse.ArgumentParser]") -> None:
    """Describe the subcommand."""
    parser = subparsers.add_parser(
        "police-list",
        help="correct persons by a list that the commune police signed; it creates no doses",
        usage="%(prog)s [take] FILE --commune CODE --signed-by CERT --signature FILE\n"
        "       %(prog)s sign FILE --commune CODE --signature FILE (--key FILE | --hsm-module FILE ...) "
        "--certificate FILE --password-file FILE\n"
        "       %(prog)s list",
    )
    parser.add_argument("words", nargs="+", metavar="[take|sign|list] FILE", help=".xlsx or .csv")
    parser.add_argument("--commune", metavar="CODE", help="whose records it corrects")
    parser.add_argument("--signature", type=Path, metavar="FILE", help="the signature, made by `sign`")
    parser.add_argument(
        "--signed-by", type=Path, metavar="CERT", help="certificate of the commune's police, PEM or DER"
    )
    add_signer_arguments(parser)
    add_authority_argument(parser, "who must have issued that certificate; may be repeated")
    parser.set_defaults(run=partial(run, parser=parser))


def run(arguments: argparse.Namespace, context: Context, parser: argparse.ArgumentParser) -> int:
    """Take, sign or list."""
    words = list(arguments.words)
    action = words.pop(0) if words[0] in _ACTIONS else "take"
    if action == "list" and not words:
        return _list(context)
    if len(words) != 1 or action == "list":
        parser.error("one FILE")
    if not (arguments.commune and arguments.signature):
        parser.error("--commune and --signature are needed")
    if action == "take" and not arguments.signed_by:
        parser.error("--signed-by is needed")
    path = Path(words[0])
    return (_sign if action == "sign" else _take)(arguments, context, parser, path)


def _sign(arguments: argparse.Namespace, context: Context, parser: argparse.ArgumentParser, path: Path) -> int:
    signer = signer_of(arguments, parser)
    signature = sign_list(read_bytes(path), arguments.commune, signer, now=context.now())
    try:
        with arguments.signature.open("xb") as stream:
            stream.write(signature)
    except OSError as error:
        raise IssuerError(Code.OUTPUT_REFUSED, error.strerror or "", Where(str(arguments.signature))) from error
    context.out.write(f"signed: {path.name} for commune {arguments.commune}, {arguments.signature}\n")
    return 0


def _take(arguments: argparse.Namespace, context: Context, parser: argparse.ArgumentParser, path: Path) -> int:
    now = context.now()
    signed = verify_list(
        read_bytes(path),
        arguments.commune,
        read_bytes(arguments.signature),
        public_of(arguments.signed_by).der,
        now=now,
        authorities=authorities_of(arguments.facility_authority),
    )
    taken = take_list(context.engine, signed, path.name, now=now, actor=context.actor)
    if taken.already:
        context.out.write(f"taken before as list {taken.list_id}; nothing changed\n")
    for one in taken.fates:
        if one.fate == "refused":
            why = Refusal[one.code]
            place = ", ".join(filter(None, (one.sheet and f"sheet {one.sheet}", f"row {one.row_no}")))
            column = f", column {one.column}" if one.column else ""
            context.out.write(f"{one.code}: {why.vi} / {why.en} ({path.name}, {place}{column})\n")
    print_counts(context.out, "rows of the list", len(taken.fates), taken.counts())
    context.out.write(f"records corrected and linked again: {taken.records:,}\n")
    return 0


def _list(context: Context) -> int:
    broken = 0
    for one, whole, fates, states in archived_lists(context.engine):
        broken += not whole
        told = ", ".join(f"{count:,} {name}" for name, count in sorted({**fates, **states}.items()))
        context.out.write(
            f"{one.list_id} commune {one.commune_code}, signed {one.signed_at}, taken {one.taken_at}: "
            f"{'holds' if whole else 'IS NOT WHAT WAS SIGNED'}; {told}\n"
        )
    if broken:
        raise IssuerError(Code.HANDOVER_BROKEN, f"{broken} police lists")
    return 0
