"""What must agree in numbers and dates: minima and maxima, patterns, the stay, the week itself.

Reads parsed JSON with nulls left out; what has the wrong form is passed over, the models report it.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from ..timegrid import DAY_NAMES, DAY_NUMBER
from .tree import Tree, as_date, as_list, as_object, as_whole, at, by_id, objects, words
from .wording import Finding, Loc, quoted

_RANGES = ("minutes_per_week", "days_per_week", "attended_day_minutes", "sessions_per_day")
_WEEKLY = ("minutes_per_week", "days_per_week")
"""Ranges whose minimum from the program shrinks with a patient's stay, as those of quotas do."""
_DEFAULT_GRID = 15
_ORDER = "a minimum is at most its maximum"


def limit_findings(tree: Tree) -> Iterator[Finding]:
    """Every fault of a scenario in which two values, each well formed, contradict each other."""
    yield from _week(tree)
    yield from _ranges(tree)
    yield from _patients(tree)
    yield from _groups(tree)
    if isinstance(tree.get("tracks", []), list) and not tree.get("tracks"):
        for loc, single in at(tree, "programs[].single_track"):
            if single is True:
                yield loc, "found true, but the scenario has no tracks; give some or leave it out"


def _week(tree: Tree) -> Iterator[Finding]:
    for path in ("week_start", "baseline.week_start"):
        for loc, value in at(tree, path):
            start = as_date(value)
            if start and start.weekday() != 0:
                day = DAY_NAMES[start.weekday()]
                yield loc, f"found {start}, a {day}; a week starts on a Monday"
            elif start and not 1900 <= start.year < 3000:
                yield loc, f"found {start}; a week between 1900 and 2999 is expected"


def _ranges(tree: Tree) -> Iterator[Finding]:
    paths = [f"{entries}[].{field}" for entries in ("programs", "patients") for field in _RANGES]
    for path in (*paths, "programs[].quotas[]", "patients[].quotas[]", "groups[].size"):
        for loc, value in at(tree, path):
            low, high = _limits(value)
            if low is not None and high is not None and low > high:
                yield loc, f"found min {low} over max {high}; {_ORDER}"
    for loc, program in objects(tree, "programs"):
        yield from _rolling(loc, as_object(program.get("rolling_sessions")))


def _limits(value: object) -> tuple[int | None, int | None]:
    entry = as_object(value)
    return as_whole(entry.get("min")), as_whole(entry.get("max"))


def _rolling(loc: Loc, rolling: Tree) -> Iterator[Finding]:
    for key, other in (("days", "max"), ("max", "days")):
        if key in rolling and other not in rolling:
            yield (*loc, "rolling_sessions"), f"found {key} without {other}; the limit needs both"


def _patients(tree: Tree) -> Iterator[Finding]:
    programs = by_id(tree, "programs")
    for loc, patient in objects(tree, "patients"):
        first, last = as_date(patient.get("first_date")), as_date(patient.get("last_date"))
        if first and last and first > last:
            yield (*loc, "first_date"), f"found {first}; at most last_date ({last}) is allowed"
        name = patient.get("program")
        if isinstance(name, str) and name in programs:
            stay = _stay(tree, first, last)
            yield from _merged(loc, patient, programs[name], quoted(name), stay)


def _stay(tree: Tree, first: date | None, last: date | None) -> tuple[int, int, int]:
    """(open days of the week a patient is there, all open days, grid minutes)."""
    week, grid = as_date(tree.get("week_start")), as_whole(tree.get("grid_minutes"))
    if week is None:
        return 1, 1, 1
    days = {name for _, name in words(tree, "opening_hours[].days[]")} & set(DAY_NUMBER)
    dates = [week.toordinal() + DAY_NUMBER[name] for name in days]
    earliest = first.toordinal() if first else 0
    latest = last.toordinal() if last else date.max.toordinal()
    here = sum(earliest <= day <= latest for day in dates)
    return here, len(dates), grid if grid and grid > 0 else _DEFAULT_GRID


def _merged(
    loc: Loc, own: Tree, program: Tree, name: str, stay: tuple[int, int, int]
) -> Iterator[Finding]:
    """Minima that come over their maxima when a patient's entry meets the program's.

    The patient's keys win; keys it leaves out come from the program, weekly minima scaled to the
    stay. Ranges that one of the two states whole are judged where they stand.
    """
    pairs: list[tuple[Loc, object, object, bool]] = [
        ((*loc, field), own.get(field), program.get(field), field in _WEEKLY) for field in _RANGES
    ]
    theirs = by_id(program, "quotas", "service")
    for inner, quota in objects(own, "quotas"):
        service = quota.get("service")
        if isinstance(service, str) and service in theirs:
            pairs.append(((*loc, *inner), quota, theirs[service], True))
    for where, mine, base, is_weekly in pairs:
        (own_low, own_high), (low, high) = _limits(mine), _limits(base)
        if own_low is None and own_high is not None and low is not None:
            here, open_days, grid = stay
            if is_weekly and here < open_days:
                whole = grid if where[-1] == "minutes_per_week" else 1
                low = low * here // open_days // whole * whole
            if low > own_high:
                yield where, f"found min {low} from program {name} over max {own_high}; {_ORDER}"
        elif own_high is None and own_low is not None and high is not None and own_low > high:
            yield where, f"found min {own_low} over max {high} from program {name}; {_ORDER}"
    if rolling := as_object(own.get("rolling_sessions")):
        yield from _rolling(loc, {**as_object(program.get("rolling_sessions")), **rolling})


def _groups(tree: Tree) -> Iterator[Finding]:
    services = by_id(tree, "services")
    for loc, group in objects(tree, "groups"):
        name = group.get("service")
        form = services[name].get("format") if isinstance(name, str) and name in services else None
        if form in ("individual", "family"):
            message = (
                f"found {quoted(str(name))}, which is of format {form}; format group is expected"
            )
            yield (*loc, "service"), message
        wanted = as_whole(group.get("meetings_per_week"))
        for inner, pattern in at(group, "day_patterns[]"):
            days = [day for day in as_list(pattern) if isinstance(day, str)]
            if not isinstance(pattern, list) or wanted is None or not 1 <= wanted <= 7:
                continue
            if not len(days) == len(set(days)) == wanted:
                shown = ", ".join(days) or "no day"
                message = (
                    f"found {shown}; a pattern has meetings_per_week ({wanted}) different days"
                )
                yield (*loc, *inner), message
