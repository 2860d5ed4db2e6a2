"""A page for tests that publishes a week again and again, behind the real gate."""

from __future__ import annotations

import json
import os
from pathlib import Path

import streamlit as st

from solver.store import open_store
from ui.desk.people import require

FOLDER = Path(os.environ["IOP_WORK_FOLDER"])


def publish_on_and_on() -> None:
    """Publish two schedules in turn; ``told`` has a line when one begins and when it is there."""
    someone = require("scheduler")
    schedules = json.loads((FOLDER / "schedules").read_text())
    with open_store() as store, (FOLDER / "told").open("a", buffering=1) as told:
        number = int((FOLDER / "number").read_text())
        while True:
            told.write(f"begins {number + 1}\n")
            kept = schedules[number % 2]
            number = store.weeks.publish(kept, someone.id, based_on=number).number
            told.write(f"confirmed {number}\n")


if __name__ == "__main__":
    st.button("Publish", on_click=publish_on_and_on)
else:
    from ui.guard.starting import middleware, went_wrong

    app = st.App(__file__, middleware=middleware(), on_script_error=went_wrong)
