"""What a signed certificate says, as a page: read from the very text that its QR code carries.

In: the HC1 text, and of the register only the nationality, which the wire format has no place for. So the page can
never say anything else than what a verifier will show. Refused: a text that does not read as ours, one that is not
what its row says was signed, and unknown codes. The signature itself is not verified again: the signer has done that.
"""

import datetime as dt
from collections.abc import Mapping
from typing import Any, Final

from issuer.errors import Code, IssuerError
from issuer.render.pdf.page import CertificatePage, Words, code_words
from specs import base45, valuesets
from specs.compression import inflate
from specs.cose import Sign1, decode_protected, decode_sign1
from specs.cwt import Claims, decode_claims
from specs.errors import WireError
from specs.text import PREFIX
from specs.transliteration import join_name, writes_clan_last

_ISSUERS: Final[Mapping[str, Words]] = {
    "MOH": Words("Bộ Y tế", "Ministry of Health"),
    "Bộ Y tế": Words("Bộ Y tế", "Ministry of Health"),
    "Cục Y tế dự phòng": Words("Cục Y tế dự phòng", "General Department of Preventive Medicine"),
}
"""`is` is one short text, since it rides in the QR code; these are shown in both languages."""

_HOME: Final = ("", "Việt Nam", "VN", "VNM")
"""How the register writes our own nationality."""


def page_of(text: str, nationality: str) -> CertificatePage:
    """The page of one certificate. Raises `IssuerError`: PAGE_CERTIFICATE, PAGE_CODE_UNKNOWN, or a field's refusal."""
    return _page_of(text, _envelope(text), nationality)


def page_as_signed(text: str, nationality: str, *, claims: bytes, kid: bytes, uvci: str) -> CertificatePage:
    """The page of a stored certificate, if its text carries exactly what its row says was signed, and by whom.

    Raises `IssuerError` as `page_of`, and PAGE_NOT_AS_SIGNED: whoever put another's text, however genuine, into a row
    gets no paper of it.
    """
    envelope = _envelope(text)
    try:
        signer = decode_protected(envelope.protected).kid
    except WireError as error:
        raise IssuerError(Code.PAGE_CERTIFICATE, error.detail) from error
    if envelope.payload != claims or signer != kid or envelope.unprotected:
        raise IssuerError(Code.PAGE_NOT_AS_SIGNED)
    page = _page_of(text, envelope, nationality)
    if page.uvci != uvci:
        raise IssuerError(Code.PAGE_NOT_AS_SIGNED)
    return page


def _envelope(text: str) -> Sign1:
    try:
        return decode_sign1(inflate(base45.decode(text.removeprefix(PREFIX))))
    except WireError as error:
        raise IssuerError(Code.PAGE_CERTIFICATE, error.detail) from error


def _page_of(text: str, envelope: Sign1, nationality: str) -> CertificatePage:
    try:
        return _page(text, decode_claims(envelope.payload), nationality)
    except WireError as error:
        raise IssuerError(Code.PAGE_CERTIFICATE, error.detail) from error
    except (KeyError, IndexError, TypeError, ValueError) as error:
        # A claim that is missing or of another type: the message could quote it, so it is left out.
        raise IssuerError(Code.PAGE_CERTIFICATE, type(error).__name__) from None


def _page(text: str, claims: Claims, nationality: str) -> CertificatePage:
    if claims.issued_at is None or claims.expires_at is None:
        raise IssuerError(Code.PAGE_CERTIFICATE, "no issue or expiry time")
    (dose,) = claims.dcc["v"]
    full_name, latin_name = _names(claims.dcc["nam"])
    return CertificatePage(
        full_name=full_name,
        latin_name="" if latin_name == full_name.upper() else latin_name,
        birth_date=claims.dcc["dob"],
        nationality=_nationality(nationality),
        disease=code_words(valuesets.diseases(), dose["tg"]),
        doses_received=str(int(dose["dn"])),
        dose_dates=(str(dose["dt"]),),
        dose_number=f"{int(dose['dn'])}/{int(dose['sd'])}",
        vaccine=code_words(valuesets.prophylaxis(), dose["vp"]),
        product=code_words(valuesets.medicinal_products(), dose["mp"]),
        manufacturer=code_words(valuesets.manufacturers(), dose["ma"]),
        uvci=dose["ci"],
        issuer=_ISSUERS.get(dose["is"]) or Words(dose["is"], dose["is"]),
        issued=dt.datetime.fromtimestamp(claims.issued_at, dt.UTC),
        expires=dt.datetime.fromtimestamp(claims.expires_at, dt.UTC),
        hc1_text=text,
    )


def _names(name: Mapping[str, Any]) -> tuple[str, str]:
    """The name as it is written, and in passport letters in the same order."""
    family, given = name["fn"], name.get("gn", "")
    latin = (name["fnt"], name.get("gnt", ""))
    in_order = reversed(latin) if writes_clan_last(family, given) else latin
    return join_name(family, given), " ".join(filter(None, in_order)).replace("<", " ")


def _nationality(written: str) -> Words:
    if written in _HOME:
        return Words("Việt Nam", "Viet Nam")
    known = valuesets.countries().get(written)
    return Words(known.words("vi"), known.words("en")) if known else Words(written, written)
