"""The week: one board, by room, therapist, patient or group, a day or the whole week."""

from __future__ import annotations

import streamlit as st

from solver import report
from solver.timegrid import DAY_NAMES
from ui.desk import frame, history, people
from ui.widgets import board, board_live
from ui.widgets import board_acts as acts
from ui.widgets import board_marks as marks
from ui.widgets.board_data import Json, Shown, numbered, picture, session_of, subjects_of
from ui.widgets.board_forms import OPEN
from ui.widgets.board_places import cost_words
from ui.widgets.card import card, seats
from ui.widgets.colours import KINDS, colours
from ui.widgets.text import capital, cell, listed, plain

EVERYONE, WHOLE_WEEK = "everyone", "week"
DRAWN = "boards drawn"
NAMES = {"room": "Rooms", "therapist": "Therapists", "patient": "Patients", "group": "Groups"}
ALL = {
    "room": "All rooms",
    "therapist": "All therapists",
    "patient": "All patients",
    "group": "All groups",
}
TALLEST_TABLE = 420
SIGNS = {"lock": "locked", "key": "somebody in it is locked", "hourglass_bottom": "something ends"}
page = frame.begin("The week")
week = page.week
clinic = week.clinic
may_edit = people.may("scheduler")


def remembered(name: str, default: object, options: list) -> dict:
    """Arguments of a widget whose choice is still there after a refresh."""
    return {
        "options": options,
        "key": frame.keep_ready(page.desk, name, default, options),
        "on_change": frame.keeper(page.desk, name),
    }


# -- opening and closing a session ----------------------------------------------------------------


def open_from_picture() -> None:
    """A box of the still picture was clicked on."""
    frame.choose(page.desk, OPEN, board.chosen(st.session_state[picture_key()]))


def open_from_board(said: Json) -> None:
    """A session of the live board was clicked on, or Enter was pressed on it."""
    session = session_of(week, said.get("key"))
    if session is not None and said.get("stamp") == acts.stamp(page):
        frame.choose(page.desk, OPEN, board.key_of(session))


def open_from_table(shown: list[report.Session]) -> None:
    """A row of the table was chosen."""
    rows = st.session_state[table_key()]["selection"]["rows"]
    frame.choose(page.desk, OPEN, board.key_of(shown[rows[0]]) if rows else None)


def close_card() -> None:
    """The session was closed again: forget the click too, or the same box could not be opened."""
    frame.choose(page.desk, OPEN, None)
    st.session_state[DRAWN] = st.session_state.get(DRAWN, 0) + 1


def picture_key() -> str:
    return f"board {st.session_state.get(DRAWN, 0)}"


def table_key() -> str:
    return f"table {st.session_state.get(DRAWN, 0)}"


# -- above the board ------------------------------------------------------------------------------


def choices() -> Shown:
    """What is shown: by what, which day, whose."""
    by = st.segmented_control(
        "By",
        format_func=NAMES.get,
        required=True,
        **remembered("week.by", "room", list(report.VIEWS)),
    )
    days = board.open_days(clinic, week.sessions)
    day = st.selectbox(
        "Day",
        format_func=lambda d: "Whole week" if d == WHOLE_WEEK else report.day_heading(clinic, d),
        width=150,
        **remembered("week.day", WHOLE_WEEK, [WHOLE_WEEK, *days]),
    )
    # By number, so that a choice outlives a change to initials and holds nobody's id.
    weeks = subjects_of(report.weeks(clinic, week.schedule, by))
    numbers = dict(enumerate(weeks))
    who = st.selectbox(
        "Who" if by in ("therapist", "patient") else "Which",
        format_func=lambda i: ALL[by] if i == EVERYONE else cell(numbers[i].name),
        width=230,
        **remembered(f"week.who.{by}", EVERYONE, [EVERYONE, *numbers]),
    )
    subjects = weeks if who == EVERYONE else (numbers[who],)
    return Shown(by, subjects, days if day == WHOLE_WEEK else (day,), who != EVERYONE)


def steps_bar() -> None:
    """Undo and redo; also by keys."""
    there = history.steps(page.files)
    masked = acts.is_masked(page)

    def told(said: tuple[str, ...], verb: str) -> str:
        if not said:
            return f"There is nothing to {verb}."
        return "The last change." if masked else plain(f"{capital(verb)}: {said[0]}")

    st.button(
        "Undo",
        icon=":material/undo:",
        shortcut="Ctrl+Z",
        disabled=not there.undo or not may_edit,
        help=told(there.undo, "undo"),
        on_click=acts.undo,
        args=(page,),
    )
    st.button(
        "Redo",
        icon=":material/redo:",
        shortcut="Ctrl+Shift+Z",
        disabled=not there.redo or not may_edit,
        help=told(there.redo, "redo"),
        on_click=acts.redo,
        args=(page,),
    )


def said_bar() -> None:
    """What the last thing done came to, until the next."""
    said = acts.said(page)
    if said is None:
        return
    text = "  \n".join([f"**{plain(said.text)}**", *(plain(line) for line in said.lines)])
    if said.done:
        st.success(text, icon=":material/check_circle:")
    else:
        st.error(text, icon=":material/block:")


def endings_bar() -> None:
    """What ends this week or soon."""
    found = marks.endings(clinic)
    if not found:
        return
    over = sum(e.is_over for e in found)
    label = f"{len(found)} ending" + (f", {over} this week" if over else "")
    with st.popover(label, icon=":material/hourglass_bottom:"):
        st.markdown(listed([plain(f"{e.who.name}: {e.text}") for e in found]))
        st.caption("Authorisations, credentials and stays that end by two weeks after this one.")


# -- the board ------------------------------------------------------------------------------------


def live(shown: Shown) -> None:
    """The board that can be dragged on, and the one who judges."""
    data = picture(
        week,
        shown,
        acts.stamp(page),
        colours(),
        editable=may_edit,
        opened=numbered(week, frame.chosen(page.desk, OPEN)),
    )
    board_live.board(data, open_from_board, lambda said: acts.dropped(page, shown, said))
    if may_edit:
        judge(shown)


@st.fragment
def judge(shown: Shown) -> None:
    """Where what is in hand can go; the board itself is left alone meanwhile."""
    said = st.session_state.pop(acts.HAND, None)
    acts.names(page)  # lays the week out, so that the first drag need not wait for it
    told = None if said is None else acts.places_told(page, shown, said)
    board_live.judge(told, lambda grabbed: st.session_state.update({acts.HAND: grabbed}))


def still(shown: Shown) -> None:
    """The picture, where there is no calendar to drag on."""
    st.info(
        "The board that can be dragged on is not installed (`make board` does it). This is a still "
        "picture; open a session to move it, or to change who comes.",
        icon=":material/image:",
    )
    if shown.single:
        rows = board.rows_by_day(clinic, shown.subjects[0], shown.by, shown.days)
        span = board.span_of(clinic, week.sessions, ())
    else:
        rows = board.rows_of(shown.subjects, shown.by, shown.days)
        span = board.span_of(clinic, week.sessions, shown.days)
    board.board(clinic, rows, span, picture_key(), open_from_picture)


def legend() -> None:
    """What the colours of the live board mean."""
    paint = colours().kinds
    kinds = "".join(
        f'<span style="border-left:5px solid {paint[name]};padding:0 .9rem 0 .35rem">{name}</span>'
        for name in KINDS.values()
    )
    hints = "".join(
        f"<span style=\"font-family:'Material Symbols Rounded'\">{icon}</span> "
        f'<span style="padding-right:.9rem">{words}</span>'
        for icon, words in SIGNS.items()
    )
    st.html(f'<div style="font-size:.85rem;line-height:1.7">{kinds}{hints}</div>')


def table(shown: list[report.Session]) -> None:
    """The same sessions as rows; a row opens its session."""
    rows = [
        {
            "Day": DAY_NAMES[s.day],
            "Time": s.time,
            "Session": cell(s.title) + (" (cancelled)" if s.cancelled else ""),
            "Where": cell(s.place),
            "Led by": cell(", ".join(t.name for t in s.leaders)),
            "Attending": seats(clinic, s)
            if s.group
            else cell(", ".join(p.name for p in s.members)),
        }
        for s in shown
    ]
    st.dataframe(
        rows,
        hide_index=True,
        height=min(TALLEST_TABLE, 38 + 35 * len(rows)),
        key=table_key(),
        on_select=lambda: open_from_table(shown),
        selection_mode="single-row",
        alt="The sessions of the board, in time order.",
    )


def ask(asked: acts.Asked) -> None:
    """Before somebody is left behind."""
    board_names = acts.names(page)
    people_left = board_names.people(asked.without)
    judged = acts.judged(page, asked.steps)
    st.markdown(f"**{plain(people_left)}** cannot come then.")
    if judged.is_legal:
        lines = cost_words(board_names, judged.tiers) or ["No goal changes."]
        st.markdown(listed([plain(line) for line in lines]))
    else:
        st.error(listed([plain(text) for text in acts.sentences(judged.reasons)]))
    with st.container(horizontal=True):
        if st.button("Leave it where it is", type="primary"):
            acts.answered()
            st.rerun()
        if st.button(f"Move without {plain(people_left)}", disabled=not judged.is_legal):
            acts.answered()
            acts.take(page, asked.steps, asked.title)
            st.rerun()


def draw() -> None:
    """Choices, board, table."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        shown = choices()
        steps_bar()
    said_bar()
    if shown.single:
        subject = shown.subjects[0]
        st.markdown(
            f"**{plain(subject.name)}**" + (f" · {plain(subject.note)}" if subject.note else "")
        )
    there = {board.key_of(s): s for w in shown.subjects for s in w.sessions if s.day in shown.days}
    if not there:
        st.info("No sessions here.", icon=":material/event_busy:")
    if board_live.is_ready():
        with st.container(horizontal=True, vertical_alignment="center"):
            legend()
            endings_bar()
        live(shown)
        how = "Drag a session to move it; click it, press Enter on it"
    else:
        endings_bar()
        still(shown)
        how = "Click a session"
    if there:
        st.caption(f"{how}, or choose its row below, to see who comes and who leads.")
        table(sorted(there.values(), key=lambda s: (s.day, s.start, s.title, s.ref)))


draw()
asked = acts.asked(page)
is_open = frame.chosen(page.desk, OPEN)
if asked is not None:
    title = f"Move {asked.title}?"
    st.dialog(plain(title), on_dismiss=acts.answered)(ask)(asked)
else:
    for session in week.sessions:
        if board.key_of(session) == is_open:
            card(page, session, close_card)
            break
