"""Solves in child processes: started, watched, cancelled, killed, queued.

Nobody solves in the process that shows pages. A task becomes a folder, and the folder is all that
parent and child share, so a child outlives the page that asked for it, and a parent that was
restarted finds its jobs again:

    task.json, scenario.json, start.json    what is asked (``start.json`` only with a first week)
    lock                                    held by the child while it lives; its process id
    progress.jsonl                          the ``Progress`` fields, one JSON object a line
    cancel                                  asks the child to stop with the best schedule so far
    schedule.json, result.json              the answer; the result is written last
    error.txt, crash.txt                    what went wrong, without any name from the scenario
    killed                                  somebody ended it, so that it ended is no fault

Each write that is read by others is whole or not at all. A child is plain Python started as
``python -m solver.runner FOLDER``: it neither forks the parent nor runs its ``__main__`` again, and
one that crashes takes nothing else with it.
"""

from __future__ import annotations

import faulthandler
import json
import os
import re
import secrets
import shutil
import signal
import subprocess
import sys
import threading
import time
import traceback
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import IO, Any, Literal

from .errors import FileFaults, ModelError
from .io.files import load_scenario, load_schedule, save_json
from .result import Progress, Result, Settings, TierResult
from .scenario import Scenario
from .schedule import Schedule

if sys.platform != "win32":
    import fcntl

State = Literal["waiting", "running", "done", "failed", "cancelled"]
DIED = "the solver stopped unexpectedly"
OVERDUE = "the solver did not end in time and was stopped"
NICENESS = 10
"""Added to the child's: pages stay quick while it works."""
SECONDS_BETWEEN_LOOKS = 0.2
GRACE = 120.0
"""Seconds beyond one and a half times its limit after which a child is taken to hang."""
_ID = re.compile(r"[0-9a-f]{16}-[0-9a-f]{16}")
_MADE_BY_A_RUN = (
    "lock", "progress.jsonl", "cancel", "schedule.json", "result.json", "error.txt", "crash.txt",
    "killed",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Task:
    """A week to solve, and how; ``start`` is a schedule to begin with."""

    scenario: Scenario
    settings: Settings = Settings()
    start: Schedule | None = None


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a job stands.

    Attributes:
        ahead: jobs that are started before this one, while it waits.
        progress: everything it has told so far, in order.
        stopping: it was asked to stop with the best so far, and has not ended yet.
        error: why it failed, in words.
    """

    state: State
    ahead: int = 0
    progress: tuple[Progress, ...] = ()
    stopping: bool = False
    error: str | None = None


class Job:
    """One task in its folder. Whoever has the folder can ask, cancel and kill."""

    def __init__(self, folder: Path, runner: Runner) -> None:
        self.id = folder.name
        self.folder = folder
        self._runner = runner

    def poll(self) -> Standing:
        """Where it stands now."""
        alive = self._runner.has(self.id) or _is_locked(self.folder)
        progress = tuple(_told(self.folder))
        if self._there("result.json"):
            return Standing("done", progress=progress)
        if alive:
            return Standing("running", progress=progress, stopping=self._there("cancel"))
        if self._there("error.txt"):
            lines = self._file("error.txt").read_text("utf-8").splitlines()
            return Standing("failed", progress=progress, error=lines[0] if lines else DIED)
        if self._there("killed"):
            return Standing("cancelled", progress=progress)
        if self._there("lock"):
            return Standing("failed", progress=progress, error=DIED)
        if self._there("cancel"):
            return Standing("cancelled")
        return Standing("waiting", self._runner.ahead_of(self.id))

    def result(self) -> Result:
        """The answer of a job that is done; FileFaults where it cannot be read."""
        answer = json.loads(self._file("result.json").read_bytes())
        schedule = None
        if self._there("schedule.json"):
            schedule = load_schedule(self._file("schedule.json"), self.scenario())
        return _result(answer, schedule)

    def scenario(self) -> Scenario:
        """The week that was to be solved."""
        return load_scenario(self._file("scenario.json"))[0]

    def settings(self) -> Settings:
        """How it was to be solved."""
        return Settings(**json.loads(self._file("task.json").read_bytes())["settings"])

    def cancel(self) -> None:
        """Ask it to end with the best schedule so far; a job that waits is taken from the queue."""
        self._mark("cancel")
        self._runner.drop(self.id)

    def kill(self) -> None:
        """End it now and without a result."""
        if self._there("result.json"):
            return
        self._mark("cancel")
        self._mark("killed")
        self._runner.drop(self.id)
        self._runner.end(self)

    def again(self) -> None:
        """Run it once more from the beginning, when it has ended in whatever way.

        Raises:
            ValueError: it has not ended.
        """
        if self.poll().state in ("waiting", "running"):
            raise ValueError(f"job {self.id} has not ended")
        for name in _MADE_BY_A_RUN:
            self._file(name).unlink(missing_ok=True)
        self._runner.queue(self)

    def forget(self) -> None:
        """End it and remove its folder."""
        self.kill()
        shutil.rmtree(self.folder, ignore_errors=True)

    def _file(self, name: str) -> Path:
        return self.folder / name

    def _there(self, name: str) -> bool:
        return self._file(name).exists()

    def _mark(self, name: str) -> None:
        self._file(name).touch(mode=0o600)


class Runner:
    """Runs tasks, at most ``at_once`` at a time, in folders of its own under ``folder``.

    One runner a folder. What waited or ran when the last one ended is taken up again.
    """

    def __init__(self, folder: Path, at_once: int = 1) -> None:
        if at_once < 1:
            raise ValueError(f"at_once is {at_once}; at least one job must be able to run")
        self.folder = folder
        self.at_once = at_once
        self._lock = threading.RLock()
        self._waiting: list[str] = []
        self._running: dict[str, subprocess.Popen[bytes] | None] = {}
        _private_folder(folder)
        for job in self.jobs():
            if _is_locked(job.folder):
                self._running[job.id] = None  # the child of a runner that is gone
                self._watch(job, None)
            elif job.poll().state == "waiting":
                self._waiting.append(job.id)
        self._start_next()

    def start(self, task: Task) -> Job:
        """Run a task as soon as it is its turn.

        Raises:
            FileFaults: its folder cannot be written.
        """
        folder = self.folder / f"{time.time_ns():016x}-{secrets.token_hex(8)}"
        folder.mkdir(mode=0o700)
        save_json(folder / "scenario.json", task.scenario)
        if task.start is not None:
            save_json(folder / "start.json", task.start)
        save_json(folder / "task.json", {"settings": asdict(task.settings)})
        job = Job(folder, self)
        self.queue(job)
        return job

    def job(self, id: str) -> Job:
        """The job of that id; KeyError when there is none."""
        folder = self.folder / id
        if not _ID.fullmatch(id) or not (folder / "task.json").is_file():
            raise KeyError(id)
        return Job(folder, self)

    def jobs(self) -> list[Job]:
        """Every job there is, in the order they were asked for."""
        names = sorted(path.parent.name for path in self.folder.glob("*/task.json"))
        return [Job(self.folder / name, self) for name in names if _ID.fullmatch(name)]

    # -- what jobs ask ------------------------------------------------------------------------

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

    def drop(self, id: str) -> None:
        """Take it from the queue, if it is there."""
        with self._lock:
            if id in self._waiting:
                self._waiting.remove(id)

    def end(self, job: Job) -> None:
        """Kill its process, if there is one, and wait until it is gone."""
        with self._lock:
            process = self._running.get(job.id)
        if process is not None:
            process.kill()
            process.wait()
        elif _is_locked(job.folder):
            with suppress(OSError, ValueError):
                os.kill(int((job.folder / "lock").read_text()), signal.SIGTERM)

    def _start_next(self) -> None:
        with self._lock:
            while self._waiting and len(self._running) < self.at_once:
                job = Job(self.folder / self._waiting.pop(0), self)
                try:
                    process = _spawn(job.folder)
                except OSError as error:
                    _say(job.folder, f"the solver could not be started ({type(error).__name__})")
                    continue
                self._running[job.id] = process
                self._watch(job, process)

    def _watch(self, job: Job, process: subprocess.Popen[bytes] | None) -> None:
        threading.Thread(
            target=self._wait, args=(job, process), name=f"job {job.id}", daemon=True
        ).start()

    def _wait(self, job: Job, process: subprocess.Popen[bytes] | None) -> None:
        """Until the child has ended; then it is somebody else's turn."""
        with suppress(OSError, ValueError, KeyError, TypeError):  # its folder may be forgotten
            latest = time.monotonic() + 1.5 * job.settings().time_limit + GRACE
            while process.poll() is None if process else _is_locked(job.folder):
                if time.monotonic() > latest:
                    _say(job.folder, OVERDUE)
                    self.end(job)
                time.sleep(SECONDS_BETWEEN_LOOKS)
        with self._lock:
            self._running.pop(job.id, None)
        self._start_next()


# -- files ------------------------------------------------------------------------------------------


def _private_folder(folder: Path) -> None:
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    folder.chmod(0o700)


def _told(folder: Path) -> Iterator[Progress]:
    """What a child has told; a last line that is not whole yet is left for the next look."""
    try:
        lines = (folder / "progress.jsonl").read_bytes().split(b"\n")[:-1]
    except OSError:
        return
    for line in lines:
        with suppress(ValueError, TypeError):
            fields: dict[str, Any] = json.loads(line)
            yield Progress(**{**fields, "goals": tuple(fields["goals"])})


def _result(answer: dict[str, Any], schedule: Schedule | None) -> Result:
    tiers = tuple(
        TierResult(tuple(t["goals"]), t["value"], t["bound"], t["proved"]) for t in answer["tiers"]
    )
    return Result(
        scenario=answer["scenario"],
        status=answer["status"],
        schedule=schedule,
        tiers=tiers,
        goals=answer["goals"],
        seconds=answer["seconds"],
        seed=answer["seed"],
        versions=answer["versions"],
        settings=Settings(**answer["settings"]),
        reasons=tuple(answer["reasons"]),
    )


def _say(folder: Path, sentence: str, where: Sequence[str] = ()) -> None:
    """Why a job failed, whole or not at all."""
    with suppress(OSError):
        draft = folder / f".error-{os.getpid()}"
        draft.touch(mode=0o600)
        draft.write_text("\n".join([sentence, *where]) + "\n", "utf-8")
        draft.replace(folder / "error.txt")


def _is_locked(folder: Path) -> bool:
    """Whether a living child holds the job; the system lets go of the lock however it ends."""
    try:
        with (folder / "lock").open("r+b") as file:
            return not _take(file)
    except OSError:
        return False


@contextmanager
def _locked(folder: Path) -> Iterator[bool]:
    """Hold the job while in here; False where another child does."""
    descriptor = os.open(folder / "lock", os.O_RDWR | os.O_CREAT, 0o600)
    with os.fdopen(descriptor, "r+b") as file:
        # Somebody may be looking whether the lock is held, for as long as that look takes.
        taken = any(_take(file) or time.sleep(0.01) for _ in range(50))
        if taken:
            file.truncate(0)
            file.write(str(os.getpid()).encode())
            file.flush()
        yield taken


if sys.platform == "win32":

    def _take(file: IO[bytes]) -> bool:
        import msvcrt  # noqa: PLC0415 - exists there only

        try:
            file.seek(1_000)  # beyond the process id, which others read
            msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
        except OSError:
            return False
        finally:
            file.seek(0)
        return True

else:

    def _take(file: IO[bytes]) -> bool:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            return False
        return True


# -- the child --------------------------------------------------------------------------------------


def _spawn(folder: Path) -> subprocess.Popen[bytes]:
    lower = subprocess.BELOW_NORMAL_PRIORITY_CLASS if sys.platform == "win32" else 0
    return subprocess.Popen(
        [sys.executable, "-m", "solver.runner", str(folder.resolve())],
        cwd=Path(__file__).resolve().parents[1],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,  # Ctrl-C in the app's terminal is not for it
        creationflags=lower,
    )


def main(arguments: Sequence[str]) -> int:
    """Run the job in a folder; 0 when there is a result, 1 when it failed."""
    folder = Path(arguments[0])
    with _locked(folder) as mine:
        if not mine:
            return 0
        if sys.platform != "win32":
            os.umask(0o077)
            os.nice(NICENESS)
        with (folder / "crash.txt").open("w") as crash:
            faulthandler.enable(crash)
            try:
                _solve(folder)
            except BaseException as error:  # whatever it is, the job must not end without a word
                _say(folder, _in_words(error), _places(error))
                return 1
            finally:
                faulthandler.disable()
    return 0


def _solve(folder: Path) -> None:
    settings = Settings(**json.loads((folder / "task.json").read_bytes())["settings"])
    scenario, _ = load_scenario(folder / "scenario.json")
    start = folder / "start.json"
    first = load_schedule(start, scenario) if start.exists() else None
    stop = threading.Event()
    threading.Thread(target=_listen, args=(folder / "cancel", stop), daemon=True).start()
    from .engine import solve  # noqa: PLC0415 - only a child needs the solver

    with (folder / "progress.jsonl").open("ab") as file:
        answer = solve(scenario, settings, first, _Teller(file), stop)
    if answer.schedule is not None:
        save_json(folder / "schedule.json", answer.schedule)
    save_json(folder / "result.json", answer.document())


def _listen(flag: Path, stop: threading.Event) -> None:
    while not flag.exists():
        time.sleep(SECONDS_BETWEEN_LOOKS)
    stop.set()


class _Teller:
    """Appends what the engine's threads tell, whole lines only, and nothing twice in a row."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self._lock = threading.Lock()
        self._last: dict[str, object] = {}

    def __call__(self, progress: Progress) -> None:
        fields = asdict(progress)
        news = {**fields, "seconds": None}
        with self._lock:
            if news == self._last:
                return
            self._last = news
            self._file.write(json.dumps(fields).encode() + b"\n")
            self._file.flush()


def _in_words(error: BaseException) -> str:
    match error:
        case MemoryError():
            return "the solver ran out of memory"
        case ModelError():
            return "the solver and the checker disagree, so nothing was given out; this is a bug"
        case FileFaults():
            return "what was to be solved could not be read"
        case OSError():
            return f"the solver could not write its answer ({type(error).__name__})"
    return f"the solver failed ({type(error).__name__})"


def _places(error: BaseException) -> list[str]:
    """Where in the code it failed; the message stays out, because it may hold names."""
    frames = traceback.extract_tb(error.__traceback__)
    return [f"  {Path(f.filename).name}:{f.lineno} {f.name}" for f in frames]


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
