"""What if: variants of the week put together from forms, solved side by side and compared."""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace

import streamlit as st

from solver import report
from solver.changes import Change, ChangeFaults, applied
from solver.errors import Fault
from solver.runner import Answer
from solver.scenario import Scenario
from ui.desk import asking, frame
from ui.desk.people import require
from ui.widgets.changes_form import changes_form
from ui.widgets.compare import headline, people, table, verdict
from ui.widgets.compare_names import names_of
from ui.widgets.compare_variants import (
    MOST,
    Variant,
    asked,
    free_name,
    kept,
    new_name,
    read_variants,
)
from ui.widgets.compare_weeks import open_button, refused, sessions_in
from ui.widgets.text import cell, listed, plain

QUESTION = "what if"
WEEKS = "weeks"
LIMITS = {10: "10 s", 30: "30 s", 60: "1 min", 180: "3 min", 600: "10 min"}
CARD = 370  # pixels: three side by side on a laptop, two on a tablet
MANY, TALLEST = 12, 560  # people, and pixels of a table of more of them
ADDING = "what if adding"  # in session state: the variant that a change is being picked for

require("director")
page = frame.begin("What if")
names = names_of(page)
kept_under, asked_under = f"what if {page.files.key}", f"what if asked {page.files.key}"
variants = read_variants(page.desk.get(kept_under))


def keep(new: list[Variant]) -> None:
    """The variants are these now."""
    page.desk.put(kept_under, kept(new))


def put(number: int, variant: Variant | None) -> None:
    """A variant becomes another one; None takes it away."""
    require("director")
    now = read_variants(page.desk.get(kept_under))
    if number < len(now):
        keep([*now[:number], *([variant] if variant else []), *now[number + 1 :]])


def add_variant(like: Variant | None = None) -> None:
    """One more, empty or a copy."""
    require("director")
    now = read_variants(page.desk.get(kept_under))
    if like is None:
        new = Variant(new_name(now))
    else:
        new = replace(like, name=free_name(f"{like.name} copy", {v.name for v in now}))
    keep([*now, new])


def rename(number: int, widget: str) -> None:
    """A variant has another name."""
    said = str(st.session_state[widget]).strip()
    if said:
        put(number, replace(variants[number], name=said))


@st.cache_data(max_entries=200, show_spinner=False)
def told(
    _scenario: Scenario, _changes: tuple[Change, ...], stamp: str
) -> tuple[list[str], list[str], tuple[Fault, ...]]:
    """Changes in sentences, what they bring along, and why they cannot be made."""
    sentences, so_far = [], _scenario
    faults: tuple[Fault, ...] = ()
    notices: list[str] = []
    for number, change in enumerate(_changes):
        sentences.append(change.sentence(so_far))
        try:
            made = applied(_scenario, _changes[: number + 1])
            so_far, notices = made.scenario, [n.message for n in made.notices]
        except ChangeFaults as error:
            faults = faults or tuple(error.faults)
    return sentences, notices, faults


def tell(changes: tuple[Change, ...]) -> tuple[list[str], list[str], tuple[Fault, ...]]:
    """The same, remembered while neither the scenario nor the changes change."""
    words = json.dumps([c.model_dump(mode="json") | {"kind": c.kind} for c in changes])
    return told(page.opened.scenario, changes, f"{stamp()} {words}")


def stamp() -> str:
    """What the scenario's file says, in short."""
    return hashlib.sha256(page.files.scenario.read_bytes()).hexdigest()


# -- putting variants together --------------------------------------------------------------------


def card(number: int, variant: Variant) -> None:
    """One variant: its name and its chips."""
    key = f"what if name {page.files.key} {number} {variant.name}"
    row = st.container(horizontal=True, vertical_alignment="bottom")
    row.text_input(
        "Variant",
        variant.name,
        max_chars=60,
        key=key,
        on_change=rename,
        args=(number, key),
        width="stretch",
    )
    with row.popover("More", help="Copy or remove this variant"):
        st.button(
            "Copy",
            key=f"copy {number}",
            icon=":material/content_copy:",
            on_click=add_variant,
            args=(variant,),
            disabled=len(variants) >= MOST,
        )
        st.button(
            "Remove variant",
            key=f"remove {number}",
            icon=":material/delete:",
            on_click=put,
            args=(number, None),
        )
    chips(number, variant)
    st.button(
        "Add a change",
        key=f"add to {number}",
        icon=":material/add:",
        on_click=st.session_state.__setitem__,
        args=(ADDING, number),
    )


def chips(number: int, variant: Variant) -> None:
    """Its changes, each switched on or off, or taken away."""
    if not variant.chips:
        st.caption("No change yet: this is the week as it is.")
        return
    sentences, notices, faults = tell(variant.changes)
    said = iter(sentences)
    for place, chip in enumerate(variant.chips):
        alone = next(said) if chip.on else chip.change.sentence(page.opened.scenario)
        sentence = names.text(alone)
        row = st.container(horizontal=True, vertical_alignment="center", gap="small", wrap=False)
        # The box keeps its words for who cannot see; beside it they may take several lines.
        row.checkbox(
            plain(sentence),
            chip.on,
            key=f"chip {page.files.key} {number} {place} {sentence} {chip.on}",
            on_change=put,
            args=(number, variant.switched(place)),
            label_visibility="collapsed",
            width="content",
        )
        row.markdown(plain(sentence) if chip.on else f":gray[{plain(sentence)}]", width="stretch")
        row.button(
            "Remove",
            key=f"drop {number} {place}",
            type="tertiary",
            icon=":material/close:",
            help=f"Remove: {cell(sentence)}",
            on_click=put,
            args=(number, variant.without(place)),
        )
    for fault in faults:
        st.error(plain(names.text(str(fault))), icon=":material/error:")
    for notice in notices:
        st.caption(plain(names.text(f"Note: {notice}.")))


def close() -> None:
    """The forms are put away."""
    st.session_state.pop(ADDING, None)


@st.dialog("Add a change", width="medium", on_dismiss=close)
def picking(number: int) -> None:
    """The forms, and a button once what they say makes sense."""
    variant = variants[number]
    st.caption(plain(f"To “{variant.name}”."))
    change = changes_form(page.opened.scenario, page.opened.clinic.scenario, "what if form")
    faults: tuple[Fault, ...] = ()
    if change is not None:
        sentences, notices, faults = tell((*variant.changes, change))
        st.info(plain(names.text(sentences[-1])), icon=":material/edit_note:")
        for fault in faults:
            st.error(plain(names.text(str(fault))), icon=":material/error:")
        if not faults:
            for notice in notices:
                st.caption(plain(names.text(f"Note: {notice}.")))
    if st.button("Add", type="primary", disabled=change is None or bool(faults)) and change:
        put(number, variant.with_chip(change, sentences[-1]))
        close()
        st.rerun()


# -- comparing ------------------------------------------------------------------------------------


def compare() -> None:
    """Solve base and variants in a child."""
    require("director")
    question = asked(variants)
    limit = int(st.session_state[frame.KEPT + "what if.limit"])
    keeps = bool(st.session_state[frame.KEPT + "what if.keep"])
    files = {"scenario.json": page.opened.scenario, "what-if.json": question}
    command = ["whatif", "scenario.json", "what-if.json", "--time-limit", str(limit)]
    command += ["--output", WEEKS, "--json"]
    if page.opened.schedule is not None:
        files["schedule.json"] = page.opened.schedule
        command += ["--base", "schedule.json"]
    if keeps:
        command.append("--keep-week")
    weeks = 1 + len(question["variants"])
    asking.ask(page, QUESTION, tuple(command), files, limit=weeks * (limit + 30.0))
    page.desk.put(asked_under, {"question": question, "scenario": stamp()})


def settings(busy: bool) -> None:
    """How long, and whether the week at hand is to be kept."""
    row = st.container(horizontal=True, vertical_alignment="bottom")
    row.segmented_control(
        "Time for each week",
        list(LIMITS),
        format_func=LIMITS.get,
        required=True,
        key=frame.keep_ready(page.desk, "what if.limit", 30, list(LIMITS)),
        on_change=frame.keeper(page.desk, "what if.limit"),
        help="The base and every variant get this long. More time decides more differences.",
    )
    row.toggle(
        "Keep people's weeks",
        key=frame.keep_ready(page.desk, "what if.keep", False),
        on_change=frame.keeper(page.desk, "what if.keep"),
        help="Count every change of the base's week and look for the fewest. Else a variant may "
        "rearrange everything, as a new timetable would.",
    )
    ready = bool(asked(variants)["variants"])
    broken = any(tell(v.changes)[2] for v in variants)
    row.button(
        "Compare",
        type="primary",
        icon=":material/compare_arrows:",
        on_click=compare,
        disabled=not ready or broken or busy,
        help=None if ready else "Add a change to a variant first.",
    )


def draw(found: Answer) -> None:
    """The comparison."""
    document = found.document
    if not isinstance(document, dict) or "columns" not in document:
        refused(tuple(names.text(line) for line in found.said))
        return
    was = page.desk.get(asked_under) or {}
    if was.get("scenario") != stamp():
        st.warning("The week has been changed since. Compare again.", icon=":material/history:")
    elif was.get("question") != asked(variants):
        st.info(
            "The variants have been changed since. Compare again to see what that does.",
            icon=":material/history:",
        )
    columns = document["columns"]
    titles = ["The week as it is", *(names.text(c["name"]) for c in columns[1:])]
    st.subheader("Side by side", anchor=False)
    st.caption(
        "Lower is better for goals; an earlier line outweighs all later ones. Green is better than "
        "the week as it is, red is worse. What the time was too short to decide is grey, with ?."
    )
    st.table(table(document, titles), hide_index=True, border="horizontal")
    cards = st.container(horizontal=True)
    for number, (column, title) in enumerate(zip(columns, titles, strict=True)):
        with cards.container(border=True, width=CARD):
            st.markdown(f"**{plain(title)}**: {plain(headline(column))}")
            sentences = [names.text(text) for text in column["sentences"]]
            st.markdown(listed([plain(s) for s in sentences + verdict(column, names)]))
            week = found.file(WEEKS) / str(number)
            files = (week / "scenario.json", week / "schedule.json")
            open_button(page, *files, title, key=f"open {number}")
    affected(found, columns, titles)


def affected(found: Answer, columns: list[dict[str, object]], titles: list[str]) -> None:
    """Who has another week, variant by variant."""
    st.subheader("People whose week changes", anchor=False)
    numbers = [n for n in range(1, len(columns)) if columns[n]["figures"] is not None]
    if not numbers:
        st.caption("No variant has a week.")
        return
    number = st.segmented_control(
        "Variant",
        numbers,
        format_func=titles.__getitem__,
        required=True,
        key=frame.keep_ready(page.desk, "what if.people", numbers[0], numbers),
        on_change=frame.keeper(page.desk, "what if.people"),
        label_visibility="collapsed",
    )
    folder = found.file(WEEKS)
    before, after = sessions_in(folder / "0"), sessions_in(folder / str(number))
    rows = people(columns[number], names, before, after)
    if not rows:
        st.success("Nobody's week changes.", icon=":material/check_circle:")
        return
    st.caption(
        f"{report.count(len(rows), 'person')} with another week.".replace("persons", "people")
    )
    with st.container(height=TALLEST if len(rows) > MANY else "content", border=False):
        st.table(
            rows,
            hide_index=True,
            border="horizontal",
            alt="Who leaves what and gets what instead.",
        )


st.caption(
    "Put changes together and see what they would do before paying for them. "
    "The week at hand stays as it is."
)
cards = st.container(horizontal=True)
for number, variant in enumerate(variants):
    with cards.container(border=True, width=CARD):
        card(number, variant)
if len(variants) < MOST:
    cards.button("Another variant", icon=":material/add_box:", on_click=add_variant)
busy = asking.is_running(page, QUESTION)
settings(busy)
if st.session_state.get(ADDING) is not None and st.session_state[ADDING] < len(variants):
    picking(st.session_state[ADDING])
asking.show(page, QUESTION, draw, names.text)
if busy and not asking.is_running(page, QUESTION):
    st.rerun()  # it ended while the page was drawn: the button is to be pressed again
if asking.answer(page, QUESTION) is None and not busy:
    st.info(
        "Nothing is compared yet. Add a change to a variant (“Lose Dr X”), another to a second one "
        "(“Close Room 2”), and press Compare.",
        icon=":material/lightbulb:",
    )
