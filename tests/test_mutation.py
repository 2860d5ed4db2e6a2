"""Take a lawful week, break one thing, and the checker names the rule that was broken.

One clinic in which every rule has something to say, a lawful week of it that the solver made, and
for each rule a few ways to break it, drawn at random. Other rules may well be broken by the same
change; the reference checker has to name the same ones.
"""

from __future__ import annotations

import copy
import random
from collections.abc import Callable

import pytest

from solver.checker import check
from solver.goals import GOAL
from solver.model import build
from solver.rules import RULES
from tests.builders import (
    DAYS,
    Json,
    before,
    clinic,
    clock,
    faults,
    group,
    item,
    kin,
    meeting,
    patient,
    program,
    quota,
    read,
    room,
    section,
    solo,
    talk,
    therapist,
    visit,
    window,
)
from tests.solving import extracted, minimise

AM, PM = window("09:00", "12:00"), window("13:00", "17:00")
SETTLED = section(["pat", "sam"], meeting("mon", "09:00"), meeting("wed", "09:00"), name="cbt-old")
KEPT = visit("kim", "ann", "thu", "13:00", name="kim-old")


def full_clinic() -> Json:
    """A closed group, one who waits, a locked visit, two people apart, a van and an intern."""
    return clinic(
        opening_hours=window("09:00", "17:00"),
        tracks=[{"id": "am", "windows": AM}, {"id": "pm", "windows": PM}],
        services=[talk(), solo(equipment={"van": 1}, credentials=["lcsw", "rn"]), kin(remote=True)],
        equipment=[item("van", 1)],
        programs=[
            program(
                minutes_per_week={"min": 90, "max": 240},
                days_per_week={"max": 3},
                quotas=[quota("talk", 1, 3), quota("solo", 1, 1), quota("kin", 0, 1)],
                max_gap_days=1,
                single_track=True,
            )
        ],
        rooms=[room("big", 4), room("small", 1), room("closet", 0)],
        therapists=[
            therapist("ann", supervisor=True, availability=window("09:00", "17:00", *DAYS[:4])),
            therapist(
                "bob",
                max_minutes_per_day=120,
                meal={"minutes": 30, "between": ["12:00", "13:00"]},
            ),
            therapist("cyd", credentials=["rn"], supervised=True, genders_served=["f"]),
            therapist("dan", credentials=[], languages=["fr"]),
        ],
        groups=[
            group(
                "cbt", meetings_per_week=2, closed=True, language="en", size={"min": 2, "max": 3}
            ),
            group("art", start_times=["13:00", "14:00"], eligible={"tags_any": ["sud"]}),
        ],
        patients=[
            patient("pat", keep_apart=["lee"], availability=window("09:00", "15:00")),
            patient("sam", languages=["en"], attends="in_person"),
            patient("kim", tags=["sud"], gender="f"),
            patient("lee", tags=["sud"], gender="m", languages=["fr"], status="waitlist"),
        ],
        baseline=before(SETTLED, KEPT),
        locks=[{"appointment": "kim-old"}, {"patient": "pat", "group": "cbt"}],
        policy={"strict": ["unmet_care", "turned_away"]},
    )


@pytest.fixture(scope="module")
def lawful() -> tuple[Json, Json]:
    """The clinic and a week of it with as little disruption as can be."""
    scenario = full_clinic()
    here = read(scenario)
    v = build(here)
    status, _, solver = minimise(v, GOAL["disruption"].expression(v))
    assert status == "OPTIMAL"
    schedule = extracted(v, solver)
    assert not check(here, schedule)
    return scenario, schedule.model_dump(mode="json")


Break = Callable[[random.Random, Json], object]


def a_visit(r: random.Random, s: Json) -> Json:
    """One that is not locked."""
    found: Json = r.choice([a for a in s["appointments"] if a["id"] != "kim-old"])
    return found


def entries(s: Json) -> list[Json]:
    """Everything with a day and a start, but for what is locked."""
    meetings = [m for x in s["sections"] for m in x["meetings"]]
    return meetings + [a for a in s["appointments"] if a["id"] != "kim-old"]


def sections(s: Json, of: str) -> list[Json]:
    return [x for x in s["sections"] if x["group"] == of]


def again(entry: Json, **facts: object) -> Json:
    """The same once more under another id."""
    return copy.deepcopy(entry) | {"id": entry["id"] + "-again"} | facts


def later(entry: Json, minutes: int) -> str:
    hours, rest = entry["start"].split(":")
    return clock(int(hours) * 60 + int(rest) + minutes)


def visit_of(s: Json, who: str) -> Json:
    found: Json = next(
        a for a in s["appointments"] if a["patient"] == who and a["service"] == "solo"
    )
    return found


def whole_day(r: random.Random, s: Json) -> list[Json]:
    """bob works through a day from eleven to two; who comes does not matter here."""
    day = r.choice(DAYS[:5])
    starts = range(11 * 60, 14 * 60, 30)
    return [visit("kim", "bob", day, clock(start), name=f"noon-{start}") for start in starts]


def far_apart(r: random.Random, s: Json) -> None:
    """Two visits of pat's, the days between them empty."""
    for x in s["sections"]:
        x["members"] = [p for p in x["members"] if p != "pat"]
    s["appointments"] = [a for a in s["appointments"] if a["patient"] != "pat"]
    first, last = r.choice([("mon", "thu"), ("mon", "fri"), ("tue", "fri")])
    for day in (first, last):
        s["appointments"].append(visit("pat", "ann", day, "11:00", name=f"pat-{day}"))


BREAKS: dict[str, list[Break]] = {
    "opening_hours": [
        lambda r, s: r.choice(entries(s)).update(start=r.choice(["08:00", "17:00", "16:45"])),
        lambda r, s: a_visit(r, s).update(day=r.choice(["sat", "sun"])),
    ],
    "on_grid": [lambda r, s: (e := r.choice(entries(s))).update(start=later(e, r.choice([5, 10])))],
    "patient_available": [
        lambda r, s: visit_of(s, "pat").update(start=r.choice(["15:00", "16:00", "14:45"])),
    ],
    "therapist_available": [lambda r, s: a_visit(r, s).update(therapist="ann", day="fri")],
    "no_double_booking": [
        lambda r, s: s["appointments"].append(again(a_visit(r, s), room="big")),
        lambda r, s: visit_of(s, r.choice(["pat", "sam"])).update(
            {k: sections(s, "cbt")[0]["meetings"][0][k] for k in ("day", "start")}
        ),
    ],
    "credentials": [
        lambda r, s: a_visit(r, s).update(therapist="dan"),
        lambda r, s: r.choice(s["sections"]).update(leaders=[r.choice(["cyd", "dan"])]),
    ],
    "supervision": [lambda r, s: a_visit(r, s).update(therapist="cyd", day="fri")],
    "language_and_gender": [
        lambda r, s: sections(s, "cbt")[0]["members"].append("lee"),
        lambda r, s: visit_of(s, r.choice(["pat", "sam", "lee"])).update(therapist="cyd"),
        lambda r, s: visit_of(s, "sam").update(therapist="dan"),
    ],
    "eligibility": [lambda r, s: sections(s, "art")[0]["members"].append(r.choice(["pat", "sam"]))],
    "meeting_pattern": [
        lambda r, s: (m := sections(s, "cbt")[0]["meetings"]).pop(r.randrange(len(m))),
        lambda r, s: (m := r.choice(sections(s, "cbt")[0]["meetings"])).update(start=later(m, 30)),
        lambda r, s: sections(s, "art")[0]["meetings"][0].update(
            start=r.choice(["09:00", "16:00"])
        ),
        lambda r, s: s["sections"].append(again(r.choice(s["sections"]))),
    ],
    "group_size": [
        lambda r, s: sections(s, "cbt")[0]["members"].remove(r.choice(["pat", "sam"])),
        lambda r, s: r.choice(s["sections"]).update(leaders=[]),
        lambda r, s: r.choice(s["sections"])["leaders"].append("dan"),
    ],
    "sections_per_patient": [lambda r, s: s["sections"].append(again(r.choice(s["sections"])))],
    "equipment": [
        lambda r, s: s["appointments"].append(again(a_visit(r, s), patient="kim", therapist="dan")),
    ],
    "closed_group": [
        lambda r, s: sections(s, "cbt")[0]["members"].append(r.choice(["kim", "lee"])),
        lambda r, s: [m.update(start="10:00") for m in sections(s, "cbt")[0]["meetings"]],
        lambda r, s: sections(s, "cbt")[0].update(id="cbt-new"),
    ],
    "room_fits": [
        lambda r, s: r.choice(entries(s)).update(room="closet"),
        lambda r, s: r.choice(entries(s)).update(room=None),
    ],
    "modality": [
        lambda r, s: a_visit(r, s).update(remote=True, room=None),
        lambda r, s: s["appointments"].append(
            visit("sam", "ann", "tue", "16:00", None, of="kin", name="by-video", remote=True)
        ),
    ],
    "keep_apart": [
        lambda r, s: r.choice(s["sections"]).update(members=["pat", "lee"]),
    ],
    "therapist_load": [lambda r, s: s["appointments"].extend(whole_day(r, s))],
    "meal_break": [lambda r, s: s["appointments"].extend(whole_day(r, s))],
    "weekly_maximum": [
        lambda r, s: s["appointments"].append(again(a_visit(r, s), day="tue", start="16:30")),
        lambda r, s: [
            s["appointments"].append(visit("sam", "ann", d, "11:00", "big", of="kin", name=f"x{d}"))
            for d in ("mon", "tue", "wed", "thu")
        ],
    ],
    "day_gap": [far_apart],
    "single_track": [
        lambda r, s: sections(s, "art")[0]["members"].append(r.choice(["pat", "sam"]))
    ],
    "locks": [
        lambda r, s: s["appointments"].remove(
            next(a for a in s["appointments"] if a["id"] == "kim-old")
        ),
        lambda r, s: next(a for a in s["appointments"] if a["id"] == "kim-old").update(
            r.choice([{"start": "14:30"}, {"room": "big"}, {"therapist": "bob"}, {"day": "tue"}])
        ),
        lambda r, s: sections(s, "cbt")[0]["members"].remove("pat"),
    ],
    "strict": [
        lambda r, s: s["appointments"].remove(visit_of(s, r.choice(["pat", "sam"]))),
    ],
    "waitlist": [
        lambda r, s: s["appointments"].remove(visit_of(s, "lee")),
        lambda r, s: sections(s, "art")[0]["members"].remove("lee"),
    ],
    "as_it_was": [
        lambda r, s: sections(s, "art")[0]["meetings"][0].update(cancelled=True),
        lambda r, s: sections(s, "art")[0]["meetings"][0].update(leaders=["ann"]),
        lambda r, s: sections(s, "cbt")[0].update(
            absences=[{"patient": r.choice(["pat", "sam"]), "day": "fri"}]
        ),
    ],
}


def test_there_is_a_way_to_break_every_rule() -> None:
    assert list(BREAKS) == [rule.key for rule in RULES]


@pytest.mark.parametrize(
    ("rule", "way"), [(rule, way) for rule, ways in BREAKS.items() for way in range(len(ways))]
)
def test_what_was_broken_is_named(lawful: tuple[Json, Json], rule: str, way: int) -> None:
    scenario, schedule = lawful
    for seed in range(6):
        spoilt = copy.deepcopy(schedule)
        BREAKS[rule][way](random.Random(seed), spoilt)
        assert spoilt != schedule
        assert rule in {fault.rule for fault in faults(scenario, spoilt)}, seed


def test_the_week_that_is_spoilt_has_something_of_everything(lawful: tuple[Json, Json]) -> None:
    _, schedule = lawful
    assert {s["group"] for s in schedule["sections"]} == {"cbt", "art"}
    assert {a["patient"] for a in schedule["appointments"]} == {"pat", "sam", "kim", "lee"}
