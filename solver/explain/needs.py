"""What a patient lacks, and how much of it their own hours would leave missing whatever the clinic did."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from time import monotonic
from typing import Literal

from ..clinic import Clinic
from ..ledger import Ledger
from ..linear import Linear
from ..model import build
from ..options import Free
from ..report import Care
from ..scenario import Credential, Room, Scenario, Therapist
from ..search.alone import OWN_RULES
from ..search.cpsat import Limits, Signal, solve
from ..variables import Variables
from .wording import short as wording
from .wording.names import Names

SECONDS = 2.0
"""For one question about one patient alone; most take a few hundredths."""


@dataclass(frozen=True, slots=True)
class Need:
    """Something due that is missing.

    Attributes:
        service: of ``sessions``; None of minutes and days.
        missing, due: minutes, sessions or days.
        least: how much is missing at least with every therapist, room and seat there could be; None
            where it was not found out in time.
    """

    kind: Literal["minutes", "sessions", "days"]
    service: str | None
    missing: int
    due: int
    least: int | None
    text: str

    @property
    def is_own(self) -> bool:
        """Whether own hours and limits alone allow no more than there is."""
        return self.least is not None and self.least >= self.missing

    def document(self) -> dict[str, object]:
        """The need for machines."""
        return {
            "kind": self.kind,
            "service": self.service,
            "missing": self.missing,
            "due": self.due,
            "least_by_own_hours": self.least,
            "text": self.text,
        }


def missing_of(
    care: Care,
) -> list[tuple[Literal["minutes", "sessions", "days"], str | None, int, int]]:
    """(kind, service, missing, due) of everything a patient lacks."""
    if not care.is_due:
        return []
    out: list[tuple[Literal["minutes", "sessions", "days"], str | None, int, int]] = []
    for service, part in care.sessions.items():
        if part.missing:
            out.append(("sessions", service, part.missing, part.due))
    if care.minutes.missing:
        out.append(("minutes", None, care.minutes.missing, care.minutes.due))
    if care.days.missing:
        out.append(("days", None, care.days.missing, care.days.due))
    return out


def plenty(scenario: Scenario) -> Clinic:
    """The same week with staff and rooms for everything: what is then missing is due to own hours.

    Groups keep their times and whom they are for, patients their hours and limits. What is locked is
    let go, which leaves no less possible.
    """
    licences = {c for s in scenario.services for c in s.credentials}
    licences |= {c for g in scenario.groups for leader in g.leaders for c in leader.credentials}
    features = {f for s in scenario.services for f in s.room_features}
    features |= {f for g in scenario.groups for f in g.room_features}
    anyone = Therapist(
        id="anyone", name="anyone", credentials=tuple(Credential(id=c) for c in sorted(licences))
    )
    largest = 1 + len(scenario.patients) + max((s.party for s in scenario.services), default=0)
    everywhere = Room(
        id="anywhere", name="anywhere", capacity=largest, features=tuple(sorted(features))
    )
    items = tuple(
        e.model_copy(update={"availability": None, "quantity": 1_000_000})
        for e in scenario.equipment
    )
    return Clinic(
        scenario.model_copy(
            update={
                "therapists": (anyone,),
                "rooms": (everywhere,),
                "equipment": items,
                "baseline": None,
                "locks": (),
            }
        )
    )


class OwnHours:
    """What each patient's own hours and limits allow; one clinic of plenty serves all questions."""

    def __init__(self, scenario: Scenario, stop: Signal | None = None) -> None:
        self.clinic, self.stop = plenty(scenario), stop

    def needs(self, names: Names, care: Care, deadline: float) -> tuple[Need, ...]:
        """What a patient lacks, each with what own hours leave missing at least."""
        patient = care.patient.id
        v = self._model(patient)
        out = []
        for kind, service, missing, due in missing_of(care):
            least = self._least(v, patient, kind, service, missing, deadline)
            text = wording.need(names, kind, service, missing, due)
            out.append(Need(kind, service, missing, due, least, text))
        return tuple(out)

    def _model(self, patient: str) -> Variables:
        free = Free.of(self.clinic, [patient], self.clinic.groups, alone=True)
        return build(self.clinic, Ledger(self.clinic), free, rules=OWN_RULES, stronger=False)

    def _least(
        self,
        v: Variables,
        patient: str,
        kind: str,
        service: str | None,
        missing: int,
        deadline: float,
    ) -> int | None:
        expression = _missing(v, patient, kind, service)
        outcome = solve(v, expression, self._limits(deadline), stop=self.stop)
        if outcome.status != "OPTIMAL" or outcome.value is None:
            return None
        if outcome.value < missing:
            return outcome.value
        return outcome.value if self._confirmed(patient, kind, service, deadline) else None

    def _confirmed(self, patient: str, kind: str, service: str | None, deadline: float) -> bool:
        """Whether a second solve, without presolve and with another seed, finds no better either."""
        v = self._model(patient)
        expression = _missing(v, patient, kind, service)
        first = solve(v, expression, self._limits(deadline), stop=self.stop)
        if first.value is None:
            return False
        v.limit(expression, first.value - 1)
        limits = Limits(self._limits(deadline).seconds, seed=1, presolve=False)
        return solve(v, None, limits, stop=self.stop).status == "INFEASIBLE"

    def _limits(self, deadline: float) -> Limits:
        return Limits(max(0.05, min(SECONDS, deadline - monotonic())))


def _missing(v: Variables, patient: str, kind: str, service: str | None) -> Linear:
    """How much is missing as the model has it, of a patient who has nothing yet."""
    needs, terms = v.clinic.needs[patient], v.terms(patient)
    out = Linear()
    if kind == "minutes":
        out.add(v.shortfall([(t.var, t.minutes()) for t in terms], needs.minutes_min))
    elif kind == "days":
        days = [(v.attends(patient, day), 1) for day in range(7)]
        out.add(v.shortfall(days, needs.days_min))
    else:
        mine = [(t.var, len(t.meets)) for t in terms if t.service == service]
        out.add(v.shortfall(mine, needs.quotas[service or ""][0]))
    return out


def services_to_look_at(clinic: Clinic, care: Care, spare: Mapping[str, int]) -> tuple[str, ...]:
    """Services that could give what is missing: those short of sessions, else all with room for more.

    ``spare``: service -> sessions that the plan still allows.
    """
    short = [s for s, part in care.sessions.items() if part.missing]
    if short:
        longest = {
            s: max(
                [g.clinical for g in clinic.scenario.groups if g.service == s],
                default=clinic.services[s].clinical,
            )
            for s in short
        }
        given = sum(care.sessions[s].missing * longest[s] for s in short)
        if given >= care.minutes.missing:
            return tuple(short)
    return (*short, *(s for s, n in spare.items() if n > 0 and s not in short))
