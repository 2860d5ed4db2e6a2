"""What a what-if asks, in a file and on the command line."""

from __future__ import annotations

import pytest

from solver.changes import parse_change
from solver.whatif import WhatIfFaults, read_what_if, spoken


def test_a_file_has_a_base_and_variants() -> None:
    asked = read_what_if(
        {
            "base": "census +1",
            "variants": [
                {"name": "Fewer", "changes": ["remove room big"]},
                {"changes": [{"kind": "leave", "therapist": "ann", "days": ["mon"]}]},
            ],
        }
    )
    assert [v.name for v in asked.variants] == ["Fewer", "variant 2"]
    assert asked.base == (parse_change("census +1"),)


def test_every_fault_of_a_file_is_said_at_once() -> None:
    with pytest.raises(WhatIfFaults) as caught:
        read_what_if(
            {
                "bases": [],
                "base": ["census"],
                "variants": [
                    {"name": "a", "changes": ["remove x"], "chnges": 1},
                    {"name": "b", "changes": []},
                    3,
                    {"name": "c", "changes": ["admit all"]},
                    {"name": "c", "changes": ["admit all"]},
                ],
            }
        )
    said = "\n".join(map(str, caught.value.faults))
    assert "bases: unknown field 'bases'; did you mean 'base'?" in said
    assert "base[0] ('census'): say how many" in said
    assert "variants[0].chnges: unknown field 'chnges'; did you mean 'changes'?" in said
    assert "variants[0].changes[0] ('remove x'): say it like" in said
    assert "variants[1].changes: missing" in said
    assert "variants[2]: found 3" in said
    assert "found 'c' again; names differ" in said


def test_a_command_line_has_one_variant_of_changes_and_others_by_name() -> None:
    asked = spoken(["admit all", "census +2"], ["Evening: open thu 17:00-20:00; admit all"])
    assert [(v.name, len(v.changes)) for v in asked.variants] == [("changed", 2), ("Evening", 2)]


@pytest.mark.parametrize("text", ["census +2", "open thu 17:00-20:00", ": census +2"])
def test_a_variant_without_a_name_is_refused(text: str) -> None:
    with pytest.raises(WhatIfFaults, match="a variant is said like --variant 'Evening"):
        spoken([], [text])
