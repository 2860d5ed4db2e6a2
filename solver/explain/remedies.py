"""Kinds of change that an explanation may suggest, what each costs, and how it is made.

The costs only rank suggestions: the smallest change is tried and told first. They are points that
stand for how hard a change is to bring about; ``COSTS`` is the whole table.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from ..changes import Add, Change, Edit, Open, Widen
from ..changes.draft import windows_of
from ..clinic import Clinic
from ..scenario import Window
from ..timegrid import MINUTES_A_DAY, bits, clock
from .wording import remedies as wording


@dataclass(frozen=True, slots=True)
class Price:
    """What a kind of change costs: ``fixed`` points and ``each`` for every unit."""

    fixed: int
    each: int
    unit: str
    what: str


COSTS: Mapping[str, Price] = {
    "seat": Price(0, 1, "seat", "a group takes more members than its `size.max`"),
    "room_hours": Price(0, 1, "half hour", "a room is available longer"),
    "fewer": Price(0, 2, "member", "a group runs with fewer members than its `size.min`"),
    "start_time": Price(2, 0, "", "a group may start at another time, too"),
    "section": Price(2, 0, "", "one section more of a group (`max_sections`)"),
    "caseload": Price(2, 0, "", "a therapist sees one patient more (`max_caseload`)"),
    "therapist_limit": Price(
        2, 1, "half hour", "a therapist works more a day or a week than their limit"
    ),
    "therapist_hours": Price(2, 1, "half hour", "a therapist works at other hours, too"),
    "opening": Price(4, 1, "half hour", "the clinic is open longer"),
    "own_hours": Price(4, 1, "half hour", "the patient (or the family) can come at other hours"),
    "credential": Price(8, 0, "", "a therapist holds one credential more"),
    "room": Price(8, 0, "", "one room more, like one that there is"),
}
"""Points by kind of change; what is not in it is never suggested."""


@dataclass(frozen=True, slots=True)
class Step:
    """One change as an explanation suggests it.

    Attributes:
        kind: key in ``COSTS``.
        target: id of whom or what it is about.
        changes: what to make of the scenario; several where one step needs them together.
        text: the condition, to stand behind "if": ``Ann Lee stays until 19:00 on Thu``.
    """

    kind: str
    target: str
    changes: tuple[Change, ...]
    cost: int
    text: str

    def document(self) -> dict[str, object]:
        """The step for machines."""
        return {
            "kind": self.kind,
            "target": self.target,
            "cost": self.cost,
            "text": self.text,
            "changes": [c.model_dump(mode="json") for c in self.changes],
        }


def once(steps: Iterable[Step]) -> tuple[Step, ...]:
    """Steps of which none is told twice."""
    return tuple({(s.kind, s.target, s.text): s for s in steps}.values())


def cost(kind: str, units: int = 0) -> int:
    """Points of a kind of change, for so many units."""
    price = COSTS[kind]
    return price.fixed + price.each * units


def half_hours(clinic: Clinic, cells: int) -> int:
    """Half hours, the last one begun, of some cells."""
    return -(-cells.bit_count() * clinic.grid.minutes // 30)


def spans_of_cells(clinic: Clinic, cells: int) -> list[tuple[int, int]]:
    """Cells as half-open spans of week minutes."""
    step = clinic.grid.minutes
    return [(c * step, (c + 1) * step) for c in bits(cells)]


def windows_of_cells(clinic: Clinic, cells: int) -> tuple[Window, ...]:
    """Cells as windows."""
    return tuple(Window.model_validate(w) for w in windows_of(spans_of_cells(clinic, cells)))


# -- groups ---------------------------------------------------------------------------------------


def seats(clinic: Clinic, group: str, size: int) -> Step:
    """A group takes up to ``size`` members."""
    before = clinic.groups[group].size.max
    edit = Edit(what="group", id=group, set={"size.max": size})
    text = wording.seats(clinic, group, size, before)
    return Step("seat", group, (edit,), cost("seat", size - before), text)


def fewer(clinic: Clinic, group: str, size: int) -> Step:
    """A group runs with ``size`` members."""
    before = clinic.groups[group].size.min
    edit = Edit(what="group", id=group, set={"size.min": size})
    text = wording.fewer(clinic, group, size, before)
    return Step("fewer", group, (edit,), cost("fewer", before - size), text)


def section(clinic: Clinic, group: str) -> Step:
    """One section more of a group may run."""
    most = clinic.groups[group].max_sections + 1
    edit = Edit(what="group", id=group, set={"max_sections": most})
    return Step("section", group, (edit,), cost("section"), wording.section(clinic, group, most))


def start_time(clinic: Clinic, group: str, start: int) -> Step:
    """A group may start at another time, too."""
    times = sorted({*clinic.groups[group].start_times, start})
    edit = Edit(what="group", id=group, set={"start_times": [clock(t) for t in times]})
    text = wording.start_time(clinic, group, start)
    return Step("start_time", group, (edit,), cost("start_time"), text)


# -- therapists -----------------------------------------------------------------------------------


def therapist_hours(clinic: Clinic, therapist: str, cells: int) -> Step:
    """A therapist is at the clinic in some more cells."""
    widen = Widen(what="therapist", id=therapist, windows=windows_of_cells(clinic, cells))
    text = wording.works(clinic, therapist, cells)
    points = cost("therapist_hours", half_hours(clinic, cells))
    return Step("therapist_hours", therapist, (widen,), points, text)


def therapist_limit(
    clinic: Clinic, therapist: str, a_day: int | None, a_week: int | None
) -> Step | None:
    """A therapist's daily and weekly limits are these minutes at least; None where they are."""
    entry = clinic.therapists[therapist]
    raised: dict[str, int] = {}
    more = 0
    for field, now, wanted in (
        ("max_minutes_per_day", entry.max_minutes_per_day, a_day),
        ("max_minutes_per_week", entry.max_minutes_per_week, a_week),
    ):
        if now is not None and wanted is not None and wanted > now:
            raised[field] = wanted
            more = max(more, wanted - now)
    if not raised:
        return None
    edit = Edit(what="therapist", id=therapist, set=dict(raised))
    text = wording.limit(clinic, therapist, raised)
    return Step(
        "therapist_limit", therapist, (edit,), cost("therapist_limit", -(-more // 30)), text
    )


def caseload(clinic: Clinic, therapist: str, most: int) -> Step:
    """A therapist sees up to ``most`` patients one to one."""
    edit = Edit(what="therapist", id=therapist, set={"max_caseload": most})
    text = wording.caseload(clinic, therapist, most)
    return Step("caseload", therapist, (edit,), cost("caseload"), text)


def credential(clinic: Clinic, therapist: str, wanted: str) -> Step:
    """A therapist holds a credential, one that had expired included."""
    held = [
        {"id": c.id} | ({"expires": c.expires.isoformat()} if c.expires else {})
        for c in clinic.therapists[therapist].credentials
        if c.id != wanted
    ]
    edit = Edit(what="therapist", id=therapist, set={"credentials": [*held, {"id": wanted}]})
    text = wording.credential(clinic, therapist, wanted)
    return Step("credential", therapist, (edit,), cost("credential"), text)


# -- rooms and hours ------------------------------------------------------------------------------


def room_hours(clinic: Clinic, room: str, cells: int) -> Step:
    """A room is available in some more cells."""
    widen = Widen(what="room", id=room, windows=windows_of_cells(clinic, cells))
    text = wording.room_hours(clinic, room, cells)
    return Step("room_hours", room, (widen,), cost("room_hours", half_hours(clinic, cells)), text)


def another_room(clinic: Clinic, like: str) -> Step:
    """One room more, like one that there is."""
    return Step(
        "room",
        like,
        (Add(what="room", like=like),),
        cost("room"),
        wording.another_room(clinic, like),
    )


def opening(clinic: Clinic, cells: int) -> Step:
    """The clinic is open in some more cells; whoever has hours of their own keeps to them."""
    step = Open(windows=windows_of_cells(clinic, cells))
    text = wording.opening(clinic, cells)
    return Step("opening", "clinic", (step,), cost("opening", half_hours(clinic, cells)), text)


# -- the patient ----------------------------------------------------------------------------------


def own_hours(clinic: Clinic, patient: str, cells: int, family: int, remote: bool) -> Step:
    """A patient can come in some more cells, commitments give way, and so the family in ``family``.

    What is in the way of a commitment's travel is cut off the commitment too, as the rule asks.
    """
    entry = clinic.patients[patient]
    changes: list[Change] = []
    outside = cells & ~clinic.patient_hours[patient]
    if outside:
        windows = windows_of_cells(clinic, outside)
        changes.append(Widen(what="patient", id=patient, windows=windows))
    kept = cells & clinic.committed[patient, remote]
    if kept:
        spans = spans_of_cells(clinic, kept)
        left = [
            {
                **dump_commitment(c.model_dump(mode="json")),
                "windows": windows_of(
                    _without(c.windows, spans, 0 if remote else c.travel_minutes)
                ),
            }
            for c in entry.commitments
        ]
        left = [c for c in left if c["windows"]]
        changes.append(Edit(what="patient", id=patient, set={"commitments": left or None}))
    if family:
        hours = clinic.family_hours[patient] | family
        changes.append(
            Edit(
                what="patient",
                id=patient,
                set={"family_availability": windows_of(spans_of_cells(clinic, hours))},
            )
        )
    points = cost("own_hours", half_hours(clinic, cells | family))
    text = wording.own_hours(clinic, patient, cells, family)
    return Step("own_hours", patient, tuple(changes), points, text)


def dump_commitment(data: dict[str, object]) -> dict[str, object]:
    """A commitment's own fields, as a file has them, but for its windows."""
    return {key: data[key] for key in ("label", "travel_minutes") if data.get(key)}


def _without(
    windows: Iterable[Window], spans: Iterable[tuple[int, int]], travel: int
) -> list[tuple[int, int]]:
    """What is left of a commitment that must be over ``travel`` minutes away from some spans."""
    left = [span for w in windows for span in w.spans()]
    for first, last in spans:
        start, end = first - travel, last + travel
        left = [
            (a, b)
            for x, y in left
            for a, b in ((x, min(y, start)), (max(x, end), y))
            if a < b and 0 <= a < 7 * MINUTES_A_DAY
        ]
    return left
