"""FHIR R4 in: bundles of people, rooms, hours and appointments become the beginning of a scenario.

FHIR knows who works and lives when, who met whom last week, and nothing about programs, quotas and
group sizes. So what comes out is a draft with a list of what has to be added by hand; as a workbook
it is filled in and imported like any other.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from ...errors import Fault, FileFaults
from ...scenario import SCHEMA_VERSION
from ...validation import Notice
from ..out.clocks import zone_of
from ..tables.example import EXAMPLE
from .hours import Clock, windows_of
from .missing import ToAdd, to_add
from .people import (
    Entry,
    opening_hours,
    passive,
    patients,
    rooms,
    sites,
    slot_hours,
    slot_weeks,
    stated_hours,
    therapists,
)
from .resources import Resources, resources_of
from .sessions import Carried, Session, Sessions, carried, sessions_of


@dataclass(frozen=True, slots=True)
class Draft:
    """What the bundles carry of a week.

    Attributes:
        tree: the scenario's file as far as it goes; what is missing is not there.
        to_add: what has to be, or is worth being, added by hand.
        notices: what was left out, and why.
    """

    tree: dict[str, object]
    to_add: tuple[ToAdd, ...]
    notices: tuple[Notice, ...]


def read_fhir(
    documents: Sequence[tuple[str, object]],
    week: date | None = None,
    timezone: str | None = None,
) -> Draft:
    """The draft of a scenario out of FHIR R4 resources.

    Args:
        documents: name and parsed JSON of each file: a Bundle, or one resource.
        week: the Monday of the week to be planned; by default the one with most appointments and
            slots.
        timezone: of the clinic; by default times are taken as the files write them.

    Raises:
        FileFaults: with every fault of the resources; a time zone that does not exist; times in UTC
            without one.
    """
    resources = resources_of(documents)
    here = Clock(zone_of(EXAMPLE.model_copy(update={"timezone": timezone})))
    sessions = sessions_of(resources, here)
    week = week or _busiest_week(resources, sessions, here)
    hours = stated_hours(resources, week, here, slot_hours(resources, week, here))
    if here.is_guess:
        message = (
            "the files give times in UTC only, so nobody can tell what the clinic's clock shows; "
            "name its time zone: --timezone America/Chicago, or yours"
        )
        raise FileFaults([Fault("", message)])
    last_week, before = _last_week(sessions, week)
    told = carried(before)
    tree: dict[str, object] = {"schema_version": SCHEMA_VERSION}
    names = {str(site.content.name) for site in sites(resources) if site.content.name}
    if len(names) == 1:
        tree["name"] = names.pop()
    if week is not None:
        tree["week_start"] = week.isoformat()
    if timezone:
        tree["timezone"] = timezone
    if spans := opening_hours(resources):
        tree["opening_hours"] = windows_of(spans)
    tree |= {
        "services": told.services,
        "programs": [],
        "rooms": list(rooms(resources, hours)),
        "therapists": list(therapists(resources, week, hours)),
        "groups": told.groups,
        "patients": list(patients(resources, hours)),
    }
    if last_week is not None:
        tree["baseline"] = _baseline(told, last_week)
    notices = (*passive(resources), *sessions.notices(), *_not_read(resources))
    return Draft(tree, tuple(to_add(tree)), notices)


def _busiest_week(resources: Resources, sessions: Sessions, here: Clock) -> date | None:
    """The week with most appointments and slots, the later of two."""
    weeks = Counter(session.week for session in sessions.found)
    weeks.update(slot_weeks(resources, here))
    return max(weeks, key=lambda week: (weeks[week], week), default=None)


def _last_week(sessions: Sessions, week: date | None) -> tuple[date | None, list[Session]]:
    """The week that people live by: the planned one if it has appointments, else the one before."""
    for monday in (week, week - timedelta(days=7)) if week else ():
        if found := sessions.of_week(monday):
            return monday, found
    return None, []


def _baseline(told: Carried, week: date) -> Entry:
    return {
        "schema_version": SCHEMA_VERSION,
        "scenario": "from FHIR appointments",
        "week_start": week.isoformat(),
        "sections": told.sections,
        "appointments": told.appointments,
    }


def _not_read(resources: Resources) -> list[Notice]:
    return [
        Notice(kind, f"{number} left out: no week needs them")
        for kind, number in sorted(resources.others.items())
    ]


__all__ = ["Draft", "ToAdd", "read_fhir"]
