"""What no-shows and sick leave make of a week: simulated weeks, chances, and what would help most.

How it is counted (docs/risk.md says it for readers):

- A patient comes on a scheduled day or not, as a whole, with their ``show_rate``; a therapist is
  there on a day or not, with their ``absence_rate``. All people and days are independent.
- An appointment is held if its therapist is there. A meeting is held if one of its leaders is; with
  ``substitutes`` also if somebody else may lead it and is free. Without a leader's place it always is.
- A meeting to which fewer members come than the group's least size is held all the same; how likely
  that is, is said for each meeting.
- A paid day is an attended day with the least minutes and sessions of ``attended_day_minutes`` and
  ``sessions_per_day``. Minutes are clinical minutes.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from ..clinic import Clinic
from ..ledger import Ledger
from ..schedule import Schedule
from .gains import Gain, best_offers
from .outcome import Estimate, MeetingRisk, Outcome, PatientRisk, Totals, outcome
from .rates import ABSENCE_RATE, ABSENCE_SOURCE, SHOW_RATE, SHOW_SOURCE, Rates
from .weeks import MOST_WEEKS, Luck, Weeks

OFFERS = 3
"""How many offers are looked for unless somebody asks for more."""


@dataclass(frozen=True, slots=True)
class Risk:
    """Simulated weeks of one schedule, summed up; ``gains`` are the best offers, best first."""

    weeks: Weeks
    outcome: Outcome
    gains: tuple[Gain, ...]

    def document(self) -> dict[str, Any]:
        """For machines."""
        return {
            "scenario": self.weeks.clinic.scenario.name,
            "weeks": self.weeks.luck.weeks,
            **self.outcome.document(),
            "offers": [gain.document(self.weeks) for gain in self.gains],
        }


def simulate(
    clinic: Clinic,
    schedule: Schedule,
    weeks: int = 1000,
    seed: int = 1,
    *,
    rates: Rates | None = None,
    substitutes: bool = False,
    most_offers: int = OFFERS,
) -> Risk:
    """Live through a schedule ``weeks`` times.

    Args:
        rates: for those who state none of their own.
        substitutes: whoever is free takes a meeting whose leaders are all away.
        most_offers: how many offers to look for; 0 tries none.
    """
    lived = Weeks(
        Ledger(clinic, schedule), Luck(clinic, weeks, seed, rates or Rates()), substitutes
    )
    return Risk(lived, outcome(lived), tuple(best_offers(lived, most_offers)))


__all__ = [
    "ABSENCE_RATE",
    "ABSENCE_SOURCE",
    "MOST_WEEKS",
    "SHOW_RATE",
    "SHOW_SOURCE",
    "Estimate",
    "Gain",
    "MeetingRisk",
    "Outcome",
    "PatientRisk",
    "Rates",
    "Risk",
    "Totals",
    "simulate",
]
