"""A PostgreSQL server of the tests' own: made in a folder, started, stopped, crashed.

It listens on a socket in its folder and nowhere else, so it is in nobody's way. It runs as the user
that runs the tests, or as an unprivileged one where that is root, whom PostgreSQL refuses.
"""

from __future__ import annotations

import os
import pwd
import re
import secrets
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg

OWNERS = ("postgres", "nobody")
"""Users that a server started by root may run as; the first that the system has."""
SUPERUSER = "iop"
SETTINGS = {
    "listen_addresses": "",
    "fsync": "off",  # what a crash of the machine would lose; none is caused here
    "shared_buffers": "16MB",
    "max_connections": "60",
    "log_min_messages": "fatal",
    "autovacuum": "off",
}


WHILE_WE_LIVE = '"$@" & read -r end; kill -QUIT $!; wait'
"""For a shell: a server that ends when whoever holds the other end of the pipe does, however."""


class NoPostgres(Exception):
    """There is no PostgreSQL on this machine."""


def programs() -> Path:
    """The folder of initdb and postgres, of the latest version there is."""
    found = sorted(
        Path("/usr/lib/postgresql").glob("*/bin/initdb"),
        key=lambda path: int(re.sub(r"\D", "", path.parts[-3]) or 0),
    )
    if found:
        return found[-1].parent
    on_path = shutil.which("initdb")
    if on_path is None:
        raise NoPostgres(
            "tests marked database need a PostgreSQL server; on Debian and Ubuntu: "
            "apt-get install --no-install-recommends postgresql"
        )
    return Path(on_path).resolve().parent


def version() -> str:
    """Of the server, in words."""
    done = subprocess.run(
        [programs() / "postgres", "--version"], capture_output=True, text=True, check=True
    )
    return "PostgreSQL " + done.stdout.split()[2]


class Server:
    """A server with nothing in it yet."""

    def __init__(self) -> None:
        self.programs = programs()
        # Short: the path of a socket has at most 107 bytes.
        self.folder = Path(tempfile.mkdtemp(prefix="iop-pg-"))
        self.data = self.folder / "data"
        self._process: subprocess.Popen[bytes] | None = None
        self._as: dict[str, Any] = {}
        if os.geteuid() == 0:
            owner = next(o for o in OWNERS if _exists(o))
            shutil.chown(self.folder, owner)
            self._as = {"user": owner, "group": pwd.getpwnam(owner).pw_gid, "extra_groups": []}
        options = ["--auth=trust", f"--username={SUPERUSER}", "--encoding=UTF8", "--locale=C"]
        self._run(
            "initdb",
            "--no-sync",
            "--data-checksums",
            "--wal-segsize=1",
            *options,
            "-D",
            str(self.data),
        )
        with (self.data / "postgresql.conf").open("a") as file:
            file.write(f"unix_socket_directories = '{self.folder}'\n")
            file.writelines(f"{name} = '{value}'\n" for name, value in SETTINGS.items())

    def start(self, largest_file: int | None = None) -> None:
        """Start it, and return when it answers."""
        limit = "unlimited" if largest_file is None else largest_file // 512
        server = [str(self.programs / "postgres"), "-D", str(self.data)]
        with (self.folder / "log.txt").open("ab") as log:
            self._process = subprocess.Popen(
                ["/bin/sh", "-c", f"ulimit -f {limit}; {WHILE_WE_LIVE}", "sh", *server],
                stdin=subprocess.PIPE,
                stdout=log,
                stderr=log,
                cwd=self.folder,
                start_new_session=True,
                **self._as,
            )
        for _ in range(600):
            if self._answers():
                return
            time.sleep(0.05)
        raise AssertionError((self.folder / "log.txt").read_text("utf-8", "replace")[-2000:])

    def stop(self) -> None:
        """Stop it in order, whoever is connected."""
        self._run("pg_ctl", "stop", "-D", str(self.data), "-m", "fast")
        self._gone()

    def crash(self) -> None:
        """Stop it at once, without a word to anybody; it recovers when it is started."""
        self._run("pg_ctl", "stop", "-D", str(self.data), "-m", "immediate")
        self._gone()

    def remove(self) -> None:
        """Stop it, if it runs, and remove all that it wrote."""
        if self._process is not None:
            self.crash()
        shutil.rmtree(self.folder, ignore_errors=True)

    def new_database(self, template: str = "template0", options: str = "") -> str:
        """The URL of a database that is empty, or a copy of another one."""
        name = f"t{secrets.token_hex(6)}"
        self.sql(f"CREATE DATABASE {name} TEMPLATE {template} {options}")
        return f"postgresql://{SUPERUSER}@/{name}?host={self.folder}"

    def sql(self, statement: str, url: str = "") -> None:
        """Run a statement as the superuser."""
        with psycopg.connect(url or self._url, autocommit=True) as connection:
            connection.execute(statement.encode())

    def ask(self, question: str, url: str = "") -> str:
        """The one value that answers a question."""
        with psycopg.connect(url or self._url, autocommit=True) as connection:
            row = connection.execute(question.encode()).fetchone()
        assert row is not None
        return str(row[0])

    @property
    def _url(self) -> str:
        return f"postgresql://{SUPERUSER}@/postgres?host={self.folder}"

    def drop(self, url: str) -> None:
        """Remove a database, whoever is connected, and its tablespace if it has its own."""
        name = name_of(url)
        where = self.ask(
            "SELECT spcname FROM pg_tablespace s JOIN pg_database d ON d.dattablespace = s.oid "
            f"WHERE datname = '{name}'"
        )
        self.sql(f"DROP DATABASE {name} WITH (FORCE)")
        if where != "pg_default":
            self.sql(f"DROP TABLESPACE {where}")

    def own(self, folder: Path) -> None:
        """Let the server write in a folder."""
        if self._as:
            shutil.chown(folder, self._as["user"], self._as["group"])

    def file_of(self, url: str, table: str) -> str:
        """The file of a table, inside the server's data; what it holds is on disk."""
        self.sql("CHECKPOINT")
        return self.ask(f"SELECT pg_relation_filepath('{table}')", url)

    @contextmanager
    def limited(self, size: int) -> Iterator[None]:
        """A server whose files do not grow beyond a size, in bytes."""
        self.stop()
        self.start(largest_file=size)
        try:
            yield
        finally:
            self.stop()
            self.start()

    def _answers(self) -> bool:
        asked = [self.programs / "pg_isready", "-q", "-h", self.folder]
        return subprocess.run(asked, check=False).returncode == 0

    def _gone(self) -> None:
        assert self._process is not None
        self._process.communicate(timeout=30)  # closes the pipe
        self._process = None

    def _run(self, program: str, *arguments: str) -> str:
        done = subprocess.run(
            [self.programs / program, *arguments],
            cwd=self.folder,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
            **self._as,
        )
        assert done.returncode == 0, f"{program}: {done.stderr[-2000:]}"
        return done.stdout


def name_of(url: str) -> str:
    """The database that a URL of ``new_database`` leads to."""
    return url.partition("@/")[2].partition("?")[0]


def _exists(user: str) -> bool:
    try:
        pwd.getpwnam(user)
    except KeyError:
        return False
    return True
