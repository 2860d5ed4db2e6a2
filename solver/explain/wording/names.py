"""Names and times as they stand on the board, and rule messages with names instead of ids."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping

from ...clinic import Clinic
from ...ledger import Ledger
from ...report.words import HasName, Named, label, listing, named
from ...scenario import Patient, Therapist
from ...timegrid import DAY_NAMES, DAY_NUMBER, DAYS, clock

_OUTSIDE = re.compile(r"^(\w{3} \d\d:\d\d) is outside (.+)'s availability$")
_SHORT_DAYS = {day: name[:3] for day, name in zip(DAYS, DAY_NAMES, strict=True)}
_WORDS = """
    a about admitted also and apart appointment are as asks at attends availability available
    baseline be beside between by cannot changed clinic closed come comes day days different does due
    excused expired family fit for from gained gets given goes gone grid group groups has have held
    holds hours hybrid in inside is it its kept lacks language leader leaders least lie locked lost
    may meal meet meetings meets member members minute minutes more most moved names needed needs new
    no none not of off on one only opening or out outside patient patients patterns person places
    quota remote room row run s seats section sections sees serves session sessions share shut single
    sit site speaks starts strict supervisor that the them there this times to track twice two use
    video was week when which windows with without works wrong
"""
PLAIN_WORDS = frozenset(_WORDS.split())
"""Words that rules' messages are made of: an id that is one of them is left alone in a message."""
_OF_SERVICES = ("sessions of ", "session of ", " names ")
"""Where these stand before an id, it is a service's, also if a group has the same one."""


def time_span(day: int, start: int, minutes: int) -> str:
    """``Mon 17:00–18:30``."""
    return f"{day_text(day)} {clock(start)}–{clock(start + minutes)}"


def day_text(day: int) -> str:
    """``Mon``."""
    return DAY_NAMES[day][:3]


def days_text(days: Iterable[int]) -> str:
    """``Mon, Tue and Thu``."""
    return listing(day_text(d) for d in sorted(set(days)))


def at_times(days: Iterable[int], start: int, minutes: int) -> str:
    """``Mon, Tue and Thu 17:00–18:30``."""
    return f"{days_text(days)} {clock(start)}–{clock(start + minutes)}"


class Names:
    """How everybody and everything of one week is called in a text.

    People are called by their names, with the id where a name is not theirs alone; sessions by what
    they are and when.
    """

    def __init__(self, clinic: Clinic, ledger: Ledger) -> None:
        self.clinic, self.ledger = clinic, ledger
        people: list[Patient | Therapist] = [
            *clinic.scenario.patients,
            *clinic.scenario.therapists,
        ]
        often = Counter(p.name for p in people)
        self._people = {
            p.id: p.name if p.name and often[p.name] == 1 else label(Named(p.id, p.name))
            for p in reversed(people)
        }
        self._known: dict[str, str] = {}
        things: tuple[Mapping[str, HasName], ...] = (
            clinic.equipment,
            clinic.programs,
            clinic.services,
            clinic.groups,
            clinic.rooms,
        )
        for entries in things:
            self._known.update({key: named(entries, key).name for key in entries})
        self._known |= self._people
        self._groups_of = {s.id: s.group for s in clinic.baseline_sections.values()}
        self._groups_of |= {s.id: s.group for s in ledger.sections.values()}
        self._services_of = {
            a.id: a.service
            for a in [*clinic.baseline_appointments.values(), *ledger.appointments.values()]
        }
        sessions = [*self._groups_of, *self._services_of]
        # What people wrote themselves stays as it is, whatever ids its words are.
        self._labels = {c.label for p in clinic.scenario.patients for c in p.commitments if c.label}
        self._ids = _any_of([*self._known, *sessions, *DAYS, *self._labels])

    # -- people and things --------------------------------------------------------------------

    def person(self, id: str) -> str:
        """A patient or therapist: the name, with the id where others have the same name."""
        return self._people.get(id, id)

    def people(self, ids: Iterable[str]) -> str:
        """``Ana, Ben and Cora``; ``nobody`` where there is none."""
        found = [self.person(id) for id in ids]
        return listing(found) if found else "nobody"

    def full(self, patient: str) -> str:
        """``Ana Prieto (p03)``."""
        return label(named(self.clinic.patients, patient))

    def room(self, id: str) -> str:
        return named(self.clinic.rooms, id).name

    def group(self, id: str) -> str:
        return named(self.clinic.groups, id).name

    def service(self, id: str) -> str:
        return named(self.clinic.services, id).name

    # -- sessions -----------------------------------------------------------------------------

    def session(self, ref: str, day: int | None = None) -> str:
        """``Process Group Mon and Wed 17:00–18:30``; of a day where one is named."""
        running = self.ledger.sections.get(ref)
        if running is not None:
            minutes = self.clinic.groups[running.group].minutes
            days = running.days if day is None else (day,)
            when = at_times(days, running.meetings[0].start, minutes) if running.meetings else ""
            return f"{self.group(running.group)} {when}".rstrip()
        a = self.ledger.appointments.get(ref)
        if a is None:
            return ref
        minutes = self.clinic.services[a.service].minutes
        return f"{self.service(a.service)} {time_span(DAY_NUMBER[a.day], a.start, minutes)}"

    def title(self, ref: str) -> str:
        """A session as a heading, with its id: ``Process Group Mon 17:00–18:30 (process-1)``."""
        return f"{self.session(ref)} ({ref})" if self.session(ref) != ref else ref

    # -- messages -----------------------------------------------------------------------------

    def say(self, message: str, about: str = "") -> str:
        """A rule's message with names instead of ids; what it is ``about`` goes without saying."""
        text = message.removeprefix(f"{about}: ") if about else message
        named = self._ids.sub(lambda m: self._name(m, text), text)
        return _OUTSIDE.sub(r"\2 is not available \1", named)

    def _name(self, match: re.Match[str], text: str) -> str:
        word, before = match[0], text[: match.start()]
        if word in self.clinic.services and before.endswith(_OF_SERVICES):
            return self.service(word)
        if word in PLAIN_WORDS or (word in self._labels and before.endswith(" is kept by ")):
            return word
        if word in self._known:
            return self._known[word]
        if word in self._groups_of:
            return f"{self.group(self._groups_of[word])} ({word})"
        if word in self._services_of:
            return f"{self.service(self._services_of[word])} ({word})"
        return _SHORT_DAYS[word]


def _any_of(words: Iterable[str]) -> re.Pattern[str]:
    """Any of the words, standing alone; longer ones are tried first."""
    ordered = sorted(set(words), key=len, reverse=True)
    return re.compile(rf"(?<![\w-])(?:{'|'.join(map(re.escape, ordered))})(?![\w-])")
