"""A difference is exact: applied to the old week it gives the new one, and it names just who is touched."""

from __future__ import annotations

import copy
import random
from collections import Counter
from typing import Any

import pytest

from solver.clinic import Clinic
from solver.diff import difference, parts, plain, same_week
from solver.report.diff import difference_document, heard, told_summary
from solver.schedule import Appointment, Section
from solver.validation import read_schedule
from tests import builders
from tests.builders import (
    Json,
    clinic,
    date,
    group,
    kin,
    meeting,
    patient,
    plan,
    read,
    section,
    solo,
    talk,
    visit,
    week,
)
from tests.moves import Moves, empty
from tests.randomness import Draw

TWO = [group("cbt", meetings_per_week=2, max_sections=2, per_patient=2) | {"name": "Coping Skills"}]
SERVICES = [
    talk(),
    solo(remote=True) | {"name": "Individual"},
    kin() | {"name": "Family session"},
]
BASE = clinic(groups=TWO, services=SERVICES)
MON, WED = meeting("mon", "09:00"), meeting("wed", "09:00")
PLAIN = section(["pat", "sam"], MON, WED)


def told(scenario: Json, old: Json, new: Json) -> dict[tuple[str, str], list[str]]:
    """(kind, id) -> sentences."""
    here = read(scenario)
    found = difference(here, plan(old, here), plan(new, here))
    return {
        (person.kind, person.who.id): [row.sentence for row in person.rows]
        for person in heard(here, found)
    }


def test_the_same_week_under_other_names_and_in_another_order_is_no_change() -> None:
    here = read(BASE)
    old = week(PLAIN, section(["sam"], meeting("tue", "10:00"), name="t"), visit())
    new = copy.deepcopy(old)
    new["sections"].reverse()
    new["sections"][1] |= {"id": "x", "members": ["sam", "pat"]}
    new["sections"][1]["meetings"].reverse()
    new["appointments"][0]["id"] = "y"
    found = difference(here, plan(old, here), plan(new, here))
    assert not found
    assert found.told == ()
    assert told_summary(here, found) == "Nothing changes."


def test_own_leaders_that_are_the_sections_and_the_room_of_a_cancelled_meeting_say_nothing() -> (
    None
):
    off = MON | {"cancelled": True}
    old = week(section(["pat"], off, WED | {"leaders": ["ann"]}))
    new = week(section(["pat"], off | {"room": None}, WED))
    assert told(BASE, old, new) == {}


@pytest.mark.parametrize(
    ("now", "who", "sentence"),
    [
        (
            PLAIN | {"meetings": [MON, meeting("thu", "09:00")]},
            "pat sam ann",
            "Coping Skills (Mon and Wed 09:00–10:00): now Mon and Thu 09:00–10:00.",
        ),
        (
            PLAIN | {"meetings": [MON | {"room": "small"}, WED]},
            "pat sam ann",
            "Coping Skills (Mon and Wed 09:00–10:00): on Mon in small.",
        ),
        (
            PLAIN | {"meetings": [m | {"room": "small"} for m in (MON, WED)]},
            "pat sam ann",
            "Coping Skills (Mon and Wed 09:00–10:00): in small instead of in big.",
        ),
        (
            PLAIN | {"meetings": [MON, WED | {"cancelled": True}]},
            "pat sam ann",
            "Coping Skills (Mon and Wed 09:00–10:00): Wed is cancelled.",
        ),
        (
            PLAIN | {"absences": [{"patient": "pat", "day": "wed"}]},
            "pat",
            "Coping Skills (Mon and Wed 09:00–10:00): excused on Wed.",
        ),
    ],
)
def test_members_and_leaders_hear_what_changes_for_them(now: Json, who: str, sentence: str) -> None:
    found = told(BASE, week(PLAIN), week(now))
    for name in who.split():
        kind = "therapist" if name == "ann" else "patient"
        assert found[kind, name] == [sentence]


def test_leaders_alone_hear_who_joins_and_leaves() -> None:
    found = told(BASE, week(PLAIN), week(PLAIN | {"members": ["pat"]}))
    assert found == {
        ("patient", "sam"): ["Ends: Coping Skills, Mon and Wed 09:00–10:00, big, ann."],
        ("therapist", "ann"): ["Coping Skills (Mon and Wed 09:00–10:00): sam leaves."],
    }


def test_a_substitute_the_one_replaced_and_the_members_are_told() -> None:
    found = told(BASE, week(PLAIN), week(PLAIN | {"meetings": [MON, WED | {"leaders": ["bob"]}]}))
    assert found == {
        ("patient", "pat"): ["Coping Skills (Mon and Wed 09:00–10:00): on Wed with bob."],
        ("patient", "sam"): ["Coping Skills (Mon and Wed 09:00–10:00): on Wed with bob."],
        ("therapist", "ann"): ["Coping Skills (Mon and Wed 09:00–10:00): now Mon 09:00–10:00."],
        ("therapist", "bob"): ["New: Coping Skills, Wed 09:00–10:00, big; 2 patients."],
    }


def test_leaders_who_trade_places_are_told_and_nobody_else() -> None:
    scenario = clinic(groups=[group(leaders=[{"credentials": ["lcsw"]}, {}])])
    old = section(["pat"], leaders=["ann", "bob"])
    found = told(scenario, week(old), week(old | {"leaders": ["bob", "ann"]}))
    assert found == {
        ("therapist", "ann"): ["cbt (Mon 09:00–10:00): as leader 2 instead of as leader 1."],
        ("therapist", "bob"): ["cbt (Mon 09:00–10:00): as leader 1 instead of as leader 2."],
    }


def test_an_appointment_moved_is_one_thing_to_tell() -> None:
    found = told(BASE, week(visit()), week(visit(day="tue", therapist="bob", name="z")))
    assert found == {
        ("patient", "pat"): [
            "Individual (Mon 09:00–09:30): now Tue 09:00–09:30; with bob instead of with ann."
        ],
        ("therapist", "ann"): ["Ends: Individual, Mon 09:00–09:30, small; pat."],
        ("therapist", "bob"): ["New: Individual, Tue 09:00–09:30, small; pat."],
    }


def test_families_hear_of_family_sessions() -> None:
    found = told(BASE, week(), week(visit(of="kin", place="big")))
    assert found["family", "pat"] == ["New: Family session, Mon 09:00–10:00, big, ann."]
    assert ("family", "sam") not in found


def test_from_the_room_to_video() -> None:
    found = told(BASE, week(visit()), week(visit(place=None, remote=True)))
    assert found["patient", "pat"] == [
        "Individual (Mon 09:00–09:30): by video instead of in small."
    ]


def test_who_changes_sections_of_a_group_moves() -> None:
    other = section(["sam"], meeting("tue", "10:00"), meeting("thu", "10:00"), name="t")
    found = told(
        BASE,
        week(PLAIN, other),
        week(PLAIN | {"members": ["sam"]}, other | {"members": ["sam", "pat"]}),
    )
    assert found["patient", "pat"] == [
        "Coping Skills (Mon and Wed 09:00–10:00): now Tue and Thu 10:00–11:00."
    ]
    assert ("patient", "sam") not in found


def test_a_holiday_is_given_as_the_reason() -> None:
    scenario = BASE | {"closed_dates": [date("wed")]}
    found = told(scenario, week(PLAIN), week(PLAIN | {"meetings": [MON]}))
    [sentence] = found["patient", "pat"]
    assert sentence.endswith(": now Mon 09:00–10:00, as the clinic is closed on Wed.")


def test_what_falls_outside_a_patients_stay_is_not_told_to_them() -> None:
    scenario = BASE | {"patients": [patient("pat", last_date=date("tue")), patient("sam")]}
    found = told(scenario, week(PLAIN), week(PLAIN | {"meetings": [MON, WED | {"room": "small"}]}))
    assert set(found) == {("patient", "sam"), ("therapist", "ann")}


def test_an_entry_that_concerns_nobody_is_named_to_the_desk() -> None:
    scenario = clinic(groups=[group(leaders=[], size={"min": 0, "max": 4})])
    found = told(scenario, week(), week(section([], leaders=[])))
    assert found == {("desk", ""): ["New: cbt, Mon 09:00, big."]}


def test_the_old_week_may_name_what_is_gone() -> None:
    here = read(BASE)
    ghost = section(["pat", "gone"], MON, of="opera", name="o", leaders=["left"])
    old = read_baseline(week(ghost, visit("pat", "left", place="attic")))
    found = difference(here, old, plan(week(), here))
    assert {(t.kind, t.id, t.here) for t in found.told} == {
        ("patient", "pat", True),
        ("patient", "gone", False),
        ("therapist", "left", False),
    }
    assert same_week(found.applied_to(old), plan(week(), here))
    assert told_summary(here, found) == "To be told: 1 patient."


def read_baseline(entries: Json) -> Any:
    """A schedule as a scenario's baseline has it: whom it names need not be there."""
    baseline = read(BASE | {"baseline": entries}).scenario.baseline
    assert baseline is not None
    return baseline


def test_who_comes_off_the_waiting_list_is_said_to() -> None:
    scenario = BASE | {"patients": [patient("pat", status="waitlist"), patient("sam")]}
    here = read(scenario)
    old, new = week(not_admitted=["pat"]), week(visit())
    found = difference(here, plan(old, here), plan(new, here))
    notes = {p.who.id: p.note for p in heard(here, found)}
    assert notes["pat"] == "admitted from the waiting list"
    back = difference(here, plan(new, here), plan(old, here))
    assert {p.note for p in heard(here, back) if p.who.id == "pat"} == {"back on the waiting list"}


def test_a_difference_applies_only_to_its_own_week() -> None:
    here = read(BASE)
    found = difference(here, plan(week(visit()), here), plan(week(), here))
    with pytest.raises(LookupError, match="another schedule"):
        found.applied_to(plan(week(visit(day="tue")), here))


# ---------------------------------------------------------------- any two weeks at random


def facts(scenario: Json, schedule: Json) -> dict[tuple[str, str], Counter[Any]]:
    """What each person lives by, read from the file alone and meeting by meeting."""
    groups = {g["id"]: g for g in scenario["groups"]}
    services = {s["id"]: s for s in scenario["services"]}
    stays = read(scenario).stay
    out: dict[tuple[str, str], Counter[Any]] = {}

    def say(kind: str, who: str, *fact: Any) -> None:
        out.setdefault((kind, who), Counter())[fact] += 1

    for number, s in enumerate(schedule["sections"]):
        video = groups[s["group"]].get("modality") == "telehealth"
        away = {(a["patient"], a["day"]) for a in s.get("absences", [])}
        roster = frozenset(
            (p, p in s.get("remote_members", []), tuple(sorted(d for q, d in away if q == p)))
            for p in s["members"]
        )
        sat: dict[str, list[Any]] = {p: [] for p in s["members"]}
        led: dict[str, list[Any]] = {t: [] for t in s["leaders"]}
        for m in s["meetings"]:
            off = m.get("cancelled", False)
            # A cancelled meeting has no leaders of its own: the section's are told that it is off.
            leaders = s["leaders"] if off else m.get("leaders") or s["leaders"]
            where = None if off else m["room"]
            for p in s["members"]:
                if builders.DAYS.index(m["day"]) in stays[p]:
                    remote = video or p in s.get("remote_members", [])
                    with_whom = () if off else tuple(sorted(leaders))
                    absent = (p, m["day"]) in away
                    sat[p].append((m["day"], m["start"], where, with_whom, remote, off, absent))
            for t in dict.fromkeys(leaders):
                others = () if off else tuple(sorted(set(leaders) - {t}))
                place = None if off else leaders.index(t)
                led.setdefault(t, []).append((m["day"], m["start"], where, others, place, off))
        for p, slots in sat.items():
            say("patient", p, s["group"], frozenset(slots))
        for t, slots in led.items():
            say("therapist", t, s["group"], frozenset(slots), roster)
        assert number >= 0
    for a in schedule["appointments"]:
        what = (a["service"], a["day"], a["start"], a["room"], a.get("remote", False))
        say("patient", a["patient"], *what, a["therapist"])
        say("therapist", a["therapist"], *what, a["patient"])
        if services[a["service"]]["format"] == "family":
            say("family", a["patient"], *what, a["therapist"])
    return out


def renamed(r: random.Random, schedule: Json) -> Json:
    """The same week with other ids, listed in another order."""
    out = copy.deepcopy(schedule)
    for kind in ("sections", "appointments"):
        r.shuffle(out[kind])
        for number, entry in enumerate(out[kind]):
            entry["id"] = f"{kind}-{number}-{r.random()}"
    for s in out["sections"]:
        r.shuffle(s["members"])
        r.shuffle(s["meetings"])
    return out


@pytest.mark.parametrize("seed", range(60))
def test_applied_it_gives_the_new_week_and_it_names_just_who_is_touched(seed: int) -> None:
    r = random.Random(seed)
    scenario = Draw(r).scenario()
    moves = Moves(r, scenario)
    old = moves.walk(empty(scenario), 12)
    new = renamed(r, moves.walk(old, r.choice([0, 1, 2, 5])))
    here = read(scenario)
    before, after = (read_schedule(w, here.scenario) for w in (old, new))
    found = difference(here, before, after)

    assert same_week(found.applied_to(before), after)
    was, now = facts(scenario, old), facts(scenario, new)
    touched = {who for who in {*was, *now} if was.get(who) != now.get(who)}
    assert {(t.kind, t.id) for t in found.told if t.kind != "desk"} == touched

    everything(here, found)


def everything(here: Clinic, found: Any) -> None:
    """Every changed entry is named to somebody, no entry that is the same is, and all have words."""
    sides: tuple[tuple[str, Any], ...] = (("old", found.old), ("new", found.new))
    content = {
        side: {(isinstance(e, Section), e.id): e for e in (*w.sections, *w.appointments)}
        for side, w in sides
    }
    changed = {
        (side, (isinstance(e, Section), e.id))
        for c in found.changes
        for side, e in (("old", c.old), ("new", c.new))
        if e is not None
    }
    named = {
        (side, (i.part.format == "group", name))
        for t in found.told
        for i in t.items
        for side, name in (("old", i.old_id), ("new", i.new_id))
        if name is not None
    }
    assert named <= changed
    for c in found.changes:
        entries = {
            (s, (isinstance(e, Section), e.id)) for s, e in (("old", c.old), ("new", c.new)) if e
        }
        assert entries & named, c
    assert all(
        c.old is None or c.new is None or plain(c.old) != plain(c.new) for c in found.changes
    )
    assert all(name in content[side] for side, name in changed)
    for told_one in found.told:
        for item in told_one.items:
            assert item.old != item.new
            both = item.old is not None and item.new is not None
            assert bool(item.aspects()) == both
    rows = [row for person in heard(here, found) for row in person.rows]
    assert all(row.sentence.endswith(".") and "None" not in row.sentence for row in rows)
    assert all(not row.sentence.endswith(": .") for row in rows)
    document = difference_document(here, found)
    assert len(document["entries"]) == len(found.changes)  # type: ignore[arg-type]


def test_parts_of_an_appointment_are_those_of_patient_and_therapist() -> None:
    here = read(BASE)
    entry = plan(week(visit()), here).appointments[0]
    assert isinstance(entry, Appointment)
    assert set(parts(here, entry)) == {("patient", "pat"), ("therapist", "ann")}
