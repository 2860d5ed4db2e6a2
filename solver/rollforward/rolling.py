"""Next week's scenario: the schedule becomes the baseline, dates and people move on.

Nothing is changed in silence: whatever is dropped, taken back or worth a look is a notice.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta

from ..clinic import Clinic
from ..errors import Fault, FileFaults, ScenarioError
from ..ledger import Ledger
from ..notices import notices as worth_knowing
from ..scenario import Scenario
from ..schedule import Schedule
from ..validation import Notice, read_scenario
from ..validation.wording import nearest, quoted
from .baseline import baseline_next, locks_next
from .people import long, patients_next, therapists_next

WEEK = timedelta(days=7)


class AskedWrong(FileFaults):
    """What is asked cannot be done: every fault; places are the command line's options."""


@dataclass(frozen=True, slots=True)
class Asked:
    """Who leaves, who comes and who changes their level of care.

    Attributes:
        discharged: ids of patients.
        admitted: (where it comes from, a patient in the scenario's form) of each new patient.
        levels: patient -> program.
        started: ids of patients on the waiting list who are in treatment from now on.
    """

    discharged: tuple[str, ...] = ()
    admitted: tuple[tuple[str, Mapping[str, object]], ...] = ()
    levels: Mapping[str, str] = field(default_factory=dict)
    started: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Rolled:
    """Next week's scenario, and everything worth knowing about how it came about."""

    scenario: Scenario
    notices: tuple[Notice, ...]


def next_week(scenario: Scenario, schedule: Schedule, asked: Asked | None = None) -> Rolled:
    """The scenario of the week that follows one with this schedule.

    Raises:
        AskedWrong: patients or programs that are asked for and are not there, new patients whose entry
            is wrong.
    """
    asked = asked or Asked()
    if faults := [*_unknown(scenario, asked)]:
        raise AskedWrong(faults)
    clinic = Clinic(scenario)
    monday = scenario.week_start + WEEK
    week = Ledger(clinic, schedule)
    notices: list[Notice] = []
    patients = patients_next(
        clinic, week, monday, asked.discharged, asked.levels, asked.started, notices
    )
    notices += [Notice(source, "is admitted") for source, _ in asked.admitted]
    baseline = baseline_next(clinic, schedule, [p.id for p in patients], notices)
    following = scenario.model_copy(
        update={
            "week_start": monday,
            "closed_dates": tuple(_closed(scenario, notices)),
            "patients": tuple(patients),
            "therapists": tuple(therapists_next(scenario, baseline, monday, notices)),
            "baseline": baseline,
            "locks": (),
        }
    )
    following, gone = _with_admitted(following, asked.admitted)
    locks = locks_next(scenario.locks, following, notices)
    following = following.model_copy(update={"locks": tuple(locks)})
    return Rolled(following, (*notices, *gone, *worth_knowing(Clinic(following))))


def _unknown(scenario: Scenario, asked: Asked) -> list[Fault]:
    """Everything asked for that is not there, or asked for twice."""
    patients = {p.id: p for p in scenario.patients}
    programs = {p.id for p in scenario.programs}
    out = []
    seen: set[str] = set()
    for name in asked.discharged:
        if name not in patients:
            out.append(Fault("--discharge", _no("patient", name, list(patients))))
        elif name in seen:
            out.append(Fault("--discharge", f"found {quoted(name)} twice"))
        seen.add(name)
    for name, program in asked.levels.items():
        place = f"--level {name}={program}"
        if name not in patients:
            out.append(Fault(place, _no("patient", name, list(patients))))
        elif name in seen:
            out.append(Fault(place, f"{quoted(name)} is discharged"))
        elif program == patients[name].program:
            out.append(Fault(place, f"{quoted(name)} is in {quoted(program)} already"))
        if program not in programs:
            out.append(Fault(place, _no("program", program, list(programs))))
    for name in asked.started:
        if name not in patients:
            out.append(Fault("--start", _no("patient", name, list(patients))))
        elif name in asked.discharged:
            out.append(Fault("--start", f"{quoted(name)} is discharged"))
        elif patients[name].status != "waitlist":
            out.append(Fault("--start", f"{quoted(name)} is not on the waiting list"))
    taken = set(patients) - set(asked.discharged)
    for source, entry in asked.admitted:
        name_of = entry.get("id")
        if isinstance(name_of, str) and name_of in taken:
            out.append(Fault(source, f"id: there is a patient {quoted(name_of)} already"))
        elif isinstance(name_of, str):
            taken.add(name_of)
    return out


def _no(what: str, name: str, known: Sequence[str]) -> str:
    guess = nearest(name, known)
    return f"no {what} {quoted(name)}" + (f"; did you mean {quoted(guess)}?" if guess else "")


def _closed(scenario: Scenario, notices: list[Notice]) -> list[object]:
    """Closed dates that are still to come."""
    monday = scenario.week_start + WEEK
    left = []
    for when in scenario.closed_dates:
        if when < monday:
            notices.append(Notice("closed_dates", f"{long(when)} has passed and is dropped"))
            continue
        left.append(when)
        if when < monday + WEEK:
            notices.append(Notice("closed_dates", f"the clinic is closed on {long(when)}"))
    return list(left)


def _with_admitted(
    following: Scenario, admitted: Sequence[tuple[str, Mapping[str, object]]]
) -> tuple[Scenario, list[Notice]]:
    """The scenario with its new patients, read anew so that every fault in them comes out."""
    data = following.model_dump(mode="json")
    known = len(following.patients)
    patients = data["patients"]
    assert isinstance(patients, list)
    data["patients"] = [*patients, *(dict(entry) for _, entry in admitted)]
    try:
        return read_scenario(data)
    except ScenarioError as error:
        raise AskedWrong([_placed(f, known, admitted) for f in error.faults]) from None


def _placed(fault: Fault, known: int, admitted: Sequence[tuple[str, object]]) -> Fault:
    """A fault in a new patient's entry, under the file the entry comes from."""
    for number, (source, _) in enumerate(admitted):
        place = f"patients[{known + number}]"
        if fault.place == place or fault.place.startswith(f"{place}."):
            inner = fault.place.removeprefix(place).lstrip(".")
            return Fault(source, f"{inner}: {fault.message}" if inner else fault.message)
    return fault
