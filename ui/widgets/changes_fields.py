"""What of a therapist, a room, a group … can become different: fields with their present values.

Made from the models of the scenario, so a new field of a number, a choice, a date, yes or no, or a
list of names is in the form without a line here. Hours have changes of their own.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from types import UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from pydantic import BaseModel
from pydantic_core import PydanticUndefined

from solver.goals import GOAL
from solver.io.files import dump
from solver.scenario import (
    Equipment,
    Group,
    Patient,
    Policy,
    Program,
    Room,
    Scenario,
    Service,
    Therapist,
)
from solver.tiers import tiers_of

MODELS: Mapping[str, type[BaseModel]] = {
    "therapist": Therapist,
    "room": Room,
    "equipment": Equipment,
    "group": Group,
    "service": Service,
    "program": Program,
    "patient": Patient,
}
LISTS = {what: what if what == "equipment" else f"{what}s" for what in MODELS}
"""Where in a scenario its therapists, rooms … are."""
_LEFT_OUT = {
    "id", "name", "status", "keep_apart", "commitments", "leaders", "source", "level", "meal",
}  # fmt: skip
"""Names, what has changes of its own, and what is too rich for one field."""
_BOUNDS = {"min": "least", "max": "most"}
_BELONGS = {
    "service": "services",
    "program": "programs",
    "programs": "programs",
    "primary_therapist": "therapists",
}
"""Fields that hold the id of something else in the scenario."""


@dataclass(frozen=True, slots=True)
class Field:
    """One thing that can be set.

    Attributes:
        path: dotted, as changes have it.
        kind: ``number``, ``amount``, ``share``, ``flag``, ``date``, ``text``, ``choice``, ``list``,
            ``order`` (all of ``allowed``, the first ones said).
        now: the value at present, in the form that files have; None where nothing is said.
        needed: it cannot be left out.
        allowed: what it may be: of a choice all, of a list or a text what is usual here.
    """

    path: str
    title: str
    kind: str
    now: Any
    needed: bool
    allowed: tuple[str, ...] = ()


def fields_of(scenario: Scenario, what: str, id: str) -> list[Field]:
    """Everything that can be set of an entry, in the order of its model."""
    entry = next(e for e in getattr(scenario, LISTS[what]) if e.id == id)
    return list(_fields(scenario, MODELS[what], dump(entry), ""))


def policy_fields(scenario: Scenario) -> list[Field]:
    """What can be set of the goals: what may be given back, weights, order, what must come out 0."""
    policy = scenario.policy or Policy()
    now = dump(policy)
    goals = tuple(GOAL)
    titles = {key: goal.title.lower() for key, goal in GOAL.items()}
    out = [
        Field(
            f"tolerances.{g}",
            f"Share of “{titles[g]}” that later goals may give back",
            "share",
            now.get("tolerances", {}).get(g, 0.0),
            needed=False,
        )
        for g in goals
    ]
    out += [
        Field(
            f"weights.{g}",
            f"Weight of “{titles[g]}” inside its tier",
            "number",
            now.get("weights", {}).get(g, 1),
            needed=False,
        )
        for g in goals
    ]
    strict = list(now.get("strict", ()))
    title = "Goals without which there is no week"
    order = [goal for tier in tiers_of(scenario.policy) for goal in tier.goals]
    return [
        Field("tiers", "Order of the goals, the most important first", "order", order, True, goals),
        *out,
        Field("strict", title, "list", strict, False, goals),
    ]


def value_of(field: Field, said: Any) -> Any:
    """What was put into a form, as a change has it; None leaves the field out."""
    if said is None or said == "":
        return None
    if field.kind == "order":
        return [[goal] for goal in said]
    if field.kind == "date":
        return said.isoformat()
    if field.path == "credentials":  # those that are kept keep their last day
        held = {c["id"]: c for c in field.now or () if isinstance(c, dict)}
        return [held.get(id, id) for id in said]
    return said


def shown_of(field: Field) -> Any:
    """The present value as a form shows it."""
    if field.path == "credentials":
        return [c["id"] if isinstance(c, dict) else c for c in field.now or ()]
    if field.kind == "date" and field.now:
        return date.fromisoformat(field.now)
    return field.now


def _fields(
    scenario: Scenario, model: type[BaseModel], entry: Mapping[str, Any], before: str
) -> Iterator[Field]:
    for name, info in model.model_fields.items():
        if name in _LEFT_OUT and not before:
            continue
        path, now = f"{before}{name}", entry.get(name)
        inside, annotated = _bare(info.annotation)
        if name == "quotas":
            yield from _quotas(scenario, now or [])
        elif isinstance(inside, type) and issubclass(inside, BaseModel):
            yield from _fields(scenario, inside, now or {}, f"{path}.")
        else:
            kind, allowed = _kind(inside, annotated or info.metadata, name)
            if kind is None:
                continue
            usual = _usual(scenario, model, name) if kind in ("list", "text") else allowed
            default = info.default if info.default is not PydanticUndefined else None
            held = now if now is not None else _plain(default)
            needed = info.is_required() or kind == "flag"
            whole = "choice" if name in _BELONGS and kind == "text" else kind
            yield Field(path, title_of(scenario, path), whole, held, needed, usual)


def _quotas(scenario: Scenario, now: Iterable[Mapping[str, Any]]) -> Iterator[Field]:
    held = {q["service"]: q for q in now}
    for service in scenario.services:
        for bound in ("min", "max"):
            path = f"quotas.{service.id}.{bound}"
            value = held.get(service.id, {}).get(bound)
            yield Field(path, title_of(scenario, path), "number", value, needed=False)


def title_of(scenario: Scenario, path: str) -> str:
    """``Least minutes per week`` for ``minutes_per_week.min``."""
    steps = path.split(".")
    if steps[0] == "quotas":
        names = {s.id: s.name or s.id for s in scenario.services}
        service = names.get(steps[1], steps[1])
        return f"{_BOUNDS[steps[-1]].capitalize()} sessions a week of {service}"
    if steps[-1] in _BOUNDS:
        steps = [_BOUNDS[steps[-1]], *steps[:-1]]
    elif steps[-1].startswith("max_"):
        steps = [*steps[:-1], "most", steps[-1].removeprefix("max_")]
    words = " ".join(steps).replace("_", " ")
    return words[:1].upper() + words[1:]


def _bare(annotation: Any) -> tuple[Any, tuple[Any, ...]]:
    """A type without ``None`` and what is annotated, and the annotations."""
    notes: tuple[Any, ...] = ()
    while True:
        origin, args = get_origin(annotation), get_args(annotation)
        if origin is Annotated:
            annotation, notes = args[0], (*notes, *args[1:])
        elif origin in (Union, UnionType):
            annotation = next(arg for arg in args if arg is not type(None))
        else:
            return annotation, notes


def _kind(inside: Any, notes: Iterable[Any], name: str) -> tuple[str | None, tuple[str, ...]]:
    if get_origin(inside) is Literal:
        return "choice", tuple(map(str, get_args(inside)))
    if get_origin(inside) is tuple:
        of, _ = _bare(get_args(inside)[0])
        if of is str or (isinstance(of, type) and of.__name__ == "Credential"):
            return "list", ()
        if of is int and name == "start_times":
            return "list", ()
        return None, ()
    if inside is bool:
        return "flag", ()
    if inside is float:
        at_most_one = any(getattr(note, "le", None) == 1 for note in _all(notes))
        return ("share" if at_most_one else "amount"), ()
    plain = {int: "number", str: "text", date: "date"}
    return plain.get(inside if isinstance(inside, type) else None), ()  # type: ignore[call-overload]


def _all(notes: Iterable[Any]) -> Iterator[Any]:
    """Annotations, and those that a field holds in turn."""
    for note in notes:
        yield note
        yield from getattr(note, "metadata", ())


def _usual(scenario: Scenario, model: type[BaseModel], name: str) -> tuple[str, ...]:
    """What such a field holds anywhere in the scenario; ids where it names something else."""
    if name in _BELONGS:
        return tuple(entry.id for entry in getattr(scenario, _BELONGS[name]))
    if name == "credentials":
        return tuple(dict.fromkeys(c.id for t in scenario.therapists for c in t.credentials))
    found: dict[str, None] = {}
    tree = dump(scenario)
    for what in LISTS.values():
        for entry in tree.get(what, ()):
            for holder in (entry, entry.get("eligible") or {}):
                value = holder.get(name)
                held = value if isinstance(value, list) else [value]
                found.update(dict.fromkeys(v for v in held if isinstance(v, str)))
    if name in ("tags_any", "tags_none"):
        found.update(dict.fromkeys(t for p in scenario.patients for t in p.tags))
    if name == "genders":
        found.update(dict.fromkeys(p.gender for p in scenario.patients if p.gender))
    return tuple(found)


def _plain(default: Any) -> Any:
    if isinstance(default, tuple):
        return []
    return default if isinstance(default, (bool, int, float, str)) else None


__all__ = [
    "LISTS",
    "MODELS",
    "Field",
    "fields_of",
    "policy_fields",
    "shown_of",
    "title_of",
    "value_of",
]
