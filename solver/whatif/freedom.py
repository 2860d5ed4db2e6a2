"""Which of two scenarios leaves more freedom, where that can be proved by comparing them.

If every legal schedule of ``b``, less the patients whom ``a`` does not have, is a legal schedule of
``a`` in which nobody of ``a`` is shorter of care, then the least unmet care of ``a`` is at most that
of ``b``: a bound of ``a`` is one of ``b`` too. Said only where it follows from the entries one by one;
everything that is not understood here must be equal.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TypeVar

from ..clinic import Clinic
from ..fields import Entry
from ..scenario import Credential, Equipment, Group, Patient, Room, Scenario, Therapist
from ..tiers import tiers_of

E = TypeVar("E", bound=Entry)


def settles_care_first(clinic: Clinic) -> bool:
    """Whether the first tier is unmet care alone, with nothing that must come out 0."""
    policy = clinic.scenario.policy
    first = tiers_of(policy)[0]
    return first.goals == ("unmet_care",) and first.weights == (1,) and not policy.strict


def is_freer(a: Clinic, b: Clinic) -> bool:
    """Whether the least unmet care of ``a`` is provably at most that of ``b``."""
    if not (settles_care_first(a) and settles_care_first(b)):
        return False
    return (
        _same_frame(a, b)
        and _all_wider(a.therapists, b.therapists, lambda x, y: _therapist(a, x, b, y))
        and _all_wider(a.rooms, b.rooms, lambda x, y: _room(a, x, b, y))
        and _all_wider(a.equipment, b.equipment, lambda x, y: _item(a, x, b, y))
        and _all_wider(a.groups, b.groups, _group)
        and _patients(a, b)
    )


def _same_frame(a: Clinic, b: Clinic) -> bool:
    """Week, hours, services and programs: what the rules themselves rest on."""
    x, y = a.scenario, b.scenario
    usual = [{d for w in s.opening_hours for d in w.days} for s in (x, y)]
    return (
        (x.week_start, x.grid_minutes, x.closed_dates, x.tracks, x.baseline)
        == (y.week_start, y.grid_minutes, y.closed_dates, y.tracks, y.baseline)
        and a.services == b.services
        and usual[0] == usual[1]
        and a.open_days == b.open_days
        and not b.open_cells & ~a.open_cells
        and _locks(x, y)
    )


def _locks(x: Scenario, y: Scenario) -> bool:
    """Whether ``x`` keeps nothing that ``y`` does not: what is gone binds no lock on its day."""
    there = [
        [{e.id for e in entries} for entries in (s.groups, s.rooms, s.therapists, s.patients)]
        for s in (x, y)
    ]
    return not x.locks or (all(lock in y.locks for lock in x.locks) and there[0] == there[1])


def _all_wider(a: Mapping[str, E], b: Mapping[str, E], wider: Callable[[E, E], bool]) -> bool:
    """Whether everything of ``b`` is in ``a``, as wide or wider."""
    return all(key in a and wider(a[key], entry) for key, entry in b.items())


def _within(inner: int, outer: int, b: Clinic) -> bool:
    """Whether hours of ``b`` that count, in the cells in which it is open, are all in others."""
    return not inner & b.open_cells & ~outer


def _at_least(x: int | None, y: int | None) -> bool:
    """Whether a limit is as high or higher; None is no limit."""
    return x is None or (y is not None and x >= y)


def _therapist(a: Clinic, x: Therapist, b: Clinic, y: Therapist) -> bool:
    """Wider hours, higher limits, more licences; hours are compared as masks."""
    held = set(x.credentials)
    return (
        _alike(
            x,
            y,
            "credentials",
            "availability",
            "remote_availability",
            "supervisor",
            *_LIMITS,
            *_SAID,
        )
        and all(_holds(held, c) for c in y.credentials)
        and all(_at_least(getattr(x, name), getattr(y, name)) for name in _LIMITS)
        and x.supervisor >= y.supervisor
        and _within(b.on_site[y.id], a.on_site[x.id], b)
        and _within(b.reachable[y.id], a.reachable[x.id], b)
    )


_LIMITS = (
    "max_minutes_per_day",
    "max_minutes_per_week",
    "max_consecutive_minutes",
    "max_caseload",
)
_SAID = ("name", "cost_per_hour", "absence_rate")
"""What no rule reads."""


def _holds(held: set[Credential], wanted: Credential) -> bool:
    return any(
        c.id == wanted.id
        and (c.expires is None or (wanted.expires is not None and c.expires >= wanted.expires))
        for c in held
    )


def _alike(x: E, y: E, *leaving_out: str) -> bool:
    fields = type(x).model_fields
    return all(getattr(x, f) == getattr(y, f) for f in fields if f not in leaving_out)


def _room(a: Clinic, x: Room, b: Clinic, y: Room) -> bool:
    return (
        x.capacity >= y.capacity
        and set(x.features) >= set(y.features)
        and _within(b.room_hours[y.id], a.room_hours[x.id], b)
    )


def _item(a: Clinic, x: Equipment, b: Clinic, y: Equipment) -> bool:
    hours = _within(b.equipment_hours[y.id], a.equipment_hours[x.id], b)
    return x.quantity >= y.quantity and hours


def _group(x: Group, y: Group) -> bool:
    return (
        _alike(x, y, "name", "size", "max_sections")
        and x.size.min <= y.size.min
        and x.size.max >= y.size.max
        and x.max_sections >= y.max_sections
    )


def _patients(a: Clinic, b: Clinic) -> bool:
    """The same patients, as free or freer; or some of them, where nobody needs the others' company.

    Without the others a section may fall below its least size, so every group must be content with
    one; and a lock may hold one of them.
    """
    if set(a.patients) != set(b.patients):
        alone = all(g.size.min <= 1 for g in a.groups.values()) and not b.scenario.locks
        if not (alone and set(a.patients) <= set(b.patients)):
            return False
    return all(_patient(a, x, b, b.patients[p]) for p, x in a.patients.items())


_OWN_HOURS = ("availability", "commitments", "family_availability")
_NOT_IN_RULES = ("name", "preferred", "primary_therapist", "authorized", "show_rate")
_MERGED = (
    "minutes_per_week", "days_per_week", "attended_day_minutes", "sessions_per_day",
    "rolling_sessions", "quotas",
)  # fmt: skip
"""What makes up a patient's needs; these are compared merged. Programs themselves are not."""


def _patient(a: Clinic, x: Patient, b: Clinic, y: Patient) -> bool:
    return (
        _alike(x, y, *_OWN_HOURS, *_NOT_IN_RULES, *_MERGED)
        and a.needs[x.id] == b.needs[y.id]
        and all(
            _within(b.free_hours[y.id, way], a.free_hours[x.id, way], b) for way in (False, True)
        )
        and _within(b.family_hours[y.id], a.family_hours[x.id], b)
    )
