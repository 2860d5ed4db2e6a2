"""`iop generate`: a synthetic clinic with its patients."""

# ruff: noqa: PLC0415 - a command imports what it needs when it is called, so that all start fast
from __future__ import annotations

import math
from typing import Annotated

import typer

from .terminal import STANDARD_STREAM, UsageFault, must_be_writable, note, write_json

MOST_PATIENTS = 1000
LEAST_LOAD, MOST_LOAD = 0.8, 1.2
LARGEST_SEED = 2**31 - 1


def generate(
    patients: Annotated[
        int, typer.Option("--patients", min=1, max=MOST_PATIENTS, help="How many patients.")
    ],
    seed: Annotated[
        int,
        typer.Option("--seed", min=0, max=LARGEST_SEED, help="Same seed, same clinic."),
    ] = 0,
    load: Annotated[
        float,
        typer.Option(
            "--load",
            metavar="RATIO",
            help=f"Care asked for over the most that could be given, {LEAST_LOAD} to {MOST_LOAD}.",
        ),
    ] = 1.0,
    output: Annotated[
        str,
        typer.Option("--output", "-o", metavar="FILE", help="Write the scenario here."),
    ] = STANDARD_STREAM,
) -> None:
    """Make up a clinic and its patients; on standard output unless -o names a file.

    Says on standard error how much care is asked for over what the resources could give at most.

    \b
    Example:
      iop generate --patients 60 --seed 7 --load 1.1 -o clinic.json
    """
    if not (math.isfinite(load) and LEAST_LOAD <= load <= MOST_LOAD):
        raise UsageFault(f"--load {load:g}: from {LEAST_LOAD} to {MOST_LOAD} is possible")
    must_be_writable(output, "-o", {})

    from ..clinic import Clinic
    from ..generate import demand_over_supply
    from ..generate import generate as invented
    from ..validation import read_scenario

    document = invented(patients, seed, load)
    scenario, _ = read_scenario(document)
    write_json(output, document)
    ratios = demand_over_supply(Clinic(scenario))
    note(
        "Care asked for over what could be given at most: "
        + ", ".join(f"{k} {v:.2f}" for k, v in ratios.items())
    )
