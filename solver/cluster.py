"""Solves on the workers of a Dask cluster, where each task starts the same child process as here.

The package ``distributed`` is optional. Scenario, start and settings travel as JSON documents, the
result travels back as one; what a solve tells on the way comes as an event of the scheduler. A worker
that dies takes nothing with it: the scheduler gives its tasks to another, and its child processes end
with it. Workers need this program installed in the same version.
"""

from __future__ import annotations

import importlib
import re
import secrets
import tempfile
import time
from contextlib import AbstractContextManager, suppress
from dataclasses import asdict
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any

from .io.files import dump
from .jobfolder import result_from
from .pool import Failed, LocalPool, NoCluster, Outcome, Task
from .result import Progress, Settings
from .scenario import Scenario
from .validation import read_scenario, read_schedule

if TYPE_CHECKING:
    from typing import Self

SECONDS_TO_CONNECT = 10.0
LOOKS = 0.3
"""Seconds between two looks, of a worker at its child and of the caller at its tasks."""

_ADDRESS = re.compile(r"(tcp|tls|ws|wss|ucx)://[^\s/]+:\d+")

Document = dict[str, Any]


def _distributed() -> Any:
    """The package, which is optional, slow to load, and not annotated.

    Raises:
        NoCluster: it is not installed.
    """
    try:
        return importlib.import_module("distributed")
    except ImportError:
        raise NoCluster(
            "a cluster needs the package distributed: install it beside iop, here and on the workers"
        ) from None


def as_document(task: Task) -> Document:
    """A task as it travels."""
    return {
        "scenario": dump(task.scenario),
        "start": None if task.start is None else dump(task.start),
        "settings": asdict(task.settings),
    }


def task_in(document: Document) -> Task:
    """The task that travelled."""
    scenario, _ = read_scenario(document["scenario"])
    start = document["start"]
    return Task(
        scenario,
        Settings(**document["settings"]),
        None if start is None else read_schedule(start, scenario),
    )


def solve_on_worker(document: Document, key: str, topic: str) -> Document:
    """Runs on a worker: the solve in a child process of it, its news sent on.

    Returns:
        ``result`` and ``schedule`` as in their files, or ``error`` in words.
    """
    distributed = _distributed()
    worker, asked_to_stop = distributed.get_worker(), distributed.Event(topic)
    with tempfile.TemporaryDirectory(prefix="iop-") as folder, LocalPool(1, Path(folder)) as pool:
        pool.start(key, task_in(document))
        last: Progress | None = None
        stopping = False
        while not (ended := pool.finished(LOOKS)):
            now = pool.progress().get(key)
            if now is not None and now != last:
                last = now
                worker.log_event(topic, {"key": key, "progress": asdict(now)})
            if not stopping and asked_to_stop.is_set():
                stopping = True
                pool.stop()
        outcome = ended[0][1]
    if isinstance(outcome, Failed):
        return {"error": outcome.reason}
    schedule = None if outcome.schedule is None else dump(outcome.schedule)
    return {"result": outcome.document(), "schedule": schedule}


class ClusterPool(AbstractContextManager["ClusterPool"]):
    """The workers of a cluster; see ``pool.Pool``.

    Args:
        address: of its scheduler, e.g. ``tcp://10.0.0.5:8786``.

    Raises:
        NoCluster: ``distributed`` is missing, or nobody answers there.
    """

    def __init__(self, address: str) -> None:
        distributed = _distributed()
        if not _ADDRESS.fullmatch(address):
            raise NoCluster("an address is like tcp://host:8786, as `dask scheduler` says it")
        try:
            self._client: Any = distributed.Client(
                address, timeout=SECONDS_TO_CONNECT, set_as_default=False
            )
        except (OSError, ValueError, TimeoutError) as error:
            raise NoCluster(
                f"no cluster answers there ({type(error).__name__}); is its scheduler running?"
            ) from None
        self.at_once = max(1, sum(self._client.nthreads().values()))
        self._topic = f"iop-{secrets.token_hex(8)}"
        self._stop: Any = distributed.Event(self._topic, client=self._client)
        self._futures: dict[str, Any] = {}
        self._scenarios: dict[str, Scenario] = {}
        self._told: dict[str, Progress] = {}
        self._client.subscribe_topic(self._topic, self._hear)

    def _hear(self, event: tuple[float, Any]) -> None:
        with suppress(KeyError, TypeError, ValueError):
            news = event[1]
            fields = news["progress"]
            self._told[news["key"]] = Progress(**{**fields, "goals": tuple(fields["goals"])})

    def start(self, key: str, task: Task) -> None:
        self._scenarios[key] = task.scenario
        self._futures[key] = self._client.submit(
            solve_on_worker,
            as_document(task),
            key,
            self._topic,
            key=f"{self._topic}-{secrets.token_hex(4)}",
            pure=False,
        )

    def finished(self, patience: float) -> list[tuple[str, Outcome]]:
        latest = time.monotonic() + patience
        while True:
            ended = [key for key, future in self._futures.items() if future.done()]
            if ended or time.monotonic() >= latest:
                return [(key, self._outcome(key, self._futures.pop(key))) for key in ended]
            time.sleep(LOOKS)

    def _outcome(self, key: str, future: Any) -> Outcome:
        self._told.pop(key, None)
        scenario = self._scenarios.pop(key)
        try:
            answer = future.result(timeout=SECONDS_TO_CONNECT)
            if "error" in answer:
                return Failed(str(answer["error"]))
            week = answer["schedule"]
            schedule = None if week is None else read_schedule(week, scenario)
            return result_from(answer["result"], schedule)
        except Exception as error:
            # What a worker raised may hold names; its kind is enough to act on.
            return Failed(f"the cluster gave no answer ({type(error).__name__})")
        finally:
            future.release()

    def progress(self) -> dict[str, Progress | None]:
        return {key: told for key, told in self._told.items() if key in self._futures}

    def stop(self) -> None:
        self._stop.set()

    def close(self) -> None:
        with suppress(Exception):  # a cluster that is gone need not be told
            self._stop.set()
            self._client.cancel(list(self._futures.values()))
        self._futures.clear()
        self._client.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()
