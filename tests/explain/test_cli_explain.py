"""`iop explain` as a user calls it: what it prints, its exit codes, what it refuses."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from solver import cli
from solver.cli.explain import explain
from tests.builders import (
    before,
    clinic,
    group,
    meeting,
    patient,
    program,
    quota,
    room,
    section,
    solo,
    talk,
    visit,
    week,
)
from tests.cli.running import Iop, saved


@pytest.fixture
def iop(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Iop:
    monkeypatch.setenv("COLUMNS", "200")
    if all(command.callback is not explain for command in cli.app.registered_commands):
        cli.app.command()(explain)
    return Iop(capsys)


@pytest.fixture
def full(tmp_path: Path) -> tuple[str, str]:
    """Pat is due a talk and an individual session; the group is full, the hour is taken."""
    scenario = clinic(
        services=[talk(), solo()],
        programs=[
            program(minutes_per_week={"min": 60}, quotas=[quota("talk", 1, 1), quota("solo")])
        ],
        rooms=[room("big", 4) | {"name": "Big Room"}, room("small", 1)],
        groups=[group("cbt", size={"min": 1, "max": 2}) | {"name": "Coping Skills"}],
        patients=[
            patient("pat") | {"name": "Pat Lee"},
            patient("sam") | {"name": "Sam Poe"},
            patient("kim") | {"name": "Kim \x1b[31mDay"},
        ],
    )
    lawful = week(section(["sam", "kim"], name="cbt-1"), visit("sam", day="tue", name="v1"))
    return saved(tmp_path, "a.json", scenario), saved(tmp_path, "b.json", lawful)


def test_short_patients_are_explained(full: tuple[str, str], iop: Iop) -> None:
    assert iop("explain", *full, "--time-limit", "20") == 0
    assert iop.out.startswith("Pat Lee (pat) is short of 1 h of 1 h and 1 of 1 session of talk")
    assert "full, 2 of 2 seats (Sam Poe and Kim " in iop.out
    assert "1. If Coping Skills takes 3 members instead of 2, Pat Lee gets" in iop.out
    assert "\x1b" not in iop.out
    assert iop.err == "   0.0 s  pat, 1 of 1\n"


def test_for_machines_with_the_week_that_proves_it(full: tuple[str, str], iop: Iop) -> None:
    assert iop("explain", *full, "--patient", "pat", "--patient", "sam", "--json", "-q") == 0
    answer = json.loads(iop.out)
    (only,) = answer["patients"]
    best = only["suggestions"][0]
    (step,) = best["steps"]
    assert step["changes"] == [
        {"kind": "change", "what": "group", "id": "cbt", "set": {"size.max": 3}}
    ]
    assert best["schedule"]["sections"][0]["members"] == ["sam", "kim", "pat"]
    assert (best["serves"], best["losses"], best["cost"]) == (True, [], 1)
    assert answer["not_short"] == ["sam"]
    assert answer["costs"]["seat"] == {"points": 0, "each": 1, "unit": "seat"}
    assert iop.err == ""


def test_nobody_is_short(full: tuple[str, str], tmp_path: Path, iop: Iop) -> None:
    served = clinic(patients=[patient("pat")])
    scenario, schedule = saved(tmp_path, "c.json", served), saved(tmp_path, "d.json", week())
    assert iop("explain", scenario, schedule) == 0
    assert iop.out == "Nobody is short of hours, sessions or days.\n"
    assert iop("explain", *full, "--patient", "sam") == 0
    assert iop.out == "Sam Poe (sam) has everything that is due.\n"


def test_why_here(full: tuple[str, str], iop: Iop) -> None:
    assert iop("explain", *full, "--why", "cbt") == 0
    assert iop.out.startswith(
        "Coping Skills Mon 09:00–10:00 (cbt-1), led by ann in Big Room, 2 members."
    )
    assert "other times possible" in iop.out
    assert "Not in small: " in iop.out
    assert iop("explain", *full, "--why", "v1", "--json") == 0
    answer = json.loads(iop.out)
    assert {v["legal"] for v in answer["times"]} == {True, False}
    forbidden = next(v for v in answer["times"] if not v["legal"])["forbidden"]
    assert forbidden[0].keys() == {"rule", "about", "day", "start", "by", "text"}


def test_a_move_is_judged(full: tuple[str, str], iop: Iop) -> None:
    assert iop("explain", *full, "--move", "cbt-1 tue 09:00") == 1
    assert iop.out.splitlines() == [
        "Not possible: Coping Skills Mon 09:00–10:00 (cbt-1) to Tue 09:00–10:00.",
        "  Sam Poe has solo Tue 09:00–09:30.",
        "  ann has solo Tue 09:00–09:30 with Sam Poe.",
    ]
    assert iop("explain", *full, "--move", "cbt-1 tue 10:00") == 0
    assert iop.out.startswith("Possible: Coping Skills Mon 09:00–10:00 (cbt-1) to Tue 10:00–11:00.")
    quoted = iop.out
    assert iop("explain", *full, "--move", "'cbt-1' tue 10:00") == 0
    assert iop.out == quoted
    assert iop("explain", *full, "--move", "cbt-1 tue 10:00", "--json") == 0
    assert json.loads(iop.out)["lines"][0] == [0, quoted.splitlines()[0]]
    assert iop("explain", *full, "--move", "sam from cbt-1", "--json") == 0
    judged = json.loads(iop.out)
    assert judged["tiers"][0]["by_patient"] == {"unmet_care": {"sam": 90}}
    assert iop("explain", *full, "--move", "pat to cbt-1") == 1
    assert "3 members, 2 at most may sit" in iop.out


def test_why_nothing_fits(tmp_path: Path, iop: Iop) -> None:
    base = before(
        visit("pat", "ann", "mon", "09:00", name="x1"),
        visit("sam", "ann", "mon", "09:00", "big", name="x2"),
    )
    locked = clinic(baseline=base, locks=[{"appointment": "x1"}, {"appointment": "x2"}])
    path = saved(tmp_path, "a.json", locked)
    assert iop("explain", path, "--time-limit", "3") == 1
    said = iop.out.splitlines()
    assert said[0] == "No schedule exists. These 2 facts cannot all hold:"
    assert said[1] == "  1. Appointment x1, solo of pat, is locked as it was (locks[0])."
    assert "Leaving out any one of them would leave a schedule, if nothing else held." in said
    assert "confirming that no schedule exists" in iop.err
    assert iop("explain", path, "--time-limit", "3", "--json", "--quiet") == 1
    answer = json.loads(iop.out)
    assert [f["place"] for f in answer["facts"]] == ["locks[0]", "locks[1]"]
    assert answer["minimal"] is True
    assert set(answer["witnesses"]) == {"locks[0]", "locks[1]"}
    assert iop.err == ""


def test_a_scenario_with_a_schedule(full: tuple[str, str], iop: Iop) -> None:
    assert iop("explain", full[0], "-q") == 0
    assert iop.out.startswith("A schedule exists.\n")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--patient", "patt"], "--patient: no patient 'patt'; did you mean Pat Lee (pat)?"),
        (["--why", "cbt-2"], "--why: no section, group or appointment 'cbt-2'; did you mean"),
        (["--move", "cbt-1 someday"], "--move: found 'someday'; days are said like mon"),
        (["--move", "cbt-1 mon", "--why", "cbt-1"], "--why and --move ask different things"),
        (["--time-limit", "0"], "--time-limit 0: found no number of seconds above 0"),
    ],
)
def test_what_is_wrong_is_said(
    arguments: list[str], said: str, full: tuple[str, str], iop: Iop
) -> None:
    assert iop("explain", *full, *arguments) == 2
    assert said in iop.err
    assert iop.out == ""


def test_a_question_about_a_schedule_needs_one(full: tuple[str, str], iop: Iop) -> None:
    assert iop("explain", full[0], "--why", "cbt-1") == 2
    assert "--why asks about a schedule" in iop.err


def test_a_week_that_breaks_rules_is_explained_with_a_warning(
    full: tuple[str, str], tmp_path: Path, iop: Iop
) -> None:
    late = week(section(["sam", "kim"], meeting("mon", "11:30"), name="cbt-1"))
    assert iop("explain", full[0], saved(tmp_path, "late.json", late), "-q") == 0
    assert "this schedule breaks" in iop.err
    assert "Pat Lee (pat) is short" in iop.out
