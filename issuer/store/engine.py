"""Opening the register: one URL for SQLite or PostgreSQL, its tables brought up to date, and transactions.

SQLite: write-ahead log, `synchronous=FULL` (a commit survives a power cut), foreign keys enforced, a writer waits for
another. Nothing else in the issuer opens a database.
"""

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.exc import DBAPIError, IntegrityError, OperationalError, SQLAlchemyError

from issuer.errors import Code, IssuerError

__all__ = ["DEFAULT_URL", "database_url", "migrate", "newest_revision", "open_database", "reading", "writing"]

DEFAULT_URL = "sqlite:///hochieu.sqlite"
_MIGRATIONS = Path(__file__).parent / "migrations"
_BUSY_MS = 60_000
_CACHE_KIB = 256 * 1024
"""Pages kept by one connection: the unique index of a province's duplicate keys fits."""


def database_url(given: str | None, environment: Mapping[str, str]) -> str:
    """The URL of `--database`, else of HOCHIEU_DATABASE, else a SQLite file in the current folder."""
    url = given or environment.get("HOCHIEU_DATABASE") or DEFAULT_URL
    if "://" not in url:
        return f"sqlite:///{url}"
    return url.replace("postgresql://", "postgresql+psycopg://", 1).replace("postgres://", "postgresql+psycopg://", 1)


def open_database(url: str) -> sa.Engine:
    """An engine on the register at `url`, its tables made or brought up to date. Raises IssuerError."""
    engine = None
    try:
        # parameters are people's data: no error may carry them
        engine = sa.create_engine(database_url(url, {}), hide_parameters=True)
        if engine.dialect.name == "sqlite":
            _arrange_sqlite(engine)
        elif engine.dialect.name != "postgresql":
            raise IssuerError(Code.DATABASE_REFUSED, f"no support for {engine.dialect.name}")
        engine.connect().close()  # what is wrong with the URL shows here, apart from faults of statements
        if _version(engine) != newest_revision():
            migrate(engine)
    except IssuerError:
        if engine is not None:
            engine.dispose()
        raise
    except (SQLAlchemyError, ImportError) as error:
        if engine is not None:
            engine.dispose()
        cause = error.orig if isinstance(error, DBAPIError) else error
        raise IssuerError(Code.DATABASE_REFUSED, str(cause).splitlines()[0]) from error
    return engine


def newest_revision() -> str:
    """The revision that this program's tables are at; revisions are numbered files, so no Alembic is needed to know."""
    return max(path.name[:4] for path in (_MIGRATIONS / "versions").glob("[0-9][0-9][0-9][0-9]_*.py"))


def migrate(engine: sa.Engine, revision: str = "head") -> None:
    """Bring the tables to a revision (`base`: none, `head`: the newest), forwards or backwards, in one transaction."""
    from alembic import command  # only here: importing it costs a third of a second at every start
    from alembic.config import Config
    from alembic.script import ScriptDirectory

    config = Config()
    config.set_main_option("script_location", str(_MIGRATIONS).replace("%", "%%"))
    with writing(engine) as connection:
        config.attributes["connection"] = connection
        known = {script.revision for script in ScriptDirectory.from_config(config).walk_revisions()}
        current = _version(connection)
        if current is not None and current not in known:
            raise IssuerError(Code.DATABASE_NEWER, f"revision {current}")
        if revision == "base" or (current is not None and revision < current):
            command.downgrade(config, revision)
        else:
            command.upgrade(config, revision)


@contextmanager
def writing(engine: sa.Engine) -> Iterator[sa.Connection]:
    """A transaction that will write: all of it is stored at its end, or nothing.

    Raises IssuerError: DATABASE_BUSY, DATABASE_FULL, DATABASE_FAILED.
    """
    with _in_words(), engine.execution_options(sqlite_begin="BEGIN IMMEDIATE").begin() as connection:
        yield connection


@contextmanager
def reading(engine: sa.Engine) -> Iterator[sa.Connection]:
    """A transaction that only reads, and sees one state of the register throughout; raises as `writing` does."""
    with _in_words(), engine.begin() as connection:
        yield connection


@contextmanager
def _in_words() -> Iterator[None]:
    """What goes wrong in the database becomes one of our codes; its own message may quote rows and is dropped."""
    try:
        yield
    except IntegrityError:
        raise  # a rule of the tables has spoken: the caller knows what it means
    except OperationalError as error:
        words = str(error.orig).lower()
        busy = "locked" in words or "busy" in words or "lock timeout" in words or "deadlock" in words
        full = "disk" in words or "full" in words or "no space" in words or "readonly" in words
        code = Code.DATABASE_BUSY if busy else Code.DATABASE_FULL if full else Code.DATABASE_FAILED
        raise IssuerError(code, type(error.orig).__name__) from None
    except DBAPIError as error:
        raise IssuerError(Code.DATABASE_FAILED, type(error.orig).__name__) from None


def _version(bind: sa.Engine | sa.Connection) -> str | None:
    if isinstance(bind, sa.Engine):
        with reading(bind) as connection:
            return _version(connection)
    if not sa.inspect(bind).has_table("alembic_version"):
        return None
    version: str | None = bind.scalar(sa.text("SELECT version_num FROM alembic_version"))
    return version


def _arrange_sqlite(engine: sa.Engine) -> None:
    path = engine.url.database
    if path and path != ":memory:" and not Path(path).exists():
        parent = Path(path).parent
        if not parent.is_dir():
            raise IssuerError(Code.DATABASE_REFUSED, f"no folder {parent}")
        # personal data: nobody but the owner may read the file, from its first byte
        os.close(os.open(path, os.O_CREAT | os.O_WRONLY, 0o600))

    @event.listens_for(engine, "connect")
    def _connect(raw: Any, _record: Any) -> None:
        raw.isolation_level = None  # transactions are begun by _begin alone
        cursor = raw.cursor()
        for pragma in (
            f"busy_timeout={_BUSY_MS}",
            "journal_mode=WAL",
            "synchronous=FULL",
            "foreign_keys=ON",
            f"cache_size=-{_CACHE_KIB}",
            "temp_store=MEMORY",
            "trusted_schema=OFF",
        ):
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()

    @event.listens_for(engine, "begin")
    def _begin(connection: sa.Connection) -> None:
        connection.exec_driver_sql(connection.get_execution_options().get("sqlite_begin", "BEGIN"))
