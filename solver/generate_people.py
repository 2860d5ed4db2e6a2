"""The patients of synthetic clinics, drawn from the tables of ``generate_tables``.

A patient's hours are drawn around their treatment: the days and hours of one of their stream's
patterns first, then work, school and family around those, and then as much of that is taken back
as leaves room for an individual session. So each patient alone could be served, as a clinic makes
sure at admission; who goes short is short of staff, seats or rooms, not of free hours.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta

from numpy.random import Generator

from .generate_hours import (
    HOURS_WANTED,
    Block,
    Draft,
    choose,
    draw_hours,
    free_hours,
    on_days,
    some,
    windows,
)
from .generate_tables import (
    CENSUS_WITH_EVERYTHING,
    EXTRAS,
    FIRST_NAMES,
    LAST_NAMES,
    SATURDAY,
    STREAMS,
    WAITING_SHARE,
    WELLNESS_HOURS,
    Stream,
)
from .timegrid import day_of


def draw_patients(rng: Generator, count: int, week: date) -> list[Draft]:
    """The patients of a clinic, waitlist included, in an order that tells nothing of programs."""
    drafts = [Draft(stream, {}) for stream in _streams(rng, count)]
    for draft in some(rng, drafts, float(rng.uniform(*WAITING_SHARE)), count):
        draft.waiting = True
    digits = max(2, len(str(count)))
    for number, draft in enumerate(drafts, 1):
        name = f"{choose(rng, FIRST_NAMES)} {choose(rng, LAST_NAMES)}"
        draft.entry.update(id=f"p{number:0{digits}d}", name=name, program=draft.stream.program)
        if draft.waiting:
            draft.entry["status"] = "waitlist"
    _who_they_are(rng, drafts, count)
    _stays(rng, drafts, count, week)
    for draft in drafts:
        _own_groups(rng, draft)
    _extras(rng, drafts, count)
    for draft in drafts:
        draw_hours(rng, draft)
    _families(rng, drafts, count)
    _preferences(rng, drafts, count)
    _own_plans(rng, drafts, count)
    _papers(rng, drafts, count, week)
    _apart(rng, drafts, count)
    return drafts


def _streams(rng: Generator, count: int) -> list[Stream]:
    """A stream for each patient: shares a little off the table's, by largest remainders."""
    there = [s for s in STREAMS if count >= s.since]
    shares = [s.share * float(rng.uniform(0.85, 1.15)) for s in there]
    exact = [count * share / sum(shares) for share in shares]
    sizes = [int(x) for x in exact]
    rest = sorted(range(len(there)), key=lambda i: sizes[i] - exact[i])
    for i in rest[: count - sum(sizes)]:
        sizes[i] += 1
    streams = [s for s, size in zip(there, sizes, strict=True) for _ in range(size)]
    return [streams[int(i)] for i in rng.permutation(count)]


def _who_they_are(rng: Generator, drafts: list[Draft], count: int) -> None:
    for draft in drafts:
        entry = draft.entry
        if rng.random() >= 0.03:
            entry["gender"] = choose(rng, ("female", "male", "nonbinary"), (0.48, 0.48, 0.04))
        if draft.stream.id == "es":
            entry["languages"] = ["es"] if rng.random() < 0.7 else ["es", "en"]
        else:
            spoken = choose(rng, (["en"], ["en", "es"], ["en", "vi"]), (0.86, 0.11, 0.03))
            entry["languages"] = list(spoken)
        tags = [t for t, p in (("trauma", 0.25), ("co-occurring", 0.3)) if rng.random() < p]
        entry["tags"] = tags
        entry["priority"] = choose(rng, (1, 2, 3, 4, 5), (0.58, 0.22, 0.12, 0.06, 0.02))
        way = "in_person" if rng.random() < 0.25 else "either"
        entry["attends"] = "remote" if draft.remote else way
    women = [d for d in drafts if d.entry.get("gender") == "female" and d.stream.id != "teen"]
    for draft in some(rng, women, 0.06, count):
        draft.entry["tags"].append("perinatal")
        draft.entry["priority"] = 5
    for draft in some(rng, [d for d in drafts if d.stream.id == "php"], 0.15, count):
        draft.entry["tags"].append("acute")


def _stays(rng: Generator, drafts: list[Draft], count: int, week: date) -> None:
    adults = [d for d in drafts if d.stream.program.startswith("iop-") and d.stream.id != "teen"]
    begin = some(rng, adults, 0.05, count)
    for draft in begin:
        draft.entry["first_date"] = day_of(week, int(rng.integers(1, 3))).isoformat()
    for draft in some(rng, [d for d in adults if d not in begin], 0.04, count):
        draft.entry["last_date"] = day_of(week, int(rng.integers(3, 5))).isoformat()


def _own_groups(rng: Generator, draft: Draft) -> None:
    """The pattern that the patient keeps free: one with the most days of a stay cut short."""
    first, last = draft.entry.get("first_date"), draft.entry.get("last_date")
    patterns = [draft.stream.patterns[int(i)] for i in rng.permutation(len(draft.stream.patterns))]
    if first or last:
        low = date.fromisoformat(first).weekday() if first else 0
        high = date.fromisoformat(last).weekday() if last else 6
        patterns.sort(key=lambda p: -sum(low <= d <= high for d in p))
    draft.blocks = on_days(patterns[0], *draft.stream.hours)


def _extras(rng: Generator, drafts: list[Draft], count: int) -> None:
    """Groups that a patient's own plan adds; none that fewer than two active patients ask for."""

    def give(
        kind: str, tag: str | None, chosen: list[Draft], hours: Callable[[Draft], Block]
    ) -> None:
        if sum(not d.waiting for d in chosen) < 2:
            return
        for draft in chosen:
            draft.extras.append(kind)
            draft.blocks.append(hours(draft))
            if tag and tag not in draft.entry["tags"]:
                draft.entry["tags"].append(tag)
            draft.entry.setdefault("quotas", []).append(
                {"service": EXTRAS[kind].service, "min": 1, "max": 1}
            )

    whole = [d for d in drafts if not {"first_date", "last_date"} & set(d.entry)]
    for side in ("am", "eve"):
        members = [d for d in whole if d.stream.id == f"sud-{side}"]
        start = EXTRAS[f"early-{side}"].starts[0]

        def at(draft: Draft, start: int = start) -> Block:
            return choose(rng, draft.blocks)[0], start, start + 60

        give(f"early-{side}", "early-recovery", some(rng, members, 0.3, count), at)
    late = [d for d in whole if d.stream.program == "iop-sud" and not d.extras]
    chosen = some(rng, late, 0.25, count)
    give("social-support", "week-13", chosen, lambda _: (SATURDAY, 600, 660))
    women = [
        d
        for d in whole
        if d.entry.get("gender") == "female"
        and d.stream.id in ("mh-am", "sud-am")
        and not d.extras
        and "acute" not in d.entry["tags"]
    ]
    midday = EXTRAS["womens-trauma"].starts[0]
    give(
        "womens-trauma", "trauma", some(rng, women, 0.6, count),
        lambda d: (choose(rng, (1, 2, 3)), midday, midday + 90),
    )  # fmt: skip
    for draft in drafts:
        if draft.stream.id == "step-down":
            taken = {day for day, _, _ in draft.blocks}
            start, _ = choose(rng, WELLNESS_HOURS)
            day = choose(rng, [d for d in range(4) if d not in taken])
            draft.blocks.append((day, start, start + 60))
            draft.extras.append("wellness")
            if rng.random() < 0.5:
                draft.entry["quotas"] = [{"service": "individual", "min": 1}]


_FAMILY_HOURS = (
    (*on_days(range(4), (1020, 1260)), (SATURDAY, 540, 780)),
    tuple(on_days(range(5), (720, 1080))),
    tuple(on_days(range(5), (480, 780))),
)
_INTERPRETER = tuple(on_days(range(4), (600, 1140)))


def _families(rng: Generator, drafts: list[Draft], count: int) -> None:
    """Families whose session is due, and when they can come."""
    whole = [d for d in drafts if not {"first_date", "last_date"} & set(d.entry)]
    due: list[Draft] = []
    for stream in STREAMS:
        members = [d for d in whole if d.stream is stream]
        due += some(rng, members, stream.families_due, 0)
    second = [d for d in due if not d.remote and free_hours(d, _INTERPRETER, True)]
    interpreted = some(rng, second, 0.08, count)
    for draft in due:
        service = "family-interpreted" if draft in interpreted else "family"
        draft.entry.setdefault("quotas", []).append({"service": service, "min": 1, "max": 1})
        draft.family_due = True
        if draft in interpreted:
            continue
        options = [_FAMILY_HOURS[int(i)] for i in rng.permutation(len(_FAMILY_HOURS))]
        for hours in options:
            if len(free_hours(draft, hours)) >= 2:
                draft.entry["family_availability"] = windows(hours)
                break


def _preferences(rng: Generator, drafts: list[Draft], count: int) -> None:
    """Hours that some prefer, and that some cannot leave."""
    day_hours, late_hours = on_days(range(5), (480, 1020)), on_days(range(4), (720, 1260))
    for draft in some(rng, drafts, 0.4, count):
        low, high = min(s for _, s, _ in draft.blocks), max(e for _, _, e in draft.blocks)
        on = range(5) if draft.stream.side == "day" else range(4)
        draft.entry["preferred"] = windows(on_days(on, (max(480, low - 60), min(1260, high + 60))))
    for draft in some(rng, drafts, 0.2, count):
        if "wellness" in draft.extras or "social-support" in draft.extras:
            continue
        hours = day_hours if draft.stream.side == "day" else [*late_hours, (SATURDAY, 540, 780)]
        if len(free_hours(draft, hours)) >= HOURS_WANTED and not draft.family_due:
            draft.entry["availability"] = windows(hours)


def _own_plans(rng: Generator, drafts: list[Draft], count: int) -> None:
    """What single patients' plans change in their program; each change suits its program."""
    adults = [d for d in drafts if d.stream.program in ("iop-mh", "iop-sud", "iop-online")]
    for draft in some(rng, adults, 0.04, count):  # the weeks before Level 1, ASAM [1]
        draft.entry["minutes_per_week"] = {"min": 360}
        draft.entry["days_per_week"] = {"min": 2}
    for key, limit in (
        ("days_per_week", {"max": 4}),
        ("attended_day_minutes", {"max": 240}),
        ("sessions_per_day", {"max": 3}),
        ("rolling_sessions", {"days": 2, "max": 6}),
    ):
        for draft in some(rng, adults, 0.03, count):
            draft.entry.setdefault(key, {}).update(limit)


def _papers(rng: Generator, drafts: list[Draft], count: int, week: date) -> None:
    """What the payer authorised, and how likely they come."""
    for draft in some(rng, drafts, 0.75, count):
        until = week + timedelta(days=int(rng.integers(6, 60)))
        draft.entry["authorized"] = {"days": int(rng.integers(6, 25)), "until": until.isoformat()}
    for draft in some(rng, [d for d in drafts if "authorized" in d.entry], 0.2, count):
        draft.entry["authorized"]["sessions"] = int(rng.integers(12, 61))
    for draft in drafts:
        draft.entry["show_rate"] = round(float(rng.beta(16, 4)), 2)


def _apart(rng: Generator, drafts: list[Draft], count: int) -> None:
    """Pairs to keep apart, relatives or former partners, where their stream has another section."""
    crowds = [[d for d in drafts if d.stream is s and not d.waiting] for s in STREAMS]
    crowds = [c for c in crowds if c and len(c) > c[0].stream.kinds[0].size]
    if not crowds:
        apart = some(rng, drafts, 2 / count, count) if count >= CENSUS_WITH_EVERYTHING else []
        pairs = (
            [(apart[0], next(d for d in drafts if d.stream is not apart[0].stream))]
            if apart
            else []
        )
    else:
        number = max(1, round(0.02 * count))
        pairs = []
        for _ in range(number):
            crowd = choose(rng, crowds)
            one, other = rng.permutation(len(crowd))[:2]
            pairs.append((crowd[int(one)], crowd[int(other)]))
    for a, b in pairs:
        mates = a.entry.setdefault("keep_apart", [])
        if b.entry["id"] not in mates:
            mates.append(b.entry["id"])
