"""`import`: other countries' document signers, out of a GDHCN DID document or single certificates."""

import argparse
import base64
import json
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from keys.ceremony_run import read_file
from keys.commands.common import Subparsers, Table
from keys.errors import Code, KeysError
from keys.gdhcn import Imported, import_certificate, import_did_document
from keys.secret_files import write_new
from keys.signed_json import json_object
from keys.trust_list_publish import Entry


def add_parser(subparsers: Subparsers) -> None:
    """`import FILE...`."""
    summary = "read other countries' document signers for `trust-list build --add`; report those that do not chain"
    parser = subparsers.add_parser("import", help=summary, description=summary)
    parser.add_argument("files", type=Path, nargs="+", metavar="FILE", help="one did.json, or certificates (PEM, DER)")
    parser.add_argument("--output", type=Path, metavar="FILE", help="where to write the accepted; never overwritten")
    parser.add_argument("--authority", type=Path, metavar="CERTIFICATE", help="for certificates: their country's CSCA")
    parser.add_argument("--country", metavar="CC", help="for certificates: the issuing country (alpha-2)")
    parser.add_argument(
        "--participant", action="append", default=[], metavar="XXX=XX", help="for did.json: a code outside ISO 3166-1"
    )
    parser.add_argument(
        "--pin",
        type=Path,
        metavar="FILE",
        help="for did.json: SHA-256 (hex, one a line) of the authorities to believe",
    )
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> Sequence[str]:
    """Read, report, and write what was accepted."""
    if arguments.authority is not None or arguments.country is not None:
        entries, lines = _certificates(arguments)
    else:
        entries, lines = _documents(arguments)
    if arguments.output is not None:
        write_new(arguments.output, _dump(entries), secret=False)
        lines.append(f"{arguments.output}: {len(entries)} keys written")
    return lines


def read_entries(path: Path) -> list[Entry]:
    """The entries of a file that `import` wrote. Raises KeysError(TRUST_LIST_FORMAT)."""
    try:
        listed = json_object(read_file(path))["keys"]
        return [Entry(base64.b64decode(entry["x5c"][0], validate=True), entry["country"]) for entry in listed]
    except (LookupError, TypeError, ValueError) as error:
        raise KeysError(Code.TRUST_LIST_FORMAT, f"{path}: not what `import` writes") from error


def _dump(entries: Sequence[Entry]) -> bytes:
    keys = [{"country": entry.country, "x5c": [base64.b64encode(entry.der).decode()]} for entry in entries]
    return json.dumps({"keys": keys}, indent=1).encode() + b"\n"


def _certificates(arguments: argparse.Namespace) -> tuple[list[Entry], list[str]]:
    if arguments.authority is None or arguments.country is None:
        raise KeysError(Code.CERTIFICATE_CHAIN, "certificates need both --authority and --country")
    authority = read_file(arguments.authority)
    entries = [import_certificate(read_file(path), authority, arguments.country) for path in arguments.files]
    return entries, [f"{len(entries)} certificates of {arguments.country} chain to their authority"]


def _documents(arguments: argparse.Namespace) -> tuple[list[Entry], list[str]]:
    participants = dict(_pair(text) for text in arguments.participant)
    pinned = None if arguments.pin is None else _pins(arguments.pin)
    entries: list[Entry] = []
    lines: list[str] = []
    for path in arguments.files:
        imported = import_did_document(read_file(path), participants=participants, pinned=pinned)
        entries += imported.accepted
        lines += [f"{path}:", *_report(imported)]
    return list(dict.fromkeys(entries)), lines


def _report(imported: Imported) -> list[str]:
    counts = Counter(refused.why for refused in imported.refused)
    rows = [(refused.participant, refused.kid, f"{refused.why}: {refused.why.text}") for refused in imported.refused]
    return [
        f"  {imported.entries} entries, {imported.kids_right} with the right key id",
        f"  {imported.signers} document signers, {imported.chained} signed by a listed authority of their participant",
        f"  {len(imported.accepted)} accepted",
        *(f"  {count} left out: {why}" for why, count in sorted(counts.items())),
        "  not checked: the document's own proof; see specs/trust-list.md, section 5",
        *(Table(("participant", "kid", "why"), rows).lines() if rows else ()),
    ]


def _pair(text: str) -> tuple[str, str]:
    participant, _, country = text.partition("=")
    if len(participant) != 3 or len(country) != 2 or not (participant + country).isupper():
        raise KeysError(Code.KEY_UNKNOWN, f"--participant {text}: give it as XXX=XX")
    return participant, country


def _pins(path: Path) -> frozenset[bytes]:
    try:
        pins = frozenset(bytes.fromhex(line) for line in read_file(path).decode().split())
    except ValueError as error:
        raise KeysError(Code.TRUST_LIST_FORMAT, f"{path}: not hexadecimal") from error
    if not all(len(pin) == 32 for pin in pins):
        raise KeysError(Code.TRUST_LIST_FORMAT, f"{path}: a SHA-256 has 64 hexadecimal digits")
    return pins
