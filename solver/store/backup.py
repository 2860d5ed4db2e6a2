"""Backups: consistent while the store is in use, checked, and put in their place whole.

A SQLite store is copied page by page into a SQLite file (the backup API of SQLite). PostgreSQL's
tables are written in a form of our own, because a copy of its files could only be read by the same
version of the server: UTF-8 text, one JSON value a line,

    {"iop_backup": 1, "revision": "0001", "made_at": "2026-11-30T08:15:00.000000Z"}
    {"table": "iop_clinics", "columns": ["id", "name", "made_at"]}
    ["4be1…", "Riverside", "2026-11-30T08:10:00.000000Z"]
    …
    {"rows": 1204, "sha256": "…"}                       of all the lines before

Either can be restored into either.
"""

from __future__ import annotations

import hashlib
import json
import os
import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import IO

from sqlalchemy import Connection, inspect

from .database import clock, engine, open_file, reader, revision_of
from .errors import StoreDamaged, StoreError, StoreFull, full, in_words
from .location import Location, beside
from .tables import PREFIX, VERSION_TABLE, utc_text

FORM = 1
"""Of our own kind of backup."""


def back_up_to(location: Location, target: Path) -> Path:
    """Write a backup of the store, as it is at one moment; readable by its owner alone.

    Raises:
        StoreError: it could not be made; what was at ``target`` before is untouched.
    """
    target = Path(os.path.realpath(target))  # a link stays a link
    if target.exists() and not target.is_file():
        raise StoreError(f"{target}: a backup is written to a file, and this is none")
    with in_words(str(target.parent)):
        _put_there(location, target)
    return target


def _put_there(location: Location, target: Path) -> None:
    handle, name = tempfile.mkstemp(prefix=f".{target.name[:100]}.", dir=target.parent)
    os.close(handle)
    draft = Path(name)
    try:
        if location.path is not None:
            _copy_file(location, draft)
        else:
            _dump(location, draft)
        with draft.open("rb") as finished:
            os.fsync(finished.fileno())
        draft.replace(target)
    finally:
        for file in (draft, *beside(draft)):
            file.unlink(missing_ok=True)


def _copy_file(location: Location, draft: Path) -> None:
    assert location.path is not None
    try:
        with in_words(str(location)), closing(open_file(location.path)) as source:
            copy_pages(source, draft)
    except StoreFull:  # it is the copy that found no room
        raise full(str(draft.parent)) from None
    with closing(sqlite3.connect(draft)) as copy, in_words(str(location)):
        found = copy.execute("PRAGMA integrity_check").fetchone()[0]
        if found != "ok":
            raise StoreDamaged(
                f"{location}: the store is damaged (its pages are not as they were written); "
                "no backup was made of it"
            )


def copy_pages(source: sqlite3.Connection, target: Path) -> None:
    """Make ``target`` a file of its own with everything in ``source``, as it is at one moment."""
    with closing(sqlite3.connect(target, isolation_level=None)) as copy:
        source.backup(copy)
        copy.execute("PRAGMA journal_mode = DELETE")  # nothing beside it has to go with it


# -- our own form ---------------------------------------------------------------------------------


def _dump(location: Location, draft: Path) -> None:
    source = engine(location)
    try:
        with (
            in_words(str(location)),
            reader(source).connect() as connection,
            draft.open("w", encoding="utf-8", newline="\n") as file,
            in_words(str(draft.parent)),
        ):
            write(connection, file)
            file.flush()
    finally:
        source.dispose()


def write(connection: Connection, file: IO[str]) -> None:
    """Every row of our tables as this connection's transaction sees them."""
    digest, rows = hashlib.sha256(), 0

    def line(value: object) -> None:
        text = json.dumps(value, ensure_ascii=False) + "\n"
        digest.update(text.encode())
        file.write(text)

    head = {"iop_backup": FORM, "revision": revision_of(connection), "made_at": utc_text(clock())}
    line(head)
    for table in our_tables(connection):
        if table == VERSION_TABLE:
            continue
        some = connection.execution_options(yield_per=50)
        with some.exec_driver_sql(f"SELECT * FROM {table}") as found:
            line({"table": table, "columns": list(found.keys())})
            for row in found:
                line(list(row))
                rows += 1
    file.write(json.dumps({"rows": rows, "sha256": digest.hexdigest()}) + "\n")


class NotWhole(Exception):
    """A backup that ends too early, or was changed since; the message says which."""


def read(file: IO[bytes]) -> Iterator[object]:
    """The lines of a backup in our form: its head, tables and rows; the last line is looked at here.

    Raises:
        NotWhole: after what could be read.
    """
    digest, rows = hashlib.sha256(), 0
    end: object = None
    for line in file:
        if end is not None:
            raise NotWhole("something follows its end")
        try:
            value: object = json.loads(line)
        except (ValueError, RecursionError):
            raise NotWhole("a line of it is no JSON") from None
        if isinstance(value, dict) and "sha256" in value:
            end = value
            continue
        digest.update(line)
        rows += isinstance(value, list)
        yield value
    if end != {"rows": rows, "sha256": digest.hexdigest()}:
        raise NotWhole("it was cut off" if end is None else "it was changed after it was made")


def our_tables(connection: Connection) -> list[str]:
    """Names of the tables that are ours, in the form the store is in."""
    return [name for name in sorted(inspect(connection).get_table_names()) if _is_ours(name)]


def _is_ours(name: str) -> bool:
    return name.startswith(PREFIX) and name.replace("_", "").isalnum()
