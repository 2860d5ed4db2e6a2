"""What every decision of a model starts from: the clinic, what stays, what is free, and what was made.

``openings.py`` makes the decisions on sections, ``visiting.py`` those on appointments, and
``variables.py`` answers what rules and goals ask about both. Nobody else creates decision variables.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping

from .clinic import Clinic
from .comparing import Comparing
from .errors import OutOfTime
from .ledger import Ledger
from .linear import Literal
from .options import Care, Free, Lead, Option, Pick, Share, Term, Work
from .pins import Pin, loose_pins
from .rooming import RoomKind, kind_of, room_kinds
from .screening import screening_of
from .timegrid import bits


class Decisions(Comparing):
    """The decisions made so far, and what the ledger leaves of people's and rooms' time."""

    def __init__(
        self,
        clinic: Clinic,
        ledger: Ledger,
        free: Free,
        late: Callable[[int], bool] | None = None,
        known_shares: Mapping[tuple[str, str], int] | None = None,
    ) -> None:
        super().__init__()
        self.clinic, self.ledger, self.free, self._late = clinic, ledger, free, late
        self.screen = screening_of(clinic)
        self.kinds = room_kinds(clinic)
        self.pins: dict[str, Pin] = loose_pins(clinic, ledger)
        self.options: list[Option] = []
        self.leads: list[Lead] = []
        self.picks: list[Pick] = []
        self.cares: list[Care] = []
        self.shares: list[Share] = []
        self._terms: dict[str, list[Term]] = defaultdict(list)
        self._seats: dict[int, list[Term]] = defaultdict(list)
        self._leads: dict[int, list[Lead]] = defaultdict(list)
        self._picks: dict[int, list[Pick]] = defaultdict(list)
        self._work: dict[str, list[Work]] = defaultdict(list)
        # (goal, patient) -> share of the goal, where the caller knows it: who is not free keeps theirs.
        self.known_shares = known_shares or {}
        self._caseloads: set[str] | None = None
        self._on_days: dict[str, list[list[Term]]] = {}
        self._made: dict[object, Literal] = {}
        self._room_terms: dict[tuple[int, int], list[Literal]] = defaultdict(list)
        self._joiners: dict[str, list[str]] = {}
        self._housing: dict[tuple[int, str], int] = {}
        self._needs: dict[tuple[str, int, tuple[str, ...]], tuple[int, ...]] = {}
        self._care_starts: dict[tuple[str, str, bool], int] = {}
        self._busy = {
            **{("p", p): ledger.patient_busy(p) for p in {p for p, _ in free.seats | free.visits}},
            **{("t", t): ledger.therapist_busy(t) for t in clinic.therapists},
        }
        self._kind_used = self._room_use()

    def tick(self) -> None:
        """Raise OutOfTime when whoever asked for the model no longer waits for it."""
        if self._late is not None and self._late(len(self.model.proto.variables)):
            raise OutOfTime("the model was not built in time")

    def _ordered(self, pairs: Iterable[tuple[str, str]]) -> list[tuple[str, str]]:
        """Pairs in the scenario's order, so that the same input gives the same model."""
        patients = {p: i for i, p in enumerate(self.clinic.patients)}
        return sorted(pairs, key=lambda pair: (patients[pair[0]], pair[1]))

    def _room_use(self) -> dict[tuple[int, int], int]:
        """How many rooms of a kind the ledger holds in a cell."""
        used: dict[tuple[int, int], int] = defaultdict(int)
        for room, uses in self.ledger.room_uses.items():
            kind = kind_of(self.clinic)[room].index
            for use in uses:
                for cell in bits(use.cells):
                    used[kind, cell] += 1
        return used

    def _starts_of(self, therapist: str, service: str, remote: bool) -> int:
        """Starts at which a therapist could give an appointment beside the ledger's sessions."""
        key = therapist, service, remote
        if key not in self._care_starts:
            self._care_starts[key] = self._free_starts(therapist, service, remote)
        return self._care_starts[key]

    def _free_starts(self, therapist: str, service: str, remote: bool) -> int:
        starts = self.screen.care_starts(therapist, service, remote)
        busy = self._busy["t", therapist]
        for back in range(self.clinic.grid.length(self.clinic.services[service].minutes)):
            starts &= ~(busy >> back)
        return starts

    def _room_starts(self, kind: RoomKind, service: str) -> int:
        """Start cells at which a kind of room could hold an appointment beside the ledger's."""
        key = kind.index, service
        if key not in self._housing:
            starts = self.screen.housing(kind.name, None, service)
            full = 0
            for (index, cell), used in self._kind_used.items():
                if index == kind.index and used >= len(kind.rooms):
                    full |= 1 << cell
            minutes = self.clinic.services[service].minutes
            for back in range(self.clinic.grid.length(minutes)):
                starts &= ~(full >> back)
            self._housing[key] = starts
        return self._housing[key]
