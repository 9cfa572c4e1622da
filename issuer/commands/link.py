"""`link`: find the person of every cleaned dose."""

import argparse
import re
from pathlib import Path

from issuer.commands.context import Context, Subparsers, print_counts
from issuer.commands.files import read_bytes
from issuer.commands.recheck import follow
from issuer.errors import Code, IssuerError, Where
from issuer.link.run import estimate_weights, link_doses
from issuer.link.weights import Weights, shipped_weights, weights_of, weights_text

__all__ = ["add_parser", "run"]


def add_parser(subparsers: "Subparsers[argparse.ArgumentParser]") -> None:
    """Describe the subcommand."""
    parser = subparsers.add_parser("link", help="find the person of every cleaned dose; re-check what changed")
    parser.add_argument("--threads", type=_threads, default=2, metavar="N", help="threads of the comparison (2)")
    parser.add_argument(
        "--memory", type=_memory, default="2GB", metavar="SIZE", help="memory of the comparison (2GB); then it spills"
    )
    parser.add_argument("--weights", type=Path, metavar="FILE", help="weights for ranking other than the shipped ones")
    parser.add_argument(
        "--estimate", action="store_true", help="link nothing; print the weights that this register gives, as JSON"
    )
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace, context: Context) -> int:
    """Link and print the classes."""
    weights = None if arguments.weights is None else _weights(arguments.weights)
    if arguments.estimate:
        found = estimate_weights(
            context.engine, start=weights, threads=arguments.threads, memory=arguments.memory
        ).weights(weights or shipped_weights())
        context.out.write(weights_text(found))
        return 0
    with context.progress("doses") as progress:
        linked = link_doses(
            context.engine,
            now=context.now(),
            actor=context.actor,
            weights=weights,
            threads=arguments.threads,
            memory=arguments.memory,
            progress=progress,
        )
    print_counts(context.out, "doses linked", linked.looked_at, {one.value: n for one, n in linked.classes.items()})
    context.out.write(f"stored anew or changed: {linked.stored:,}\n")
    context.out.write("seconds: {:.1f} reading, {:.1f} comparing, {:.1f} storing\n".format(*linked.seconds))
    follow(context)
    return 0


def _weights(path: Path) -> Weights:
    try:
        return weights_of(read_bytes(path).decode())
    except ValueError as error:
        raise IssuerError(Code.FILE_UNREADABLE, "not a table of weights", Where(str(path))) from error


def _threads(text: str) -> int:
    if not text.isascii() or not text.isdigit() or not 1 <= int(text) <= 1024:
        raise argparse.ArgumentTypeError("a number of threads from 1")
    return int(text)


def _memory(text: str) -> str:
    if re.fullmatch(r"[1-9][0-9]{0,5}(MB|GB)", text) is None:
        raise argparse.ArgumentTypeError("a size looks like 512MB or 2GB")
    return text
