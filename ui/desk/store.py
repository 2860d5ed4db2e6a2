"""Desks: what a person was doing, kept in a folder, so that it is still there after a refresh.

A desk is named by an opaque id, which is all that an address in the browser tells. On it lie weeks:
ready ones that came with the program, and the person's own. All of it is readable by its owner
alone.

    WORK/jobs/            what is being solved (see ``solver.runner``)
    WORK/desks/ID/        state.json, weeks/KEY/{scenario,schedule,result}.json
                          owner: who is signed in; without a login there is none
"""

from __future__ import annotations

import json
import os
import re
import secrets
import shutil
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from solver.io.files import save_json
from solver.io.writing import write_file
from solver.jobfolder import private_folder
from solver.result import Result
from solver.scenario import Scenario
from solver.schedule import Schedule

WORK_VARIABLE = "IOP_WORK_FOLDER"
READY = Path(__file__).resolve().parents[2] / "scenarios"
"""The weeks that come with the program; those already solved have a schedule in ``solved/``."""
DEMO = "matrix-evening"
DAYS_KEPT = 30
"""A desk or job nobody has touched for as long is removed."""
_ID = re.compile(r"[A-Za-z0-9_-]{22}")
_OWNER = "owner"
_KEY = re.compile(r"[A-Za-z0-9_-]{1,100}")


def work_folder() -> Path:
    """Where desks and jobs are: where the environment says, or the system keeps such things."""
    said = os.environ.get(WORK_VARIABLE)
    if said:
        return Path(said).expanduser().resolve()
    base = os.environ.get("LOCALAPPDATA" if sys.platform == "win32" else "XDG_STATE_HOME")
    return (Path(base) if base else Path.home() / ".local" / "state") / "iop-scheduler"


@dataclass(frozen=True, slots=True)
class WeekFiles:
    """Where one week of a desk lies.

    Attributes:
        key: its name on the desk; that of its file for a ready one.
        scenario: the file; a ready week's own is never written to.
        folder: where schedule and result of this desk go.
        is_ready: it came with the program.
    """

    key: str
    scenario: Path
    folder: Path
    is_ready: bool

    @property
    def schedule(self) -> Path:
        """The schedule's file; it need not exist."""
        own = self.folder / "schedule.json"
        return READY / "solved" / f"{self.key}.schedule.json" if self.came_solved else own

    @property
    def result(self) -> Path:
        """The result's file; it need not exist."""
        own = self.folder / "result.json"
        return READY / "solved" / f"{self.key}.result.json" if self.came_solved else own

    @property
    def came_solved(self) -> bool:
        """Whether the schedule is the one that came with the program."""
        return self.is_ready and not (self.folder / "schedule.json").exists()

    def take(self, answer: Result) -> None:
        """Make a solve's schedule this week's."""
        if answer.schedule is None:
            raise ValueError("there is no schedule to take")
        self.take_schedule(answer.schedule)
        save_json(self.folder / "result.json", answer.document())

    def take_schedule(self, schedule: Schedule) -> None:
        """Make a schedule this week's; what was said about another one goes."""
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        (self.folder / "result.json").unlink(missing_ok=True)
        save_json(self.folder / "schedule.json", schedule)


class Desk:
    """One person's desk."""

    def __init__(self, folder: Path) -> None:
        self.id = folder.name
        self.folder = folder

    @classmethod
    def new(cls, work: Path, owner: str | None = None) -> Desk:
        """A desk with the demo clinic on it."""
        private_folder(work / "desks")
        desk = cls(work / "desks" / secrets.token_urlsafe(16))
        desk.folder.mkdir(mode=0o700)
        if owner is not None:
            write_file(desk.folder / _OWNER, owner.encode())
        desk._write({})
        return desk

    @classmethod
    def find(cls, work: Path, id: object, owner: str | None = None) -> Desk | None:
        """The desk of that id, if there is one and it is this owner's (None: nobody's)."""
        if not isinstance(id, str) or not _ID.fullmatch(id):
            return None
        desk = cls(work / "desks" / id)
        there = (desk.folder / "state.json").is_file() and desk._is_of(owner)
        return desk if there else None

    @classmethod
    def last_of(cls, work: Path, owner: str | None) -> Desk | None:
        """The desk that this owner used last; None where nobody is named."""
        if owner is None:
            return None
        desks = [cls(path.parent) for path in work.glob(f"desks/*/{_OWNER}")]
        own = [d for d in desks if cls.find(work, d.id, owner) is not None]
        return max(own, key=lambda d: (d.folder / "state.json").stat().st_mtime, default=None)

    def _is_of(self, owner: str | None) -> bool:
        try:
            said = (self.folder / _OWNER).read_bytes()
        except FileNotFoundError:
            return owner is None
        except OSError:
            return False
        return owner is not None and said == owner.encode()

    # -- what is remembered -----------------------------------------------------------------------

    def get(self, name: str, default: Any = None) -> Any:
        """What was put under a name."""
        return self._read().get(name, default)

    def put(self, name: str, value: object) -> None:
        """Remember something; None forgets it."""
        state = self._read()
        if state.get(name) == value:
            return
        state[name] = value
        self._write({k: v for k, v in state.items() if v is not None})

    def _read(self) -> dict[str, Any]:
        try:
            state = json.loads((self.folder / "state.json").read_bytes())
        except (OSError, ValueError):
            return {}
        return state if isinstance(state, dict) else {}

    def _write(self, state: dict[str, Any]) -> None:
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        save_json(self.folder / "state.json", state)

    # -- weeks ------------------------------------------------------------------------------------

    def week(self) -> WeekFiles:
        """The week that is open; the demo clinic where none is."""
        return self._files(self.get("week")) or self._files(DEMO) or self._first_ready()

    def weeks(self) -> list[WeekFiles]:
        """Every week there is: the ready ones, then this desk's own, oldest first."""
        own = sorted(self.folder.glob("weeks/*/scenario.json"), key=lambda p: p.stat().st_mtime)
        keys = [*ready_weeks(), *(path.parent.name for path in own)]
        return [files for key in keys if (files := self._files(key))]

    def open(self, key: str) -> None:
        """Make that week the open one; KeyError where there is none."""
        if self._files(key) is None:
            raise KeyError(key)
        self.put("week", key)

    def add(self, scenario: Scenario) -> WeekFiles:
        """A week of this desk's own, opened."""
        key = f"own-{secrets.token_hex(6)}"
        folder = self.folder / "weeks" / key
        folder.mkdir(mode=0o700, parents=True)
        save_json(folder / "scenario.json", scenario)
        self.put("week", key)
        return self.week()

    def own_copy(self, files: WeekFiles) -> WeekFiles:
        """The week itself if it is this desk's own, else a copy that is, opened.

        The copy goes on where the ready week stands, with all that can be undone.
        """
        if not files.is_ready:
            return files
        key = f"own-{secrets.token_hex(6)}"
        folder = self.folder / "weeks" / key
        folder.mkdir(mode=0o700, parents=True)
        for path in (files.schedule, files.result):
            if path.is_file():
                name = "schedule.json" if path == files.schedule else "result.json"
                write_file(folder / name, path.read_bytes())
        if (files.folder / "history").is_dir():
            shutil.copytree(files.folder / "history", folder / "history")
        # Last: it is what makes the folder a week.
        write_file(folder / "scenario.json", files.scenario.read_bytes())
        self.put("week", key)
        return self.week()

    def remove(self, key: str) -> None:
        """Take a week of this desk's own away for good."""
        files = self._files(key)
        if files is not None and not files.is_ready:
            shutil.rmtree(files.folder, ignore_errors=True)

    def _files(self, key: object) -> WeekFiles | None:
        if not isinstance(key, str) or not _KEY.fullmatch(key):
            return None
        folder = self.folder / "weeks" / key
        for scenario, is_ready in [
            (folder / "scenario.json", False),
            (READY / f"{key}.json", True),
        ]:
            if scenario.is_file():
                return WeekFiles(key, scenario, folder, is_ready)
        return None

    def _first_ready(self) -> WeekFiles:
        for key in ready_weeks():
            files = self._files(key)
            if files is not None:
                return files
        raise FileNotFoundError(f"there is no scenario in {READY}")


def ready_weeks() -> list[str]:
    """Keys of the weeks that come with the program, the demo clinic first."""
    return sorted((path.stem for path in READY.glob("*.json")), key=lambda key: (key != DEMO, key))


def remove_old(folder: Path) -> None:
    """Remove folders in which nothing has changed for a long time.

    Long before the last change to any of them, that is: by a clock that is set wrong, all of them
    could be taken for old.
    """
    changed = {inner: _changed(inner) for inner in folder.glob("*/")}
    oldest = min(time.time(), max(changed.values(), default=0.0)) - DAYS_KEPT * 24 * 3600
    for inner, when in changed.items():
        if when < oldest:
            shutil.rmtree(inner, ignore_errors=True)


def _changed(folder: Path) -> float:
    """When a file in it changed last; now where another process is just removing it."""
    try:
        return max((p.stat().st_mtime for p in folder.rglob("*") if p.is_file()), default=0.0)
    except OSError:
        return time.time()
