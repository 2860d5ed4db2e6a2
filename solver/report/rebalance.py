"""What the changes of a rebalancing bought, and what more of them would buy, in words."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

from ..clinic import Clinic
from ..diff import Difference
from ..goals import GOAL
from ..schedule import Schedule
from .diff import heard
from .quality import Settled
from .served import Care, care
from .words import count, duration, listing, named, singular

MOST_NAMES = 6
IN_WORDS = ("unmet_care", "short_days", "turned_away")
"""Goals of which a patient's gain is told as care, days and admission; others as a sum."""


class Gained(Protocol):
    """A patient's (or, where it is None, the clinic's) gain in one goal."""

    @property
    def goal(self) -> str: ...
    @property
    def patient(self) -> str | None: ...
    @property
    def without(self) -> int: ...
    @property
    def now(self) -> int: ...


class Bought(Protocol):
    """Changes that belong together; ``rebalance.Bundle`` is one."""

    @property
    def difference(self) -> Difference: ...
    @property
    def changes(self) -> int: ...
    @property
    def gains(self) -> Sequence[Gained]: ...
    @property
    def reasons(self) -> Sequence[str]: ...


class OnCurve(Protocol):
    """The best week with at most so many changes; ``rebalance.Point`` is one."""

    @property
    def most(self) -> int: ...
    @property
    def changes(self) -> int: ...
    @property
    def tiers(self) -> Sequence[Settled]: ...
    @property
    def schedule(self) -> Schedule | None: ...


@dataclass(frozen=True, slots=True)
class Purchase:
    """A bundle in words.

    Attributes:
        gains: what it bought, a sentence a patient, and one for each later goal.
        moves: what it consists of, each with the patients concerned.
    """

    title: str
    gains: tuple[str, ...]
    reasons: tuple[str, ...]
    moves: tuple[str, ...]


def purchase(clinic: Clinic, bundle: Bought) -> Purchase:
    """What a bundle is and what it bought."""
    reasons = tuple(f"It had to change: {why}." for why in bundle.reasons)
    gains = tuple(_gains(clinic, bundle))
    if bundle.changes:
        title = count(bundle.changes, "change")
    else:
        title = "Only added"
    return Purchase(title, gains, reasons, tuple(_moves(clinic, bundle.difference)))


def _gains(clinic: Clinic, bundle: Bought) -> Iterator[str]:
    before = _care_of(clinic, bundle.difference.old)
    now = _care_of(clinic, bundle.difference.new)
    for p in clinic.patients:
        mine = {g.goal: g for g in bundle.gains if g.patient == p and g.goal in IN_WORDS}
        if mine:
            said = [*_more_care(before[p], now[p], mine)]
            yield f"{named(clinic.patients, p).name} {listing(said)}."
    for key in GOAL:
        if key not in IN_WORDS:
            less = sum(g.without - g.now for g in bundle.gains if g.goal == key)
            if less:
                unit = singular(GOAL[key].unit) if less == 1 else GOAL[key].unit
                yield f"{GOAL[key].title}: {less:,} {unit} less."


def _care_of(clinic: Clinic, week: Schedule) -> dict[str, Care]:
    return {c.patient.id: c for c in care(clinic, week)}


def _more_care(before: Care, now: Care, mine: dict[str, Gained]) -> Iterator[str]:
    if "turned_away" in mine:
        yield "is admitted from the waiting list"
        return
    if "unmet_care" in mine:
        minutes = before.minutes.missing - now.minutes.missing
        if minutes > 0:
            yield f"gets {duration(minutes)} more of the care that is due"
        for service, part in now.sessions.items():
            more = before.sessions[service].missing - part.missing
            if more > 0:
                yield f"gets {count(more, 'session')} more of {part.what}"
    if "short_days" in mine:
        fewer = mine["short_days"].without - mine["short_days"].now
        yield f"has {count(fewer, 'day')} fewer that is missing or too short"


def _moves(clinic: Clinic, found: Difference) -> Iterator[str]:
    """Each thing that patients are told, once, with their names; then what staff alone are told."""
    people: dict[str, list[str]] = {}
    for person in heard(clinic, found):
        if person.kind in ("patient", "desk"):
            for row in person.rows:
                people.setdefault(row.sentence, []).append(person.who.name)
    if not people:
        for person in heard(clinic, found):
            for row in person.rows:
                people.setdefault(row.sentence, []).append(person.who.name)
    for sentence, names in people.items():
        yield f"{_some(names)}: {sentence}"


def _some(names: Sequence[str]) -> str:
    if len(names) <= MOST_NAMES:
        return listing(names)
    return f"{', '.join(names[: MOST_NAMES - 1])} and {len(names) - MOST_NAMES + 1} more"


def purchase_document(clinic: Clinic, bundle: Bought) -> dict[str, object]:
    """A bundle for machines."""
    words = purchase(clinic, bundle)
    return {
        "changes": bundle.changes,
        "gains": [
            {"goal": g.goal, "patient": g.patient, "without": g.without, "now": g.now}
            for g in bundle.gains
        ],
        "reasons": list(bundle.reasons),
        "told": [{"kind": t.kind, "id": t.id} for t in bundle.difference.told],
        "sentences": [*words.gains, *words.reasons],
        "moves": list(words.moves),
    }


# -- the curve --------------------------------------------------------------------------------------


def curve_columns(curve: Iterable[OnCurve]) -> list[str]:
    """Headings of the curve's table."""
    first = next((p for p in curve if p.tiers), None)
    goals = [" + ".join(t.goals) for t in first.tiers] if first else []
    return [
        "At most",
        "Changes",
        *(g.replace("_", " ").capitalize() for g in goals),
        "First proved",
    ]


def curve_rows(curve: Sequence[OnCurve]) -> list[tuple[str, ...]]:
    """The points at which something is gained; between them more changes gain nothing."""
    rows: list[tuple[str, ...]] = []
    last: tuple[int | None, ...] | None = None
    for number, point in enumerate(curve):
        values = tuple(t.value for t in point.tiers)
        if values == last and number + 1 < len(curve):
            continue
        last = values
        if point.schedule is None:
            rows.append((str(point.most), "no such week", *("" for _ in point.tiers), ""))
        else:
            proved = "yes" if point.tiers and point.tiers[0].proved else "no"
            shown = (f"{v:,}" if v is not None else "" for v in values)
            rows.append((str(point.most), str(point.changes), *shown, proved))
    return rows


def curve_document(curve: Iterable[OnCurve]) -> list[dict[str, object]]:
    """The curve for machines, each point with its schedule."""
    return [
        {
            "most": p.most,
            "found": p.schedule is not None,
            "changes": p.changes if p.schedule is not None else None,
            "tiers": [
                {"goals": list(t.goals), "value": t.value, "bound": t.bound, "proved": t.proved}
                for t in p.tiers
            ],
            "schedule": None if p.schedule is None else p.schedule.model_dump(mode="json"),
        }
        for p in curve
    ]
