"""A difference between two weeks in words: person by person, as sentences, rows and JSON."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from ..clinic import Clinic
from ..diff import Difference, Item, Kind, Part, Slot, Told
from ..diff.parts import steady
from ..schedule import Schedule
from ..timegrid import DAY_NAMES, DAYS, clock
from .week import BY_VIDEO
from .words import HasName, Named, count, label, listing, named

HEADINGS: dict[Kind, str] = {
    "patient": "Patients",
    "family": "Families",
    "therapist": "Therapists",
    "desk": "Nobody to tell; for the timetable",
}
DESK = "Front desk"
_Words = Callable[[Slot], str]
_Days = Callable[[set[int]], str]
_Entries = Mapping[str, HasName]


@dataclass(frozen=True, slots=True)
class Row:
    """One thing to tell one person.

    Attributes:
        who: the person's name with the id.
        what: the group or kind of session.
        before, now: when, where and with whom; empty where there was or is nothing.
    """

    kind: Kind
    who: str
    what: str
    before: str
    now: str
    sentence: str


@dataclass(frozen=True, slots=True)
class Heard:
    """A person, a word on where they stand (admitted, no longer here), and their rows."""

    kind: Kind
    who: Named
    note: str
    rows: tuple[Row, ...]


def heard(clinic: Clinic, found: Difference) -> tuple[Heard, ...]:
    """Everybody who must be told something, patients first, with what to say."""
    return tuple(_heard(clinic, found, told) for told in found.told)


def _heard(clinic: Clinic, found: Difference, told: Told) -> Heard:
    who = _person(clinic, told)
    title = label(who) if told.kind != "family" else f"Family of {label(who)}"
    rows = tuple(
        Row(
            told.kind,
            title if told.kind != "desk" else DESK,
            _title(clinic, item.part).name,
            arrangement(clinic, item.old, told.kind) if item.old else "",
            arrangement(clinic, item.new, told.kind) if item.new else "",
            sentence(clinic, item, told.kind),
        )
        for item in told.items
    )
    return Heard(told.kind, who, _note(clinic, found, told), rows)


def _person(clinic: Clinic, told: Told) -> Named:
    if told.kind == "desk":
        return Named("", DESK)
    return named(clinic.therapists if told.kind == "therapist" else clinic.patients, told.id)


def _note(clinic: Clinic, found: Difference, told: Told) -> str:
    if not told.here:
        return "no longer here"
    if told.kind != "patient" or not clinic.is_waiting(told.id):
        return ""
    had, has = (_has_sessions(week, told.id) for week in (found.old, found.new))
    if had != has:
        return "admitted from the waiting list" if has else "back on the waiting list"
    return ""


def _has_sessions(week: Schedule, patient: str) -> bool:
    return any(patient in s.members for s in week.sections) or any(
        a.patient == patient for a in week.appointments
    )


def told_summary(clinic: Clinic, found: Difference) -> str:
    """``12 patients, 1 family and 3 therapists must be told something.``"""
    counts = [
        count(number, one) if number == 1 else f"{number:,} {many}"
        for kind, one, many in (
            ("patient", "patient", "patients"),
            ("family", "family", "families"),
            ("therapist", "therapist", "therapists"),
        )
        if (number := sum(1 for t in found.told if t.kind == kind and t.here))
    ]
    if not found:
        return "Nothing changes."
    return f"To be told: {listing(counts)}." if counts else "Nobody has to be told anything."


# -- one thing to tell ------------------------------------------------------------------------------


def sentence(clinic: Clinic, item: Item, kind: Kind) -> str:
    """One thing to tell a person, whole: ``Process Group (Mon 09:00–10:00): Mon is cancelled.``"""
    title = _title(clinic, item.part).name
    if item.old is None and item.new is not None:
        return f"New: {title}, {arrangement(clinic, item.new, kind)}."
    if item.new is None and item.old is not None:
        return f"Ends: {title}, {arrangement(clinic, item.old, kind)}."
    assert item.old is not None
    assert item.new is not None
    aspects = item.aspects()
    parts = [
        phrase
        for aspect in aspects
        # Who changes from a room to video has another place: once is enough.
        if not (aspect == "way" and "room" in aspects)
        if (phrase := _phrase(clinic, aspect, item.old, item.new, kind))
    ]
    who = _seen(clinic, item.new) if item.new.format != "group" and kind == "therapist" else ""
    return f"{title}{f' with {who}' if who else ''} ({_times(item.old)}): {'; '.join(parts)}."


def _phrase(clinic: Clinic, aspect: str, old: Part, new: Part, kind: Kind) -> str:
    match aspect:
        case "time":
            return _time_phrase(clinic, old, new)
        case "room":
            return _swap(old, new, lambda s: _where(clinic, s) or "without a room")
        case "leaders" if kind == "therapist":
            return _swap(old, new, lambda s: _alongside(clinic, s) or "alone")
        case "leaders":
            return _swap(
                old, new, lambda s: f"with {_names(clinic.therapists, s.leaders) or 'nobody'}"
            )
        case "place":
            return _swap(old, new, lambda s: f"as leader {(s.place or 0) + 1}")
        case "way":
            remote = any(s.remote for s in new.slots)
            return "by video instead of in the room" if remote else "in the room, not by video"
        case "cancelled":
            return _days_phrase(
                {s.day for s in old.slots if s.cancelled},
                {s.day for s in new.slots if s.cancelled},
                lambda days: f"{_listed(days)} {'is' if len(days) == 1 else 'are'} cancelled",
                lambda days: (
                    f"{_listed(days)} {'takes' if len(days) == 1 else 'take'} place after all"
                ),
            )
        case "absence":
            return _days_phrase(
                {s.day for s in old.slots if s.absent},
                {s.day for s in new.slots if s.absent},
                lambda days: f"excused on {_listed(days)}",
                lambda days: f"no longer excused on {_listed(days)}",
            )
        case _:
            return _people_phrase(clinic, old, new)


def _time_phrase(clinic: Clinic, old: Part, new: Part) -> str:
    shut = ({s.day for s in old.slots} - {s.day for s in new.slots}) & clinic.closed_days
    why = f", as the clinic is closed on {_listed(shut)}" if shut else ""
    return f"now {_times(new) or 'at no time'}{why}"


def _swap(old: Part, new: Part, words: _Words) -> str:
    """``in Big instead of Small``; day by day where the days are not alike."""
    was, now = (
        steady({s.day: words(s) for s in part.slots if not s.cancelled}) for part in (old, new)
    )
    if was in ({}, "") or now in ({}, ""):
        return "" if isinstance(now, dict) or not now else now
    if isinstance(was, str) and isinstance(now, str):
        return f"{now} instead of {was}"
    before = {s.day: words(s) for s in old.slots if not s.cancelled}
    after = {s.day: words(s) for s in new.slots if not s.cancelled}
    differs = {
        d: text
        for d, text in sorted(after.items())
        if text and (text != before[d] if d in before else text not in before.values())
    }
    return ", ".join(f"on {DAY_NAMES[d][:3]} {text}" for d, text in differs.items())


def _days_phrase(old: set[int], new: set[int], begins: _Days, ends: _Days) -> str:
    said = [words(days) for days, words in ((new - old, begins), (old - new, ends)) if days]
    return " and ".join(said)


def _people_phrase(clinic: Clinic, old: Part, new: Part) -> str:
    was = {p: (remote, away) for p, remote, away in old.people}
    now = {p: (remote, away) for p, remote, away in new.people}
    both = [p for p in now if p in was]
    excused = [
        f"{named(clinic.patients, p).name} excused on {_listed(set(now[p][1]))}"
        if now[p][1]
        else f"{named(clinic.patients, p).name} no longer excused"
        for p in both
        if now[p][1] != was[p][1]
    ]
    lists = (
        ("joins", "join", [p for p in now if p not in was]),
        ("leaves", "leave", [p for p in was if p not in now]),
        ("is by video", "are by video", [p for p in both if now[p][0] > was[p][0]]),
        ("is in the room", "are in the room", [p for p in both if now[p][0] < was[p][0]]),
    )
    said = [
        f"{_names(clinic.patients, people)} {one if len(people) == 1 else many}"
        for one, many, people in lists
        if people
    ]
    return ", ".join([*said, *excused])


# -- what a person has ------------------------------------------------------------------------------


def arrangement(clinic: Clinic, part: Part, kind: Kind) -> str:
    """``Mon and Wed 09:00–10:30, Big Room, Ann Bell``: when, where and with whom."""
    alike: dict[Slot, list[int]] = {}
    for slot in part.slots:
        alike.setdefault(_without_day(slot), []).append(slot.day)
    texts = [_one(clinic, slot, set(days), kind) for slot, days in alike.items()]
    if kind == "therapist":
        texts.append(
            _seen(clinic, part) if part.format != "group" else count(len(part.people), "patient")
        )
    return "; ".join(t for t in texts if t)


def _without_day(slot: Slot) -> Slot:
    return Slot(
        0, slot.start, slot.end, slot.room, slot.leaders, None, slot.remote, slot.cancelled,
        slot.absent,
    )  # fmt: skip


def _one(clinic: Clinic, slot: Slot, days: set[int], kind: Kind) -> str:
    with_whom = (
        _alongside(clinic, slot) if kind == "therapist" else _names(clinic.therapists, slot.leaders)
    )
    words = [f"{_listed(days)} {_clock(slot)}"]
    if slot.cancelled:
        words.append("cancelled")
    else:
        words += [_place(clinic, slot), with_whom]
    if slot.absent:
        words.append("excused")
    return ", ".join(w for w in words if w)


def _alongside(clinic: Clinic, slot: Slot) -> str:
    return f"with {_names(clinic.therapists, slot.leaders)}" if slot.leaders else ""


def _place(clinic: Clinic, slot: Slot) -> str:
    if slot.remote:
        return BY_VIDEO
    return "" if slot.room is None else named(clinic.rooms, slot.room).name


def _where(clinic: Clinic, slot: Slot) -> str:
    place = _place(clinic, slot)
    return place if slot.remote or not place else f"in {place}"


def _times(part: Part) -> str:
    """``Mon and Wed 09:00–10:30``."""
    alike: dict[str, set[int]] = {}
    for slot in part.slots:
        alike.setdefault(_clock(slot), set()).add(slot.day)
    return ", ".join(f"{_listed(days)} {time}" for time, days in alike.items())


def _clock(slot: Slot) -> str:
    return clock(slot.start) if slot.end is None else f"{clock(slot.start)}–{clock(slot.end)}"


def _listed(days: Iterable[int]) -> str:
    return listing(DAY_NAMES[d][:3] for d in sorted(days))


def _seen(clinic: Clinic, part: Part) -> str:
    return _names(clinic.patients, (p for p, _, _ in part.people))


def _names(entries: _Entries, ids: Iterable[str]) -> str:
    listed = [named(entries, i).name for i in ids]
    return listing(listed) if listed else ""


def _title(clinic: Clinic, part: Part) -> Named:
    return named(clinic.groups if part.format == "group" else clinic.services, part.subject)


# -- for machines -----------------------------------------------------------------------------------


def difference_document(clinic: Clinic, found: Difference) -> dict[str, object]:
    """The difference as JSON: entries old and new in the files' form, and what each person is told."""
    return {
        "entries": [
            {
                "old": c.old and c.old.model_dump(mode="json"),
                "new": c.new and c.new.model_dump(mode="json"),
            }
            for c in found.changes
        ],
        "told": [
            {
                "kind": told.kind,
                "id": told.id,
                "name": person.who.name,
                "note": person.note,
                "changes": [
                    {
                        "what": _what(item),
                        "differs": list(item.aspects()),
                        "old_id": item.old_id,
                        "new_id": item.new_id,
                        "title": row.what,
                        "old": _part_document(item.old),
                        "new": _part_document(item.new),
                        "sentence": row.sentence,
                    }
                    for item, row in zip(told.items, person.rows, strict=True)
                ],
            }
            for told, person in zip(found.told, heard(clinic, found), strict=True)
        ],
        "summary": told_summary(clinic, found),
    }


def _what(item: Item) -> str:
    if item.old is None:
        return "new"
    return "ends" if item.new is None else "changes"


def _part_document(part: Part | None) -> dict[str, object] | None:
    if part is None:
        return None
    return {
        "group" if part.format == "group" else "service": part.subject,
        "meetings": [
            {
                "day": DAYS[s.day],
                "start": clock(s.start),
                "end": None if s.end is None else clock(s.end),
                "room": s.room,
                "leaders": list(s.leaders),
                "place": s.place,
                "remote": s.remote,
                "cancelled": s.cancelled,
                "absent": s.absent,
            }
            for s in part.slots
        ],
        "people": [
            {"patient": p, "remote": remote, "absent": [DAYS[d] for d in away]}
            for p, remote, away in part.people
        ],
    }
