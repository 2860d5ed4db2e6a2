"""The store's share of the faults."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from random import Random

from tests.faults import disks, killing, trouble
from tests.faults.figures import Fault, Figures
from tests.faults.places import Databases, Files, Place
from tests.postgres import Server

TITLE = "The store"
Cause = Callable[[Place, int, Random], Figures]

EITHER: tuple[tuple[str, Cause, int, int], ...] = (
    ("kill -9 of a process while it publishes", killing.killed_publishing, 10, 100),
    ("kill -9 of a restore over a store that holds something", killing.killed_restoring, 2, 20),
    ("kill -9 while an older store is upgraded", killing.killed_upgrading, 2, 20),
    ("the disk is full", disks.disk_full, 1, 5),
    ("files may not grow (a quota)", disks.files_may_not_grow, 1, 5),
    ("the file or server is gone, and comes back", trouble.gone_and_back, 1, 20),
    (
        "the clock, as the store reads it, is set back by up to a year",
        trouble.clock_set_back,
        5,
        100,
    ),
    ("two processes save the same scenario", trouble.two_at_once, 10, 200),
)
"""What is caused on SQLite and on PostgreSQL: in words, how, how often by default and in full."""


def faults(stack: ExitStack) -> list[Fault]:
    """All of them; what they need is made now and removed with the stack."""
    folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
    server = Server()
    stack.callback(server.remove)
    server.start()
    files, databases = Files(folder), Databases(server)
    places: tuple[Place, ...] = (files, databases)
    out = [
        Fault(f"{title} ({place.name})", sample, full, partial(cause, place))
        for title, cause, sample, full in EITHER
        for place in places
    ]
    crashed = partial(killing.server_crashed, databases)
    out += [
        Fault("crash of the PostgreSQL server while a process publishes", 2, 25, crashed),
        Fault("the store's file or disk is read-only (SQLite)", 2, 10, disks.read_only),
        Fault("damage to the store's file", 10, 300, partial(trouble.file_damaged, files)),
        Fault("damage to PostgreSQL's files", 1, 25, partial(trouble.tables_damaged, databases)),
    ]
    return out
