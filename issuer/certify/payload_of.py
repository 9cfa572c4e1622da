"""From attested doses to the payload: the only place where a `DccPayload` is made (`certificate.md` section 1.1).

Strict where verifiers are tolerant: product implies manufacturer and prophylaxis, every code stands in its value set,
names are NFC and transliterated by ICAO 9303, a birth date is as precise as it is known.
"""

from datetime import date
from functools import lru_cache

from issuer.certify.series import Chosen, Refusal
from issuer.dose_record import Holder
from specs.cwt import HOME_COUNTRY
from specs.names import compose, one_blank
from specs.payload import DccPayload, PersonName, Vaccination
from specs.products import product_of_code
from specs.transliteration import TransliterationError, split_name, transliterate
from specs.valuesets import COVID_19, encodings, manufacturers, medicinal_products, prophylaxis

__all__ = ["payload_of"]

CAMPAIGN = "2021-22"


def payload_of(holder: Holder, chosen: Chosen, uvci: str, *, issuer: str, era: str) -> DccPayload | Refusal:
    """What the certificate `uvci` says; `era` chooses the code of the vaccine type ("2021-22" or "current")."""
    record = chosen.dose.record
    codes = _codes(record.product, era)
    if codes is None:
        return Refusal.PRODUCT_CODES
    name = _name(holder.full_name, holder.family_name)
    if name is None:
        return Refusal.NAME
    manufacturer, vaccine_type = codes
    vaccination = Vaccination(
        disease=COVID_19,
        prophylaxis=vaccine_type,
        product=record.product,
        manufacturer=manufacturer,
        dose_number=chosen.dose_number,
        total_doses=chosen.total_doses,
        date=date.fromisoformat(record.vaccinated_on),
        country=HOME_COUNTRY,
        issuer=issuer,
        uvci=uvci,
    )
    try:
        return DccPayload(name, holder.birth_date, vaccination)
    except ValueError:
        return Refusal.BIRTH_DATE


@lru_cache(maxsize=256)
def _codes(medicinal_product: str, era: str) -> tuple[str, str] | None:
    """`ma` and `vp` of the product, or None unless our table, the value sets and their relations all agree."""
    product = product_of_code(medicinal_product)
    known = encodings().get(medicinal_product)
    if product is None or known is None or not product.certifiable or product.manufacturer is None:
        return None
    vaccine_type = product.prophylaxis_2021 if era == CAMPAIGN else next(iter(product.prophylaxis), None)
    if vaccine_type is None:
        return None
    fits = (
        medicinal_product in medicinal_products()
        and product.manufacturer in manufacturers()
        and product.manufacturer in known.manufacturers
        and vaccine_type in prophylaxis()
        and (prophylaxis()[vaccine_type].active or era == CAMPAIGN)
        and (vaccine_type in known.prophylaxis or era == CAMPAIGN)
    )
    return (product.manufacturer, vaccine_type) if fits else None


@lru_cache(maxsize=1 << 16)  # namesakes are many
def _name(full_name: str, family_name: str) -> PersonName | None:
    try:
        split = split_name(compose(one_blank(full_name)), family=family_name or None)
        given, given_icao = (split.gn, _icao(split.gn)) if split.gn else (None, None)
        return PersonName(split.fn, given, _icao(split.fn), given_icao)
    except (TransliterationError, ValueError):
        return None


_icao_of_word = lru_cache(maxsize=1 << 14)(transliterate)  # a nation's names are made of a few thousand words


def _icao(name: str) -> str:
    """As `transliterate(name)`, which joins words by `<` and drops those without a letter."""
    return "<".join(filter(None, map(_icao_of_word, name.split(" "))))
