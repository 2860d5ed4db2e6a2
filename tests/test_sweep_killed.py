"""A sweep that is killed, or whose workers die, loses nothing: here and on a Dask cluster."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from solver.cluster import ClusterPool
from solver.pool import NoCluster
from tests.builders import Json
from tests.test_sweep import GRID, RESULTS, SMALL

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(sys.platform == "win32", reason="signals"),
]
ROOT = Path(__file__).resolve().parents[1]
PATIENCE = 240.0
SWEEP = """
import json, sys
from pathlib import Path
from solver.cluster import ClusterPool
from solver.pool import LocalPool
from solver.result import Settings
from solver.sweep import Store, cells_of, findings, read_sweep, run
from solver.validation import read_scenario

folder, asked, cluster = Path(sys.argv[1]), json.loads(Path(sys.argv[2]).read_text()), sys.argv[3:]
scenario, sweep = read_scenario(asked["scenario"])[0], read_sweep(asked["sweep"])
settings = Settings(time_limit=5, workers=1, reproducible=True)
cells, store = cells_of(scenario, sweep), Store(folder, scenario, sweep, settings)
with store.opened():
    with ClusterPool(cluster[0]) if cluster else LocalPool(2, folder / "jobs") as pool:
        answers = run(cells, store, settings, pool)
    store.save_findings(findings(sweep, cells, answers))
"""


def wait_for(what: Callable[[], bool]) -> None:
    latest = time.monotonic() + PATIENCE
    while not what():
        assert time.monotonic() < latest, "it did not happen in time"
        time.sleep(0.02)


@pytest.fixture(scope="module")
def asked(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The sweep as a file that the script reads."""
    path = tmp_path_factory.mktemp("asked") / "asked.json"
    content: Json = {"scenario": SMALL, "sweep": GRID}
    path.write_text(json.dumps(content), "utf-8")
    return path


@contextmanager
def sweeping(folder: Path, asked: Path, *cluster: str) -> Iterator[subprocess.Popen[bytes]]:
    command = [sys.executable, "-c", SWEEP, str(folder), str(asked), *cluster]
    with subprocess.Popen(command, cwd=ROOT) as process:
        try:
            yield process
        finally:
            process.kill()


@pytest.fixture(scope="module")
def through(tmp_path_factory: pytest.TempPathFactory, asked: Path) -> Path:
    """The folder of a sweep that ran through here."""
    folder = tmp_path_factory.mktemp("sweeps") / "through"
    with sweeping(folder, asked) as process:
        assert process.wait(PATIENCE) == 0
    return folder


def answers(folder: Path) -> set[str]:
    return {p.stem for p in (folder / "cells").glob("*.json")}


def same_findings(one: Path, other: Path) -> bool:
    return all((one / name).read_bytes() == (other / name).read_bytes() for name in RESULTS)


def without_seconds(folder: Path) -> dict[str, object]:
    out = {}
    for path in (folder / "cells").glob("*.json"):
        content = json.loads(path.read_bytes())
        content["result"].pop("seconds")
        out[path.stem] = content
    return out


def test_killed_and_taken_up_again_it_is_as_if_it_had_run_through(
    through: Path, asked: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "broken"
    with sweeping(folder, asked) as process:
        wait_for(lambda: len(answers(folder)) >= 1)
        process.send_signal(signal.SIGKILL)
        process.wait()
    kept = {p: (folder / "cells" / f"{p}.json").read_bytes() for p in answers(folder)}
    assert len(kept) < 4
    assert not (folder / "results.json").exists()
    with sweeping(folder, asked) as process:
        assert process.wait(PATIENCE) == 0
    for cell, content in kept.items():  # what was there was not solved again
        assert (folder / "cells" / f"{cell}.json").read_bytes() == content
    assert without_seconds(folder) == without_seconds(through)
    assert same_findings(folder, through)
    assert list((folder / "jobs").iterdir()) == []


# -- on a cluster ---------------------------------------------------------------------------------


def free_port() -> int:
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        port: int = s.getsockname()[1]
        return port


@pytest.fixture
def cluster(tmp_path: Path) -> Iterator[tuple[str, list[subprocess.Popen[bytes]]]]:
    """A scheduler and two workers of one thread each, on this machine."""
    pytest.importorskip("distributed")
    address = f"tcp://127.0.0.1:{free_port()}"
    said = (tmp_path / "dask.log").open("wb")
    how = {"cwd": ROOT, "stdout": said, "stderr": subprocess.STDOUT}
    quiet = ["--no-dashboard"]
    scheduler = subprocess.Popen(
        [sys.executable, "-m", "distributed.cli.dask_scheduler", "--host", "127.0.0.1",
         "--port", address.rpartition(":")[2], *quiet], **how
    )  # fmt: skip
    workers = [
        subprocess.Popen(
            [sys.executable, "-m", "distributed.cli.dask_worker", address, "--nthreads", "1",
             "--no-nanny", "--name", f"worker-{n}", "--local-directory", str(tmp_path / f"w{n}"),
             *quiet],
            env={**os.environ, "PYTHONPATH": str(ROOT)}, **how,
        )
        for n in range(2)
    ]  # fmt: skip
    try:
        wait_for(lambda: (tmp_path / "dask.log").read_bytes().count(b"Registered to:") >= 2)
        yield address, workers
    finally:
        for process in (*workers, scheduler):
            process.kill()
            process.wait()
        said.close()


def test_with_a_worker_killed_midway_nothing_is_lost(
    cluster: tuple[str, list[subprocess.Popen[bytes]]], through: Path, asked: Path, tmp_path: Path
) -> None:
    address, workers = cluster
    folder = tmp_path / "clustered"
    with sweeping(folder, asked, address) as process:
        wait_for(lambda: len(answers(folder)) >= 1)
        workers[0].kill()
        workers[0].wait()
        assert process.wait(PATIENCE) == 0
    assert answers(folder) == {"0-0", "0-1", "1-0", "1-1"}
    assert without_seconds(folder) == without_seconds(through)
    assert same_findings(folder, through)


def test_an_address_at_which_nobody_answers_is_said() -> None:
    pytest.importorskip("distributed")
    script = (
        "from solver.cluster import ClusterPool, NoCluster\n"
        "import solver.cluster; solver.cluster.SECONDS_TO_CONNECT = 1.0\n"
        f"try: ClusterPool('tcp://127.0.0.1:{free_port()}')\n"
        "except NoCluster as error: print(error)"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert done.stdout == "no cluster answers there (OSError); is its scheduler running?\n"
    assert "Traceback" not in done.stderr


def test_what_is_no_address_is_said_without_looking_for_it() -> None:
    pytest.importorskip("distributed")
    with pytest.raises(NoCluster, match="an address is like tcp://host:8786"):
        ClusterPool("capacity")
