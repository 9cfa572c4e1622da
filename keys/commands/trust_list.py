"""`trust-list build|show|check`."""

import argparse
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path

from keys.certificate_facts import read_certificate
from keys.commands.common import Subparsers, Table, add_anchor, add_at, anchor_of, moment_of
from keys.commands.imports import read_entries
from keys.errors import Code, KeysError
from keys.secret_files import write_new
from keys.trust_list import PRODUCTION, TEST, Publication, TrustedKey, TrustList
from keys.trust_list_publish import Entry, publish


def add_parser(subparsers: Subparsers) -> None:
    """`trust-list build`, `show`, `check`."""
    whole = subparsers.add_parser("trust-list", help="the signed list of document signers (specs/trust-list.md)")
    actions = whole.add_subparsers(dest="action", required=True, metavar="ACTION")
    build = actions.add_parser("build", help="sign the next list: the previous one, plus additions, less withdrawals")
    build.add_argument("--previous", type=Path, metavar="LIST", help="the list to go on from, its anchor beside it")
    build.add_argument("--add", type=Path, action="append", default=[], metavar="FILE", help="what `import` wrote")
    build.add_argument("--withdraw", action="append", default=[], metavar="KID", help="a key id (hex) to leave out")
    build.add_argument("--days", type=int, default=30, metavar="N", help="how long the list is valid (30)")
    build.add_argument("--output", type=Path, required=True, metavar="FILE", help="the new list; never overwritten")
    add_at(build)
    add_anchor(build)
    build.set_defaults(run=run_build)
    show = actions.add_parser("show", help="the keys of a list")
    show.add_argument("list", type=Path, metavar="LIST", help="the list, or its folder; anchor.pem lies beside it")
    show.add_argument("--country", metavar="CC", help="this country alone")
    show.set_defaults(run=run_show)
    check = actions.add_parser("check", help="exit 0 if the list is signed by its anchor, current and not older")
    check.add_argument("list", type=Path, metavar="LIST", help="the list, or its folder; anchor.pem lies beside it")
    check.add_argument("--newest", type=int, default=0, metavar="N", help="the highest sequence seen before")
    add_at(check)
    check.set_defaults(run=run_check)


def run_build(arguments: argparse.Namespace) -> Sequence[str]:
    """Sign the next list."""
    anchor = anchor_of(arguments)
    issued = moment_of(arguments).replace(microsecond=0)
    previous = TrustList.load(arguments.previous) if arguments.previous is not None else TrustList(())
    sequence = 1 if previous.publication is None else previous.publication.sequence + 1
    withdrawn = {_kid(text, previous) for text in arguments.withdraw}
    kept = [Entry(key.der, key.country) for key in previous.keys if key.country and key.kid not in withdrawn]
    added = [entry for path in arguments.add for entry in read_entries(path)]
    environment = TEST if read_certificate(anchor.certificate().der).is_test else PRODUCTION
    publication = Publication(environment, sequence, issued, issued + timedelta(days=arguments.days))
    signed = publish([*kept, *added], publication, anchor)
    write_new(arguments.output, signed, secret=False)
    return [
        f"{arguments.output}: list {sequence}, {len(kept)} keys kept, {len(added)} added, {len(withdrawn)} withdrawn"
    ]


def run_show(arguments: argparse.Namespace) -> Sequence[str]:
    """A line a key."""
    trusted = TrustList.load(arguments.list)
    keys = [key for key in trusted.keys if arguments.country in (None, key.country)]
    table = Table(("country", "kid", "algorithm", "may sign", "valid from", "to"), [_row(key) for key in keys])
    return [*_heading(trusted), *table.lines()]


def run_check(arguments: argparse.Namespace) -> Sequence[str]:
    """Refuse a list that is not to be used now."""
    trusted = TrustList.load(arguments.list)
    trusted.require_current(moment_of(arguments))
    trusted.require_not_older(arguments.newest)
    return _heading(trusted)


def _heading(trusted: TrustList) -> list[str]:
    said = trusted.publication
    if said is None:
        return [f"{len(trusted.keys)} keys"]
    life = f"issued {said.issued.isoformat()}, expires {said.expires.isoformat()}"
    return [f"{said.environment} list {said.sequence}, {life}, {len(trusted.keys)} keys"]


def _row(key: TrustedKey) -> tuple[str, ...]:
    kinds = "any" if key.key_usage is None else ", ".join(sorted(key.key_usage))
    algorithm = "none" if key.algorithm is None else key.algorithm.name
    days = (f"{moment:%Y-%m-%d}" for moment in (key.not_before, key.not_after))
    return (key.country or "any", key.kid.hex(), algorithm, kinds, *days)


def _kid(text: str, previous: TrustList) -> bytes:
    try:
        kid = bytes.fromhex(text)
    except ValueError:
        kid = b""
    if not previous.find(kid):
        raise KeysError(Code.KEY_UNKNOWN, f"--withdraw {text}")
    return kid
