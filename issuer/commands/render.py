"""`render FOLDER`: a file for each signed certificate; run again, it writes only what is new or has changed."""

import argparse
import os
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import sqlalchemy as sa

from issuer.commands.context import Context, Subparsers, print_counts
from issuer.errors import Code, IssuerError
from issuer.render.files import Kind, render_into
from issuer.render.pdf.of_certificate import page_as_signed
from issuer.render.pdf.page import CertificatePage
from issuer.store.engine import reading
from issuer.store.page_store import count_signed, signed_after

__all__ = ["add_parser", "run"]

_WINDOW = 1000  # certificates read at a time; no transaction stays open while pages are set


def add_parser(subparsers: "Subparsers[argparse.ArgumentParser]") -> None:
    """Describe the subcommand."""
    parser = subparsers.add_parser("render", help="PDFs or QR pictures of the signed certificates, into a folder")
    parser.add_argument("folder", type=Path)
    parser.add_argument(
        "--kind", type=Kind, choices=list(Kind), action="append", help="pdf (default), png, svg; may be repeated"
    )
    parser.add_argument("--facility", metavar="CODE", help="only certificates for doses of this facility")
    parser.add_argument("--portal", default="", metavar="ADDRESS", help="printed: where to verify and report mistakes")
    parser.add_argument("--processes", type=int, default=os.cpu_count() or 1, metavar="N", help="default: all cores")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace, context: Context) -> int:
    """Write the files and print what became of the certificates; 1 if one of them has no file."""
    with reading(context.engine) as connection:
        total = count_signed(connection, arguments.facility)
    code = 0
    for kind in arguments.kind or [Kind.PDF]:
        unreadable: Counter[Code] = Counter()
        with context.progress(str(kind), total) as progress:
            counts = render_into(
                arguments.folder,
                _pages(context.engine, arguments.facility, unreadable),
                kind,
                processes=arguments.processes,
                portal=arguments.portal,
                advance=progress,
            )
        refused = counts.refused + unreadable
        reasons = {IssuerError(reason).words(context.language): n for reason, n in refused.items()}
        parts = {"written": counts.written, "unchanged": counts.unchanged} | reasons
        print_counts(context.out, f"{kind} files in {arguments.folder}", sum(parts.values()), parts)
        code |= bool(refused)
    return code


def _pages(engine: sa.Engine, facility: str | None, unreadable: Counter[Code]) -> Iterator[CertificatePage]:
    after = -1
    while True:
        with reading(engine) as connection:
            window = signed_after(connection, after, _WINDOW, facility)
        if not window:
            return
        for each in window:
            try:
                page = page_as_signed(each.text, each.nationality, claims=each.claims, kid=each.kid, uvci=each.uvci)
            except IssuerError as refusal:
                unreadable[refusal.code] += 1
            else:
                yield page
        after = window[-1].certificate_id
