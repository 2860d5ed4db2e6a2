"""Nobody sits in too many sections of a group."""

from __future__ import annotations

from tests.builders import broken, clinic, group, meeting, only_fault, section, week

ONE_A_DAY = week(
    section(["pat"], name="s"),
    section(["pat", "sam"], meeting("tue", "09:00"), name="t"),
)
WITNESS = (clinic(groups=[group(max_sections=2)]), ONE_A_DAY)


def test_a_second_section_is_named() -> None:
    fault = only_fault(*WITNESS)
    assert (fault.rule, fault.subject, fault.amount) == ("sections_per_patient", "pat", 1)
    assert fault.message == "pat is in 2 sections of cbt, 1 at most"


def test_an_open_group_may_be_visited_several_times_a_week() -> None:
    assert broken(clinic(groups=[group(max_sections=2, per_patient=2)]), ONE_A_DAY) == set()


def test_sections_of_different_groups_are_not_added_up() -> None:
    both = clinic(groups=[group("cbt"), group("art")])
    there = week(
        section(["pat"], name="s"),
        section(["pat"], meeting("tue", "09:00"), name="t", of="art"),
    )
    assert broken(both, there) == set()


def test_a_group_nobody_may_join() -> None:
    scenario = clinic(groups=[group(per_patient=0)])
    assert broken(scenario, week(section(["pat"]))) == {"sections_per_patient"}
