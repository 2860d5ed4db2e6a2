"""The command line itself: usage, help, exit codes, and what happens when all goes wrong."""

from __future__ import annotations

import errno
import importlib
import json
import os
import re
import subprocess
import sys
from io import StringIO
from pathlib import Path
from typing import Any, NoReturn

import pytest

import solver.engine
from solver.cli import main, terminal
from solver.errors import ModelError, OutOfTime
from tests.cli.running import ROOT, THREE, Iop, started

COMMANDS = ("validate", "schema", "solve", "check", "show", "generate", "app")


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_helps_with_an_example(command: str, iop: Iop) -> None:
    assert iop(command, "--help") == 0
    assert re.search(rf"Examples?:\n +iop {command}", iop.out)


def test_help_lists_commands_and_exit_codes(iop: Iop) -> None:
    assert iop("--help") == 0
    assert all(re.search(rf"^  {command} ", iop.out, re.MULTILINE) for command in COMMANDS)
    assert all(meaning in iop.out for meaning in terminal.MEANINGS.values())


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ((), "Usage: iop"),
        (("sovle",), "Did you mean 'solve'"),
        (("solve",), "SCENARIO"),
        (("solve", THREE, "--sed", "1"), "--sed"),
        (("solve", THREE, "--workers", "0"), "--workers"),
        (("solve", THREE, "--seed", "x"), "--seed"),
        (("solve", THREE, "--time-limit", "nan"), "no number of seconds above 0"),
        (("solve", THREE, "--time-limit", "-1"), "no number of seconds above 0"),
        (("solve", "-", "--start", "-"), "can be standard input"),
        (("solve", THREE, "-o", "-", "--json"), "can be on standard output"),
        (("show", THREE, "week.json", "--by", "day"), "--by"),
        (("check", "-", "-"), "can be standard input"),
        (("schema", "--schedule", "--result"), "two schemas"),
        (("generate", "--patients", "0"), "found 0 patients"),
        (("generate", "--patients", "5", "--load", "9"), "found load 9"),
        (("generate", "--patients", "5", "--json"), "--json needs -o"),
    ],
)
def test_wrong_usage(arguments: tuple[str, ...], said: str, iop: Iop) -> None:
    assert iop(*arguments) == 2
    assert said in iop.out + iop.err


def test_version(iop: Iop) -> None:
    assert iop("--version") == 0
    assert iop.out == f"iop {solver.__version__}\n"


def test_only_what_a_command_needs_is_loaded() -> None:
    script = (
        "import sys\nfrom solver.cli import main\nmain(sys.argv[1:])\n"
        "heavy = ('ortools', 'pandas', 'numpy', 'streamlit', 'rich', 'solver.scenario')\n"
        "print([name for name in heavy if name in sys.modules], file=sys.stderr)"
    )

    def loaded(*arguments: str) -> str:
        command = [sys.executable, "-c", script, *arguments]
        return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stderr

    assert loaded("--help") == "[]\n"
    assert loaded("solve", "--help") == "[]\n"
    assert loaded("validate", THREE) == "['solver.scenario']\n"


def test_python_m_solver_is_the_same() -> None:
    process = started("--version")
    out, err = process.communicate(timeout=60)
    assert (process.returncode, out, err) == (0, f"iop {solver.__version__}\n", "")


def test_generate_a_clinic(tmp_path: Path, iop: Iop) -> None:
    path = tmp_path / "clinic.json"
    assert iop("generate", "--patients", "12", "--seed", "7", "--load", "1.1", "-o", path) == 0
    assert re.search(r"most that could be given: 1\.\d\d", iop.out)
    assert iop("generate", "--patients", "12", "--seed", "7", "--load", "1.1") == 0
    assert json.loads(iop.out) == json.loads(path.read_text("utf-8"))
    assert iop("generate", "--patients", "12", "-o", path, "--json") == 0
    assert json.loads(iop.out)["ratio"] > 0.9
    assert iop("validate", path) == 0


def test_the_app_is_served_to_this_machine_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, iop: Iop
) -> None:
    serve = importlib.import_module("solver.cli.serve")  # the package has a command of that name
    ran: list[list[str]] = []
    monkeypatch.setattr(serve, "__file__", str(tmp_path / "solver" / "cli" / "serve.py"))
    assert iop("app") == 2
    assert "there is no" in iop.err
    (tmp_path / "app.py").touch()
    monkeypatch.setattr(serve, "become", ran.append)
    assert iop("app", "--port", "8600") == 0
    (command,) = ran
    assert command[1:5] == ["-m", "streamlit", "run", str(tmp_path / "app.py")]
    assert " ".join(command[5:]) == "--server.address 127.0.0.1 --server.port 8600"


def test_a_bug_is_one_line_and_a_traceback_only_on_request(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def fail(*_: Any, **__: Any) -> NoReturn:
        raise ModelError("values\ndiffer")

    monkeypatch.setattr(solver.engine, "solve", fail)
    assert main(["solve", THREE, "-q"]) == 70
    said = capsys.readouterr().err
    assert said == (
        "this is a bug in iop: ModelError: values differ (iop --debug … prints where)\n"
    )
    assert main(["--debug", "solve", THREE, "-q"]) == 70
    assert "Traceback" in capsys.readouterr().err


def test_out_of_time_is_undecided(monkeypatch: pytest.MonkeyPatch, iop: Iop) -> None:
    def late(*_: Any, **__: Any) -> NoReturn:
        raise OutOfTime("the model was not built")

    monkeypatch.setattr(solver.engine, "solve", late)
    assert iop("solve", THREE) == 3


def test_a_reader_who_leaves_is_no_error(tiny: tuple[str, str]) -> None:
    for arguments in (("show", *tiny), ("schema",), ("--help",)):
        read_end, write_end = os.pipe()
        os.close(read_end)
        process = started(*arguments, stdout=write_end)
        os.close(write_end)
        _, err = process.communicate(timeout=60)
        assert (process.returncode, err) == (141, "")


def test_a_full_disk_is_said(monkeypatch: pytest.MonkeyPatch, iop: Iop) -> None:
    class Full(StringIO):
        def write(self, text: str) -> NoReturn:
            raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(sys, "stdout", Full())
    assert iop("schema") == 2
    assert iop.err == "error: standard output: cannot be written: No space left on device\n"


def test_a_terminal_that_knows_no_dash(tiny: tuple[str, str]) -> None:
    process = started("show", *tiny, env=os.environ | {"PYTHONIOENCODING": "ascii"})
    out, err = process.communicate(timeout=60)
    assert (process.returncode, err) == (0, "")
    assert "09:00?10:00" in out
