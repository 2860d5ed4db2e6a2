"""The baseline as it would fall out this week, and what of it can never be kept."""

from __future__ import annotations

from collections.abc import Sequence

from ..clinic import Clinic
from ..ledger import Ledger
from ..rules import RULES, Rule, Scope
from ..schedule import Appointment, Schedule, Section
from ..timegrid import DAY_NUMBER
from ..violations import Violation
from .keeping import Thing, had, has

LASTING = tuple(r for r in RULES if not r.mended_by_adding and r.key != "as_it_was")
"""Rules that nothing added could mend; what breaks one alone can never be kept."""


def falls_out(clinic: Clinic, base: Schedule) -> Schedule:
    """A baseline as it would fall out this week, if all went on as it was: less closed dates."""
    sections = [
        s.model_copy(
            update={
                "meetings": tuple(clinic.open_meetings(s)),
                "absences": tuple(
                    a for a in s.absences if DAY_NUMBER[a.day] not in clinic.closed_days
                ),
            }
        )
        for s in base.sections
        if clinic.open_meetings(s)
    ]
    return base.model_copy(
        update={
            "scenario": clinic.scenario.name,
            "week_start": clinic.scenario.week_start,
            "sections": tuple(sections),
            "appointments": tuple(a for a in base.appointments if not falls_away(clinic, a)),
            "not_admitted": (),
        }
    )


def falls_away(clinic: Clinic, a: Appointment) -> bool:
    """Whether an appointment of the baseline is on a day on which the clinic is shut."""
    return DAY_NUMBER[a.day] in clinic.closed_days


def broken(clinic: Clinic, ledger: Ledger, rules: Sequence[Rule]) -> list[Violation]:
    """Every violation of some rules."""
    scope = Scope.whole(ledger)
    return [v for rule in rules for v in rule.check(clinic, ledger, scope)]


def cannot_stay(clinic: Clinic) -> dict[Thing, str]:
    """What people had and can never keep, whatever else changes, each with the reason."""
    out: dict[Thing, str] = {}
    base = clinic.baseline
    for s in base.sections if base else ():
        out |= _of_section(clinic, s)
    for a in base.appointments if base else ():
        if not falls_away(clinic, a):
            out |= _of_appointment(clinic, a)
    return {thing: why for thing, why in out.items() if thing in had(clinic)}


def _of_section(clinic: Clinic, section: Section) -> dict[Thing, str]:
    meetings = tuple(clinic.open_meetings(section))
    if not meetings:
        return {}
    s = section.model_copy(update={"meetings": meetings})
    things = _things(clinic, s)
    if why := gone_names(
        clinic, {t for m in meetings for t in s.leaders_at(m)}, {m.room for m in meetings}
    ):
        return dict.fromkeys(things, why)
    ledger = Ledger(clinic)
    ledger.open(s)
    out: dict[Thing, str] = {}
    for v in broken(clinic, ledger, LASTING):
        concerned = (
            [t for t in things if t[0] == v.subject] if v.subject in clinic.patients else things
        )
        for thing in concerned:
            out.setdefault(thing, v.message)
    return out


def _things(clinic: Clinic, s: Section) -> list[Thing]:
    week = Ledger(clinic).schedule().model_copy(update={"sections": (s,)})
    return list(has(clinic, week))


def _of_appointment(clinic: Clinic, a: Appointment) -> dict[Thing, str]:
    week = Ledger(clinic).schedule().model_copy(update={"appointments": (a,)})
    [thing] = has(clinic, week)
    if why := gone_names(clinic, {a.therapist}, {a.room}):
        return {thing: why}
    ledger = Ledger(clinic)
    ledger.book(a)
    found = broken(clinic, ledger, LASTING)
    return {thing: found[0].message} if found else {}


def gone_names(clinic: Clinic, therapists: set[str], rooms: set[str | None]) -> str:
    """``ann and office-1 are gone``; empty where all are still here."""
    names = sorted(t for t in therapists if t not in clinic.therapists)
    names += sorted(r for r in rooms if r is not None and r not in clinic.rooms)
    return f"{' and '.join(names)} {'is' if len(names) == 1 else 'are'} gone" if names else ""
