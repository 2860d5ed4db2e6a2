"""Candidates in a table, a row a shift, and the file of candidates that ``iop staff`` reads."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from solver.scenario import Scenario
from solver.timegrid import DAY_NAMES, DAYS

from .text import cell

Row = dict[str, Any]
NEW = "somebody new"
COLUMNS = (
    "Name", "Who", "Credentials", "Languages", "Cost per hour", "Cost a week", "Most shifts",
    "Shift", "Days", "From", "To", "By video", "Cost of the shift",
)  # fmt: skip
DAY_WORDS = [name[:3] for name in DAY_NAMES]
_OF_PERSON = ("Who", "Credentials", "Languages", "Cost per hour", "Cost a week", "Most shifts")
_PLACE = re.compile(
    r"candidates\[(\d+)\](?:\.shifts\[(\d+)\](?:\.windows\[(\d+)\])?)?(?:\.(?=\w))?"
)


def example(scenario: Scenario) -> list[Row]:
    """Two rows to begin with: somebody new like the first therapist here, mornings or evenings."""
    model = scenario.therapists[0] if scenario.therapists else None
    held = [c.id for c in model.credentials] if model else []
    languages = list(model.languages) if model else []
    cost = model.cost_per_hour if model and model.cost_per_hour is not None else 40.0
    shared = {
        "Name": "New colleague",
        "Who": NEW,
        "Credentials": held,
        "Languages": languages,
        "Cost per hour": cost,
        "Cost a week": 0.0,
        "Most shifts": 2,
        "By video": False,
        "Cost of the shift": None,
    }
    days = ["Mon", "Tue", "Wed", "Thu"]
    return [
        shared | {"Shift": "mornings", "Days": days, "From": "09:00", "To": "13:00"},
        shared | {"Shift": "evenings", "Days": days, "From": "17:00", "To": "21:00"},
    ]


def staff_options(scenario: Scenario) -> dict[str, str]:
    """Who a candidate can be: somebody new, or somebody who is here, by name; their ids."""
    names = [t.name or t.id for t in scenario.therapists]
    return {NEW: ""} | {
        cell(f"{t.name or t.id} ({t.id})" if names.count(t.name or t.id) > 1 else t.name or t.id): (
            t.id
        )
        for t in scenario.therapists
    }


def file_of(
    rows: Sequence[Mapping[str, Any]],
    scenario: Scenario,
    extras: Mapping[str, Mapping[str, Any]] | None = None,
) -> tuple[dict[str, Any], dict[tuple[int, int, int], int]]:
    """The candidates' file that the table says, and which row says what of it.

    Rows of one name are one candidate, what they say of the person in the first of them counts; rows
    of one name and shift are hours that go together. Rows without anything in them are left out.

    Args:
        extras: what a file said of new therapists beyond the table's columns, by name.

    Returns:
        the file, and the row (from 1) of each (candidate, shift, window).
    """
    here = staff_options(scenario)
    candidates: list[dict[str, Any]] = []
    places: dict[str, int] = {}
    where: dict[tuple[int, int, int], int] = {}
    for number, row in enumerate(rows, 1):
        if not any(_said(row.get(c)) for c in ("Name", "Shift", "Days", "From", "To")):
            continue
        name = str(row.get("Name") or "").strip()
        known = here.get(str(row.get("Who") or NEW), "")
        who = known or name or f"row {number}"
        if who not in places:
            places[who] = len(candidates)
            candidates.append(_person(row, name or f"Candidate {number}", known, extras or {}))
            where[places[who], -1, -1] = number
        at = places[who]
        shifts = candidates[at].setdefault("shifts", [])
        id = str(row.get("Shift") or "").strip() or f"shift {len(shifts) + 1}"
        window = _window(row)
        remote = bool(_said(row.get("By video")) and row.get("By video"))
        same = next((s for s in shifts if s["id"] == id), None)
        if same is None:
            same = {"id": id, "windows": []} | ({"remote": True} if remote else {})
            cost = _number(row.get("Cost of the shift"))
            if cost is not None:
                same["cost"] = cost
            shifts.append(same)
        same["windows"].append(window)
        place = (at, shifts.index(same), len(same["windows"]) - 1)
        where[place] = number
        where.setdefault((*place[:2], -1), number)
    return {"schema_version": 1, "candidates": candidates}, where


def _person(
    row: Mapping[str, Any], name: str, known: str, extras: Mapping[str, Mapping[str, Any]]
) -> dict[str, Any]:
    out: dict[str, Any] = {}
    if known:
        out["staff"] = known
    else:
        held = dict(extras.get(name, {}))
        new = {"id": held.pop("id", _id(name)), "name": name, **held}
        dated = {c["id"]: c for c in held.get("credentials", ()) if isinstance(c, dict)}
        new["credentials"] = [dated.get(c, c) for c in _listed(row.get("Credentials"))]
        languages = _listed(row.get("Languages"))
        if languages:
            new["languages"] = languages
        cost = _number(row.get("Cost per hour"))
        if cost is not None:
            new["cost_per_hour"] = cost
        out["therapist"] = new
    cost = _number(row.get("Cost a week"))
    if cost:
        out["cost"] = cost
    most = _number(row.get("Most shifts"))
    if most is not None:
        out["max_shifts"] = int(most)
    return out


def _window(row: Mapping[str, Any]) -> dict[str, Any]:
    days = [DAYS[DAY_WORDS.index(d)] for d in _listed(row.get("Days")) if d in DAY_WORDS]
    return {
        "days": sorted(days, key=DAYS.index),
        "start": str(row.get("From") or "").strip(),
        "end": str(row.get("To") or "").strip(),
    }


def _id(name: str) -> str:
    return "hire-" + ("-".join(re.findall(r"[a-z0-9]+", name.lower())) or "new")


def _said(value: Any) -> bool:
    if isinstance(value, float) and math.isnan(value):  # an empty cell of a column of numbers
        return False
    return value is not None and value not in ("", [])


def _listed(value: Any) -> list[str]:
    return [str(v) for v in value] if isinstance(value, (list, tuple)) else []


def _number(value: Any) -> float | None:
    return float(value) if _said(value) else None


def rows_of(
    content: object, scenario: Scenario
) -> tuple[list[Row], dict[str, dict[str, Any]]] | None:
    """A candidates' file as rows of the table, and what it says beyond them; None if it is none.

    Only the form that the table has is looked at here; all else the command itself judges.
    """
    if not isinstance(content, dict) or not isinstance(content.get("candidates"), list):
        return None
    names = {id: name for name, id in staff_options(scenario).items() if id}
    rows: list[Row] = []
    extras: dict[str, dict[str, Any]] = {}
    try:
        for entry in content["candidates"]:
            new = entry.get("therapist")
            name = (
                (new.get("name") or new["id"]) if new else names.get(entry["staff"], entry["staff"])
            )
            if new:
                columns = ("name", "languages", "cost_per_hour")
                extras[name] = {k: v for k, v in new.items() if k not in columns}
            rows += [_row(entry, new, name, shift, w) for shift, w in _windows(entry, new)]
    except (KeyError, TypeError, AttributeError):
        return None
    return rows, extras


def _windows(
    entry: Mapping[str, Any], new: Mapping[str, Any] | None
) -> Iterable[tuple[Mapping[str, Any], Mapping[str, Any]]]:
    shifts = entry.get("shifts") or []
    if not shifts and new:  # their availability as it is, in one shift
        shifts = [{"id": "all their hours", "windows": new.get("availability") or []}]
    for shift in shifts:
        for window in shift["windows"]:
            yield shift, window


def _row(
    entry: Mapping[str, Any],
    new: Mapping[str, Any] | None,
    name: str,
    shift: Mapping[str, Any],
    window: Mapping[str, Any],
) -> Row:
    about = new or {}
    held = [c["id"] if isinstance(c, dict) else c for c in about.get("credentials", ())]
    return {
        "Name": name,
        "Who": NEW if new else name,
        "Credentials": held,
        "Languages": list(about.get("languages", ())),
        "Cost per hour": about.get("cost_per_hour"),
        "Cost a week": float(entry.get("cost") or 0.0),
        "Most shifts": entry.get("max_shifts"),
        "Shift": shift.get("name") or shift["id"],
        "Days": [DAY_WORDS[DAYS.index(d)] for d in window["days"] if d in DAYS],
        "From": window["start"],
        "To": window["end"],
        "By video": bool(shift.get("remote")),
        "Cost of the shift": shift.get("cost"),
    }


def in_rows(line: str, where: Mapping[tuple[int, int, int], int]) -> str:
    """A fault's line with the row of the table in place of the place in the file."""

    def row(match: re.Match[str]) -> str:
        candidate, shift, window = (-1 if g is None else int(g) for g in match.groups())
        number = where.get((candidate, shift, window), where.get((candidate, -1, -1)))
        field = ", " if match[0].endswith(".") else ""
        return match[0] if number is None else f"row {number}{field}"

    return _PLACE.sub(row, line)


# -- the answer -----------------------------------------------------------------------------------


def hired(point: Mapping[str, Any], file: Mapping[str, Any], scenario: Scenario) -> list[Row]:
    """Whom to hire and when they work, a row a shift."""
    people = {t.id: t.name or t.id for t in scenario.therapists}
    shifts: dict[tuple[str, str], Mapping[str, Any]] = {}
    for entry in file["candidates"]:
        new = entry.get("therapist")
        id = new["id"] if new else entry["staff"]
        if new:
            people[id] = new.get("name") or id
        for shift in entry.get("shifts", ()):
            shifts[id, shift["id"]] = shift
    here = {t.id for t in scenario.therapists}
    out = []
    for choice in point["hired"]:
        id = choice["therapist"]
        shift = shifts.get((id, choice["shift"]), {})
        hours = "; ".join(_hours(w) for w in shift.get("windows", ()))
        out.append(
            {
                "Who": cell(people.get(id, id)),
                "How": "more hours" if id in here else "hire",
                "Shift": cell(shift.get("name") or choice["shift"]),
                "Hours": hours + (" by video" if shift.get("remote") else ""),
            }
        )
    return out


def _hours(window: Mapping[str, Any]) -> str:
    days = ", ".join(DAY_WORDS[DAYS.index(d)] for d in window["days"])
    return f"{days} {window['start']}–{window['end']}"


def money(amount: float | None) -> str:
    """``1,240``, ``1,240.50``."""
    return "–" if amount is None else f"{amount:,.2f}".removesuffix(".00")


def curve(document: Mapping[str, Any], file: Mapping[str, Any], scenario: Scenario) -> list[Row]:
    """A row for each share of care: cost found, bound, and whom."""
    out = []
    for point in document["points"]:
        people = list(dict.fromkeys(h["Who"] for h in hired(point, file, scenario)))
        found = point["cost"] is not None
        out.append(
            {
                "Care given": f"{point['share'] * 100:.4g} %",
                "Cost a week": money(point["cost"]) if found else "none found",
                "At least": "impossible" if point["impossible"] else money(point["bound"]),
                "Proved": point["proved"],
                "Fully served": f"{point['patients_fully_served']} of {point['patients']}"
                if found
                else "",
                "Whom": cell(", ".join(people)) or ("nobody" if found else ""),
            }
        )
    return out


def verdict(document: Mapping[str, Any]) -> str:
    """What a director reads first."""
    last, share = document["points"][-1], f"{document['best_share_found']:.1%}"
    care = "All care that is due"
    if document["short_even_alone"]:
        care = "All care that patients' own hours allow"
    lower = f"{care[:1].lower()}{care[1:]}"
    if last["proved"] and not last["cost"]:
        return f"{care} is given without hiring anybody."
    if last["proved"]:
        return f"{care} costs {money(last['cost'])} a week more; nobody can do it for less."
    if last["cost"] is not None:
        at_least = (
            f"and {money(last['bound'])} at least" if last["bound"] else "nothing less ruled out"
        )
        return f"{care} costs {money(last['cost'])} a week more at most, {at_least}."
    if last["impossible"]:
        return f"Even with everybody hired, not {lower} can be given: {share} is the most found."
    return f"No week with {lower} was found in time, and none was ruled out; {share} was found."
