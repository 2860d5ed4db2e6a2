"""Patients and therapists a week later: who is still here, on what level, with which credentials."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import date, timedelta

from ..clinic import Clinic
from ..ledger import Ledger
from ..scenario import Authorized, Patient, Program, Quota, Scenario, Therapist
from ..schedule import Schedule
from ..timegrid import DAY_NAMES
from ..validation import Notice

REQUIREMENTS = (
    "minutes_per_week",
    "days_per_week",
    "attended_day_minutes",
    "sessions_per_day",
    "rolling_sessions",
)
"""What a patient's plan may state in place of the program's; it was stated for that program."""


def said_of(kind: str, entry: Patient | Therapist, message: str) -> Notice:
    """A notice about somebody, by id and name."""
    name = f" ({entry.name})" if entry.name not in ("", entry.id) else ""
    return Notice(f"{kind} {entry.id}{name}", message)


def long(when: date) -> str:
    """``Wed 2 December 2026``."""
    return f"{DAY_NAMES[when.weekday()][:3]} {when.day} {when:%B %Y}"


# -- patients ---------------------------------------------------------------------------------------


def patients_next(
    clinic: Clinic,
    week: Ledger,
    monday: date,
    discharged: Iterable[str],
    levels: Mapping[str, str],
    started: Iterable[str],
    notices: list[Notice],
) -> list[Patient]:
    """Patients of the next week, in the order of this one."""
    gone, starts = set(discharged), set(started)
    out = []
    for p in clinic.scenario.patients:
        if p.id in gone:
            notices.append(said_of("patient", p, "is discharged"))
        elif p.last_date is not None and p.last_date < monday:
            notices.append(
                said_of("patient", p, f"is discharged; the last day was {long(p.last_date)}")
            )
            gone.add(p.id)
        else:
            level = levels.get(p.id)
            out.append(_patient(clinic, week, p, monday, level, p.id in starts, notices))
    return [
        p.model_copy(update={"keep_apart": tuple(q for q in p.keep_apart if q not in gone)})
        for p in out
    ]


def _patient(
    clinic: Clinic,
    week: Ledger,
    p: Patient,
    monday: date,
    level: str | None,
    starts: bool,
    notices: list[Notice],
) -> Patient:
    sunday = monday + timedelta(days=6)
    if p.first_date is not None and p.first_date <= monday:
        notices.append(
            said_of("patient", p, f"is here all week; the first day was {long(p.first_date)}")
        )
        p = p.model_copy(update={"first_date": None})
    elif p.first_date is not None:
        later = "not in this week" if p.first_date > sunday else "for part of the week"
        notices.append(said_of("patient", p, f"comes from {long(p.first_date)} on, {later}"))
    if p.last_date is not None and p.last_date <= sunday:
        notices.append(said_of("patient", p, f"leaves; the last day is {long(p.last_date)}"))
    if p.status == "waitlist" and week.sittings[p.id]:
        notices.append(
            said_of("patient", p, "was admitted from the waiting list and is active now")
        )
        p = p.model_copy(update={"status": "active"})
    elif p.status == "waitlist" and starts:
        notices.append(said_of("patient", p, "comes off the waiting list and starts"))
        p = p.model_copy(update={"status": "active"})
    if p.authorized is not None:
        p = p.model_copy(update={"authorized": _authorized(week, p, p.authorized, monday, notices)})
    if level is not None:
        p = _on_level(clinic, p, clinic.programs[level], notices)
    return p


def _authorized(
    week: Ledger, p: Patient, given: Authorized, monday: date, notices: list[Notice]
) -> Authorized:
    """What the payer has authorised, less what this week's schedule used up."""
    sunday = monday + timedelta(days=6)
    used = {"days": len(week.attended_days(p.id)), "sessions": len(week.sittings[p.id])}
    left: dict[str, int] = {}
    for what, number in used.items():
        had: int | None = getattr(given, what)
        if had is None:
            continue
        left[what] = max(0, had - number)
        if left[what] == 0:
            notices.append(said_of("patient", p, f"has used up the {had} {what} authorized"))
        elif number:
            notices.append(
                said_of("patient", p, f"has {left[what]} of {had} authorized {what} left")
            )
    if given.until is not None and given.until < monday:
        notices.append(said_of("patient", p, f"has no authorization since {long(given.until)}"))
    elif given.until is not None and given.until <= sunday:
        notices.append(said_of("patient", p, f"is authorized until {long(given.until)}"))
    return given.model_copy(update=left)


def _on_level(clinic: Clinic, p: Patient, new: Program, notices: list[Notice]) -> Patient:
    """A patient on another level of care: own demands of the old one are taken back."""
    old = clinic.programs[p.program]
    notices.append(said_of("patient", p, f"{_step(old, new)} from {old.name} to {new.name}"))
    update: dict[str, object] = {"program": new.id}
    for key in REQUIREMENTS:
        if getattr(p, key) is not None:
            update[key] = None
            notices.append(
                said_of("patient", p, f"the own {key} was for {old.name} and is dropped")
            )
    theirs = {q.service: q for q in new.quotas}
    kept = []
    for quota in p.quotas:
        if quota.service in theirs and _agrees(quota, theirs[quota.service]):
            kept.append(quota)
        else:
            message = f"the own quota of {quota.service} does not go with {new.name} and is dropped"
            notices.append(said_of("patient", p, message))
    update["quotas"] = tuple(kept)
    if p.authorized is not None:
        notices.append(
            said_of("patient", p, f"the authorization was for {old.name}; see that it holds")
        )
    return p.model_copy(update=update)


def _step(old: Program, new: Program) -> str:
    least = [(p.minutes_per_week.min or 0) if p.minutes_per_week else 0 for p in (old, new)]
    if least[0] == least[1]:
        return "changes"
    return "steps down" if least[1] < least[0] else "steps up"


def _agrees(own: Quota, theirs: Quota) -> bool:
    least = theirs.min if own.min is None else own.min
    most = theirs.max if own.max is None else own.max
    return most is None or (least or 0) <= most


# -- therapists -------------------------------------------------------------------------------------


def therapists_next(
    scenario: Scenario, baseline: Schedule, monday: date, notices: list[Notice]
) -> list[Therapist]:
    """Therapists with the credentials that are valid on the next Monday."""
    out = []
    sunday = monday + timedelta(days=6)
    for t in scenario.therapists:
        valid = tuple(c for c in t.credentials if c.expires is None or c.expires >= monday)
        for c in t.credentials:
            if c.expires is None or c.expires > sunday:
                continue
            if c.expires >= monday:
                notices.append(said_of("therapist", t, f"{c.id} expires on {long(c.expires)}"))
                continue
            held = {x.id for x in valid}
            affected = list(_needing(scenario, baseline, t.id, c.id, held))
            meant = f"; in use for {', '.join(affected)}" if affected else ""
            message = f"{c.id} expired on {long(c.expires)} and is taken out{meant}"
            notices.append(said_of("therapist", t, message))
        out.append(t.model_copy(update={"credentials": valid}))
    return out


def _needing(
    scenario: Scenario, baseline: Schedule, therapist: str, lost: str, held: set[str]
) -> Iterator[str]:
    """Sections and appointments that the therapist may no longer take."""
    groups = {g.id: g for g in scenario.groups}
    services = {s.id: s for s in scenario.services}
    for s in baseline.sections:
        places = groups[s.group].leaders if s.group in groups else ()
        for place, leader in zip(places, s.leaders, strict=False):
            named = place.credentials
            if leader == therapist and lost in named and not held & set(named):
                yield s.id
    for a in baseline.appointments:
        named = services[a.service].credentials
        if a.therapist == therapist and lost in named and not held & set(named):
            yield a.id
