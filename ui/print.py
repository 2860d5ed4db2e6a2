"""Print: the week for doors, therapists and patients, sign-in sheets, and every other format."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import streamlit as st

from solver import report
from solver.io.out import Format
from solver.runner import Answer
from solver.timegrid import DAY_NAMES, DAYS
from ui.desk import asking, frame
from ui.desk.people import require
from ui.editing.bench import is_masked
from ui.editing.printing import ABOUT, FORMATS, TOPICS, Topic, Wanted, whom_of
from ui.widgets.text import cell, plain

PAPER, LOOK, FILE = "print", "print look", "file out"
PAPERS = {"letter": "Letter", "a4": "A4"}
ALL = "all"
LOOK_HEIGHT = 640

page = frame.begin("Print")
require("scheduler")
week = page.week
PEOPLE = {
    "rooms": week.clinic.scenario.rooms,
    "therapists": week.clinic.scenario.therapists,
    "patients": week.clinic.scenario.patients,
    "groups": week.clinic.scenario.groups,
}


def kept(name: str, default: object, options: list[object] | None = None) -> dict[str, object]:
    """The key of a choice that survives a refresh, and what keeps it."""
    key = frame.keep_ready(page.desk, f"print.{name}", default, options)
    return {"key": key, "on_change": frame.keeper(page.desk, f"print.{name}")}


def whom(topic: Topic, name: str) -> str | None:
    """All of a kind, or one of them by id."""
    people = PEOPLE[topic]
    places = list(range(-1, len(people)))
    at = st.selectbox(
        "Of whom",
        places,
        format_func=lambda n: (
            f"All {len(people)}"
            if n < 0
            else cell(report.label(report.Named(people[n].id, people[n].name)))
        ),
        **kept(f"{name}.{topic}", -1, places),
    )
    return None if at < 0 else people[at].id


def switches(topic: Topic) -> dict[str, bool]:
    """How much is said beyond the least."""
    out = {}
    if topic == "patients":
        out["name_services"] = st.toggle(
            "Name the service and with whom",
            help="Instead of “Appointment”: the service, the group's name and who leads it.",
            **kept("services", False),
        )
    if topic == "rooms":
        out["door_initials"] = st.toggle(
            "Patients' initials",
            help="Everybody who passes the door reads them.",
            **kept("initials", False),
        )
    if topic in ("therapists", "groups"):
        out["full_names"] = st.toggle(
            "Patients' full names",
            help="Instead of initials, or of first names on sign-in sheets.",
            **kept("names", False),
        )
    return out


def on_paper() -> None:
    """Sheets: what, of whom, how."""
    topics: list[Topic] = list(TOPICS)
    topic: Topic = st.segmented_control(
        "Sheets",
        topics,
        format_func=lambda t: TOPICS[t][0],
        required=True,
        **kept("topic", "rooms", topics),
    )
    st.markdown(ABOUT[topic])
    row = st.container(horizontal=True, vertical_alignment="bottom")
    with row.container(width=320):
        key = whom(topic, "whom")
    day = ""
    if topic == "groups":
        days = ["", *DAYS]
        with row.container(width=200):
            day = st.selectbox(
                "Day",
                days,
                format_func=lambda d: DAY_NAMES[DAYS.index(d)] if d else "The whole week",
                **kept("day", "", days),
            )
    with row.container(width=120):
        paper = st.selectbox(
            "Paper", list(PAPERS), format_func=PAPERS.get, **kept("paper", "letter", list(PAPERS))
        )
    said = switches(topic)
    wanted = Wanted("pdf", whom_of(topic, key), paper, day, **said)
    look = Wanted("html", wanted.whom, paper, day, **said)
    with st.container(horizontal=True):
        st.button(
            "Make the PDF",
            type="primary",
            icon=":material/picture_as_pdf:",
            on_click=ask,
            args=(PAPER, wanted),
        )
        st.button("Look at it first", icon=":material/visibility:", on_click=ask, args=(LOOK, look))
    asking.show(page, PAPER, lambda answer: offer(PAPER, answer))
    asking.show(page, LOOK, preview)


def ask(name: str, wanted: Wanted) -> None:
    """Have a file made in a child, of what the page shows: initials where only those are shown."""
    require("scheduler")
    page.desk.put(f"wanted {name}", _plain(wanted))
    files = {"scenario.json": week.clinic.scenario, "schedule.json": week.schedule}
    asking.ask(page, name, wanted.command(), files)


def _plain(wanted: Wanted) -> dict[str, object]:
    return {name: getattr(wanted, name) for name in Wanted.__dataclass_fields__}


def asked_for(name: str) -> Wanted | None:
    """What was asked for last."""
    said = page.desk.get(f"wanted {name}")
    try:
        return Wanted(**said)
    except TypeError:
        return None


def offer(name: str, answer: Answer) -> None:
    """The file, to be saved."""
    wanted = asked_for(name)
    path = answer.file(wanted.written) if wanted else None
    if wanted is None or path is None or answer.code != 0 or not path.exists():
        asking.faults(answer)
        return
    with st.container(horizontal=True, vertical_alignment="center"):
        st.download_button(
            "Save the file",
            lambda: zipped(path) if path.is_dir() else path.read_bytes(),
            wanted.title(f"week-{week.clinic.scenario.week_start}"),
            wanted.mime,
            icon=":material/download:",
            on_click="ignore",
            key=f"save {name}",
        )
        st.caption(plain(described(wanted)))
    for line in answer.said:
        st.caption(plain(line))


def zipped(folder: Path) -> bytes:
    """The files of a folder in one."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in sorted(folder.iterdir()):
            archive.write(path, path.name)
    return out.getvalue()


def described(wanted: Wanted) -> str:
    """What a file is, for the line beside its button."""
    kind, _, key = wanted.whom.partition(":")
    topic = next((t for t, (_, view) in TOPICS.items() if kind in (t, view)), None)
    of = "the whole week" if topic is None else TOPICS[topic][0].lower()
    if key and topic is not None:
        of = next((p.name or p.id for p in PEOPLE[topic] if p.id == key), key)
    when = f", {DAY_NAMES[DAYS.index(wanted.day)]}" if wanted.day else ""
    return f"{FORMATS[wanted.form]} of {of}{when}."


def preview(answer: Answer) -> None:
    """The pages as a browser prints them; nothing in them runs and nothing is loaded."""
    wanted = asked_for(LOOK)
    if wanted is None or answer.code != 0:
        asking.faults(answer)
        return
    st.caption(plain(described(wanted)))
    st.iframe(answer.file(wanted.written).read_text("utf-8"), height=LOOK_HEIGHT)
    st.button("Close it", on_click=asking.forget, args=(page, LOOK), key="close look")


def other_formats() -> None:
    """Files for other programs."""
    forms: list[Format] = ["xlsx", "csv", "ics", "fhir", "html"]
    row = st.container(horizontal=True, vertical_alignment="bottom")
    with row.container(width=240):
        form: Format = st.selectbox(
            "As", forms, format_func=FORMATS.get, **kept("form", "xlsx", forms)
        )
    kinds: list[str] = [ALL, *TOPICS]
    names = {
        "rooms": "Rooms",
        "therapists": "Therapists",
        "patients": "Patients",
        "groups": "Groups",
    }
    with row.container(width=240):
        kind = st.selectbox(
            "For",
            kinds,
            format_func=lambda k: names.get(k, "The whole week"),
            **kept("kind", ALL, kinds),
        )
    key = None
    if kind != ALL:
        with row.container(width=320):
            key = whom(kind, "one")
    said = {} if kind == ALL else switches_of_file(kind)
    if kind != ALL and key is None and form in ("xlsx", "csv", "fhir"):
        st.caption(f"{FORMATS[form]}: choose one of them, or the whole week.")
        return
    if form == "fhir" and not week.clinic.scenario.timezone:
        st.caption("FHIR needs the clinic's time zone: set it on the Data page, under Clinic.")
        return
    wanted = Wanted(form, ALL if kind == ALL else whom_of(kind, key), **said)
    st.caption(NOTES.get(form, ""))
    st.button("Make the file", icon=":material/draft:", on_click=ask, args=(FILE, wanted))
    asking.show(page, FILE, lambda answer: offer(FILE, answer))


def switches_of_file(kind: str) -> dict[str, bool]:
    """As on paper; the doors' initials are for paper alone."""
    with st.container(key=f"file switches {kind}"):
        if kind == "patients":
            return {
                "name_services": st.toggle(
                    "Name the service and with whom ", **kept("file.services", False)
                )
            }
        if kind in ("therapists", "groups"):
            return {"full_names": st.toggle("Patients' full names ", **kept("file.names", False))}
    return {}


NOTES: dict[Format, str] = {
    "xlsx": "The whole week is the clinic's own record, with all names.",
    "csv": "Every session in a row. The whole week is the clinic's own record, with all names.",
    "ics": "One is a file, several come in a zip. Importing a newer one moves the events.",
    "fhir": "Appointments for another system. The whole week has all names.",
}

if is_masked():
    st.info(
        "With “Initials only” on, files have initials too. Switch it off for names.",
        icon=":material/visibility_off:",
    )
on_paper()
st.divider()
st.subheader("Other formats", anchor=False)
other_formats()
