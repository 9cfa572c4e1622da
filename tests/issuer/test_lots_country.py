"""The make-believe country's deliveries: exactly the lots that were spoiled are told, and nothing of the others."""

import csv
from pathlib import Path

import sqlalchemy as sa

from issuer.clean.clean import clean
from issuer.clean.lots import check_lots
from issuer.deliveries import REQUIRED, load_deliveries
from issuer.intake.take_in import take_in
from issuer.simulate.country import Simulated
from issuer.simulate.deliveries import DELIVERY_COLUMNS, FAULTS, LOT_TRUTH_COLUMNS
from issuer.store.engine import reading
from tests.country import make_commune, make_country
from tests.small_register import NOW

TEXT = (Path(__file__).parents[2] / "specs" / "simulator.md").read_text(encoding="utf-8")
FOUND = sa.text(
    "SELECT DISTINCT f.code, replace(d.lot, 'O', '0'), p.code FROM problem p JOIN dose d ON d.dose_id = p.row_id "
    "JOIN facility f ON f.facility_id = d.facility_id WHERE p.number BETWEEN 900 AND 999"
)
Told = set[tuple[str, ...]]


def rows(path: Path) -> list[tuple[str, ...]]:
    with path.open(encoding="utf-8", newline="") as file:
        return [tuple(line) for line in csv.reader(file)][1:]


def told(register: sa.Engine, made: Simulated, codes: dict[str, str]) -> Told:
    """(facility, lot, problem) after all was taken in; `codes`: how the names of its lists begin -> the facility."""
    for path in made.dose_files:
        code = next(code for begin, code in codes.items() if path.name.startswith(begin))
        take_in(register, path, now=NOW, actor="test", facility_code=code)
    clean(register, now=NOW, actor="test")
    loaded = load_deliveries(register, made.deliveries_csv, now=NOW, actor="test")
    assert (loaded.new, loaded.unknown_facilities) == (len(rows(made.deliveries_csv)), 0)
    check_lots(register)
    with reading(register) as connection:
        return {tuple(row) for row in connection.execute(FOUND)}


def test_a_commune(register: sa.Engine, tmp_path: Path) -> None:
    made = make_commune(tmp_path / "commune")
    planted = set(rows(made.folder / "truth-lots.csv"))
    assert {problem for _, _, problem in planted} == set(FAULTS)
    assert told(register, made, {"": rows(made.folder / "facilities.csv")[0][0]}) == planted


def test_a_few_communes_with_lists_that_not_always_tell_lots(sqlite_register: sa.Engine, tmp_path: Path) -> None:
    made = make_country(tmp_path / "country", rows=6_000, people=2_500)
    codes = {  # two communes, a hospital and a team a block
        f"{at // 4:05}-{at % 4:02}": code for at, (code, _, _) in enumerate(rows(made.folder / "facilities.csv"))
    }
    planted = set(rows(made.folder / "truth-lots.csv"))
    found = told(sqlite_register, made, codes)
    assert found <= planted
    assert len(found) > len(planted) / 2


def test_the_document_names_the_columns() -> None:
    assert set(REQUIRED) < set(DELIVERY_COLUMNS)
    for columns in (DELIVERY_COLUMNS, LOT_TRUTH_COLUMNS):
        assert f"`{', '.join(columns)}`" in TEXT
