"""`python -m verifier check`: one code from the command line, or a stream of them on standard input."""

import argparse
import json
import sys
from collections.abc import Sequence
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, BinaryIO, NoReturn, TextIO

from keys.epoch_keys import BUNDLE_FILE, EpochKeys, load_device_key
from keys.errors import KeysError
from keys.secret_files import read_password
from keys.trust_list import ANCHOR_FILE, TrustedKey, TrustList
from specs.verdicts import Outcome
from verifier.card import MAX_TEXT
from verifier.check import check
from verifier.instants import instant
from verifier.jsonl import check_lines
from verifier.output import OutputRefusedError, deliver, let_go_of_output
from verifier.request import Request
from verifier.screen import words

EXIT = {Outcome.VALID: 0, Outcome.INVALID: 1, Outcome.CANNOT_TELL: 2}
USAGE = 3
INTERRUPTED = 130
_FROM_STDIN = "-"


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        self.print_usage(sys.stderr)
        _stop(f"USAGE: {message}: see python -m verifier check --help")

    def print_help(self, file: Any = None) -> None:
        deliver(_binary(sys.stdout, "output"), self.format_help().encode())


def _stop(message: str) -> NoReturn:
    _say(message)
    raise SystemExit(USAGE)


def _say(message: str) -> None:
    if sys.stderr is not None:
        with suppress(OSError):  # errors that nobody can read change nothing
            sys.stderr.write(message + "\n")


def _binary(stream: TextIO | None, name: str) -> BinaryIO:
    """The bytes beneath a standard stream, which is None where the caller closed it."""
    if stream is None:
        _stop(f"USAGE: standard {name} is closed: open it, or name a file for it")
    return stream.buffer


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(prog="python -m verifier", description="Checks EU DCC and WHO GDHCN certificates (HC1).")
    commands = parser.add_subparsers(dest="command", required=True, parser_class=_Parser)
    command = commands.add_parser(
        "check",
        help="give the verdict on a code",
        description="Exit code: 0 valid, 1 not valid, 2 cannot tell, 3 no verdict given (wrong usage, or an output "
        "that is full, closed or gone), 130 interrupted; with --jsonl 0 whatever the verdicts.",
    )
    what = command.add_mutually_exclusive_group(required=True)
    what.add_argument("text", nargs="?", metavar="TEXT", help='the text of the code, beginning with "HC1:"')
    what.add_argument("--image", type=Path, metavar="FILE", help="a picture of the code: PNG, JPEG, WebP, GIF, BMP")
    what.add_argument("--jsonl", action="store_true", help="one JSON request a line on stdin, one verdict a line")
    command.add_argument("--trust", type=Path, metavar="FILE|DIR", help="a signed trust list, anchor.pem beside it")
    command.add_argument(
        "--dsc",
        type=Path,
        action="append",
        default=[],
        metavar="FILE",
        help="a signer's certificate, PEM or DER, trusted as it is; may be repeated",
    )
    command.add_argument("--at", type=_moment, metavar="ISO-8601", help="check for this moment instead of now")
    command.add_argument("--json", action="store_true", help="print the JSON verdict")
    command.add_argument(
        "--card",
        metavar="TEXT|-",
        help="the ID card's QR text, its MRZ, or its number; - reads it from standard input, where no list of "
        "processes and no shell history shows it",
    )
    command.add_argument(
        "--device-key", type=Path, metavar="FILE", help="this device's key: opens epoch-keys.json beside the trust list"
    )
    command.add_argument("--password-file", type=Path, metavar="FILE", help="the password of the device's key")
    return parser


def _moment(text: str) -> datetime:
    try:
        return instant(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(f"{error}; write it like 2021-11-22T08:00:00Z") from error


def _trust(trust: Path | None, certificates: Sequence[Path]) -> TrustList | None:
    if trust is None and not certificates:
        return None
    listed = TrustList([]) if trust is None else TrustList.load(trust)
    return TrustList((*listed.keys, *(_certificate(path) for path in certificates)), listed.publication)


def _certificate(path: Path) -> TrustedKey:
    try:
        return TrustedKey.of_certificate(path.read_bytes())
    except KeysError as error:
        _stop(f"{error} [{path}]")


def _epoch_keys(trust: Path | None, device_key: Path | None, password: Path | None) -> EpochKeys | None:
    if device_key is None:
        return None
    if trust is None or password is None:
        _stop("USAGE: --device-key needs --trust and --password-file: name both")
    folder = trust if trust.is_dir() else trust.parent
    key = load_device_key(device_key, read_password(password))
    return EpochKeys.open((folder / BUNDLE_FILE).read_bytes(), (folder / ANCHOR_FILE).read_bytes(), key)


def _card(given: str | None) -> str | None:
    """The text of the card; the MRZ's three lines may stay lines."""
    if given != _FROM_STDIN:
        return given
    read = _binary(sys.stdin, "input").read(4 * MAX_TEXT + 1)  # UTF-8 takes at most four bytes a character
    return read.decode("utf-8", "replace")


def _clock() -> datetime:
    return datetime.now(UTC)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line; return its exit code."""
    try:
        return _run(_parser().parse_args(arguments))
    except OutputRefusedError as refusal:
        let_go_of_output()
        if not refusal.reader_is_gone:
            _say(f"OUTPUT_REFUSED: {refusal} (standard output): make room, or send it elsewhere")
        return USAGE
    except KeyboardInterrupt:
        let_go_of_output()
        return INTERRUPTED


def _run(options: argparse.Namespace) -> int:
    sink = _binary(sys.stdout, "output")
    if options.jsonl and options.card is not None:
        _stop("USAGE: --card goes with one code, not with --jsonl: check that code alone")
    try:
        trust = _trust(options.trust, options.dsc)
        if options.jsonl:
            check_lines(_binary(sys.stdin, "input"), sink, trust, _clock)
            return 0
        epoch_keys = _epoch_keys(options.trust, options.device_key, options.password_file)
        image = None if options.image is None else options.image.read_bytes()
        card = _card(options.card)
    except KeysError as error:
        _stop(str(error))
    except OSError as error:
        where = error.filename or "standard input"
        _stop(f"FILE_UNREADABLE: {error.strerror} ({where}): check the path and its permissions")
    request = Request(text=options.text, image=image, at=options.at, card=card)
    verdict = check(request, trust, now=_clock(), epoch_keys=epoch_keys)
    if options.json:
        answer = json.dumps(verdict.to_json(), ensure_ascii=False, allow_nan=False, indent=2) + "\n"
    else:
        answer = words(verdict)
    deliver(sink, answer.encode("utf-8", "backslashreplace"))
    return EXIT[verdict.outcome]


if __name__ == "__main__":
    sys.exit(main())
