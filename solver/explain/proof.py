"""Trying a suggestion: the changed scenario is solved around the week as it is, and the answer checked.

Everyone else keeps every session they have, or one like it where a session has to move; what the
patient gains is then the most that can be gained that way. What comes out has passed the checker in
the changed scenario, and who gains, loses or moves is read off the two schedules.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from time import monotonic

from ..changes import Change
from ..checker import check, measure
from ..clinic import Clinic
from ..errors import ModelError, OutOfTime
from ..extraction import extract
from ..goals import GOAL, GOALS, PatientGoal
from ..ledger import Ledger
from ..linear import Linear
from ..model import build
from ..options import Free, Term
from ..pins import ids_kept
from ..report import Care, care, sessions
from ..scenario import Scenario
from ..schedule import Schedule
from ..search.cpsat import Limits, Signal, solve
from ..search.neighbourhoods import Neighbourhood, loosen
from ..search.objective import shares, tier_expression
from ..tiers import tiers_of
from ..variables import Variables
from .board import Board, TierCost
from .changed import changed_clinic, learn
from .remedies import Step
from .rooms import with_rooms

FIRST = 10_000
"""How much the patient's own shortage weighs against one changed session of anybody."""
GUARDED = ("unmet_care", "short_days", "turned_away")
"""Goals in which no other patient may come out worse."""
A_SHORT_DAY = 5
"""How much one of the patient's days that is too short weighs against one changed session."""
A_SESSION = 60
"""A missing day weighs as much as a missing session does in the specification's first tier."""


@dataclass(frozen=True, slots=True)
class Moved:
    """A patient whose week changes: ids of sections and appointments lost, gained or held elsewhere."""

    patient: str
    before: tuple[str, ...]
    after: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Proof:
    """A changed scenario with a legal schedule of it, compared with the week as it is.

    Attributes:
        before, after: the patient's shortage (minutes, and 60 for each session and day missing).
        gains, losses: other patients to whom more or less is missing than before, with their care
            after it.
        moved: everybody whose sessions differ, the patient included.
        tiers: each tier before (this week) and after (the changed scenario).
    """

    scenario: Scenario
    schedule: Schedule
    before: int
    after: int
    care: Care
    gains: tuple[Care, ...]
    losses: tuple[Care, ...]
    moved: tuple[Moved, ...]
    tiers: tuple[TierCost, ...]


def shortage(one: Care) -> int:
    """Minutes missing, and 60 for each session and each day missing."""
    missing = sum(part.missing for part in one.sessions.values()) + one.days.missing
    return (one.minutes.missing + A_SESSION * missing) if one.is_due else 0


def _is_worse(now: Care, was: Care) -> bool:
    """Whether more is missing of anything.

    Who comes on one day more that is too short to count has lost nothing: it was missing before.
    """
    if not was.is_due:
        return False
    sessions = any(now.sessions[s].missing > part.missing for s, part in was.sessions.items())
    more = now.minutes.missing > was.minutes.missing or now.days.missing > was.days.missing
    days = now.days.missing + len(now.short_days) > was.days.missing + len(was.short_days)
    return not now.is_due or sessions or more or days


@dataclass(frozen=True, slots=True)
class Trial:
    """What is changed, and what may be decided anew around the week as it is.

    Attributes:
        services: services of which the patient may gain sessions.
        own_week: everything the patient has may be rearranged for it.
        groups: groups that may open sections; company: (patient, group) of others who may join them.
        sections, appointments: others' sessions that may be decided anew.
        starts: cells in which something new may start; None is every cell.
    """

    changes: tuple[Change, ...] = ()
    services: frozenset[str] = frozenset()
    own_week: bool = False
    groups: frozenset[str] = frozenset()
    company: frozenset[tuple[str, str]] = frozenset()
    sections: frozenset[str] = frozenset()
    appointments: frozenset[str] = frozenset()
    starts: int | None = None


class Prover:
    """Tries changes for one patient of a week."""

    def __init__(self, board: Board, patient: str, stop: Signal | None = None) -> None:
        self.board, self.patient, self.stop = board, patient, stop
        self.care = {c.patient.id: c for c in care(board.clinic, board.schedule)}
        self.before = shortage(self.care[patient])
        self.solves = 0

    def prove(self, trial: Trial, seconds: float = 3.0) -> Proof | None:
        """The most the patient can gain in a trial; None where that is nothing, or not in time."""
        clinic = changed_clinic(self.board.clinic, trial.changes)
        try:
            return self._proved(clinic, trial, monotonic() + seconds)
        finally:
            learn(self.board.clinic, clinic)

    def spared(self, steps: tuple[Step, ...], proof: Proof) -> tuple[tuple[Step, ...], Proof]:
        """Without the steps that the schedule found does without, the dearest left out first."""
        for step in sorted(steps, key=lambda s: -s.cost):
            rest = tuple(s for s in steps if s is not step)
            less = self.without(proof, [c for s in rest for c in s.changes])
            if less is not None:
                steps, proof = rest, less
        return steps, proof

    def without(self, proof: Proof, changes: Iterable[Change]) -> Proof | None:
        """The same schedule with fewer changes; None where it is not legal then."""
        clinic = changed_clinic(self.board.clinic, tuple(changes))
        rooms = [m.room for s in proof.schedule.sections for m in s.meetings]
        rooms += [a.room for a in proof.schedule.appointments]
        if any(r is not None and r not in clinic.rooms for r in rooms):
            return None
        week = Ledger(clinic, self.board.schedule)
        week.not_admitted = None
        if any(b not in self.board.broken for b in check(clinic, proof.schedule)):
            return None
        return self._compared(clinic, week, Ledger(clinic, proof.schedule))

    def _proved(self, clinic: Clinic, trial: Trial, deadline: float) -> Proof | None:
        week = Ledger(clinic, self.board.schedule)
        week.not_admitted = None
        around, free = self._freed(clinic, week, trial)
        known = shares(clinic, week)
        try:
            v = build(
                clinic, around, free, late=lambda _: monotonic() > deadline, known_shares=known
            )
        except OutOfTime:
            return None
        self.solves += 1
        self._nobody_loses(v, week)
        own = self._own_shortage(v)
        v.limit(own, self.before - 1)
        first = own.scaled(FIRST)
        first += self._differences(v, week)
        outcome = solve(v, first, self._limits(deadline), stop=self.stop)
        if outcome.values is None or outcome.value is None:
            return None
        v.limit(first, outcome.value)
        found = self._polished(v, extract(v, outcome.values), deadline)
        return self._compared(clinic, week, with_rooms(clinic, week, found))

    def _freed(self, clinic: Clinic, week: Ledger, trial: Trial) -> tuple[Ledger, Free]:
        p = self.patient
        what = Neighbourhood(
            {p} if trial.own_week else set(),
            set(trial.sections),
            set(trial.appointments),
            set(trial.groups),
        )
        around, free = loosen(week, what, ids_kept(clinic))
        seats = {(p, g) for g, entry in clinic.groups.items() if entry.service in trial.services}
        visits = {(p, s) for s in trial.services if clinic.services[s].format != "group"}
        return around, replace(
            free,
            seats=free.seats | seats | trial.company,
            visits=free.visits | visits,
            starts=trial.starts,
        )

    def _limits(self, deadline: float) -> Limits:
        return Limits(seconds=max(0.05, deadline - monotonic()), workers=1)

    # -- the model -------------------------------------------------------------------------------

    def _own_shortage(self, v: Variables) -> Linear:
        """Minutes, sessions and days that the patient lacks."""
        p, needs = self.patient, v.clinic.needs[self.patient]
        terms, held = v.terms(p), v.ledger.sittings[p]
        out = Linear()
        minutes = needs.minutes_min - sum(s.clinical for s in held)
        out.add(v.shortfall([(t.var, t.minutes()) for t in terms], minutes))
        for service, (least, _) in needs.quotas.items():
            mine = [(t.var, len(t.meets)) for t in terms if t.service == service]
            there = sum(1 for s in held if s.service == service)
            out.add(v.shortfall(mine, least - there), A_SESSION)
        days = [(v.attends(p, day), 1) for day in range(7)]
        out.add(v.shortfall(days, needs.days_min), A_SESSION)
        return out

    def _nobody_loses(self, v: Variables, week: Ledger) -> None:
        """Everyone keeps their sessions of each service and the days that are due; no goal is worse.

        The patient may give up sessions beyond those that are due.
        """
        for q in v.patients:
            quotas = v.clinic.needs[q].quotas
            count: dict[str, int] = {}
            for s in week.sittings[q]:
                count[s.service] = count.get(s.service, 0) + 1
            for service, held_now in count.items():
                least = held_now
                if q == self.patient:
                    least = min(least, quotas.get(service, (0, 0))[0])
                terms = [(t.var, len(t.meets)) for t in v.terms(q) if t.service == service]
                held = sum(1 for s in v.ledger.sittings[q] if s.service == service)
                v.weighted_at_least(terms, 1, least, held)
            if q == self.patient:
                continue
            due = v.clinic.needs[q].days_min
            if due and week.sittings[q]:
                days = Linear()
                days.add(v.shortfall([(v.attends(q, day), 1) for day in range(7)], due))
                v.limit(days, max(0, due - len(week.attended_days(q))))
            for key in GUARDED:
                goal = GOAL[key]
                assert isinstance(goal, PatientGoal)
                v.limit(goal.share(v, q), goal.of(v.clinic, week, q))

    def _differences(self, v: Variables, week: Ledger) -> Linear:
        """Sessions that anybody loses or has otherwise than now, and the patient's short days.

        A seat more of somebody who lacks one is no difference.
        """
        out = Linear()
        short_days = GOAL["short_days"]
        assert isinstance(short_days, PatientGoal)
        out += short_days.share(v, self.patient).scaled(A_SHORT_DAY)
        for q in v.patients:
            kept = {s.ref for s in v.ledger.sittings[q]}
            loose = [s for s in week.sittings[q] if s.ref not in kept]
            now = {(s.group, s.day, s.start, s.therapist, s.remote) for s in loose}
            out.constant += len(loose)
            gains = q != self.patient and bool(self.care[q].shortfalls())
            for term in v.terms(q):
                if _is_as_now(term, now):
                    out.add(term.var, -len(term.meets))
                elif not (gains and term.option is not None):
                    out.add(term.var, 1)
            for s in loose:
                same = [
                    c.var
                    for c in v.cares
                    if c.therapist == s.therapist
                    and c.service == s.service
                    and (c.meet.day, c.meet.start) == (s.day, s.start)
                ]
                out.constant += bool(same)
                for var in same[:1]:
                    out.add(var, -1)
        return out

    def _polished(self, v: Variables, found: Ledger, deadline: float) -> Ledger:
        """Among all that gives as much, what is best in the goals, tier by tier as far as time goes."""
        for tier in tiers_of(v.clinic.scenario.policy):
            if monotonic() > deadline or (self.stop is not None and self.stop.is_set()):
                break
            expression = tier_expression(tier, v)
            outcome = solve(v, expression, self._limits(deadline), start=found, stop=self.stop)
            if outcome.values is None or outcome.value is None:
                break
            found = extract(v, outcome.values)
            v.limit(expression, outcome.value)
        return found

    # -- the comparison --------------------------------------------------------------------------

    def _compared(self, clinic: Clinic, week: Ledger, found: Ledger) -> Proof | None:
        """The proof, or None where it gains nothing after all."""
        schedule = found.schedule()
        known = set(check(clinic, week)) if self.board.broken else set()
        broken = [b for b in check(clinic, schedule) if b not in known]
        if broken:
            raise ModelError("a suggestion's week is illegal: " + "; ".join(map(str, broken)))
        after = {c.patient.id: c for c in care(clinic, schedule)}
        if shortage(after[self.patient]) >= self.before:
            return None
        gains, losses = [], []
        for q, now in after.items():
            if q == self.patient or q not in self.care:
                continue
            was = self.care[q]
            if _is_worse(now, was):
                losses.append(now)
            elif shortage(now) < shortage(was):
                gains.append(now)
        return Proof(
            clinic.scenario,
            schedule,
            self.before,
            shortage(after[self.patient]),
            after[self.patient],
            tuple(gains),
            tuple(losses),
            self._moved(clinic, schedule),
            self._tiers(clinic, schedule),
        )

    def _moved(self, clinic: Clinic, schedule: Schedule) -> tuple[Moved, ...]:
        before, after = (
            _weeks(c, s) for c, s in ((self.board.clinic, self.board.schedule), (clinic, schedule))
        )
        out = []
        for q in clinic.patients:
            was, now = before.get(q, {}), after.get(q, {})
            gone = [ref for what, ref in was.items() if what not in now]
            come = [ref for what, ref in now.items() if what not in was]
            if gone or come:
                out.append(Moved(q, tuple(dict.fromkeys(gone)), tuple(dict.fromkeys(come))))
        return tuple(out)

    def _tiers(self, clinic: Clinic, schedule: Schedule) -> tuple[TierCost, ...]:
        board = self.board
        after = measure(clinic, schedule)
        ledger = Ledger(clinic, schedule)
        people: dict[str, dict[str, int]] = {}
        for goal in GOALS:
            if isinstance(goal, PatientGoal):
                apart = {
                    q: goal.of(clinic, ledger, q) - board.share(goal.key, q)
                    for q in board.clinic.patients
                }
                people[goal.key] = {q: n for q, n in apart.items() if n}
        return tuple(
            TierCost(
                number,
                tier.goals,
                tier.value(board.goals),
                tier.value(after),
                {g: after[g] - board.goals[g] for g in tier.goals if after[g] != board.goals[g]},
                {g: people[g] for g in tier.goals if people.get(g)},
            )
            for number, tier in enumerate(board.tiers, 1)
        )


def _is_as_now(term: Term, now: set[tuple[str | None, int, int, str | None, bool]]) -> bool:
    """Whether a decision gives sessions that the patient has already."""
    if term.option is None:
        meet = term.meets[0]
        return any((None, meet.day, meet.start, t, term.remote) in now for t in term.pool)
    return all((term.group, m.day, m.start, None, term.remote) in now for m in term.meets)


def _weeks(clinic: Clinic, schedule: Schedule) -> dict[str, dict[tuple[object, ...], str]]:
    """Each patient's sessions: what they are like -> their ids."""
    out: dict[str, dict[tuple[object, ...], str]] = {}
    for s in sessions(clinic, schedule):
        for p in s.members:
            leaders = tuple(sorted(t.id for t in s.leaders))
            like = (s.title, s.day, s.start, leaders, s.place, p in s.remote)
            out.setdefault(p.id, {})[like] = s.ref
    return out
