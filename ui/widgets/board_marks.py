"""What stands on the board beside the sessions: locks, and what ends this week or soon."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, timedelta

from solver import report
from solver.clinic import Clinic
from solver.report.words import named
from solver.scenario import Lock
from solver.timegrid import DAY_NAMES, DAY_NUMBER

SOON = timedelta(days=14)
"""After the week; time enough to ask the payer for more."""


@dataclass(frozen=True, slots=True)
class Ending:
    """Something of a person's that ends, or a stay that begins within the week.

    Attributes:
        last: the last day it holds; of a stay that begins, its first.
        what: ``authorisation``, ``stay``, ``LCSW`` …
        is_over: whether it ends before the week does.
    """

    kind: str
    who: report.Named
    what: str
    last: date
    is_over: bool

    @property
    def text(self) -> str:
        """``authorisation until Wed 2 Dec``."""
        verb = "from" if self.kind == "begins" else "until"
        return f"{self.what} {verb} {short_date(self.last)}"


def short_date(when: date) -> str:
    """``Wed 2 Dec``."""
    return f"{DAY_NAMES[when.weekday()][:3]} {when.day} {when:%b}"


def endings(clinic: Clinic) -> tuple[Ending, ...]:
    """Authorisations, stays and credentials that end by two weeks after this one, soonest first."""
    first = clinic.scenario.week_start
    last = first + timedelta(days=6)
    out: list[Ending] = []

    def add(kind: str, who: report.Named, what: str, ends: date | None) -> None:
        if ends is not None and ends <= last + SOON:
            out.append(Ending(kind, who, what, ends, ends < last))

    for p in clinic.scenario.patients:
        who = named(clinic.patients, p.id)
        add("authorisation", who, "authorisation", p.authorized and p.authorized.until)
        add("stay", who, "stay", p.last_date)
        if p.first_date is not None and first < p.first_date <= last:
            out.append(Ending("begins", who, "stay", p.first_date, False))
    for t in clinic.scenario.therapists:
        who = named(clinic.therapists, t.id)
        for held in t.credentials:
            add("credential", who, held.id, held.expires)
    return tuple(sorted(out, key=lambda e: (e.last, e.who.name, e.what)))


def by_person(found: tuple[Ending, ...]) -> dict[str, list[Ending]]:
    """The same, person by person."""
    out: dict[str, list[Ending]] = defaultdict(list)
    for ending in found:
        out[ending.who.id].append(ending)
    return out


def of_session(
    clinic: Clinic, session: report.Session, ending: dict[str, list[Ending]]
) -> list[str]:
    """What has ended before a session, of those who attend or lead it."""
    when = clinic.scenario.week_start + timedelta(days=session.day)
    return [
        f"{person.name}: {e.text}"
        for person in (*session.members, *session.leaders)
        for e in ending.get(person.id, ())
        if e.kind in ("authorisation", "credential") and e.last < when
    ]


def locks_on(clinic: Clinic, session: report.Session) -> list[tuple[Lock, str]]:
    """The locks that keep a session or somebody in it, each in words."""
    out: list[tuple[Lock, str]] = []
    for lock in clinic.scenario.locks:
        if lock.section == session.ref and session.group is not None:
            out.append((lock, "The section stays as it is: days, time, rooms, leaders, members."))
        elif lock.appointment == session.ref and session.group is None:
            out.append((lock, "The appointment stays as it is."))
        elif lock.patient and lock.group == session.group:
            if lock.patient in {p.id for p in (*session.members, *session.absent)}:
                name = named(clinic.patients, lock.patient).name
                out.append((lock, f"{name} stays a member."))
        elif lock.therapist and lock.day and DAY_NUMBER[lock.day] == session.day:
            name = {t.id: t.name for t in session.leaders}.get(lock.therapist)
            if name is not None:
                out.append((lock, f"{name}'s {DAY_NAMES[session.day]} stays as it is."))
    return out


def keeps_whole(lock: Lock) -> bool:
    """Whether a lock keeps all of a session, not one member of it."""
    return lock.patient is None
