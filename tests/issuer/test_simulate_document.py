"""`specs/simulator.md` prints the table of classes as the code has it."""

from pathlib import Path

from issuer.simulate.country import FACILITY_COLUMNS
from issuer.simulate.defects import DEFECTS
from issuer.simulate.register import EXTRACT_COLUMNS, OPERATIONS
from issuer.simulate.truth import TRUTH_COLUMNS

LOSSLESS = {True: "yes", False: "no"}
TEXT = (Path(__file__).parents[2] / "specs" / "simulator.md").read_text(encoding="utf-8")


def test_table_of_classes_is_the_codes() -> None:
    told = [line for line in TEXT.splitlines() if line.startswith("| `") and line.count("|") == 7]
    assert told == [
        f"| `{one.name}` | {one.field} | {one.part} | {one.share:g} | {LOSSLESS[one.lossless]} | {one.meaning} |"
        for one in DEFECTS
    ]


def test_columns_and_operations_are_named() -> None:
    assert ", ".join(EXTRACT_COLUMNS) in TEXT
    assert ", ".join(FACILITY_COLUMNS) in TEXT
    for name in (*TRUTH_COLUMNS, *OPERATIONS):
        assert f"`{name}`" in TEXT
