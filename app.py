"""The app's entry: the server with its gate, and which pages there are.

Started with ``streamlit run app.py`` or ``iop app``. The server imports this module; each time a page
is drawn, it runs as a script, ``__main__``.
"""

from __future__ import annotations

import streamlit as st

from ui.desk.people import person


def pages() -> None:
    """Draw the page that is asked for."""
    st.set_page_config(page_title="IOP scheduler", page_icon="ui/icon.svg", layout="wide")
    person()
    st.navigation(
        [
            st.Page("ui/overview.py", title="Overview", icon=":material/dashboard:", default=True),
            st.Page("ui/week.py", title="The week", icon=":material/calendar_view_week:"),
            st.Page("ui/why.py", title="Why", icon=":material/help_center:"),
            st.Page("ui/next_week.py", title="Next week", icon=":material/event_repeat:"),
            st.Page("ui/kept_weeks.py", title="Kept weeks", icon=":material/inventory_2:"),
            st.Page("ui/solve.py", title="Solve", icon=":material/play_circle:"),
            st.Page("ui/what_if.py", title="What if", icon=":material/compare_arrows:"),
            st.Page("ui/sweeps.py", title="Sweeps", icon=":material/grid_on:"),
            st.Page("ui/planning.py", title="Staff and capacity", icon=":material/groups:"),
            st.Page("ui/check.py", title="Check", icon=":material/fact_check:"),
            st.Page("ui/data.py", title="Data", icon=":material/database:"),
            st.Page("ui/print.py", title="Print", icon=":material/print:"),
            st.Page("ui/help.py", title="Help", icon=":material/help:"),
        ],
        position="top",
    ).run()


if __name__ == "__main__":
    pages()
else:
    from ui.guard.starting import middleware, went_wrong

    app = st.App(__file__, middleware=middleware(), on_script_error=went_wrong)
