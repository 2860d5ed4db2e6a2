"""The child of a runner: ``python -m solver.runchild FOLDER`` does the job in a folder.

What the folder holds is said in ``runner``.
"""

from __future__ import annotations

import faulthandler
import os
import shutil
import signal
import sys
import threading
import time
import traceback
from collections.abc import Sequence
from contextlib import redirect_stderr, redirect_stdout, suppress
from pathlib import Path

from . import jobfolder
from .errors import FileFaults, ModelError
from .io.files import load_scenario, load_schedule, save_json

NICENESS = 10
"""Added to the child's: pages stay quick while it works."""
KEPT = "--kept"
"""Said to a child that is to end when its parent does."""
SECONDS_BETWEEN_LOOKS = 0.2


def main(arguments: Sequence[str]) -> int:
    """Run the job in a folder; 0 when there is a result, 1 when it failed."""
    folder = Path(arguments[0])
    alone = threading.Event()
    if KEPT in arguments[1:]:
        threading.Thread(target=_wait_for_the_end_of_input, args=(alone,), daemon=True).start()
    with jobfolder.locked(folder) as mine:
        if not mine or any((folder / name).exists() for name in jobfolder.ANSWERS):
            return 0  # another runner's child does it, or has done it
        if sys.platform != "win32":
            os.umask(0o077)
            os.nice(NICENESS)
        with (folder / "crash.txt").open("w") as crash:
            faulthandler.enable(crash)
            try:
                command = jobfolder.command_in(folder)
                if command is None:
                    _solve(folder, alone)
                else:
                    _run(folder, command, alone)
            except KeyboardInterrupt:
                (folder / "killed").touch(mode=0o600)
            except BaseException as error:  # no job may end without a word
                jobfolder.say_error(folder, _in_words(error), _places(error))
                return 1
            finally:
                faulthandler.disable()
                if alone.is_set():
                    shutil.rmtree(folder, ignore_errors=True)
                    with suppress(OSError):  # others may be in there
                        folder.parent.rmdir()
    return 0


def _solve(folder: Path, alone: threading.Event) -> None:
    settings = jobfolder.settings_in(folder)
    scenario, _ = load_scenario(folder / "scenario.json")
    start = folder / "start.json"
    first = load_schedule(start, scenario) if start.exists() else None
    stop = threading.Event()
    threading.Thread(target=_listen, args=(folder / "cancel", alone, stop), daemon=True).start()
    from .engine import solve  # noqa: PLC0415 - only a child needs the solver

    with (folder / "progress.jsonl").open("ab") as file:
        answer = solve(scenario, settings, first, jobfolder.Teller(file), stop)
    if answer.schedule is not None:
        save_json(folder / "schedule.json", answer.schedule)
    save_json(folder / "result.json", answer.document())


def _run(folder: Path, command: Sequence[str], alone: threading.Event) -> None:
    """Run an ``iop`` command; who cancels it presses its Ctrl-C."""
    from .cli import main as iop  # noqa: PLC0415 - only commands need it
    from .cli.terminal import Code  # noqa: PLC0415 - only commands need it

    if (folder / "cancel").exists():
        raise KeyboardInterrupt
    os.chdir(jobfolder.files_of(folder))
    signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell's "&" would ignore it
    threading.Thread(target=_listen, args=(folder / "cancel", alone, _CtrlC()), daemon=True).start()
    with (
        (folder / "stdout.txt").open("w", encoding="utf-8") as out,
        (folder / "said.txt").open("w", encoding="utf-8", buffering=1) as said,
        redirect_stdout(out),
        redirect_stderr(said),
    ):
        code = iop(command)
    if code == Code.INTERRUPTED:
        raise KeyboardInterrupt
    save_json(folder / "answer.json", {"code": int(code)})


class _CtrlC(threading.Event):
    """Interrupts this process when it is set."""

    def set(self) -> None:
        super().set()
        os.kill(os.getpid(), signal.SIGINT)


def _wait_for_the_end_of_input(alone: threading.Event) -> None:
    """The parent writes nothing: standard input ends when the parent does."""
    os.read(0, 1)
    alone.set()


def _listen(flag: Path, alone: threading.Event, stop: threading.Event) -> None:
    """Until the cancel flag is there, or nobody is left who wants the answer."""
    while not flag.exists() and flag.parent.exists() and not alone.is_set():
        time.sleep(SECONDS_BETWEEN_LOOKS)
    stop.set()


def _in_words(error: BaseException) -> str:
    match error:
        case MemoryError():
            return "the solver ran out of memory"
        case ModelError():
            return "the solver and the checker disagree, so nothing was given out; this is a bug"
        case FileFaults():
            return "what was to be solved could not be read, or the answer not be written"
    return f"the solver failed ({type(error).__name__})"


def _places(error: BaseException) -> list[str]:
    """Where in the code it failed; the message stays out, because it may hold names."""
    frames = traceback.extract_tb(error.__traceback__)
    return [f"  {Path(f.filename).name}:{f.lineno} {f.name}" for f in frames]


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
