"""Whose certificate it is: which key may speak for the `iss` claim, and which country a person is shown.

`iss` is written by whoever holds the key. It can take a certificate away from a key, never give one to it; and where it
is no plain country code, people see the country of the key, so that nobody can dress up as another country.
"""

import re
import unicodedata
from functools import lru_cache

from keys.trust_list import TrustedKey

_CODE = re.compile(r"[A-Z]{2}")  # ISO 3166-1 alpha-2 as it should be written
_SAME_COUNTRY = {"EL": "GR", "UK": "GB"}  # what the EU's institutions write for ISO 3166-1's codes
_UNSEEN = "CZ"  # Unicode's categories of control and format characters, and of blanks
_UNKNOWN = "?"


def may_speak(key: TrustedKey, issuing_country: str | None) -> bool:
    """Whether `key` may sign for the `iss` claim; without a country code there, the key's own country decides."""
    if key.country is None or key.country == issuing_country:
        return True
    code = None if issuing_country is None else _looks_like(issuing_country)
    return code is None or code == _SAME_COUNTRY.get(key.country, key.country)


def shown_country(key: TrustedKey, issuing_country: str | None) -> str:
    """The country for a screen: `iss` where it is a plain code, else the key's, "?" for a key without a country."""
    if issuing_country is not None and _CODE.fullmatch(issuing_country):
        return issuing_country
    return key.country or _UNKNOWN


@lru_cache(maxsize=256)
def _looks_like(issuing_country: str) -> str | None:
    """The two letters that a reader would see, or None for anything longer or shorter."""
    seen = "".join(
        sign for sign in unicodedata.normalize("NFKC", issuing_country) if unicodedata.category(sign)[0] not in _UNSEEN
    )
    if len(seen) != 2 or not seen.isalpha():
        return None
    code = seen.upper()
    return _SAME_COUNTRY.get(code, code)
