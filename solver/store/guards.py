"""Triggers that let nobody alter or remove what is kept for good, whatever program they use.

SQLite's ``INSERT OR REPLACE`` removes the row in its way without asking the triggers for DELETE, so
there is one for INSERT too.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from sqlalchemy import Connection, text

_ORDERS = ("UPDATE", "DELETE")
_FUNCTION = """
CREATE OR REPLACE FUNCTION iop_kept() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% is never altered', TG_TABLE_NAME USING ERRCODE = 'restrict_violation';
END $$
"""


def keep(connection: Connection, table: str, unique: Sequence[Sequence[str]]) -> None:
    """Make a table append-only; once more where its triggers went with a rebuilt table.

    Args:
        unique: the columns of each unique key, the primary key among them.
    """
    run = connection.exec_driver_sql
    if connection.dialect.name == "sqlite":
        for name, sql in _sqlite_triggers(table, unique).items():
            run(f"DROP TRIGGER IF EXISTS {name}")
            run(sql)
        return
    connection.execute(text(_FUNCTION))
    for order in (*_ORDERS, "TRUNCATE"):
        name, each = f"{table}_no_{order.lower()}", "STATEMENT" if order == "TRUNCATE" else "ROW"
        run(f"DROP TRIGGER IF EXISTS {name} ON {table}")
        run(
            f"CREATE TRIGGER {name} BEFORE {order} ON {table} FOR EACH {each} "
            "EXECUTE FUNCTION iop_kept()"
        )
        run(f"ALTER TABLE {table} ENABLE ALWAYS TRIGGER {name}")


def missing(connection: Connection, kept: Mapping[str, Sequence[Sequence[str]]]) -> list[str]:
    """Tables that are to be append-only and are not: a trigger is gone or switched off."""
    if connection.dialect.name == "sqlite":
        found = connection.exec_driver_sql(
            "SELECT name, sql FROM sqlite_master WHERE type='trigger'"
        )
        there = {row.name: row.sql for row in found}
        return [
            table
            for table, unique in kept.items()
            if any(there.get(n) != sql for n, sql in _sqlite_triggers(table, unique).items())
        ]
    found = connection.exec_driver_sql("SELECT tgname FROM pg_trigger WHERE tgenabled = 'A'")
    names = {row.tgname for row in found}
    return [
        t for t in kept if not names >= {f"{t}_no_{o}" for o in ("update", "delete", "truncate")}
    ]


def _sqlite_triggers(table: str, unique: Iterable[Sequence[str]]) -> dict[str, str]:
    refuse = f"BEGIN SELECT RAISE(ABORT, '{table} is never altered'); END"
    out = {
        f"{table}_no_{order.lower()}": f"CREATE TRIGGER {table}_no_{order.lower()} BEFORE {order} "
        f"ON {table} {refuse}"
        for order in _ORDERS
    }
    same = [" AND ".join(f"{column} = NEW.{column}" for column in key) for key in unique]
    there = " OR ".join([*(f"({s})" for s in same), "rowid = NEW.rowid"])
    name = f"{table}_no_replace"
    out[name] = (
        f"CREATE TRIGGER {name} BEFORE INSERT ON {table} "
        f"WHEN EXISTS (SELECT 1 FROM {table} WHERE {there}) {refuse}"
    )
    return out
