"""What locks keep of the baseline, as entries to start from.

A locked section or day mostly leaves nothing open: its sections and appointments go into the ledger
before anything is decided (``settled``). Where something is left open (a section that must meet on
Monday as before, but whose other day may move; a leader who is gone) it is a *loose* pin, which the
model decides among its options.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from .clinic import Clinic
from .ledger import Ledger
from .rules.locks import frozen_entries
from .schedule import Appointment, Section
from .screening import screening_of
from .timegrid import DAY_NUMBER


@dataclass(frozen=True, slots=True)
class Pin:
    """What is kept of one section.

    Attributes:
        days: day numbers whose meeting is kept; ``exact`` when the section meets on no other.
        leaders: by place; None where the one who led is gone.
        rooms: day -> room kept; days whose room is gone are left out.
        members: patient -> whether they join by video.
    """

    id: str
    group: str
    days: frozenset[int]
    exact: bool
    start: int
    leaders: tuple[str | None, ...]
    rooms: dict[int, str]
    members: dict[str, bool]

    def allows(self, days: tuple[int, ...], start: int) -> bool:
        if start != self.start:
            return False
        return set(days) == self.days if self.exact else self.days <= set(days)


def pins(clinic: Clinic) -> dict[str, Pin]:
    """Every section that locks keep, by id."""
    return clinic.remember("pins", lambda: _pins(clinic))


def _pins(clinic: Clinic) -> dict[str, Pin]:
    bound: dict[str, set[int]] = {}
    for t, days in clinic.frozen_days.items():
        for day in days:
            for entry in frozen_entries(clinic, t, day):
                if isinstance(entry, Section):
                    bound.setdefault(entry.id, set()).add(day)
    out = {s: _pin(clinic, clinic.baseline_sections[s], days, False) for s, days in bound.items()}
    for s, section in clinic.pinned_sections.items():
        met = {DAY_NUMBER[m.day] for m in clinic.open_meetings(section)}
        exact = tuple(sorted(met)) in clinic.day_sets[section.group]
        out[s] = _pin(clinic, section, met, exact)
    return out


def _pin(clinic: Clinic, section: Section, days: Collection[int], exact: bool) -> Pin:
    kept = [m for m in section.meetings if DAY_NUMBER[m.day] in days]
    leaders = section.leaders_at(kept[0]) if kept else section.leaders
    return Pin(
        id=section.id,
        group=section.group,
        days=frozenset(days),
        exact=exact,
        start=kept[0].start if kept else 0,
        leaders=tuple(t if t in clinic.therapists else None for t in leaders),
        rooms={DAY_NUMBER[m.day]: m.room for m in kept if m.room in clinic.rooms and m.room},
        members={p: _way(clinic, section, p) for p in section.members},
    )


def _way(clinic: Clinic, section: Section, patient: str) -> bool:
    """How a member who stays joins: as before, or in the other way if that is now ruled out."""
    was = patient in section.remote_members
    modes = screening_of(clinic).seat_modes(patient, section.group)
    return was if was in modes or not modes else modes[0]


def settled(clinic: Clinic) -> tuple[list[Section], list[Appointment]]:
    """Sections and appointments that locks settle entirely."""
    sections = [
        entry for pin in pins(clinic).values() if (entry := _whole(clinic, pin)) is not None
    ]
    return sections, settled_appointments(clinic)


def _whole(clinic: Clinic, pin: Pin) -> Section | None:
    """The section a pin settles, or None where it leaves something open."""
    section = clinic.baseline_sections[pin.id]
    kept = clinic.open_meetings(section)
    special = bool(section.absences) or any(m.cancelled or m.leaders is not None for m in kept)
    sets = [d for d in clinic.day_sets[pin.group] if pin.allows(d, pin.start)]
    possible = len(sets) == 1 and set(sets[0]) == pin.days
    here = None not in pin.leaders and all(m.room is None or m.room in clinic.rooms for m in kept)
    if not special and sets and not (possible and here):
        return None
    return provisional(clinic, pin)


def provisional(clinic: Clinic, pin: Pin) -> Section:
    """A pin's section as the baseline has it, less closed dates and what is gone."""
    section = clinic.baseline_sections[pin.id]
    meetings = tuple(
        m.model_copy(
            update={
                "room": m.room if m.room in clinic.rooms else None,
                "leaders": None
                if m.leaders is None
                else tuple(t for t in m.leaders if t in clinic.therapists),
            }
        )
        for m in clinic.open_meetings(section)
    )
    return section.model_copy(
        update={
            "meetings": meetings,
            "leaders": tuple(t for t in section.leaders if t in clinic.therapists),
            "remote_members": tuple(p for p, remote in pin.members.items() if remote),
        }
    )


def settled_appointments(clinic: Clinic) -> list[Appointment]:
    """Appointments that locks keep, each once."""
    kept = dict(clinic.pinned_appointments)
    for t, days in clinic.frozen_days.items():
        for day in days:
            for entry in frozen_entries(clinic, t, day):
                if isinstance(entry, Appointment):
                    kept[entry.id] = entry
    return [a for a in kept.values() if a.therapist in clinic.therapists]


def settled_ledger(clinic: Clinic, loose: bool = True) -> Ledger:
    """A ledger of what locks settle; with ``loose`` False, loose pins as the baseline has them."""
    sections, appointments = settled(clinic)
    ledger = Ledger(clinic)
    for section in sections:
        ledger.open(section)
    for a in appointments:
        gone = a.room is not None and a.room not in clinic.rooms
        ledger.book(a.model_copy(update={"room": _another_room(ledger, a)}) if gone else a)
    if not loose:
        for pin in pins(clinic).values():
            if pin.id not in ledger.sections:
                ledger.open(provisional(clinic, pin))
    return ledger


def _another_room(ledger: Ledger, a: Appointment) -> str | None:
    """The smallest room for an appointment whose own is gone."""
    clinic, screen = ledger.clinic, screening_of(ledger.clinic)
    day = DAY_NUMBER[a.day]
    cells = clinic.occupied(day, a.start, clinic.services[a.service].minutes)
    fit = [
        r
        for r in clinic.rooms
        if screen.housing(r, None, a.service) >> clinic.grid.cell(day, a.start) & 1
        and not ledger.room_busy(r) & cells
    ]
    return min(fit, key=lambda r: clinic.rooms[r].capacity, default=None)


def loose_pins(clinic: Clinic, ledger: Ledger) -> dict[str, Pin]:
    """Pins that the ledger does not hold yet."""
    return {i: pin for i, pin in pins(clinic).items() if i not in ledger.sections}


def ids_kept(clinic: Clinic) -> frozenset[str]:
    """Ids of sections and appointments that nobody may remove from a legal schedule."""
    kept = {a.id for a in settled_appointments(clinic)} | set(pins(clinic))
    return frozenset(kept)


def stays(clinic: Clinic, patient: str, section: str) -> bool:
    """Whether a lock keeps this patient in this section; others may leave a locked section again."""
    pin = pins(clinic).get(section)
    return pin is not None and patient in pin.members
