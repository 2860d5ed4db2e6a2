"""Solves and commands in child processes: started, watched, cancelled, killed, queued.

Nobody solves in the process that shows pages. A task becomes a folder, and the folder is all that
parent and child share, so a child outlives the page that asked for it, and a parent that was
restarted finds its jobs again:

    task.json, scenario.json, start.json    what is asked (``start.json`` only with a first week)
    lock                                    there once it was started, held by the child while it
                                            lives; its process id
    progress.jsonl                          the ``Progress`` fields, one JSON object a line
    files/, said.txt, stdout.txt, answer.json
                                            of a command: the files it works on, its words, its
                                            output, its exit code
    cancel                                  asks the child to stop with the best schedule so far
    schedule.json, result.json              the answer; the result is written last
    error.txt, crash.txt                    what went wrong, without any name from the scenario
    killed                                  somebody ended it: that it ended is no fault

A child is plain Python, ``python -m solver.runchild FOLDER``: it neither forks the parent nor runs
its ``__main__`` again, and one that crashes takes nothing else with it.
"""

from __future__ import annotations

import os
import re
import secrets
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Literal

from pydantic import BaseModel

from . import jobfolder
from .io.files import load_scenario, save_json
from .jobfolder import Answer
from .result import Progress, Result, Settings
from .runchild import KEPT, NICENESS, SECONDS_BETWEEN_LOOKS, main
from .scenario import Scenario
from .schedule import Schedule

State = Literal["waiting", "running", "done", "failed", "cancelled"]
DIED = "the solver stopped unexpectedly"
OVERDUE = "the solver did not end in time and was stopped"
GRACE = 120.0
"""Seconds beyond one and a half times its limit after which a child is taken to hang."""
_ID = re.compile(r"[0-9a-f]{16}-[0-9a-f]{16}")


@dataclass(frozen=True, slots=True)
class Task:
    """A week to solve, and how; ``start`` is a schedule to begin with."""

    scenario: Scenario
    settings: Settings = field(default_factory=Settings)
    start: Schedule | None = None


@dataclass(frozen=True, slots=True)
class Command:
    """An ``iop`` command line to run, with ``files`` of those names in its working directory.

    ``limit`` is how many seconds it may take, should it not end by itself.
    """

    arguments: tuple[str, ...]
    files: Mapping[str, BaseModel | Mapping[str, object] | bytes] = field(default_factory=dict)
    limit: float = 1_800.0


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a job stands.

    Attributes:
        ahead: jobs that are started before this one, while it waits.
        progress: everything it has told so far, in order.
        said: the lines that a command wrote about how it goes.
        seconds: since it began, while it runs.
        stopping: it was asked to stop with the best so far, and has not ended yet.
        error: why it failed, in words.
    """

    state: State
    ahead: int = 0
    progress: tuple[Progress, ...] = ()
    said: tuple[str, ...] = ()
    seconds: float = 0.0
    stopping: bool = False
    error: str | None = None


class Job:
    """One task in its folder."""

    def __init__(self, folder: Path, runner: Runner) -> None:
        self.id = folder.name
        self.folder = folder
        self._runner = runner

    def poll(self) -> Standing:
        """Where it stands now."""
        # Asked first: a child that ends right after this has written its result by then.
        alive = self._runner.has(self.id) or jobfolder.is_held(self.folder)
        progress, said = jobfolder.told(self.folder), jobfolder.said(self.folder)
        if any(map(self._there, jobfolder.ANSWERS)):
            return Standing("done", progress=progress, said=said)
        if self._there("error.txt"):
            lines = (self.folder / "error.txt").read_text("utf-8").splitlines()
            error = lines[0] if lines else DIED
            return Standing("failed", progress=progress, said=said, error=error)
        if self._there("killed"):
            return Standing("cancelled", progress=progress, said=said)
        if alive:
            seconds = jobfolder.age(self.folder)
            return Standing("running", 0, progress, said, seconds, self._there("cancel"))
        if self._there("lock"):
            return Standing("failed", progress=progress, error=DIED)
        if self._there("cancel"):
            return Standing("cancelled")
        return Standing("waiting", self._runner.ahead_of(self.id))

    def result(self) -> Result:
        """The answer of a job that is done.

        Raises:
            OSError, ValueError, KeyError, TypeError, FileFaults: it is not, or it is damaged.
        """
        files = (self.folder / "result.json", self.folder / "schedule.json")
        return jobfolder.result_in(*files, self.scenario())

    def answer(self) -> Answer:
        """What came of a command that is done; OSError or ValueError where it is damaged."""
        return jobfolder.answer_in(self.folder)

    def scenario(self) -> Scenario:
        """The week that was to be solved; ScenarioError where the file is damaged."""
        return load_scenario(self.folder / "scenario.json")[0]

    def settings(self) -> Settings:
        """How it was to be solved."""
        return jobfolder.settings_in(self.folder)

    def cancel(self) -> None:
        """Ask it to end with the best schedule so far; a job that waits is taken from the queue."""
        self._mark("cancel")
        self._runner.drop(self)

    def kill(self) -> None:
        """End it now and without a result; one that has ended stays as it is."""
        if self.poll().state in ("waiting", "running"):
            self._mark("killed")
            self._runner.drop(self)
        self._runner.end(self)

    def again(self) -> None:
        """Run it once more from the beginning, however it ended.

        Raises:
            ValueError: it has not ended.
        """
        if self.poll().state in ("waiting", "running"):
            raise ValueError(f"job {self.id} has not ended")
        self._runner.end(self)  # its process may need a moment more than its result
        for name in jobfolder.MADE_BY_A_RUN:
            (self.folder / name).unlink(missing_ok=True)
        self._runner.queue(self)

    def forget(self) -> None:
        """End it and remove its folder."""
        self.kill()
        shutil.rmtree(self.folder, ignore_errors=True)

    def say_why(self) -> None:
        """Of a job whose process is gone: should it have said nothing, say why there is nothing."""
        if any(map(self._there, (*jobfolder.ANSWERS, "error.txt", "killed"))):
            return
        if self._there("cancel"):  # a command that had nothing to give out yet
            self._mark("killed")
        else:
            jobfolder.say_error(self.folder, DIED)

    def _there(self, name: str) -> bool:
        return (self.folder / name).exists()

    def _mark(self, name: str) -> None:
        (self.folder / name).touch(mode=0o600)


class Runner:
    """Runs tasks, at most ``at_once`` at a time, each in a folder of its own under ``folder``.

    One runner a folder. What waited or ran when the one before ended is taken up again; where jobs
    are not ``lasting``, a child whose parent is gone ends and takes its folder with it.
    """

    def __init__(self, folder: Path, at_once: int = 1, lasting: bool = True) -> None:
        if at_once < 1:
            raise ValueError(f"at_once is {at_once}; at least one job must be able to run")
        jobfolder.private_folder(folder)
        self.folder = folder
        self.at_once = at_once
        self.lasting = lasting
        self._lock = threading.RLock()
        self._waiting: list[str] = []
        self._running: dict[str, subprocess.Popen[bytes] | None] = {}
        for job in self.jobs():
            state = job.poll().state
            if state == "running" or jobfolder.is_locked(job.folder):
                self._running[job.id] = None  # the child of a runner that is gone
                self._watch(job, None)
            elif state == "waiting":
                self._waiting.append(job.id)
        self._start_next()

    def start(self, task: Task | Command) -> Job:
        """Run a task as soon as it is its turn.

        Raises:
            FileFaults, OSError: its folder cannot be written.
        """
        folder = self.folder / f"{time.time_ns():016x}-{secrets.token_hex(8)}"
        folder.mkdir(mode=0o700)
        try:
            if isinstance(task, Command):
                jobfolder.ask(folder, task.arguments, task.files, task.limit)
            else:
                save_json(folder / "scenario.json", task.scenario)
                if task.start is not None:
                    save_json(folder / "start.json", task.start)
                save_json(folder / "task.json", {"settings": asdict(task.settings)})
        except BaseException:
            shutil.rmtree(folder, ignore_errors=True)
            raise
        job = Job(folder, self)
        self.queue(job)
        return job

    def job(self, id: str) -> Job:
        """The job of that id; KeyError when there is none."""
        if not _ID.fullmatch(id) or not (self.folder / id / "task.json").is_file():
            raise KeyError(id)
        return Job(self.folder / id, self)

    def jobs(self) -> list[Job]:
        """Every job there is, in the order they were asked for."""
        folders = sorted(path.parent for path in self.folder.glob("*/task.json"))
        return [Job(folder, self) for folder in folders if _ID.fullmatch(folder.name)]

    # -- what jobs ask ----------------------------------------------------------------------------

    def has(self, id: str) -> bool:
        """Whether a process runs it, as far as this runner knows."""
        with self._lock:
            return id in self._running

    def ahead_of(self, id: str) -> int:
        """How many jobs are started before it."""
        with self._lock:
            return self._waiting.index(id) if id in self._waiting else 0

    def queue(self, job: Job) -> None:
        """Run it when it is its turn."""
        with self._lock:
            if job.id not in self._waiting and job.id not in self._running:
                self._waiting.append(job.id)
        self._start_next()

    def drop(self, job: Job) -> None:
        """Take it from the queue, if it is there."""
        with self._lock:
            if job.id in self._waiting:
                self._waiting.remove(job.id)

    def end(self, job: Job) -> None:
        """End its process, if there is one, and return when it is gone."""
        with self._lock:
            process = self._running.get(job.id)
            adopted = job.id in self._running and process is None
        if process is not None:
            process.kill()
            process.wait()
        # A child of an earlier runner says who it is once it has started.
        held = jobfolder.is_held if adopted else jobfolder.is_locked
        while held(job.folder):
            with suppress(OSError, ValueError):
                os.kill(jobfolder.process_id(job.folder), signal.SIGTERM)
            time.sleep(0.01)
        self._ended(job, process)

    def _start_next(self) -> None:
        with self._lock:
            while self._waiting and len(self._running) < self.at_once:
                job = Job(self.folder / self._waiting.pop(0), self)
                try:
                    (job.folder / "lock").touch(mode=0o600)  # it was started, for whoever looks
                    process = _spawn(job.folder, self.lasting)
                except OSError as error:
                    name = type(error).__name__
                    jobfolder.say_error(job.folder, f"the solver could not be started ({name})")
                    continue
                self._running[job.id] = process
                self._watch(job, process)

    def _watch(self, job: Job, process: subprocess.Popen[bytes] | None) -> None:
        threading.Thread(target=self._wait, args=(job, process), daemon=True).start()

    def _wait(self, job: Job, process: subprocess.Popen[bytes] | None) -> None:
        """Until the child has ended; then it is somebody else's turn."""
        limit = GRACE
        with suppress(OSError, ValueError, KeyError, TypeError):  # as it will say itself
            limit += 1.5 * jobfolder.limit_in(job.folder)
        latest = time.monotonic() + limit
        while process.poll() is None if process else jobfolder.is_held(job.folder):
            if time.monotonic() > latest:
                jobfolder.say_error(job.folder, OVERDUE)
                self.end(job)
            time.sleep(SECONDS_BETWEEN_LOOKS)
        self._ended(job, process)

    def _ended(self, job: Job, process: subprocess.Popen[bytes] | None) -> None:
        if process is not None and process.stdin is not None:
            process.stdin.close()
        with self._lock:
            if job.id in self._running and self._running[job.id] is process:
                if process is not None and jobfolder.is_locked(job.folder):
                    # Another runner's child has it: it is waited for like an earlier one's.
                    self._running[job.id] = None
                    self._watch(job, None)
                    return
                del self._running[job.id]
                job.say_why()
        self._start_next()


def _spawn(folder: Path, lasting: bool) -> subprocess.Popen[bytes]:
    """Start a child; one that is not to last learns from the end of its input that it is alone."""
    lower = 0
    if sys.platform == "win32":
        lower = subprocess.BELOW_NORMAL_PRIORITY_CLASS
    return subprocess.Popen(
        [
            sys.executable,
            "-m",
            "solver.runchild",
            str(folder.resolve()),
            *([] if lasting else [KEPT]),
        ],
        cwd=Path(__file__).resolve().parents[1],
        stdin=subprocess.DEVNULL if lasting else subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,  # Ctrl-C in the app's terminal is not meant for it
        creationflags=lower,
    )


__all__ = [
    "DIED", "GRACE", "NICENESS", "OVERDUE",
    "Answer", "Command", "Job", "Runner", "Standing", "State", "Task", "main",
]  # fmt: skip
