"""Registers for the tests of the issuer: `register` runs a test on SQLite and on PostgreSQL."""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from issuer.store.engine import open_database
from tests import postgresql
from tests.conftest import MISSING_PART


@pytest.fixture(scope="session")
def new_postgresql() -> Iterator[Callable[[], str]]:
    """Makes a new database on a PostgreSQL server of this test process; returns its URL."""
    folder = postgresql.programs()
    if folder is None:
        pytest.skip(f"{MISSING_PART}postgresql")
    with postgresql.server(folder) as new_database:
        yield new_database


@pytest.fixture(scope="session")
def migrated_sqlite(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An empty register, to be copied."""
    path = tmp_path_factory.mktemp("template") / "register.sqlite"
    open_database(f"sqlite:///{path}").dispose()
    return path


@pytest.fixture(scope="session")
def new_register(new_postgresql: Callable[..., str]) -> Callable[[], str]:
    """Makes a new empty register on PostgreSQL; returns its URL."""
    template = new_postgresql()
    open_database(template).dispose()
    return lambda: new_postgresql(template)


@pytest.fixture
def sqlite_url(migrated_sqlite: Path, tmp_path: Path) -> str:
    """The URL of an empty register on SQLite."""
    shutil.copyfile(migrated_sqlite, tmp_path / "register.sqlite")
    return f"sqlite:///{tmp_path / 'register.sqlite'}"


@pytest.fixture(params=["sqlite", "postgresql"])
def register_url(request: pytest.FixtureRequest) -> str:
    """The URL of an empty register, once of either kind."""
    if request.param == "sqlite":
        url: str = request.getfixturevalue("sqlite_url")
        return url
    new: Callable[[], str] = request.getfixturevalue("new_register")
    return new()


@pytest.fixture
def register(register_url: str) -> Iterator[sa.Engine]:
    """An engine on an empty register, once of either kind."""
    engine = open_database(register_url)
    yield engine
    engine.dispose()


@pytest.fixture
def sqlite_register(sqlite_url: str) -> Iterator[sa.Engine]:
    """An engine on an empty SQLite register, for what does not depend on the database."""
    engine = open_database(sqlite_url)
    yield engine
    engine.dispose()
