"""The real app in a process of its own, with or without a login."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO

import requests

ROOT = Path(__file__).resolve().parents[2]
CLIENT, SECRET = "the-scheduler", "a-cookie-secret-that-is-long-enough-for-tests"
PATIENCE = 90.0
"""Seconds; for a machine that has much else to do."""


def free_port() -> int:
    """A port on which nobody listens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@dataclass
class Served:
    """A server that runs.

    Attributes:
        folder: everything it has on disk: ``work``, ``people.toml``, ``log``, ``temporary``.
    """

    url: str
    folder: Path
    process: subprocess.Popen[bytes]

    @property
    def work(self) -> Path:
        return self.folder / "work"

    @property
    def log(self) -> str:
        """All that it has said so far, on both streams."""
        return (self.folder / "log").read_text("utf-8", "replace")

    def kill(self) -> None:
        """End it with a signal that nobody can catch."""
        self.process.kill()
        self.process.wait()


def environment(folder: Path, more: Mapping[str, str]) -> dict[str, str]:
    """An environment in which nothing of this machine's own settings counts."""
    for name in ("home", "temporary"):
        (folder / name).mkdir(parents=True, exist_ok=True)
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("STREAMLIT_", "IOP_"))}
    return kept | {
        "HOME": str(folder / "home"),
        "TMPDIR": str(folder / "temporary"),
        "IOP_WORK_FOLDER": str(folder / "work"),
        "IOP_STORE": str(folder / "store.sqlite"),
        "IOP_PEOPLE": str(folder / "people.toml"),
        "PYTHONUNBUFFERED": "1",
        "PYTHONPATH": str(ROOT),
        **more,
    }


def start(
    folder: Path,
    *arguments: str,
    port: int | None = None,
    script: Path = ROOT / "app.py",
    more: Mapping[str, str] | None = None,
) -> Served:
    """Start the app; it is ready when this returns.

    Raises:
        AssertionError: it ended, or did not answer in time.
    """
    port = port or free_port()
    command = [sys.executable, "-m", "streamlit", "run", str(script), "--server.port", str(port)]
    folder.mkdir(parents=True, exist_ok=True)
    settings = environment(folder, more or {})
    log: IO[bytes]
    with (folder / "log").open("ab") as log:
        process = subprocess.Popen(
            [*command, "--server.fileWatcherType", "none", *arguments],
            cwd=folder,
            env=settings,
            stdout=log,
            stderr=log,
            stdin=subprocess.DEVNULL,
        )
    served = Served(f"http://localhost:{port}", folder, process)
    until_it_answers(served, f"http://127.0.0.1:{port}/_stcore/health")
    return served


def until_it_answers(served: Served, url: str) -> None:
    """Wait for it."""
    latest = time.monotonic() + PATIENCE
    while True:
        try:
            if requests.get(url, timeout=10).status_code < 500:
                return
        except (requests.ConnectionError, requests.Timeout):
            pass
        assert served.process.poll() is None, served.log
        assert time.monotonic() < latest, served.log
        time.sleep(0.1)


def stop(process: subprocess.Popen[bytes]) -> None:
    """End a server as Ctrl-C does, or harder."""
    if process.poll() is None:
        process.send_signal(signal.SIGINT)
        try:
            process.wait(15)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


@contextmanager
def app(folder: Path, *arguments: str, **named: object) -> Iterator[Served]:
    """The app for as long as it is needed."""
    served = start(folder, *arguments, **named)  # type: ignore[arg-type]
    try:
        yield served
    finally:
        stop(served.process)


# -- with a login ---------------------------------------------------------------------------------


@contextmanager
def provider() -> Iterator[str]:
    """An OpenID provider; its address."""
    port = free_port()
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.guard.provider", str(port)],
        cwd=ROOT,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    url = f"http://localhost:{port}"
    try:
        until_it_answers(Served(url, ROOT, process), f"{url}/.well-known/openid-configuration")
        yield url
    finally:
        stop(process)


def write_login(folder: Path, provider_url: str, port: int, *, scheme: str = "http") -> None:
    """Set a login up, as docs/login.md says."""
    settings = folder / ".streamlit"
    settings.mkdir(parents=True, exist_ok=True)
    (settings / "secrets.toml").write_text(
        f"""[auth]
redirect_uri = "{scheme}://localhost:{port}/oauth2callback"
cookie_secret = "{SECRET}"
client_id = "{CLIENT}"
client_secret = "secret"
server_metadata_url = "{provider_url}/.well-known/openid-configuration"
"""
    )


def write_people(folder: Path, **roles: str) -> None:
    """Who may do what; ``kim="scheduler"`` is kim@example.org."""
    lines = "".join(f'"{name}@example.org" = "{role}"\n' for name, role in roles.items())
    (folder / "people.toml").write_text(f"[people]\n{lines}", "utf-8")


def sign_in(
    served: Served, provider_url: str, name: str, *, verified: bool = True, forge: str = ""
) -> requests.Session:
    """A browser's cookies after going through the sign-in as ``name``@example.org."""
    about = {"email": f"{name}@example.org", "email_verified": verified, "name": name.title()}
    requests.put(f"{provider_url}/users/{name}", json=about, timeout=30).raise_for_status()
    requests.post(f"{provider_url}/forge", forge, timeout=30).raise_for_status()
    browser = requests.Session()
    try:
        form = browser.get(f"{served.url}/sign-in", timeout=PATIENCE)
        assert form.url.startswith(f"{provider_url}/oauth2/authorize"), form.url
        browser.post(form.url, {"sub": name}, timeout=PATIENCE)
    finally:
        requests.post(f"{provider_url}/forge", "", timeout=30)
    return browser


def lines_with(text: str, *words: str) -> list[str]:
    """The lines of a text in which any of these words stands."""
    pattern = re.compile("|".join(map(re.escape, words)), re.IGNORECASE)
    return [line for line in text.splitlines() if pattern.search(line)]
