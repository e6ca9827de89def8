"""Alembic's entry: migrations run inside the transaction that `db.store` opened."""

from alembic import context

from db.store.schema import metadata

connection = context.config.attributes["connection"]
context.configure(connection=connection, target_metadata=metadata, transactional_ddl=True)
context.run_migrations()
