"""`python solve.py PROBLEM ANSWER`: a week as Timefold solves it.

Runs in an environment of its own, where `bench` and `solver` are not. PROBLEM is what
`bench.against_timefold` writes: candidates already screened, so that values in a range break no rule
by themselves, and a week to begin from.
"""

import json
import sys
import time
from pathlib import Path
from typing import Any

from domain import (
    PROBLEM,
    Apart,
    Block,
    Item,
    Lead,
    Patient,
    Room,
    Seat,
    Section,
    Therapist,
    Visit,
    Week,
)
from rules import rules_and_goals
from timefold.solver import SolverFactory
from timefold.solver.config import (
    Duration,
    ScoreDirectorFactoryConfig,
    SolverConfig,
    TerminationConfig,
)

SEARCH = "<solver xmlns='https://timefold.ai/xsd/solver'><localSearch/></solver>"
"""Everything has a value to begin with. Building a week up first, Timefold's default, tries every time
with every therapist and room for each appointment, and takes more than the time there is."""


def read() -> Week:
    """The week of the problem as it begins; sections that it does not have are spread over their times."""
    blocks = [Block(**entry) for entry in PROBLEM["blocks"]]
    nothing = Block(-1, [], -1, 0, 0, -1, False)
    patients = [
        Patient(**(e | {"outside": set(e["outside"])}), nothing=nothing)
        for e in PROBLEM["patients"]
    ]
    therapists = [
        Therapist(**(e | {"free": set(e["free"]), "refuses": set(e["refuses"])}), nothing=nothing)
        for e in PROBLEM["therapists"]
    ]
    rooms = [Room(**(e | {"free": set(e["free"])})) for e in PROBLEM["rooms"]]
    sections, leads = [], []
    for number, e in enumerate(PROBLEM["sections"]):
        mine = [blocks[b] for b in e["blocks"]]
        section = Section(
            number, e["least"], e["most"], len(e["leads"]), e["items"], e["counts"], mine,
            [rooms[r] for r in e["rooms"]],
        )  # fmt: skip
        # Sections of one group begin at times far from each other.
        section.when = mine[e["turn"] * len(mine) // e["of"]]
        section.room = section.rooms[number % len(section.rooms)]
        sections.append(section)
        for able in e["leads"]:
            lead = Lead(len(leads), section, [therapists[t] for t in able])
            lead.therapist = lead.able[number % len(able)]
            leads.append(lead)
    seats = [
        Seat(number, patients[e["patient"]], set(e["allowed"]), e["in_person"],
             [sections[s] for s in e["sections"]])
        for number, e in enumerate(PROBLEM["seats"])
    ]  # fmt: skip
    visits = []
    for number, e in enumerate(PROBLEM["visits"]):
        visit = Visit(
            number, patients[e["patient"]], e["individual"], e["primary"], e["items"], e["counts"],
            [blocks[b] for b in e["blocks"]], [therapists[t] for t in e["able"]],
            [rooms[r] for r in e["rooms"]],
        )  # fmt: skip
        known = [t for t in visit.able if t.id == e["primary"]]
        visit.therapist = known[0] if known else visit.able[number % len(visit.able)]
        visit.room = visit.rooms[number % len(visit.rooms)]
        visits.append(visit)
    begin(PROBLEM["start"], blocks, therapists, rooms, sections, leads, seats, visits)
    items = [Item(number, quantity) for number, quantity in enumerate(PROBLEM["items"])]
    apart = [Apart(number, *pair) for number, pair in enumerate(PROBLEM["apart"])]
    return Week(patients, therapists, rooms, items, apart, sections, leads, seats, visits)


def begin(
    start: dict[str, Any],
    blocks: list[Block],
    therapists: list[Therapist],
    rooms: list[Room],
    sections: list[Section],
    leads: list[Lead],
    seats: list[Seat],
    visits: list[Visit],
) -> None:
    """Put everything where the schedule to start from has it."""
    for number, entry in start["sections"].items():
        section = sections[int(number)]
        section.when, section.room = blocks[entry["block"]], rooms[entry["room"]]
        mine = [lead for lead in leads if lead.section is section]
        for lead, therapist in zip(mine, entry["leads"], strict=True):
            lead.therapist = therapists[therapist]
    for number, section_number in start["seats"].items():
        seats[int(number)].section = sections[section_number]
    for number, (block, therapist, room) in start["visits"].items():
        visit = visits[int(number)]
        visit.when, visit.therapist, visit.room = blocks[block], therapists[therapist], rooms[room]


def main() -> None:
    week = read()
    config = SolverConfig(
        xml_source_text=SEARCH,
        solution_class=Week,
        entity_class_list=[Section, Lead, Seat, Visit],
        score_director_factory_config=ScoreDirectorFactoryConfig(
            constraint_provider_function=rules_and_goals
        ),
        termination_config=TerminationConfig(
            spent_limit=Duration(milliseconds=int(1000 * PROBLEM["limit"]))
        ),
        random_seed=PROBLEM["seed"],
    )
    solver = SolverFactory.create(config).build_solver()
    began = time.monotonic()
    best = solver.solve(week)
    answer = {
        "seconds": time.monotonic() - began,
        "hard": best.score.hard_scores[0],
        "soft": list(best.score.soft_scores),
        "sections": [[s.when.id, s.room.id] for s in best.sections],
        "leads": [lead.therapist.id for lead in best.leads],
        "seats": [seat.section.id if seat.section else None for seat in best.seats],
        "visits": [[v.when.id, v.therapist.id, v.room.id] if v.when else None for v in best.visits],
    }
    Path(sys.argv[2]).write_text(json.dumps(answer), "utf-8")


if __name__ == "__main__":
    main()
