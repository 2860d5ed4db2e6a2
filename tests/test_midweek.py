"""Thursday noon: what the attended file says, what stands, what is out of reach, where to make up."""

from __future__ import annotations

import json
import random
from pathlib import Path
from typing import Any

import pytest

from solver.checker import check
from solver.cli.midweek import midweek as command
from solver.errors import FileFaults
from solver.goals import GOAL
from solver.io.files import dump
from solver.ledger import Ledger
from solver.midweek.attendance import Attendance, AttendanceError, read_attendance
from solver.midweek.outlook import Midweek, outlook
from solver.midweek.reach import over, reach
from solver.midweek.sessions import at, parse_until
from solver.midweek.standing import NotBegun, stand
from solver.model import build
from solver.options import Free
from solver.report.midweek import outlook_sentences, place_words
from solver.rules import RULES, Scope
from tests import reference_checker as reference
from tests.builders import (
    Json,
    clinic,
    group,
    kin,
    meeting,
    patient,
    plan,
    program,
    quota,
    read,
    section,
    solo,
    talk,
    therapist,
    visit,
    week,
)
from tests.cli.running import saved
from tests.commands import run
from tests.moves import Moves, empty, lawful_walk
from tests.randomness import Draw
from tests.solving import minimise

MON, WED = meeting("mon", "09:00"), meeting("wed", "09:00")
BOTH = section(["pat", "sam"], MON, WED)
ASKED = program(
    minutes_per_week={"min": 150},
    quotas=[quota("talk", 2), quota("solo", 1, 3), quota("kin", 0)],
)
TWICE = group("cbt", meetings_per_week=2, max_sections=2) | {"name": "Coping Skills"}
ONE = visit("pat", "bob", "tue", "10:00")
TWO = visit("sam", "bob", "tue", "11:00", name="b")
PUBLISHED = week(BOTH, ONE, TWO)


def base(**facts: Any) -> Json:
    plain = {
        "groups": [TWICE],
        "services": [talk(), solo() | {"name": "Individual"}, kin()],
        "programs": [ASKED],
    }
    return clinic(**(plain | facts))


def attended(scenario: Json, schedule: Json, content: Any, **how: Any) -> Attendance:
    here = read(scenario)
    return read_attendance(content, here, plan(schedule, here), **how)


def faults(content: Any, **how: Any) -> list[str]:
    with pytest.raises(AttendanceError) as wrong:
        attended(base(), PUBLISHED, content, **how)
    return [str(f) for f in wrong.value.faults]


def records(*entries: Json, **facts: Any) -> Json:
    return {"schema_version": 1, "records": list(entries)} | facts


def came(who: str, what: str, day: str = "", *, yes: bool = True) -> Json:
    kind = {"section": what, "day": day} if day else {"appointment": what}
    return {"patient": who, "attended": yes} | kind


# ---------------------------------------------------------------- the attended file


CSV = """patient,session,day,attended
pat,s,mon,yes
sam,s,mon,no
pat,a,,no
"""
MISSED = {("sam", ("s", 0)), ("pat", ("a", 1))}


@pytest.mark.parametrize(
    "content",
    [
        CSV,
        "\ufeff" + CSV.replace(",", ";"),
        CSV.replace("no", "0").replace("yes", "X") + "\n,,,\n",
        "attended,patient,session,day\nfalse,sam,s,mon\nno-show,pat,a,tue\n",
        records(
            came("pat", "s", "mon"), came("sam", "s", "mon", yes=False), came("pat", "a", yes=False)
        ),
    ],
)
def test_json_and_csv_say_the_same(content: Any) -> None:
    found = attended(base(), PUBLISHED, content)
    assert found.missed == MISSED
    assert (at(found.until), found.until_given) == ("tue 10:30", False)


def test_until_decides_what_is_over() -> None:
    some = records(came("sam", "s", "mon", yes=False), until={"day": "tue", "time": "11:00"})
    assert attended(base(), PUBLISHED, some).missed == {("sam", ("s", 0))}
    rest = attended(base(), PUBLISHED, some | {"others": "missed"})
    assert rest.missed == {("sam", ("s", 0)), ("pat", ("s", 0)), ("pat", ("a", 1))}
    later = attended(base(), PUBLISHED, some, until=parse_until("wed"), others="missed")
    assert len(later.missed) == 6
    named = attended(
        base(), PUBLISHED, records(came("pat", "s", "mon"), others="missed", until="wed")
    )
    assert ("pat", ("s", 0)) not in named.missed


def test_moments_are_days_with_a_time() -> None:
    assert at(parse_until("thu 12:00")) == "thu 12:00"
    assert at(parse_until("thu")) == "fri 00:00"
    assert at(parse_until("sun")) == "sun 24:00"
    for wrong in ("noon", "thu noon", "thursday 12:00"):
        with pytest.raises(ValueError, match="found"):
            parse_until(wrong)


def test_every_fault_of_a_json_file_comes_out_with_its_place() -> None:
    content = records(
        {"patient": "pta", "section": "s", "day": "mon", "attended": True},
        {"patient": "pat", "section": "x", "day": "mon", "attended": True},
        {"patient": "pat", "section": "s", "day": "tue", "attended": True},
        {"patient": "pat", "section": "s", "attended": "perhaps"},
        {"patient": "sam", "appointment": "a", "attended": True},
        {"patient": "pat", "appointment": "a", "day": "wed", "attended": True},
        {"patient": "pat", "attended": True},
        {"patient": "pat", "section": "s", "appointment": "a", "attended": True},
        {"patient": "pat", "section": "s", "day": "mon", "atended": True},
        came("sam", "s", "mon"),
        came("sam", "s", "mon", yes=False),
        7,
        came("sam", "b"),
        week_start="2026-01-12",
        others="no",
        until={"day": "tue", "time": "10:30"},
        version=1,
    )
    assert faults(content) == [
        "unknown field 'version'; did you mean 'schema_version'?",
        "week_start: found 2026-01-12; the scenario's week starts on 2026-01-05",
        "others: found 'no'; allowed: 'attended', 'missed'",
        "records[8]: unknown field 'atended'; did you mean 'attended'?",
        "records[11]: found 7; an object { … } is expected",
        "records[0].patient: no patient 'pta'; did you mean 'pat'?",
        "records[1].section: no section 'x'",
        "records[2].day: found 'tue'; 's' meets on mon, wed",
        "records[3].attended: found 'perhaps'; yes or no is expected",
        "records[4].patient: 'a' is an appointment of 'pat'",
        "records[5].day: found 'wed'; 'a' is on tue",
        "records[6]: missing; a section or an appointment must be given",
        "records[7]: found both a section and an appointment; one of them is expected",
        "records[8].attended: missing; yes or no is expected",
        "records[10]: found 'sam' in 's' again, as in records[9]; a session is recorded once",
        "records[12]: 'b' ends tue 11:30; the file speaks until tue 10:30",
    ]
    assert faults([]) == ["found an empty list; an object { … } is expected"]
    assert faults({"records": {}, "until": 3}) == [
        'until: found 3; {"day": "thu", "time": "12:00"} is expected',
        "records: found an object; a list [ … ] is expected",
    ]


def test_every_fault_of_a_csv_file_comes_out_with_its_line() -> None:
    assert faults("patient,session,atended\npat,s,yes\n") == [
        "line 1: unknown column 'atended'; did you mean 'attended'?",
        "line 1: column 'attended' is missing; a heading patient,session,day,attended is expected",
    ]
    assert faults(CSV + "pat,s\npta,s,mon,yes\npat,nothing,,yes\npat,s,fri,yes\n,s,mon,\n") == [
        "line 5: found 2 values; the heading has 4 columns",
        "line 6, patient: no patient 'pta'; did you mean 'pat'?",
        "line 7, session: no session 'nothing'",
        "line 8, day: found 'fri'; 's' meets on mon, wed",
        "line 9, patient: missing; it must be given",
        "line 9, attended: missing; yes or no is expected",
    ]


def test_what_cannot_have_been_attended_is_a_fault() -> None:
    off = BOTH | {
        "meetings": [MON, WED | {"cancelled": True}],
        "absences": [{"patient": "pat", "day": "mon"}],
    }
    scenario = base(patients=[patient("pat"), patient("sam", first_date="2026-01-07")])
    with pytest.raises(AttendanceError) as wrong:
        attended(
            scenario,
            week(off),
            records(came("pat", "s", "wed"), came("pat", "s", "mon"), came("sam", "s", "mon")),
        )
    assert [f.message for f in wrong.value.faults] == [
        "'s' is cancelled on wed",
        "'pat' is excused from 's' on mon already",
        "'sam' is not a patient on mon",
    ]


# ---------------------------------------------------------------- what stands and what is left


def seen(scenario: Json, schedule: Json, content: Any, **how: Any) -> Midweek:
    here = read(scenario)
    known = attended(scenario, schedule, content, **how)
    answer = outlook(here.scenario, plan(schedule, here), known)
    follow = dump(answer.standing.scenario)
    broken = {rule for rule, _ in reference.violations(follow, dump(answer.schedule))}
    assert broken == {v.rule for v in answer.violations}
    return answer


def courses(answer: Midweek) -> dict[str, str]:
    return {o.patient: o.course for o in answer.outlooks}


def test_what_was_missed_is_open_again_and_the_rest_stands() -> None:
    answer = seen(base(), PUBLISHED, CSV, until=parse_until("wed 08:00"))
    standing = answer.standing.schedule
    assert [(a.patient, a.day) for a in standing.sections[0].absences] == [("sam", "mon")]
    assert [a.id for a in standing.appointments] == ["b"]
    assert courses(answer) == {"pat": "made_up", "sam": "out_of_reach"}
    [made_up] = [a for a in answer.schedule.appointments if a.patient == "pat"]
    assert made_up.day in ("wed", "thu", "fri")
    assert answer.violations == ()


def test_nobody_is_out_of_reach_or_moved_where_all_came() -> None:
    answer = seen(base(), PUBLISHED, records(until="wed 08:00"))
    assert set(courses(answer).values()) == {"on_course"}
    assert not answer.difference


def test_a_group_that_cannot_be_caught_up_is_out_of_reach_in_so_many_words() -> None:
    answer = seen(base(), PUBLISHED, CSV, until=parse_until("wed 08:00"))
    sam = next(o for o in answer.outlooks if o.patient == "sam")
    assert sam.reach.least.sessions == {"talk": 1}
    assert list(outlook_sentences(answer.standing.clinic, sam)) == [
        "sam missed 1 session and is short of 1 h and 1 session of talk.",
        "Out of reach in any schedule: 1 session of talk.",
        "With the plan, still short of 1 session of talk.",
    ]


def test_places_are_ranked_and_a_guest_seat_is_said_to_be_one() -> None:
    other = section(
        ["kim"], meeting("tue", "09:00", "hall"), meeting("thu", "09:00", "hall"), name="t"
    )
    scenario = base(
        rooms=[{"id": "big", "name": "big", "capacity": 4}, {"id": "hall", "name": "hall", "capacity": 2},
               {"id": "small", "name": "small", "capacity": 1}],
        patients=[patient("pat"), patient("sam"), patient("kim", minutes_per_week={"min": 0},
                  quotas=[quota("talk", 2), quota("solo", 0)])],
    )  # fmt: skip
    answer = seen(scenario, week(BOTH, ONE, TWO, other), CSV, until=parse_until("wed 08:00"))
    sam = next(o for o in answer.outlooks if o.patient == "sam")
    said = [place_words(answer.standing.clinic, p) for p in sam.places]
    guest = "Coping Skills, Thu 09:00–10:00, as a guest (a make-up that the schedule cannot record)"
    assert guest in said
    costs = [p.cost for p in sam.places]
    assert costs == sorted(costs)
    pat = next(o for o in answer.outlooks if o.patient == "pat")
    assert pat.places[0].kind == "appointment"


def test_a_seat_in_a_section_that_has_not_met_is_a_place() -> None:
    late = section(["kim"], meeting("thu", "09:00"), meeting("fri", "09:00"), name="t")
    scenario = base(
        patients=[
            patient("pat"),
            patient("sam"),
            patient("kim", minutes_per_week={"min": 0}, quotas=[quota("solo", 0)]),
            patient("new", quotas=[quota("solo", 0)]),
        ]
    )
    answer = seen(scenario, week(BOTH, ONE, TWO, late), records(until="wed 12:00"))
    new = next(o for o in answer.outlooks if o.patient == "new")
    assert new.places[0].kind == "seat"
    assert new.course in ("made_up", "open")
    assert "new" in answer.schedule.sections[1].members


def test_a_gap_that_was_opened_by_a_no_show_is_said_and_not_held_against_the_rest() -> None:
    asked = program(
        minutes_per_week={"min": 0}, max_gap_days=1, quotas=[quota("talk", 3), quota("solo", 0)]
    )
    scenario = base(
        programs=[asked],
        groups=[group(meetings_per_week=3)],
        therapists=[therapist("ann")],
        services=[talk(), solo(credentials=["md"]), kin()],
    )
    three = section(["pat", "sam"], MON, WED, meeting("fri", "09:00"))
    answer = seen(scenario, week(three), records(came("pat", "s", "wed", yes=False)))
    assert [v.rule for v in answer.violations] == ["day_gap"]
    assert courses(answer) == {"pat": "out_of_reach", "sam": "on_course"}


def test_nobody_joins_what_has_begun() -> None:
    here = read(base())
    published = plan(PUBLISHED, here)
    standing = stand(
        here.scenario, published, Attendance(parse_until("tue 08:00"), frozenset(), 0, True)
    )
    week_now = Ledger(standing.clinic, standing.schedule)
    week_now.leave("s", "sam")
    rule = NotBegun(standing)
    assert not list(rule.check(standing.clinic, week_now, Scope.whole(week_now)))
    fresh = stand(
        here.scenario,
        plan(week(BOTH | {"members": ["pat"]}), here),
        Attendance(parse_until("tue 08:00"), frozenset(), 0, True),
    )
    joined = Ledger(fresh.clinic, published)
    [found] = NotBegun(fresh).check(fresh.clinic, joined, Scope.whole(joined))
    assert found.message == "sam joins s, which has begun"


def test_what_has_happened_is_locked_in_the_follow_up() -> None:
    answer = seen(base(), PUBLISHED, CSV, until=parse_until("tue 10:30"))
    locks = [lock.model_dump(exclude_none=True) for lock in answer.standing.scenario.locks]
    assert {"therapist": "ann", "day": "mon"} in locks
    assert {"therapist": "bob", "day": "tue"} not in locks  # Tuesday is not over
    assert check(answer.standing.clinic, answer.schedule) == []


# ---------------------------------------------------------------- the proof, against the whole week


def some_week(seed: int) -> tuple[Json, Json, int] | None:
    r = random.Random(seed)
    try:
        scenario = Draw(r).scenario()
        scenario.pop("closed_dates", None)
        moves = Moves(r, scenario, exceptions=False)
    except FileFaults:
        return None
    schedule = lawful_walk(moves, empty(scenario), 25)
    sessions = schedule["sections"] + schedule["appointments"]
    return (scenario, schedule, r.randint(0, 4)) if sessions else None


def test_no_week_gives_more_than_is_said_to_be_within_reach() -> None:
    looked = bound_met = 0
    for seed in range(60):
        found = some_week(seed)
        if found is None:
            continue
        scenario, schedule, day = found
        here = read(scenario)
        known = attended(
            scenario, schedule, records(others="missed" if seed % 3 == 0 else "attended"),
            until=day * 24 * 60 + 600,
        )  # fmt: skip
        standing = stand(here.scenario, plan(schedule, here), known)
        around = over(standing, Ledger(standing.working, standing.schedule))
        if standing.broken:
            continue
        for p in list(standing.working.patients)[:2]:
            if standing.working.is_waiting(p):
                continue
            claimed = reach(standing, p)
            v = build(
                standing.working,
                around,
                Free.of(standing.working, standing.working.patients, standing.working.groups,
                        starts=standing.ahead),
                rules=(*(r for r in RULES if r.key not in ("strict", "locks")), NotBegun(standing)),
            )  # fmt: skip
            share = GOAL["unmet_care"].share(v, p)  # type: ignore[attr-defined]
            status, least, _ = minimise(v, share, 5.0)
            if status != "OPTIMAL" or least is None:
                continue
            looked += 1
            priority = standing.working.patients[p].priority
            sessions = sum(claimed.least.sessions.values())
            assert least >= priority * (claimed.least.minutes + 60 * sessions), (seed, p)
            if claimed.together:
                assert least > 0
            bound_met += bool(least > 0 and (claimed.least or claimed.together))
    assert looked > 15
    assert bound_met > 2


# ---------------------------------------------------------------- the command


def test_the_command_says_who_and_where_and_writes_a_lawful_week(tmp_path: Path) -> None:
    scenario, schedule = saved(tmp_path, "c.json", base()), saved(tmp_path, "w.json", PUBLISHED)
    (tmp_path / "a.csv").write_text(CSV, "utf-8")
    out, follow = tmp_path / "rest.json", tmp_path / "follow.json"
    code, text = run(
        command, scenario, schedule, "--attended", tmp_path / "a.csv", "--until", "wed 08:00",
        "-o", out, "--scenario-out", follow,
    )  # fmt: skip
    assert code == 1  # sam is out of reach
    assert "Can no longer reach the weekly minimum: 1" in text
    assert "Short, and can make up: 1" in text
    rest, clinic_then = json.loads(out.read_text()), json.loads(follow.read_text())
    assert not list(reference.violations(clinic_then, rest))
    code, text = run(
        command, scenario, schedule, "--attended", tmp_path / "a.csv", "--until", "wed", "--json"
    )
    document = json.loads(text)
    assert document["until"] == "thu 00:00"
    assert {p["patient"]: p["course"] for p in document["patients"]}["sam"] == "out_of_reach"


def test_the_command_tells_what_is_wrong_with_the_file(tmp_path: Path) -> None:
    scenario, schedule = saved(tmp_path, "c.json", base()), saved(tmp_path, "w.json", PUBLISHED)
    wrong = saved(tmp_path, "a.json", records(came("pta", "s", "mon")))
    code, text = run(command, scenario, schedule, "--attended", wrong)
    assert code == 2
    assert "records[0].patient: no patient 'pta'; did you mean 'pat'?" in text
    code, text = run(command, scenario, schedule, "--attended", wrong, "--until", "noon")
    assert (code, text) == (
        2,
        "--until: found 'noon'; a day and a time such as 'thu 12:00' are expected",
    )
    code, text = run(command, scenario, schedule, "--attended", tmp_path / "none.csv")
    assert "no such file" in text
