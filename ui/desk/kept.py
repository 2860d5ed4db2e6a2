"""The store of this server, and what pages need of it: keep, open, publish, history.

What is kept is never altered. Whoever keeps or publishes says what they worked from; where somebody
else was quicker, the page shows what they changed, and nothing is overwritten.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TypeVar

import streamlit as st

from solver.checker import check
from solver.clinic import Clinic
from solver.errors import FileFaults, ScheduleRejected
from solver.schedule import Schedule
from solver.store import (
    Conflict,
    KeptSchedule,
    PublishedWeek,
    ScenarioVersion,
    Store,
    StoreError,
    locate,
    open_store,
)
from solver.store.filing import Filed, keep_week, version_like, week_in

from ..widgets.text import plain
from .frame import Frame
from .people import require
from .store import WeekFiles

T = TypeVar("T")
SAID = "kept said"
"""In session state: what the last click came to, as (kind, sentence), shown once."""


@dataclass(frozen=True, slots=True)
class From:
    """What the week on the desk was worked from.

    Attributes:
        scenario_id, version: of the kept scenario.
        publication: number of this week's publication that was last seen; 0 where there was none.
    """

    clinic_id: str
    scenario_id: str
    version: int
    publication: int = 0


def store() -> Store:
    """The one store of this server; StoreError where it cannot be opened."""
    return _store(str(locate()))


@st.cache_resource(show_spinner=False)
def _store(_where: str) -> Store:
    return open_store()


def asked(question: Callable[[Store], T]) -> T | None:
    """What the store says; where it cannot answer, the page says why and None is given back."""
    try:
        return question(store())
    except StoreError as error:
        st.error(plain(str(error)), icon=":material/inventory_2:")
        return None


# -- where the open week stands -------------------------------------------------------------------


def origin(page: Frame, files: WeekFiles | None = None) -> From | None:
    """What the open week was worked from; None where it never was in the store."""
    said = page.desk.get(_name(files or page.files))
    try:
        return From(**said) if said else None
    except TypeError:
        return None


def _note(page: Frame, files: WeekFiles, origin: From) -> None:
    page.desk.put(
        _name(files),
        {
            "clinic_id": origin.clinic_id,
            "scenario_id": origin.scenario_id,
            "version": origin.version,
            "publication": origin.publication,
        },
    )


def carry_over(page: Frame, old: WeekFiles, new: WeekFiles) -> None:
    """A copy of a week was worked from what the week was."""
    known = origin(page, old)
    if known is not None and old.key != new.key:
        _note(page, new, known)


def _name(files: WeekFiles) -> str:
    return f"kept from {files.key}"


def clinic_id(page: Frame, here: Store) -> str | None:
    """The clinic of the open week, if the store knows it."""
    known = origin(page)
    if known is not None:
        return known.clinic_id
    name = " ".join(page.opened.scenario.name.split())
    return next((c.id for c in here.clinics.all() if c.name == name), None)


def published(page: Frame, here: Store) -> PublishedWeek | None:
    """What people live by in the open week's week, if anything was published for it."""
    where = clinic_id(page, here)
    return here.weeks.current(where, page.opened.scenario.week_start) if where else None


def is_published(page: Frame, here: Store) -> bool:
    """Whether the open week is just what is published."""
    now = published(page, here)
    if now is None or page.opened.schedule is None:
        return False
    scenario, schedule = here.schedules.read(here.schedules.get(now.schedule_id))
    return schedule == page.opened.schedule and scenario == page.opened.scenario


# -- keeping --------------------------------------------------------------------------------------


def keep(page: Frame, *, anew: bool = False) -> Filed:
    """Keep the open week as a new version.

    Args:
        anew: as a week of its own beside what others keep.

    Raises:
        Conflict: somebody kept a later version, or this week was never worked from what is kept.
        StoreError, ValueError: it could not be kept.
    """
    someone = require("scheduler")
    here, opened = store(), page.opened
    known = origin(page)
    if anew:
        on = None
    elif known is not None:
        on = (known.scenario_id, known.version)
    else:
        on = _from_nothing(page, here)
    result = opened.week.result if opened.week is not None else None
    filed = keep_week(
        here,
        opened.scenario.name,
        opened.scenario,
        opened.schedule,
        someone.id,
        on=on,
        result=result,
    )
    seen = known.publication if known is not None else 0
    _note(
        page,
        page.files,
        From(filed.clinic_id, filed.version.scenario_id, filed.version.number, seen),
    )
    return filed


def _from_nothing(page: Frame, here: Store) -> tuple[str, int] | None:
    """For a week that never was in the store: None where there is none of it.

    Raises:
        Conflict: there is another; what it has otherwise is said, as if it had come meanwhile.
    """
    where = clinic_id(page, here)
    last = week_in(here, where, page.opened.scenario.week_start) if where else None
    if last is None:
        return None
    same = version_like(here, last.scenario_id, page.opened.scenario)
    if same is not None and same.number == last.number:
        return (last.scenario_id, last.number)
    from solver.io.files import dump  # noqa: PLC0415 - only where there is a conflict
    from solver.store import differences  # noqa: PLC0415

    found = differences(dump(page.opened.scenario), dump(here.scenarios.read(last)))
    raise Conflict("scenario", 0, last.number, last.author, last.made_at, found)


def publish(page: Frame, *, over: int | None = None) -> PublishedWeek:
    """Publish the open week; it is kept first.

    Args:
        over: the number of the publication that this one is to supersede, after a look at it.

    Raises:
        ScheduleRejected: it breaks rules; with every violation in words.
        Conflict: somebody published this week, or kept another version, meanwhile.
        StoreError, ValueError: it could not be published.
    """
    someone = require("scheduler")
    if page.opened.schedule is None:
        raise ScheduleRejected("there is no schedule to publish")
    found = check(Clinic(page.opened.scenario), page.opened.schedule)
    if found:
        rules = ", ".join(sorted({v.rule for v in found}))
        raise ScheduleRejected(f"it breaks rules: {rules}")
    here = store()
    filed = keep(page)
    assert filed.schedule is not None
    known = origin(page)
    assert known is not None
    based_on = known.publication if over is None else over
    week = here.weeks.publish(filed.schedule.id, someone.id, based_on=based_on)
    _note(
        page,
        page.files,
        From(known.clinic_id, known.scenario_id, known.version, week.number),
    )
    return week


# -- opening --------------------------------------------------------------------------------------


def open_on_desk(
    page: Frame, version: ScenarioVersion, schedule: KeptSchedule | None = None
) -> None:
    """A kept week as a week of the desk's own, opened; what is kept stays as it is."""
    here = store()
    scenario = here.scenarios.read(version)
    kept = schedule or next(reversed(here.schedules.of(version)), None)
    week: Schedule | None = None
    if kept is not None:
        scenario, week = here.schedules.read(kept)
    files = page.desk.add(scenario)
    if week is not None:
        files.take_schedule(week)
    clinic = next(
        c.id
        for c in here.clinics.all()
        for v in here.scenarios.of_clinic(c.id)
        if v.scenario_id == version.scenario_id
    )
    now = here.weeks.current(clinic, version.week_start)
    number = now.number if now is not None else 0
    _note(page, files, From(clinic, version.scenario_id, version.number, number))


def open_publication(page: Frame, here: Store, week: PublishedWeek) -> None:
    """A published week as a week of the desk's own, opened."""
    for event in here.trail.history(week.clinic_id):
        if event.publication == week.number and event.week_start == week.week_start.isoformat():
            version = here.scenarios.version(event.scenario_id, event.version)
            open_on_desk(page, version, here.schedules.get(week.schedule_id))
            return


def open_theirs(page: Frame, here: Store, clinic: str, conflict: Conflict) -> str:
    """What somebody else kept or published, opened beside one's own."""
    start = page.opened.scenario.week_start
    if conflict.subject == "week":
        week = here.weeks.current(clinic, start)
        if week is not None:
            open_publication(page, here, week)
    else:
        known = origin(page)
        last = (
            here.scenarios.version(known.scenario_id)
            if known is not None
            else week_in(here, clinic, start)
        )
        if last is not None:
            open_on_desk(page, last)
    return "Theirs is open."


# -- saying what came of it -----------------------------------------------------------------------


def attempt(action: Callable[[], str]) -> Conflict | None:
    """Do something in a callback; what came of it is said by ``said`` on the page that follows.

    A conflict is given back, for the page to offer ways out.
    """
    try:
        st.session_state[SAID] = ("done", action())
    except Conflict as conflict:
        return conflict
    except ScheduleRejected as error:
        st.session_state[SAID] = ("refused", f"This week cannot be published: {error}.")
    except StoreError as error:
        st.session_state[SAID] = ("failed", str(error))
    except FileFaults as error:
        st.session_state[SAID] = ("failed", "; ".join(map(str, error.faults)))
    except ValueError as error:
        st.session_state[SAID] = ("failed", f"This could not be kept: {error}.")
    return None


def said() -> None:
    """What the last click came to, once."""
    kind, sentence = st.session_state.pop(SAID, ("", ""))
    match kind:
        case "done":
            st.success(plain(sentence), icon=":material/check_circle:")
        case "refused":
            st.error(plain(sentence), icon=":material/gavel:")
        case "failed":
            st.error(plain(sentence), icon=":material/inventory_2:")


def when(at: datetime) -> str:
    """``Mon 23 November, 07:52``, in this machine's time."""
    local = at.replace(tzinfo=at.tzinfo or UTC).astimezone()
    return f"{local:%a} {local.day} {local:%B}, {local:%H:%M}"
