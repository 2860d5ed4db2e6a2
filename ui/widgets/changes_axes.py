"""What a sweep varies, picked from forms: an axis is a few numbers of one thing, or with and without."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass

import streamlit as st

from solver.changes import Change
from solver.scenario import Scenario

from .changes_fields import LISTS, fields_of, title_of
from .changes_form import stored
from .changes_material import Data, Material
from .compare_variants import Variant

KINDS = {
    "therapist": "Therapists",
    "room": "Rooms",
    "census": "Census",
    "field": "A number of a group, program, room or therapist",
    "work": "Work hours later",
    "variant": "With and without a variant",
}
"""What can be varied."""
ENTRIES = ("group", "program", "room", "therapist")
MOST_STEPS = 30
MOST_CELLS = 200


@dataclass(frozen=True, slots=True)
class Axis:
    """What is varied, as a desk keeps it.

    Attributes:
        first, last, step: its numbers, from fewer to more.
        like: whom new therapists or rooms are like; None for each of those there are in turn.
        what, id, path: of a ``field``, whose.
        variant: of a ``variant``, its name.
    """

    kind: str
    first: int = 0
    last: int = 0
    step: int = 1
    like: str | None = None
    what: str | None = None
    id: str | None = None
    path: str | None = None
    variant: str | None = None

    @property
    def numbers(self) -> list[int]:
        """From least to most; none where the step leads nowhere."""
        low, high = sorted((self.first, self.last))
        return list(range(low, high + 1, self.step)) if self.step > 0 else []


def read_axes(data: object) -> list[Axis]:
    """What lies on a desk; what cannot be read is left out."""
    out = []
    for entry in data if isinstance(data, list) else []:
        try:
            axis = Axis(**entry)
        except TypeError:
            continue
        if axis.kind in KINDS:
            out.append(axis)
    return out


def kept(axes: Sequence[Axis]) -> list[Data]:
    """Axes as a desk keeps them."""
    return [{k: v for k, v in asdict(axis).items() if v is not None} for axis in axes]


def sweep_of(
    scenario: Scenario,
    axes: Sequence[Axis],
    variants: Sequence[Variant],
    always: Sequence[Change] = (),
) -> Data:
    """The sweep's file: every step a list of changes, from less to more."""
    by_name = {v.name: v for v in variants}
    return {
        "changes": [stored(change) for change in always],
        "axes": [
            {"name": title(scenario, axis), "steps": _steps(scenario, axis, by_name)}
            for axis in axes
        ],
    }


def title(scenario: Scenario, axis: Axis) -> str:
    """What the axis is called on charts and in tables."""
    if axis.kind == "variant":
        return axis.variant or "Variant"
    if axis.kind == "work":
        return "Work later (min)"
    if axis.kind == "field" and axis.what and axis.id and axis.path:
        entries = getattr(scenario, LISTS[axis.what])
        name = next((e.name for e in entries if e.id == axis.id), axis.id)
        return f"{title_of(scenario, axis.path)}, {name}"
    return KINDS[axis.kind]


def _steps(scenario: Scenario, axis: Axis, variants: Mapping[str, Variant]) -> list[Data]:
    if axis.kind == "variant":
        changes = variants[axis.variant or ""].changes if axis.variant in variants else ()
        return [
            {"label": "without", "changes": []},
            {"label": "with", "changes": [stored(change) for change in changes]},
        ]
    return [
        {"label": str(number), "changes": _changes(scenario, axis, number)}
        for number in axis.numbers
    ]


def _changes(scenario: Scenario, axis: Axis, number: int) -> list[Data]:
    match axis.kind:
        case "therapist" | "room":
            like = {"like": axis.like} if axis.like else {}
            return [{"kind": "headcount", "what": axis.kind, "to": number, **like}]
        case "census":
            return [{"kind": "census", "to": number}]
        case "work":
            return [{"kind": "shift_work", "minutes": number}] if number else []
    return [{"kind": "change", "what": axis.what, "id": axis.id, "set": {axis.path: number}}]


def cells(sweep: Data) -> int:
    """How many combinations there are."""
    count = 1
    for axis in sweep["axes"]:
        count *= len(axis["steps"])
    return count


# -- the form -------------------------------------------------------------------------------------


def axis_form(
    real: Scenario, shown: Scenario, variants: Sequence[Variant], now: Axis, key: str
) -> Axis | None:
    """Draw it, holding what was said last; None while something is still to be said."""
    usable = [v.name for v in variants if v.changes]
    kinds = [kind for kind in KINDS if kind != "variant" or usable]
    kind = st.selectbox(
        "What is varied",
        kinds,
        index=kinds.index(now.kind) if now.kind in kinds else 0,
        format_func=KINDS.get,
        key=f"{key} kind",
    )
    same = now if now.kind == kind else Axis(kind)
    m = Material(real, shown, f"{key} {kind}")
    if kind == "variant":
        index = usable.index(same.variant) if same.variant in usable else 0
        name = st.selectbox(
            "Variant",
            usable,
            index=index,
            key=f"{key} variant",
            help="From the page What if: its changes that are switched on.",
        )
        return Axis(kind, variant=name)
    if kind == "field":
        return _field_axis(m, same, key)
    around = _here(real, kind)
    axis = _numbers(same, around, key, least=-720 if kind == "work" else 0)
    if kind in ("therapist", "room") and axis is not None and axis.last > around[2]:
        known = m.options(kind)
        options = [None, *known]
        like = st.selectbox(
            "New ones like",
            options,
            index=options.index(same.like) if same.like in options else 0,
            format_func=lambda id: "each of those there are" if id is None else known[id],
            key=f"{key} like {kind}",
        )
        return Axis(kind, axis.first, axis.last, axis.step, like)
    return axis


def _field_axis(m: Material, now: Axis, key: str) -> Axis | None:
    what = st.segmented_control(
        "Of a",
        ENTRIES,
        default=now.what if now.what in ENTRIES else ENTRIES[0],
        required=True,
        key=f"{key} of",
    )
    id = m.pick(what, "Which")
    if id is None:
        return None
    fields = {f.path: f for f in fields_of(m.real, what, id) if f.kind == "number"}
    paths = list(fields)
    path = st.selectbox(
        "What",
        paths,
        index=paths.index(now.path) if now.path in paths else _likely(paths),
        format_func=lambda p: fields[p].title,
        key=f"{key} path {what}",
    )
    value = int(fields[path].now or 0)
    same = now if (now.what, now.id, now.path) == (what, id, path) else Axis("field")
    step = 60 if "minutes" in path else 1
    around = (max(0, value - 2 * step), value + 2 * step, value, step)
    axis = _numbers(same, around, f"{key} {path}")
    if axis is None:
        return None
    return Axis("field", axis.first, axis.last, axis.step, what=what, id=id, path=path)


def _likely(paths: Sequence[str]) -> int:
    """What directors vary first of a group, a program and a room."""
    for path in ("max_sections", "minutes_per_week.min", "capacity", "max_minutes_per_week"):
        if path in paths:
            return paths.index(path)
    return 0


def _here(scenario: Scenario, kind: str) -> tuple[int, int, int, int]:
    """First, last, what there is at present, and step, to begin with."""
    if kind == "work":
        return 0, 120, 0, 60
    if kind == "census":
        here = sum(1 for p in scenario.patients if p.status == "active")
        step = max(1, round(here / 5))
        return max(0, here - step), here + 2 * step, here, step
    here = len(getattr(scenario, LISTS[kind]))
    return max(0, here - 1), here + 1, here, 1


def _numbers(now: Axis, around: tuple[int, int, int, int], key: str, least: int = 0) -> Axis | None:
    first, last, here, step = around
    said = now if now.numbers and now.step and (now.first, now.last) != (0, 0) else None
    columns = st.columns(3)
    a = columns[0].number_input(
        "From", least, 100_000, said.first if said else first, step=1, key=f"{key} from {now.kind}"
    )
    b = columns[1].number_input(
        "To", least, 100_000, said.last if said else last, step=1, key=f"{key} to {now.kind}"
    )
    c = columns[2].number_input(
        "Step", 1, 10_000, said.step if said else step, step=1, key=f"{key} step {now.kind}"
    )
    axis = Axis(now.kind, int(a), int(b), int(c))
    if len(axis.numbers) > MOST_STEPS:
        st.caption(f"That makes {len(axis.numbers)} steps; at most {MOST_STEPS} are solved.")
        return None
    numbers = ", ".join(map(str, axis.numbers))
    st.caption(f"{numbers}" + (f" (now {here})" if now.kind != "work" else ""))
    return axis


__all__ = [
    "KINDS",
    "MOST_CELLS",
    "Axis",
    "axis_form",
    "cells",
    "kept",
    "read_axes",
    "sweep_of",
    "title",
]
