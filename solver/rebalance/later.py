"""What is known of the tiers after disruption, of which a rebalancing decides only what is new."""

from __future__ import annotations

from collections.abc import Sequence

from ..errors import ModelError
from ..search.alone import Alone
from ..search.cpsat import Signal

SHARE = 0.15
"""Of the time limit, where it is left over. What is not known by then is said to be unproved."""
MOST_PATIENTS = 24
"""Everybody's own week is a model of its own; more of them are not built in that time (measured)."""
WORK = 0.3
"""Deterministic time for each patient and tier; whoever is not decided by then counts as 0."""


def later_bounds(
    alone: Alone, values: Sequence[int], last: int, deadline: float, stop: Signal | None = None
) -> dict[int, int]:
    """Bounds of the tiers after number ``last``, as far as they are found in time.

    Each is over all weeks whose earlier tiers are no worse than ``values`` (and their tolerance),
    whatever they change: the sum of what each patient could have alone. Staffing is nobody's own, so
    its bound from this is 0.

    Args:
        alone: what is known already was asked with these same values, or nothing was.

    Raises:
        ModelError: a bound is above what was given out (a bug of ours).
    """
    tiers = alone.tiers
    caps = [value + tier.slack(value) for tier, value in zip(tiers, values, strict=True)]
    out: dict[int, int] = {}
    if len(alone.clinic.patients) > MOST_PATIENTS:
        return out
    # Nobody's share is below 0; of disruption's tier no more is needed, and it takes long.
    while len(alone.best) <= last:
        alone.best.append(dict.fromkeys(alone.clinic.patients, 0))
    for number in range(last + 1, len(tiers)):
        found = alone.bound(number, caps, deadline, stop, work=WORK)
        if found is None:
            break
        if found > values[number]:
            goals = tiers[number].goals
            raise ModelError(f"{goals}: a bound of {found} above a schedule of {values[number]}")
        out[number] = found
    return out
