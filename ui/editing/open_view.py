"""Open a week, bring one in, make one, take files out: the row on top of the data page."""

from __future__ import annotations

import io
import json
import re
import tempfile
import zipfile
from collections.abc import Callable, Mapping
from datetime import date
from pathlib import Path
from typing import Any

import streamlit as st

from solver import report
from solver.errors import FileFaults
from solver.io.files import dump, load_schedule, parse_json
from solver.io.tables import write_template_csv, write_template_workbook
from solver.runner import Answer
from solver.scenario import Scenario
from solver.schedule import Schedule

from ..desk import asking, history
from ..desk.frame import Frame
from ..desk.people import may, require
from ..desk.store import WeekFiles
from ..widgets.text import cell, plain
from . import shelf
from .arriving import arrived, draft_of_tree
from .bench import CLOSED, SAID, is_masked
from .make_view import make_week

SCENARIO_FILE, SCHEDULE_FILE = "scenario file", "schedule file"
WRONG, DONE = "faults of ", "said of "
FHIR = "fhir"
WORKBOOK_MIME = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def bar(page: Frame) -> None:
    """The row of what can be opened, brought, made and taken."""
    row = st.container(horizontal=True, vertical_alignment="bottom")
    with row.container(width="stretch"):
        _choose_week(page)
    if may("scheduler"):
        # Another key is another popover, closed: what came of it stands behind it.
        times = st.session_state.get(CLOSED, 0)
        with row.popover("Bring in a file", icon=":material/upload_file:", key=f"bring {times}"):
            _bring(page)
        with row.popover("Make a new week", icon=":material/note_add:", key=f"make {times}"):
            make_week(page)
    with row.popover("Take files out", icon=":material/download:"):
        _fetch(page)


# -- weeks there are ------------------------------------------------------------------------------


@st.cache_data(max_entries=200, show_spinner=False)
def name_in(path: str, changed: int) -> str:
    """What a scenario's file calls its week."""
    try:
        content = parse_json(Path(path).read_bytes())
    except (OSError, FileFaults):
        return Path(path).stem
    name = content.get("name") if isinstance(content, dict) else None
    return cell(name) if isinstance(name, str) and name else Path(path).stem


def title_of(files: WeekFiles) -> str:
    """A week as a list of weeks shows it."""
    name = name_in(str(files.scenario), files.scenario.stat().st_mtime_ns)
    return name if files.is_ready else f"{name} (yours)"


def _choose_week(page: Frame) -> None:
    weeks = {files.key: files for files in page.desk.weeks()}
    st.session_state["week to open"] = page.files.key
    line = st.container(horizontal=True, vertical_alignment="bottom")
    line.selectbox(
        "Open a week",
        list(weeks),
        format_func=lambda key: title_of(weeks[key]),
        key="week to open",
        on_change=_open_week,
        args=(page,),
        help="Ready weeks come with the program; what you bring in yourself stays on your desk.",
    )
    if not page.files.is_ready and may("scheduler"):
        line.button(
            "Remove this week",
            icon=":material/delete:",
            on_click=_remove,
            args=(page,),
            help="Take it off your desk for good, with its schedule.",
        )


def _open_week(page: Frame) -> None:
    page.desk.open(st.session_state["week to open"])
    st.session_state.pop(SAID, None)


def _remove(page: Frame) -> None:
    require("scheduler")
    page.desk.remove(page.files.key)


# -- bring ----------------------------------------------------------------------------------------


def _bring(page: Frame) -> None:
    st.file_uploader(
        "A week: a filled-in workbook, a scenario (JSON), CSV files or a zip of them, FHIR",
        ["xlsx", "json", "csv", "zip"],
        accept_multiple_files=True,
        key=SCENARIO_FILE,
        on_change=_take_week,
        args=(page,),
        help="What it is, is told by what is in it. Nothing is opened until all of it can be read.",
    )
    with st.expander("Of a FHIR export"):
        st.text_input(
            "Time zone of the clinic",
            key="fhir zone",
            placeholder="America/Chicago",
            help="Needed where the files give times in UTC only.",
        )
        st.date_input("Monday of the week", value=None, key="fhir week")
        st.button("Read the FHIR files again", on_click=_take_week, args=(page,))
    st.file_uploader(
        "A schedule of the week that is open (JSON)",
        "json",
        key=SCHEDULE_FILE,
        on_change=_take_schedule,
        args=(page,),
    )
    st.caption("An empty workbook to fill in is under “Take files out”.")


def _take_week(page: Frame) -> None:
    """Files were dropped: open the week in them, or keep what there is and say what is wrong."""
    require("scheduler")
    st.session_state[CLOSED] = st.session_state.get(CLOSED, 0) + 1
    for name in (WRONG + SCENARIO_FILE, DONE + SCENARIO_FILE, SAID):
        st.session_state.pop(name, None)
    dropped = st.session_state.get(SCENARIO_FILE) or []
    if not dropped:
        return
    files = {cell(file.name): file.getvalue() for file in dropped}
    title = next(iter(files)) if len(files) == 1 else report.count(len(files), "file")
    shelf.drop_incoming(page.desk.folder)
    try:
        come = arrived(files)
    except FileFaults as error:
        faults = tuple((f.place, f.message) for f in error.faults)
        shelf.save_incoming(page.desk.folder, shelf.Incoming(title, faults))
        return
    if come.kind == "fhir":
        _ask_fhir(page, files)
    elif come.scenario is not None:
        page.desk.add(come.scenario)
        st.session_state[DONE + SCENARIO_FILE] = f"{come.scenario.name} is open."
    else:
        faults = tuple((f.place, f.message) for f in come.faults)
        kept = shelf.Incoming(title, faults, come.notes, come.draft)
        shelf.save_incoming(page.desk.folder, kept)


def _ask_fhir(page: Frame, files: Mapping[str, bytes]) -> None:
    """FHIR is read in a child: its models alone take seconds to load."""
    named = {f"fhir-{n}.json": content for n, content in enumerate(files.values(), start=1)}
    command = ["import", *named, "-o", "draft.json", "--json"]
    zone, week = st.session_state.get("fhir zone"), st.session_state.get("fhir week")
    command += ["--timezone", zone] if zone else []
    command += ["--week", week.isoformat()] if isinstance(week, date) else []
    asking.ask(page, FHIR, tuple(command), named)


def _take_fhir(page: Frame, answer: Answer) -> None:
    document = answer.document if isinstance(answer.document, dict) else {}
    if answer.code != 0:
        said = document.get("faults") or [{"place": "", "message": " ".join(answer.said)}]
        faults = tuple((str(f["place"]), str(f["message"])) for f in said)
        shelf.save_incoming(page.desk.folder, shelf.Incoming("FHIR", faults))
    else:
        tree = parse_json(answer.file("draft.json").read_bytes())
        draft, notes = draft_of_tree(tree if isinstance(tree, dict) else {})
        told = (*notes, *(f"{n['place']}: {n['message']}" for n in document.get("notices", [])))
        to_add = tuple(map(_to_add, document.get("to_add", [])))
        kept = shelf.Incoming("FHIR", (), told, draft, mending=True, to_add=to_add)
        shelf.save_incoming(page.desk.folder, kept)
    asking.forget(page, FHIR)
    st.rerun()


def _to_add(item: Mapping[str, Any]) -> tuple[str, str]:
    """What has to be added by hand, and why it is not there."""
    where = ": ".join(str(item[k]) for k in ("sheet", "column") if item.get(k))
    whom = ", ".join(map(str, item.get("for", item.get("entries", [])) or []))
    return (f"{where} ({whom})" if whom else where), str(item.get("why", ""))


def _take_schedule(page: Frame) -> None:
    """A schedule of the week that is open, legal or not."""
    require("scheduler")
    st.session_state.pop(WRONG + SCHEDULE_FILE, None)
    st.session_state.pop(DONE + SCHEDULE_FILE, None)
    dropped = st.session_state[SCHEDULE_FILE]
    if dropped is None:
        return
    here = page.desk.folder / "dropped.json"
    try:
        here.touch(mode=0o600)
        here.write_bytes(dropped.getvalue())
        schedule = load_schedule(here, page.opened.scenario)
        history.change(page.files, f"Brought in {cell(dropped.name)}", schedule=schedule)
        st.session_state[DONE + SCHEDULE_FILE] = "The schedule is open, on every page."
    except FileFaults as error:
        st.session_state[WRONG + SCHEDULE_FILE] = (cell(dropped.name), error.faults)
    finally:
        here.unlink(missing_ok=True)


def outcome(page: Frame) -> None:
    """What came of files that were brought."""
    for widget in (SCENARIO_FILE, SCHEDULE_FILE):
        if DONE + widget in st.session_state:
            st.success(plain(st.session_state[DONE + widget]), icon=":material/check_circle:")
        if WRONG + widget in st.session_state:
            name, faults = st.session_state[WRONG + widget]
            _fault_table(name, [(f.place, f.message) for f in faults], hidden=False)
    asking.show(page, FHIR, lambda answer: _take_fhir(page, answer))
    incoming = shelf.load_incoming(page.desk.folder)
    if incoming is None:
        return
    if incoming.mending:
        _mending(page, incoming)
    else:
        _offer(page, incoming)


def _fault_table(name: str, faults: list[tuple[str, str]], *, hidden: bool) -> None:
    found = report.count(len(faults), "fault")
    st.error(f"{plain(name)}: {found}. Nothing was loaded.", icon=":material/error:")
    if hidden:
        st.caption("Faults quote the file: switch “Initials only” off to read them.")
        return
    rows = [
        {"Place": cell(place) or "the file", "What is wrong": cell(said)} for place, said in faults
    ]
    st.dataframe(rows, hide_index=True, alt="Every fault of the file.")


def _offer(page: Frame, incoming: shelf.Incoming) -> None:
    """A file that cannot be opened: what is wrong, and to mend it here or there."""
    _fault_table(incoming.name, list(incoming.faults), hidden=is_masked())
    with st.container(horizontal=True):
        if incoming.draft is not None:
            st.button(
                "Mend it here",
                type="primary",
                icon=":material/build:",
                on_click=_set_mending,
                args=(page,),
                help="In tables like the file's, each fault with its cell. Your week stays as it is.",
            )
        st.button("Never mind", icon=":material/close:", on_click=_drop, args=(page,))
    st.caption("Or mend it in the file, and bring that in again.")


def _set_mending(page: Frame) -> None:
    require("scheduler")
    incoming = shelf.load_incoming(page.desk.folder)
    if incoming is not None:
        kept = shelf.Incoming(
            incoming.name, incoming.faults, incoming.notes, incoming.draft, mending=True
        )
        shelf.save_incoming(page.desk.folder, kept)


def _drop(page: Frame) -> None:
    require("scheduler")
    shelf.drop_incoming(page.desk.folder)


def _mending(page: Frame, incoming: shelf.Incoming) -> None:
    """What the tables below are, while a brought week is mended."""
    st.info(
        f"The lists below are those of **{plain(incoming.name)}**. Once nothing is wrong with them "
        "they can be opened as a week of their own; until then your other weeks stay as they are.",
        icon=":material/build:",
    )
    if is_masked():
        return
    if incoming.notes:
        with st.expander(report.count(len(incoming.notes), "note")):
            st.text("\n".join(incoming.notes))
    if incoming.to_add:
        with st.expander("What FHIR does not have, to be added by hand", expanded=True):
            rows = [{"What": cell(what), "Why": cell(why)} for what, why in incoming.to_add]
            st.dataframe(rows, hide_index=True, alt="What has to be added by hand.")


# -- take out -------------------------------------------------------------------------------------


def stem_of(name: str) -> str:
    """A file's name out of a week's."""
    return re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")[:60] or "week"


def _fetch(page: Frame) -> None:
    scenario, schedule = page.opened.scenario, page.opened.schedule
    stem = stem_of(scenario.name)
    _download("Scenario (JSON)", lambda: _json_text(scenario), f"{stem}.json", "application/json")
    if schedule is not None:
        _download(
            "Schedule (JSON)",
            lambda: _json_text(schedule),
            f"{stem}.schedule.json",
            "application/json",
        )
    if may("scheduler"):
        _workbook_of(page, stem)
    st.markdown("**To fill in**")
    _download("Empty workbook (Excel)", _template_workbook, "week.xlsx", WORKBOOK_MIME)
    _download("Empty CSV files (zip)", _template_csv, "week.zip", "application/zip")
    st.page_link("ui/print.py", label="Calendars, tables, pages to print", icon=":material/print:")
    st.caption("Files have full names, whatever the pages show.")


def _download(label: str, make: Callable[[], bytes | str], name: str, mime: str) -> None:
    st.download_button(
        label, make, name, mime, icon=":material/download:", on_click="ignore", key=f"get {label}"
    )


def _workbook_of(page: Frame, stem: str) -> None:
    """The week as a workbook to change and bring in again; made in a child."""
    name = "as workbook"
    st.button(
        "Prepare the week as a workbook",
        icon=":material/table:",
        on_click=_ask_workbook,
        args=(page, name),
        help="All lists as sheets, to change in a spreadsheet and bring in again.",
    )

    def draw(answer: Answer) -> None:
        path = answer.file("week.xlsx")
        if answer.code != 0 or not path.is_file():
            asking.faults(answer)
            return
        _download("Week (Excel)", path.read_bytes, f"{stem}.xlsx", WORKBOOK_MIME)

    asking.show(page, name, draw)


def _ask_workbook(page: Frame, name: str) -> None:
    command = ("template", "--from", "scenario.json", "-o", "week.xlsx")
    asking.ask(page, name, command, {"scenario.json": page.opened.scenario})


def _json_text(model: Scenario | Schedule) -> str:
    return json.dumps(dump(model), ensure_ascii=False, indent=1)


@st.cache_data(show_spinner=False)
def _template_workbook() -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "week.xlsx"
        write_template_workbook(path)
        return path.read_bytes()


@st.cache_data(show_spinner=False)
def _template_csv() -> bytes:
    """The empty CSV files, each of one list, in one zip."""
    with tempfile.TemporaryDirectory() as folder:
        write_template_csv(Path(folder) / "week")
        out = io.BytesIO()
        with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
            for path in sorted((Path(folder) / "week").iterdir()):
                archive.write(path, f"week/{path.name}")
        return out.getvalue()
