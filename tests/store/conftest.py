"""Stores for the tests: each test that asks for ``where`` runs on SQLite and on PostgreSQL."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from solver.store import Store, locate, open_store
from tests.postgres import Server, name_of


@pytest.fixture(scope="session")
def server() -> Iterator[Server]:
    """A PostgreSQL server of this session's own."""
    server = Server()
    try:
        server.start()
        yield server
    finally:
        server.remove()


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The user's data folder is the test's own, and no store is named."""
    folder = tmp_path / "home"
    monkeypatch.setenv("XDG_DATA_HOME", str(folder))
    monkeypatch.setenv("HOME", str(folder))
    monkeypatch.delenv("IOP_STORE", raising=False)
    return folder


@pytest.fixture(scope="session")
def empty_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store with nothing in it, to copy: quicker than to make one."""
    path = tmp_path_factory.mktemp("empty") / "store.sqlite"
    open_store(path).close()
    return path


@pytest.fixture(scope="session")
def empty_database(server: Server) -> str:
    """The same in PostgreSQL; its name."""
    url = server.new_database()
    open_store(url).close()
    return name_of(url)


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.database)])
def where(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Where a store is that has nothing in it: a path or a URL."""
    if request.param == "sqlite":
        empty: Path = request.getfixturevalue("empty_file")
        return str(shutil.copy(empty, tmp_path / "store.sqlite"))
    server: Server = request.getfixturevalue("server")
    return server.new_database(request.getfixturevalue("empty_database"))


@pytest.fixture
def nowhere(where: str, server_of: Server | None, tmp_path: Path) -> str:
    """Where a store of the same kind could be, and is none."""
    return server_of.new_database() if server_of else str(tmp_path / "new.sqlite")


@pytest.fixture
def on_postgres(where: str) -> bool:
    return locate(where).url is not None


@pytest.fixture
def server_of(on_postgres: bool, request: pytest.FixtureRequest) -> Server | None:
    """The server that ``where`` is on, if it is on one."""
    return request.getfixturevalue("server") if on_postgres else None


@pytest.fixture
def store(where: str) -> Iterator[Store]:
    with open_store(where) as store:
        yield store
