"""`results FOLDER`: every dose list as it goes back to its sender."""

import argparse
import hashlib
from pathlib import Path

from issuer.commands.context import Context, Subparsers, print_counts
from issuer.commands.files import read_bytes
from issuer.errors import Code, IssuerError, Where
from issuer.regular_file import digest_of
from issuer.results.on_original import write_on_original
from issuer.results.plain import result_name, write_result
from issuer.store import result_store
from issuer.store.engine import reading

__all__ = ["add_parser", "run"]


def add_parser(subparsers: "Subparsers[argparse.ArgumentParser]") -> None:
    """Describe the subcommand."""
    parser = subparsers.add_parser("results", help="the dose lists back to their senders, faulty cells coloured")
    parser.add_argument("folder", type=Path, metavar="FOLDER", help="where to write NAME.ket-qua.xlsx")
    parser.add_argument(
        "--originals",
        type=Path,
        metavar="FOLDER",
        help="where the lists lie as they came: each .xlsx goes back as the same workbook, found by its SHA-256",
    )
    parser.add_argument("--file", metavar="NAME", help="only the list of this name")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace, context: Context) -> int:
    """Write the results and print how many rows each has."""
    try:
        arguments.folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise IssuerError(Code.OUTPUT_REFUSED, error.strerror or "", Where(str(arguments.folder))) from error
    originals = _originals(arguments.originals)
    upon = 0
    with reading(context.engine) as connection:
        files = result_store.files(connection, arguments.file)
        if arguments.file and not files:
            raise IssuerError(Code.FILE_MISSING, where=Where(arguments.file))
        names: dict[str, int] = {}
        rows = 0
        with context.progress("files", len(files)) as progress:
            for file in files:
                names[file.name] = names.get(file.name, 0) + 1
                # two lists of one name: the later ones carry their number in the register
                name = file.name if names[file.name] == 1 else f"{file.file_id}-{file.name}"
                path = arguments.folder / result_name(name)
                original = read_bytes(originals[file.sha256]) if file.sha256 in originals else b""
                written = None
                if hashlib.sha256(original).hexdigest() == file.sha256:  # also if it changed since it was found
                    written = write_on_original(connection, file.file_id, original, path)
                upon += written is not None
                rows += write_result(connection, file.file_id, path) if written is None else written
                progress(1)
    print_counts(context.out, "rows sent back", rows, {f"in {len(files):,} files": rows})
    if arguments.originals:
        context.out.write(f"upon the workbooks as they came: {upon:,}; built anew: {len(files) - upon:,}\n")
    return 0


def _originals(folder: Path | None) -> dict[str, Path]:
    """The .xlsx files in a folder and those below it, by SHA-256."""
    if folder is None:
        return {}
    if not folder.is_dir():
        raise IssuerError(Code.FILE_MISSING, "no folder", Where(str(folder)))
    found: dict[str, Path] = {}
    for path in sorted(folder.rglob("*")):
        if path.suffix.lower() == ".xlsx" and path.is_file():
            found[digest_of(path)] = path
    return found
