"""Who is to be given a place: somebody of the scenario, or a new patient in a file."""

from __future__ import annotations

from typing import Any

from ..errors import Fault, ScenarioError
from ..io.files import dump
from ..scenario import Scenario
from ..validation import read_scenario

NEW = "patient"
"""The place in a fault that stands for the new patient's entry."""


def with_patient(scenario: Scenario, data: object) -> tuple[Scenario, str]:
    """The scenario with one patient more, and the patient's id.

    Args:
        data: the patient's entry as JSON has it, of the same form as those of a scenario.

    Raises:
        ScenarioError: with every fault of the entry, its place counted from the entry itself.
    """
    tree: dict[str, Any] = dump(scenario)
    patients: list[Any] = tree.setdefault("patients", [])
    if isinstance(data, dict) and data.get("id") in {p["id"] for p in patients}:
        known = data["id"]
        finding = f"found {known!r}, who is in the scenario already; name {known} instead of a file"
        raise ScenarioError([Fault(f"{NEW}.id", finding)])
    here = f"patients[{len(patients)}]"
    patients.append(data)
    try:
        made, _ = read_scenario(tree)
    except ScenarioError as error:
        raise ScenarioError([_of_entry(fault, here) for fault in error.faults]) from None
    return made, made.patients[-1].id


def _of_entry(fault: Fault, here: str) -> Fault:
    return Fault(fault.place.replace(here, NEW, 1), fault.message.replace(here, NEW))
