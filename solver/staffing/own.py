"""What patients must go without whoever works here: it counts against no staffing and no census."""

from __future__ import annotations

from collections.abc import Iterable

from ..clinic import Clinic
from ..scenario import Credential, Patient, Room, Scenario, Therapist
from ..search.alone import Alone
from ..search.cpsat import Signal
from ..tiers import Tier

_CARE = Tier(("unmet_care",), (1,), 0.0)


class OwnLimits:
    """What patients would go without if the clinic were there for them alone, with any staff and room.

    Their own hours and limits, and the times at which groups may meet, allow no more.
    """

    def __init__(self, seed: int = 0) -> None:
        self.seed = seed
        self._least: dict[str, int] = {}

    def of(self, scenario: Scenario, deadline: float, stop: Signal | None = None) -> int | None:
        """Their sum over a census; None when the time ran out first."""
        active = [p for p in scenario.patients if p.status == "active"]
        new = tuple(p for p in active if p.id not in self._least)
        if new:
            alone = with_somebody_for_everything(scenario, new)
            asked = Alone(Clinic(alone), (_CARE,), self.seed)
            if asked.bound(0, (), deadline, stop) is None:
                return None
            self._least |= asked.least(0)
        return sum(self._least[p.id] for p in active)

    def short(self, patients: Iterable[str]) -> list[str]:
        """Those of the patients who go without something."""
        return [p for p in patients if self._least.get(p, 0)]


def with_somebody_for_everything(scenario: Scenario, patients: tuple[Patient, ...]) -> Scenario:
    """The clinic of some patients alone, with a therapist and a room that could be had for anything."""
    held = {c for s in scenario.services for c in s.credentials}
    held |= {c for g in scenario.groups for leader in g.leaders for c in leader.credentials}
    features = {f for s in scenario.services for f in s.room_features}
    features |= {f for g in scenario.groups for f in g.room_features}
    anybody = Therapist(
        id=_fresh("anybody", (t.id for t in scenario.therapists)),
        name="Anybody",
        credentials=tuple(Credential(id=c) for c in sorted(held)),
        supervisor=True,
    )
    anywhere = Room(
        id=_fresh("anywhere", (r.id for r in scenario.rooms)),
        name="Anywhere",
        capacity=max((s.party for s in scenario.services), default=1),
        features=tuple(sorted(features)),
    )
    return scenario.model_copy(
        update={
            "patients": patients,
            "therapists": (*scenario.therapists, anybody),
            "rooms": (*scenario.rooms, anywhere),
            "baseline": None,
            "locks": (),
        }
    )


def _fresh(name: str, taken: Iterable[str]) -> str:
    ids = set(taken)
    while name in ids:
        name += "-2"
    return name
