"""The weights: found again where they were planted, the same to the last digit, and printed as they are."""

import json
import math
from collections.abc import Mapping
from pathlib import Path

import pytest
import sqlalchemy as sa

from issuer.__main__ import main
from issuer.link.estimate import Pattern, maximise
from issuer.link.model import Birth, Evidence, Life, Name, Number, Sex
from issuer.link.run import estimate_weights
from issuer.link.weights import FIELDS, SILENT, shipped_weights, weights_of, weights_text
from issuer.people import load_people
from tests.country import make_country
from tests.dose_lists import NOW, cleaned, take

TEXT = (Path(__file__).parents[2] / "specs" / "linking.md").read_text(encoding="utf-8")


def _patterns(
    m: Mapping[str, Mapping[str, float]], u: Mapping[str, Mapping[str, float]], matches: int
) -> list[Pattern]:
    """Counts as expected of `matches` true pairs and 1000 times as many false ones, over three fields."""
    found = []
    for number in (Number.CURRENT, Number.DIFFERENT):
        for name in (Name.EQUAL, Name.MARKS, Name.DIFFERENT):
            for birth in (Birth.EQUAL, Birth.SWAPPED, Birth.DIFFERENT):
                levels = (number, name, birth, Sex.MISSING, Life.UNCLEAR)
                true, false = float(matches), 1000.0 * matches
                for field, level in zip(FIELDS, levels[:3], strict=False):
                    true *= m[field][level.name.lower()]
                    false *= u[field][level.name.lower()]
                found.append((tuple(int(level) for level in levels), round(true + false)))
    return found


def test_planted_rates_are_found_again() -> None:
    m = {
        "number": {"current": 0.9, "different": 0.1},
        "name": {"equal": 0.93, "marks": 0.05, "different": 0.02},
        "birth": {"equal": 0.95, "swapped": 0.04, "different": 0.01},
    }
    u = {
        "number": {"current": 0.001, "different": 0.999},
        "name": {"equal": 0.002, "marks": 0.003, "different": 0.995},
        "birth": {"equal": 0.001, "swapped": 0.001, "different": 0.998},
    }

    def whole(some: dict[str, dict[str, float]], rest: float) -> dict[str, dict[str, float]]:
        return {
            field: {
                level.name.lower(): some.get(field, {}).get(level.name.lower(), rest)
                for level in kind
                if level.name not in SILENT
            }
            for field, kind in FIELDS.items()
        }

    start = {"number": {"current": 0.5, "different": 0.5}, "name": {"equal": 0.6, "marks": 0.3, "different": 0.1}}
    start["birth"] = {"equal": 0.6, "swapped": 0.3, "different": 0.1}
    found, rounds = maximise(_patterns(m, u, 1_000_000), whole(u, 1e-7), whole(start, 1e-4), 1 / 1001)
    assert rounds > 3
    for field, levels in m.items():
        for level, share in levels.items():
            assert math.isclose(found[field][level], share, rel_tol=0.05), (field, level)


@pytest.fixture
def small(sqlite_register: sa.Engine, tmp_path: Path) -> sa.Engine:
    make_country(tmp_path / "land", people=3_000, rows=6_000, delta_days=0, seed=4)
    load_people(sqlite_register, tmp_path / "land" / "people.csv", now=NOW, actor="test")
    for path in sorted((tmp_path / "land" / "doses").iterdir()):
        take(sqlite_register, path)
    cleaned(sqlite_register)
    return sqlite_register


def test_the_same_register_gives_the_same_weights(small: sa.Engine) -> None:
    shipped = shipped_weights()
    first = estimate_weights(small, threads=1)
    again = estimate_weights(small, threads=4)
    assert weights_text(first.weights(shipped)) == weights_text(again.weights(shipped))
    # a country three hundred times smaller tells the same of the common findings
    for field, level in (("name", "equal"), ("birth", "equal"), ("number", "current"), ("sex", "equal")):
        assert math.isclose(first.m[field][level], shipped.m[field][level], rel_tol=0.03), (field, level)
    for field, level in (("name", "no_marks"), ("name", "marks"), ("birth", "swapped"), ("number", "old")):
        assert math.isclose(first.m[field][level], shipped.m[field][level], rel_tol=0.6), (field, level)


def test_estimating_by_command(small: sa.Engine, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    assert main(["link", "--database", str(small.url), "--estimate", "--threads", "1"]) == 0
    printed = capsys.readouterr().out
    assert weights_text(weights_of(printed)) == printed
    (tmp_path / "weights.json").write_text(printed, encoding="utf-8")
    assert main(["link", "--database", str(small.url), "--weights", str(tmp_path / "weights.json")]) == 0
    (tmp_path / "weights.json").write_text('{"m": {}}', encoding="utf-8")
    capsys.readouterr()
    assert main(["link", "--database", str(small.url), "--weights", str(tmp_path / "weights.json")]) == 1
    assert "FILE_UNREADABLE" in capsys.readouterr().err


@pytest.mark.parametrize(
    "wrong", [["--threads", "0"], ["--threads", "many"], ["--memory", "lots"], ["--memory", "0GB"]]
)
def test_wrong_options_are_usage(wrong: list[str]) -> None:
    with pytest.raises(SystemExit) as stopped:
        main(["link", *wrong])
    assert stopped.value.code == 2


def test_shipped_weights_are_a_whole_table() -> None:
    weights = shipped_weights()
    for field, kind in FIELDS.items():
        named = {level.name.lower() for level in kind if level.name not in SILENT}
        assert set(weights.m[field]) == set(weights.u[field]) == named
        assert math.isclose(sum(weights.m[field].values()), 1, rel_tol=0.01)
        assert math.isclose(sum(weights.u[field].values()), 1, rel_tol=0.01)
    assert weights_text(weights_of(weights_text(weights))) == weights_text(weights)
    exact = Evidence(Number.CURRENT, Name.EQUAL, Birth.EQUAL, Sex.EQUAL, Life.ALIVE)
    assert weights.total(exact) == max(
        weights.total(Evidence(number, name, Birth.EQUAL, Sex.EQUAL, Life.ALIVE)) for number in Number for name in Name
    )


@pytest.mark.parametrize("text", ["", "[]", '{"m": {}}', "null", json.dumps({"m": {}, "u": {}, "proposed_from": 1})])
def test_what_is_no_table_of_weights_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"weights|Expecting"):
        weights_of(text)


def test_the_document_prints_the_weights_and_thresholds() -> None:
    weights = shipped_weights()
    for field, kind in FIELDS.items():
        for level in kind:
            if level.name not in SILENT:
                name = level.name.lower()
                line = (
                    f"| {field} | `{name}` | {weights.m[field][name]:.3g} | {weights.u[field][name]:.3g}"
                    f" | {weights.of(field, level) / 100:+.1f} |"
                )
                assert line in TEXT, line
    for threshold in (weights.proposed_from, weights.as_well, weights.clear_from):
        assert f"{threshold / 100:g} bits" in TEXT
