"""The EU DCC payload as we issue it: schema 1.3.0 and later, one vaccination (`certificate.md` section 1.1).

Strict by construction: an object of these classes can be encoded, and what cannot be encoded cannot be made. The
encoder writes deterministic CBOR directly, since the shape is fixed and a national issuer writes it a million times
a day. Reading a payload, ours or a foreign one, is the verifier's work.
"""

import datetime as dt
import re
import unicodedata
from dataclasses import dataclass, field
from functools import lru_cache

from specs import cbor, uvci

SCHEMA_VERSION = "1.3.0"
"""The version that real verifiers know best. It demands `fnt`, which we always write (hcert schema 1.3.0)."""

_MAX_TEXT = 80  # characters; DCC schema
_TRANSLITERATED = re.compile(r"[A-Z<]{1,80}")
_BIRTH_DATE = re.compile(r"(?:19|20)\d\d(?:-\d\d(?:-\d\d)?)?", re.ASCII)
_COUNTRY = re.compile(r"[A-Z]{2}")
_CODE = re.compile(r"[A-Za-z0-9/_-]{1,80}", re.ASCII)


def _require(condition: object, what: str) -> None:
    if not condition:
        raise ValueError(what)


def _is_text(value: str) -> bool:
    """NFC, 1 to 80 characters, none of them a control, format or private-use character."""
    return (
        0 < len(value) <= _MAX_TEXT
        and value == value.strip()
        and unicodedata.is_normalized("NFC", value)
        and not any(unicodedata.category(character).startswith("C") for character in value)
    )


def _is_partial_date(value: str) -> bool:
    """YYYY, YYYY-MM or YYYY-MM-DD, and a real one: a birth date is never filled up with 01."""
    if not _BIRTH_DATE.fullmatch(value):
        return False
    try:
        dt.date.fromisoformat(value + "-01" * (2 - value.count("-")))
    except ValueError:
        return False
    return True


@dataclass(frozen=True, slots=True)
class PersonName:
    """The holder's name: family and given names as written, and both in ICAO 9303 letters.

    A one-word name stands in `family` alone (`fn`, `fnt`), so that it is valid under every schema version.
    """

    family: str = field(repr=False)
    given: str | None = field(repr=False)
    family_icao: str = field(repr=False)
    given_icao: str | None = field(repr=False)

    def __post_init__(self) -> None:
        _require(_is_text(self.family), "a family name of 1 to 80 NFC characters")
        _require(_TRANSLITERATED.fullmatch(self.family_icao), "a family name in ICAO 9303 letters")
        _require((self.given is None) == (self.given_icao is None), "given names in both forms or in neither")
        _require(self.given is None or _is_text(self.given), "given names of 1 to 80 NFC characters")
        _require(
            self.given_icao is None or _TRANSLITERATED.fullmatch(self.given_icao), "given names in ICAO 9303 letters"
        )


@dataclass(frozen=True, slots=True)
class Vaccination:
    """One `v` entry. Codes are those of the DCC value sets; that they fit each other is the issuer's to check."""

    disease: str
    prophylaxis: str
    product: str
    manufacturer: str
    dose_number: int
    total_doses: int
    date: dt.date
    country: str
    issuer: str
    uvci: str

    def __post_init__(self) -> None:
        for code in (self.disease, self.prophylaxis, self.product, self.manufacturer):
            _require(_CODE.fullmatch(code), "codes of the DCC value sets")
        _require(self.dose_number >= 1 and self.total_doses >= 1, "dose numbers from 1 up")
        _require(_COUNTRY.fullmatch(self.country), "an ISO 3166-1 alpha-2 country")
        _require(_is_text(self.issuer), "an issuer of 1 to 80 NFC characters")
        _require(uvci.is_ours(self.uvci), "a UVCI of our form")


@dataclass(frozen=True, slots=True)
class DccPayload:
    """What a certificate says: who, born when (as precisely as known, never more), vaccinated with what."""

    name: PersonName = field(repr=False)
    birth_date: str = field(repr=False)
    vaccination: Vaccination

    def __post_init__(self) -> None:
        _require(_is_partial_date(self.birth_date), "a birth date YYYY, YYYY-MM or YYYY-MM-DD")


def encode_payload(payload: DccPayload) -> bytes:
    """Return the DCC map as deterministic CBOR (RFC 8949 section 4.2.1): keys v, dob, nam, ver; shortest heads."""
    dose, name, text = payload.vaccination, payload.name, cbor.text
    fields = (
        b"\xa4\x61v\x81\xaa\x62ci",
        text(dose.uvci),
        _place_and_number(dose.country, dose.dose_number),
        text(dose.date.isoformat()),
        _product(dose.issuer, dose.manufacturer, dose.product, dose.total_doses, dose.disease, dose.prophylaxis),
        text(payload.birth_date),
        _NAME_OF_ONE if name.given is None else _NAME_OF_TWO,
        text(name.family),
    )
    if name.given is None or name.given_icao is None:
        return b"".join((*fields, b"\x63fnt", text(name.family_icao), _VERSION))
    given = (b"\x62gn", text(name.given), b"\x63fnt", text(name.family_icao), b"\x63gnt", text(name.given_icao))
    return b"".join((*fields, *given, _VERSION))


_NAME_OF_ONE = b"\x63nam\xa2\x62fn"
_NAME_OF_TWO = b"\x63nam\xa4\x62fn"
_VERSION = b"\x63ver" + cbor.text(SCHEMA_VERSION)


@lru_cache(maxsize=1024)  # a nation gives a dozen products; what is cached holds nothing about a person
def _place_and_number(country: str, dose_number: int) -> bytes:
    return b"\x62co%b\x62dn%b\x62dt" % (cbor.text(country), cbor.head(cbor.UNSIGNED, dose_number))


@lru_cache(maxsize=1024)
def _product(issuer: str, manufacturer: str, product: str, total_doses: int, disease: str, prophylaxis: str) -> bytes:
    return b"\x62is%b\x62ma%b\x62mp%b\x62sd%b\x62tg%b\x62vp%b\x63dob" % (
        cbor.text(issuer),
        cbor.text(manufacturer),
        cbor.text(product),
        cbor.head(cbor.UNSIGNED, total_doses),
        cbor.text(disease),
        cbor.text(prophylaxis),
    )
