"""How many patients a clinic can take, as an answer: found, proved, and what stops the next one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from ..io.files import dump
from ..scenario import Scenario
from ..schedule import Schedule


@dataclass(frozen=True, slots=True)
class Relieved:
    """More of one thing, and whether the larger census was then served; None where it was not decided."""

    what: str
    helps: bool | None


@dataclass(frozen=True, slots=True)
class Capacity:
    """The answer.

    Attributes:
        here: patients in treatment now.
        served: the largest census for which a week was found, None where there is none at all.
        most: no larger census can be served; None where nothing was proved.
        own: patients of that census whose own hours and limits allow less than is due.
        larger: the census asked about beyond it, mostly of one patient more; newcomers: who they are.
        short: who is short of what in the larger census, in sentences; reliefs: what was tried for it.
    """

    scenario: Scenario
    here: int
    served: int | None
    most: int | None
    census: Scenario | None
    schedule: Schedule | None
    own: tuple[str, ...]
    larger: int | None
    newcomers: tuple[str, ...]
    short: tuple[str, ...]
    reliefs: tuple[Relieved, ...]
    seconds: float

    @property
    def proved(self) -> bool:
        """Whether one patient more is impossible."""
        return self.served is not None and self.served == self.most

    def document(self) -> dict[str, Any]:
        """For machines."""
        return {
            "scenario": self.scenario.name,
            "patients_now": self.here,
            "served": self.served,
            "at_most": self.most,
            "proved": self.proved,
            "short_even_alone": list(self.own),
            "larger": self.larger,
            "newcomers": list(self.newcomers),
            "short_in_the_larger": list(self.short),
            "reliefs": [{"what": r.what, "larger_is_served": r.helps} for r in self.reliefs],
            "seconds": round(self.seconds, 3),
            "schedule": None if self.schedule is None else dump(self.schedule),
        }
