"""The sessions of a published week, who was due at each, and what one record says about one of them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from ..clinic import Clinic
from ..errors import Fault
from ..schedule import Appointment, Schedule, Section
from ..timegrid import DAY_NUMBER, DAYS, MINUTES_A_DAY, clock, parse_clock
from ..validation.wording import found, nearest, quoted

_YES = {"yes", "y", "true", "1", "x", "attended", "present"}
_NO = {"no", "n", "false", "0", "missed", "absent", "no-show"}

Session = tuple[str, int]
"""A section or appointment, and the day number."""


@dataclass(slots=True)
class Record:
    """One record as it was written; ``place`` says where each of its fields stands."""

    place: Callable[[str], str]
    patient: object = None
    section: object = None
    appointment: object = None
    session: object = None
    day: object = None
    attended: object = None


def at(minute: int) -> str:
    """``thu 12:00`` for a minute of the week."""
    day, rest = divmod(minute, MINUTES_A_DAY)
    if day > 6:
        return "sun 24:00"
    return f"{DAYS[day]} {clock(rest)}"


def parse_until(text: str) -> int:
    """The minute of the week of ``thu 12:00`` (or ``thu``: the end of the day).

    Raises:
        ValueError: it is neither.
    """
    day, _, time = text.strip().partition(" ")
    if day not in DAY_NUMBER:
        raise ValueError(f"found {quoted(text)}; a day and a time such as 'thu 12:00' are expected")
    return DAY_NUMBER[day] * MINUTES_A_DAY + (parse_clock(time.strip()) if time else MINUTES_A_DAY)


class Sessions:
    """The sessions of a schedule, and who is due at each."""

    def __init__(self, clinic: Clinic, schedule: Schedule) -> None:
        self.clinic = clinic
        self.sections = {s.id: s for s in schedule.sections}
        self.appointments = {a.id: a for a in schedule.appointments}

    def over(self, until: int) -> Iterator[tuple[str, Session]]:
        """(patient, session) of all that has ended by a minute of the week."""
        for s in self.sections.values():
            away = {(a.patient, a.day) for a in s.absences}
            for m in s.meetings:
                session = (s.id, DAY_NUMBER[m.day])
                if m.cancelled or self.end(session) > until:
                    continue
                for p in s.members:
                    if DAY_NUMBER[m.day] in self.clinic.stay[p] and (p, m.day) not in away:
                        yield p, session
        for a in self.appointments.values():
            session = (a.id, DAY_NUMBER[a.day])
            if self.end(session) <= until:
                yield a.patient, session

    def end(self, session: Session) -> int:
        """Minute of the week at which a session ends."""
        ref, day = session
        if ref in self.sections:
            section = self.sections[ref]
            start = next(m.start for m in section.meetings if DAY_NUMBER[m.day] == day)
            minutes = self.clinic.groups[section.group].minutes
        else:
            start = self.appointments[ref].start
            minutes = self.clinic.services[self.appointments[ref].service].minutes
        return day * MINUTES_A_DAY + start + minutes

    def read(self, record: Record, faults: list[Fault]) -> tuple[tuple[str, Session], bool] | None:
        """What a record says; None (and faults) where it says nothing that can be."""
        before = len(faults)
        patient = self._known(record, "patient", record.patient, self.clinic.patients, faults)
        entry, key = self._entry(record, faults)
        came = self._attended(record, faults)
        if entry is None or patient is None or came is None or len(faults) > before:
            return None
        if isinstance(entry, Appointment):
            day = self._day_of(entry, record, faults)
            if entry.patient != patient:
                message = f"{quoted(entry.id)} is an appointment of {quoted(entry.patient)}"
                faults.append(Fault(record.place("patient"), message))
        else:
            day = self._meeting_day(entry, patient, record, key, faults)
        if day is None or len(faults) > before:
            return None
        return (patient, (entry.id, day)), came

    def _known(
        self,
        record: Record,
        key: str,
        value: object,
        known: Mapping[str, object],
        faults: list[Fault],
        what: str = "",
    ) -> str | None:
        if not isinstance(value, str):
            message = "missing; it must be given" if value is None else f"found {found(value)}"
            faults.append(Fault(record.place(key), message))
            return None
        if value not in known:
            guess = nearest(value, list(known))
            hint = f"; did you mean {quoted(guess)}?" if guess else ""
            faults.append(Fault(record.place(key), f"no {what or key} {quoted(value)}{hint}"))
            return None
        return value

    def _entry(
        self, record: Record, faults: list[Fault]
    ) -> tuple[Section | Appointment | None, str]:
        """The section or appointment a record names, and the key it is named by."""
        if record.session is not None or (record.section is None and record.appointment is None):
            key = "session"
            everything: dict[str, Section | Appointment] = {**self.appointments, **self.sections}
            if record.place("").startswith("records"):
                message = "missing; a section or an appointment must be given"
                faults.append(Fault(record.place(""), message))
                return None, key
            name = self._known(record, key, record.session, everything, faults)
            return (everything[name] if name is not None else None), key
        if record.section is not None and record.appointment is not None:
            message = "found both a section and an appointment; one of them is expected"
            faults.append(Fault(record.place(""), message))
            return None, "section"
        if record.section is not None:
            name = self._known(record, "section", record.section, self.sections, faults)
            return (self.sections[name] if name is not None else None), "section"
        name = self._known(record, "appointment", record.appointment, self.appointments, faults)
        return (self.appointments[name] if name is not None else None), "appointment"

    def _attended(self, record: Record, faults: list[Fault]) -> bool | None:
        value = record.attended
        if isinstance(value, bool):
            return value
        if isinstance(value, str) and value.strip().lower() in _YES | _NO:
            return value.strip().lower() in _YES
        said = "missing" if value is None else f"found {found(value)}"
        faults.append(Fault(record.place("attended"), f"{said}; yes or no is expected"))
        return None

    def _day_of(self, a: Appointment, record: Record, faults: list[Fault]) -> int | None:
        if record.day is not None and record.day != a.day:
            message = f"found {found(record.day)}; {quoted(a.id)} is on {a.day}"
            faults.append(Fault(record.place("day"), message))
            return None
        return DAY_NUMBER[a.day]

    def _meeting_day(
        self, s: Section, patient: str, record: Record, key: str, faults: list[Fault]
    ) -> int | None:
        if patient not in s.members:
            message = f"{quoted(patient)} is no member of {quoted(s.id)}"
            faults.append(Fault(record.place("patient"), message))
            return None
        held = {m.day: m for m in s.meetings}
        days = sorted(held, key=lambda d: DAY_NUMBER[d])
        day = record.day
        if not isinstance(day, str) or day not in held:
            said = "missing" if day is None else f"found {found(day)}"
            message = f"{said}; {quoted(s.id)} meets on {', '.join(days)}"
            faults.append(Fault(record.place("day"), message))
            return None
        if held[day].cancelled:
            message = f"{quoted(s.id)} is cancelled on {day}"
            faults.append(Fault(record.place("day"), message))
            return None
        if DAY_NUMBER[day] not in self.clinic.stay[patient]:
            message = f"{quoted(patient)} is not a patient on {day}"
            faults.append(Fault(record.place("day"), message))
            return None
        if any((a.patient, a.day) == (patient, day) for a in s.absences):
            message = f"{quoted(patient)} is excused from {quoted(s.id)} on {day} already"
            faults.append(Fault(record.place(key), message))
            return None
        return DAY_NUMBER[day]
