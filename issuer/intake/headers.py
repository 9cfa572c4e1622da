"""Where the header row of a sheet is, and what each of its columns means beside the others."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import zip_longest

from issuer.intake.dose_columns import (
    DATE_PARTS,
    DOSE_FACTS,
    DoseColumns,
    dose_column,
    doses_of,
    repeated_doses,
    with_neighbours,
)
from issuer.intake.header_words import (
    FOLDED_ONLY_IN_CONTEXT,
    GUARDIANS,
    LONGEST_HEADER,
    by_words,
    exact,
    meaning,
    of_plan,
    of_relative,
    plain,
    spaced,
    without_child,
)
from specs.names import fold

__all__ = ["Header", "find_header", "meaning"]

_HEADER_ROWS = 60
"""How far down the header row is looked for: titles of a Vietnamese state form take ten rows at most."""
_MOST_LINES = 3
"""Lines of a header: `Liều nhắc lại` over `Mũi 1` over `Ngày tiêm`."""
_IDENTITY = frozenset({"full_name", "family_part", "id_number"})
_DOSE_LIST = frozenset({"vaccinated_on", "vaccinated_year", "vaccine", "dose_number"})
_PARTS_OF_BIRTH = frozenset({"birth_day", "birth_month", "birth_year"})
_SUB_HEADERS = frozenset({"sex_male", "sex_female", "family_part", "middle_part", "given_part"}) | _PARTS_OF_BIRTH


@dataclass(frozen=True, slots=True)
class Header:
    """Where the header is (`first`, `last`: places in the rows given) and the column of every field; all from 0.

    The second to fourth column of a fact are `id_number_2`, `lot_2`. `texts`: the heading of every column. `twice`:
    columns that claim the same fact of the person, so that nobody knows which is whose. `doses`: the columns of each
    dose, if the rows hold several; `columns` are then those that all of them share.
    """

    first: int
    last: int
    columns: dict[str, int]
    texts: tuple[str, ...]
    twice: tuple[int, ...] = ()
    doses: tuple[DoseColumns, ...] = ()

    @property
    def count(self) -> int:
        """How many columns it names."""
        return len(self.columns) + sum(len(dose.columns) for dose in self.doses)

    @property
    def of_doses(self) -> bool:
        """Whether it names a fact of a dose; without one it may be a list of the staff."""
        return bool(self.doses) or not _DOSE_LIST.isdisjoint(self.columns)


def find_header(*readings: Sequence[Sequence[object]]) -> Header | None:
    """The header among the first rows of a sheet: the first row, or rows one above the other, that may be one.

    A header names at least three fields, one of them the name or the number of a person. Rather than one without a fact
    of a dose, a later one that has it and names more. Of several `readings` of the
    same rows, as they stand and in an old font, the one that names the most.
    """
    found = [header for rows in readings if (header := _find_header(rows)) is not None]
    return max(found, key=lambda header: header.count, default=None)


def _find_header(rows: Sequence[Sequence[object]]) -> Header | None:
    best: Header | None = None
    above: list[str] = []
    for at, row in enumerate(rows[:_HEADER_ROWS]):
        if best is not None and best.of_doses and at > best.last + 1:
            break  # no later one would take its place
        texts = _texts(row)
        over, above = above, texts
        if sum(map(bool, texts)) < 2:
            continue
        found = _read(texts, _groups([over], texts, relatives=True), at, at)
        upper = [texts]
        for last in range(at + 1, min(at + _MOST_LINES, len(rows))):
            below = _texts(rows[last], figures=True)
            groups = _groups(upper, below)
            if not _tells_headings(rows[last], below, groups):
                break
            joined = _read(_join(*upper, below), groups, at, last)
            least = found.count if found is not None else 0
            if not _is_sub_header(below, groups, _groups(upper, below, relatives=True)):
                alone = _read(below, [], last, last)
                least = max(least, alone.count if alone is not None else 0) + 1
            upper.append(below)
            if joined is not None and joined.count >= least:
                found = joined
        if found is not None and _is_header(found) and (best is None or _instead(found, best)):
            best = found
    return best


def _texts(row: Sequence[object], *, figures: bool = False) -> list[str]:
    """The texts of a row; `figures`: those too that number the doses under `Ngày tiêm mũi`."""
    texts = [cell if isinstance(cell, str) else "" for cell in row]
    if figures:
        for at, cell in enumerate(row):
            if isinstance(cell, int | float) and cell in range(1, 10):
                texts[at] = str(int(cell))
    return texts


def _groups(uppers: Sequence[list[str]], lower: list[str], *, relatives: bool = False) -> list[str]:
    """For every column of the lowest row the headings above it, which go on to the right over blank cells.

    With `relatives` only those that name one: `Thông tin mẹ` over `Họ tên`, `Ngày sinh`. One text alone is a title.
    """
    groups = [""] * len(lower)
    begun: set[int] = set()
    for upper in uppers:
        if sum(map(bool, upper)) < 2:
            continue
        begun.update(at for at, text in enumerate(upper) if text)
        group = ""
        for at, text in enumerate(lower):
            above = upper[at] if at < len(upper) else ""
            group = (above or ("" if at in begun else group)) if text else ""
            if not relatives or (len(group) <= LONGEST_HEADER and of_relative(spaced(group))):
                groups[at] = f"{groups[at]} {group}".strip()
    return groups


def _instead(later: Header, first: Header) -> bool:
    """Whether a header that names more is the list's: what stands between the two would be taken for its titles."""
    joined = later.first <= first.last + 1
    return later.count > first.count and (joined or (later.of_doses and not first.of_doses))


def _is_header(header: Header) -> bool:
    return header.count >= 3 and not _IDENTITY.isdisjoint(header.columns)


def _tells_headings(row: Sequence[object], texts: Sequence[str], groups: Sequence[str]) -> bool:
    """Whether every cell of the row is a heading, as no row of a person is."""
    filled = [(text, group) for cell, text, group in zip(row, texts, groups, strict=True) if cell != ""]
    for text, group in filled:
        known = text and (_sub_meaning(text) or dose_column(text, group) is not None)
        if not known and (not text or text.isdigit() or dose_column(group) is None):
            return False  # what stands under a dose may be any words: `Hạn dùng` under `Mũi 1`
    return bool(filled)


def _is_sub_header(texts: Sequence[str], groups: Sequence[str], relatives: Sequence[str]) -> bool:
    """Whether headings can only be parts of those above them; others are if both lines name more than either alone."""
    filled = [(text, group) for text, group in zip(texts, groups, strict=True) if text]
    doses = any(dose_column(text, group) is not None for text, group in filled)
    return doses or any(relatives) or any(_sub_meaning(text) in _SUB_HEADERS for text, _ in filled)


def _sub_meaning(text: str) -> str | None:
    return (
        "birth_year"
        if fold(plain(text)) == "nam" and plain(text) != "nam"
        else meaning(text) or ("sex_male" if plain(text) == "nam" else None)
    )


def _join(*lines: list[str]) -> list[str]:
    """One text a column: that of the lowest row that has one."""
    columns = zip_longest(*reversed(lines), fillvalue="")
    return [next(filter(None, texts), "") for texts in columns]


def _read(texts: list[str], groups: list[str], first: int, last: int) -> Header | None:
    named: dict[str, list[int]] = {}
    worded: dict[str, list[int]] = {}
    of_child: dict[str, list[int]] = {}
    doses: dict[str, dict[str, list[int]]] = {}
    for at, text in enumerate(texts):
        if not text:
            continue
        group = groups[at] if at < len(groups) else ""
        if (of_dose := dose_column(text, group)) is not None:
            doses.setdefault(of_dose[0], {}).setdefault(of_dose[1], []).append(at)
            continue
        child = without_child(text)
        field, claims = exact(child or text), named
        if field is None or (field == "sex_male" and text.isascii()):
            options = FOLDED_ONLY_IN_CONTEXT.get(fold(plain(text)), ())
            field = _by_neighbours(texts, at, options) or field
        if field is None:
            field, claims = by_words(child or text), worded
        if field is not None and group:
            field = _in_group(field, group)
        if field is not None:
            (claims if child is None else of_child).setdefault(field, []).append(at)
    if _NAMES.isdisjoint(named) and _NAMES.isdisjoint(worded):
        for field, places in of_child.items():  # nobody else is named: the list is one of children
            named.setdefault(field, []).extend(places)
    if not named and not worded:
        return None
    claimed = {field: named.get(field, []) + worded.get(field, []) for field in named | worded}
    each = with_neighbours(doses_of(doses), claimed) or repeated_doses(claimed)
    if not doses:
        claimed = {field: places for field, places in claimed.items() if all(field not in one.columns for one in each)}
    columns = {field: places[0] for field, places in claimed.items()}
    for field in _SEVERAL:
        for nth, at in enumerate(claimed.get(field, ())[1:4], start=2):
            columns[f"{field}_{nth}"] = at
    _settle(columns)
    used = set(columns.values())
    twice = [at for field in _ONE_ONLY for at in claimed.get(field, ()) if len(claimed[field]) > 1]
    return Header(
        first, last, columns, tuple(texts), tuple(sorted(twice)) if used.intersection(twice) else (), tuple(each)
    )


_SEVERAL = (
    *("id_number", "vaccinated_on", "vaccine", "lot", "dose_number", "dose_role", "facility_name", "facility_code"),
    *("phone", "nationality", "commune", "address"),
)
"""Facts that may have several columns, which must agree (issuer.clean.agreement)."""
_NAMES = frozenset({"full_name", "family_part", "given_part"})
_ONE_ONLY = (
    *(
        "full_name",
        "family_part",
        "middle_part",
        "given_part",
        "birth_date",
        "birth_day",
        "birth_month",
        "birth_year",
        "sex",
    ),
    *DATE_PARTS,
)
_DOSE_PARTS = dict(zip(("birth_day", "birth_month", "birth_year"), DATE_PARTS, strict=True))
_BIRTH_GROUPS = ("sinh", "ca nhan", "doi tuong")


def _in_group(field: str, group: str) -> str | None:
    """The field of a sub-header under its group: `Ngày` under `Ngày tiêm` is no birthday, `Họ tên` under `Mẹ` none."""
    words = spaced(group)
    if of_relative(words) and field not in GUARDIANS:
        return None
    if of_plan(words) and field in DOSE_FACTS:
        return None
    if field not in _DOSE_PARTS or any(word in fold(words) for word in _BIRTH_GROUPS):
        return field
    if meaning(group) == "vaccinated_on":
        return _DOSE_PARTS[field]
    return field if meaning(group) == field else None


def _by_neighbours(texts: list[str], at: int, options: tuple[str, ...]) -> str | None:
    around = {fold(plain(text)) for text in texts[max(0, at - 2) : at + 3]}
    if "birth_year" in options:
        return "sex_male" if "nu" in around else "birth_year" if around & {"thang", "thang sinh"} else None
    return options[0] if len(options) == 1 else None


def _settle(columns: dict[str, int]) -> None:
    """Headers whose meaning depends on the others: Tên, Ngày sinh as one column or three, Năm sinh, Nam."""
    if "family_part" in columns and "given_part" not in columns and "full_name" in columns:
        if columns["family_part"] < columns["full_name"]:
            columns["given_part"] = columns.pop("full_name")  # "Họ" and "Họ tên": the second is "Tên"
        else:
            columns.pop("family_part")
    if not {"family_part", "given_part"} <= columns.keys():
        columns.pop("middle_part", None)
    if "given_part" in columns and "family_part" not in columns:
        given = columns.pop("given_part")
        columns.setdefault("full_name", given)
    if "full_name" in columns and "family_part" in columns:
        columns.pop("family_part")
        columns.pop("given_part", None)
        columns.pop("middle_part", None)
    dose_parts = [columns.get(part, -1) for part in _DOSE_PARTS.values()]
    if "vaccinated_on" in columns or min(dose_parts) < 0:
        for part in _DOSE_PARTS.values():
            columns.pop(part, None)
    month = columns.get("birth_month", -1)
    day = columns.get("birth_day", columns.get("birth_date", -1) if columns.get("birth_date") == month - 1 else -1)
    if month >= 0 and day >= 0 and "birth_year" in columns:
        columns["birth_day"] = day
        columns.pop("birth_date", None)
    else:
        columns.pop("birth_month", None)
        columns.pop("birth_day", None)
        year = columns.pop("birth_year", None)
        if year is not None:
            columns.setdefault("birth_date", year)
    if "sex" in columns:
        columns.pop("sex_male", None)
        columns.pop("sex_female", None)
