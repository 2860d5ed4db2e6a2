"""How many sit and how many lead."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from ..clinic import Clinic
from ..ledger import Ledger
from ..violations import Violation
from .base import Rule, Scope

if TYPE_CHECKING:
    from ..variables import Variables


class GroupSize(Rule):
    """A section has between ``size.min`` and ``size.max`` members, absent ones included.

    At every meeting there is one leader for each place, all distinct.
    """

    key = "group_size"
    title = "Sections are neither too small nor too large, and fully led"
    mended_by_adding = True

    def check(self, clinic: Clinic, ledger: Ledger, scope: Scope) -> Iterator[Violation]:
        for s in scope.sections:
            section = ledger.sections[s]
            group = clinic.groups[section.group]
            size = len(section.members)
            if size < group.size.min:
                text = f"{s} has {size} members, {group.size.min} at least are needed"
                yield Violation(self.key, s, text, group.size.min - size)
            if size > group.size.max:
                text = f"{s} has {size} members, {group.size.max} at most may sit"
                yield Violation(self.key, s, text, size - group.size.max)
            for m in section.held():
                leaders = section.leaders_at(m)
                if len(leaders) != len(group.leaders):
                    text = (
                        f"{s} on {m.day} has {len(leaders)} leaders for {len(group.leaders)} places"
                    )
                    yield Violation(self.key, s, text, abs(len(leaders) - len(group.leaders)))
                if len(set(leaders)) < len(leaders):
                    yield Violation(self.key, s, f"{s} on {m.day} has one leader in two places")

    def post(self, v: Variables) -> None:
        for option in v.options:
            size = v.clinic.groups[option.group].size
            seats = [seat.var for seat in v.seats_in(option)]
            v.span(seats, option.open, size.min - option.held, size.max - option.held)
            for place, count in option.places:
                leads = [x.var for x in v.leads_in(option) if x.place == place]
                v.span(leads, option.open, count, count)
            for literals in v.leads_by_therapist(option).values():
                v.at_most(literals, 1)
