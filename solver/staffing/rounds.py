"""Hires proposed and judged, round by round: the cheapest that nothing yet known forbids comes next.

A judge says of some hires that they do not suffice, and which shifts were missing: of those at least one
is needed, by whatever hires. So the cheapest hires with one of each of these lists bound the cost, and
they are the next proposal. The first proposal with which a week is found is the best there is.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field
from typing import Literal, NamedTuple

from ortools.sat.python import cp_model

from ..extraction import extract
from ..goals import GOAL
from ..ledger import Ledger
from ..rooming import name_rooms
from ..search.cpsat import Signal, _Stopping
from ..variables import Variables
from .candidates import Candidates, Choice, Chosen
from .hiring import Hiring, Hours

Verdict = Literal["enough", "not enough", "undecided"]


class Proposal(NamedTuple):
    """Hires and what they cost in cents."""

    chosen: Chosen
    cents: int


@dataclass(slots=True)
class Known:
    """What is known of hires for one share of care.

    Attributes:
        needed: lists of shifts of which at least one is needed each.
        undecided: hires of which nobody could say in time whether they suffice.
    """

    candidates: Candidates
    needed: list[frozenset[Choice]] = field(default_factory=list)
    undecided: list[Chosen] = field(default_factory=list)
    _bounded: tuple[int, int | None] | None = None

    def cheapest(self, below: int | None) -> Proposal | None:
        """The cheapest hires that nothing forbids and nobody was undecided about, if below a cost."""
        found = self._solve([*self.needed, *self._open()])
        return None if found is None or (below is not None and found.cents >= below) else found

    def fullest(self, budget: int) -> Proposal | None:
        """The same with the most hours that a budget pays for."""
        return self._solve([*self.needed, *self._open()], budget)

    def bound(self) -> int | None:
        """No hires that suffice cost less; None where no hires can suffice."""
        if self._bounded is None or self._bounded[0] != len(self.needed):
            found = self._solve(self.needed)
            self._bounded = (len(self.needed), None if found is None else found.cents)
        return self._bounded[1]

    def _open(self) -> list[frozenset[Choice]]:
        """Hires that are no part of those somebody was undecided about."""
        return [self.candidates.everything - chosen for chosen in self.undecided]

    def _solve(
        self, needed: Sequence[frozenset[Choice]], budget: int | None = None
    ) -> Proposal | None:
        model = cp_model.CpModel()
        people = self.candidates.people
        works = {c: model.new_bool_var("") for c in sorted(self.candidates.everything)}
        prices = [(x, people[i].turns[j].cents) for (i, j), x in works.items()]
        for i, person in enumerate(people):
            own = [x for c, x in works.items() if c[0] == i]
            model.add(cp_model.LinearExpr.sum(own) <= person.most)
            hired = model.new_bool_var("")
            for x in own:
                model.add_implication(x, hired)
            prices.append((hired, person.cents))
        for some in needed:
            model.add_bool_or([works[c] for c in sorted(some)])
        cost = cp_model.LinearExpr.weighted_sum([x for x, _ in prices], [c for _, c in prices])
        if budget is None:
            model.minimize(cost)
        else:
            model.add(cost <= budget)
            minutes = [people[i].turns[j].minutes for i, j in works]
            model.maximize(cp_model.LinearExpr.weighted_sum(list(works.values()), minutes))
        solver = cp_model.CpSolver()
        solver.parameters.num_workers = 1
        solver.parameters.catch_sigint_signal = False
        if solver.status_name(solver.solve(model)) != "OPTIMAL":
            return None
        chosen = frozenset(c for c, x in works.items() if solver.value(x))
        return Proposal(chosen, self.candidates.cents(chosen))


class Judge:
    """A model of the week in which hires are assumed; by the day it can refute and not confirm."""

    def __init__(
        self, v: Variables, hours: Hours, cap: int, seed: int, stop: Signal | None
    ) -> None:
        self.v, self.seed, self.stop = v, seed, stop
        self.hiring = Hiring(v, hours)
        v.limit(GOAL["unmet_care"].expression(v), cap)

    def ask(
        self, chosen: Collection[Choice], seconds: float
    ) -> tuple[Verdict, frozenset[Choice], Ledger | None]:
        """Whether these hires suffice; if not, the shifts of which one is needed; if so, a week.

        That they do not suffice is asked twice, the second time with those shifts alone left out.
        """
        missing = frozenset(self.hiring.works) - frozenset(chosen)
        status, core, week = self._solve(missing, seconds, self.seed)
        if status == "INFEASIBLE":
            again, closer, _ = self._solve(core, seconds, self.seed + 1, presolve=bool(core))
            confirmed = core if again == "INFEASIBLE" else missing
            return "not enough", closer if closer < confirmed else confirmed, None
        if status in ("OPTIMAL", "FEASIBLE") and not self.v.free.daily:
            return "enough", frozenset(), week
        return "undecided", frozenset(), None

    def _solve(
        self, missing: frozenset[Choice], seconds: float, seed: int, presolve: bool = True
    ) -> tuple[str, frozenset[Choice], Ledger | None]:
        v, works = self.v, self.hiring.works
        v.model.clear_objective()
        v.model.clear_assumptions()
        v.model.add_assumptions([~works[c] for c in sorted(missing)])
        solver = cp_model.CpSolver()
        p = solver.parameters
        p.num_workers = 1  # more would not say which of the assumptions mattered
        p.random_seed = seed
        p.max_time_in_seconds = max(0.05, seconds)
        p.catch_sigint_signal = False
        p.cp_model_presolve = presolve
        p.cp_model_probing_level = 0
        with _Stopping(solver, self.stop):
            status = str(solver.status_name(solver.solve(v.model)))
        if status == "INFEASIBLE":
            named = set(solver.sufficient_assumptions_for_infeasibility())
            return status, frozenset(c for c in missing if (~works[c]).index in named), None
        if status in ("OPTIMAL", "FEASIBLE") and not v.free.daily:
            found = extract(v, solver.value)
            return status, missing, Ledger(v.clinic, name_rooms(v.clinic, found.schedule()))
        return status, missing, None


Asked = Callable[[Proposal, float], tuple[Verdict, frozenset[Choice]]]
"""Asks a judge about a proposal, for so many seconds at most; keeps the week it finds."""


class Play:
    """Rounds for one share of care, until the cheapest proposal costs what a week in hand does.

    Attributes:
        quick: a judge that refutes in no time; finder: one that finds a week where there is one;
            thorough: one that may do either and takes its time.
        best: what the cheapest week in hand costs; it grows cheaper as judges find weeks.
        left: seconds there are.
    """

    def __init__(
        self,
        known: Known,
        quick: Asked,
        finder: Asked,
        thorough: Asked,
        best: Callable[[], int | None],
        left: Callable[[], float],
        told: Callable[[], None],
    ) -> None:
        self.known, self.quick, self.finder, self.thorough = known, quick, finder, thorough
        self.best, self.left, self.told = best, left, told

    def run(self) -> None:
        """First what can be refuted quickly, then weeks for less and less, then what is in between."""
        cheapest = self._refute()
        if cheapest is None:
            return
        low = cheapest.cents
        while self.left() > 0 and (budget := self._budget(low)) is not None:
            proposal = self.known.fullest(budget)
            if proposal is None or proposal.cents < low:
                low = budget + 1
            elif self._asked(self.quick, proposal) != "not enough" and (
                self._asked(self.finder, proposal) == "undecided"
            ):
                self.known.undecided.append(proposal.chosen)
                low = budget + 1
        self.known.undecided.clear()
        while self.left() > 0 and (proposal := self._refute()) is not None:
            if self._asked(self.thorough, proposal) == "undecided":
                return

    def _budget(self, low: int) -> int | None:
        """Halfway between what may do and what does; None where there is nothing between."""
        best = self.best()
        high = best - 1 if best is not None else self.known.candidates.most_cents
        return (low + high) // 2 if low <= high else None

    def _refute(self) -> Proposal | None:
        """The cheapest proposal that the quick judge does not refute, if it is cheaper than the best."""
        while self.left() > 0:
            proposal = self.known.cheapest(self.best())
            if proposal is None or self._asked(self.quick, proposal) != "not enough":
                return proposal
        return None

    def _asked(self, judge: Asked, proposal: Proposal) -> Verdict:
        verdict, needed = judge(proposal, self.left())
        if verdict == "not enough":
            self.known.needed.append(needed)
        self.told()
        return verdict
