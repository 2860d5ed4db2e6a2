"""Disks that are full, files that may not grow, and stores that may only be read."""

from __future__ import annotations

import random
import resource
from multiprocessing.connection import Connection
from pathlib import Path

from solver.store import Store, StoreError, StoreFull, StoreReadOnly, open_store, restore
from tests.builders import patient
from tests.faults.figures import Figures
from tests.faults.places import (
    Databases,
    Files,
    Place,
    folder_for_everybody,
    give_to_nobody,
    remount,
    small_disk,
    take_back,
)
from tests.faults.processes import as_nobody, end, received, start
from tests.store.sample import KIM, Kept, contents, fill, scenario, text


def large(chance: random.Random) -> str:
    """A scenario of 100,000 characters that no compression makes smaller."""
    people = [patient(f"p{n}") | {"name": f"{chance.getrandbits(40_000):x}"} for n in range(10)]
    return text(scenario(patients=people))


def save_until_it_fails(
    store: Store, kept: Kept, chance: random.Random, saved: dict[int, str]
) -> StoreError:
    """Save large versions, each noted in ``saved`` when it was confirmed; why there are no more."""
    for _ in range(2_000):
        number, content = max(saved), large(chance)
        try:
            store.scenarios.save(kept.version.scenario_id, content, KIM, based_on=number)
        except StoreError as error:
            return error
        saved[number + 1] = content
    raise AssertionError("the disk was never full")


def all_are_there(store: Store, kept: Kept, saved: dict[int, str]) -> None:
    """What was confirmed is there, and nothing else."""
    assert store.faults() == []
    versions = store.scenarios.versions(kept.version.scenario_id)
    assert {v.number: store.scenarios.text(v) for v in versions} == saved


def _first(store: Store, kept: Kept) -> dict[int, str]:
    return {1: store.scenarios.text(kept.version)}


# ---------------------------------------------------------------- the disk is full


def disk_full(place: Place, times: int, chance: random.Random) -> Figures:
    """Save until the disk is full, make room, and go on."""
    figures = Figures()
    for _ in range(times):
        with small_disk(_size(place, chance)) as disk:
            if disk is None:
                return files_may_not_grow(place, times, chance)
            where = _on(disk, place)
            with open_store(where) as store:
                kept = fill(store)
                saved = _first(store, kept)
                error = save_until_it_fails(store, kept, chance, saved)
                assert isinstance(error, StoreFull), error
                try:
                    store.back_up(disk / "backup")
                except StoreFull:
                    assert sorted(disk.glob("*backup*")) == []
                remount(disk, "size=100000k")
                all_are_there(store, kept, saved)
                store.scenarios.save(
                    kept.version.scenario_id, large(chance), KIM, based_on=max(saved)
                )
            _drop(place, where)
        figures.seen["refused, nothing lost, goes on with room"] += 1
    return figures


def _size(place: Place, chance: random.Random) -> int:
    """Kilobytes; a database has a copy of the server's own tables."""
    return (
        chance.randint(12_000, 14_000) if place.name == "PostgreSQL" else chance.randint(900, 4_000)
    )


def _on(disk: Path, place: Place) -> str:
    if not isinstance(place, Databases):
        return str(disk / "store.sqlite")
    folder = disk / "tables"
    folder.mkdir()
    place.server.own(folder)
    place.server.sql(f"CREATE TABLESPACE {disk.name.replace('-', '_')} LOCATION '{folder}'")
    return place.server.new_database(options=f"TABLESPACE {disk.name.replace('-', '_')}")


def _drop(place: Place, where: str) -> None:
    if isinstance(place, Databases):
        place.server.drop(where)


def files_may_not_grow(place: Place, times: int, chance: random.Random) -> Figures:
    """The same by a limit on the size of files, of the process that writes them."""
    figures = Figures()
    for _ in range(times):
        where, limit = place.fresh(), chance.randint(500_000, 2_000_000)
        with open_store(where) as store:
            kept = fill(store)
            saved = _first(store, kept)
            if isinstance(place, Databases):
                with place.server.limited(4_000_000):
                    error = save_until_it_fails(store, kept, chance, saved)
                    assert isinstance(error, StoreError)
            else:
                process, pipe = start(save_within, where, kept, limit, chance.random())
                *told, last = received(pipe)
                assert end(process) == 0
                assert last == "StoreFull", last
                saved |= dict(told)
            all_are_there(store, kept, saved)
            store.scenarios.save(kept.version.scenario_id, large(chance), KIM, based_on=max(saved))
        figures.seen["refused, nothing lost, goes on with room"] += 1
    return figures


def save_within(pipe: Connection, where: str, kept: Kept, limit: int, seed: float) -> None:
    """Save until files may not grow; tells each version, then the class of the error."""
    resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))
    with open_store(where) as store:
        saved = _first(store, kept)
        error = save_until_it_fails(store, kept, random.Random(seed), saved)
    for number, content in saved.items():
        pipe.send((number, content))
    pipe.send(type(error).__name__)


# ---------------------------------------------------------------- nothing can be written


def read_only(times: int, chance: random.Random) -> Figures:
    """As a user who may only read, or on a disk that is read-only: reading goes on."""
    figures = Figures()
    for _ in range(times):
        with small_disk(4_000) as disk:
            if disk is not None and chance.random() < 0.5:
                where = str(disk / "store.sqlite")
                kept, before = filled(where)
                remount(disk, "ro")
                with open_store(where) as store:
                    _can_only_be_read(store, kept, before)
                remount(disk, "rw")
                figures.seen["read-only disk: read, not written"] += 1
                continue
        with folder_for_everybody() as folder:
            where = Files(folder).fresh()
            kept, before = filled(where)
            give_to_nobody(where)
            process, pipe = start(read_as_nobody, where, kept, before)
            assert received(pipe) == ["StoreReadOnly"]
            assert end(process) == 0
            take_back(where)
            with open_store(where) as store:
                assert contents(store) == before
        figures.seen["another user: read, not written"] += 1
    return figures


def filled(where: str) -> tuple[Kept, dict[str, object]]:
    """A store with a published week in it, and all that a reader could ask of it."""
    with open_store(where) as store:
        return fill(store), contents(store)


def read_as_nobody(pipe: Connection, where: str, kept: Kept, before: dict[str, object]) -> None:
    with open_store(where) as store:
        contents(store)  # all that is imported late is imported now
    as_nobody()
    with open_store(where) as store:
        pipe.send(_can_only_be_read(store, kept, before))


def _can_only_be_read(store: Store, kept: Kept, before: dict[str, object]) -> str:
    for write in (
        lambda: store.weeks.publish(kept.second.id, KIM, based_on=1),
        lambda: store.drafts.put("browser", "state", {}),
        lambda: restore(_backup_of(store), store.location, KIM, replace=True),
    ):
        try:
            write()
        except StoreReadOnly:
            continue
        raise AssertionError("a store that cannot be written was written")
    assert contents(store) == before
    return StoreReadOnly.__name__


def _backup_of(store: Store) -> Path:
    assert store.location.path is not None
    return store.location.path
