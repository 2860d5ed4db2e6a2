"""No more than a patient's week may hold."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from ..candidates import Candidate, Joining, Receiving
from ..clinic import Clinic
from ..ledger import Ledger
from ..timegrid import DAYS
from ..violations import Violation
from .base import Rule, Scope

if TYPE_CHECKING:
    from ..variables import Variables


class WeeklyMaximum(Rule):
    """A patient has only sessions that a quota of theirs names, and no more than the week may hold.

    Clinical minutes a week, sessions of a service, attended days, minutes of a day, sessions of a day
    and sessions in any ``rolling_sessions.days`` days in a row stay within their maxima. Sessions of
    0 clinical minutes make no attended day and do not count in ``sessions_per_day``; they count in
    quotas and rolling sessions.
    """

    key = "weekly_maximum"
    title = "Nobody gets more than their plan allows"
    judges = (Joining, Receiving)

    def forbids(self, candidate: Candidate, clinic: Clinic) -> str | None:
        match candidate:
            case Joining(patient, group, _):
                service = clinic.groups[group].service
            case Receiving(patient, service, _):
                pass
            case _:
                return None
        quota = clinic.needs[patient].quotas.get(service)
        if quota is None:
            return f"no quota of {patient} names {service}"
        if quota[1] == 0:
            return f"{patient} may have no session of {service}"
        return None

    def check(self, clinic: Clinic, ledger: Ledger, scope: Scope) -> Iterator[Violation]:
        for p in scope.patients:
            if ledger.sittings[p]:
                yield from self._week(p, clinic, ledger)
                yield from self._days(p, clinic, ledger)

    def _week(self, p: str, clinic: Clinic, ledger: Ledger) -> Iterator[Violation]:
        needs, sittings = clinic.needs[p], ledger.sittings[p]
        yield from self._over(
            p, "minutes a week", sum(s.clinical for s in sittings), needs.minutes_max
        )
        for service in sorted({s.service for s in sittings}):
            count = sum(1 for s in sittings if s.service == service)
            if service not in needs.quotas:
                text = f"{p} has {count} sessions of {service}, which no quota names"
                yield Violation(self.key, p, text, count)
            else:
                yield from self._over(p, f"sessions of {service}", count, needs.quotas[service][1])
        yield from self._over(p, "attended days", len(ledger.attended_days(p)), needs.days_max)

    def _days(self, p: str, clinic: Clinic, ledger: Ledger) -> Iterator[Violation]:
        needs = clinic.needs[p]
        minutes, counted, every = [0] * 7, [0] * 7, [0] * 7
        for s in ledger.sittings[p]:
            minutes[s.day] += s.clinical
            counted[s.day] += s.clinical > 0
            every[s.day] += 1
        for day in range(7):
            yield from self._over(p, f"minutes on {DAYS[day]}", minutes[day], needs.day_minutes_max)
            yield from self._over(
                p, f"sessions on {DAYS[day]}", counted[day], needs.day_sessions_max
            )
        if needs.rolling_days is not None and needs.rolling_max is not None:
            for first in range(8 - needs.rolling_days):
                last = first + needs.rolling_days
                text = f"sessions from {DAYS[first]} to {DAYS[last - 1]}"
                yield from self._over(p, text, sum(every[first:last]), needs.rolling_max)

    def _over(self, p: str, what: str, value: int, most: int | None) -> Iterator[Violation]:
        if most is not None and value > most:
            yield Violation(self.key, p, f"{p} has {value} {what}, {most} at most", value - most)

    def post(self, v: Variables) -> None:
        for p in v.patients:
            needs, terms = v.clinic.needs[p], v.terms(p)
            held = v.ledger.sittings[p]
            v.weighted_at_most(
                [(t.var, t.minutes()) for t in terms],
                _less(needs.minutes_max, sum(s.clinical for s in held)),
            )
            for service, (_, most) in needs.quotas.items():
                v.weighted_at_most(
                    [(t.var, len(t.meets)) for t in terms if t.service == service],
                    _less(most, sum(1 for s in held if s.service == service)),
                )
            if needs.days_max is not None:
                v.at_most([v.attends(p, day) for day in range(7)], needs.days_max)
            self._post_days(v, p)

    def _post_days(self, v: Variables, p: str) -> None:
        needs, held = v.clinic.needs[p], v.ledger.sittings[p]
        for day in range(7):
            terms = v.terms_on(p, day)
            if needs.day_minutes_max is not None:
                v.weighted_at_most(
                    [(t.var, t.clinical) for t in terms],
                    needs.day_minutes_max - sum(s.clinical for s in held if s.day == day),
                )
            if needs.day_sessions_max is not None:
                v.at_most(
                    [t.var for t in terms if t.clinical],
                    needs.day_sessions_max
                    - sum(1 for s in held if s.day == day and s.clinical > 0),
                )
        if needs.rolling_days is not None and needs.rolling_max is not None:
            for first in range(8 - needs.rolling_days):
                window = range(first, first + needs.rolling_days)
                v.weighted_at_most(
                    [(t.var, 1) for day in window for t in v.terms_on(p, day)],
                    needs.rolling_max - sum(1 for s in held if s.day in window),
                )


def _less(most: int | None, held: int) -> int | None:
    return None if most is None else most - held
