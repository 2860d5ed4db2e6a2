"""The candidates' file: what it makes of the clinic, its faults; and `iop staff`."""

from __future__ import annotations

import json
import threading
from pathlib import Path
from typing import Any

import pytest
import typer
from typer.testing import CliRunner

from solver import staffing
from solver.checker import check
from solver.cli.staff import staff as command
from solver.cli.terminal import Code, UsageFault, WrongFile
from solver.clinic import Clinic
from solver.engine import solve
from solver.generate import generate
from solver.pool import LocalPool
from solver.result import Progress, Settings
from solver.staffing import CandidateFaults, in_children, read_candidates
from solver.validation import read_scenario, read_schedule
from tests.builders import Json, clinic, patient, therapist
from tests.test_staff import TWO, hire, monday, people, sessions, shift, tuesday

REMOTE = shift("eve", monday("16:00", "18:00"), remote=True, cost=4.0)


def clinic_of(*therapists: Json) -> Json:
    return clinic(therapists=list(therapists))


def test_who_is_hired_stands_in_the_scenario_with_the_hours_of_their_shifts() -> None:
    entry = hire("kim", shift("mo", monday()), shift("tu", tuesday()), REMOTE, cost_per_hour=30.0)
    candidates = people(
        clinic_of(therapist("ann")), [entry, hire("lou", shift("mo", monday(), cost=1.0))]
    )
    scenario = candidates.hired({(0, 0), (0, 2)})
    ann, kim = scenario.therapists
    assert (ann.id, kim.id) == ("ann", "kim")
    assert [w.days for w in kim.availability or ()] == [("mon",)]
    assert [w.end for w in kim.remote_availability or ()] == [18 * 60]
    nobody = candidates.hired(())
    assert [t.id for t in nobody.therapists] == ["ann"]
    only_remote = candidates.hired({(0, 2)}).therapists[1]
    assert only_remote.availability == ()


def test_what_shifts_cost() -> None:
    entry = hire(
        "kim",
        shift("mo", monday()),
        shift("tu", tuesday(), cost=0.5),
        cost=10.0,
        cost_per_hour=30.0,
    )
    candidates = people(clinic_of(), [entry])
    assert candidates.cents(()) == 0
    assert candidates.cents({(0, 0)}) == 1000 + 3 * 3000
    assert candidates.cents({(0, 1)}) == 1000 + 50
    assert candidates.most_cents == 1000 + 9000 + 50
    assert candidates.sentences({(0, 0), (0, 1)}) == ["hire kim: mo and tu"]


def faults(scenario: Json, *entries: Json, **facts: Any) -> dict[str, str]:
    """Place -> what is said of it."""
    file = {"schema_version": 1, "candidates": list(entries)} | facts
    with pytest.raises(CandidateFaults) as caught:
        read_candidates(file, read_scenario(scenario)[0])
    return {f.place: f.message for f in caught.value.faults}


def test_all_faults_at_once_each_with_its_place() -> None:
    ann = therapist("ann", availability=[monday()])
    said = faults(
        clinic_of(ann, therapist("bob")),
        {"shifts": []},
        {"staff": "an", "shifts": [shift("mo", monday(), cost=1.0)]},
        {"staff": "ann"},
        {"staff": "bob", "shifts": [shift("mo", monday(), cost=1.0)]},
        {"therapist": therapist("kim", availability=[monday()]), "shifts": [shift("mo", monday())]},
        {"therapist": therapist("lou")},
        hire(
            "mia", shift("mo", monday("09:10", "12:00"), cost=1.0), shift("mo", tuesday(), cost=1.0)
        ),
        hire("mia", shift("mo", monday(), cost=1.0)),
    )
    at = {place.removeprefix("candidates"): text for place, text in said.items()}
    assert at["[0]"] == "found neither of therapist and staff; give one of them"
    assert at["[1].staff"] == "no therapist 'an'; did you mean 'ann'?"
    assert at["[2].shifts"].startswith("missing")
    assert "all opening hours already" in at["[3].staff"]
    assert at["[4].therapist.availability"].startswith("found beside shifts")
    assert at["[4].shifts[0].cost"] == "missing; give it, or the therapist's cost_per_hour"
    assert {"[5].therapist.availability", "[5].cost"} <= set(at)
    assert at["[6].shifts[0].windows[0]"] == "a shift begins and ends on the grid of 30 minutes"
    assert at["[6].shifts[1].id"] == "'mo' is there twice"
    assert at["[7]"] == "'mia' is a candidate already, see candidates[6]"


def test_faults_of_form_and_of_the_scenario_they_come_into() -> None:
    assert (
        "did you mean 'windows'"
        in faults(clinic_of(), {"shifts": [{"id": "a", "window": []}]})[
            "candidates[0].shifts[0].window"
        ]
    )
    said = faults(clinic_of(therapist("ann")), hire("kim", REMOTE), hire("ann", REMOTE))
    assert list(said) == ["candidates[1].therapist.id"]
    assert "schema_version" in faults(clinic_of(), hire("kim", REMOTE), schema_version=2)
    with pytest.raises(CandidateFaults, match="an object"):
        read_candidates([], read_scenario(clinic_of())[0])


# ---------------------------------------------------------------- the command


@pytest.fixture
def here(monkeypatch: pytest.MonkeyPatch) -> None:
    """Weeks are solved in this process."""
    monkeypatch.setattr(staffing, "in_children", lambda _: solve)


def run(*arguments: object) -> tuple[int, str, str]:
    app = typer.Typer()
    app.command()(command)
    done = CliRunner().invoke(app, [str(a) for a in arguments], catch_exceptions=False)
    return done.exit_code, done.stdout, done.stderr


def saved(folder: Path, name: str, content: object) -> str:
    path = folder / name
    path.write_text(json.dumps(content), "utf-8")
    return str(path)


def files(folder: Path, *entries: Json) -> list[str]:
    file = {"schema_version": 1, "candidates": list(entries)}
    scenario = sessions(patient("pat"), patient("sam"), grid_minutes=30)
    return [saved(folder, "a.json", scenario), "--candidates", saved(folder, "c.json", file)]


@pytest.mark.usefixtures("here")
def test_the_command_in_words_and_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "120")
    kim = hire("kim", shift("mo", monday()) | {"name": "Monday mornings"}, cost_per_hour=30.5)
    hired, week = tmp_path / "hired.json", tmp_path / "week.json"
    arguments = (*files(tmp_path, kim), "--workers", 1, "--step", 50, "--hired", hired, "-o", week)
    code, out, err = run(*arguments)
    assert code == Code.DONE
    assert "All care that is due costs 91.50 a week; nobody can do it for less." in out
    assert "Hire kim: Monday mornings." in out
    assert "2 of 2" in out
    assert "what the clinic gives with nobody hired" in err
    scenario = read_scenario(json.loads(hired.read_text()))[0]
    schedule = read_schedule(json.loads(week.read_text()), scenario)
    assert check(Clinic(scenario), schedule) == []


@pytest.mark.usefixtures("here")
def test_the_command_for_machines_when_it_cannot_be_done(tmp_path: Path) -> None:
    narrow = hire("kim", shift("mo", monday("09:00", "09:30"), cost=5.0))
    code, out, err = run(*files(tmp_path, narrow), "--from", 40, "--step", 60, "--json", "--quiet")
    assert code == Code.NO
    assert err == ""
    answer = json.loads(out)
    first, half, last = answer["points"]
    assert (first["share"], first["cost"], first["hired"]) == (
        0.4, 5.0, [{"therapist": "kim", "shift": "mo"}],
    )  # fmt: skip
    assert half["share"] == answer["best_share_found"] == 0.5
    assert last["impossible"]


def test_what_the_command_refuses(tmp_path: Path) -> None:
    arguments = files(tmp_path, *TWO)
    for options in (
        ("--time-limit", "nan"),
        ("-o", "-", "--hired", "-"),
        ("-o", "x.json", "--hired", "x.json"),
        ("--hired", arguments[2]),
    ):
        with pytest.raises(UsageFault):
            run(*arguments, *options)
    with pytest.raises(WrongFile, match="did you mean 'staff'"):
        run(*files(tmp_path, {"stafff": "ann"}))


@pytest.mark.slow
def test_weeks_are_solved_in_children_and_stopped_there(tmp_path: Path) -> None:
    scenario = read_scenario(generate(24, seed=5, load=1.1))[0]
    told: list[Progress] = []
    stop = threading.Event()

    def hear(progress: Progress) -> None:
        told.append(progress)
        if progress.value is not None:
            stop.set()

    with LocalPool(1, tmp_path / "jobs") as pool:
        ask = in_children(pool)
        answer = ask(scenario, Settings(time_limit=600, workers=1), on_progress=hear, stop=stop)
    assert told
    assert answer.seconds < 300
    assert answer.schedule is not None
    assert check(Clinic(scenario), answer.schedule) == []
