"""Facts of a scenario that somebody could give up, each with the edit that does it.

What stays as it is whatever happens: opening hours, closed dates, who is licensed for what, who may
join which group, languages, rooms and their capacities, video, and the weekly maxima of programs.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from ..clinic import Clinic
from ..scenario import Group, Lock, Patient, Quota, Range, Scenario, Size, Therapist
from .wording import facts as wording
from .wording.names import Names

Kind = Literal[
    "lock",
    "strict",
    "closed",
    "due",
    "waiting",
    "commitment",
    "patient_hours",
    "family_hours",
    "apart",
    "therapist_hours",
    "therapist_limits",
    "room_hours",
    "group_times",
    "group_least",
    "group_most",
    "group_sections",
]
GIVEN_UP: Mapping[Kind, str] = {
    "lock": "the lock is taken away",
    "strict": "the goal need not come out 0",
    "closed": "the closed group is open to others, and may move",
    "due": "nothing need be scheduled for the patient",
    "waiting": "the patient is left out of this week",
    "commitment": "the patient's commitment gives way",
    "patient_hours": "the patient can come whenever the clinic is open",
    "family_hours": "the family can come whenever the clinic is open",
    "apart": "the patient need not be kept apart from anybody they name",
    "therapist_hours": "the therapist is there whenever the clinic is open",
    "therapist_limits": "the therapist's limits on hours, rows, caseload and meals are let go",
    "room_hours": "the room is available whenever the clinic is open",
    "group_times": "the group may meet on any days at any time",
    "group_least": "the group may run with any number of members",
    "group_most": "the group may take any number of members",
    "group_sections": "the group may run in any number of sections",
}
"""What giving up a fact of each kind means."""
HARD: tuple[Kind, ...] = ("lock", "strict", "closed")
"""Without any of these an empty week is a schedule: one at least is in every conflict."""
OF_TIME: tuple[Kind, ...] = (
    "therapist_hours",
    "room_hours",
    "group_times",
    "commitment",
    "patient_hours",
    "family_hours",
)
"""Hours and times: giving one up makes many more weeks."""
OF_CLINIC: tuple[Kind, ...] = (
    "group_least",
    "group_most",
    "group_sections",
    "therapist_limits",
    "therapist_hours",
    "room_hours",
    "group_times",
)
OF_PATIENTS: tuple[Kind, ...] = (
    "apart",
    "family_hours",
    "commitment",
    "patient_hours",
    "waiting",
    "due",
)


@dataclass(frozen=True, slots=True)
class Fact:
    """Something that could be given up.

    Attributes:
        place: where it stands in the scenario file.
        about: ids of whom or what it is about.
    """

    kind: Kind
    place: str
    about: tuple[str, ...]
    text: str

    def document(self) -> dict[str, object]:
        """The fact for machines."""
        return {
            "kind": self.kind,
            "place": self.place,
            "about": list(self.about),
            "text": self.text,
            "given_up": GIVEN_UP[self.kind],
        }


def facts_of(clinic: Clinic, names: Names) -> tuple[Fact, ...]:
    """Every fact of a scenario that can be given up, hard ones first."""
    scenario = clinic.scenario
    out: list[Fact] = []

    def add(kind: Kind, place: str, *about: str, **more: Any) -> None:
        out.append(Fact(kind, place, about, wording.fact(names, kind, about, **more)))

    for number, lock in enumerate(scenario.locks):
        add("lock", f"locks[{number}]", *_named_by(lock), lock=lock)
    for number, key in enumerate(scenario.policy.strict):
        if key not in scenario.policy.strict[:number]:
            add("strict", f"policy.strict[{number}]", key)
    for number, group in enumerate(scenario.groups):
        if group.id in clinic.continuing:
            add("closed", f"groups[{number}].closed", group.id)
    for number, patient in enumerate(scenario.patients):
        for kind, field in _of_patient(clinic, patient):
            add(kind, f"patients[{number}]{field}", patient.id)
        for index, commitment in enumerate(patient.commitments):
            place = f"patients[{number}].commitments[{index}]"
            add("commitment", place, patient.id, commitment=commitment)
    for number, therapist in enumerate(scenario.therapists):
        if therapist.availability is not None:
            add("therapist_hours", f"therapists[{number}].availability", therapist.id)
        if _limits(therapist):
            add("therapist_limits", f"therapists[{number}]", therapist.id)
    for number, room in enumerate(scenario.rooms):
        if room.availability is not None:
            add("room_hours", f"rooms[{number}].availability", room.id)
    for number, group in enumerate(scenario.groups):
        for kind, field in _of_group(group):
            add(kind, f"groups[{number}]{field}", group.id)
    return tuple(out)


def _named_by(lock: Lock) -> tuple[str, ...]:
    return tuple(str(value) for _, value in lock if value is not None)


def _of_patient(clinic: Clinic, patient: Patient) -> list[tuple[Kind, str]]:
    out: list[tuple[Kind, str]] = []
    needs = clinic.needs[patient.id]
    asked = needs.minutes_min or needs.days_min or any(n for n, _ in needs.quotas.values())
    if clinic.is_waiting(patient.id):
        if not clinic.scenario.locks or not _was_here(clinic, patient.id):
            out.append(("waiting", ".status"))
    elif asked:
        out.append(("due", ""))
    if patient.availability is not None:
        out.append(("patient_hours", ".availability"))
    if patient.family_availability is not None:
        out.append(("family_hours", ".family_availability"))
    if patient.keep_apart:
        out.append(("apart", ".keep_apart"))
    return out


def _was_here(clinic: Clinic, patient: str) -> bool:
    """Whether a lock, or the baseline and so perhaps a lock, names a patient."""
    sections = any(patient in s.members for s in clinic.baseline_sections.values())
    seats = any(lock.patient == patient for lock in clinic.scenario.locks)
    visits = any(a.patient == patient for a in clinic.baseline_appointments.values())
    return sections or seats or visits


def _of_group(group: Group) -> list[tuple[Kind, str]]:
    out: list[tuple[Kind, str]] = []
    if group.day_patterns or group.start_times or group.windows:
        out.append(("group_times", ""))
    if group.size.min:
        out.append(("group_least", ".size.min"))
    return [*out, ("group_most", ".size.max"), ("group_sections", ".max_sections")]


_LIMITS = (
    "max_minutes_per_day",
    "max_minutes_per_week",
    "max_consecutive_minutes",
    "max_caseload",
    "meal",
)


def _limits(therapist: Therapist) -> bool:
    return any(getattr(therapist, field) is not None for field in _LIMITS)


# -- giving up ------------------------------------------------------------------------------------


def given_up(scenario: Scenario, facts: Iterable[Fact]) -> Scenario:
    """The scenario without some facts."""
    by_kind: dict[Kind, list[Fact]] = {}
    for fact in facts:
        by_kind.setdefault(fact.kind, []).append(fact)
    for kind, same in by_kind.items():
        scenario = _EDITS[kind](scenario, same)
    return scenario


def _index(fact: Fact, last: bool = True) -> int:
    """The number in a place: of ``patients[3].commitments[1]`` the last one, 1, or the first, 3."""
    numbers = [part.split("]")[0] for part in fact.place.split("[")[1:]]
    return int(numbers[-1 if last else 0])


def _locks(scenario: Scenario, facts: Sequence[Fact]) -> Scenario:
    gone = {_index(f) for f in facts}
    kept = tuple(lock for n, lock in enumerate(scenario.locks) if n not in gone)
    return scenario.model_copy(update={"locks": kept})


def _strict(scenario: Scenario, facts: Sequence[Fact]) -> Scenario:
    gone = {f.about[0] for f in facts}
    kept = tuple(key for key in scenario.policy.strict if key not in gone)
    policy = scenario.policy.model_copy(update={"strict": kept})
    return scenario.model_copy(update={"policy": policy})


def _waiting(scenario: Scenario, facts: Sequence[Fact]) -> Scenario:
    gone = {f.about[0] for f in facts}
    kept = tuple(p for p in scenario.patients if p.id not in gone)
    return scenario.model_copy(update={"patients": kept})


def _commitments(scenario: Scenario, facts: Sequence[Fact]) -> Scenario:
    gone: dict[str, set[int]] = {}
    for f in facts:
        gone.setdefault(f.about[0], set()).add(_index(f))

    def edit(patient: Patient) -> Mapping[str, object]:
        lost = gone[patient.id]
        kept = tuple(c for n, c in enumerate(patient.commitments) if n not in lost)
        return {"commitments": kept}

    return _entries(scenario, "patients", gone, edit)


def _nothing_due(scenario: Scenario, facts: Sequence[Fact]) -> Scenario:
    programs = {p.id: p for p in scenario.programs}

    def edit(patient: Patient) -> Mapping[str, object]:
        named = {q.service: q for q in (*programs[patient.program].quotas, *patient.quotas)}
        own = {q.service: q for q in patient.quotas}
        return {
            "minutes_per_week": _no_least(patient.minutes_per_week),
            "days_per_week": _no_least(patient.days_per_week),
            "attended_day_minutes": _no_least(patient.attended_day_minutes),
            "sessions_per_day": _no_least(patient.sessions_per_day),
            "quotas": tuple(
                Quota(service=s, min=0, max=own[s].max if s in own else None) for s in named
            ),
        }

    return _entries(scenario, "patients", {f.about[0] for f in facts}, edit)


def _no_least(asked: Range | None) -> Range:
    return Range(min=0, max=asked.max if asked else None)


def _fields(field: str, what: str) -> Callable[[Scenario, Sequence[Fact]], Scenario]:
    """An edit that sets one field of some entries to what is said when it is left out."""

    def edit(scenario: Scenario, facts: Sequence[Fact]) -> Scenario:
        ids = {f.about[0] for f in facts}
        nothing: object = () if field == "keep_apart" else None
        return _entries(scenario, what, ids, lambda _: {field: nothing})

    return edit


def _sizes(scenario: Scenario, facts: Sequence[Fact]) -> Scenario:
    everyone = max(1, len(scenario.patients))

    def edit(group: Group) -> Mapping[str, object]:
        kinds = {f.kind for f in facts if f.about[0] == group.id}
        out: dict[str, object] = {}
        least, most = group.size.min, group.size.max
        least = 0 if "group_least" in kinds else least
        most = max(most, everyone) if "group_most" in kinds else most
        out["size"] = Size(min=least, max=most)
        if "group_sections" in kinds:
            out["max_sections"] = max(group.max_sections, everyone)
        if "group_times" in kinds:
            out |= {"day_patterns": (), "start_times": (), "windows": ()}
        if "closed" in kinds:
            out["closed"] = False
        return out

    return _entries(scenario, "groups", {f.about[0] for f in facts}, edit)


def _entries(
    scenario: Scenario,
    what: str,
    ids: Iterable[str],
    edit: Callable[[Any], Mapping[str, object]],
) -> Scenario:
    wanted = set(ids)
    made = tuple(
        entry.model_copy(update=dict(edit(entry))) if entry.id in wanted else entry
        for entry in getattr(scenario, what)
    )
    return scenario.model_copy(update={what: made})


def _limits_gone(scenario: Scenario, facts: Sequence[Fact]) -> Scenario:
    ids = {f.about[0] for f in facts}
    return _entries(scenario, "therapists", ids, lambda _: dict.fromkeys(_LIMITS))


_EDITS: Mapping[Kind, Callable[[Scenario, Sequence[Fact]], Scenario]] = {
    "lock": _locks,
    "strict": _strict,
    "closed": _sizes,
    "due": _nothing_due,
    "waiting": _waiting,
    "commitment": _commitments,
    "patient_hours": _fields("availability", "patients"),
    "family_hours": _fields("family_availability", "patients"),
    "apart": _fields("keep_apart", "patients"),
    "therapist_hours": _fields("availability", "therapists"),
    "therapist_limits": _limits_gone,
    "room_hours": _fields("availability", "rooms"),
    "group_times": _sizes,
    "group_least": _sizes,
    "group_most": _sizes,
    "group_sections": _sizes,
}
