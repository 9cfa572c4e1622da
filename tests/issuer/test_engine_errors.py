"""What goes wrong in the database is told by a code; the rows that were on their way are not."""

import sqlite3
from pathlib import Path

import pytest
import sqlalchemy as sa

from issuer.errors import Code, IssuerError
from issuer.store import engine as engines
from issuer.store.engine import open_database, reading, writing

CANARY = "001190000017 Nguyễn Thị Ví Dụ"


@pytest.fixture
def register(tmp_path: Path) -> sa.Engine:
    return open_database(f"sqlite:///{tmp_path / 'register.sqlite'}")


def refusal(register: sa.Engine, statement: str, **values: str) -> IssuerError:
    with pytest.raises(IssuerError) as caught, writing(register) as connection:
        connection.execute(sa.text(statement), values)
    return caught.value


def test_a_failing_statement_does_not_repeat_its_values(register: sa.Engine) -> None:
    error = refusal(register, "INSERT INTO no_such_table VALUES (:who)", who=CANARY)
    assert error.code is Code.DATABASE_FAILED
    assert "Nguyễn" not in str(error)
    assert error.__cause__ is None


def test_a_trigger_that_quotes_the_row_is_not_quoted(register: sa.Engine) -> None:
    with writing(register) as connection:
        connection.execute(sa.text("CREATE TABLE canary (who TEXT)"))
        connection.execute(
            sa.text("CREATE TRIGGER quote BEFORE INSERT ON canary BEGIN SELECT 1 / 0, json(NEW.who); END")
        )
    error = refusal(register, "INSERT INTO canary VALUES (:who)", who=CANARY)
    assert "Nguyễn" not in str(error)


def test_a_database_that_another_process_holds(
    tmp_path: Path, register: sa.Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engines, "_BUSY_MS", 1)
    register.dispose()
    holder = sqlite3.connect(tmp_path / "register.sqlite", isolation_level=None)
    holder.execute("BEGIN EXCLUSIVE")
    with pytest.raises(IssuerError) as caught, writing(register):
        pytest.fail("the other process holds it")
    holder.close()
    assert caught.value.code is Code.DATABASE_BUSY


def test_a_disk_that_is_full(register: sa.Engine) -> None:
    with reading(register) as connection:  # the pool gives the same connection again, with its limit
        pages = connection.execute(sa.text("PRAGMA page_count")).scalar_one()
        connection.execute(sa.text(f"PRAGMA max_page_count = {pages}"))
    error = refusal(register, "CREATE TABLE large AS SELECT :v AS v", v="x" * 1_000_000)
    assert error.code is Code.DATABASE_FULL


def test_a_rule_of_the_tables_speaks_for_itself(register: sa.Engine) -> None:
    with writing(register) as connection:
        connection.execute(sa.text("CREATE TABLE once (v TEXT UNIQUE)"))
    with pytest.raises(sa.exc.IntegrityError), writing(register) as connection:
        connection.execute(sa.text("INSERT INTO once VALUES ('a'), ('a')"))
