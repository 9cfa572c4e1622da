"""`python -m issuer`: from a facility's dose list to certificates, one subcommand a step.

Exit code 0: done; 1: refused (one line on stderr: CODE: what happened (where): what to do); 2: usage; 130: interrupted.
"""

import argparse
import gc
import importlib
import os
import sys
from collections.abc import Sequence
from typing import Any, Final

from sqlalchemy.exc import DBAPIError

from issuer.commands import COMMANDS
from issuer.commands.context import from_machine
from issuer.errors import Code, IssuerError
from keys.errors import KeysError, Language
from keys.own_packages import require_own_packages

__all__ = ["main", "parser"]

_LANGUAGES: Final[tuple[Language, ...]] = ("en", "vi")


class _Parser(argparse.ArgumentParser):
    """A parser, of the whole line or of a subcommand, that takes the common options at its place in the line."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        absent = argparse.SUPPRESS  # so that the inner parser does not wipe out what the outer one read
        self.add_argument("--database", metavar="URL", default=absent, help="or HOCHIEU_DATABASE; else a file here")
        self.add_argument("--actor", metavar="NAME", default=absent, help="who acts, for the audit log; else the user")
        language = "of refusals; or HOCHIEU_LANGUAGE; else en"
        self.add_argument("--language", choices=_LANGUAGES, default=absent, help=language)


class _Commands(argparse._SubParsersAction):  # type: ignore[type-arg]  # generic for type checkers alone
    """Subcommands that are loaded when they are given; until then each is a name and a line of help."""

    def __call__(self, parser: Any, namespace: Any, values: Any, option_string: str | None = None) -> None:
        """Put the whole parser of the chosen command in place of its line, and go on with it."""
        name = values[0]
        del self._name_parser_map[name]
        importlib.import_module(f"issuer.commands.{name.replace('-', '_')}").add_parser(self)
        super().__call__(parser, namespace, values, option_string)


def parser() -> argparse.ArgumentParser:
    """The whole command line: every command of `issuer.commands`."""
    whole = _Parser(prog="python -m issuer", description=(__doc__ or "").splitlines()[0])
    whole.set_defaults(database=None, actor=None, language=None)
    subparsers = whole.add_subparsers(dest="command", required=True, metavar="COMMAND", action=_Commands)
    for name, line in COMMANDS.items():
        subparsers.add_parser(name, help=line)
    return whole


def main(argv: Sequence[str] | None = None) -> int:
    """Run one subcommand and return its exit code."""
    whole = parser()
    arguments = whole.parse_args(argv)
    language = arguments.language or os.environ.get("HOCHIEU_LANGUAGE") or "en"
    if language not in _LANGUAGES:
        whole.error(f"HOCHIEU_LANGUAGE is one of {', '.join(_LANGUAGES)}")
    try:
        require_own_packages()
        run = arguments.run
        code: int = run(arguments, from_machine(arguments.database, arguments.actor, language))
        return code
    except (IssuerError, KeysError) as error:
        sys.stderr.write(f"{error.words(language)}\n")
        return 1
    except DBAPIError as error:
        # full disk, lost server, a lock held too long: the kind of fault, never the values that were to be stored
        refusal = IssuerError(Code.DATABASE_REFUSED, type(error.orig).__name__)
        sys.stderr.write(f"{refusal.words(language)}\n")
        return 1
    except BrokenPipeError:
        sys.stderr.close()  # the reader went away (`| head`); nothing is left to say
        return 1
    except KeyboardInterrupt:
        sys.stderr.write("interrupted; run the same command again, it goes on where it stopped\n")
        return 130


if __name__ == "__main__":
    # chunks of rows are garbage without cycles: looking for cycles among them took a quarter of the time of cleaning
    gc.freeze()
    gc.set_threshold(100_000, 50, 100)
    sys.exit(main())
