"""Who may know what: each session as it is told to the person it is told to.

Everything that leaves the program passes through here, whatever its format:

- A *patient* reads of their own sessions: "Appointment", when and where. The service, and with whom,
  are named only if asked for, because calendars are shared and printed pages lie about. Other
  patients are never named, nor counted.
- A *therapist* reads what, when, where, with whom, and patients by their initials; their full
  names only if asked for. The same goes for the week of a *group*.
- On the door of a *room* stands when and by whom it is used: groups by their name, individual and
  family sessions as "Appointment"; no patients, or their initials if asked for.
- The whole clinic's own record (a workbook, a table, a bundle for its other systems) has it all.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Literal, NamedTuple

from ... import report
from ...clinic import Clinic
from ...report import Named, Session, View
from ...report.week import BY_VIDEO
from ...report.words import HasName, named
from ...schedule import Schedule
from .names import familiar, full, initials, shortened
from .text import one_line

APPOINTMENT = "Appointment"
Off = Literal["", "Cancelled", "Excused", "Covered"]
"""Nobody comes; this patient need not come; somebody else leads it."""


class Subject(NamedTuple):
    """Somebody or something with a week of its own."""

    kind: View
    id: str


def name_of(clinic: Clinic, subject: Subject) -> str:
    """Somebody's name on one line."""
    known: Mapping[View, Mapping[str, HasName]] = {
        "patient": clinic.patients,
        "therapist": clinic.therapists,
        "room": clinic.rooms,
        "group": clinic.groups,
    }
    return full(named(known[subject.kind], subject.id)).name


@dataclass(frozen=True, slots=True)
class Wording:
    """How much is said.

    Attributes:
        name_services: to patients of their own sessions: the service, and with whom.
        full_names: to therapists and on sheets of groups: patients' full names.
        door_initials: on the doors of rooms: patients' initials, never more.
    """

    name_services: bool = False
    full_names: bool = False
    door_initials: bool = False


SPARING = Wording()
"""No more than has to be said."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One session as its reader may know it.

    Attributes:
        key: what stays the same when the session moves; it names services and people, so it goes
            out in no form but a digest.
        session: names the reader may not know are left out or shortened in it.
        substitutes: who stands in for whom, in words.
        off: why it does not take place, or not with this reader; empty where it does.
    """

    key: str
    session: Session
    substitutes: str = ""
    off: Off = ""

    @property
    def call_out(self) -> str:
        """What must not be overlooked."""
        return ": ".join(filter(None, (self.off, self.substitutes)))


class _Occurrence(NamedTuple):
    """A session as it is; who leads it usually (ids), and those of them who do not this time."""

    key: str
    session: Session
    usual: tuple[str, ...]
    replaced: tuple[Named, ...]


class Readers:
    """A schedule, told to each of its readers.

    Args:
        previous: a schedule of the same week that they were told before; what stands in it and in
            ``schedule`` no longer is told as cancelled. What names patients or groups that the
            scenario no longer has is left out.
    """

    def __init__(
        self,
        clinic: Clinic,
        schedule: Schedule,
        wording: Wording = SPARING,
        previous: Schedule | None = None,
    ) -> None:
        self.clinic = clinic
        self.schedule = schedule
        self.wording = wording
        self.previous = previous
        self._now = _occurrences(clinic, schedule)
        self._before = _occurrences(clinic, _still_known(clinic, previous)) if previous else ()
        people = [Named(p.id, p.name) for p in clinic.scenario.patients]
        self._initials = shortened(people, initials)
        self._familiar = shortened(people, familiar)

    def everything(self) -> tuple[Entry, ...]:
        """The clinic's own record: every session with all its names."""
        return self._with_dropped(self._whole)

    def week(self, subject: Subject) -> tuple[Entry, ...]:
        """The sessions of one patient, therapist, room or group, as they may know them."""
        return self._with_dropped(lambda o: self._told(o, subject))

    def sign_in(self, group: str) -> tuple[Entry, ...]:
        """The meetings of a group, its patients by first name: the sheet goes from hand to hand."""
        return tuple(
            Entry(o.key, self._masked(o.session, self.by_first_name), _substitutes(o))
            for o in self._now
            if o.session.group == group and not o.session.cancelled
        )

    def by_first_name(self, patient: Named) -> Named:
        """``Ben T.``, or the full name if that is asked for."""
        return full(patient) if self.wording.full_names else self._familiar.get(patient.id, _GONE)

    def by_initials(self, patient: Named) -> Named:
        """``B. T.``, or the full name if that is asked for."""
        return full(patient) if self.wording.full_names else self._initialled(patient)

    def _initialled(self, patient: Named) -> Named:
        return self._initials.get(patient.id, _GONE)

    # -- one session --------------------------------------------------------------------------

    def _with_dropped(self, told: Callable[[_Occurrence], Entry | None]) -> tuple[Entry, ...]:
        out = [entry for o in self._now if (entry := told(o))]
        known = {entry.key for entry in out}
        gone = [entry for o in self._before if (entry := told(o)) and entry.key not in known]
        out += [replace(e, substitutes="", off="Cancelled") for e in gone if not e.off]
        return tuple(sorted(out, key=lambda e: (e.session.day, e.session.start, e.key)))

    def _whole(self, o: _Occurrence) -> Entry:
        return Entry(o.key, self._masked(o.session, full), _substitutes(o), _off(o))

    def _told(self, o: _Occurrence, subject: Subject) -> Entry | None:
        match subject.kind:
            case "patient":
                return self._to_patient(o, subject.id)
            case "therapist":
                return self._to_therapist(o, subject.id)
            case "room" if subject.id in o.session.subjects("room"):
                return self._at_the_door(o)
            case "group" if subject.id == o.session.group:
                session = self._masked(o.session, self.by_initials)
                return Entry(o.key, session, _substitutes(o), _off(o))
        return None

    def _to_patient(self, o: _Occurrence, patient: str) -> Entry | None:
        here = [p for p in o.session.members if p.id == patient]
        away = [p for p in o.session.absent if p.id == patient]
        if not here and not away:
            return None
        by_video = any(p.id == patient for p in o.session.remote)
        own = (full((here or away)[0]),)
        session = replace(
            self._masked(o.session, full),
            room=None if by_video else o.session.room,
            place=BY_VIDEO if by_video else one_line(o.session.place),
            members=own,
            remote=own if by_video else (),
            absent=(),
        )
        off = _off(o) or ("" if here else "Excused")
        if self.wording.name_services:
            return Entry(o.key, session, _substitutes(o), off)
        # What kind of session it is, and of which group, would say as much as its title.
        session = replace(
            session,
            ref="",
            kind="individual",
            title=APPOINTMENT,
            service="",
            group=None,
            leaders=(),
            substituted=False,
        )
        return Entry(o.key, session, off=off)

    def _to_therapist(self, o: _Occurrence, therapist: str) -> Entry | None:
        session = self._masked(o.session, self.by_initials)
        if any(t.id == therapist for t in o.session.leaders):
            return Entry(o.key, session, _substitutes(o), _off(o))
        if any(t.id == therapist for t in o.replaced):
            return Entry(o.key, session, _substitutes(o), _off(o) or "Covered")
        return None

    def _at_the_door(self, o: _Occurrence) -> Entry:
        shown = self._initialled if self.wording.door_initials else None
        session = self._masked(o.session, shown)
        if not session.group:
            session = replace(session, title=APPOINTMENT, service="", kind="individual")
        return Entry(o.key, session, _substitutes(o), _off(o))

    def _masked(self, session: Session, who: Callable[[Named], Named] | None) -> Session:
        """The session with its patients as ``who`` calls them, or without them."""

        def all_of(people: Iterable[Named]) -> tuple[Named, ...]:
            return tuple(map(who, people)) if who else ()

        return replace(
            session,
            ref=session.ref if who is full else "",  # appointments' ids are made from patients'
            title=one_line(session.title),
            place=one_line(session.place),
            leaders=tuple(map(full, session.leaders)),
            members=all_of(session.members),
            remote=all_of(session.remote),
            absent=all_of(session.absent),
        )


def _off(o: _Occurrence) -> Off:
    return "Cancelled" if o.session.cancelled else ""


def _substitutes(o: _Occurrence) -> str:
    """``Cat for Bob`` where somebody leads in another's place."""
    if not o.replaced or o.session.cancelled:
        return ""
    new = [full(t).name for t in o.session.leaders if t.id not in o.usual]
    return f"{report.listing(new or ['nobody'])} for {report.listing(full(t).name for t in o.replaced)}"


_GONE = Named("–", "–")
"""A patient whom the scenario does not have."""


def _still_known(clinic: Clinic, earlier: Schedule) -> Schedule:
    """An earlier schedule without what the scenario no longer has, as a baseline loses it."""
    visits = tuple(a for a in earlier.appointments if a.service in clinic.services)
    earlier = earlier.model_copy(update={"appointments": visits})
    base = Clinic(clinic.scenario.model_copy(update={"baseline": earlier, "locks": ()})).baseline
    return base or earlier


def _occurrences(clinic: Clinic, schedule: Schedule) -> tuple[_Occurrence, ...]:
    return tuple(_in_order(clinic, schedule))


def _in_order(clinic: Clinic, schedule: Schedule) -> Iterator[_Occurrence]:
    """Every session, with a key that stays its own when it moves.

    Meetings of a section are numbered in time order: the first of the week stays the first on
    whatever day it is held.
    """
    leaders = {s.id: s.leaders for s in schedule.sections}
    met = Counter[str]()
    for session in report.sessions(clinic, schedule):
        usual = leaders[session.ref] if session.substituted else ()
        now = {t.id for t in session.leaders}
        replaced = tuple(named(clinic.therapists, t) for t in usual if t not in now)
        own = f"{'section' if session.group else 'appointment'} {session.ref}"
        met[own] += 1
        yield _Occurrence(f"{own} {met[own]}", session, usual, replaced)
