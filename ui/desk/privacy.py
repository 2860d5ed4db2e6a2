"""Initials instead of names: a scenario and its schedule with nobody in it to be recognised.

Patients' ids go too, because ids are often made from names; so do the ids of appointments, which
are made from patients' ids, and what patients are committed to. Everything else stays, so whatever
can be asked of a week can be asked of this one and has the same answer.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping

from solver.io.out.names import initials
from solver.scenario import Commitment, Lock, Patient, Scenario
from solver.schedule import Absence, Appointment, Schedule, Section

COMMITTED = "committed"
"""What every commitment is called."""


class Initials:
    """One scenario's people by their initials, told apart by a number where they have the same."""

    def __init__(self, scenario: Scenario) -> None:
        self._people = _told_apart(scenario.patients)
        self._visits: dict[str, str] = {}
        if scenario.baseline is not None:
            for appointment in scenario.baseline.appointments:
                self._visit(appointment.id)
        self.scenario = scenario.model_copy(
            update={
                "patients": tuple(map(self._patient, scenario.patients)),
                "baseline": scenario.baseline and self.schedule(scenario.baseline),
                "locks": tuple(map(self._lock, scenario.locks)),
            }
        )

    def schedule(self, schedule: Schedule) -> Schedule:
        """A schedule of the scenario with the same initials."""
        return schedule.model_copy(
            update={
                "sections": tuple(map(self._section, schedule.sections)),
                "appointments": tuple(map(self._appointment, schedule.appointments)),
                "not_admitted": self._all(schedule.not_admitted),
            }
        )

    def _who(self, patient: str) -> str:
        return self._people.get(patient) or self._people.setdefault(
            patient, f"former patient {len(self._people) + 1}"
        )

    def _all(self, patients: Iterable[str]) -> tuple[str, ...]:
        return tuple(self._who(p) for p in patients)

    def _visit(self, appointment: str) -> str:
        return self._visits.setdefault(appointment, f"appointment-{len(self._visits) + 1}")

    def _patient(self, patient: Patient) -> Patient:
        who = self._who(patient.id)
        return patient.model_copy(
            update={
                "id": who,
                "name": who,
                "keep_apart": self._all(patient.keep_apart),
                "commitments": tuple(map(_unlabelled, patient.commitments)),
            }
        )

    def _lock(self, lock: Lock) -> Lock:
        return lock.model_copy(
            update={
                "patient": lock.patient and self._who(lock.patient),
                "appointment": lock.appointment and self._visit(lock.appointment),
            }
        )

    def _section(self, section: Section) -> Section:
        return section.model_copy(
            update={
                "members": self._all(section.members),
                "remote_members": self._all(section.remote_members),
                "absences": tuple(map(self._absence, section.absences)),
            }
        )

    def _absence(self, absence: Absence) -> Absence:
        return absence.model_copy(update={"patient": self._who(absence.patient)})

    def _appointment(self, appointment: Appointment) -> Appointment:
        return appointment.model_copy(
            update={
                "id": self._visit(appointment.id),
                "patient": self._who(appointment.patient),
            }
        )


def _unlabelled(commitment: Commitment) -> Commitment:
    return commitment.model_copy(update={"label": COMMITTED})


def _told_apart(patients: Iterable[Patient]) -> dict[str, str]:
    by_id: Mapping[str, str] = {p.id: initials(p.name or p.id) for p in patients}
    often, seen = Counter(by_id.values()), Counter[str]()
    out = {}
    for patient, letters in by_id.items():
        seen[letters] += 1
        out[patient] = f"{letters} {seen[letters]}" if often[letters] > 1 else letters
    return out
