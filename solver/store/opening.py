"""Opening a store: made where there is none, upgraded where it is older, refused where newer.

A new store's file is made beside its place and put there whole. An older store is copied first, then
upgraded in one transaction: it ends up in today's form, or as it was.
"""

from __future__ import annotations

import os
import secrets
import tempfile
import threading
from contextlib import suppress
from functools import cache
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import Connection
from sqlalchemy.orm import Session

from .backup import back_up_to
from .database import Clock, Database, Form, Writing, clock, engine, revision_of, writer
from .errors import (
    StoreDamaged,
    StoreError,
    StoreMissing,
    StoreReadOnly,
    StoreTooNew,
    UpgradeFailed,
    in_words,
)
from .location import Location, beside, make_room
from .tables import utc_text

PROGRAM = "iop"
"""Who upgraded a store, in its audit trail."""
APPLICATION_ID = 0x494F5053
"""In the header of a SQLite file: that it is a store of this program ("IOPS")."""
_MIGRATING = threading.Lock()


def opened(
    location: Location, *, create: bool = True, now: Clock = clock, form: Form | None = None
) -> Database:
    """A store in today's form.

    Raises:
        StoreMissing: there is none, and none is to be made.
        StoreTooNew, UpgradeFailed, StoreDamaged, StoreUnavailable, StoreReadOnly, …
    """
    form = form or Form()
    with in_words(str(location)):
        if location.path is not None and not location.path.exists():
            if not create:
                raise StoreMissing(nothing_at(location))
            make_room(location.path)
            _make_file(location.path, form)
    database = Database(location, now, form)
    try:
        with in_words(str(location)):
            _bring_up_to_date(database, create=create)
    except BaseException:
        database.close()
        raise
    return database


def nothing_at(location: Location) -> str:
    """That there is no store."""
    return f"{location}: there is no store here yet; the first week that is saved makes it"


def migrate(connection: Connection, form: Form, revision: str = "head") -> None:
    """Bring the tables to a form, in the connection's open transaction."""
    with _MIGRATING:  # Alembic keeps what it works on in a global
        command.upgrade(_config(form, connection), revision)


@cache
def known_revisions(form: Form) -> tuple[str, ...]:
    """Every form that can be upgraded to ``form``, the latest first."""
    script = ScriptDirectory.from_config(_config(form))
    return tuple(step.revision for step in script.walk_revisions())


def _config(form: Form, connection: Connection | None = None) -> Config:
    config = Config()
    config.set_main_option("script_location", str(form.scripts).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    return config


# -- a new one ------------------------------------------------------------------------------------


def _make_file(path: Path, form: Form) -> None:
    """A new store at its place, whole or not at all; the one that another process made is as good."""
    handle, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    os.close(handle)
    draft = Path(name)
    try:
        fill_file(draft, form)
        put_in_place(draft, path)
    finally:
        for file in (draft, *beside(draft)):
            file.unlink(missing_ok=True)


def fill_file(path: Path, form: Form, revision: str = "head") -> None:
    """Make an empty file an empty store."""
    made = engine(Location(path), foreign_keys=False)
    with writer(made).begin() as connection:
        connection.exec_driver_sql(f"PRAGMA application_id = {APPLICATION_ID}")
        migrate(connection, form, revision)
    made.dispose()


def put_in_place(draft: Path, path: Path) -> bool:
    """Put a finished store at its place unless there is one; whether it was put there."""
    use_wal(draft)
    try:
        os.link(draft, path)
    except FileExistsError:
        return False
    except OSError:  # a disk without hard links
        if path.exists():
            return False
        draft.replace(path)
    return True


def use_wal(path: Path) -> None:
    """From now on readers and a writer do not wait for each other; the file remembers it."""
    raw = engine(Location(path)).raw_connection()
    try:
        raw.cursor().execute("PRAGMA journal_mode = WAL")
    finally:
        raw.close()


# -- an older one ---------------------------------------------------------------------------------


def _bring_up_to_date(database: Database, *, create: bool) -> None:
    location, form = database.location, database.form
    with database.reading() as session:
        revision = revision_of(session.connection())
        if revision is None and location.path is not None:
            refuse_another_s(session.connection(), location)
            raise StoreDamaged(
                f"{location}: the store is damaged (there is nothing in its file). Put a backup in "
                "its place with iop restore, or remove the file to begin with an empty store"
            )
    if revision is None and not create:
        raise StoreMissing(nothing_at(location))
    if revision == form.revision:
        return
    if revision is not None and revision not in known_revisions(form):
        raise StoreTooNew(
            f"{location}: a newer version of this program made this store (its form is "
            f"{revision or 'not said'}, this program knows up to {form.revision}). Nothing was "
            "changed; use the newer program"
        )
    _upgrade(database)


def refuse_another_s(connection: Connection, location: Location) -> None:
    """A file that has tables, and none of ours, is another program's: StoreError."""
    if connection.exec_driver_sql("SELECT count(*) FROM sqlite_master").scalar():
        raise StoreError(f"{location}: this is another program's database; name another file")


def _upgrade(database: Database) -> None:
    location, form = database.location, database.form
    migrating = engine(location, foreign_keys=False)
    copy: Path | None = None
    try:
        with in_words(str(location)), writer(migrating).begin() as connection:
            before = revision_of(connection)
            if before == form.revision:
                return  # another process was quicker
            if before is not None:
                copy = _copied(location, before, database.now)
            else:
                _must_be_utf8(connection, location)
            migrate(connection, form)
            _references_must_hold(connection)
            if before is not None:
                with Session(connection, autoflush=False) as session:
                    note = Writing(session, PROGRAM, database.now()).note
                    note("store.upgraded", form.revision, before=before)
    except Exception as error:
        if copy is None:
            raise
        copy.unlink(missing_ok=True)  # the store itself is as it was
        if isinstance(error, StoreReadOnly):
            raise
        why = str(error) if isinstance(error, StoreError) else type(error).__name__
        raise UpgradeFailed(
            f"{location}: this store is of an older version of the program and could not be "
            f"upgraded ({why}). It is as it was; go on with the older version, and report this"
        ) from None
    finally:
        migrating.dispose()


def _copied(location: Location, revision: str, now: Clock) -> Path:
    """A backup from before an upgrade; while the writers' lock is held, so nothing comes after it."""
    return back_up_to(location, backup_path(location, f"form-{revision}", now))


def backup_path(location: Location, why: str, now: Clock) -> Path:
    """A name for a backup that nobody asked for: what of, why, when."""
    folder = location.backups
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    with suppress(OSError):
        folder.chmod(0o700)
    of, kind = (location.path.stem, "sqlite") if location.path else ("postgresql", "iopbackup")
    when = utc_text(now())[:19].replace(":", "").replace("-", "")
    return folder / f"{of}-{why}-{when}-{secrets.token_hex(3)}.{kind}"


def _must_be_utf8(connection: Connection, location: Location) -> None:
    if connection.dialect.name == "postgresql":
        encoding = connection.exec_driver_sql("SHOW server_encoding").scalar()
        if encoding != "UTF8":
            raise StoreError(
                f"{location}: this database keeps text as {encoding}, which has not every letter "
                "of a name; make one with ENCODING 'UTF8'"
            )


def _references_must_hold(connection: Connection) -> None:
    if connection.dialect.name == "sqlite":
        broken = connection.exec_driver_sql("PRAGMA foreign_key_check").first()
        if broken is not None:
            raise StoreError(f"a reference of {broken[0]} is broken")
