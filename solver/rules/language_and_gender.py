"""A language in common, and therapists who see patients of that gender."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from ..candidates import Candidate, Joining, Leading, Pairing
from ..clinic import Clinic
from ..ledger import Ledger
from ..violations import Violation
from .base import Rule, Scope

if TYPE_CHECKING:
    from ..variables import Variables


class LanguageAndGender(Rule):
    """Members and leaders speak the group's language; therapist and patient share one.

    Who states no language is not limited by it. ``genders_served`` holds for everyone a therapist
    leads or sees; a patient who states no gender fits only therapists who name none.
    """

    key = "language_and_gender"
    title = "People understand each other, and genders served are kept"
    judges = (Joining, Leading, Pairing)

    def forbids(self, candidate: Candidate, clinic: Clinic) -> str | None:
        match candidate:
            case Joining(patient, group, _):
                return self._speaks(patient, clinic.patients[patient].languages, group, clinic)
            case Leading(therapist, group, _, _):
                return self._speaks(
                    therapist, clinic.therapists[therapist].languages, group, clinic
                )
            case Pairing(patient, therapist, in_group):
                p, t = clinic.patients[patient], clinic.therapists[therapist]
                if t.genders_served and p.gender not in t.genders_served:
                    return f"{therapist} serves {' and '.join(t.genders_served)}; {patient} does not fit"
                apart = p.languages and t.languages and not set(p.languages) & set(t.languages)
                if apart and not in_group:
                    return f"{patient} and {therapist} share no language"
        return None

    def _speaks(self, who: str, spoken: tuple[str, ...], group: str, clinic: Clinic) -> str | None:
        language = clinic.groups[group].language
        if language is not None and spoken and language not in spoken:
            return f"{group} is held in {language}; {who} speaks {' and '.join(spoken)}"
        return None

    def check(self, clinic: Clinic, ledger: Ledger, scope: Scope) -> Iterator[Violation]:
        for s in scope.sections:
            section = ledger.sections[s]
            for p in section.members:
                if why := self.forbids(Joining(p, section.group, False), clinic):
                    yield Violation(self.key, p, f"{s}: {why}")
            leaders = {t for m in section.held() for t in section.leaders_at(m)}
            for t in sorted(leaders):
                if why := self.forbids(Leading(t, section.group, 0, 0), clinic):
                    yield Violation(self.key, t, f"{s}: {why}")
                led = {duty.day for duty in ledger.duties[t] if duty.ref == s}
                for p in section.members:
                    there = {sitting.day for sitting in ledger.sittings[p] if sitting.ref == s}
                    if led & there and (why := self.forbids(Pairing(p, t, True), clinic)):
                        yield Violation(self.key, p, f"{s}: {why}")
        for a in scope.appointments:
            entry = ledger.appointments[a]
            if why := self.forbids(Pairing(entry.patient, entry.therapist, False), clinic):
                yield Violation(self.key, entry.patient, f"{a}: {why}")

    def post(self, v: Variables) -> None:
        for option in v.options:
            leads = [
                x for x in v.leads_in(option) if v.clinic.therapists[x.therapist].genders_served
            ]
            for lead in leads:
                for seat in v.seats_in(option):
                    if self.forbids(Pairing(seat.patient, lead.therapist, True), v.clinic):
                        v.at_most([seat.var, lead.var], 1)
