"""The score counts what it says: planted right, wrong, missing and doubtful outcomes, each seen."""

import csv
import io
from collections.abc import Callable
from pathlib import Path

import pytest

from issuer.__main__ import main
from issuer.commands.score import print_score
from issuer.errors import Code, IssuerError
from issuer.simulate.country import Simulated
from issuer.simulate.score import OUTCOME_COLUMNS, Score, score
from tests.country import make_commune, make_country

Row = dict[str, str]


def table(path: Path) -> list[Row]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def honest(row: Row, after: str = "") -> Row:
    """The outcome of an issuer that concludes what can be concluded, and proposes the rest."""
    conclusive, person = row[f"conclusive{after}"] == "yes", row[f"so_dinh_danh{after}"]
    test, foreign = row["error_classes"] == "test_row", "foreigner" in row["error_classes"]
    fate = "rejected" if test else "duplicate" if row["duplicate_of"] else "stored"
    return {
        "file": row["file"], "sheet": row["sheet"], "row": row["row"], "fate": fate, "problems": "",
        "link_class": "foreign" if foreign else "matched" if conclusive else "mismatched",
        "so_dinh_danh": person if conclusive and fate == "stored" else "", "proposals": "" if conclusive else person,
    }  # fmt: skip


@pytest.fixture(scope="module")
def commune(tmp_path_factory: pytest.TempPathFactory) -> Simulated:
    return make_commune(tmp_path_factory.mktemp("scored") / "commune")


Scorer = Callable[..., Score]


@pytest.fixture
def scored(commune: Simulated, tmp_path: Path) -> Scorer:
    def run(spoil: Callable[[list[Row]], list[Row]] = lambda rows: rows) -> Score:
        path = tmp_path / "outcomes.csv"
        write(path, spoil([honest(row) for row in table(commune.truth_csv)]))
        return score(commune.truth_csv, path)

    return run


def write(path: Path, rows: list[Row]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        lines = csv.DictWriter(file, OUTCOME_COLUMNS)
        lines.writeheader()
        lines.writerows(rows)


def linked(rows: list[Row]) -> int:
    return next(at for at, row in enumerate(rows) if row["so_dinh_danh"])


def test_an_honest_issuer_is_whole(scored: Scorer, commune: Simulated) -> None:
    result = scored()
    assert result.whole
    assert result.rows == commune.rows + commune.test_rows
    assert result.right + result.unresolved == result.rows
    assert (result.wrong, result.unproven, result.rejected) == (0, 0, 0)
    assert result.resolved == result.known
    assert result.floor * 0.9 <= result.queue <= result.floor
    assert result.raw_queue > 3 * result.floor
    assert result.classes[0].name == "clean"
    assert result.classes[0].right == result.classes[0].rows


def test_a_link_to_somebody_else_is_wrong(scored: Scorer) -> None:
    def spoil(rows: list[Row]) -> list[Row]:
        rows[linked(rows)]["so_dinh_danh"] = "001099999999"
        return rows

    result = scored(spoil)
    assert (result.wrong, result.merged) == (1, 0)
    assert not result.whole


def test_a_link_where_the_register_knows_nobody_is_wrong(scored: Scorer, commune: Simulated) -> None:
    strangers = [row for row in table(commune.truth_csv) if not row["so_dinh_danh"]]

    def spoil(rows: list[Row]) -> list[Row]:
        for row in rows:
            if row["row"] in {stranger["row"] for stranger in strangers}:
                row["so_dinh_danh"] = "001099999999"
        return rows

    assert scored(spoil).wrong == len(strangers)


def test_a_dose_called_a_duplicate_of_nothing_is_wrong(scored: Scorer, commune: Simulated) -> None:
    repeated = {row["duplicate_of"].rpartition(":")[2] for row in table(commune.truth_csv)}

    def spoil(rows: list[Row]) -> list[Row]:
        lost = next(row for row in rows if row["so_dinh_danh"] and row["row"] not in repeated)
        lost.update(fate="duplicate", so_dinh_danh="")
        return rows

    result = scored(spoil)
    assert (result.wrong, result.merged) == (1, 1)


def test_the_original_may_stand_as_the_duplicate_of_its_copy(scored: Scorer, commune: Simulated) -> None:
    copy = next(row for row in table(commune.truth_csv) if row["duplicate_of"] and row["conclusive"] == "yes")
    original = copy["duplicate_of"].rpartition(":")[2]

    def spoil(rows: list[Row]) -> list[Row]:
        for row in rows:
            if row["row"] == original:
                row.update(fate="duplicate", so_dinh_danh="")
            if row["row"] == copy["row"]:
                row.update(fate="stored", so_dinh_danh=copy["so_dinh_danh"], link_class="matched")
        return rows

    assert scored(spoil).whole


@pytest.mark.parametrize(
    ("spoil", "missing", "repeated", "unknown"),
    [
        (lambda rows: rows[1:], 1, 0, 0),
        (lambda rows: [*rows, rows[0]], 0, 1, 0),
        (lambda rows: [*rows, {**rows[0], "row": "1"}], 0, 0, 1),
        (lambda rows: [*rows, {**rows[0], "row": "1", "fate": "rejected"}], 0, 0, 0),
    ],
    ids=["a row without outcome", "a row with two", "a title stored as a dose", "a title rejected, as it may be"],
)
def test_every_row_is_accounted_for_once(
    scored: Scorer, spoil: Callable[[list[Row]], list[Row]], missing: int, repeated: int, unknown: int
) -> None:
    result = scored(spoil)
    assert (result.missing, result.repeated, result.unknown) == (missing, repeated, unknown)
    assert result.whole == (not (missing or repeated or unknown))


def test_a_lucky_guess_is_told(scored: Scorer) -> None:
    def spoil(rows: list[Row]) -> list[Row]:
        doubtful = next(row for row in rows if row["proposals"] and row["fate"] == "stored")
        doubtful["so_dinh_danh"] = doubtful["proposals"]
        return rows

    result = scored(spoil)
    assert result.unproven == 1
    assert result.wrong == 0


def test_only_the_first_proposal_counts(scored: Scorer) -> None:
    def spoil(rows: list[Row]) -> list[Row]:
        doubtful = next(row for row in rows if row["proposals"] and row["fate"] == "stored")
        doubtful["proposals"] = f"001099999999;{doubtful['proposals']}"
        return rows

    result = scored(spoil)
    assert result.resolved == result.known - 1


def test_paths_before_the_file_name_do_not_matter(scored: Scorer) -> None:
    assert scored(lambda rows: [{**row, "file": f"some/where/{row['file']}"} for row in rows]).whole


def test_after_the_deltas_the_repaired_register_is_the_measure(tmp_path: Path) -> None:
    made = make_country(tmp_path / "country", people=6_000, rows=14_000)
    outcomes = tmp_path / "outcomes.csv"
    write(outcomes, [honest(row, "_after") for row in table(made.truth_csv)])
    before, after = score(made.truth_csv, outcomes), score(made.truth_csv, outcomes, after_deltas=True)
    assert after.whole
    assert not before.whole  # re-issued numbers
    assert after.floor < before.floor


def test_printed_table_names_every_class_and_no_person(scored: Scorer, commune: Simulated) -> None:
    out = io.StringIO()
    result = scored()
    print_score(out, result)
    text = out.getvalue()
    assert all(one.name in text for one in result.classes)
    assert not any(row["so_dinh_danh"] in text or row["ho_ten"] in text for row in table(commune.people_csv))


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (None, Code.FILE_MISSING),
        ("file,sheet,row\n", Code.COLUMN_MISSING),
        ("file,sheet,row,fate,problems,link_class,so_dinh_danh,proposals\na.csv,,x,stored,,,,\n", Code.FILE_UNREADABLE),
    ],
)
def test_bad_outcomes_refused_in_words(commune: Simulated, tmp_path: Path, content: str | None, code: Code) -> None:
    path = tmp_path / "outcomes.csv"
    if content is not None:
        path.write_text(content, encoding="utf-8")
    with pytest.raises(IssuerError) as refusal:
        score(commune.truth_csv, path)
    assert refusal.value.code is code
    assert "outcomes.csv" in str(refusal.value)


def test_the_two_commands(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(["simulate", "country", "--people", "300", "--rows", "600", "--seed", "4"]) == 0
    assert "dose rows: 600" in capsys.readouterr().out
    assert main(["simulate", "country"]) == 1
    assert "OUTPUT_REFUSED" in capsys.readouterr().err
    write(tmp_path / "outcomes.csv", [honest(row) for row in table(tmp_path / "country" / "truth.csv")])
    assert main(["score", "country/truth.csv", "outcomes.csv"]) == 0
    assert "wrong links: 0;" in capsys.readouterr().out
    write(tmp_path / "outcomes.csv", [])
    assert main(["score", "country/truth.csv", "outcomes.csv"]) == 1
    with pytest.raises(SystemExit):
        main(["simulate", "there", "--people", "many"])
    assert main(["simulate", "there", "--people", "90000", "--one-file"]) == 2
