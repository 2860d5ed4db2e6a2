"""docs/what-if.md says nothing that cannot be said."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from solver.changes import parse_change
from solver.sweep import read_sweep
from solver.whatif import read_what_if, spoken

PAGE = (Path(__file__).resolve().parents[1] / "docs" / "what-if.md").read_text("utf-8")
TABLE = PAGE[PAGE.index("| say |") : PAGE.index("Or an object")]
SENTENCES = [
    said
    for line in TABLE.splitlines()[2:]
    for said in re.findall(r"`([^`]+)`", line.split(" | ")[0])
    if not said.startswith("…")
]


@pytest.mark.parametrize("sentence", SENTENCES)
def test_every_sentence_of_the_table_can_be_said(sentence: str) -> None:
    assert parse_change(sentence).kind


def test_the_table_has_every_kind_of_sentence() -> None:
    assert len(SENTENCES) > 20


def test_every_file_can_be_read() -> None:
    first, second = (json.loads(text) for text in re.findall(r"```json\n(.*?)```", PAGE, re.S))
    assert [v.name for v in read_what_if(first).variants] == ["Evening", "Smaller staff"]
    assert read_sweep(second).shape == (6, 4, 2)


def test_every_variant_of_a_command_can_be_read() -> None:
    variants = re.findall(r'--variant "([^"]+)"', PAGE)
    changes = re.findall(r'--change "([^"]+)"', PAGE)
    assert len(spoken(changes, variants).variants) == 3
