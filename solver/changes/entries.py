"""Changes to the lists of a scenario: somebody or something comes, goes, or becomes different."""

from __future__ import annotations

import copy
from typing import Annotated, Any, Literal

from pydantic import Field, model_validator

from ..fields import Id, Whole
from ..report.words import count as counted
from ..report.words import listing
from ..scenario import Scenario
from .base import Step
from .draft import LISTS, CannotChange, Draft, Json, no_such, title
from .leaving import leave_behind

What = Literal["therapist", "room", "equipment", "group", "service", "program", "patient"]
Fields = dict[str, Any]
"""Fields to set by dotted name, values as in a file; null leaves a field out."""

_WORDS = {"equipment": "item of equipment"}
_SHORT = {"min": "least", "max": "most"}


class Add(Step):
    """Somebody or something more: from its fields, or like one that is there.

    ``like`` copies every field but the id and the name; what makes it somebody (a patient's primary
    therapist and whom to keep apart from, a section's place in the baseline) is not copied. ``set``
    then sets fields of the copy. Without an id it gets a free one.
    """

    kind: Literal["add"] = "add"
    what: What
    like: Id | None = None
    count: Annotated[int, Field(ge=1, le=1000, strict=True)] = 1
    set: Fields = {}

    def sentence(self, scenario: Scenario) -> str:
        what = _WORDS.get(self.what, self.what)
        many = f"a{'n' if what[0] in 'aeiou' else ''} {what}" if self.count == 1 else ""
        text = f"Add {many or counted(self.count, what)}"
        if self.like is not None:
            text += f" like {title(scenario, self.what, self.like)}"
        return f"{text}{_with(self.set)}."

    def edit(self, draft: Draft) -> None:
        model = None if self.like is None else draft.entry(self.what, self.like)
        if self.count > 1 and "id" in self.set:
            raise CannotChange(f"{self.count} are added, so no single id can be given to them")
        for _ in range(self.count):
            entry = _twin(draft, self.what, model) if model else self._from_fields(draft)
            for path, value in self.set.items():
                set_at(entry, path, value)
            draft.entries(self.what).append(entry)

    def _from_fields(self, draft: Draft) -> Json:
        if self.what == "therapist" and "credentials" not in self.set:
            there = draft.ids("therapist")
            known = f"; say like whom (like {there[0]}) or name some" if there else ""
            raise CannotChange(f"a therapist without credentials may do nothing{known}")
        id = self.set.get("id") or draft.fresh(self.what, f"new-{self.what}")
        entry: Json = {"id": id, "name": str(self.set.get("name") or f"New {self.what}")}
        entry.update(copy.deepcopy(_NEEDED.get(self.what, {})))
        return entry


_NEEDED: dict[str, Json] = {
    "therapist": {"credentials": []},
    "group": {"leaders": []},
    "program": {"minutes_per_week": {}, "days_per_week": {}, "quotas": []},
}
"""What a file must say of such an entry, though it may be empty."""


def _twin(draft: Draft, what: str, model: Json) -> Json:
    """A copy with an id and a name of its own, tied to nobody."""
    entry = copy.deepcopy(model)
    entry["id"] = draft.fresh(what, model["id"])
    number = entry["id"].rsplit("-", 1)[1]
    entry["name"] = f"{model.get('name') or model['id']} ({number})"
    for field in ("primary_therapist", "keep_apart"):
        entry.pop(field, None)
    return entry


class Remove(Step):
    """Somebody or something goes; what only made sense with it goes too, each with a notice."""

    kind: Literal["remove"] = "remove"
    what: What
    id: Id

    def sentence(self, scenario: Scenario) -> str:
        what = _WORDS.get(self.what, self.what)
        return f"Remove {what} {title(scenario, self.what, self.id)}."

    def edit(self, draft: Draft) -> None:
        remove(draft, self.what, self.id)


def remove(draft: Draft, what: str, id: str) -> None:
    """Take an entry out, and what only made sense with it.

    Raises:
        CannotChange: it is not there, or too much rests on it.
    """
    entry = draft.entry(what, id)
    if leave_behind(draft, what, id):
        draft.entries(what).remove(entry)


class Edit(Step):
    """Fields of one entry become different: a capacity, a size, a program's weekly minutes.

    Names are dotted (``minutes_per_week.min``); in a list of quotas a step is the service's id.
    """

    kind: Literal["change"] = "change"
    what: What
    id: Id
    set: Annotated[Fields, Field(min_length=1)]

    @model_validator(mode="after")
    def _id_stays(self) -> Edit:
        if "id" in self.set:
            raise ValueError("an id stays what it is; everything else refers to it")
        return self

    def sentence(self, scenario: Scenario) -> str:
        what = _WORDS.get(self.what, self.what)
        named = title(scenario, self.what, self.id)
        return f"Change {what} {named}: {listing(map(_said, self.set.items()))}."

    def edit(self, draft: Draft) -> None:
        entry = draft.entry(self.what, self.id)
        for path, value in self.set.items():
            set_at(entry, path, value)


class Policy(Step):
    """The order, weights and tolerances of the goals become different."""

    kind: Literal["policy"] = "policy"
    set: Annotated[Fields, Field(min_length=1)]

    def sentence(self, scenario: Scenario) -> str:
        return f"Change the policy: {listing(map(_said, self.set.items()))}."

    def edit(self, draft: Draft) -> None:
        policy = draft.tree.setdefault("policy", {})
        for path, value in self.set.items():
            set_at(policy, path, value)


class Headcount(Step):
    """So many therapists or rooms, or some more or fewer.

    The last of the list go first; those who come are copies of ``like``, or of those there are in
    the order of the list. So what there is at n is among what there is at n + 1.
    """

    kind: Literal["headcount"] = "headcount"
    what: Literal["therapist", "room"]
    to: Whole | None = None
    by: Annotated[int, Field(ge=-1000, le=1000, strict=True)] | None = None
    like: Id | None = None

    @model_validator(mode="after")
    def _one_number(self) -> Headcount:
        if (self.to is None) == (self.by is None):
            raise ValueError("either `to` or `by` is given")
        if self.to is not None and self.to > 1000:
            raise ValueError(f"found {self.to}; at most 1000 is allowed")
        return self

    def sentence(self, scenario: Scenario) -> str:
        new = f", new ones like {title(scenario, self.what, self.like)}" if self.like else ""
        if self.to is not None:
            here = len(getattr(scenario, LISTS[self.what]))
            return f"{counted(self.to, self.what).capitalize()} instead of {here}{new}."
        by = self.by or 0
        return f"{counted(abs(by), self.what)} {'fewer' if by < 0 else 'more'}{new}."

    def edit(self, draft: Draft) -> None:
        entries = draft.entries(self.what)
        before = list(entries)
        wanted = self.to if self.to is not None else len(before) + (self.by or 0)
        if wanted < 0:
            raise CannotChange(f"there are only {len(before)}; no more than that can go")
        models = [draft.entry(self.what, self.like)] if self.like is not None else before
        if wanted > len(before) and not models:
            raise CannotChange(f"there is no {self.what} to copy; add one with its fields")
        while len(entries) > wanted:
            remove(draft, self.what, entries[-1]["id"])
        for number in range(wanted - len(entries)):
            entries.append(_twin(draft, self.what, models[number % len(models)]))


# -- dotted names ---------------------------------------------------------------------------------


def set_at(entry: Json, path: str, value: Any) -> None:
    """Set a field by its dotted name; None leaves it out.

    Raises:
        CannotChange: the name leads into something that is no object.
    """
    *steps, last = path.split(".")
    here: Any = entry
    for number, step in enumerate(steps):
        here = _inside(here, step, steps[number - 1] if number else "", path)
    if isinstance(here, list):
        here = _inside(here, last, steps[-1] if steps else "", path)
        raise CannotChange(f"{path}: say which field of {last} is meant")
    if not isinstance(here, dict):
        raise CannotChange(f"{path}: {steps[-1]} has no fields of its own")
    if value is None:
        here.pop(last, None)
    else:
        here[last] = copy.deepcopy(value)


def _inside(here: Any, step: str, parent: str, path: str) -> Any:
    if isinstance(here, dict):
        if step == "quotas":
            return here.setdefault(step, [])
        return here.setdefault(step, {})
    if isinstance(here, list):
        for item in here:
            if isinstance(item, dict) and step in (
                item.get("service"),
                item.get("id"),
                item.get("label"),
            ):
                return item
        if step.isdecimal() and int(step) < len(here):
            return here[int(step)]
        if parent == "quotas":
            here.append({"service": step})
            return here[-1]
        names = [str(i.get("id") or i.get("label")) for i in here if isinstance(i, dict)]
        raise CannotChange(f"{path}: {no_such('entry', step, names)}")
    raise CannotChange(f"{path}: {parent} has no fields of its own")


# -- in words -------------------------------------------------------------------------------------


def _with(fields: Fields) -> str:
    return f" with {listing(map(_said, fields.items()))}" if fields else ""


def _said(field: tuple[str, Any]) -> str:
    path, value = field
    steps = path.split(".")
    if steps[0] == "quotas" and len(steps) == 3:
        steps = [f"sessions of {steps[1]}", steps[2]]
    if steps[-1] in _SHORT:
        steps = [_SHORT[steps[-1]], *steps[:-1]]
    words = " ".join(steps).replace("_", " ")
    return f"no {words}" if value is None else f"{words} {said(value)}"


def said(value: Any) -> str:
    """A value as a person says it."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, (int, float)):
        return f"{value:,}"
    if isinstance(value, str):
        return value
    if isinstance(value, list):
        return listing(map(said, value)) if value else "none"
    if isinstance(value, dict):
        if {"days", "start", "end"} <= set(value):
            days = ", ".join(d.capitalize() for d in value["days"])
            return f"{days} {value['start']}–{value['end']}"
        return ", ".join(
            f"{_SHORT.get(k, k.replace('_', ' '))} {said(v)}" for k, v in value.items()
        )
    return str(value)
