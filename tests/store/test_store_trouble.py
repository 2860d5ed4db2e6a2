"""Faults, caused for real: a few of each here, the full counts by ``python -m tests.faults``."""

from __future__ import annotations

import logging
import os
import secrets
import threading
import traceback
from collections.abc import Callable
from pathlib import Path
from random import Random

import pytest

from solver.store import (
    Store,
    StoreBusy,
    StoreError,
    StoreMissing,
    StoreUnavailable,
    database,
    open_store,
)
from tests.faults import disks, killing, trouble
from tests.faults.__main__ import HEAD, written
from tests.faults.figures import Figures
from tests.faults.places import Databases, Files, Place
from tests.postgres import Server
from tests.store.sample import KIM, LEE, NAME, SECOND, by_hand, contents, fill, scenario, text


@pytest.fixture
def chance() -> Random:
    """Fresh each time; IOP_SEED=… causes the same faults again."""
    seed = int(os.environ.get("IOP_SEED") or secrets.randbelow(10**6))
    print(f"IOP_SEED={seed}")
    return Random(seed)


@pytest.fixture
def place(on_postgres: bool, request: pytest.FixtureRequest, tmp_path: Path) -> Place:
    if on_postgres:
        return Databases(request.getfixturevalue("server"))
    return Files(tmp_path)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("cause", "times"),
    [
        (killing.killed_publishing, 10),
        (killing.killed_restoring, 2),
        (killing.killed_upgrading, 2),
        (disks.disk_full, 1),
        (disks.files_may_not_grow, 1),
    ],
)
def test_nothing_is_lost_or_there_in_part(
    place: Place, chance: Random, cause: Callable[[Place, int, Random], Figures], times: int
) -> None:
    assert cause(place, times, chance).seen.total() == times


@pytest.mark.parametrize(
    ("cause", "times"),
    [(trouble.gone_and_back, 1), (trouble.clock_set_back, 3), (trouble.two_at_once, 10)],
)
def test_it_goes_on_afterwards(
    place: Place, chance: Random, cause: Callable[[Place, int, Random], Figures], times: int
) -> None:
    assert cause(place, times, chance).seen.total() >= times


def test_a_damaged_file_is_said_to_be_damaged(tmp_path: Path, chance: Random) -> None:
    assert trouble.file_damaged(Files(tmp_path), 10, chance).seen.total() == 10


def test_a_store_that_may_only_be_read_is_read(chance: Random) -> None:
    assert disks.read_only(2, chance).seen.total() == 2


@pytest.mark.database
def test_a_server_that_crashes_or_is_damaged(server: Server, chance: Random) -> None:
    assert killing.server_crashed(Databases(server), 1, chance).seen.total() == 1
    assert trouble.tables_damaged(Databases(server), 1, chance).seen.total() == 1


# ---------------------------------------------------------------- who waits for whom


def test_a_writer_that_does_not_end_is_not_waited_for_forever(
    where: str, on_postgres: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(database, "SECONDS_TO_WAIT", 1)
    with open_store(where) as store, by_hand(where) as other:
        kept = fill(store)
        before = contents(store)
        other.execute("BEGIN" if on_postgres else "BEGIN IMMEDIATE")
        if on_postgres:
            other.execute(f"SELECT pg_advisory_xact_lock({database._WRITERS})")
        with pytest.raises(StoreBusy, match="another program is writing"):
            store.weeks.publish(kept.second.id, KIM, based_on=1)
        assert contents(store) == before  # readers do not wait
        other.execute("ROLLBACK")
        assert store.weeks.publish(kept.second.id, KIM, based_on=1).number == 2


def test_a_reader_sees_one_moment(store: Store, where: str) -> None:
    kept = fill(store)
    with store._database.reading() as session:
        before = (
            session.connection().exec_driver_sql("SELECT count(*) FROM iop_audit_trail").scalar()
        )
        writer = threading.Thread(
            target=lambda: store.weeks.publish(kept.second.id, LEE, based_on=1), daemon=True
        )
        writer.start()
        writer.join()
        after = (
            session.connection().exec_driver_sql("SELECT count(*) FROM iop_audit_trail").scalar()
        )
    assert before == after
    assert len(store.trail.lines()) == before + 1


# ---------------------------------------------------------------- files


def test_a_file_that_was_taken_away_is_not_made_anew(tmp_path: Path) -> None:
    where = tmp_path / "store.sqlite"
    with open_store(where) as store:
        fill(store)
        where.rename(tmp_path / "elsewhere")
        with pytest.raises(StoreUnavailable, match="not there any more"):
            store.clinics.named("Hill", KIM)
        assert not where.exists()
        with pytest.raises(StoreMissing):
            open_store(where, create=False)


def test_a_backup_replaces_nothing_but_a_file(store: Store, tmp_path: Path) -> None:
    fill(store)
    os.mkfifo(tmp_path / "pipe")
    for target in (tmp_path / "pipe", tmp_path):
        with pytest.raises(StoreError, match="this is none"):
            store.back_up(target)
    assert (tmp_path / "pipe").is_fifo()
    with pytest.raises(StoreMissing):
        store.back_up(tmp_path / "no" / "folder")
    (tmp_path / "link").symlink_to(tmp_path / "target")
    store.back_up(tmp_path / "link")
    assert (tmp_path / "link").is_symlink()
    assert (tmp_path / "target").is_file()
    assert store.faults() == []


# ---------------------------------------------------------------- names


def test_no_name_is_in_any_error_or_log(
    store: Store, where: str, caplog: pytest.LogCaptureFixture, on_postgres: bool
) -> None:
    caplog.set_level(logging.DEBUG)
    kept = fill(store)
    renamed = text(scenario(name=NAME, description=NAME))
    store.scenarios.save(kept.version.scenario_id, renamed, LEE, based_on=1)
    said = [_said(lambda: store.scenarios.save(kept.version.scenario_id, SECOND, KIM, based_on=1))]
    said.append(
        _said(
            lambda: store.scenarios.save(
                kept.version.scenario_id, text(scenario(description=NAME * 2)), KIM, based_on=1
            )
        )
    )
    with by_hand(where) as connection:
        on = " ON iop_documents" if on_postgres else ""
        connection.execute(f"DROP TRIGGER iop_documents_no_update{on}")
        connection.execute(f"UPDATE iop_documents SET content = content || '{NAME}'")
        said.append(_said(lambda: store.schedules.read(kept.first)))
        said += store.faults()
        connection.execute("DROP TABLE iop_published_weeks" + (" CASCADE" if on_postgres else ""))
        said.append(_said(lambda: store.weeks.publish(kept.second.id, KIM, based_on=1)))
    assert len(said) > 5
    assert NAME not in " ".join([*said, caplog.text])
    assert "Zebedee" not in " ".join([*said, caplog.text])


def _said(attempt: Callable[[], object]) -> str:
    """Everything that a log of the error would hold."""
    try:
        attempt()
    except Exception as error:
        return "".join(traceback.format_exception(error))
    raise AssertionError("it was to fail")


def test_a_section_of_the_figures_replaces_its_own() -> None:
    one, two = "## One\n\nfirst\n", "## Two\n\nsecond\n"
    page = written(written("", one), two)
    assert page == f"{HEAD}\n{one}\n{two}"
    assert written(page, "## One\n\nnew\n") == f"{HEAD}\n## One\n\nnew\n\n{two}"
    assert written(page, "## Two\n\nnew\n") == f"{HEAD}\n{one}\n## Two\n\nnew\n"
