"""Connections to one store, and the two kinds of transactions on it.

Everything is read from one snapshot and written in one transaction. There is one writer at a time, in
either database (SQLite: BEGIN IMMEDIATE; PostgreSQL: an advisory lock), so what a writer has read
cannot change under it. A SQLite file is opened anew for each transaction: one that was moved away,
came back or was replaced is noticed, never written into blindly.
"""

from __future__ import annotations

import json
import os
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import Connection, Engine, create_engine, event, func, select
from sqlalchemy.orm import Session
from sqlalchemy.pool import NullPool

from .errors import StoreError, StoreTooNew, StoreUnavailable, in_words
from .location import Location, make_private
from .tables import REVISION, VERSION_TABLE, AuditLine

Clock = Callable[[], datetime]
SECONDS_TO_WAIT = 10
"""For another writer to finish, before the store is said to be busy."""
SECONDS_TO_CONNECT = 5
MIGRATIONS = Path(__file__).parent / "migrations"
_WRITERS = 0x494F5053  # "IOPS": the advisory lock that makes PostgreSQL's writers take turns
_BEGIN = "iop_begin"


def clock() -> datetime:
    """What time it is."""
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class Form:
    """Which form of the tables is wanted, and the folder of migrations that lead there."""

    revision: str = REVISION
    scripts: Path = MIGRATIONS


class Writing:
    """One write: a session, who writes and when, and the audit lines that go with it."""

    def __init__(self, session: Session, author: str, at: datetime) -> None:
        self.session = session
        self.author = author
        self.at = at
        self.noted = 0

    def note(
        self, action: str, subject: str, clinic: str | None = None, **details: str | int | None
    ) -> None:
        """Add a line to the audit trail; ids, numbers and hashes only."""
        last = self.session.scalar(select(func.max(AuditLine.number))) or 0
        self.noted += 1
        self.session.add(
            AuditLine(
                number=last + 1,
                at=self.at,
                author=self.author,
                action=action,
                clinic_id=clinic,
                subject_id=subject,
                details=json.dumps({k: v for k, v in details.items() if v is not None}),
            )
        )
        self.session.flush()


class Database:
    """A store's connections."""

    def __init__(self, location: Location, now: Clock = clock, form: Form | None = None) -> None:
        self.location = location
        self.now = now
        self.form = form or Form()
        self._engine = engine(location)

    def close(self) -> None:
        """Let go of every connection."""
        self._engine.dispose()

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """Everything read in here is from one moment; nothing can be written.

        Raises:
            StoreError: the store cannot be read.
        """
        with (
            in_words(str(self.location)),
            Session(reader(self._engine), expire_on_commit=False) as session,
        ):
            yield session

    @contextmanager
    def writing(self, author: str, *, audited: bool = True) -> Iterator[Writing]:
        """Everything written in here is there when this ends, or none of it.

        Raises:
            StoreError: it was not written.
            RuntimeError: something was written without a line in the audit trail.
        """
        author = short_text(author, "whoever writes")
        with (
            in_words(str(self.location)),
            Session(writer(self._engine), autoflush=False, expire_on_commit=False) as session,
        ):
            self._must_be_known(session.connection())
            flushed: list[object] = []
            event.listen(session, "after_flush", lambda *_: flushed.append(1))
            writing = Writing(session, author, self.now())
            yield writing
            session.flush()
            if flushed and audited and not writing.noted:
                raise RuntimeError("a write without its line in the audit trail")
            session.commit()

    def _must_be_known(self, connection: Connection) -> None:
        """Another program may have upgraded the store since this one opened it."""
        if revision_of(connection) != self.form.revision:
            raise StoreTooNew(
                f"{self.location}: another version of this program has changed the store's form "
                "since it was opened. Nothing was written; start this program again"
            )


def short_text(text: str, whose: str) -> str:
    """A name or key that a column holds, without blanks around or twice inside.

    Raises:
        ValueError: it is empty, too long, or has what cannot be printed.
    """
    text = " ".join(text.split())
    if not text or len(text) > 200 or not text.isprintable():
        raise ValueError(f"{whose} has a name of 1 to 200 characters that can be printed")
    return text


def revision_of(connection: Connection) -> str | None:
    """Which form the tables are in; None where there are none of ours."""
    if not connection.dialect.has_table(connection, VERSION_TABLE):
        return None
    found = connection.exec_driver_sql(f"SELECT version_num FROM {VERSION_TABLE}").scalars().all()
    return str(found[0]) if len(found) == 1 else ""


# -- engines --------------------------------------------------------------------------------------


def engine(location: Location, *, foreign_keys: bool = True) -> Engine:
    """Connections of a store that is there.

    Args:
        foreign_keys: whether SQLite minds them; a migration that rebuilds a table has to turn them
            off before its transaction begins, and to look after them itself.
    """
    if location.path is not None:
        path = location.path
        made = create_engine(
            "sqlite+pysqlite://",
            creator=lambda: open_file(path, foreign_keys=foreign_keys),
            poolclass=NullPool,
            hide_parameters=True,
        )
        event.listen(made, "begin", _begin_in_sqlite)
        return made
    assert location.url is not None
    try:
        made = create_engine(
            location.url,
            hide_parameters=True,
            pool_pre_ping=True,  # a database that was restarted is connected to again
            pool_size=5,
            max_overflow=20,
            connect_args={
                "connect_timeout": SECONDS_TO_CONNECT,
                "application_name": "iop",
                "keepalives_idle": 10,
                "tcp_user_timeout": 15_000,
            },
        )
    except ImportError:
        raise StoreError(
            f"{location}: a PostgreSQL store needs psycopg (pip install 'psycopg[binary]')"
        ) from None
    event.listen(made, "connect", _set_up_postgres)
    event.listen(made, "begin", _begin_in_postgres)
    return made


def reader(source: Engine) -> Engine:
    """The same connections, for transactions that see one moment and write nothing."""
    if source.dialect.name == "sqlite":
        return source
    return source.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)


def writer(source: Engine) -> Engine:
    """The same connections, for transactions that are the only ones to write."""
    return source.execution_options(**{_BEGIN: True})


def _begin_in_sqlite(connection: Connection) -> None:
    writes = connection.get_execution_options().get(_BEGIN)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


def _begin_in_postgres(connection: Connection) -> None:
    if connection.get_execution_options().get(_BEGIN):
        connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_WRITERS})")


def _set_up_postgres(connection: object, _record: object) -> None:
    import psycopg  # noqa: PLC0415 - only who uses PostgreSQL needs it

    assert isinstance(connection, psycopg.Connection)
    connection.execute(f"SET lock_timeout = '{SECONDS_TO_WAIT}s'")
    connection.execute("SET idle_in_transaction_session_timeout = '300s'")
    connection.execute("SET synchronous_commit = on")
    connection.execute("SET client_encoding = 'UTF8'")
    connection.commit()


def open_file(path: Path, *, foreign_keys: bool = True) -> sqlite3.Connection:
    """A connection to a store's file, which has to be there: SQLite is not to make one.

    Raises:
        StoreUnavailable: it is not there.
    """
    if not path.exists():
        raise StoreUnavailable(
            f"{path}: the store's file is not there any more. Nothing was written; put it back "
            "(is a disk not connected?), then try again"
        )
    make_private(path)
    try:
        return _connected(path, "mode=rw", foreign_keys=foreign_keys)
    except sqlite3.OperationalError:
        if not _is_still(path):
            raise
        return connected_to_read(path)


def connected_to_read(path: Path) -> sqlite3.Connection:
    """A connection that writes nothing, to a file that may lie where nothing can be written."""
    return _connected(path, "mode=ro&immutable=1" if _is_still(path) else "mode=ro")


def _is_still(path: Path) -> bool:
    """Whether nobody can be writing: the folder is read-only, and all is in the file itself."""
    wal = path.with_name(f"{path.name}-wal")
    return not os.access(path.parent, os.W_OK) and not (wal.exists() and wal.stat().st_size)


def _connected(path: Path, how: str, *, foreign_keys: bool = True) -> sqlite3.Connection:
    connection = sqlite3.connect(
        f"{path.absolute().as_uri()}?{how}",
        uri=True,
        timeout=SECONDS_TO_WAIT,
        isolation_level=None,
        check_same_thread=False,
    )
    try:
        for setting in (
            f"foreign_keys = {'ON' if foreign_keys else 'OFF'}",
            "synchronous = FULL",
            "fullfsync = ON",
            "secure_delete = ON",
            "trusted_schema = OFF",
        ):
            connection.execute(f"PRAGMA {setting}")
        connection.execute("SELECT 1 FROM sqlite_master LIMIT 1").fetchall()
    except BaseException:
        connection.close()
        raise
    return connection
