"""`oracle`: ask the remote oracle about the doses whose number the register here does not know."""

import argparse
import os
import random
import secrets
import ssl
import time
from pathlib import Path

from issuer.commands.context import Context, Subparsers, print_counts
from issuer.commands.recheck import recheck
from issuer.errors import Code, IssuerError
from issuer.oracle.client import Pace
from issuer.oracle.contract import MAX_ROWS
from issuer.oracle.run import Limits, World, ask_oracle
from issuer.oracle.transport import HttpTransport

__all__ = ["add_parser", "run"]

_PASSWORD = "HOCHIEU_ORACLE_KEY_PASSWORD"  # noqa: S105 - the name of a variable


def add_parser(subparsers: "Subparsers[argparse.ArgumentParser]") -> None:
    """Describe the subcommand."""
    parser = subparsers.add_parser("oracle", help="ask the remote oracle about numbers that the register does not know")
    parser.add_argument("--url", required=True, help="https://HOST/PATH of the oracle")
    parser.add_argument("--ca", type=Path, metavar="FILE", help="PEM of the authority of its certificate")
    parser.add_argument("--certificate", type=Path, metavar="FILE", help="PEM by which it knows us")
    parser.add_argument(
        "--key", type=Path, metavar="FILE", help=f"PEM of its private key; {_PASSWORD} holds the password"
    )
    parser.add_argument(
        "--batch", type=int, default=500, metavar="N", help=f"rows of a batch (500, at most {MAX_ROWS})"
    )
    parser.add_argument("--per-minute", type=float, default=12.0, metavar="N", help="requests in a minute (12)")
    parser.add_argument("--most", type=int, metavar="N", help="questions of this run; else all")
    parser.add_argument("--timeout", type=float, default=60.0, metavar="SECONDS", help="of one answer (60)")
    parser.add_argument("--threads", type=int, default=2, metavar="N", help="threads of the re-check (2)")
    parser.add_argument("--memory", default="2GB", metavar="SIZE", help="memory of the re-check (2GB)")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace, context: Context) -> int:
    """Ask, keep the answers, re-check the doses of whom the oracle confirmed, and print the counts."""
    if not 0 < arguments.batch <= MAX_ROWS or arguments.per_minute <= 0 or arguments.timeout <= 0:
        raise IssuerError(Code.CONFIG_REFUSED, f"--batch is 1 to {MAX_ROWS}, --per-minute and --timeout above 0")
    world = World(
        HttpTransport(arguments.url, tls=_tls(arguments), timeout=arguments.timeout),
        Pace(arguments.per_minute, clock=time.monotonic, sleep=time.sleep),
        context.now,
        random.SystemRandom().random,
        lambda: secrets.token_hex(16),
    )
    with context.progress("questions") as progress:
        counts = ask_oracle(
            context.engine,
            world,
            actor=context.actor,
            limits=Limits(arguments.batch),
            most=arguments.most,
            progress=progress,
        )
    print_counts(context.out, "questions answered", counts.right + counts.wrong, {
        "right (đúng)": counts.right,
        "wrong (sai)": counts.wrong,
    })  # fmt: skip
    print_counts(context.out, "doses not asked about", counts.same_question + counts.limited, {
        "another record asked the same": counts.same_question,
        "too many questions about the record or the number": counts.limited,
    })  # fmt: skip
    recheck(context, threads=arguments.threads, memory=arguments.memory)
    return 0


def _tls(arguments: argparse.Namespace) -> ssl.SSLContext:
    try:
        tls = ssl.create_default_context(cafile=arguments.ca)
        if arguments.certificate:
            tls.load_cert_chain(arguments.certificate, arguments.key, lambda: os.environ.get(_PASSWORD, ""))
    except (OSError, ssl.SSLError) as error:
        raise IssuerError(Code.CONFIG_REFUSED, "--ca, --certificate or --key cannot be read") from error
    return tls
