"""Cause every fault, count what was seen, and write the table of figures.

    python -m tests.faults                    a sample of each, a few minutes
    python -m tests.faults --full --write     the full counts, into docs/reliability.md

Each module ``share_….py`` here has a TITLE and makes a list of faults; its table is one section of
the page, so one share can be measured without the others (``--only store``).
"""

from __future__ import annotations

import argparse
import importlib
import os
import pkgutil
import platform
import re
import secrets
import sqlite3
import sys
import time
import traceback
from collections.abc import Sequence
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path
from random import Random
from types import ModuleType

import tests.faults
from tests.postgres import version

PAGE = Path(__file__).resolve().parents[2] / "docs" / "reliability.md"
HEAD = """# Reliability

<!-- Made by `python -m tests.faults --full --write`; do not edit. -->

Each of these faults is caused for real: processes are killed with a signal that nobody can catch, disks
are full or read-only, files are damaged, servers are stopped and crashed. Each time what must hold is
checked; a single time that it does not hold fails the run. `make faults` does it again.
The app is a real server in a process of its own, reached over HTTP and its socket; what is said to go
wrong with a disk goes wrong with a mounted one, so that root notices it as well.
"""


def shares(only: str) -> list[ModuleType]:
    """The modules that cause faults."""
    names = [m.name for m in pkgutil.iter_modules(tests.faults.__path__)]
    wanted = [n for n in names if n.startswith("share_") and only in n]
    return [importlib.import_module(f"tests.faults.{name}") for name in wanted]


def figures_of(share: ModuleType, seed: int, *, full: bool) -> tuple[str, bool]:
    """The section of a share, and whether everything held."""
    rows, held = [], True
    with ExitStack() as stack:
        for fault in share.faults(stack):
            times = fault.full if full else fault.sample
            started = time.monotonic()
            print(f"{fault.title}: {times} times …", end=" ", flush=True)
            try:
                seen = fault.cause(times, Random(f"{seed} {fault.title}"))
            except Exception:
                held = False
                print(f"DID NOT HOLD\n{traceback.format_exc()}", flush=True)
                continue
            print(f"{seen} ({time.monotonic() - started:.0f} s)", flush=True)
            rows.append(f"| {fault.title} | {times:,} | {seen} |")
    about = (
        f"{datetime.now(UTC):%Y-%m-%d}, seed {seed}, {os.cpu_count()} cores, "
        f"Python {platform.python_version()}, SQLite {sqlite3.sqlite_version}, {version()}."
    )
    table = "\n".join(["| what is caused | times | what was seen |", "|---|---|---|", *rows])
    return f"## {share.TITLE}\n\n{about}\n\n{table}\n", held


def written(page: str, section: str) -> str:
    """The page with a section in place of the one of the same title."""
    page = page or HEAD
    title = section.partition("\n")[0]
    found = re.search(rf"^{re.escape(title)}\n.*?(?=^## |\Z)", page, re.MULTILINE | re.DOTALL)
    if found is None:
        return f"{page.rstrip()}\n\n{section}"
    rest = page[found.end() :]
    return page[: found.start()] + section + (f"\n{rest}" if rest else "")


def main(arguments: Sequence[str] | None = None) -> int:
    """Cause them; 1 when something did not hold."""
    parser = argparse.ArgumentParser(prog="python -m tests.faults", description="Cause faults.")
    parser.add_argument("--full", action="store_true", help="the full counts")
    parser.add_argument("--write", action="store_true", help="write docs/reliability.md")
    parser.add_argument("--only", default="", metavar="WORD", help="shares with this in their name")
    parser.add_argument("--seed", type=int, default=None, metavar="N", help="a new one by default")
    asked = parser.parse_args(arguments)
    seed = secrets.randbelow(10**6) if asked.seed is None else asked.seed
    print(f"seed {seed}")
    all_held = True
    for share in shares(asked.only):
        section, held = figures_of(share, seed, full=asked.full)
        all_held &= held
        if asked.write and held:
            page = PAGE.read_text("utf-8") if PAGE.exists() else ""
            PAGE.write_text(written(page, section), "utf-8", newline="\n")
    return 0 if all_held else 1


if __name__ == "__main__":
    sys.exit(main())
