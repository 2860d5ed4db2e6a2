"""How much of the week that people live by is kept: counted in plain Python, and on a model.

What a patient *has* is a seat in a section or an appointment, as the baseline says it: days, start,
rooms, leaders by place, in the room or by video. A *change* is one such thing that is not there any
more as it was, once for each patient concerned: a section that moves changes as many things as it has
members. What is added changes nothing. Days on closed dates, groups and patients that are gone are left
out, as disruption does; a leader or room that is gone cannot be kept.

Disruption weighs changes (a new room is less than a new time, a group joined costs as well); here they
are only counted, because "how many people's things may we touch" is what a scheduler caps.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, NamedTuple

from ..clinic import Clinic
from ..ledger import Ledger
from ..linear import Linear, Literal
from ..rules import Rule, Scope
from ..schedule import Appointment, Meeting, Schedule, Section
from ..timegrid import DAY_NUMBER
from ..violations import Violation

if TYPE_CHECKING:
    from ..options import Option
    from ..variables import Variables

Held = tuple[int, int, str | None, tuple[str, ...] | None, bool]
"""One meeting: day, start, room, own leaders, cancelled."""
SectionKey = tuple[str, tuple[str, ...], tuple[Held, ...]]
VisitKey = tuple[str, str, int, int, str | None, bool]


class Seat(NamedTuple):
    """A patient's seat in a section; ``patient`` None: a section that nobody sits in."""

    patient: str | None
    remote: bool
    away: tuple[int, ...]
    section: SectionKey


class Visit(NamedTuple):
    """A patient's appointment."""

    patient: str
    appointment: VisitKey


Thing = Seat | Visit
"""Something that a patient has."""


def _section_key(clinic: Clinic, s: Section) -> SectionKey:
    held = sorted(
        (
            DAY_NUMBER[m.day],
            m.start,
            None if m.cancelled else m.room,
            _own_leaders(s, m),
            m.cancelled,
        )
        for m in s.meetings
        if DAY_NUMBER[m.day] not in clinic.closed_days
    )
    return s.group, s.leaders, tuple(held)


def _own_leaders(s: Section, m: Meeting) -> tuple[str, ...] | None:
    return m.leaders if m.leaders and m.leaders != s.leaders and not m.cancelled else None


def _seats(clinic: Clinic, sections: Iterable[Section]) -> Iterator[Seat]:
    for s in sections:
        key = _section_key(clinic, s)
        if not key[2]:
            continue
        away: dict[str, list[int]] = {}
        for a in s.absences:
            if DAY_NUMBER[a.day] not in clinic.closed_days:
                away.setdefault(a.patient, []).append(DAY_NUMBER[a.day])
        remote = set(s.remote_members)
        for p in s.members:
            yield Seat(p, p in remote, tuple(sorted(set(away.get(p, ())))), key)
        if not s.members:
            yield Seat(None, False, (), key)


def _visits(clinic: Clinic, appointments: Iterable[Appointment]) -> Iterator[Visit]:
    for a in appointments:
        day = DAY_NUMBER[a.day]
        if day not in clinic.closed_days:
            yield Visit(a.patient, (a.service, a.therapist, day, a.start, a.room, a.remote))


def had(clinic: Clinic) -> Counter[Thing]:
    """Everything the baseline gives to people who are still here."""
    return clinic.remember("had", lambda: _had(clinic))


def _had(clinic: Clinic) -> Counter[Thing]:
    base = clinic.baseline
    if base is None or clinic.scenario.baseline is None:
        return Counter()
    # A section whose members have all left the clinic is nobody's any more.
    sat_in = {s.id for s in clinic.scenario.baseline.sections if s.members}
    sections = [s for s in base.sections if s.members or s.id not in sat_in]
    return Counter([*_seats(clinic, sections), *_visits(clinic, base.appointments)])


def has(clinic: Clinic, week: Schedule | Ledger) -> Counter[Thing]:
    """Everything a week gives to people."""
    schedule = week.schedule() if isinstance(week, Ledger) else week
    return Counter([*_seats(clinic, schedule.sections), *_visits(clinic, schedule.appointments)])


def changed(clinic: Clinic, week: Schedule | Ledger) -> Counter[Thing]:
    """What the baseline gives and the week does not, as it was."""
    return had(clinic) - has(clinic, week)


def changes(clinic: Clinic, week: Schedule | Ledger) -> int:
    """How many things people had are not as they were."""
    return changed(clinic, week).total()


def moved(clinic: Clinic, week: Schedule | Ledger) -> int:
    """Group meetings that people had, at a day and time at which they now have none of the group."""
    schedule = week.schedule() if isinstance(week, Ledger) else week
    now = _meetings(_seats(clinic, schedule.sections))
    return sum(len(times - now.get(seat, set())) for seat, times in _met(clinic).items())


def _met(clinic: Clinic) -> dict[tuple[str, str], set[tuple[int, int]]]:
    """(patient, group) -> days and starts of the baseline's meetings."""
    return clinic.remember("met", lambda: _meetings(t for t in had(clinic) if isinstance(t, Seat)))


def _meetings(seats: Iterable[Seat]) -> dict[tuple[str, str], set[tuple[int, int]]]:
    out: dict[tuple[str, str], set[tuple[int, int]]] = {}
    for seat in seats:
        if seat.patient is not None:
            times = {(day, start) for day, start, *_ in seat.section[2]}
            out.setdefault((seat.patient, seat.section[0]), set()).update(times)
    return out


A_CHANGE = 1_000
"""How much one change weighs against one meeting moved: fewer changes first, then fewer moved days."""


def farness(clinic: Clinic, week: Schedule | Ledger) -> int:
    """How far a week is from the baseline: its changes, then its moved meetings."""
    return A_CHANGE * changes(clinic, week) + moved(clinic, week)


class MostChanges(Rule):
    """No more than so many things of the baseline are changed; a cap that a user sets for one answer."""

    key = "max_changes"
    title = "No more changes than asked for"

    def __init__(self, most: int) -> None:
        self.most = most

    def check(self, clinic: Clinic, ledger: Ledger, scope: Scope) -> Iterator[Violation]:
        found = changes(clinic, ledger)
        if found > self.most:
            text = f"{found} things that people had are changed, {self.most} at most may be"
            yield Violation(self.key, "baseline", text, found - self.most)

    def post(self, v: Variables) -> None:
        v.limit(changes_expression(v), self.most)


# -- on a model -------------------------------------------------------------------------------------


def changes_expression(v: Variables) -> Linear:
    """The number of changes, never less; equal to it when minimised."""
    out = Linear(constant=had(v.clinic).total())
    asked = had(v.clinic) - has(v.clinic, v.ledger)
    out.constant -= (had(v.clinic) & has(v.clinic, v.ledger)).total()
    sections = _Sections(v)
    for thing in asked:
        kept = sections.kept(thing) if isinstance(thing, Seat) else _kept_visit(v, *thing)
        for literal in kept:
            out.add(literal, -1)
    return out


def farness_expression(v: Variables) -> Linear:
    """How far a week is from the baseline, never less; equal to it when minimised."""
    out = changes_expression(v).scaled(A_CHANGE)
    met = _met(v.clinic)
    held = _meetings(_seats(v.clinic, v.ledger.schedule().sections))
    for seat, times in met.items():
        out.constant += len(times - held.get(seat, set()))
    for p in {patient for patient, _ in met}:
        for s in v.seats_of(p):
            option, seat = v.option(s), (p, s.group or "")
            left = met.get(seat, set()) - held.get(seat, set())
            there = {(day, option.start) for day in option.days}
            out.add(s.var, -len(left & there))
    return out


def _kept_visit(v: Variables, patient: str, key: VisitKey) -> list[Literal]:
    service, therapist, day, start, room, remote = key
    return [
        t.var
        for t in v.terms(patient)
        if t.option is None
        and (t.service, t.remote, t.pool, t.room) == (service, remote, (therapist,), room)
        and (t.meets[0].day, t.meets[0].start) == (day, start)
    ]


class _Sections:
    """Seats of a model that are what the baseline gave: in a section just like it."""

    def __init__(self, v: Variables) -> None:
        self.v = v
        self.as_was: dict[tuple[int, SectionKey], Literal] = {}
        self.kept_options: dict[SectionKey, list[Option]] = {}
        self.new_options: dict[tuple[str, tuple[int, ...], int], list[Option]] = {}
        for option in v.options:
            if option.kept is not None:
                key = _section_key(v.clinic, option.kept.entry())
                self.kept_options.setdefault(key, []).append(option)
            else:
                time = (option.group, option.days, option.start)
                self.new_options.setdefault(time, []).append(option)

    def kept(self, seat: Seat) -> list[Literal]:
        """Literals of which at most one holds, and only where the seat is kept."""
        patient, remote, away, key = seat
        if away:
            return []  # a seat that is taken anew is one without absences
        out: list[Literal] = []
        for option in self.kept_options.get(key, ()):
            out += self._seats(option, patient, remote)
        for option in self._like(key):
            there = self._as_was(option, key)
            if there is None:
                continue
            if patient is None:
                out.append(there)
            for sitting in self._seats(option, patient, remote):
                both = self.v.flag()
                self.v.model.add_implication(both, sitting)
                self.v.model.add_implication(both, there)
                out.append(both)
        return out

    def _seats(self, option: Option, patient: str | None, remote: bool) -> list[Literal]:
        return [
            s.var
            for s in self.v.seats_in(option)
            if s.patient == patient and s.remote_member == remote
        ]

    def _like(self, key: SectionKey) -> list[Option]:
        """Options at the section's time, if it may be made anew as it was."""
        group, _, held = key
        starts = {start for _, start, *_ in held}
        if len(starts) > 1 or any(own or cancelled for *_, own, cancelled in held):
            return []
        return self.new_options.get((group, tuple(day for day, *_ in held), starts.pop()), [])

    def _as_was(self, option: Option, key: SectionKey) -> Literal | None:
        """A literal that holds only where the option has the section's leaders and rooms."""
        if (option.index, key) in self.as_was:
            return self.as_was[option.index, key]
        v, needed = self.v, [option.open]
        group, leaders, held = key
        places = v.clinic.groups[group].leaders
        if len(places) != len(leaders):
            return None
        for place, leader in zip(places, leaders, strict=True):
            needed.append(
                next(
                    (
                        x.var
                        for x in v.leads_in(option)
                        if x.therapist == leader
                        and frozenset(places[x.place].credentials) == frozenset(place.credentials)
                    ),
                    0,
                )
            )
        for day, _, room, _, _ in held:
            if (room is not None) != v.clinic.groups[group].needs_room:
                return None
            if room is not None:
                picks = v.rooms_in(option, day)
                found = (x.var for x in picks if v.clinic_room(x.kind) == room)
                needed.append(next(found, 0))
        if any(isinstance(x, int) and not x for x in needed):
            return None
        there = v.flag()
        for x in needed:
            if not isinstance(x, int):
                v.model.add_implication(there, x)
        self.as_was[option.index, key] = there
        return there


def leaders_in_place(clinic: Clinic, schedule: Schedule) -> Schedule:
    """The schedule with leaders back in the baseline's order where places are alike.

    A model tells alike places apart no more than a rule does; who led first still leads first.
    """
    before: dict[tuple[str, tuple[int, ...], int], list[Section]] = {}
    for b in clinic.baseline_sections.values():
        meetings = clinic.open_meetings(b)
        if meetings:
            days = tuple(sorted(DAY_NUMBER[m.day] for m in meetings))
            before.setdefault((b.group, days, meetings[0].start), []).append(b)

    def placed(s: Section) -> Section:
        days = tuple(sorted(DAY_NUMBER[m.day] for m in s.meetings))
        places = [frozenset(x.credentials) for x in clinic.groups[s.group].leaders]
        for b in before.get((s.group, days, s.meetings[0].start), ()) if s.meetings else ():
            alike = len(b.leaders) == len(s.leaders) == len(places)
            if alike and Counter(zip(places, b.leaders, strict=True)) == Counter(
                zip(places, s.leaders, strict=True)
            ):
                return s.model_copy(update={"leaders": b.leaders})
        return s

    return schedule.model_copy(update={"sections": tuple(map(placed, schedule.sections))})
