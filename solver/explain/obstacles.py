"""What stands between a patient and a seat: full sections, missing leaders, rooms and members, hours.

Found with the rules and the ledger alone, for the week as it is.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from ..candidates import Joining, Leading, Pairing
from ..scenario import Group
from ..timegrid import DAY_NUMBER, bits
from .board import Board, Reason
from .helpers import Helpers
from .obstacle import Obstacle, as_then
from .trying import NEW, opened, seated
from .visits import Visits
from .ways import Ways
from .wording import short as wording
from .wording.reasons import then

SHOWN_TIMES = 2
"""Times of a group that are told with what each lacks, those that lack least."""


class Obstacles:
    """What stands in one patient's way."""

    def __init__(self, ways: Ways) -> None:
        self.ways, self.patient = ways, ways.patient
        self.board: Board = ways.board
        self.clinic, self.ledger = self.board.clinic, self.board.ledger
        self.names = self.board.names

    def to(self, service: str) -> tuple[Obstacle, ...]:
        """Everything in the way of one more session of a service."""
        entry = self.clinic.services[service]
        if entry.format != "group":
            return tuple(Visits(self.ways).to(entry))
        groups = [g for g in self.clinic.scenario.groups if g.service == service]
        if not groups:
            text = wording.no_group(self.names, service)
            return (Obstacle("nobody", service, text),)
        found = [o for g in groups for o in self._group(g)]
        return tuple([o for o in found if o.kind != "closed"] + self._closed(found))

    def of_plan(self) -> tuple[Obstacle, ...]:
        """That the plan allows no further session of anything."""
        return (Obstacle("own", "", wording.plan_full(self.names, self.patient)),)

    def _closed(self, found: list[Obstacle]) -> list[Obstacle]:
        """All groups that are not for the patient, as one."""
        closed = [o for o in found if o.kind == "closed"]
        if len(closed) < 2:
            return closed
        told = [(o.group or "", o.reasons) for o in closed]
        text = wording.all_closed(self.names, self.patient, told)
        reasons = tuple(r for o in closed for r in o.reasons)
        return [Obstacle("closed", closed[0].service, text, reasons)]

    # -- groups ----------------------------------------------------------------------------------

    def _group(self, group: Group) -> Iterable[Obstacle]:
        p, names = self.patient, self.names
        if not self.board.screen.seat_modes(p, group.id):
            modes = (False, True) if group.modality == "hybrid" else (False,)
            found = [r for m in modes for r in self.board.forbidden(Joining(p, group.id, m), p)]
            text = wording.closed_to(names, p, group.id, found)
            yield Obstacle("closed", group.service, text, tuple(found), group.id)
            return
        for ref in self.ledger.by_group[group.id]:
            if p not in self.ledger.sections[ref].members:
                found = self._seat(ref)
                text = wording.seat(names, p, ref, found)
                running = self.ledger.sections[ref]
                yield Obstacle(
                    "seat",
                    group.service,
                    text,
                    tuple(found),
                    group.id,
                    ref,
                    days=running.days,
                    start=running.meetings[0].start,
                )
        running_now = len(self.ledger.by_group[group.id])
        if running_now >= group.max_sections or group.id in self.clinic.continuing:
            text = wording.most_sections(names, group.id, running_now)
            yield Obstacle("most", group.service, text, group=group.id)
            return
        yield from self._new_sections(group)

    def _seat(self, ref: str) -> list[Reason]:
        """Why a patient cannot join a section, in the way that meets the least resistance."""
        running = self.ledger.sections[ref]
        group = self.clinic.groups[running.group]
        found = []
        for remote in self.board.screen.seat_modes(self.patient, group.id):
            by_video = self.clinic.member_remote(group, remote)
            why: list[Reason] = []
            for m in running.held():
                day = DAY_NUMBER[m.day]
                if day in self.clinic.stay[self.patient]:
                    why += self.board.of_patient(
                        self.patient, day, m.start, group.minutes, remote=by_video
                    )
            leaders = {t for m in running.held() for t in running.leaders_at(m)}
            for t in sorted(leaders):
                why += self.board.forbidden(Pairing(self.patient, t, True), t)
            after, scope = seated(self.ledger, ref, self.patient, remote)
            known = {(r.rule, r.about) for r in why}
            told = {r.text for r in why}
            why += [
                as_then(r)
                for r in self.board.breaks(after, scope, ref)
                if (r.rule, r.about) not in known and r.text not in told
            ]
            found.append(list(dict.fromkeys(why)))
        return min(found, key=len)

    def _new_sections(self, group: Group) -> Iterable[Obstacle]:
        times = [
            (days, start)
            for days in self.clinic.day_sets[group.id]
            for start in self._starts(group, days)
        ]
        causes: Counter[str] = Counter()
        free: list[tuple[tuple[int, ...], int]] = []
        for days, start in times:
            own = self._own(group, days, start)
            causes.update({wording.cause(self.names, r) for r in own})
            if not own:
                free.append((days, start))
        counts = tuple(causes.most_common())
        if not free:
            text = wording.no_times(self.names, self.patient, group.id, len(times), counts)
            yield Obstacle(
                "times", group.service, text, (), group.id, total=len(times), counts=counts
            )
            return
        judged = sorted(
            ((self._lacks(group, days, start), days, start) for days, start in free),
            key=lambda entry: (len({r.rule for r in entry[0]}), len(entry[0])),
        )
        kinds: list[set[str]] = []
        for why, days, start in judged[:SHOWN_TIMES]:
            if {r.rule for r in why} in kinds:
                continue  # the same is missing as at the time told before
            kinds.append({r.rule for r in why})
            text = wording.could_run(self.names, group.id, days, start, why, len(free), len(times))
            yield Obstacle(
                "section",
                group.service,
                text,
                tuple(why),
                group.id,
                days=days,
                start=start,
                total=len(times),
                counts=counts,
            )

    def _starts(self, group: Group, days: tuple[int, ...]) -> list[int]:
        grid, regular = self.clinic.grid, self.board.screen.gathering(group.id)
        at = [{grid.clock_of(c)[1] for c in bits(regular & grid.day_mask(d))} for d in days]
        return sorted(set.intersection(*at)) if at else []

    def _own(self, group: Group, days: tuple[int, ...], start: int) -> list[Reason]:
        """What of the patient's own hours and sessions rules out a time, however they attend."""
        found = []
        for remote in self.board.screen.seat_modes(self.patient, group.id):
            by_video = self.clinic.member_remote(group, remote)
            there = [d for d in days if d in self.clinic.stay[self.patient]]
            why = [
                r
                for d in there or days
                for r in self.board.of_patient(
                    self.patient, d, start, group.minutes, remote=by_video
                )
            ]
            found.append(why)
        return min(found, key=len)

    def _lacks(self, group: Group, days: tuple[int, ...], start: int) -> list[Reason]:
        """Which leaders, room or members a new section at a time lacks."""
        helpers, names = self.ways.helpers, self.names
        out: list[Reason] = []
        lead = helpers.leaders(group, days, start)
        if lead is None or lead.steps or lead.aside:
            out.append(self._no_leader(group, days, start))
        room = helpers.rooms(group, days, start)
        if room is None or room.steps or room.aside:
            out.append(self._no_room(group, days, start))
        needy, others = helpers.company(group, self.patient).who(days, start)
        if 1 + len(needy) + len(others) < group.size.min:
            text = wording.too_few(names, [*needy, *others], group.size.min)
            out.append(Reason("group_size", group.id, text))
        out += [
            Reason("weekly_maximum", self.patient, then(text))
            for text in self.ways.plan_of_group(group, None, days, start)
        ]
        if not out and lead is not None and room is not None:
            members = [self.patient, *needy, *others][: max(1, group.size.min)]
            after, scope = opened(self.ledger, group, days, start, lead.who, room.who, members)
            out += map(as_then, self.board.breaks(after, scope, NEW))
        return out

    def _no_leader(self, group: Group, days: tuple[int, ...], start: int) -> Reason:
        """Who of those licensed is where instead."""
        helpers = self.ways.helpers
        why: dict[str, list[str]] = {}
        everyone = self.clinic.therapists
        for place in range(len(group.leaders)):
            effort = {t: _effort(helpers, t, group, place, days, start) for t in everyone}
            for t in sorted(everyone, key=effort.__getitem__):
                if any(self.board.forbidden(Leading(t, group.id, place, d), t) for d in days):
                    continue
                found = [
                    r for d in days for r in self.board.of_leader(t, group.id, place, d, start)
                ]
                limit = helpers.leader(t, group, place, days, start)
                texts = list(dict.fromkeys(r.text for r in found))
                if not texts and limit is not None:
                    texts = [wording.over_limit(s) for s in limit.steps]
                why.setdefault(t, texts)
        text = wording.no_leader(self.names, group, why)
        return Reason("credentials" if not why else "therapist_available", group.id, text)

    def _no_room(self, group: Group, days: tuple[int, ...], start: int) -> Reason:
        heads = 0 if group.modality == "hybrid" else max(1, group.size.min)
        large = self.ways.helpers.rooms_for(group, heads)
        why = {
            r: [x.text for d in days for x in self.board.of_room(r, d, start, group=group.id)]
            for r in large
        }
        return Reason("room_fits", group.id, wording.no_room(self.names, group, heads, why))


def _effort(
    helpers: Helpers, therapist: str, group: Group, place: int, days: tuple[int, ...], start: int
) -> tuple[bool, tuple[int, int]]:
    """Sorts therapists: whoever would need the least change first."""
    found = helpers.leader(therapist, group, place, days, start)
    return found is None, found.order() if found else (0, 0)


__all__ = ["Obstacle", "Obstacles"]
