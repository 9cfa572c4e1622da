"""Bytes -> JSON, strictly: UTF-8, one value, every name once, text that a database and a screen can hold.

Refused (specs/fhir.md section 5): more than MAX_BYTES, deeper than MAX_DEPTH, a name twice in one object (the first
reader would see another record than the second), NaN and infinities, numbers of more than 20 digits, control
characters, lone surrogates.
"""

import json
from typing import Any

from issuer.errors import Code, IssuerError

__all__ = ["MAX_BYTES", "MAX_DEPTH", "read_json"]

MAX_BYTES = 2 * 1024 * 1024
"""About 1,000 doses with their patients; the same bundle is parsed by every retry, so it stays small."""
MAX_DEPTH = 16
"""The deepest element that is read, a nationality's coding, lies at 11."""
_LONGEST_NUMBER = 20
_CONTROLS = frozenset(map(chr, range(32))) - {"\t", "\n", "\r"} | {"\x7f"}


def read_json(data: bytes) -> Any:
    """The value. Raises IssuerError: BUNDLE_TOO_LARGE, BUNDLE_NOT_JSON, BUNDLE_TOO_DEEP."""
    if len(data) > MAX_BYTES:
        raise IssuerError(Code.BUNDLE_TOO_LARGE, f"limit {MAX_BYTES} bytes")
    try:
        value = json.loads(
            data.decode("utf-8"),
            object_pairs_hook=_object,
            parse_int=_integer,
            parse_float=_decimal,
            parse_constant=_constant,
        )
    except UnicodeDecodeError as error:
        raise IssuerError(Code.BUNDLE_NOT_JSON, f"not UTF-8 at byte {error.start}") from None
    except json.JSONDecodeError as error:
        raise IssuerError(Code.BUNDLE_NOT_JSON, f"at character {error.pos}") from None
    except RecursionError:
        raise IssuerError(Code.BUNDLE_TOO_DEEP, f"limit {MAX_DEPTH} levels") from None
    _look_at_all(value)
    return value


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise IssuerError(Code.BUNDLE_NOT_JSON, "a name stands twice in one object")
    return found


def _integer(digits: str) -> int:
    if len(digits) > _LONGEST_NUMBER:
        raise IssuerError(Code.BUNDLE_NOT_JSON, f"a number of more than {_LONGEST_NUMBER} digits")
    return int(digits)


def _decimal(digits: str) -> float:
    number = float(digits) if len(digits) <= _LONGEST_NUMBER else float("inf")
    if number in (float("inf"), float("-inf")):
        raise IssuerError(Code.BUNDLE_NOT_JSON, "a number that cannot be held")
    return number


def _constant(_name: str) -> float:
    raise IssuerError(Code.BUNDLE_NOT_JSON, "NaN and infinities are no JSON")


def _look_at_all(value: Any) -> None:
    """Depth and text of the whole value, without recursion."""
    todo: list[tuple[Any, int]] = [(value, 1)]
    while todo:
        one, depth = todo.pop()
        if isinstance(one, str):
            _look_at_text(one)
        elif isinstance(one, dict | list):
            if depth > MAX_DEPTH:
                raise IssuerError(Code.BUNDLE_TOO_DEEP, f"limit {MAX_DEPTH} levels")
            if isinstance(one, dict):
                for name in one:
                    _look_at_text(name)
                one = one.values()
            todo += [(inner, depth + 1) for inner in one]


def _look_at_text(text: str) -> None:
    if text.isprintable() and text.isascii():
        return
    if not _CONTROLS.isdisjoint(text):
        raise IssuerError(Code.BUNDLE_NOT_JSON, "a control character in text")
    if any("\ud800" <= sign <= "\udfff" for sign in text):
        raise IssuerError(Code.BUNDLE_NOT_JSON, "a lone surrogate in text")
