"""First schedules: as a clinic makes them by hand, and as a greedy eye for seats does.

``by_hand`` is priority-first first-fit: patients one by one, the first seat or hour that fits.
``greedy`` opens sections where most unserved care can sit. Both keep what is locked, carry on what
the baseline has as far as it is still legal, and give back a legal week.
"""

from __future__ import annotations

from collections.abc import Callable
from time import monotonic

from ..checker import check
from ..clinic import Clinic
from ..ledger import Ledger
from ..pins import ids_kept, settled_ledger
from ..rules import Scope
from ..schedule import Schedule
from ..timegrid import bits
from .placing import Placing, days_of, obeys, scope_of

Clock = Callable[[], float]


class Start:
    """One attempt at a first schedule."""

    def __init__(self, clinic: Clinic, deadline: float) -> None:
        self.clinic = clinic
        self.deadline = deadline
        self.kept = ids_kept(clinic)
        self.placing = Placing(settled_ledger(clinic, loose=False))
        self.ledger = self.placing.ledger
        self.order = sorted(
            clinic.patients,
            key=lambda p: (clinic.is_waiting(p), -clinic.patients[p].priority),
        )

    def late(self) -> bool:
        return monotonic() > self.deadline

    # -- needs --------------------------------------------------------------------------------

    def lacks(self, patient: str, service: str) -> bool:
        """Whether a patient still needs sessions of a service: its quota, or minutes it could fill."""
        needs = self.clinic.needs[patient]
        least, most = needs.quotas.get(service, (0, 0))
        sittings = self.ledger.sittings[patient]
        count = sum(1 for s in sittings if s.service == service)
        if most is not None and count >= most:
            return False
        return count < least or sum(s.clinical for s in sittings) < needs.minutes_min

    def owes(self, patient: str, service: str) -> bool:
        """Whether the quota's minimum of a service is not reached."""
        least = self.clinic.needs[patient].quotas.get(service, (0, 0))[0]
        return sum(1 for s in self.ledger.sittings[patient] if s.service == service) < least

    # -- building blocks ----------------------------------------------------------------------

    def carry_on(self, base: Schedule | None) -> None:
        """What the baseline has, as far as it may stand this week."""
        if base is None:
            return
        clinic, ledger = self.clinic, self.ledger
        for section in base.sections:
            meetings = tuple(clinic.open_meetings(section))
            known = all(m.room is None or m.room in clinic.rooms for m in meetings)
            led = all(t in clinic.therapists for t in section.leaders)
            if section.id in ledger.sections or not meetings or not known or not led:
                continue
            plain = tuple(
                m.model_copy(update={"leaders": None, "cancelled": False}) for m in meetings
            )
            ledger.open(
                section.model_copy(
                    update={"meetings": plain, "members": (), "remote_members": (), "absences": ()}
                )
            )
            group = clinic.groups[section.group]
            if obeys(clinic, ledger, scope_of(ledger, section=section.id)):
                for p in section.members:
                    self.placing.join(section.id, p)
            if len(ledger.sections[section.id].members) < group.size.min:
                ledger.close(section.id)
        for a in base.appointments:
            known = a.therapist in clinic.therapists and (a.room is None or a.room in clinic.rooms)
            if a.id in ledger.appointments or not known:
                continue
            ledger.book(a)
            scope = scope_of(ledger, patients=[a.patient], appointment=a.id)
            if not obeys(clinic, ledger, scope):
                ledger.cancel(a.id)

    def fill_groups(self) -> None:
        """Seats in sections that run already."""
        for p in self.order:
            for section in list(self.ledger.sections.values()):
                group = self.clinic.groups[section.group]
                if self.lacks(p, group.service):
                    self.placing.join(section.id, p)

    def fits(self, group: str, patient: str) -> int:
        """Start cells of a group's meetings that a patient could attend beside what they have."""
        screen, entry = self.placing.screen, self.clinic.groups[group]
        mask = 0
        for remote in screen.seat_modes(patient, group):
            mask |= screen.seat_starts(patient, group, remote)
        busy = self.ledger.patient_busy(patient)
        for back in range(self.clinic.grid.length(entry.minutes)):
            mask &= ~(busy >> back)
        return mask

    def open_best(self, group: str, tried: set[tuple[tuple[int, ...], int]]) -> bool:
        """Open the section that seats most of the care a group could still give."""
        clinic, entry = self.clinic, self.clinic.groups[group]
        if len(self.ledger.by_group[group]) >= entry.max_sections or group in clinic.continuing:
            return False
        wanting = [
            p
            for p in self.order
            if self.lacks(p, entry.service)
            and sum(group == s.group for s in self.ledger.sections_of(p)) < entry.per_patient
        ]
        masks = {p: self.fits(group, p) for p in wanting}
        masks = {p: mask for p, mask in masks.items() if mask}
        if len(masks) < max(1, entry.size.min):
            return False
        choices = sorted(self._ranked(group, masks, tried), reverse=True)
        for _, days, start in choices[:12]:
            cells = [clinic.grid.cell(d, start) for d in days]
            able = [
                p
                for p, mask in masks.items()
                if all(
                    mask >> c & 1 or d not in clinic.stay[p]
                    for c, d in zip(cells, days, strict=True)
                )
            ]
            able.sort(key=lambda p: not self.owes(p, entry.service))
            if self.placing.open(group, days, start, able):
                return True
            tried.add((days, start))
        return False

    def _ranked(
        self, group: str, masks: dict[str, int], tried: set[tuple[tuple[int, ...], int]]
    ) -> list[tuple[int, tuple[int, ...], int]]:
        clinic, entry = self.clinic, self.clinic.groups[group]
        starts = self.placing.screen.gathering(group)
        worth = {p: self._worth(p, entry.service) for p in masks}
        out = []
        for days in clinic.day_sets[group]:
            day = days[0]
            for cell in bits(starts & clinic.grid.day_mask(day)):
                start = clinic.grid.clock_of(cell)[1]
                cells = [clinic.grid.cell(d, start) for d in days]
                if (days, start) in tried or not all(starts >> c & 1 for c in cells):
                    continue
                able = [
                    worth[p]
                    for p, mask in masks.items()
                    if all(
                        mask >> c & 1 or d not in clinic.stay[p]
                        for c, d in zip(cells, days, strict=True)
                    )
                ]
                if len(able) >= max(1, entry.size.min):
                    able.sort(reverse=True)
                    out.append((sum(able[: entry.size.max]), days, start))
        return out

    def _worth(self, patient: str, service: str) -> int:
        priority = self.clinic.patients[patient].priority
        return (1 if self.clinic.is_waiting(patient) else 4 * priority) * (
            3 if self.owes(patient, service) else 1
        )

    def open_groups(self) -> None:
        """Open sections, the group that can seat fewest times first, until nothing is gained."""
        order = sorted(
            self.clinic.groups,
            key=lambda g: (self.placing.screen.gathering(g).bit_count(), g),
        )
        for group in order:
            tried: set[tuple[tuple[int, ...], int]] = set()
            while not self.late() and self.open_best(group, tried):
                pass

    def appointments(self, patient: str) -> None:
        """Individual and family sessions: the quotas first, then what fills the week's minutes."""
        offered = [
            s
            for s in self.clinic.needs[patient].quotas
            if self.clinic.services[s].format != "group"
        ]
        for wanted in (self.owes, self.lacks):
            for service in offered:
                while wanted(patient, service) and not self.late():
                    if self.placing.book(patient, service) is None:
                        break

    # -- whole starts -------------------------------------------------------------------------

    def greedy(self) -> Ledger:
        """Sections where most care can sit, then appointments, then whatever seats are left."""
        self.carry_on(self.clinic.baseline)
        self.fill_groups()
        self.open_groups()
        for p in self.order:
            self.appointments(p)
        self.fill_groups()
        return self.settle()

    def by_hand(self) -> Ledger:
        """Patients by priority; each takes the first seat or hour that fits.

        Who finds no section waits for company; a section opens at the first time at which enough of
        those waiting for it can come.
        """
        self.carry_on(self.clinic.baseline)
        for p in self.order:
            if self.late():
                break
            for group in self.clinic.groups.values():
                if not self.lacks(p, group.service):
                    continue
                joined = any(self.placing.join(s, p) for s in list(self.ledger.by_group[group.id]))
                if not joined:
                    self._open_first(group.id, p)
            self.appointments(p)
        return self.settle()

    def _open_first(self, group: str, patient: str) -> None:
        """The first time at which this patient and enough others can come."""
        clinic, entry = self.clinic, self.clinic.groups[group]
        if len(self.ledger.by_group[group]) >= entry.max_sections or group in clinic.continuing:
            return
        mine = self.fits(group, patient)
        if not mine:
            return
        others = {q: self.fits(group, q) for q in self.order if self.lacks(q, entry.service)}
        for days in clinic.day_sets[group]:
            for cell in bits(
                mine & self.placing.screen.gathering(group) & clinic.grid.day_mask(days[0])
            ):
                start = clinic.grid.clock_of(cell)[1]
                cells = [clinic.grid.cell(d, start) for d in days]
                able = [q for q, mask in others.items() if all(mask >> c & 1 for c in cells)]
                if len(able) >= entry.size.min and patient in able:
                    able.sort(key=lambda q: q != patient)
                    if self.placing.open(group, days, start, able[: max(1, entry.size.min)]):
                        return

    def settle(self) -> Ledger:
        """Take back what is not whole, until the week is legal but for what locks bring about."""
        for _ in range(len(self.clinic.patients) + 1):
            self.placing.close_small(self.kept)
            broken = {
                v.subject
                for v in check(self.clinic, self.ledger, Scope.whole(self.ledger))
                if v.rule in ("day_gap", "waitlist", "weekly_maximum")
                and v.subject in self.clinic.patients
            }
            if not broken:
                break
            for p in broken:
                self.placing.clear(p, self.kept)
        return self.ledger


def first_schedules(clinic: Clinic, deadline: float) -> list[Ledger]:
    """First weeks, best tried first; they are legal unless locks or strict goals forbid it."""
    made = [Start(clinic, deadline).greedy()]
    if monotonic() < deadline:
        made.append(Start(clinic, deadline).by_hand())
    return made


__all__ = ["Start", "days_of", "first_schedules"]
