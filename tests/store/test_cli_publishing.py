"""`iop keep` and `iop publish`, as they are called."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from solver.cli import publishing
from solver.cli.terminal import UsageFault
from solver.errors import FileFaults
from solver.store import open_store
from tests.builders import clinic
from tests.commands import run
from tests.store.sample import BROKEN, FIRST, NAME, SCENARIO, SECOND, scenario, text


class Here:
    """A folder with a scenario and schedules of it, and a store."""

    def __init__(self, folder: Path, store: str) -> None:
        self.folder, self.store = folder, store
        names = {"clinic": SCENARIO, "first": FIRST, "second": SECOND, "broken": BROKEN}
        for name, content in names.items():
            self.write(name, content)

    def write(self, name: str, content: str) -> None:
        (self.folder / f"{name}.json").write_text(content, "utf-8")

    def path(self, name: str) -> Path:
        return self.folder / f"{name}.json"

    def keep(self, *arguments: object) -> tuple[int, str]:
        return run(publishing.keep, *self._paths(arguments), "--store", self.store)

    def publish(self, *arguments: object) -> tuple[int, str]:
        return run(publishing.publish, *self._paths(arguments), "--store", self.store)

    def _paths(self, arguments: tuple[object, ...]) -> list[object]:
        return [
            self.path(a) if isinstance(a, str) and self.path(a).exists() else a for a in arguments
        ]

    def history(self) -> list[tuple[str, int, int | None]]:
        with open_store(self.store) as store:
            return [(e.kind, e.version, e.publication) for e in store.trail.history()]


@pytest.fixture
def here(where: str, tmp_path: Path) -> Here:
    return Here(tmp_path, where)


def test_a_week_is_kept_version_by_version(here: Here) -> None:
    code, said = here.keep("clinic", "first")
    assert (code, said.split(",")[0]) == (0, "Kept with its schedule as version 1 of tiny")
    assert NAME not in said
    # Keeping the same again changes nothing.
    code, said = here.keep("clinic", "first", "--json")
    assert (code, json.loads(said)["version"]) == (0, 1)
    here.write("wider", text(scenario(rooms=clinic()["rooms"][:1])))
    code, said = here.keep("wider")
    assert code == 2
    assert "this week is kept already: version 1" in said
    assert here.keep("wider", "--based-on", 1)[0] == 0
    assert here.keep("wider", "--new")[0] == 0
    assert here.history() == [("version", 1, None), ("version", 2, None), ("version", 1, None)]


def test_who_was_slower_is_told_and_nothing_is_written(here: Here) -> None:
    here.keep("clinic")
    here.write("theirs", text(scenario(rooms=clinic()["rooms"][:1])))
    here.write("mine", text(scenario(therapists=clinic()["therapists"][:1])))
    assert here.keep("theirs", "--based-on", 1)[0] == 0
    code, _ = here.keep("mine", "--based-on", 1)
    assert code == 1
    assert here.history() == [("version", 1, None), ("version", 2, None)]


def test_a_week_is_published_and_superseded(here: Here) -> None:
    code, said = here.publish("clinic", "first")
    assert (code, "publication 1" in said) == (0, True)
    assert here.publish("clinic", "second")[0] == 1  # it does not know of the first
    code, said = here.publish("clinic", "second", "--based-on", 1, "--json")
    assert (code, json.loads(said)["publication"]) == (0, 2)
    # Whoever did not hear the answer may ask again.
    assert (
        json.loads(here.publish("clinic", "second", "--based-on", 1, "--json")[1])["publication"]
        == 2
    )
    assert here.history() == [("version", 1, None), ("publication", 1, 1), ("publication", 1, 2)]


def test_a_week_that_breaks_rules_is_refused(here: Here) -> None:
    assert here.publish("clinic", "broken")[0] == 1
    assert here.history() == []


def test_another_form_of_the_scenario_has_to_be_kept_first(here: Here) -> None:
    here.keep("clinic")
    here.write("wider", text(scenario(rooms=clinic()["rooms"][:1])))
    code, said = here.publish("wider", "first")
    assert code == 2
    assert "iop keep … --based-on N first" in said


def test_what_makes_no_sense_is_said(here: Here) -> None:
    assert "--new and --based-on" in here.keep("clinic", "--new", "--based-on", 1)[1]
    assert "nothing is kept for the week" in here.keep("clinic", "--based-on", 1)[1]


def test_a_store_that_cannot_be_opened_is_one_sentence(tmp_path: Path, here: Here) -> None:
    here.store = str(tmp_path / "no" / "store.sqlite")
    with pytest.raises((FileFaults, UsageFault), match="there is no folder"):
        here.keep("clinic")
