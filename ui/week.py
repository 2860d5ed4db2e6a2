"""The week: one board, by room, therapist, patient or group, a day or the whole week."""

from __future__ import annotations

import streamlit as st

from solver import report
from solver.clinic import Clinic
from solver.timegrid import DAY_NAMES
from ui.desk import frame
from ui.desk.opened import Week
from ui.widgets import board
from ui.widgets.card import card, seats
from ui.widgets.text import cell, plain

EVERYONE, WHOLE_WEEK = "everyone", "week"
OPEN, DRAWN = "week.open", "boards drawn"
NAMES = {"room": "Rooms", "therapist": "Therapists", "patient": "Patients", "group": "Groups"}
ALL = {
    "room": "All rooms",
    "therapist": "All therapists",
    "patient": "All patients",
    "group": "All groups",
}
TALLEST_TABLE = 420

page = frame.begin("The week")
week = page.week
clinic = week.clinic


def remembered(name: str, default: object, options: list) -> dict:
    """Arguments of a widget whose choice is still there after a refresh."""
    return {
        "options": options,
        "key": frame.keep_ready(page.desk, name, default, options),
        "on_change": frame.keeper(page.desk, name),
    }


def open_from_board() -> None:
    """A box was clicked on."""
    frame.choose(page.desk, OPEN, board.chosen(st.session_state[board_key()]))


def open_from_table(shown: list[report.Session]) -> None:
    """A row of the table was chosen."""
    rows = st.session_state[table_key()]["selection"]["rows"]
    frame.choose(page.desk, OPEN, board.key_of(shown[rows[0]]) if rows else None)


def close_card() -> None:
    """The session was closed again: forget the click too, or the same box could not be opened."""
    frame.choose(page.desk, OPEN, None)
    st.session_state[DRAWN] = st.session_state.get(DRAWN, 0) + 1


def board_key() -> str:
    return f"board {st.session_state.get(DRAWN, 0)}"


def table_key() -> str:
    return f"table {st.session_state.get(DRAWN, 0)}"


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


def draw(week: Week, clinic: Clinic) -> None:
    """Choices, board, table."""
    controls = st.container(horizontal=True, vertical_alignment="bottom")
    with controls:
        by = st.segmented_control(
            "By",
            format_func=NAMES.get,
            required=True,
            **remembered("week.by", "room", list(report.VIEWS)),
        )
        days = board.open_days(clinic, week.sessions)
        day = st.selectbox(
            "Day",
            format_func=lambda d: (
                "Whole week" if d == WHOLE_WEEK else report.day_heading(clinic, d)
            ),
            width=150,
            **remembered("week.day", WHOLE_WEEK, [WHOLE_WEEK, *days]),
        )
        # By number, so that a choice outlives a change to initials and holds nobody's id.
        weeks = dict(enumerate(report.weeks(clinic, week.schedule, by)))
        who = st.selectbox(
            "Who" if by in ("therapist", "patient") else "Which",
            format_func=lambda i: ALL[by] if i == EVERYONE else cell(weeks[i].name),
            width=230,
            **remembered(f"week.who.{by}", EVERYONE, [EVERYONE, *weeks]),
        )
    chosen_days = days if day == WHOLE_WEEK else (day,)
    if who == EVERYONE:
        rows = board.rows_of(list(weeks.values()), by, chosen_days)
        span = board.span_of(clinic, week.sessions, chosen_days)
    else:
        note = weeks[who].note
        st.markdown(f"**{plain(weeks[who].name)}**" + (f" · {plain(note)}" if note else ""))
        rows = board.rows_by_day(clinic, weeks[who], by, chosen_days)
        span = board.span_of(clinic, week.sessions, ())
    shown = {board.key_of(s): s for row in rows for s in row.sessions}
    if not shown:
        st.info("No sessions here.", icon=":material/event_busy:")
    board.board(clinic, rows, span, board_key(), open_from_board)
    if shown:
        st.caption("Click a session, or choose its row below, to see who comes and who leads.")
        table(sorted(shown.values(), key=lambda s: (s.day, s.start, s.title, s.ref)))


draw(week, clinic)
is_open = frame.chosen(page.desk, OPEN)
for session in week.sessions:
    if board.key_of(session) == is_open:
        card(week, session, close_card)
        break
