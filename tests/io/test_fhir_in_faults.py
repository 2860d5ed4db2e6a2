"""FHIR R4 in: what is wrong with bundles is said at once, and R4 is what another library calls R4."""

from __future__ import annotations

import importlib
import random
from typing import Any

import pytest
from fhirclient.models.bundle import Bundle

from solver.errors import FileFaults
from solver.io.fhir_in import read_fhir
from solver.io.fhir_in.resources import KINDS
from solver.io.tables.writing import partly_filled
from tests.io.fhir_bundles import (
    available,
    bundle,
    clinic,
    draft,
    faults,
    patient,
    resource,
    role,
    slot,
)


def test_every_fault_at_once_with_its_resource() -> None:
    bad_slot = slot("1", "s", "2026-01-05", "09:00", "10:00", "vacant") | {"start": "soon"}
    del bad_slot["schedule"]
    assert faults(
        bad_slot,
        slot("2", "s", "2026-01-05", "09:00", "10:00", "vacant"),
        patient("p", gender="f") | {"nickname": "Bo"},
        patient("q", gender="f"),
        role("r", available("09:00:00", "10:00:00", "monday")),
    ) == [
        "entry[0] Slot/1: schedule: missing; FHIR R4 asks for it",
        (
            "entry[0] Slot/1: start: found 'soon'; not as FHIR R4 has it: "
            "Instant value string does not match spec regex"
        ),
        (
            "entry[1] Slot/2: status: found 'vacant'; allowed: "
            "'busy', 'busy-tentative', 'busy-unavailable', 'entered-in-error', 'free'"
        ),
        "entry[2] Patient/p: nickname: unknown field; FHIR R4 has no 'nickname' in a Patient",
        "entry[3] Patient/q: gender: found 'f'; allowed: 'female', 'male', 'other', 'unknown'",
        (
            "entry[4] PractitionerRole/role-r: daysOfWeek: found 'monday'; "
            "allowed: 'mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'"
        ),
    ]  # fmt: skip


def test_logs_have_places_and_neither_values_nor_ids() -> None:
    with pytest.raises(FileFaults) as caught:
        draft(patient("p", gender="Bobby"))
    assert [f.for_log() for f in caught.value.faults] == [  # type: ignore[attr-defined]
        "entry[0] Patient: gender: a code that FHIR R4 has not"
    ]


def test_too_many_resources() -> None:
    entry = {"resource": resource("Basic", "b")}
    with pytest.raises(FileFaults, match="found 20,001 resources; at most 20,000 are read"):
        read_fhir([("a.json", {"resourceType": "Bundle", "entry": [entry] * 20_001})])


def test_damaged_bundles_are_read_or_refused() -> None:
    """Values of a valid bundle replaced at random: a draft or faults in words, nothing else."""
    chance = random.Random(5)
    strange = (
        None,
        True,
        0,
        -1,
        10**30,
        "",
        "x",
        "9999",
        "2026-02-30",
        [],
        {},
        [None],
        {"a": 1},
        "24:00:00",
    )
    outcomes = {"read": 0, "refused": 0}
    for _ in range(80):
        document: Any = bundle(*clinic())
        for _ in range(chance.choice([1, 1, 3])):
            node: Any = chance.choice(document["entry"])
            while isinstance(node, dict | list) and node:
                key = chance.choice(list(node) if isinstance(node, dict) else range(len(node)))
                if not isinstance(node[key], dict | list) or chance.random() < 0.2:
                    node[key] = chance.choice(strange)
                    break
                node = node[key]
        said: tuple[object, ...] = ()
        try:
            partly_filled(read_fhir([("a.json", document)]).tree)
        except FileFaults as error:
            said = error.faults
        assert all(10 < len(str(fault)) < 1_000 for fault in said)
        outcomes["refused" if said else "read"] += 1
    assert min(outcomes.values()) > 10


# ---------------------------------------------------------------- R4, as another library has it


def test_another_library_reads_the_bundles_of_these_tests() -> None:
    read = Bundle(bundle(*clinic()))
    assert [e.resource.resource_type for e in read.entry][:3] == ["Location"] * 3
    assert read.as_json()["entry"][0]["resource"]["name"] == "Lakeside Clinic"


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_only_fields_that_r4_has_are_read(kind: str) -> None:
    """The models are R4B's; of these resources R4 has the same fields, says a library of R4."""
    module = importlib.import_module(f"fhirclient.models.{kind.lower()}")
    r4 = {prop[1] for prop in getattr(module, kind)().elementProperties()}
    extra = {field.alias or key for key, field in KINDS[kind].model_fields.items()} - r4
    assert {key for key in extra if not key.startswith("_")} <= {"fhir_comments", "resourceType"}
