"""Patients and therapists of synthetic clinics, drawn from the tables of ``generate_tables``.

A patient's hours are drawn around their treatment: first the days and hours of one of their
stream's patterns, then work, school and family around those, and then enough of that is taken back for
an individual session to fit. So everybody alone could be served, as a clinic makes sure of at
admission; who cannot be served in the end is short of staff, seats or rooms, not of free hours.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import TypeVar

from numpy.random import Generator

from .generate_tables import (
    CENSUS_WITH_EVERYTHING,
    EXTRAS,
    FIRST_NAMES,
    LAST_NAMES,
    OPENING,
    SATURDAY,
    SHIFTS,
    STREAMS,
    TRAVEL,
    WAITING_SHARE,
    WELLNESS_HOURS,
    Hours,
    Json,
    Stream,
)
from .timegrid import DAYS, clock, day_of

T = TypeVar("T")
Block = tuple[int, int, int]
"""Day number, start and end in minutes since midnight."""
_SLOTS_WANTED = 4
"""Hours a patient has free for an individual session, to choose one from."""


@dataclass(slots=True)
class Draft:
    """A patient in the making.

    Attributes:
        entry: the patient as the scenario file has it.
        blocks: days and hours of their groups in the pattern they keep free.
        extras: groups beyond their stream's that their own plan asks for.
        work: label, travel minutes and blocks of each commitment.
    """

    stream: Stream
    entry: Json
    waiting: bool = False
    family_due: bool = False
    blocks: list[Block] = field(default_factory=list)
    extras: list[str] = field(default_factory=list)
    work: list[tuple[str, int, list[Block]]] = field(default_factory=list)

    @property
    def remote(self) -> bool:
        return self.stream.id == "online"


def choose(rng: Generator, options: Sequence[T], weights: Sequence[float] | None = None) -> T:
    """One of the options."""
    share = None if weights is None else [w / sum(weights) for w in weights]
    return options[int(rng.choice(len(options), p=share))]


def some(rng: Generator, among: Sequence[T], share: float, census: int) -> list[T]:
    """A share of a list, in its order; one at least where the clinic is large enough."""
    count = round(share * len(among))
    if census >= CENSUS_WITH_EVERYTHING and among:
        count = max(1, count)
    picked = sorted(int(i) for i in rng.permutation(len(among))[:count])
    return [among[i] for i in picked]


def windows(blocks: Iterable[Block]) -> list[Json]:
    """Windows of the scenario file: days of the same hours in one window."""
    days: dict[Hours, list[int]] = {}
    for day, start, end in sorted(blocks):
        days.setdefault((start, end), []).append(day)
    return [
        {"days": [DAYS[d] for d in on], "start": clock(start), "end": clock(end)}
        for (start, end), on in days.items()
    ]


def _on(days: Iterable[int], *hours: Hours) -> list[Block]:
    return [(d, start, end) for d in days for start, end in hours]


# -- patients -----------------------------------------------------------------------------------


def draw_patients(rng: Generator, count: int, week: date) -> list[Draft]:
    """The patients of a clinic, waitlist included, in an order that tells nothing of their program."""
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
        _hours(rng, draft)
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
    draft.blocks = _on(patterns[0], *draft.stream.hours)


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


def _hours(rng: Generator, draft: Draft) -> None:
    """Work, school and the like around the blocks of treatment."""
    life = choose(rng, list(draft.stream.lives), list(draft.stream.lives.values()))
    travel = choose(rng, TRAVEL)
    if life != "none":
        blocks = _life(rng, life, draft, travel)
        draft.work.append((life, 0 if life == "child care" else travel, blocks))
    if rng.random() < 0.15:
        day, start = int(rng.integers(0, 5)), choose(rng, (540, 600, 810, 870))
        label, length = choose(rng, (("court date", 120), ("medical appointment", 60)))
        draft.work.append((label, travel, [(day, start, start + length)]))
    draft.work = [
        (label, way, [b for b in blocks if not _meet(draft, b, way)])
        for label, way, blocks in draft.work
    ]
    while len(_slots(draft)) < _SLOTS_WANTED and any(blocks for _, _, blocks in draft.work):
        fullest = max(draft.work, key=lambda w: len(w[2]))[2]
        day = choose(rng, sorted({d for d, _, _ in fullest}))
        fullest[:] = [b for b in fullest if b[0] != day]
    draft.work = [w for w in draft.work if w[2]]
    _write(draft)


def _write(draft: Draft) -> None:
    if draft.work:
        draft.entry["commitments"] = [
            {
                "label": label,
                "windows": windows(blocks),
                **({"travel_minutes": travel} if travel else {}),
            }
            for label, travel, blocks in draft.work
        ]


def _meet(draft: Draft, block: Block, travel: int) -> bool:
    """Whether a commitment touches the patient's groups, the way there and back counted."""
    day, start, end = block
    way = 0 if draft.remote else travel
    return any(d == day and a < end + way and start - way < b for d, a, b in draft.blocks)


def _life(rng: Generator, life: str, draft: Draft, travel: int) -> list[Block]:
    workdays = range(5)
    if life == "day shift":
        first = min(start for _, start, _ in draft.blocks)
        way = 0 if draft.remote else travel
        fitting = [s for s in SHIFTS if s[1] + way <= first] or [SHIFTS[0]]
        start, end = choose(rng, fitting)
        if rng.random() < 0.6:
            return _on(workdays, (start, 720), (780, end))
        return _on(workdays, (start, end))
    if life == "evening shift":
        return _on(choose(rng, (range(5), range(1, 6))), (900, 1380))
    if life == "part time":
        hours = choose(rng, ((540, 780), (600, 840), (780, 1020)))
        return _on(sorted(rng.permutation(5)[:4].tolist()), hours)
    if life == "rotating":
        shifts = [choose(rng, ((360, 840), (840, 1320), None)) for _ in range(6)]
        return [(d, *shift) for d, shift in enumerate(shifts) if shift]
    if life == "school":
        return _on(workdays, choose(rng, ((465, 885), (480, 900))))
    if life == "college":
        days = sorted(rng.permutation(5)[:3].tolist())
        return [(d, s, s + 120) for d in days for s in [choose(rng, (540, 660, 780))]]
    return _on(workdays, (435, 510), (870, 930))  # child care: the way to school and back


def _slots(
    draft: Draft, inside: Sequence[Block] | None = None, in_person: bool = False
) -> list[Block]:
    """Free hours for an individual or family session, on the hour or half-hour, none overlapping."""
    by_video = draft.entry["attends"] != "in_person" and not in_person
    out: list[Block] = []
    first, last = draft.entry.get("first_date"), draft.entry.get("last_date")
    for days, (opens, closes) in OPENING:
        for day in days:
            if (first and day < date.fromisoformat(first).weekday()) or (
                last and day > date.fromisoformat(last).weekday()
            ):
                continue
            at = opens
            while at + 60 <= closes:
                free = not any(d == day and a < at + 60 and at < b for d, a, b in draft.blocks)
                for _, travel, blocks in draft.work:
                    way = 0 if by_video else travel
                    free &= not any(
                        d == day and a - way < at + 60 and at < b + way for d, a, b in blocks
                    )
                if inside is not None:
                    free &= any(d == day and a <= at and at + 60 <= b for d, a, b in inside)
                if free:
                    out.append((day, at, at + 60))
                at += 60 if free else 30
    return out


_FAMILY_HOURS = (
    (*_on(range(4), (1020, 1260)), (SATURDAY, 540, 780)),
    tuple(_on(range(5), (720, 1080))),
    tuple(_on(range(5), (480, 780))),
)
_INTERPRETER = tuple(_on(range(4), (600, 1140)))


def _families(rng: Generator, drafts: list[Draft], count: int) -> None:
    """Families whose session is due, and when they can come."""
    whole = [d for d in drafts if not {"first_date", "last_date"} & set(d.entry)]
    due: list[Draft] = []
    for stream in STREAMS:
        members = [d for d in whole if d.stream is stream]
        due += some(rng, members, stream.families_due, 0)
    second = [d for d in due if not d.remote and _slots(d, _INTERPRETER, True)]
    interpreted = some(rng, second, 0.08, count)
    for draft in due:
        service = "family-interpreted" if draft in interpreted else "family"
        draft.entry.setdefault("quotas", []).append({"service": service, "min": 1, "max": 1})
        draft.family_due = True
        if draft in interpreted:
            continue
        options = [_FAMILY_HOURS[int(i)] for i in rng.permutation(len(_FAMILY_HOURS))]
        for hours in options:
            if len(_slots(draft, hours)) >= 2:
                draft.entry["family_availability"] = windows(hours)
                break


def _preferences(rng: Generator, drafts: list[Draft], count: int) -> None:
    """Hours that some prefer, and that some cannot leave."""
    day_hours, late_hours = _on(range(5), (480, 1020)), _on(range(4), (720, 1260))
    for draft in some(rng, drafts, 0.4, count):
        low, high = min(s for _, s, _ in draft.blocks), max(e for _, _, e in draft.blocks)
        on = range(5) if draft.stream.side == "day" else range(4)
        draft.entry["preferred"] = windows(_on(on, (max(480, low - 60), min(1260, high + 60))))
    for draft in some(rng, drafts, 0.2, count):
        if "wellness" in draft.extras or "social-support" in draft.extras:
            continue
        hours = day_hours if draft.stream.side == "day" else [*late_hours, (SATURDAY, 540, 780)]
        if len(_slots(draft, hours)) >= _SLOTS_WANTED and not draft.family_due:
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
