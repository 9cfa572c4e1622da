"""Migrations up and down, one by one, on both databases; and the tables that they make are those of the code."""

import importlib
import pkgutil
from collections.abc import Callable
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

from issuer import store
from issuer.errors import Code, IssuerError
from issuer.store.engine import migrate, newest_revision, open_database, reading, writing
from issuer.store.tables import metadata

for _module in pkgutil.iter_modules(store.__path__):
    importlib.import_module(f"issuer.store.{_module.name}")

REVISIONS = sorted(path.name[:4] for path in (Path(store.__path__[0]) / "migrations" / "versions").glob("[0-9]*.py"))


def _tables(engine: sa.Engine) -> set[str]:
    return set(sa.inspect(engine).get_table_names()) - {"alembic_version"}


def test_revisions_are_numbered_without_gap_or_repetition() -> None:
    assert [f"{at:04}" for at in range(1, len(REVISIONS) + 1)] == REVISIONS
    assert newest_revision() == REVISIONS[-1]


def test_the_tables_of_the_migrations_are_those_of_the_code(register: sa.Engine) -> None:
    with reading(register) as connection:
        options = {"compare_type": False, "compare_server_default": False}
        found = compare_metadata(MigrationContext.configure(connection, opts=options), metadata)
    assert [one for one in found if not isinstance(one, list) or one[0][0] != "modify_comment"] == []


def test_every_step_down_and_up_again(register: sa.Engine) -> None:
    whole = _tables(register)
    for revision in reversed(REVISIONS[:-1]):
        migrate(register, revision)
    assert _tables(register) < whole
    for revision in REVISIONS[1:]:
        migrate(register, revision)
    assert _tables(register) == whole
    migrate(register, "base")
    assert _tables(register) == set()
    migrate(register)
    assert _tables(register) == whole


def test_a_register_of_a_newer_program_is_refused(register_url: str) -> None:
    engine = open_database(register_url)
    with writing(engine) as connection:
        connection.execute(sa.text("UPDATE alembic_version SET version_num = '9999'"))
    engine.dispose()
    with pytest.raises(IssuerError) as caught:
        open_database(register_url)
    assert caught.value.code is Code.DATABASE_NEWER


@pytest.mark.parametrize(
    "url", ["mysql://x/y", "sqlite:////no/such/folder/r.sqlite", "nonsense://", "postgresql://nobody@/x?host=/no"]
)
def test_a_database_that_cannot_be_opened(url: str) -> None:
    with pytest.raises(IssuerError) as caught:
        open_database(url)
    assert caught.value.code is Code.DATABASE_REFUSED


def test_a_new_sqlite_register_is_its_owners_alone(tmp_path: Path) -> None:
    open_database(f"sqlite:///{tmp_path / 'r.sqlite'}").dispose()
    assert (tmp_path / "r.sqlite").stat().st_mode & 0o077 == 0


def test_sqlite_survives_a_power_cut_and_enforces_keys(sqlite_register: sa.Engine) -> None:
    with reading(sqlite_register) as connection:
        read: Callable[[str], object] = lambda name: connection.exec_driver_sql(f"PRAGMA {name}").scalar()  # noqa: E731
        assert (read("journal_mode"), read("synchronous"), read("foreign_keys")) == ("wal", 2, 1)
