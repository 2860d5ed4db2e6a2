"""Whom a group is for."""

from __future__ import annotations

from collections.abc import Iterator

from ..candidates import Candidate, Joining
from ..clinic import Clinic
from ..ledger import Ledger
from ..violations import Violation
from .base import Rule, Scope


class Eligibility(Rule):
    """A member's program, tags and gender fit the group's ``eligible``; all of them.

    A patient who states no gender fits only groups that name none.
    """

    key = "eligibility"
    title = "Members fit the group"
    judges = (Joining,)

    def forbids(self, candidate: Candidate, clinic: Clinic) -> str | None:
        if not isinstance(candidate, Joining):
            return None
        p, e = clinic.patients[candidate.patient], clinic.groups[candidate.group].eligible
        who, group = candidate.patient, candidate.group
        if e.programs and p.program not in e.programs:
            return f"{group} is for {' or '.join(e.programs)}; {who} is in {p.program}"
        if e.tags_any and not set(e.tags_any) & set(p.tags):
            return f"{group} asks for one of {', '.join(e.tags_any)}; {who} has none of them"
        if barred := set(e.tags_none) & set(p.tags):
            return f"{group} is not for {', '.join(sorted(barred))}, which {who} has"
        if e.genders and p.gender not in e.genders:
            return f"{group} is for {' or '.join(e.genders)}; {who} is {p.gender or 'not stated'}"
        return None

    def check(self, clinic: Clinic, ledger: Ledger, scope: Scope) -> Iterator[Violation]:
        for s in scope.sections:
            section = ledger.sections[s]
            for p in section.members:
                if why := self.forbids(Joining(p, section.group, False), clinic):
                    yield Violation(self.key, p, f"{s}: {why}")
