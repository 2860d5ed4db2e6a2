"""The decision variables of a model around a ledger.

Rules and goals ask by name (``seats_in``, ``therapist_cells``, ``attends``); each answer covers what is
free only, and what the ledger has settled is a constant or is subtracted by whoever asks. The whole
week is the case of an empty ledger: there is no second branch.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping

from .clinic import Clinic
from .ledger import Ledger
from .linear import Literal
from .openings import Openings
from .options import Free, Lead, Option, Pick, Term, Work
from .timegrid import bits
from .visiting import Visiting


class Variables(Openings, Visiting):
    """Everything that may be decided around a ledger.

    Attributes:
        ledger: what stays; its sections are options too, kept ones that only gain members.
        options: ways sections may run, kept sections first.
        patients, therapists, groups: those whose week the model can change.
    """

    def __init__(
        self,
        clinic: Clinic,
        ledger: Ledger,
        free: Free,
        late: Callable[[int], bool] | None = None,
        known_shares: Mapping[tuple[str, str], int] | None = None,
    ) -> None:
        super().__init__(clinic, ledger, free, late, known_shares)
        self._keep_sections()
        for group in sorted(free.groups, key=list(clinic.groups).index):
            self._open_sections(group)
        for patient, service in self._ordered(free.visits):
            self._visits(patient, service)
        if free.daily:
            self.daily_pools()
        elif not free.alone:
            self._pools()
            self._room_shares()
        touched = {p for p, _ in free.seats | free.visits} | set(self._terms)
        self.patients = [p for p in clinic.patients if p in touched]
        self.therapists = [t for t in clinic.therapists if self._work.get(t)]
        self.groups = [g for g in clinic.groups if self.options_of(g)]

    def _once(self, key: object, make: Callable[[], Literal]) -> Literal:
        if key not in self._made:
            self._made[key] = make()
        return self._made[key]

    def options_of(self, group: str) -> list[Option]:
        """New options of a group (sections of the ledger are not among them)."""
        return [o for o in self.options if o.group == group and o.kept is None]

    def clinic_room(self, kind: int) -> str:
        return self.kinds[kind].name

    def option_of(self, section: str) -> Option:
        return next(o for o in self.options if o.kept is not None and o.kept.id == section)

    def terms(self, patient: str) -> list[Term]:
        return self._terms.get(patient, [])

    def terms_on(self, patient: str, day: int) -> list[Term]:
        """Those with a session on a day (one at most: a section meets once a day)."""
        if patient not in self._on_days:
            days = self._on_days[patient] = [[] for _ in range(7)]
            for term in self.terms(patient):
                for meet in term.meets:
                    days[meet.day].append(term)
        return self._on_days[patient][day]

    def seats_of(self, patient: str) -> list[Term]:
        return [t for t in self.terms(patient) if t.option is not None]

    def services_of(self, patient: str) -> list[str]:
        """Services of which a patient may gain or has appointments."""
        gained = [t.service for t in self.terms(patient) if t.option is None]
        held = [s.service for s in self.ledger.sittings[patient] if s.group is None]
        return list(dict.fromkeys([*gained, *held]))

    def seats_in(self, option: Option) -> list[Term]:
        return self._seats.get(option.index, [])

    def seats_by_patient_and_group(self) -> dict[tuple[str, str], list[Term]]:
        out: dict[tuple[str, str], list[Term]] = defaultdict(list)
        for seats in self._seats.values():
            for term in seats:
                out[term.patient, term.group or ""].append(term)
        return out

    def leads_in(self, option: Option) -> list[Lead]:
        return self._leads.get(option.index, [])

    def leads_by_therapist(self, option: Option) -> dict[str, list[Literal]]:
        out: dict[str, list[Literal]] = defaultdict(list)
        for lead in self.leads_in(option):
            out[lead.therapist].append(lead.var)
        return out

    def rooms_in(self, option: Option, day: int) -> list[Pick]:
        return [p for p in self._picks.get(option.index, ()) if p.meet.day == day]

    def work_of(self, therapist: str) -> list[Work]:
        return self._work.get(therapist, [])

    def works_on(self, therapist: str, day: int) -> bool:
        return any(w.day == day for w in self.work_of(therapist))

    def patient_cells(self, patient: str) -> dict[int, list[Literal]]:
        out: dict[int, list[Literal]] = defaultdict(list)
        for term in self.terms(patient):
            for cell in bits(term.cells):
                out[cell].append(term.var)
        return out

    def therapist_cells(self, therapist: str) -> dict[int, list[Literal]]:
        out: dict[int, list[Literal]] = defaultdict(list)
        for work in self.work_of(therapist):
            for cell in bits(work.cells):
                out[cell].append(work.var)
        return out

    def room_cells(self) -> dict[tuple[int, int], list[Literal]]:
        return self._room_terms

    def rooms_free(self, kind: int, cell: int) -> int:
        return len(self.kinds[kind].rooms) - self._kind_used[kind, cell]

    def item_terms(self) -> dict[str, dict[int, list[tuple[Literal, int]]]]:
        """item -> cell -> (variable, amount in use)."""
        out: dict[str, dict[int, list[tuple[Literal, int]]]] = defaultdict(
            lambda: defaultdict(list)
        )
        for option in self.options:
            if option.kept is None:
                for item, amount in self.clinic.groups[option.group].equipment.items():
                    for meet in option.meets:
                        for cell in bits(meet.cells):
                            out[item][cell].append((option.open, amount))
        for terms in self._terms.values():
            for term in terms:
                if term.option is None:
                    for item, amount in self.clinic.services[term.service].equipment.items():
                        for cell in bits(term.cells):
                            out[item][cell].append((term.var, amount))
        return out

    def attends(self, patient: str, day: int) -> Literal:
        """Whether a day is attended: has a session of more than 0 clinical minutes."""
        whole = self.clinic.grid.day_mask(day)
        return self._once(
            ("attends", patient, day),
            lambda: self.any_of_intervals(
                [(t.var, t.cells & whole) for t in self.terms_on(patient, day) if t.clinical],
                any(s.day == day and s.clinical for s in self.ledger.sittings[patient]),
            ),
        )

    def admitted(self, patient: str) -> Literal:
        """Whether a patient has any session."""
        return self._once(
            ("admitted", patient),
            lambda: self.any_of(
                [self.attends(patient, day) for day in range(7)]
                + [t.var for t in self.terms(patient) if t.meets and not t.clinical],
                bool(self.ledger.sittings[patient]),
            ),
        )

    def sees(self, therapist: str) -> dict[str, Literal]:
        """patient -> whether the therapist sees them one to one (told apart by ``named_carers``)."""
        pool = (therapist,)
        return {
            p: self._once(("sees", p, therapist), lambda found=found: self.any_of(found))  # type: ignore[misc]
            for p in self.patients
            if (
                found := [
                    t.var
                    for t in self.terms(p)
                    if t.pool == pool and self.clinic.services[t.service].format == "individual"
                ]
            )
        }
