"""Whether a verified certificate and an ID card speak of one person (`certificate.md` section 4, step 15).

In: a `Verified` certificate, a `Card`, and the mask keys of this device. Out: the reasons against. Names and birth date
come first, so that nobody can try out numbers against a certificate without knowing whose it is; the number is
compared and forgotten. Nothing of the card goes into a reason, an error or a log.
"""

from typing import Any

from keys.epoch_keys import EpochKeys
from specs.id_binding import MASKED_BUCKET, UNBOUND, matches
from specs.names import NameStep, agreement
from specs.transliteration import TransliterationError, transliterate
from specs.verdicts import Reason
from verifier.card import Card
from verifier.verified import Verified


def differences(verified: Verified, card: Card, epoch_keys: EpochKeys | None) -> list[Reason]:
    """Return what speaks against `card` being the holder's; empty if everything compared agrees."""
    dcc = verified.claims.dcc
    name = dcc.get("nam")
    reasons = []
    if not _names_agree(card, name if isinstance(name, dict) else {}):
        reasons.append(Reason.CARD_NAME_DIFFERS)
    if not _dates_agree(card.birth_date, dcc.get("dob")):
        reasons.append(Reason.CARD_BIRTH_DIFFERS)
    return reasons or _number_differs(verified, card, epoch_keys)


def _number_differs(verified: Verified, card: Card, epoch_keys: EpochKeys | None) -> list[Reason]:
    national = verified.claims.national
    if national is None or national.binding.version == UNBOUND:
        return [Reason.NOT_BOUND]
    identifier = verified.events[0].fields.get("ci") if verified.events else None
    if national.binding.version != MASKED_BUCKET or not isinstance(identifier, str):
        return [Reason.BINDING_UNKNOWN]
    key = None if epoch_keys is None else epoch_keys.keys.get(national.binding.epoch)
    if key is None:
        return [Reason.CARD_KEY_MISSING]
    return [] if matches(national.binding, card.number, key, identifier) else [Reason.CARD_NUMBER_DIFFERS]


def _names_agree(card: Card, name: dict[str, Any]) -> bool:
    """Whether the names are the same but for tone placement, case and blanks; in ICAO letters if one has only those.

    Both orders count: a card says `H'Hen Niê`, whose family name is Niê.
    """
    family, given = (_text(name.get(field)) for field in ("fn", "gn"))
    if card.name is not None and (family or given):
        steps = (agreement(card.name, f"{one} {other}".strip()) for one, other in ((family, given), (given, family)))
        return any(step is not None and step <= NameStep.CASE_AND_BLANKS for step in steps)
    words = card.icao_name if card.name is None else _icao_words(card.name)
    if words is None:
        return card.name is None  # a bare number tells no name
    family_words = _icao_words(_text(name.get("fnt"))) or _icao_words(family) or ()
    given_words = _icao_words(_text(name.get("gnt"))) or _icao_words(given) or ()
    return any(
        _same_letters(words, order, cut=card.is_cut)
        for order in ((*family_words, *given_words), (*given_words, *family_words))
    )


def _same_letters(card: tuple[str, ...], certificate: tuple[str, ...], *, cut: bool) -> bool:
    """Whether the words are the same; of a name that filled its line, the card has the beginning."""
    one, other = "<".join(card), "<".join(certificate)
    return bool(other) and (other.startswith(one) if cut else other == one)


def _icao_words(name: str) -> tuple[str, ...] | None:
    try:
        return tuple(filter(None, transliterate(name).split("<"))) or None
    except TransliterationError:
        return None


def _dates_agree(card: str | None, certificate: Any) -> bool:
    """Whether the dates are the same as far as both say; a certificate may know the year alone."""
    if card is None or not isinstance(certificate, str):
        return True
    one, other = card.split("-"), certificate[:10].replace("-00", "").split("-")
    return not certificate or all(mine == yours for mine, yours in zip(one, other, strict=False))


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""
