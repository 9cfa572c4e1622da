"""Splink linking the same cleaned doses to the same people, run by the interpreter of its own environment.

`peer_splink.py FOLDER PAIRS` reads FOLDER/doses.csv and FOLDER/people.csv, trains a model as its documentation
says (prior from deterministic rules, u from PAIRS random pairs, m by expectation maximisation over two blocks), and
writes the best candidates of every dose to FOLDER/splink.csv: dose, person, match weight in bits (the prior included).
Prints one JSON object: the versions, the seconds of each step, the pairs scored.

The blocks are those that linking uses itself, all of them for every dose, so that ranking is compared, not blocking.
"""

import json
import logging
import sys
import time
from pathlib import Path

import duckdb
import splink
from splink import DuckDBAPI, Linker, SettingsCreator, block_on
from splink.blocking_rule_library import CustomRule
from splink.comparison_level_library import (
    ArrayIntersectLevel,
    ArraySubsetLevel,
    CustomLevel,
    DamerauLevenshteinLevel,
    ElseLevel,
    ExactMatchLevel,
    JaroWinklerLevel,
    LevenshteinLevel,
    NullLevel,
)
from splink.comparison_library import CustomComparison, ExactMatch

THREADS, MEMORY, SEED = 2, "4GB", 8
KEPT = 6
"""Candidates written of a dose."""
LEAST_BITS = -10
"""A pair below odds of one to a thousand is left out."""

_READ = """
CREATE TABLE {table} AS SELECT *, string_split(numbers, ';') AS number_list, string_split(name_fold, ' ') AS words,
  array_to_string(list_sort(string_split(name_fold, ' ')), ' ') AS words_in_order, substr(birth, 1, 4) AS birth_year,
  CASE WHEN length(birth) = 10 THEN substr(birth, 6) END AS birth_day, substr(number, 1, 6) AS number_start
FROM read_csv($path, header = true, all_varchar = true)"""

_WHOLE = "length(birth_l) = 10 AND length(birth_r) = 10"
_SWAPPED = (
    f"birth_other_l = birth_r OR ({_WHOLE} AND birth_year_l = birth_year_r"
    " AND substr(birth_l, 6, 2) = substr(birth_r, 9, 2) AND substr(birth_l, 9, 2) = substr(birth_r, 6, 2))"
)
_ONE_KNOWS_LESS = (
    "starts_with(birth_l, birth_r) OR starts_with(birth_r, birth_l)"
    " OR (birth_year_l = birth_year_r AND birth_day_l = '01-01')"
)
_TWO_PARTS = (
    f"{_WHOLE} AND (substr(birth_l, 1, 7) = substr(birth_r, 1, 7) OR birth_day_l = birth_day_r"
    " OR (birth_year_l = birth_year_r AND substr(birth_l, 9) = substr(birth_r, 9)))"
)

COMPARISONS = [
    CustomComparison(
        output_column_name="name",
        comparison_levels=[
            NullLevel("name_key"),
            ExactMatchLevel("name_key", term_frequency_adjustments=True),
            ExactMatchLevel("name_i_y"),
            CustomLevel("name_fold_l = name_fold_r AND name_key_l = name_fold_l", "typed without marks"),
            ExactMatchLevel("name_fold"),
            ExactMatchLevel("words_in_order"),
            LevenshteinLevel("name_fold", 1),
            ArraySubsetLevel("words"),
            LevenshteinLevel("name_fold", 2),
            JaroWinklerLevel("name_fold", 0.92),
            JaroWinklerLevel("name_fold", 0.85),
            ElseLevel(),
        ],
    ),
    CustomComparison(
        output_column_name="birth",
        comparison_levels=[
            NullLevel("birth"),
            ExactMatchLevel("birth", term_frequency_adjustments=True),
            CustomLevel(_SWAPPED, "day and month exchanged, or the second reading"),
            CustomLevel(_ONE_KNOWS_LESS, "one knows less"),
            DamerauLevenshteinLevel("birth", 1),
            CustomLevel(_TWO_PARTS, "two of day, month, year"),
            ExactMatchLevel("birth_year"),
            ElseLevel(),
        ],
    ),
    CustomComparison(
        output_column_name="number",
        comparison_levels=[
            CustomLevel("number_l IS NULL AND lost_end_l IS NULL").configure(is_null_level=True),
            ExactMatchLevel("number"),
            ArrayIntersectLevel("number_list", 1),
            DamerauLevenshteinLevel("number", 1),
            DamerauLevenshteinLevel("number", 2),
            CustomLevel("starts_with(number_r, lost_end_l)", "the first digits"),
            ElseLevel(),
        ],
    ),
    ExactMatch("sex"),
    CustomComparison(
        output_column_name="life",
        comparison_levels=[
            CustomLevel("day_l IS NULL").configure(is_null_level=True),
            CustomLevel("day_l < birth_r", "not born"),
            CustomLevel("day_l > death_r", "dead"),
            ElseLevel(),
        ],
    ),
]
BLOCKS = [
    block_on("number_list", arrays_to_explode=["number_list"]),
    block_on("name_fold", "birth"),
    block_on("birth"),
    block_on("name_fold", "birth_year"),
    block_on("name_fold", "birth_day"),
    block_on("name_fold", "number_start"),
    CustomRule("l.name_fold = r.name_fold AND l.birth_other = r.birth"),
]
SURE = [block_on("number", "name_fold"), block_on("number", "birth"), block_on("name_key", "birth", "sex")]
"""Rules that hardly ever join two people, and their recall: Splink's way to the prior."""
RECALL = 0.97

_BEST = """
COPY (
  SELECT unique_id_l, unique_id_r, match_weight FROM {predictions}
  QUALIFY row_number() OVER (PARTITION BY unique_id_l ORDER BY match_weight DESC, unique_id_r) <= {kept}
  ORDER BY unique_id_l::BIGINT, match_weight DESC, unique_id_r::BIGINT
) TO '{path}' (HEADER false)"""


def main(folder: Path, pairs: float) -> None:
    """Read, train, predict, write."""
    logging.getLogger("splink").setLevel("ERROR")
    moments, seconds = [time.perf_counter()], {}

    def took(step: str) -> None:
        moments.append(time.perf_counter())
        seconds[step] = moments[-1] - moments[-2]

    spill = str(folder / "spill")
    connection = duckdb.connect(config={"threads": THREADS, "memory_limit": MEMORY, "temp_directory": spill})
    for table in ("doses", "people"):
        connection.execute(_READ.format(table=table), {"path": str(folder / f"{table}.csv")}).fetchall()
    took("reading")
    settings = SettingsCreator(
        link_type="link_only",
        comparisons=COMPARISONS,
        blocking_rules_to_generate_predictions=BLOCKS,
        max_iterations=50,
        retain_matching_columns=False,
    )
    api = DuckDBAPI(connection)
    tables = [api.register(table, dataset_display_name=f"from_{table}") for table in ("doses", "people")]
    linker = Linker(tables, settings, log_level=None)
    linker.training.estimate_probability_two_random_records_match(SURE, recall=RECALL)
    linker.training.estimate_u_using_random_sampling(max_pairs=pairs, seed=SEED)
    for block in (block_on("number"), block_on("name_fold", "birth")):
        linker.training.estimate_parameters_using_expectation_maximisation(block)
    took("training")
    predictions = linker.inference.predict(threshold_match_weight=LEAST_BITS).physical_name
    took("comparing")
    best = _BEST.format(predictions=predictions, kept=KEPT, path=folder / "splink.csv")
    connection.execute(best).fetchall()
    versions = {"splink": splink.__version__, "duckdb": duckdb.__version__}
    print(json.dumps({"versions": versions, "seconds": seconds}))


main(Path(sys.argv[1]), float(sys.argv[2]))
