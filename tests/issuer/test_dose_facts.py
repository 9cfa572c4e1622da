"""Dose numbers as people write them; what names no number stays one."""

from typing import Any

import pytest

from issuer.reading.dose_facts import read_dose_number
from issuer.reading.problems import Problem


@pytest.mark.parametrize(
    ("cell", "number"),
    [
        (1, 1), (2.0, 2), ("01", 1), ("1.0", 1), ("Mũi 1", 1), ("MŨI1", 1), ("M2", 2), ("liều 3", 3), ("１", 1),
        ("I", 1), ("Mũi I", 1), ("mũi III", 3), ("một", 1), ("Mũi hai", 2), ("Mũi thứ nhất", 1), ("lần tiêm thứ tư", 4),
    ],
)  # fmt: skip
def test_a_dose_number_in_figures_or_in_words(cell: Any, number: int) -> None:
    assert read_dose_number(cell) == (number, "", None)


@pytest.mark.parametrize("cell", ["mũi ?", "25", "1/2", "Nam", "mũi một hai", "chưa tiêm", "mũi i/ii"])
def test_what_may_be_several_numbers_or_none_is_not_read(cell: str) -> None:
    assert read_dose_number(cell) == (None, "", Problem.DOSE_NUMBER_UNREADABLE)
