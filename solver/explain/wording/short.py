"""Why somebody is short, and what would help, in words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from ...report.words import count, duration, listing
from ...scenario import Group, Service
from .here import Line
from .names import Names, at_times
from .reasons import gathered, together
from .remedies import hours_of

if TYPE_CHECKING:
    from ..board import Reason
    from ..needs import Need
    from ..remedies import Step
    from ..short import Short

MOST_NAMED = 4
"""People, rooms or causes named in one sentence; how many more there are is said."""


def some(parts: Sequence[str], most: int = MOST_NAMED) -> str:
    """The first few, and how many more there are."""
    more = [f"{len(parts) - most} more"] if len(parts) > most else []
    return "; ".join([*parts[:most], *more])


def need(names: Names, kind: str, service: str | None, missing: int, due: int) -> str:
    """What is missing: ``3 of 3 sessions of Process Group``, ``2 h of 9 h``."""
    whole = _amount(names, kind, service, due)
    return f"{duration(missing) if kind == 'minutes' else missing} of {whole}"


def own_hours(names: Names, patient: str, needs: Sequence[Need]) -> list[str]:
    """What own hours and limits alone leave missing."""
    who = names.person(patient)
    everything = "even with every therapist, room and seat there could be"
    all_of_it = [n.text for n in needs if n.is_own]
    out = []
    if all_of_it:
        what = "any of this" if len(all_of_it) == len(needs) > 1 else f"the {listing(all_of_it)}"
        what = "of it" if len(needs) == 1 else f"of {what}"
        out.append(f"Own hours and limits of {who} allow no more {what}, {everything}.")
    for n in needs:
        if n.least and not n.is_own:
            least = _amount(names, n.kind, n.service, n.least)
            out.append(f"Own hours and limits of {who} leave {least} missing, {everything}.")
    return out


def _amount(names: Names, kind: str, service: str | None, number: int) -> str:
    if kind == "minutes":
        return duration(number)
    if kind == "days":
        return count(number, "day")
    return f"{count(number, 'session')} of {names.service(service or '')}"


def plan_full(names: Names, patient: str) -> str:
    """No service of the plan may have another session."""
    quotas = names.clinic.needs[patient].quotas
    told = [f"{most} of {names.service(s)}" for s, (_, most) in quotas.items() if most is not None]
    what = f": {listing(told)} at most" if told else ""
    return f"The plan of {names.person(patient)} allows no further session{what}."


# -- groups ---------------------------------------------------------------------------------------


def no_group(names: Names, service: str) -> str:
    """No group gives a service."""
    return f"The clinic has no group for {names.service(service)}."


def closed_to(names: Names, patient: str, what: str, found: Sequence[Reason]) -> str:
    """Why a group or a service is not for the patient."""
    return f"Not open to {names.person(patient)}: {_closed(names, what, found)}."


def _closed(names: Names, what: str, found: Sequence[Reason]) -> str:
    name = names.group(what) if what in names.clinic.groups else names.service(what)
    why = list(dict.fromkeys(r.text.partition("; ")[0].removeprefix(f"{name} ") for r in found))
    return f"{name} ({some(why)})"


def all_closed(names: Names, patient: str, closed: Sequence[tuple[str, Sequence[Reason]]]) -> str:
    """All groups that are not for the patient, in one sentence."""
    told = "; ".join(_closed(names, group, found) for group, found in closed)
    return f"Not open to {names.person(patient)}: {told}."


def seat(names: Names, patient: str, ref: str, found: Sequence[Reason]) -> str:
    """Why there is no seat in a section for the patient."""
    title = names.title(ref)
    if not found:
        return f"{title}: has a free seat that {names.person(patient)} could take."
    running = names.ledger.sections[ref]
    size = names.clinic.groups[running.group].size
    parts = []
    if any(r.rule == "group_size" for r in found) and len(running.members) >= size.max:
        who = names.people(running.members)
        parts.append(f"full, {len(running.members)} of {size.max} seats ({who})")
    crowded = {r.rule for r in found} & {"group_size"} if parts else set()
    rooms = [r for r in found if r.rule == "room_fits" and r.about == ref]
    if rooms:
        parts += [] if parts else [rooms[0].text]
        crowded |= {"room_fits"}
    parts += gathered(r for r in found if r.rule not in crowded)
    return f"{title}: {some(parts)}."


def most_sections(names: Names, group: str, running: int) -> str:
    """No further section may run."""
    name = names.group(group)
    if group in names.clinic.continuing:
        return f"{name}: a closed group, which gets no new section."
    if not names.clinic.groups[group].max_sections:
        return f"{name}: may not run."
    ran = "the one section it may have runs" if running == 1 else f"all {running} it may have run"
    return f"{name}: no further section; {ran}."


def cause(names: Names, reason: Reason) -> str:
    """What rules out a time, without the time itself: a commitment, hours, another session."""
    if reason.by is not None:
        return names.session(reason.by)
    _, _, label = reason.text.partition(" is kept by ")
    if label:
        return label.rsplit(" at ", 1)[0]
    if "family" in reason.text:
        return "hours of the family"
    return "not a patient on that day" if "not a patient" in reason.text else "own hours"


def no_times(
    names: Names, patient: str, group: str, total: int, counts: Sequence[tuple[str, int]]
) -> str:
    """Own hours and sessions rule out every time of a group."""
    name, who = names.group(group), names.person(patient)
    if not total:
        return f"{name}: there is no time in this week at which it may meet."
    causes = listing(f"{what} ({n})" for what, n in counts[:MOST_NAMED])
    never = (
        f"can come at none of the {total:,} times" if total > 1 else "cannot come at the only time"
    )
    return f"{name}: {who} {never} it may meet; in the way: {causes}."


def could_run(
    names: Names,
    group: str,
    days: Sequence[int],
    start: int,
    lacks: Sequence[Reason],
    fit: int,
    total: int,
) -> str:
    """What a further section lacks at a time that suits the patient."""
    entry = names.clinic.groups[group]
    when = at_times(days, start, entry.minutes)
    title = f"{names.group(group)}, a further section {when}"
    suits = f"{fit:,} of {count(total, 'possible time')} would suit"
    if not lacks:
        return f"{title}: could run as things are ({suits})."
    return f"{title} ({suits}): {some(gathered(lacks))}."


def no_leader(names: Names, group: Group, why: Mapping[str, Sequence[str]]) -> str:
    """Who of those licensed to lead is where instead."""
    wanted = listing(
        dict.fromkeys(" or ".join(leader.credentials) or "any licence" for leader in group.leaders)
    )
    if not why:
        return f"nobody may lead it, which asks for {wanted}"
    free = [t for t, texts in why.items() if not texts]
    busy = [text for texts in why.values() for text in together(texts)[:1]]
    needs = len(group.leaders)
    said = f"{needs - len(free)} of {count(needs, 'leader')} missing" if free else "no leader free"
    return f"{said} with {wanted}: {some(busy)}"


def over_limit(step: Step) -> str:
    """A therapist who could only lead if their limit were higher."""
    return f"only if {step.text}"


def no_room(names: Names, group: Group, heads: int, why: Mapping[str, Sequence[str]]) -> str:
    """Which rooms would fit and are taken."""
    features = f" with {listing(group.room_features)}" if group.room_features else ""
    if not why:
        return f"no room{features} seats {heads}"
    taken = [text for texts in why.values() for text in together(texts)[:1]]
    return f"no room{features} for {heads} is free: {some(taken)}"


def too_few(names: Names, others: Sequence[str], least: int) -> str:
    """How many members a section lacks."""
    if not others:
        return f"{least} members are needed, and nobody else who may join could come"
    who = f"{names.people(others[:MOST_NAMED])}" + (
        f" and {len(others) - MOST_NAMED} more" if len(others) > MOST_NAMED else ""
    )
    return f"{count(least - 1 - len(others), 'more member')} needed; only {who} could come too"


# -- appointments ---------------------------------------------------------------------------------


def no_carer(names: Names, patient: str, service: str, credentials: Sequence[str]) -> str:
    """Nobody may give a service."""
    wanted = " or ".join(credentials) or "any licence"
    who = names.person(patient)
    return f"Nobody may give {names.service(service)} to {who}; it asks for {wanted}."


def own_starts(names: Names, patient: str, service: Service, cells: Mapping[bool, int]) -> str:
    """When the patient could come beside what they have."""
    who, parts = names.person(patient), []
    if cells.get(False):
        parts.append(hours_of(names.clinic, cells[False]))
    if cells.get(True, 0) & ~cells.get(False, 0):
        parts.append(f"by video {hours_of(names.clinic, cells[True])}")
    if not parts:
        return f"{who}'s own hours and plan leave no time for {service.name or service.id}."
    return f"Beside other sessions {who} could come {', or '.join(parts)}."


def nothing_in_common(names: Names, patient: str, therapist: str) -> str:
    """They are never there at the same time."""
    return f"{names.person(therapist)}: not there at any of these times."


def all_taken(names: Names, therapist: str, cells: int, busy: Sequence[Reason]) -> str:
    """The hours in common are taken."""
    times = hours_of(names.clinic, cells)
    told = list(dict.fromkeys(names.session(r.by, r.day) for r in busy if r.by))
    return f"{names.person(therapist)}: there {times}, and taken by {some(told)}."


def not_then(names: Names, therapist: str, cells: int, why: Sequence[Reason]) -> str:
    """Hours that are free on both sides, and what forbids them all the same."""
    times = hours_of(names.clinic, cells)
    if not why:
        return f"{names.person(therapist)}: free {times}; an appointment is possible as things are."
    return f"{names.person(therapist)}: free {times}, but {some(gathered(why), 2)}."


def no_office(names: Names) -> str:
    """No room for an appointment."""
    return "no room that fits is free then"


# -- the whole explanation ------------------------------------------------------------------------


def lines(one: Short) -> list[Line]:
    """One patient's explanation as lines."""
    out: list[Line] = [(0, one.care.sentence())]
    out += [(1, text) for text in one.own_hours]
    if one.obstacles:
        out.append((0, "What stands in the way"))
        out += [(1, text) for text in dict.fromkeys(o.text for o in one.obstacles)]
    if one.suggestions:
        out.append((0, "What would help"))
        out += [(1, f"{n}. {s.text}") for n, s in enumerate(one.suggestions, 1)]
    if one.closing:
        out.append((0, one.closing))
    return out
