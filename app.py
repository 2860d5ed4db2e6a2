"""The app's entry: which pages there are. Started with ``streamlit run app.py`` or ``iop app``."""

from __future__ import annotations

import streamlit as st

st.set_page_config(page_title="IOP scheduler", page_icon="ui/icon.svg", layout="wide")
st.navigation(
    [
        st.Page("ui/overview.py", title="Overview", icon=":material/dashboard:", default=True),
        st.Page("ui/week.py", title="The week", icon=":material/calendar_view_week:"),
        st.Page("ui/solve.py", title="Solve", icon=":material/play_circle:"),
        st.Page("ui/check.py", title="Check", icon=":material/fact_check:"),
        st.Page("ui/data.py", title="Data", icon=":material/database:"),
    ],
    position="top",
).run()
