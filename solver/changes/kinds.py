"""All kinds of change as one type, told apart by their field ``kind``."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from .entries import Add, Edit, Headcount, Policy, Remove
from .hours import CloseRoom, Leave, Narrow, Open, ShiftWork, Shut, Widen
from .people import Admit, Census

Change = Annotated[
    Add
    | Remove
    | Edit
    | Headcount
    | Policy
    | Widen
    | Narrow
    | Leave
    | CloseRoom
    | Open
    | Shut
    | ShiftWork
    | Census
    | Admit,
    Field(discriminator="kind"),
]
"""One change; ``change.sentence(scenario)`` says it, ``apply(scenario, [change, …])`` makes it."""
KINDS: dict[str, type[Change]] = {
    model.model_fields["kind"].default: model
    for model in (
        Add, Remove, Edit, Headcount, Policy, Widen, Narrow, Leave, CloseRoom, Open, Shut,
        ShiftWork, Census, Admit,
    )
}  # fmt: skip
"""The model of each kind."""
