"""From a scenario, and what is free around a ledger, to a model that obeys every rule."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from .clinic import Clinic
from .ledger import Ledger
from .options import Free
from .pins import settled_ledger
from .rules import RULES, Rule
from .strengthen import strengthen
from .variables import Variables


def build(
    clinic: Clinic,
    around: Ledger | None = None,
    free: Free | None = None,
    *,
    rules: Iterable[Rule] = RULES,
    stronger: bool = True,
    late: Callable[[int], bool] | None = None,
    known_shares: Mapping[tuple[str, str], int] | None = None,
) -> Variables:
    """The model of what is free around a ledger; by default the whole week around what is locked.

    Args:
        around: what stays; it is never changed.
        free: what may be added to it; everything by default.
        rules: rules to post, in any order.
        stronger: add the constraints of ``strengthen``, which never change the optimum.
        known_shares: (goal, patient) -> share, for patients who are not free.
        late: asked now and then with the number of variables; True ends the building with OutOfTime.
    """
    around = settled_ledger(clinic) if around is None else around
    v = Variables(clinic, around, free or Free.everything(clinic), late, known_shares)
    for rule in rules:
        v.tick()
        rule.post(v)
    if stronger:
        strengthen(v)
    return v
