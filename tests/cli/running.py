"""What tests of the command line share: commands run here or in a process, and files to run on."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from solver.cli import main
from tests.builders import Json

ROOT = Path(__file__).resolve().parents[2]
THREE = str(ROOT / "scenarios" / "three-patients.json")
EVENING = str(ROOT / "scenarios" / "matrix-evening.json")


class Iop:
    """Runs commands in this process and keeps what they print."""

    def __init__(self, capsys: pytest.CaptureFixture[str]) -> None:
        self.capsys = capsys
        self.out = self.err = ""

    def __call__(self, *arguments: object) -> int:
        code = main([str(a) for a in arguments])
        self.out, self.err = self.capsys.readouterr()
        assert "Traceback" not in self.out + self.err
        return code


def saved(folder: Path, name: str, content: Json) -> str:
    """Path of a new file with this content."""
    path = folder / name
    path.write_text(json.dumps(content), "utf-8")
    return str(path)


def started(*arguments: object, **how: Any) -> subprocess.Popen[str]:
    """A command in a process of its own."""
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE} | how
    command = [sys.executable, "-m", "solver", *map(str, arguments)]
    return subprocess.Popen(command, cwd=ROOT, text=True, encoding="utf-8", **pipes)
