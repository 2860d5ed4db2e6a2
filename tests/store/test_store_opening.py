"""Opening: where a store is, how it is made, upgraded, and refused."""

from __future__ import annotations

import sqlite3
import stat
import sys
import threading
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory

from solver.store import (
    Store,
    StoreDamaged,
    StoreError,
    StoreMissing,
    StoreReadOnly,
    StoreTooNew,
    StoreUnavailable,
    UpgradeFailed,
    locate,
    open_store,
    restore,
)
from solver.store.database import Form
from solver.store.opening import _config
from solver.store.tables import KEPT, REVISION, VERSION_TABLE, Base
from tests.faults.processes import run_and_die
from tests.postgres import Server
from tests.store.sample import KIM, by_hand, contents, fill, next_form

# ---------------------------------------------------------------- where


def test_a_user_s_own_store_is_in_their_data_folder(home: Path) -> None:
    expected = {
        "linux": home / "iop-scheduler",
        "darwin": home / "Library" / "Application Support" / "iop-scheduler",
    }
    assert locate().path == expected[sys.platform] / "store.sqlite"
    with open_store() as store:
        fill(store)
    folder = expected[sys.platform]
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert [stat.S_IMODE(f.stat().st_mode) for f in folder.iterdir()] == [0o600]


def test_a_relative_data_folder_is_none(monkeypatch: pytest.MonkeyPatch, home: Path) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", "somewhere")
    path = locate().path
    assert path is not None
    assert path.is_relative_to(home)


def test_the_one_named_is_used_then_that_of_the_environment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("IOP_STORE", str(tmp_path / "env.sqlite"))
    assert locate().path == tmp_path / "env.sqlite"
    assert locate(tmp_path / "said").path == tmp_path / "said"
    assert locate(f"sqlite:///{tmp_path}/url").path == tmp_path / "url"
    monkeypatch.setenv("IOP_STORE", "")
    assert locate().path == locate(None).path != tmp_path / "env.sqlite"


def test_a_password_is_never_shown() -> None:
    for url in ("postgresql://kim:secret@db.example.org/iop", "postgres://kim:secret@db/iop"):
        location = locate(url)
        assert location.path is None
        assert "secret" not in str(location)
        assert str(location).startswith("postgresql://kim:***@db")


@pytest.mark.parametrize("wrong", ["mysql://u:secret@h/d", "sqlite://", "http://x", "post gres://"])
def test_what_is_neither_file_nor_postgresql(wrong: str) -> None:
    with pytest.raises(StoreError, match=r"a file \(a path") as caught:
        locate(wrong)
    assert "secret" not in str(caught.value)


def test_a_folder_is_no_store(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="this is a folder"):
        open_store(tmp_path)
    with pytest.raises(StoreMissing, match="there is no folder"):
        open_store(tmp_path / "not" / "there.sqlite")
    odd = tmp_path / "a #?% ü.sqlite"
    with open_store(odd) as store:
        fill(store)
    with open_store(odd) as store:
        assert store.faults() == []


# ---------------------------------------------------------------- a new one


def test_none_is_made_where_one_is_only_looked_for(nowhere: str) -> None:
    for _ in range(2):
        with pytest.raises(StoreMissing, match="no store here yet"):
            open_store(nowhere, create=False)
    with open_store(nowhere) as store:
        fill(store)
    with open_store(nowhere, create=False) as store:
        assert store.faults() == []


def test_two_who_make_it_at_once_have_one(nowhere: str) -> None:
    stores: list[Store] = []
    names = [f"clinic {n}" for n in range(4)]

    def make(name: str) -> None:
        stores.append(open_store(nowhere))
        stores[-1].clinics.named(name, KIM)

    threads = [threading.Thread(target=make, args=(name,)) for name in names]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(stores) == len(names)
    for store in stores:
        assert [c.name for c in store.clinics.all()] == names
        store.close()


def test_a_file_is_safe_durable_and_private(tmp_path: Path) -> None:
    where = tmp_path / "store.sqlite"
    with open_store(where) as store:
        fill(store)
        with store._database.reading() as session:
            ask = session.connection().exec_driver_sql
            settings = {
                name: ask(f"PRAGMA {name}").scalar()
                for name in ("journal_mode", "synchronous", "foreign_keys", "busy_timeout")
            }
            modes = {f.name: stat.S_IMODE(f.stat().st_mode) for f in tmp_path.glob("store.*")}
    full = 2
    assert settings == {
        "journal_mode": "wal",
        "synchronous": full,
        "foreign_keys": 1,
        "busy_timeout": 10_000,
    }
    assert set(modes.values()) == {0o600}
    where.chmod(0o644)
    with open_store(where):
        assert stat.S_IMODE(where.stat().st_mode) == 0o600


def test_the_migrations_lead_to_the_tables(store: Store) -> None:
    script = ScriptDirectory.from_config(_config(Form()))
    assert script.get_current_head() == REVISION
    with store._database.reading() as session:
        context = MigrationContext.configure(
            session.connection(),
            opts={
                "version_table": VERSION_TABLE,
                "include_name": lambda name, kind, _: kind != "table" or name.startswith("iop_"),
            },
        )
        assert compare_metadata(context, Base.metadata) == []
    unique = {
        table.name: {
            tuple(c.name for c in constraint.columns)
            for constraint in table.constraints
            if type(constraint).__name__ in ("PrimaryKeyConstraint", "UniqueConstraint")
        }
        for table in Base.metadata.tables.values()
    }
    assert {t: set(keys) for t, keys in KEPT.items()} == {t: unique[t] for t in KEPT}


# ---------------------------------------------------------------- an older one

ENDS = {
    "python": 'raise ValueError("Zebedee")',
    "sql": 'op.execute("INSERT INTO iop_nowhere VALUES (1)")',
    "reference": "op.execute(\"INSERT INTO iop_what_ifs VALUES ('a', 'nobody', 'now')\")",
}
KILLED = "os.kill(os.getpid(), signal.SIGKILL)"


def shape(where: str) -> list[tuple[object, ...]]:
    """Every table and column, trigger and index there is."""
    with by_hand(where) as connection:
        if isinstance(connection, sqlite3.Connection):
            return sorted(connection.execute("SELECT name, sql FROM sqlite_master"), key=str)
        return sorted(
            connection.execute(
                "SELECT table_name, column_name, data_type FROM information_schema.columns "
                "WHERE table_schema = 'public' UNION ALL "
                "SELECT tgrelid::regclass::text, tgname, tgenabled::text FROM pg_trigger"
            )
        )


def test_an_older_store_is_upgraded_after_a_backup(
    store: Store, where: str, tmp_path: Path
) -> None:
    kept = fill(store)
    store.drafts.put("browser", "state", {})
    before = contents(store)
    form = next_form(tmp_path)
    with open_store(where, form=form) as upgraded:
        assert upgraded.scenarios.text(kept.version) == contents(store)[kept.version.id]
        last = upgraded.trail.lines()[-1]
        assert (last.action, last.author, last.subject_id) == ("store.upgraded", "iop", "0002")
        assert upgraded.drafts.keys("browser") == []
        assert not any("not protected" in fault for fault in upgraded.faults())
    (backup,) = locate(where).backups.iterdir()
    assert stat.S_IMODE(backup.stat().st_mode) == 0o600
    restore(backup, locate(tmp_path / "old.sqlite"), KIM)
    with open_store(tmp_path / "old.sqlite") as old:
        assert contents(old) == before
        assert old.drafts.keys("browser") == ["state"]
    with open_store(where, form=form):
        assert len(list(locate(where).backups.iterdir())) == 1


def test_who_has_it_open_meanwhile_writes_nothing_more(
    store: Store, where: str, tmp_path: Path
) -> None:
    fill(store)
    open_store(where, form=next_form(tmp_path)).close()
    with pytest.raises(StoreTooNew, match="start this program again"):
        store.clinics.named("Hill", KIM)


@pytest.mark.parametrize("end", ENDS)
def test_a_failed_upgrade_leaves_the_store_as_it_was(
    store: Store, where: str, tmp_path: Path, end: str, on_postgres: bool
) -> None:
    fill(store)
    store.drafts.put("browser", "state", {})
    before, form = (contents(store), shape(where)), next_form(tmp_path, ENDS[end])
    with pytest.raises(UpgradeFailed, match="It is as it was") as caught:
        open_store(where, form=form)
    assert "Zebedee" not in str(caught.value)
    assert (contents(store), shape(where)) == before
    assert store.drafts.keys("browser") == ["state"]
    assert list(locate(where).backups.iterdir()) == []
    fill(store, "Hill")


def test_an_upgrade_that_is_killed_leaves_the_store_as_it_was(
    store: Store, where: str, tmp_path: Path
) -> None:
    fill(store)
    before, form = (contents(store), shape(where)), next_form(tmp_path, KILLED)
    run_and_die(_open, where, form)
    assert (contents(store), shape(where)) == before
    fill(store, "Hill")


def _open(where: str, form: Form) -> None:
    open_store(where, form=form)


def test_no_room_for_the_backup_no_upgrade(
    store: Store, where: str, tmp_path: Path, home: Path
) -> None:
    fill(store)
    before = contents(store)
    folder = locate(where).backups
    folder.parent.mkdir(parents=True, exist_ok=True)
    folder.write_text("in the way")
    with pytest.raises(StoreError):
        open_store(where, form=next_form(tmp_path))
    assert contents(store) == before


def test_a_newer_store_is_refused_and_untouched(store: Store, where: str, tmp_path: Path) -> None:
    fill(store)
    open_store(where, form=next_form(tmp_path)).close()
    before = shape(where)
    with pytest.raises(StoreTooNew, match=r"its form is 0002, this program knows up to 0001"):
        open_store(where)
    with pytest.raises(StoreTooNew):
        restore(next(locate(where).backups.iterdir()), locate(where), KIM, replace=True)
    assert shape(where) == before


# ---------------------------------------------------------------- what is no store


def test_files_that_are_no_store_are_refused_and_untouched(tmp_path: Path) -> None:
    other = tmp_path / "other.sqlite"
    with sqlite3.connect(other) as connection:
        connection.execute("CREATE TABLE recipes (name)")
    connection.close()
    for path, content, kind in [
        (other, other.read_bytes(), StoreError),
        (tmp_path / "empty", b"", StoreDamaged),
        (tmp_path / "text", b"a letter to a friend\n" * 100, StoreDamaged),
        (tmp_path / "half", other.read_bytes()[:1000], StoreDamaged),
    ]:
        path.write_bytes(content)
        with pytest.raises(kind) as caught:
            open_store(path)
        assert str(path) in str(caught.value)
        assert path.read_bytes() == content


@pytest.mark.database
def test_databases_that_cannot_be_used(server: Server) -> None:
    latin = server.new_database(options="ENCODING 'LATIN1' LOCALE 'C'")
    with pytest.raises(StoreError, match="keeps text as LATIN1"):
        open_store(latin)
    for wrong in (
        latin.replace("@/", "@/not"),
        latin.replace("//iop@", "//nobody_at_all@"),
        f"postgresql://iop@/x?host={server.folder}/not",
    ):
        with pytest.raises(StoreUnavailable, match="cannot be reached"):
            open_store(wrong)
    mine = server.new_database()
    server.sql("CREATE TABLE clinics (name text); CREATE TABLE alembic_version (x text)", mine)
    with open_store(mine) as store:
        fill(store)  # beside another program's tables
    reader = server.new_database()
    open_store(reader).close()
    server.sql(
        "CREATE ROLE guest LOGIN; GRANT SELECT ON ALL TABLES IN SCHEMA public TO guest", reader
    )
    with open_store(reader.replace("//iop@", "//guest@")) as guest:
        assert guest.clinics.all() == []
        with pytest.raises(StoreReadOnly):
            guest.clinics.named("Riverside", "guest")
