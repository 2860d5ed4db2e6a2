"""Every rule and every goal as constraint streams; a tier is a level of the score.

A section with fewer members than its group's least does not run: its seats count for nothing and occupy
nobody. That, and a last score level that likes such sections better the more seats they have, lets
local search fill one seat by seat.
"""

# ruff: noqa: PLW0108 - every stream function is a lambda, so that all of them are translated alike

from typing import Any

from domain import LEVELS, PROBLEM, Apart, Item, Lead, Patient, Seat, Section, Therapist, Visit
from judges import judge_item, judge_patient, judge_room, judge_therapist, wanted
from timefold.solver.score import (
    BendableScore,
    ConstraintCollectors,
    ConstraintFactory,
    Joiners,
    constraint_provider,
)

TIERS: list[list[list[Any]]] = PROBLEM["tiers"]  # by tier: [goal, weight]
STRICT: list[str] = PROBLEM["strict"]


def hard_points() -> BendableScore:
    return BendableScore.of_hard(1, LEVELS, 0, 1)


def weights(goal: str) -> list[tuple[str, BendableScore]]:
    """What one unit of a goal costs: in its tier, and as a rule where it must come out 0."""
    found = [
        (f"in tier {level + 1}", BendableScore.of_soft(1, LEVELS, level, weight))
        for level, tier in enumerate(TIERS)
        for name, weight in tier
        if name == goal and weight > 0
    ]
    return found + ([("strictly", hard_points())] if goal in STRICT else [])


@constraint_provider
def rules_and_goals(factory: ConstraintFactory) -> list[Any]:
    together = factory.for_each(Section).join(
        Seat, Joiners.equal(lambda section: section, lambda seat: seat.section)
    )
    sized = together.group_by(
        lambda section, seat: section,
        lambda section, seat: section.when,
        lambda section, seat: section.room,
        ConstraintCollectors.count_bi(),
    )
    runs = sized.filter(lambda section, when, room, n: n >= section.least)
    held = runs.map(lambda section, when, room, n: (section, when, room))
    seated = factory.for_each(Seat).join(
        held, Joiners.equal(lambda seat: seat.section, lambda h: h[0])
    )
    led = factory.for_each(Lead).join(
        held, Joiners.equal(lambda lead: lead.section, lambda h: h[0])
    )
    patients = (
        seated.map(lambda seat, h: seat.patient, lambda seat, h: h[1])
        .concat(factory.for_each(Visit).map(lambda v: v.patient, lambda v: v.when))
        .concat(factory.for_each(Patient).map(lambda p: p, lambda p: p.nothing))
        .group_by(lambda p, b: p, ConstraintCollectors.to_list(lambda p, b: b))
        .map(lambda p, blocks: judge_patient(p, blocks))
    )
    therapists = (
        led.map(lambda lead, h: lead.therapist, lambda lead, h: h[1])
        .concat(factory.for_each(Visit).map(lambda v: v.therapist, lambda v: v.when))
        .concat(factory.for_each(Therapist).map(lambda t: t, lambda t: t.nothing))
        .group_by(lambda t, b: t, ConstraintCollectors.to_list(lambda t, b: b))
        .map(lambda t, blocks: t, lambda t, blocks: judge_therapist(t, blocks))
    )
    rooms = (
        runs.map(lambda section, when, room, n: room, lambda section, when, room, n: when)
        .concat(factory.for_each(Visit).map(lambda v: v.room, lambda v: v.when))
        .group_by(lambda r, b: r, ConstraintCollectors.to_list(lambda r, b: b))
        .map(lambda r, blocks: judge_room(r, blocks))
    )
    hard = hard_points()
    out = [
        patients.penalize(hard, lambda found: found[0]).as_constraint("patients"),
        therapists.penalize(hard, lambda t, found: found[0]).as_constraint("therapists"),
        rooms.penalize(hard, lambda found: found).as_constraint("rooms"),
        seated.filter(lambda seat, h: h[1].id not in seat.allowed)
        .penalize(hard)
        .as_constraint("patient available"),
        runs.penalize(hard, lambda section, when, room, n: max(0, n - section.most)).as_constraint(
            "group size"
        ),
        together.filter(lambda section, seat: seat.in_person)
        .group_by(
            lambda section, seat: section,
            lambda section, seat: section.room,
            ConstraintCollectors.count_bi(),
        )
        .penalize(hard, lambda section, room, n: max(0, n - room.capacity))
        .as_constraint("room fits"),
        factory.for_each(Visit)
        .filter(lambda v: v.when.remote != (v.room.id < 0))
        .penalize(hard)
        .as_constraint("room of an appointment"),
        factory.for_each(Visit)
        .filter(lambda v: v.individual)
        .group_by(lambda v: v.therapist, ConstraintCollectors.count_distinct(lambda v: v.patient))
        .penalize(hard, lambda t, n: max(0, n - t.cases))
        .as_constraint("caseload"),
        sized.filter(lambda section, when, room, n: n < section.least)
        .reward(
            BendableScore.of_soft(1, LEVELS, LEVELS - 1, 1), lambda section, when, room, n: n * n
        )
        .as_constraint("sections that may yet run"),
    ]
    if PROBLEM["items"]:
        out.append(
            held.join(Item)
            .filter(lambda h, item: wanted(h[0].items, h[0].counts, item.id) > 0)
            .map(
                lambda h, item: item,
                lambda h, item: (h[1], wanted(h[0].items, h[0].counts, item.id)),
            )
            .concat(
                factory.for_each(Visit)
                .join(Item)
                .filter(lambda v, item: wanted(v.items, v.counts, item.id) > 0)
                .map(
                    lambda v, item: item,
                    lambda v, item: (v.when, wanted(v.items, v.counts, item.id)),
                )
            )
            .group_by(lambda item, use: item, ConstraintCollectors.to_list(lambda item, use: use))
            .penalize(hard, lambda item, uses: judge_item(item, uses))
            .as_constraint("equipment")
        )
    if PROBLEM["apart"]:
        out.append(
            factory.for_each(Apart)
            .join(Seat, Joiners.equal(lambda a: a.one, lambda seat: seat.patient.id))
            .join(
                Seat,
                Joiners.equal(lambda a, seat: a.other, lambda seat: seat.patient.id),
                Joiners.equal(lambda a, seat: seat.section, lambda seat: seat.section),
            )
            .penalize(hard)
            .as_constraint("keep apart")
        )
    if any(t["refuses"] for t in PROBLEM["therapists"]):
        out.append(
            led.join(Seat, Joiners.equal(lambda lead, h: lead.section, lambda seat: seat.section))
            .filter(lambda lead, h, seat: seat.patient.id in lead.therapist.refuses)
            .penalize(hard)
            .as_constraint("genders served")
        )
    for place, weight in weights("unmet_care"):
        out.append(patients.penalize(weight, lambda f: f[1]).as_constraint(f"unmet_care {place}"))
    for place, weight in weights("short_days"):
        out.append(patients.penalize(weight, lambda f: f[2]).as_constraint(f"short_days {place}"))
    for place, weight in weights("turned_away"):
        out.append(patients.penalize(weight, lambda f: f[3]).as_constraint(f"turned_away {place}"))
    for place, weight in weights("continuity"):
        out.append(patients.penalize(weight, lambda f: f[4]).as_constraint(f"continuity {place}"))
        out.append(
            factory.for_each(Visit)
            .filter(lambda v: v.individual and v.primary >= 0 and v.therapist.id != v.primary)
            .penalize(weight, lambda v: 2)
            .as_constraint(f"primary therapist {place}")
        )
    for place, weight in weights("burden"):
        out.append(patients.penalize(weight, lambda f: f[5]).as_constraint(f"burden {place}"))
    for place, weight in weights("staffing"):
        out += [
            runs.penalize(
                weight, lambda section, when, room, n: when.minutes * section.leaders
            ).as_constraint(f"leading {place}"),
            therapists.penalize(weight, lambda t, f: f[1]).as_constraint(f"idle {place}"),
            therapists.filter(lambda t, f: t.available > 0)
            .group_by(
                ConstraintCollectors.min(lambda t, f: f[2]),
                ConstraintCollectors.max(lambda t, f: f[2]),
            )
            .penalize(weight, lambda least, most: 10 * (most - least))
            .as_constraint(f"uneven {place}"),
        ]
    return out
