"""Fixtures of the command line's tests."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.builders import clinic, group, meeting, patient, section, visit, week
from tests.cli.running import Iop, saved


@pytest.fixture(autouse=True)
def wide(monkeypatch: pytest.MonkeyPatch) -> None:
    """The same width wherever the tests run."""
    monkeypatch.setenv("COLUMNS", "120")


@pytest.fixture
def iop(capsys: pytest.CaptureFixture[str]) -> Iop:
    return Iop(capsys)


@pytest.fixture
def tiny(tmp_path: Path) -> tuple[str, str]:
    """A scenario file and a legal schedule of it."""
    scenario = clinic(
        groups=[group(max_sections=2, per_patient=2) | {"name": "Coping Skills"}],
        patients=[patient("pat") | {"name": "Pat Lee"}, patient("sam") | {"name": "Sam Poe"}],
    )
    legal = week(
        section(["pat", "sam"]),
        section(["pat"], meeting("tue", "10:00"), name="t"),
        visit("sam", "bob", "mon", "11:00"),
    )
    return saved(tmp_path, "scenario.json", scenario), saved(tmp_path, "week.json", legal)
