"""What each change is for: the moves of a rebalancing in bundles, and what the week lacks without one.

Every bundle is found by taking it back: the week without it is legal again, and what comes out worse is
what the bundle bought, patient by patient. Moves that cannot be taken back alone (the room is taken, the
therapist is gone) are taken back with those that stand in their way, or say why they had to be made.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from ..clinic import Clinic
from ..diff import Difference, difference
from ..goals import GOAL, PatientGoal
from ..ledger import Ledger
from ..rules import Rule, Scope
from ..schedule import Schedule
from ..tiers import Tier
from ..violations import Violation
from .atoms import Apart
from .before import broken, cannot_stay
from .keeping import MostChanges, changed, changes

MOST_TOGETHER = 12
"""Moves that one bundle is grown to before it is given up."""
MOST_REASONS = 2
ADDING = ("joined", "opened")
"""Kinds of move that take nothing from anybody; they are looked at after the others."""


@dataclass(frozen=True, slots=True)
class Gain:
    """What one patient (or the clinic, where it is None) has of a bundle in one goal.

    Attributes:
        without, now: the patient's share of the goal; lower is better.
    """

    goal: str
    patient: str | None
    without: int
    now: int


@dataclass(frozen=True, slots=True)
class Bundle:
    """Moves that belong together.

    Attributes:
        difference: from the week without them to the week.
        changes: things that people had and that only these moves change.
        gains: what they bought; empty where they had to be made.
        reasons: why what was could not stay, in words.
    """

    difference: Difference
    changes: int
    gains: tuple[Gain, ...]
    reasons: tuple[str, ...]


def bundles(
    clinic: Clinic,
    week: Ledger,
    rules: Sequence[Rule],
    tiers: Sequence[Tier],
    old: Schedule,
    late: Callable[[], bool] = lambda: False,
) -> tuple[Bundle, ...]:
    """The moves from an old week to this one, in bundles, those that bought most first.

    Args:
        old: the baseline as it would fall out this week.
        tiers: whose goals count as something bought.
        late: asked now and then; once it says so, what is left is one bundle.
    """
    return tuple(Unpicking(clinic, week, rules, tiers, old, late).run())


class Unpicking:
    """A week taken apart into bundles of moves."""

    def __init__(
        self,
        clinic: Clinic,
        week: Ledger,
        rules: Sequence[Rule],
        tiers: Sequence[Tier],
        old: Schedule,
        late: Callable[[], bool],
    ) -> None:
        self.clinic, self.week, self.late = clinic, week, late
        self.rules = [r for r in rules if not isinstance(r, MostChanges)]
        self.tiers = tiers
        self.schedule = week.schedule()
        self.apart = Apart(clinic, old, self.schedule)
        self.reasons = cannot_stay(clinic)
        self.stuck: dict[frozenset[int], tuple[str, ...]] = {}

    def run(self) -> list[Bundle]:
        """All bundles, those that bought most first."""
        return [bundle for _, bundle in self.parted()]

    def parted(self) -> list[tuple[frozenset[int], Bundle]]:
        """Each bundle's moves, and what they come to; those that bought most first."""
        found: list[frozenset[int]] = []
        order = sorted(self.apart.moves, key=lambda m: (m.kind in ADDING, m.number))
        left = {m.number for m in order}
        while left:
            first = next(m.number for m in order if m.number in left)
            chosen = frozenset(left) if self.late() else self._together(first, found, left)
            found = [other for other in found if not other & chosen]
            found.append(chosen)
            left -= chosen
        parted = [(chosen, self._bundle(chosen)) for chosen in found]
        return sorted(parted, key=lambda pair: self._order(pair[1]), reverse=True)

    def _order(self, bundle: Bundle) -> tuple[int, ...]:
        order = [g for tier in self.tiers for g in tier.goals]
        by_goal = dict.fromkeys(order, 0)
        for gain in bundle.gains:
            by_goal[gain.goal] += gain.without - gain.now
        return tuple(by_goal.values())

    def _faults(self, taken_back: frozenset[int]) -> list[Violation] | None:
        """Rules the week breaks with some moves taken back; None if it cannot be written."""
        week = self.ledger(self.apart.without(taken_back))
        if week is None:
            return None
        scope = self._scope(week, taken_back)
        near = [v for rule in self.rules for v in rule.check(self.clinic, week, scope)]
        # Whom no move touches is as before; the whole check only has the last word.
        return near or broken(self.clinic, week, self.rules)

    def _scope(self, week: Ledger, taken_back: frozenset[int]) -> Scope:
        """Whom some moves touch."""
        moves = [self.apart.moves[n] for n in taken_back]
        patients = sorted({p for m in moves for p in m.patients} & set(self.clinic.patients))
        entries = {e for m in moves for e in m.entries}
        return Scope(
            patients=patients,
            therapists=sorted(
                {t for m in moves for t in m.therapists} & set(self.clinic.therapists)
            ),
            rooms=sorted({r for m in moves for r in m.rooms} & set(self.clinic.rooms)),
            items=list(self.clinic.equipment),
            groups=sorted(entries & set(self.clinic.groups)),
            sections=sorted(entries & set(week.sections)),
            appointments=[s.ref for p in patients for s in week.sittings[p] if s.group is None],
        )

    def ledger(self, schedule: Schedule) -> Ledger | None:
        """A schedule as a ledger; None if it names what is gone."""
        try:
            ledger = Ledger(self.clinic, schedule)
        except KeyError:
            return None  # it names a therapist or a room that is gone
        ledger.not_admitted = None
        return ledger

    def _together(
        self, first: int, found: Sequence[frozenset[int]], left: set[int]
    ) -> frozenset[int]:
        """A move and those that have to be taken back with it.

        A move that is in a bundle already comes with all of it. Where nothing helps, what was could not
        stay: the move, and those that made up for it, with the rules that stood in its way.
        """
        bundle_of = {n: bundle for bundle in found for n in bundle}
        chosen = frozenset({first})
        if self._had_to(first):
            return chosen | self._replacing(first, left)
        faults = alone = self._faults(chosen)
        while faults and len(chosen) < MOST_TOGETHER and not self.late():
            tried = {
                chosen | bundle_of.get(n, frozenset({n})) for n in self._in_the_way(chosen, faults)
            }
            known = [
                (len(more_faults), len(more), sorted(more), more_faults)
                for more in tried
                if (more_faults := self._faults(more)) is not None
            ]
            if not known:
                break
            _, _, more, faults = min(known, key=lambda k: k[:3])
            chosen = frozenset(more)
        if faults == []:
            return chosen
        made = frozenset({first}) | self._replacing(first, left)
        if not self.late():
            self.stuck[made] = tuple(dict.fromkeys(v.message for v in alone or ()))[:MOST_REASONS]
        return made

    def _had_to(self, number: int) -> bool:
        """Whether what a move took away could not have stayed, whatever else was done."""
        without = self.apart.without({number})
        lost = changed(self.clinic, self.week) - changed(self.clinic, without)
        return any(thing in self.reasons for thing in lost)

    def _in_the_way(self, chosen: frozenset[int], faults: Sequence[Violation]) -> list[int]:
        """Moves that may stand in the way of taking some back: those the broken rules are about."""
        subjects = {v.subject for v in faults}
        near = [m for m in self.apart.moves if m.number not in chosen]
        about = [m.number for m in near if any(map(m.touches, subjects))]
        return about or [
            m.number for m in near if any(m.concerns(self.apart.moves[c]) for c in chosen)
        ]

    def _replacing(self, first: int, left: set[int]) -> frozenset[int]:
        """Moves that give the same people the same kind of session as one that cannot be taken back."""
        move = self.apart.moves[first]
        return frozenset(
            m.number
            for m in self.apart.moves
            if m.number in left
            and m.patients & move.patients
            and self.apart.subject(m.pair) == self.apart.subject(move.pair)
        )

    def _bundle(self, chosen: frozenset[int]) -> Bundle:
        without = self.apart.without(chosen)
        ledger = self.ledger(without)
        gains: tuple[Gain, ...] = ()
        fewer = 0
        faults: Sequence[Violation] = ()
        if ledger is not None:
            fewer = changes(self.clinic, self.week) - changes(self.clinic, ledger)
            faults = broken(self.clinic, ledger, self.rules)
            if not faults:
                gains = tuple(self._gains(ledger))
        lost = changed(self.clinic, self.week) - changed(self.clinic, without)
        if ledger is None:
            fewer = lost.total()
        reasons = dict.fromkeys(
            [
                *(self.reasons[thing] for thing in lost if thing in self.reasons),
                *self.stuck.get(chosen, ()),
            ]
        ) or dict.fromkeys([v.message for v in faults][:MOST_REASONS])
        return Bundle(
            difference(self.clinic, without, self.schedule),
            max(0, fewer),
            tuple(g for g in gains if g.now < g.without),
            tuple(reasons),
        )

    def _gains(self, without: Ledger) -> Iterable[Gain]:
        for goal in (GOAL[g] for tier in self.tiers for g in tier.goals):
            if not isinstance(goal, PatientGoal):
                before, now = (goal.measure(self.clinic, w) for w in (without, self.week))
                yield Gain(goal.key, None, before, now)
                continue
            for p in self.clinic.patients:
                before, now = (goal.of(self.clinic, w, p) for w in (without, self.week))
                yield Gain(goal.key, p, before, now)
