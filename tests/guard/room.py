"""A page for tests with everything by which one could get at something, behind the real gate."""

from __future__ import annotations

import os
from pathlib import Path

import streamlit as st

from ui.desk.people import person, require


def write() -> None:
    """Changes something; for schedulers."""
    someone = require("scheduler")
    work = Path(os.environ["IOP_WORK_FOLDER"])
    work.mkdir(exist_ok=True)
    (work / "written").write_text(someone.id)


def fail() -> None:
    """Fails, with a patient's name in its words and in a local variable's."""
    name = "Quirina Zebedee"
    try:
        raise KeyError(name)
    except KeyError as error:
        raise ValueError(f"nobody is called {name}") from error


def page() -> None:
    """Shows who it is."""
    someone = person()
    st.text(f"This is {someone.id}, {someone.role}.")
    st.button("Write", on_click=write)
    st.button("Fail", on_click=fail)
    if st.button("Fail here"):
        fail()
    st.download_button("Fetch", f"for {someone.id} alone", "file.txt")
    st.file_uploader("Bring", key="bring")
    if st.session_state.get("bring"):
        st.text(f"It has {len(st.session_state['bring'].getvalue())} bytes.")


if __name__ == "__main__":
    page()
else:
    from ui.guard.starting import middleware, went_wrong

    app = st.App(__file__, middleware=middleware(), on_script_error=went_wrong)
