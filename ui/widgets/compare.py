"""Base and variants side by side: values with what is proved, differences signed and coloured.

A difference that values and bounds leave open is said to be undecided and has no colour. Figures
are of the weeks found, so where unmet care is undecided theirs are too; what staff cost on duty
follows from the scenario alone and is always certain.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from solver import report
from solver.result import TierResult
from solver.timegrid import DAY_NAMES

from .compare_names import Names
from .text import plain

Column = Mapping[str, Any]
"""One column of what ``iop whatif --json`` prints."""
NOTHING = "–"
STATUS = {
    "optimal": "Proved best",
    "feasible": "Found; not every goal is proved best",
    "infeasible": "No schedule exists",
    "unknown": "None found in time",
    "failed": "The solve failed",
}


@dataclass(frozen=True, slots=True)
class Figure:
    """A row of figures.

    Attributes:
        value: the number to compare, None where there is none; shown: the words of a cell;
            said: the words of a difference.
        better: which way is good; None where neither is.
        certain: it follows from the scenario, whatever week is found.
        least: smaller differences would be shown as none.
    """

    title: str
    value: Callable[[Column], float | None]
    shown: Callable[[Column], str]
    said: Callable[[float], str]
    better: str | None
    certain: bool = False
    least: float = 1e-9


# -- rows of the table ----------------------------------------------------------------------------


def table(document: Mapping[str, Any], names: Sequence[str]) -> list[dict[str, str]]:
    """The comparison, a row a dictionary of Markdown by column title; the base comes first.

    Args:
        names: titles of the columns.
    """
    columns: list[Column] = document["columns"]
    out = [("Week", [STATUS.get(c["status"], plain(c["status"])) for c in columns])]
    order = list(dict.fromkeys(tuple(t["goals"]) for c in columns for t in c["tiers"]))
    out += [(report.tier_title(goals), [_goal(c, goals) for c in columns]) for goals in order]
    for figure in figures(columns):
        cells = [_figure(figure, columns[0], c) for c in columns]
        if any(text != NOTHING for text in cells):
            out.append((figure.title, cells))
    changed = ["", *(f"{len(c['people']):,}" for c in columns[1:])]
    out.append(("People whose week changes", changed))
    titles = [plain(name) for name in names]
    return [{"": plain(title)} | dict(zip(titles, cells, strict=True)) for title, cells in out]


def _goal(column: Column, goals: tuple[str, ...]) -> str:
    """``480, at least 360`` and how it differs from the base."""
    from solver.whatif.words import tier_cell  # noqa: PLC0415 - the what-if's words load slowly

    tier = next((t for t in column["tiers"] if tuple(t["goals"]) == goals), None)
    if tier is None:
        return NOTHING
    shown = tier_cell(TierResult(goals, tier["value"], tier["bound"], tier["proved"]))
    found = next((d for d in column["differences"] if tuple(d["goals"]) == goals), None)
    return plain(shown) + (f"  {difference(found)}" if found else "")


def difference(d: Mapping[str, Any]) -> str:
    """A goal's difference from the base in colour, as far as it is certain; lower is better."""
    from solver.whatif.comparing import Difference  # noqa: PLC0415 - loads slowly
    from solver.whatif.words import difference_text  # noqa: PLC0415 - loads slowly

    words = difference_text(Difference(tuple(d["goals"]), d["found"], d["low"], d["high"]))
    match d["verdict"]:
        case "same":
            return ":gray[= the same, proved]"
        case "less":
            return f":green[▼ {plain(words)}]"
        case "more":
            return f":red[▲ {plain(words)}]"
        case "at most":
            return f":green[▽ {plain(words)}]"
        case "at least":
            return f":red[△ {plain(words)}]"
    found = "" if d["found"] is None else f" (weeks found: {signed(d['found'])})"
    return f":gray[? {plain(words + found)}]"


def signed(number: float) -> str:
    """``+12``, ``−3``, ``±0``."""
    if not number:
        return "±0"
    return f"{'+' if number > 0 else '−'}{abs(number):,.10g}"


def _figure(figure: Figure, base: Column, column: Column) -> str:
    if column["figures"] is None or figure.value(column) is None:
        return NOTHING
    shown = plain(figure.shown(column))
    before = None if base["figures"] is None else figure.value(base)
    if column is base or before is None:
        return shown
    by = (figure.value(column) or 0) - before
    if abs(by) < figure.least:
        return shown
    words = plain(figure.said(by))
    if not figure.certain and is_open(column):
        return f"{shown}  :gray[? {words}, undecided]"
    if figure.better is None:
        return f"{shown}  :blue[{words}]"
    good = (by < 0) == (figure.better == "less")
    return f"{shown}  :{'green' if good else 'red'}[{'▼' if by < 0 else '▲'} {words}]"


def is_open(column: Column) -> bool:
    """Whether what is known leaves open which of this and the base is better served."""
    differences = column["differences"]
    return not differences or differences[0]["verdict"] not in ("same", "less", "more")


# -- figures --------------------------------------------------------------------------------------


def figures(columns: Sequence[Column]) -> list[Figure]:
    """The rows of figures that these columns have."""
    out = [
        _ratio("Patients fully served", "served", "active", str, "more"),
        _ratio("Hours delivered, of those required", "minutes", "minutes_due", _hours, "more"),
        _ratio("Paid days, of days attended", "paid", "attended", str, "more"),
        _ratio("Taken from the waiting list", "admitted", "waiting", str, "more"),
    ]
    for kind, title in (("rooms", "Rooms in use"), ("staff", "Therapists in session")):
        parts = dict.fromkeys(p for c in columns if c["figures"] for p in c["figures"][kind])
        out += [_use(title, kind, part) for part in parts]
    out += [
        _money("Staff cost, hours on duty", "staff_cost", "less", certain=True),
        _money("Staff cost, hours in session", "session_cost", "less"),
        _money("Revenue", "revenue", "more"),
        _money("Revenue less staff cost", "margin", "more"),
    ]
    return out


def _ratio(title: str, part: str, whole: str, words: Callable[[int], str], better: str) -> Figure:
    def value(column: Column) -> float | None:
        found = column["figures"]
        return found[part] if found[whole] else None

    def shown(column: Column) -> str:
        found = column["figures"]
        return f"{words(found[part])} of {words(found[whole])}"

    return Figure(title, value, shown, lambda by: _with_sign(by, words(abs(int(by)))), better)


def _hours(minutes: int) -> str:
    return report.hours(minutes)


def _use(title: str, kind: str, part: str) -> Figure:
    def value(column: Column) -> float | None:
        use = column["figures"][kind].get(part)
        return None if use is None or use["share"] is None else use["share"]

    return Figure(
        f"{title}, {part}",
        value,
        lambda column: f"{value(column):.0%}",
        lambda by: _with_sign(by, f"{abs(by) * 100:.0f} points"),
        None,
        least=0.005,
    )


def _money(title: str, name: str, better: str, *, certain: bool = False) -> Figure:
    def value(column: Column) -> float | None:
        found: float | None = column["figures"]["money"][name]
        return found

    def shown(column: Column) -> str:
        money = column["figures"]["money"]
        more = ""
        if name == "staff_cost" and money["without_cost"]:
            more = f" and {money['without_cost']} without a cost"
        if name == "revenue" and money["unbilled_days"]:
            more = f" ({report.count(money['unbilled_days'], 'day')} not authorized)"
        return f"{money[name]:,.0f}{more}"

    return Figure(
        title, value, shown, lambda by: _with_sign(by, f"{abs(by):,.0f}"), better, certain
    )


def _with_sign(by: float, words: str) -> str:
    return f"{'+' if by > 0 else '−'}{words}"


# -- in words -------------------------------------------------------------------------------------


def verdict(column: Column, names: Names) -> list[str]:
    """What is to be known of a variant beside the table, in sentences."""
    out = []
    if column["status"] == "infeasible":
        out.append("No week exists that obeys every rule.")
    if column["found_in"] is not None:
        out.append(f"Its week is the one found for “{column['found_in']}”, which is better here.")
    out += [f"{r[:1].upper()}{r[1:]}." for r in column["reasons"]]
    out += [f"Note: {note}." for note in column["notices"]]
    if column["tiers"] and column["differences"] and is_open(column):
        out.append(
            "Which is better in the end is not decided: give it more time. "
            "Figures are those of the weeks found."
        )
    return [names.text(text) for text in out]


def headline(column: Column) -> str:
    """What a director reads first: who is served, at what cost, against the base."""
    if column["figures"] is None:
        return STATUS.get(column["status"], "No week")
    found = column["figures"]
    return f"{found['served']} of {found['active']} fully served"


KINDS = {
    "other times": "Other times",
    "other people or rooms": "Same times, other people or rooms",
    "new": "New",
    "gone": "Gone",
}


def people(
    column: Column,
    names: Names,
    before: Mapping[str, Sequence[str]],
    after: Mapping[str, Sequence[str]],
) -> list[dict[str, str]]:
    """Whose week changes: what they leave and what they get, a row a person, in Markdown.

    Args:
        before, after: the sessions of each patient in the base and in the variant, in words.
    """
    out = []
    for kind, words in KINDS.items():
        for person in column["people"]:
            if person["what"] != kind:
                continue
            old, new = (list(week.get(person["id"], ())) for week in (before, after))
            out.append(
                {
                    "Person": plain(names.patient(person["id"], person["name"])),
                    "What": words,
                    "No longer": plain("; ".join(s for s in old if s not in new)),
                    "Instead": plain("; ".join(s for s in new if s not in old)),
                }
            )
    return out


def sessions_in_words(sessions: Sequence[report.Session]) -> dict[str, list[str]]:
    """Each patient's sessions: ``Mon 17:00 Process Group, Ann Lee, Room 1``."""
    out: dict[str, list[str]] = {}
    for session in sessions:
        if session.cancelled:
            continue
        leaders = ", ".join(t.name for t in session.leaders)
        for patient in session.members:
            by_video = any(p.id == patient.id for p in session.remote)
            place = "by video" if by_video else session.place
            parts = [session.title, leaders, place]
            when = f"{DAY_NAMES[session.day][:3]} {session.time}"
            text = f"{when} {', '.join(part for part in parts if part)}"
            out.setdefault(patient.id, []).append(text)
    return out
