"""Data: which week is open, everything in it to see and to change, and files to and fro."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from solver import report
from solver.io.tables.layout import BASELINE, POLICY, SETTINGS, Path, by_path
from ui.desk import frame, history
from ui.desk.people import require
from ui.desk.store import WeekFiles
from ui.desk.tables import TABLES
from ui.editing import bench as benches
from ui.editing import saying
from ui.editing.form_view import entry_form, form_of, has_form, one
from ui.editing.goals_view import goals_form, rules_list
from ui.editing.open_view import bar, outcome
from ui.editing.table_view import mend, table
from ui.widgets.text import cell, listed, plain

# Which lists are shown together. A test holds that every list has its place.
SECTIONS: dict[str, tuple[Path, ...]] = {
    "Patients": (("patients",), ("patients", "commitments"), ("patients", "quotas")),
    "Therapists": (("therapists",),),
    "Rooms": (("rooms",), ("equipment",)),
    "Groups": (("groups",),),
    "Programs": (("programs",), ("programs", "quotas"), ("services",)),
    "Clinic": (SETTINGS, ("opening_hours",), ("closed_dates",), ("tracks",)),
    "Rules and goals": (POLICY,),
    "Last week": (
        BASELINE,
        ("baseline", "sections"),
        ("baseline", "sections", "meetings"),
        ("baseline", "sections", "absences"),
        ("baseline", "appointments"),
        ("locks",),
    ),
}
TABLE, ONE = "Table", "One by one"

page = frame.begin("Data")


def contents() -> None:
    """What is in the week, to read."""
    clinic = page.opened.clinic
    tables = {title: rows_of(clinic) for title, rows_of in TABLES.items()}
    tabs = st.tabs([f"{title} ({len(rows)})" for title, rows in tables.items()])
    for tab, (title, rows) in zip(tabs, tables.items(), strict=True):
        with tab:
            if rows:
                st.dataframe(rows, hide_index=True, alt=f"{title} of the scenario.")
            else:
                st.caption("There are none.")


def notices() -> None:
    """What is worth knowing and no fault."""
    if not page.opened.notices:
        return
    found = report.count(len(page.opened.notices), "thing")
    with st.expander(f"{found} worth knowing before solving", icon=":material/info:"):
        rows = [{"Place": cell(n.place), "Notice": cell(n.message)} for n in page.opened.notices]
        st.dataframe(rows, hide_index=True, alt="Notices about the scenario.")


def standing(bench: benches.Bench) -> None:
    """What is not saved yet, to save or to throw away; else what can be undone.

    One row that is always there: what is typed below does not move away under the hand.
    """
    if benches.SAID in st.session_state:
        st.success(plain(st.session_state[benches.SAID]), icon=":material/check_circle:")
    if bench.is_stale and bench.is_changed:
        _stale(bench)
        return
    row = st.container(
        horizontal=True, vertical_alignment="center", gap="small", border=True, key="standing"
    )
    with row.container(width="stretch"):
        st.markdown(_standing_words(bench))
    with row:
        if bench.incoming is not None:
            _buttons(bench, "Open this week", "Throw it away")
        elif bench.is_changed:
            _buttons(bench, "Save changes", "Throw them away")
        else:
            _undo()


def _standing_words(bench: benches.Bench) -> str:
    faults = bench.reading.faults
    wrong = f":red[:material/error: **{report.count(len(faults), 'fault')}** to mend first.] "
    if bench.incoming is not None:
        return wrong if faults else ":material/check_circle: Nothing is wrong with it."
    if not bench.is_changed:
        last = history.steps(page.files).undo
        return f"Last change: {plain(last[0])}." if last else "Everything is saved."
    where = report.listing(benches.lists_changed(bench.base, bench.draft))
    said = f":material/edit_note: **Not saved yet:** {plain(where)}. "
    return said + (wrong if faults else "Other pages show the week as it was.")


def _buttons(bench: benches.Bench, save: str, discard: str) -> None:
    wrong = bool(bench.reading.faults)
    st.button(
        save,
        type="primary",
        icon=":material/save:",
        disabled=wrong or not bench.may_edit,
        on_click=bench.save,
        help="Mend the faults first." if wrong else None,
    )
    st.button(
        discard, icon=":material/delete:", disabled=not bench.may_edit, on_click=bench.discard
    )


def _stale(bench: benches.Bench) -> None:
    st.error(
        "The week was changed elsewhere since these changes were begun, in another tab or by a "
        "plan that was taken over.",
        icon=":material/sync_problem:",
    )
    with st.container(horizontal=True):
        st.button("Throw my changes away", icon=":material/delete:", on_click=bench.discard)
        st.button(
            "Go on with mine",
            icon=":material/edit:",
            on_click=bench.keep_mine,
            help="Saving then puts your lists in the place of those that were changed elsewhere.",
        )


def _undo() -> None:
    steps = history.steps(page.files)
    for name, said, act, icon in (
        ("Undo", steps.undo, history.undo, ":material/undo:"),
        ("Redo", steps.redo, history.redo, ":material/redo:"),
    ):
        st.button(
            name,
            icon=icon,
            disabled=not said,
            on_click=_step,
            args=(act,),
            help=plain(said[0]) if said else None,
        )


def _step(act: Callable[[WeekFiles], str | None]) -> None:
    require("scheduler")
    st.session_state.pop(benches.SAID, None)
    act(page.files)


def section(bench: benches.Bench) -> None:
    """The lists of one part of the week."""
    counts = {title: _count(bench, paths) for title, paths in SECTIONS.items()}
    title = st.segmented_control(
        "Part of the week",
        list(SECTIONS),
        format_func=counts.__getitem__,
        key=frame.keep_ready(page.desk, "data.part", "Patients", list(SECTIONS)),
        on_change=frame.keeper(page.desk, "data.part"),
        required=True,
        label_visibility="collapsed",
    )
    paths = SECTIONS[title]
    if paths == (POLICY,):
        goals_form(bench)
        rules_list()
        return
    how = TABLE
    if has_form(paths[0]):
        name = f"data.how.{title}"
        how = st.segmented_control(
            "Shown as",
            [TABLE, ONE],
            key=frame.keep_ready(page.desk, name, TABLE, [TABLE, ONE]),
            on_change=frame.keeper(page.desk, name),
            required=True,
            label_visibility="collapsed",
            help="A table for many at once; one by one with the hours to paint.",
        )
    for path in paths:
        if how == ONE and by_path()[path].is_inner:
            continue
        _list(bench, path, how)


def _count(bench: benches.Bench, paths: tuple[Path, ...]) -> str:
    title = next(t for t, p in SECTIONS.items() if p == paths)
    wrong = sum(len(bench.reading.of(path)) for path in paths)
    counted = f" ({len(bench.draft.rows[paths[0]])})" if has_form(paths[0]) else ""
    return f"{title}{counted}" + (f" :red[⚠ {wrong}]" if wrong else "")


def _list(bench: benches.Bench, path: Path, how: str) -> None:
    about = by_path()[path]
    if path == ("equipment",) and how == ONE and not bench.draft.rows[path]:
        st.markdown("**Equipment**", help=about.note)
        entry_form(bench, path)
        return
    rules = saying.rule_names(path)
    reads = f"\n\nRead by the rules:\n{listed([plain(r) for r in rules])}" if rules else ""
    st.markdown(f"**{plain(about.title)}**", help=f"{about.note}{reads}")
    if about.is_form:
        form_of(bench, path)
    elif how == ONE and has_form(path):
        entry_form(bench, path)
    else:
        table(bench, path)
        if not bench.draft.rows[path]:
            st.caption(f"No {one(path)} yet: type into the last line of the table to add one.")


bar(page)
outcome(page)
if benches.is_masked():
    notices()
    contents()
    st.caption("To change anything, switch “Initials only” off: cells have full names and ids.")
else:
    bench = benches.begin(page)
    standing(bench)
    if bench.incoming is not None:
        mend(bench)
    section(bench)
    if bench.incoming is None:
        mend(bench)
        notices()
