"""Where a rebalancing begins: the baseline itself, or as much of it as may still stand."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from time import monotonic

from ..checker import check
from ..clinic import Clinic
from ..extraction import extract
from ..fields import day_name
from ..ledger import Ledger
from ..model import build
from ..options import Free
from ..pins import loose_pins, settled_ledger
from ..rooming import name_rooms
from ..rules import RULES, Rule
from ..schedule import Section
from ..search.cpsat import Limits, solve
from ..search.placing import Placing, obeys, scope_of
from ..search.starts import Start
from ..timegrid import DAY_NUMBER
from ..violations import Violation
from .before import broken, cannot_stay, falls_away, falls_out, gone_names
from .keeping import had


def locked_faults(clinic: Clinic) -> list[Violation]:
    """What is locked and breaks a rule that nothing added could mend."""
    lasting = {r.key for r in RULES if not r.mended_by_adding}
    return [v for v in check(clinic, settled_ledger(clinic)) if v.rule in lasting]


def past_names_gone(clinic: Clinic, before: int) -> list[str]:
    """What took place before a day number and cannot be kept, because somebody or a room is gone."""
    out = []
    for section in clinic.baseline_sections.values():
        for m in clinic.open_meetings(section):
            why = gone_names(clinic, set(section.leaders_at(m)), {m.room})
            if why and DAY_NUMBER[m.day] < before and not m.cancelled:
                out.append(f"{section.id} on {m.day}: {why}")
    for a in clinic.baseline_appointments.values():
        why = gone_names(clinic, {a.therapist}, {a.room})
        if why and DAY_NUMBER[a.day] < before and not falls_away(clinic, a):
            out.append(f"{a.id} on {a.day}: {why}")
    return out


def beginnings(clinic: Clinic, rules: Sequence[Rule], deadline: float) -> Iterator[Ledger]:
    """Legal weeks to begin with, the baseline first where it is one."""
    base = as_it_is(clinic)
    if base is not None and not broken(clinic, base, rules):
        yield base
    for fill in (False, True):
        start = Start(clinic, deadline)
        start.carry_on(clinic.baseline)
        _go_on_otherwise(start)
        week = start.greedy() if fill else start.settle()
        week = _with_loose_pins(clinic, week, rules, deadline)
        if not broken(clinic, week, rules):
            yield week
        if monotonic() > deadline:
            return


def _go_on_otherwise(start: Start) -> None:
    """Sections whose leader or room is not to be had go on with others, at their time."""
    clinic, ledger, placing = start.clinic, start.ledger, start.placing
    for section in clinic.baseline_sections.values():
        meetings = clinic.open_meetings(section)
        days = tuple(sorted({DAY_NUMBER[m.day] for m in meetings}))
        group = clinic.groups[section.group]
        full = len(ledger.by_group[group.id]) >= group.max_sections
        if section.id in ledger.sections or days not in clinic.day_sets[group.id] or full:
            continue
        begins = meetings[0].start
        leaders = _leaders(placing, section, days, begins)
        rooms = _rooms(placing, section, days, begins)
        if leaders is None or rooms is None:
            continue
        plain = tuple(
            meetings[0].model_copy(
                update={"day": day_name(d), "room": room, "leaders": None, "cancelled": False}
            )
            for d, room in zip(days, rooms, strict=True)
        )
        bare = {"meetings": plain, "leaders": leaders, "members": (), "remote_members": ()}
        ledger.open(section.model_copy(update=bare | {"absences": ()}))
        for p in (
            section.members if obeys(clinic, ledger, scope_of(ledger, section=section.id)) else ()
        ):
            placing.join(section.id, p)
        if len(ledger.sections[section.id].members) < group.size.min:
            ledger.close(section.id)


def _leaders(
    placing: Placing, section: Section, days: tuple[int, ...], begins: int
) -> tuple[str, ...] | None:
    """The section's leaders as far as they can lead, others in the places of those who cannot."""
    clinic, screen, ledger = placing.clinic, placing.screen, placing.ledger
    group = clinic.groups[section.group]
    cells = 0
    for d in days:
        cells |= clinic.meeting_cells(group, d, begins)

    def able(therapist: str, place: int) -> bool:
        starts = screen.lead_starts(therapist, group.id, place)
        there = all(starts >> clinic.grid.cell(d, begins) & 1 for d in days)
        return there and not ledger.therapist_busy(therapist) & cells

    out: list[str] = []
    kept = [
        t if t in clinic.therapists and able(t, place) else None
        for place, t in enumerate(section.leaders[: len(group.leaders)])
    ]
    kept += [None] * (len(group.leaders) - len(kept))
    for place, t in enumerate(kept):
        taken = {*out, *(x for x in kept if x is not None)}
        others = [x for x in clinic.therapists if x not in taken and able(x, place)]
        found = t or min(others, key=lambda x: len(ledger.duties[x]), default=None)
        if found is None:
            return None
        out.append(found)
    return tuple(out)


def _rooms(
    placing: Placing, section: Section, days: tuple[int, ...], begins: int
) -> tuple[str | None, ...] | None:
    """The section's rooms as far as they are free, others where they are not."""
    clinic = placing.clinic
    group = clinic.groups[section.group]
    others = placing.rooms(group.id, days, begins)
    if others is None:
        return None
    own = {DAY_NUMBER[m.day]: m.room for m in section.meetings}

    def free(room: str | None, day: int) -> bool:
        if room is None or room not in clinic.rooms:
            return False
        fits = placing.screen.housing(room, group.id, None) >> clinic.grid.cell(day, begins) & 1
        cells = clinic.meeting_cells(group, day, begins)
        return bool(fits) and not placing.ledger.room_busy(room) & cells

    return tuple(
        own[d] if group.needs_room and free(own[d], d) else other
        for d, other in zip(days, others, strict=True)
    )


def _with_loose_pins(
    clinic: Clinic, week: Ledger, rules: Sequence[Rule], deadline: float
) -> Ledger:
    """The week with what locks leave open decided: a leader who is gone, a day that is shut."""
    wrong = {v.subject for v in broken(clinic, week, rules)}
    pins = loose_pins(clinic, settled_ledger(clinic)).items()
    loose = {name: pin for name, pin in pins if name in wrong}
    if not loose:
        return week
    around = week.copy()
    for name in loose:
        around.close(name)
    seats = {(p, pin.group) for pin in loose.values() for p in pin.members}
    free = Free.of(clinic, (), {pin.group for pin in loose.values()}, seats)
    v = build(clinic, around, free, rules=rules)
    outcome = solve(v, None, Limits(max(0.1, deadline - monotonic())))
    if outcome.values is None:
        return week
    found = Ledger(clinic, name_rooms(clinic, extract(v, outcome.values).schedule()))
    found.not_admitted = None
    return found


def as_it_is(clinic: Clinic) -> Ledger | None:
    """The baseline as a ledger, closed dates fallen out; None if it names what is gone."""
    if clinic.baseline is None:
        return None
    try:
        ledger = Ledger(clinic, falls_out(clinic, clinic.baseline))
    except KeyError:
        return None
    ledger.not_admitted = None
    return ledger


def least_changes(clinic: Clinic) -> int:
    """Changes that every legal week needs."""
    base, lost = had(clinic), cannot_stay(clinic)
    return Counter({thing: base[thing] for thing in lost}).total()
