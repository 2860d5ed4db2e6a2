"""The best appointments of one day beside the groups of that day.

Which services a patient has on which day decides care, days and limits; at what hour and with whom is
a matter of the day alone: how long the patient waits between sessions, who is familiar, what suits.
"""

from __future__ import annotations

from dataclasses import dataclass

from .choices import Choices, Visit
from .costs import KEYS, NOTHING, Costs, Ranking, plus
from .yielding import Yielding

WIDTH = 24
"""Arrangements of a day that are kept while another appointment is added to it."""
_BURDEN = KEYS.index("burden")
Services = tuple[str, ...]
"""The services of a day's appointments, in the order of the patient's quotas."""


@dataclass(frozen=True, slots=True)
class Arrangement:
    """Appointments of one day.

    Attributes:
        own: costs of the appointments; ``costs`` are those and the waiting of the whole day.
        given_up: what others have to give up for it.
    """

    visits: tuple[Visit, ...]
    cells: int
    own: Costs
    costs: Costs
    given_up: frozenset[str] = frozenset()


class Days:
    """Arrangements by day, what the patient has on it already, and the services asked for."""

    def __init__(self, choices: Choices, ranking: Ranking, yielding: Yielding | None) -> None:
        self.choices = choices
        self.ranking = ranking
        self.grid = choices.clinic.grid
        self._known: dict[tuple[int, int, Services], tuple[Arrangement, ...]] = {}
        self._best: dict[tuple[int, int, Services], tuple[Arrangement, ...]] = {}
        quotas = choices.clinic.needs[choices.patient].quotas
        self.visits: dict[str, dict[int, list[Visit]]] = {}
        for service in quotas:
            by_day: dict[int, list[Visit]] = {}
            for visit in choices.visits(service, yielding):
                by_day.setdefault(visit.day, []).append(visit)
            if by_day:
                self.visits[service] = by_day

    def offered(self, day: int) -> list[str]:
        """Services of which the patient could have an appointment on a day."""
        return [s for s, by_day in self.visits.items() if day in by_day]

    def best(self, day: int, busy: int, services: Services) -> tuple[Arrangement, ...]:
        """The best legal way for each choice of therapists, and for each number of things given up."""
        key = day, busy, services
        if key not in self._best:
            found: dict[object, Arrangement] = {}
            for a in self.arranged(day, busy, services):
                who = (tuple(v.therapist for v in a.visits), len(a.given_up))
                if who not in found and self.choices.are_legal_together(a.visits):
                    found[who] = a
            self._best[key] = tuple(found.values())
        return self._best[key]

    def arranged(self, day: int, busy: int, services: Services) -> tuple[Arrangement, ...]:
        """The best ways to have appointments of these services on a day, the best first.

        Args:
            busy: what the patient has on the day besides.
        """
        key = day, busy, services
        if key not in self._known:
            self._known[key] = self._arranged(day, busy, services)
        return self._known[key]

    def _arranged(self, day: int, busy: int, services: Services) -> tuple[Arrangement, ...]:
        if not services:
            return (self._with_waiting(Arrangement((), 0, NOTHING, NOTHING), day, busy),)
        *earlier, last = services
        found: dict[frozenset[tuple[str, int, str]], Arrangement] = {}
        offered = self.visits.get(last, {}).get(day, ())
        for before in self.arranged(day, busy, tuple(earlier)):
            taken, given = busy | before.cells, before.given_up
            held = [(v.service, v.start, v.therapist) for v in before.visits]
            for visit in offered:
                if visit.cells & taken:
                    continue
                key = frozenset((*held, (visit.service, visit.start, visit.therapist)))
                if key in found:
                    continue  # the same appointments in another order
                if visit.given_up_by is not None:
                    given = before.given_up | {visit.given_up_by.key}
                else:
                    given = before.given_up
                cells = before.cells | visit.cells
                own = plus(before.own, visit.costs)
                arranged = Arrangement((*before.visits, visit), cells, own, own, given)
                found[key] = self._with_waiting(arranged, day, busy)
        ordered = sorted(found.values(), key=self._rank)
        kept: list[Arrangement] = []
        for number in range(len(services) + 1):
            kept += [a for a in ordered if len(a.given_up) == number][:WIDTH]
        return tuple(sorted(kept, key=self._rank))

    def _rank(self, a: Arrangement) -> tuple[int, ...]:
        return self.ranking(a.costs)

    def _with_waiting(self, a: Arrangement, day: int, busy: int) -> Arrangement:
        """The same with what the patient waits between the sessions of the day."""
        idle = self.grid.minutes * self.choices.around.idle_cells(busy | a.cells, day)
        if not idle:
            return a
        paid = (*a.own[:_BURDEN], a.own[_BURDEN] + idle, *a.own[_BURDEN + 1 :])
        return Arrangement(a.visits, a.cells, a.own, paid, a.given_up)
