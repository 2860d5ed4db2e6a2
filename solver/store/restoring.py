"""Restoring: a backup of either kind into a store of either kind, all of it or nothing.

The backup is first made a store in a folder of its own, brought up to date and checked there. Then
its rows replace those of the store in one transaction. What the store held is backed up before, under
the same lock, so that nothing saved in between is lost.
"""

from __future__ import annotations

import shutil
import sqlite3
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Connection, insert, select
from sqlalchemy.orm import Session

from ..jobfolder import private_folder
from . import backup, checks
from .database import Clock, Form, Writing, clock, connected_to_read, engine, revision_of, writer
from .errors import (
    BackupDamaged,
    NotEmpty,
    StoreDamaged,
    StoreError,
    StoreFull,
    StoreTooNew,
    full,
    in_words,
)
from .location import Location, beside, data_folder, make_room
from .opening import (
    APPLICATION_ID,
    backup_path,
    fill_file,
    known_revisions,
    migrate,
    put_in_place,
    refuse_another_s,
)
from .tables import Base

SQLITE = b"SQLite format 3\x00"
OURS = b'{"iop_backup":'
UNPACKED = ".restore-"
"""Begins the name of the folder that a backup is unpacked in."""
DAYS_LEFT = 1


@dataclass(frozen=True, slots=True)
class Restored:
    """What a restore did.

    Attributes:
        rows: how many were restored.
        kept: the backup of what was there before; None where nothing was.
    """

    rows: int
    kept: Path | None


def restore(
    source: Path,
    location: Location,
    author: str,
    *,
    replace: bool = False,
    now: Clock = clock,
    form: Form | None = None,
) -> Restored:
    """Put a backup in the place of whatever the store holds.

    Args:
        replace: whether a store that holds something may be replaced; it is backed up first.

    Raises:
        BackupDamaged: the file is no backup, or not all of it.
        NotEmpty: there is something in the store.
        StoreError: nothing was changed.
    """
    form = form or Form()
    if location.path is not None:
        make_room(location.path)
    else:
        private_folder(data_folder())
    around = location.path.parent if location.path is not None else data_folder()
    with (
        in_words(str(around)),
        tempfile.TemporaryDirectory(prefix=UNPACKED, dir=around) as inner,
    ):
        _remove_left_behind(around)
        draft = Path(inner) / "store.sqlite"
        draft.touch(mode=0o600)
        _load(source, draft, form)
        if location.path is not None and not location.path.exists():
            return _as_it_is(draft, location.path, author, now, None)
        try:
            return _into(location, draft, author, form, replace=replace, now=now)
        except StoreDamaged:
            if not replace:
                raise
            if location.path is None:
                raise StoreError(
                    f"{location}: the database is damaged and cannot be backed up before it is "
                    "replaced. Make a new one and restore into that"
                ) from None
            aside = _put_aside(location, now)
            return _as_it_is(draft, location.path, author, now, aside)


def _remove_left_behind(around: Path) -> None:
    """Restores that were killed leave what they had unpacked, names and all."""
    oldest = time.time() - DAYS_LEFT * 24 * 3600
    for folder in around.glob(f"{UNPACKED}*"):
        if folder.stat().st_mtime < oldest:
            shutil.rmtree(folder, ignore_errors=True)


# -- the backup, as a store of its own ------------------------------------------------------------


def _load(source: Path, draft: Path, form: Form) -> None:
    """Make ``draft`` a store in today's form with everything in the backup."""
    with _of_a_backup(source, draft.parent.parent):
        with source.open("rb") as file:
            begins = file.read(len(SQLITE))
        if begins == SQLITE:
            with closing(connected_to_read(source)) as original:
                backup.copy_pages(original, draft)
        elif begins.startswith(OURS):
            _load_lines(source, draft, form)
        else:
            raise BackupDamaged(f"{source}: this is no backup of this program")
        with closing(sqlite3.connect(draft)) as copy:
            made_by = copy.execute("PRAGMA application_id").fetchone()[0]
        if made_by != APPLICATION_ID:
            raise BackupDamaged(f"{source}: this is no backup of this program")
        _up_to_date(source, draft, form)


@contextmanager
def _of_a_backup(source: Path, around: Path) -> Iterator[None]:
    """What is wrong in here is wrong with the backup, unless there is no room to unpack it."""
    try:
        with in_words(str(source)):
            yield
    except StoreFull:
        raise full(str(around)) from None
    except (StoreDamaged, backup.NotWhole) as error:
        why = f" ({error})" if isinstance(error, backup.NotWhole) else ""
        raise BackupDamaged(
            f"{source}: this backup is damaged{why}. Nothing was restored; use another one"
        ) from None


def _up_to_date(source: Path, draft: Path, form: Form) -> None:
    made = engine(Location(draft), foreign_keys=False)
    try:
        with writer(made).begin() as connection:
            revision = revision_of(connection)
            if revision not in known_revisions(form):
                raise StoreTooNew(
                    f"{source}: a newer version of this program made this backup (its form is "
                    f"{revision}, this program knows up to {form.revision}); use the newer program"
                )
            migrate(connection, form)
            with Session(connection) as session:
                found = checks.faults(session)
        if found:
            raise BackupDamaged(
                f"{source}: this backup is damaged ({'; '.join(found[:3])}). Nothing was "
                "restored; use another one"
            )
    finally:
        made.dispose()


def _load_lines(source: Path, draft: Path, form: Form) -> None:
    with source.open("rb") as file:
        lines = backup.read(file)
        head = next(lines, None)
        if not isinstance(head, dict) or head.get("iop_backup") != backup.FORM:
            raise BackupDamaged(f"{source}: this is no backup of this program")
        revision = head.get("revision")
        if revision not in known_revisions(form):
            raise StoreTooNew(
                f"{source}: a newer version of this program made this backup; use the newer program"
            )
        fill_file(draft, form, str(revision))
        with closing(sqlite3.connect(draft, isolation_level=None)) as into:
            into.execute("PRAGMA foreign_keys = OFF")
            into.execute("BEGIN")
            _insert_lines(lines, into)
            into.execute("COMMIT")


def _insert_lines(lines: Iterator[object], into: sqlite3.Connection) -> None:
    tables = _columns_of(into)
    order, width = "", -1
    for line in lines:
        match line:
            case {"table": str(table), "columns": list(columns)}:
                if table not in tables or not set(columns) <= set(tables[table]):
                    raise backup.NotWhole("it has a table or column that no backup has")
                width = len(columns)
                places = ", ".join("?" * width)
                order = f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({places})"
            case list() if len(line) == width and all(_is_plain(v) for v in line):
                into.execute(order, line)
            case _:
                raise backup.NotWhole("a line of it is no row")


def _is_plain(value: object) -> bool:
    return value is None or isinstance(value, str) or (type(value) is int and abs(value) < 2**63)


def _columns_of(store: sqlite3.Connection) -> Mapping[str, list[str]]:
    found = store.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall()
    return {
        name: [column[1] for column in store.execute(f"PRAGMA table_info({name})")]
        for (name,) in found
    }


# -- into its place -------------------------------------------------------------------------------


def _into(
    location: Location, draft: Path, author: str, form: Form, *, replace: bool, now: Clock
) -> Restored:
    """Replace every row of a store that is there, in one transaction."""
    target, source = engine(location, foreign_keys=False), engine(Location(draft))
    kept: Path | None = None
    done = False
    try:
        with in_words(str(location)), writer(target).begin() as connection:
            if _holds_something(connection, location, form):
                if not replace:
                    raise NotEmpty(
                        f"{location}: there is something in this store already. Add --replace to "
                        "put the backup in its place; what is there now is backed up first"
                    )
                kept = backup.back_up_to(location, backup_path(location, "replaced", now))
            _drop_everything(connection)
            migrate(connection, form)
            with source.connect() as original:
                rows = _copy_rows(original, connection)
            with Session(connection, autoflush=False) as session:
                Writing(session, author, now()).note("store.restored", form.revision, rows=rows)
        done = True
    finally:
        target.dispose()
        source.dispose()
        if kept is not None and not done:
            kept.unlink(missing_ok=True)
    return Restored(rows, kept)


def _holds_something(connection: Connection, location: Location, form: Form) -> bool:
    revision = revision_of(connection)
    if revision is None:
        if location.path is None:
            return False
        refuse_another_s(connection, location)
        raise StoreDamaged(f"{location}: there is nothing in this file")
    if revision not in known_revisions(form):
        raise StoreTooNew(
            f"{location}: a newer version of this program made this store, so this one does not "
            "replace it"
        )
    tables = [t for t in backup.our_tables(connection) if t in ("iop_clinics", "iop_drafts")]
    return any(connection.exec_driver_sql(f"SELECT 1 FROM {t} LIMIT 1").first() for t in tables)


def _drop_everything(connection: Connection) -> None:
    cascade = " CASCADE" if connection.dialect.name == "postgresql" else ""
    for table in backup.our_tables(connection):
        connection.exec_driver_sql(f"DROP TABLE {table}{cascade}")


def _copy_rows(source: Connection, target: Connection) -> int:
    if target.dialect.name == "postgresql":
        target.exec_driver_sql("SET CONSTRAINTS ALL DEFERRED")
    rows = 0
    for table in Base.metadata.sorted_tables:
        found = source.execution_options(yield_per=50).execute(select(table))
        for some in found.mappings().partitions(50):
            target.execute(insert(table), [dict(row) for row in some])
            rows += len(some)
    return rows


def _as_it_is(draft: Path, path: Path, author: str, now: Clock, kept: Path | None) -> Restored:
    """The draft itself becomes the store, where there is none."""
    made = engine(Location(draft))
    with writer(made).begin() as connection:
        rows = sum(
            len(connection.execute(select(*table.primary_key)).all())
            for table in Base.metadata.sorted_tables
        )
        with Session(connection, autoflush=False) as session:
            Writing(session, author, now()).note("store.restored", Form().revision, rows=rows)
    made.dispose()
    if not put_in_place(draft, path):
        raise NotEmpty(f"{path}: another program made a store here meanwhile. Nothing was restored")
    return Restored(rows, kept)


def _put_aside(location: Location, now: Clock) -> Path:
    """Move a damaged store out of the way; it is kept."""
    assert location.path is not None
    aside = backup_path(location, "damaged", now)
    location.path.rename(aside)
    for file, there in zip(beside(location.path), beside(aside), strict=True):
        if file.exists():
            file.rename(there)
    return aside
