"""Our own claims, read at a stroke (`certificate.md` sections 1.1, 1.2 and 2).

We write one form only: deterministic CBOR, one dose, fixed keys, fixed order. One regular expression knows it from end
to end; every text is then held against the length before it. What passes can hold nothing that the scan (`specs.cbor`)
or the schema would refuse, so it needs neither, and most scans at home take this road. Anything else is None and goes
the general way (`specs.cwt`). Tests hold the two readers equal, byte by byte.
"""

import datetime as dt
import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from specs.cwt import HOME_COUNTRY, Claims
from specs.payload import SCHEMA_VERSION

_TEXT = rb"((?:[\x61-\x77]|\x78[\x18-\xf0]).+?)"  # a head and, as far as the next key, what should be its content
_ICAO = rb"((?:[\x61-\x77]|\x78[\x18-\x50])[A-Z<]+)"
_SMALL = rb"([\x01-\x17])"
_MAX_CHARACTERS = 80

_CODES = re.compile(
    rb"\x62is%b\x62ma%b\x62mp%b\x62sd%b\x62tg%b\x62vp%b" % (_TEXT, _TEXT, _TEXT, _SMALL, _TEXT, _TEXT), re.DOTALL
)
_FORM = re.compile(
    rb"\xa4\x01\x62%b\x04\x1a(.{4})\x06\x1a(.{4})\x39\x01\x03\xa2\x01"
    rb"\xa4\x61v\x81\xaa\x62ci\x78\x2f(URN:UVCI:01:VN:[0-9A-F]{32})\x62co\x62([A-Z]{2})\x62dn%b"
    rb"\x62dt\x6a(\d{4}-\d\d-\d\d)(\x62is.+?)"
    rb"\x63dob(?:\x64(?=.{4}\x63)|\x67(?=.{7}\x63)|\x6a(?=.{10}\x63))((?:19|20)\d\d(?:-\d\d(?:-\d\d)?)?)"
    rb"\x63nam(?:\xa4\x62fn%b\x62gn%b\x63fnt%b\x63gnt%b|\xa2\x62fn%b\x63fnt%b)\x63ver\x65%b\x35\x46(.{6})"
    % (HOME_COUNTRY.encode(), _SMALL, _TEXT, _TEXT, _ICAO, _ICAO, _TEXT, _ICAO, re.escape(SCHEMA_VERSION).encode()),
    re.DOTALL,
)


def read_own(payload: bytes) -> Claims | None:
    """Return the claims in a COSE payload of our own form, None for every other payload, however right it may be."""
    found = _FORM.fullmatch(payload)
    if found is None:
        return None
    expires, issued, ci, country, number, day, codes, born, fn, gn, fnt, gnt, one_fn, one_fnt, national = found.groups()
    try:
        if fn is None:
            names = {"fn": _text(one_fn), "fnt": _text(one_fnt)}
        else:
            names = {"fn": _text(fn), "gn": _text(gn), "fnt": _text(fnt), "gnt": _text(gnt)}
        dose = {"ci": ci.decode(), "co": country.decode(), "dn": number[0], "dt": _day(day), **_codes(codes)}
        dcc = {"v": [dose], "dob": _day(born), "nam": names, "ver": SCHEMA_VERSION}
    except ValueError:
        return None
    return Claims(
        HOME_COUNTRY,
        int.from_bytes(issued, "big"),
        int.from_bytes(expires, "big"),
        dcc,
        national,
        True,
    )


def _text(encoded: bytes) -> str:
    """The text in `encoded`; ValueError unless its length is the head's, it is UTF-8, and at most 80 characters."""
    head = encoded[0]
    if head != 0x78:  # up to 23 bytes: nearly every name
        if len(encoded) != head - 0x5F:
            raise ValueError("the content does not have the length that its head gives")
        return encoded[1:].decode()
    if len(encoded) != encoded[1] + 2:
        raise ValueError("the content does not have the length that its head gives")
    text = encoded[2:].decode()
    if len(text) > _MAX_CHARACTERS:
        raise ValueError("a text beyond the schema's limit")
    return text


@lru_cache(maxsize=1 << 15)  # days of birth and of doses recur; some 40,000 of them cover everybody
def _day(encoded: bytes) -> str:
    """A date as precise as it stands; ValueError if there is no such day or month."""
    day = encoded.decode()
    dt.date.fromisoformat(day + "-01" * (2 - day.count("-")))
    return day


@lru_cache(maxsize=1024)  # a nation gives a dozen products; what is cached holds nothing about a person
def _codes(encoded: bytes) -> Mapping[str, Any]:
    found = _CODES.fullmatch(encoded)
    if found is None:
        raise ValueError("not the codes of a dose")
    issuer, manufacturer, product, total, disease, prophylaxis = found.groups()
    return {
        "is": _text(issuer),
        "ma": _text(manufacturer),
        "mp": _text(product),
        "sd": total[0],
        "tg": _text(disease),
        "vp": _text(prophylaxis),
    }
