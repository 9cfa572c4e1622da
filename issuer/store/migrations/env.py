"""Alembic's entry: runs the revisions on the connection that issuer.store.engine.migrate hands over."""

from alembic import context

from issuer.store.tables import metadata

connection = context.config.attributes["connection"]
context.configure(connection=connection, target_metadata=metadata, render_as_batch=connection.dialect.name == "sqlite")
context.run_migrations()
