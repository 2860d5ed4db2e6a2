"""`iop generate`: a synthetic clinic with its patients."""

# ruff: noqa: PLC0415 - a command imports what it needs when it is called, so that all start fast
from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from .options import LARGEST_SEED, AsJson
from .terminal import (
    STANDARD_STREAM,
    UsageFault,
    must_be_writable,
    note,
    out,
    out_json,
    rendered,
    write_json,
)

if TYPE_CHECKING:
    from ..demand import Demand


def generate(
    patients: Annotated[
        int, typer.Option("--patients", metavar="N", help="How many, those waiting included.")
    ],
    seed: Annotated[
        int,
        typer.Option(
            "--seed", metavar="N", min=0, max=LARGEST_SEED, help="Same seed, same clinic."
        ),
    ] = 0,
    load: Annotated[
        float,
        typer.Option(
            "--load",
            metavar="RATIO",
            help="Care asked for over the most that could be given: 0.8 is easy, 1.2 too much.",
        ),
    ] = 1.0,
    output: Annotated[
        str,
        typer.Option("--output", "-o", metavar="FILE", help="Write the scenario here."),
    ] = STANDARD_STREAM,
    as_json: AsJson = False,
) -> None:
    """Make up a clinic and its patients.

    The scenario goes to standard output unless -o names a file. Says how much care is asked for
    over what the resources could give at most (with --json for machines; needs -o).

    \b
    Example:
      iop generate --patients 60 --seed 7 --load 1.1 -o clinic.json
    """
    if as_json and output == STANDARD_STREAM:
        raise UsageFault("--json needs -o FILE; the scenario itself is on standard output")
    must_be_writable(output, "-o", {})

    from ..clinic import Clinic
    from ..generate import demand_over_supply
    from ..generate import generate as invented
    from ..validation import read_scenario

    try:
        document = invented(patients, seed, load)
    except ValueError as error:
        raise UsageFault(str(error)) from None
    demand = demand_over_supply(Clinic(read_scenario(document)[0]))
    write_json(output, document)
    if as_json:
        out_json(demand)
    else:
        (note if output == STANDARD_STREAM else out)(_in_words(demand))


def _in_words(demand: Demand) -> str:
    from . import tables

    lines = {
        "therapist hours": demand["therapist_hours"],
        "group seats": demand["group_seats"],
        "group room hours": demand["group_room_hours"],
        "room hours": demand["room_hours"],
    }
    rows = [
        (name, f"{line['asked']:,.0f}", f"{line['available']:,.0f}", _ratio(line["ratio"]))
        for name, line in lines.items()
    ]
    binding = demand["binding"].replace("_", " ")
    return rendered(
        tables.heading(
            f"Care asked for over the most that could be given: {_ratio(demand['ratio'])} "
            f"({binding} are the scarcest)."
        ),
        tables.table(["Resource", "Asked", "Available", "Ratio"], rows, numbers=(1, 2, 3)),
    ).rstrip("\n")


def _ratio(ratio: float | None) -> str:
    return "there is none" if ratio is None else f"{ratio:.2f}"
