"""Jobs in steps: which one a person is at, questions asked on the way, and taking an answer."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Mapping, Sequence

import streamlit as st

from solver import report
from solver.checker import check
from solver.clinic import Clinic
from solver.runner import Answer
from solver.scenario import Scenario
from solver.schedule import Schedule
from solver.violations import Violation

from ..desk import asking, frame, history, kept
from ..desk.frame import Frame
from ..desk.people import require
from ..desk.store import WeekFiles
from .text import plain

TOLD = "steps told"
"""In session state: what came of the last click, as (kind, sentences), shown once."""
Steps = Mapping[str, str]
"""Key -> title, in order."""


def strip(page: Frame, job: str, steps: Steps) -> str:
    """The steps of a job, numbered; the one that is chosen."""
    keys = list(steps)
    name = _step(job)
    key = frame.keep_ready(page.desk, name, keys[0], keys)
    chosen: str = st.segmented_control(
        "Steps",
        keys,
        format_func=lambda step: f"{keys.index(step) + 1}  {steps[step]}",
        required=True,
        key=key,
        on_change=frame.keeper(page.desk, name),
        label_visibility="collapsed",
    )
    return chosen


def go(page: Frame, job: str, step: str) -> None:
    """Go to a step; for callbacks."""
    frame.choose(page.desk, _step(job), step)


def _step(job: str) -> str:
    return f"next.step.{job}"


# -- questions about the week as it stands --------------------------------------------------------


def initials(page: Frame) -> bool:
    """Whether patients are shown by their initials."""
    return bool(frame.chosen(page.desk, frame.INITIALS))


def stamp(page: Frame) -> str:
    """What tells the open week, and how its patients are shown, from any other."""
    files = (page.files.scenario, page.files.schedule)
    content = [p.read_bytes() if p.exists() else b"" for p in files]
    content.append(b"initials" if initials(page) else b"names")
    return hashlib.sha256(b"\0".join(content)).hexdigest()[:32]


def ask(page: Frame, name: str, *command: str, **files: object) -> None:
    """Ask something about the week as it is shown; for callbacks.

    Args:
        files: further files of the command, by name with ``__`` for the dot.
    """
    require("scheduler")
    given = {file.replace("__", "."): content for file, content in files.items()}
    given["scenario.json"] = page.opened.clinic.scenario
    if page.opened.week is not None:
        given["schedule.json"] = page.opened.week.schedule
    asking.ask(page, name, command, given)
    page.desk.put(_asked(page, name), stamp(page))


def answers(page: Frame, name: str, draw: Callable[[Answer], None]) -> None:
    """How a question stands; an answer about the week as it was before is not shown any more."""
    if page.desk.get(_asked(page, name)) == stamp(page):
        asking.show(page, name, draw)
    elif asking.answer(page, name) is not None:
        st.info("The week has changed since this was asked. Ask again.", icon=":material/update:")


def forget(page: Frame, name: str) -> None:
    """The answer was taken, or is of no more use."""
    asking.forget(page, name)
    page.desk.put(_asked(page, name), None)


def _asked(page: Frame, name: str) -> str:
    return f"asked {name} {page.files.key}"


def in_names(page: Frame, text: str) -> str:
    """What rules say, with the board's names in place of ids, as they are shown."""
    names = _names(page)
    return _WORD.sub(lambda found: names.get(found[0], found[0]), text)


_WORD = re.compile(r"[\w~-]+")


def _names(page: Frame) -> dict[str, str]:
    """Id -> name, of everything that stands in the week, in what people had, and in an answer."""
    shown, full = page.opened.clinic.scenario, page.opened.scenario
    out: dict[str, str] = {}
    for entries in (shown.services, shown.groups, shown.rooms, shown.therapists, shown.programs):
        out |= {entry.id: entry.name or entry.id for entry in entries}
    for real, masked in zip(full.patients, shown.patients, strict=True):
        out |= {real.id: masked.name or masked.id}
    weeks = [full.baseline, page.opened.schedule, shown.baseline]
    weeks += [page.opened.week.schedule] if page.opened.week else []
    for week in filter(None, weeks):
        out |= {s.id: out.get(s.group, s.group) for s in week.sections}
        for a in week.appointments:
            out[a.id] = f"{out.get(a.service, a.service)} of {out.get(a.patient, a.patient)}"
    # What was put back beside something of its name has a mark behind its id.
    return out | {f"{id}~": name for id, name in out.items()}


# -- taking an answer -----------------------------------------------------------------------------


def take(
    page: Frame,
    sentence: str,
    schedule: Schedule,
    scenario: Scenario | None = None,
    allowed: Sequence[Violation] = (),
) -> bool:
    """Make a schedule (and its scenario) the open week's, if it is legal; for callbacks.

    Args:
        sentence: what it is called in the history.
        allowed: rules that were broken before and may stay so.
    """
    require("scheduler")
    before = {(v.rule, v.subject) for v in allowed}
    found = check(Clinic(scenario or page.opened.scenario), schedule)
    new = [v for v in found if (v.rule, v.subject) not in before]
    if new:
        number = report.count(len({v.rule for v in new}), "rule")
        tell("failed", f"Not taken: that week would break {number}. Ask again.")
        return False
    files = page.files
    if scenario is not None and files.is_ready:
        files = own_week(page)
    history.change(files, sentence, schedule=schedule, scenario=scenario)
    return True


def own_week(page: Frame) -> WeekFiles:
    """The open week as the desk's own, with what is known of where it came from."""
    files = page.desk.own_copy(page.files)
    kept.carry_over(page, page.files, files)
    return files


def tell(kind: str, *sentences: str) -> None:
    """Have something said on the page that follows: ``done``, ``note`` or ``failed``."""
    st.session_state[TOLD] = (kind, sentences)


def told() -> None:
    """What came of the last click, once."""
    kind, sentences = st.session_state.pop(TOLD, ("", ()))
    if not sentences:
        return
    text = "  \n".join(map(plain, sentences))
    match kind:
        case "done":
            st.success(text, icon=":material/check_circle:")
        case "note":
            st.info(text, icon=":material/info:")
        case _:
            st.error(text, icon=":material/error:")


def undo(page: Frame) -> None:
    """Take the last change back; for callbacks."""
    require("scheduler")
    said = history.undo(page.files)
    if said is not None:
        tell("note", f"Taken back: {said}.")


def may_undo(page: Frame) -> None:
    """A button that takes the last change back, if there is one."""
    done = history.steps(page.files).undo
    if done:
        st.button(
            f"Undo: {plain(done[0])}",
            type="tertiary",
            icon=":material/undo:",
            on_click=undo,
            args=(page,),
        )
