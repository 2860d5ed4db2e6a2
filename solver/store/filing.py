"""A week as a person keeps it: a version of its scenario with the schedule that goes with it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from ..result import Result
from ..scenario import Scenario
from ..schedule import Schedule
from . import texts
from .checks import hash_of
from .tables import KeptSchedule, ScenarioVersion

if TYPE_CHECKING:
    from . import Store


@dataclass(frozen=True, slots=True)
class Filed:
    """A week that is kept; ``schedule`` is None where only its scenario is."""

    clinic_id: str
    version: ScenarioVersion
    schedule: KeptSchedule | None


def week_in(store: Store, clinic_id: str, week_start: date) -> ScenarioVersion | None:
    """The last version of what a clinic keeps for a week; None where it keeps nothing.

    Where several scenarios are kept for the week (somebody kept theirs as another), it is the one that
    was saved last.
    """
    of_week = {
        v.scenario_id: v for v in store.scenarios.of_clinic(clinic_id) if v.week_start == week_start
    }
    if len(of_week) < 2:
        return next(iter(of_week.values()), None)
    order = {e.scenario_id: e.line for e in store.trail.history(clinic_id) if e.kind == "version"}
    return max(of_week.values(), key=lambda v: order.get(v.scenario_id, 0))


def version_like(store: Store, scenario_id: str, scenario: Scenario) -> ScenarioVersion | None:
    """The last version of a kept scenario that says just this; None where none does."""
    hash = hash_of(texts.text_of(scenario))
    versions = store.scenarios.versions(scenario_id)
    exact = [v for v in versions if v.hash == hash]
    # One that was written by another program says the same in other words.
    return next(
        reversed(exact or [v for v in versions if store.scenarios.read(v) == scenario]), None
    )


def keep_week(
    store: Store,
    clinic: str,
    scenario: Scenario,
    schedule: Schedule | None,
    by: str,
    *,
    on: ScenarioVersion | tuple[str, int] | None,
    result: Result | None = None,
) -> Filed:
    """Keep a week: the next version of what it was worked from, or version 1 of a new one.

    Args:
        clinic: its name; it is made if there is none.
        on: what it was worked from, or (scenario id, number) of it; None keeps a new one.

    Raises:
        Conflict: somebody saved a later version meanwhile; nothing is written.
        StoreError: it could not be kept.
    """
    clinic_id = store.clinics.named(clinic, by).id
    text = texts.text_of(scenario)
    if on is None:
        version = store.scenarios.new(clinic_id, text, by)
    else:
        kept, number = on if isinstance(on, tuple) else (on.scenario_id, on.number)
        version = store.scenarios.save(kept, text, by, based_on=number)
    if schedule is None:
        return Filed(clinic_id, version, None)
    return Filed(clinic_id, version, keep_schedule(store, version, schedule, by, result))


def keep_schedule(
    store: Store,
    version: ScenarioVersion,
    schedule: Schedule,
    by: str,
    result: Result | None = None,
) -> KeptSchedule:
    """Keep a schedule of a version; the one that is there where it says just this."""
    hash = hash_of(texts.text_of(schedule))
    for kept in reversed(store.schedules.of(version)):
        if kept.hash == hash:
            return kept
    return store.schedules.keep(version, schedule, by, result=result)
