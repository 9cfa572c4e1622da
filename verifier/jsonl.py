"""One JSON object a line in, one JSON verdict a line out, in the same order, for ever, in a flat memory.

In: lines `{"id", "text" or "image" (base64), "dsc": [base64 DER, ...], "at" (RFC 3339)}`, the last two optional.
A line that is no such object gets a verdict too, "invalid" with `id` null. What has arrived is answered before more
is waited for, so a caller may write one line and read one line. Whatever a line holds, hardly any of it is kept.
"""

import base64
import binascii
import json
import math
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from typing import Any, BinaryIO

from keys.errors import KeysError
from keys.trust_list import MAX_CERTIFICATE, TrustedKey, TrustList
from specs.verdicts import Outcome, Reason
from verifier.case import no_results
from verifier.check import check_many
from verifier.instants import instant
from verifier.output import deliver
from verifier.request import Request
from verifier.scan import MAX_FILE
from verifier.verdict import Verdict

MAX_LINE = MAX_FILE * 4 // 3 + 65536
"""Bytes: the largest picture in base64, and the rest of the object."""

MAX_DSC = 512
"""Certificates that one line may name; the world's list has 438."""

_READ = 1 << 20  # bytes taken at once; a pipe gives what it holds, 64 KiB at most
_LINES = 256  # answered at once
_MAX_MEMBERS = 4096  # commas and brackets in a line; each may become an object of fifty times its size
_MAX_DSC_TEXT = (MAX_CERTIFICATE + 2) // 3 * 4
_SEQUENCE = b"\x30"  # how the DER of a certificate begins, and PEM does not
_Line = bytes | None  # None stands for a line above MAX_LINE, whose bytes were let go


class _MalformedError(ValueError):
    """A line that is no request."""


def check_lines(source: BinaryIO, sink: BinaryIO, trust: TrustList | None, clock: Callable[[], datetime]) -> None:
    """Read requests from `source` until its end and write verdicts to `sink`, flushed whenever input pauses.

    Raises:
        OutputRefusedError: if `sink` takes no more.
    """
    for lines in _batches(source):
        deliver(sink, b"".join(_verdict_lines(lines, trust, clock())))


def _batches(source: BinaryIO) -> Iterator[list[_Line]]:
    """What one read gives, as whole lines; an unfinished line waits for the next, within MAX_LINE."""
    read: Callable[[int], bytes] = getattr(source, "read1", source.read)
    rest = bytearray()
    is_too_long = False
    while data := read(_READ):
        *lines, last = data.split(b"\n")
        batch: list[_Line] = []
        for line in lines:
            batch.append(None if is_too_long or len(rest) + len(line) > MAX_LINE else bytes(rest) + line)
            rest, is_too_long = bytearray(), False
            if len(batch) == _LINES:
                yield batch
                batch = []
        rest += last
        if len(rest) > MAX_LINE:
            rest, is_too_long = bytearray(), True
        if batch:
            yield batch
    if rest or is_too_long:
        yield [None if is_too_long else bytes(rest)]


def _verdict_lines(lines: Iterable[_Line], trust: TrustList | None, now: datetime) -> Iterator[bytes]:
    requests: list[Request] = []
    places: list[int | None] = []
    for line in lines:
        try:
            requests.append(_request(line))
            places.append(len(requests) - 1)
        except _MalformedError:
            places.append(None)
    verdicts = check_many(requests, trust, now=now)
    for place in places:
        yield _MALFORMED if place is None else encode(verdicts[place])


def encode(verdict: Verdict) -> bytes:
    """The verdict as one line of UTF-8 JSON; half a surrogate pair in a text stays the escape that it came as."""
    line = json.dumps(verdict.to_json(), ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    return line.encode("utf-8", "backslashreplace") + b"\n"


_MALFORMED = encode(
    Verdict(
        id=None,
        outcome=Outcome.INVALID,
        reasons=(Reason.REQUEST_MALFORMED,),
        steps=no_results(),
        text=None,
        kid=None,
        algorithm=None,
        verified=None,
    )
)


def _request(line: _Line) -> Request:
    if line is None:
        raise _MalformedError("too long")
    if len(line) > _MAX_MEMBERS and sum(map(line.count, (b",", b"[", b"{"))) > _MAX_MEMBERS:
        raise _MalformedError("too many members")
    try:
        value = json.loads(line, parse_constant=_refuse)
    except (ValueError, RecursionError) as error:
        raise _MalformedError("not JSON") from error
    if not isinstance(value, dict) or "id" not in value:
        raise _MalformedError("not an object with an id")
    text, image = _optional_text(value, "text"), _optional_text(value, "image")
    if (text is None) == (image is None):
        raise _MalformedError("not exactly one of text and image")
    at = _optional_text(value, "at")
    return Request(
        text=text,
        image=None if image is None else _base64(image),
        id=_id(value["id"]),
        trust=_trust(value.get("dsc")),
        at=None if at is None else _instant(at),
    )


def _refuse(constant: str) -> Any:
    raise ValueError(f"{constant} is not JSON")


def _id(value: Any) -> str | int | float | None:
    if value is None or type(value) in (str, int) or (type(value) is float and math.isfinite(value)):
        return value  # type: ignore[no-any-return]
    raise _MalformedError("an id that is neither text nor number")


def _optional_text(value: dict[str, Any], name: str) -> str | None:
    text = value.get(name)
    if text is None or isinstance(text, str):
        return text
    raise _MalformedError("a member of the wrong type")


def _instant(text: str) -> datetime:
    try:
        return instant(text)
    except ValueError as error:
        raise _MalformedError("not a moment") from error


def _base64(text: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError) as error:
        raise _MalformedError("not base64") from error


def _trust(value: Any) -> TrustList | None:
    if value is None:
        return None
    if not isinstance(value, list) or len(value) > MAX_DSC or not all(isinstance(item, str) for item in value):
        raise _MalformedError("dsc is no list of base64, or too long a one")
    return TrustList(key for item in value if (key := _key(item)) is not None)


def _key(certificate: str) -> TrustedKey | None:
    """A certificate trusted as it is; None for one that cannot be read, and so vouches for nothing."""
    if len(certificate) > _MAX_DSC_TEXT:
        return None
    der = _base64(certificate)
    try:
        return TrustedKey.of_certificate(der) if der.startswith(_SEQUENCE) else None
    except KeysError:
        return None
