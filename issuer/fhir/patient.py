"""A Patient -> the person's cells of a row: specs/fhir.md section 3. Nothing is re-ordered, guessed or completed."""

import re
from datetime import date

from issuer.fhir.elements import Element, EntryRefused
from issuer.fhir.profile import (
    ADDRESS,
    CCCD,
    CMND,
    CODEABLE,
    CODING,
    CONTACT_POINT,
    EXTENSION,
    HUMAN_NAME,
    IDENTIFIER,
    NATIONALITY,
    PASSPORT,
    PATIENT,
)
from issuer.reading.problems import Problem

__all__ = ["identifiers", "is_date", "patient_cells"]

_GENDERS = frozenset({"male", "female", "other", "unknown"})
_NAME_USES = frozenset({"usual", "official", "temp", "nickname", "anonymous", "old", "maiden"})
_USES = frozenset({"usual", "official", "temp", "secondary", "old"})
_DATE = re.compile(r"[0-9]{4}(?:-[0-9]{2}(?:-[0-9]{2})?)?")


def patient_cells(patient: Element) -> dict[str, str]:
    """The cells by their canonical names. Raises EntryRefused."""
    patient.only(PATIENT)
    if patient.flag("active") is False:
        raise EntryRefused(Problem.ENTRY_MODIFIED, f"{patient.at}.active")
    if "link" in patient.value:  # merged into, or replaced by, another record of the sender's
        raise EntryRefused(Problem.ENTRY_MODIFIED, f"{patient.at}.link")
    gender = patient.code("gender", _GENDERS)
    birth_date = patient.text("birthDate")
    if birth_date and not is_date(birth_date):
        raise patient.wrong("birthDate")
    kind, number = _number(patient)
    addresses = patient.children("address", ADDRESS)
    return {
        "full_name": _name(patient),
        "id_number": number,
        "id_kind": kind,
        "birth_date": birth_date,
        "sex": "" if gender == "unknown" else gender,
        "phone": _phone(patient),
        "nationality": _nationality(patient),
        "commune": addresses[0].text("city") if addresses else "",
        "address": addresses[0].text("text") if addresses else "",
    }


def is_date(text: str) -> bool:
    """Whether `text` is a FHIR date (YYYY, YYYY-MM or YYYY-MM-DD) that the calendar has."""
    if _DATE.fullmatch(text) is None:
        return False
    try:
        date.fromisoformat(text + "-01-01"[len(text) - 4 :] if len(text) < 10 else text)
    except ValueError:
        return False
    return True


def identifiers(element: Element, system: str) -> list[str]:
    """The values of the element's identifiers of one system, each once; old ones only where there are no others."""
    current: list[str] = []
    old: list[str] = []
    for one in element.children("identifier", IDENTIFIER):
        is_old = one.code("use", _USES) == "old"
        if one.text("system") == system and (value := one.text("value")):
            (old if is_old else current).append(value)
    return list(dict.fromkeys(current or old))


def _name(patient: Element) -> str:
    names = patient.children("name", HUMAN_NAME)
    if not names:
        return ""
    uses = [name.code("use", _NAME_USES) for name in names]
    for wanted in ("official", "", "usual"):
        texts = {name.text("text") for name, use in zip(names, uses, strict=True) if use == wanted}
        if texts:
            if len(texts) > 1 or "" in texts:
                break
            return texts.pop()
    raise EntryRefused(Problem.ENTRY_NAME_TEXT, f"{patient.at}.name")


def _number(patient: Element) -> tuple[str, str]:
    """Kind and number. Two of one kind stand side by side: cleaning tells ID_TWO_NUMBERS and chooses neither."""
    for kind, system in (("cccd", CCCD), ("cmnd", CMND), ("passport", PASSPORT)):
        values = identifiers(patient, system)
        if values:
            return kind, "/".join(values)
    return "", ""


def _phone(patient: Element) -> str:
    for one in patient.children("telecom", CONTACT_POINT):
        if one.text("system") == "phone" and one.text("use") != "old":
            return one.text("value")
    return ""


def _nationality(patient: Element) -> str:
    extensions = patient.value.get("extension", [])
    if not isinstance(extensions, list):
        raise patient.wrong("extension")
    for at, one in enumerate(extensions):
        if not isinstance(one, dict) or one.get("url") != NATIONALITY:
            continue  # other extensions are kept with the JSON and change nothing
        parts = Element(one, f"{patient.at}.extension[{at}]").children("extension", EXTENSION)
        for part in parts:
            concept = part.child("valueCodeableConcept", CODEABLE) if part.text("url") == "code" else None
            if concept is not None:
                codings = concept.children("coding", CODING)
                return codings[0].text("code") if codings else concept.text("text")
    return ""
