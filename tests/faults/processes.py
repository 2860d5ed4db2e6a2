"""Processes that are killed: started quickly, everything imported, and one by one."""

from __future__ import annotations

import multiprocessing
import os
import signal
from collections.abc import Callable
from contextlib import suppress
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from typing import Any

CONTEXT = multiprocessing.get_context("forkserver")
CONTEXT.set_forkserver_preload(["tests.faults.preloaded"])
PATIENCE = 120.0
"""Seconds until something that does not happen is said not to."""


def start(target: Callable[..., None], *arguments: Any) -> tuple[BaseProcess, Connection]:
    """Run ``target(connection, …)`` in a process; what it sends comes out of the connection."""
    mine, its = CONTEXT.Pipe()
    process = CONTEXT.Process(target=target, args=(its, *arguments), daemon=True)
    process.start()
    its.close()
    return process, mine


def end(process: BaseProcess) -> int | None:
    """Wait until it has ended; its exit code, below 0 where a signal ended it."""
    process.join(PATIENCE)
    code = process.exitcode
    process.close()
    return code


def received(connection: Connection) -> list[Any]:
    """All that a process sends until it is gone."""
    out = []
    with connection, suppress(EOFError, ConnectionError):
        while connection.poll(PATIENCE):
            out.append(connection.recv())
    return out


def run_and_die(target: Callable[..., None], *arguments: Any) -> None:
    """Run something that kills its own process, with a signal that nobody can catch."""
    process, connection = start(_run, target, arguments)
    code = end(process)
    connection.close()
    assert code == -signal.SIGKILL, f"it ended with {code}"


def _run(_connection: Connection, target: Callable[..., None], arguments: tuple[Any, ...]) -> None:
    target(*arguments)


def as_nobody() -> None:
    """Go on as a user to whom nothing is permitted that is not permitted to everybody."""
    if os.geteuid() == 0:
        os.setgroups([])
        os.setgid(65534)
        os.setuid(65534)
