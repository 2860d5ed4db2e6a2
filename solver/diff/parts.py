"""What one person has of one entry of a schedule, and one thing to tell them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal, TypeVar

from ..clinic import Clinic
from ..scenario import Format
from ..schedule import Appointment, Section
from ..timegrid import DAY_NUMBER
from .entries import AnEntry, plain_meeting, when

Kind = Literal["patient", "family", "therapist", "desk"]
KINDS: tuple[Kind, ...] = ("patient", "family", "therapist", "desk")
"""``desk`` is whoever keeps the timetable: told of entries that concern no person at all."""
Aspect = Literal["time", "room", "leaders", "place", "way", "cancelled", "absence", "people"]
ASPECTS: tuple[Aspect, ...] = (
    "time",
    "room",
    "leaders",
    "place",
    "way",
    "cancelled",
    "absence",
    "people",
)
Person = tuple[Kind, str]
V = TypeVar("V")


@dataclass(frozen=True, slots=True)
class Slot:
    """One meeting as one person has it.

    Attributes:
        end: minutes of the day; None where the group is gone and its length with it.
        leaders: whom a patient meets, or with whom a therapist leads, in alphabetical order of ids.
        place: which of the leaders' places a therapist takes; None for everybody else.
        remote: the person is there by video.
        absent: the person is excused.
    """

    day: int
    start: int
    end: int | None
    room: str | None
    leaders: tuple[str, ...] = ()
    place: int | None = None
    remote: bool = False
    cancelled: bool = False
    absent: bool = False


@dataclass(frozen=True, slots=True)
class Part:
    """What one person has of one entry; equal parts need no telling.

    Attributes:
        subject: id of the group, or of the service of an appointment.
        people: what a therapist knows of those they lead or see, as (patient, by video, days absent);
            empty for everybody else.
    """

    format: Format
    subject: str
    slots: tuple[Slot, ...]
    people: tuple[tuple[str, bool, tuple[int, ...]], ...] = ()

    def time(self) -> tuple[tuple[int, int], ...]:
        return tuple((s.day, s.start) for s in self.slots)


@dataclass(frozen=True, slots=True)
class Item:
    """One thing to tell one person: what they had (None: it is new), what they have (None: it ends)."""

    old: Part | None
    new: Part | None
    old_id: str | None
    new_id: str | None

    @property
    def part(self) -> Part:
        """Either side; there is always one."""
        part = self.new or self.old
        assert part is not None
        return part

    def aspects(self) -> tuple[Aspect, ...]:
        """In what the two sides differ; empty where one of them is missing."""
        if self.old is None or self.new is None:
            return ()
        old, new = _aspects(self.old), _aspects(self.new)
        return tuple(a for a in ASPECTS if old[a] != new[a])


def _aspects(part: Part) -> dict[Aspect, object]:
    """A part taken apart, so that what is alike at all meetings does not differ when they move."""
    held = [s for s in part.slots if not s.cancelled]
    return {
        "time": part.time(),
        "room": steady({s.day: s.room for s in held}),
        "leaders": steady({s.day: s.leaders for s in held}),
        "place": steady({s.day: s.place for s in held}),
        "way": any(s.remote for s in part.slots),
        "cancelled": [s.day for s in part.slots if s.cancelled],
        "absence": [s.day for s in part.slots if s.absent],
        "people": part.people,
    }


def steady(by_day: dict[int, V]) -> V | dict[int, V]:
    """The one value of all days, or the value of each where there are several or none."""
    values = set(by_day.values())
    return values.pop() if len(values) == 1 else by_day


@dataclass(frozen=True, slots=True)
class Told:
    """A person and everything they must be told, in time order.

    Attributes:
        here: whether the scenario still has them; who is gone need not be called.
    """

    kind: Kind
    id: str
    here: bool
    items: tuple[Item, ...]


def parts(clinic: Clinic, entry: AnEntry) -> dict[Person, Part]:
    """What each person has of an entry."""
    if isinstance(entry, Appointment):
        return _parts_of_appointment(clinic, entry)
    return _parts_of_section(clinic, entry)


def _parts_of_appointment(clinic: Clinic, a: Appointment) -> dict[Person, Part]:
    service = clinic.services[a.service]
    slot = Slot(
        DAY_NUMBER[a.day], a.start, a.start + service.minutes, a.room, (a.therapist,),
        remote=a.remote,
    )  # fmt: skip
    theirs = Part(service.format, a.service, (slot,))
    who = (a.patient, a.remote, ())
    out: dict[Person, Part] = {("patient", a.patient): theirs}
    if service.format == "family":
        out["family", a.patient] = theirs
    out["therapist", a.therapist] = replace(
        theirs, slots=(replace(slot, leaders=()),), people=(who,)
    )
    return out


def _parts_of_section(clinic: Clinic, s: Section) -> dict[Person, Part]:
    group = clinic.groups.get(s.group)
    slots = [
        (
            m,
            Slot(
                DAY_NUMBER[m.day],
                m.start,
                m.start + group.minutes if group else None,
                m.room,
                cancelled=m.cancelled,
            ),
        )
        for m in sorted((plain_meeting(s, m) for m in s.meetings), key=when)
    ]
    telehealth = group is not None and group.modality == "telehealth"
    away = {(a.patient, DAY_NUMBER[a.day]) for a in s.absences}
    out: dict[Person, Part] = {}
    for p in s.members:
        by_video = telehealth or p in s.remote_members
        stay = clinic.stay.get(p, frozenset(range(7)))
        out["patient", p] = Part(
            "group",
            s.group,
            tuple(
                replace(
                    slot,
                    leaders=() if m.cancelled else tuple(sorted(s.leaders_at(m))),
                    remote=by_video,
                    absent=(p, slot.day) in away,
                )
                for m, slot in slots
                if slot.day in stay
            ),
        )
    people = tuple(
        (p, p in s.remote_members, tuple(sorted(d for q, d in away if q == p)))
        for p in sorted(s.members)
    )
    everyone = dict.fromkeys([*s.leaders, *(t for m, _ in slots for t in s.leaders_at(m))])
    for t in everyone:
        led = tuple(
            replace(
                slot,
                leaders=() if m.cancelled else tuple(sorted(x for x in s.leaders_at(m) if x != t)),
                place=None if m.cancelled else s.leaders_at(m).index(t),
            )
            for m, slot in slots
            if t in s.leaders_at(m)
        )
        out["therapist", t] = Part("group", s.group, led, people)
    return out


def bare(entry: AnEntry | None) -> Part | None:
    """An entry that nobody has to be told of, as the desk sees it."""
    if entry is None:
        return None
    if isinstance(entry, Appointment):
        return Part("individual", entry.service, ())
    slots = tuple(
        Slot(DAY_NUMBER[m.day], m.start, None, m.room, cancelled=m.cancelled)
        for m in sorted(entry.meetings, key=when)
    )
    return Part("group", entry.group, slots)
