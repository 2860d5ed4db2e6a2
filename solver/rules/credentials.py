"""Who is licensed for what."""

from __future__ import annotations

from collections.abc import Iterator

from ..candidates import Candidate, Caring, Leading
from ..clinic import Clinic
from ..ledger import Ledger
from ..timegrid import DAY_NUMBER, DAYS, day_of
from ..violations import Violation
from .base import Rule, Scope


class Credentials(Rule):
    """Each leader holds a credential of their place, each appointment's therapist one of the service's.

    Any one of those named will do; it must be unexpired on that day (``expires`` is the last valid
    day). A place or service that names none is open to every therapist.
    """

    key = "credentials"
    title = "Sessions are led by people licensed for them"
    judges = (Leading, Caring)

    def forbids(self, candidate: Candidate, clinic: Clinic) -> str | None:
        match candidate:
            case Leading(therapist, group, place, day):
                leaders = clinic.groups[group].leaders
                return self._why(therapist, leaders[place].credentials, day, clinic)
            case Caring(therapist, service, day):
                return self._why(therapist, clinic.services[service].credentials, day, clinic)
        return None

    def _why(self, therapist: str, wanted: tuple[str, ...], day: int, clinic: Clinic) -> str | None:
        if not wanted:
            return None
        date = day_of(clinic.scenario.week_start, day)
        expired = False
        for held in clinic.therapists[therapist].credentials:
            if held.id in wanted:
                if held.expires is None or held.expires >= date:
                    return None
                expired = True
        state = f"holds one that has expired by {DAYS[day]}" if expired else "holds none of them"
        return f"needs {' or '.join(wanted)}; {therapist} {state}"

    def check(self, clinic: Clinic, ledger: Ledger, scope: Scope) -> Iterator[Violation]:
        for s in scope.sections:
            section = ledger.sections[s]
            places = len(clinic.groups[section.group].leaders)
            for m in section.held():
                for place, t in enumerate(section.leaders_at(m)[:places]):
                    day = DAY_NUMBER[m.day]
                    if why := self.forbids(Leading(t, section.group, place, day), clinic):
                        yield Violation(self.key, s, f"{s} on {m.day}, leader {place + 1}: {why}")
        for a in scope.appointments:
            entry = ledger.appointments[a]
            candidate = Caring(entry.therapist, entry.service, DAY_NUMBER[entry.day])
            if why := self.forbids(candidate, clinic):
                yield Violation(self.key, a, f"{a} on {entry.day}: {why}")
