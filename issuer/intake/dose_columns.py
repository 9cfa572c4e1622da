"""Which dose of a row a column is about: `Ngày tiêm mũi 1`, `Vắc xin (mũi 2)`, `Số lô` under `Liều nhắc lại`.

A list may hold several doses of a person in one row, as the paper certificate does: seven places, three of basic doses,
one of an additional, three of boosters. A heading of such a column names a dose and a fact of it, in one text or in two
lines; one that names a dose alone (`Mũi 1`) holds its day, its vaccine or a tick, and only its cells tell which.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import pairwise

from issuer.intake.header_words import LONGEST_HEADER, exact, of_plan, of_relative, of_staff, spaced
from specs.names import fold

__all__ = [
    "BARE",
    "DATE_PARTS",
    "DOSE_FACTS",
    "FURTHER",
    "DoseColumns",
    "Label",
    "dose_column",
    "doses_of",
    "fact_of",
    "repeated_doses",
    "with_neighbours",
]

Label = str
"""`mũi 2`, `cơ bản 1`, `nhắc lại 1`: what issuer.reading.dose_facts reads as number and role; empty: unnamed."""
FURTHER = ("_2", "_3", "_4")
"""What the names of the second to fourth column of a fact end in."""
BARE = "dose"
"""The field of a column whose heading names a dose and no fact of it."""
DATE_PARTS = ("vaccinated_day", "vaccinated_month", "vaccinated_year")
DOSE_FACTS = frozenset({"vaccinated_on", *DATE_PARTS, "vaccine", "lot", "dose_number", "dose_role", BARE})
"""Facts that make a dose: a place or a note alone is none."""
_FIELDS = DOSE_FACTS | {"vaccinated_time", "facility_name", "facility_code", "reaction", "note"}
_SHORT = (
    dict.fromkeys(("loai", "ten", "vx", "loai vx", "ten vx", "loai thuoc", "ten thuoc"), "vaccine")
    | dict.fromkeys(("noi", "noi tiem chung"), "facility_name")
    | dict.fromkeys(("thoi gian", "ngay thang nam", "ngay thang"), "vaccinated_on")
    | dict(zip(("ngay", "thang", "nam"), DATE_PARTS, strict=True))
)
"""Headings that say enough beside the name of a dose, whatever they mean without."""

_NUMBERS = {
    **{text: one for one in range(1, 10) for text in (str(one), f"0{one}")},
    **{"i": 1, "ii": 2, "iii": 3, "iv": 4, "v": 5},
    **{"nhat": 1, "mot": 1, "dau": 1, "dau tien": 1, "hai": 2, "ba": 3, "tu": 4, "bon": 4, "nam": 5},
}
_ROLES = {"co ban": "cơ bản", "bo sung": "bổ sung"} | dict.fromkeys(
    ("nhac lai", "nhac", "tang cuong", "booster"), "nhắc lại"
)
_N = "|".join(sorted(_NUMBERS, key=len, reverse=True))
_R = "|".join(_ROLES)
_DOSE = re.compile(
    rf"\b(?:(?:mui|lieu|lan|dose)(?: tiem)?(?: (?:thu|so))? ?(?P<number>{_N})(?: (?P<role_after>{_R}))?"
    rf"|(?:mui|lieu|lan|tiem) (?:tiem )?(?P<role>{_R})(?:(?: mui| lieu| lan| thu| so)* ?(?P<number_after>{_N}))?"
    r"|m ?(?P<short>[1-9]))\b"
)
_THIRD = re.compile(r"\b(?:mũi|liều|lần|mui|lieu|lan)(?: ti[êe]m)?(?: (?:thứ|số|thu|so))? ba\b")
"""`Mũi ba` is the third; `ba` alone a father."""
_LAST_FIGURE = re.compile(r"(?P<fact>.+) (?P<number>[1-9]|i{1,3})")
_FIGURED = frozenset({"vaccinated_on", "vaccine", "lot", "facility_name"})
"""Facts of which `Ngày tiêm 1`, `Ngày tiêm 2` are those of a first and a second dose."""
_COLUMN_NUMBER = re.compile(r"[(\[]\s*[0-9]{1,2}\s*[)\]]")
_BRACKETS = re.compile(r"\([^()]*\)|\[[^\[\]]*\]")
_FILLER = re.compile(
    r"\b(?:da|duoc|tiem chung|tiem|cua|cho|thong tin|phong|cac mui|(?:sars )?co?v(?:id)?(?: 19)?(?: 2)?)\b"
)


@dataclass(frozen=True, slots=True)
class DoseColumns:
    """The columns (from 0) of one of the doses that a row holds; `date_order` as in issuer.intake.layout."""

    label: Label
    columns: dict[str, int]
    date_order: str = ""


def fact_of(name: str) -> str:
    """The fact that a column of this name holds, `lot` for `lot_2`."""
    return name[:-2] if name.endswith(FURTHER) else name


@lru_cache(1 << 14)
def dose_column(text: str, group: str = "") -> tuple[Label, str] | None:
    """The dose and the field of a heading under its group's; None for one that names no dose, or several."""
    if len(text) + len(group) > LONGEST_HEADER or not text:
        return None
    if of_relative(whole := _THIRD.sub(" ", spaced(f"{group} {text}"))) or of_staff(whole) or of_plan(whole):
        return None
    alone = _parted(text)
    if alone is not None and alone[1] != BARE:
        return alone
    if group:
        both = _parted(f"{group} {text}")
        if both is not None and (alone is not None or both[1] != BARE or text.isdigit()):
            return both
        above = _parted(group)
        field = _field(text)
        if above is not None and field and (above[1] == BARE or (above[1] == "vaccinated_on" and field in DATE_PARTS)):
            return above[0], field
    return alone


def _parted(text: str) -> tuple[Label, str] | None:
    """The dose that a text names and the fact beside it; with what stands in brackets, else without."""
    text = _COLUMN_NUMBER.sub(" ", text)  # the columns of a form are numbered: `Mũi tiêm (7)`
    return _read(fold(spaced(text))) or _read(fold(spaced(_BRACKETS.sub(" ", text))))


def _read(words: str) -> tuple[Label, str] | None:
    found = list(_DOSE.finditer(words))
    if len(found) == 1:
        (one,) = found
        label = _label(
            one["number"] or one["number_after"] or one["short"], one["role"] or one["role_after"], one["role_after"]
        )
        field = _fact(f"{words[: one.start()]} {words[one.end() :]}")
        return (label, field) if field else None
    figured = _LAST_FIGURE.fullmatch(words) if not found else None
    if figured is not None and (field := _fact(figured["fact"])) in _FIGURED:
        return _label(figured["number"], None, None), field
    return None


def _label(number: str | None, role: str | None, behind: str | None) -> Label:
    told = str(_NUMBERS[number]) if number else ""
    if role is None:
        return f"mũi {told}"
    kind = _ROLES[role]
    return f"mũi {told} {kind}" if behind and kind != "cơ bản" else f"{kind} {told}".strip()


def _fact(words: str) -> str:
    """The field of a dose that folded words name, BARE for none, empty for any other meaning."""
    words = " ".join(words.split())
    for said in (words, " ".join(_FILLER.sub(" ", words).split())):
        if not said:
            return BARE
        if field := _field(said):
            return BARE if field == "dose_number" else field  # `Mũi tiêm` over `Mũi 1` says no more than `Mũi 1`
    return ""


def _field(words: str) -> str:
    field = _SHORT.get(fold(spaced(words))) or exact(words) or ""
    return field if field in _FIELDS else ""


def doses_of(claims: Mapping[Label, Mapping[str, list[int]]]) -> list[DoseColumns]:
    """The doses, in the order of their columns, from the columns that claim each of their fields."""
    found = []
    for label, fields in claims.items():
        columns = {
            f"{field}_{nth}" if nth > 1 else field: at
            for field, places in fields.items()
            for nth, at in enumerate(places[:4], start=1)
        }
        if not all(part in columns for part in DATE_PARTS):
            parts = [columns.pop(part) for part in DATE_PARTS if part in columns]
            if parts and "vaccinated_on" not in columns:
                columns["vaccinated_on"] = parts[0]  # `Ngày` alone under `Mũi 1` is the whole of its date
        if not DOSE_FACTS.isdisjoint(columns):
            found.append(DoseColumns(label, columns))
    return sorted(found, key=_first)


def with_neighbours(doses: list[DoseColumns], claimed: dict[str, list[int]]) -> list[DoseColumns]:
    """The doses with what stands beside each of them without its number: `Ngày tiêm mũi 1, Lô, Ngày tiêm mũi 2, Lô`.

    Takes from `claimed` what is theirs: as many columns of a fact as there are doses, all behind, or all before theirs.
    """
    if len(doses) < 2:
        return doses
    for field in _REPEATED:
        places = sorted(claimed.get(field, ()))
        if len(places) != len(doses) or any(field in dose.columns for dose in doses):
            continue
        behind = [at for pair in zip(map(_first, doses), places, strict=True) for at in pair]
        before = [at for pair in zip(places, map(_first, doses), strict=True) for at in pair]
        if sorted(behind) in (behind, before):
            del claimed[field]
            pairs = zip(doses, places, strict=True)
            doses = [replace(dose, columns=dose.columns | {field: at}) for dose, at in pairs]
    return doses


def _first(dose: DoseColumns) -> int:
    return min(dose.columns.values())


_REPEATED = ("vaccinated_on", "vaccine", "lot", "dose_number", "dose_role", "facility_name", "facility_code")


def repeated_doses(claimed: Mapping[str, list[int]]) -> list[DoseColumns]:
    """Doses without a name: `Vắc xin, Ngày tiêm, Vắc xin, Ngày tiêm`, the same facts again and again side by side.

    Empty unless the day and another fact stand there equally often, dose by dose.
    """
    times = len(claimed.get("vaccinated_on", ()))
    fields = [field for field in _REPEATED if len(claimed.get(field, ())) == times]
    if times < 2 or len({"vaccine", "lot"}.intersection(fields)) == 0:
        return []
    doses = [DoseColumns("", {field: sorted(claimed[field])[nth] for field in fields}) for nth in range(times)]
    return doses if _apart(doses) else []


def _apart(doses: Iterable[DoseColumns]) -> bool:
    """Whether the columns of each dose stand before those of the next."""
    places = [sorted(dose.columns.values()) for dose in doses]
    return all(one[-1] < other[0] for one, other in pairwise(places))
