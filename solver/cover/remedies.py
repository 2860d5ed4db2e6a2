"""What may be done about one session: a substitute, another room, video, another time, another section.

Everything tried here starts from a week in which the session is dropped, so that what it frees is free.
What is offered obeys what the screening says and clashes with nothing in the week; whether the whole
week is legal is judged by whoever tries it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import islice, product

from ..clinic import Clinic
from ..fields import day_name
from ..ledger import Ledger, Running
from ..schedule import Meeting, Section
from ..screening import Screening, screening_of
from ..search.placing import Placing
from ..timegrid import DAY_NUMBER, bits
from .ops import Attend, Cancel, Close, Join, Leave, Meet, Op, Open
from .out import Out
from .units import Unit, at_home, meeting_of
from .visits import Kind, Remedy, Visits, running_into

PLAIN = {"leaders": None, "cancelled": False}
"""A meeting as the section always has it."""
MOST_SUBSTITUTES = 6
MOST_FREED = 3
"""Therapists tried who could lead if their appointments at that time were moved."""
MOST_TIMES = 5


class Remedies:
    """Remedies for units of one published week.

    Attributes:
        before: the week as it was published.
        frozen: days before this one have happened.
    """

    def __init__(self, clinic: Clinic, before: Ledger, outs: Iterable[Out], frozen: int) -> None:
        self.clinic, self.before, self.frozen = clinic, before, frozen
        self.outs = tuple(outs)
        self.screen: Screening = screening_of(clinic)
        self.visits = Visits(clinic, self.outs, frozen)

    def of(self, unit: Unit, week: Ledger) -> Iterator[Remedy]:
        """What may be done about a unit in a week in which it is dropped."""
        if unit.ref in self.before.appointments:
            yield from self.visits.of(self.before.appointments[unit.ref], week)
            yield Remedy("cancel", (), frozenset({self.before.appointments[unit.ref].patient}))
            return
        running = self.before.sections[unit.ref]
        if unit.patient is not None:
            yield from self._member(unit, unit.patient, running, week)
            yield Remedy("excuse", (), frozenset({unit.patient}))
            return
        if unit.ref in week.sections:
            led = list(self._meeting(unit, running, week))
            yield from led or ([] if unit.roomless else self._freed(unit, running, week))
            yield from self._merged(running, week)
            yield from self._moved(running, week)
        yield Remedy("cancel", (), frozenset(running.members))

    # -- one meeting of a section ---------------------------------------------------------------

    def _meeting(self, unit: Unit, running: Running, week: Ledger) -> Iterator[Remedy]:
        """The meeting takes place: with substitutes, in another room, or both."""
        meeting = meeting_of(running, unit.day)
        rooms = list(self._rooms(running, meeting, week))
        teams = [running.leaders_at(meeting)] if unit.roomless else []
        teams += [] if unit.roomless else islice(self._teams(running, meeting, week), 12)
        for leaders, room in product(teams, rooms):
            new = meeting.model_copy(
                update={
                    "leaders": None if leaders == running.leaders else leaders,
                    "room": room,
                    "cancelled": False,
                }
            )
            kind: Kind = "room" if unit.roomless else "substitute"
            yield Remedy(kind, (Meet(unit.ref, new),), frozenset(running.members))

    def _freed(self, unit: Unit, running: Running, week: Ledger) -> Iterator[Remedy]:
        """A substitute who has appointments at that time, which are moved for it."""
        meeting = meeting_of(running, unit.day)
        cells = self.clinic.meeting_cells(
            self.clinic.groups[running.group], unit.day, meeting.start
        )
        tried = 0
        for t in self.clinic.therapists:
            clash = [d for d in week.duties[t] if d.cells & cells]
            if not clash or tried >= MOST_FREED or any(d.group for d in clash):
                continue
            trial = week.copy()
            ops: list[Op] = [Cancel(d.ref) for d in clash]
            moving = [trial.cancel(d.ref) for d in clash]
            team = next((x for x in self._teams(running, meeting, trial) if t in x), None)
            room = next(self._rooms(running, meeting, trial), "")
            if team is None or room == "":
                continue
            tried += 1
            held = meeting.model_copy(update={"leaders": team, "room": room, "cancelled": False})
            ops.append(Meet(unit.ref, held))
            ops[-1].perform(trial)
            for old in moving:
                place = next(self.visits.of(old, trial), None)
                if place is None:
                    break
                ops += place.ops
                for op in place.ops:
                    op.perform(trial)
            else:
                touched = frozenset(running.members) | {a.patient for a in moving}
                yield Remedy("substitute", tuple(ops), touched)

    def _teams(self, running: Running, m: Meeting, week: Ledger) -> Iterator[tuple[str, ...]]:
        """Leaders for the meeting: who can lead it stays, the others' places are taken by substitutes."""
        group, day = self.clinic.groups[running.group], DAY_NUMBER[m.day]
        cell = self.clinic.grid.cell(day, m.start)
        cells = self.clinic.meeting_cells(group, day, m.start)
        old = running.leaders_at(m)
        able: list[list[str]] = []
        for place in range(len(group.leaders)):
            known = old[place] if place < len(old) else ""
            fit = [
                t
                for t in self.clinic.therapists
                if self.screen.lead_starts(t, group.id, place) >> cell & 1
                and not week.therapist_busy(t) & cells
                and all(self.screen.pairing(p, t, True) for p in running.members)
            ]
            fit.sort(key=lambda t: (t not in running.leaders, len(week.duties[t])))
            able.append([known] if known in fit else fit[:MOST_SUBSTITUTES])
        for team in product(*able):
            if len(set(team)) == len(team):
                yield team

    def _rooms(self, running: Running, m: Meeting, week: Ledger) -> Iterator[str | None]:
        """Rooms for the meeting, its own if that will do, else a few that fit closely."""
        group, day = self.clinic.groups[running.group], DAY_NUMBER[m.day]
        if not group.needs_room:
            yield None
            return
        cell = self.clinic.grid.cell(day, m.start)
        cells = self.clinic.meeting_cells(group, day, m.start)
        heads = len(week.present(week.sections[running.id], day))
        fit = [
            r
            for r in self.clinic.rooms
            if self.screen.housing(r, group.id, None) >> cell & 1
            and not week.room_busy(r) & cells
            and self.clinic.rooms[r].capacity >= heads
        ]
        if m.room in fit:
            yield m.room
        else:
            yield from sorted(fit, key=lambda r: self.clinic.rooms[r].capacity)[:2]

    # -- the whole section ------------------------------------------------------------------------

    def _may_change_whole(self, running: Running) -> bool:
        """Whether a section has not met yet this week: what has happened cannot be moved."""
        return all(day >= self.frozen for day in running.days if day not in self.clinic.closed_days)

    def _merged(self, running: Running, week: Ledger) -> Iterator[Remedy]:
        """The section closes; its members sit in other sections of the group, as many as fit."""
        others = [
            s
            for s in week.by_group[running.group]
            if s != running.id and self._may_change_whole(week.sections[s])
        ]
        if not others or not self._may_change_whole(running):
            return
        trial = week.copy()
        entry = trial.close(running.id)
        placing = Placing(trial)
        ops: list[Op] = [Close(running.id)]
        for p in self._by_priority(entry.members):
            for other in others:
                if self._sits(placing, other, p, p in entry.remote_members):
                    ops.append(Join(other, p, trial.sections[other].members[p]))
                    break
        if len(ops) > 1:
            yield Remedy("merge", tuple(ops), frozenset(entry.members), running.id)

    def _by_priority(self, patients: Iterable[str]) -> list[str]:
        return sorted(patients, key=lambda p: -self.clinic.patients[p].priority)

    def _moved(self, running: Running, week: Ledger) -> Iterator[Remedy]:
        """The section meets at another time all week, where most of its members can come."""
        clinic, group = self.clinic, self.clinic.groups[running.group]
        if not self._may_change_whole(running) or (group.id in clinic.continuing and group.closed):
            return
        trial = week.copy()
        entry = trial.close(running.id)
        starts = self.screen.gathering(group.id)
        free = {p: self._free(p, group.id, trial) for p in entry.members}
        ranked = []
        for days in clinic.day_sets[group.id]:
            if days and days[0] < self.frozen:
                continue
            for cell in bits(starts & clinic.grid.day_mask(days[0])) if days else ():
                start = clinic.grid.clock_of(cell)[1]
                cells = [clinic.grid.cell(d, start) for d in days]
                able = [
                    p
                    for p, mask in free.items()
                    if all(
                        mask >> c & 1 or d not in clinic.stay[p]
                        for c, d in zip(cells, days, strict=True)
                    )
                ]
                same = days == running.days and start == entry.meetings[0].start
                if same or len(able) < max(1, group.size.min):
                    continue
                if not all(starts >> c & 1 for c in cells):
                    continue
                near = (len(set(days) - set(running.days)), abs(start - entry.meetings[0].start))
                ranked.append((-len(able), *near, days, start, able))
        for _, _, _, days, start, able in sorted(ranked)[: 3 * MOST_TIMES]:
            found = self._opened(entry, days, start, able, trial)
            if found is not None:
                yield Remedy(
                    "move", (Close(running.id), Open(found)), frozenset(entry.members), running.id
                )

    def _free(self, patient: str, group: str, week: Ledger) -> int:
        """Start cells of a group's meetings that a patient could attend beside what they have."""
        mask = 0
        for remote in self.screen.seat_modes(patient, group):
            mask |= self.screen.seat_starts(patient, group, remote)
        return mask & ~running_into(week.patient_busy(patient), self._length(group))

    def _length(self, group: str) -> int:
        return self.clinic.grid.length(self.clinic.groups[group].minutes)

    def _opened(
        self, entry: Section, days: tuple[int, ...], start: int, able: list[str], week: Ledger
    ) -> Section | None:
        """The section at another time, led as it was if its leaders can, else by others."""
        trial = week.copy()
        placing = Placing(trial)
        same = self._can_lead(entry, days, start, trial)
        leaders = entry.leaders if same else placing.leaders(entry.group, days, start)
        rooms = placing.rooms(entry.group, days, start)
        if leaders is None or rooms is None:
            return None
        meetings = tuple(
            entry.meetings[0].model_copy(
                update={"day": day_name(d), "room": room, "start": start} | PLAIN
            )
            for d, room in zip(days, rooms, strict=True)
        )
        bare = {"members": (), "remote_members": (), "absences": ()}
        trial.open(entry.model_copy(update={"leaders": leaders, "meetings": meetings} | bare))
        for p in self._by_priority(able):
            self._sits(placing, entry.id, p, p in entry.remote_members)
        return trial.close(entry.id)

    def _sits(self, placing: Placing, section: str, patient: str, remote: bool) -> bool:
        """A patient joins a section if that is legal, the way they attended before if possible."""
        if not placing.join(section, patient):
            return False
        ledger = placing.ledger
        running = ledger.sections[section]
        if running.members[patient] != remote and remote in self.screen.seat_modes(
            patient, running.group
        ):
            group = self.clinic.groups[running.group]
            starts = self.screen.seat_starts(patient, group.id, remote)
            cells = [
                self.clinic.grid.cell(d, running.meetings[0].start)
                for d in running.days
                if d in self.clinic.stay[patient]
            ]
            if all(starts >> c & 1 for c in cells):
                ledger.leave(section, patient)
                ledger.join(section, patient, remote)
        return True

    def _can_lead(self, entry: Section, days: tuple[int, ...], start: int, week: Ledger) -> bool:
        group = self.clinic.groups[entry.group]
        return all(
            self.screen.lead_starts(t, group.id, place) >> self.clinic.grid.cell(d, start) & 1
            and not week.therapist_busy(t) & self.clinic.meeting_cells(group, d, start)
            for place, t in enumerate(entry.leaders)
            for d in days
        )

    # -- one member -------------------------------------------------------------------------------

    def _member(self, unit: Unit, p: str, running: Running, week: Ledger) -> Iterator[Remedy]:
        """A member who cannot come: by video if the group allows it, or in another section."""
        group = self.clinic.groups[running.group]
        mine = frozenset({p})
        by_video = group.modality == "hybrid" and at_home(p, unit.day, self.outs)
        if by_video and True in self.screen.seat_modes(p, group.id):
            yield Remedy("remote", (Attend(unit.ref, p, unit.day, True),), mine)
        if unit.ref not in week.sections or not self._may_change_whole(running):
            return
        for other in week.by_group[running.group]:
            if other == unit.ref or not self._may_change_whole(week.sections[other]):
                continue
            trial = week.copy()
            Leave(unit.ref, p).perform(trial)
            if Placing(trial).join(other, p):
                remote = trial.sections[other].members[p]
                ops: tuple[Op, ...] = (Leave(unit.ref, p), Join(other, p, remote))
                yield Remedy("move", ops, mine, unit.ref)


__all__ = ["Kind", "Remedies", "Remedy"]
