"""What goes along when something goes, and when too much rests on it for it to go."""

from __future__ import annotations

from ..report.words import count, listing
from .draft import CannotChange, Draft, Json


def leave_behind(draft: Draft, what: str, id: str) -> bool:
    """Undo what refers to an entry that goes; False where it has to stay, with nothing of it left.

    Baseline and locks are not touched here: what the baseline names is gone as in any file, and locks
    are let go together at the end. Notices name ids, never patients' names.

    Raises:
        CannotChange: too much rests on it.
    """
    match what:
        case "therapist":
            _let_go(draft, "primary_therapist", id)
        case "patient":
            for other in draft.entries("patient"):
                if id in other.get("keep_apart", ()):
                    other["keep_apart"] = [p for p in other["keep_apart"] if p != id]
        case "equipment":
            return _equipment(draft, id)
        case "service":
            _service(draft, id)
        case "program":
            _program(draft, id)
    return True


def _let_go(draft: Draft, field: str, id: str) -> None:
    theirs = [p for p in draft.entries("patient") if p.get(field) == id]
    for patient in theirs:
        del patient[field]
    if theirs:
        verb = "has" if len(theirs) == 1 else "have"
        draft.note(f"{count(len(theirs), 'patient')} of {id} {verb} no primary therapist any more")


def _equipment(draft: Draft, id: str) -> bool:
    """Where something asks for it, there is none of it instead: the same for the week."""
    asking = [
        entry["id"]
        for what in ("service", "group")
        for entry in draft.entries(what)
        if entry.get("equipment", {}).get(id)
    ]
    if not asking:
        for what in ("service", "group"):
            for entry in draft.entries(what):
                entry.get("equipment", {}).pop(id, None)
        return True
    draft.entry("equipment", id)["quantity"] = 0
    verb = "asks for it and cannot meet" if len(asking) == 1 else "ask for it and cannot meet"
    draft.note(f"{listing(asking)} {verb}")
    return False


def _service(draft: Draft, id: str) -> None:
    for holder in (*draft.entries("program"), *draft.entries("patient")):
        if any(q["service"] == id for q in holder.get("quotas", ())):
            holder["quotas"] = [q for q in holder["quotas"] if q["service"] != id]
            draft.note(f"{holder['id']} no longer asks for {id}")
    groups = [g for g in draft.entries("group") if g["service"] == id]
    for group in groups:
        draft.entries("group").remove(group)
    if groups:
        draft.note(f"{count(len(groups), 'group')} of it go too: {_ids(groups)}")
    base = draft.tree.get("baseline")
    if base and any(a["service"] == id for a in base.get("appointments", ())):
        base["appointments"] = [a for a in base["appointments"] if a["service"] != id]
        draft.note("its appointments are left out of the baseline")


def _program(draft: Draft, id: str) -> None:
    theirs = [p for p in draft.entries("patient") if p["program"] == id]
    if theirs:
        who = "patient is" if len(theirs) == 1 else "patients are"
        raise CannotChange(
            f"{len(theirs)} {who} in it; change their program or remove them first ({_ids(theirs)})"
        )
    for group in list(draft.entries("group")):
        programs = group.get("eligible", {}).get("programs", [])
        if programs == [id]:  # without its only program it would be open to all
            draft.entries("group").remove(group)
            draft.note(f"group {group['id']} goes too: it was for this program alone")
        elif id in programs:
            group["eligible"]["programs"] = [p for p in programs if p != id]


def _ids(entries: list[Json]) -> str:
    ids = [e["id"] for e in entries]
    return listing(ids if len(ids) <= 6 else [*ids[:5], f"{len(ids) - 5} more"])
