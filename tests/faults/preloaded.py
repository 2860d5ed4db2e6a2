"""What every process of these tests needs; imported once and then forked."""

from __future__ import annotations

import alembic.command
import alembic.config
import psycopg
import sqlalchemy.dialects.postgresql.psycopg
import sqlalchemy.dialects.sqlite.pysqlite

import solver.store
import solver.store.opening

__all__ = ["alembic", "psycopg", "solver", "sqlalchemy"]
