"""Undo and redo of the week that is open, kept beside it in files: a refresh forgets nothing.

Every state the week was in is kept by its content, so a step is a few names; what is the same in
two states lies there once.

    weeks/KEY/history/  steps.json, CONTENT.json …

A week may also be changed by others than this module (a solve that is taken, a second tab). What is
found changed becomes a step of its own, so it can be undone as well, and nothing is overwritten
that was not kept.
"""

from __future__ import annotations

import hashlib
import json
import threading
from dataclasses import dataclass, field
from pathlib import Path

from solver.io.files import save_json
from solver.io.writing import write_file
from solver.scenario import Scenario
from solver.schedule import Schedule

from .store import WeekFiles

MOST_STEPS = 50
"""That can be undone; the oldest are forgotten."""
ELSEWHERE = "Changed elsewhere"
"""What a change is called that did not come through here."""
_PARTS = ("scenario", "schedule", "result")
# One server process writes a desk's files; two tabs of one person are two of its threads.
_ONE_AT_A_TIME = threading.RLock()


@dataclass(frozen=True, slots=True)
class Steps:
    """What can be undone and done again, each in one sentence, the next one first."""

    undo: tuple[str, ...] = ()
    redo: tuple[str, ...] = ()


@dataclass(slots=True)
class _Line:
    """The states in order; ``said[n]`` leads from state n to state n + 1; ``at`` is the present."""

    states: list[dict[str, str | None]] = field(default_factory=list)
    said: list[str] = field(default_factory=list)
    at: int = 0


def change(
    files: WeekFiles,
    said: str,
    *,
    schedule: Schedule | None = None,
    scenario: Scenario | None = None,
) -> None:
    """Make a schedule, a scenario or both this week's, as one step.

    Raises:
        ValueError: the scenario of a week that came with the program (see ``Desk.own_copy``).
        FileFaults: the files cannot be written.
    """
    if scenario is not None and files.is_ready:
        raise ValueError("a week that came with the program is copied before it is changed")
    with _ONE_AT_A_TIME:
        line = _present(files)
        if scenario is not None:
            save_json(files.scenario, scenario)
        if schedule is not None:
            files.take_schedule(schedule)
        elif scenario is not None:
            # What was said and proved was about the scenario as it stood.
            (files.folder / "result.json").unlink(missing_ok=True)
        _follow(files, line, said)


def undo(files: WeekFiles) -> str | None:
    """Take the last change back; its sentence, or None where there is none."""
    with _ONE_AT_A_TIME:
        line = _present(files)
        if line.at == 0:
            return None
        line.at -= 1
        _restore(files, line)
        return line.said[line.at]


def redo(files: WeekFiles) -> str | None:
    """Make the change again that was undone last; its sentence, or None where there is none."""
    with _ONE_AT_A_TIME:
        line = _present(files)
        if line.at == len(line.said):
            return None
        line.at += 1
        _restore(files, line)
        return line.said[line.at - 1]


def steps(files: WeekFiles) -> Steps:
    """What can be undone and done again; reads only."""
    with _ONE_AT_A_TIME:
        line = _read(files)
        if not line.states:
            return Steps()
        if not _is_at(line, _state(files)):
            return Steps(undo=(ELSEWHERE, *reversed(line.said[: line.at])))
        return Steps(tuple(reversed(line.said[: line.at])), tuple(line.said[line.at :]))


# -- the line of states ---------------------------------------------------------------------------


def _present(files: WeekFiles) -> _Line:
    """The line, ending at what the files hold now."""
    line, now = _read(files), _state(files)
    if not line.states:
        line.states.append(now)
    elif not _is_at(line, now):
        _append(line, now, ELSEWHERE)
    line.states[line.at] = now  # its result may have come since
    _keep(files, now)
    return line


def _follow(files: WeekFiles, line: _Line, said: str) -> None:
    now = _state(files)
    if now == line.states[line.at]:
        return
    _keep(files, now)
    _append(line, now, said)
    _write(files, line)


def _append(line: _Line, state: dict[str, str | None], said: str) -> None:
    del line.states[line.at + 1 :], line.said[line.at :]
    line.states.append(state)
    line.said.append(" ".join(said.split()))
    del line.states[: -MOST_STEPS - 1], line.said[:-MOST_STEPS]
    line.at = len(line.said)


def _is_at(line: _Line, now: dict[str, str | None]) -> bool:
    then = line.states[line.at]
    return all(then.get(part) == now[part] for part in ("scenario", "schedule"))


# -- files ----------------------------------------------------------------------------------------


def _folder(files: WeekFiles) -> Path:
    return files.folder / "history"


def _path(files: WeekFiles, part: str) -> Path:
    return {"scenario": files.scenario, "schedule": files.schedule, "result": files.result}[part]


def _content(path: Path) -> bytes | None:
    try:
        return path.read_bytes()
    except FileNotFoundError:
        return None


def _name(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()[:32]


def _state(files: WeekFiles) -> dict[str, str | None]:
    """What the files hold, by name."""
    found = {part: _content(_path(files, part)) for part in _PARTS}
    return {part: None if text is None else _name(text) for part, text in found.items()}


def _keep(files: WeekFiles, state: dict[str, str | None]) -> None:
    """Have a copy of what the files hold now."""
    folder = _folder(files)
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    for part, name in state.items():
        if name is not None and not (folder / f"{name}.json").exists():
            content = _content(_path(files, part))
            if content is not None and _name(content) == name:
                write_file(folder / f"{name}.json", content)


def _restore(files: WeekFiles, line: _Line) -> None:
    """Put a state's files back. The schedule comes last: with it the week is as it was."""
    state = line.states[line.at]
    for part in _PARTS if not files.is_ready else _PARTS[1:]:
        name = state.get(part)
        path = files.scenario if part == "scenario" else files.folder / f"{part}.json"
        content = None if name is None else _content(_folder(files) / f"{name}.json")
        if content is not None:
            write_file(path, content)
        elif part != "scenario":
            path.unlink(missing_ok=True)
    _write(files, line)


def _read(files: WeekFiles) -> _Line:
    """The line as it was written; an empty one where there is none or it is damaged."""
    try:
        data = json.loads((_folder(files) / "steps.json").read_bytes())
        line = _Line([dict(s) for s in data["states"]], [str(s) for s in data["said"]], data["at"])
    except (OSError, ValueError, KeyError, TypeError):
        return _Line()
    whole = len(line.states) == len(line.said) + 1 and isinstance(line.at, int)
    return line if whole and 0 <= line.at < len(line.states) else _Line()


def _write(files: WeekFiles, line: _Line) -> None:
    folder = _folder(files)
    save_json(folder / "steps.json", {"states": line.states, "said": line.said, "at": line.at})
    used = {name for state in line.states for name in state.values()}
    for path in folder.glob("*.json"):
        if path.name != "steps.json" and path.stem not in used:
            path.unlink(missing_ok=True)
