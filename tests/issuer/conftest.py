"""Registers for the tests of the issuer: `register` runs a test on SQLite and on PostgreSQL."""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from issuer.store.engine import open_database
from tests import postgresql
from tests.conftest import MISSING_PART
from tests.worklist_world import World, build, copy


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


@pytest.fixture(scope="session")
def worklist_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a register with the communes of tests/worklist_world.py."""
    folder = tmp_path_factory.mktemp("worklist")
    build(folder)
    return folder


@pytest.fixture(scope="session")
def new_worklist(new_postgresql: Callable[..., str], tmp_path_factory: pytest.TempPathFactory) -> Callable[[], str]:
    """Makes a new register with those communes on PostgreSQL; returns its URL."""
    template = new_postgresql()
    build(tmp_path_factory.mktemp("worklist"), template)
    return lambda: new_postgresql(template)


@pytest.fixture
def world(worklist_template: Path, tmp_path: Path) -> Iterator[World]:
    """Two communes and their officers, a register of one's own."""
    made = copy(worklist_template, tmp_path)
    yield made
    made.engine.dispose()


@pytest.fixture(params=["sqlite", "postgresql"])
def world_on_both(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[World]:
    """The same, once on either kind of register."""
    if request.param == "sqlite":
        yield request.getfixturevalue("world")
        return
    new: Callable[[], str] = request.getfixturevalue("new_worklist")
    made = World(open_database(new()), tmp_path)
    yield made
    made.engine.dispose()
