"""Where stores are made to go wrong: files in a folder, databases on a server, a disk that is small."""

from __future__ import annotations

import os
import secrets
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Protocol

from solver.store import locate
from tests.postgres import Server, name_of


class Place(Protocol):
    """Makes room for one store after the other."""

    name: str

    def fresh(self) -> str: ...
    def copy(self, where: str) -> str: ...


class Files:
    """SQLite files in a folder, each in a folder of its own."""

    name = "SQLite"

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def fresh(self) -> str:
        inner = self.folder / secrets.token_hex(6)
        inner.mkdir()
        return str(inner / "store.sqlite")

    def copy(self, where: str) -> str:
        """A copy of a store that nobody uses."""
        return str(shutil.copy(where, self.fresh()))


class Databases:
    """Databases on a server."""

    name = "PostgreSQL"

    def __init__(self, server: Server) -> None:
        self.server = server

    def fresh(self) -> str:
        return self.server.new_database()

    def copy(self, where: str) -> str:
        """A copy of a store that nobody uses."""
        return self.server.new_database(name_of(where))


@contextmanager
def small_disk(kilobytes: int) -> Iterator[Path | None]:
    """A disk of its own, in memory; None where nobody may mount one."""
    folder = Path(tempfile.mkdtemp(prefix="iop-disk-"))
    size = f"size={kilobytes}k,mode=0755"
    mounted = _run("mount", "-t", "tmpfs", "-o", size, "tmpfs", str(folder))
    try:
        yield folder if mounted else None
    finally:
        if mounted:
            _run("umount", "--lazy", str(folder))
        shutil.rmtree(folder, ignore_errors=True)


def remount(disk: Path, option: str) -> None:
    """Change a small disk while it is in use: ``ro``, ``rw``, ``size=…k``."""
    assert _run("mount", "-o", f"remount,{option}", str(disk))


def _run(*command: str) -> bool:
    if shutil.which(command[0]) is None:
        return False
    return subprocess.run(command, capture_output=True, check=False).returncode == 0


@contextmanager
def folder_for_everybody() -> Iterator[Path]:
    """A folder that every user of this machine may look into."""
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        yield Path(folder)


def give_to_nobody(where: str) -> None:
    """Make a store's file and folder read-only, for the user that ``as_nobody`` goes on as."""
    path = locate(where).path
    assert path is not None
    for file, mode in ((path, 0o400), (path.parent, 0o500)):
        if os.geteuid() == 0:
            os.chown(file, 65534, 65534)
        file.chmod(mode)


def take_back(where: str) -> None:
    """Undo ``give_to_nobody``."""
    path = locate(where).path
    assert path is not None
    for file, mode in ((path.parent, 0o700), (path, 0o600)):
        if os.geteuid() == 0:
            os.chown(file, 0, 0)
        file.chmod(mode)
