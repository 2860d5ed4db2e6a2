"""What a scheduler should know before solving: groups that cannot run, patients who cannot come.

None of it is a fault: the week is solved without them, and the result says who is short of what.
But most of the time it is a slip in the data, and cheaper to mend now. Judged by the rules
themselves through ``screening``, so that a notice and a schedule never disagree.
"""

from __future__ import annotations

from collections.abc import Iterator

from .clinic import Clinic
from .scenario import Group, Patient
from .screening import Screening, screening_of
from .timegrid import day_of
from .validation import Notice


def notices(clinic: Clinic) -> list[Notice]:
    """Everything worth knowing about a scenario, in the order of its fields."""
    screening = screening_of(clinic)
    out = []
    if not clinic.open_cells:
        out.append(Notice("opening_hours", "the clinic is open at no time of this week"))
    for number, group in enumerate(clinic.scenario.groups):
        out += _said(f"groups[{number}]", group, _of_group(group, clinic, screening))
    for number, patient in enumerate(clinic.scenario.patients):
        out += _said(f"patients[{number}]", patient, _of_patient(patient, clinic))
    return out


def _said(place: str, entry: Group | Patient, messages: Iterator[str]) -> list[Notice]:
    name = f"{entry.name} ({entry.id})" if entry.name not in ("", entry.id) else entry.id
    return [Notice(place, f"{name}: {message}") for message in messages]


def _of_group(group: Group, clinic: Clinic, screening: Screening) -> Iterator[str]:
    if not clinic.open_cells:
        return
    starts = screening.gathering(group.id)
    if not starts:
        yield (
            "it can meet at no time of this week; its days, start times and windows, the grid, "
            "opening hours and equipment leave no start"
        )
        return
    yield from _without_leaders(group, clinic, screening, starts)
    if group.needs_room:
        fits = (
            clinic.rooms[room].capacity >= _heads(group)
            and screening.housing(room, group.id, None) & starts
            for room in clinic.rooms
        )
        if not any(fits):
            features = f" with {' and '.join(group.room_features)}" if group.room_features else ""
            yield (
                f"no room fits; it needs one{features} for {_heads(group)} or more, "
                "available at a time the group may meet"
            )


def _heads(group: Group) -> int:
    """Members in the room at least; those of a hybrid group may all join by video."""
    return 0 if group.modality == "hybrid" else group.size.min


def _without_leaders(
    group: Group, clinic: Clinic, screening: Screening, starts: int
) -> Iterator[str]:
    able: list[list[str]] = []
    for place, leader in enumerate(group.leaders):
        licensed = [t for t in clinic.therapists if screening.leading(t, group.id, place)]
        there = [t for t in licensed if screening.lead_starts(t, group.id, place) & starts]
        wanted = " or ".join(leader.credentials) or "anyone"
        if not licensed:
            language = f" and speaks {group.language}" if group.language else ""
            yield (
                f"no therapist may lead it; place {place + 1} is for {wanted}, "
                f"and nobody holds that unexpired in this week{language}"
            )
        elif not there:
            yield (
                f"no therapist may lead it; place {place + 1} is for {wanted}, and "
                f"{', '.join(licensed)} can work at none of the times it may meet"
            )
        able.append(there)
    if all(able) and not _all_placed(able):
        people = sorted({t for place in able for t in place})
        yield (
            f"no therapists may lead it together; its {len(able)} places need different people, "
            f"and only {', '.join(people)} may lead"
        )


def _all_placed(able: list[list[str]]) -> bool:
    """Whether different therapists can take all places (augmenting paths)."""
    taken: dict[str, int] = {}

    def seat(place: int, tried: set[str]) -> bool:
        for therapist in able[place]:
            if therapist not in tried:
                tried.add(therapist)
                if therapist not in taken or seat(taken[therapist], tried):
                    taken[therapist] = place
                    return True
        return False

    return all(seat(place, set()) for place in range(len(able)))


def _of_patient(patient: Patient, clinic: Clinic) -> Iterator[str]:
    week = clinic.scenario.week_start
    sunday = day_of(week, 6)
    if patient.first_date and patient.first_date > sunday:
        yield f"first_date {patient.first_date} is after this week, which ends on {sunday}"
        return
    if patient.last_date and patient.last_date < week:
        yield f"last_date {patient.last_date} is before this week, which starts on {week}"
        return
    if not clinic.open_cells:
        return
    modes = {"in_person": (False,), "remote": (True,), "either": (False, True)}[patient.attends]
    needed = _shortest(patient, clinic)
    runs = [
        length
        for remote in modes
        for _, length in clinic.grid.runs(clinic.free_hours[patient.id, remote] & clinic.open_cells)
    ]
    longest = max(runs, default=0)
    if not longest:
        yield (
            "no hours are left in this week; opening hours, availability, first and last date "
            "and commitments with their travel leave none"
        )
    elif longest < needed:
        minutes = clinic.grid.minutes
        yield (
            f"no hours are left for a session; {longest * minutes} minutes in a row are free at "
            f"most, and the shortest session asked for takes {needed * minutes}"
        )


def _shortest(patient: Patient, clinic: Clinic) -> int:
    """Cells of the shortest session that a quota of the patient names; 1 where there is none."""
    quotas = clinic.needs[patient.id].quotas
    minutes = [group.minutes for group in clinic.scenario.groups if group.service in quotas]
    services = [clinic.services[name] for name in quotas]
    minutes += [service.minutes for service in services if service.format != "group"]
    return clinic.grid.length(min(minutes, default=1))
