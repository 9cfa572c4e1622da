"""The truth is true: a plain reader of the written files, knowing only what lossless means, finds what truth.csv says.

The reader is deliberately not the issuer's: it shares no code with `issuer.intake` or `issuer.clean`.
"""

import csv
import datetime as dt
import re
from collections import defaultdict
from decimal import Decimal
from itertools import groupby
from pathlib import Path

import pytest
from python_calamine import CalamineWorkbook

from issuer.simulate.country import Simulated, simulate
from issuer.simulate.layouts import HEADERS
from issuer.simulate.legacy_text import LEGACY, to_legacy
from issuer.simulate.settings import Settings
from specs.names import compose, lossless_key

Row = dict[str, str]
TONES = "\u0301\u0300\u0309\u0303\u0323"
HEADERS_OF = {name: column for column, names in HEADERS.items() for name in names}
FACTS_OF_THE_PERSON = {"dead_person", "register_fault", "id_old_number"}
"""Classes whose rows may agree in every cell and still prove nothing."""


def table(path: Path) -> list[Row]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def lines_of(path: Path) -> list[list[object]]:
    if path.suffix == ".xlsx":
        sheet = CalamineWorkbook.from_path(path).get_sheet_by_index(0)
        return [[*row] for row in sheet.to_python(skip_empty_area=False)]
    raw = path.read_bytes()
    encoding = "utf-16" if raw[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig"
    try:
        text = raw.decode(encoding)
    except UnicodeDecodeError:
        text = raw.decode("latin-1")
    lines = text.split("\r\n")
    delimiter = max(",;\t", key=lambda sign: sum(line.count(sign) for line in lines[:20]))
    return [[*next(csv.reader([line], delimiter=delimiter))] if line else [] for line in lines]


class Sheet:
    """One dose list, with its columns found by their headers."""

    def __init__(self, path: Path, font: str | None) -> None:
        self.lines, self.font = lines_of(path), font
        names = {to_legacy(name, font) if font else name: name for name in sum(HEADERS.values(), ())}
        folded = {re.sub(r"[\s.(*)]", "", name).lower(): HEADERS_OF[real] for name, real in names.items()}
        found = ([folded.get(re.sub(r"[\s.(*)]", "", str(cell)).lower()) for cell in line] for line in self.lines)
        nth, columns = next((at, found) for at, found in enumerate(found) if sum(map(bool, found)) >= 5)
        below = [folded.get(str(cell).lower()) for cell in self.lines[nth + 1]]
        if sum(column is not None for column in below) >= 2:  # a header of two lines
            columns = [under or over for over, under in zip(columns, below, strict=True)]
        self.at = {column: place for place, column in enumerate(columns) if column}
        # "Tên" is the given name beside "Họ đệm", else the whole name; "Ngày sinh" the day beside "Tháng sinh"
        if "surname" not in self.at and "given" in self.at:
            self.at["name"] = self.at.pop("given")
        if "birth_m" in self.at:
            self.at["birth_d"] = next(self.at[one] for one in ("birth_d", "birth") if one in self.at)
        else:
            self.at["birth"] = next(self.at[one] for one in ("birth", "birth_d", "birth_y") if one in self.at)

    def cell(self, row: int, column: str) -> object:
        return self.lines[row - 1][self.at[column]]

    def name(self, row: int) -> str:
        if "name" in self.at:
            return str(self.cell(row, "name"))
        return f"{self.cell(row, 'surname')} {self.cell(row, 'given')}"

    def sex(self, row: int) -> str:
        if "sex" not in self.at:
            return "nam" if self.cell(row, "sex_m") == "x" else "nữ"
        text = str(self.cell(row, "sex"))
        return from_legacy(text, self.font) if self.font else text

    def number(self, row: int) -> str:
        cell = self.cell(row, "id")
        text = str(int(cell)) if isinstance(cell, float) else str(cell)
        text = text.strip("'").replace("O", "0").replace("o", "0")
        if re.fullmatch(r"\d\.\d+E\+\d+", text):
            text = str(int(Decimal(text))) if len(text.split("E")[0]) > 8 else text
        text = re.sub(r"\.0$", "", text)
        text = re.sub(r"[ .-]", "", text)
        return text.zfill({8: 9, 10: 12, 11: 12}.get(len(text), 0)) if text.isdigit() else text

    def birth(self, row: int) -> str:
        if "birth_m" not in self.at:
            return read_date(self.cell(row, "birth"))
        parts = [str(self.cell(row, column)) for column in ("birth_d", "birth_m", "birth_y")]
        parts = [str(int(float(part))) if part else "" for part in parts]
        return "-".join(part.zfill(2) for part in reversed(parts) if part)


def read_date(cell: object) -> str:
    """ISO 8601, or the text itself when it can be read in two ways or none."""
    if isinstance(cell, dt.date):
        return cell.isoformat()[:10]
    text = str(int(cell)) if isinstance(cell, float) else str(cell)
    text = re.sub(r"\s|00:00:00", "", text)
    if re.fullmatch(r"\d{5}", text):
        return (dt.date(1899, 12, 30) + dt.timedelta(int(text))).isoformat()
    if re.fullmatch(r"\d{4}", text):
        return text
    if found := re.fullmatch(r"(\d{2})/(\d{4})", text):
        return f"{found[2]}-{found[1]}"
    if found := re.fullmatch(r"(\d{4})[/-](\d\d)[/-](\d\d)", text):
        return "-".join(found.groups())
    if found := re.fullmatch(r"(\d\d)[./-](\d\d)[./-](\d{4})", text):
        return f"{found[3]}-{found[2]}-{found[1]}"
    if (found := re.fullmatch(r"(\d\d)/(\d\d)/(\d\d)", text)) and int(found[3]) > 22:
        return f"19{found[3]}-{found[2]}-{found[1]}"
    return text


@pytest.fixture(scope="module")
def country(tmp_path_factory: pytest.TempPathFactory) -> Simulated:
    settings = Settings(
        people=9_000, rows=24_000, seed=11, people_per_commune=1_000, communes_per_block=3, xlsx_rows=6_000
    )
    return simulate(settings, tmp_path_factory.mktemp("true") / "country")


def test_a_plain_reader_finds_what_the_truth_says(country: Simulated) -> None:
    people = {row["so_dinh_danh"]: row for row in table(country.people_csv)}
    old: dict[str, list[str]] = defaultdict(list)
    for row in people.values():
        for number in filter(None, row["so_giay_to_cu"].split(";")):
            old[number].append(row["so_dinh_danh"])
    truth = [row for row in table(country.truth_csv) if row["error_classes"] != "test_row"]
    agreed = doubted = 0
    for name, told in groupby(truth, key=lambda row: row["file"]):
        rows = list(told)
        font = next((font for font in LEGACY if f"file_{font}" in rows[0]["error_classes"]), None)
        sheet = Sheet(country.folder / "doses" / name, font)
        for row in rows:
            at = int(row["row"])
            number = sheet.number(at)
            holders = [number] if number in people else old.get(number, [])
            found = people[holders[0]] if len(holders) == 1 else None
            written, known = sheet.name(at), found["ho_ten"] if found else ""
            same_name = lossless_key(from_legacy(written, font) if font else written) == lossless_key(known)
            proves = bool(
                found
                and same_name
                and sheet.birth(at) == found["ngay_sinh"]
                and sheet.sex(at).lower() == found["gioi_tinh"].lower()
            )
            classes = {*row["error_classes"].split(";")}
            if row["conclusive"] == "yes":
                assert proves, (row["file"], row["row"], row["error_classes"])
                assert found is not None
                assert found["so_dinh_danh"] == row["so_dinh_danh"]
                agreed += 1
            else:
                if not classes & FACTS_OF_THE_PERSON:
                    assert not proves, (row["file"], row["row"], row["error_classes"])
                doubted += 1
    assert agreed > 20_000
    assert doubted > 1_500


def from_legacy(text: str, font: str) -> str:
    """Unicode again, the longest code first; where TCVN3 has one code for both, the small letter."""
    letters = [compose(vowel + tone) for vowel in "aăâeêioôơuưy" for tone in ("", *TONES)] + ["đ"]
    codes = {to_legacy(letter, font): letter for letter in (*map(str.upper, letters), *letters)}
    longest_first = "|".join(sorted(map(re.escape, codes), key=len, reverse=True))
    return re.sub(longest_first, lambda found: codes[found[0]], text)
