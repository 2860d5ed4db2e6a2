"""Changes picked from forms: what would be different, at whom, on which days, from when to when.

Each form is drawn from the scenario and makes one change of ``solver.changes``; a person never sees
how a change is written.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import streamlit as st

from solver.changes import FORMS, Change, ChangeFaults, parse_change, read_change
from solver.scenario import Scenario

from .changes_fields import LISTS, Field, fields_of, policy_fields, shown_of, value_of
from .changes_material import Data, Material
from .text import cell, plain

TOPICS = ("Staff", "Rooms", "Groups", "Opening hours", "Patients", "Rules and goals")
HELP = {parse_change(form.example).kind: form.meaning for form in FORMS}
"""What the command line says of each kind of change."""


Draw = Callable[[Material], Data | None]


@dataclass(frozen=True, slots=True)
class Wish:
    """One form: the topic and the title it is found under, the kind of change, and its widgets.

    ``draw`` gives the change's fields; None while something is still to be said.
    """

    topic: str
    title: str
    kind: str
    draw: Draw

    @property
    def key(self) -> str:
        return f"{self.topic}: {self.title}"


# -- what the forms ask ---------------------------------------------------------------------------


def _removal(what: str) -> Draw:
    def draw(m: Material) -> Data | None:
        id = m.pick(what, "Which")
        return id and {"what": what, "id": id}

    return draw


def _addition(what: str) -> Draw:
    def draw(m: Material) -> Data | None:
        like = m.pick(what, "Like")
        if like is None:
            return None
        out: Data = {"what": what, "like": like, "count": m.number("How many", 1, 1, 100)}
        if what == "room":
            seats = next(r.capacity for r in m.real.rooms if r.id == like)
            wanted = m.number("Seats", seats, 0, 10_000)
            out["set"] = {"capacity": wanted} if wanted != seats else {}
        return out

    return draw


def _headcount(what: str) -> Draw:
    def draw(m: Material) -> Data | None:
        here = len(getattr(m.real, LISTS[what]))
        known = m.options(what)
        wanted = m.number(f"How many {LISTS[what]} there are (now {here})", here, 0, 200)
        like = None
        if wanted > here and known:
            like = st.selectbox(
                "New ones like",
                [None, *known],
                format_func=lambda id: (
                    "each of those there are, in turn" if id is None else known[id]
                ),
                key=f"{m.key} like",
            )
        if wanted == here:
            st.caption(f"There are {here} now; say another number.")
            return None
        if wanted < here:
            st.caption("The last ones of the list go.")
        return {"what": what, "to": wanted, **({"like": like} if like else {})}

    return draw


def _edit(what: str) -> Draw:
    def draw(m: Material) -> Data | None:
        id = m.pick(what, "Which")
        if id is None:
            return None
        return _field(m, fields_of(m.real, what, id), {"what": what, "id": id})

    return draw


def _policy(m: Material) -> Data | None:
    return _field(m, policy_fields(m.real), {})


def _field(m: Material, fields: Sequence[Field], about: Data) -> Data | None:
    """Pick a field, and say its new value."""
    titles = {f.path: f.title for f in fields}
    path = st.selectbox("What", list(titles), format_func=titles.get, key=f"{m.key} field")
    field = next(f for f in fields if f.path == path)
    said = _value(m, field)
    new = value_of(field, said)
    if new is None and field.needed:
        st.caption("Say the new value.")
        return None
    if said == shown_of(field):
        st.caption("That is how it is now; say another value.")
        return None
    return {**about, "set": {field.path: new}}


def _value(m: Material, field: Field) -> Any:
    """A widget for a value; a field that is left empty is left out of the scenario."""
    now, title = shown_of(field), "New value"
    about = None if field.needed else "Left empty, it is not asked for."
    key = f"{m.key} {field.path}"
    match field.kind:
        case "number":
            return st.number_input(title, 0, value=now, step=1, key=key, help=about)
        case "amount":
            return st.number_input(title, 0.0, value=now, step=1.0, key=key, help=about)
        case "share":
            return st.number_input(title, 0.0, 1.0, now, step=0.05, key=key, help=about)
        case "flag":
            return st.toggle(field.title, bool(now), key=key)
        case "date":
            return st.date_input(title, now, key=key, help=about)
        case "choice":
            index = field.allowed.index(now) if now in field.allowed else None
            return st.selectbox(
                title, field.allowed, index=index, format_func=_words, key=key, help=about
            )
        case "list" | "order":
            known = list(dict.fromkeys([*field.allowed, *(now or ())]))
            return st.multiselect(
                title,
                known,
                now or None,
                format_func=_words,
                accept_new_options=field.kind == "list" and field.path != "strict",
                key=key,
            )
    return st.text_input(title, now or "", key=key, help=about)


def _words(value: str) -> str:
    return cell(value.replace("_", " "))


def _hours(kind: str, what: str) -> Draw:
    def draw(m: Material) -> Data | None:
        id = m.pick(what, "Who" if what in ("therapist", "patient") else "Which")
        windows = m.windows()
        remote = what == "therapist" and st.toggle(
            "By video", key=f"{m.key} video", help="For sessions that need no room."
        )
        if id is None or windows is None:
            return None
        return {"what": what, "id": id, "windows": windows, **({"remote": True} if remote else {})}

    return draw


def _whole_days(what: str) -> Draw:
    def draw(m: Material) -> Data | None:
        id, days = m.pick(what, "Who" if what == "therapist" else "Which"), m.days()
        if id is None or not days:
            st.caption("Pick at least one day.")
            return None
        return {what: id, "days": days}

    return draw


def _open(m: Material) -> Data | None:
    windows = m.windows()
    staff = m.several("therapist", "Who works then")
    rooms = m.several("room", "Rooms that have hours of their own")
    return windows and {"windows": windows, "therapists": staff, "rooms": rooms}


def _shut(m: Material) -> Data | None:
    windows = m.windows(13 * 60, 18 * 60)
    return windows and {"windows": windows}


def _census(m: Material) -> Data | None:
    here = sum(1 for p in m.real.patients if p.status == "active")
    ways = {"to": "to a number", "by": "by a number", "percent": "by a share"}
    way = st.segmented_control(
        "Census", list(ways), format_func=ways.get, default="to", required=True, key=f"{m.key} way"
    )
    if way == "to":
        out: Data = {"to": m.number(f"Patients in treatment (now {here})", here)}
    elif way == "by":
        out = {"by": m.number("More (below 0: fewer)", 4, -1000)}
    else:
        out = {"percent": float(m.number("Percent more (below 0: fewer)", 20, -100))}
    known = {p.id: cell(p.name or p.id) for p in m.real.programs}
    if st.toggle("Newcomers of another mix", key=f"{m.key} mix", help=HELP["census"]):
        columns = st.columns(max(1, min(3, len(known))))
        shares = {
            p: columns[i % len(columns)].number_input(
                f"Share of {name}", 0.0, value=1.0, step=1.0, key=f"{m.key} mix {p}"
            )
            for i, (p, name) in enumerate(known.items())
        }
        out["mix"] = {p: share for p, share in shares.items() if share}
    seed = m.number("Draw of who comes or goes (another number draws others)", 0, 0, 1_000_000)
    if out.get("to") == here or out.get("by") == 0 or out.get("percent") == 0:
        st.caption(f"There are {here} patients now; say another number.")
        return None
    return {**out, **({"seed": seed} if seed else {})}


def _work(m: Material) -> Data | None:
    minutes = m.number("Minutes later (below 0: earlier)", 60, -720, 720)
    ways = {"share": "some of those who work", "patients": "patients by name"}
    way = st.segmented_control(
        "Whose work", list(ways), format_func=ways.get, default="share", required=True,
        key=f"{m.key} whose",
    )  # fmt: skip
    out: Data = {"minutes": minutes}
    if way == "share":
        percent = st.slider("Of those who work", 1, 100, 100, format="%d %%", key=f"{m.key} share")
        out["share"] = percent / 100
    else:
        out["patients"] = m.several("patient", "Patients")
        if not out["patients"]:
            st.caption("Pick at least one patient.")
            return None
    labels = sorted({c.label for p in m.shown.patients for c in p.commitments})
    if labels and m.real is m.shown:
        label = st.selectbox(
            "Which commitments",
            [None, *labels],
            format_func=lambda text: "all that are work" if text is None else cell(text),
            key=f"{m.key} label",
        )
        out |= {"label": label} if label else {}
    return out if minutes else None


def _admit(m: Material) -> Data | None:
    waiting = [p.id for p in m.real.patients if p.status == "waitlist"]
    if not waiting:
        st.caption("Nobody waits.")
        return None
    chosen = m.several("patient", "Who (nobody picked: everyone who waits)", waiting)
    return {"patients": chosen}


WISHES: tuple[Wish, ...] = (
    Wish("Staff", "A therapist leaves", "remove", _removal("therapist")),
    Wish("Staff", "A therapist comes", "add", _addition("therapist")),
    Wish("Staff", "A number of therapists", "headcount", _headcount("therapist")),
    Wish("Staff", "A therapist is away on some days", "leave", _whole_days("therapist")),
    Wish("Staff", "A therapist works more hours", "widen", _hours("widen", "therapist")),
    Wish("Staff", "A therapist works fewer hours", "narrow", _hours("narrow", "therapist")),
    Wish("Staff", "Something else about a therapist", "change", _edit("therapist")),
    Wish("Rooms", "A room closes for good", "remove", _removal("room")),
    Wish("Rooms", "A room more", "add", _addition("room")),
    Wish("Rooms", "A number of rooms", "headcount", _headcount("room")),
    Wish("Rooms", "A room is closed on some days", "close_room", _whole_days("room")),
    Wish("Rooms", "A room is there more hours", "widen", _hours("widen", "room")),
    Wish("Rooms", "A room is there fewer hours", "narrow", _hours("narrow", "room")),
    Wish("Rooms", "Something else about a room", "change", _edit("room")),
    Wish("Rooms", "More equipment", "add", _addition("equipment")),
    Wish("Rooms", "Equipment goes", "remove", _removal("equipment")),
    Wish("Rooms", "Something else about equipment", "change", _edit("equipment")),
    Wish("Groups", "Size, sections or times of a group", "change", _edit("group")),
    Wish("Groups", "A group ends", "remove", _removal("group")),
    Wish("Groups", "A group like another one", "add", _addition("group")),
    Wish("Groups", "Something about a service", "change", _edit("service")),
    Wish("Groups", "A service ends", "remove", _removal("service")),
    Wish("Opening hours", "Open longer", "open", _open),
    Wish("Opening hours", "Open less", "shut", _shut),
    Wish("Patients", "More or fewer patients", "census", _census),
    Wish("Patients", "Admit from the waiting list", "admit", _admit),
    Wish("Patients", "Work begins earlier or later", "shift_work", _work),
    Wish("Patients", "A patient can come more hours", "widen", _hours("widen", "patient")),
    Wish("Patients", "A patient can come fewer hours", "narrow", _hours("narrow", "patient")),
    Wish("Patients", "Something else about a patient", "change", _edit("patient")),
    Wish("Patients", "A patient leaves", "remove", _removal("patient")),
    Wish("Rules and goals", "A rule of a program", "change", _edit("program")),
    Wish("Rules and goals", "A program ends", "remove", _removal("program")),
    Wish("Rules and goals", "Order and weight of the goals", "policy", _policy),
)


def changes_form(real: Scenario, shown: Scenario, key: str) -> Change | None:
    """Draw the forms; the change as it stands, None while something is still to be said."""
    topic = st.segmented_control(
        "About", TOPICS, default=TOPICS[0], required=True, key=f"{key} topic"
    )
    wishes = [w for w in WISHES if w.topic == topic]
    titles = [w.title for w in wishes]
    title = st.selectbox("What would be different", titles, key=f"{key} wish {topic}")
    wish = wishes[titles.index(title)]
    data = wish.draw(Material(real, shown, f"{key} {wish.key}"))
    if data is None:
        return None
    try:
        return read_change({"kind": wish.kind, **data})
    except ChangeFaults as error:
        for fault in error.faults:
            st.warning(plain(fault), icon=":material/edit:")
        return None


def stored(change: Change) -> Data:
    """A change as files and desks keep it."""
    return {"kind": change.kind} | change.model_dump(mode="json", exclude_defaults=True)
