"""Sweeps: one or two things varied step by step, every combination solved, served against cost."""

from __future__ import annotations

import hashlib
import itertools
import json
import os
import shutil
from pathlib import Path
from typing import Any

import streamlit as st

from solver import report
from solver.changes import ChangeFaults, applied, read_changes
from solver.runner import Answer
from ui.desk import asking, frame
from ui.desk.people import require
from ui.widgets.changes_axes import (
    MOST_CELLS,
    Axis,
    axis_form,
    cells,
    kept,
    read_axes,
    sweep_of,
)
from ui.widgets.compare_names import names_of
from ui.widgets.compare_variants import read_variants
from ui.widgets.compare_weeks import open_button, refused
from ui.widgets.frontier import (
    MEASURES,
    POINT,
    SQUARE,
    clicked,
    frontier,
    grid,
    name_of,
    of_all,
    rows,
    unit_of,
    unmet_text,
)
from ui.widgets.text import cell, listed, plain

QUESTION = "sweep"
SECONDS = {5: "5 s", 10: "10 s", 30: "30 s", 60: "1 min", 180: "3 min"}
FOLDERS_KEPT = 5
STOPPED = 130

require("director")
page = frame.begin("Sweeps")
names = names_of(page)
axes_under, asked_under = f"sweep {page.files.key}", f"sweep asked {page.files.key}"
variants = read_variants(page.desk.get(f"what if {page.files.key}"))


def forms() -> list[Axis | None]:
    """One or two axes."""
    held = read_axes(page.desk.get(axes_under)) or [Axis("therapist")]
    two_key = frame.keep_ready(page.desk, "sweep.two", False)
    columns = st.columns(2, gap="large")
    out = []
    for number, column in enumerate(columns):
        with column, st.container(border=True):
            if number == 1:
                st.toggle(
                    "A second thing as well",
                    key=two_key,
                    on_change=frame.keeper(page.desk, "sweep.two"),
                    help="Every combination of both is solved.",
                )
                if not st.session_state[two_key]:
                    st.caption("One thing alone: a row of combinations.")
                    continue
            other = "census" if number else "therapist"
            now = held[number] if number < len(held) else Axis(other)
            real, shown = page.opened.scenario, page.opened.clinic.scenario
            out.append(axis_form(real, shown, variants, now, f"axis {page.files.key} {number}"))
    known = [axis for axis in out if axis is not None]
    if known and len(known) == len(out):
        page.desk.put(axes_under, kept(known))
    return out


def always() -> list[Any]:
    """Changes that every combination begins with."""
    usable = [v.name for v in variants if v.changes]
    if not usable:
        return []
    options = ["none", *usable]
    name = st.selectbox(
        "Changes in every combination",
        options,
        format_func=lambda text: "none: the week as it is" if text == "none" else cell(text),
        key=frame.keep_ready(page.desk, "sweep.always", "none", options),
        on_change=frame.keeper(page.desk, "sweep.always"),
        help="A variant of the page What if, of which all changes are made before anything varies.",
    )
    return list(next((v.changes for v in variants if v.name == name), ()))


@st.cache_data(max_entries=100, show_spinner=False)
def faults_of(_question: dict[str, Any], words: str) -> list[str]:
    """Why the sweep cannot be run: its corners tried; the command itself tries every combination."""
    out: dict[str, None] = {}
    axes = [axis["steps"] for axis in _question["axes"]]
    for corner in itertools.product(*([steps[0], steps[-1]] for steps in axes)):
        changes = [*_question["changes"], *(c for step in corner for c in step["changes"])]
        try:
            applied(page.opened.scenario, read_changes(changes))
        except ChangeFaults as error:
            out.update(dict.fromkeys(str(fault) for fault in error.faults))
    return list(out)


def folder_of(question: dict[str, Any], seconds: int) -> Path:
    """Where such a sweep of this very week is kept, so that the same one goes on where it was."""
    asked = json.dumps([question, seconds], sort_keys=True).encode()
    digest = hashlib.sha256(asked + page.files.scenario.read_bytes())
    if page.opened.schedule is not None:
        digest.update(page.opened.schedule.model_dump_json().encode())
    return page.desk.folder / "sweeps" / digest.hexdigest()[:24]


def begin(question: dict[str, Any], seconds: int) -> None:
    """Solve what is not solved yet, in a child."""
    require("director")
    folder = folder_of(question, seconds)
    folder.parent.mkdir(mode=0o700, exist_ok=True)
    old = sorted(folder.parent.glob("*/"), key=lambda path: path.stat().st_mtime, reverse=True)
    for path in [p for p in old if p != folder][FOLDERS_KEPT - 1 :]:
        shutil.rmtree(path, ignore_errors=True)
    files: dict[str, Any] = {"scenario.json": page.opened.scenario, "sweep.json": question}
    command: tuple[str, ...] = ("sweep", "scenario.json", "sweep.json", "-o", str(folder))
    if page.opened.schedule is not None:
        files["schedule.json"] = page.opened.schedule
        command += ("--base", "schedule.json")
    limit = cells(question) * (seconds + 20.0)
    asking.ask(page, QUESTION, (*command, "--time-limit", str(seconds), "--json"), files, limit)
    page.desk.put(asked_under, {"question": question, "seconds": seconds, "folder": folder.name})


def asked() -> tuple[Path, dict[str, Any], int] | None:
    """The sweep that was asked last, and its folder."""
    was = page.desk.get(asked_under)
    if not isinstance(was, dict):
        return None
    return page.desk.folder / "sweeps" / str(was["folder"]), was["question"], int(was["seconds"])


@st.fragment(run_every=1.0)
def progress() -> None:
    """How many combinations are solved."""
    now = asked()
    if now is None:
        return
    folder, question, _ = now
    done, all_ = len(list(folder.glob("cells/*.json"))), cells(question)
    words = f"{done} of {report.count(all_, 'combination')} solved"
    st.progress(min(1.0, done / max(1, all_)), text=words)


def select(chart: str, name: str) -> None:
    """A point or a square was clicked on."""
    key = clicked(st.session_state.get(chart), name)
    if key is not None:
        frame.choose(page.desk, "sweep.cell", key)


def results(folder: Path) -> dict[str, Any] | None:
    """What the sweep told, as far as it came."""
    try:
        found = json.loads((folder / "results.json").read_bytes())
    except (OSError, ValueError):
        return None
    return found if isinstance(found, dict) else None


def draw(found: Answer) -> None:
    """Charts, the combination that is open, and the table."""
    now = asked()
    document = None if now is None else results(now[0])
    if now is None or document is None:
        refused(tuple(names.text(line) for line in found.said))
        return
    folder, question, seconds = now
    if folder_of(question, seconds) != folder:
        st.warning("The week has been changed since. Sweep again.", icon=":material/history:")
    elif found.code == STOPPED:
        done = len(list(folder.glob("cells/*.json")))
        row = st.container(horizontal=True, vertical_alignment="center")
        row.info(
            f"Stopped with {done} of {len(document['cells'])} solved; what is known is below.",
            icon=":material/pause_circle:",
        )
        row.button("Go on", icon=":material/play_arrow:", on_click=begin, args=(question, seconds))
    charts(document)
    opened(document, folder)
    st.subheader("Every combination", anchor=False)
    st.dataframe(
        rows(document),
        hide_index=True,
        column_config={"Best for its cost": st.column_config.CheckboxColumn()},
        alt="Every combination with who is served, cost, and what is scarce.",
    )


def charts(document: dict[str, Any]) -> None:
    """The grid and the frontier, both to be clicked on."""
    left, right = st.columns(2, gap="large")
    with left:
        st.subheader("Combination by combination", anchor=False)
        measure = st.segmented_control(
            "Show",
            list(MEASURES),
            format_func=MEASURES.get,
            required=True,
            key=frame.keep_ready(page.desk, "sweep.measure", "served", list(MEASURES)),
            on_change=frame.keeper(page.desk, "sweep.measure"),
            help="Scarce is what keeps most of the missing sessions from being added to the week "
            "found. Unmet care with ? is not proved best.",
        )
        grid(document, measure, "sweep grid", lambda: select("sweep grid", SQUARE))
    with right:
        st.subheader("Served against cost", anchor=False)
        st.caption(f"Cost is {_cost_words(document)}. Click a point to open its week.")
        chosen = frame.chosen(page.desk, "sweep.cell")
        frontier(document, "sweep frontier", chosen, lambda: select("sweep frontier", POINT))


def _cost_words(document: dict[str, Any]) -> str:
    if document["cost_in"] == "money":
        return "that of the staff on duty, in session or not"
    return "hours on duty, because the scenario does not say what everybody costs"


def opened(document: dict[str, Any], folder: Path) -> None:
    """The combination that was clicked on."""
    by_key = {c["key"]: c for c in document["cells"]}
    keys = list(by_key)
    best = next(iter(reversed(document["frontier"])), keys[0])
    with st.container(border=True):
        key = st.selectbox(
            "Combination",
            keys,
            format_func=lambda k: cell(names.text(name_of(document, by_key[k]))),
            key=frame.keep_ready(page.desk, "sweep.cell", best, keys),
            on_change=frame.keeper(page.desk, "sweep.cell"),
        )
        c = by_key[key]
        title = name_of(document, c)
        if c["figures"] is None:
            st.markdown("There is no week for it yet.")
        else:
            row = st.container(horizontal=True)
            row.metric("Fully served", f"{c['served']} of {of_all(c)}", border=True)
            row.metric("Unmet care", unmet_text(c), border=True)
            cost = "–" if c["cost"] is None else f"{c['cost']:,.0f}"
            row.metric(f"Cost ({unit_of(document)})", cost, border=True)
            row.metric("Paid days", c["figures"]["paid"], border=True)
        told = [*c["sentences"], *(f"{r[:1].upper()}{r[1:]}." for r in c["reasons"])]
        scarce = [f"{name} ({share:.0%} of the unmet care)" for name, share in c["scarce"].items()]
        told += [f"What is scarce: {report.listing(scarce)}."] if scarce else []
        told += [
            f"One step more of {n['axis']}: unmet care {n['said']}."
            for n in c["next"]
            if n is not None
        ]
        st.markdown(listed([plain(names.text(text)) for text in told]))
        week = folder / "weeks" / key
        open_button(page, week / "scenario.json", week / "schedule.json", title, key="open cell")


st.caption(
    "Vary one or two things step by step, and see who is served at what cost, and what binds where."
)
axes = forms()
first = always()
row = st.container(horizontal=True, vertical_alignment="bottom")
row.segmented_control(
    "Time for each combination",
    list(SECONDS),
    format_func=SECONDS.get,
    required=True,
    key=frame.keep_ready(page.desk, "sweep.seconds", 10, list(SECONDS)),
    on_change=frame.keeper(page.desk, "sweep.seconds"),
)
seconds = int(st.session_state[frame.KEPT + "sweep.seconds"])
known = [axis for axis in axes if axis is not None]
question = sweep_of(page.opened.scenario, known, variants, first)
count = cells(question) if known else 0
wrong = []
if known and len(known) == len(axes) and count:
    mark = f"{page.files.scenario} {page.files.scenario.stat().st_mtime_ns} {json.dumps(question)}"
    wrong = faults_of(question, mark)
fits = len(known) == len(axes) and 0 < count <= MOST_CELLS
busy = asking.is_running(page, QUESTION)
row.button(
    "Sweep",
    type="primary",
    icon=":material/grid_on:",
    on_click=begin,
    args=(question, seconds),
    disabled=not fits or bool(wrong) or busy,
)
at_once = max(1, min(os.cpu_count() or 1, count))
minutes = -(-count // at_once) * seconds / 60
st.caption(
    f"{report.count(count, 'combination')}, at most {max(1, round(minutes))} min."
    if count <= MOST_CELLS
    else f"{count} combinations; at most {MOST_CELLS} are solved here. Take larger steps."
)
for fault in wrong:
    st.error(plain(names.text(fault)), icon=":material/error:")
if busy:
    progress()
asking.show(page, QUESTION, draw, names.text)
if busy and not asking.is_running(page, QUESTION):
    st.rerun()  # it ended while the page was drawn: the button is to be pressed again
if not busy and asking.answer(page, QUESTION) is None:
    st.info(
        "Nothing is swept yet. Try therapists against census, and press Sweep.",
        icon=":material/lightbulb:",
    )
