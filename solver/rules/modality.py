"""In the room or by video."""

from __future__ import annotations

from collections.abc import Iterator

from ..candidates import Candidate, Joining, Receiving
from ..clinic import Clinic
from ..ledger import Ledger
from ..violations import Violation
from .base import Rule, Scope


class Modality(Rule):
    """Video only where it is allowed, and as the patient attends.

    Remote members only in hybrid sections, remote appointments only of services that allow it. A
    patient who attends in person has no remote session; one who attends remotely only telehealth
    groups, hybrid groups as a remote member, and remote appointments.
    """

    key = "modality"
    title = "In the room or by video, as the patient attends"
    judges = (Joining, Receiving)

    def forbids(self, candidate: Candidate, clinic: Clinic) -> str | None:
        match candidate:
            case Joining(patient, group, remote):
                modality = clinic.groups[group].modality
                if remote and modality != "hybrid":
                    return f"{group} is {modality}; only hybrid groups have remote members"
                by_video = remote or modality == "telehealth"
            case Receiving(patient, service, by_video):
                if by_video and not clinic.services[service].remote:
                    return f"{service} is not given by video"
            case _:
                return None
        attends = clinic.patients[patient].attends
        if attends == "in_person" and by_video:
            return f"{patient} attends in person only"
        if attends == "remote" and not by_video:
            return f"{patient} attends by video only"
        return None

    def check(self, clinic: Clinic, ledger: Ledger, scope: Scope) -> Iterator[Violation]:
        for s in scope.sections:
            section = ledger.sections[s]
            for p, remote in section.members.items():
                if why := self.forbids(Joining(p, section.group, remote), clinic):
                    yield Violation(self.key, p, f"{s}: {why}")
        for ref in scope.appointments:
            a = ledger.appointments[ref]
            if why := self.forbids(Receiving(a.patient, a.service, a.remote), clinic):
                yield Violation(self.key, a.patient, f"{ref}: {why}")
