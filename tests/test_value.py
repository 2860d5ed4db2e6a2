"""What one more would give: found gains and bounds against weeks solved to the end; and `iop value`."""

from __future__ import annotations

import json
from pathlib import Path
from random import Random
from threading import Event
from typing import Any

import pytest
import typer
from typer.testing import CliRunner

from solver.changes import apply, read_changes
from solver.checker import check
from solver.cli.terminal import Code, UsageFault
from solver.cli.value import value as command
from solver.clinic import Clinic
from solver.engine import solve
from solver.errors import ModelError
from solver.report.figures import figures
from solver.result import Settings
from solver.scenario import Scenario
from solver.schedule import Schedule
from solver.validation import read_scenario
from solver.value import Gain, Value, for_care, value
from solver.value.additions import Addition, additions
from solver.value.bounds import holds, without_duties
from solver.value.short import Short
from tests.builders import (
    Json,
    clinic,
    group,
    patient,
    program,
    quota,
    room,
    therapist,
    visit,
    week,
    window,
)
from tests.pools import HerePool

SOLO, TALK = program(quotas=[quota("solo", 1, 1)]), program(quotas=[quota("talk", 1, 1)])
BOTH = program(minutes_per_week={"min": 120}, quotas=[quota("talk", 0, 2), quota("solo", 1, 2)])


def scenario_of(**facts: Any) -> Scenario:
    return read_scenario(clinic(**facts))[0]


def one_therapist(**facts: Any) -> Json:
    """Ann may work for half an hour, and two patients are due half an hour each."""
    busy = therapist("ann", max_minutes_per_week=30, cost_per_hour=40)
    return {
        "programs": [SOLO],
        "therapists": [busy],
        "opening_hours": window("09:00", "11:00", "mon"),
    } | facts


def asked(scenario: Scenario, week_of_it: Schedule | None = None, seconds: float = 25.0) -> Value:
    return value(scenario, week_of_it, HerePool(), seconds)


def least_unmet(scenario: Scenario) -> int:
    """The care that is missing in the best week, proved."""
    result = solve(for_care(scenario), Settings(time_limit=20, workers=1))
    tier = result.tiers[0]
    assert tier.value is not None
    assert tier.proved
    return tier.value


def fair(answer: Value) -> None:
    """What holds of any answer: every gain is the difference of two legal weeks."""
    assert answer.base is not None
    assert check(answer.clinic, answer.base) == []
    before = figures(answer.clinic, answer.base)
    for row in answer.rows:
        assert row.scenario == apply(for_care(answer.clinic.scenario), [row.addition.change])
        changed = Clinic(row.scenario)
        assert check(changed, row.schedule) == []
        after = figures(changed, row.schedule)
        assert row.served.at_least == after.served - before.served
        assert row.admitted.at_least == after.admitted - before.admitted
        assert row.minutes.at_least == after.minutes - before.minutes


def row_of(answer: Value, kind: str) -> Any:
    return next(row for row in answer.rows if row.addition.kind == kind)


# -- what is found --------------------------------------------------------------------------------


def test_a_half_day_more_serves_whom_the_only_therapist_cannot() -> None:
    answer = asked(scenario_of(**one_therapist()))
    fair(answer)
    best = answer.rows[0]
    assert best.addition.kind == "therapist"
    assert best.served == Gain(1, 1)
    assert best.minutes == Gain(0, 0)
    assert best.unmet == Gain(60, 60)
    assert (best.addition.paid_minutes, best.addition.cost) == (120, 80.0)
    assert "1 more patient fully served" in best.told()
    assert {p.name: p.first.kind for p in answer.parts if p.first} == {"morning": "staff"}


def test_a_seat_and_a_section_more() -> None:
    full = group(size={"min": 1, "max": 2})
    people = [patient(p) for p in ("pat", "sam", "kim")]
    answer = asked(scenario_of(programs=[TALK], groups=[full], patients=people))
    fair(answer)
    for kind in ("seat", "section"):
        row = row_of(answer, kind)
        assert row.served == Gain(1, 1)
        assert row.unmet == Gain(60, 60)
        assert row.addition.paid_minutes == 0


def test_an_hour_more_of_opening() -> None:
    hours = window("09:00", "09:30", "mon")
    answer = asked(scenario_of(**one_therapist(therapists=[therapist("ann")], opening_hours=hours)))
    fair(answer)
    assert row_of(answer, "opening").served.at_least == 1


def test_a_room_more() -> None:
    facts = one_therapist(
        therapists=[therapist("ann"), therapist("bob")],
        opening_hours=window("09:00", "10:00", "mon"),
        rooms=[room("small", 1, availability=window("09:00", "09:30", "mon"))],
    )
    answer = asked(scenario_of(**facts), seconds=25)
    fair(answer)
    assert row_of(answer, "room").served == Gain(1, 1)


def test_own_hours_that_allow_no_more_are_said_and_nothing_is_tried() -> None:
    answer = asked(scenario_of(programs=[SOLO], patients=[patient("pat", availability=[])]))
    assert answer.rows == ()
    assert "Nothing that could be added gives anybody more" in " ".join(answer.sentences())


def test_everybody_served_has_no_additions() -> None:
    answer = asked(scenario_of(programs=[SOLO]))
    assert answer.rows == answer.skipped == ()
    assert answer.base_goals["unmet_care"] == 0


def test_gains_are_counted_from_a_better_week_where_there_is_one() -> None:
    scenario = scenario_of(programs=[SOLO], patients=[patient("pat")])
    empty = Schedule.model_validate(week())
    answer = asked(scenario, empty)
    assert answer.found_better
    assert "A better week than the one handed in" in " ".join(answer.sentences())


def test_no_week_at_all() -> None:
    policy = {"strict": ["unmet_care"]}
    facts = {"programs": [SOLO], "patients": [patient("pat", availability=[])], "policy": policy}
    answer = asked(scenario_of(**facts))
    assert answer.base is None
    assert answer.status == "infeasible"
    assert answer.document()["additions"] == []


def test_a_stop_at_once_gives_what_there_is() -> None:
    stop = Event()
    stop.set()
    scenario = scenario_of(**one_therapist())
    given = Schedule.model_validate(week(visit(patient="pat")))
    answer = value(scenario, given, HerePool(), 20.0, stop=stop)
    assert answer.rows == ()
    assert answer.base is not None
    fair(answer)


# -- bounds ---------------------------------------------------------------------------------------


def drawn(seed: int) -> Scenario:
    """A tiny clinic with too little of everything, somebody who waits, gaps that bind, and priorities."""
    random = Random(seed)
    people = [
        patient(
            f"p{n}",
            priority=random.randint(1, 3),
            status=random.choice(["active", "active", "waitlist"]),
            availability=window("09:00", "11:00", *random.sample(["mon", "tue", "wed"], 2)),
        )
        for n in range(4)
    ]
    staff = [
        therapist("ann", max_minutes_per_week=random.choice([60, 90, 120])),
        therapist("bob", credentials=["lpc"], availability=window("09:00", "10:00", "mon")),
    ]
    led = [{"credentials": [random.choice(["lcsw", "lpc"])]}]
    return scenario_of(
        opening_hours=window("09:00", "11:00", "mon", "tue", "wed"),
        programs=[BOTH | {"max_gap_days": random.choice([0, 1])}],
        therapists=staff,
        groups=[group(size={"min": 2, "max": 2}, leaders=led)],
        rooms=[room("big", 3)],
        patients=people,
    )


def additions_of(scenario: Scenario) -> list[Addition]:
    start = solve(for_care(scenario), Settings(time_limit=5, workers=1)).schedule
    assert start is not None
    found = additions(Short(Clinic(scenario), start))
    return list({a.kind: a for a in found}.values())


@pytest.mark.parametrize("seed", range(2))
def test_sessions_in_an_addition_make_up_no_more_than_they_hold(seed: int) -> None:
    """Whoever strikes them out has a week without it; solved to the end on both sides."""
    scenario = drawn(seed)
    without = least_unmet(without_duties(Clinic(scenario)))
    assert without <= least_unmet(scenario)
    tried = additions_of(scenario)
    assert tried
    for addition in tried:
        changed = least_unmet(apply(scenario, [addition.change]))
        assert changed >= without - holds(Clinic(scenario), addition)


@pytest.mark.slow
@pytest.mark.parametrize("seed", [1])
def test_what_is_found_and_what_is_possible_at_most(seed: int) -> None:
    scenario = drawn(seed)
    answer = asked(scenario)
    fair(answer)
    assert answer.rows
    least = answer.base_goals["unmet_care"]
    for row in answer.rows:
        gain = least - least_unmet(row.scenario)
        assert row.unmet.at_most is not None
        assert row.unmet.at_least <= gain <= row.unmet.at_most


def test_a_gain_above_its_bound_is_a_bug() -> None:
    with pytest.raises(ModelError):
        Gain(2, 1)


# -- the command ----------------------------------------------------------------------------------


def run(*arguments: object) -> tuple[int, str, str]:
    app = typer.Typer()
    app.command()(command)
    done = CliRunner().invoke(app, [str(a) for a in arguments], catch_exceptions=False)
    return done.exit_code, done.stdout, done.stderr


def saved(folder: Path, name: str, content: object) -> str:
    path = folder / name
    path.write_text(json.dumps(content), "utf-8")
    return str(path)


@pytest.mark.slow
def test_the_command_in_words_and_for_machines(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "120")
    scenario = saved(tmp_path, "a.json", clinic(**one_therapist()))
    code, out, err = run(scenario, "--time-limit", 20)
    assert code == Code.DONE
    assert "A therapist half-day, lcsw: Mon 09:00–11:00" in out
    assert "First to run out: therapists for" in out
    assert "trying additions" in err
    given = saved(tmp_path, "week.json", week(visit(patient="pat")))
    code, out, err = run(scenario, given, "--time-limit", 20, "--json", "--quiet")
    answer = json.loads(out)
    assert (code, err) == (Code.DONE, "")
    best = answer["additions"][0]
    assert best["patients_served"] == {"at_least": 1, "at_most": 1}
    changed = apply(read_scenario(clinic(**one_therapist()))[0], [*read_changes([best["change"]])])
    assert check(Clinic(changed), Schedule.model_validate(best["schedule"])) == []


def test_what_the_command_refuses(tmp_path: Path) -> None:
    scenario = saved(tmp_path, "a.json", clinic())
    for arguments in ((scenario, "--time-limit", "0"), ("-", "-")):
        with pytest.raises(UsageFault):
            run(*arguments)
