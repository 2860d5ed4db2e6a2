"""Backups of either kind, restored into a store of either kind; damaged ones are refused."""

from __future__ import annotations

import json
import os
import sqlite3
import stat
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from solver.store import (
    BackupDamaged,
    NotEmpty,
    Restored,
    Store,
    StoreDamaged,
    StoreError,
    StoreMissing,
    StoreTooNew,
    locate,
    open_store,
    restore,
)
from tests.postgres import Server
from tests.store.sample import KIM, LEE, NAME, by_hand, contents, fill, scenario, text

ON_A_SERVER = pytest.mark.database


def everything(store: Store) -> Store:
    """A store with something in every table."""
    kept = fill(store)
    store.scenarios.save(kept.version.scenario_id, text(scenario(name="wider")), LEE, based_on=1)
    store.scenarios.new(kept.clinic, text(scenario(name="copy")), LEE, copy_of=kept.version)
    store.weeks.publish(kept.second.id, LEE, based_on=1)
    what_if = store.what_ifs.new(kept.version, {"changes": []}, KIM)
    store.what_ifs.save(what_if.what_if_id, {"changes": [NAME]}, LEE, based_on=1)
    store.jobs.add("job", Path("jobs/job"), LEE, version=kept.version)
    store.drafts.put("browser", "state", {"name": NAME})
    return store


def without_the_restore(document: dict[str, object]) -> dict[str, object]:
    return {k: v for k, v in document.items() if k != "faults"}


@pytest.fixture
def backup(store: Store, tmp_path: Path) -> Path:
    """Of a store with something in every table."""
    everything(store).back_up(tmp_path / "it.iopbackup")
    return tmp_path / "it.iopbackup"


def put_back(source: Path, where: str, **how: bool) -> Restored:
    return restore(source, locate(where), KIM, **how)


def test_what_is_restored_is_what_was_backed_up(store: Store, backup: Path, tmp_path: Path) -> None:
    assert stat.S_IMODE(backup.stat().st_mode) == 0o600
    new = str(tmp_path / "new.sqlite")
    done = put_back(backup, new)
    assert (done.kept, done.rows > 20) == (None, True)
    with open_store(new) as again:
        assert contents(again) == contents(store)
        draft = again.drafts.get("browser", "state")
        assert draft is not None
        assert json.loads(draft.content) == {"name": NAME}
        assert again.trail.lines()[-1].action == "store.restored"
        fill(again, "Hill")
        assert again.faults() == []


@ON_A_SERVER
def test_either_kind_into_postgresql(
    store: Store, backup: Path, tmp_path: Path, server: Server
) -> None:
    new = server.new_database()
    put_back(backup, new)
    with open_store(new) as again:
        assert contents(again) == contents(store)
        fill(again, "Hill")
        assert again.faults() == []
        again.back_up(tmp_path / "back.iopbackup")
    put_back(tmp_path / "back.iopbackup", str(tmp_path / "back.sqlite"))
    with open_store(tmp_path / "back.sqlite") as third:
        assert [c.name for c in third.clinics.all()] == ["Hill", "Riverside"]
        assert third.faults() == []


def test_what_is_there_is_replaced_only_when_asked_and_kept(
    store: Store, backup: Path, where: str
) -> None:
    fill(store, "later")
    before = contents(store)
    with pytest.raises(NotEmpty, match="--replace"):
        put_back(backup, where)
    assert contents(store) == before
    done = put_back(backup, where, replace=True)
    assert [c.name for c in store.clinics.all()] == ["Riverside"]  # a store that was open all along
    assert store.faults() == []
    assert done.kept is not None
    assert stat.S_IMODE(done.kept.stat().st_mode) == 0o600
    assert stat.S_IMODE(done.kept.parent.stat().st_mode) == 0o700
    put_back(done.kept, where, replace=True)
    assert contents(store) == before


def test_a_backup_is_of_one_moment_while_others_write(
    store: Store, where: str, tmp_path: Path
) -> None:
    """Four backups while somebody saves as fast as they can: each is whole, none loses a version."""
    kept = fill(store)
    done = threading.Event()
    saved: list[int] = [1]

    def save() -> None:
        with open_store(where) as mine:
            while not done.is_set():
                text_of_it = text(scenario(name=f"version {saved[-1]}"))
                found = mine.scenarios.save(
                    kept.version.scenario_id, text_of_it, LEE, based_on=saved[-1]
                )
                saved.append(found.number)

    thread = threading.Thread(target=save)
    thread.start()
    backups: list[tuple[int, Path]] = []
    try:
        for number in range(4):
            file = tmp_path / f"{number}.iopbackup"
            while len(saved) < 3 * (number + 1):
                done.wait(0.01)
            at_least = saved[-1]
            store.back_up(file)
            backups.append((at_least, file))
    finally:
        done.set()
        thread.join()
    for number, (at_least, file) in enumerate(backups):
        copy = str(tmp_path / f"{number}.sqlite")
        put_back(file, copy)
        with open_store(copy) as again:
            assert again.faults() == []
            versions = again.scenarios.versions(kept.version.scenario_id)
            assert at_least <= len(versions) <= saved[-1]


# ---------------------------------------------------------------- what is no backup


def cut(content: bytes) -> bytes:
    return content[: len(content) * 2 // 3]


def cut_at_a_line(content: bytes) -> bytes:
    return b"".join(content.splitlines(keepends=True)[:-1])


def altered(content: bytes) -> bytes:
    return content.replace(b"Sam Poe", b"Sam Pou")


def empty(_content: bytes) -> bytes:
    return b""


def another(_content: bytes) -> bytes:
    return b'{"schema_version": 1}\n'


@pytest.mark.parametrize("damage", [cut, altered, empty, another])
def test_a_damaged_backup_is_refused_and_changes_nothing(
    store: Store, backup: Path, where: str, damage: Callable[[bytes], bytes]
) -> None:
    content = backup.read_bytes()
    assert damage(content) != content
    backup.write_bytes(damage(content))
    before = contents(store)
    with pytest.raises(BackupDamaged):
        put_back(backup, where, replace=True)
    assert contents(store) == before
    folder = locate(where).backups
    assert not folder.exists() or not list(folder.iterdir())


@ON_A_SERVER
def test_lines_that_no_backup_has(server: Server, tmp_path: Path) -> None:
    with open_store(server.new_database()) as store:
        everything(store).back_up(tmp_path / "it")
    lines = (tmp_path / "it").read_bytes().splitlines(keepends=True)
    clinics = next(n for n, line in enumerate(lines) if b'"iop_clinics"' in line)
    for number, line in [
        (len(lines) - 1, b""),
        (clinics, b'{"table": "sqlite_master", "columns": ["name"]}\n'),
        (clinics, b'{"table": "iop_clinics", "columns": ["id) VALUES (1); --"]}\n'),
        (clinics + 1, b'["one", "two"]\n'),
        (clinics + 1, b"[{}, [], 1]\n"),
        (clinics + 1, b"[" * 100_000),
        (1, b'{"what": "else"}\n'),
        (len(lines) - 1, lines[-1] + lines[-1]),
        (0, b'{"iop_backup": 9, "revision": "0001"}\n'),
    ]:
        wrong = [*lines[:number], line, *lines[number + 1 :]]
        (tmp_path / "wrong").write_bytes(b"".join(wrong))
        with pytest.raises(BackupDamaged):
            put_back(tmp_path / "wrong", str(tmp_path / "new.sqlite"))
    assert not (tmp_path / "new.sqlite").exists()


def test_a_backup_of_a_newer_program_is_refused(
    backup: Path, where: str, tmp_path: Path, on_postgres: bool
) -> None:
    if on_postgres:
        backup.write_bytes(
            backup.read_bytes().replace(b'"revision": "0001"', b'"revision": "0099"')
        )
    else:
        with by_hand(str(backup)) as connection:
            connection.execute("UPDATE iop_revision SET version_num = '0099'")
    with pytest.raises(StoreTooNew, match="newer version of this program"):
        put_back(backup, str(tmp_path / "new.sqlite"))


def test_a_database_of_another_program_is_no_backup(tmp_path: Path) -> None:
    with sqlite3.connect(tmp_path / "other") as other:
        other.execute("CREATE TABLE recipes (name)")
    other.close()
    with pytest.raises(BackupDamaged, match="no backup of this program"):
        put_back(tmp_path / "other", str(tmp_path / "new.sqlite"))
    backup = tmp_path / "it"
    with open_store(tmp_path / "store.sqlite") as store:
        fill(store)
        store.back_up(backup)
    with pytest.raises(StoreError, match="another program's database"):
        put_back(backup, str(tmp_path / "other"), replace=True)
    (tmp_path / "nothing").touch()
    put_back(backup, str(tmp_path / "nothing"), replace=True)
    with open_store(tmp_path / "nothing") as store:
        assert store.faults() == []
    with pytest.raises(StoreMissing, match="no such file"):
        put_back(tmp_path / "nowhere", str(tmp_path / "new.sqlite"))


def test_what_a_killed_restore_left_behind_is_removed(backup: Path, tmp_path: Path) -> None:
    for name in (".restore-old", ".restore-new"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "store.sqlite").write_text(NAME)
    os.utime(tmp_path / ".restore-old", (0, 0))
    put_back(backup, str(tmp_path / "new.sqlite"))
    assert [p.name for p in tmp_path.glob(".restore-*")] == [".restore-new"]


def test_a_damaged_store_is_not_backed_up(tmp_path: Path) -> None:
    where = tmp_path / "store.sqlite"
    with open_store(where) as store:
        fill(store)
        with by_hand(str(where)) as connection:
            connection.execute("DROP TRIGGER iop_documents_no_update")
            connection.execute("UPDATE iop_documents SET content = '{}'")
        with pytest.raises(StoreDamaged, match="document"):
            store.back_up(tmp_path / "it")
    assert not (tmp_path / "it").exists()


def test_a_damaged_store_is_replaced_and_kept(tmp_path: Path) -> None:
    where = tmp_path / "store.sqlite"
    with open_store(where) as store:
        fill(store)
        store.back_up(tmp_path / "it")
        before = contents(store)
    where.write_bytes(b"rubbish" * 1000)
    with pytest.raises(StoreDamaged):
        put_back(tmp_path / "it", str(where))
    done = put_back(tmp_path / "it", str(where), replace=True)
    assert done.kept is not None
    assert done.kept.read_bytes().startswith(b"rubbish")
    with open_store(where) as again:
        assert contents(again) == before
