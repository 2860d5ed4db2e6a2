"""Timefold's side of the comparison: its environment, the week as its model has it, its answer as a week.

The model (`timefold_side`) has every hard rule and every goal of weeks without a baseline. It is
given candidates that are screened already, as our own search has them. What it leaves out: a
section keeps one room all week; a member of a hybrid section joins by video only if they must; no more
sections of a group than twice what all who could come would fill.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from time import monotonic

from bench import timefold_weeks
from bench.timefold_problem import Json, Problem
from solver.clinic import Clinic
from solver.search.starts import Start
from solver.validation import read_scenario

HERE = Path(__file__).parent
ENVIRONMENT = HERE / ".venvs" / "timefold"
VERSION = "timefold==1.24.0b0"
PYTHONS = ((3, 10), (3, 12))
"""Timefold translates Python's bytecode; it knows that of these versions."""


def java() -> str | None:
    """A Java 17 or later: JAVA_HOME, or where Debian's packages put it."""
    named = os.environ.get("JAVA_HOME")
    if named:
        return named
    found = sorted(Path("/usr/lib/jvm").glob("java-*17*openjdk*"))
    return str(found[0]) if found else None


def missing() -> str:
    """What is missing before Timefold can be measured, in words; empty where nothing is."""
    if java() is None:
        return "Timefold needs Java 17: install openjdk-17-jre-headless, or name one in JAVA_HOME."
    if not PYTHONS[0] <= sys.version_info[:2] <= PYTHONS[1]:
        return "Timefold's Python package needs Python 3.10 to 3.12."
    if not _interpreter().is_file():
        return "Timefold is installed by `python -m bench --full` into an environment of its own."
    return ""


def _interpreter() -> Path:
    return ENVIRONMENT / "bin" / "python"


def prepare(note: Callable[[str], None]) -> None:
    """Make the environment, if it can be made and is not there."""
    if _interpreter().is_file() or (missing() and "installed by" not in missing()):
        return
    note(f"Making an environment for {VERSION} ...")
    ENVIRONMENT.parent.mkdir(exist_ok=True)
    (ENVIRONMENT.parent / ".gitignore").write_text("*\n", "utf-8")
    new = ENVIRONMENT.with_name("timefold.new")
    pip = [new / "bin" / "python", "-m", "pip", "install", "-q", "--disable-pip-version-check"]
    made = subprocess.run([sys.executable, "-m", "venv", "--clear", new], check=False)
    if made.returncode == 0 and subprocess.run([*pip, VERSION], check=False).returncode == 0:
        new.rename(ENVIRONMENT)
    else:
        note(f"It could not be made: {VERSION} was not installed.")


def solve_timefold(data: Json, limit: float, seed: int) -> Json:
    """Solve a scenario with Timefold; the limit is that of its search, after its model is compiled.

    Raises:
        RuntimeError: what is missing, or what went wrong.
    """
    if why := missing():
        raise RuntimeError(why)
    clinic = Clinic(read_scenario(data)[0])
    made = Problem(clinic)
    # Local search that begins with nothing spends its time on filling the week; so it begins where a
    # clinic would, with the week made by hand.
    start = timefold_weeks.start(made, Start(clinic, monotonic() + limit).by_hand().schedule())
    with tempfile.TemporaryDirectory(prefix="timefold-") as folder:
        asked, answer = Path(folder) / "problem.json", Path(folder) / "answer.json"
        asked.write_text(
            json.dumps(made.document | {"limit": limit, "seed": seed, "start": start}), "utf-8"
        )
        done = subprocess.run(
            [_interpreter(), HERE / "timefold_side" / "solve.py", asked, answer],
            env=os.environ | {"JAVA_HOME": java() or ""},
            cwd=folder,
            check=False,
            capture_output=True,
            text=True,
        )
        if not answer.is_file():
            raise RuntimeError("; ".join(done.stderr.strip().splitlines()[-3:]))
        found = json.loads(answer.read_text("utf-8"))
    hard = found["hard"]
    return {
        "status": "feasible",
        "seconds": found["seconds"],
        "schedule": timefold_weeks.schedule(made, found),
        "tiers": [],
        "remarks": [f"its own hard score is {hard}, its soft ones {found['soft'][:-1]}"],
    }
