"""What the tests of changes share."""

from __future__ import annotations

import pytest

from solver.changes import Change, ChangeFaults, applied, apply, parse_change
from solver.scenario import Scenario
from tests.builders import Json, clinic, patient, read, window


def made(scenario: Json, *sentences: str) -> Scenario:
    """A scenario with changes made."""
    return apply(read(scenario).scenario, [parse_change(s) for s in sentences])


def refused(scenario: Json, *changes: str | Change) -> str:
    """What is said about changes that cannot be made."""
    asked = [parse_change(c) if isinstance(c, str) else c for c in changes]
    with pytest.raises(ChangeFaults) as caught:
        apply(read(scenario).scenario, asked)
    return str(caught.value)


def notices(scenario: Json, *sentences: str) -> list[str]:
    done = applied(read(scenario).scenario, [parse_change(s) for s in sentences])
    return [n.message for n in done.notices]


def working(*labels: str, start: str = "09:00", end: str = "10:00", day: str = "mon") -> Json:
    return clinic(
        patients=[
            patient(f"p{i}", commitments=[{"label": label, "windows": window(start, end, day)}])
            for i, label in enumerate(labels)
        ]
    )
