"""What is different between two documents, by list and id."""

from __future__ import annotations

from typing import Any

from solver.store import Change, Difference, differences
from solver.store.differences import counted
from tests.builders import Json, before, clinic, meeting, patient, room, section, window


def said(old: Json, new: Json) -> list[str]:
    return [str(d) for d in differences(old, new)]


def test_nothing() -> None:
    assert differences(clinic(), clinic()) == ()
    assert counted(()) == "nothing in it is different"


def test_entries_are_told_apart_by_id_whatever_their_order() -> None:
    old = clinic(rooms=[room("big", 4), room("small", 1), room("old", 2)])
    new = clinic(rooms=[room("small", 2, features=["tv"]), room("new", 8), room("big", 4)])
    assert said(old, new) == [
        "rooms small: capacity, features changed",
        "rooms new: added",
        "rooms old: removed",
    ]
    found = differences(old, new)
    assert found[0].changes == (Change("capacity", 1, 2), Change("features", None, ["tv"]))
    assert Change("capacity", None, 8) in found[1].changes
    assert Change("name", "old", None) in found[2].changes
    assert counted(found) == "rooms: 1 changed, 1 added, 1 removed"


def test_a_list_that_is_new_or_gone() -> None:
    old = {k: v for k, v in clinic().items() if k != "patients"}
    assert said(old, clinic()) == ["patients pat: added", "patients sam: added"]
    assert said(clinic(), old) == ["patients pat: removed", "patients sam: removed"]


def test_entries_without_ids_are_compared_one_by_one() -> None:
    old: dict[str, Any] = {"locks": [{"section": "s"}, {"appointment": "a"}, {"section": "s"}]}
    new = {"locks": [{"appointment": "a"}, {"section": "s"}, {"patient": "p", "group": "g"}]}
    assert said(old, new) == ["locks: added", "locks: removed"]
    turned = {"locks": list(reversed(old["locks"][:2]))}
    assert said({"locks": old["locks"][:2]}, turned) == ["locks: order changed"]


def test_fields_of_the_document_and_what_lies_inside() -> None:
    old = clinic(policy={"strict": []}, baseline=before(section(["pat"])))
    moved = section(["pat", "sam"], meeting("tue", "10:00"))
    new = clinic(name="other", policy={"strict": ["unmet_care"]}, baseline=before(moved))
    assert said(old, new) == [
        "name: changed",
        "policy.strict: changed",
        "baseline.sections s: meetings, members changed",
    ]
    assert differences(old, new)[0] == Difference(
        "name", None, "changed", (Change("", "tiny", "other"),)
    )
    opened = clinic(opening_hours=window("08:00", "12:00"))
    assert said(clinic(), opened) == ["opening_hours: added", "opening_hours: removed"]


def test_ids_that_are_not_unique_do_not_confuse_it() -> None:
    old: dict[str, Any] = {"patients": [patient("pat"), patient("pat")]}
    assert said(old, {"patients": [patient("pat")]}) == ["patients: removed"]
    assert said({"patients": "none"}, {"patients": []}) == ["patients: changed"]


def test_the_words_of_a_difference_hold_no_value() -> None:
    old = clinic(patients=[patient("pat") | {"name": "Zebedee"}])
    new = clinic(patients=[patient("pat") | {"name": "Quixotic"}])
    assert said(old, new) == ["patients pat: name changed"]
    assert differences(old, new)[0].changes == (Change("name", "Zebedee", "Quixotic"),)
