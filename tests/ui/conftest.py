"""What every page test begins with: an empty desk in a folder of its own, and nothing left behind."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import streamlit as st

from ui.desk import frame
from ui.desk.store import Desk


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Desk]:
    monkeypatch.setenv("IOP_WORK_FOLDER", str(tmp_path))
    st.session_state.clear()
    yield Desk.new(tmp_path)
    for job in frame.asker().jobs():
        job.forget()
    st.session_state.clear()
    st.cache_resource.clear()
    st.cache_data.clear()
