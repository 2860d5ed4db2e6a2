"""What a rule is: its words, its check on a schedule, its verdict on one candidate, its model half."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from ..candidates import Candidate
from ..clinic import Clinic
from ..ledger import Ledger
from ..timegrid import DAYS, clock
from ..violations import Violation

if TYPE_CHECKING:
    from ..variables import Variables


@dataclass(frozen=True, slots=True)
class Scope:
    """Whom and what a check looks at; the default scope of a ledger is everything in it."""

    patients: Iterable[str]
    therapists: Iterable[str]
    rooms: Iterable[str]
    items: Iterable[str]
    groups: Iterable[str]
    sections: Iterable[str]
    appointments: Iterable[str]

    @classmethod
    def whole(cls, ledger: Ledger) -> Scope:
        clinic = ledger.clinic
        return cls(
            patients=clinic.patients,
            therapists=clinic.therapists,
            rooms=clinic.rooms,
            items=clinic.equipment,
            groups=clinic.groups,
            sections=list(ledger.sections),
            appointments=list(ledger.appointments),
        )


class Rule:
    """One hard rule. The class docstring says what holds; docs and in-app help are made from it.

    Attributes:
        key: name of the rule, of its file and of its test file.
        title: one line for a person.
        judges: kinds of candidate that ``forbids`` may refuse; others are never shown to it.
        mended_by_adding: whether a broken schedule may come to obey by more sessions or members
            alone; what is locked and breaks a rule that is not, can never become legal.
    """

    key: ClassVar[str]
    title: ClassVar[str]
    judges: ClassVar[tuple[type, ...]] = ()
    mended_by_adding: ClassVar[bool] = False

    @property
    def couples(self) -> bool:
        """Whether there is more to it than single candidates: it has something to post."""
        return type(self).post is not Rule.post

    def forbids(self, candidate: Candidate, clinic: Clinic) -> str | None:
        """Why this candidate alone can never stand in a legal schedule, or None."""
        return None

    def check(self, clinic: Clinic, ledger: Ledger, scope: Scope) -> Iterator[Violation]:
        """Every breach of this rule among what the scope names."""
        raise NotImplementedError

    def post(self, v: Variables) -> None:
        """Post on the model what couples several candidates; the ledger's share is subtracted.

        A rule that one candidate alone decides has nothing to post.
        """


def at(day: int, start: int) -> str:
    """``mon 09:00``."""
    return f"{DAYS[day]} {clock(start)}"


def some(ids: Iterable[str], most: int = 4) -> str:
    """A few ids as text."""
    listed = sorted(ids)
    more = f" and {len(listed) - most} more" if len(listed) > most else ""
    return ", ".join(listed[:most]) + more
