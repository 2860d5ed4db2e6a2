"""`iop backup`, `iop restore` and `iop history`, as they are called."""

from __future__ import annotations

import json
import stat
import traceback
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from solver.cli import keeping
from solver.cli.terminal import UsageFault, WrongFile
from solver.errors import FileFaults
from solver.store import Store, open_store
from tests.postgres import Server
from tests.store.sample import KIM, LEE, NAME, contents, fill, scenario, text

app = typer.Typer()
for command in (keeping.backup, keeping.restore, keeping.history):
    app.command()(command)


class Iop:
    """Runs a command; keeps what it said."""

    def __call__(self, *arguments: object) -> int:
        done = CliRunner().invoke(app, [str(a) for a in arguments])
        self.out, self.err = done.stdout, done.stderr
        if isinstance(done.exception, (FileFaults, UsageFault, WrongFile)):
            self.err += str(done.exception)  # as ``solver.cli.main`` says it
            return 2
        if done.exception is not None and not isinstance(done.exception, SystemExit):
            raise AssertionError("".join(traceback.format_exception(done.exception)))
        return done.exit_code


@pytest.fixture
def iop(monkeypatch: pytest.MonkeyPatch) -> Iop:
    monkeypatch.setenv("COLUMNS", "140")
    monkeypatch.setenv("TZ", "UTC")
    return Iop()


def two_publications(store: Store) -> None:
    kept = fill(store)
    store.scenarios.save(kept.version.scenario_id, text(scenario(name="wide")), LEE, based_on=1)
    store.weeks.publish(kept.second.id, LEE, based_on=1)


def test_history_lists_versions_and_publications(store: Store, where: str, iop: Iop) -> None:
    two_publications(store)
    assert iop("history", "--store", where) == 0
    lines = iop.out.splitlines()[3:]
    assert [line.split()[2:5] for line in lines] == [
        [KIM, "Riverside", "2026-01-05"],
        [KIM, "Riverside", "2026-01-05"],
        [LEE, "Riverside", "2026-01-05"],
        [LEE, "Riverside", "2026-01-05"],
    ]
    ends = ["1 saved", "1 published, number 1", "2 saved", "1 published, number 2, holds"]
    assert [" ".join(line.split()[6:]) for line in lines] == ends
    assert NAME not in iop.out
    assert iop("history", "--store", where, "--json") == 0
    answer = json.loads(iop.out)
    events = [(e["kind"], e["version"], e["publication"], e["holds"]) for e in answer["events"]]
    assert events == [
        ("version", 1, None, None),
        ("publication", 1, 1, False),
        ("version", 2, None, None),
        ("publication", 1, 2, True),
    ]
    assert datetime.fromisoformat(answer["events"][0]["at"]).tzinfo is UTC


def test_history_of_one_clinic_and_the_whole_trail(store: Store, where: str, iop: Iop) -> None:
    two_publications(store)
    fill(store, "Hill")
    assert iop("history", "--store", where, "--clinic", "Hill", "--json") == 0
    assert len(json.loads(iop.out)["events"]) == 2
    assert iop("history", "--store", where, "--clinic", "Hull") == 2
    assert "no clinic 'Hull' in this store; there are: 'Hill', 'Riverside'" in iop.err
    assert iop("history", "--store", where, "--trail", "--json") == 0
    lines = json.loads(iop.out)
    assert [line["line"] for line in lines] == list(range(1, 13))
    assert lines[4]["action"] == "week.published"
    assert lines[4]["details"]["week_start"] == "2026-01-05"
    assert iop("history", "--store", where, "--trail", "--clinic", "Riverside") == 0
    assert "week published" in iop.out


def test_history_of_a_store_with_nothing_in_it(where: str, iop: Iop, tmp_path: Path) -> None:
    assert iop("history", "--store", where) == 0
    assert "nothing has been saved or published yet" in iop.out
    assert iop("history", "--store", tmp_path / "nowhere.sqlite") == 2
    assert "there is no store here yet" in iop.err
    assert not (tmp_path / "nowhere.sqlite").exists()
    assert iop("history") == 2
    assert "iop-scheduler/store.sqlite: there is no store here yet" in iop.err


def test_history_says_when_the_clock_was_set_back(where: str, iop: Iop) -> None:
    time = datetime(2026, 1, 5, 12, tzinfo=UTC)
    with open_store(where, now=lambda: time) as store:
        kept = fill(store)
        time -= timedelta(days=1)
        store.weeks.publish(kept.second.id, LEE, based_on=1)
    assert iop("history", "--store", where) == 0
    assert "2026-01-04 12:00:00 *" in iop.out.splitlines()[-1]
    assert "the clock had been set back; the order is right" in iop.err


def test_backup_and_restore(store: Store, where: str, iop: Iop, tmp_path: Path) -> None:
    two_publications(store)
    file, new = tmp_path / "monday.iopbackup", tmp_path / "new.sqlite"
    assert iop("backup", "--store", where, "-o", file) == 0
    assert "2 saved versions and 2 publications from" in iop.out
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert iop("backup", "--store", where, "-o", file, "--json") == 0
    assert json.loads(iop.out)["publications"] == 2
    assert iop("restore", file, "--store", new) == 0
    assert iop.out == f"Restored 2 saved versions and 2 publications into {new}\n"
    with open_store(new) as again:
        assert contents(again) == contents(store)
    assert iop("restore", file, "--store", new) == 2
    assert "--replace" in iop.err
    assert iop("restore", file, "--store", new, "--replace", "--json") == 0
    answer = json.loads(iop.out)
    assert Path(answer["kept"]).parent == tmp_path / "backups"


@pytest.mark.database
def test_from_a_file_to_a_server(server: Server, iop: Iop, tmp_path: Path) -> None:
    with open_store(tmp_path / "store.sqlite") as store:
        two_publications(store)
        before = contents(store)
    url = server.new_database()
    assert iop("backup", "--store", tmp_path / "store.sqlite", "-o", tmp_path / "it") == 0
    assert iop("restore", tmp_path / "it", "--store", url) == 0
    with open_store(url) as there:
        assert contents(there) == before


def test_what_cannot_be(store: Store, where: str, iop: Iop, tmp_path: Path) -> None:
    fill(store)
    (tmp_path / "text").write_text("no backup")
    for arguments, words in [
        (("backup", "--store", where, "-o", "-"), "a file is expected"),
        (("backup", "--store", where, "-o", tmp_path), "a file is expected"),
        (("backup", "--store", where, "-o", tmp_path / "no" / "f"), "there is no folder"),
        (("backup", "--store", "mysql://x/y", "-o", tmp_path / "f"), "a store is a file"),
        (("restore", tmp_path / "nowhere", "--store", where), "no such file"),
        (("restore", "-", "--store", where), "a file is expected"),
        (("restore", tmp_path / "text", "--store", where), "no backup of this program"),
        (("history", "--store", tmp_path / "text"), "the store is damaged"),
        (("history", "--store", tmp_path), "this is a folder"),
    ]:
        assert iop(*arguments) == 2, arguments
        assert words in iop.err, (arguments, iop.err)
        assert iop.out == ""
    assert (tmp_path / "text").read_text() == "no backup"


def test_the_store_is_not_overwritten_by_its_backup(iop: Iop, tmp_path: Path) -> None:
    where = tmp_path / "store.sqlite"
    with open_store(where) as store:
        fill(store)
        before = contents(store)
    assert iop("backup", "--store", where, "-o", where) == 2
    assert "would overwrite the store" in iop.err
    assert iop("restore", where, "--store", where, "--replace") == 2
    assert "the store itself" in iop.err
    with open_store(where) as store:
        assert contents(store) == before
