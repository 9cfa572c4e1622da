"""How well the outcomes agree with the truth of a make-believe country (`specs/simulator.md`, "Scoring").

In: `truth.csv` of `simulate` and the CSV that `outcomes` prints. Out: a `Score`: links right, wrong and unresolved by
class of error, and the queue that is left for people beside its floor. Both files may be larger than memory.
"""

from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import duckdb

from issuer.errors import Code, IssuerError, Where
from issuer.simulate.defects import DEFECTS
from issuer.simulate.truth import TRUTH_COLUMNS

__all__ = ["OUTCOME_COLUMNS", "ClassScore", "Score", "score"]

OUTCOME_COLUMNS = ("file", "sheet", "row", "fate", "problems", "link_class", "so_dinh_danh", "proposals")
CLEAN = "clean"
"""The name under which rows without any class of error are counted."""


@dataclass(frozen=True, slots=True)
class ClassScore:
    """Rows of one class of error; `rows` = `right` + `wrong` + `unresolved`.

    A row is right when it is linked to its true person, stands as a duplicate of a dose that it does repeat, or is
    rightly without a link (foreigner, test row). `first` of the unresolved have their person as the first proposal.
    """

    name: str
    rows: int
    right: int
    wrong: int
    unresolved: int
    first: int


@dataclass(frozen=True, slots=True)
class Score:
    """The whole comparison. `missing` truth rows have no outcome, `repeated` have several, `unknown` outcomes no truth.

    `merged`: of the wrong, doses called a duplicate that repeat no other. `unproven`: linked to the right person though
    the row does not prove it. `known`: rows whose person is in the register; `resolved` of them are linked rightly or
    have that person as first proposal. `queue`: rows stored, not linked, not foreign; `floor`: rows whose facts differ
    or are missing; `raw_queue`: rows that exact comparison of the four raw fields would leave.
    """

    rows: int
    missing: int
    repeated: int
    unknown: int
    right: int
    wrong: int
    merged: int
    unresolved: int
    unproven: int
    rejected: int
    known: int
    resolved: int
    queue: int
    floor: int
    raw_queue: int
    classes: tuple[ClassScore, ...]

    @property
    def whole(self) -> bool:
        """Every row accounted for exactly once, and no wrong link."""
        return not (self.wrong or self.missing or self.repeated or self.unknown)


_JUDGED = """
create temp table judged as
with truth as (
    select regexp_extract(file, '[^/\\\\]*$') as file, coalesce(sheet, '') as sheet, "row"::bigint as "row",
           coalesce({number}, '') as truly, coalesce(error_classes, '') as classes, {conclusive} = 'yes' as conclusive,
           raw_equal = 'yes' as raw_equal, coalesce(duplicate_of, '') as repeats
    from read_csv($truth, header = true, all_varchar = true, delim = ',', quote = '"', escape = '"')
), outcome as (
    select regexp_extract(file, '[^/\\\\]*$') as file, coalesce(sheet, '') as sheet, "row"::bigint as "row", fate,
           coalesce(link_class, '') as link_class, coalesce(so_dinh_danh, '') as linked,
           split_part(coalesce(proposals, ''), ';', 1) as proposed
    from read_csv($outcomes, header = true, all_varchar = true, delim = ',', quote = '"', escape = '"')
), clustered as (
    select *, repeats <> '' or concat_ws(':', file, sheet, "row") in (select repeats from truth) as cluster from truth
)
select t.file is null as unknown, o.file is null as missing, t.file, t.sheet, t."row", classes, conclusive, raw_equal,
       truly, linked, fate, link_class, cluster,
       list_has_any(string_split(classes, ';'), ['foreigner', 'test_row']) as linkless,
       case
         when coalesce(linked, '') <> '' and linked <> truly then 'wrong'
         when fate = 'duplicate' then if(cluster, 'right', 'wrong')
         when coalesce(linked, '') <> '' then 'right'
         when linkless and o.file is not null then 'right'
         else 'unresolved'
       end as verdict,
       verdict = 'unresolved' and truly <> '' and coalesce(proposed, '') = truly as first
from clustered t full join outcome o
  on t.file = o.file and t."row" = o."row" and (t.sheet = '' or t.sheet = o.sheet)
"""

_COUNTS = (
    "rows", "missing", "repeated", "unknown", "right", "wrong", "merged", "unresolved", "unproven", "rejected", "known",
    "resolved", "queue", "floor", "raw_queue",
)  # fmt: skip
_TOTALS = """
select count(*) filter (not unknown) as rows,
       count(*) filter (missing) as missing,
       (select count(*) from (select 1 from judged where not unknown group by file, sheet, "row" having count(*) > 1)),
       count(*) filter (unknown and fate <> 'rejected') as unknown,
       count(*) filter (not unknown and verdict = 'right'),
       count(*) filter (not unknown and verdict = 'wrong'),
       count(*) filter (not unknown and verdict = 'wrong' and linked = ''),
       count(*) filter (not unknown and verdict = 'unresolved'),
       count(*) filter (not unknown and verdict = 'right' and linked <> '' and not conclusive),
       count(*) filter (not unknown and fate = 'rejected' and not linkless),
       count(*) filter (truly <> ''),
       count(*) filter (truly <> '' and (verdict = 'right' or first)),
       count(*) filter (not unknown and fate = 'stored' and linked = '' and link_class <> 'foreign'),
       count(*) filter (not unknown and not linkless and not conclusive),
       count(*) filter (not unknown and not linkless and not raw_equal)
from judged
"""

_BY_CLASS = """
select class, count(*), count(*) filter (verdict = 'right'), count(*) filter (verdict = 'wrong'),
       count(*) filter (verdict = 'unresolved'), count(*) filter (first)
from (select unnest(string_split(classes, ';')) as class, verdict, first from judged where not unknown)
group by class
"""


def score(truth: Path, outcomes: Path, *, after_deltas: bool = False) -> Score:
    """Compare; `after_deltas` takes the truth as it is once every delta was loaded.

    Raises IssuerError when a file is not there or lacks a column.
    """
    _check_columns(truth, TRUTH_COLUMNS)
    _check_columns(outcomes, OUTCOME_COLUMNS)
    suffix = "_after" if after_deltas else ""
    with (
        TemporaryDirectory() as spill,
        duckdb.connect(config={"memory_limit": "2GB", "temp_directory": spill}) as database,
    ):
        database.execute("set enable_progress_bar = false").fetchall()
        judged = _JUDGED.format(number=f"so_dinh_danh{suffix}", conclusive=f"conclusive{suffix}")
        try:
            database.execute(judged, {"truth": str(truth), "outcomes": str(outcomes)}).fetchall()
        except (duckdb.InvalidInputException, duckdb.ConversionException):
            # DuckDB's own words quote the row, and the row is personal data
            raise IssuerError(
                Code.FILE_UNREADABLE, "a line is not as its header says", Where(file=outcomes.name)
            ) from None
        totals = database.execute(_TOTALS).fetchone()
        classes = {
            row[0] or CLEAN: ClassScore(row[0] or CLEAN, *row[1:]) for row in database.execute(_BY_CLASS).fetchall()
        }
    order = [CLEAN, *(defect.name for defect in DEFECTS)]
    if totals is None:
        raise AssertionError("an aggregate without groups has one row")
    counts = dict(zip(_COUNTS, totals, strict=True))
    return Score(**counts, classes=tuple(classes[name] for name in order if name in classes))


def _check_columns(path: Path, wanted: tuple[str, ...]) -> None:
    try:
        with path.open(encoding="utf-8-sig") as file:
            found = file.readline().strip().split(",")
    except FileNotFoundError:
        raise IssuerError(Code.FILE_MISSING, where=Where(file=path.name)) from None
    except (OSError, UnicodeDecodeError):
        raise IssuerError(Code.FILE_UNREADABLE, where=Where(file=path.name)) from None
    missing = [name for name in wanted if name not in found]
    if missing:
        raise IssuerError(Code.COLUMN_MISSING, ", ".join(missing), Where(file=path.name, row=1))
