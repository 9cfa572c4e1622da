"""kill -9 at any moment of load, intake, clean and link: nothing lost, nothing twice, and a rerun ends the same."""

import random
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest
import sqlalchemy as sa

from issuer.audit import check
from issuer.store.engine import open_database, reading
from tests.conftest import ROOT
from tests.dose_lists import EXTRACT, HEADER, all_outcomes, csv_text, row, table, xlsx
from tests.killed import whole_path

COUNTED = (
    "person",
    "person_identifier",
    "source_file",
    "source_row",
    "row_outcome",
    "dose",
    "problem",
    "repair",
    "link",
)
MOMENTS = 15

State = tuple[dict[str, int], list[tuple[object, ...]]]
"""Rows in every table, and what became of every row of the lists."""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An extract of 40 people and two lists of 62 rows, some of them twice, some wrong."""
    folder = tmp_path_factory.mktemp("country")
    extract = EXTRACT.splitlines()[:1]
    rows = []
    for at in range(40):
        number, day = f"0011900001{at:02}", f"{at % 28 + 1:02}"
        extract.append(f"{number},Nguyễn Thị Số {'ABCDEFGH'[at % 8]},1990-04-{day},Nữ,0123456{at:02},00001,Việt Nam,")
        name = f"Nguyễn Thị Số {'ABCDEFGH'[at % 8]}"
        rows.append(
            row(Họ_và_tên=name, Ngày_sinh=f"{day}/04/1990", Số_CCCD=int(number) if at % 2 else f"0123456{at:02}")
        )
    (folder / "people.csv").write_text("\n".join(extract), encoding="utf-8")
    (folder / "doses").mkdir()
    xlsx(folder / "doses" / "a.xlsx", [["DANH SÁCH"], HEADER, *rows[:30], ["Tổng cộng"]])
    (folder / "doses" / "b.csv").write_text(csv_text(HEADER, *rows[20:], row(Số_CCCD="")), encoding="utf-8")
    return folder


def _run(url: str, folder: Path, moment: int) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "tests.killed", url, str(folder), str(moment)]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=120)


def _state(engine: sa.Engine) -> State:
    with reading(engine) as connection:
        check(connection)
    counts = {name: len(table(engine, name)) for name in COUNTED}
    return counts, [
        (o.file, o.sheet, o.row, o.fate, o.problems, o.link_class, o.national_id, o.proposals)
        for o in all_outcomes(engine)
    ]


@pytest.fixture(scope="module")
def undisturbed(folder: Path, migrated_sqlite: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[int, State]:
    """How many moments a whole run has, and the state that it ends in."""
    url = f"sqlite:///{tmp_path_factory.mktemp('whole') / 'r.sqlite'}"
    done = _run(url, folder, 0)
    assert done.returncode == 0, done.stderr
    engine = open_database(url)
    state = _state(engine)
    engine.dispose()
    return int(done.stdout), state


@pytest.fixture(scope="module")
def undisturbed_on_postgresql(folder: Path, undisturbed: tuple[int, State], new_register: Callable[[], str]) -> int:
    """How many moments a whole run has on PostgreSQL, where it ends in the same state."""
    url = new_register()
    done = _run(url, folder, 0)
    assert done.returncode == 0, done.stderr
    engine = open_database(url)
    assert _state(engine) == undisturbed[1]
    engine.dispose()
    return int(done.stdout)


def _moment(part: int, moments: int) -> int:
    """A moment within each of equal parts of the run, the same in every run of the tests."""
    width = moments / MOMENTS
    return max(1, int(part * width + random.Random(part).random() * width))


@pytest.mark.parametrize("part", range(MOMENTS))
def test_a_killed_run_is_continued(part: int, folder: Path, undisturbed: tuple[int, State], sqlite_url: str) -> None:
    moments, state = undisturbed
    killed = _run(sqlite_url, folder, _moment(part, moments))
    assert killed.returncode == -signal.SIGKILL, killed.stderr
    engine = open_database(sqlite_url)
    whole_path(engine, folder)
    assert _state(engine) == state
    whole_path(engine, folder)
    assert _state(engine) == state
    engine.dispose()


@pytest.mark.parametrize("part", range(2, MOMENTS, 5))
def test_a_killed_run_is_continued_on_postgresql(
    part: int,
    folder: Path,
    undisturbed: tuple[int, State],
    undisturbed_on_postgresql: int,
    new_register: Callable[[], str],
) -> None:
    url, moments, state = new_register(), undisturbed_on_postgresql, undisturbed[1]
    killed = _run(url, folder, _moment(part, moments))
    assert killed.returncode == -signal.SIGKILL, killed.stderr
    engine = open_database(url)
    whole_path(engine, folder)
    assert _state(engine) == state
    engine.dispose()


def test_killed_twice(folder: Path, undisturbed: tuple[int, State], sqlite_url: str) -> None:
    moments, state = undisturbed
    for moment in (moments // 3, moments // 5, moments // 7):
        assert _run(sqlite_url, folder, moment).returncode == -signal.SIGKILL
    engine = open_database(sqlite_url)
    whole_path(engine, folder)
    assert _state(engine) == state
    engine.dispose()


def test_two_at_once_end_as_one(folder: Path, undisturbed: tuple[int, State], register_url: str) -> None:
    """Two people start the same run on the same files: each step is shared or waited for, nothing is refused.

    Of two rows that tell of one dose, the one cleaned first is stored: which one that is, is a race and no matter.
    """
    command = [sys.executable, "-m", "tests.killed", register_url, str(folder), "0"]
    both = [subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE) for _ in range(2)]
    for run in both:
        _, said = run.communicate(timeout=120)
        assert run.returncode == 0, said.decode()
    engine = open_database(register_url)
    counts, rows = _state(engine)
    assert counts == undisturbed[1][0]
    assert Counter(row[3:] for row in rows) == Counter(row[3:] for row in undisturbed[1][1])
    engine.dispose()
