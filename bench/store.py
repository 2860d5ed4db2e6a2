"""Measured rows, one JSON object a line, kept in bench/results; and what they were measured with."""

from __future__ import annotations

import hashlib
import json
import os
import platform
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
RESULTS = Path(__file__).parent / "results"
PACKAGES = ("ortools", "pydantic", "numpy")
_LOADED = """
import json, sys
import solver.engine
found = [m.__file__ for n, m in sys.modules.items() if n.split(".")[0] == "solver" and m.__file__]
print(json.dumps(found))
"""


@dataclass(frozen=True)
class Machine:
    """What rows are measured with.

    Attributes:
        search: a checksum of the sources that solving loads; another one is another search.
        commit: with ``+`` where files have been changed since.
    """

    commit: str
    search: str
    processor: str
    cores: int
    memory: int
    system: str
    versions: Mapping[str, str]


def machine() -> Machine:
    """This machine, as the sources stand now."""
    return Machine(
        commit=_commit(),
        search=search_checksum(),
        processor=_processor(),
        cores=len(os.sched_getaffinity(0))
        if hasattr(os, "sched_getaffinity")
        else os.cpu_count() or 1,
        memory=_gigabytes(),
        system=f"{platform.system()} {platform.machine()}",
        versions={"python": platform.python_version()}
        | {name: found for name in PACKAGES if (found := _version(name))},
    )


def search_checksum() -> str:
    """Of every source file that importing the engine loads, in the order of their names."""
    loaded = subprocess.run(
        [sys.executable, "-c", _LOADED], cwd=ROOT, check=True, capture_output=True, text=True
    )
    total = hashlib.sha256()
    for path in sorted(json.loads(loaded.stdout)):
        total.update(str(Path(path).relative_to(ROOT)).encode())
        total.update(Path(path).read_bytes())
    return total.hexdigest()[:12]


def _commit() -> str:
    def git(*words: str) -> str:
        done = subprocess.run(
            ["git", *words], cwd=ROOT, check=False, capture_output=True, text=True
        )
        return done.stdout.strip()

    changed = git("status", "--porcelain", "--untracked-files=no", "--", "solver", "bench/*.py")
    return (git("rev-parse", "--short", "HEAD") or "unknown") + ("+" if changed else "")


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text("utf-8").splitlines()
        return next(line.split(":", 1)[1].strip() for line in lines if "model name" in line)
    except (OSError, StopIteration):
        return platform.processor() or "unknown processor"


def _gigabytes() -> int:
    try:
        return round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30)
    except (ValueError, OSError, AttributeError):
        return 0


def _version(package: str) -> str | None:
    try:
        return version(package)
    except PackageNotFoundError:
        return None


# -- rows ---------------------------------------------------------------------------------------


class Store:
    """The rows of a folder: a file a study, a line a row, of rows measured again the last."""

    def __init__(self, folder: Path = RESULTS) -> None:
        self.folder = folder

    def rows(self, study: str) -> dict[str, dict[str, Any]]:
        """Key -> row. A line that was cut off while it was written counts as never measured."""
        out: dict[str, dict[str, Any]] = {}
        for line in self._lines(study):
            try:
                row = json.loads(line)
            except ValueError:
                continue
            out[row["key"]] = row
        return out

    def _lines(self, study: str) -> Iterator[str]:
        path = self._path(study)
        if path.is_file():
            yield from path.read_text("utf-8").splitlines()

    def _path(self, study: str) -> Path:
        return self.folder / f"{study}.jsonl"

    def add(self, study: str, row: Mapping[str, Any], made: Machine) -> None:
        """Keep a row, with what it was measured with, as soon as it has ended."""
        self.folder.mkdir(parents=True, exist_ok=True)
        whole = {
            **row,
            "measured": datetime.now(UTC).isoformat(timespec="seconds"),
            "machine": made.__dict__,
        }
        text = json.dumps(whole, separators=(",", ":"), default=list)
        path = self._path(study)
        cut = path.is_file() and not path.read_bytes().endswith(b"\n") and path.stat().st_size
        with path.open("a", encoding="utf-8") as file:
            file.write(("\n" if cut else "") + text + "\n")
