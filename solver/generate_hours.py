"""The hours of a synthetic patient: treatment first, then work, school and family around it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import TypeVar

from numpy.random import Generator

from .generate_tables import CENSUS_WITH_EVERYTHING, OPENING, SHIFTS, TRAVEL, Hours, Json, Stream
from .timegrid import DAYS, clock

T = TypeVar("T")
Block = tuple[int, int, int]
"""Day number, start and end in minutes since midnight."""
HOURS_WANTED = 4
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


def on_days(days: Iterable[int], *hours: Hours) -> list[Block]:
    """The same hours on each of some days."""
    return [(d, start, end) for d in days for start, end in hours]


def draw_hours(rng: Generator, draft: Draft) -> None:
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
    while len(free_hours(draft)) < HOURS_WANTED and any(blocks for _, _, blocks in draft.work):
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
            return on_days(workdays, (start, 720), (780, end))
        return on_days(workdays, (start, end))
    if life == "evening shift":
        return on_days(choose(rng, (range(5), range(1, 6))), (900, 1380))
    if life == "part time":
        hours = choose(rng, ((540, 780), (600, 840), (780, 1020)))
        return on_days(sorted(rng.permutation(5)[:4].tolist()), hours)
    if life == "rotating":
        shifts = [choose(rng, ((360, 840), (840, 1320), None)) for _ in range(6)]
        return [(d, *shift) for d, shift in enumerate(shifts) if shift]
    if life == "school":
        return on_days(workdays, choose(rng, ((465, 885), (480, 900))))
    if life == "college":
        days = sorted(rng.permutation(5)[:3].tolist())
        return [(d, s, s + 120) for d in days for s in [choose(rng, (540, 660, 780))]]
    return on_days(workdays, (435, 510), (870, 930))  # child care: the way to school and back


def free_hours(
    draft: Draft, inside: Sequence[Block] | None = None, in_person: bool = False
) -> list[Block]:
    """Free hours for an individual or family session, none overlapping."""
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
