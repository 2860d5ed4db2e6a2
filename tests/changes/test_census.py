"""More and fewer patients: nested, repeatable, and with the mix asked for."""

from __future__ import annotations

from collections import Counter

import pytest

from solver.changes import Census, ChangeFaults, apply
from solver.generate import generate
from solver.scenario import Scenario
from solver.validation import read_scenario
from tests.builders import clinic, patient, program, read
from tests.changes.making import made, refused


@pytest.fixture(scope="module")
def thirty() -> Scenario:
    return read_scenario(generate(30, seed=5, load=1.0))[0]


def active(scenario: Scenario) -> list[str]:
    return [p.id for p in scenario.patients if p.status == "active"]


def test_a_census_is_that_of_patients_in_treatment(thirty: Scenario) -> None:
    here = len(active(thirty))
    waiting = len(thirty.patients) - here
    for change, count in (
        (Census(to=40), 40),
        (Census(by=5), here + 5),
        (Census(by=-5), here - 5),
        (Census(percent=20), round(here * 1.2)),
        (Census(percent=-50), round(here * 0.5)),
    ):
        after = apply(thirty, [change])
        assert len(active(after)) == count, change
        assert len(after.patients) == count + waiting, change


def test_those_of_a_smaller_census_are_all_in_a_larger_one(thirty: Scenario) -> None:
    before: dict[str, object] = {}
    for n in range(10, 70, 7):
        after = {p.id: p for p in apply(thirty, [Census(to=n)]).patients}
        assert set(before) <= set(after), n
        for id, entry in before.items():
            other = after[id]
            # Whom somebody is kept apart from may be gone in the smaller census.
            assert other.model_copy(update={"keep_apart": ()}) == entry, (n, id)
        before = {p: e.model_copy(update={"keep_apart": ()}) for p, e in after.items()}


def test_everybody_is_taken_once_before_anybody_twice(thirty: Scenario) -> None:
    here = active(thirty)
    after = apply(thirty, [Census(percent=100)])
    old = Counter(p.program for p in thirty.patients if p.id in here)
    new = Counter(p.program for p in after.patients if p.id.startswith("new-"))
    assert new == old
    traits = Counter(
        (p.program, p.tags, p.commitments, p.availability, p.priority)
        for p in after.patients
        if p.status == "active"
    )
    assert all(count % 2 == 0 for count in traits.values())


def test_newcomers_have_ids_and_names_of_their_own_and_are_tied_to_nobody(
    thirty: Scenario,
) -> None:
    after = apply(thirty, [Census(by=40)])
    new = after.patients[len(thirty.patients) :]
    assert [p.id for p in new[:3]] == ["new-001", "new-002", "new-003"]
    assert all(p.primary_therapist is None and p.keep_apart == () for p in new)
    assert len({p.name for p in new}) > 30


def test_ids_that_are_taken_are_passed_over() -> None:
    scenario = clinic(patients=[patient("new-001"), patient("pat")])
    assert [p.id for p in made(scenario, "census +2").patients[2:]] == ["new-002", "new-003"]


def test_the_same_seed_gives_the_same_people_and_another_one_others(thirty: Scenario) -> None:
    first, again, other = (apply(thirty, [Census(by=12, seed=s)]) for s in (1, 1, 2))
    assert first == again
    assert first != other


def test_a_given_mix_is_kept_at_every_size(thirty: Scenario) -> None:
    programs = sorted({p.program for p in thirty.patients if p.status == "active"})[:2]
    mix = {programs[0]: 3.0, programs[1]: 1.0}
    for n in (4, 8, 20):
        after = apply(thirty, [Census(by=n, mix=mix)])
        new = Counter(p.program for p in after.patients if p.id.startswith("new-"))
        assert new == {programs[0]: n * 3 // 4, programs[1]: n // 4}


def test_what_cannot_be_made_is_said() -> None:
    scenario = clinic(programs=[program(), program("php")])
    assert "there are only 2 patients in treatment" in refused(scenario, "census -3")
    assert "no patient is in program php" in refused(scenario, "census +3 mix=php:1")
    assert "no program 'iob'; did you mean 'iop'?" in refused(scenario, "census +3 mix=iob:1")
    nobody = clinic(patients=[patient("w", status="waitlist")])
    assert "no patient in treatment whom newcomers could be like" in refused(nobody, "census to 3")
    assert "at most 1,000" in refused(clinic(), Census(by=999))
    with pytest.raises(ValueError, match="exactly one"):
        Census(to=3, by=2)


def test_sentences_say_how_many() -> None:
    here = read(clinic()).scenario
    assert Census(percent=50).sentence(here) == (
        "Census +50 %: 3 patients instead of 2, of the clinic's own mix."
    )
    assert Census(by=-1).sentence(here) == "1 patient fewer."
    assert Census(to=4, mix={"iop": 1}).sentence(here) == (
        "Census of 4 patients instead of 2, of the mix 100% iop."
    )


def test_a_file_may_not_mix_up_numbers() -> None:
    with pytest.raises(ChangeFaults):
        made(clinic(), "census to 3%")
