"""`iop validate` and `iop schema`: every fault of a file, and a schema that says what holds."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from solver.errors import ScenarioError
from solver.validation import read_scenario
from tests.builders import Json, clinic, patient, section, week
from tests.cli.running import ROOT, Iop, saved

INVALID = ROOT / "scenarios" / "invalid"
EXPECTED: dict[str, list[str]] = json.loads((INVALID / "expected.json").read_text("utf-8"))


@pytest.mark.parametrize("name", sorted(EXPECTED))
def test_every_broken_file_is_refused_with_its_faults(name: str, iop: Iop) -> None:
    assert iop("validate", INVALID / name) == 2
    assert iop.out == ""
    assert all(message in iop.err for message in EXPECTED[name])
    assert iop("solve", INVALID / name, "--time-limit", "1") == 2


def test_faults_for_machines(iop: Iop) -> None:
    name = "many-faults-at-once.json"
    assert iop("validate", INVALID / name, "--json") == 2
    answer = json.loads(iop.out)
    assert answer["valid"] is False
    assert [f"{f['place']}: {f['message']}" for f in answer["faults"]] == EXPECTED[name]


def test_a_valid_file_and_what_is_worth_knowing(tmp_path: Path, iop: Iop) -> None:
    path = saved(tmp_path, "a.json", clinic(patients=[patient("pat", availability=[])]))
    assert iop("validate", path) == 0
    assert "tiny, week of 5 January 2026: valid; 1 patient, 0 waiting" in iop.out
    assert "note: patients[0]: pat: no hours are left" in iop.out
    assert iop("validate", path, "--json") == 0
    answer = json.loads(iop.out)
    assert (answer["valid"], answer["faults"], len(answer["notices"])) == (True, [], 1)


def test_a_file_that_is_not_there(iop: Iop) -> None:
    assert iop("validate", "nowhere.json") == 2
    assert iop.err == "error: nowhere.json: no such file\n"


def test_a_schedule_of_another_week(tiny: tuple[str, str], tmp_path: Path, iop: Iop) -> None:
    other = saved(tmp_path, "o.json", week(section(["patt"]), week_start="2026-01-12"))
    assert iop("check", tiny[0], other) == 2
    assert "2 faults" in iop.err
    assert "sections[0].members[0]: no patient 'patt'; did you mean 'pat'?" in iop.err


def test_standard_input(tiny: tuple[str, str], monkeypatch: pytest.MonkeyPatch, iop: Iop) -> None:
    with Path(tiny[0]).open(encoding="utf-8") as file:
        monkeypatch.setattr(sys, "stdin", file)
        assert iop("check", "-", tiny[1]) == 0


def _entries(
    schema: Json, part: Json, data: Any, loc: str = ""
) -> Iterator[tuple[str, Json, Json]]:
    """Every object of a file with its place and the part of the schema that describes it."""
    for option in [part, *part.get("anyOf", ())]:
        here = schema["$defs"][option["$ref"].rpartition("/")[2]] if "$ref" in option else option
        here = next((o for o in here.get("anyOf", ()) if "properties" in o), here)
        if isinstance(data, dict) and "properties" in here:
            yield loc, here, data
            for key, value in data.items():
                place = f"{loc}.{key}" if loc else key
                yield from _entries(schema, here["properties"][key], value, place)
        elif isinstance(data, list) and "items" in here:
            for number, value in enumerate(data):
                yield from _entries(schema, here["items"], value, f"{loc}[{number}]")


def _faults(data: Json) -> list[str]:
    try:
        read_scenario(data)
    except ScenarioError as error:
        return [str(fault) for fault in error.faults]
    return []


def test_the_schema_asks_for_what_the_loader_asks_for(iop: Iop) -> None:
    assert iop("schema") == 0
    schema = json.loads(iop.out)
    data = json.loads((ROOT / "tests/data/every-field.json").read_text("utf-8"))
    assert _faults(data) == []
    seen = 0
    for loc, described, entry in _entries(schema, schema, data):
        for key in list(entry):
            place = f"{loc}.{key}" if loc else key
            kept = entry.pop(key)
            missing = any(f.startswith(f"{place}: missing") for f in _faults(data))
            assert missing == (key in described.get("required", ())), place
            entry[key] = None
            refused = any(
                f.startswith((f"{place}: missing", f"{place}: found null")) for f in _faults(data)
            )
            nullable = {"type": "null"} in described["properties"][key].get("anyOf", ())
            assert refused != nullable, place
            entry[key] = kept
            seen += 1
    assert seen > 100


def test_a_credential_may_be_a_bare_id(iop: Iop) -> None:
    iop("schema")
    kinds = json.loads(iop.out)["$defs"]["Credential"]["anyOf"]
    assert [kind["type"] for kind in kinds] == ["string", "object"]


@pytest.mark.parametrize(("option", "field"), [("--schedule", "sections"), ("--result", "tiers")])
def test_schemas_of_what_is_written(option: str, field: str, iop: Iop) -> None:
    assert iop("schema", option) == 0
    schema = json.loads(iop.out)
    assert schema["$schema"].endswith("2020-12/schema")
    assert field in schema["properties"]
