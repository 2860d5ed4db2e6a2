"""One thing that stands between a patient and a session, as data."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

from ..timegrid import DAYS, clock
from .board import Reason
from .wording.reasons import then

Kind = Literal["seat", "section", "times", "appointment", "closed", "most", "nobody", "own"]


@dataclass(frozen=True, slots=True)
class Obstacle:
    """One thing that could be, were it not for its reasons.

    Attributes:
        kind: ``seat`` in a section that runs, ``section`` that could start at ``days`` and ``start``,
            ``times`` at which own hours allow none, ``appointment`` with a therapist, ``closed``
            to the patient, ``most`` that may run, ``nobody`` who gives it, ``own`` plan or hours.
        counts: for ``times``: how many times each cause rules out, of ``total``.
    """

    kind: Kind
    service: str
    text: str
    reasons: tuple[Reason, ...] = ()
    group: str | None = None
    section: str | None = None
    therapist: str | None = None
    days: tuple[int, ...] = ()
    start: int | None = None
    total: int = 0
    counts: tuple[tuple[str, int], ...] = ()

    def document(self) -> dict[str, object]:
        """The obstacle for machines."""
        return {
            "kind": self.kind,
            "service": self.service,
            "group": self.group,
            "section": self.section,
            "therapist": self.therapist,
            "days": [DAYS[d] for d in self.days],
            "start": None if self.start is None else clock(self.start),
            "reasons": [r.document() for r in self.reasons],
            "total": self.total,
            "counts": dict(self.counts),
            "text": self.text,
        }


def as_then(reason: Reason) -> Reason:
    """A reason as what would be the case."""
    return replace(reason, text=then(reason.text))
