"""Every schedule of a tiny scenario, one after the other, judged by the checker alone.

The universe is wider than what a model decides over: starts before opening and at closing, closed
dates, any therapist in any place, any room or none, either way of attending. What bounds it is
said by the scenario (``max_sections`` and the maxima of quotas).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import combinations, product

from solver.checker import check
from solver.clinic import Clinic
from solver.ledger import Ledger
from solver.rooming import kind_of
from solver.rules import RULE
from solver.schedule import Appointment, Meeting, Section
from solver.timegrid import DAYS
from solver.variables import Variables

Moved = list[Section | Appointment]


@dataclass
class Universe:
    """All entries a schedule of the scenario may be put together from, in slots taken one by one.

    A slot is a section of a group or an appointment of a patient; it may stay empty.
    """

    clinic: Clinic
    days: tuple[str, ...]
    starts: tuple[int, ...]
    slots: list[Moved] = field(default_factory=list)
    but: str | None = None

    @classmethod
    def of(cls, clinic: Clinic) -> Universe:
        grid = clinic.grid
        days = tuple(d for i, d in enumerate(DAYS) if clinic.opening & grid.day_mask(i))
        hours = clinic.scenario.opening_hours
        first, last = min(w.start for w in hours), max(w.end for w in hours)
        starts = tuple(range(first - grid.minutes, last + 1, grid.minutes))
        found = cls(clinic, days, starts)
        for g in clinic.groups:
            for number in range(clinic.groups[g].max_sections):
                found.slots.append(list(found.sections(g, number)))
        for p in clinic.patients:
            for service, (_, most) in clinic.needs[p].quotas.items():
                if clinic.services[service].format != "group":
                    assert most is not None, "an enumerated week has a maximum for each service"
                    for number in range(most):
                        found.slots.append(list(found.visits(p, service, number)))
        return found

    def sections(self, group: str, number: int) -> Iterator[Section]:
        """Sections of a group on any days, led and housed by anybody and anything."""
        entry, clinic = self.clinic.groups[group], self.clinic
        names = [s.id for s in clinic.baseline_sections.values() if s.group == group]
        rooms: list[str | None] = [None, *clinic.rooms]
        ways = (None, False, True) if entry.modality == "hybrid" else (None, False)
        people = list(clinic.patients)
        for name in [*names, f"{group}-{number}"]:
            for count in range(1, entry.meetings_per_week + 1):
                for days, start in product(combinations(self.days, count), self.starts):
                    for leaders in product(clinic.therapists, repeat=len(entry.leaders)):
                        for places in product(rooms, repeat=count):
                            meetings = tuple(
                                Meeting.model_construct(day=d, start=start, room=place)
                                for d, place in zip(days, places, strict=True)
                            )
                            for joined in product(ways, repeat=len(people)):
                                there = dict(zip(people, joined, strict=True))
                                yield Section.model_construct(
                                    id=name,
                                    group=group,
                                    leaders=leaders,
                                    meetings=meetings,
                                    members=tuple(p for p in people if there[p] is not None),
                                    remote_members=tuple(p for p in people if there[p]),
                                )

    def visits(self, patient: str, service: str, number: int) -> Iterator[Appointment]:
        """Appointments of a patient with anybody anywhere."""
        clinic = self.clinic
        mine = [
            a.id
            for a in clinic.baseline_appointments.values()
            if (a.patient, a.service) == (patient, service)
        ]
        ways: list[tuple[str | None, bool]] = [(None, True), *((r, False) for r in clinic.rooms)]
        for name in [*mine, f"{patient}-{service}-{number}"]:
            for t, d, start in product(clinic.therapists, self.days, self.starts):
                for place, remote in ways:
                    yield Appointment.model_construct(
                        id=name,
                        service=service,
                        patient=patient,
                        therapist=t,
                        day=d,
                        start=start,
                        room=place,
                        remote=remote,
                    )

    # ------------------------------------------------------------ going through them

    def lawful_weeks(self, prune: bool = True, but: str | None = None) -> Iterator[Ledger]:
        """The ledger of every schedule that breaks no rule, or none ``but`` one.

        With ``prune`` whatever breaks a rule that more sessions cannot mend is not built on. It is
        one ledger, filled and emptied as it goes: take what is needed before asking for the next.
        """
        self.but = but
        ledger = Ledger(self.clinic)
        slots = self.slots
        if prune:
            slots = [[e for e in slot if self._hopeful(ledger, e)] for slot in slots]
        yield from self._fill(ledger, slots, 0, prune)

    def _hopeful(self, ledger: Ledger, entry: Section | Appointment) -> bool:
        undo = put(ledger, entry)
        hopeful = not self._beyond_mending(ledger)
        undo()
        return hopeful

    def _fill(
        self, ledger: Ledger, slots: list[Moved], number: int, prune: bool
    ) -> Iterator[Ledger]:
        if number == len(slots):
            if not self._broken(ledger):
                yield ledger
            return
        yield from self._fill(ledger, slots, number + 1, prune)
        for entry in slots[number]:
            if entry.id in (ledger.sections if isinstance(entry, Section) else ledger.appointments):
                continue
            undo = put(ledger, entry)
            if not prune or not self._beyond_mending(ledger):
                yield from self._fill(ledger, slots, number + 1, prune)
            undo()

    def _broken(self, ledger: Ledger) -> list[str]:
        return [v.rule for v in check(self.clinic, ledger) if v.rule != self.but]

    def _beyond_mending(self, ledger: Ledger) -> bool:
        return any(not RULE[rule].mended_by_adding for rule in self._broken(ledger))


class _Undo:
    def __init__(self, ledger: Ledger, entry: Section | Appointment) -> None:
        self.ledger, self.entry = ledger, entry

    def __call__(self) -> None:
        if isinstance(self.entry, Section):
            self.ledger.close(self.entry.id)
        else:
            self.ledger.cancel(self.entry.id)


def put(ledger: Ledger, entry: Section | Appointment) -> _Undo:
    """Put an entry into a ledger; what is returned takes it out again."""
    if isinstance(entry, Section):
        ledger.open(entry)
    else:
        ledger.book(entry)
    return _Undo(ledger, entry)


# ---------------------------------------------------------------- when two weeks are one


def face(v: Variables, ledger: Ledger) -> object:
    """What of a week a model decides; two weeks with one face are the same to it.

    Ids matter where a closed group or a lock goes by them, rooms by their kind; which of two
    therapists a patient sees matters where a rule or goal tells them apart.
    """
    clinic, kinds = v.clinic, kind_of(v.clinic)
    by_name = {s.id for sections in clinic.continuing.values() for s in sections} | set(v.pins)
    by_name |= {o.kept.id for o in v.options if o.kept is not None}
    sections = []
    for s in ledger.sections.values():
        places: dict[frozenset[str], list[str]] = {}
        for leader, place in zip(s.leaders, clinic.groups[s.group].leaders, strict=True):
            places.setdefault(frozenset(place.credentials), []).append(leader)
        sections.append(
            (
                s.id if s.id in by_name else "",
                s.group,
                tuple(
                    sorted(
                        (m.day, m.start, -1 if m.room is None else kinds[m.room].index)
                        for m in s.meetings
                    )
                ),
                tuple(sorted((tuple(sorted(c)), tuple(sorted(t))) for c, t in places.items())),
                tuple(sorted(s.members.items())),
            )
        )
    visits, givers, housed = [], [], []
    for a in ledger.appointments.values():
        named = v.named_carers(a.patient, a.service)
        what = (a.service, a.day, a.start, a.remote)
        own = a.room if a.room in v.habit_rooms(a.patient, a.service) else ""
        visits.append((a.patient, *what, a.therapist if a.therapist in named else "", own))
        givers.append((a.therapist, *what))
        if a.room is not None:
            housed.append((kinds[a.room].index, *what))
    parts = (sections, visits, givers, housed)
    return tuple(tuple(sorted(part)) for part in parts)
