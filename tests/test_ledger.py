"""The ledger against a ledger made afresh, and against check() and measure(), move by move."""

from __future__ import annotations

import random

import pytest

from solver.checker import check, measure
from solver.clinic import Clinic
from solver.ledger import Ledger
from solver.schedule import Section
from tests import moves, randomness
from tests.builders import clinic, plan, read, section, visit, week

KINDS = ["open", "open", "book", "book", "join", "join", "leave", "close", "cancel"]


def everything(ledger: Ledger) -> dict[str, object]:
    """All a ledger knows, its lists as sets of what stands in them how often."""
    found: dict[str, object] = {
        "sections": {s: running.entry() for s, running in ledger.sections.items()},
        "appointments": dict(ledger.appointments),
    }
    for name in ("sittings", "duties", "room_uses", "item_uses", "by_group"):
        lists = getattr(ledger, name)
        found[name] = {key: sorted(map(str, entries)) for key, entries in lists.items()}
    found["busy"] = [
        *(ledger.patient_busy(p) for p in ledger.clinic.patients),
        *(ledger.therapist_busy(t) for t in ledger.clinic.therapists),
        *(ledger.room_busy(room) for room in ledger.clinic.rooms),
    ]
    return found


def afresh(ledger: Ledger) -> Ledger:
    return Ledger(ledger.clinic, ledger.schedule())


def agrees(ledger: Ledger) -> None:
    """The ledger is as one made from its schedule, and both are judged alike."""
    fresh = afresh(ledger)
    assert everything(ledger) == everything(fresh)
    assert sorted(check(ledger.clinic, ledger)) == sorted(check(ledger.clinic, ledger.schedule()))
    assert measure(ledger.clinic, ledger) == measure(ledger.clinic, ledger.schedule())


class Walk:
    """Moves on one ledger, out of a drawerful of entries drawn at random."""

    def __init__(self, seed: int) -> None:
        self.r = random.Random(seed)
        scenario = randomness.scenario(self.r)
        if seed % 2:
            scenario = moves.with_baseline(self.r, scenario, exceptions=True)
        self.clinic = read(scenario)
        self.ledger = Ledger(self.clinic)
        steps = moves.Moves(self.r, scenario)
        drawn = [plan(steps.walk(moves.empty(scenario), 12), self.clinic) for _ in range(4)]
        self.sections = [s for d in drawn for s in d.sections]
        self.appointments = [a for d in drawn for a in d.appointments]

    def move(self, kind: str) -> None:
        r, ledger = self.r, self.ledger
        running = r.choice(list(ledger.sections.values())) if ledger.sections else None
        if kind == "open":
            self._open(r.choice(self.sections) if self.sections else None)
        elif kind == "book":
            free = [a for a in self.appointments if a.id not in ledger.appointments]
            if free:
                ledger.book(r.choice(free))
        elif kind == "cancel" and ledger.appointments:
            name = r.choice(list(ledger.appointments))
            booked = ledger.appointments[name]
            assert ledger.cancel(name) == booked
        elif kind == "close" and running is not None:
            entry = running.entry()
            assert ledger.close(running.id) == entry
        elif kind == "join" and running is not None:
            others = [p for p in self.clinic.patients if p not in running.members]
            if others:
                ledger.join(running.id, r.choice(others), remote=r.random() < 0.3)
        elif kind == "leave" and running is not None and running.members:
            ledger.leave(running.id, r.choice(list(running.members)))

    def _open(self, entry: Section | None) -> None:
        if entry is not None and entry.id not in self.ledger.sections:
            self.ledger.open(entry)


@pytest.mark.parametrize("seed", range(16))
def test_move_by_move_the_ledger_is_as_one_made_afresh(seed: int) -> None:
    walk = Walk(seed)
    for _ in range(30):
        walk.move(walk.r.choice(KINDS))
        agrees(walk.ledger)
    assert walk.sections or walk.appointments


@pytest.mark.parametrize("seed", range(8))
def test_a_copy_goes_its_own_way(seed: int) -> None:
    walk = Walk(seed)
    for _ in range(20):
        walk.move(walk.r.choice(KINDS))
    before, twin = everything(walk.ledger), walk.ledger.copy()
    assert everything(twin) == before
    original, walk.ledger = walk.ledger, twin
    for _ in range(20):
        walk.move(walk.r.choice(KINDS))
    assert everything(original) == before
    agrees(original)
    agrees(twin)


@pytest.mark.parametrize("seed", range(8))
def test_what_is_taken_back_leaves_no_trace(seed: int) -> None:
    walk = Walk(seed)
    for _ in range(15):
        walk.move(walk.r.choice(KINDS))
    before = everything(walk.ledger)
    for entry in walk.sections:
        if entry.id not in walk.ledger.sections:
            walk.ledger.open(entry)
            walk.ledger.close(entry.id)
    for a in walk.appointments:
        if a.id not in walk.ledger.appointments:
            walk.ledger.book(a)
            walk.ledger.cancel(a.id)
    assert everything(walk.ledger) == before


def one_section() -> tuple[Clinic, Ledger]:
    here = read(clinic())
    return here, Ledger(here, plan(week(section(["pat"]), visit("sam", "bob")), here))


def test_the_schedule_of_a_ledger_is_the_one_it_was_made_of() -> None:
    here, ledger = one_section()
    assert ledger.schedule() == plan(week(section(["pat"]), visit("sam", "bob")), here)


def test_what_a_section_uses_up() -> None:
    here, ledger = one_section()
    hour = here.occupied(0, 9 * 60, 60)
    assert ledger.patient_busy("pat") == ledger.therapist_busy("ann") == hour
    assert ledger.room_busy("big") == hour
    assert ledger.attended_days("pat") == [0]
    assert ledger.groups_of("pat") == {"cbt"}
    assert ledger.present(ledger.sections["s"], 0) == ["pat"]
    ledger.leave("s", "pat")
    assert ledger.patient_busy("pat") == 0
    assert ledger.therapist_busy("ann") == hour
    ledger.close("s")
    assert ledger.therapist_busy("ann") == ledger.room_busy("big") == 0


def test_idle_cells_are_those_between_the_first_and_the_last() -> None:
    here, ledger = one_section()
    cell = here.occupied(0, 9 * 60, 30)
    assert ledger.idle_cells(0, 0) == ledger.idle_cells(cell, 0) == 0
    assert ledger.idle_cells(cell | cell << 1, 0) == 0
    assert ledger.idle_cells(cell | cell << 3 | cell << 5, 0) == 3
    assert ledger.idle_cells(cell | cell << 3, 1) == 0
