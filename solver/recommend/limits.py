"""What one patient's week must and may hold, counted by day, whatever the hours.

The same as the rules and goals say of a patient's week, of counts instead of sessions: plans are
counted by the thousand, and put into the week only if they are worth it. What is given out has been
judged and measured by the rules and goals themselves.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise

from ..clinic import Needs
from ..goals.burden import MINUTES_A_DAY_MORE
from ..goals.disruption import APPOINTMENT_ALONE, GROUP_LEFT_OR_JOINED
from ..goals.unmet_care import MINUTES_A_SESSION
from .choices import Choices
from .costs import Costs, costs

NOTHING_A_DAY = (0,) * 7


@dataclass(frozen=True, slots=True)
class Counts:
    """A patient's sessions, counted.

    Attributes:
        minutes: clinical minutes of each day; ``counted`` sessions of more than 0 of them, ``every``
            all sessions.
        services: sessions by service.
        groups: group of each section, as often as the patient is in one.
    """

    minutes: tuple[int, ...] = NOTHING_A_DAY
    counted: tuple[int, ...] = NOTHING_A_DAY
    every: tuple[int, ...] = NOTHING_A_DAY
    services: tuple[tuple[str, int], ...] = ()
    groups: tuple[str, ...] = ()

    def of(self, service: str) -> int:
        """Sessions of a service."""
        return dict(self.services).get(service, 0)

    @property
    def days(self) -> list[int]:
        """Attended days, in order."""
        return [d for d in range(7) if self.counted[d]]

    def more(
        self,
        service: str,
        days: list[int] | tuple[int, ...],
        clinical: int,
        group: str | None = None,
    ) -> Counts:
        """The same with sessions of a service on some days."""
        minutes, counted, every = list(self.minutes), list(self.counted), list(self.every)
        for day in days:
            minutes[day] += clinical
            counted[day] += clinical > 0
            every[day] += 1
        services = dict(self.services)
        services[service] = services.get(service, 0) + len(days)
        groups = self.groups if group is None else (*self.groups, group)
        return Counts(tuple(minutes), tuple(counted), tuple(every), tuple(services.items()), groups)


class Limits:
    """A patient's minimums and maxima, asked of counts."""

    def __init__(self, choices: Choices) -> None:
        self.clinic = choices.clinic
        self.patient = choices.patient
        self.habit = choices.habit
        self.needs: Needs = self.clinic.needs[self.patient]
        self.waiting = self.clinic.is_waiting(self.patient)
        self.priority = self.clinic.patients[self.patient].priority

    # -- maxima -------------------------------------------------------------------------------

    def within(self, c: Counts) -> bool:
        """Whether no maximum is exceeded, of the week, of a service, of a day or of days in a row."""
        needs = self.needs
        if _over(sum(c.minutes), needs.minutes_max) or _over(len(c.days), needs.days_max):
            return False
        if any(_over(n, self._most(service)) for service, n in c.services):
            return False
        if needs.day_minutes_max is not None and max(c.minutes) > needs.day_minutes_max:
            return False
        if needs.day_sessions_max is not None and max(c.counted) > needs.day_sessions_max:
            return False
        length = needs.rolling_days
        return length is None or not any(
            _over(sum(c.every[first : first + length]), needs.rolling_max)
            for first in range(8 - length)
        )

    def _most(self, service: str) -> int | None:
        quota = self.needs.quotas.get(service)
        return 0 if quota is None else quota[1]

    def room_for(self, c: Counts, service: str, wanted: int) -> int:
        """So many sessions more of a service, as far as its quota lets them be."""
        most = self._most(service)
        return wanted if most is None else max(0, min(wanted, most - c.of(service)))

    # -- what is due --------------------------------------------------------------------------

    def stands(self, c: Counts) -> bool:
        """Whether a whole week may be like that: days near enough, and from the waiting list all."""
        return any(c.every) and not self._is_gapped(c) and (not self.waiting or self._is_whole(c))

    def _is_gapped(self, c: Counts) -> bool:
        most = self.needs.max_gap_days
        return most is not None and any(b - a - 1 > most for a, b in pairwise(c.days))

    def _is_whole(self, c: Counts) -> bool:
        needs, there = self.needs, dict(c.services)
        return (
            sum(c.minutes) >= needs.minutes_min
            and len(c.days) >= needs.days_min
            and all(there.get(s, 0) >= least for s, (least, _) in needs.quotas.items())
        )

    def lacks(self, c: Counts, service: str) -> bool:
        """Whether one session more of a service, whenever it is, would serve the patient."""
        least = self.needs.quotas.get(service, (0, 0))[0]
        return (
            c.of(service) < least
            or sum(c.minutes) < self.needs.minutes_min
            or any(self.is_short(c, d) for d in c.days)
            or len(c.days) < self.needs.days_min
            or self._is_gapped(c)
        )

    def is_short(self, c: Counts, day: int) -> bool:
        """Whether a day is attended and too short to count."""
        needs = self.needs
        return c.counted[day] > 0 and (
            c.minutes[day] < needs.day_minutes_min or c.counted[day] < needs.day_sessions_min
        )

    def days_may_lack(self, c: Counts) -> bool:
        """Whether more sessions than are due could serve the days: longer, more, or nearer."""
        needs = self.needs
        limited = needs.day_minutes_min > 0 or needs.day_sessions_min > 1
        return limited or needs.max_gap_days is not None or len(c.days) < needs.days_min

    def most_visits(self, c: Counts, services: list[str]) -> dict[str, int]:
        """How many appointments of some services are due beside what there is."""
        clinical = {s: self.clinic.services[s].clinical for s in services}
        due = {s: max(0, self.needs.quotas[s][0] - c.of(s)) for s in services}
        given = sum(n * clinical[s] for s, n in due.items())
        missing = max(0, self.needs.minutes_min - sum(c.minutes) - given)
        out = {}
        for s, least in due.items():
            wanted = least + (-(-missing // clinical[s]) if clinical[s] else 0)
            if self.habit is not None:
                wanted = max(wanted, len(self.habit.appointments.get(s, ())))
            out[s] = self.room_for(c, s, wanted)
        return out

    # -- shares of the goals ------------------------------------------------------------------

    def shares(self, c: Counts) -> Costs:
        """The patient's own share of the goals, hours and people of the sessions aside."""
        there = dict(c.services)
        short = sum(1 for d in c.days if self.is_short(c, d))
        return costs(
            unmet_care=self.unmet(sum(c.minutes), there),
            short_days=short + self.days_missing(c),
            disruption=self.groups_changed(c) + self._appointments_changed(there),
            burden=MINUTES_A_DAY_MORE * max(0, len(c.days) - self.needs.days_min),
        )

    def unmet(self, minutes: int, services: Mapping[str, int]) -> int:
        """Care that is due and missing, weighed by the patient's priority."""
        if self.waiting:
            return 0
        sessions = sum(
            max(0, least - services.get(s, 0)) for s, (least, _) in self.needs.quotas.items()
        )
        short = max(0, self.needs.minutes_min - minutes)
        return self.priority * (short + MINUTES_A_SESSION * sessions)

    def days_missing(self, c: Counts) -> int:
        """Days short of the week's minimum; who waits has none."""
        return 0 if self.waiting else max(0, self.needs.days_min - len(c.days))

    def groups_changed(self, c: Counts) -> int:
        """What groups left and joined cost somebody who had a week before."""
        if self.habit is None:
            return 0
        return GROUP_LEFT_OR_JOINED * len(set(self.habit.seats) ^ set(c.groups))

    def _appointments_changed(self, there: dict[str, int]) -> int:
        """What appointments without a pair cost somebody who had a week before."""
        if self.habit is None:
            return 0
        visits = {s for s in there if self.clinic.services[s].format != "group"}
        return APPOINTMENT_ALONE * sum(
            abs(len(self.habit.appointments.get(s, ())) - there.get(s, 0))
            for s in {*self.habit.appointments, *visits}
        )


def _over(value: int, most: int | None) -> bool:
    return most is not None and value > most
