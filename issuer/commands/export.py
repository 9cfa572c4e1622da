"""`export`: the signed certificates as JSON lines, `{"uvci": ..., "text": "HC1:..."}`, in the order they were made."""

import argparse
import json
from collections.abc import Callable
from pathlib import Path

from issuer.commands.context import Context, Subparsers
from issuer.errors import Code, IssuerError, Where
from issuer.store.certificate_store import count_signed, signed
from issuer.store.engine import reading

__all__ = ["add_parser", "run"]


def add_parser(subparsers: "Subparsers[argparse.ArgumentParser]") -> None:
    """Describe the subcommand."""
    parser = subparsers.add_parser("export", help="the signed certificates as JSON lines (personal data)")
    parser.add_argument("--out", type=Path, metavar="FILE", help="written whole or not at all; else standard output")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace, context: Context) -> int:
    """Write every signed certificate."""
    path: Path | None = arguments.out
    if path is None:
        _write(context, context.out.write)
        return 0
    part = path.with_name(f".{path.name}.part")
    try:
        with part.open("w", encoding="utf-8") as stream:
            part.chmod(0o600)
            count = _write(context, stream.write)
        part.replace(path)
    except OSError as error:
        raise IssuerError(Code.OUTPUT_REFUSED, error.strerror or "", Where(str(path))) from error
    finally:
        part.unlink(missing_ok=True)
    context.out.write(f"certificates exported: {count:,}\n")
    return 0


def _write(context: Context, write: Callable[[str], int]) -> int:
    count = 0
    with reading(context.engine) as connection, context.progress("export", count_signed(connection)) as progress:
        for chunk in signed(connection):
            for each in chunk:
                write(json.dumps({"uvci": each.uvci, "text": each.text}) + "\n")
            count += len(chunk)
            progress(len(chunk))
    return count
