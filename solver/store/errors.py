"""What can go wrong with the store, each with a sentence that says what to do.

StoreError
├── Conflict           somebody else saved it meanwhile; carries what they changed
├── NotFound           there is no such clinic, scenario, version, schedule, …
├── NeverAltered       an attempt to alter what is kept for good
├── StoreMissing       there is no store where one was to be
├── StoreUnavailable   the database does not answer
├── StoreBusy          somebody else holds it for too long
├── StoreReadOnly      it cannot be written
├── StoreFull          the disk cannot take it
├── StoreDamaged       what is read is not what was written
├── StoreTooNew        a newer version of the program made it
├── UpgradeFailed      it could not be brought up to date, and is as it was
├── NotEmpty           a restore would replace what is there
└── BackupDamaged      a file that is to be restored cannot be

No message holds anything out of a document: those have names in them. What a database says is looked
up by its code and never repeated, because its details quote the row.
"""

from __future__ import annotations

import errno
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

from sqlalchemy.exc import DBAPIError, InterfaceError, NoResultFound, OperationalError
from sqlalchemy.exc import TimeoutError as PoolExhausted

from ..errors import SchedulerError
from .differences import Difference, counted


class StoreError(SchedulerError):
    """Something about the store."""


class NotFound(StoreError):
    """What was asked for is not in the store."""


class NeverAltered(StoreError):
    """An attempt to change or remove what is only ever superseded."""


class StoreMissing(StoreError):
    """There is no store."""


class StoreUnavailable(StoreError):
    """The database does not answer."""


class StoreBusy(StoreError):
    """Another process holds the store."""


class StoreReadOnly(StoreError):
    """The store cannot be written."""


class StoreFull(StoreError):
    """The disk is full or fails; nothing of what was to be written is there."""


class StoreDamaged(StoreError):
    """The store holds something that was not written into it."""


class StoreTooNew(StoreError):
    """The store is in a form that this program does not know."""


class UpgradeFailed(StoreError):
    """An older store could not be upgraded and is as it was."""


class NotEmpty(StoreError):
    """There is something in the store that a restore would replace."""


class BackupDamaged(StoreError):
    """The file is no backup, or not all of it."""


class Conflict(StoreError):
    """Somebody else saved what was to be saved; nothing was overwritten.

    Attributes:
        subject: what it is, in a word: ``scenario``, ``what-if``, ``week`` or ``draft``.
        based_on: the number the caller worked from; 0 where they knew of none.
        number, author, at: what is there now, who saved it and when.
        differences: what has changed between the two.
    """

    def __init__(
        self,
        subject: str,
        based_on: int,
        number: int,
        author: str,
        at: datetime,
        differences: tuple[Difference, ...],
    ) -> None:
        self.subject = subject
        self.based_on = based_on
        self.number = number
        self.author = author
        self.at = at
        self.differences = differences
        super().__init__(
            f"this {subject} was saved meanwhile by {author} ({at:%Y-%m-%d %H:%M} UTC, number "
            f"{number}; you worked from {based_on or 'none'}): {counted(differences)}. "
            "Nothing was overwritten: look at what changed, then save on top of it"
        )


class Unreadable(Exception):
    """Raised where a value is read that cannot have been written; made a StoreDamaged of above."""


@contextmanager
def in_words(store: str) -> Iterator[None]:
    """Turn what a database or the disk says into a StoreError that names the store.

    The error it stands for is left out: it quotes rows, and rows hold names.
    """
    try:
        yield
    except DBAPIError as error:
        raise _worded(error, error.orig, store) from None
    except sqlite3.Error as error:
        raise _of_sqlite(error, store) from None
    except PoolExhausted:
        raise StoreBusy(f"{store}: too many are at work at once. Try again in a moment") from None
    except UnicodeDecodeError:  # SQLite's complaint quoted what it had found
        raise _damaged(store, PAGES) from None
    except NoResultFound:
        raise _damaged(store, "something refers to what is not there") from None
    except Unreadable as error:
        raise _damaged(store, str(error)) from None
    except OSError as error:
        raise _of_the_system(error, store) from None


def _worded(error: DBAPIError, said: BaseException | None, store: str) -> StoreError:
    if isinstance(said, sqlite3.Error):
        return _of_sqlite(said, store)
    state = getattr(said, "sqlstate", None)
    if isinstance(state, str):
        return _of_postgres(state, store)
    # A server that is gone says nothing.
    if error.connection_invalidated or isinstance(error, (OperationalError, InterfaceError)):
        return _unavailable(store, GONE)
    return StoreError(f"{store}: the database refused ({type(said).__name__})")


def _of_sqlite(error: sqlite3.Error, store: str) -> StoreError:
    # Python has no code for what it could not decode, SQLite one for everything else.
    code: int = getattr(error, "sqlite_errorcode", sqlite3.SQLITE_CORRUPT)
    name: str = getattr(error, "sqlite_errorname", "")
    if name in ("SQLITE_CONSTRAINT_TRIGGER", "SQLITE_CONSTRAINT_FOREIGNKEY"):
        return _never_altered(store)
    if name.startswith("SQLITE_IOERR"):
        if name in ("SQLITE_IOERR_READ", "SQLITE_IOERR_SHORT_READ", "SQLITE_IOERR_CORRUPTFS"):
            return _damaged(store, "the disk does not give back what was written")
        return full(store)
    match code & 0xFF:
        case sqlite3.SQLITE_FULL:
            return full(store)
        case sqlite3.SQLITE_READONLY | sqlite3.SQLITE_PERM:
            return _read_only(store)
        case sqlite3.SQLITE_BUSY | sqlite3.SQLITE_LOCKED:
            return _busy(store)
        case sqlite3.SQLITE_CORRUPT | sqlite3.SQLITE_NOTADB:
            return _damaged(store, PAGES)
        case sqlite3.SQLITE_CANTOPEN:
            return _unavailable(store, "its file cannot be opened.")
    return StoreError(f"{store}: the store refused ({name})")


PAGES = "its pages are not as they were written"
GONE = "the database cannot be reached; does it run, and may this user use it?"
_DENIED = {"25006", "42501"}  # read-only transaction, insufficient privilege
_WAITED = {"55P03", "57014", "40001", "40P01"}  # lock or statement timeout, clash of two
_BROKEN = {"XX001", "XX002", "42P01", "42703"}  # corrupted data or index, table or column gone
_KEPT = {"23001", "23503"}  # our triggers, a foreign key


def _of_postgres(state: str, store: str) -> StoreError:
    if state in _DENIED:
        return _read_only(store)
    if state in _WAITED:
        return _busy(store)
    if state in _BROKEN:
        return _damaged(store, "the database does not give back what was written")
    if state in _KEPT:
        return _never_altered(store)
    if state in ("53100", "58030"):  # disk full, disk error
        return full(store)
    if state == "53300" or state[:2] in ("08", "28", "3D", "57"):
        return _unavailable(store, GONE)
    return StoreError(f"{store}: the database refused (code {state})")


def _of_the_system(error: OSError, store: str) -> StoreError:
    match error.errno:
        case errno.ENOSPC | errno.EDQUOT | errno.EFBIG | errno.EIO:
            return full(store)
        case errno.EROFS | errno.EACCES | errno.EPERM:
            return _read_only(store)
        case errno.ENOENT:
            return StoreMissing(f"{store}: there is no such file")
    return StoreError(f"{store}: {error.strerror or type(error).__name__}")


def full(store: str) -> StoreFull:
    """That there is no room."""
    return StoreFull(
        f"{store}: the disk is full or fails. Nothing of this was saved and nothing is lost; make "
        "room and save again"
    )


def _read_only(store: str) -> StoreReadOnly:
    return StoreReadOnly(
        f"{store}: this user may not write here. Nothing was changed; have the file and its folder "
        "made writable, or name another store"
    )


def _busy(store: str) -> StoreBusy:
    return StoreBusy(f"{store}: another program is writing to it. Nothing was changed; try again")


def _unavailable(store: str, why: str) -> StoreUnavailable:
    return StoreUnavailable(
        f"{store}: {why} Try again when it is back: what was saved is not saved a second time"
    )


def _damaged(store: str, why: str) -> StoreDamaged:
    return StoreDamaged(
        f"{store}: the store is damaged ({why}). Put a backup in its place with iop restore; the "
        "damaged store is kept beside it"
    )


def _never_altered(store: str) -> NeverAltered:
    return NeverAltered(
        f"{store}: what is published or saved is never altered or removed; publish or save anew, "
        "and it is superseded"
    )
