"""Damaged files, databases that go and come back, clocks, and two who write at once."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from multiprocessing.connection import Connection
from pathlib import Path

from solver.store import (
    Conflict,
    StoreError,
    StoreUnavailable,
    locate,
    open_store,
    restore,
)
from solver.store.location import beside
from tests.faults.disks import filled
from tests.faults.figures import Figures
from tests.faults.places import Databases, Files, Place
from tests.faults.processes import end, received, start
from tests.store.sample import KIM, Kept, contents, fill, scenario, text

# ---------------------------------------------------------------- damaged


def file_damaged(place: Files, times: int, chance: random.Random) -> Figures:
    """Damage the file somewhere: what is read is what was written, or it is said to be damaged."""
    figures = Figures()
    where = place.fresh()
    _, before = filled(where)
    backup = Path(place.fresh())
    with open_store(where) as store:
        store.back_up(backup)
    whole = Path(where).read_bytes()
    for number in range(times):
        how = chance.choice(list(DAMAGE))
        Path(where).write_bytes(DAMAGE[how](whole, chance))
        figures.seen[_as_written_or_damaged(where, before)] += 1
        if number % 5 == 0:
            restore(backup, locate(where), KIM, replace=True)
            with open_store(where) as store:
                assert contents(store) == before
        for file in (Path(where), *beside(Path(where))):
            file.unlink(missing_ok=True)
    return figures


def _overwritten(whole: bytes, chance: random.Random) -> bytes:
    at, length = chance.randrange(len(whole)), chance.choice([1, 8, 100, 5_000])
    return whole[:at] + chance.randbytes(length) + whole[at + length :]


def _page_gone(whole: bytes, chance: random.Random) -> bytes:
    at = chance.randrange(len(whole) // 4096) * 4096
    return whole[:at] + bytes(4096) + whole[at + 4096 :]


DAMAGE: dict[str, Callable[[bytes, random.Random], bytes]] = {
    "overwritten": _overwritten,
    "a page gone": _page_gone,
    "cut off": lambda whole, chance: whole[: chance.randrange(len(whole))],
    "another file": lambda whole, chance: chance.randbytes(len(whole)),
}


def _as_written_or_damaged(where: str, before: dict[str, object]) -> str:
    """Every answer is the one from before, or that the store is damaged."""
    found: dict[str, object] = {}
    said = ""
    try:
        with open_store(where) as store:
            found = contents(store)
    except StoreError as error:
        said = str(error)
    assert "Zebedee" not in said
    if said:
        return "said to be damaged"
    if found == before:
        return "damaged where nothing is kept"
    assert found.pop("faults"), "damage that nobody noticed"
    return "said to be damaged"


def tables_damaged(place: Databases, times: int, chance: random.Random) -> Figures:
    """The same to the files of PostgreSQL, while it is stopped."""
    figures, server = Figures(), place.server
    original = place.fresh()
    _, before = filled(original)
    for _ in range(times):
        where = place.copy(original)
        path = server.data / server.file_of(where, chance.choice(sorted(TABLES)))
        server.stop()
        content = path.read_bytes()
        path.write_bytes(_overwritten(content, chance)[: len(content)])
        server.start()
        figures.seen[_as_written_or_damaged(where, before)] += 1
        server.drop(where)
    return figures


TABLES = {"iop_documents", "iop_published_weeks", "iop_schedules", "iop_scenario_versions"}


# ---------------------------------------------------------------- gone and back


def gone_and_back(place: Place, times: int, chance: random.Random) -> Figures:
    """Take the file or the server away under an open store, and bring it back."""
    figures, where = Figures(), place.fresh()
    with open_store(where) as store:
        kept = fill(store)
        for number in range(1, times + 1):
            before = contents(store)
            for away in _away(place, where):
                if not away:
                    break
                for attempt in (
                    lambda: store.weeks.current(kept.clinic, kept.version.week_start),
                    lambda: store.drafts.put("browser", "state", {}),
                ):
                    try:
                        attempt()
                    except StoreUnavailable:
                        continue
                    raise AssertionError("what is not there has answered")
            assert contents(store) == before
            schedule = (kept.first, kept.second)[number % 2]
            week = store.weeks.publish(schedule.id, KIM, based_on=number)
            assert week.number == number + 1
            figures.seen["said to be gone; goes on when it is back"] += 1
    return figures


def _away(place: Place, where: str) -> Iterator[bool]:
    """True while it is away, then False."""
    if isinstance(place, Databases):
        place.server.stop()
        yield True
        place.server.start()
    else:
        path = Path(where)
        path.rename(path.with_name("away"))
        yield True
        assert not path.exists()
        path.with_name("away").rename(path)
    yield False


# ---------------------------------------------------------------- the clock is set back


def clock_set_back(place: Place, times: int, chance: random.Random) -> Figures:
    """Set the clock back, by up to a year, between two writes."""
    figures, where = Figures(), place.fresh()
    time = datetime.now(UTC)
    with open_store(where, now=lambda: time) as store:
        kept = fill(store)
        for number in range(1, times + 1):
            time -= timedelta(seconds=chance.randint(1, 31_536_000))
            schedule = (kept.first, kept.second)[number % 2]
            week = store.weeks.publish(schedule.id, KIM, based_on=number)
            assert store.weeks.current(kept.clinic, kept.version.week_start) == week or (
                store.weeks.publications(kept.clinic, kept.version.week_start)[-1].id == week.id
            )
            event = store.trail.history()[-1]
            assert (event.publication, event.holds, event.clock_went_back) == (
                number + 1,
                True,
                True,
            )
            figures.seen["the last one holds; the clock is named"] += 1
        assert store.faults() == []
    return figures


# ---------------------------------------------------------------- two at once


def two_at_once(place: Place, times: int, chance: random.Random) -> Figures:
    """Two processes save versions of one scenario as fast as they can."""
    figures, where = Figures(), place.fresh()
    with open_store(where) as store:
        kept = fill(store)
        each = max(1, times // 2)
        running = [start(save_so_many, where, kept, name, each) for name in ("one", "two")]
        for process, pipe in running:
            figures.seen["shown what the other had saved"] += received(pipe)[0]
            assert end(process) == 0
        versions = store.scenarios.versions(kept.version.scenario_id)
        assert [v.number for v in versions] == list(range(1, 2 * each + 2))
        for name in ("one", "two"):
            mine = [v for v in versions if v.author == name]
            assert {store.scenarios.read(v).name for v in mine} == {
                f"{name} {n}" for n in range(each)
            }
        assert store.faults() == []
        figures.seen["saved"] += 2 * each
    return figures


def save_so_many(pipe: Connection, where: str, kept: Kept, name: str, times: int) -> None:
    """Save so many versions, on top of whatever is there; tells how many conflicts there were."""
    conflicts, number = 0, 1
    with open_store(where) as store:
        for n in range(times):
            while True:
                try:
                    number = store.scenarios.save(
                        kept.version.scenario_id,
                        text(scenario(name=f"{name} {n}")),
                        name,
                        based_on=number,
                    ).number
                    break
                except Conflict as conflict:
                    number, other = conflict.number, conflict.author
                    conflicts += 1
                assert other != name
    with closing(pipe):
        pipe.send(conflicts)
