"""The tables of the FHIR API are what their migration makes."""

import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

from issuer.store import api_tables
from issuer.store.engine import migrate, open_database, reading
from issuer.store.tables import metadata

OURS = set(api_tables.__all__)


def ours(what: object, name: str | None, kind: str, _reflected: bool, _other: object) -> bool:
    return kind != "table" or name in OURS


def test_the_migration_makes_what_the_code_expects(register: sa.Engine) -> None:
    with reading(register) as connection:
        context = MigrationContext.configure(connection, opts={"include_object": ours})
        assert compare_metadata(context, metadata) == []


def test_down_and_up_again(register_url: str) -> None:
    engine = open_database(register_url)
    migrate(engine, "0007")
    with reading(engine) as connection:
        assert not OURS & set(sa.inspect(connection).get_table_names())
    migrate(engine)
    with reading(engine) as connection:
        assert set(sa.inspect(connection).get_table_names()) >= OURS
    engine.dispose()
