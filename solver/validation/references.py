"""What one entry of a file says about another by id: references, duplicates, locks, what is gone.

Everything here reads parsed JSON with nulls left out, not models, so that a broken entry neither
hides its references nor makes those to it look wrong.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from ..scenario import Scenario
from .tree import Tree, as_date, as_object, by_id, objects, words
from .wording import Finding, Loc, listed, nearest, place, quoted

_LISTS = {
    "services": "service",
    "programs": "program",
    "rooms": "room",
    "equipment": "equipment",
    "therapists": "therapist",
    "groups": "group",
    "patients": "patient",
}
"""Lists that others refer to, and what one entry is called."""

_REFERENCES = (
    ("services[].equipment{}", "equipment"),
    ("programs[].quotas[].service", "services"),
    ("groups[].service", "services"),
    ("groups[].equipment{}", "equipment"),
    ("groups[].eligible.programs[]", "programs"),
    ("patients[].program", "programs"),
    ("patients[].primary_therapist", "therapists"),
    ("patients[].keep_apart[]", "patients"),
    ("patients[].quotas[].service", "services"),
    ("baseline.appointments[].service", "services"),
    ("locks[].patient", "patients"),
    ("locks[].group", "groups"),
    ("locks[].therapist", "therapists"),
)
"""References inside a scenario. Credentials, features, tags, genders, languages are free words."""

_SCHEDULE_REFERENCES = (
    ("sections[].group", "groups"),
    ("sections[].leaders[]", "therapists"),
    ("sections[].meetings[].room", "rooms"),
    ("sections[].meetings[].leaders[]", "therapists"),
    ("sections[].members[]", "patients"),
    ("sections[].absences[].patient", "patients"),
    ("appointments[].patient", "patients"),
    ("appointments[].therapist", "therapists"),
    ("appointments[].room", "rooms"),
    ("not_admitted[]", "patients"),
)
"""References from a schedule into its scenario; in a baseline their targets may be gone."""

_GONE = {
    "groups": "its sections are left out of the baseline",
    "patients": "what names them is left out of the baseline",
    "therapists": "whoever had them gets somebody else",
    "rooms": "whoever met there meets elsewhere",
}
"""What it means for the week that something the baseline names is gone."""

_LISTS_TO_GIVE = (
    "rooms",
    "therapists",
    "groups",
    "patients",
    "programs[].quotas",
    "therapists[].credentials",
    "groups[].leaders",
)
"""Lists that may be empty (or null) but must be said: one left out is more likely a slip."""
_OBJECTS_TO_GIVE = ("programs[].minutes_per_week", "programs[].days_per_week")

_MOST_GUESSES = 100
"""Guesses at what a wrong reference means are made for so many of a kind; guessing takes time."""

Known = Mapping[str, list[str] | None]
"""The ids of each list; None where the list is too broken to say that something is not in it."""


def missing_findings(tree: Tree) -> Iterator[Finding]:
    """What the models do without but a file must say. Reads data with its nulls."""
    for path in (*_LISTS_TO_GIVE, *_OBJECTS_TO_GIVE):
        parent, _, key = path.rpartition("[].")
        top: list[tuple[Loc, Tree]] = [((), tree)]
        for loc, holder in objects(tree, parent) if parent else top:
            if key not in holder:
                yield (*loc, key), "missing; it must be given, and may be empty"
            elif path in _OBJECTS_TO_GIVE and holder[key] is None:
                yield (*loc, key), "found null; an object { min, max } is expected"


def scenario_findings(tree: Tree) -> Iterator[Finding]:
    """Every reference of a scenario to what is not there, and every id given twice."""
    known = {target: _ids(tree, target) for target in _LISTS}
    for path, target in _REFERENCES:
        yield from _unknown(tree, path, _LISTS[target], known[target])
    for path in (*_LISTS, "tracks", "baseline.sections", "baseline.appointments"):
        yield from _again(tree, f"{path}[].id", "ids are unique")
    for entries in ("programs", "patients"):
        for loc, entry in objects(tree, entries):
            yield from _again(entry, "quotas[].service", "one quota a service", loc)
    yield from _again(tree, "policy.tiers[][]", "a goal has one tier")
    base = as_object(tree.get("baseline"))
    yield from _inside_schedule(base, by_id(tree, "services"), ("baseline",))
    yield from _locks(tree, base, known)


def schedule_findings(tree: Tree, scenario: Scenario) -> Iterator[Finding]:
    """Every fault of a schedule's references: into its scenario and inside itself."""
    for path, target in (*_SCHEDULE_REFERENCES, ("appointments[].service", "services")):
        there = [entry.id for entry in getattr(scenario, target)]
        yield from _unknown(tree, path, _LISTS[target], there)
    for path in ("sections[].id", "appointments[].id"):
        yield from _again(tree, path, "ids are unique")
    start = as_date(tree.get("week_start"))
    if start and start != scenario.week_start:
        yield ("week_start",), f"found {start}; the scenario's week starts on {scenario.week_start}"
    yield from _inside_schedule(tree, {s.id: {"format": s.format} for s in scenario.services}, ())


def gone_findings(tree: Tree) -> Iterator[Finding]:
    """Patients, therapists, rooms and groups that the baseline names and the scenario has not."""
    mentions: dict[tuple[str, str], list[Loc]] = {}
    known = {target: set(_ids(tree, target) or ()) for target in _GONE}
    for path, target in _SCHEDULE_REFERENCES:
        for loc, name in words(tree, f"baseline.{path}"):
            if name not in known[target]:
                mentions.setdefault((target, name), []).append(loc)
    for (target, name), locs in mentions.items():
        times = f" (named {len(locs)} times)" if len(locs) > 1 else ""
        yield locs[0], f"{_LISTS[target]} {quoted(name)} is gone{times}; {_GONE[target]}"


def _ids(tree: Tree, field: str) -> list[str] | None:
    """The ids in a top-level list; None if it is misspelt or they cannot all be read."""
    if field in tree:
        return _readable(tree[field])
    if Scenario.model_fields[field].is_required():
        return None
    unknown = [key for key in map(str, tree) if key not in Scenario.model_fields]
    return None if any(nearest(key, [field]) for key in unknown) else []


def _readable(entries: object) -> list[str] | None:
    """The ids of a list's entries; None if any of them might be what a reference means."""
    if not isinstance(entries, list):
        return None
    names = [as_object(entry).get("id") for entry in entries]
    ids = [name for name in names if isinstance(name, str) and name]
    return ids if len(ids) == len(names) else None


def _unknown(tree: object, path: str, what: str, known: list[str] | None) -> Iterator[Finding]:
    """References at ``path`` to something that is not there."""
    if known is None:
        return
    there = set(known)
    wrong = [(loc, name) for loc, name in words(tree, path) if name and name not in there]
    for number, (loc, name) in enumerate(wrong):
        guess = nearest(name, known) if number < _MOST_GUESSES else None
        if guess:
            yield loc, f"no {what} {quoted(name)}; did you mean {quoted(guess)}?"
        elif known:
            yield loc, f"no {what} {quoted(name)}; allowed: {listed(known)}"
        else:
            yield loc, f"no {what} {quoted(name)}; there is none at all"


def _again(tree: object, path: str, why: str, outer: Loc = ()) -> Iterator[Finding]:
    """Texts at ``path`` inside the entry at ``outer`` that stood there before."""
    first: dict[str, Loc] = {}
    for inner, name in words(tree, path):
        loc = (*outer, *inner)
        if first.setdefault(name, loc) != loc:
            yield loc, f"found {quoted(name)} again, as in {place(first[name])}; {why}"


def _inside_schedule(schedule: Tree, services: Mapping[str, Tree], outer: Loc) -> Iterator[Finding]:
    """What a schedule says about itself and about services, alike for a week and for a baseline."""
    for loc, section in objects(schedule, "sections"):
        for field in ("members", "remote_members"):
            yield from _again(section, f"{field}[]", "a member is named once", (*outer, *loc))
        members = {name for _, name in words(section, "members[]")}
        for inner, name in words(section, "remote_members[]"):
            if isinstance(section.get("members", []), list) and name not in members:
                yield (*outer, *loc, *inner), f"{quoted(name)} is none of the section's members"
    for loc, name in words(schedule, "appointments[].service"):
        if name in services and services[name].get("format") == "group":
            message = f"found {quoted(name)}, which is of format group"
            yield (*outer, *loc), f"{message}; format individual or family is expected"


def _locks(tree: Tree, base: Tree, known: Known) -> Iterator[Finding]:
    """Locks on what the baseline has not, or on what cannot stay because somebody in it is gone."""
    for kind, field in (("section", "sections"), ("appointment", "appointments")):
        entries = by_id(base, field)
        for loc, name in words(tree, f"locks[].{kind}"):
            if "baseline" not in tree:
                yield loc, f"no {kind} {quoted(name)}; the scenario has no baseline"
            for what in _gone_parts(entries.get(name), field, known):
                yield loc, f"{what} of {kind} {quoted(name)} is gone; what is gone cannot be locked"
        if isinstance(tree.get("baseline"), dict):
            yield from _unknown(tree, f"locks[].{kind}", kind, _readable(base.get(field, [])))


def _gone_parts(entry: Tree | None, field: str, known: Known) -> Iterator[str]:
    """Whom and what of a locked entry the scenario no longer has.

    A section stays though a member of it is gone: its lock binds the members who are here.
    """
    for path, target in _SCHEDULE_REFERENCES:
        there = known[target]
        if not path.startswith(f"{field}[].") or (field, target) == ("sections", "patients"):
            continue
        names = dict.fromkeys(name for _, name in words(entry, path.removeprefix(f"{field}[].")))
        for name in names:
            if there is not None and name not in there:
                yield f"{_LISTS[target]} {quoted(name)}"
