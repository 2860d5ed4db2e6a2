"""Putting back what some people had: a scheduler's answer to "no, I cannot do that".

The moves of a new week that concern whoever refuses are taken back, with as many others as stand in
their way and no more. Plain Python: it is asked while somebody waits on the telephone.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from time import monotonic

from ..checker import check
from ..clinic import Clinic
from ..diff import Difference, Kind, difference
from ..ledger import Ledger
from ..schedule import Schedule, Section
from ..violations import Violation
from .atoms import Apart, Move
from .before import cannot_stay, falls_out
from .keeping import Thing, changed

Person = tuple[Kind, str]
SECONDS = 2.0
"""After so long what was found is given out, even if less might have to be taken back."""
MOST_REASONS = 5


@dataclass(frozen=True, slots=True)
class PutBack:
    """What came of it.

    Attributes:
        schedule: a legal week in which whoever refused has what they had and can have; None where there
            is none.
        difference: from the week before it was put back; None without a schedule.
        others: whose new arrangements had to be taken back as well.
        reasons: why there is no such week, or what of it could not be put back, in the rules' words.
    """

    schedule: Schedule | None
    difference: Difference | None
    others: tuple[Person, ...]
    reasons: tuple[str, ...] = ()


def put_back(clinic: Clinic, week: Schedule, people: Iterable[Person]) -> PutBack:
    """A week with what some people had in the baseline, and the rest as it is where that can be.

    A family is put back with the patient. Nobody loses what only added to their week unless it stands in
    the way.

    Raises:
        ValueError: the scenario has no baseline.
    """
    if clinic.baseline is None:
        raise ValueError("there is no baseline to put anybody back to")
    return _Work(clinic, week, frozenset(people)).run()


class _Work:
    def __init__(self, clinic: Clinic, week: Schedule, people: frozenset[Person]) -> None:
        self.clinic, self.week, self.people = clinic, week, people
        assert clinic.baseline is not None
        self.apart = Apart(clinic, falls_out(clinic, clinic.baseline), week)
        self.lost = cannot_stay(clinic)
        self.had_to = {m.number for m in self.apart.moves if self._had_to(m.number)}
        self.until = monotonic() + SECONDS

    def run(self) -> PutBack:
        concerned = [m for m in self.apart.moves if self._concerned(m)]
        wanted = frozenset(m.number for m in concerned) - self.had_to
        stays = self._cannot(m.number for m in concerned if m.number in self.had_to)
        if not wanted:
            return PutBack(None, None, (), stays)
        first = self._faults(wanted)
        chosen = self._one_by_one(wanted, first)
        if chosen is None:
            chosen = self._all_in_the_way(wanted, first)
        if chosen is None:
            return PutBack(None, None, (), (*stays, *self._why(wanted, first)))
        ledger = self._ledger(self._no_more_than_needed(wanted, chosen))
        assert ledger is not None
        schedule = ledger.schedule()
        found = difference(self.clinic, self.week, schedule)
        others = tuple(
            (t.kind, t.id)
            for t in found.told
            if t.kind in ("patient", "therapist") and not self._is_one(t.kind, t.id)
        )
        return PutBack(schedule, found, others, stays)

    def _one_by_one(
        self, wanted: frozenset[int], faults: Sequence[Violation] | None
    ) -> frozenset[int] | None:
        """Moves to take back for a legal week, each time the one after which least is broken."""
        chosen, until = wanted, monotonic() + SECONDS / 2
        while faults and monotonic() < until:
            known = [
                (len(then), number, then)
                for number in sorted(self._in_the_way(chosen, faults))
                if (then := self._faults(chosen | {number})) is not None
            ]
            if not known:
                return None
            _, number, faults = min(known, key=lambda k: k[:2])
            chosen |= {number}
        return chosen if faults == [] else None

    def _all_in_the_way(
        self, wanted: frozenset[int], faults: Sequence[Violation] | None
    ) -> frozenset[int] | None:
        """The same, with everything taken back that a broken rule is about."""
        chosen = wanted
        while faults:
            more = self._in_the_way(chosen, faults)
            if not more:
                return None
            chosen |= more
            faults = self._faults(chosen)
        return chosen if faults == [] else None

    def _cannot(self, numbers: Iterable[int]) -> tuple[str, ...]:
        """Why what some moves took away could not have stayed."""
        why = [self.lost[thing] for n in numbers for thing in self._taken(n) if thing in self.lost]
        return tuple(dict.fromkeys(why))

    def _taken(self, number: int) -> Counter[Thing]:
        """What a move took away that people had."""
        return changed(self.clinic, self.week) - changed(self.clinic, self.apart.without({number}))

    def _had_to(self, number: int) -> bool:
        """Whether what a move took away could not have stayed, whatever else was done."""
        return any(thing in self.lost for thing in self._taken(number))

    def _is_one(self, kind: Kind, id: str) -> bool:
        return (kind, id) in self.people or (kind == "patient" and ("family", id) in self.people)

    def _concerned(self, move: Move) -> bool:
        return any(self._concerns(move, kind, id) for kind, id in self.people)

    def _concerns(self, move: Move, kind: Kind, id: str) -> bool:
        if kind == "patient":
            return id in move.patients
        pair = self.apart.pairs[move.pair]
        sides = [e for e in (pair.old, pair.new) if e is not None]
        if kind == "family":
            return any(
                not isinstance(e, Section)
                and e.patient == id
                and self.clinic.services[e.service].format == "family"
                for e in sides
            )
        if kind != "therapist":
            return False
        # Who joins and leaves is told to the leaders: it is theirs to refuse as well.
        leads = any(isinstance(e, Section) and id in e.leaders for e in sides)
        return id in move.therapists or leads

    def _ledger(self, back: Iterable[int]) -> Ledger | None:
        """The week with some moves taken back; None if it names what is gone."""
        try:
            ledger = Ledger(self.clinic, self.apart.without(frozenset(back)))
        except KeyError:
            return None
        ledger.not_admitted = None
        return ledger

    def _faults(self, back: Iterable[int]) -> list[Violation] | None:
        """Rules that are broken with some moves taken back; None if it names what is gone."""
        ledger = self._ledger(back)
        return None if ledger is None else check(self.clinic, ledger)

    def _in_the_way(self, chosen: frozenset[int], faults: Sequence[Violation]) -> frozenset[int]:
        """Moves that the broken rules are about; else those that touch what was taken back."""
        rest = [m for m in self.apart.moves if m.number not in chosen | self.had_to]
        about = {m.number for m in rest if any(m.touches(v.subject) for v in faults)}
        return frozenset(
            about
            or {m.number for m in rest if any(m.concerns(self.apart.moves[c]) for c in chosen)}
        )

    def _no_more_than_needed(
        self, wanted: frozenset[int], chosen: frozenset[int]
    ) -> frozenset[int]:
        """The moves taken back less each that need not be."""
        for number in sorted(chosen - wanted, reverse=True):
            if monotonic() > self.until:
                break
            if self._faults(chosen - {number}) == []:
                chosen -= {number}
        return chosen

    def _why(self, wanted: frozenset[int], faults: Sequence[Violation] | None) -> tuple[str, ...]:
        if faults is None:
            gone = sorted(self._gone(wanted))
            return (f"{' and '.join(gone)} {'is' if len(gone) == 1 else 'are'} gone",)
        return tuple(dict.fromkeys(v.message for v in faults))[:MOST_REASONS]

    def _gone(self, wanted: frozenset[int]) -> set[str]:
        """Therapists and rooms that what was names and the clinic has no more."""
        moves = [self.apart.moves[n] for n in wanted]
        therapists = {t for m in moves for t in m.therapists} - set(self.clinic.therapists)
        return therapists | {r for m in moves for r in m.rooms} - set(self.clinic.rooms)
