"""`attest`: a facility head looks at what waits and signs it all at once; `--check` goes back to what was signed."""

import argparse
import os
import sys
from collections.abc import Mapping
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import TextIO

from issuer.attest.batch import attest, prepare
from issuer.attest.recheck import check_attestations
from issuer.attest.summary import Summary
from issuer.commands.context import Context, Subparsers
from issuer.commands.files import add_authority_argument, add_signer_arguments, authorities_of, signer_of
from issuer.config import load_policy
from issuer.errors import Code, IssuerError

__all__ = ["add_parser", "run", "show"]

_SHOWN = 10
_LIMIT_DIGITS = 9  # more doses than that no facility ever gave


def add_parser(subparsers: "Subparsers[argparse.ArgumentParser]") -> None:
    """Describe the subcommand."""
    parser = subparsers.add_parser("attest", help="sign a facility's linked doses, or check what was signed")
    parser.add_argument("--facility", metavar="CODE", help="needed to sign; with --check only its batches")
    add_signer_arguments(parser)
    parser.add_argument("--limit", type=_limit, metavar="N", help="only the first N rows that wait, from 1")
    parser.add_argument("--yes", action="store_true", help="sign without asking (the summary is shown all the same)")
    parser.add_argument("--config", type=Path, metavar="FILE")
    parser.add_argument("--check", action="store_true", help="verify every stored attestation and its records")
    add_authority_argument(parser, "with --check: who must have issued the heads' certificates; may be repeated")
    parser.set_defaults(run=partial(run, parser=parser))


def _limit(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) <= _LIMIT_DIGITS and int(text) >= 1):
        raise argparse.ArgumentTypeError("a whole number from 1")
    return int(text)


def run(arguments: argparse.Namespace, context: Context, parser: argparse.ArgumentParser) -> int:
    """Sign or check."""
    if arguments.check:
        return _check(arguments, context)
    if not arguments.facility:
        parser.error("--facility is needed to sign")
    signer = signer_of(arguments, parser)
    policy = load_policy(arguments.config).attestation
    prepared = prepare(context.engine, arguments.facility, policy, limit=arguments.limit)
    show(context.out, arguments.facility, prepared.summary)
    if prepared.doses and not arguments.yes and not _confirmed(context):
        raise IssuerError(Code.ATTEST_NOT_CONFIRMED, f"facility {arguments.facility}")
    if not prepared.doses and not prepared.summary.left and prepared.summary.attested:
        context.out.write("nothing waits: every linked dose is attested\n")
        return 0
    done = attest(
        context.engine, prepared, signer, now=context.now(), actor=context.actor, policy=policy, random=os.urandom
    )
    context.out.write(f"attested: {done.doses:,} doses, batch {done.batch.hex()}, root {done.root.hex()}\n")
    return 0


def _confirmed(context: Context) -> bool:
    if not sys.stdin.isatty():
        return False
    context.err.write("Ký chứng thực tất cả các mũi tiêm trên? / Sign all of these? [y/N] ")
    context.err.flush()
    return sys.stdin.readline().strip().lower() in ("y", "yes", "c", "có", "co")


def show(out: TextIO, facility: str, summary: Summary) -> None:
    """Write what the head looks at before signing."""
    out.write(f"facility {facility}: {summary.doses:,} doses of {summary.people:,} people wait for its head\n")
    out.write(
        f"  {summary.attested:,} attested before, {summary.blocked:,} blocked by a problem, {summary.left:,} left\n"
    )
    if summary.doses:
        out.write(f"  days: {summary.first_day} to {summary.last_day}")
        out.write(f", most on {summary.busiest_day} ({summary.busiest_count:,})\n")
        _show_counts(out, "products", {name: f"{count:,}" for name, count in summary.products.items()})
        _show_counts(out, "lots", {lot: _of_delivered(lot, count, summary) for lot, count in summary.lots.items()})
    if summary.past_days:
        out.write(f"  past rate: {summary.attested / summary.past_days:,.0f} a day on {summary.past_days:,} days\n")
    if summary.first_handed_in and summary.last_handed_in:
        first, last = (f"{at:%Y-%m-%d %H:%M}" for at in (summary.first_handed_in, summary.last_handed_in))
        out.write(f"  lists handed in: {first}{f' to {last}' if last != first else ''}\n")
    for oddity, count in summary.oddities.items():
        lots = summary.odd_lots.get(oddity, {})
        _show_counts(out, f"look: {count:,} {oddity}", {lot: f"{of_lot:,}" for lot, of_lot in lots.items()})


def _of_delivered(lot: str, count: int, summary: Summary) -> str:
    if lot not in summary.delivered:
        return f"{count:,}"
    return f"{count:,} ({summary.delivered[lot]:,} delivered)"


def _show_counts(out: TextIO, title: str, counts: Mapping[str, str]) -> None:
    shown = [f"{name or '(none)'} {count}" for name, count in list(counts.items())[:_SHOWN]]
    more = f" and {len(counts) - len(shown)} more" if len(counts) > len(shown) else ""
    out.write(f"  {title}{': ' if shown else ''}{', '.join(shown)}{more}\n")


def _check(arguments: argparse.Namespace, context: Context) -> int:
    authorities = authorities_of(arguments.facility_authority) or None
    reports = check_attestations(context.engine, arguments.facility, authorities)
    for report in reports:
        stored = report.stored
        signed = datetime.fromtimestamp(stored.signed_at, UTC).isoformat()
        context.out.write(
            f"batch {stored.batch.hex()} facility {stored.facility} signed {signed} by {stored.head.kid.hex()}: "
            f"{report.fault or 'holds'}; {stored.dose_count:,} doses: {report.same:,} as signed, "
            f"{report.changed:,} changed since, {report.elsewhere:,} attested anew or no longer linked\n"
        )
    broken = sum(report.fault is not None for report in reports)
    context.out.write(f"attestations: {len(reports):,}, {broken:,} broken\n")
    if broken:
        raise IssuerError(Code.ATTESTATION_BROKEN, f"{broken} of {len(reports)}")
    return 0
