"""The files of a job as parent and child share them: who holds it, what it tells, its answer."""

from __future__ import annotations

import json
import os
import sys
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import IO, Any

from pydantic import BaseModel

from .io.files import load_schedule, save_json
from .io.writing import write_file
from .result import Progress, Result, Settings, TierResult
from .scenario import Scenario
from .schedule import Schedule

if sys.platform != "win32":
    import fcntl

MADE_BY_A_RUN = (
    "lock", "progress.jsonl", "cancel", "schedule.json", "result.json", "error.txt", "crash.txt",
    "killed", "said.txt", "stdout.txt", "answer.json",
)  # fmt: skip
"""Whatever a run leaves; a job that runs again begins without."""

ANSWERS = ("result.json", "answer.json")
"""Of a solve and of a command; written last."""
SECONDS_TO_START = 10.0
"""A child that has not taken its job after so long never will."""


def private_folder(folder: Path) -> None:
    """Make a folder that nobody else on this machine can look into."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    folder.chmod(0o700)


# -- who holds a job ------------------------------------------------------------------------------


def is_locked(folder: Path) -> bool:
    """Whether a living child holds the job; the system lets go of the lock however it ends."""
    try:
        with (folder / "lock").open("r+b") as file:
            return not _take(file, shared=True)
    except OSError:
        return False


def is_held(folder: Path) -> bool:
    """Whether a child holds the job, or was started a moment ago and may be about to take it."""
    if is_locked(folder):
        return True
    try:
        fresh = (folder / "lock").stat().st_size == 0
    except OSError:
        return False
    return fresh and age(folder) < SECONDS_TO_START


@contextmanager
def locked(folder: Path) -> Iterator[bool]:
    """Hold the job while in here, and say who does; False where another child holds it."""
    descriptor = os.open(folder / "lock", os.O_RDWR | os.O_CREAT, 0o600)
    with os.fdopen(descriptor, "r+b") as file:
        taken = _take(file)
        for _ in range(50):  # a parent may be looking at the lock, for as long as a look takes
            if not taken:
                time.sleep(0.01)
                taken = _take(file)
        if taken:
            file.truncate(0)
            file.write(str(os.getpid()).encode())
            file.flush()
        yield taken


def age(folder: Path) -> float:
    """Seconds since a child took the job; 0 before."""
    try:
        return max(0.0, time.time() - (folder / "lock").stat().st_mtime)
    except OSError:
        return 0.0


def process_id(folder: Path) -> int:
    """Of the child that holds the job; OSError or ValueError where none does."""
    return int((folder / "lock").read_text("ascii"))


if sys.platform == "win32":

    def _take(file: IO[bytes], *, shared: bool = False) -> bool:
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

    def _take(file: IO[bytes], *, shared: bool = False) -> bool:
        try:
            fcntl.flock(file, (fcntl.LOCK_SH if shared else fcntl.LOCK_EX) | fcntl.LOCK_NB)
        except OSError:
            return False
        return True


# -- what it tells --------------------------------------------------------------------------------


class Teller:
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


def told(folder: Path) -> tuple[Progress, ...]:
    """What a child has told; a last line that is not whole yet is left for the next look."""
    try:
        lines = (folder / "progress.jsonl").read_bytes().split(b"\n")[:-1]
    except OSError:
        return ()
    out = []
    for line in lines:
        with suppress(ValueError, TypeError, KeyError):  # cut off by a full disk
            fields: dict[str, Any] = json.loads(line)
            out.append(Progress(**{**fields, "goals": tuple(fields["goals"])}))
    return tuple(out)


def say_error(folder: Path, sentence: str, where: Sequence[str] = ()) -> None:
    """Why a job failed, whole or not at all: a sentence, then places in the code."""
    with suppress(OSError):
        draft = folder / f".error-{os.getpid()}"
        draft.touch(mode=0o600)
        draft.write_text("\n".join([sentence, *where]) + "\n", "utf-8")
        draft.replace(folder / "error.txt")


# -- what is asked and what came of it ------------------------------------------------------------


def ask(
    folder: Path,
    arguments: Sequence[str],
    files: Mapping[str, BaseModel | Mapping[str, object] | bytes],
    limit: float,
) -> None:
    """Write down an ``iop`` command line and the files it works on.

    Raises:
        ValueError: a file's name is more than a name.
        FileFaults, OSError: a file cannot be written.
    """
    place = files_of(folder)
    place.mkdir(mode=0o700)
    for name, content in files.items():
        if Path(name).name != name or name in ("", ".", ".."):
            raise ValueError(f"{name!r} is no file's name")
        if isinstance(content, bytes):
            write_file(place / name, content)
        else:
            save_json(place / name, content)
    save_json(folder / "task.json", {"command": list(arguments), "limit": limit})


def files_of(folder: Path) -> Path:
    """The working directory of a job's command."""
    return folder / "files"


def command_in(folder: Path) -> list[str] | None:
    """The command line that is to be run; None where a week is to be solved.

    Raises:
        OSError, ValueError: the file is missing or damaged.
    """
    said = json.loads((folder / "task.json").read_bytes()).get("command")
    return None if said is None else [str(word) for word in said]


def limit_in(folder: Path) -> float:
    """Seconds that a job may take; errors as of ``settings_in``."""
    task: dict[str, Any] = json.loads((folder / "task.json").read_bytes())
    return float(task["limit"] if "command" in task else task["settings"]["time_limit"])


def said(folder: Path) -> tuple[str, ...]:
    """The lines a command has written about how it goes, the last one maybe not whole yet."""
    try:
        text = (folder / "said.txt").read_text("utf-8", errors="replace")
    except OSError:
        return ()
    return tuple(line for line in text.splitlines() if line.strip())


@dataclass(frozen=True, slots=True)
class Answer:
    """What came of a command.

    Attributes:
        code: its exit code, see ``iop --help``.
        text: its standard output.
        said: the lines it wrote to standard error: progress, notices, faults.
        place: its working directory, where the files that it wrote are.
    """

    code: int
    text: str
    said: tuple[str, ...]
    place: Path

    @property
    def document(self) -> Any:
        """The standard output as JSON; None where it is none."""
        try:
            return json.loads(self.text)
        except ValueError:
            return None

    def file(self, name: str) -> Path:
        """A file in the working directory; it need not exist."""
        return self.place / name


def answer_in(folder: Path) -> Answer:
    """What came of the command in a folder.

    Raises:
        OSError, ValueError, KeyError: it has not ended, or its files are damaged.
    """
    code = int(json.loads((folder / "answer.json").read_bytes())["code"])
    text = (folder / "stdout.txt").read_text("utf-8")
    return Answer(code, text, said(folder), files_of(folder))


def settings_in(folder: Path) -> Settings:
    """How the week is to be solved.

    Raises:
        OSError, ValueError, KeyError, TypeError: the file is missing or damaged.
    """
    return Settings(**json.loads((folder / "task.json").read_bytes())["settings"])


def result_in(result: Path, schedule: Path, scenario: Scenario) -> Result:
    """The result in two files; there need be no schedule.

    Raises:
        OSError, ValueError, KeyError, TypeError: the result is damaged.
        ScheduleError: the schedule is.
    """
    answer: dict[str, Any] = json.loads(result.read_bytes())
    week = load_schedule(schedule, scenario) if schedule.exists() else None
    return result_from(answer, week)


def result_from(document: Mapping[str, Any], schedule: Schedule | None) -> Result:
    """The result that ``Result.document`` wrote; KeyError or TypeError where it is damaged."""
    tiers = (
        TierResult(tuple(t["goals"]), t["value"], t["bound"], t["proved"])
        for t in document["tiers"]
    )
    return Result(
        scenario=document["scenario"],
        status=document["status"],
        schedule=schedule,
        tiers=tuple(tiers),
        goals=document["goals"],
        seconds=document["seconds"],
        seed=document["seed"],
        versions=document["versions"],
        settings=Settings(**document["settings"]),
        reasons=tuple(document["reasons"]),
    )
