"""Who could be hired and when they could work: the candidates' file, and the clinic with some of them.

A file has ``candidates``, each with either ``therapist`` (somebody new, an entry as in a scenario) or
``staff`` (the id of somebody who is here and could work more), and ``shifts``::

    {"schema_version": 1, "candidates": [
      {"therapist": {"id": "new-1", "name": "Lee Park", "credentials": ["lcsw"], "cost_per_hour": 48},
       "cost": 120, "max_shifts": 1,
       "shifts": [{"id": "mornings", "windows": [{"days": ["mon", "wed"], "start": "09:00", "end": "13:00"}]},
                  {"id": "evenings", "windows": [{"days": ["mon", "wed"], "start": "16:00", "end": "20:00"}],
                   "cost": 450}]},
      {"staff": "t03", "shifts": [{"id": "saturdays", "windows": [{"days": ["sat"], "start": "09:00",
                                                                   "end": "12:00"}], "cost": 200}]}]}

Costs are for the week. A shift costs its ``cost``, or its hours at the therapist's ``cost_per_hour``; a
candidate's own ``cost`` comes on top as soon as one of their shifts is worked. Whoever works a shift is
paid and available for all of it. Somebody new without ``shifts`` has one: their availability as it is.
A weekly limit of somebody who is here grows by the length of each shift they take on.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Annotated, Any, Literal

from pydantic import Field, ValidationError

from ..errors import Fault, FileFaults, ScenarioError
from ..fields import Entry, Flag, Id, Money, Positive, Text
from ..io.files import dump
from ..report.words import Named, label, listing
from ..scenario import Scenario, Therapist, Windows
from ..timegrid import merged
from ..validation import read_scenario
from ..validation.wording import Loc, form_findings, found, nearest, place, quoted

CENTS = 100


class Shift(Entry):
    """Hours that go together; ``remote`` ones are for sessions that need no room."""

    id: Id
    name: Text | None = None
    windows: Annotated[Windows, Field(min_length=1)]
    remote: Flag = False
    cost: Money | None = None


class Candidate(Entry):
    """Somebody new (``therapist``) or somebody who is here (``staff``), and when they could work."""

    therapist: Therapist | None = None
    staff: Id | None = None
    cost: Money = 0.0
    shifts: tuple[Shift, ...] = ()
    max_shifts: Positive | None = None


class CandidatesFile(Entry):
    """The form of the file."""

    schema_version: Literal[1]
    candidates: Annotated[tuple[Candidate, ...], Field(min_length=1)]


class CandidateFaults(FileFaults):
    """The candidates cannot be used; every fault, with its place in their file."""


@dataclass(frozen=True, slots=True)
class Turn:
    """One shift of one candidate: windows on site or by video, weekly cost in cents, minutes a week.

    ``on_site`` is None for all opening hours.
    """

    id: str
    name: str
    on_site: Windows | None
    remote: Windows
    cents: int
    minutes: int


@dataclass(frozen=True, slots=True)
class Person:
    """A candidate. ``cents``: what they cost a week beyond their shifts, if they work any."""

    therapist: str
    name: str
    new: bool
    cents: int
    turns: tuple[Turn, ...]
    most: int


Choice = tuple[int, int]
"""A candidate and one of their shifts, by number."""
Chosen = frozenset[Choice]


class Candidates:
    """The people of a candidates' file beside the scenario they may be added to."""

    def __init__(self, scenario: Scenario, file: CandidatesFile) -> None:
        self.scenario = scenario
        self._file = file
        here = {t.id: t for t in scenario.therapists}
        people = []
        for entry in file.candidates:
            who = entry.therapist or here[entry.staff or ""]
            turns = tuple(_turns(entry, who))
            most = len(turns) if entry.max_shifts is None else entry.max_shifts
            new = entry.therapist is not None
            people.append(Person(who.id, who.name, new, round(entry.cost * CENTS), turns, most))
        self.people = tuple(people)

    @property
    def everything(self) -> Chosen:
        """All shifts of all candidates, more than may be chosen together where ``max_shifts`` says so."""
        return frozenset(
            (i, j) for i, person in enumerate(self.people) for j in range(len(person.turns))
        )

    @property
    def most_cents(self) -> int:
        """What nobody exceeds, whoever is hired."""
        return self.cents(self.everything)

    def cents(self, chosen: Iterable[Choice]) -> int:
        """What some shifts cost a week."""
        chosen = set(chosen)
        people = {i for i, _ in chosen}
        return sum(self.people[i].cents for i in people) + sum(
            self.people[i].turns[j].cents for i, j in chosen
        )

    def hired(self, chosen: Iterable[Choice]) -> Scenario:
        """The scenario with these shifts worked; whoever works none is not in it."""
        tree = _with(dump(self.scenario), self._file, self.people, set(chosen))
        return read_scenario(tree)[0]

    def sentences(self, chosen: Iterable[Choice]) -> list[str]:
        """Who is hired or works more, and when, one sentence each."""
        out = []
        for i, person in enumerate(self.people):
            turns = [person.turns[j] for k, j in sorted(chosen) if k == i]
            if turns:
                who = label(Named(person.therapist, person.name))
                verb = "hire" if person.new else "more hours for"
                out.append(f"{verb} {who}: {listing(turn.name for turn in turns)}")
        return out


def _turns(entry: Candidate, who: Therapist) -> list[Turn]:
    if not entry.shifts:
        windows = (who.availability or ()) + (who.remote_availability or ())
        minutes = _minutes(windows)
        cents = round((who.cost_per_hour or 0) * minutes / 60 * CENTS)
        remote = who.remote_availability or ()
        return [Turn("all", "all their hours", who.availability, remote, cents, minutes)]
    out = []
    for shift in entry.shifts:
        minutes = _minutes(shift.windows)
        cost = shift.cost
        if cost is None:
            cost = (who.cost_per_hour or 0) * minutes / 60
        here, away = ((), shift.windows) if shift.remote else (shift.windows, ())
        out.append(Turn(shift.id, shift.name or shift.id, here, away, round(cost * CENTS), minutes))
    return out


def _minutes(windows: Windows) -> int:
    return sum(end - start for start, end in merged(s for w in windows for s in w.spans()))


def _with(
    tree: dict[str, Any], file: CandidatesFile, people: Iterable[Person], chosen: set[Choice]
) -> dict[str, Any]:
    """A scenario's JSON form with the shifts chosen."""
    by_id = {t["id"]: t for t in tree["therapists"]}
    for i, (person, entry) in enumerate(zip(people, file.candidates, strict=True)):
        turns = [person.turns[j] for k, j in sorted(chosen) if k == i]
        if not turns:
            continue
        if entry.therapist is None:
            _more_hours(by_id[person.therapist], turns)
            continue
        new = dump(entry.therapist)
        if entry.shifts:
            new["availability"] = _windows(w for t in turns for w in t.on_site or ())
            if remote := _windows(w for t in turns for w in t.remote):
                new["remote_availability"] = remote
        tree["therapists"].append(new)
    return tree


def _more_hours(entry: dict[str, Any], turns: Iterable[Turn]) -> None:
    for turn in turns:
        if "availability" in entry:
            entry["availability"] = [*entry["availability"], *_windows(turn.on_site or ())]
        if turn.remote:
            remote = entry.get("remote_availability", [])
            entry["remote_availability"] = [*remote, *_windows(turn.remote)]
        if "max_minutes_per_week" in entry:
            entry["max_minutes_per_week"] += turn.minutes


def _windows(windows: Iterable[Any]) -> list[Any]:
    return [w.model_dump(mode="json") for w in windows]


# -- reading --------------------------------------------------------------------------------------


def read_candidates(data: object, scenario: Scenario) -> Candidates:
    """The candidates in parsed JSON.

    Raises:
        CandidateFaults: with every fault.
    """
    if not isinstance(data, dict):
        raise CandidateFaults([Fault("", f"found {found(data)}; an object {{ … }} is expected")])
    try:
        file = CandidatesFile.model_validate(data)
    except ValidationError as error:
        findings = form_findings(error, CandidatesFile)
        raise CandidateFaults([Fault(place(loc), text) for loc, text in findings]) from None
    faults = [Fault(place(loc), text) for loc, text in _findings(file, scenario)]
    if faults:
        raise CandidateFaults(faults)
    candidates = Candidates(scenario, file)
    try:
        candidates.hired(candidates.everything)
    except ScenarioError as error:
        raise CandidateFaults(_placed(error.faults, file, scenario)) from None
    return candidates


def _findings(file: CandidatesFile, scenario: Scenario) -> list[tuple[Loc, str]]:
    here = {t.id: t for t in scenario.therapists}
    out: list[tuple[Loc, str]] = []
    seen: dict[str, int] = {}
    for number, entry in enumerate(file.candidates):
        at: Loc = ("candidates", number)
        if (entry.therapist is None) == (entry.staff is None):
            given = "neither" if entry.therapist is None else "both"
            text = f"found {given} of therapist and staff; give one of them"
            out.append((at, text))
            continue
        who = entry.therapist or here.get(entry.staff or "")
        if who is None:
            guess = nearest(entry.staff or "", here)
            hint = f"; did you mean {quoted(guess)}?" if guess else ""
            out.append(((*at, "staff"), f"no therapist {quoted(entry.staff or '')}{hint}"))
            continue
        if who.id in seen:
            first = place(("candidates", seen[who.id]))
            out.append((at, f"{quoted(who.id)} is a candidate already, see {first}"))
        seen.setdefault(who.id, number)
        out += [((*at, *loc), text) for loc, text in _of_one(entry, who, scenario)]
    return out


def _of_one(entry: Candidate, who: Therapist, scenario: Scenario) -> list[tuple[Loc, str]]:
    out: list[tuple[Loc, str]] = []
    if entry.staff is not None and not entry.shifts:
        out.append((("shifts",), "missing; say which hours could come on top"))
    if entry.staff is not None and who.availability is None:
        text = f"{quoted(who.id)} is available in all opening hours already; there is none to add"
        out.append((("staff",), text))
    if entry.therapist is not None and entry.shifts:
        out += [
            (("therapist", field), "found beside shifts; give the hours in shifts alone")
            for field in ("availability", "remote_availability")
            if getattr(who, field) is not None
        ]
    if entry.therapist is not None and not entry.shifts and who.availability is None:
        text = "missing, and there are no shifts; say when they could work"
        out.append((("therapist", "availability"), text))
    if not entry.shifts and not entry.cost and who.cost_per_hour is None:
        text = "missing; give it, or the therapist's cost_per_hour"
        out.append((("cost",), text))
    named: set[str] = set()
    for number, shift in enumerate(entry.shifts):
        at: Loc = ("shifts", number)
        if shift.id in named:
            out.append(((*at, "id"), f"{quoted(shift.id)} is there twice"))
        named.add(shift.id)
        if shift.cost is None and who.cost_per_hour is None:
            text = "missing; give it, or the therapist's cost_per_hour"
            out.append(((*at, "cost"), text))
        for w, window in enumerate(shift.windows):
            if any(end % scenario.grid_minutes for end in (window.start, window.end)):
                text = f"a shift begins and ends on the grid of {scenario.grid_minutes} minutes"
                out.append(((*at, "windows", w), text))
    return out


def _placed(faults: Iterable[Fault], file: CandidatesFile, scenario: Scenario) -> list[Fault]:
    """Faults of the scenario with everybody in it, at their place in the candidates' file."""
    new = [i for i, entry in enumerate(file.candidates) if entry.therapist is not None]
    where = {
        f"therapists[{len(scenario.therapists) + n}]": f"candidates[{i}].therapist"
        for n, i in enumerate(new)
    }
    out = []
    for fault in faults:
        head, _, rest = fault.place.partition("].")
        known = where.get(f"{head}]" if rest else fault.place)
        text = f"{known}.{rest}" if known and rest else known or fault.place
        out.append(Fault(text, fault.message))
    return out
