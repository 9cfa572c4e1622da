"""Several workers clean one register on PostgreSQL: each row once, the same dose from two files stored once."""

import threading
from collections.abc import Callable
from pathlib import Path

from issuer.clean.clean import CleanCounts
from issuer.store.engine import open_database
from tests.dose_lists import HEADER, all_outcomes, cleaned, csv_text, row, table, take

WORKERS, FILES, ROWS = 3, 6, 40


def test_workers_share_the_files_and_agree_on_duplicates(new_register: Callable[[], str], tmp_path: Path) -> None:
    url = new_register()
    register = open_database(url)
    for file in range(FILES):
        # every row stands in two files, so that two workers meet the same dose at the same time
        rows = [row(Số_CCCD=f"0011900{file // 2:02}{at:03}", Mã_cơ_sở=f"F{file}") for at in range(ROWS)]
        (tmp_path / f"{file}.csv").write_text(csv_text(HEADER, *rows), encoding="utf-8")
        take(register, tmp_path / f"{file}.csv")
    done: list[CleanCounts] = []
    start = threading.Barrier(WORKERS)

    def work() -> None:
        engine = open_database(url)
        start.wait()
        done.append(cleaned(engine))
        engine.dispose()

    workers = [threading.Thread(target=work) for _ in range(WORKERS)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert len(done) == WORKERS
    assert sum(counts.rows for counts in done) == FILES * (ROWS + 1)
    fates = [one.fate for one in all_outcomes(register)]
    assert (fates.count("stored"), fates.count("duplicate")) == (FILES // 2 * ROWS, FILES // 2 * ROWS)
    assert len(table(register, "dose")) == FILES // 2 * ROWS
    assert {one["state"] for one in table(register, "source_file")} == {"cleaned"}
    register.dispose()
