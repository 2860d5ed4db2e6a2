"""From initials back to whoever is meant: an answer about the masked week, for the week on the desk.

With "Initials only" commands run on the masked scenario, so that no word of theirs holds a name. When
an answer is applied, its schedule is given the ids of the desk's own files again.
"""

from __future__ import annotations

from collections.abc import Iterable

from solver.schedule import Appointment, Schedule, Section

from .opened import Opened


class Unmasked:
    """Ids of the week that is shown, and those of its files; both list patients in one order."""

    def __init__(self, opened: Opened) -> None:
        shown = opened.clinic.scenario
        self.is_masked = shown is not opened.scenario and shown != opened.scenario
        pairs = zip(shown.patients, opened.scenario.patients, strict=True)
        self.patients = {masked.id: real.id for masked, real in pairs}
        self.masked = {real: masked for masked, real in self.patients.items()}
        self._visits: dict[str, str] = {}
        sides = [(shown.baseline, opened.scenario.baseline)]
        sides += [(opened.week.schedule if opened.week else None, opened.schedule)]
        for side, real in sides:
            if side is not None and real is not None:
                for a, b in zip(side.appointments, real.appointments, strict=True):
                    self._visits[a.id] = b.id
                    self.patients.setdefault(a.patient, b.patient)
                for s, r in zip(side.sections, real.sections, strict=True):
                    for p, q in zip(s.members, r.members, strict=True):
                        self.patients.setdefault(p, q)

    def schedule(self, schedule: Schedule) -> Schedule:
        """A schedule of the week that is shown, as one of the files' week."""
        if not self.is_masked:
            return schedule
        taken = set(self._visits.values())
        visits = []
        for a in schedule.appointments:
            name = self._visits.get(a.id) or _new_name(self._who(a.patient), a, taken)
            taken.add(name)
            visits.append(a.model_copy(update={"id": name, "patient": self._who(a.patient)}))
        return schedule.model_copy(
            update={
                "sections": tuple(map(self._section, schedule.sections)),
                "appointments": tuple(visits),
                "not_admitted": self._all(schedule.not_admitted),
            }
        )

    def _section(self, s: Section) -> Section:
        return s.model_copy(
            update={
                "members": self._all(s.members),
                "remote_members": self._all(s.remote_members),
                "absences": tuple(
                    a.model_copy(update={"patient": self._who(a.patient)}) for a in s.absences
                ),
            }
        )

    def _who(self, patient: str) -> str:
        return self.patients.get(patient, patient)

    def _all(self, patients: Iterable[str]) -> tuple[str, ...]:
        return tuple(map(self._who, patients))


def _new_name(patient: str, a: Appointment, taken: set[str]) -> str:
    number = 1
    while (name := f"{patient}-{a.service}-{number}") in taken:
        number += 1
    return name
