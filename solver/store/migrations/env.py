"""Run by Alembic: upgrades the store on the connection it was handed, in its open transaction."""

from __future__ import annotations

from alembic import context

from solver.store.tables import VERSION_TABLE

context.configure(
    connection=context.config.attributes["connection"],
    version_table=VERSION_TABLE,
    transactional_ddl=True,
)
context.run_migrations()
