"""`python -m keys`: ceremonies, certificates, trust lists, mask keys; offline, and asking nothing.

Exit code 0: done; 1: refused (one line on stderr: CODE: what happened (which): what to do); 2: usage.
"""

import argparse
import sys
from collections.abc import Sequence

from keys.commands import ceremony, epoch, imports, inspect, inventory, trust_list
from keys.errors import KeysError
from keys.own_packages import require_own_packages

__all__ = ["main", "parser"]

_COMMANDS = (ceremony, inspect, trust_list, imports, inventory, epoch)


def parser() -> argparse.ArgumentParser:
    """The whole command line."""
    whole = argparse.ArgumentParser(prog="python -m keys", description=(__doc__ or "").splitlines()[0])
    whole.add_argument("--language", choices=("en", "vi"), default="en", help="of error messages (en)")
    subparsers = whole.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for command in _COMMANDS:
        command.add_parser(subparsers)
    return whole


def main(argv: Sequence[str] | None = None) -> int:
    """Run one subcommand and return its exit code."""
    arguments = parser().parse_args(argv)
    try:
        require_own_packages()
        lines: Sequence[str] = arguments.run(arguments)
    except KeysError as error:
        sys.stderr.write(f"{error.words(arguments.language)}\n")
        return 1
    try:
        sys.stdout.write("".join(f"{line}\n" for line in lines))
        sys.stdout.flush()
    except BrokenPipeError:
        sys.stderr.close()  # the reader went away (`| head`); the work is done
    return 0


if __name__ == "__main__":
    sys.exit(main())
