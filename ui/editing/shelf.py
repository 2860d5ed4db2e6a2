"""Where drafts lie between two looks at the page: with the week, or, of a new one, on the desk.

Files, so that a refresh or another tab forgets nothing; readable by their owner alone like the week.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

from solver.io.files import save_json

from .draft import Draft, of_json, to_json

DRAFT = "draft.json"
INCOMING = "incoming.json"


def load(folder: Path) -> Draft | None:
    """The draft of a week; None where there is none, or an older version of the program's."""
    try:
        return of_json(json.loads((folder / DRAFT).read_bytes()))
    except (OSError, ValueError):
        return None


def save(folder: Path, draft: Draft) -> None:
    """Keep the draft of a week."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    save_json(folder / DRAFT, to_json(draft))


def drop(folder: Path) -> None:
    """The draft of a week is of no more use."""
    (folder / DRAFT).unlink(missing_ok=True)


@dataclass(frozen=True, slots=True)
class Incoming:
    """A week that was brought and cannot be opened yet.

    Attributes:
        name: of the file.
        faults: place in the file and what is wrong there.
        notes: what the draft took for something else or left out.
        draft: to mend it here; None where only the file can be mended.
        mending: whether somebody does.
        to_add: what FHIR lacks, with why.
    """

    name: str
    faults: tuple[tuple[str, str], ...]
    notes: tuple[str, ...] = ()
    draft: Draft | None = None
    mending: bool = False
    to_add: tuple[tuple[str, str], ...] = ()


def load_incoming(desk: Path) -> Incoming | None:
    """What waits on a desk."""
    try:
        data = json.loads((desk / INCOMING).read_bytes())
        return Incoming(
            str(data["name"]),
            tuple((str(place), str(said)) for place, said in data["faults"]),
            tuple(map(str, data["notes"])),
            of_json(data["draft"]) if data["draft"] is not None else None,
            bool(data["mending"]),
            tuple((str(what), str(why)) for what, why in data["to_add"]),
        )
    except (OSError, ValueError, KeyError, TypeError):
        return None


def save_incoming(desk: Path, incoming: Incoming) -> None:
    """Keep it."""
    content = {
        "name": incoming.name,
        "faults": incoming.faults,
        "notes": incoming.notes,
        "draft": to_json(incoming.draft) if incoming.draft is not None else None,
        "mending": incoming.mending,
        "to_add": incoming.to_add,
    }
    save_json(desk / INCOMING, content)


def drop_incoming(desk: Path) -> None:
    """It is of no more use."""
    (desk / INCOMING).unlink(missing_ok=True)
