"""What the week costs the staff."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..clinic import Clinic
from ..ledger import Ledger, Running
from ..linear import Linear
from ..timegrid import DAY_NUMBER
from .base import Goal

if TYPE_CHECKING:
    from ..variables import Variables

SPREAD = 10


class Staffing(Goal):
    """Minutes × leaders of all group meetings + idle minutes between a therapist's sessions of a day
    + 10 × the spread of load.

    The spread is the highest minus the lowest share of direct minutes in available minutes, each as
    whole percent, rounded down, over therapists who have any available minutes: on site or remote,
    inside opening hours, closed dates left out. Sessions count as whole grid cells.
    """

    key = "staffing"
    title = "Leader hours, idle time and uneven load"
    unit = "minutes"
    step = 10

    def measure(self, clinic: Clinic, ledger: Ledger) -> int:
        cost = 0
        cost += sum(self._led(clinic, running) for running in ledger.sections.values())
        percents = []
        for t in clinic.therapists:
            busy = ledger.therapist_busy(t)
            cost += clinic.grid.minutes * sum(ledger.idle_cells(busy, d) for d in range(7))
            if available := clinic.available_minutes[t]:
                percents.append(100 * self._direct(clinic, ledger, t) // available)
        return cost + SPREAD * (max(percents) - min(percents) if percents else 0)

    def _led(self, clinic: Clinic, running: Running) -> int:
        """Minutes × leaders of a section's meetings."""
        group = clinic.groups[running.group]
        cells = sum(
            clinic.meeting_cells(group, DAY_NUMBER[m.day], m.start).bit_count()
            * len(set(running.leaders_at(m)))
            for m in running.held()
        )
        return cells * clinic.grid.minutes

    def _direct(self, clinic: Clinic, ledger: Ledger, therapist: str) -> int:
        """Minutes of sessions, whole cells."""
        cells = sum(d.cells.bit_count() for d in ledger.duties[therapist])
        return cells * clinic.grid.minutes

    def expression(self, v: Variables) -> Linear:
        clinic, ledger = v.clinic, v.ledger
        out = Linear()
        out.constant += sum(self._led(clinic, running) for running in ledger.sections.values())
        for option in v.options:
            if option.kept is None:
                group = clinic.groups[option.group]
                held = clinic.grid.held(group.minutes) * len(option.days)
                out.add(option.open, held * len(group.leaders))
        for t in clinic.therapists:
            out += v.idle(clinic.grid, v.therapist_cells(t), ledger.therapist_busy(t)).scaled(
                clinic.grid.minutes
            )
        spread = v.spread_of(
            {
                t: (
                    [(w.var, w.minutes) for w in v.work_of(t)],
                    self._direct(clinic, ledger, t),
                    free,
                )
                for t in clinic.therapists
                if (free := clinic.available_minutes[t])
            }
        )
        return out.add(spread, SPREAD)
