"""Reports: the week by whoever reads it, who is short of what, and how good it is, in words."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from solver import report
from solver.checker import measure
from solver.clinic import Clinic
from solver.io.files import load_scenario
from solver.schedule import Schedule
from solver.violations import Violation
from tests.builders import (
    Json,
    before,
    clinic,
    date,
    group,
    kin,
    meeting,
    patient,
    plan,
    program,
    quota,
    read,
    room,
    section,
    solo,
    therapist,
    visit,
    week,
    window,
)

ROOT = Path(__file__).resolve().parents[1]
SCENARIOS = sorted((ROOT / "scenarios").glob("*.json"))


def laid_out(scenario: Json, schedule: Json) -> tuple[Clinic, Schedule]:
    here = read(scenario)
    return here, plan(schedule, here)


def weeks_of(scenario: Json, schedule: Json, by: report.View) -> dict[str, report.Week]:
    return {w.id: w for w in report.weeks(*laid_out(scenario, schedule), by)}


def one_session(scenario: Json, schedule: Json) -> report.Session:
    (session,) = report.sessions(*laid_out(scenario, schedule))
    return session


# -- the week -------------------------------------------------------------------------------------


def test_a_meeting_stands_in_the_week_of_everybody_it_holds() -> None:
    scenario = clinic(groups=[group(name="cbt", minutes=50)])
    schedule = week(section(["pat", "sam"], meeting("tue", "10:00")))
    for by, subject in [
        ("room", "big"),
        ("therapist", "ann"),
        ("patient", "sam"),
        ("group", "cbt"),
    ]:
        (session,) = weeks_of(scenario, schedule, by)[subject].sessions
        assert (session.day, session.time, session.place) == (1, "10:00–10:50", "big")
        assert [p.name for p in session.members] == ["pat", "sam"]
    assert weeks_of(scenario, schedule, "room")["small"].sessions == ()
    assert weeks_of(scenario, schedule, "therapist")["bob"].sessions == ()


def test_an_appointment_stands_in_no_group() -> None:
    schedule = week(visit("pat", "bob", "wed", "11:00"))
    assert all(not w.sessions for w in weeks_of(clinic(), schedule, "group").values())
    (session,) = weeks_of(clinic(), schedule, "therapist")["bob"].sessions
    assert session.details("therapist", "bob") == ("small", "pat")
    assert session.details("patient", "pat") == ("bob", "small")
    assert session.details("room", "small") == ("bob", "pat")


def test_sessions_come_in_time_order() -> None:
    schedule = week(
        visit(day="tue", start="09:00", name="b"),
        visit(day="mon", start="11:00", name="c"),
        section(["pat"], meeting("mon", "09:00")),
    )
    assert [s.ref for s in report.sessions(*laid_out(clinic(), schedule))] == ["s", "c", "b"]


def test_sessions_without_a_room_follow_the_rooms() -> None:
    scenario = clinic(
        services=[*clinic()["services"][:1], solo(remote=True), kin()],
        groups=[group("tele", modality="telehealth"), group("walk", modality="offsite"), group()],
    )
    schedule = week(
        section(["pat"], meeting("mon", "09:00", None), name="t", of="tele"),
        section(["pat"], meeting("mon", "10:00", None), name="w", of="walk"),
        section(["pat"], meeting("tue", "10:00", None), name="lost"),
        visit("sam", "bob", place=None, remote=True),
    )
    rooms = weeks_of(scenario, schedule, "room")
    assert list(rooms) == ["big", "small", "by video", "off site", "no room"]
    assert [s.ref for s in rooms["by video"].sessions] == ["a", "t"]
    assert [s.ref for s in rooms["off site"].sessions] == ["w"]
    assert [s.ref for s in rooms["no room"].sessions] == ["lost"]
    assert list(weeks_of(clinic(), week(), "room")) == ["big", "small"]


def test_who_joins_a_hybrid_meeting_by_video_reads_so() -> None:
    scenario = clinic(groups=[group(modality="hybrid")])
    session = one_session(scenario, week(section(["pat", "sam"], remote_members=["sam"])))
    assert session.details("patient", "sam") == ("ann", "by video")
    assert session.details("patient", "pat") == ("ann", "big")
    assert session.details("room", "big") == ("ann", "2 patients, 1 by video")


def test_members_who_are_away_are_not_among_those_due() -> None:
    scenario = clinic(
        patients=[patient("pat"), patient("sam", first_date=date("tue")), patient("kim")],
        baseline=before(section(["pat", "sam", "kim"])),
    )
    schedule = week(section(["pat", "sam", "kim"], absences=[{"patient": "kim", "day": "mon"}]))
    session = one_session(scenario, schedule)
    assert [p.id for p in session.members] == ["pat"]
    assert [p.id for p in session.absent] == ["kim"]
    assert session.details("group", "cbt") == ("ann", "big", "1 patient, 1 absent")


def test_substitutes_and_cancelled_meetings_are_said() -> None:
    days = meeting("mon", "09:00"), meeting("tue", "09:00")
    scenario = clinic(groups=[group(meetings_per_week=2)], baseline=before(section(["pat"], *days)))
    schedule = week(section(["pat"], days[0] | {"leaders": ["bob"]}, days[1] | {"cancelled": True}))
    monday, tuesday = report.sessions(*laid_out(scenario, schedule))
    assert monday.details("patient", "pat") == ("bob (substitute)", "big")
    assert tuesday.details("patient", "pat") == ("cancelled", "ann", "big")
    assert [s.day for s in weeks_of(scenario, schedule, "therapist")["bob"].sessions] == [0]


def test_a_leader_reads_who_leads_beside_them() -> None:
    scenario = clinic(groups=[group(leaders=[{}, {}])])
    session = one_session(scenario, week(section(["pat"], leaders=["ann", "bob"])))
    assert session.details("therapist", "ann") == ("big", "1 patient", "with bob")


def test_the_load_of_a_therapist_counts_whole_cells_of_open_hours() -> None:
    scenario = clinic(
        groups=[group(minutes=50)],
        therapists=[
            therapist("ann", availability=window("08:00", "11:00", "mon")),
            therapist("bob"),
        ],
    )
    notes = {k: w.note for k, w in weeks_of(scenario, week(section(["pat"])), "therapist").items()}
    assert notes == {"ann": "1 of 2 h", "bob": "0 of 15 h"}


def test_a_group_that_does_not_run_says_so() -> None:
    scenario = clinic(groups=[group(max_sections=2), group("idle")])
    twice = week(section(["pat"]), section(["sam"], meeting("tue", "09:00"), name="t"))
    notes = {k: w.note for k, w in weeks_of(scenario, twice, "group").items()}
    assert notes == {"cbt": "2 sections", "idle": "does not run"}


def test_what_is_gone_is_called_by_its_id() -> None:
    here, schedule = laid_out(clinic(), week(section(["pat"])))
    gone = schedule.sections[0].model_copy(update={"leaders": ("old",), "members": ("who",)})
    (session,) = report.sessions(here, schedule.model_copy(update={"sections": (gone,)}))
    assert [t.name for t in session.leaders] == ["old"]
    assert [p.name for p in session.members] == ["who"]


def test_closed_days_keep_their_column() -> None:
    here = read(clinic(closed_dates=[date("wed")]))
    assert report.shown_days(here, ()) == (0, 1, 2, 3, 4)
    assert report.day_heading(here, 2) == "Wed 7 Jan (closed)"
    assert report.day_heading(here, 0) == "Mon 5 Jan"


def test_a_session_for_machines() -> None:
    session = one_session(clinic(), week(visit("pat", "bob", "wed", "11:00")))
    assert session.document() == {
        "ref": "a",
        "title": "solo",
        "service": "solo",
        "group": None,
        "day": "wed",
        "start": "11:00",
        "end": "11:30",
        "room": "small",
        "place": "small",
        "leaders": [{"id": "bob", "name": "bob"}],
        "members": [{"id": "pat", "name": "pat"}],
        "remote": [],
        "absent": [],
        "cancelled": False,
    }


# -- finding somebody -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("who", "by", "found"),
    [
        ("sam", None, ("patient", "sam")),
        ("big", None, ("room", "big")),
        ("cbt", "group", ("group", "cbt")),
        ("same", "room", ("room", "same")),
    ],
)
def test_an_id_finds_its_week(
    who: str, by: report.View | None, found: tuple[report.View, str]
) -> None:
    scenario = clinic(rooms=[room("big", 4), room("same", 1)], groups=[group(), group("same")])
    assert report.find_subject(read(scenario), who, by) == found


@pytest.mark.parametrize(
    ("who", "by", "message"),
    [
        ("sma", None, "no room, therapist, patient or group 'sma'; did you mean Sam Poe (sam)?"),
        ("Sam Po", "patient", "no patient 'Sam Po'; did you mean Sam Poe (sam)?"),
        ("kim", "room", "no room 'kim'"),
        ("same", None, "there is a room and a group 'same'; say which with --by"),
        ("by video", "group", "no group 'by video'"),
    ],
)
def test_an_id_that_finds_nobody(who: str, by: report.View | None, message: str) -> None:
    scenario = clinic(
        rooms=[room("big", 4), room("same", 1)],
        groups=[group(), group("same")],
        patients=[patient("sam") | {"name": "Sam Poe"}],
    )
    with pytest.raises(LookupError) as caught:
        report.find_subject(read(scenario), who, by)
    assert caught.value.args[0] == message


# -- who gets what --------------------------------------------------------------------------------

DEMANDING = {
    "minutes_per_week": {"min": 180},
    "days_per_week": {"min": 2},
    "attended_day_minutes": {"min": 90},
    "sessions_per_day": {"min": 2},
    "quotas": [quota("talk", 1), quota("solo", 2), quota("kin")],
}


def care_of(schedule: Json, *patients: Json) -> dict[str, report.Care]:
    scenario = clinic(
        programs=[program(**DEMANDING)],
        patients=list(patients) or [patient("pat") | {"name": "Pat Lee"}],
    )
    return {c.patient.id: c for c in report.care(*laid_out(scenario, schedule))}


def test_everything_that_is_short_is_said_in_one_sentence() -> None:
    care = care_of(week(section(["pat"])))["pat"]
    assert (care.minutes.missing, care.days.missing) == (120, 1)
    assert {k: p.missing for k, p in care.sessions.items()} == {"talk": 0, "solo": 2}
    assert care.sentence() == (
        "Pat Lee (pat) is short of 2 h of 3 h, 2 of 2 sessions of solo and 1 of 2 days, "
        "and has days too short to count: Mon 1 of 1.5 h and 1 of 2 sessions."
    )
    assert (care.is_served, care.is_short, care.note()) == (False, True, "1 of 3 h")
    assert care.document() == {
        "patient": "pat",
        "name": "Pat Lee",
        "minutes_short": 120,
        "sessions_short": {"solo": 2},
        "days_short": 1,
        "short_days": ["mon"],
        "sentence": care.sentence(),
    }


def test_days_too_short_do_not_make_a_patient_underserved() -> None:
    schedule = week(
        section(["pat"], meeting("mon", "09:00")),
        section(["pat"], meeting("tue", "09:00"), name="t"),
        visit(day="mon", start="10:00", name="b"),
        visit(day="wed", start="10:00", name="c"),
    )
    care = care_of(schedule)["pat"]
    assert (care.is_served, care.is_short) == (True, True)
    assert care.sentence() == (
        "Pat Lee (pat) has days too short to count: Tue 1 of 1.5 h and 1 of 2 sessions, "
        "Wed 0.5 of 1.5 h and 1 of 2 sessions."
    )


def test_who_waits_is_short_of_nothing_until_admitted() -> None:
    waiting = [patient("pat", status="waitlist"), patient("sam", status="waitlist")]
    care = care_of(week(visit("sam"), not_admitted=["pat"]), *waiting)
    assert care["pat"].sentence() == "pat stays on the waiting list."
    assert (care["pat"].is_short, care["pat"].note()) == (False, "waiting, not admitted")
    assert care["sam"].is_short
    assert care["sam"].note() == "0.5 of 3 h, admitted"


def test_who_has_everything_is_told_so() -> None:
    (care,) = report.care(*laid_out(clinic(patients=[patient("pat")]), week()))
    assert (care.sentence(), care.is_served) == ("pat has everything that is due.", True)


def test_summary() -> None:
    scenario = clinic(
        programs=[program(minutes_per_week={"min": 60})],
        patients=[patient("pat"), patient("sam"), patient("kim", status="waitlist")],
    )
    schedule = week(
        section(["pat"], meeting("mon", "09:00")),
        section(["pat"], meeting("tue", "09:00"), name="t"),
        visit("sam"),
        not_admitted=["kim"],
    )
    assert report.summary(*laid_out(scenario, schedule)) == (
        "1 of 2 patients fully served; 1.5 of 2 required hours delivered.",
        "0 of 1 waiting patient admitted.",
        "2 group sections with 2 meetings, 1 appointment.",
    )


def _shares(here: Clinic, schedule: Schedule) -> tuple[int, int, int]:
    """What care() says, added up as the specification adds up tiers 1 to 3."""
    unmet = short = turned_away = 0
    for care in report.care(here, schedule):
        priority = here.patients[care.patient.id].priority
        sessions = sum(p.missing for p in care.sessions.values())
        short += len(care.short_days)
        if not care.waiting:
            unmet += priority * (care.minutes.missing + 60 * sessions)
            short += care.days.missing
        elif not care.admitted:
            turned_away += priority
    return unmet, short, turned_away


@pytest.mark.parametrize("path", SCENARIOS, ids=lambda p: p.stem)
def test_shortfalls_add_up_to_the_goals(path: Path) -> None:
    scenario, _ = load_scenario(path)
    here = Clinic(scenario)
    empty = Schedule(scenario=scenario.name, week_start=scenario.week_start)
    for schedule in (empty, _still_here(here)):
        goals = measure(here, schedule)
        expected = goals["unmet_care"], goals["short_days"], goals["turned_away"]
        assert _shares(here, schedule) == expected


def _still_here(here: Clinic) -> Schedule:
    """The baseline, or an empty week, without what therapists and rooms that are gone had in it."""
    base = here.baseline or Schedule(scenario="", week_start=here.scenario.week_start)
    known = {*here.therapists, *here.rooms, None}
    sections = [s for s in base.sections if {*s.leaders, *(m.room for m in s.meetings)} <= known]
    appointments = [a for a in base.appointments if {a.therapist, a.room} <= known]
    return base.model_copy(
        update={"sections": tuple(sections), "appointments": tuple(appointments)}
    )


# -- how good it is -------------------------------------------------------------------------------


@dataclass
class Tier:
    goals: tuple[str, ...]
    value: int | None
    bound: int | None
    proved: bool


@pytest.mark.parametrize(
    ("tier", "said"),
    [
        (Tier(("short_days",), 0, 0, True), "none."),
        (Tier(("short_days",), 1, 1, True), "1 day, proved best."),
        (
            Tier(("short_days",), 1200, 300, False),
            "1,200 days, not proved best; nothing below 300 is possible.",
        ),
        (Tier(("short_days",), 3, 0, False), "3 days, not proved best."),
        (
            Tier(("short_days",), 3, None, False),
            "3 days; how much better is possible is not known.",
        ),
        (Tier(("short_days",), None, None, False), "not decided."),
    ],
)
def test_a_sentence_for_a_tier(tier: Tier, said: str) -> None:
    sentence = report.tier_sentence(read(clinic()), tier, {"short_days": tier.value or 0})
    assert sentence == f"Days too short to count, and days missing: {said}"


def test_a_tier_of_several_goals_says_what_it_adds_up() -> None:
    policy: dict[str, Any] = {
        "tiers": [["unmet_care", "short_days"], ["burden"]],
        "weights": {"short_days": 60, "burden": 2},
    }
    here = read(clinic(policy=policy))
    goals = {"unmet_care": 30, "short_days": 2, "burden": 4}
    both = Tier(("unmet_care", "short_days"), 150, 150, True)
    assert report.tier_sentence(here, both, goals) == (
        "Care that is due and not scheduled + Days too short to count, and days missing: "
        "150 (unmet_care 30 + short_days 2 × 60), proved best."
    )
    alone = Tier(("burden",), 8, 8, True)
    assert report.tier_sentence(here, alone, goals).endswith(": 8 (burden 4 × 2), proved best.")


def test_broken_rules_come_in_the_order_of_the_rules() -> None:
    found = [
        Violation("locks", "a", "first"),
        Violation("on_grid", "b", "second"),
        Violation("locks", "c", "third"),
    ]
    rules = report.broken_rules(found)
    assert [(r.key, [v.message for v in r.violations]) for r in rules] == [
        ("on_grid", ["second"]),
        ("locks", ["first", "third"]),
    ]
    assert rules[0].title == "Sessions start on the grid"


# -- words ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("minutes", "long", "short"),
    [(0, "0 min", "0"), (45, "45 min", "0.7"), (60, "1 h", "1"), (90, "1 h 30 min", "1.5")],
)
def test_lengths(minutes: int, long: str, short: str) -> None:
    assert (report.duration(minutes), report.hours(minutes)) == (long, short)


def test_hours_never_look_complete_when_they_are_not() -> None:
    assert report.hours(216 * 60 - 1) == "215.9"


def test_reports_know_neither_solver_nor_screen() -> None:
    script = (
        "import sys, solver.report\n"
        "known = ('ortools', 'rich', 'typer', 'streamlit', 'pandas')\n"
        "print([name for name in known if name in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert done.stdout == "[]\n"
