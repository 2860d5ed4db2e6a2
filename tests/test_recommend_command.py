"""`iop recommend` on the command line: what it prints, writes and refuses."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from solver.checker import check
from solver.cli import app
from solver.cli.recommend import recommend
from solver.clinic import Clinic
from solver.io.files import load_scenario, load_schedule
from tests.builders import group, patient
from tests.cli.running import Iop, saved
from tests.test_recommend import RUNNING, two_sections, with_new


@pytest.fixture
def iop(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Iterator[Iop]:
    monkeypatch.setenv("COLUMNS", "120")
    commands = list(app.registered_commands)
    if not any(c.callback is recommend for c in commands):
        app.command()(recommend)
    yield Iop(capsys)
    app.registered_commands = commands


@pytest.fixture
def files(tmp_path: Path) -> tuple[str, str]:
    """A scenario with ``new`` in it and a week without."""
    return saved(tmp_path, "scenario.json", with_new()), saved(tmp_path, "week.json", RUNNING)


def without_new(tmp_path: Path) -> tuple[str, str, str]:
    """A scenario without ``new``, a week of it, and ``new`` in a file."""
    scenario = with_new()
    scenario["patients"] = scenario["patients"][:2]
    return (
        saved(tmp_path, "scenario.json", scenario),
        saved(tmp_path, "week.json", RUNNING),
        saved(tmp_path, "new.json", patient("new") | {"name": "Nora New"}),
    )


def test_plans_are_printed_with_what_they_give_and_cost(iop: Iop, files: tuple[str, str]) -> None:
    assert iop("recommend", *files, "--patient", "new", "--top", 2) == 0
    assert "2 plans for Nora New (new) without moving anyone." in iop.out
    assert "Plan 1. Everything that is due: 1.5 of 1.5 h, on Mon." in iop.out
    assert "Mon 10:00–10:30" in iop.out
    assert "3 of 3 seats taken with this one" in iop.out
    lines = [line.split() for line in iop.out.splitlines() if "Care that is due" in line]
    assert lines[0][-3:] == ["210", "−210", "−210"]


def test_a_new_patient_in_a_file_gets_a_week_and_a_scenario_to_go_on_with(
    iop: Iop, tmp_path: Path
) -> None:
    scenario, week, new = without_new(tmp_path)
    written = str(tmp_path / "next.json"), str(tmp_path / "with-new.json")
    where = ("-o", written[0], "--scenario-output", written[1], "--plan", 2)
    assert iop("recommend", scenario, week, "--patient", new, *where, "--json") == 0
    answer = json.loads(iop.out)
    made, _ = load_scenario(written[1])
    assert [p.id for p in made.patients] == ["pat", "sam", "new"]
    schedule = load_schedule(written[0], made)
    assert check(Clinic(made), schedule) == []
    assert json.loads(Path(written[0]).read_text("utf-8")) == answer["plans"][1]["schedule"]


def test_moves_are_said_in_words(iop: Iop, tmp_path: Path) -> None:
    scenario, week = two_sections()
    paths = saved(tmp_path, "a.json", scenario), saved(tmp_path, "b.json", week)
    assert iop("recommend", *paths, "--patient", "new", "--moves", 1) == 0
    assert "better plan" in iop.out
    assert "To move: sam changes from cbt, Mon 09:00–10:00 to cbt, Tue 09:00–10:00." in iop.out
    assert "What stands in the way of more: talk" in iop.out


def test_no_plan_is_the_answer_no(iop: Iop, tmp_path: Path) -> None:
    scenario = with_new(groups=[group(size={"min": 2, "max": 2})])
    scenario["patients"][2]["status"] = "waitlist"
    paths = saved(tmp_path, "a.json", scenario), saved(tmp_path, "b.json", RUNNING)
    assert iop("recommend", *paths, "--patient", "new") == 1
    assert "There is no place for Nora New (new)" in iop.out
    assert "full, 2 of 2 seats" in iop.out


def test_a_week_that_breaks_rules_is_named_with_what_it_breaks(
    iop: Iop, files: tuple[str, str], tmp_path: Path
) -> None:
    bad = RUNNING | {
        "appointments": [{**RUNNING["appointments"][0], "room": "big", "start": "09:00"}]
    }
    assert iop("recommend", files[0], saved(tmp_path, "bad.json", bad), "--patient", "new") == 1
    assert "breaks rules" in iop.err
    assert "pat" in iop.err


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--patient", "nwe"], "and there is no such file; did you mean 'new'?"),
        (["--patient", "new", "--plan", "9", "-o", "x.json"], "--plan 9: there are 5 plans"),
    ],
)  # fmt: skip
def test_what_makes_no_sense_is_refused_in_words(
    iop: Iop,
    files: tuple[str, str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    arguments: list[str],
    said: str,
) -> None:
    monkeypatch.chdir(tmp_path)
    assert iop("recommend", *files, *arguments) == 2
    assert said in iop.err
    assert not Path("x.json").exists()


def test_a_wrong_patient_file_gives_every_fault(iop: Iop, tmp_path: Path) -> None:
    scenario, week, _ = without_new(tmp_path)
    wrong = saved(
        tmp_path, "wrong.json", {"id": "new", "name": "N", "program": "iopp", "priority": 7}
    )
    assert iop("recommend", scenario, week, "--patient", wrong) == 2
    assert "2 faults" in iop.err
    assert "patient.program: no program 'iopp'; did you mean 'iop'?" in iop.err
    assert "patient.priority" in iop.err


def test_names_cannot_colour_the_terminal(iop: Iop, tmp_path: Path) -> None:
    scenario = with_new()
    scenario["patients"][2]["name"] = "Nora [red]\x1b[31m"
    paths = saved(tmp_path, "a.json", scenario), saved(tmp_path, "b.json", RUNNING)
    assert iop("recommend", *paths, "--patient", "new") == 0
    assert "\x1b" not in iop.out
    assert "Nora [red]" in iop.out
