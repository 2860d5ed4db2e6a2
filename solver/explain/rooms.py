"""Real rooms for what a suggestion adds; everybody else stays where they are."""

from __future__ import annotations

from ..clinic import Clinic
from ..ledger import Ledger
from ..rooming import kind_of, name_rooms
from ..schedule import Appointment
from ..timegrid import DAY_NUMBER


def with_rooms(clinic: Clinic, week: Ledger, found: Ledger) -> Ledger:
    """Real rooms for what is new; what was there keeps its own."""
    room: str | None
    for ref in [s for s in found.sections if _is_new(week, found, s)]:
        entry = found.close(ref)
        was = week.sections.get(ref)
        rooms = {m.day: m.room for m in was.meetings} if was else {}
        meetings = []
        for m in entry.meetings:
            group = clinic.groups[entry.group]
            cells = clinic.meeting_cells(group, DAY_NUMBER[m.day], m.start)
            room = _free_like(clinic, found, m.room, cells, rooms.get(m.day))
            meetings.append(m.model_copy(update={"room": room}))
        found.open(entry.model_copy(update={"meetings": tuple(meetings)}))
    loose = [
        found.cancel(ref)
        for ref, a in list(found.appointments.items())
        if week.appointments.get(ref) != a
    ]
    before = {a.id: _as_before(week, a) for a in loose}
    # Whoever keeps the hour keeps the room; the others find theirs beside them.
    for a in sorted(loose, key=lambda a: before[a.id] is None):
        cells = clinic.occupied(DAY_NUMBER[a.day], a.start, clinic.services[a.service].minutes)
        then = before[a.id]
        if a.room and then and then.room and not found.room_busy(then.room) & cells:
            room = then.room
        else:
            room = _free_like(clinic, found, a.room, cells, None)
        found.book(a.model_copy(update={"room": room}))
    if any(_clash(found, room) for room in clinic.rooms):
        return Ledger(clinic, name_rooms(clinic, found.schedule()))
    return found


def _as_before(week: Ledger, a: Appointment) -> Appointment | None:
    """The appointment of the same patient, service and time, if there was one."""
    like = (a.patient, a.service, a.day, a.start)
    return next(
        (w for w in week.appointments.values() if (w.patient, w.service, w.day, w.start) == like),
        None,
    )


def _is_new(week: Ledger, found: Ledger, ref: str) -> bool:
    before = week.sections.get(ref)
    return before is None or before.meetings != found.sections[ref].meetings


def _free_like(
    clinic: Clinic, week: Ledger, room: str | None, cells: int, before: str | None
) -> str | None:
    """A free room of the same kind, the one it was in before all others."""
    if room is None:
        return None
    rooms = kind_of(clinic)[room].rooms
    ordered = sorted(rooms, key=lambda r: r != before)
    return next((r for r in ordered if not week.room_busy(r) & cells), room)


def _clash(week: Ledger, room: str) -> bool:
    taken = 0
    for use in week.room_uses[room]:
        if taken & use.cells:
            return True
        taken |= use.cells
    return False
