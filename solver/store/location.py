"""Where the store is: a file in the user's data folder, another file, or a PostgreSQL database."""

from __future__ import annotations

import os
import stat
import sys
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import URL, make_url
from sqlalchemy.exc import ArgumentError

from ..jobfolder import private_folder
from .errors import StoreError, StoreMissing, in_words

VARIABLE = "IOP_STORE"
FILE = "store.sqlite"


@dataclass(frozen=True, slots=True)
class Location:
    """Where a store is.

    Attributes:
        path: of the SQLite file, every link followed; None for PostgreSQL.
        url: of the PostgreSQL database; None for a file.
    """

    path: Path | None
    url: URL | None = None

    def __str__(self) -> str:
        """For people: the path, or the URL without its password."""
        if self.url is not None:
            shown = self.url.set(drivername="postgresql", query={})
            return shown.render_as_string(hide_password=True)
        return str(self.path)

    @property
    def backups(self) -> Path:
        """The folder for the backups that are made before a store is upgraded or replaced."""
        return (self.path.parent if self.path else data_folder()) / "backups"


def data_folder() -> Path:
    """Where this system keeps a user's data for a program; not made yet."""
    if sys.platform == "win32":
        said, usual = os.environ.get("LOCALAPPDATA"), Path.home() / "AppData" / "Local"
    elif sys.platform == "darwin":
        said, usual = None, Path.home() / "Library" / "Application Support"
    else:
        said, usual = os.environ.get("XDG_DATA_HOME"), Path.home() / ".local" / "share"
    # A relative path there is invalid and to be ignored (XDG Base Directory Specification).
    return (Path(said) if said and Path(said).is_absolute() else usual) / "iop-scheduler"


def locate(said: str | os.PathLike[str] | None = None) -> Location:
    """The store that is meant: the one said, else that of IOP_STORE, else the user's own.

    A path is a file, as is ``sqlite:///path``; ``postgresql://user@host/database`` is a database.

    Raises:
        StoreError: it is neither.
    """
    named = os.fspath(said) if said is not None else os.environ.get(VARIABLE, "")
    if not named:
        return Location(data_folder() / FILE)
    if "://" not in named:
        return _file(named)
    try:
        url = make_url(named)
    except ArgumentError:
        raise StoreError(_neither("what was named")) from None
    backend = url.drivername.partition("+")[0]
    if backend == "sqlite" and url.database:
        return _file(url.database)
    if backend in ("postgresql", "postgres"):
        return Location(None, url.set(drivername="postgresql+psycopg"))
    raise StoreError(_neither(f"{url.drivername}://…"))


def _file(named: str) -> Location:
    with in_words(named):
        path = Path(named).expanduser().resolve()
        is_folder = path.is_dir()
    if is_folder:
        raise StoreError(f"{path}: this is a folder; a store is a file, e.g. {path / FILE}")
    return Location(path)


def _neither(found: str) -> str:
    return (
        f"{found}: a store is a file (a path, or sqlite:///path) or a PostgreSQL database "
        "(postgresql://user@host/database)"
    )


# -- who may read it ------------------------------------------------------------------------------


def make_room(path: Path) -> None:
    """The folder of a new store: the user's data folder is made, any other has to be there.

    Raises:
        StoreMissing: there is no such folder.
    """
    if path.parent == data_folder():
        private_folder(path.parent)
    elif not path.parent.is_dir():
        raise StoreMissing(f"{path}: there is no folder {path.parent}; make it first")


def make_private(path: Path) -> None:
    """Let nobody but the owner read the file and what SQLite keeps beside it."""
    for file in (path, *beside(path)):
        with suppress(OSError):  # of somebody else, or on a disk that knows no modes
            if stat.S_IMODE(file.stat().st_mode) & 0o077:
                file.chmod(0o600)


def beside(path: Path) -> tuple[Path, Path]:
    """The files that SQLite keeps next to a store while it is in use."""
    return path.with_name(f"{path.name}-wal"), path.with_name(f"{path.name}-shm")
