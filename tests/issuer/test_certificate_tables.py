"""The tables of the certificate path are what their migrations make."""

import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

from issuer.store import certificate_tables
from issuer.store.engine import migrate, open_database, reading
from issuer.store.tables import metadata

OURS = set(certificate_tables.__all__)


def ours(what: object, name: str | None, kind: str, _reflected: bool, _other: object) -> bool:
    return kind != "table" or name in OURS


def test_the_migrations_make_what_the_code_expects(register: sa.Engine) -> None:
    with reading(register) as connection:
        context = MigrationContext.configure(connection, opts={"include_object": ours})
        assert compare_metadata(context, metadata) == []
        assert "ix_dose_facility_id" in {index["name"] for index in sa.inspect(connection).get_indexes("dose")}


def test_down_and_up_again(register_url: str) -> None:
    engine = open_database(register_url)
    migrate(engine, "0001")
    with reading(engine) as connection:
        assert not OURS & set(sa.inspect(connection).get_table_names())
    migrate(engine)
    with reading(engine) as connection:
        assert set(sa.inspect(connection).get_table_names()) >= OURS
    engine.dispose()
