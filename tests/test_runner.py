"""Solves in child processes: results, progress, cancel, kill, crashes, the queue, a new parent."""

from __future__ import annotations

import json
import os
import signal
import stat
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from solver import jobfolder
from solver.checker import check, measure
from solver.clinic import Clinic
from solver.io.files import load_scenario, load_schedule
from solver.result import Progress, Settings
from solver.runner import DIED, NICENESS, OVERDUE, Command, Job, Runner, State, Task, main
from solver.scenario import Scenario
from solver.schedule import Schedule

ROOT = Path(__file__).resolve().parents[1]
PATIENCE = 120.0
"""Seconds; for a machine that has much else to do."""


@pytest.fixture(scope="module")
def tiny() -> Scenario:
    return load_scenario(ROOT / "scenarios" / "three-patients.json")[0]


@pytest.fixture(scope="module")
def large() -> Scenario:
    """A week that no time limit of these tests is enough for."""
    return load_scenario(ROOT / "scenarios" / "community-60.json")[0]


@pytest.fixture
def runner(tmp_path: Path) -> Iterator[Runner]:
    runner = Runner(tmp_path / "jobs")
    yield runner
    for job in reversed(runner.jobs()):
        job.forget()


def wait_for(what: Callable[[], bool]) -> None:
    latest = time.monotonic() + PATIENCE
    while not what():
        assert time.monotonic() < latest, "it did not happen in time"
        time.sleep(0.02)


def wait_until(job: Job, *states: State) -> None:
    wait_for(lambda: job.poll().state in states)


def long_task(scenario: Scenario) -> Task:
    return Task(scenario, Settings(time_limit=600))


def process_of(job: Job) -> int:
    """The process id of its child, as soon as it has one."""

    def has_one() -> bool:
        try:
            return jobfolder.process_id(job.folder) > 0
        except (OSError, ValueError):
            return False

    wait_for(has_one)
    return jobfolder.process_id(job.folder)


# -- what comes of a task -------------------------------------------------------------------------


def test_a_solved_week_comes_back_whole_and_legal(runner: Runner, tiny: Scenario) -> None:
    job = runner.start(Task(tiny, Settings(time_limit=60, seed=3, workers=1)))
    wait_until(job, "done", "failed")
    answer = runner.job(job.id).result()
    assert (answer.status, answer.seed) == ("optimal", 3)
    assert answer.settings == Settings(time_limit=60, seed=3, workers=1)
    assert answer.schedule is not None
    clinic = Clinic(tiny)
    assert check(clinic, answer.schedule) == []
    assert measure(clinic, answer.schedule) == answer.goals
    assert [t.value for t in answer.tiers] == [240, 1, 0, 6, 3, 60, 350]
    assert all(t.proved and t.bound == t.value for t in answer.tiers)


def test_progress_is_told_in_order_and_with_every_tier(runner: Runner, tiny: Scenario) -> None:
    job = runner.start(Task(tiny, Settings(time_limit=60)))
    wait_until(job, "done", "failed")
    told = job.poll().progress
    assert told[0].phase == "making a first week"
    assert {p.tier for p in told} == {None, *range(7)}
    last = [p for p in told if p.tier == 0][-1]
    assert (last.goals, last.value, last.bound) == (("unmet_care",), 240, 240)


def test_it_starts_from_a_schedule_that_is_given(runner: Runner, large: Scenario) -> None:
    empty = Schedule(scenario=large.name, week_start=large.week_start)
    first = runner.start(Task(large, Settings(time_limit=600), empty))
    assert load_schedule(first.folder / "start.json", large) == empty
    wait_for(lambda: len(first.poll().progress) > 1)
    assert first.poll().state == "running"


def test_an_answer_without_a_schedule_is_one_too(runner: Runner, tiny: Scenario) -> None:
    strict = tiny.policy.model_copy(update={"strict": ("unmet_care",)})
    job = runner.start(Task(tiny.model_copy(update={"policy": strict}), Settings(time_limit=4)))
    wait_until(job, "done", "failed")
    answer = job.result()
    assert answer.status in ("infeasible", "unknown")
    assert (answer.schedule, answer.tiers) == (None, ())


def test_only_its_owner_can_look_into_a_job(runner: Runner, tiny: Scenario) -> None:
    job = runner.start(Task(tiny, Settings(time_limit=60)))
    wait_until(job, "done", "failed")
    for path in [runner.folder, job.folder, *job.folder.iterdir()]:
        assert stat.S_IMODE(path.stat().st_mode) & 0o077 == 0, path.name


@pytest.mark.skipif(not hasattr(os, "getpriority"), reason="this system has no nice values")
def test_a_child_gives_way_to_the_pages(runner: Runner, large: Scenario) -> None:
    job = runner.start(long_task(large))
    child = process_of(job)
    here = os.getpriority(os.PRIO_PROCESS, 0)
    wait_for(lambda: os.getpriority(os.PRIO_PROCESS, child) == min(19, here + NICENESS))


# -- ending it ----------------------------------------------------------------------------------


def test_cancel_gives_the_best_so_far(runner: Runner, large: Scenario) -> None:
    job = runner.start(long_task(large))
    wait_for(lambda: any(p.value is not None for p in job.poll().progress))
    job.cancel()
    standing = job.poll()
    assert standing.stopping or standing.state == "done"
    wait_until(job, "done", "failed")
    answer = job.result()
    assert answer.seconds < 500
    assert answer.schedule is not None
    assert check(Clinic(large), answer.schedule) == []


def test_a_killed_job_has_no_result_and_may_run_again(runner: Runner, tiny: Scenario) -> None:
    job = runner.start(Task(tiny, Settings(time_limit=60)))
    job.kill()
    assert job.poll().state == "cancelled"
    job.again()
    wait_until(job, "done", "failed")
    assert job.result().status == "optimal"
    job.kill()
    assert job.poll().state == "done"


@pytest.mark.skipif(sys.platform == "win32", reason="there is no SIGKILL")
def test_a_solver_that_dies_is_reported_and_may_run_again(runner: Runner, tiny: Scenario) -> None:
    job = runner.start(Task(tiny, Settings(time_limit=60)))
    with pytest.raises(ValueError, match="has not ended"):
        job.again()
    os.kill(process_of(job), signal.SIGKILL)
    wait_until(job, "failed")
    assert job.poll().error == DIED
    job.again()
    wait_until(job, "done", "failed")
    assert job.poll().state == "done"


def test_a_solver_that_dies_before_its_first_word_is_reported(
    runner: Runner, tiny: Scenario, monkeypatch: pytest.MonkeyPatch
) -> None:
    nothing = [sys.executable, "-c", "raise SystemExit(3)"]
    monkeypatch.setattr("solver.runner._spawn", lambda *_: subprocess.Popen(nothing))
    job = runner.start(Task(tiny))
    wait_until(job, "failed")
    assert job.poll().error == DIED


@pytest.mark.skipif(sys.platform == "win32", reason="there is no SIGKILL")
def test_the_line_a_dying_solver_was_writing_is_left_out(runner: Runner, large: Scenario) -> None:
    job = runner.start(long_task(large))
    wait_for(lambda: len(job.poll().progress) > 0)
    os.kill(process_of(job), signal.SIGKILL)
    wait_until(job, "failed")
    whole = job.poll().progress
    with (job.folder / "progress.jsonl").open("ab") as file:
        file.write(b'{"seconds": 1.5, "pha')
    assert job.poll().progress == whole


def test_a_solver_that_hangs_is_ended(
    runner: Runner, large: Scenario, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("solver.runner.GRACE", -900.0)  # the limit is long gone by now
    job = runner.start(long_task(large))
    wait_until(job, "failed")
    assert job.poll().error == OVERDUE
    wait_for(lambda: not runner.has(job.id))


def test_why_it_failed_is_said_without_names(runner: Runner, tiny: Scenario) -> None:
    job = runner.start(Task(tiny, Settings(time_limit=60)))
    job.kill()
    secret = "Anita Delgado"
    task = json.loads((job.folder / "task.json").read_text())
    task["settings"] = {secret: 1}
    (job.folder / "task.json").write_text(json.dumps(task))
    job.again()
    wait_until(job, "failed")
    assert job.poll().error == "the solver failed (TypeError)"
    said = "".join(p.read_text() for p in job.folder.glob("*.txt"))
    assert "settings_in" in said
    assert secret not in said


# -- the queue ------------------------------------------------------------------------------------


def test_no_more_run_at_once_than_may(tmp_path: Path, tiny: Scenario, large: Scenario) -> None:
    runner = Runner(tmp_path / "jobs", at_once=2)
    first, second = runner.start(long_task(large)), runner.start(long_task(large))
    third, fourth = runner.start(Task(tiny)), runner.start(Task(tiny))
    states = [job.poll().state for job in (first, second, third, fourth)]
    assert states == ["running", "running", "waiting", "waiting"]
    assert [job.poll().ahead for job in (third, fourth)] == [0, 1]
    assert [job.id for job in runner.jobs()] == [j.id for j in (first, second, third, fourth)]
    third.cancel()
    assert (third.poll().state, fourth.poll().ahead) == ("cancelled", 0)
    second.kill()
    wait_until(fourth, "done", "failed")
    assert fourth.poll().state == "done"
    assert first.poll().state == "running"
    first.forget()
    assert not first.folder.exists()


def test_a_new_parent_finds_what_ran_and_what_waited(
    tmp_path: Path, tiny: Scenario, large: Scenario
) -> None:
    script = (
        "import sys, pathlib; from solver.io.files import load_scenario; "
        "from solver.runner import *; from solver.result import Settings; "
        "runner = Runner(pathlib.Path(sys.argv[1])); "
        "week = lambda name: load_scenario(f'scenarios/{name}.json')[0]; "
        "runner.start(Task(week('community-60'), Settings(time_limit=600))); "
        "runner.start(Task(week('three-patients')))"
    )
    subprocess.run([sys.executable, "-c", script, str(tmp_path)], cwd=ROOT, check=True)
    runner = Runner(tmp_path)
    first, second = runner.jobs()
    assert (first.poll().state, second.poll().state) == ("running", "waiting")
    first.kill()
    wait_until(second, "done", "failed")
    assert second.poll().state == "done"


def test_a_job_is_run_by_one_child_only(runner: Runner, large: Scenario) -> None:
    job = runner.start(long_task(large))
    child = process_of(job)
    assert main([str(job.folder)]) == 0
    assert process_of(job) == child
    assert job.poll().state == "running"


@pytest.mark.parametrize(
    "id", ["", ".", "..", "../jobs", "0" * 33, "0000000000000000-0000000000000000"]
)
def test_an_id_that_names_no_job_is_refused(runner: Runner, id: str) -> None:
    with pytest.raises(KeyError):
        runner.job(id)


def test_a_teller_says_nothing_twice(tmp_path: Path) -> None:
    with (tmp_path / "progress.jsonl").open("ab") as file:
        tell = jobfolder.Teller(file)
        tell(Progress(0.1, "improving", 0, ("unmet_care",), 5, 1))
        tell(Progress(0.2, "improving", 0, ("unmet_care",), 5, 1))
        tell(Progress(0.3, "improving", 0, ("unmet_care",), 4, 1))
    assert [(p.seconds, p.value) for p in jobfolder.told(tmp_path)] == [(0.1, 5), (0.3, 4)]


# -- commands ---------------------------------------------------------------------------------------


def test_a_command_works_on_its_files_and_says_its_exit_code(
    runner: Runner, tiny: Scenario
) -> None:
    words = ("solve", "week.json", "-o", "new.json", "--time-limit", "20", "--json")
    job = runner.start(Command(words, {"week.json": tiny}))
    wait_until(job, "done")
    answer = job.answer()
    assert (answer.code, answer.document["status"]) == (0, "optimal")
    assert load_schedule(answer.file("new.json"), tiny).sections
    assert answer.said == job.poll().said != ()


def test_a_command_that_is_refused_says_why(runner: Runner) -> None:
    job = runner.start(Command(("check", "none.json", "none either.json")))
    wait_until(job, "done")
    answer = job.answer()
    assert (answer.code, answer.document) == (2, None)
    assert answer.said == ("error: none.json: no such file",)


def test_a_cancelled_command_gives_what_it_has(runner: Runner, large: Scenario) -> None:
    words = ("solve", "week.json", "-o", "new.json", "--time-limit", "600", "--json")
    job = runner.start(Command(words, {"week.json": large}))
    wait_for(lambda: any("tier 1" in line for line in job.poll().said))
    job.cancel()
    wait_until(job, "done")
    assert job.answer().code == 0
    assert load_schedule(job.answer().file("new.json"), large).sections


def test_a_command_cancelled_before_it_has_anything_is_no_failure(
    runner: Runner, large: Scenario
) -> None:
    job = runner.start(Command(("solve", "week.json", "--time-limit", "600"), {"week.json": large}))
    wait_until(job, "running")
    job.cancel()
    wait_until(job, "done", "cancelled")


@pytest.mark.parametrize("name", ["../out.json", "/out.json", "", "a/b.json", ".."])
def test_a_command_gets_no_file_outside_its_folder(runner: Runner, name: str) -> None:
    with pytest.raises(ValueError, match="no file's name"):
        runner.start(Command(("check",), {name: {}}))
    assert not runner.jobs()
