"""A second, independent reading of the rules and goals, to hold the solver's own checker against.

Plain parsed JSON in, plain facts out. Nothing here shares a line with the solver, and nothing is
clever: every rule is a loop over sessions, so that it can be read beside the specification. The
file is longer than others on purpose: flat and whole is what makes it a judge.

`violations` says what is broken (section 4), `goals` and `tiers` what the schedule is worth
(section 5), `malformed` what of section 3 is not a rule (ids, references, `not_admitted`). The
first three pass over ids they do not know; ask `malformed` where a schedule is not trusted.

A *cell* is an integer: grid cells counted from Monday 00:00. All times are minutes of the day.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import combinations, pairwise
from typing import Any

Json = dict[str, Any]
Violation = tuple[str, str]

DAYS = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
NO_ROOM = ("telehealth", "offsite")


# ---------------------------------------------------------------- reading plain JSON


def items(obj: Json, key: str) -> list[Any]:
    """The list under `key`; a list left out or null is empty."""
    return list(obj.get(key) or [])


def default(value: Any, fallback: Any) -> Any:
    """`value`, or `fallback` where it was left out or null (0 and false are values)."""
    return fallback if value is None else value


def unique(names: Iterable[str]) -> list[str]:
    """The names in their order, each once."""
    return list(dict.fromkeys(names))


def by_id(entries: Iterable[Json]) -> dict[str, Json]:
    found: dict[str, Json] = {}
    for entry in entries:
        found.setdefault(entry["id"], entry)
    return found


def clock(text: str) -> int:
    hours, minutes = text.split(":")
    return int(hours) * 60 + int(minutes)


def hhmm(minutes: int) -> str:
    return f"{minutes // 60:02d}:{minutes % 60:02d}"


def runs(cells: Iterable[int]) -> list[list[int]]:
    """The cells in order, cut wherever one is missing between two."""
    found: list[list[int]] = []
    for cell in sorted(set(cells)):
        if found and found[-1][-1] == cell - 1:
            found[-1].append(cell)
        else:
            found.append([cell])
    return found


def own_leaders(meeting: Json) -> list[str]:
    return items(meeting, "leaders")


def leaders_at(section: Json, meeting: Json) -> list[str]:
    """Who leads this meeting, in the order of the group's places; nobody if it is cancelled."""
    if meeting.get("cancelled"):
        return []
    return own_leaders(meeting) or items(section, "leaders")


def room_at(meeting: Json) -> str | None:
    return None if meeting.get("cancelled") else meeting.get("room")


def days_of(section: Json) -> set[int]:
    """Days of all its meetings, cancelled ones and those on closed dates included."""
    return {DAYS.index(m["day"]) for m in items(section, "meetings")}


def starts_of(section: Json) -> set[int]:
    return {clock(m["start"]) for m in items(section, "meetings")}


@dataclass
class Session:
    """One meeting that is held (not cancelled), or one appointment."""

    label: str
    format: str  # group, individual or family
    service: str
    group: Json | None
    section: Json | None
    appointment: Json | None
    day: int
    start: int
    cells: list[int]
    clinical: int
    therapists: list[str]
    patients: list[str]  # who comes: due that day and not absent
    remote: list[str]  # those of them who join by video
    room: str | None
    equipment: dict[str, int]


class Week:
    """A scenario and a schedule, with what the rules ask for again and again."""

    def __init__(self, scenario: Json, schedule: Json) -> None:
        self.scenario = scenario
        self.schedule = schedule
        self.grid: int = default(scenario.get("grid_minutes"), 15)
        self.per_day = 24 * 60 // self.grid
        self.monday = date.fromisoformat(scenario["week_start"])
        shut = {date.fromisoformat(d) for d in items(scenario, "closed_dates")}
        self.closed = {d for d in range(7) if self.date(d) in shut}
        self.opening = self.whole_cells(items(scenario, "opening_hours"))
        # Days with opening hours at all; a closed date takes none away (it scales nothing).
        self.days_with_hours = {
            DAYS.index(d) for w in items(scenario, "opening_hours") for d in w["days"]
        }
        self.services = by_id(items(scenario, "services"))
        self.programs = by_id(items(scenario, "programs"))
        self.rooms = by_id(items(scenario, "rooms"))
        self.equipment = by_id(items(scenario, "equipment"))
        self.therapists = by_id(items(scenario, "therapists"))
        self.groups = by_id(items(scenario, "groups"))
        self.patients = by_id(items(scenario, "patients"))
        self.sections = [s for s in items(schedule, "sections") if s["group"] in self.groups]
        self.sessions = self.held(schedule)
        self.baseline = self.what_is_left(scenario.get("baseline") or {})
        self.was = by_id(self.baseline["sections"])

    # ---- time

    def date(self, day: int) -> date:
        return self.monday + timedelta(days=day)

    def when(self, cell: int) -> str:
        return f"{DAYS[cell // self.per_day % 7]} {hhmm(cell % self.per_day * self.grid)}"

    def spans(self, windows: list[Json]) -> list[tuple[int, int]]:
        """The windows as minutes from Monday 00:00, one pair for each of their days."""
        return [
            (DAYS.index(d) * 1440 + clock(w["start"]), DAYS.index(d) * 1440 + clock(w["end"]))
            for w in windows
            for d in w["days"]
        ]

    def whole_cells(self, windows: list[Json]) -> set[int]:
        """Cells lying wholly inside the union of the windows."""
        joined: list[list[int]] = []
        for start, end in sorted(self.spans(windows)):
            if joined and start <= joined[-1][1]:
                joined[-1][1] = max(joined[-1][1], end)
            else:
                joined.append([start, end])
        return {
            cell
            for start, end in joined
            for cell in range(-(-start // self.grid), end // self.grid)
        }

    def touched_cells(self, windows: list[Json], widened: int) -> set[int]:
        """Cells of which any part lies in a window made longer at both ends."""
        return {
            cell
            for start, end in self.spans(windows)
            for cell in range((start - widened) // self.grid, -(-(end + widened) // self.grid))
        }

    def available(self, thing: Json, key: str = "availability") -> set[int]:
        """Left out: all opening hours. Empty: never."""
        windows = thing.get(key)
        return self.opening if windows is None else self.whole_cells(windows)

    def cells(self, day: int, start: int, minutes: int) -> list[int]:
        first = start // self.grid
        last = -(-(start + minutes) // self.grid)
        return [day * self.per_day + c for c in range(first, last)]

    def present(self, patient: Json, day: int) -> bool:
        first, last = patient.get("first_date"), patient.get("last_date")
        today = self.date(day)
        if first is not None and today < date.fromisoformat(first):
            return False
        return last is None or today <= date.fromisoformat(last)

    # ---- sessions

    def held(self, schedule: Json) -> list[Session]:
        found = []
        for section in items(schedule, "sections"):
            group = self.groups.get(section["group"])
            if group is None:
                continue
            absent = {(a["patient"], a["day"]) for a in items(section, "absences")}
            for meeting in items(section, "meetings"):
                if meeting.get("cancelled"):
                    continue
                day, start = DAYS.index(meeting["day"]), clock(meeting["start"])
                coming = [
                    p
                    for p in unique(items(section, "members"))
                    if p in self.patients
                    and self.present(self.patients[p], day)
                    and (p, meeting["day"]) not in absent
                ]
                modality = default(group.get("modality"), "in_person")
                by_video: list[str] = []
                if modality == "telehealth":
                    by_video = coming
                elif modality == "hybrid":
                    by_video = [p for p in coming if p in items(section, "remote_members")]
                found.append(
                    Session(
                        label=f"section {section['id']} of group {group['id']} on {meeting['day']} "
                        f"{meeting['start']}",
                        format="group",
                        service=group["service"],
                        group=group,
                        section=section,
                        appointment=None,
                        day=day,
                        start=start,
                        cells=self.cells(day, start, group["minutes"]),
                        clinical=default(group.get("clinical_minutes"), group["minutes"]),
                        therapists=unique(leaders_at(section, meeting)),
                        patients=coming,
                        remote=by_video,
                        room=meeting.get("room"),
                        equipment=group.get("equipment") or {},
                    )
                )
        for entry in items(schedule, "appointments"):
            service = self.services.get(entry["service"])
            if service is None or entry["patient"] not in self.patients:
                continue
            day, start = DAYS.index(entry["day"]), clock(entry["start"])
            found.append(
                Session(
                    label=f"appointment {entry['id']} of {entry['patient']} with "
                    f"{entry['therapist']} on {entry['day']} {entry['start']}",
                    format=service["format"],
                    service=service["id"],
                    group=None,
                    section=None,
                    appointment=entry,
                    day=day,
                    start=start,
                    cells=self.cells(day, start, service["minutes"]),
                    clinical=default(service.get("clinical_minutes"), service["minutes"]),
                    therapists=[entry["therapist"]],
                    patients=[entry["patient"]],
                    remote=[entry["patient"]] if entry.get("remote") else [],
                    room=entry.get("room"),
                    equipment=service.get("equipment") or {},
                )
            )
        return found

    def what_is_left(self, baseline: Json) -> Json:
        """The baseline without patients and groups that are gone.

        Leaders and rooms that are gone keep their names: against any leader or room of today they
        differ, which is what `disruption` asks for. An appointment with a therapist who is gone
        stays for the same reason.
        """
        sections = []
        for section in items(baseline, "sections"):
            if section["group"] in self.groups:
                kept = dict(section)
                for key in ("members", "remote_members"):
                    kept[key] = [p for p in items(section, key) if p in self.patients]
                kept["absences"] = [
                    a for a in items(section, "absences") if a["patient"] in self.patients
                ]
                sections.append(kept)
        appointments = [
            a
            for a in items(baseline, "appointments")
            if a["patient"] in self.patients and a["service"] in self.services
        ]
        return {"sections": sections, "appointments": appointments}

    def of_patient(self, patient: str) -> list[Session]:
        mine = [s for s in self.sessions if patient in s.patients]
        return sorted(mine, key=lambda s: (s.day, s.start, s.label))

    def of_therapist(self, therapist: str) -> list[Session]:
        mine = [s for s in self.sessions if therapist in s.therapists]
        return sorted(mine, key=lambda s: (s.day, s.start, s.label))

    def attended_days(self, patient: str) -> list[int]:
        return sorted({s.day for s in self.of_patient(patient) if s.clinical > 0})

    def clinical_of_day(self, patient: str, day: int) -> int:
        return sum(s.clinical for s in self.of_patient(patient) if s.day == day)

    def counted_of_day(self, patient: str, day: int) -> int:
        return sum(1 for s in self.of_patient(patient) if s.day == day and s.clinical > 0)

    def idle(self, sessions: list[Session]) -> int:
        """Free minutes between the first and the last session, day by day."""
        total = 0
        for day in range(7):
            busy = {c for s in sessions if s.day == day for c in s.cells}
            if busy:
                total += (max(busy) - min(busy) + 1 - len(busy)) * self.grid
        return total

    # ---- what a patient is owed

    def scaled(self, minimum: int, patient: Json, minutes: bool) -> int:
        """A program's weekly minimum for one who is there on part of the open days."""
        whole = len(self.days_with_hours)
        there = len([d for d in self.days_with_hours if self.present(patient, d)])
        if there == whole:
            return minimum
        step = self.grid if minutes else 1
        return minimum * there // (whole * step) * step

    def merged(self, patient: Json, key: str, weekly: bool) -> Json:
        """The program's range with the patient's own keys over it."""
        program = (self.programs.get(patient["program"]) or {}).get(key) or {}
        theirs = {name: value for name, value in program.items() if value is not None}
        if weekly and "min" in theirs:
            theirs["min"] = self.scaled(theirs["min"], patient, key == "minutes_per_week")
        own = patient.get(key) or {}
        return {"min": 0} | theirs | {n: value for n, value in own.items() if value is not None}

    def quotas(self, patient: Json) -> dict[str, Json]:
        result: dict[str, Json] = {}
        for quota in items(self.programs.get(patient["program"]) or {}, "quotas"):
            result[quota["service"]] = {
                "min": self.scaled(default(quota.get("min"), 0), patient, minutes=False),
                "max": quota.get("max"),
            }
        for quota in items(patient, "quotas"):
            entry = result.setdefault(quota["service"], {"min": 0, "max": None})
            for name in ("min", "max"):
                if quota.get(name) is not None:
                    entry[name] = quota[name]
        return result

    def minutes_short(self, patient: Json) -> int:
        got = sum(s.clinical for s in self.of_patient(patient["id"]))
        least: int = self.merged(patient, "minutes_per_week", weekly=True)["min"]
        return max(0, least - got)

    def sessions_short(self, patient: Json) -> int:
        got = Counter(s.service for s in self.of_patient(patient["id"]))
        wanted = self.quotas(patient)
        return sum(max(0, quota["min"] - got[service]) for service, quota in wanted.items())

    def days_short(self, patient: Json) -> int:
        least: int = self.merged(patient, "days_per_week", weekly=True)["min"]
        return max(0, least - len(self.attended_days(patient["id"])))


def waiting(patient: Json) -> bool:
    return bool(patient.get("status") == "waitlist")


# ---------------------------------------------------------------- rules, in the order of section 4


def opening_hours(w: Week) -> Iterator[str]:
    # "every meeting": a cancelled one too, it still has its day and start.
    entries = [
        (f"section {s['id']} of group {s['group']}", m, w.groups[s["group"]]["minutes"])
        for s in w.sections
        for m in items(s, "meetings")
    ]
    entries += [
        (f"appointment {a['id']} of {a['patient']}", a, w.services[a["service"]]["minutes"])
        for a in items(w.schedule, "appointments")
        if a["service"] in w.services
    ]
    for label, entry, minutes in entries:
        day, start = DAYS.index(entry["day"]), clock(entry["start"])
        at = f"{label} on {entry['day']} {entry['start']}"
        if day in w.closed:
            yield f"{at} is on {w.date(day)}, a closed date"
        if start + minutes > 1440 or not w.opening.issuperset(w.cells(day, start, minutes)):
            yield f"{at} ({minutes} minutes) is not inside opening hours"


def on_grid(w: Week) -> Iterator[str]:
    for s in w.sections:
        for m in items(s, "meetings"):
            if clock(m["start"]) % w.grid:
                yield f"section {s['id']} of group {s['group']} starts {m['day']} {m['start']}"
    for a in items(w.schedule, "appointments"):
        if clock(a["start"]) % w.grid:
            yield f"appointment {a['id']} on {a['day']} starts at {a['start']}"


def patient_available(w: Week) -> Iterator[str]:
    for pid, patient in w.patients.items():
        free = w.available(patient)
        family = w.available(patient, "family_availability")
        for s in w.of_patient(pid):
            if not free.issuperset(s.cells):
                yield f"{s.label} is outside the availability of patient {pid}"
            if s.format == "family" and not family.issuperset(s.cells):
                yield f"{s.label} is outside the availability of the family of patient {pid}"
            for c in items(patient, "commitments"):
                travel = 0 if pid in s.remote else default(c.get("travel_minutes"), 0)
                if w.touched_cells(items(c, "windows"), travel) & set(s.cells):
                    yield f"{s.label} runs into '{c.get('label')}' of patient {pid}"
            if not w.present(patient, s.day):
                yield f"{s.label} is before the first or after the last date of patient {pid}"
        # "Every member is due at one meeting of the section at least" (section 3).
        for section in w.sections:
            due = [d for d in days_of(section) - w.closed if w.present(patient, d)]
            if pid in items(section, "members") and not due:
                yield (
                    f"patient {pid} is a member of section {section['id']} of group "
                    f"{section['group']}, of which no meeting falls between their dates"
                )


def therapist_available(w: Week) -> Iterator[str]:
    for tid, therapist in w.therapists.items():
        on_site = w.available(therapist)
        by_video = w.whole_cells(items(therapist, "remote_availability"))
        for s in w.of_therapist(tid):
            if s.group is not None:
                needs_no_room = s.group.get("modality") == "telehealth"
            else:
                needs_no_room = bool(s.remote)
            if not (on_site | by_video if needs_no_room else on_site).issuperset(s.cells):
                yield f"{s.label} is outside the availability of therapist {tid}"


def no_double_booking(w: Week) -> Iterator[str]:
    for first, second in combinations(w.sessions, 2):
        both = sorted(set(first.cells) & set(second.cells))
        if not both:
            continue
        for kind, one, other in (
            ("patient", first.patients, second.patients),
            ("therapist", first.therapists, second.therapists),
            ("room", [first.room], [second.room]),
        ):
            for name in one:
                if name is not None and name in other:
                    yield f"{kind} {name} is in {first.label} and {second.label} {w.when(both[0])}"


def holds_one_of(w: Week, therapist: Json, wanted: list[str], day: int) -> bool:
    for entry in items(therapist, "credentials"):
        held = {"id": entry} if isinstance(entry, str) else entry
        expires = held.get("expires")
        if held["id"] in wanted and (expires is None or w.date(day) <= date.fromisoformat(expires)):
            return True
    return not wanted


def credentials(w: Week) -> Iterator[str]:
    for section in w.sections:
        places = items(w.groups[section["group"]], "leaders")
        for m in items(section, "meetings"):
            for tid, place in zip(leaders_at(section, m), places, strict=False):
                wanted = items(place or {}, "credentials")
                therapist = w.therapists.get(tid)
                if therapist and not holds_one_of(w, therapist, wanted, DAYS.index(m["day"])):
                    yield (
                        f"{tid} leads section {section['id']} of group {section['group']} on "
                        f"{m['day']} {m['start']} without a valid one of {wanted}"
                    )
    for s in w.sessions:
        if s.appointment is not None:
            wanted = items(w.services[s.service], "credentials")
            therapist = w.therapists.get(s.appointment["therapist"])
            if therapist and not holds_one_of(w, therapist, wanted, s.day):
                yield f"{therapist['id']} gives {s.label} without a valid one of {wanted}"


def supervision(w: Week) -> Iterator[str]:
    for tid, therapist in w.therapists.items():
        if not therapist.get("supervised"):
            continue
        covered: set[int] = set()
        for other in w.therapists.values():
            if other["id"] != tid and other.get("supervisor"):
                covered |= w.available(other)
        for s in w.of_therapist(tid):
            alone = [c for c in s.cells if c not in covered]
            if alone:
                yield f"no supervisor on site for {tid} in {s.label} at {w.when(alone[0])}"


def language_and_gender(w: Week) -> Iterator[str]:
    for section in w.sections:
        language = w.groups[section["group"]].get("language")
        leading = [t for m in items(section, "meetings") for t in leaders_at(section, m)]
        for kind, people, named in (
            ("member", w.patients, items(section, "members")),
            ("leader", w.therapists, leading),
        ):
            for name in unique(named):
                spoken = items(people.get(name, {}), "languages")
                if language is not None and spoken and language not in spoken:
                    yield (
                        f"{kind} {name} of section {section['id']} of group {section['group']} "
                        f"does not speak {language}"
                    )
    for s in w.sessions:
        for tid in s.therapists:
            therapist = w.therapists.get(tid, {})
            served = items(therapist, "genders_served")
            for pid in s.patients:
                patient = w.patients[pid]
                if served and patient.get("gender") not in served:
                    yield f"{tid} does not serve the gender of patient {pid} in {s.label}"
                spoken, heard = items(therapist, "languages"), items(patient, "languages")
                if s.group is None and spoken and heard and not set(spoken) & set(heard):
                    yield f"{tid} and patient {pid} share no language in {s.label}"


def eligibility(w: Week) -> Iterator[str]:
    for section in w.sections:
        asked = w.groups[section["group"]].get("eligible") or {}
        programs, genders = items(asked, "programs"), items(asked, "genders")
        tags_any, tags_none = set(items(asked, "tags_any")), set(items(asked, "tags_none"))
        for pid in unique(items(section, "members")):
            if pid not in w.patients:
                continue
            patient = w.patients[pid]
            tags = set(items(patient, "tags"))
            who = f"patient {pid} in section {section['id']} of group {section['group']}"
            if programs and patient["program"] not in programs:
                yield f"{who} is in program {patient['program']}, not in {programs}"
            if genders and patient.get("gender") not in genders:
                yield f"{who} has gender {patient.get('gender')}, not one of {genders}"
            if tags_any and not tags & tags_any:
                yield f"{who} has none of the tags {sorted(tags_any)}"
            if tags & tags_none:
                yield f"{who} has the tags {sorted(tags & tags_none)}"


def days_fit(w: Week, group: Json, days: set[int]) -> bool:
    """Whether a section may meet on exactly these days, none of them closed."""
    patterns = [{DAYS.index(d) for d in p} for p in items(group, "day_patterns")]
    if patterns:
        return bool(days) and any(days == pattern - w.closed for pattern in patterns)
    asked = min(group["meetings_per_week"], len(w.days_with_hours - w.closed))
    return bool(days) and len(days) == asked


def meeting_pattern(w: Week) -> Iterator[str]:
    for section in w.sections:
        group = w.groups[section["group"]]
        name = f"section {section['id']} of group {group['id']}"
        meetings = items(section, "meetings")
        days = days_of(section) - w.closed
        listed = ", ".join(f"{m['day']} {m['start']}" for m in meetings)
        if not days:
            yield f"{name} has no meeting on an open date ({listed})"
        elif not days_fit(w, group, days):
            yield f"{name} meets on {listed}, which is not a pattern of the group"
        if len(meetings) != len(days_of(section)):
            yield f"{name} meets twice on a day ({listed})"
        if len(starts_of(section)) > 1:
            yield f"{name} starts at different times ({listed})"
        allowed = [clock(t) for t in items(group, "start_times")]
        inside = w.whole_cells(items(group, "windows"))
        for m in meetings:
            day, start = DAYS.index(m["day"]), clock(m["start"])
            if allowed and start not in allowed:
                yield f"{name} on {m['day']} starts at {m['start']}, not a start of the group"
            if items(group, "windows") and not inside.issuperset(
                w.cells(day, start, group["minutes"])
            ):
                yield f"{name} on {m['day']} {m['start']} is outside the windows of the group"
    for gid, group in w.groups.items():
        number = len([s for s in w.sections if s["group"] == gid])
        most = default(group.get("max_sections"), 1)
        if number > most:
            yield f"group {gid} has {number} sections, {most} at most"


def group_size(w: Week) -> Iterator[str]:
    for section in w.sections:
        group = w.groups[section["group"]]
        name = f"section {section['id']} of group {group['id']}"
        number = len(unique(items(section, "members")))
        if not (group["size"].get("min") or 0) <= number <= group["size"]["max"]:
            yield (
                f"{name} has {number} members, not {group['size'].get('min') or 0} to {group['size']['max']}"
            )
        places = len(items(group, "leaders"))
        for m in items(section, "meetings"):
            leading = leaders_at(section, m)
            at = f"{name} on {m['day']} {m['start']}"
            if not m.get("cancelled") and len(leading) != places:
                yield f"{at} has {len(leading)} leaders for {places} places"
            if len(set(leading)) != len(leading):
                yield f"{at} has a leader twice: {leading}"


def sections_per_patient(w: Week) -> Iterator[str]:
    for gid, group in w.groups.items():
        most = default(group.get("per_patient"), 1)
        for pid in w.patients:
            mine = [s["id"] for s in w.sections if s["group"] == gid and pid in items(s, "members")]
            if len(mine) > most:
                yield f"patient {pid} is in sections {mine} of group {gid}, {most} at most"


def equipment(w: Week) -> Iterator[str]:
    for eid, item in w.equipment.items():
        users = [s for s in w.sessions if s.equipment.get(eid)]
        in_use: Counter[int] = Counter()
        for s in users:
            if not w.available(item).issuperset(s.cells):
                yield f"{s.label} uses {eid} while it is not available"
            for cell in s.cells:
                in_use[cell] += s.equipment[eid]
        for run in runs(c for c, n in in_use.items() if n > item["quantity"]):
            most = max(in_use[c] for c in run)
            yield f"{most} of {eid} in use from {w.when(run[0])}, there are {item['quantity']}"


def closed_group(w: Week) -> Iterator[str]:
    for section in w.sections:
        group = w.groups[section["group"]]
        if not group.get("closed"):
            continue
        name = f"section {section['id']} of closed group {group['id']}"
        before = [s for s in w.baseline["sections"] if s["group"] == group["id"]]
        same = [s for s in before if s["id"] == section["id"]]
        if before and not same:
            yield f"{name} is new beside {[s['id'] for s in before]}"
        for old in same:
            for pid in items(section, "members"):
                if pid not in old["members"]:
                    yield f"{name} gains member {pid}"
            if starts_of(section) != starts_of(old):
                yield f"{name} is moved to another start"
            if days_of(section) - w.closed != days_of(old) - w.closed:
                yield f"{name} is moved to other days"


def room_fits(w: Week) -> Iterator[str]:
    for s in w.sessions:
        if s.group is not None:
            needs = default(s.group.get("modality"), "in_person") not in NO_ROOM
            seats = len([p for p in s.patients if p not in s.remote])
            features = items(s.group, "room_features")
        else:
            service = w.services[s.service]
            needs = not s.remote
            seats = default(service.get("party_size"), 3 if s.format == "family" else 1)
            features = items(service, "room_features")
        if s.room is None:
            if needs:
                yield f"{s.label} has no room"
            continue
        if not needs:
            yield f"{s.label} has room {s.room} and needs none"
            continue
        room = w.rooms.get(s.room)
        if room is None:
            continue
        if seats > room["capacity"]:
            yield f"{s.label}: {seats} in room {s.room}, which seats {room['capacity']}"
        missing = [f for f in features if f not in items(room, "features")]
        if missing:
            yield f"{s.label}: room {s.room} has no {missing}"
        if not w.available(room).issuperset(s.cells):
            yield f"{s.label}: room {s.room} is not available"


def modality(w: Week) -> Iterator[str]:
    for section in w.sections:
        way = default(w.groups[section["group"]].get("modality"), "in_person")
        name = f"section {section['id']} of group {section['group']}"
        by_video = items(section, "remote_members")
        if by_video and way != "hybrid":
            yield f"{name} has remote members {by_video} and is {way}"
        for pid in by_video:
            if pid not in items(section, "members"):
                yield f"{name} has remote member {pid}, who is no member"
        for pid in unique(items(section, "members")):
            attends = w.patients.get(pid, {}).get("attends")
            remote = way == "telehealth" or (way == "hybrid" and pid in by_video)
            if (attends == "in_person" and remote) or (attends == "remote" and not remote):
                yield f"patient {pid} attends {attends} only, not so {name} ({way})"
    for s in w.sessions:
        if s.appointment is None:
            continue
        attends = w.patients[s.patients[0]].get("attends")
        if s.remote and not w.services[s.service].get("remote"):
            yield f"{s.label} is remote, {s.service} may not be"
        if (attends == "in_person" and s.remote) or (attends == "remote" and not s.remote):
            yield f"{s.label}: patient {s.patients[0]} attends {attends} only"


def keep_apart(w: Week) -> Iterator[str]:
    for one, other in combinations(w.patients.values(), 2):
        if other["id"] in items(one, "keep_apart") or one["id"] in items(other, "keep_apart"):
            for s in w.sections:
                if {one["id"], other["id"]} <= set(items(s, "members")):
                    yield (
                        f"patients {one['id']} and {other['id']} share section {s['id']} of group "
                        f"{s['group']}"
                    )


def therapist_load(w: Week) -> Iterator[str]:
    for tid, therapist in w.therapists.items():
        mine = w.of_therapist(tid)
        most = therapist.get("max_minutes_per_day")
        for day in range(7):
            minutes = sum(len(s.cells) for s in mine if s.day == day) * w.grid
            if most is not None and minutes > most:
                yield f"{tid} works {minutes} minutes on {DAYS[day]}, {most} at most"
        minutes = sum(len(s.cells) for s in mine) * w.grid
        most = therapist.get("max_minutes_per_week")
        if most is not None and minutes > most:
            yield f"{tid} works {minutes} minutes in the week, {most} at most"
        most = therapist.get("max_consecutive_minutes")
        for run in runs(c for s in mine for c in s.cells):
            if most is not None and len(run) * w.grid > most:
                yield (
                    f"{tid} works {len(run) * w.grid} minutes in a row from {w.when(run[0])}, "
                    f"{most} at most"
                )
        seen = {p for s in mine if s.format == "individual" for p in s.patients}
        most = therapist.get("max_caseload")
        if most is not None and len(seen) > most:
            yield f"{tid} sees {len(seen)} patients ({', '.join(sorted(seen))}), {most} at most"


def meal_break(w: Week) -> Iterator[str]:
    for tid, therapist in w.therapists.items():
        meal = therapist.get("meal")
        if not meal:
            continue
        begin, end = (clock(t) for t in meal["between"])
        for day in range(7):
            busy = {c for s in w.of_therapist(tid) if s.day == day for c in s.cells}
            midnight = day * w.per_day
            if not busy or (min(busy) - midnight) * w.grid > begin:
                continue
            if (max(busy) + 1 - midnight) * w.grid < end:
                continue
            span = range(midnight + -(-begin // w.grid), midnight + end // w.grid)
            free = [len(run) * w.grid for run in runs(c for c in span if c not in busy)]
            if max(free, default=0) < meal["minutes"]:
                yield (
                    f"{tid} has no {meal['minutes']} minutes free in a row on {DAYS[day]} between "
                    f"{meal['between'][0]} and {meal['between'][1]}"
                )


def weekly_maximum(w: Week) -> Iterator[str]:
    for pid, patient in w.patients.items():
        mine = w.of_patient(pid)
        quotas = w.quotas(patient)
        for s in mine:
            if s.service not in quotas:
                yield f"{s.label}: no quota of patient {pid} names service {s.service}"
        for service, quota in quotas.items():
            number = len([s for s in mine if s.service == service])
            if quota["max"] is not None and number > quota["max"]:
                yield f"patient {pid} has {number} sessions of {service}, {quota['max']} at most"
        minutes = sum(s.clinical for s in mine)
        most = w.merged(patient, "minutes_per_week", weekly=True).get("max")
        if most is not None and minutes > most:
            yield f"patient {pid} has {minutes} clinical minutes in the week, {most} at most"
        days = w.attended_days(pid)
        most = w.merged(patient, "days_per_week", weekly=True).get("max")
        if most is not None and len(days) > most:
            yield f"patient {pid} comes on {[DAYS[d] for d in days]}, {most} days at most"
        most_minutes = w.merged(patient, "attended_day_minutes", weekly=False).get("max")
        most_sessions = w.merged(patient, "sessions_per_day", weekly=False).get("max")
        for day in range(7):
            minutes, number = w.clinical_of_day(pid, day), w.counted_of_day(pid, day)
            if most_minutes is not None and minutes > most_minutes:
                yield f"patient {pid} has {minutes} minutes on {DAYS[day]}, {most_minutes} at most"
            if most_sessions is not None and number > most_sessions:
                yield f"patient {pid} has {number} sessions on {DAYS[day]}, {most_sessions} at most"
        rolling = w.merged(patient, "rolling_sessions", weekly=False)
        if rolling.get("days") is not None and rolling.get("max") is not None:
            length = min(rolling["days"], 7)
            for first in range(7 - length + 1):
                number = len([s for s in mine if first <= s.day < first + length])
                if number > rolling["max"]:
                    yield (
                        f"patient {pid} has {number} sessions from {DAYS[first]} to "
                        f"{DAYS[first + length - 1]}, {rolling['max']} at most"
                    )


def day_gap(w: Week) -> Iterator[str]:
    for pid, patient in w.patients.items():
        most = (w.programs.get(patient["program"]) or {}).get("max_gap_days")
        days = w.attended_days(pid)
        for one, other in pairwise(days):
            if most is not None and other - one - 1 > most:
                yield (
                    f"patient {pid} has {other - one - 1} days without a session between "
                    f"{DAYS[one]} and {DAYS[other]}, {most} at most"
                )


def single_track(w: Week) -> Iterator[str]:
    tracks = [w.whole_cells(items(t, "windows")) for t in items(w.scenario, "tracks")]
    for pid, patient in w.patients.items():
        if not (w.programs.get(patient["program"]) or {}).get("single_track"):
            continue
        meetings = [s for s in w.of_patient(pid) if s.group is not None]
        taken = {c for s in meetings for c in s.cells}
        if taken and not any(taken <= track for track in tracks):
            yield (
                f"the group meetings of patient {pid} lie in no one track: "
                f"{'; '.join(s.label for s in meetings)}"
            )


def section_lock(w: Week, lock: Json) -> Iterator[str]:
    old = w.was.get(lock["section"])
    if old is None:
        return
    kept_days = days_of(old) - w.closed
    if not kept_days:
        return  # closed dates leave nothing that could be kept
    name = f"locked section {old['id']} of group {old['group']}"
    new = next((s for s in w.sections if (s["id"], s["group"]) == (old["id"], old["group"])), None)
    if new is None:
        yield f"{name} is not in the schedule"
        return
    if starts_of(new) != starts_of(old):
        yield f"{name} starts at another time"
    days = days_of(new) - w.closed
    if days_fit(w, w.groups[old["group"]], kept_days):
        if days != kept_days:
            yield f"{name} meets on {[DAYS[d] for d in sorted(days)]}"
    elif not days >= kept_days:
        yield f"{name} meets on {[DAYS[d] for d in sorted(days)]}"
    for m in items(old, "meetings"):
        for n in items(new, "meetings"):
            if n["day"] != m["day"] or DAYS.index(m["day"]) in w.closed:
                continue
            if not same_leaders(w, leaders_at(old, m), leaders_at(new, n)):
                yield f"{name} has other leaders on {m['day']} {m['start']}"
            if not same_room(w, room_at(m), room_at(n)):
                yield f"{name} has room {room_at(n)} on {m['day']} {m['start']}"
    for pid in old["members"]:
        if pid not in items(new, "members"):
            yield f"{name} loses member {pid}"


def same_leaders(w: Week, old: list[str], new: list[str]) -> bool:
    """Place by place; a leader who is gone leaves the place to anyone."""
    if len(old) != len(new):
        return False
    return all(a == b or a not in w.therapists for a, b in zip(old, new, strict=True))


def same_room(w: Week, old: str | None, new: str | None) -> bool:
    """A room that is gone leaves the choice open."""
    return old == new or (old is not None and old not in w.rooms)


def appointment_lock(w: Week, lock: Json) -> Iterator[str]:
    old = by_id(w.baseline["appointments"]).get(lock["appointment"])
    if old is None or DAYS.index(old["day"]) in w.closed:
        return
    name = f"locked appointment {old['id']} of {old['patient']} on {old['day']} {old['start']}"
    new = by_id(items(w.schedule, "appointments")).get(old["id"])
    if new is None:
        yield f"{name} is not in the schedule"
        return
    kept = all(new[key] == old[key] for key in ("service", "patient", "day"))
    kept = kept and same_leaders(w, [old["therapist"]], [new["therapist"]])
    kept = kept and clock(new["start"]) == clock(old["start"])
    kept = kept and same_room(w, old.get("room"), new.get("room"))
    if not kept or bool(new.get("remote")) != bool(old.get("remote")):
        yield f"{name} is not as it was"


def member_lock(w: Week, lock: Json) -> Iterator[str]:
    pid, gid = lock["patient"], lock["group"]
    before = [s for s in w.baseline["sections"] if s["group"] == gid and pid in s["members"]]
    if before and not any(days_of(s) - w.closed for s in before):
        return  # the clinic is shut on every day the patient had of it
    if not any(s["group"] == gid and pid in items(s, "members") for s in w.sections):
        yield f"patient {pid} is no member of group {gid} and is locked to it"


def same_session(w: Week, old: Session, new: Session) -> bool:
    if (old.start, old.service, old.format) != (new.start, new.service, new.format):
        return False
    if old.group is not None and new.group is not None:
        if old.group["id"] != new.group["id"]:
            return False
    elif (old.patients, bool(old.remote)) != (new.patients, bool(new.remote)):
        return False
    still_here = {t for t in old.therapists if t in w.therapists}
    if still_here == set(old.therapists):
        return still_here == set(new.therapists) and same_room(w, old.room, new.room)
    return still_here <= set(new.therapists) and same_room(w, old.room, new.room)


def therapist_day_lock(w: Week, lock: Json) -> Iterator[str]:
    tid, day = lock["therapist"], DAYS.index(lock["day"])
    if day in w.closed:
        return
    old = [s for s in w.held(w.baseline) if s.day == day and tid in s.therapists]
    new = [s for s in w.of_therapist(tid) if s.day == day]
    for s in old:
        match = next((n for n in new if same_session(w, s, n)), None)
        if match is None:
            yield f"{s.label} is not kept, the {lock['day']} of {tid} is locked"
            continue
        new.remove(match)
        if s.section is not None and match.section is not None:
            for pid in s.section["members"]:
                if pid not in items(match.section, "members"):
                    yield f"patient {pid} leaves {s.label}, the {lock['day']} of {tid} is locked"
    for s in new:
        yield f"{s.label} is added, the {lock['day']} of {tid} is locked"


def locks(w: Week) -> Iterator[str]:
    for lock in items(w.scenario, "locks"):
        if lock.get("section") is not None:
            yield from section_lock(w, lock)
        elif lock.get("appointment") is not None:
            yield from appointment_lock(w, lock)
        elif lock.get("therapist") is not None:
            yield from therapist_day_lock(w, lock)
        elif lock.get("patient") is not None:
            yield from member_lock(w, lock)


def strict(w: Week) -> Iterator[str]:
    values = goals_of(w)
    for goal in items(w.scenario.get("policy") or {}, "strict"):
        if values.get(goal, 0) != 0:
            yield f"strict goal {goal} comes out {values[goal]}"


def waitlist(w: Week) -> Iterator[str]:
    for pid, patient in w.patients.items():
        if not waiting(patient) or not w.of_patient(pid):
            continue
        for what, short in (
            ("minutes", w.minutes_short(patient)),
            ("sessions of quotas", w.sessions_short(patient)),
            ("days", w.days_short(patient)),
        ):
            if short:
                yield f"waitlisted patient {pid} is admitted {short} {what} short of the minimum"


def as_it_was(w: Week) -> Iterator[str]:
    for section in w.sections:
        name = f"section {section['id']} of group {section['group']}"
        old = w.was.get(section["id"])
        continues = (
            old is not None
            and old["group"] == section["group"]
            and starts_of(old) == starts_of(section)
            and days_of(section) <= days_of(old)
        )
        for m in items(section, "meetings"):
            if own_leaders(m) and not continues:
                yield f"{name} has leaders of its own on {m['day']} and continues nothing"
            if m.get("cancelled") and not continues:
                yield f"{name} is cancelled on {m['day']} {m['start']} and continues nothing"
        for absence in items(section, "absences"):
            at = f"{name}: the absence of {absence['patient']} on {absence['day']}"
            if old is None or not continues:
                yield f"{at} stands in a section that continues nothing"
                continue
            if absence["patient"] not in old["members"]:
                yield f"{at} names no member it had"
            if absence["patient"] not in items(section, "members"):
                yield f"{at} names no member of it"
            if DAYS.index(absence["day"]) not in days_of(section):
                yield f"{at} names a day it does not meet"


RULES: dict[str, Callable[[Week], Iterator[str]]] = {
    rule.__name__: rule
    for rule in (
        opening_hours,
        on_grid,
        patient_available,
        therapist_available,
        no_double_booking,
        credentials,
        supervision,
        language_and_gender,
        eligibility,
        meeting_pattern,
        group_size,
        sections_per_patient,
        equipment,
        closed_group,
        room_fits,
        modality,
        keep_apart,
        therapist_load,
        meal_break,
        weekly_maximum,
        day_gap,
        single_track,
        locks,
        strict,
        waitlist,
        as_it_was,
    )
}


def violations(scenario: Json, schedule: Json) -> list[Violation]:
    """Every violation of every row of section 4, as (rule key, sentence), in the table's order."""
    week = Week(scenario, schedule)
    return [(key, sentence) for key, rule in RULES.items() for sentence in rule(week)]


# ---------------------------------------------------------------- goals, in the order of section 5


def unmet_care(w: Week) -> int:
    return sum(
        default(p.get("priority"), 1) * (w.minutes_short(p) + 60 * w.sessions_short(p))
        for p in w.patients.values()
        if not waiting(p)
    )


def short_days(w: Week) -> int:
    total = 0
    for pid, patient in w.patients.items():
        least_minutes = w.merged(patient, "attended_day_minutes", weekly=False)["min"]
        least_sessions = w.merged(patient, "sessions_per_day", weekly=False)["min"]
        for day in w.attended_days(pid):
            if (
                w.clinical_of_day(pid, day) < least_minutes
                or w.counted_of_day(pid, day) < least_sessions
            ):
                total += 1
        if not waiting(patient):
            total += w.days_short(patient)
    return total


def turned_away(w: Week) -> int:
    return sum(
        default(p.get("priority"), 1)
        for pid, p in w.patients.items()
        if waiting(p) and not w.of_patient(pid)
    )


@dataclass
class Tie:
    """What holds a patient to one group: over all their sections of it, open dates only."""

    days: set[int]
    starts: set[int]
    leaders: set[str]
    rooms: set[str]
    cancelled: int


def ties(w: Week, sections: list[Json], patient: str) -> dict[str, Tie]:
    found: dict[str, Tie] = {}
    for section in sections:
        if patient not in items(section, "members"):
            continue
        for m in items(section, "meetings"):
            if DAYS.index(m["day"]) in w.closed:
                continue
            tie = found.setdefault(section["group"], Tie(set(), set(), set(), set(), 0))
            tie.days.add(DAYS.index(m["day"]))
            tie.starts.add(clock(m["start"]))
            if m.get("cancelled"):
                tie.cancelled += 1
            else:
                tie.leaders |= set(leaders_at(section, m))
                tie.rooms |= {m["room"]} if m.get("room") is not None else set()
    return found


def visits(w: Week, appointments: list[Json], patient: str) -> dict[str, list[Json]]:
    """The patient's appointments on open dates, by service, in time order."""
    found: dict[str, list[Json]] = {}
    order = sorted(appointments, key=lambda a: (DAYS.index(a["day"]), clock(a["start"]), a["id"]))
    for a in order:
        if a["patient"] == patient and DAYS.index(a["day"]) not in w.closed:
            found.setdefault(a["service"], []).append(a)
    return found


def disruption(w: Week) -> int:
    total = 0
    for pid in w.patients:
        old_ties = ties(w, w.baseline["sections"], pid)
        old_visits = visits(w, w.baseline["appointments"], pid)
        if not old_ties and not old_visits:
            continue
        new_ties = ties(w, w.sections, pid)
        new_visits = visits(w, items(w.schedule, "appointments"), pid)
        for gid in old_ties.keys() | new_ties.keys():
            if gid not in old_ties or gid not in new_ties:
                total += 4
                continue
            old, new = old_ties[gid], new_ties[gid]
            total += 3 if old.days != new.days or old.starts != new.starts else 0
            total += 1 if old.leaders != new.leaders else 0
            total += 1 if old.rooms != new.rooms else 0
            total += 4 * new.cancelled
        for service in old_visits.keys() | new_visits.keys():
            before, after = old_visits.get(service, []), new_visits.get(service, [])
            total += 4 * abs(len(before) - len(after))
            for a, b in zip(before, after, strict=False):
                total += 2 if a["therapist"] != b["therapist"] else 0
                moved = a["day"] != b["day"] or clock(a["start"]) != clock(b["start"])
                total += 2 if moved else 0
                total += 1 if a.get("room") != b.get("room") else 0
    return total


def continuity(w: Week) -> int:
    total = 0
    for pid, patient in w.patients.items():
        primary = patient.get("primary_therapist")
        preferred = w.whole_cells(items(patient, "preferred"))
        for s in w.of_patient(pid):
            if s.format == "individual" and primary is not None and primary not in s.therapists:
                total += 2
            if items(patient, "preferred") and not preferred.issuperset(s.cells):
                total += 1
            if pid in s.remote and default(patient.get("attends"), "either") == "either":
                total += 1
    return total


def burden(w: Week) -> int:
    total = 0
    for pid, patient in w.patients.items():
        least = w.merged(patient, "days_per_week", weekly=True)["min"]
        total += 60 * max(0, len(w.attended_days(pid)) - least)
        total += w.idle(w.of_patient(pid))
    return total


def staffing(w: Week) -> int:
    total = 0
    for s in w.sessions:
        if s.group is not None:
            total += len(s.cells) * w.grid * len(s.therapists)
    shares = []
    for tid, therapist in w.therapists.items():
        mine = w.of_therapist(tid)
        total += w.idle(mine)
        there = w.available(therapist) | w.whole_cells(items(therapist, "remote_availability"))
        there = {c for c in there & w.opening if c // w.per_day not in w.closed}
        if there:
            shares.append(100 * sum(len(s.cells) for s in mine) // len(there))
    return total + 10 * (max(shares) - min(shares) if shares else 0)


GOALS: dict[str, Callable[[Week], int]] = {
    goal.__name__: goal
    for goal in (
        unmet_care,
        short_days,
        turned_away,
        disruption,
        continuity,
        burden,
        staffing,
    )
}


def goals_of(w: Week) -> dict[str, int]:
    return {key: goal(w) for key, goal in GOALS.items()}


def goals(scenario: Json, schedule: Json) -> dict[str, int]:
    """The value of each goal of section 5."""
    return goals_of(Week(scenario, schedule))


def tiers(scenario: Json, schedule: Json) -> list[tuple[list[str], int]]:
    """Each tier of the policy, in order, with its goals and their weighted sum."""
    policy = scenario.get("policy") or {}
    order = [list(tier) for tier in items(policy, "tiers") if tier]
    named = {goal for tier in order for goal in tier}
    order += [[goal] for goal in GOALS if goal not in named]
    weights = policy.get("weights") or {}
    values = goals(scenario, schedule)
    return [
        (tier, sum(default(weights.get(goal), 1) * values[goal] for goal in tier)) for tier in order
    ]


# ---------------------------------------------------------------- section 3, where it is no rule


def malformed(scenario: Json, schedule: Json) -> list[str]:
    """What a schedule says that its form does not allow; the rules assume none of it."""
    w = Week(scenario, schedule)
    found = []
    if schedule.get("week_start") != scenario["week_start"]:
        found.append(f"week_start is {schedule.get('week_start')}, not {scenario['week_start']}")
    for key in ("sections", "appointments"):
        for name, number in Counter(e["id"] for e in items(schedule, key)).items():
            if number > 1:
                found.append(f"{key}: id {name} stands {number} times")

    def known(place: str, names: Iterable[str], among: Json, kind: str) -> None:
        found.extend(f"{place}: no {kind} '{n}'" for n in names if n not in among)

    for s in items(schedule, "sections"):
        place = f"section {s['id']}"
        known(place, [s["group"]], w.groups, "group")
        known(place, items(s, "members"), w.patients, "patient")
        known(place, items(s, "leaders"), w.therapists, "therapist")
        for m in items(s, "meetings"):
            known(place, own_leaders(m), w.therapists, "therapist")
            known(place, [m["room"]] if m.get("room") is not None else [], w.rooms, "room")
        for name, number in Counter(items(s, "members")).items():
            if number > 1:
                found.append(f"{place}: member {name} stands {number} times")
    for a in items(schedule, "appointments"):
        place = f"appointment {a['id']}"
        known(place, [a["service"]], w.services, "service")
        known(place, [a["patient"]], w.patients, "patient")
        known(place, [a["therapist"]], w.therapists, "therapist")
        known(place, [a["room"]] if a.get("room") is not None else [], w.rooms, "room")
        if w.services.get(a["service"], {}).get("format") == "group":
            found.append(f"{place}: service {a['service']} is a group service")
    away = {pid for pid, p in w.patients.items() if waiting(p) and not w.of_patient(pid)}
    if set(items(schedule, "not_admitted")) != away:
        found.append(f"not_admitted should be {sorted(away)}")
    return found
