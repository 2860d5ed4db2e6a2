"""What stands in the way of the care that even the best plan leaves out."""

# ruff: noqa: PLC0415 - what explains a shortage is loaded only where there is one
from __future__ import annotations

from typing import TYPE_CHECKING

from ..clinic import Clinic
from ..ledger import Ledger
from ..schedule import Schedule

if TYPE_CHECKING:
    from ..explain.obstacles import Obstacle


def obstacles(clinic: Clinic, week: Schedule, patient: str) -> dict[str, tuple[Obstacle, ...]]:
    """For each service of which a patient is short in a week: what keeps more of it from them.

    Where only minutes are missing, services that could still give some are looked at. Somebody from
    the waiting list is looked at as if they were in treatment: that they must have all or nothing is
    no obstacle to any one session.
    """
    missing = _missing(Ledger(clinic, week), patient)
    if not missing:
        return {}
    from ..explain.board import Board
    from ..explain.obstacles import Obstacles
    from ..explain.ways import Ways

    board = Board(_in_treatment(clinic, patient), week.model_copy(update={"not_admitted": ()}))
    found = Obstacles(Ways(board, patient))
    return {service: found.to(service) for service in missing}


def _missing(week: Ledger, patient: str) -> list[str]:
    needs, sittings = week.clinic.needs[patient], week.sittings[patient]
    had: dict[str, int] = {}
    for s in sittings:
        had[s.service] = had.get(s.service, 0) + 1
    short = [s for s, (least, _) in needs.quotas.items() if had.get(s, 0) < least]
    if short or sum(s.clinical for s in sittings) >= needs.minutes_min:
        return short
    return [s for s, (_, most) in needs.quotas.items() if most is None or had.get(s, 0) < most]


def _in_treatment(clinic: Clinic, patient: str) -> Clinic:
    if not clinic.is_waiting(patient):
        return clinic
    patients = tuple(
        p.model_copy(update={"status": "active"}) if p.id == patient else p
        for p in clinic.scenario.patients
    )
    return Clinic(clinic.scenario.model_copy(update={"patients": patients}))
