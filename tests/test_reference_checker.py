"""The reference checker against weeks small enough to judge by hand.

One lawful week, `scenario()` and `schedule()`; every case changes a few facts of it and says what
must then be broken, or what a goal must then come to. Nothing here uses the solver.

The lawful week, on a 15-minute grid, open Monday to Friday 09:00-17:00:

    mon 10:00  section s1 of group cbt   led by ann, room big     pat, sam    60 minutes
    tue 10:00  appointment a1 (solo)     with bob, room small     pat         60 minutes
    wed 10:00  section s1 of group cbt   led by ann, room big     pat, sam    60 minutes
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.reference_checker import GOALS, RULES, goals, malformed, tiers, violations

Json = dict[str, Any]
Change = Callable[[Json, Json], object]

WEEK = ["mon", "tue", "wed", "thu", "fri"]
ALWAYS = [{"days": [*WEEK, "sat", "sun"], "start": "00:00", "end": "24:00"}]


def window(start: str, end: str, *days: str) -> list[Json]:
    return [{"days": list(days) or WEEK, "start": start, "end": end}]


def meeting(day: str, start: str = "10:00", room: str | None = "big", **more: Any) -> Json:
    return {"day": day, "start": start, "room": room, **more}


def section(name: str, group: str, leader: str, meetings: list[Json], *members: str) -> Json:
    return {
        "id": name,
        "group": group,
        "leaders": [leader],
        "meetings": meetings,
        "members": list(members),
    }


def visit(
    name: str, patient: str, therapist: str, day: str, start: str, room: str | None = "small"
) -> Json:
    return {
        "id": name,
        "service": "solo",
        "patient": patient,
        "therapist": therapist,
        "day": day,
        "start": start,
        "room": room,
    }


def scenario() -> Json:
    return {
        "schema_version": 1,
        "name": "tiny",
        "week_start": "2026-03-02",
        "opening_hours": window("09:00", "17:00"),
        "services": [
            {"id": "talk", "name": "Talk", "format": "group", "minutes": 60},
            {"id": "solo", "name": "Solo", "format": "individual", "minutes": 60},
            {"id": "kin", "name": "Kin", "format": "family", "minutes": 60},
        ],
        "programs": [
            {
                "id": "iop",
                "name": "IOP",
                "minutes_per_week": {"min": 0, "max": 600},
                "days_per_week": {},
                "quotas": [
                    {"service": "talk", "min": 0},
                    {"service": "solo", "min": 0},
                    {"service": "kin", "min": 0},
                ],
            }
        ],
        "rooms": [
            {"id": "big", "name": "Big", "capacity": 4, "availability": ALWAYS},
            {"id": "small", "name": "Small", "capacity": 1, "availability": ALWAYS},
        ],
        "therapists": [
            {"id": "ann", "name": "Ann", "credentials": ["lcsw"], "availability": ALWAYS},
            {"id": "bob", "name": "Bob", "credentials": ["lcsw"], "availability": ALWAYS},
        ],
        "groups": [
            {
                "id": "cbt",
                "name": "CBT",
                "service": "talk",
                "minutes": 60,
                "size": {"min": 1, "max": 4},
                "leaders": [{"credentials": ["lcsw"]}],
                "meetings_per_week": 2,
            },
            {
                "id": "art",
                "name": "Art",
                "service": "talk",
                "minutes": 60,
                "size": {"min": 1, "max": 4},
                "leaders": [{}],
                "meetings_per_week": 1,
                "clinical_minutes": None,
            },
        ],
        "patients": [
            {"id": "pat", "name": "Pat", "program": "iop", "availability": ALWAYS},
            {"id": "sam", "name": "Sam", "program": "iop", "availability": ALWAYS},
            {"id": "lee", "name": "Lee", "program": "iop", "availability": ALWAYS},
        ],
    }


def schedule() -> Json:
    return {
        "schema_version": 1,
        "scenario": "tiny",
        "week_start": "2026-03-02",
        "sections": [section("s1", "cbt", "ann", [meeting("mon"), meeting("wed")], "pat", "sam")],
        "appointments": [visit("a1", "pat", "bob", "tue", "10:00")],
    }


def of(plan: Json, kind: str, name: str) -> Json:
    entry: Json = next(e for e in plan[kind] if e["id"] == name)
    return entry


def service(s: Json, name: str, **facts: Any) -> None:
    of(s, "services", name).update(facts)


def program(s: Json, **facts: Any) -> None:
    s["programs"][0].update(facts)


def room(s: Json, name: str, **facts: Any) -> None:
    of(s, "rooms", name).update(facts)


def therapist(s: Json, name: str, **facts: Any) -> None:
    of(s, "therapists", name).update(facts)


def group(s: Json, name: str, **facts: Any) -> None:
    of(s, "groups", name).update(facts)


def patient(s: Json, name: str, **facts: Any) -> None:
    of(s, "patients", name).update(facts)


def s1(p: Json, **facts: Any) -> None:
    p["sections"][0].update(facts)


def a1(p: Json, **facts: Any) -> None:
    p["appointments"][0].update(facts)


def add(p: Json, *entries: Json) -> None:
    for entry in entries:
        p["sections" if "group" in entry else "appointments"].append(entry)


def before(s: Json, **facts: Any) -> Json:
    """The lawful week as the baseline, its section s1 with these facts."""
    s["baseline"] = schedule()
    s["baseline"]["sections"][0].update(facts)
    baseline: Json = s["baseline"]
    return baseline


def lock(s: Json, **what: str) -> None:
    s.setdefault("locks", []).append(what)


def do(*_: object) -> None:
    """Lets a lambda make several changes in a row."""


# (rule, how many violations, words of one of the sentences, the change that breaks this rule alone)
BROKEN: list[tuple[str, int, str, Change]] = [
    # 17:00-18:00, and the clinic shuts at 17:00.
    ("opening_hours", 1, "a1 of pat on tue 17:00", lambda s, p: a1(p, start="17:00")),
    ("opening_hours", 1, "closed date", lambda s, p: s.update(closed_dates=["2026-03-03"])),
    # An hour from 23:30 leaves its day, although the next day is open from 00:00.
    (
        "opening_hours",
        1,
        "tue 23:30",
        lambda s, p: do(s.update(opening_hours=ALWAYS), a1(p, start="23:30")),
    ),
    ("on_grid", 1, "a1 on tue starts at 10:05", lambda s, p: a1(p, start="10:05")),
    # 10:00-11:00 against a Tuesday that begins at 10:30.
    (
        "patient_available",
        1,
        "a1 of pat",
        lambda s, p: patient(
            s,
            "pat",
            availability=window("10:30", "12:00", "tue") + window("09:00", "17:00", "mon", "wed"),
        ),
    ),
    # Work from 11:00 with a quarter of an hour to get there ends the morning at 10:45.
    (
        "patient_available",
        1,
        "'work' of patient pat",
        lambda s, p: patient(
            s,
            "pat",
            commitments=[
                {"label": "work", "windows": window("11:00", "15:00", "tue"), "travel_minutes": 15}
            ],
        ),
    ),
    # Discharged on Monday: the Wednesday meeting is not theirs, the Tuesday session still stands.
    (
        "patient_available",
        1,
        "a1 of pat",
        lambda s, p: patient(s, "pat", last_date="2026-03-02"),
    ),
    # Admitted on Thursday, a member of a section that meets on Monday and Wednesday.
    (
        "patient_available",
        1,
        "sam is a member of section s1",
        lambda s, p: patient(s, "sam", first_date="2026-03-05"),
    ),
    # An empty availability of the family means never.
    (
        "patient_available",
        1,
        "family of patient pat",
        lambda s, p: do(
            a1(p, service="kin", room="big"), patient(s, "pat", family_availability=[])
        ),
    ),
    (
        "therapist_available",
        1,
        "therapist bob",
        lambda s, p: therapist(s, "bob", availability=window("11:00", "12:00")),
    ),
    # At home by video is no place for a session in a room.
    (
        "therapist_available",
        1,
        "therapist bob",
        lambda s, p: therapist(s, "bob", availability=[], remote_availability=ALWAYS),
    ),
    ("no_double_booking", 1, "patient pat", lambda s, p: a1(p, day="mon")),
    # 50 minutes hold the room for 60: 10:45 is not free.
    (
        "no_double_booking",
        1,
        "room small",
        lambda s, p: do(
            service(s, "solo", minutes=50), add(p, visit("a2", "sam", "ann", "tue", "10:45"))
        ),
    ),
    # Valid on Monday and on Tuesday, the last day; not on Wednesday.
    (
        "credentials",
        1,
        "on wed 10:00",
        lambda s, p: therapist(s, "ann", credentials=[{"id": "lcsw", "expires": "2026-03-03"}]),
    ),
    (
        "credentials",
        1,
        "bob gives appointment",
        lambda s, p: service(s, "solo", credentials=["md"]),
    ),
    # Being a supervisor oneself is not having one; ann is one, from 10:30.
    (
        "supervision",
        1,
        "bob in appointment a1",
        lambda s, p: do(
            therapist(s, "bob", supervised=True, supervisor=True),
            group(s, "cbt", start_times=["11:00"]),
            s1(p, meetings=[meeting("mon", "11:00"), meeting("wed", "11:00")]),
            therapist(s, "ann", supervisor=True, availability=window("10:30", "17:00")),
        ),
    ),
    (
        "language_and_gender",
        1,
        "member pat",
        lambda s, p: do(group(s, "cbt", language="es"), patient(s, "pat", languages=["en"])),
    ),
    (
        "language_and_gender",
        1,
        "share no language",
        lambda s, p: do(therapist(s, "bob", languages=["es"]), patient(s, "pat", languages=["en"])),
    ),
    # pat states no gender, so only therapists that name none will do.
    ("language_and_gender", 1, "bob", lambda s, p: therapist(s, "bob", genders_served=["f"])),
    (
        "eligibility",
        1,
        "pat",
        lambda s, p: do(
            group(s, "cbt", eligible={"programs": [], "tags_none": ["psychosis"]}),
            patient(s, "pat", tags=["psychosis"]),
        ),
    ),
    # Both members lack the tag.
    ("eligibility", 2, "sam", lambda s, p: group(s, "cbt", eligible={"tags_any": ["sud"]})),
    (
        "meeting_pattern",
        1,
        "mon 10:00, wed 10:00",
        lambda s, p: group(s, "cbt", day_patterns=[["mon", "tue"], ["tue", "thu"]]),
    ),
    # Both meetings start at a time that is none of the group's.
    ("meeting_pattern", 2, "10:00", lambda s, p: group(s, "cbt", start_times=["11:00"])),
    (
        "meeting_pattern",
        1,
        "on wed 10:00 is outside",
        lambda s, p: group(
            s, "cbt", windows=window("09:00", "12:00", "mon") + window("10:00", "10:45", "wed")
        ),
    ),
    (
        "meeting_pattern",
        1,
        "different times",
        lambda s, p: s1(p, meetings=[meeting("mon"), meeting("wed", "11:00")]),
    ),
    # Wednesday shut and no patterns: four open days are left, so both meetings are still asked for.
    (
        "meeting_pattern",
        1,
        "s1",
        lambda s, p: do(s.update(closed_dates=["2026-03-04"]), s1(p, meetings=[meeting("mon")])),
    ),
    (
        "meeting_pattern",
        1,
        "2 sections",
        lambda s, p: add(
            p,
            section("s2", "cbt", "bob", [meeting("mon", "14:00"), meeting("thu", "14:00")], "lee"),
        ),
    ),
    ("group_size", 1, "2 members", lambda s, p: group(s, "cbt", size={"min": 3, "max": 9})),
    # No leader at either meeting.
    ("group_size", 2, "0 leaders", lambda s, p: s1(p, leaders=[])),
    (
        "group_size",
        2,
        "twice",
        lambda s, p: do(group(s, "cbt", leaders=[{}, {}]), s1(p, leaders=["ann", "ann"])),
    ),
    (
        "sections_per_patient",
        1,
        "sam",
        lambda s, p: do(
            group(s, "cbt", max_sections=2),
            add(
                p,
                section(
                    "s2", "cbt", "bob", [meeting("mon", "14:00"), meeting("thu", "14:00")], "sam"
                ),
            ),
        ),
    ),
    # One kit, two asked for at each of the two meetings.
    (
        "equipment",
        2,
        "wed 10:00",
        lambda s, p: do(
            s.update(equipment=[{"id": "kit", "name": "Kit", "quantity": 1}]),
            group(s, "cbt", equipment={"kit": 2}),
        ),
    ),
    (
        "equipment",
        1,
        "wed",
        lambda s, p: do(
            s.update(
                equipment=[
                    {
                        "id": "kit",
                        "name": "Kit",
                        "quantity": 1,
                        "availability": window("09:00", "17:00", "mon", "tue"),
                    }
                ]
            ),
            group(s, "cbt", equipment={"kit": 1}),
        ),
    ),
    (
        "closed_group",
        1,
        "gains member sam",
        lambda s, p: do(group(s, "cbt", closed=True), before(s, members=["pat", "gone"])),
    ),
    (
        "closed_group",
        2,
        "other days",
        lambda s, p: do(
            group(s, "cbt", closed=True),
            before(s, meetings=[meeting("mon", "11:00"), meeting("thu", "11:00")]),
        ),
    ),
    (
        "closed_group",
        1,
        "new beside ['old']",
        lambda s, p: do(group(s, "cbt", closed=True), before(s, id="old")),
    ),
    ("room_fits", 2, "2 in room big", lambda s, p: room(s, "big", capacity=1)),
    ("room_fits", 1, "no room", lambda s, p: a1(p, room=None)),
    # A family session takes three seats.
    ("room_fits", 1, "3 in room small", lambda s, p: a1(p, service="kin")),
    ("room_fits", 1, "['couch']", lambda s, p: service(s, "solo", room_features=["couch"])),
    ("room_fits", 1, "not available", lambda s, p: room(s, "small", availability=[])),
    ("room_fits", 2, "needs none", lambda s, p: group(s, "cbt", modality="offsite")),
    ("modality", 1, "sam", lambda s, p: patient(s, "sam", attends="remote")),
    ("modality", 1, "solo may not", lambda s, p: a1(p, remote=True, room=None)),
    ("modality", 1, "['sam']", lambda s, p: s1(p, remote_members=["sam"])),
    (
        "modality",
        1,
        "sam attends in_person",
        lambda s, p: do(
            group(s, "cbt", modality="hybrid"),
            s1(p, remote_members=["sam"]),
            patient(s, "sam", attends="in_person"),
        ),
    ),
    ("keep_apart", 1, "s1", lambda s, p: patient(s, "sam", keep_apart=["pat"])),
    # 60 minutes on each of two days.
    ("therapist_load", 2, "ann", lambda s, p: therapist(s, "ann", max_minutes_per_day=45)),
    ("therapist_load", 1, "120", lambda s, p: therapist(s, "ann", max_minutes_per_week=119)),
    # 10:00-11:00 and 11:00-12:00 are 120 minutes in a row.
    (
        "therapist_load",
        1,
        "120 minutes in a row from tue 10:00",
        lambda s, p: do(
            therapist(s, "bob", max_consecutive_minutes=119),
            add(p, visit("a2", "sam", "bob", "tue", "11:00")),
        ),
    ),
    ("therapist_load", 1, "(pat)", lambda s, p: therapist(s, "bob", max_caseload=0)),
    # 11:30-12:30 and 12:45-13:45 leave 15 minutes of the hour from 12:00.
    (
        "meal_break",
        1,
        "bob has no 20 minutes",
        lambda s, p: do(
            therapist(s, "bob", meal={"minutes": 20, "between": ["12:00", "13:00"]}),
            add(
                p,
                visit("a2", "sam", "bob", "tue", "11:30"),
                visit("a3", "sam", "bob", "tue", "12:45"),
            ),
        ),
    ),
    # pat has 180 minutes, 3 days, 1 solo; two sessions on Monday and Tuesday, two on the next two.
    ("weekly_maximum", 1, "180", lambda s, p: program(s, minutes_per_week={"min": 0, "max": 179})),
    ("weekly_maximum", 1, "2 days", lambda s, p: program(s, days_per_week={"max": 2})),
    (
        "weekly_maximum",
        1,
        "solo",
        lambda s, p: patient(s, "pat", quotas=[{"service": "solo", "max": 0}]),
    ),
    (
        "weekly_maximum",
        1,
        "no quota",
        lambda s, p: program(s, quotas=[{"service": "talk", "min": 0}]),
    ),
    (
        "weekly_maximum",
        2,
        "from tue to wed",
        lambda s, p: program(s, rolling_sessions={"days": 2, "max": 1}),
    ),
    (
        "weekly_maximum",
        3,
        "on tue, 59",
        lambda s, p: patient(s, "pat", attended_day_minutes={"max": 59}),
    ),
    (
        "weekly_maximum",
        1,
        "2 sessions on tue",
        lambda s, p: do(
            program(s, sessions_per_day={"max": 1}),
            add(p, visit("a2", "pat", "bob", "tue", "11:00")),
        ),
    ),
    # sam comes on Monday and Wednesday, one day between; pat on Tuesday too.
    ("day_gap", 1, "sam has 1 days", lambda s, p: program(s, max_gap_days=0)),
    # sam's section lies in the morning, art in the afternoon; pat has the morning only.
    (
        "single_track",
        1,
        "sam",
        lambda s, p: do(
            program(s, single_track=True),
            s.update(
                tracks=[
                    {"id": "am", "windows": window("09:00", "12:00")},
                    {"id": "pm", "windows": window("13:00", "17:00")},
                ]
            ),
            add(p, section("s2", "art", "bob", [meeting("thu", "13:00")], "sam")),
        ),
    ),
    (
        "locks",
        1,
        "room big on wed 10:00",
        lambda s, p: do(
            before(s, meetings=[meeting("mon"), meeting("wed", room="small")]),
            lock(s, section="s1"),
        ),
    ),
    # Other start, other days, lee is missing; on Monday, the day both meet, another leader.
    (
        "locks",
        4,
        "loses member lee",
        lambda s, p: do(
            before(
                s,
                leaders=["bob"],
                members=["pat", "lee", "gone"],
                meetings=[meeting("mon", "11:00"), meeting("thu", "11:00")],
            ),
            lock(s, section="s1"),
        ),
    ),
    (
        "locks",
        1,
        "s1 of group cbt is not in",
        lambda s, p: do(before(s), lock(s, section="s1"), p["sections"].clear()),
    ),
    # The pattern without the closed Wednesday is not enough for the two meetings the group owes, so
    # any week with the Monday keeps the lock; this one has Tuesday and Thursday.
    (
        "locks",
        1,
        "meets on ['tue', 'thu']",
        lambda s, p: do(
            before(s),
            lock(s, section="s1"),
            s.update(closed_dates=["2026-03-04"]),
            s1(p, meetings=[meeting("tue", "10:00"), meeting("thu", "10:00")]),
            a1(p, day="mon"),
        ),
    ),
    (
        "locks",
        1,
        "a1 of pat on tue 10:00 is not as it was",
        lambda s, p: do(before(s), lock(s, appointment="a1"), a1(p, start="10:15")),
    ),
    (
        "locks",
        1,
        "sam is no member",
        lambda s, p: do(before(s), lock(s, patient="sam", group="cbt"), s1(p, members=["pat"])),
    ),
    # ann's Monday: the section lost sam, and a session with lee came in.
    (
        "locks",
        2,
        "sam leaves section s1",
        lambda s, p: do(
            before(s),
            lock(s, therapist="ann", day="mon"),
            s1(p, members=["pat"]),
            add(p, visit("a2", "lee", "ann", "mon", "12:00")),
        ),
    ),
    (
        "locks",
        2,
        "a1 of pat with bob on tue 10:00 is not kept",
        lambda s, p: do(before(s), lock(s, therapist="bob", day="tue"), a1(p, start="10:15")),
    ),
    # sam has 120 of 130 minutes.
    (
        "strict",
        1,
        "unmet_care comes out 10",
        lambda s, p: do(
            patient(s, "sam", minutes_per_week={"min": 130}),
            s.update(policy={"strict": ["unmet_care"]}),
        ),
    ),
    (
        "waitlist",
        1,
        "sam is admitted 10 minutes short",
        lambda s, p: patient(s, "sam", status="waitlist", minutes_per_week={"min": 130}),
    ),
    (
        "waitlist",
        2,
        "1 days short",
        lambda s, p: patient(
            s,
            "sam",
            status="waitlist",
            quotas=[{"service": "solo", "min": 1}],
            days_per_week={"min": 3},
        ),
    ),
    (
        "as_it_was",
        1,
        "cancelled on wed 10:00",
        lambda s, p: s1(p, meetings=[meeting("mon"), meeting("wed", cancelled=True)]),
    ),
    # The baseline has the section at another start, so it does not continue.
    (
        "as_it_was",
        2,
        "sam on mon",
        lambda s, p: do(
            before(s, meetings=[meeting("mon", "11:00"), meeting("wed", "11:00")]),
            s1(
                p,
                meetings=[meeting("mon"), meeting("wed", leaders=["bob"])],
                absences=[{"patient": "sam", "day": "mon"}],
            ),
        ),
    ),
    # The section continues; lee was no member (nor is one), and it does not meet on Friday.
    (
        "as_it_was",
        3,
        "absence of sam on fri",
        lambda s, p: do(
            before(s),
            s1(p, absences=[{"patient": "lee", "day": "mon"}, {"patient": "sam", "day": "fri"}]),
        ),
    ),
]


def test_the_lawful_week_breaks_nothing() -> None:
    assert violations(scenario(), schedule()) == []
    assert malformed(scenario(), schedule()) == []


@pytest.mark.parametrize(
    ("rule", "number", "words", "change"),
    [pytest.param(*case, id=f"{case[0]}-{n}") for n, case in enumerate(BROKEN)],
)
def test_each_change_breaks_its_rule_alone(
    rule: str, number: int, words: str, change: Change
) -> None:
    s, p = scenario(), schedule()
    change(s, p)
    found = violations(s, p)
    assert [key for key, _ in found] == [rule] * number, found
    assert any(words in sentence for _, sentence in found), found


def test_every_rule_has_a_case() -> None:
    assert {case[0] for case in BROKEN} == set(RULES)


# Changes after which the week is still lawful.
LAWFUL: list[Change] = [
    # The union of touching windows holds the cell 10:30-10:45 that neither holds alone.
    lambda s, p: patient(
        s, "sam", availability=window("10:00", "10:40") + window("10:40", "11:00")
    ),
    # By video there is no way to travel: work at 11:00 leaves 10:00-11:00 free.
    lambda s, p: do(
        patient(
            s,
            "pat",
            attends="remote",
            commitments=[
                {"label": "work", "windows": window("11:00", "15:00"), "travel_minutes": 30}
            ],
        ),
        service(s, "solo", remote=True),
        a1(p, remote=True, room=None),
        therapist(s, "bob", availability=[], remote_availability=ALWAYS),
        group(s, "cbt", modality="hybrid"),
        s1(p, remote_members=["pat"]),
    ),
    # A telehealth group led from home, in no room.
    lambda s, p: do(
        group(s, "cbt", modality="telehealth"),
        s1(p, meetings=[meeting("mon", room=None), meeting("wed", room=None)]),
        therapist(s, "ann", availability=window("09:00", "10:30"), remote_availability=ALWAYS),
    ),
    # The remote member of a hybrid section takes no seat.
    lambda s, p: do(
        group(s, "cbt", modality="hybrid"),
        s1(p, remote_members=["sam"]),
        room(s, "big", capacity=1),
    ),
    # A closed Wednesday falls out of the pattern.
    lambda s, p: do(
        group(s, "cbt", day_patterns=[["tue", "thu"], ["mon", "wed"]]),
        s.update(closed_dates=["2026-03-04", "2026-12-25"]),
        s1(p, meetings=[meeting("mon")]),
    ),
    # Four days are asked for where five meetings a week meet one closed date.
    lambda s, p: do(
        group(s, "cbt", meetings_per_week=5),
        s.update(closed_dates=["2026-03-06"]),
        s1(p, meetings=[meeting(d, "14:00") for d in ("mon", "tue", "wed", "thu")]),
    ),
    # Empty lists are as if left out.
    lambda s, p: do(
        group(s, "cbt", day_patterns=[], start_times=[], windows=[], room_features=None),
        therapist(s, "bob", genders_served=[], languages=[]),
        patient(s, "pat", languages=["en"], quotas=[], preferred=[]),
        s.update(closed_dates=None, locks=[], tracks=None, equipment=None, policy=None),
    ),
    # What the patient's entry leaves out of a quota comes from the program's.
    lambda s, p: do(
        program(s, quotas=[{"service": "talk", "min": 0}, {"service": "solo", "min": 0, "max": 0}]),
        patient(s, "pat", quotas=[{"service": "solo", "max": 1}]),
    ),
    # The substitute of a continuing section, its cancelled meeting and an absence.
    lambda s, p: do(
        before(s),
        s1(
            p,
            meetings=[meeting("mon", leaders=["bob"]), meeting("wed", room=None, cancelled=True)],
            absences=[{"patient": "sam", "day": "mon"}],
        ),
        patient(s, "sam", availability=[]),
        room(s, "big", capacity=1),
        therapist(s, "ann", availability=[]),
    ),
    # All locks kept, one with a closed date under it.
    lambda s, p: do(
        before(s),
        s["baseline"]["appointments"].append(visit("a9", "sam", "bob", "fri", "10:00")),
        s.update(closed_dates=["2026-03-06"]),
        lock(s, section="s1"),
        lock(s, appointment="a1"),
        lock(s, appointment="a9"),
        lock(s, patient="pat", group="cbt"),
        lock(s, therapist="ann", day="wed"),
        lock(s, therapist="bob", day="fri"),
    ),
    # Closed dates leave one day of the locked section; the group owes two, so Tuesday joins it.
    lambda s, p: do(
        before(s),
        lock(s, section="s1"),
        s.update(closed_dates=["2026-03-04"]),
        s1(p, meetings=[meeting("mon"), meeting("tue", "10:00")]),
        p["appointments"].clear(),
    ),
    # A closed group keeps what closed dates leave, and may lose members.
    lambda s, p: do(
        group(s, "cbt", closed=True, day_patterns=[["mon", "wed"]]),
        before(s),
        s.update(closed_dates=["2026-03-04"]),
        s1(p, meetings=[meeting("mon")], members=["pat"]),
    ),
    # Half an hour of the meal span is free: 12:30-13:00.
    lambda s, p: do(
        therapist(s, "bob", meal={"minutes": 30, "between": ["12:00", "13:00"]}),
        add(
            p,
            visit("a2", "sam", "bob", "tue", "11:30"),
            visit("a3", "sam", "bob", "tue", "13:00"),
        ),
    ),
    # On the waitlist without a session; not admitted below the minimum either.
    lambda s, p: patient(s, "lee", status="waitlist", minutes_per_week={"min": 540}),
    # Three sessions of no clinical minutes make no attended day: no gap, no day too many.
    lambda s, p: do(
        program(s, days_per_week={"max": 1}, sessions_per_day={"max": 1}, max_gap_days=0),
        group(s, "cbt", clinical_minutes=0),
    ),
]


@pytest.mark.parametrize("change", LAWFUL)
def test_what_the_text_allows_breaks_nothing(change: Change) -> None:
    s, p = scenario(), schedule()
    change(s, p)
    assert violations(s, p) == []


# In the lawful week: pat comes on three days and sam on two, and no days are asked for, so burden
# is 60 x 5. Two meetings of 60 minutes with one leader are 120; ann has 120 direct minutes of
# 5 x 480 = 2400 (5 %), bob 60 (2.5, so 2 %): 10 x 3 = 30 more.
PLAIN = {
    "unmet_care": 0,
    "short_days": 0,
    "turned_away": 0,
    "disruption": 0,
    "continuity": 0,
    "burden": 300,
    "staffing": 150,
}


def art_on(day: str, start: str, *members: str) -> Json:
    return section("s2", "art", "ann", [meeting(day, start)], *members)


VALUED: list[tuple[dict[str, int], Change]] = [
    # pat, priority 3: 180 of 240 minutes, 1 of 2 solo: 3 x (60 + 60). sam: 120 + 2 x 60.
    # lee, with no session at all: 240 + 2 x 60.
    (
        {"unmet_care": 360 + 240 + 360},
        lambda s, p: do(
            program(
                s,
                minutes_per_week={"min": 240, "max": 600},
                quotas=[{"service": "talk", "min": 0}, {"service": "solo", "min": 2}],
            ),
            patient(s, "pat", priority=3),
        ),
    ),
    # There from Monday to Wednesday, 3 of 5 open days: 240 x 3/5 = 144, in cells 135; 2 x 3/5 is 1
    # solo, 4 x 3/5 is 2 days. pat has 180, 1 and 3 days; sam's own 200 stands: 80 short, and
    # 1 solo: 80 + 60. Days: pat 1 beyond 2, sam 0.
    # The closed Friday changes none of this.
    # Staffing: 4 open days are 1920 minutes: ann 6 %, bob 3 %: 120 + 30.
    (
        {"unmet_care": 140, "burden": 60, "staffing": 150},
        lambda s, p: do(
            s.update(closed_dates=["2026-03-06"]),
            s["patients"].pop(),
            program(
                s,
                minutes_per_week={"min": 240, "max": 600},
                days_per_week={"min": 4},
                quotas=[{"service": "talk", "min": 0}, {"service": "solo", "min": 2}],
            ),
            patient(s, "pat", last_date="2026-03-04"),
            patient(s, "sam", last_date="2026-03-04", minutes_per_week={"min": 200}),
        ),
    ),
    # Clinical minutes count for patients: 2 x 50 + 60 = 160 of 180, sam 100 of 180; lee waits, and
    # is not owed anything but turned away at priority 4.
    (
        {"unmet_care": 20 + 80, "turned_away": 4},
        lambda s, p: do(
            group(s, "cbt", clinical_minutes=50),
            program(s, minutes_per_week={"min": 180, "max": 600}),
            patient(s, "lee", status="waitlist", priority=4),
        ),
    ),
    # Every day is 60 of 90 minutes: 3 of pat, 2 of sam. Days: pat 3 of 3, sam 2 of 3, lee 0 of 3:
    # 1 + 3. Burden: nobody comes beyond 3 days.
    (
        {"short_days": 5 + 4, "burden": 0},
        lambda s, p: program(s, attended_day_minutes={"min": 90}, days_per_week={"min": 3}),
    ),
    # sam waits but has sessions: their two short days count, the missing third day does not.
    (
        {"short_days": 3 + 2 + 3, "burden": 0},
        lambda s, p: do(
            program(s, sessions_per_day={"min": 2}, days_per_week={"min": 3}),
            patient(s, "sam", status="waitlist"),
        ),
    ),
    # No clinical minutes in cbt: pat has one attended day, sam none; burden 60.
    (
        {"short_days": 1, "burden": 60},
        lambda s, p: do(
            group(s, "cbt", clinical_minutes=0), program(s, attended_day_minutes={"min": 90})
        ),
    ),
    ({}, lambda s, p: before(s)),
    # pat and sam: other days 3, other leader 1, one room instead of two 1; pat's appointment: other
    # therapist 2, other time 2, other room 1.
    (
        {"disruption": 2 * 5 + 5},
        lambda s, p: do(
            before(s, leaders=["bob"], meetings=[meeting("mon"), meeting("thu", room="small")])[
                "appointments"
            ].clear(),
            s["baseline"]["appointments"].append(visit("a0", "pat", "ann", "thu", "10:00", "big")),
        ),
    ),
    # A leader and a room that are gone differ, 1 each for two members; a group and a patient that
    # are gone are nothing.
    (
        {"disruption": 4},
        lambda s, p: do(
            before(
                s,
                leaders=["gone"],
                meetings=[meeting("mon", room="gone"), meeting("wed", room="gone")],
                members=["pat", "sam", "gone"],
            ),
            s["baseline"]["sections"].append(
                section("s8", "gone", "gone", [meeting("fri")], "pat", "lee")
            ),
            s["baseline"]["appointments"].append(visit("a8", "gone", "gone", "fri", "10:00")),
        ),
    ),
    # sam left art (4) and joined cbt (4); pat is new and counts for nothing. lee had two solos: in
    # time order Monday's pairs with today's Tuesday one (2), Wednesday's has no pair (4).
    # Burden: lee comes on one day. Staffing: bob has 120 direct minutes now, 5 % as ann: 120.
    (
        {"disruption": 8 + 6, "burden": 360, "staffing": 120},
        lambda s, p: do(
            s.update(
                baseline={
                    "sections": [art_on("mon", "14:00", "sam")],
                    "appointments": [
                        visit("a8", "lee", "bob", "wed", "10:00"),
                        visit("a7", "lee", "bob", "mon", "10:00"),
                    ],
                }
            ),
            add(p, visit("a2", "lee", "bob", "tue", "11:00")),
        ),
    ),
    # The closed Wednesday is left out on both sides; sam's Wednesday-only group is as if not there.
    # Burden: pat 2 days, sam 1. Staffing: 60; 1920 minutes: ann 3 %, bob 3 %.
    (
        {"disruption": 0, "burden": 180, "staffing": 60},
        lambda s, p: do(
            before(s),
            s["baseline"]["sections"].append(art_on("wed", "14:00", "sam", "lee")),
            s.update(closed_dates=["2026-03-04"]),
            group(s, "cbt", day_patterns=[["mon", "wed"]]),
            s1(p, meetings=[meeting("mon")]),
        ),
    ),
    # Wednesday cancelled: 4 for each member; sam's absence on Monday is free. Of 150 minutes
    # pat has 120, Monday's and a1; sam has none.
    # Burden: pat 2 days. Staffing: 60; ann 2 %, bob 2 %.
    (
        {"disruption": 8, "unmet_care": 30 + 150, "burden": 120, "staffing": 60},
        lambda s, p: do(
            s["patients"].pop(),
            before(s),
            program(s, minutes_per_week={"min": 150, "max": 600}),
            s1(
                p,
                meetings=[meeting("mon"), meeting("wed", cancelled=True)],
                absences=[{"patient": "sam", "day": "mon"}],
            ),
        ),
    ),
    # The substitute on Wednesday makes the leaders of pat and sam {ann, bob}: 1 each.
    # Staffing: 120; ann 60 (2 %), bob 120 (5 %): 30.
    (
        {"disruption": 2, "staffing": 150},
        lambda s, p: do(
            before(s), s1(p, meetings=[meeting("mon"), meeting("wed", leaders=["bob"])])
        ),
    ),
    # a1 is not with the primary therapist (2), none of pat's three sessions lies wholly in 09:00-
    # 10:30 (3), a1 is remote and pat attends either way (1).
    (
        {"continuity": 6},
        lambda s, p: do(
            patient(s, "pat", primary_therapist="ann", preferred=window("09:00", "10:30")),
            service(s, "solo", remote=True),
            a1(p, remote=True, room=None),
        ),
    ),
    # pat has Tuesday 10:00-11:00 and 12:30-13:30: 90 minutes idle, for bob too. Two days are asked
    # for: 60 for pat's third. Staffing: 120 + 90; ann 5 %, bob 5 %.
    (
        {"burden": 150, "staffing": 210},
        lambda s, p: do(
            program(s, days_per_week={"min": 2}),
            patient(s, "lee", days_per_week={"min": 0}),
            add(p, visit("a2", "pat", "bob", "tue", "12:30")),
        ),
    ),
    # A session of 50 minutes is a cell of 60: two leaders 240; 5 % each for ann and bob in groups,
    # bob 180 direct: 7 %. 10 x 2. No time for video or elsewhere outside opening hours counts.
    (
        {"staffing": 260},
        lambda s, p: do(
            group(s, "cbt", minutes=50, leaders=[{}, {}]),
            s1(p, leaders=["ann", "bob"]),
            therapist(s, "bob", availability=window("09:00", "13:00"), remote_availability=ALWAYS),
        ),
    ),
    # bob is there on Tuesday mornings only: 60 of 240 minutes, 25 %; ann 5 %. A therapist who is
    # never there does not count.
    (
        {"staffing": 120 + 200},
        lambda s, p: do(
            therapist(s, "bob", availability=window("09:00", "13:00", "tue")),
            s["therapists"].append(
                {"id": "cy", "name": "Cy", "credentials": [], "availability": []}
            ),
        ),
    ),
]


@pytest.mark.parametrize(
    ("expected", "change"), [pytest.param(*case, id=str(n)) for n, case in enumerate(VALUED)]
)
def test_goals_come_out_as_computed_by_hand(expected: dict[str, int], change: Change) -> None:
    s, p = scenario(), schedule()
    change(s, p)
    assert goals(s, p) == PLAIN | expected


def test_every_goal_has_a_value_worked_out_by_hand() -> None:
    assert {goal for expected, _ in VALUED for goal in expected} == set(GOALS)


def test_tiers_follow_the_policy_and_then_the_default_order() -> None:
    s = scenario()
    s["policy"] = {"tiers": [["burden", "staffing"], ["unmet_care"]], "weights": {"staffing": 2}}
    assert tiers(s, schedule()) == [
        (["burden", "staffing"], 300 + 2 * 150),
        (["unmet_care"], 0),
        (["short_days"], 0),
        (["turned_away"], 0),
        (["disruption"], 0),
        (["continuity"], 0),
    ]
    assert tiers(scenario(), schedule()) == [([goal], PLAIN[goal]) for goal in GOALS]


def test_a_schedule_that_names_nothing_known_is_judged_without_an_exception() -> None:
    p = schedule()
    p["sections"] += [
        section("s1", "nowhere", "nobody", [meeting("sun", "23:45")], "nobody"),
        section("s3", "art", "nobody", [], "nobody", "pat", "pat"),
        section("s4", "art", "ann", [meeting("sun", "23:50", "nowhere")]),
    ]
    p["appointments"] += [
        visit("a1", "nobody", "nobody", "sun", "23:45", "nowhere"),
        visit("a3", "pat", "nobody", "sat", "10:07", "nowhere"),
        visit("a4", "pat", "ann", "fri", "10:00") | {"service": "talk"},
        visit("a5", "pat", "ann", "fri", "10:00") | {"service": "nothing"},
    ]
    p["not_admitted"] = ["pat"]
    found = {key for key, _ in violations(scenario(), p)}
    assert {"opening_hours", "on_grid", "meeting_pattern", "group_size"} <= found
    assert set(goals(scenario(), p)) == set(GOALS)
    faults = malformed(scenario(), p)
    for words in (
        "sections: id s1 stands 2 times",
        "appointments: id a1 stands 2 times",
        "section s1: no group 'nowhere'",
        "section s3: member pat stands 2 times",
        "section s4: no room 'nowhere'",
        "appointment a3: no therapist 'nobody'",
        "appointment a4: service talk is a group service",
        "appointment a5: no service 'nothing'",
        "not_admitted should be []",
    ):
        assert words in faults
