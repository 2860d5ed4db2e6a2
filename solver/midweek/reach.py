"""What a patient can still reach this week at the very most, proved.

One patient alone: what is over stays, whatever has not begun may be anywhere in the hours that are left,
whoever leads it and whoever else needs it. No real week can give more, so what is missing even then is
out of reach. Found as an optimum, and found so a second time without presolve and with another seed.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from ..goals import GOAL, PatientGoal
from ..ledger import Ledger
from ..linear import Linear
from ..model import build
from ..options import Free
from ..search.alone import OWN_RULES
from ..search.cpsat import Limits, Signal, solve
from ..timegrid import DAY_NUMBER, MINUTES_A_DAY
from ..variables import Variables
from .standing import NotBegun, Standing

SECONDS = 5.0
"""For one question about one patient; what is not decided in it is not claimed."""


@dataclass(frozen=True, slots=True)
class Lack:
    """What is missing of a week's minimums: clinical minutes, sessions by service, attended days."""

    minutes: int
    sessions: dict[str, int]
    days: int

    def __bool__(self) -> bool:
        return bool(self.minutes or self.days or any(self.sessions.values()))


def lack(standing: Standing, week: Ledger, patient: str) -> Lack:
    """What a week leaves missing of a patient's minimums."""
    needs, sittings = standing.clinic.needs[patient], week.sittings[patient]
    minutes = sum(s.clinical for s in sittings)
    sessions = {
        service: max(0, least - sum(1 for s in sittings if s.service == service))
        for service, (least, _) in needs.quotas.items()
    }
    days = len(week.attended_days(patient))
    return Lack(
        max(0, needs.minutes_min - minutes),
        {service: number for service, number in sessions.items() if number},
        max(0, needs.days_min - days),
    )


@dataclass(frozen=True, slots=True)
class Reach:
    """The least that stays missing whatever is done.

    Attributes:
        least: each part taken by itself, at least so much is missing.
        together: whether minutes and sessions cannot all be had at once, though each could by itself.
    """

    least: Lack
    together: bool

    def __bool__(self) -> bool:
        """Whether the weekly minimum is still within reach, as far as is proved."""
        return not self.least and not self.together


def reach(standing: Standing, patient: str, seed: int = 0, stop: Signal | None = None) -> Reach:
    """What one patient can still reach at the very most."""
    asking = _Asking(standing, patient, seed, stop)
    days = asking.least(asking.days)
    if not asking.least(asking.care):
        return Reach(Lack(0, {}, days), False)
    minutes = asking.least(asking.minutes)
    quotas = standing.working.needs[patient].quotas
    sessions = {
        service: short
        for service, (least, _) in quotas.items()
        if least and (short := asking.least(partial(asking.sessions, service)))
    }
    return Reach(Lack(minutes, sessions, days), not minutes and not sessions)


class _Asking:
    """Questions about one patient; each is asked of a model of its own."""

    def __init__(self, standing: Standing, patient: str, seed: int, stop: Signal | None) -> None:
        self.patient, self.seed, self.stop = patient, seed, stop
        self.clinic = standing.working
        self.around = over(standing, Ledger(self.clinic, standing.schedule))
        self.free = Free.of(
            self.clinic, [patient], self.clinic.groups, alone=True, starts=standing.ahead
        )
        self.rules = (*OWN_RULES, NotBegun(standing))

    def _model(self) -> Variables:
        return build(self.clinic, self.around, self.free, rules=self.rules, stronger=False)

    def least(self, expression: Callable[[Variables], Linear]) -> int:
        """The least value that is proved twice; 0 where it is not."""
        v = self._model()
        outcome = solve(v, expression(v), Limits(SECONDS, seed=self.seed), stop=self.stop)
        bound = max(0, outcome.bound or 0)
        if not bound:
            return 0
        twin = self._model()
        twin.limit(expression(twin), bound - 1)
        limits = Limits(SECONDS, seed=self.seed + 1, presolve=False)
        return bound if solve(twin, None, limits, stop=self.stop).status == "INFEASIBLE" else 0

    def care(self, v: Variables) -> Linear:
        goal = GOAL["unmet_care"]
        assert isinstance(goal, PatientGoal)
        return goal.share(v, self.patient)

    def minutes(self, v: Variables) -> Linear:
        held = sum(s.clinical for s in self.around.sittings[self.patient])
        terms = [(t.var, t.minutes()) for t in v.terms(self.patient)]
        least = self.clinic.needs[self.patient].minutes_min
        return Linear().add(v.shortfall(terms, least - held))

    def sessions(self, service: str, v: Variables) -> Linear:
        held = sum(1 for s in self.around.sittings[self.patient] if s.service == service)
        terms = [(t.var, len(t.meets)) for t in v.terms(self.patient) if t.service == service]
        least = self.clinic.needs[self.patient].quotas[service][0]
        return Linear().add(v.shortfall(terms, least - held))

    def days(self, v: Variables) -> Linear:
        terms = [(v.attends(self.patient, day), 1) for day in range(7)]
        return Linear().add(v.shortfall(terms, self.clinic.needs[self.patient].days_min))


def over(standing: Standing, week: Ledger) -> Ledger:
    """Only what has begun: sections that have met, with all their days, and past appointments."""
    for running in list(week.sections.values()):
        if not standing.begun(running):
            week.close(running.id)
    for a in list(week.appointments.values()):
        if DAY_NUMBER[a.day] * MINUTES_A_DAY + a.start >= standing.until:
            week.cancel(a.id)
    week.not_admitted = None
    return week
