"""Scenarios, what-ifs, drafts and jobs: versions, conflicts, and a line for every write."""

from __future__ import annotations

import json
import threading
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path

import pytest

from solver.errors import FileFaults, ScenarioError, ScheduleError
from solver.result import Result, Settings
from solver.store import Conflict, NotFound, Store, open_store
from tests.builders import clinic, patient, read, room, week
from tests.store.sample import BROKEN, FIRST, KIM, LEE, NAME, SCENARIO, fill, scenario, text

HUGE = room("huge", 30)


def with_room(name: str = "huge") -> str:
    return text(scenario(rooms=[room("big", 4), room("small", 1), room(name, 30)]))


# ---------------------------------------------------------------- scenarios


def test_a_text_comes_back_byte_for_byte(store: Store) -> None:
    kept = fill(store)
    assert store.scenarios.text(kept.version) == SCENARIO
    assert store.schedules.text(kept.first) == FIRST
    assert store.scenarios.read(kept.version).patients[0].name == NAME
    assert (kept.version.number, kept.version.author) == (1, KIM)
    assert kept.version.made_at.tzinfo is UTC


def test_each_save_is_a_version_and_all_of_them_stay(store: Store) -> None:
    kept = fill(store)
    id = kept.version.scenario_id
    second = store.scenarios.save(id, with_room(), LEE, based_on=1)
    assert (second.number, second.parent_id, second.author) == (2, kept.version.id, LEE)
    assert [v.number for v in store.scenarios.versions(id)] == [1, 2]
    assert store.scenarios.text(store.scenarios.version(id, 1)) == SCENARIO
    assert store.scenarios.text(store.scenarios.version(id)) == with_room()
    assert [v.id for v in store.scenarios.of_clinic(kept.clinic)] == [second.id]
    (difference,) = store.scenarios.differences(kept.version, second)
    assert (difference.part, difference.id, difference.kind) == ("rooms", "huge", "added")


def test_a_model_is_kept_as_its_file_would_be(store: Store) -> None:
    kept = fill(store)
    model = read(clinic(name="another")).scenario
    saved = store.scenarios.save(kept.version.scenario_id, model, KIM, based_on=1)
    assert store.scenarios.read(saved) == model


def test_the_second_of_two_editors_is_shown_what_changed(store: Store) -> None:
    kept = fill(store)
    id = kept.version.scenario_id
    store.scenarios.save(id, with_room(), LEE, based_on=1)
    people = [patient("pat", priority=5) | {"name": NAME}, patient("new") | {"name": "New"}]
    with pytest.raises(Conflict) as caught:
        store.scenarios.save(id, text(scenario(patients=people)), KIM, based_on=1)
    found = caught.value
    assert (found.subject, found.based_on, found.number, found.author) == ("scenario", 1, 2, LEE)
    assert [str(d) for d in found.differences] == ["rooms huge: added"]
    assert "rooms: 1 added" in str(found)
    assert [v.number for v in store.scenarios.versions(id)] == [1, 2]
    again = store.scenarios.save(id, text(scenario(patients=people)), KIM, based_on=found.number)
    assert again.number == 3
    told = {(d.part, d.id, d.kind) for d in store.scenarios.differences(kept.version, again)}
    assert told == {
        ("patients", "pat", "changed"),
        ("patients", "new", "added"),
        ("patients", "sam", "removed"),
    }


def test_saving_what_is_there_makes_no_version(store: Store) -> None:
    kept = fill(store)
    id = kept.version.scenario_id
    assert store.scenarios.save(id, SCENARIO, LEE, based_on=1).id == kept.version.id
    second = store.scenarios.save(id, with_room(), KIM, based_on=1)
    # Kim's connection broke before she was told; she saves once more.
    assert store.scenarios.save(id, with_room(), KIM, based_on=1).id == second.id
    with pytest.raises(Conflict):
        store.scenarios.save(id, with_room(), LEE, based_on=1)
    assert len(store.scenarios.versions(id)) == 2


def test_going_back_to_an_older_version_is_a_new_one(store: Store) -> None:
    kept = fill(store)
    id = kept.version.scenario_id
    store.scenarios.save(id, with_room(), LEE, based_on=1)
    back = store.scenarios.save(id, SCENARIO, LEE, based_on=2)
    assert (back.number, back.hash) == (3, kept.version.hash)
    assert store.faults() == []


def test_a_copy_says_what_it_was_made_from(store: Store) -> None:
    kept = fill(store)
    copy = store.scenarios.new(kept.clinic, with_room(), LEE, copy_of=kept.version)
    assert (copy.number, copy.parent_id) == (1, kept.version.id)
    assert len(store.scenarios.of_clinic(kept.clinic)) == 2


def test_what_is_not_there(store: Store) -> None:
    kept = fill(store)
    with pytest.raises(NotFound, match="no clinic"):
        store.scenarios.new("nowhere", SCENARIO, KIM)
    with pytest.raises(NotFound, match="no scenario"):
        store.scenarios.version("none")
    with pytest.raises(NotFound, match="version 7"):
        store.scenarios.version(kept.version.scenario_id, 7)
    for number in (-1, 7):
        with pytest.raises(NotFound, match=f"number {number}; the last one is 1"):
            store.scenarios.save(kept.version.scenario_id, with_room(), KIM, based_on=number)
    with pytest.raises(NotFound):
        store.schedules.get("none")
    with pytest.raises(NotFound):
        store.weeks.publish("none", KIM, based_on=0)
    with pytest.raises(NotFound):
        store.what_ifs.version("none")
    with pytest.raises(NotFound):
        store.what_ifs.base("none")
    with pytest.raises(NotFound):
        store.jobs.get("none")
    with pytest.raises(NotFound):
        store.jobs.set_state("none", "done", KIM)


def test_what_is_no_scenario_is_refused_with_every_fault(store: Store) -> None:
    kept = fill(store)
    before = store.trail.lines()
    wrong = text(scenario(rooms=[room("big", -1)], therapists=[{"id": "ann"}]))
    with pytest.raises(ScenarioError) as caught:
        store.scenarios.new(kept.clinic, wrong, KIM)
    assert {f.place for f in caught.value.faults} >= {"rooms[0].capacity", "therapists[0].name"}
    with pytest.raises(ScenarioError):
        store.scenarios.save(kept.version.scenario_id, "{", KIM, based_on=1)
    with pytest.raises(ScheduleError):
        store.schedules.keep(kept.version, text(week(week_start="2026-01-12")), KIM)
    assert [line.number for line in store.trail.lines()] == [line.number for line in before]


def test_who_writes_has_a_name(store: Store) -> None:
    for nobody in ("", "  ", "x" * 201, "k\x00", "\ud800"):
        with pytest.raises(ValueError, match="has a name"):
            store.clinics.named("Riverside", nobody)
    with pytest.raises(ValueError, match="a clinic has a name"):
        store.clinics.named(" ", KIM)
    with pytest.raises(ValueError, match="a draft has a name"):
        store.drafts.put(KIM, "", {})
    assert store.trail.lines() == []


def test_a_clinic_is_there_once(store: Store) -> None:
    one, two = (store.clinics.named(name, KIM) for name in ("Riverside", " Riverside "))
    assert one.id == two.id
    store.clinics.named("Hill", KIM)
    assert [c.name for c in store.clinics.all()] == ["Hill", "Riverside"]


def test_threads_save_one_after_the_other(store: Store) -> None:
    """Eight threads, each saves what nobody else does, on top of whatever is there."""
    kept = fill(store)
    id = kept.version.scenario_id
    refused: list[Conflict] = []

    def save(name: str) -> None:
        number = 1
        while True:
            try:
                store.scenarios.save(id, with_room(name), name, based_on=number)
            except Conflict as conflict:
                refused.append(conflict)
                number = conflict.number
            else:
                return

    names = [f"room{n}" for n in range(8)]
    threads = [threading.Thread(target=save, args=(name,)) for name in names]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    versions = store.scenarios.versions(id)
    assert [v.number for v in versions] == list(range(1, 10))
    assert sorted(v.author for v in versions[1:]) == names
    assert all(v.parent_id == p.id for p, v in pairwise(versions))
    assert store.faults() == []


# ---------------------------------------------------------------- schedules


def test_a_schedule_is_kept_with_what_the_solve_said(store: Store) -> None:
    kept = fill(store)
    result = Result("tiny", "undecided", None, (), {}, 1.5, 0, {}, Settings(), ())
    solved = store.schedules.keep(kept.version, FIRST, LEE, result=result, job_id="job-1")
    assert json.loads(store.schedules.result_text(solved) or "") == result.document()
    assert store.schedules.result_text(kept.first) is None
    assert (solved.job_id, solved.hash) == ("job-1", kept.first.hash)
    illegal = store.schedules.keep(kept.version, BROKEN, LEE)
    found = store.schedules.of(kept.version)
    assert [s.id for s in found] == [kept.first.id, kept.second.id, solved.id, illegal.id]
    model, schedule = store.schedules.read(store.schedules.get(solved.id))
    assert (model.name, [s.id for s in schedule.sections]) == ("tiny", ["s"])


# ---------------------------------------------------------------- what-ifs


def test_what_ifs_have_versions_too(store: Store) -> None:
    kept = fill(store)
    first = store.what_ifs.new(kept.version, {"name": "without Ann", "changes": []}, KIM)
    changes = {"name": "without Ann", "changes": [{"remove": "therapist", "of": "ann"}]}
    second = store.what_ifs.save(first.what_if_id, changes, KIM, based_on=1)
    assert (second.number, store.what_ifs.read(second)) == (2, changes)
    assert store.what_ifs.text(store.what_ifs.version(first.what_if_id, 1)).count("remove") == 0
    assert store.what_ifs.base(first.what_if_id).id == kept.version.id
    with pytest.raises(Conflict) as caught:
        store.what_ifs.save(first.what_if_id, {"name": "x", "changes": []}, LEE, based_on=1)
    assert [str(d) for d in caught.value.differences] == ["changes: added"]
    other = store.what_ifs.new(kept.version, {"changes": []}, LEE)
    found = store.what_ifs.of_scenario(kept.version.scenario_id)
    assert {v.id for v in found} == {second.id, other.id}


def test_a_what_if_is_an_object_with_a_list_of_changes(store: Store) -> None:
    kept = fill(store)
    for wrong in ("[]", "{", '{"changes": {}}', "{}"):
        with pytest.raises(FileFaults):
            store.what_ifs.new(kept.version, wrong, KIM)
    assert store.what_ifs.of_scenario(kept.version.scenario_id) == []


# ---------------------------------------------------------------- drafts


def test_a_draft_is_there_after_a_refresh(store: Store, where: str) -> None:
    draft = store.drafts.put("browser-1", "state", {"week": "matrix", "by": NAME})
    assert draft.number == 1
    with open_store(where) as again:
        found = again.drafts.get("browser-1", "state")
        assert found is not None
        assert json.loads(found.content) == {"week": "matrix", "by": NAME}
        assert again.drafts.get("browser-2", "state") is None
    store.drafts.put("browser-1", "week/own/scenario", SCENARIO)
    assert store.drafts.keys("browser-1") == ["state", "week/own/scenario"]
    store.drafts.remove("browser-1", "state")
    store.drafts.remove("browser-1", "state")
    assert store.drafts.keys("browser-1") == ["week/own/scenario"]
    with pytest.raises(FileFaults):
        store.drafts.put("browser-1", "state", "{")


def test_a_draft_that_another_tab_changed_is_not_replaced(store: Store) -> None:
    store.drafts.put("kim", "rooms", {"room": "big"}, based_on=0)
    store.drafts.put("kim", "rooms", {"room": "small"}, based_on=1)
    with pytest.raises(Conflict) as caught:
        store.drafts.put("kim", "rooms", {"room": "huge"}, based_on=1)
    (difference,) = caught.value.differences
    assert (difference.part, difference.changes[0].after) == ("room", "small")
    with pytest.raises(Conflict):
        store.drafts.put("kim", "gone", {}, based_on=3)
    assert store.drafts.put("kim", "rooms", {"room": "huge"}).number == 3


def test_drafts_of_who_does_not_come_back_are_forgotten(where: str) -> None:
    time = datetime(2026, 1, 5, tzinfo=UTC)
    with open_store(where, now=lambda: time) as store:
        store.drafts.put("gone", "state", {})
        store.drafts.put("here", "week", {})
        time += timedelta(days=31)
        store.drafts.put("here", "state", {})
        assert store.drafts.forget_old() == 1
        assert store.drafts.keys("gone") == []
        assert store.drafts.keys("here") == ["state", "week"]


# ---------------------------------------------------------------- jobs


def test_jobs_are_found_by_whoever_looks(store: Store) -> None:
    kept = fill(store)
    job = store.jobs.add("0001-ab", Path("jobs/0001-ab"), KIM, version=kept.version)
    assert (job.state, job.kind) == ("waiting", "solve")
    store.jobs.add("0000-cd", Path("jobs/0000-cd"), LEE, kind="sweep")
    store.jobs.set_state("0001-ab", "running", KIM)
    lines = len(store.trail.lines())
    store.jobs.set_state("0001-ab", "running", KIM)
    assert len(store.trail.lines()) == lines
    assert [j.id for j in store.jobs.open()] == ["0000-cd", "0001-ab"]
    store.jobs.set_state("0000-cd", "failed", LEE)
    assert [j.id for j in store.jobs.open()] == ["0001-ab"]
    assert [j.folder for j in store.jobs.of(kept.version)] == ["jobs/0001-ab"]
    assert store.jobs.get("0000-cd").state == "failed"


# ---------------------------------------------------------------- the audit trail


def test_every_write_has_its_line(store: Store) -> None:
    kept = fill(store)
    store.scenarios.save(kept.version.scenario_id, with_room(), LEE, based_on=1)
    what_if = store.what_ifs.new(kept.version, {"changes": []}, LEE)
    store.what_ifs.save(what_if.what_if_id, {"changes": [1]}, LEE, based_on=1)
    store.jobs.add("job", Path("jobs/job"), LEE, version=kept.version)
    store.jobs.set_state("job", "done", KIM)
    store.weeks.publish(kept.second.id, LEE, based_on=1)
    lines = store.trail.lines()
    assert [(line.action, line.author) for line in lines] == [
        ("clinic.made", KIM),
        ("scenario.made", KIM),
        ("schedule.kept", KIM),
        ("schedule.kept", KIM),
        ("week.published", KIM),
        ("scenario.saved", LEE),
        ("what_if.made", LEE),
        ("what_if.saved", LEE),
        ("job.asked", LEE),
        ("job.done", KIM),
        ("week.published", LEE),
    ]
    assert [line.number for line in lines] == list(range(1, 12))
    assert [line.number for line in store.trail.lines(after=9)] == [10, 11]
    assert not any(NAME in line.details for line in lines)


def test_a_write_without_its_line_is_undone(store: Store) -> None:
    kept = fill(store)
    with (
        pytest.raises(RuntimeError, match="without its line"),
        store._database.writing(KIM) as writing,
    ):
        writing.session.add(type(kept.version)(**_row(kept.version), id="new", number=2))
    assert len(store.scenarios.versions(kept.version.scenario_id)) == 1


def _row(version: object) -> dict[str, object]:
    columns = ("scenario_id", "parent_id", "week_start", "hash", "author", "made_at")
    return {name: getattr(version, name) for name in columns}


def test_what_fails_midway_leaves_nothing(store: Store) -> None:
    kept = fill(store)
    before = len(store.trail.lines())

    def fails() -> None:
        with store._database.writing(KIM) as writing:
            writing.session.add(type(kept.version)(**_row(kept.version), id="new", number=2))
            writing.note("scenario.saved", "new")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fails()
    assert len(store.trail.lines()) == before
    assert len(store.scenarios.versions(kept.version.scenario_id)) == 1
