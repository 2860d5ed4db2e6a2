"""What a sweep asks: axes of changes, whose combinations are the cells of a grid."""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from ..changes import Change, ChangeFaults, read_changes
from ..errors import Fault, FileFaults
from ..scenario import Scenario
from ..validation.wording import found
from ..whatif.asking import Made, WhatIfFaults, made, unknown_keys

MOST_CELLS = 1000
MOST_AXES = 4
PLACE = "{n}"
"""Where the number of a step stands in the sentence of an axis."""


@dataclass(frozen=True, slots=True)
class Step:
    """One value of an axis: what it is called, and the changes it stands for."""

    label: str
    changes: tuple[Change, ...]


@dataclass(frozen=True, slots=True)
class Axis:
    """What is varied, step by step. Best from less capacity or fewer patients to more: then a step
    begins with a week that is legal in it already."""

    name: str
    steps: tuple[Step, ...]


@dataclass(frozen=True, slots=True)
class Sweep:
    """A grid.

    Attributes:
        changes: made before all others, in every cell.
        axes: the first varies slowest; changes are made in their order.
    """

    axes: tuple[Axis, ...]
    changes: tuple[Change, ...] = ()

    @property
    def shape(self) -> tuple[int, ...]:
        return tuple(len(axis.steps) for axis in self.axes)


@dataclass(frozen=True, slots=True)
class Cell:
    """One point of the grid: a step of each axis, and the scenario that makes."""

    index: tuple[int, ...]
    labels: tuple[str, ...]
    made: Made

    @property
    def key(self) -> str:
        """``2-0``: names its file."""
        return key_of(self.index)

    def before(self) -> tuple[str, ...]:
        """Keys of the cells one step back on each axis, whose weeks this one begins with."""
        return tuple(
            key_of((*self.index[:axis], step - 1, *self.index[axis + 1 :]))
            for axis, step in enumerate(self.index)
            if step > 0
        )


def key_of(index: Sequence[int]) -> str:
    """The key of a cell."""
    return "-".join(map(str, index))


def read_sweep(data: object) -> Sweep:
    """The sweep in a file.

    ``{"changes": [change, …]?, "axes": [axis, …]}``. An axis has a ``name`` and either a ``change``
    with ``{n}`` in it and ``values`` (or ``from``, ``to`` and ``step``), or ``steps``: objects with a
    ``label`` and ``changes``.

    Raises:
        WhatIfFaults: with every fault.
    """
    if not isinstance(data, dict):
        raise WhatIfFaults([Fault("", f"found {found(data)}; a sweep is an object {{ … }}")])
    faults = [*unknown_keys(data, ("changes", "axes"), "")]
    changes: tuple[Change, ...] = ()
    try:
        changes = read_changes(data.get("changes") or [], "changes")
    except ChangeFaults as error:
        faults += error.faults
    entries = data.get("axes")
    if not isinstance(entries, list) or not 1 <= len(entries) <= MOST_AXES:
        given = f"{len(entries)}" if isinstance(entries, list) else found(entries)
        faults.append(Fault("axes", f"found {given}; a list of 1 to {MOST_AXES} axes is expected"))
        entries = []
    axes = []
    for number, entry in enumerate(entries):
        try:
            axes.append(_axis(entry, f"axes[{number}]"))
        except FileFaults as error:
            faults += error.faults
    count = math.prod(len(axis.steps) for axis in axes)
    if not faults and count > MOST_CELLS:
        faults.append(
            Fault("axes", f"found {count:,} combinations; at most {MOST_CELLS:,} are solved")
        )
    if faults:
        raise WhatIfFaults(faults)
    return Sweep(tuple(axes), changes)


def _axis(entry: object, at: str) -> Axis:
    if not isinstance(entry, dict):
        raise WhatIfFaults([Fault(at, f"found {found(entry)}; an object {{ … }} is expected")])
    known = ("name", "change", "values", "from", "to", "step", "steps")
    faults = unknown_keys(entry, known, at)
    name = entry.get("name")
    if not isinstance(name, str) or not name.strip():
        faults.append(
            Fault(f"{at}.name", f"found {found(name)}; what the axis is called is expected")
        )
        name = at
    if ("steps" in entry) == ("change" in entry):
        faults.append(Fault(at, "either `change` with `values`, or `steps` is expected"))
    steps: list[Step] = []
    try:
        if not faults:
            steps = _listed(entry, at) if "steps" in entry else _numbered(entry, at)
    except FileFaults as error:
        faults += error.faults
    if faults:
        raise WhatIfFaults(faults)
    return Axis(name.strip(), tuple(steps))


def _listed(entry: dict[str, Any], at: str) -> list[Step]:
    steps: list[Step] = []
    faults: list[Fault] = []
    entries = entry["steps"]
    if not isinstance(entries, list) or not entries:
        raise WhatIfFaults([Fault(f"{at}.steps", f"found {found(entries)}; a list is expected")])
    for number, step in enumerate(entries):
        place = f"{at}.steps[{number}]"
        if not isinstance(step, dict):
            expected = 'an object { "label": …, "changes": [ … ] } is expected'
            faults.append(Fault(place, f"found {found(step)}; {expected}"))
            continue
        faults += unknown_keys(step, ("label", "changes"), place)
        label = step.get("label")
        if not isinstance(label, str) or not label.strip():
            faults.append(Fault(f"{place}.label", f"found {found(label)}; text is expected"))
            continue
        try:
            steps.append(Step(label, read_changes(step.get("changes") or [], f"{place}.changes")))
        except ChangeFaults as error:
            faults += error.faults
    faults += _twice(steps, at)
    if faults:
        raise WhatIfFaults(faults)
    return steps


def _numbered(entry: dict[str, Any], at: str) -> list[Step]:
    sentences = entry["change"]
    texts = [sentences] if isinstance(sentences, str) else sentences
    if not isinstance(texts, list) or not all(isinstance(t, str) for t in texts) or not texts:
        raise WhatIfFaults(
            [Fault(f"{at}.change", f"found {found(sentences)}; a sentence is expected")]
        )
    if not any(PLACE in text for text in texts):
        raise WhatIfFaults(
            [Fault(f"{at}.change", f"no {PLACE} in it; the number of each step stands there")]
        )
    steps: list[Step] = []
    faults: list[Fault] = []
    for value in _values(entry, at):
        said = f"{value:g}" if isinstance(value, float) else str(value)
        try:
            changes = read_changes([t.replace(PLACE, said) for t in texts], f"{at}.change")
            steps.append(Step(said, changes))
        except ChangeFaults as error:
            faults += error.faults
    faults += _twice(steps, at)
    if faults:
        raise WhatIfFaults(faults)
    return steps


def _twice(steps: Sequence[Step], at: str) -> list[Fault]:
    labels = [step.label for step in steps]
    again = [label for number, label in enumerate(labels) if label in labels[:number]]
    return [Fault(at, f"the step {label!r} stands there twice") for label in dict.fromkeys(again)]


def _values(entry: dict[str, Any], at: str) -> list[int | float | str]:
    if "values" in entry:
        values = entry["values"]
        fine = isinstance(values, list) and values
        if not fine or not all(type(v) in (int, float, str) for v in values):
            expected = "a list of numbers is expected"
            raise WhatIfFaults([Fault(f"{at}.values", f"found {found(values)}; {expected}")])
        return list(values)
    first, last, by = entry.get("from"), entry.get("to"), entry.get("step", 1)
    if type(first) is not int or type(last) is not int or type(by) is not int or not by:
        expected = "`values`, or whole numbers `from`, `to` and `step` are expected"
        raise WhatIfFaults([Fault(at, expected)])
    count = (last - first) // by + 1
    if not 1 <= count <= MOST_CELLS:
        no_steps = f"from {first} to {last} by {by} there are no steps, or too many"
        raise WhatIfFaults([Fault(at, no_steps)])
    return [first + by * number for number in range(count)]


def cells_of(scenario: Scenario, sweep: Sweep) -> list[Cell]:
    """Every cell of the grid with its scenario, in the order of the grid.

    Raises:
        WhatIfFaults: changes that make no sense for this scenario, each fault once.
    """
    out: list[Cell] = []
    faults: dict[Fault, None] = {}
    for index in itertools.product(*(range(n) for n in sweep.shape)):
        steps = [axis.steps[i] for axis, i in zip(sweep.axes, index, strict=True)]
        labels = tuple(step.label for step in steps)
        changes = [*sweep.changes, *(c for step in steps for c in step.changes)]
        try:
            out.append(
                Cell(index, labels, made(scenario, ", ".join(_called(sweep, labels)), changes))
            )
        except ChangeFaults as error:
            faults.update(dict.fromkeys(error.faults))
    if faults:
        raise WhatIfFaults(list(faults))
    return out


def _called(sweep: Sweep, labels: Sequence[str]) -> list[str]:
    return [f"{axis.name} {label}" for axis, label in zip(sweep.axes, labels, strict=True)]
