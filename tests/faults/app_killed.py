"""The app and its solver killed with a signal that nobody can catch, and two apps on one folder."""

from __future__ import annotations

import json
import os
import random
import shutil
import signal
import tempfile
import time
from contextlib import suppress
from pathlib import Path

from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.WidgetStates_pb2 import WidgetState

from solver import jobfolder
from solver.result import Settings
from solver.runner import Job, Runner, Task
from solver.store import open_store
from solver.validation import read_scenario
from tests.faults.figures import Figures
from tests.faults.killing import MONDAY, _wholly_or_not
from tests.guard import serving
from tests.guard.serving import PATIENCE, ROOT
from tests.guard.talking import OPENED, talk
from tests.store.sample import KIM, fill, scenario

HERE_ALONE = ("--server.address", "127.0.0.1")


def app_killed_publishing(times: int, chance: random.Random) -> Figures:
    """Kill -9 the app while a page of it publishes."""
    figures = Figures()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "work").mkdir(mode=0o700)
        where = str(folder / "store.sqlite")
        with open_store(where) as store:
            kept = fill(store)
            ids = [kept.first.id, kept.second.id]
            (folder / "work" / "schedules").write_text(json.dumps(ids))
            for _ in range(times):
                number = store.weeks.publications(kept.clinic, MONDAY)[-1].number
                (folder / "work" / "number").write_text(str(number))
                told = folder / "work" / "told"
                told.unlink(missing_ok=True)
                page = ROOT / "tests/faults/publishing.py"
                served = serving.start(folder, *HERE_ALONE, script=page)
                try:
                    _press_publish(served)
                    _after_some(told, chance)
                finally:
                    served.kill()
                    OPENED.close()
                figures.seen[_wholly_or_not(store, kept, _told(told))] += 1
                _goes_on(store, kept.clinic, ids)
    return figures


def _press_publish(served: serving.Served) -> None:
    here = talk(served)
    button = here.run().button("Publish")
    message = BackMsg()
    message.rerun_script.page_script_hash = here.page
    state = WidgetState(id=button, trigger_value=True)
    message.rerun_script.widget_states.widgets.append(state)
    here.socket.send(message.SerializeToString())


def _after_some(told: Path, chance: random.Random) -> None:
    """Return after a few publications, somewhere in the next."""
    latest, wanted = time.monotonic() + PATIENCE, chance.randrange(1, 5)
    while not told.exists() or told.read_text().count("confirmed") < wanted:
        assert time.monotonic() < latest, "nothing is published"
        time.sleep(0.001)
    time.sleep(chance.uniform(0, 0.03))


def _told(path: Path) -> list[tuple[str, int]]:
    lines = [line.split() for line in path.read_text().splitlines()]
    return [(what, int(number)) for what, number in (line for line in lines if len(line) == 2)]


def _goes_on(store: object, clinic: str, ids: list[str]) -> None:
    """The next publication finds its place."""
    weeks = store.weeks  # type: ignore[attr-defined] # the Store it is
    last = weeks.publications(clinic, MONDAY)[-1]
    other = ids[0] if last.schedule_id == ids[1] else ids[1]
    week = weeks.publish(other, KIM, based_on=last.number)
    assert week.number == last.number + 1


# -- the solver -----------------------------------------------------------------------------------


def _task(seconds: float = 2.0) -> Task:
    return Task(read_scenario(scenario())[0], Settings(time_limit=seconds))


def _until_it_has_begun(job: Job) -> None:
    latest = time.monotonic() + PATIENCE
    while not jobfolder.is_locked(job.folder) and job.poll().state in ("waiting", "running"):
        assert time.monotonic() < latest, "it does not begin"
        time.sleep(0.005)


def _until_it_ends(job: Job) -> str:
    latest = time.monotonic() + PATIENCE
    while job.poll().state in ("waiting", "running"):
        assert time.monotonic() < latest, "it does not end"
        time.sleep(0.02)
    return job.poll().state


def solver_killed(times: int, chance: random.Random) -> Figures:
    """Kill -9 the solver's process: the job says so, nothing else stops, and it can run again."""
    figures = Figures()
    with tempfile.TemporaryDirectory() as name:
        runner = Runner(Path(name))
        for _ in range(times):
            job = runner.start(_task())
            if chance.random() < 0.8:
                _until_it_has_begun(job)
            time.sleep(chance.uniform(0.0, 0.8))
            with suppress(OSError, ValueError):  # it has not begun, or has ended
                os.kill(jobfolder.process_id(job.folder), signal.SIGKILL)
            state = _until_it_ends(job)
            if state == "failed":
                assert job.poll().error == "the solver stopped unexpectedly"
                job.again()
                assert _until_it_ends(job) == "done"
                figures.seen["said to have stopped; done when run again"] += 1
            else:
                assert state == "done"
                figures.seen["ended before or began after"] += 1
            assert job.result().schedule is not None
            job.forget()
    return figures


def two_apps(times: int, chance: random.Random) -> Figures:
    """A second app starts on the work folder in which jobs wait and run: each is done, once."""
    figures = Figures()
    for _ in range(times):
        name = tempfile.mkdtemp()
        try:
            first = Runner(Path(name), at_once=1)
            jobs = [first.start(_task(1.0)) for _ in range(3)]
            time.sleep(chance.uniform(0.0, 1.0))
            second = Runner(Path(name), at_once=1)
            marks: dict[str, int] = {}
            for job in jobs:
                assert _until_it_ends(job) == "done"
                marks[job.id] = (job.folder / "result.json").stat().st_mtime_ns
            for job in second.jobs():
                assert _until_it_ends(job) == "done"
            _quiet(first, second)
            for job in jobs:
                stamp = (job.folder / "result.json").stat().st_mtime_ns
                assert stamp == marks[job.id], "a job was done twice"
                assert job.result().schedule is not None
                figures.seen["done, once"] += 1
        finally:
            shutil.rmtree(name, ignore_errors=True)
    return figures


def _quiet(*runners: Runner) -> None:
    """Until none of them runs anything."""
    latest = time.monotonic() + PATIENCE
    while any(runner.has(job.id) for runner in runners for job in runner.jobs()):
        assert time.monotonic() < latest, "something still runs"
        time.sleep(0.05)
