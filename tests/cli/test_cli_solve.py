"""`iop solve`: what it writes, what it refuses before solving, how it is stopped, what it shows."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
from io import StringIO
from pathlib import Path
from typing import Any, NoReturn

import pytest

import solver.engine
from solver.checker import check
from solver.cli.progress import shown_progress
from solver.cli.schemas import ResultFile
from solver.cli.solve import interruptible
from solver.clinic import Clinic
from solver.errors import ModelError
from solver.io.files import load_scenario, load_schedule
from solver.result import Progress, Result, Settings
from tests.builders import clinic, patient, program
from tests.cli.running import EVENING, ROOT, THREE, Iop, saved, started

BY_HAND = [240, 1, 0, 6, 3, 60, 350]
"""The optimum of the three-patient week, tier by tier, as its README derives it."""


def test_solve_writes_schedule_and_result(tmp_path: Path, iop: Iop) -> None:
    output, result = tmp_path / "week.json", tmp_path / "result.json"
    assert iop("solve", THREE, "-o", output, "--result", result, "--time-limit", "30") == 0
    assert "tier 7 of 7" in iop.err
    assert "the best schedule, proved tier by tier" in iop.out
    assert "1 of 2 patients fully served; 7 of 8 required hours delivered." in iop.out
    assert f"Written: {output}, {result}" in iop.out
    scenario, _ = load_scenario(THREE)
    assert check(Clinic(scenario), load_schedule(output, scenario)) == []
    document = ResultFile.model_validate_json(result.read_text("utf-8"))
    assert document.status == "optimal"
    assert [tier.value for tier in document.tiers] == BY_HAND
    assert [tier.bound for tier in document.tiers] == BY_HAND


def test_quiet_says_nothing_and_json_everything(tmp_path: Path, iop: Iop) -> None:
    output = tmp_path / "week.json"
    assert iop("solve", THREE, "-o", output, "--quiet", "--time-limit", "30") == 0
    assert (iop.out, iop.err) == ("", "")
    again = tmp_path / "again.json"
    started_with = ("--start", output, "-o", again, "-q", "--json", "--seed", "3")
    assert iop("solve", THREE, *started_with, "--workers", "1", "--time-limit", "30") == 0
    answer = json.loads(iop.out)
    assert answer.pop("schedule") == json.loads(again.read_text("utf-8"))
    document = ResultFile.model_validate(answer)
    assert (document.seed, document.settings.workers) == (3, 1)


def test_a_schedule_on_standard_output(iop: Iop) -> None:
    assert iop("solve", THREE, "-o", "-", "--time-limit", "30") == 0
    assert json.loads(iop.out)["scenario"] == "Three patients"
    assert "proved" in iop.err


def test_without_a_file_the_shortfalls_are_printed(iop: Iop) -> None:
    assert iop("solve", THREE, "--time-limit", "30") == 0
    assert "Short of care\n  Ben Torres (p2) is short of 1 h of 4 h" in iop.out


def answering(status: str, monkeypatch: pytest.MonkeyPatch, **facts: Any) -> list[Settings]:
    """Let every solve answer at once; returns the settings it was asked with."""
    asked: list[Settings] = []

    def answer(scenario: Any, settings: Settings, **_: Any) -> Result:
        asked.append(settings)
        plain = {"schedule": None, "tiers": (), "goals": {}, "seconds": 0.1, "seed": settings.seed}
        rest = {"versions": {}, "settings": settings, "scenario": scenario.name, "status": status}
        return Result(**plain | rest | facts)  # type: ignore[arg-type]

    monkeypatch.setattr(solver.engine, "solve", answer)
    return asked


@pytest.mark.parametrize(
    ("status", "code", "said"),
    [
        ("infeasible", 1, "no schedule exists"),
        ("unknown", 3, "no schedule was found in time, and none was ruled out"),
    ],
)
def test_no_schedule_is_an_answer(
    status: str, code: int, said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, iop: Iop
) -> None:
    answering(status, monkeypatch, reasons=("two locks want one room",))
    output, result = tmp_path / "week.json", tmp_path / "result.json"
    assert iop("solve", THREE, "-o", output, "--result", result) == code
    assert said in iop.out
    assert "two locks want one room" in iop.out
    assert "is not written: there is no schedule" in iop.err
    assert not output.exists()
    assert json.loads(result.read_text("utf-8"))["status"] == status


def test_settings_reach_the_solver(monkeypatch: pytest.MonkeyPatch, iop: Iop) -> None:
    asked = answering("unknown", monkeypatch)
    iop("solve", THREE)
    iop("solve", THREE, "--time-limit", "9.5", "--seed", "4", "--workers", "2", "--reproducible")
    assert asked == [Settings(60.0, 0, None, False), Settings(9.5, 4, 2, True)]


def test_a_week_that_cannot_be_is_found_so(tmp_path: Path, iop: Iop) -> None:
    scenario = clinic(
        programs=[program(minutes_per_week={"min": 6000})],
        patients=[patient("pat")],
        policy={"strict": ["unmet_care"]},
    )
    assert iop("solve", saved(tmp_path, "a.json", scenario), "--time-limit", "4") == 1
    assert "no schedule exists" in iop.out


@pytest.mark.parametrize(
    ("output", "said"),
    [
        ("{folder}", "this is a folder"),
        ("{folder}/no/week.json", "there is no folder"),
        ("{scenario}", "would overwrite SCENARIO"),
        ("{folder}/" + "x" * 300, "cannot be written"),
        ("/proc/week.json", "cannot be written"),
        ("", "a file is expected"),
    ],
)
def test_an_output_is_refused_before_any_solving(
    output: str, said: str, tiny: tuple[str, str], monkeypatch: pytest.MonkeyPatch, iop: Iop
) -> None:
    asked = answering("unknown", monkeypatch)
    path = output.format(folder=Path(tiny[0]).parent, scenario=tiny[0])
    before = Path(tiny[0]).read_bytes()
    for option in ("-o", "--result"):
        assert iop("solve", tiny[0], option, path) == 2
        assert said in iop.err
    assert (asked, Path(tiny[0]).read_bytes()) == ([], before)


def test_two_outputs_in_one_file_are_refused(tmp_path: Path, iop: Iop) -> None:
    path = tmp_path / "a.json"
    assert iop("solve", THREE, "-o", path, "--result", path) == 2
    assert "one would overwrite the other" in iop.err


# -- stopping early ------------------------------------------------------------


def test_ctrl_c_asks_the_work_to_stop_and_keeps_what_it_gives(
    capsys: pytest.CaptureFixture[str],
) -> None:
    def work(stop: threading.Event) -> str:
        os.kill(os.getpid(), signal.SIGINT)
        return "the best so far" if stop.wait(20) else "never told"

    before = signal.getsignal(signal.SIGINT)
    assert interruptible(work, quiet=False) == "the best so far"
    assert "Stopping" in capsys.readouterr().err
    assert signal.getsignal(signal.SIGINT) == before


def test_a_second_ctrl_c_leaves_at_once() -> None:
    ended = threading.Event()

    def work(stop: threading.Event) -> None:
        os.kill(os.getpid(), signal.SIGINT)
        stop.wait(20)
        os.kill(os.getpid(), signal.SIGINT)
        ended.wait(20)

    with pytest.raises(KeyboardInterrupt):
        interruptible(work, quiet=True)
    ended.set()


def test_what_goes_wrong_in_the_work_goes_wrong_here() -> None:
    def work(stop: threading.Event) -> NoReturn:
        raise ModelError("as planned")

    with pytest.raises(ModelError, match="as planned"):
        interruptible(work, quiet=True)


def _told_to_stop_once_it_solves(process: subprocess.Popen[str]) -> None:
    assert process.stderr is not None
    for line in process.stderr:
        if "tier 1 of 7" in line:
            break
    process.send_signal(signal.SIGINT)


@pytest.mark.slow
def test_ctrl_c_writes_the_best_week_so_far(tmp_path: Path) -> None:
    output = tmp_path / "week.json"
    process = started("solve", EVENING, "-o", output, "--time-limit", "120")
    began = time.monotonic()
    _told_to_stop_once_it_solves(process)
    out, _ = process.communicate(timeout=60)
    assert process.returncode == 0
    assert time.monotonic() - began < 60
    assert f"Written: {output}" in out
    scenario, _ = load_scenario(EVENING)
    assert check(Clinic(scenario), load_schedule(output, scenario)) == []


@pytest.mark.slow
def test_a_second_ctrl_c_ends_the_process_without_a_word_of_python() -> None:
    script = (
        "import os, signal, sys, threading\nimport solver.engine\nfrom solver.cli import main\n"
        "def solve(*_, stop, **__):\n"
        "    os.kill(os.getpid(), signal.SIGINT)\n"
        "    stop.wait()\n"
        "    os.kill(os.getpid(), signal.SIGINT)\n"
        "    threading.Event().wait()\n"
        "solver.engine.solve = solve\n"
        "sys.exit(main(['solve', sys.argv[1], '--time-limit', '60']))"
    )
    command = [sys.executable, "-c", script, THREE]
    done = subprocess.run(
        command, cwd=ROOT, capture_output=True, text=True, timeout=60, check=False
    )
    assert (done.returncode, done.stdout) == (130, "")
    assert done.stderr == "Stopping; the best schedule so far is checked and given out.\n"


def _progress(seconds: float, value: int | None, tier: int | None = 0) -> Progress:
    goals = ("unmet_care",) if tier is not None else ()
    return Progress(seconds, "improving", tier, goals, value, 10)


def test_plain_progress_is_a_line_now_and_then(capsys: pytest.CaptureFixture[str]) -> None:
    with shown_progress(7, quiet=False) as tell:
        assert tell is not None
        tell(Progress(0.0, "making a first week"))
        for tenth in range(1, 40):
            tell(_progress(tenth / 10, 100 - tenth))
        tell(_progress(4.0, 10))
        tell(_progress(4.1, 5, tier=1))
    lines = capsys.readouterr().err.splitlines()
    assert [line.split("  ")[-1].split(";")[0] for line in lines] == [
        "making a first week",
        "tier 1 of 7: 99, at least 10",
        "tier 1 of 7: 79, at least 10",
        "tier 2 of 7: 5",
    ]


def test_progress_on_a_terminal_is_one_line_that_changes(monkeypatch: pytest.MonkeyPatch) -> None:
    class Screen(StringIO):
        def isatty(self) -> bool:
            return True

    screen = Screen()
    monkeypatch.setattr(sys, "stderr", screen)
    monkeypatch.setenv("TERM", "xterm")
    with shown_progress(7, quiet=False) as tell:
        assert tell is not None
        tell(_progress(1.0, 60))
        time.sleep(0.3)
    assert "tier 1 of 7: 60, at least 10; care that is due and not scheduled" in screen.getvalue()
    assert "\r" in screen.getvalue()


def test_quiet_progress_is_none() -> None:
    with shown_progress(7, quiet=True) as tell:
        assert tell is None
