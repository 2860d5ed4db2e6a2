"""What was suggested, tried: a week of one's own with the changes made and the schedule that proves them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

import streamlit as st
from pydantic import ValidationError

from solver.changes import Change, apply, read_changes
from solver.errors import FileFaults
from solver.scenario import Commitment, Scenario
from solver.schedule import Schedule

from ..desk.people import require
from ..desk.unmasked import Unmasked

if TYPE_CHECKING:
    from ..desk.frame import Frame
    from ..desk.opened import Opened

Json = Mapping[str, Any]
LONGEST = 60
"""Letters of what is said in a week's name."""


def try_button(
    page: Frame,
    changes: Iterable[Json],
    schedule: Json,
    said: str,
    *,
    key: str,
    primary: bool = False,
) -> None:
    """``Try this``: the changes and their schedule as a week of one's own, opened."""
    pressed = st.button(
        "Try this",
        key=key,
        type="primary" if primary else "secondary",
        icon=":material/science:",
        help="Opens a copy of the week with this change and the schedule found for it; the week "
        "at hand stays as it is.",
    )
    if pressed and own_copy(page, list(changes), schedule, said):
        st.switch_page("ui/week.py")


def own_copy(page: Frame, changes: list[Json], schedule: Json, said: str) -> bool:
    """Make and open the copy; what keeps it from being made is said on the page."""
    require("scheduler")
    try:
        scenario = apply(page.opened.scenario, real_changes(page.opened, changes))
        week = real_schedule(page.opened, schedule)
    except (FileFaults, ValidationError, KeyError):
        st.error("The week has been changed since. Ask again.", icon=":material/history:")
        return False
    copied(page, scenario, week, said)
    return True


def copied(page: Frame, scenario: Scenario, week: Schedule, said: str) -> None:
    """A week of the desk's own, named after what is tried, and opened."""
    called = f"{page.opened.scenario.name} · {short(said)}"
    files = page.desk.add(scenario.model_copy(update={"name": called}))
    files.take_schedule(week.model_copy(update={"scenario": called}))


def short(said: str) -> str:
    """A few words of it."""
    return said if len(said) <= LONGEST else f"{said[: LONGEST - 1].rstrip()}…"


def called(steps: Iterable[Json]) -> str:
    """What a suggestion's week is called; names nobody, because weeks are listed on other pages."""
    told = [
        "other hours of a patient" if s["kind"] == "own_hours" else str(s["text"]) for s in steps
    ]
    return "; ".join(told) or "rearranged"


# -- from what is shown to what the files say -----------------------------------------------------


def real_schedule(opened: Opened, schedule: Json) -> Schedule:
    """A schedule of an answer, with the ids of the files."""
    return Unmasked(opened).schedule(Schedule.model_validate(schedule))


def real_changes(opened: Opened, changes: Iterable[Json]) -> tuple[Change, ...]:
    """Changes of an answer, about the patients of the files."""
    who = Unmasked(opened).patients
    real = []
    for change in changes:
        if change.get("what") != "patient" or change.get("id") not in who:
            real.append(dict(change))
            continue
        patient = who[str(change["id"])]
        told = {**change, "id": patient}
        edits = told.get("set") or {}
        if edits.get("commitments"):
            entry = next(p for p in opened.scenario.patients if p.id == patient)
            named = labelled(edits["commitments"], entry.commitments)
            told["set"] = {**edits, "commitments": named}
        real.append(told)
    return read_changes(real)


def labelled(edited: Iterable[Json], real: Iterable[Commitment]) -> list[Json]:
    """Commitments with their own labels again; they are in their order, cut shorter or left out."""
    left, out = list(real), []
    for entry in edited:
        label = entry["label"]
        while left:
            one = left.pop(0)
            if _is_cut_of(entry, one):
                label = one.label
                break
        out.append({**entry, "label": label})
    return out


def _is_cut_of(entry: Json, whole: Commitment) -> bool:
    """Whether every window lies inside one of a commitment's."""
    days = {(d, w.start, w.end) for w in whole.windows for d in w.days}
    return all(
        any(d == day and start <= _minutes(w["start"]) and _minutes(w["end"]) <= end
            for day, start, end in days)
        for w in entry["windows"]
        for d in w["days"]
    )  # fmt: skip


def _minutes(clock: str) -> int:
    hours, _, minutes = clock.partition(":")
    return int(hours) * 60 + int(minutes)
