"""Why no schedule exists, and what giving something up would bring, in words."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from ... import report
from ...clinic import Clinic
from ...goals import GOAL
from ...report.words import count, listing, singular
from ...rules import RULE
from ...schedule import Schedule
from .here import Line
from .names import Names

if TYPE_CHECKING:
    from ..facts import Fact
    from ..nothing import NoSchedule, Release

LOOKING = "looking for any legal week"
MOST_ALIKE = 4
"""Facts of one kind that are told one by one."""
CONFIRMING = "confirming that no schedule exists"


def narrowing(left: int) -> str:
    """While facts are left out one after the other."""
    return f"leaving out facts that do not matter; {left:,} may matter"


def releasing(number: int, total: int) -> str:
    """While each fact is given up in turn."""
    return f"giving up fact {number} of {total} alone"


# -- contradictions -------------------------------------------------------------------------------


def locked(names: Names, rule: str, message: str) -> str:
    """What is locked breaks a rule."""
    return f"What is locked breaks a rule ({RULE[rule].title}): {names.say(message)}."


def barred(names: Names, patient: str, group: str) -> str:
    """A lock on a seat that the patient may not take."""
    return f"{names.full(patient)} is locked into {names.group(group)} and may not be in it."


def never_there(names: Names, patient: str, group: str) -> str:
    """A lock on a seat at times at which the patient cannot come."""
    who = names.full(patient)
    return f"{who} is locked into {names.group(group)} and can come at no time it may meet."


def too_many(names: Names, group: str, locked_in: int, seats: int) -> str:
    """More locked members than seats."""
    people = count(locked_in, "patient")
    return f"{people} are locked into {names.group(group)}, which has {count(seats, 'seat')}."


def never_given(names: Names, patient: str, service: str) -> str:
    """Care that is due and that nobody could ever give."""
    who, what = names.full(patient), names.service(service)
    return f"{who} is due {what}, and there is no time at which anybody could give it."


def too_little(names: Names, patient: str) -> str:
    """More minutes due than the sessions of the plan can make."""
    who = names.full(patient)
    return f"{who} is due more hours than the sessions their plan allows can make."


def because(names: Names, line: str) -> str:
    """A reason found alone: a sentence as it is, or the patient whose own hours are to blame."""
    if line in names.clinic.patients:
        return (
            f"{names.full(line)}'s own hours and limits allow no better, whatever the clinic does."
        )
    return line


# -- answers --------------------------------------------------------------------------------------


def release(
    names: Names,
    fact: Fact,
    clinic: Clinic,
    status: str,
    week: Schedule | None,
    goals: Mapping[str, int] | None,
) -> str:
    """What giving up one fact alone makes possible."""
    if status == "unknown":
        return "Given up alone: not decided in time."
    if week is None or goals is None:
        return "Given up alone, it does not help: other facts stand in the way as well."
    parts = list(report.summary(clinic, week)[:2])
    if fact.kind == "strict":
        goal = GOAL[fact.about[0]]
        value = goals[goal.key]
        unit = singular(goal.unit) if value == 1 else goal.unit
        parts.insert(0, f"{goal.title}: {value:,} {unit}.")
        short = [c.sentence() for c in report.care(clinic, week) if c.shortfalls()]
        parts += short[:3]
    return f"Given up alone, there is a week: {' '.join(parts)}"


def lines(found: NoSchedule) -> list[Line]:
    """The whole explanation as lines."""
    if found.status == "possible":
        return [
            (0, "A schedule exists."),
            (0, "Name one to ask why somebody is short or why a session is where it is."),
        ]
    if found.status == "unknown" and found.facts:
        return [
            (0, "No schedule was found, and it seems that none exists."),
            (0, "A second look did not confirm it in time; --time-limit gives it more."),
        ]
    if found.status == "unknown":
        return [(0, "Not decided in time: neither was a schedule found, nor was it ruled out.")]
    facts = found.facts
    if len(facts) == 1:
        head = "This alone leaves none:"
    else:
        head = f"These {len(facts)} facts cannot all hold:"
    out: list[Line] = [(0, f"No schedule exists. {head}")]
    numbers = {f: n for n, f in enumerate(facts, 1)}
    out += [(1, f"{_span([numbers[f] for f in same])}. {_facts(same)}") for same in _alike(facts)]
    out += [(0, line) for line in found.because]
    if len(facts) > 1:
        proved = "Leaving out any one of them would leave a schedule, if nothing else held."
        unproved = "Some of them may not matter: that was not decided in time for all."
        out.append((0, proved if found.minimal else unproved))
    if not found.confirmed:
        out.append((0, "A second look at these facts alone did not end in time."))
    by_fact = {r.fact: r for r in found.releases}
    for alike in _alike(facts):
        told = [by_fact[f] for f in alike if f in by_fact]
        if len(told) > MOST_ALIKE:
            out.append((1, f"{_span([numbers[f] for f in alike])}. {_counted(told)}"))
        else:
            out += [(1, f"{numbers[r.fact]}. {r.text}") for r in told]
    return out


def _alike(facts: Sequence[Fact]) -> list[list[Fact]]:
    """Facts in their order; of a kind of which there are many all together."""
    many = [k for k, n in Counter(f.kind for f in facts).items() if n > MOST_ALIKE]
    out = [[f] for f in facts if f.kind not in many]
    return out + [[f for f in facts if f.kind == kind] for kind in many]


def _span(numbers: Sequence[int]) -> str:
    first, last = numbers[0], numbers[-1]
    return str(first) if first == last else f"{first}–{last}"


def _facts(alike: Sequence[Fact]) -> str:
    if len(alike) == 1:
        return f"{_capital(alike[0].text)} ({alike[0].place})."
    return "; ".join(f"{_capital(f.text)} ({f.place})" for f in alike) + "."


def _counted(told: Sequence[Release]) -> str:
    """What giving up each of many facts brings, counted."""
    count_of = Counter(r.status for r in told)
    words = {
        "possible": "leave a week",
        "impossible": "do not help, because other facts stand in the way as well",
        "unknown": "were not decided in time",
    }
    parts = [f"{n} {words[status]}" for status, n in count_of.items()]
    return f"Of these {len(told)}, each given up alone, {listing(parts)}."


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
