"""A cell that nobody foresaw costs its own row at most: the rows of everybody else are cleaned."""

import json
from collections.abc import Mapping
from pathlib import Path

import pytest
import sqlalchemy as sa

from issuer.formulas import quoted
from issuer.reading.dose_facts import read_dose_number
from issuer.reading.problems import Problem
from issuer.store.engine import writing
from tests.dose_lists import HEADER, cleaned, csv_text, row, table, take


def _taken(register: sa.Engine, folder: Path, raw: Mapping[int, str]) -> None:
    """A right row per column of HEADER is taken in; in row n cell n becomes `raw[n]`, stored as a reader may."""
    rows = [row(Số_CCCD=f"00119000001{number}") for number in range(len(HEADER))]
    (folder / "doses.csv").write_text(csv_text(HEADER, *rows), encoding="utf-8")
    take(register, folder / "doses.csv")
    stored = [one for one in table(register, "source_row") if "00119000001" in one["cells"]]
    with writing(register) as connection:
        for at, text in raw.items():
            cells = [*map(json.dumps, json.loads(stored[at]["cells"]))]
            connection.execute(
                sa.text("UPDATE source_row SET cells = :cells WHERE row_id = :row_id"),
                {"cells": f"[{','.join([*cells[:at], text, *cells[at + 1 :]])}]", "row_id": stored[at]["row_id"]},
            )


@pytest.mark.parametrize("raw", ["NaN", "1e400"])
def test_a_number_that_is_none_is_told_as_an_error_of_its_cell(register: sa.Engine, tmp_path: Path, raw: str) -> None:
    _taken(register, tmp_path, dict.fromkeys(range(len(HEADER)), raw))
    counts = cleaned(register)
    assert counts.problems["CELL_ERROR"] == len(HEADER)
    assert counts.fates["stored"] == len(table(register, "dose")) == len(HEADER)


def test_a_row_that_cannot_be_read_at_all_is_refused_alone(register: sa.Engine, tmp_path: Path) -> None:
    _taken(register, tmp_path, {1: "9" * 5_000})  # more digits than the interpreter turns into a number
    counts = cleaned(register)
    assert (counts.fates["stored"], counts.fates["rejected: CELL_ERROR"]) == (len(HEADER) - 1, 1)
    assert cleaned(register).rows == 0
    assert len(table(register, "dose")) == len(HEADER) - 1


@pytest.mark.parametrize("cell", [float("nan"), 1e400, 10**400, 1.5, 0, 10, -1])
def test_a_number_of_no_dose(cell: float) -> None:
    assert read_dose_number(cell) == (None, "", Problem.DOSE_NUMBER_UNREADABLE)


@pytest.mark.parametrize(
    "name",
    [
        "=1+1.csv",
        "+1.csv",
        "-1.csv",
        "@SUM(1).csv",
        "\t=1.csv",
        "\r=1.csv",
        "\n=1.csv",
        " =1.csv",
        "＝1.csv",
        "＠a.csv",
    ],
)
def test_the_name_of_a_file_is_no_formula_in_the_outcomes(name: str) -> None:
    assert quoted(name) == f"'{name}"


@pytest.mark.parametrize("name", ["", "danh sách.csv", "a=1.csv", "Xã\u00a0A.csv", "1-2.csv"])
def test_any_other_name_of_a_file_is_told_as_it_is(name: str) -> None:
    assert quoted(name) == name
