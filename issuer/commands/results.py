"""`results FOLDER`: every dose list as it goes back to its sender."""

import argparse
from pathlib import Path

from issuer.commands.context import Context, Subparsers, print_counts
from issuer.errors import Code, IssuerError, Where
from issuer.results import result_name, write_result
from issuer.store import result_store
from issuer.store.engine import reading

__all__ = ["add_parser", "run"]


def add_parser(subparsers: "Subparsers[argparse.ArgumentParser]") -> None:
    """Describe the subcommand."""
    parser = subparsers.add_parser("results", help="the dose lists back to their senders, faulty cells coloured")
    parser.add_argument("folder", type=Path, help="where to write NAME.ket-qua.xlsx")
    parser.add_argument("--file", metavar="NAME", help="only the list of this name")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace, context: Context) -> int:
    """Write the results and print how many rows each has."""
    try:
        arguments.folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise IssuerError(Code.OUTPUT_REFUSED, error.strerror or "", Where(str(arguments.folder))) from error
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
                rows += write_result(connection, file.file_id, arguments.folder / result_name(name))
                progress(1)
    print_counts(context.out, "rows sent back", rows, {f"in {len(files):,} files": rows})
    return 0
