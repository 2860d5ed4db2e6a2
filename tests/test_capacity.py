"""The most patients a clinic can take, against every census tried one by one; and `iop capacity`."""

from __future__ import annotations

import json
from pathlib import Path
from threading import Event
from typing import Any

import pytest
import typer
from typer.testing import CliRunner

from solver import staffing
from solver.capacity import Capacity, capacity, is_impossible, without_least_sizes
from solver.changes import Census, ChangeFaults, apply
from solver.checker import check
from solver.cli.capacity import capacity as command
from solver.cli.terminal import Code, UsageFault, WrongFile
from solver.clinic import Clinic
from solver.engine import solve
from solver.io.files import dump
from solver.ledger import Ledger
from solver.result import Settings
from solver.scenario import Scenario
from solver.staffing import CareDesk
from solver.staffing.own import OwnLimits
from solver.staffing.search import unmet
from solver.validation import read_scenario
from tests.builders import Json, clinic, group, patient, program, quota, room, therapist, window

SECONDS = Settings(time_limit=12, workers=1)
TALK = program(quotas=[quota("talk", 1, 1)])
BOTH = program(minutes_per_week={"min": 90}, quotas=[quota("talk", 1, 2), quota("solo", 1, 3)])


def small(**facts: Any) -> Json:
    """Ann, four hours a week; groups of two, two of them; everybody asks for one and a session."""
    return clinic(
        **{
            "opening_hours": window("09:00", "12:00", "mon", "tue"),
            "programs": [BOTH],
            "therapists": [therapist("ann", max_minutes_per_week=240)],
            "groups": [group(max_sections=2, size={"min": 1, "max": 2})],
            "rooms": [room("big", 4), room("small", 2)],
            "patients": [patient("p1"), patient("p2")],
        }
        | facts
    )


def one_group(**size: int) -> Json:
    """One section of one group, and nothing else asked for."""
    return small(programs=[TALK], groups=[group(size=size)], patients=[patient("p1")])


def three_of_one_group() -> Json:
    """As many as its one section has seats for."""
    return one_group(min=1, max=3) | {"patients": [patient(f"p{n}") for n in range(3)]}


def scenario_of(data: Json) -> Scenario:
    return read_scenario(data)[0]


def served_by_trying(scenario: Scenario, up_to: int) -> list[bool]:
    """For each census whether everybody can be served, proved either way."""
    out = []
    for n in range(up_to + 1):
        care = CareDesk(workers=1).ask(apply(scenario, [Census(to=n)]), 30)
        assert care.unmet == care.least
        out.append(care.unmet == 0)
    return out


def fair(answer: Capacity) -> None:
    """What holds of any answer."""
    assert answer.served is not None
    assert answer.most is None or answer.served <= answer.most
    if answer.schedule is not None:
        assert answer.census is not None
        here = Clinic(answer.census)
        assert check(here, answer.schedule) == []
        active = [p for p in answer.census.patients if p.status == "active"]
        assert len(active) == answer.served
        if not answer.own:
            assert unmet(here, Ledger(here, answer.schedule)) == 0


@pytest.mark.parametrize("here", [1, 4, 6])
def test_the_largest_census_is_that_of_all_tried(here: int) -> None:
    """Four, whether the clinic has fewer patients now, as many, or more."""
    scenario = scenario_of(small(patients=[patient(f"p{n}") for n in range(here)]))
    if here == 1:
        assert served_by_trying(scenario, 6) == [True] * 5 + [False] * 2
    answer = capacity(scenario, SECONDS)
    fair(answer)
    assert (answer.here, answer.served, answer.most, answer.proved) == (here, 4, 4, True)


def test_what_lets_the_next_patient_in_is_found_by_trying() -> None:
    """Seats and therapist's hours are both full: no one thing helps, two do."""
    answer = capacity(scenario_of(small()), SECONDS)
    assert (answer.larger, answer.newcomers) == (5, ("new-003",))
    assert len(answer.short) == 1
    assert "is short of" in answer.short[0]
    helping = {r.what for r in answer.reliefs}
    assert helping == {
        "one more therapist (lcsw) and one seat more in every group",
        "one more therapist (lcsw) and one section more of every group",
    }
    assert all(r.helps for r in answer.reliefs)


def test_one_thing_that_helps_is_enough() -> None:
    answer = capacity(scenario_of(one_group(min=1, max=3)), SECONDS)
    assert (answer.served, answer.most) == (3, 3)
    said = {r.what: r.helps for r in answer.reliefs}
    assert said["one seat more in every group"]
    assert said["one section more of every group"]
    assert said["one more room"] is False
    assert said["one more therapist (lcsw)"] is False


def test_a_week_to_begin_with_is_not_solved_again() -> None:
    """Three of three are served in it, and a fourth is soon proved impossible: nothing is left to solve."""
    scenario = scenario_of(three_of_one_group())
    known = CareDesk(workers=1).ask(scenario, 20.0).schedule
    asked: list[int] = []

    def ask(larger: Scenario, *rest: object, **how: object) -> Any:
        asked.append(len(larger.patients))
        return solve(larger, *rest, **how)  # type: ignore[arg-type]

    answer = capacity(scenario, SECONDS, ask=ask, start=known)
    fair(answer)
    assert (answer.served, answer.most) == (3, 3)
    assert min(asked) > 3


def test_of_a_week_that_cannot_stand_as_much_is_taken_as_can() -> None:
    scenario = scenario_of(three_of_one_group())
    known = CareDesk(workers=1).ask(scenario, 20.0).schedule
    assert known is not None
    midnight = tuple(
        s.model_copy(
            update={"meetings": tuple(m.model_copy(update={"start": 0}) for m in s.meetings)}
        )
        for s in known.sections
    )
    answer = capacity(scenario, SECONDS, start=known.model_copy(update={"sections": midnight}))
    fair(answer)
    assert (answer.served, answer.most) == (3, 3)


def test_a_census_too_small_for_a_group_is_passed_over() -> None:
    scenario = scenario_of(one_group(min=3, max=4))
    assert served_by_trying(scenario, 5) == [True, False, False, True, True, False]
    answer = capacity(scenario, SECONDS)
    fair(answer)
    assert (answer.served, answer.most) == (4, 4)


def test_a_proof_holds_for_every_larger_census() -> None:
    """Two cannot be served, three can: so nothing is proved against two."""
    scenario = scenario_of(one_group(min=3, max=4))
    for daily in (False, True):
        found = {
            n: is_impossible(apply(scenario, [Census(to=n)]), 0, float("inf"), daily=daily)
            for n in (2, 4, 5, 6)
        }
        assert found == {2: False, 4: False, 5: True, 6: True}
    assert {g.size.min for g in without_least_sizes(scenario).groups} == {0}


def test_what_a_patients_own_hours_forbid_counts_against_no_clinic() -> None:
    busy = patient("p2", availability=window("09:00", "09:30", "mon"))
    scenario = scenario_of(small(patients=[patient("p1"), busy]))
    assert OwnLimits().of(scenario, float("inf")) == 60 + 60
    answer = capacity(scenario, Settings(time_limit=8, workers=1))
    fair(answer)
    assert answer.served is not None
    assert answer.served >= 2
    assert "p2" in answer.own
    assert "p1" not in answer.own


def test_the_mix_of_newcomers() -> None:
    """Those of ``day`` ask for a seat, of which there are three; those of ``tea`` for nothing."""
    programs = [program("day", quotas=[quota("talk", 1, 1)]), program("tea", quotas=[])]
    people = [patient("p1", program="day"), patient("p2", program="tea")]
    scenario = scenario_of(
        small(programs=programs, groups=[group(size={"min": 1, "max": 3})], patients=people)
    )
    seats = {"day": 1.0}
    answer = capacity(scenario, SECONDS, mix=seats)
    assert (answer.served, answer.most) == (4, 4)
    half = capacity(scenario, SECONDS, mix={"day": 1.0, "tea": 1.0})
    assert half.served is not None
    assert 6 <= half.served <= 7
    with pytest.raises(ChangeFaults):
        capacity(scenario, SECONDS, mix={"night": 1.0})


def test_no_patients_at_all_are_served() -> None:
    scenario = scenario_of(one_group(min=2, max=2))
    nobody = apply(scenario, [Census(to=0)])
    assert served_by_trying(scenario, 3) == [True, False, True, False]
    with pytest.raises(ChangeFaults):
        capacity(nobody, SECONDS)  # newcomers would be like nobody


def test_the_search_ends_with_what_it_knows_when_it_is_told_to() -> None:
    stop = Event()
    stop.set()
    answer = capacity(scenario_of(small()), SECONDS, stop=stop)
    assert answer.seconds < 20
    assert answer.most is None
    assert not answer.proved


def test_progress_is_told_in_words() -> None:
    said: list[str] = []
    capacity(scenario_of(one_group(min=1, max=2)), SECONDS, tell=said.append)
    assert said[0] == "0 can be served; looking for a proof against 1"
    assert any(line.startswith("2 can be served, at most 2; trying 3 with ") for line in said)


# ---------------------------------------------------------------- the command


@pytest.fixture(autouse=True)
def here(monkeypatch: pytest.MonkeyPatch) -> None:
    """Weeks are solved in this process; children are the runner's business."""
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


def test_the_command_in_words_and_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "120")
    scenario = saved(tmp_path, "a.json", one_group(min=1, max=3))
    full, week = tmp_path / "full.json", tmp_path / "week.json"
    code, out, err = run(scenario, "--census", full, "-o", week, "--workers", 1)
    assert code == Code.DONE
    assert "1 patient in treatment now" in out
    assert "3 patients can be fully served; one more is proved impossible." in out
    assert "One patient more" not in err
    assert "one seat more in every group" in out
    assert f"Written: {week}, {full}" in " ".join(out.split())
    census = read_scenario(json.loads(full.read_text()))[0]
    assert len(census.patients) == 3


def test_the_command_begins_with_a_week_that_there_is(tmp_path: Path) -> None:
    data = three_of_one_group()
    known = CareDesk(workers=1).ask(scenario_of(data), 20.0).schedule
    scenario, week = saved(tmp_path, "a.json", data), saved(tmp_path, "w.json", dump(known))
    code, out, err = run(scenario, "--base", week, "--workers", 1)
    assert code == Code.DONE
    assert "3 patients can be fully served; one more is proved impossible." in out
    assert "3 can be served" in err
    with pytest.raises(UsageFault, match="only one of SCENARIO, --mix and --base"):
        run("-", "--base", "-")


def test_the_command_for_machines_with_a_mix(tmp_path: Path) -> None:
    scenario = saved(tmp_path, "a.json", one_group(min=1, max=3))
    mix = saved(tmp_path, "mix.json", {"iop": 2})
    code, out, _ = run(scenario, "--mix", mix, "--json", "--workers", 1, "--quiet")
    answer = json.loads(out)
    assert code == Code.DONE
    assert (answer["served"], answer["at_most"], answer["proved"]) == (3, 3, True)
    assert len(answer["schedule"]["sections"][0]["members"]) == 3


@pytest.mark.parametrize(
    ("mix", "says"),
    [
        ({"ipo": 1}, "did you mean 'iop'"),
        ({"iop": -1}, "found -1; a share of 0 or more"),
        ({"iop": 0}, "add up to 0"),
        ([], "an object"),
    ],
)
def test_a_mix_that_makes_no_sense(tmp_path: Path, mix: object, says: str) -> None:
    scenario = saved(tmp_path, "a.json", one_group(min=1, max=3))
    with pytest.raises(WrongFile, match=says):
        run(scenario, "--mix", saved(tmp_path, "mix.json", mix))


def test_what_the_command_refuses(tmp_path: Path) -> None:
    scenario = saved(tmp_path, "a.json", one_group(min=1, max=3))
    for options in (
        ("--time-limit", "0"),
        ("-o", "-", "--json"),
        ("-o", "x.json", "--census", "x.json"),
        ("-o", scenario),
    ):
        with pytest.raises(UsageFault):
            run(scenario, *options)
